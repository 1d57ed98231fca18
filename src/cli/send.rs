//! `franking send ISSUE` and `franking send --due`

use clap::Args;
use jiff::{SignedDuration, Span};

use super::context::Context;
use super::dispatch::{self, Settings};
use super::exit::{Exit, Failure};
use super::schedule;
use super::{build, context};
use crate::deliver;
use crate::diag::Findings;
use crate::letter::{self, Stamp};
use crate::load::{Compiled, Folder};
use crate::outcome::Outcome;
use crate::reader::{Address, Reader};
use crate::schedule::Standing;
use crate::store::{Send, Store};
use crate::terminal;
use crate::token::Key;

/// What to send, to whom, and who has agreed.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue, by name or file.
    #[arg(required_unless_present = "due")]
    issue: Option<String>,
    /// Send, or go on sending, every issue whose moment has come; for cron and systemd.
    #[arg(long, conflicts_with_all = ["issue", "test", "only", "dry_run", "confirm"])]
    due: bool,
    /// How late a scheduled issue may begin, such as `6h` or `90m`.
    #[arg(long, value_name = "TIME", default_value = "6h", requires = "due")]
    max_late: Span,
    /// Show what would happen, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Send to this one reader of the list only.
    #[arg(long, value_name = "ADDRESS")]
    only: Option<String>,
    /// Send one copy, marked as a test, to this address; the ledger does not hear of it.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["only", "dry_run"])]
    test: Option<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Do not ask, but refuse unless this many readers get it.
    #[arg(long, value_name = "COUNT")]
    confirm: Option<usize>,
    /// Send in the clear to another machine.
    #[arg(long)]
    allow_plaintext: bool,
}

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if arguments.due {
        return due(arguments, context);
    }
    let name = context.issue_name(arguments.issue.as_deref().unwrap_or_default())?;
    if let Some(address) = &arguments.test {
        return test(arguments, context, &name, address);
    }
    let mut findings = Findings::new();
    let folder = context.load(&mut findings)?;
    if arguments.dry_run {
        return dry_run(context, &folder, &name);
    }
    let _lock = context.lock(&format!("send {name}"))?;
    let mut store = context.store(&folder)?;
    let send = match store.send_of(&name)? {
        Some(send) if send.finished_at.is_some() => return already(&store, &send),
        Some(send) => resume(context, &send)?,
        None => {
            let (folder, compiled) = context.compile(&name)?;
            let candidates = dispatch::plan(&folder, &compiled);
            announce(
                context,
                &folder,
                &compiled,
                &dispatch::plan_line(&candidates),
            );
            let count = candidates.iter().filter(|c| c.exclusion.is_none()).count();
            confirm(arguments, count)?;
            // Settings are looked at before anything is frozen: a wrong password file is no send.
            settings(arguments, context, &folder, &name)?;
            dispatch::begin(&mut store, &compiled, candidates, context)?
        }
    };
    dispatch::run(
        store,
        &send,
        settings(arguments, context, &folder, &name)?,
        context,
    )
}

fn settings(
    arguments: &Arguments,
    context: &Context,
    folder: &Folder,
    name: &str,
) -> Result<Settings, Failure> {
    let only = arguments.only.as_deref().map(address).transpose()?;
    let mut settings = Settings::of(
        &folder.publication,
        context,
        name,
        arguments.allow_plaintext,
    )?;
    settings.only = only.map(|address| address.key());
    Ok(settings)
}

fn address(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("`{text}` is no e-mail address")).caused_by(&error)
    })
}

fn already(store: &Store, send: &Send) -> Result<Exit, Failure> {
    terminal::say(&dispatch::account(&store.sum(send)?));
    let when = send.finished_at.map(context::moment).unwrap_or_default();
    terminal::say(&format!(
        "`{}` was sent by {when}; there is nothing to do",
        send.issue
    ));
    Ok(Exit::Done)
}

