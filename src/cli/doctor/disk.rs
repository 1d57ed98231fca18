//! Whether the disk has room for what the next send writes down.

use std::path::Path;

use super::report::Check;
use crate::diag::{Findings, counted};
use crate::newsletter::config::{Newsletter, StoreUrl};
use crate::subscriber::List;
use crate::util::system;
use crate::workspace::{Workspace, display_path};

/// A reader takes 280 octets in the ledger (measured, 20,000 readers), as many again in its journal while the send
/// begins, and some more with every try.
const FOR_A_READER: u64 = 1024;
/// For the edition with its pictures, and for the journal.
const FOR_A_SEND: u64 = 8 << 20;

/// Letters that become files are not counted: without a relay nobody sends to many. `None` where the ledger is on a server, whose disk is not seen from here.
pub(super) fn check(workspace: &Workspace, newsletter: &Newsletter) -> Option<Check> {
    let StoreUrl::File(path) = &newsletter.store else {
        return None;
    };
    let path = workspace.directory.join(path);
    let place = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let room = match room(place) {
        Ok(room) => room,
        Err(error) => {
            let why = format!("`{}`: {}", display_path(place), system::words(&error));
            return Some(Check::unmade("disk", why));
        }
    };
    // What is wrong with the list is said by others.
    let list = List::below(&workspace.directory);
    let census = list.read().end(&mut Findings::new());
    let readers = census.map_or(0, |census| census.readers);
    let needed = FOR_A_SEND + FOR_A_READER * u64::try_from(readers).unwrap_or(u64::MAX >> 10);
    let needs = format!(
        "the ledger of a send to {} takes {} MB at most",
        counted(readers, "reader"),
        needed.div_ceil(1_000_000)
    );
    Some(match room < needed {
        true => Check::warn(
            "disk",
            format!("{needs}, and {} MB are free", room / 1_000_000),
        )
        .hint("a send stops where it can write nothing down, and goes on when there is room"),
        false => Check::ok("disk", format!("there is room: {needs}")),
    })
}

/// What whoever runs this may write, in octets.
fn room(folder: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(folder)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}
