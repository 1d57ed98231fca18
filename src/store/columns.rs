//! The columns of the store as data: what each of them has about a subscriber, why, and for how long.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A column of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredColumn {
    /// The name of the table.
    pub table: String,
    /// The name of the column.
    pub name: String,
    /// What it has about a subscriber.
    pub category: Category,
    /// Why it is stored.
    pub purpose: ColumnPurpose,
    /// How long it is stored.
    pub kept: KeptUntil,
    /// Whether PostgreSQL alone has it.
    pub is_only_on_a_server: bool,
}

/// What a column has about a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The address.
    Address,
    /// The name.
    Name,
    /// The language.
    Language,
    /// Tags, attributes, and all other values of the entry.
    Attributes,
    /// The status of the entry, and when it was added and changed.
    Entry,
    /// Evidence of consent.
    Consent,
    /// Which messages were sent, and what became of them.
    Delivery,
    /// Refusals that are counted.
    Refusals,
    /// The suppression with its reason and evidence.
    OptOut,
    /// The keyed hash of the mailbox.
    Hash,
    /// The unsubscribe token.
    Token,
    /// The changes of the entry.
    History,
    /// Nothing about a subscriber.
    None,
}

/// Why a column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnPurpose {
    /// To mail the newsletter.
    Mail,
    /// To address the person by name.
    Address,
    /// To select recipients, sections and values.
    Select,
    /// To show who agreed, and who changed what.
    Prove,
    /// To send each issue once, and to find faults.
    Deliver,
    /// To send no more mail to a mailbox.
    Spare,
    /// To recognise unsubscribe links.
    Unsubscribe,
    /// To run the program.
    Operate,
}

/// How long a column is stored. `keep` and `evidence` are the keys of `[privacy]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptUntil {
    /// While the person is on the list; for people who unsubscribed, `keep` longer.
    Subscription,
    /// For `keep` after the person left, if the suppression key is in use.
    Departure,
    /// For `keep` after the end of the campaign.
    Campaign,
    /// Until a message is accepted, or for `keep` after the last refusal if the person is not on the list.
    Refusals,
    /// For `evidence` after the person left.
    Evidence,
    /// Without a limit.
    Unlimited,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnList {
    columns: Vec<ColumnGroup>,
}

/// Columns of a table that have the same description.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnGroup {
    table: String,
    names: Vec<String>,
    category: Category,
    purpose: ColumnPurpose,
    kept: KeptUntil,
    #[serde(default)]
    only_on_a_server: bool,
}

impl ColumnGroup {
    fn columns(&self) -> impl Iterator<Item = StoredColumn> {
        self.names.iter().map(|name| StoredColumn {
            table: self.table.clone(),
            name: name.clone(),
            category: self.category,
            purpose: self.purpose,
            kept: self.kept,
            is_only_on_a_server: self.only_on_a_server,
        })
    }
}

static COLUMNS: LazyLock<Vec<StoredColumn>> = LazyLock::new(|| {
    let list: ColumnList =
        toml::from_str(include_str!("columns.toml")).expect("the list is tested");
    list.columns.iter().flat_map(ColumnGroup::columns).collect()
});

/// Every column of every table, on SQLite and on PostgreSQL.
pub fn stored_columns() -> &'static [StoredColumn] {
    &COLUMNS
}