/// What was frozen is what is sent, whatever the file says now.
fn resume(context: &Context, send: &Send) -> Result<Send, Failure> {
    terminal::say(&format!(
        "going on with `{}`, begun {}, edition {}",
        send.issue,
        context::moment(send.started_at),
        &send.digest[..12]
    ));
    let mut findings = Findings::new();
    let folder = context.load(&mut findings)?;
    let now = crate::load::issue(&context.folder, &folder, &send.issue, &mut findings);
    if now.is_none_or(|compiled| compiled.edition.digest() != send.digest) {
        terminal::warning(&format!(
            "the files have changed since; the edition of {} is sent",
            context::moment(send.started_at)
        ));
    }
    Ok(send.clone())
}

fn announce(context: &Context, folder: &Folder, compiled: &Compiled, plan: &str) {
    let to = match &folder.publication.smtp {
        Some(smtp) => format!("by {}:{}", smtp.host, smtp.port),
        None => format!(
            "into {}",
            context
                .state()
                .join("outbox")
                .join(&compiled.issue.name)
                .display()
        ),
    };
    let edition = &compiled.edition;
    terminal::say(&format!(
        "`{}`, edition {}, {to}",
        edition.issue,
        &edition.digest()[..12]
    ));
    terminal::say(plan);
}

/// Somebody has to agree: at a terminal by typing the number of readers, elsewhere by an argument.
fn confirm(arguments: &Arguments, count: usize) -> Result<(), Failure> {
    if let Some(expected) = arguments.confirm {
        if expected == count {
            return Ok(());
        }
        let message = format!("{count} readers would get it, not {expected}");
        return Err(
            Failure::new(Exit::Usage, message).hint("nothing was sent; look at the list again")
        );
    }
    if arguments.yes {
        return Ok(());
    }
    if !terminal::can_ask() {
        return Err(
            Failure::new(Exit::Usage, "nobody is here to agree").hint(format!(
                "nothing was sent; agree with `--confirm {count}` or `--yes`"
            )),
        );
    }
    let answer = terminal::ask(&format!("type {count} to send: "));
    if answer.as_deref() == Some(count.to_string().as_str()) {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "nothing was sent"))
}

fn dry_run(context: &Context, folder: &Folder, name: &str) -> Result<Exit, Failure> {
    let begun = match context.existing_store(folder)? {
        Some(store) => store.send_of(name)?.map(|send| (store.sum(&send), send)),
        None => None,
    };
    if let Some((sum, send)) = begun {
        terminal::say(&format!(
            "`{name}` has begun {}",
            context::moment(send.started_at)
        ));
        return Ok(super::print(&format!("{}\n", dispatch::account(&sum?))));
    }
    let (folder, compiled) = context.compile(name)?;
    let candidates = dispatch::plan(&folder, &compiled);
    announce(
        context,
        &folder,
        &compiled,
        &dispatch::plan_line(&candidates),
    );
    let stamp = build::specimen_stamp(&compiled.issue, &folder);
    for (reader, _) in &folder.list.readers {
        letter::write(&compiled.edition, reader, &stamp).map_err(|error| {
            Failure::new(
                Exit::Findings,
                format!("no letter can be written for {}", reader.address),
            )
            .caused_by(&error)
        })?;
    }
    let lines = candidates
        .iter()
        .map(|candidate| match candidate.exclusion {
            Some(reason) => format!("{}\t{reason}\n", candidate.address),
            None => format!("{}\tready\n", candidate.address),
        });
    super::print(&lines.collect::<String>());
    terminal::say("nothing was sent");
    Ok(Exit::Done)
}

