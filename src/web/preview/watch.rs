//! A folder that is watched: editors save by renaming, in several steps, and several files at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Project;

/// How long the folder has to be quiet before it is read.
const QUIET: Duration = Duration::from_millis(15);

/// The same where the last change has left a whole file: an editor has closed it, or put it into its place.
const QUIET_AND_WHOLE: Duration = Duration::from_millis(2);

/// The files of which that is believed. What editors lay beside them, copies and parts, ends otherwise.
const OWN: [&str; 2] = ["toml", "css"];

/// How long a folder that never comes to rest is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// What is below the newsletter's folder and belongs to an issue's look and words.
const BELOW: [&str; 2] = ["issues", "templates"];

/// Why a folder cannot be watched.
#[derive(Debug)]
pub struct WatchError(notify::Error);

impl std::fmt::Display for WatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the folder cannot be watched for changes")
    }
}

impl std::error::Error for WatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Has `desk` read its folder again whenever something in it changes, as long as the program runs.
///
/// The folder itself is watched, and what is below `issues` and `templates`; not the rest, where a project
/// may keep a hundred thousand files that are no part of a newsletter.
///
/// # Errors
/// When the system does not let us watch.
pub fn watch(project: &Arc<Project>) -> Result<(), WatchError> {
    let (tell, version_event) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // A message that was lost is a change like another.
        let wait = event.map_or(Some(QUIET), |event| quiet_behind(&event));
        if let Some(wait) = wait {
            let _ = tell.send(wait);
        }
    })
    .map_err(WatchError)?;
    follow(&mut watcher, project.folder()).map_err(WatchError)?;
    let project = Arc::clone(project);
    std::thread::spawn(move || {
        while until_quiet(&version_event) {
            // A folder below may have been made, or replaced by another of its name.
            let _ = follow(&mut watcher, project.folder());
            project.refresh();
        }
    });
    Ok(())
}

fn follow(watcher: &mut RecommendedWatcher, folder: &Path) -> notify::Result<()> {
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    for path in BELOW.map(|name| folder.join(name)) {
        if path.is_dir() {
            watcher.watch(&path, RecursiveMode::Recursive)?;
        }
    }
    Ok(())
}

/// How long it has to be quiet behind a change; `None` if nothing has changed. Reading changes nothing: we would
/// answer ourselves.
fn quiet_behind(event: &Event) -> Option<Duration> {
    let is_whole = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => true,
        EventKind::Access(_) => return None,
        _ => false,
    };
    let last = event.paths.last().and_then(|path| path.extension());
    let is_own = last.is_some_and(|extension| OWN.iter().any(|own| extension == *own));
    Some(if is_whole && is_own {
        QUIET_AND_WHOLE
    } else {
        QUIET
    })
}

/// Waits for a change and for the rest behind it; `false` when nobody watches any more.
fn until_quiet(version_event: &Receiver<Duration>) -> bool {
    let Ok(mut wait) = version_event.recv() else {
        return false;
    };
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match version_event.recv_timeout(wait) {
            Ok(next) => wait = next,
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}
