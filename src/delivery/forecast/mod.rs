//! What a send will do, found out before it does it: its code, under a clock that only counts.
//!
//! Connections take letters in the order in which those of a send do, and rates, days and warm-up are asked of the
//! very code that a send asks. Where it ends with letters left, the next run begins as soon as there is room
//! and the timer calls.
//!
//! What no file says is not foreseen: how fast the relay is (a letter takes as long as is assumed, or no time), who
//! is refused or deferred, and whether the relay will want fewer connections. Several machines that send
//! together count as one.

mod budget;
mod messages;
mod past;
mod run;
mod tally;

pub use messages::Letters;
pub use past::Past;
pub use tally::{Cause, Course, Served};

use std::time::Duration;

use crate::newsletter::config::Rate;
use crate::store::{Limit, Quota, QuotaLimits};
use run::{Left, Run};
use tally::Tally;

/// How a send is done.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The relays, and how each is used.
    pub lanes: Vec<RelayForecast>,
    /// How many letters are on their way over one connection at once.
    pub window: usize,
    /// The rates of single recipient domains.
    pub per_domain: Vec<(String, Rate)>,
    /// How long a letter takes on its connection.
    pub letter_time: Duration,
}

/// How a relay is used.
#[derive(Debug, Clone, Default)]
pub struct RelayForecast {
    /// How many connections work side by side.
    pub connections: usize,
    /// The relay's rate.
    pub rate: Option<Rate>,
    /// How many letters go in a day.
    pub allowance: QuotaLimits,
    /// What went over it before.
    pub past: Past,
}

/// How long the timer of `franking systemd` waits behind a run that has left something.
const AGAIN: i64 = 60;

/// What becomes of `letters` when a send of theirs begins at `start`, in Unix seconds.
pub fn forecast(mut letters: Letters, terms: &Terms, start: i64) -> Course {
    letters.sort();
    let mut tally = Tally::new(letters.domains().len(), start);
    let mut pasts: Vec<Past> = terms.lanes.iter().map(|lane| lane.past.clone()).collect();
    let mut begin = start;
    while let Some(due) = letters.due() {
        let left = Run::new(terms, &pasts, begin).work(&mut letters, &mut pasts, &mut tally);
        let end = tally.ends();
        let (next, cause) = match left {
            Left::Nothing => break,
            Left::Later => (letters.due().unwrap_or(due), Cause::Later),
            Left::Budget => again(terms, &pasts, end),
        };
        begin = next.max(end.max(begin) + AGAIN);
        tally.pause(begin, cause);
    }
    tally.course(letters.into_domains(), pasts)
}

/// How many messages may go over a route; `None` without a limit.
fn room(lane: &RelayForecast, past: &Past, now: i64) -> Option<Quota> {
    let Ok(quota) = lane.allowance.quota_at(now, past);
    quota
}

