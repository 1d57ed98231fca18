//! The state of one campaign as text.

use crate::campaign::CampaignStatus;
use crate::cli::send::report::totals_of;
use crate::cli::terminal::{self, Pages};
use crate::newsletter::issue::path_of;
use crate::store::{Delivery, DeliveryCondition, Domain, Send, SendEdition, State, Store};
use crate::util::{escape, timestamp};
use crate::workspace::{Failure, Workspace};

/// The states of the deliveries that are listed by default: all but accepted and waiting deliveries.
const LISTED: [State; 5] = [
    State::InData,
    State::Uncertain,
    State::Refused,
    State::Deferred,
    State::Excluded,
];

/// Prints the campaign and its deliveries; `all`: the accepted and the waiting ones too.
pub(super) fn print(
    store: &Store,
    status: &CampaignStatus,
    all: bool,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let send = &status.summary.send;
    let mut out = Pages::default();
    out.push(&head(status));
    out.push(&suspensions(&status.domains, workspace.now.as_second()));
    for state in LISTED {
        for delivery in status.deliveries(store, state)? {
            out.push(&line(&delivery));
        }
    }
    for state in State::ALL {
        if all && !LISTED.contains(&state) {
            status.each_delivery(store, &[], |delivery| {
                if delivery.state == state {
                    out.push(&line(&delivery));
                }
            })?;
        }
    }
    if status.summary.totals.uncertain > 0 {
        out.push(&about_uncertain(send));
    }
    out.end();
    Ok(())
}

fn head(status: &CampaignStatus) -> String {
    let send = &status.summary.send;
    format!(
        "{} {}, edition {}\n{}{}{}{}\n",
        send.issue,
        status.summary.progress,
        &send.digest[..12],
        reason(send),
        last_stop(send),
        editions(&status.editions),
        totals_of(send, &status.summary.totals)
    )
}

fn suspensions(domains: &[Domain], now: i64) -> String {
    let suspended = domains.iter().filter(|domain| domain.until > now);
    let lines = suspended.map(|domain| {
        let until = timestamp::format(domain.until);
        format!("suspended {} until {until}: {}\n", domain.name, domain.why)
    });
    lines.collect()
}

/// Why the campaign is paused, held or cancelled: `paused 2026-11-30T08:00:00Z: wrong date`
fn reason(send: &Send) -> String {
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

/// How the last run of an unfinished campaign ended, if it ended early.
fn last_stop(send: &Send) -> String {
    let is_open = send.finished_at.is_none() && send.brake.is_none();
    let stop = send.last_stop.as_ref().filter(|_| is_open);
    stop.map(|stop| format!("{stop}\n")).unwrap_or_default()
}

/// The number of recipients of each edition, if a correction has added one.
fn editions(editions: &[SendEdition]) -> String {
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
pub(super) fn print_matching(
    store: &Store,
    status: &CampaignStatus,
    conditions: &[DeliveryCondition],
) -> Result<(), Failure> {
    let mut out = Pages::default();
    let mut count = 0;
    status.each_delivery(store, conditions, |delivery| {
        out.push(&line_with_codes(&delivery));
        count += 1;
    })?;
    out.end();
    if count == 0 {
        terminal::say("no delivery matches");
    }
    Ok(())
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
        delivery.shown_address(),
        reply.unwrap_or_default()
    )
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
pub(in crate::cli) fn line(delivery: &Delivery) -> String {
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
        delivery.shown_address(),
        name.unwrap_or_default(),
        why.unwrap_or_default(),
        next.unwrap_or_default()
    )
}
