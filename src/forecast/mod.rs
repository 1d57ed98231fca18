//! What a send will do, found out before it does it: its code, under a clock that only counts.
//!
//! Connections take letters in the order in which those of a send do, and rates, days and warm-up are asked of the
//! very code that a send asks. Where it ends with letters left, the next run begins as soon as there is room
//! and the timer calls.
//!
//! What no file says is not foreseen: how fast the relay is (a letter takes as long as is assumed, or no time), who
//! is refused or deferred, and whether the relay will want fewer connections. Several machines that send
//! together count as one.

mod letters;
mod past;
mod run;
mod tally;

pub use letters::Letters;
pub use past::Past;
pub use tally::{Cause, Course, Served};

use std::time::Duration;

use crate::deliver::{Allowance, Limit, Pace};
use crate::publication::Rate;
use run::{Left, Run};
use tally::Tally;

/// How a send is done.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// How many connections work side by side.
    pub connections: usize,
    /// How many letters are on their way over one connection at once.
    pub window: usize,
    /// The relay's rate.
    pub rate: Option<Rate>,
    /// Those of single recipient domains.
    pub per_domain: Vec<(String, Rate)>,
    /// How many letters go in a day.
    pub allowance: Allowance,
    /// How long a letter takes on its connection.
    pub letter_time: Duration,
}

/// How long the timer of `franking systemd` waits behind a run that has left something.
const AGAIN: i64 = 60;

/// What becomes of `letters` when a send of theirs begins at `start`, in Unix seconds, after what was sent before.
pub fn forecast(mut letters: Letters, terms: &Terms, mut past: Past, start: i64) -> Course {
    letters.sort();
    let mut tally = Tally::new(letters.domains().len(), start);
    let mut begin = start;
    while let Some(due) = letters.due() {
        let room = room(&terms.allowance, &past, begin);
        let run = Run::new(terms, room.map(|room| room.letters), begin);
        let pace = Pace::new(terms.rate, terms.per_domain.iter().cloned());
        let left = run.work(&mut letters, pace, &mut past, &mut tally);
        let end = tally.ends();
        let room = room_behind(&terms.allowance, &past, end);
        let (next, cause) = match (left, room) {
            (Left::Nothing, _) => break,
            (Left::Later, _) => (letters.due().unwrap_or(due), Cause::Later),
            (Left::Budget, Some((again, limit))) => (again, cause(limit)),
            (Left::Budget, None) => (end, Cause::Daily),
        };
        begin = next.max(end.max(begin) + AGAIN);
        tally.pause(begin, cause);
    }
    tally.course(letters.into_domains(), past)
}

fn cause(limit: Limit) -> Cause {
    match limit {
        Limit::Daily => Cause::Daily,
        Limit::WarmUp(_) => Cause::WarmUp,
    }
}

fn room(allowance: &Allowance, past: &Past, now: i64) -> Option<crate::deliver::Room> {
    let Ok(room) = allowance.room(now, past);
    room
}

/// When there is room again behind a run, and what was in the way.
fn room_behind(allowance: &Allowance, past: &Past, end: i64) -> Option<(i64, Limit)> {
    let room = room(allowance, past, end)?;
    let again = if room.letters > 0 { end } else { room.again };
    Some((again, room.limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::DAY;

    fn letters<'a>(domains: impl IntoIterator<Item = &'a str>) -> Letters {
        let mut letters = Letters::default();
        for domain in domains {
            letters.add(domain, None);
        }
        letters
    }

    fn terms(connections: usize) -> Terms {
        Terms {
            connections,
            window: 1,
            ..Terms::default()
        }
    }

    fn foresee(letters: Letters, terms: &Terms) -> Course {
        forecast(letters, terms, Past::default(), 0)
    }

    #[test]
    fn a_rate_gives_what_a_second_allows_at_once_and_the_others_one_by_one() {
        let terms = Terms {
            rate: Some("10/s".parse().unwrap()),
            ..terms(4)
        };
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
            ..terms(2)
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
            ..terms(4)
        };
        let course = foresee(letters(["a.example"; 400]), &terms);
        assert_eq!(course.ends, 10);
        assert_eq!(course.waits[0].0, Cause::Relay);
    }

    #[test]
    fn what_is_to_be_tried_later_is_tried_then() {
        let mut letters = letters(["a.example"; 3]);
        letters.add("b.example", Some(7_200));
        let course = foresee(letters, &terms(1));
        assert_eq!((course.ends, course.runs), (7_200, 2));
        assert_eq!(course.waits, [(Cause::Later, Duration::from_secs(7_200))]);
    }

    #[test]
    fn days_follow_each_other_until_all_have_it() {
        let terms = Terms {
            rate: Some("3600/h".parse().unwrap()),
            allowance: Allowance {
                daily: Some(1_000),
                warm_up: vec![100, 500],
            },
            ..terms(4)
        };
        let course = foresee(letters(["a.example"; 3_000]), &terms);
        let by_day = (0..5).map(|day| course.past.foreseen_between(day * DAY, (day + 1) * DAY));
        assert_eq!(by_day.collect::<Vec<_>>(), [100, 500, 1_000, 1_000, 400]);
        let waits: Vec<Cause> = course.waits.iter().map(|wait| wait.0).collect();
        assert_eq!(waits, [Cause::WarmUp, Cause::Daily, Cause::Rate]);
    }

    #[test]
    fn nothing_to_send_takes_no_time() {
        let course = foresee(Letters::default(), &terms(4));
        assert_eq!((course.begins, course.ends, course.runs), (0, 0, 0));
        assert!(course.waits.is_empty() && course.domains.is_empty());
    }
}
