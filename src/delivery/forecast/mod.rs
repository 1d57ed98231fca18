//! Forecast of a campaign: a simulation of its runs on a virtual clock.
//!
//! The simulated connections take messages in the order of a real run, and rate limits, daily quotas and the warm-up are
//! computed by the same code. If a run ends with messages left, the next run begins when the quota allows it and the timer
//! starts it.
//!
//! The forecast assumes a fixed time for each message. It does not include refusals, deferrals, and requests of the relay
//! for fewer connections. Several machines that send the same campaign count as one.

mod budget;
mod messages;
mod past;
mod run;
mod tally;

pub use messages::PendingMessages;
pub use past::Past;
pub use tally::{DomainForecast, Forecast, WaitCause};

use std::time::Duration;

use crate::diag::counted;
use crate::newsletter::config::Rate;
use crate::store::{Limit, Quota, QuotaLimits};
use run::{ForecastRun, RemainingWork};
use tally::Tally;

/// The settings under which a campaign is sent.
#[derive(Debug, Clone, Default)]
pub struct ForecastParameters {
    /// The routes with their limits.
    pub routes: Vec<RouteParameters>,
    /// How many messages may be in flight on one connection.
    pub window: usize,
    /// The rate limits of recipient domains.
    pub per_domain: Vec<(String, Rate)>,
    /// How long one message occupies its connection.
    pub message_time: Duration,
}

/// A route and its limits.
#[derive(Debug, Clone, Default)]
pub struct RouteParameters {
    /// How many connections are open at the same time.
    pub connections: usize,
    /// The rate limit of the relay.
    pub rate: Option<Rate>,
    /// The daily quota and the warm-up.
    pub quota: QuotaLimits,
    /// The messages that were sent over the route before.
    pub past: Past,
}

/// `4 connections, 20/s, 5000 in 24 hours, warm-up 50, 200, 1000`
impl std::fmt::Display for RouteParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&counted(self.connections, "connection"))?;
        if let Some(rate) = self.rate {
            write!(f, ", {rate}")?;
        }
        if let Some(daily) = self.quota.daily {
            write!(f, ", {daily} in 24 hours")?;
        }
        let warm_up: Vec<String> = self.quota.warm_up.iter().map(usize::to_string).collect();
        if !warm_up.is_empty() {
            write!(f, ", warm-up {}", warm_up.join(", "))?;
        }
        Ok(())
    }
}

/// The interval, in seconds, after which the timer of `franking systemd` starts the next run if messages are left.
const TIMER_INTERVAL: i64 = 60;

/// Simulates the delivery of `messages` from `start` (Unix seconds).
pub fn forecast(
    mut messages: PendingMessages,
    parameters: &ForecastParameters,
    start: i64,
) -> Forecast {
    messages.sort();
    let mut tally = Tally::new(messages.domains().len(), start);
    let pasts = parameters.routes.iter().map(|route| route.past.clone());
    let mut pasts: Vec<Past> = pasts.collect();
    let mut begin = start;
    while let Some(due) = messages.due() {
        let left =
            ForecastRun::new(parameters, &pasts, begin).work(&mut messages, &mut pasts, &mut tally);
        let end = tally.ends();
        let (next, cause) = match left {
            RemainingWork::Nothing => break,
            RemainingWork::Later => (messages.due().unwrap_or(due), WaitCause::Later),
            RemainingWork::Budget => next_quota(parameters, &pasts, end),
        };
        begin = next.max(end.max(begin) + TIMER_INTERVAL);
        tally.pause(begin, cause);
    }
    tally.forecast(messages.into_domains(), pasts)
}

/// The remaining quota of a route at `now` (Unix seconds); `None` means unlimited.
fn quota(route: &RouteParameters, past: &Past, now: i64) -> Option<Quota> {
    let Ok(quota) = route.quota.quota_at(now, past);
    quota
}

/// When the first route has quota again after a run that ended at `end`, and which limit it waited for.
fn next_quota(parameters: &ForecastParameters, pasts: &[Past], end: i64) -> (i64, WaitCause) {
    let routes = parameters.routes.iter().zip(pasts);
    let quotas = routes.filter_map(|(route, past)| quota(route, past, end));
    let resets = quotas.map(|quota| match quota.messages {
        0 => (quota.resets_at, cause(quota.limit)),
        _ => (end, cause(quota.limit)),
    });
    let first = resets.min_by_key(|(at, _)| *at);
    first.unwrap_or((end, WaitCause::Daily))
}

