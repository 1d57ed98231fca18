//! A plan as text and as JSON.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::{Value, json};

use super::table::{Align, lines};
use crate::campaign::{self, SendPlan};
use crate::delivery::Plan;
use crate::delivery::forecast::{DomainForecast, RouteParameters, WaitCause};
use crate::diag::counted;
use crate::newsletter::config::{Newsletter, Rate, RelayConfig, Smtp};
use crate::store::Send;
use crate::util::escape;
use crate::util::timestamp;

/// The most domains with a line of their own; those with a rate have one too.
const LARGEST: usize = 10;

/// Domains with less than this fraction of the recipients share one line.
const SMALL: usize = 100;

/// How many days have a line of their own.
const DAYS: usize = 31;

/// What a send would do.
pub(super) struct Report<'a> {
    pub(super) issue: &'a str,
    pub(super) newsletter: &'a Newsletter,
    pub(super) plan: SendPlan,
    /// The assumed time of a message, if it was given.
    pub(super) message_time: Option<Duration>,
}

impl Report<'_> {
    fn recipients(&self) -> usize {
        self.plan
            .forecast
            .domains
            .iter()
            .map(|domain| domain.messages)
            .sum()
    }

    fn connections(&self) -> usize {
        self.plan
            .parameters
            .routes
            .iter()
            .map(|lane| lane.connections)
            .sum()
    }

    fn zone(&self) -> &TimeZone {
        &self.newsletter.time_zone
    }

    /// The domains, the largest first.
    fn domains(&self) -> Vec<&DomainForecast> {
        let mut domains: Vec<&DomainForecast> = self.plan.forecast.domains.iter().collect();
        domains.sort_by(|a, b| {
            b.messages
                .cmp(&a.messages)
                .then_with(|| a.name.cmp(&b.name))
        });
        domains
    }

    fn rate_of(&self, domain: &str) -> Option<Rate> {
        let mut rates = self.plan.parameters.per_domain.iter();
        rates
            .find(|(name, _)| name == domain)
            .map(|(_, rate)| *rate)
    }

    /// The days in the newsletter's time zone on which messages are sent, and how many.
    fn days(&self) -> Vec<(civil::Date, usize)> {
        let mut days = Vec::new();
        let mut from = i64::MIN;
        while let Some(second) = self.plan.forecast.next(from) {
            let Some((day, begin, end)) = day_around(second, self.zone()) else {
                break;
            };
            from = end;
            days.push((day, self.plan.forecast.between(begin, end)));
        }
        days
    }

    /// The relays with their configuration, limits and numbers of messages; empty if messages become files.
    fn relays(&self) -> Vec<(&RelayConfig, &RouteParameters, usize)> {
        let relays = self.newsletter.smtp.iter().flat_map(Smtp::relays);
        let lanes = self
            .plan
            .parameters
            .routes
            .iter()
            .zip(&self.plan.forecast.messages);
        let relays = relays.zip(lanes);
        relays
            .map(|((relay, _), (lane, letters))| (relay, lane, *letters))
            .collect()
    }

    /// The plan as JSON.
    pub(super) fn json(&self) -> Value {
        let relays = self.relays().into_iter().map(|(relay, lane, messages)| {
            json!({
                "relay": relay.name(),
                "connections": lane.connections,
                "rate": lane.rate.map(|rate| rate.to_string()),
                "daily": lane.quota.daily,
                "warm_up": lane.quota.warm_up,
                "recipients": messages,
            })
        });
        let domains = self.domains().into_iter().map(|domain| {
            json!({
                "domain": domain.name,
                "recipients": domain.messages,
                "rate": self.rate_of(&domain.name).map(|rate| rate.to_string()),
                "begins": timestamp::format(domain.begins),
                "ends": timestamp::format(domain.ends),
            })
        });
        let days = self.days().into_iter();
        let days =
            days.map(|(day, messages)| json!({ "day": day.to_string(), "messages": messages }));
        let waits = self.plan.forecast.waits.iter().map(|(cause, time)| {
            json!({ "for": word(*cause), "domain": self.domain_of(*cause), "seconds": time.as_secs_f64() })
        });
        json!({
            "issue": self.issue,
            "begun": self.plan.begun.as_ref().map(|send| timestamp::format(send.started_at)),
            "accepted": self.plan.accepted,
            "brake": self.plan.begun.as_ref().and_then(brake),
            "recipients": self.recipients(),
            "excluded": self.plan.plan.as_ref().map(Plan::left_out),
            "relays": relays.collect::<Vec<_>>(),
            "message_time": self.message_time.map(|time| time.as_secs_f64()),
            "begins": timestamp::format(self.plan.forecast.begins),
            "ends": timestamp::format(self.plan.forecast.ends),
            "time_zone": self.zone().iana_name(),
            "runs": self.plan.forecast.runs,
            "domains": domains.collect::<Vec<_>>(),
            "days": days.collect::<Vec<_>>(),
            "waits": waits.collect::<Vec<_>>(),
        })
    }

    /// The plan as text.
    pub(super) fn text(&self) -> String {
        let mut out = self.head();
        if self.recipients() == 0 {
            out.push_str("no recipients are left\n");
            return out;
        }
        let ends = [
            ("begins", self.plan.forecast.begins),
            ("ends", self.plan.forecast.ends),
        ];
        let rows = ends.map(|(word, at)| {
            [
                word.to_owned(),
                local(at, self.zone()),
                timestamp::format(at),
            ]
        });
        out.push_str(&lines([Align::Left; 3], &rows));
        out.push('\n');
        out.push_str(&self.domain_table());
        out.push('\n');
        out.push_str(&self.day_table());
        out.push('\n');
        out.push_str(&self.remarks());
        out
    }

    fn head(&self) -> String {
        let recipients = counted(self.recipients(), "recipient");
        let recipients = match (&self.plan.begun, &self.plan.plan) {
            (_, Some(plan)) => plan.to_string(),
            (Some(send), None) => format!(
                "{recipients} left of the campaign begun {}, {} accepted",
                timestamp::format(send.started_at),
                self.plan.accepted.unwrap_or_default()
            ),
            (None, None) => recipients,
        };
        let relays = self.relays();
        let several = relays.len() > 1;
        let ways = relays.into_iter().map(|(relay, lane, messages)| {
            let name = escape::terminal(&relay.name());
            let messages = several.then(|| format!(": {}", counted(messages, "recipient")));
            format!(
                "by {name}, {}{}\n",
                used(lane),
                messages.unwrap_or_default()
            )
        });
        let ways = ways.collect::<String>();
        let ways = if ways.is_empty() {
            "into files\n".to_owned()
        } else {
            ways
        };
        format!("`{}`: {recipients}\n{ways}", self.issue)
    }

    /// The largest domains and those with a rate, each with a line; the others together.
    fn domain_table(&self) -> String {
        let small = self.recipients() / SMALL;
        let named = |(place, domain): &(usize, &DomainForecast)| {
            let is_large = *place < LARGEST && domain.messages > small;
            is_large || self.rate_of(&domain.name).is_some()
        };
        let domains = self.domains().into_iter().enumerate();
        let (named, others): (Vec<_>, Vec<_>) = domains.partition(named);
        let mut rows = vec![["domain", "recipients", "rate", "begins", "ends"].map(str::to_owned)];
        rows.extend(named.iter().map(|(_, domain)| {
            let rate = self.rate_of(&domain.name).map(|rate| rate.to_string());
            let name = escape::terminal(&domain.name);
            self.row(name, domain.messages, rate, domain.begins, domain.ends)
        }));
        let others: Vec<&DomainForecast> = others.into_iter().map(|(_, domain)| domain).collect();
        if let (Some(begins), Some(ends)) = (
            others.iter().map(|domain| domain.begins).min(),
            others.iter().map(|domain| domain.ends).max(),
        ) {
            let letters = others.iter().map(|domain| domain.messages).sum();
            let name = counted(others.len(), "other");
            rows.push(self.row(name, letters, None, begins, ends));
        }
        use Align::{Left, Right};
        lines([Left, Right, Right, Left, Left], &rows)
    }

    fn row(
        &self,
        name: String,
        letters: usize,
        rate: Option<String>,
        begins: i64,
        ends: i64,
    ) -> [String; 5] {
        [
            name,
            letters.to_string(),
            rate.unwrap_or_else(|| "-".to_owned()),
            local(begins, self.zone()),
            local(ends, self.zone()),
        ]
    }

    fn day_table(&self) -> String {
        let days = self.days();
        let mut rows = vec![["day", "recipients"].map(str::to_owned)];
        let row = |(day, letters): &(civil::Date, usize)| [day.to_string(), letters.to_string()];
        rows.extend(days.iter().take(DAYS).map(row));
        let later = days.get(DAYS..).unwrap_or_default();
        if let Some((last, _)) = later.last() {
            let letters: usize = later.iter().map(|day| day.1).sum();
            let more = format!("{} to {last}", counted(later.len(), "more day"));
            rows.push([more, letters.to_string()]);
        }
        lines([Align::Left, Align::Right], &rows)
    }

    /// What the send waits for, and what the plan assumes.
    fn remarks(&self) -> String {
        let braked = self.plan.begun.as_ref().filter(|send| send.brake.is_some());
        let mut remarks: Vec<String> = braked.map(held_up).into_iter().collect();
        let whole: Duration = self.plan.forecast.waits.iter().map(|wait| wait.1).sum();
        match self.plan.forecast.waits.first() {
            Some((cause, time)) => remarks.push(format!(
                "The longest wait is for {}: {} of {}.",
                self.phrase(*cause),
                long(*time),
                long(whole)
            )),
            None if braked.is_some() => {}
            None => remarks.push("No known limit delays it.".to_owned()),
        }
        if self.plan.forecast.runs > 1 {
            remarks.push(format!(
                "It takes {}: `franking send --due` by its timer, or the same command again.",
                counted(self.plan.forecast.runs, "run")
            ));
        }
        if self.newsletter.smtp.is_some() {
            remarks.push(match self.message_time {
                Some(time) => format!(
                    "Assumption: the relay takes {} ms for a message.",
                    time.as_millis()
                ),
                None => "The speed of the relay is unknown and counts as 0 (set it with `--message-time 80ms`)."
                    .to_owned(),
            });
            remarks.push("Refusals and deferrals are not predicted.".to_owned());
        }
        remarks.iter().map(|remark| format!("{remark}\n")).collect()
    }

    fn domain_of(&self, cause: WaitCause) -> Option<&str> {
        match cause {
            WaitCause::Domain(number) => self
                .plan
                .forecast
                .domains
                .get(number)
                .map(|d| d.name.as_str()),
            _ => None,
        }
    }

    fn phrase(&self, cause: WaitCause) -> String {
        let rate = |rate: Option<Rate>| rate.map(|rate| format!(", {rate}")).unwrap_or_default();
        match cause {
            WaitCause::Rate => match self.plan.parameters.routes.as_slice() {
                [lane] => format!("the relay's rate{}", rate(lane.rate)),
                _ => "the rates of the relays".to_owned(),
            },
            WaitCause::Domain(_) => {
                let name = self.domain_of(cause).unwrap_or_default();
                let rate = rate(self.rate_of(name));
                format!("the rate of {}{rate}", escape::terminal(name))
            }
            WaitCause::Relay => format!(
                "the relay, over {}",
                counted(self.connections(), "connection")
            ),
            WaitCause::Daily => "the next day, because of `daily`".to_owned(),
            WaitCause::WarmUp => "the next day, because of `warm_up`".to_owned(),
            WaitCause::Later => "deliveries that are retried later".to_owned(),
        }
    }
}

