//! What a plan says, for people and for machines.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::{Value, json};

use super::table::{Align, lines};
use crate::campaign;
use crate::delivery::Plan;
use crate::delivery::forecast::{Cause, Course, RelayForecast, Served, Terms};
use crate::diag::counted;
use crate::newsletter::config::{Newsletter, Rate, RelayConfig, Smtp};
use crate::store::Send;
use crate::util::escape;
use crate::workspace::format_timestamp;

/// The most domains with a line of their own; those with a rate have one too.
const LARGEST: usize = 10;

/// What no more than this part of the readers have goes into one line, however few domains there are.
const SMALL: usize = 100;

/// How many days have a line of their own.
const DAYS: usize = 31;

/// What will become of a send, and on which terms.
pub(super) struct Report<'a> {
    pub(super) issue: &'a str,
    pub(super) newsletter: &'a Newsletter,
    pub(super) course: Course,
    pub(super) terms: &'a Terms,
    /// Where something is assumed.
    pub(super) letter_time: Option<Duration>,
    pub(super) begun: Option<&'a Send>,
    /// How many recipients have it already, where it has begun.
    pub(super) accepted: Option<u32>,
    pub(super) plan: Option<Plan>,
}

impl Report<'_> {
    fn readers(&self) -> usize {
        self.course
            .domains
            .iter()
            .map(|domain| domain.letters)
            .sum()
    }

    fn connections(&self) -> usize {
        self.terms.lanes.iter().map(|lane| lane.connections).sum()
    }

    fn zone(&self) -> &TimeZone {
        &self.newsletter.time_zone
    }

    /// The largest first.
    fn domains(&self) -> Vec<&Served> {
        let mut domains: Vec<&Served> = self.course.domains.iter().collect();
        domains.sort_by(|a, b| b.letters.cmp(&a.letters).then_with(|| a.name.cmp(&b.name)));
        domains
    }

    fn rate_of(&self, domain: &str) -> Option<Rate> {
        let mut rates = self.terms.per_domain.iter();
        rates
            .find(|(name, _)| name == domain)
            .map(|(_, rate)| *rate)
    }

    /// The days in the publication's zone on which letters go, and how many.
    fn days(&self) -> Vec<(civil::Date, usize)> {
        let mut days = Vec::new();
        let mut from = i64::MIN;
        while let Some(second) = self.course.next(from) {
            let Some((day, begin, end)) = day_around(second, self.zone()) else {
                break;
            };
            from = end;
            days.push((day, self.course.between(begin, end)));
        }
        days
    }

    /// The relays with their connections, how each is used, and how many letters go over it; none where letters
    /// become files.
    fn relays(&self) -> Vec<(&RelayConfig, &RelayForecast, usize)> {
        let relays = self.newsletter.smtp.iter().flat_map(Smtp::relays);
        let lanes = self.terms.lanes.iter().zip(&self.course.letters);
        let relays = relays.zip(lanes);
        relays
            .map(|((relay, _), (lane, letters))| (relay, lane, *letters))
            .collect()
    }

    /// For machines.
    pub(super) fn json(&self) -> Value {
        let relays = self.relays().into_iter().map(|(relay, lane, letters)| {
            json!({
                "relay": relay.name(),
                "connections": lane.connections,
                "rate": lane.rate.map(|rate| rate.to_string()),
                "daily": lane.allowance.daily,
                "warm_up": lane.allowance.warm_up,
                "readers": letters,
            })
        });
        let domains = self.domains().into_iter().map(|domain| {
            json!({
                "domain": domain.name,
                "readers": domain.letters,
                "rate": self.rate_of(&domain.name).map(|rate| rate.to_string()),
                "begins": format_timestamp(domain.begins),
                "ends": format_timestamp(domain.ends),
            })
        });
        let days = self.days().into_iter();
        let days = days.map(|(day, letters)| json!({ "day": day.to_string(), "letters": letters }));
        let waits = self.course.waits.iter().map(|(cause, time)| {
            json!({ "for": word(*cause), "domain": self.domain_of(*cause), "seconds": time.as_secs_f64() })
        });
        json!({
            "issue": self.issue,
            "begun": self.begun.map(|send| format_timestamp(send.started_at)),
            "accepted": self.accepted,
            "brake": self.begun.and_then(brake),
            "readers": self.readers(),
            "left_out": self.plan.as_ref().map(Plan::left_out),
            "relays": relays.collect::<Vec<_>>(),
            "letter_time": self.letter_time.map(|time| time.as_secs_f64()),
            "begins": format_timestamp(self.course.begins),
            "ends": format_timestamp(self.course.ends),
            "time_zone": self.zone().iana_name(),
            "runs": self.course.runs,
            "domains": domains.collect::<Vec<_>>(),
            "days": days.collect::<Vec<_>>(),
            "waits": waits.collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut out = self.head();
        if self.readers() == 0 {
            out.push_str("nobody is left to write to\n");
            return out;
        }
        let ends = [("begins", self.course.begins), ("ends", self.course.ends)];
        let rows = ends.map(|(word, at)| {
            [
                word.to_owned(),
                local(at, self.zone()),
                format_timestamp(at),
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
        let readers = counted(self.readers(), "reader");
        let readers = match (self.begun, &self.plan) {
            (_, Some(plan)) => plan.to_string(),
            (Some(send), None) => format!(
                "{readers} left of the send begun {}, {} accepted",
                format_timestamp(send.started_at),
                self.accepted.unwrap_or_default()
            ),
            (None, None) => readers,
        };
        let relays = self.relays();
        let several = relays.len() > 1;
        let ways = relays.into_iter().map(|(relay, lane, letters)| {
            let name = escape::terminal(&relay.name());
            let letters = several.then(|| format!(": {}", counted(letters, "reader")));
            format!("by {name}, {}{}\n", used(lane), letters.unwrap_or_default())
        });
        let ways = ways.collect::<String>();
        let ways = if ways.is_empty() {
            "into files\n".to_owned()
        } else {
            ways
        };
        format!("`{}`: {readers}\n{ways}", self.issue)
    }

    /// The largest domains and those with a rate, each with a line; the others together.
    fn domain_table(&self) -> String {
        let small = self.readers() / SMALL;
        let named = |(place, domain): &(usize, &Served)| {
            let is_large = *place < LARGEST && domain.letters > small;
            is_large || self.rate_of(&domain.name).is_some()
        };
        let domains = self.domains().into_iter().enumerate();
        let (named, others): (Vec<_>, Vec<_>) = domains.partition(named);
        let mut rows = vec![["domain", "readers", "rate", "begins", "ends"].map(str::to_owned)];
        rows.extend(named.iter().map(|(_, domain)| {
            let rate = self.rate_of(&domain.name).map(|rate| rate.to_string());
            let name = escape::terminal(&domain.name);
            self.row(name, domain.letters, rate, domain.begins, domain.ends)
        }));
        let others: Vec<&Served> = others.into_iter().map(|(_, domain)| domain).collect();
        if let (Some(begins), Some(ends)) = (
            others.iter().map(|domain| domain.begins).min(),
            others.iter().map(|domain| domain.ends).max(),
        ) {
            let letters = others.iter().map(|domain| domain.letters).sum();
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
        let mut rows = vec![["day", "readers"].map(str::to_owned)];
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

    /// What it waits for, and what nobody knows.
    fn remarks(&self) -> String {
        let braked = self.begun.filter(|send| send.brake.is_some());
        let mut remarks: Vec<String> = braked.map(held_up).into_iter().collect();
        let whole: Duration = self.course.waits.iter().map(|wait| wait.1).sum();
        match self.course.waits.first() {
            Some((cause, time)) => remarks.push(format!(
                "It waits longest for {}: {} of {}.",
                self.phrase(*cause),
                long(*time),
                long(whole)
            )),
            None if braked.is_some() => {}
            None => remarks.push("Nothing holds it up that is known.".to_owned()),
        }
        if self.course.runs > 1 {
            remarks.push(format!(
                "It takes {}: `franking send --due` by its timer, or the same command again.",
                counted(self.course.runs, "run")
            ));
        }
        if self.newsletter.smtp.is_some() {
            remarks.push(match self.letter_time {
                Some(time) => format!(
                    "That the relay takes {} ms for a letter is assumed.",
                    time.as_millis()
                ),
                None => "How fast the relay is nobody knows before; it counts as no time (`--letter-time 80ms`)."
                    .to_owned(),
            });
            remarks.push("Refusals and deferrals are not foreseen.".to_owned());
        }
        remarks.iter().map(|remark| format!("{remark}\n")).collect()
    }

    fn domain_of(&self, cause: Cause) -> Option<&str> {
        match cause {
            Cause::Domain(number) => self.course.domains.get(number).map(|d| d.name.as_str()),
            _ => None,
        }
    }

    fn phrase(&self, cause: Cause) -> String {
        let rate = |rate: Option<Rate>| rate.map(|rate| format!(", {rate}")).unwrap_or_default();
        match cause {
            Cause::Rate => match self.terms.lanes.as_slice() {
                [lane] => format!("the relay's rate{}", rate(lane.rate)),
                _ => "the rates of the relays".to_owned(),
            },
            Cause::Domain(_) => {
                let name = self.domain_of(cause).unwrap_or_default();
                let rate = rate(self.rate_of(name));
                format!("the rate of {}{rate}", escape::terminal(name))
            }
            Cause::Relay => format!(
                "the relay, over {}",
                counted(self.connections(), "connection")
            ),
            Cause::Daily => "the next day, because of `daily`".to_owned(),
            Cause::WarmUp => "the next day, because of `warm_up`".to_owned(),
            Cause::Later => "who is to be tried later".to_owned(),
        }
    }
}

/// `paused`, `held` or `cancelled`, where the campaign is.
pub(super) fn brake(send: &Send) -> Option<&'static str> {
    send.brake.as_ref().map(|braked| braked.brake.as_str())
}

/// That a campaign is paused or held, and how it continues.
fn held_up(send: &Send) -> String {
    let braked = campaign::braked(send);
    let issue = escape::shell(&send.issue);
    format!(
        "{}. `franking resume {issue}` continues it.",
        braked.message()
    )
}

/// `4 connections, 20/s, 5000 in 24 hours, warm-up 50, 200, 1000`
fn used(lane: &RelayForecast) -> String {
    let allowance = &lane.allowance;
    let warm_up: Vec<String> = allowance.warm_up.iter().map(usize::to_string).collect();
    let parts = [
        Some(counted(lane.connections, "connection")),
        lane.rate.map(|rate| rate.to_string()),
        allowance.daily.map(|daily| format!("{daily} in 24 hours")),
        (!warm_up.is_empty()).then(|| format!("warm-up {}", warm_up.join(", "))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Rate => "rate",
        Cause::Domain(_) => "per_domain",
        Cause::Relay => "relay",
        Cause::Daily => "daily",
        Cause::WarmUp => "warm_up",
        Cause::Later => "later",
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
