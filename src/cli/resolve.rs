//! `franking resolve ISSUE`: what a person has found out of letters of which the program cannot know.
//!
//! Without a decision it tells what to look for; a decision is made for all that are named or for none.

use std::collections::HashMap;

use clap::Args;
use serde_json::json;

use super::dispatch::{self, account};
use super::status;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::compile::edition::Edition;
use crate::diag::counted;
use crate::message;
use crate::store::{Delivery, Resolution, Send, State, Store, Sum};
use crate::subscriber::Address;
use crate::util::escape;
use crate::util::key::Key;
use crate::workspace::{Failure, FailureKind, Workspace, format_timestamp, parse_address};

/// Which issue, and what was found.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue, by name or file.
    issue: String,
    /// The letters to these readers have arrived: they count as accepted.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    arrived: Vec<String>,
    /// The letters to these readers have not arrived: the next run sends them again.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    missing: Vec<String>,
    /// All in doubt that are not named have arrived.
    #[arg(long, conflicts_with = "all_missing")]
    all_arrived: bool,
    /// All in doubt that are not named have not arrived.
    #[arg(long)]
    all_missing: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let named = arguments.named()?;
    let sources = workspace.load()?;
    let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
    // Who is sending holds the lock, and of what is on its way nobody has to decide.
    let _lock = if arguments.decides() {
        workspace.lock_for(&sources.newsletter.store, &format!("resolve {name}"))?
    } else {
        None
    };
    let (mut store, send) = status::begun(&name, &sources, workspace)?;
    let resolved = if arguments.decides() {
        let resolved = arguments.decide(&named, &mut store, &send, workspace)?;
        store.advance(&workspace.marker(), workspace.now.as_second())?;
        resolved
    } else {
        Vec::new()
    };
    let outcome = Outcome::read(&store, &send, resolved, workspace)?;
    if arguments.json {
        return outcome.print_as_json();
    }
    outcome.print();
    outcome.tell_what_next();
    Ok(Exit::Done)
}

/// Whether a reader's letter has arrived, by the key of the address.
type Named = HashMap<String, bool>;

impl Arguments {
    fn decides(&self) -> bool {
        let is_named = !self.arrived.is_empty() || !self.missing.is_empty();
        is_named || self.all_arrived || self.all_missing
    }

    fn named(&self) -> Result<Named, Failure> {
        let mut named = Named::new();
        let arrived = self.arrived.iter().map(|typed| (typed, true));
        for (typed, has_arrived) in arrived.chain(self.missing.iter().map(|typed| (typed, false))) {
            let before = named.insert(parse_address(typed)?.key(), has_arrived);
            if before.is_some_and(|before| before != has_arrived) {
                let message = format!("`{typed}` can have arrived or be missing, not both");
                return Err(Failure::new(FailureKind::Usage, message));
            }
        }
        Ok(named)
    }

    /// Decides for everybody who is named, and for the others in doubt if that was asked for; who was decided.
    fn decide(
        &self,
        named: &Named,
        store: &mut Store,
        send: &Send,
        workspace: &Workspace,
    ) -> Result<Vec<Delivery>, Failure> {
        let now = workspace.now.as_second();
        store.take_over(send, now)?;
        let doubts = by_key(store.deliveries(send, &[State::Uncertain])?);
        require_doubt(named, &doubts, store, send)?;
        let rest = (self.all_arrived || self.all_missing).then_some(self.all_arrived);
        let resolutions = doubts.iter().filter_map(|(key, delivery)| {
            let has_arrived = named.get(key).copied().or(rest)?;
            Some(Resolution {
                address_key: key.clone(),
                has_arrived,
                why: by_hand(delivery),
            })
        });
        let resolutions: Vec<Resolution> = resolutions.collect();
        store.resolve(send, &resolutions, now)?;
        let mut resolved = Vec::new();
        for resolution in &resolutions {
            resolved.extend(store.delivery(send, &resolution.address_key)?);
        }
        Ok(resolved)
    }
}

fn by_key(deliveries: Vec<Delivery>) -> Vec<(String, Delivery)> {
    let keyed = deliveries.into_iter().map(|delivery| {
        let key = Address::parse(&delivery.address).map(|address| address.key());
        (key.unwrap_or_else(|_| delivery.address.clone()), delivery)
    });
    keyed.collect()
}

/// The decision, and what was known before it.
fn by_hand(delivery: &Delivery) -> String {
    match &delivery.why {
        Some(why) => format!("by hand ({why})"),
        None => "by hand".to_owned(),
    }
}

/// Nothing is changed where one of those who are named is not in doubt: it may be a slip.
fn require_doubt(
    named: &Named,
    doubts: &[(String, Delivery)],
    store: &Store,
    send: &Send,
) -> Result<(), Failure> {
    let is_doubtful = |key: &str| doubts.iter().any(|(doubtful, _)| doubtful == key);
    let mut others: Vec<&String> = named.keys().filter(|key| !is_doubtful(key)).collect();
    if others.is_empty() {
        return Ok(());
    }
    others.sort();
    let mut words = Vec::new();
    for key in others {
        let standing = match store.delivery(send, key)? {
            Some(delivery) => format!("is {}", delivery.state.as_str()),
            None => "is not among the readers of this issue".to_owned(),
        };
        words.push(format!("`{}` {standing}", escape::terminal(key)));
    }
    let message = format!("not in doubt: {}", words.join("; "));
    let hint = format!(
        "nothing was changed; who is in doubt: `franking resolve {}`",
        send.issue
    );
    Err(Failure::new(FailureKind::Usage, message).hint(hint))
}

