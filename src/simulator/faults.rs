//! What a relay does wrong, reader by reader, while a gun listens.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::crash::{CrashInjector, CrashPoint};
use crate::simulator::sink::{Answer, Script};

/// What a relay does wrong with one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// 451 at RCPT, once: greylisting.
    Later,
    /// 421 at RCPT, once, and the connection ends.
    Closing,
    /// 550 at RCPT.
    Dead,
    /// 451 instead of taking the letter, once.
    LaterAtDot,
    /// 552 instead of taking the letter.
    FullAtDot,
    /// The connection is lost, once, before the letter.
    LostAtData,
    /// The same in the letter.
    LostInMessage,
    /// The same when the relay has the letter and has not said so.
    LostAfterDot,
}

impl Fault {
    /// Each of them but [`Fault::None`].
    pub const ALL: [Self; 8] = [
        Self::Later,
        Self::Closing,
        Self::Dead,
        Self::LaterAtDot,
        Self::FullAtDot,
        Self::LostAtData,
        Self::LostInMessage,
        Self::LostAfterDot,
    ];
}

/// Which fault is whose, by the envelope's address.
type Forecast = dyn Fn(&str) -> Fault + Send + Sync;

/// A relay's faults, and the gun's ears. The script is the `Arc` of it.
pub struct FaultScript {
    gun: Arc<CrashInjector>,
    forecast: Box<Forecast>,
    /// Whose connection the relay has dropped.
    lost: Mutex<BTreeSet<String>>,
}

impl FaultScript {
    /// The faults of `forecast`, and every moment told to `gun`, apart from that of a message that has been kept.
    pub fn new(
        gun: Arc<CrashInjector>,
        forecast: impl Fn(&str) -> Fault + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            gun,
            forecast: Box::new(forecast),
            lost: Mutex::default(),
        })
    }

    /// Whether the relay refuses this reader for good.
    pub fn refuses(&self, address: &str) -> bool {
        matches!(self.fault(address), Fault::Dead | Fault::FullAtDot)
    }

    /// Whether the relay has dropped this reader's connection.
    pub fn lost(&self, address: &str) -> bool {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.contains(address)
    }

    fn fault(&self, address: &str) -> Fault {
        (self.forecast)(address)
    }

    /// Drops the connection if that is this reader's fault, and it is the first time.
    fn drops(&self, fault: Fault, address: &str) -> Answer {
        if self.fault(address) != fault {
            return Answer::Accept;
        }
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match lost.insert(address.to_owned()) {
            true => Answer::Drop,
            false => Answer::Accept,
        }
    }
}

impl Script for Arc<FaultScript> {
    fn heard(&self, command: &str) {
        if command.eq_ignore_ascii_case("QUIT") {
            self.gun.pass(CrashPoint::AtQuit);
        }
    }

    fn greeting(&self) -> Answer {
        self.gun.pass(CrashPoint::BeforeHello);
        Answer::Accept
    }

    fn sender(&self, _address: &str) -> Answer {
        self.gun.pass(CrashPoint::AtMail);
        Answer::Accept
    }

    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match self.fault(address) {
            Fault::Later if attempt == 1 => Answer::Reply(451, "4.7.1 greylisted".to_owned()),
            Fault::Closing if attempt == 1 => Answer::Reply(421, "4.3.2 closing".to_owned()),
            Fault::Dead => Answer::Reply(550, "5.1.1 no such user".to_owned()),
            _ => Answer::Accept,
        }
    }

    fn data(&self, address: &str, _attempt: u32) -> Answer {
        self.gun.pass(CrashPoint::AtData);
        self.drops(Fault::LostAtData, address)
    }

    fn first_line(&self, address: &str, _attempt: u32) -> Answer {
        if self.gun.pass(CrashPoint::InMessage) {
            // What the sender's system has taken over arrives without the sender. A cable that is pulled at the
            // same moment is the harder case: nobody has the letter.
            return Answer::Drop;
        }
        self.drops(Fault::LostInMessage, address)
    }

    fn message(&self, address: &str, attempt: u32) -> Answer {
        match self.fault(address) {
            Fault::LaterAtDot if attempt == 1 => Answer::Reply(451, "4.3.0 busy".to_owned()),
            Fault::FullAtDot => Answer::Reply(552, "5.2.2 mailbox full".to_owned()),
            _ => self.drops(Fault::LostAfterDot, address),
        }
    }

    fn answered(&self, _address: &str) {
        self.gun.pass(CrashPoint::AfterReply);
    }
}
