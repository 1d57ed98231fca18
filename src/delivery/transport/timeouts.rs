//! How long each wait for a relay may last.

use std::time::Duration;

/// The limits of a connection until its session is open. Those after MAIL are constants of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For TCP, and for TLS.
    pub connect: Duration,
    /// For the greeting and each reply before the first MAIL (RFC 5321 section 4.5.3.2).
    pub reply: Duration,
    /// How long a relay may be silent before it is examined: a port for implicit TLS waits for the client.
    pub silence: Duration,
    /// How long deliveries wait for a session, and other connections for the first login.
    pub patience: Duration,
}

impl Timeouts {
    /// Those of a send.
    pub const NORMAL: Self = Self {
        connect: Duration::from_secs(30),
        reply: Duration::from_secs(5 * 60),
        silence: Duration::from_secs(5),
        patience: Duration::from_secs(10),
    };

    /// Those of this build. A debug build reads the two short ones from `FRANKING_TEST_PATIENCE`, in milliseconds, so
    /// that no test has to wait.
    pub fn of_build() -> Self {
        let milliseconds = match cfg!(debug_assertions) {
            true => std::env::var("FRANKING_TEST_PATIENCE").ok(),
            false => None,
        };
        let Some(milliseconds) = milliseconds.and_then(|text| text.parse().ok()) else {
            return Self::NORMAL;
        };
        let short = Duration::from_millis(milliseconds);
        Self {
            silence: short,
            patience: short,
            ..Self::NORMAL
        }
    }
}
