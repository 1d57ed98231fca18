//! The command line: one command a file, one `execute` each.

mod brakes;
mod build;
mod check;
mod complete;
mod demo;
mod dkim;
mod doctor;
mod exit;
mod explain;
mod init;
mod keys;
mod list;
mod manual;
mod new;
mod plan;
mod preview;
mod privacy;
mod resolve;
mod schedule;
mod selftest;
mod send;
mod status;
mod store;
mod systemd;
mod template;
pub mod terminal;
mod without_issue;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueHint};

use crate::cli::exit::Exit;
use crate::util::clock;
use crate::util::{escape, stdout};
use crate::workspace::{self, Checked, Failure, FailureKind, Sources, Workspace};

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
    /// The newsletter's directory [default: search from here upwards].
    #[arg(short = 'C', long = "directory", alias = "folder", global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
    #[command(flatten)]
    verbosity: terminal::Verbosity,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send the sample issue to the sample subscribers through a simulated relay on this machine.
    #[command(after_help = "Example:\n  franking demo")]
    Demo(demo::DemoArguments),
    /// Create a newsletter directory.
    #[command(after_help = "Example:\n  franking init news")]
    Init(init::InitArguments),
    /// Create an issue.
    #[command(after_help = "Example:\n  franking new 2026-12")]
    New(new::NewArguments),
    /// Check issues and report errors and warnings with their locations.
    #[command(after_help = "Examples:\n  franking check\n  franking check 2026-11 --format json")]
    Check(check::CheckArguments),
    /// Explain the code of a finding.
    #[command(after_help = "Example:\n  franking explain duplicate-address")]
    Explain(explain::ExplainArguments),
    /// Compile an issue to files: HTML, plain text, and a complete message.
    #[command(after_help = "Example:\n  franking build 2026-11 --html-report")]
    Build(build::BuildArguments),
    /// Open an issue in the browser and update it when its files change.
    #[command(after_help = "Example:\n  franking preview 2026-11")]
    Preview(preview::PreviewArguments),
    /// Forecast when each domain would get its messages and when a send would end.
    #[command(after_help = "Example:\n  franking plan 2026-11 --message-time 80ms")]
    Plan(plan::PlanArguments),
    /// Send an issue, or continue its campaign.
    #[command(
        after_help = "Examples:\n  franking send 2026-11 --dry-run\n  franking send 2026-11 --test you@example.org"
    )]
    Send(send::SendArguments),
    /// Pause a campaign, even one that another terminal or host is sending.
    #[command(after_help = "Example:\n  franking pause 2026-11 --reason 'wrong date'")]
    Pause(brakes::Pause),
    /// Continue a campaign that is paused, held or stopped.
    #[command(after_help = "Example:\n  franking resume 2026-11 --corrected")]
    Resume(send::resume::ResumeArguments),
    /// Cancel a campaign and exclude the remaining recipients.
    #[command(after_help = "Example:\n  franking cancel 2026-11 --yes")]
    Cancel(brakes::Cancel),
    /// Show campaigns and their deliveries.
    #[command(
        after_help = "Examples:\n  franking status\n  franking status 2026-11 --where state=refused"
    )]
    Status(status::StatusArguments),
    /// Read and change the list of subscribers.
    #[command(after_help = "Example:\n  franking list count tag:members")]
    List(list::ListArguments),
    /// Print a privacy notice: what is stored about subscribers, why, and for how long.
    #[command(
        after_help = "Examples:\n  franking privacy --language de --html\n  franking privacy --columns"
    )]
    Privacy(privacy::PrivacyArguments),
    /// Resolve deliveries whose outcome is uncertain.
    #[command(after_help = "Example:\n  franking resolve 2026-11")]
    Resolve(resolve::ResolveArguments),
    /// Move the ledger to another store.
    #[command(
        after_help = "Example:\n  franking store migrate --to postgres://franking@db.example.org/franking"
    )]
    Store(store::StoreArguments),
    /// Show the tokens, classes and labels of a template.
    #[command(after_help = "Example:\n  franking template show institute")]
    Template(template::TemplateArguments),
    /// Generate a DKIM key and print its DNS record.
    #[command(
        after_help = "Examples:\n  franking dkim keygen --algorithm ed25519\n  franking dkim record"
    )]
    Dkim(dkim::DkimArguments),
    /// Rotate the key of unsubscribe links.
    #[command(after_help = "Example:\n  franking keys rotate")]
    Keys(keys::KeysArguments),
    /// Check everything that a send needs, relay and DNS included, without sending.
    #[command(after_help = "Example:\n  franking doctor --no-dns")]
    Doctor(doctor::DoctorArguments),
    /// Test the sender on this machine: kill it at every step of the SMTP dialogue.
    #[command(after_help = "Example:\n  franking selftest --seed 1")]
    Selftest(selftest::SelftestArguments),
    /// List scheduled issues and unfinished campaigns.
    #[command(after_help = "Example:\n  franking schedule")]
    Schedule(schedule::ScheduleArguments),
    /// Print a systemd timer and service that run `send --due`.
    #[command(after_help = "Example:\n  franking systemd --user news")]
    Systemd(systemd::SystemdArguments),
    /// Print shell completions.
    #[command(after_help = "Example:\n  franking completions bash")]
    Completions(manual::Completions),
    /// Print the manual page, or write a page for each command.
    #[command(after_help = "Example:\n  franking man --out pages")]
    Man(manual::Man),
}

