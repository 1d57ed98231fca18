//! What an SMTP reply means for a delivery. Pure: no clock, no network.
//!
//! A 5xx reply does not prove that an address is dead. Among labelled replies, 94 of 100 with 5.1.1 meant a dead
//! mailbox, but only 45 of 100 with 550, 5 of 100 with 5.7.1, and none with 5.2.2. So each outcome has a scope, and only
//! a reply about the mailbox itself suppresses the address.

mod classify;
mod phrases;
mod reject;
mod reply;
mod statuses;

pub use classify::{classify, is_about_parameters, lost};
pub use reject::{RejectReason, SuppressionThreshold};
pub use reply::{Diagnostic, EnhancedStatus, InvalidEnhancedStatus, Reply};

/// The stage of an SMTP session in which a reply was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SmtpStage {
    /// From the connection to the reply to EHLO, TLS included.
    Connect,
    /// AUTH.
    Authenticate,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA, before the message.
    Data,
    /// The message: from its first byte to the reply to the final dot.
    Message,
}

impl std::fmt::Display for SmtpStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Authenticate => "login",
            Self::Mail => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Message => "the message",
        })
    }
}

/// What a deferral is about, and so what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This address only.
    Address,
    /// The connection: it was lost, or its replies are out of step.
    Connection,
    /// The session: the relay closed it, or accepts no more messages in it. A new session continues at once.
    Session,
    /// The relay: it accepts fewer messages or connections for now.
    Relay,
    /// The recipient's domain: it wants a pause, whatever the recipient.
    Domain,
    /// The sender: TLS, a login, or the permission to relay is missing. From one recipient it proves nothing; from
    /// all of them it is a configuration error.
    Sender,
    /// The campaign: its own settings are wrong.
    Campaign,
}

/// The result of one attempt to deliver a message.
///
/// # Examples
///
/// ```
/// use franking::Outcome;
/// use franking::outcome::{Reply, SmtpStage, classify};
///
/// let reply = Reply::new(550, ["5.1.1 no such user"]);
/// let outcome = classify(SmtpStage::Recipient, &reply);
/// assert!(matches!(outcome, Outcome::Refused { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay accepted the message.
    Accepted(Reply),
    /// A temporary failure: the delivery is retried.
    Deferred(Scope, Diagnostic),
    /// A permanent failure.
    Refused {
        /// The reply.
        diagnostic: Diagnostic,
        /// What it says about the recipient.
        reason: RejectReason,
        /// Whether it is about a policy (5.7.x, 554) and not about a mailbox. Many of these are about the sender.
        is_policy: bool,
    },
    /// The campaign must stop; the address is not affected.
    Stop(Diagnostic),
    /// The connection was lost after the last byte of the message and before the reply, so delivery cannot be known.
    Uncertain(Diagnostic),
}

impl Outcome {
    /// `accepted`, `deferred`, `refused`, `uncertain`, or `stopped` for a reply that ends the run.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Deferred(..) => "deferred",
            Self::Refused { .. } => "refused",
            Self::Stop(_) => "stopped",
            Self::Uncertain(_) => "uncertain",
        }
    }

    /// The reply, or what happened instead.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Accepted(reply) => reply.into(),
            Self::Deferred(_, diagnostic)
            | Self::Refused { diagnostic, .. }
            | Self::Stop(diagnostic)
            | Self::Uncertain(diagnostic) => diagnostic.clone(),
        }
    }
}
