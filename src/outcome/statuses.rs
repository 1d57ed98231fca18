//! Enhanced status codes (RFC 3463) by what they are about.

/// Class, subject and detail.
type StatusClass = (u16, u16, u16);

/// The sender's settings are wrong (authentication, alignment, PTR). No address is suppressed because of these.
pub(super) const CAMPAIGN_STATUS: [StatusClass; 13] = [
    (4, 7, 26),
    (4, 7, 27),
    (4, 7, 30),
    (4, 7, 32),
    (5, 7, 8),
    (5, 7, 9),
    (5, 7, 25),
    (5, 7, 26),
    (5, 7, 27),
    (5, 7, 30),
    (5, 7, 32),
    (5, 7, 509),
    (5, 7, 515),
];

/// The mailbox does not exist.
pub(super) const DEAD_STATUS: [StatusClass; 5] =
    [(5, 1, 1), (5, 1, 2), (5, 1, 3), (5, 1, 6), (5, 1, 10)];

/// The mailbox does not exist, if the text says so too.
pub(super) const PERHAPS_DEAD_STATUS: [StatusClass; 5] =
    [(5, 2, 1), (5, 5, 0), (5, 1, 0), (5, 0, 0), (5, 3, 0)];

/// The domain accepts fewer messages, or none for a while.
pub(super) const DOMAIN_STATUS: [StatusClass; 4] =
    [(4, 7, 0), (4, 7, 28), (4, 7, 500), (4, 7, 650)];