/// What is so behind the command.
struct Outcome {
    send: Send,
    sum: Sum,
    resolved: Vec<Delivery>,
    /// Who is in doubt, with the Message-ID of the letter.
    doubts: Vec<(Delivery, String)>,
}

impl Outcome {
    fn read(
        store: &Store,
        send: &Send,
        resolved: Vec<Delivery>,
        workspace: &Workspace,
    ) -> Result<Self, Failure> {
        // It may be unfinished now.
        let send = store.send_of(&send.issue)?.unwrap_or_else(|| send.clone());
        let sum = store.sum(&send)?;
        let doubts = store.deliveries(&send, &[State::InData, State::Uncertain])?;
        let doubts = identified(doubts, store, &send, workspace)?;
        Ok(Self {
            send,
            sum,
            resolved,
            doubts,
        })
    }

    fn print_as_json(&self) -> Result<Exit, Failure> {
        let doubts: Vec<_> = self
            .doubts
            .iter()
            .map(|(delivery, identity)| json!({ "delivery": delivery, "message_id": identity }))
            .collect();
        let report = json!({
            "send": self.send, "sum": self.sum, "closes": self.sum.closes(),
            "resolved": self.resolved, "doubts": doubts,
        });
        Ok(super::print(&format!("{report}\n")))
    }

    fn print(&self) {
        let mut out = String::new();
        for delivery in &self.resolved {
            out.push_str(&status::line(delivery));
        }
        if !self.resolved.is_empty() {
            out.push_str(&format!("{}\n", account(&self.sum)));
        }
        for (delivery, identity) in &self.doubts {
            out.push_str(&status::line(delivery));
            let at = delivery
                .changed_at
                .map(format_timestamp)
                .unwrap_or_default();
            out.push_str(&format!("           {at}  <{identity}>\n"));
        }
        super::print(&out);
    }

    fn tell_what_next(&self) {
        let issue = &self.send.issue;
        let is_open = self.send.finished_at.is_none();
        let missing = self.resolved.iter().filter(|d| d.state == State::Ready);
        match missing.count() {
            0 if is_open && !self.send.is_cancelled() && !self.resolved.is_empty() => {
                terminal::say(&format!("next: `franking send {issue}` continues"));
            }
            0 => {}
            count => terminal::say(&format!(
                "next: `franking send {issue}` sends {} again",
                counted(count, "letter")
            )),
        }
        match self.doubts.len() {
            0 if self.resolved.is_empty() => terminal::say("nobody is in doubt"),
            0 => {}
            count => terminal::say(&what_to_look_for(&self.send, count)),
        }
    }
}

fn what_to_look_for(send: &Send, count: usize) -> String {
    let issue = &send.issue;
    let without = match send.is_cancelled() {
        true => "Who has not, and is excluded: the campaign is cancelled",
        false => "Who has not, and gets it again with the next run",
    };
    format!(
        "{count} in doubt: look for the Message-ID in the relay's log, at about that time. Who has it:\n  \
         franking resolve {issue} --arrived ADDRESS...\n{without}:\n  \
         franking resolve {issue} --missing ADDRESS..."
    )
}

/// Each with the Message-ID of the letter, which is the same on every attempt.
fn identified(
    doubts: Vec<Delivery>,
    store: &Store,
    send: &Send,
    workspace: &Workspace,
) -> Result<Vec<(Delivery, String)>, Failure> {
    if doubts.is_empty() {
        return Ok(Vec::new());
    }
    let editions = editions(store, send)?;
    let key = workspace
        .existing_key()?
        .ok_or_else(|| workspace.lost_key())?;
    store.compare_key(&key.code("store", &[]))?;
    let with_identity = |delivery: Delivery| {
        let number = delivery.edition.unwrap_or(send.edition);
        let identity = editions
            .get(&number)
            .map(|edition| identity(edition, &delivery, &key));
        (delivery, identity.unwrap_or_default())
    };
    Ok(doubts.into_iter().map(with_identity).collect())
}

/// Every edition of a campaign by its number.
fn editions(store: &Store, send: &Send) -> Result<HashMap<i64, Edition>, Failure> {
    let editions = store.editions(send)?.into_iter();
    let editions =
        editions.map(|of_send| Ok((of_send.number, dispatch::thaw(store, &of_send.digest)?)));
    editions.collect()
}

fn identity(edition: &Edition, delivery: &Delivery, key: &Key) -> String {
    match Address::parse(&delivery.address) {
        Ok(address) => message::message_id(edition, &address, key),
        Err(_) => String::new(),
    }
}
