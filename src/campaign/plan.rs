//! Plan a send: recipients by domain, and a forecast of the times at which they get their messages.

use std::collections::HashMap;
use std::time::Duration;

use super::again::is_resending;
use super::continued::Continued;
use super::event::{CampaignEvent, warned};
use super::recipients::{candidates, require_recipient};
use super::request::{SendRequest, can_refreeze};
use super::routes::quota;
use super::schedule;
use super::send_plan::SendPlan;
use crate::delivery::forecast::{
    ForecastParameters, Past, PendingMessages, RouteParameters, forecast,
};
use crate::delivery::{self, Plan};
use crate::newsletter::config::{Newsletter, RelayConfig};
use crate::newsletter::issue::IssueIdentity;
use crate::store::{DAY, Send, Store, StoreError};
use crate::workspace::{Checked, Failure};

/// A plan, or the campaign if it is finished or cancelled.
#[derive(Debug)]
pub enum Planned {
    /// The plan of a send.
    Ahead(Box<SendPlan>),
    /// The campaign has nothing left to do.
    Over(Box<Send>),
}

/// The recipients of a plan.
struct Selection {
    messages: PendingMessages,
    plan: Option<Plan>,
    /// The `send_at` of the issue in Unix seconds, if it has not begun.
    send_at: Option<i64>,
}

/// Plans a send. `message_time` is how long a relay is assumed to take for a message over one connection.
///
/// # Errors
/// If the files have errors, or the ledger cannot be read.
pub fn plan(request: SendRequest<'_>, message_time: Option<Duration>) -> Result<Planned, Failure> {
    let found = request.workspace.ledger_to_read(request.sources)?;
    let store = warned(found, &**request.events);
    let send = store.as_ref().map(|store| store.send_of(request.issue));
    let send = send.transpose()?.flatten();
    let now = request.now();
    let selection = match (&store, &send) {
        (_, Some(send)) if send.is_cancelled() => return Ok(Planned::Over(Box::new(send.clone()))),
        (Some(store), Some(send)) if !can_refreeze(store, send)? => {
            let run = Continued::new(request, send.clone())?;
            if send.finished_at.is_some() && !is_resending(store, &run.send)? {
                return Ok(Planned::Over(Box::new(send.clone())));
            }
            remaining(store, &run, now)?
        }
        (store, _) => of_issue(&request, store.as_ref())?,
    };
    let begins = selection.send_at.map_or(now, |at| at.max(now));
    let newsletter = &request.sources.newsletter;
    let parameters = parameters(newsletter, store.as_ref(), message_time, begins)?;
    Ok(Planned::Ahead(Box::new(SendPlan {
        forecast: forecast(selection.messages, &parameters, begins),
        parameters,
        accepted: accepted(store.as_ref(), send.as_ref())?,
        begun: send,
        plan: selection.plan,
    })))
}

fn accepted(store: Option<&Store>, send: Option<&Send>) -> Result<Option<u32>, StoreError> {
    let (Some(store), Some(send)) = (store, send) else {
        return Ok(None);
    };
    Ok(Some(store.totals(send)?.accepted))
}

/// The recipients of an issue whose campaign has not begun.
fn of_issue(request: &SendRequest<'_>, store: Option<&Store>) -> Result<Selection, Failure> {
    let checked = request.compile()?;
    if let Some(store) = store {
        report_earlier(request, store, &checked)?;
    }
    let suppressed = store.map(Store::suppressions).transpose()?;
    let suppressed = suppressed.unwrap_or_default();
    let only = request.options.only.as_ref();
    let (compiled, census) = (&checked.compiled, &checked.census);
    let candidates = candidates(request.sources, compiled, census, &suppressed);
    let mut messages = PendingMessages::default();
    let counted = delivery::only(candidates, only).inspect(|candidate| {
        if let Ok(candidate) = candidate
            && candidate.exclusion.is_none()
        {
            messages.add(domain(&candidate.address_key), None);
        }
    });
    let plan = Plan::of(counted)?;
    if let Some(only) = only {
        require_recipient(&plan, only)?;
    }
    let send_at = compiled.issue.send_at.as_ref();
    Ok(Selection {
        messages,
        plan: Some(plan),
        send_at: send_at.map(|at| at.instant.as_second()),
    })
}

fn report_earlier(
    request: &SendRequest<'_>,
    store: &Store,
    checked: &Checked,
) -> Result<(), Failure> {
    if store.send_of(request.issue)?.is_some() {
        return Ok(());
    }
    let directory = &request.workspace.directory;
    let newsletter = &request.sources.newsletter;
    let compiled = &checked.compiled;
    if let Some(earlier) = schedule::of_campaigns(directory, store, compiled, newsletter)? {
        let finding = earlier.finding(&IssueIdentity::of(&compiled.issue));
        request.events.event(CampaignEvent::Finding(&finding));
    }
    Ok(())
}

/// The remaining deliveries of a campaign. Those to a suspended domain wait until the suspension ends.
fn remaining(store: &Store, run: &Continued<'_>, now: i64) -> Result<Selection, Failure> {
    let suspended = store.domains(&run.send)?.into_iter();
    let suspended: HashMap<String, i64> = suspended
        .filter(|domain| domain.until > now)
        .map(|domain| (domain.name, domain.until))
        .collect();
    let mut messages = PendingMessages::default();
    run.each(store, |left| {
        let domain = domain(&left.address_key);
        let until = suspended.get(domain).copied();
        messages.add(domain, until.max(left.next_try));
    })?;
    Ok(Selection {
        messages,
        plan: None,
        send_at: None,
    })
}

/// The domain of an address key. Only the last at sign separates: see `Address`.
fn domain(key: &str) -> &str {
    key.rsplit_once('@').map_or(key, |(_, domain)| domain)
}

/// The limits of the relays, and the messages before the send that count against them.
fn parameters(
    newsletter: &Newsletter,
    store: Option<&Store>,
    message_time: Option<Duration>,
    begins: i64,
) -> Result<ForecastParameters, StoreError> {
    let message_time = message_time.unwrap_or_default();
    let Some(smtp) = &newsletter.smtp else {
        return Ok(without_relay(message_time));
    };
    let mut routes = Vec::new();
    for (relay, connections) in smtp.relays() {
        routes.push(RouteParameters {
            connections,
            rate: relay.rate,
            quota: quota(relay),
            past: past(store, relay, begins)?,
        });
    }
    let domains = smtp.per_domain.iter();
    let per_domain = domains.map(|(name, rate)| (name.to_lowercase(), *rate));
    Ok(ForecastParameters {
        routes,
        window: smtp.window,
        per_domain: per_domain.collect(),
        message_time,
    })
}

/// The parameters of a rehearsal, which writes to files.
fn without_relay(message_time: Duration) -> ForecastParameters {
    let outbox = RouteParameters {
        connections: 1,
        ..RouteParameters::default()
    };
    ForecastParameters {
        routes: vec![outbox],
        window: 1,
        message_time,
        ..ForecastParameters::default()
    }
}

/// The messages of a relay that count against its quota; none if it has no quota.
fn past(store: Option<&Store>, relay: &RelayConfig, begins: i64) -> Result<Past, StoreError> {
    let has_quota = relay.daily.is_some() || !relay.warm_up.is_empty();
    let Some(store) = store.filter(|_| has_quota) else {
        return Ok(Past::default());
    };
    let relay = relay.name();
    let first = store.first_handed_over(&relay)?;
    let seconds = store.handed_over_by_second(&relay, begins - DAY)?;
    Ok(Past::new(first, seconds))
}
