//! `franking status [ISSUE]`

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::send::report::totals_of;
use crate::campaign;
use crate::campaign::schedule::Progress;
use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::newsletter::issue::path_of;
use crate::store::{Delivery, DeliveryCondition, Domain, Send, SendEdition, State, Store, Totals};
use crate::util::{escape, timestamp};
use crate::workspace::{Failure, Sources, Workspace};

/// The arguments of `franking status`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue; all campaigns by default
    issue: Option<String>,
    /// List every recipient, the accepted and the untried too
    #[arg(long, requires = "issue")]
    all: bool,
    /// List only deliveries with this state or code: state=refused, code=550, enhanced=5.1.1; code=5 matches 550, and
    /// conditions separated by commas must all match
    #[arg(
        long = "where",
        value_name = "KEY=VALUE",
        value_delimiter = ',',
        requires = "issue",
        conflicts_with = "all"
    )]
    conditions: Vec<DeliveryCondition>,
    /// Print JSON, with every recipient or those that match
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let Some(store) = terminal::warned(workspace.ledger_to_read(&sources)?) else {
        terminal::say("nothing has been sent yet");
        return Ok(if arguments.json {
            super::print("{\"campaigns\":[]}\n")
        } else {
            Exit::Done
        });
    };
    match &arguments.issue {
        Some(given) => {
            let name = workspace.issue_or_campaign_name(given, &sources)?;
            let send = campaign::find_or_rehearsal(&name, &store, &sources, workspace)?;
            one(&store, &send, &sources, arguments, workspace)
        }
        None => all(&store, &sources, arguments.json, workspace),
    }
}

fn all(
    store: &Store,
    sources: &Sources,
    as_json: bool,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let rows = |sends: Vec<Send>| {
        let rows = sends.into_iter().map(|send| {
            let totals = store.totals(&send)?;
            let standing = standing(store, &send, sources, workspace)?;
            Ok(Row {
                send,
                standing,
                totals,
            })
        });
        rows.collect::<Result<Vec<_>, Failure>>()
    };
    let (sends, rehearsals) = (rows(store.sends()?)?, rows(store.rehearsals()?)?);
    if as_json {
        let mut report = json!({ "campaigns": sends });
        if !rehearsals.is_empty() {
            report["rehearsals"] = json!(rehearsals);
        }
        return Ok(super::print(&format!("{report}\n")));
    }
    let all = sends.iter().chain(&rehearsals);
    Ok(super::print(&all.map(Row::line).collect::<String>()))
}

/// A campaign or a rehearsal in the list.
#[derive(Serialize)]
struct Row {
    #[serde(rename = "campaign")]
    send: Send,
    #[serde(rename = "status")]
    standing: &'static str,
    totals: Totals,
}

impl Row {
    /// `sent      2026-11  20 of 25 accepted  2026-11-30T08:00:00Z`
    fn line(&self) -> String {
        let (send, totals) = (&self.send, &self.totals);
        let what = if send.is_rehearsal {
            "written"
        } else {
            "accepted"
        };
        format!(
            "{:<9} {}  {} of {} {what}  {}\n",
            self.standing,
            send.issue,
            totals.accepted,
            totals.candidates,
            timestamp::format(send.started_at)
        )
    }
}

fn standing(
    store: &Store,
    send: &Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<&'static str, Failure> {
    if send.is_rehearsal {
        return Ok("rehearsal");
    }
    let is_running = workspace.is_running(sources, store, send)?;
    Ok(Progress::of(send, is_running).as_str())
}

/// The states that are listed by default: all but accepted and waiting deliveries. After a run that was killed, `in_data` is
/// an uncertain delivery that is not recorded as such yet.
const TOLD: [State; 5] = [
    State::InData,
    State::Uncertain,
    State::Refused,
    State::Deferred,
    State::Excluded,
];

fn one(
    store: &Store,
    send: &Send,
    sources: &Sources,
    arguments: &Arguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let sum = store.totals(send)?;
    let domains = store.domains(send)?;
    let editions = store.editions(send)?;
    let standing = standing(store, send, sources, workspace)?;
    let conditions = &arguments.conditions;
    if !arguments.json && !conditions.is_empty() {
        return matching(store, send, conditions);
    }
    if arguments.json {
        let report = Report {
            send,
            conditions,
            totals: &sum,
            standing,
            domains: &domains,
            editions: &editions,
        };
        return report.print(store);
    }
    let mut out = Pages::default();
    out.push(&format!(
        "{} {standing}, edition {}\n{}{}{}\n",
        send.issue,
        &send.digest[..12],
        why_it_stands(send),
        of_each_edition(&editions),
        totals_of(send, &sum)
    ));
    for domain in domains {
        if domain.until > workspace.now.as_second() {
            let until = timestamp::format(domain.until);
            out.push(&format!(
                "suspended {} until {until}: {}\n",
                domain.name, domain.why
            ));
        }
    }
    for state in TOLD {
        for delivery in store.deliveries(send, &[state])? {
            out.push(&line(&delivery));
        }
    }
    if arguments.all {
        for state in State::ALL.into_iter().filter(|state| !TOLD.contains(state)) {
            store.each_delivery(send, |delivery| {
                if delivery.state == state {
                    out.push(&line(&delivery));
                }
            })?;
        }
    }
    if sum.uncertain > 0 {
        out.push(&about_uncertain(send));
    }
    out.end();
    Ok(Exit::Done)
}

