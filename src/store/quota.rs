//! How many messages may go now: what the last 24 hours leave of the day's, and the warm-up of its day's.
//!
//! No clock in here and no ledger: the moment is given, and what was handed over is asked for.

/// 24 hours, in seconds.
pub const DAY: i64 = 24 * 60 * 60;

/// What a relay's host allows in a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotaLimits {
    /// The most messages in any 24 hours.
    pub daily: Option<usize>,
    /// The most messages in the first, the second, … 24 hours since the first letter of all.
    pub warm_up: Vec<usize>,
}

/// What was handed over before, in Unix seconds.
pub trait History {
    /// Why it could not be read.
    type Error;

    /// When the first letter of all was.
    ///
    /// # Errors
    /// When it cannot be read.
    fn first(&self) -> Result<Option<i64>, Self::Error>;

    /// How many messages there were behind a moment, and when the first of them was.
    ///
    /// # Errors
    /// When it cannot be read.
    fn since(&self, moment: i64) -> Result<(usize, Option<i64>), Self::Error>;
}

/// What ends a day's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `daily`.
    Daily,
    /// `warm_up`, and which of its days it is, from 1.
    WarmUp(usize),
}

/// How many messages may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many there are.
    pub messages: usize,
    /// What allows no more.
    pub limit: Limit,
    /// When it allows more resets_at, in Unix seconds, if no letter goes before.
    pub resets_at: i64,
}

impl QuotaLimits {
    /// Whether there is no limit.
    pub fn is_unlimited(&self) -> bool {
        self.daily.is_none() && self.warm_up.is_empty()
    }

    /// In a few words, by which it is known resets_at: `daily 20, warm-up 5, 12`.
    pub(super) fn terms(&self) -> String {
        let daily = self.daily.map(|daily| format!("daily {daily}"));
        let warm_up = self.warm_up.iter().map(usize::to_string);
        let warm_up = Some(warm_up.collect::<Vec<_>>().join(", "));
        let warm_up = warm_up.filter(|days| !days.is_empty());
        let warm_up = warm_up.map(|days| format!("warm-up {days}"));
        let both: Vec<_> = daily.into_iter().chain(warm_up).collect();
        both.join(", ")
    }

    /// How many messages may go at `now`; `None`: as many as anybody likes.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn quota_at<H: History>(&self, now: i64, history: &H) -> Result<Option<Quota>, H::Error> {
        let quotas = [self.of_day(now, history)?, self.of_warm_up(now, history)?];
        // Of two that allow nothing, the one that does so for longer.
        let tightest = |quota: &Quota| (quota.messages, std::cmp::Reverse(quota.resets_at));
        Ok(quotas.into_iter().flatten().min_by_key(tightest))
    }

    fn of_day<H: History>(&self, now: i64, history: &H) -> Result<Option<Quota>, H::Error> {
        let Some(daily) = self.daily else {
            return Ok(None);
        };
        let (sent, first) = history.since(now - DAY)?;
        Ok(Some(Quota {
            messages: daily.saturating_sub(sent),
            limit: Limit::Daily,
            resets_at: first.unwrap_or(now) + DAY,
        }))
    }

    /// A day of the warm-up is over after 24 hours, whether it was used or not: when each begins can be told
    /// beforehand.
    fn of_warm_up<H: History>(&self, now: i64, history: &H) -> Result<Option<Quota>, H::Error> {
        if self.warm_up.is_empty() {
            return Ok(None);
        }
        let first = history.first()?.unwrap_or(now);
        // A clock that was set back makes nothing of a letter from the future.
        let days = (now - first).max(0) / DAY;
        let day = usize::try_from(days).unwrap_or(usize::MAX);
        let Some(most) = self.warm_up.get(day) else {
            return Ok(None);
        };
        let begin = first + days * DAY;
        let (sent, _) = history.since(begin - 1)?;
        Ok(Some(Quota {
            messages: most.saturating_sub(sent),
            limit: Limit::WarmUp(day + 1),
            resets_at: begin + DAY,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of messages, in their order.
    struct Sent(Vec<i64>);

    impl History for Sent {
        type Error = std::convert::Infallible;
        fn first(&self) -> Result<Option<i64>, Self::Error> {
            Ok(self.0.first().copied())
        }
        fn since(&self, moment: i64) -> Result<(usize, Option<i64>), Self::Error> {
            let from = self.0.partition_point(|at| *at <= moment);
            Ok((self.0.len() - from, self.0.get(from).copied()))
        }
    }

    fn quota(limits: &QuotaLimits, now: i64, sent: &[i64]) -> Option<(usize, Limit, i64)> {
        let Ok(quota) = limits.quota_at(now, &Sent(sent.to_vec()));
        quota.map(|quota| (quota.messages, quota.limit, quota.resets_at))
    }

    #[test]
    fn a_warm_up_has_days_from_the_first_letter_on() {
        let slow = QuotaLimits {
            warm_up: vec![2, 4],
            ..QuotaLimits::default()
        };
        let day = |number| Limit::WarmUp(number);
        assert_eq!(quota(&slow, 7, &[]), Some((2, day(1), 7 + DAY)));
        assert_eq!(quota(&slow, 9, &[7, 7]), Some((0, day(1), 7 + DAY)));
        let second = quota(&slow, 7 + DAY, &[7, 7]);
        assert_eq!(second, Some((4, day(2), 7 + 2 * DAY)));
        let next = quota(&slow, 8 + DAY, &[7, 7, 7 + DAY]);
        assert_eq!(next, Some((3, day(2), 7 + 2 * DAY)));
        assert_eq!(quota(&slow, 7 + 2 * DAY, &[7]), None, "it is over");
        assert_eq!(quota(&slow, 0, &[7]), Some((1, day(1), 7 + DAY)));
    }

    #[test]
    fn of_both_limits_the_tighter_one_counts() {
        let both = QuotaLimits {
            daily: Some(4),
            warm_up: vec![2, 4],
        };
        let first = quota(&both, 7, &[7, 7]);
        assert_eq!(first, Some((0, Limit::WarmUp(1), 7 + DAY)));
        let late = DAY + 6;
        let second = quota(&both, 8 + DAY, &[7, late, late, 8 + DAY]);
        assert_eq!(second, Some((1, Limit::Daily, late + DAY)));
        let after = quota(&both, 8 + 2 * DAY, &[7]);
        assert_eq!(after, Some((4, Limit::Daily, 8 + 3 * DAY)));
    }
}