fn test(arguments: &Arguments, context: &Context, name: &str, to: &str) -> Result<Exit, Failure> {
    let (folder, compiled) = context.compile(name)?;
    let to = address(to)?;
    let known = folder
        .list
        .readers
        .iter()
        .find(|(reader, _)| reader.address.key() == to.key());
    let reader = known.map_or_else(|| Reader::at(to), |(reader, _)| reader.clone());
    let stamp = Stamp {
        key: Key::specimen(),
        date: context.now,
        mark: Some("[TEST]"),
    };
    let letter = letter::write(&compiled.edition, &reader, &stamp).map_err(|error| {
        Failure::new(Exit::Findings, "no letter can be written").caused_by(&error)
    })?;
    let way = dispatch::way(
        &folder.publication,
        context,
        name,
        arguments.allow_plaintext,
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    match runtime.block_on(deliver::send_one(&way, &letter)) {
        Ok(Outcome::Accepted(reply)) => {
            terminal::say(&format!("test to {}: {reply}", reader.address));
            Ok(Exit::Done)
        }
        Ok(
            Outcome::Deferred(_, why)
            | Outcome::Refused { why, .. }
            | Outcome::Stop(why)
            | Outcome::Uncertain(why),
        ) => Err(Failure::new(
            Exit::Findings,
            format!("the test to {} was not taken: {why}", reader.address),
        )),
        Err(error) => Err(Failure::new(Exit::WorkLeft, error.to_string())),
    }
}

/// Takes the lock, sends or resumes whatever is due, once, and ends. Where another run holds the lock the
/// work is being done, which is no fault of this one.
fn due(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let late = max_late(&arguments.max_late)?;
    let mut findings = Findings::new();
    let folder = context.load(&mut findings)?;
    let _lock = match context.lock("send --due") {
        Ok(lock) => lock,
        Err(failure) if failure.exit == Exit::Locked => {
            failure.print();
            return Ok(Exit::Done);
        }
        Err(failure) => return Err(failure),
    };
    let mut worst = Exit::Done;
    for slot in schedule::slots(context, &folder, late)? {
        let exit = match slot.standing {
            Standing::Due | Standing::Begun => one_due(arguments, context, &folder, &slot.issue),
            Standing::Missed => Err(missed(&slot)),
            Standing::Waiting | Standing::Sent => continue,
        };
        let exit = exit.unwrap_or_else(|failure| {
            failure.print();
            failure.exit
        });
        // One issue in trouble does not hold up the next, but the timer has to hear of it.
        if exit != Exit::Done {
            worst = exit;
        }
        if exit == Exit::Interrupted {
            break;
        }
    }
    Ok(worst)
}

fn max_late(span: &Span) -> Result<SignedDuration, Failure> {
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .map_err(|error| Failure::new(Exit::Usage, "`--max-late` is no time").caused_by(&error))
}

fn one_due(
    arguments: &Arguments,
    context: &Context,
    folder: &Folder,
    name: &str,
) -> Result<Exit, Failure> {
    let mut store = context.store(folder)?;
    let send = match store.send_of(name)? {
        // Nothing to do until the next try is due: cron may call every minute.
        Some(send) if !is_due(&store, &send, context)? => return Ok(Exit::Done),
        Some(send) => resume(context, &send)?,
        None => {
            let (folder, compiled) = context.compile(name)?;
            let candidates = dispatch::plan(&folder, &compiled);
            announce(
                context,
                &folder,
                &compiled,
                &dispatch::plan_line(&candidates),
            );
            settings(arguments, context, &folder, name)?;
            dispatch::begin(&mut store, &compiled, candidates, context)?
        }
    };
    dispatch::run(
        store,
        &send,
        settings(arguments, context, folder, name)?,
        context,
    )
}

fn is_due(store: &Store, send: &Send, context: &Context) -> Result<bool, Failure> {
    let sum = store.sum(send)?;
    let next = store.next_due(send)?;
    Ok(sum.untried > 0 || next.is_none_or(|next| next <= context.now.as_second()))
}

fn missed(slot: &crate::schedule::Slot) -> Failure {
    let at = slot
        .at
        .as_ref()
        .map(|at| at.local.to_string())
        .unwrap_or_default();
    Failure::new(
        Exit::Usage,
        format!(
            "`{}` was due at {at} and is too late now; it is not sent",
            slot.issue
        ),
    )
    .hint(format!(
        "send it now with `franking send {}`, or give it another `send_at`",
        slot.issue
    ))
}