/// `paused 2026-11-30T08:00:00Z: by `franking pause`
fn why_it_stands(send: &Send) -> String {
    let line = send.brake.as_ref().map(|braked| {
        let why = escape::terminal(&braked.why);
        format!(
            "{} {}: {why}\n",
            braked.brake.as_str(),
            timestamp::format(braked.at)
        )
    });
    line.unwrap_or_default()
}

/// How many recipients have which edition, if a correction has made several.
fn of_each_edition(editions: &[SendEdition]) -> String {
    if editions.len() < 2 {
        return String::new();
    }
    let lines = editions.iter().map(|edition| {
        format!(
            "edition {} {}  {:>7}  {}\n",
            edition.number,
            &edition.digest[..12],
            edition.bound,
            timestamp::format(edition.since)
        )
    });
    lines.collect()
}

/// Lists the deliveries that meet all conditions.
fn matching(store: &Store, send: &Send, conditions: &[DeliveryCondition]) -> Result<Exit, Failure> {
    let mut out = Pages::default();
    let mut count = 0;
    store.each_delivery(send, |delivery| {
        if meets(&delivery, conditions) {
            out.push(&line_with_codes(&delivery));
            count += 1;
        }
    })?;
    out.end();
    if count == 0 {
        terminal::say("no delivery matches");
    }
    Ok(Exit::Done)
}

fn meets(delivery: &Delivery, conditions: &[DeliveryCondition]) -> bool {
    let mut conditions = conditions.iter();
    conditions.all(|condition| condition.matches(delivery))
}

/// `refused    550 5.1.1    ann@reader.example: 550 5.1.1 no such mailbox`
fn line_with_codes(delivery: &Delivery) -> String {
    let code = delivery.reply_code.map(|code| code.to_string());
    let enhanced = delivery.enhanced_status.map(|status| status.to_string());
    let reply = delivery.why.as_deref().map(|why| format!(": {why}"));
    format!(
        "{:<10} {:<3} {:<8} {}{}\n",
        delivery.state.as_str(),
        code.as_deref().unwrap_or("-"),
        enhanced.as_deref().unwrap_or("-"),
        escape::terminal(&delivery.address),
        reply.unwrap_or_default()
    )
}

/// Everything as JSON.
struct Report<'a> {
    send: &'a Send,
    conditions: &'a [DeliveryCondition],
    totals: &'a Totals,
    standing: &'static str,
    domains: &'a [Domain],
    editions: &'a [SendEdition],
}

impl Report<'_> {
    /// Prints the deliveries as they are read: a list may have a million recipients.
    fn print(&self, store: &Store) -> Result<Exit, Failure> {
        let mut out = Pages::default();
        out.push(&format!(
            "{{\"adds_up\":{},\"campaign\":{},\"deliveries\":[",
            self.totals.add_up(),
            json!(self.send)
        ));
        let mut between = "";
        store.each_delivery(self.send, |delivery| {
            if meets(&delivery, self.conditions) {
                out.push(between);
                out.push(&json!(delivery).to_string());
                between = ",";
            }
        })?;
        out.push(&format!(
            "],\"domains\":{},\"editions\":{},\"status\":{},\"totals\":{}}}\n",
            json!(self.domains),
            json!(self.editions),
            json!(self.standing),
            json!(self.totals)
        ));
        out.end();
        Ok(Exit::Done)
    }
}

fn about_uncertain(send: &Send) -> String {
    let issue = &send.issue;
    let next = match send.is_cancelled() {
        true => "The campaign is cancelled: nothing is sent again.".to_owned(),
        false => format!(
            "To send it to all of them again, set\n`on_uncertain = \"resend\"` in {} and run `franking send {issue}`.",
            path_of(issue)
        ),
    };
    format!(
        "\nUncertain: the connection was lost after the last byte of the message and before the reply. \
         `franking resolve {issue}`\nshows what to look for in the relay's log, and records what you have found. {next}\n"
    )
}

/// A delivery as people read it.
pub(super) fn line(delivery: &Delivery) -> String {
    let name = delivery
        .name
        .as_deref()
        .map(|name| format!(" ({})", escape::terminal(name)));
    let why = delivery.why.as_deref().map(|why| format!(": {why}"));
    let next = delivery
        .next_try
        .map(|at| format!("; next try {}", timestamp::format(at)));
    format!(
        "{:<10} {}{}{}{}\n",
        delivery.state.as_str(),
        escape::terminal(&delivery.address),
        name.unwrap_or_default(),
        why.unwrap_or_default(),
        next.unwrap_or_default()
    )
}