/// The command line as its help shows it: without `--verbose` and `--quiet` in commands in which they have no effect.
fn shown_command() -> clap::Command {
    Arguments::command().mut_subcommands(|command| {
        let name = command.get_name();
        let is_verbose = matches!(name, "demo" | "send" | "resume");
        let is_data = matches!(name, "explain" | "completions" | "man");
        let hidden = [("verbose", 'v', !is_verbose), ("quiet", 'q', is_data)];
        let hidden = hidden.into_iter().filter(|(_, _, is_hidden)| *is_hidden);
        command.args(hidden.map(|(id, short, _)| {
            let arg = clap::Arg::new(id).long(id).short(short).global(true);
            arg.action(clap::ArgAction::SetTrue).hide(true)
        }))
    })
}

/// Runs the command line; the exit codes are listed in `docs/operating.md`.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let given: Vec<OsString> = arguments.collect();
    if complete::answer(&given) {
        return Exit::Done.after_output().into();
    }
    let exit = match Arguments::try_parse_from(&given) {
        Ok(arguments) => end(execute(arguments), &given),
        Err(error) => usage(error, &given),
    };
    terminal::notes();
    exit.after_output().into()
}

/// Prints the error of a command. With `--json` or `--format` it is also a document on stdout, unless the command has
/// printed its own.
fn end(done: Result<Exit, Failure>, given: &[OsString]) -> Exit {
    if stdout::is_empty() {
        print_failure(&done, given);
    }
    done.unwrap_or_else(|failure| exit::report(&failure))
}

/// Prints the error of a command in the format that its command line asks for.
fn print_failure(done: &Result<Exit, Failure>, given: &[OsString]) {
    let Err(failure) = done else { return };
    match wanted_format(given) {
        Some("json") => send::JsonReport::default().print(done),
        Some("sarif") => {
            let code = Exit::from(failure.kind) as u8;
            terminal::data(&format!("{}\n", failure.sarif(code)));
        }
        Some("github") => terminal::data(&failure.github()),
        _ => {}
    }
}

/// The format of the output that a command line, however wrong, asks for.
fn wanted_format(given: &[OsString]) -> Option<&str> {
    let words = given.iter().take_while(|word| *word != "--");
    let words: Vec<&str> = words.filter_map(|word| word.to_str()).collect();
    let json = words.contains(&"--json").then_some("json");
    let one = words.iter().find_map(|word| word.strip_prefix("--format="));
    let two = words.windows(2).find(|pair| pair[0] == "--format");
    json.or(one).or(two.map(|pair| pair[1]))
}

