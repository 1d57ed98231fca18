//! Forecast of a campaign: a simulation of its runs on a virtual clock.
//!
//! The simulated connections take messages in the order of a real run, and rate limits, daily quotas and the warm-up are
//! computed by the same code. If a run ends with messages left, the next run begins when the quota allows it and the timer
//! starts it.
//!
//! The forecast does not know what no file states: the speed of the relay (a message takes the assumed time, or none),
//! refusals and deferrals, and whether the relay will ask for fewer connections. Several machines that send together count
//! as one.

mod budget;
mod messages;
mod past;
mod run;
mod tally;

pub use messages::PendingMessages;
pub use past::Past;
pub use tally::{Cause, Course, Served};

use std::time::Duration;

use crate::newsletter::config::Rate;
use crate::store::{Limit, Quota, QuotaLimits};
use run::{Left, Run};
use tally::Tally;

/// The settings under which a campaign is sent.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The routes with their limits.
    pub routes: Vec<RelayForecast>,
    /// How many messages may be in flight on one connection.
    pub window: usize,
    /// The rate limits of recipient domains.
    pub per_domain: Vec<(String, Rate)>,
    /// How long one message occupies its connection.
    pub message_time: Duration,
}

/// A route and its limits.
#[derive(Debug, Clone, Default)]
pub struct RelayForecast {
    /// How many connections are open at the same time.
    pub connections: usize,
    /// The rate limit of the relay.
    pub rate: Option<Rate>,
    /// How many messages go in a day.
    pub quota: QuotaLimits,
    /// The messages that were sent over the route before.
    pub past: Past,
}

/// The interval, in seconds, after which the timer of `franking systemd` starts the next run if messages are left.
const TIMER_INTERVAL: i64 = 60;

/// Simulates the delivery of `messages` from `start` (Unix seconds).
pub fn forecast(mut messages: PendingMessages, terms: &Terms, start: i64) -> Course {
    messages.sort();
    let mut tally = Tally::new(messages.domains().len(), start);
    let mut pasts: Vec<Past> = terms
        .routes
        .iter()
        .map(|route| route.past.clone())
        .collect();
    let mut begin = start;
    while let Some(due) = messages.due() {
        let left = Run::new(terms, &pasts, begin).work(&mut messages, &mut pasts, &mut tally);
        let end = tally.ends();
        let (next, cause) = match left {
            Left::Nothing => break,
            Left::Later => (messages.due().unwrap_or(due), Cause::Later),
            Left::Budget => again(terms, &pasts, end),
        };
        begin = next.max(end.max(begin) + TIMER_INTERVAL);
        tally.pause(begin, cause);
    }
    tally.course(messages.into_domains(), pasts)
}

/// The remaining quota of a route at `now` (Unix seconds); `None` means unlimited.
fn quota(route: &RelayForecast, past: &Past, now: i64) -> Option<Quota> {
    let Ok(quota) = route.quota.quota_at(now, past);
    quota
}

