//! A plan as text.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::campaign::{self, SendPlan};
use crate::delivery::forecast::WaitCause;
use crate::diag::counted;
use crate::newsletter::config::{Newsletter, Rate};
use crate::store::Send;
use crate::util::table::{Align, lines};
use crate::util::{escape, timestamp};

/// What a send would do.
pub(super) struct PlanReport<'a> {
    pub(super) issue: &'a str,
    pub(super) newsletter: &'a Newsletter,
    pub(super) plan: SendPlan,
    /// The assumed time of a message, if it was given.
    pub(super) message_time: Option<Duration>,
}

impl PlanReport<'_> {
    /// The newsletter's time zone.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.newsletter.time_zone
    }

    /// The plan as text.
    pub(super) fn text(&self) -> String {
        let head = self.head();
        if self.plan.recipients() == 0 {
            return format!("{head}no recipients are left\n");
        }
        let tables = [self.times(), self.domain_table(), self.day_table()];
        format!("{head}{}\n{}", tables.join("\n"), self.remarks())
    }

    /// When the send begins and ends.
    fn times(&self) -> String {
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
        lines([Align::Left; 3], &rows)
    }

    /// The issue with its recipients, and a line for each relay.
    fn head(&self) -> String {
        let relays = self.plan.relays(self.newsletter);
        let is_alone = relays.len() == 1;
        let routes = relays.into_iter().map(|(relay, route, messages)| {
            let name = escape::terminal(&relay.name());
            let messages = match is_alone {
                true => String::new(),
                false => format!(": {}", counted(messages, "recipient")),
            };
            format!("by {name}, {}{messages}\n", route)
        });
        let mut routes = routes.collect::<String>();
        if routes.is_empty() {
            routes.push_str("into files\n");
        }
        format!("`{}`: {}\n{routes}", self.issue, self.recipients())
    }

    fn recipients(&self) -> String {
        let recipients = counted(self.plan.recipients(), "recipient");
        match (&self.plan.begun, &self.plan.plan) {
            (_, Some(plan)) => plan.to_string(),
            (Some(send), None) => format!(
                "{recipients} left of the campaign begun {}, {} accepted",
                timestamp::format(send.started_at),
                self.plan.accepted.unwrap_or_default()
            ),
            (None, None) => recipients,
        }
    }

    /// What the send waits for, and what the plan assumes.
    fn remarks(&self) -> String {
        let forecast = &self.plan.forecast;
        let braked = self.plan.begun.as_ref().filter(|send| send.brake.is_some());
        let mut remarks: Vec<String> = braked.map(how_to_continue).into_iter().collect();
        match self.longest_wait() {
            Some(wait) => remarks.push(wait),
            None if braked.is_some() => {}
            None => remarks.push("No known limit will delay this send.".to_owned()),
        }
        if forecast.runs > 1 {
            remarks.push(format!(
                "It takes {}: `franking send --due` by its timer, or the same command again.",
                counted(forecast.runs, "run")
            ));
        }
        if self.newsletter.smtp.is_some() {
            remarks.push(self.assumption());
            remarks.push("Refusals and deferrals are not predicted.".to_owned());
        }
        remarks.iter().map(|remark| format!("{remark}\n")).collect()
    }

    fn longest_wait(&self) -> Option<String> {
        let waits = &self.plan.forecast.waits;
        let (cause, time) = waits.first()?;
        let whole: Duration = waits.iter().map(|wait| wait.1).sum();
        Some(format!(
            "The longest wait is for {}: {} of {}.",
            self.phrase(*cause),
            timestamp::duration(*time),
            timestamp::duration(whole)
        ))
    }

    fn assumption(&self) -> String {
        match self.message_time {
            Some(time) => {
                let time = time.as_millis();
                format!("Assumption: the relay takes {time} ms for a message.")
            }
            None => "The speed of the relay is unknown and counts as 0 (set it with `--message-time 80ms`)."
                .to_owned(),
        }
    }

    fn phrase(&self, cause: WaitCause) -> String {
        let rate = |rate: Option<Rate>| rate.map(|rate| format!(", {rate}")).unwrap_or_default();
        match cause {
            WaitCause::Rate => match self.plan.parameters.routes.as_slice() {
                [route] => format!("the relay's rate{}", rate(route.rate)),
                _ => "the rates of the relays".to_owned(),
            },
            WaitCause::Domain(_) => {
                let name = self.plan.domain_of(cause).unwrap_or_default();
                let rate = rate(self.plan.rate_of(name));
                format!("the rate of {}{rate}", escape::terminal(name))
            }
            WaitCause::Relay => format!(
                "the relay, over {}",
                counted(self.plan.connections(), "connection")
            ),
            WaitCause::Daily => "the next day, because of `daily`".to_owned(),
            WaitCause::WarmUp => "the next day, because of `warm_up`".to_owned(),
            WaitCause::Later => "deliveries that are retried later".to_owned(),
        }
    }
}

/// That a campaign is paused or held, and the command that continues it.
fn how_to_continue(send: &Send) -> String {
    let braked = campaign::braked(send);
    let issue = escape::shell(&send.issue);
    format!(
        "{}. `franking resume {issue}` continues it.",
        braked.message()
    )
}

/// `2026-11-30 09:00:00 CET`
pub(super) fn local(second: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_second(second).map(|at| at.to_zoned_datetime(zone.clone()));
    at.map_or_else(
        |_| second.to_string(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
    )
}