/// Prints help, or the error of a wrong command line.
fn usage(error: clap::Error, given: &[OsString]) -> Exit {
    if let Some(failure) = without_issue::list(&error, given) {
        return end(Err(failure), given);
    }
    let error = harmless(given).unwrap_or(error);
    let error = match error.kind() {
        ErrorKind::DisplayHelp => shown_command().try_get_matches_from(given).err(),
        _ => None,
    }
    .unwrap_or(error);
    // clap writes help to stdout and errors to stderr.
    let printed = error.print();
    if !error.use_stderr() {
        terminal::printed(stdout::record(printed));
        return Exit::Done;
    }
    print_failure(&Err(wrong_command_line(&error)), given);
    Exit::Usage
}

/// The error of clap without its usage.
fn wrong_command_line(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let (message, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let message = message.trim_start_matches("error: ").trim();
    let failure = Failure::new(FailureKind::Usage, message);
    let tip = rest
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    failure.hint(tip.unwrap_or("`--help` shows the usage"))
}

/// The error of a wrong command line with control characters in its arguments. clap would print them, so that the command
/// line is parsed again with escaped arguments.
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
    terminal::set_verbosity(arguments.verbosity);
    let now = workspace::now()?;
    if clock::is_set() {
        terminal::warning(&format!("FRANKING_NOW sets the clock of this run to {now}"));
    }
    let found = || find(arguments.folder);
    match arguments.command {
        Command::Demo(arguments) => demo::execute(&arguments, found()),
        Command::Init(arguments) => init::execute(&arguments),
        Command::New(arguments) => new::execute(&arguments, &found()?),
        Command::Check(arguments) => check::execute(&arguments, &found()?),
        Command::Explain(arguments) => explain::execute(&arguments),
        Command::Build(arguments) => build::execute(&arguments, &found()?),
        Command::Preview(arguments) => preview::execute(&arguments, &found()?),
        Command::Plan(arguments) => plan::execute(&arguments, &found()?),
        Command::Send(arguments) => send::execute(&arguments, &found()?),
        Command::Pause(arguments) => brakes::pause(&arguments, &found()?),
        Command::Resume(arguments) => send::resume::execute(&arguments, &found()?),
        Command::Cancel(arguments) => brakes::cancel(&arguments, &found()?),
        Command::Status(arguments) => status::execute(&arguments, &found()?),
        Command::List(arguments) => list::execute(&arguments, &found()?),
        Command::Privacy(arguments) => privacy::execute(&arguments, &found()?),
        Command::Resolve(arguments) => resolve::execute(&arguments, &found()?),
        Command::Store(arguments) => store::execute(&arguments, &found()?),
        Command::Template(arguments) => template::execute(&arguments, &found()?),
        Command::Dkim(arguments) => dkim::execute(&arguments, &found()?),
        Command::Keys(arguments) => keys::execute(&arguments, &found()?),
        Command::Doctor(arguments) => doctor::execute(&arguments, &found()?),
        Command::Selftest(arguments) => selftest::execute(&arguments),
        Command::Schedule(arguments) => schedule::execute(&arguments, &found()?),
        Command::Systemd(arguments) => systemd::execute(&arguments, &found()?),
        Command::Completions(arguments) => manual::completions(&arguments),
        Command::Man(arguments) => manual::man(&arguments),
    }
}

/// The newsletter of `-C`, or the nearest one from the current directory upwards.
fn find(folder: Option<PathBuf>) -> Result<Workspace, Failure> {
    let workspace = match folder {
        Some(directory) => Workspace {
            directory,
            now: workspace::now()?,
        },
        None => Workspace::discover()?,
    };
    terminal::set_base(&workspace.directory);
    Ok(workspace)
}

/// Compiles an issue and prints the warnings about it.
fn compile(workspace: &Workspace, sources: &Sources, name: &str) -> Result<Checked, Failure> {
    let checked = workspace.compile(sources, name)?;
    terminal::findings(&checked.findings);
    Ok(checked)
}

/// Writes data to stdout.
fn print(text: &str) -> Exit {
    terminal::data(text);
    Exit::Done
}
