//! Free disk space for the ledger of the next send.

use std::path::Path;

use super::report::Check;
use crate::diag::{Findings, counted};
use crate::newsletter::config::{Newsletter, StoreUrl};
use crate::subscriber::List;
use crate::util::system;
use crate::workspace::{Workspace, display_path};

/// Octets for a subscriber: 280 in the ledger (measured with 20,000 subscribers), as many in its journal while the campaign
/// begins, and some more with every attempt.
const FOR_A_SUBSCRIBER: u64 = 1024;
/// Octets for the edition with its pictures, and for the journal.
const FOR_A_SEND: u64 = 8 << 20;

/// `None` for a ledger on a server, whose disk is not visible from here. The files of a rehearsal do not count.
pub(super) fn check(workspace: &Workspace, newsletter: &Newsletter) -> Option<Check> {
    let StoreUrl::File(path) = &newsletter.store else {
        return None;
    };
    let path = workspace.directory.join(path);
    let parent = path.ancestors().skip(1).find(|parent| parent.is_dir())?;
    let free = match free_space(parent) {
        Ok(free) => free,
        Err(error) => {
            let why = format!("`{}`: {}", display_path(parent), system::words(&error));
            return Some(Check::not_made("disk", why));
        }
    };
    // Errors of the list are reported by other checks.
    let list = List::below(&workspace.directory);
    let census = list.read().end(&mut Findings::new());
    let subscribers = census.map_or(0, |census| census.subscribers);
    Some(compare(subscribers, free))
}

fn compare(subscribers: usize, free: u64) -> Check {
    let count = u64::try_from(subscribers).unwrap_or(u64::MAX >> 10);
    let needed = FOR_A_SEND + FOR_A_SUBSCRIBER * count;
    let needs = format!(
        "the ledger of a send to {} needs at most {} MB",
        counted(subscribers, "subscriber"),
        needed.div_ceil(1_000_000)
    );
    match free < needed {
        true => Check::warn(
            "disk",
            format!("{needs}, and {} MB are free", free / 1_000_000),
        )
        .hint("a send stops when the ledger cannot be written, and resumes when there is space"),
        false => Check::ok("disk", format!("enough space: {needs}")),
    }
}

/// The octets that this user may write.
fn free_space(directory: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(directory)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}
