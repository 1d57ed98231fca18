//! What the privacy notice of a newsletter depends on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::columns;
use crate::newsletter::config::{
    ListLocation, Newsletter, Pictures, Retention, RetentionTimes, Smtp, is_this_machine,
};
use crate::store::{Category, StoredColumn, stored_columns};
use crate::workspace::{Workspace, display_path};

/// What the privacy notice depends on.
#[derive(Debug)]
pub(super) struct PrivacyFacts {
    /// The name of the newsletter.
    pub(super) name: String,
    /// The sender's name and postal address.
    pub(super) sender: String,
    /// The address for questions.
    pub(super) contact: String,
    /// Where the list is.
    pub(super) list: ListLocation,
    /// How long data is kept.
    pub(super) times: RetentionTimes,
    /// Whether hashes replace addresses.
    pub(super) has_key: bool,
    /// The relays on other machines; `None` without `[smtp]`.
    pub(super) relays: Option<Vec<String>>,
    /// The host of the database, if it is another machine.
    pub(super) database: Option<String>,
    /// The host that has the pictures, if they are not in the messages.
    pub(super) pictures: Option<String>,
    /// Whether messages have a link for unsubscribing.
    pub(super) has_link: bool,
    /// The address for unsubscribing.
    pub(super) mailto: Option<String>,
    /// The directory with the messages of rehearsals, if there are any.
    outbox: Option<String>,
    /// What is stored.
    pub(super) categories: BTreeSet<Category>,
}

/// The tables that only a list in the store fills.
const OF_STORED_LIST: [&str; 4] = ["consent", "list_event", "list_import", "import_file"];

impl PrivacyFacts {
    pub(super) fn of(workspace: &Workspace, newsletter: &Newsletter) -> Self {
        let web = newsletter.web_url.as_ref();
        let is_linked = newsletter.pictures == Pictures::Link;
        let host = web.and_then(|url| url.host_str()).map(str::to_owned);
        let reply_to = newsletter.reply_to.as_ref().unwrap_or(&newsletter.from);
        // A list in the store cannot be changed without the key.
        let has_key =
            newsletter.list == ListLocation::Store || workspace.suppression_key_file().exists();
        let described = stored_columns()
            .iter()
            .filter(|column| is_filled(column, newsletter.list, has_key));
        Self {
            name: newsletter.name.clone(),
            sender: sender(newsletter),
            contact: reply_to.address.to_string(),
            list: newsletter.list,
            times: newsletter.privacy,
            has_key,
            relays: newsletter.smtp.as_ref().map(relays),
            database: newsletter.store.remote_host(),
            pictures: host.filter(|_| is_linked),
            has_link: web.is_some(),
            mailto: newsletter
                .unsubscribe_mailto
                .as_ref()
                .map(ToString::to_string),
            outbox: outbox(workspace),
            categories: described.map(|column| column.category).collect(),
        }
    }

    /// What the person who publishes the notice should know.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.relays.is_none() {
            let text = "without `[smtp]` in newsletter.toml, the privacy notice cannot name the mail server";
            warnings.push(text.to_owned());
        }
        if !self.has_key && self.times.keep != Retention::Forever {
            let text = "without a suppression key, the addresses of people who left are not removed; the first \
                 `franking list suppress` or `list forget` generates the key";
            warnings.push(text.to_owned());
        }
        if let Some(outbox) = &self.outbox {
            warnings.push(format!(
                "`{outbox}` has messages of rehearsals with the addresses of their recipients; the privacy notice does \
                 not mention them"
            ));
        }
        warnings
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "newsletter": self.name,
            "sender": self.sender,
            "contact": self.contact,
            "list": match self.list {
                ListLocation::File => "file",
                ListLocation::Store => "store",
            },
            "keep": columns::time(self.times.keep),
            "evidence": columns::time(self.times.evidence),
            "has_suppression_key": self.has_key,
            "relays": self.relays,
            "database": self.database,
            "pictures": self.pictures,
        })
    }
}

fn outbox(workspace: &Workspace) -> Option<String> {
    let outbox = workspace.state().join("outbox");
    let mut files = std::fs::read_dir(&outbox).ok()?;
    files.next().map(|_| display_path(&outbox))
}

/// Whether a column has values. The list of subscribers has the same ones in a file and in the store.
fn is_filled(column: &StoredColumn, list: ListLocation, has_key: bool) -> bool {
    let is_of_list = OF_STORED_LIST.contains(&column.table.as_str());
    (list == ListLocation::Store || !is_of_list) && (has_key || column.category != Category::Hash)
}

/// `The Heron Letter, 1 Mill Lane, 1000 Fenton`
fn sender(newsletter: &Newsletter) -> String {
    let name = newsletter.from.name.as_ref().unwrap_or(&newsletter.name);
    match &newsletter.address {
        Some(address) if address.contains(name.as_str()) => address.clone(),
        Some(address) => format!("{name}, {address}"),
        None => name.clone(),
    }
}

/// The hosts of the relays on other machines, each once.
fn relays(smtp: &Smtp) -> Vec<String> {
    let mut hosts = Vec::new();
    for (relay, _) in smtp.relays() {
        if !is_this_machine(&relay.host) && !hosts.contains(&relay.host) {
            hosts.push(relay.host.clone());
        }
    }
    hosts
}
