//! A plan as JSON.

use serde_json::{Value, json};

use super::report::{Report, brake};
use crate::delivery::Plan;
use crate::delivery::forecast::WaitCause;
use crate::util::timestamp;

impl Report<'_> {
    /// The plan as JSON, with every domain and every day.
    pub(super) fn json(&self) -> Value {
        let plan = &self.plan;
        let begun = plan.begun.as_ref();
        let days = plan.days(self.zone()).into_iter();
        let days =
            days.map(|(day, messages)| json!({ "day": day.to_string(), "messages": messages }));
        json!({
            "issue": self.issue,
            "begun": begun.map(|send| timestamp::format(send.started_at)),
            "accepted": plan.accepted,
            "brake": begun.and_then(brake),
            "recipients": plan.recipients(),
            "excluded": plan.plan.as_ref().map(Plan::left_out),
            "relays": self.relays_as_json(),
            "message_time": self.message_time.map(|time| time.as_secs_f64()),
            "begins": timestamp::format(plan.forecast.begins),
            "ends": timestamp::format(plan.forecast.ends),
            "time_zone": self.zone().iana_name(),
            "runs": plan.forecast.runs,
            "domains": self.domains_as_json(),
            "days": days.collect::<Vec<_>>(),
            "waits": self.waits_as_json(),
        })
    }

    fn relays_as_json(&self) -> Value {
        let relays = self.plan.relays(self.newsletter).into_iter();
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
        let domains = self.plan.domains().into_iter().map(|domain| {
            let rate = self.plan.rate_of(&domain.name);
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
        let waits = self.plan.forecast.waits.iter().map(|(cause, time)| {
            json!({
                "for": key(*cause),
                "domain": self.plan.domain_of(*cause),
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
