//! `franking plan ISSUE`: what a send would do, before anything leaves.

mod letters;
mod report;
mod table;

use std::time::Duration;

use clap::Args;
use jiff::{Span, SpanRelativeTo};

use super::context::{Context, moment};
use super::dispatch::{self, HandedOver};
use super::exit::{Exit, Failure};
use crate::deliver::{DAY, History};
use crate::forecast::{Past, Terms, forecast};
use crate::load::Folder;
use crate::publication::Publication;
use crate::store::{Send, Store, StoreError};
use crate::terminal;
use report::Report;

/// Which issue, and what is assumed.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue, by name or file.
    issue: String,
    /// How long the relay takes for a letter over one connection, such as `80ms`; no time where nothing is said.
    #[arg(long, value_name = "TIME")]
    letter_time: Option<Span>,
    /// As JSON, with every domain and every day.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let letter_time = arguments.letter_time.as_ref().map(duration).transpose()?;
    let folder = context.load()?;
    let name = context.issue_or_send_name(&arguments.issue, &folder)?;
    let store = context.existing_store(&folder)?;
    let send = store.as_ref().map(|store| store.send_of(&name));
    let send = send.transpose()?.flatten();
    if let (Some(store), Some(send)) = (&store, &send)
        && send.finished_at.is_some()
        && !dispatch::is_resending(store, send)?
    {
        return Ok(finished(send, arguments.json));
    }
    let now = context.now.as_second();
    let planned = match (&store, &send) {
        (Some(store), Some(send)) => letters::left(store, send, now)?,
        (store, _) => letters::of_issue(context, &folder, &name, store.as_ref())?,
    };
    let begins = planned.send_at.map_or(now, |at| at.max(now));
    let terms = terms(&folder.publication, letter_time);
    let past = past(store.as_ref(), &folder, begins)?;
    let report = Report {
        issue: &name,
        publication: &folder.publication,
        course: forecast(planned.letters, &terms, past, begins),
        terms: &terms,
        letter_time,
        begun: send.as_ref(),
        left_out: planned.left_out,
    };
    Ok(super::print(&if arguments.json {
        format!("{}\n", report.json())
    } else {
        report.text()
    }))
}

fn duration(span: &Span) -> Result<Duration, Failure> {
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let time = time.map_err(|error| {
        Failure::new(Exit::Usage, "`--letter-time` is no time").caused_by(&error)
    })?;
    Duration::try_from(time)
        .map_err(|error| Failure::new(Exit::Usage, "`--letter-time` is no time").caused_by(&error))
}

fn finished(send: &Send, as_json: bool) -> Exit {
    let when = send.finished_at.map(moment);
    if as_json {
        let report = serde_json::json!({
            "issue": send.issue, "readers": 0, "begun": true, "finished": when,
        });
        return super::print(&format!("{report}\n"));
    }
    let when = when.unwrap_or_default();
    terminal::say(&format!(
        "`{}` was sent by {when}; there is nothing to do",
        send.issue
    ));
    Exit::Done
}

fn terms(publication: &Publication, letter_time: Option<Duration>) -> Terms {
    let letter_time = letter_time.unwrap_or_default();
    let Some(smtp) = &publication.smtp else {
        return Terms {
            connections: 1,
            window: 1,
            letter_time,
            ..Terms::default()
        };
    };
    let domains = smtp.per_domain.iter();
    Terms {
        connections: smtp.connections,
        window: smtp.window,
        rate: smtp.rate,
        per_domain: domains
            .map(|(name, rate)| (name.to_lowercase(), *rate))
            .collect(),
        allowance: dispatch::allowance(publication),
        letter_time,
    }
}

/// What counts still when the send begins; nothing where no day has a limit.
fn past(store: Option<&Store>, folder: &Folder, begins: i64) -> Result<Past, StoreError> {
    let Some((store, smtp)) = store.zip(folder.publication.smtp.as_ref()) else {
        return Ok(Past::default());
    };
    if smtp.daily.is_none() && smtp.warm_up.is_empty() {
        return Ok(Past::default());
    }
    let relay = &smtp.name();
    let first = HandedOver { store, relay }.first()?;
    let seconds = store.handed_over_by_second(relay, begins - DAY)?;
    Ok(Past::new(first, seconds))
}