/// `paused`, `held` or `cancelled`, if the campaign is.
pub(super) fn brake(send: &Send) -> Option<&'static str> {
    send.brake.as_ref().map(|braked| braked.brake.as_str())
}

/// That a campaign is paused or held, and the command that continues it.
fn held_up(send: &Send) -> String {
    let braked = campaign::braked(send);
    let issue = escape::shell(&send.issue);
    format!(
        "{}. `franking resume {issue}` continues it.",
        braked.message()
    )
}

/// `4 connections, 20/s, 5000 in 24 hours, warm-up 50, 200, 1000`
fn used(lane: &RouteParameters) -> String {
    let quota = &lane.quota;
    let warm_up: Vec<String> = quota.warm_up.iter().map(usize::to_string).collect();
    let parts = [
        Some(counted(lane.connections, "connection")),
        lane.rate.map(|rate| rate.to_string()),
        quota.daily.map(|daily| format!("{daily} in 24 hours")),
        (!warm_up.is_empty()).then(|| format!("warm-up {}", warm_up.join(", "))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn word(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Rate => "rate",
        WaitCause::Domain(_) => "per_domain",
        WaitCause::Relay => "relay",
        WaitCause::Daily => "daily",
        WaitCause::WarmUp => "warm_up",
        WaitCause::Later => "later",
    }
}

/// The day on which a second is, and from when to when it lasts, in Unix seconds.
fn day_around(second: i64, zone: &TimeZone) -> Option<(civil::Date, i64, i64)> {
    let at = Timestamp::from_second(second)
        .ok()?
        .to_zoned_datetime(zone.clone());
    let begin = at.start_of_day().ok()?;
    let end = at.tomorrow().ok()?.start_of_day().ok()?;
    let seconds = |zoned: &jiff::ZonedDateTime| zoned.timestamp().as_second();
    Some((at.date(), seconds(&begin), seconds(&end)))
}

/// `2026-11-30 09:00:00 CET`
fn local(second: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_second(second).map(|at| at.to_zoned_datetime(zone.clone()));
    at.map_or_else(
        |_| second.to_string(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
    )
}

/// `2 days 3 h`: the largest unit and the one below it.
fn long(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds < 1 => format!("{} ms", time.as_millis()),
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (_, 0, _) => counted(usize::try_from(days).unwrap_or(usize::MAX), "day"),
        _ => format!(
            "{} {hours} h",
            counted(usize::try_from(days).unwrap_or(usize::MAX), "day")
        ),
    }
}