fn cause(limit: Limit) -> WaitCause {
    match limit {
        Limit::Daily => WaitCause::Daily,
        Limit::WarmUp(_) => WaitCause::WarmUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DAY;

    fn messages<'a>(domains: impl IntoIterator<Item = &'a str>) -> PendingMessages {
        let mut messages = PendingMessages::default();
        for domain in domains {
            messages.add(domain, None);
        }
        messages
    }

    fn route(connections: usize) -> RouteParameters {
        RouteParameters {
            connections,
            ..RouteParameters::default()
        }
    }

    fn parameters(route: RouteParameters) -> ForecastParameters {
        ForecastParameters {
            routes: vec![route],
            window: 1,
            ..ForecastParameters::default()
        }
    }

    fn simulate(messages: PendingMessages, parameters: &ForecastParameters) -> Forecast {
        forecast(messages, parameters, 0)
    }

    #[test]
    fn a_rate_allows_a_burst_of_one_second_and_then_an_even_flow() {
        let parameters = parameters(RouteParameters {
            rate: Some("10/s".parse().unwrap()),
            ..route(4)
        });
        let forecast = simulate(messages(["a.example"; 100]), &parameters);
        assert_eq!((forecast.begins, forecast.ends), (0, 9));
        assert_eq!(forecast.waits[0].0, WaitCause::Rate);
        assert_eq!(forecast.waits[0].1.as_secs_f64(), 9.0);
    }

    #[test]
    fn messages_after_those_of_a_slow_domain_wait_as_in_a_real_run() {
        let slow = ("slow.example".to_owned(), "1/s".parse().unwrap());
        let parameters = ForecastParameters {
            per_domain: vec![slow],
            ..parameters(route(2))
        };
        let mixed = ["slow.example", "fast.example"]
            .into_iter()
            .cycle()
            .take(80);
        let forecast = simulate(messages(mixed), &parameters);
        let served = |name: &str| forecast.domains.iter().find(|d| d.name == name).unwrap();
        assert_eq!(served("slow.example").ends, 39);
        assert!(served("fast.example").ends > 35);
        assert_eq!(served("fast.example").messages, 40);
        assert!(matches!(forecast.waits[0].0, WaitCause::Domain(_)));
    }

    #[test]
    fn a_slow_relay_is_used_by_all_connections() {
        let parameters = ForecastParameters {
            message_time: Duration::from_millis(100),
            ..parameters(route(4))
        };
        let forecast = simulate(messages(["a.example"; 400]), &parameters);
        assert_eq!(forecast.ends, 10);
        assert_eq!(forecast.waits[0].0, WaitCause::Relay);
    }

    #[test]
    fn a_retry_is_sent_when_it_is_due() {
        let mut messages = messages(["a.example"; 3]);
        messages.add("b.example", Some(7_200));
        let forecast = simulate(messages, &parameters(route(1)));
        assert_eq!((forecast.ends, forecast.runs), (7_200, 2));
        assert_eq!(
            forecast.waits,
            [(WaitCause::Later, Duration::from_secs(7_200))]
        );
    }

    #[test]
    fn runs_continue_daily_until_all_messages_are_sent() {
        let parameters = parameters(RouteParameters {
            rate: Some("3600/h".parse().unwrap()),
            quota: QuotaLimits {
                daily: Some(1_000),
                warm_up: vec![100, 500],
            },
            ..route(4)
        });
        let forecast = simulate(messages(["a.example"; 3_000]), &parameters);
        let by_day = (0..5).map(|day| forecast.between(day * DAY, (day + 1) * DAY));
        assert_eq!(by_day.collect::<Vec<_>>(), [100, 500, 1_000, 1_000, 400]);
        let waits: Vec<WaitCause> = forecast.waits.iter().map(|wait| wait.0).collect();
        assert_eq!(
            waits,
            [WaitCause::WarmUp, WaitCause::Daily, WaitCause::Rate]
        );
    }

    #[test]
    fn each_relay_has_its_own_connections_rate_and_quota() {
        let new = RouteParameters {
            quota: QuotaLimits {
                warm_up: vec![100],
                ..QuotaLimits::default()
            },
            rate: Some("10/s".parse().unwrap()),
            ..route(1)
        };
        let old = RouteParameters {
            rate: Some("1/s".parse().unwrap()),
            ..route(3)
        };
        let both = ForecastParameters {
            routes: vec![new, old],
            window: 1,
            ..ForecastParameters::default()
        };
        let forecast = simulate(messages(["a.example"; 160]), &both);
        // The warm-up's hundred take 9 seconds, in which the other relay has sent about ten of its sixty.
        assert_eq!(
            (forecast.messages.clone(), forecast.runs),
            (vec![100, 60], 1)
        );
        assert_eq!(forecast.ends, 59);
    }

    #[test]
    fn an_empty_campaign_takes_no_time() {
        let forecast = simulate(PendingMessages::default(), &parameters(route(4)));
        assert_eq!((forecast.begins, forecast.ends, forecast.runs), (0, 0, 0));
        assert!(forecast.waits.is_empty() && forecast.domains.is_empty());
    }
}