/// When there is room again behind a run, over whichever lane has it first, and what was in the way.
fn again(terms: &Terms, pasts: &[Past], end: i64) -> (i64, Cause) {
    let rooms = terms.lanes.iter().zip(pasts);
    let rooms = rooms.filter_map(|(lane, past)| room(lane, past, end));
    let again = |quota: &Quota| {
        if quota.messages > 0 {
            end
        } else {
            quota.resets_at
        }
    };
    let first = rooms.min_by_key(again);
    first.map_or((end, Cause::Daily), |room| {
        let cause = match room.limit {
            Limit::Daily => Cause::Daily,
            Limit::WarmUp(_) => Cause::WarmUp,
        };
        (again(&room), cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DAY;

    fn letters<'a>(domains: impl IntoIterator<Item = &'a str>) -> Letters {
        let mut letters = Letters::default();
        for domain in domains {
            letters.add(domain, None);
        }
        letters
    }

    fn lane(connections: usize) -> RelayForecast {
        RelayForecast {
            connections,
            ..RelayForecast::default()
        }
    }

    fn terms(lane: RelayForecast) -> Terms {
        Terms {
            lanes: vec![lane],
            window: 1,
            ..Terms::default()
        }
    }

    fn foresee(letters: Letters, terms: &Terms) -> Course {
        forecast(letters, terms, 0)
    }

    #[test]
    fn a_rate_gives_what_a_second_allows_at_once_and_the_others_one_by_one() {
        let terms = terms(RelayForecast {
            rate: Some("10/s".parse().unwrap()),
            ..lane(4)
        });
        let course = foresee(letters(["a.example"; 100]), &terms);
        assert_eq!((course.begins, course.ends), (0, 9));
        assert_eq!(course.waits[0].0, Cause::Rate);
        assert_eq!(course.waits[0].1.as_secs_f64(), 9.0);
    }

    #[test]
    fn letters_behind_a_slow_domain_wait_for_it_as_they_do_in_a_send() {
        let slow = ("slow.example".to_owned(), "1/s".parse().unwrap());
        let terms = Terms {
            per_domain: vec![slow],
            ..terms(lane(2))
        };
        let mixed = ["slow.example", "fast.example"]
            .into_iter()
            .cycle()
            .take(80);
        let course = foresee(letters(mixed), &terms);
        let served = |name: &str| course.domains.iter().find(|d| d.name == name).unwrap();
        assert_eq!(served("slow.example").ends, 39);
        assert!(served("fast.example").ends > 35);
        assert_eq!(served("fast.example").letters, 40);
        assert!(matches!(course.waits[0].0, Cause::Domain(_)));
    }

    #[test]
    fn a_relay_that_needs_time_is_used_by_all_connections() {
        let terms = Terms {
            letter_time: Duration::from_millis(100),
            ..terms(lane(4))
        };
        let course = foresee(letters(["a.example"; 400]), &terms);
        assert_eq!(course.ends, 10);
        assert_eq!(course.waits[0].0, Cause::Relay);
    }

    #[test]
    fn what_is_to_be_tried_later_is_tried_then() {
        let mut letters = letters(["a.example"; 3]);
        letters.add("b.example", Some(7_200));
        let course = foresee(letters, &terms(lane(1)));
        assert_eq!((course.ends, course.runs), (7_200, 2));
        assert_eq!(course.waits, [(Cause::Later, Duration::from_secs(7_200))]);
    }

    #[test]
    fn days_follow_each_other_until_all_have_it() {
        let terms = terms(RelayForecast {
            rate: Some("3600/h".parse().unwrap()),
            allowance: QuotaLimits {
                daily: Some(1_000),
                warm_up: vec![100, 500],
            },
            ..lane(4)
        });
        let course = foresee(letters(["a.example"; 3_000]), &terms);
        let by_day = (0..5).map(|day| course.between(day * DAY, (day + 1) * DAY));
        assert_eq!(by_day.collect::<Vec<_>>(), [100, 500, 1_000, 1_000, 400]);
        let waits: Vec<Cause> = course.waits.iter().map(|wait| wait.0).collect();
        assert_eq!(waits, [Cause::WarmUp, Cause::Daily, Cause::Rate]);
    }

    #[test]
    fn each_relay_has_its_connections_its_rate_and_its_days() {
        let new = RelayForecast {
            allowance: QuotaLimits {
                warm_up: vec![100],
                ..QuotaLimits::default()
            },
            rate: Some("10/s".parse().unwrap()),
            ..lane(1)
        };
        let old = RelayForecast {
            rate: Some("1/s".parse().unwrap()),
            ..lane(3)
        };
        let both = Terms {
            lanes: vec![new, old],
            window: 1,
            ..Terms::default()
        };
        let course = foresee(letters(["a.example"; 160]), &both);
        // The warm-up's hundred take 9 seconds, in which the other has had ten or so of its sixty.
        assert_eq!((course.letters.clone(), course.runs), (vec![100, 60], 1));
        assert_eq!(course.ends, 59);
    }

    #[test]
    fn nothing_to_send_takes_no_time() {
        let course = foresee(Letters::default(), &terms(lane(4)));
        assert_eq!((course.begins, course.ends, course.runs), (0, 0, 0));
        assert!(course.waits.is_empty() && course.domains.is_empty());
    }
}
