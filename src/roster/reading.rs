//! The list while a command reads it.

use std::collections::HashSet;

use crate::diag::Findings;
use crate::store::{ListedSubscriber, Store, Suppressions};
use crate::subscriber::{Census, Changed, List, Rule, Status, Subscriber};
use crate::workspace::{Failure, FailureKind, Sources, Warned, Workspace};

/// The list of a newsletter, opened to read. Each subscriber has the status that applies: a suppression counts more than
/// the list.
#[derive(Debug)]
pub struct Roster {
    source: RosterSource,
    /// The language of subscribers who have none.
    pub(super) language: String,
}

#[derive(Debug)]
pub(super) enum RosterSource {
    File {
        list: List,
        census: Box<Census>,
        suppressions: Box<Suppressions>,
        store: Option<Store>,
    },
    /// `None` if the store does not exist yet: the list is empty.
    Store(Option<Store>),
}

impl Roster {
    /// Opens the list.
    ///
    /// # Errors
    /// When the file of the list has errors, or the store cannot be read.
    pub fn open(workspace: &Workspace, sources: &Sources) -> Result<Warned<Self>, Failure> {
        let ledger = workspace.ledger_to_read(sources)?;
        let source = match sources.list.is_stored() {
            true => RosterSource::Store(ledger.value),
            false => file(&sources.list, ledger.value)?,
        };
        let language = sources.newsletter.language.tag().to_owned();
        Ok(Warned {
            value: Self { source, language },
            warnings: ledger.warnings,
        })
    }

    pub(super) fn source(&self) -> &RosterSource {
        &self.source
    }

    /// Requires that mailboxes without an address can be recognised.
    ///
    /// # Errors
    /// When the suppression key is missing.
    pub(super) fn require_key(&self) -> Result<(), Failure> {
        let (RosterSource::Store(store) | RosterSource::File { store, .. }) = &self.source;
        match store
            .as_ref()
            .map(Store::recognises_mailboxes)
            .transpose()?
        {
            Some(false) => {
                let message = "without the suppression key, people whose address was removed are not recognised";
                let hint = "restore `.franking/suppression-key` from a backup, or copy it from a machine that has it";
                Err(Failure::new(FailureKind::LedgerDamaged, message).hint(hint))
            }
            _ => Ok(()),
        }
    }

    /// Calls `see` with the subscribers of a list in a file, each with the status of the list alone and the reason of the
    /// suppression.
    pub(super) fn each_listed(
        &self,
        see: &mut dyn FnMut(Subscriber, Option<&str>),
    ) -> Result<(), Failure> {
        let RosterSource::File {
            list,
            census,
            suppressions,
            ..
        } = &self.source
        else {
            return Ok(());
        };
        each_mailbox(list, census, &mut |subscriber| {
            let reason = suppressions.reason(&subscriber.address.key());
            let reason = reason.map(str::to_owned);
            see(subscriber, reason.as_deref());
        })
    }

    /// Calls `see` with the subscribers that the rule selects, in the order of the list.
    ///
    /// # Errors
    /// When the list cannot be read, or its file changes meanwhile.
    pub fn each(&self, rule: &Rule, see: &mut dyn FnMut(ListedSubscriber)) -> Result<(), Failure> {
        match &self.source {
            RosterSource::Store(None) => Ok(()),
            RosterSource::Store(Some(store)) => each_stored(store, rule, &self.language, see),
            RosterSource::File {
                list,
                census,
                suppressions,
                ..
            } => {
                let selects =
                    |one: &ListedSubscriber| rule.selects(&one.subscriber, &self.language);
                each_mailbox(list, census, &mut |subscriber| {
                    let one = with_suppression(subscriber, suppressions);
                    if selects(&one) {
                        see(one);
                    }
                })
            }
        }
    }
}

/// Calls `see` with each mailbox of a list in a file. Of several entries the first is taken, with the strictest status.
fn each_mailbox(
    list: &List,
    census: &Census,
    see: &mut dyn FnMut(Subscriber),
) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for read in list.read_again(census) {
        let mut subscriber = read.map_err(changed)?;
        let key = subscriber.address.key();
        if census.repeated.contains(&key) && !seen.insert(key) {
            continue;
        }
        census.repeated.settle(&mut subscriber);
        see(subscriber);
    }
    Ok(())
}

fn changed(changed: Changed) -> Failure {
    Failure::new(FailureKind::NeedsAttention, changed.to_string()).hint("run the command again")
}

fn with_suppression(mut subscriber: Subscriber, suppressions: &Suppressions) -> ListedSubscriber {
    let reason = suppressions.reason(&subscriber.address.key());
    let suppression = reason.map(str::to_owned);
    if let Some(reason) = &suppression {
        subscriber.status = Status::of_suppression(reason);
    }
    ListedSubscriber {
        subscriber,
        suppression,
    }
}

fn file(list: &List, store: Option<Store>) -> Result<RosterSource, Failure> {
    let mut findings = Findings::new();
    let census = list.read().end(&mut findings);
    let suppressions = store.as_ref().map(Store::suppressions).transpose()?;
    match census.filter(|_| !findings.has_errors()) {
        Some(census) => Ok(RosterSource::File {
            list: list.clone(),
            census: Box::new(census),
            suppressions: Box::new(suppressions.unwrap_or_default()),
            store,
        }),
        None => Err(Failure::of_findings(&findings)),
    }
}

fn each_stored(
    store: &Store,
    rule: &Rule,
    language: &str,
    see: &mut dyn FnMut(ListedSubscriber),
) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = store.selected_after(rule, language, after)?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = *last;
        page.into_iter().for_each(|(_, subscriber)| see(subscriber));
    }
}

/// Parses an audience rule from a command line.
///
/// # Errors
/// When it is not a rule.
pub fn parse_rule(text: &str) -> Result<Rule, Failure> {
    Rule::parse(text).map_err(|error| {
        let message = format!("invalid audience rule `{text}`: {}", error.message);
        let hint = "a rule is written as in an issue: `tag:members and not lang:fr`, or `all`";
        Failure::new(FailureKind::Usage, message).hint(hint)
    })
}
