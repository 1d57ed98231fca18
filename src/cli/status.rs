//! `franking status [ISSUE]`

use clap::Args;
use serde_json::json;

use super::context::{Context, moment};
use super::dispatch::account;
use super::exit::{Exit, Failure};
use crate::diag::Findings;
use crate::escape;
use crate::store::{Delivery, Send, State, Store};
use crate::terminal;

/// Which send, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue; all sends where none is named.
    issue: Option<String>,
    /// As JSON, with every reader.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let mut findings = Findings::new();
    let folder = context.load(&mut findings)?;
    let Some(store) = context.existing_store(&folder)? else {
        terminal::say("nothing has been sent yet");
        return Ok(if arguments.json {
            super::print("{\"sends\":[]}\n")
        } else {
            Exit::Done
        });
    };
    match &arguments.issue {
        Some(given) => {
            let name = context.issue_name(given)?;
            let send = store.send_of(&name)?.ok_or_else(|| {
                Failure::new(Exit::Usage, format!("`{name}` has not been sent"))
                    .hint(format!("send it with `franking send {name}`"))
            })?;
            one(&store, &send, arguments.json)
        }
        None => all(&store, arguments.json),
    }
}

fn all(store: &Store, as_json: bool) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    let mut lines = String::new();
    for send in store.sends()? {
        let sum = store.sum(&send)?;
        lines.push_str(&format!(
            "{:<9} {}  {} of {} accepted  {}\n",
            standing(&send),
            send.issue,
            sum.accepted,
            sum.candidates,
            moment(send.started_at)
        ));
        rows.push(json!({ "send": send, "sum": sum }));
    }
    Ok(super::print(&if as_json {
        format!("{}\n", json!({ "sends": rows }))
    } else {
        lines
    }))
}

fn standing(send: &Send) -> &'static str {
    if send.finished_at.is_some() {
        "finished"
    } else {
        "unfinished"
    }
}

fn one(store: &Store, send: &Send, as_json: bool) -> Result<Exit, Failure> {
    let sum = store.sum(send)?;
    if as_json {
        let deliveries = store.deliveries(send, &State::ALL)?;
        let report = json!({
            "send": send, "sum": sum, "closes": sum.closes(), "deliveries": deliveries,
        });
        return Ok(super::print(&format!("{report}\n")));
    }
    let mut out = format!(
        "{} {}, edition {}\n",
        send.issue,
        standing(send),
        &send.digest[..12]
    );
    out.push_str(&format!("{}\n", account(&sum)));
    let told = [State::Uncertain, State::Refused, State::Deferred];
    for state in told {
        for delivery in store.deliveries(send, &[state])? {
            out.push_str(&line(&delivery));
        }
    }
    if sum.uncertain > 0 {
        out.push_str(
            "\nOf the uncertain nobody can know whether the letter arrived. Ask them, or look into the\n\
             relay's log for their address; with `on_uncertain = \"resend\"` they get it again.\n",
        );
    }
    Ok(super::print(&out))
}

fn line(delivery: &Delivery) -> String {
    let name = delivery
        .name
        .as_deref()
        .map(|name| format!(" ({})", escape::terminal(name)));
    let next = delivery
        .next_try
        .map(|at| format!("; next try {}", moment(at)));
    format!(
        "{:<10} {}{}: {}{}\n",
        delivery.state.as_str(),
        escape::terminal(&delivery.address),
        name.unwrap_or_default(),
        delivery.why.as_deref().unwrap_or(""),
        next.unwrap_or_default()
    )
}
