//! Changes in the newsletter's directory. Editors save in several steps, by renaming, and several files at once, so a
//! change is reported after a short time without further events.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Project;

/// The time without events after which the directory is read.
const QUIET: Duration = Duration::from_millis(15);

/// The same after an event that left a complete file: an editor closed it, or renamed it into place.
const QUIET_IF_COMPLETE: Duration = Duration::from_millis(2);

/// The extensions of files for which the shorter time is used. Backups and temporary files of editors have others.
const OWN_EXTENSIONS: [&str; 2] = ["toml", "css"];

/// The longest time to wait for events to stop.
const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// The subdirectories that are watched.
const SUBDIRECTORIES: [&str; 2] = ["issues", "templates"];

/// The directory cannot be watched.
#[derive(Debug)]
pub struct WatchError(notify::Error);

impl std::fmt::Display for WatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cannot watch the newsletter's directory for changes")
    }
}

impl std::error::Error for WatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Starts a thread that calls [`Project::refresh`] after each change in the newsletter's directory.
///
/// It watches the directory itself and everything below `issues` and `templates`. Other subdirectories may contain
/// many files that do not belong to the newsletter.
///
/// # Errors
/// If the system refuses, for example because too many files are watched.
pub fn watch(project: &Arc<Project>) -> Result<(), WatchError> {
    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // An error means that events may have been lost: it counts as a change.
        let wait = event.map_or(Some(QUIET), |event| quiet_after(&event));
        if let Some(wait) = wait {
            let _ = sender.send(wait);
        }
    })
    .map_err(WatchError)?;
    add_directories(&mut watcher, project.folder()).map_err(WatchError)?;
    let project = Arc::clone(project);
    std::thread::spawn(move || {
        while wait_until_quiet(&changes) {
            // A subdirectory may be new, or replaced by another with its name.
            let _ = add_directories(&mut watcher, project.folder());
            project.refresh();
        }
    });
    Ok(())
}

fn add_directories(watcher: &mut RecommendedWatcher, folder: &Path) -> notify::Result<()> {
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    let directories = SUBDIRECTORIES.map(|name| folder.join(name)).into_iter();
    for directory in directories.filter(|path| path.is_dir()) {
        watcher.watch(&directory, RecursiveMode::Recursive)?;
    }
    Ok(())
}

/// The time without events to wait for after an event; `None` if it is not a change. Reading is not: our own reading
/// would cause the next event.
fn quiet_after(event: &Event) -> Option<Duration> {
    let is_complete = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => true,
        EventKind::Access(_) => return None,
        _ => false,
    };
    let last = event.paths.last().and_then(|path| path.extension());
    let is_own = last.is_some_and(|extension| OWN_EXTENSIONS.iter().any(|own| extension == *own));
    Some(if is_complete && is_own {
        QUIET_IF_COMPLETE
    } else {
        QUIET
    })
}

/// Waits for a change and for the events that follow it; `false` if the watcher has ended.
fn wait_until_quiet(changes: &Receiver<Duration>) -> bool {
    let Ok(mut wait) = changes.recv() else {
        return false;
    };
    let begun = Instant::now();
    while begun.elapsed() < LONGEST_WAIT {
        match changes.recv_timeout(wait) {
            Ok(next) => wait = next,
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}