/// When a route has quota again after a run that ended at `end`, whichever is first, and which limit it was.
fn again(terms: &Terms, pasts: &[Past], end: i64) -> (i64, Cause) {
    let quotas = terms.routes.iter().zip(pasts);
    let quotas = quotas.filter_map(|(route, past)| quota(route, past, end));
    let again = |quota: &Quota| {
        if quota.messages > 0 {
            end
        } else {
            quota.resets_at
        }
    };
    let first = quotas.min_by_key(again);
    first.map_or((end, Cause::Daily), |quota| {
        let cause = match quota.limit {
            Limit::Daily => Cause::Daily,
            Limit::WarmUp(_) => Cause::WarmUp,
        };
        (again(&quota), cause)
    })
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

    fn route(connections: usize) -> RelayForecast {
        RelayForecast {
            connections,
            ..RelayForecast::default()
        }
    }

    fn terms(route: RelayForecast) -> Terms {
        Terms {
            routes: vec![route],
            window: 1,
            ..Terms::default()
        }
    }

    fn simulate(messages: PendingMessages, terms: &Terms) -> Course {
        forecast(messages, terms, 0)
    }

    #[test]
    fn a_rate_allows_a_burst_of_one_second_and_then_an_even_flow() {
        let terms = terms(RelayForecast {
            rate: Some("10/s".parse().unwrap()),
            ..route(4)
        });
        let course = simulate(messages(["a.example"; 100]), &terms);
        assert_eq!((course.begins, course.ends), (0, 9));
        assert_eq!(course.waits[0].0, Cause::Rate);
        assert_eq!(course.waits[0].1.as_secs_f64(), 9.0);
    }

    #[test]
    fn messages_after_those_of_a_slow_domain_wait_as_in_a_real_run() {
        let slow = ("slow.example".to_owned(), "1/s".parse().unwrap());
        let terms = Terms {
            per_domain: vec![slow],
            ..terms(route(2))
        };
        let mixed = ["slow.example", "fast.example"]
            .into_iter()
            .cycle()
            .take(80);
        let course = simulate(messages(mixed), &terms);
        let served = |name: &str| course.domains.iter().find(|d| d.name == name).unwrap();
        assert_eq!(served("slow.example").ends, 39);
        assert!(served("fast.example").ends > 35);
        assert_eq!(served("fast.example").messages, 40);
        assert!(matches!(course.waits[0].0, Cause::Domain(_)));
    }

    #[test]
    fn a_slow_relay_is_used_by_all_connections() {
        let terms = Terms {
            message_time: Duration::from_millis(100),
            ..terms(route(4))
        };
        let course = simulate(messages(["a.example"; 400]), &terms);
        assert_eq!(course.ends, 10);
        assert_eq!(course.waits[0].0, Cause::Relay);
    }

    #[test]
    fn a_retry_is_sent_when_it_is_due() {
        let mut messages = messages(["a.example"; 3]);
        messages.add("b.example", Some(7_200));
        let course = simulate(messages, &terms(route(1)));
        assert_eq!((course.ends, course.runs), (7_200, 2));
        assert_eq!(course.waits, [(Cause::Later, Duration::from_secs(7_200))]);
    }

    #[test]
    fn runs_continue_daily_until_all_messages_are_sent() {
        let terms = terms(RelayForecast {
            rate: Some("3600/h".parse().unwrap()),
            quota: QuotaLimits {
                daily: Some(1_000),
                warm_up: vec![100, 500],
            },
            ..route(4)
        });
        let course = simulate(messages(["a.example"; 3_000]), &terms);
        let by_day = (0..5).map(|day| course.between(day * DAY, (day + 1) * DAY));
        assert_eq!(by_day.collect::<Vec<_>>(), [100, 500, 1_000, 1_000, 400]);
        let waits: Vec<Cause> = course.waits.iter().map(|wait| wait.0).collect();
        assert_eq!(waits, [Cause::WarmUp, Cause::Daily, Cause::Rate]);
    }

    #[test]
    fn each_relay_has_its_own_connections_rate_and_quota() {
        let new = RelayForecast {
            quota: QuotaLimits {
                warm_up: vec![100],
                ..QuotaLimits::default()
            },
            rate: Some("10/s".parse().unwrap()),
            ..route(1)
        };
        let old = RelayForecast {
            rate: Some("1/s".parse().unwrap()),
            ..route(3)
        };
        let both = Terms {
            routes: vec![new, old],
            window: 1,
            ..Terms::default()
        };
        let course = simulate(messages(["a.example"; 160]), &both);
        // The warm-up's hundred take 9 seconds, in which the other relay has sent about ten of its sixty.
        assert_eq!((course.messages.clone(), course.runs), (vec![100, 60], 1));
        assert_eq!(course.ends, 59);
    }

    #[test]
    fn an_empty_campaign_takes_no_time() {
        let course = simulate(PendingMessages::default(), &terms(route(4)));
        assert_eq!((course.begins, course.ends, course.runs), (0, 0, 0));
        assert!(course.waits.is_empty() && course.domains.is_empty());
    }
}
