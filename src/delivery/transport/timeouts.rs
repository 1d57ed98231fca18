//! The time limits of a connection.

use std::time::Duration;

/// The time limits until a session is open. Those after MAIL are constants of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the TCP connection, and for the TLS handshake.
    pub connect: Duration,
    /// For the greeting and each reply before the first MAIL (RFC 5321 section 4.5.3.2).
    pub reply: Duration,
    /// How long the greeting may take before the port is probed: a port for implicit TLS waits for the client.
    pub silence: Duration,
    /// How long deliveries wait for a session, and other connections for the first login.
    pub patience: Duration,
}

impl Timeouts {
    /// The limits of a send.
    pub const NORMAL: Self = Self {
        connect: Duration::from_secs(30),
        reply: Duration::from_secs(5 * 60),
        silence: Duration::from_secs(5),
        patience: Duration::from_secs(10),
    };

    /// The limits of this build: [`Timeouts::NORMAL`], but a debug build reads `silence` and `patience` from
    /// `FRANKING_TEST_PATIENCE` if it is set.
    pub fn of_build() -> Self {
        test_patience().map_or(Self::NORMAL, |patience| Self {
            silence: patience,
            patience,
            ..Self::NORMAL
        })
    }
}

/// The value of `FRANKING_TEST_PATIENCE`, in milliseconds, with which tests of a debug build shorten their waits.
fn test_patience() -> Option<Duration> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let text = std::env::var("FRANKING_TEST_PATIENCE").ok()?;
    text.parse().ok().map(Duration::from_millis)
}
