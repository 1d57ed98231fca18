//! `franking plan ISSUE`: what a send would do, before anything leaves.

mod letters;
mod report;
mod table;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::values;
use crate::campaign::{self, Continued, Events, SendOptions, SendRequest};
use crate::cli::exit::Exit;
use crate::cli::send::{Agreement, Printer};
use crate::cli::terminal;
use crate::delivery::forecast::{Past, RelayForecast, Terms, forecast};
use crate::newsletter::config::{Newsletter, RelayConfig};
use crate::store::{DAY, Send, Store, StoreError};
use crate::workspace::{Failure, Workspace, format_timestamp, parse_address};
use report::Report;

/// Which issue, and what is assumed.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue, by name or file.
    issue: String,
    /// How long the relay takes for a letter over one connection, such as `80ms`; no time where nothing is said.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    letter_time: Option<SignedDuration>,
    /// Plan for this subscriber only, as `send --only` does.
    #[arg(long, value_name = "ADDRESS")]
    only: Option<String>,
    /// As JSON, with every domain and every day.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let letter_time = arguments.letter_time.map(SignedDuration::unsigned_abs);
    let only = arguments.only.as_deref().map(parse_address).transpose()?;
    let sources = workspace.load()?;
    let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
    let store = terminal::warned(workspace.ledger_to_read(&sources)?);
    let send = store.as_ref().map(|store| store.send_of(&name));
    let send = send.transpose()?.flatten();
    let events: Arc<dyn Events> = Arc::new(Printer::new(Agreement::default()));
    let options = SendOptions {
        frozen: true,
        only: only.clone(),
        ..SendOptions::default()
    };
    let request = SendRequest {
        workspace,
        sources: &sources,
        issue: &name,
        options: &options,
        events: &events,
    };
    let mut continued = None;
    if let (Some(store), Some(send)) = (&store, &send) {
        if send.is_cancelled() {
            return Ok(finished(send, arguments.json));
        }
        if !campaign::can_refreeze(store, send)? {
            let run = Continued::new(request, send.clone())?;
            if send.finished_at.is_some() && !campaign::is_resending(store, &run.send)? {
                return Ok(finished(send, arguments.json));
            }
            continued = Some(run);
        }
    }
    let now = workspace.now.as_second();
    let planned = match (&store, &continued) {
        (Some(store), Some(run)) => letters::left(store, run, now)?,
        (store, _) => letters::of_issue(workspace, &sources, &name, store.as_ref(), only.as_ref())?,
    };
    let begins = planned.send_at.map_or(now, |at| at.max(now));
    let terms = terms(&sources.newsletter, store.as_ref(), letter_time, begins)?;
    let report = Report {
        issue: &name,
        newsletter: &sources.newsletter,
        course: forecast(planned.letters, &terms, begins),
        terms: &terms,
        letter_time,
        begun: send.as_ref(),
        accepted: accepted(store.as_ref(), send.as_ref())?,
        plan: planned.plan,
    };
    Ok(super::print(&if arguments.json {
        format!("{}\n", report.json())
    } else {
        report.text()
    }))
}

fn accepted(store: Option<&Store>, send: Option<&Send>) -> Result<Option<u32>, StoreError> {
    let (Some(store), Some(send)) = (store, send) else {
        return Ok(None);
    };
    Ok(Some(store.totals(send)?.accepted))
}

fn finished(send: &Send, as_json: bool) -> Exit {
    let when = send.finished_at.map(format_timestamp);
    if as_json {
        let report = serde_json::json!({
            "issue": send.issue, "readers": 0, "begun": true, "finished": when,
            "brake": report::brake(send),
        });
        return super::print(&format!("{report}\n"));
    }
    if send.is_cancelled() {
        terminal::say(campaign::braked(send).message());
        return Exit::Done;
    }
    let when = when.unwrap_or_default();
    terminal::say(&format!(
        "`{}` was sent by {when}; there is nothing to do",
        send.issue
    ));
    Exit::Done
}

/// How the send is done, and what counts still when it begins.
fn terms(
    newsletter: &Newsletter,
    store: Option<&Store>,
    letter_time: Option<Duration>,
    begins: i64,
) -> Result<Terms, StoreError> {
    let letter_time = letter_time.unwrap_or_default();
    let Some(smtp) = &newsletter.smtp else {
        let outbox = RelayForecast {
            connections: 1,
            ..RelayForecast::default()
        };
        return Ok(Terms {
            lanes: vec![outbox],
            window: 1,
            letter_time,
            ..Terms::default()
        });
    };
    let mut lanes = Vec::new();
    for (relay, connections) in smtp.relays() {
        lanes.push(RelayForecast {
            connections,
            rate: relay.rate,
            allowance: campaign::quota(relay),
            past: past(store, relay, begins)?,
        });
    }
    let domains = smtp.per_domain.iter();
    let per_domain = domains.map(|(name, rate)| (name.to_lowercase(), *rate));
    Ok(Terms {
        lanes,
        window: smtp.window,
        per_domain: per_domain.collect(),
        letter_time,
    })
}

/// What counts of what went over a relay; nothing where no day has a limit.
fn past(store: Option<&Store>, relay: &RelayConfig, begins: i64) -> Result<Past, StoreError> {
    let has_days = relay.daily.is_some() || !relay.warm_up.is_empty();
    let Some(store) = store.filter(|_| has_days) else {
        return Ok(Past::default());
    };
    let relay = relay.name();
    let first = store.first_handed_over(&relay)?;
    let seconds = store.handed_over_by_second(&relay, begins - DAY)?;
    Ok(Past::new(first, seconds))
}
