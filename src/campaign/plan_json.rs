//! A plan as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::SendPlan;
use crate::delivery::Plan;
use crate::delivery::forecast::WaitCause;
use crate::newsletter::config::Newsletter;
use crate::store::Send;
use crate::util::timestamp;

/// The plan of a campaign that is over.
pub fn finished_plan(send: &Send) -> Value {
    json!({
        "issue": send.issue,
        "recipients": 0,
        "begun": timestamp::format(send.started_at),
        "finished": send.finished_at.map(timestamp::format),
        "brake": brake(send),
    })
}

/// `paused`, `held` or `cancelled`, if the campaign is.
fn brake(send: &Send) -> Option<&'static str> {
    send.brake.as_ref().map(|braked| braked.brake.as_str())
}

impl SendPlan {
    /// The plan of `issue` with every domain and every day. `message_time` is the assumed time of a message.
    pub fn json(
        &self,
        issue: &str,
        newsletter: &Newsletter,
        message_time: Option<Duration>,
    ) -> Value {
        let begun = self.begun.as_ref();
        let zone = &newsletter.time_zone;
        let days = self.days(zone).into_iter();
        let days =
            days.map(|(day, messages)| json!({ "day": day.to_string(), "messages": messages }));
        json!({
            "issue": issue,
            "begun": begun.map(|send| timestamp::format(send.started_at)),
            "accepted": self.accepted,
            "brake": begun.and_then(brake),
            "recipients": self.recipients(),
            "excluded": self.plan.as_ref().map(Plan::left_out),
            "relays": self.relays_as_json(newsletter),
            "message_time": message_time.map(|time| time.as_secs_f64()),
            "begins": timestamp::format(self.forecast.begins),
            "ends": timestamp::format(self.forecast.ends),
            "time_zone": zone.iana_name(),
            "runs": self.forecast.runs,
            "domains": self.domains_as_json(),
            "days": days.collect::<Vec<_>>(),
            "waits": self.waits_as_json(),
        })
    }

    fn relays_as_json(&self, newsletter: &Newsletter) -> Value {
        let relays = self.relays(newsletter).into_iter();
        let relays = relays.map(|(relay, route, messages)| {
            json!({
                "relay": relay.name(),
                "connections": route.connections,
                "rate": route.rate.map(|rate| rate.to_string()),
                "daily": route.quota.daily,
                "warm_up": route.quota.warm_up,
                "recipients": messages,
            })
        });
        relays.collect()
    }

    fn domains_as_json(&self) -> Value {
        let domains = self.domains().into_iter().map(|domain| {
            let rate = self.rate_of(&domain.name);
            json!({
                "domain": domain.name,
                "recipients": domain.messages,
                "rate": rate.map(|rate| rate.to_string()),
                "begins": timestamp::format(domain.begins),
                "ends": timestamp::format(domain.ends),
            })
        });
        domains.collect()
    }

    fn waits_as_json(&self) -> Value {
        let waits = self.forecast.waits.iter().map(|(cause, time)| {
            json!({
                "for": key(*cause),
                "domain": self.domain_of(*cause),
                "seconds": time.as_secs_f64(),
            })
        });
        waits.collect()
    }
}

fn key(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Rate => "rate",
        WaitCause::Domain(_) => "per_domain",
        WaitCause::Relay => "relay",
        WaitCause::Daily => "daily",
        WaitCause::WarmUp => "warm_up",
        WaitCause::Later => "later",
    }
}
