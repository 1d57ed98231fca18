//! The command line: one command a file, one `execute` each.

mod brakes;
mod build;
mod check;
mod demo;
mod dkim;
mod doctor;
mod exit;
mod explain;
mod init;
mod manual;
mod new;
mod plan;
mod preview;
mod resolve;
mod schedule;
mod selftest;
mod send;
mod status;
mod store;
mod systemd;
mod template;
pub mod terminal;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::exit::Exit;
use crate::util::clock;
use crate::util::escape;
use crate::workspace::{self, Checked, Failure, Sources, Workspace};

/// Composes a newsletter from TOML and sends it to every subscriber by SMTP, exactly once.
#[derive(Debug, Parser)]
#[command(
    name = "franking",
    version = env!("FRANKING_VERSION"),
    propagate_version = true,
    arg_required_else_help = true,
    after_help = exit::CODES
)]
struct Arguments {
    /// The newsletter's folder.
    #[arg(
        short = 'C',
        long = "folder",
        global = true,
        value_name = "DIR",
        default_value = "."
    )]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send the sample issue to the sample readers, over SMTP, without leaving this machine.
    Demo(demo::Arguments),
    /// Make a newsletter's folder.
    Init(init::Arguments),
    /// Begin an issue.
    New(new::Arguments),
    /// Say everything that is wrong with issues, each fault with its line.
    Check(check::Arguments),
    /// Say what the code of a finding means, and what to do.
    Explain(explain::Arguments),
    /// Compile an issue into files: HTML, plain text, and a whole message.
    Build(build::Arguments),
    /// Open an issue in the browser and keep it true while its files change.
    Preview(preview::Arguments),
    /// Say when a send would serve each domain and when it would end, before anything leaves.
    Plan(plan::Arguments),
    /// Send an issue, or go on where a send has stopped.
    Send(send::Arguments),
    /// Pause a campaign, also one that another terminal or host is sending.
    Pause(brakes::Pause),
    /// Continue a campaign that is paused, held or stopped, with `--corrected` from the present files.
    Resume(send::resume::Arguments),
    /// End a campaign: recipients who are left get nothing.
    Cancel(brakes::Cancel),
    /// Say what became of a send, reader by reader.
    Status(status::Arguments),
    /// Say what a person has found out of letters of which nobody can know, or what to look for.
    Resolve(resolve::Arguments),
    /// Move the ledger to another place.
    Store(store::Arguments),
    /// Show what a template is made of.
    Template(template::Arguments),
    /// Make a key to sign letters with, and say what the DNS has to tell of it.
    Dkim(dkim::Arguments),
    /// Examine everything that a send needs, the relay included, and mail nothing.
    Doctor(doctor::Arguments),
    /// Kill a sender at every step of its dialogue, on this machine alone, and say what became of the letters.
    Selftest(selftest::Arguments),
    /// List what is due when.
    Schedule(schedule::Arguments),
    /// Print a systemd timer and service that send what is due.
    Systemd(systemd::Arguments),
    /// Print the completions of a shell.
    Completions(manual::Completions),
    /// Print the manual page, or write the pages of all commands.
    Man(manual::Man),
}

/// Runs the command line; the exit codes are listed in `docs/operating.md`.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let given: Vec<OsString> = arguments.collect();
    let arguments = match Arguments::try_parse_from(&given) {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = harmless(&given).unwrap_or(error);
            // clap knows which of its messages are help, and belong on stdout.
            let _ = error.print();
            let code = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return code.into();
        }
    };
    let done = execute(arguments);
    let exit = done.unwrap_or_else(|failure| exit::report(&failure));
    terminal::notes();
    exit.into()
}

/// The error of a wrong command line whose arguments have controls in them: clap prints them as they are, so it is
/// asked again with what a terminal may show.
fn harmless(given: &[OsString]) -> Option<clap::Error> {
    let shown: Vec<OsString> = given.iter().map(escaped).collect();
    if shown == given {
        return None;
    }
    let error = Arguments::try_parse_from(shown).err()?;
    error.use_stderr().then_some(error)
}

fn escaped(argument: &OsString) -> OsString {
    match argument.to_str() {
        Some(text) => escape::terminal(text).into(),
        None => argument.clone(),
    }
}

fn execute(arguments: Arguments) -> Result<Exit, Failure> {
    let now = workspace::now()?;
    if clock::is_set() {
        terminal::warning(&format!("FRANKING_NOW sets the clock of this run to {now}"));
    }
    let workspace = Workspace {
        directory: arguments.folder,
        now,
    };
    match arguments.command {
        Command::Demo(arguments) => demo::execute(&arguments, &workspace),
        Command::Init(arguments) => init::execute(&arguments),
        Command::New(arguments) => new::execute(&arguments, &workspace),
        Command::Check(arguments) => check::execute(&arguments, &workspace),
        Command::Explain(arguments) => explain::execute(&arguments),
        Command::Build(arguments) => build::execute(&arguments, &workspace),
        Command::Preview(arguments) => preview::execute(&arguments, &workspace),
        Command::Plan(arguments) => plan::execute(&arguments, &workspace),
        Command::Send(arguments) => send::execute(&arguments, &workspace),
        Command::Pause(arguments) => brakes::pause(&arguments, &workspace),
        Command::Resume(arguments) => send::resume::execute(&arguments, &workspace),
        Command::Cancel(arguments) => brakes::cancel(&arguments, &workspace),
        Command::Status(arguments) => status::execute(&arguments, &workspace),
        Command::Resolve(arguments) => resolve::execute(&arguments, &workspace),
        Command::Store(arguments) => store::execute(&arguments, &workspace),
        Command::Template(arguments) => template::execute(&arguments, &workspace),
        Command::Dkim(arguments) => dkim::execute(&arguments, &workspace),
        Command::Doctor(arguments) => doctor::execute(&arguments, &workspace),
        Command::Selftest(arguments) => selftest::execute(&arguments),
        Command::Schedule(arguments) => schedule::execute(&arguments, &workspace),
        Command::Systemd(arguments) => systemd::execute(&arguments, &workspace),
        Command::Completions(arguments) => manual::completions(&arguments),
        Command::Man(arguments) => manual::man(&arguments),
    }
}

/// Compiles an issue and prints the warnings about it.
fn compile(workspace: &Workspace, sources: &Sources, name: &str) -> Result<Checked, Failure> {
    let checked = workspace.compile(sources, name)?;
    terminal::findings(&checked.findings);
    Ok(checked)
}

/// Writes data to stdout, as every command does.
fn print(text: &str) -> Exit {
    terminal::data(text);
    Exit::Done
}
