//! The retry schedule of deferred deliveries.

use std::time::Duration;

/// How long a delivery is retried after its first attempt; then it counts as refused.
pub const GIVE_UP: Duration = Duration::from_secs(48 * 3600);

const WAITS_IN_MINUTES: [u64; 5] = [5, 15, 45, 120, 240];

/// When a deferred delivery is tried again, and how long a run waits for it.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// The wait after attempt number `attempt`. The second argument is a seed that spreads the waits.
    pub wait: fn(u32, u64) -> Duration,
    /// How long a run waits for a try that is not due yet; a later one is left to the next run.
    pub patience: Duration,
    /// The waits in seconds before another connection is tried; after the last, the relay is unreachable.
    pub reconnect: &'static [u64],
}

impl Retry {
    /// For relays: minutes to hours between tries, as greylisting requires.
    pub const NORMAL: Self = Self {
        wait,
        patience: Duration::ZERO,
        reconnect: &[1, 2, 4, 8],
    };

    /// For the SMTP sink of `demo`, which is never busy.
    pub const QUICK: Self = Self {
        wait: |_, _| Duration::ZERO,
        patience: Duration::from_secs(5),
        reconnect: &[],
    };
}

/// The wait after attempt number `attempt`, spread by up to a tenth with `seed`, so that a thousand greylisted recipients
/// of one host are not all retried in the same second.
fn wait(attempt: u32, seed: u64) -> Duration {
    let last = WAITS_IN_MINUTES.len() - 1;
    let step = usize::try_from(attempt.saturating_sub(1)).map_or(last, |step| step.min(last));
    let seconds = WAITS_IN_MINUTES[step] * 60;
    let spread = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (seconds / 10);
    Duration::from_secs(seconds + spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_differ_by_a_tenth_at_most() {
        for seed in 0..100 {
            let first = wait(1, seed).as_secs();
            assert!((300..330).contains(&first), "{first}");
            assert!(wait(9, seed) >= Duration::from_secs(240 * 60));
        }
        assert_ne!(wait(1, 1), wait(1, 2));
    }
}
