//! Dynamic completion: the shell runs `COMPLETE=SHELL franking -- WORDS`, and gets candidates for the last word.
//!
//! Candidates are read from the newsletter. Nothing is written or locked, and an error is an empty list.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::Arguments;
use crate::cli::terminal;
use crate::diag::codes;
use crate::newsletter::{issue, template};
use crate::util::{escape, stdout};
use crate::workspace::Workspace;

/// The environment variable with the name of the shell, as clap has it.
const VARIABLE: &str = "COMPLETE";

/// Answers a request of a shell; false for another command line. A variable of this name that is set for
/// another purpose must not turn `franking send` into a completion.
pub(super) fn answer(given: &[OsString]) -> bool {
    let shell = std::env::var(VARIABLE).unwrap_or_default();
    let is_request = given.len() == 1 || given.get(1).is_some_and(|word| word == "--");
    if !is_request || Shells::builtins().completer(&shell).is_none() {
        return false;
    }
    let request = CompleteEnv::with_factory(Arguments::command).completer("franking");
    let directory = std::env::current_dir().ok();
    let answered = request.try_complete(given, directory.as_deref());
    let answered = answered.map(drop).map_err(std::io::Error::other);
    terminal::printed(stdout::record(answered));
    true
}

/// The script that makes `shell` ask for candidates.
pub(super) fn registration(shell: &str) -> Option<Vec<u8>> {
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let completer = shells.completer(shell)?;
    let written =
        completer.write_registration(VARIABLE, "franking", "franking", "franking", &mut script);
    written.ok().map(|()| script)
}

/// The names of the issues.
pub(super) fn issues() -> ArgValueCandidates {
    candidates(|workspace| issue::names(&workspace.directory))
}

/// The names of the templates.
pub(super) fn templates() -> ArgValueCandidates {
    candidates(|workspace| template::names(&workspace.directory))
}

/// The issues of all campaigns.
pub(super) fn campaigns() -> ArgValueCandidates {
    candidates(|workspace| workspace.issues_of_campaigns(|_| true))
}

/// The issues of campaigns with work left.
pub(super) fn unfinished_campaigns() -> ArgValueCandidates {
    candidates(|workspace| {
        workspace.issues_of_campaigns(|send| send.finished_at.is_none() && !send.is_cancelled())
    })
}

/// The codes of findings.
pub(super) fn finding_codes() -> ArgValueCandidates {
    ArgValueCandidates::new(|| codes().map(CompletionCandidate::new).collect())
}

fn candidates(names: fn(&Workspace) -> Vec<String>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let names = newsletter().as_ref().map(names).unwrap_or_default();
        // Some shells insert a candidate as it is, so one that needs quotes could run a command.
        let names = names.into_iter().filter(|name| escape::is_plain(name));
        names.map(CompletionCandidate::new).collect()
    })
}

/// The newsletter of the command line that is being completed.
fn newsletter() -> Option<Workspace> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    match folder(words.collect()) {
        Some(directory) => Workspace::open(directory).ok(),
        None => Workspace::discover().ok(),
    }
}

/// The value of `-C` in an incomplete command line.
pub(super) fn folder(words: Vec<OsString>) -> Option<PathBuf> {
    let lenient = Arguments::command().ignore_errors(true);
    let matches = lenient.try_get_matches_from(words).ok()?;
    matches.get_one::<PathBuf>("folder").cloned()
}
