//! Free disk space for the ledger of the next send.

use super::report::Check;
use crate::diag::{Findings, counted};
use crate::newsletter::config::{ListLocation, Newsletter, StoreUrl};
use crate::store::Store;
use crate::subscriber::List;
use crate::util::system;
use crate::workspace::{Workspace, display_path};

/// The minimum for each subscriber until the first message is sent, in bytes (measured with 2,000 subscribers).
const LEAST_FOR_A_SUBSCRIBER: u64 = 170;
/// The minimum for the tables of a new ledger, the edition and the journal, in bytes (measured with one subscriber).
const LEAST_FOR_A_SEND: u64 = 256 << 10;
/// The maximum for each subscriber, in bytes: 280 in the ledger (measured with 20,000 subscribers), the same in its journal
/// while the campaign begins, and a few for every attempt.
const FOR_A_SUBSCRIBER: u64 = 1024;
/// The maximum for the edition with its pictures, and for the journal, in bytes.
const FOR_A_SEND: u64 = 8 << 20;

/// Checks that a send finds enough space. `None` for a ledger on a database server, whose disk is not accessible. The files
/// of a rehearsal are not counted.
pub(super) fn check(workspace: &Workspace, newsletter: &Newsletter) -> Option<Check> {
    let StoreUrl::File(path) = &newsletter.store else {
        return None;
    };
    let path = workspace.directory.join(path);
    let parent = path.ancestors().skip(1).find(|parent| parent.is_dir())?;
    let free = match system::free_space(parent) {
        Ok(free) => free,
        Err(error) => {
            let why = format!("`{}`: {}", display_path(parent), system::words(&error));
            return Some(Check::not_made("disk", why));
        }
    };
    Some(compare(subscribers(workspace, newsletter), free))
}

/// The length of the list. Errors of the list and of the store are reported by other checks.
fn subscribers(workspace: &Workspace, newsletter: &Newsletter) -> usize {
    if newsletter.list == ListLocation::Store {
        let store = Store::existing_to_read(&newsletter.store, &workspace.directory);
        let store = store.ok().flatten();
        return store
            .and_then(|store| store.subscribers().ok())
            .unwrap_or_default();
    }
    let list = List::below(&workspace.directory);
    let census = list.read().end(&mut Findings::new());
    census.map_or(0, |census| census.subscribers)
}

fn compare(subscribers: usize, free: u64) -> Check {
    let count = u64::try_from(subscribers).unwrap_or(u64::MAX >> 10);
    let most = FOR_A_SEND + FOR_A_SUBSCRIBER * count;
    let least = LEAST_FOR_A_SEND + LEAST_FOR_A_SUBSCRIBER * count;
    let recipients = counted(subscribers, "subscriber");
    let needs = |bound: &str, octets: u64| {
        let needed = octets.div_ceil(1_000_000);
        format!("the ledger of a send to {recipients} needs {bound} {needed} MB")
    };
    let short = |needs: String| format!("{needs}, and {} MB are free", free / 1_000_000);
    match free {
        _ if free < least => Check::fail("disk", short(needs("at least", least)))
            .hint("free some space: without it, a send does not begin"),
        _ if free < most => Check::warn("disk", short(needs("at most", most))).hint(
            "a send stops when the ledger cannot be written, and resumes when there is space",
        ),
        _ => Check::ok("disk", format!("enough space: {}", needs("at most", most))),
    }
}
