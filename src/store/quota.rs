//! The remaining quota of a relay: the messages that `daily` and the warm-up still allow.
//!
//! It reads neither a clock nor the ledger: the time and the history are parameters.

/// 24 hours, in seconds.
pub const DAY: i64 = 24 * 60 * 60;

/// The quota settings of a relay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotaLimits {
    /// The maximum number of messages in any 24 hours.
    pub daily: Option<usize>,
    /// The maximum numbers of messages in the first, second, … 24 hours after the first message of all.
    pub warm_up: Vec<usize>,
}

/// The messages that were sent before. All times are in Unix seconds.
pub trait History {
    /// The error of reading it.
    type Error;

    /// The time of the first message of all.
    ///
    /// # Errors
    /// When it cannot be read.
    fn first(&self) -> Result<Option<i64>, Self::Error>;

    /// How many messages were sent after `moment`, and when the first of them was.
    ///
    /// # Errors
    /// When it cannot be read.
    fn since(&self, moment: i64) -> Result<(usize, Option<i64>), Self::Error>;
}

/// The setting that limits the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `daily`.
    Daily,
    /// `warm_up`, with the number of its day, from 1.
    WarmUp(usize),
}

/// The remaining quota at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many messages may still be sent.
    pub messages: usize,
    /// The setting that allows no more.
    pub limit: Limit,
    /// When the quota grows again, in Unix seconds, if no message is sent before.
    pub resets_at: i64,
}

impl QuotaLimits {
    /// Whether there is no limit.
    pub fn is_unlimited(&self) -> bool {
        self.daily.is_none() && self.warm_up.is_empty()
    }

    /// The settings as text, such as `daily 20, warm-up 5, 12`: a stored quota is valid for the same text only.
    pub(super) fn terms(&self) -> String {
        let daily = self.daily.map(|daily| format!("daily {daily}"));
        let warm_up = self.warm_up.iter().map(usize::to_string);
        let warm_up = Some(warm_up.collect::<Vec<_>>().join(", "));
        let warm_up = warm_up.filter(|days| !days.is_empty());
        let warm_up = warm_up.map(|days| format!("warm-up {days}"));
        let both: Vec<_> = daily.into_iter().chain(warm_up).collect();
        both.join(", ")
    }

    /// The remaining quota at `now`; `None` means unlimited.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn quota_at<H: History>(&self, now: i64, history: &H) -> Result<Option<Quota>, H::Error> {
        let quotas = [self.of_day(now, history)?, self.of_warm_up(now, history)?];
        // If neither setting allows a message, the one that does so for longer counts.
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

    /// A day of the warm-up ends after 24 hours even if its quota was not used, so the start of each day is known in
    /// advance.
    fn of_warm_up<H: History>(&self, now: i64, history: &H) -> Result<Option<Quota>, H::Error> {
        if self.warm_up.is_empty() {
            return Ok(None);
        }
        let first = history.first()?.unwrap_or(now);
        // If the clock was set back, the first message is in the future.
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

    /// The times of messages, in order.
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
    fn the_days_of_a_warm_up_begin_with_the_first_message() {
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
