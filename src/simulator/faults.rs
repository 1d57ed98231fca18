//! Faults of a simulated relay, assigned by recipient, together with the crash points of the dialogue.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::crash::{CrashInjector, CrashPoint};
use crate::simulator::sink::{Answer, Script};

/// A fault of the relay for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No fault.
    None,
    /// 451 to the first RCPT: greylisting.
    Later,
    /// 421 to the first RCPT; the connection is closed.
    Closing,
    /// 550 to every RCPT.
    Dead,
    /// 451 to the first message.
    LaterAtDot,
    /// 552 to every message.
    FullAtDot,
    /// The connection is lost once, before the message.
    LostAtData,
    /// The connection is lost once, within the message.
    LostInMessage,
    /// The connection is lost once, after the final dot and before the reply.
    LostAfterDot,
}

impl Fault {
    /// All faults except [`Fault::None`].
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

/// Assigns a fault to the address of a recipient.
type FaultOf = dyn Fn(&str) -> Fault + Send + Sync;

/// A script that injects faults and reports crash points. [`Script`] is implemented for its `Arc`.
pub struct FaultScript {
    injector: Arc<CrashInjector>,
    fault_of: Box<FaultOf>,
    /// The recipients whose connection the relay has dropped.
    lost: Mutex<BTreeSet<String>>,
}

impl FaultScript {
    /// A script with the faults of `fault_of`. It reports every crash point to `injector` except
    /// [`CrashPoint::BeforeReply`], which follows from [`CrashInjector::kept`].
    pub fn new(
        injector: Arc<CrashInjector>,
        fault_of: impl Fn(&str) -> Fault + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            injector,
            fault_of: Box::new(fault_of),
            lost: Mutex::default(),
        })
    }

    /// Whether the relay permanently rejects this recipient.
    pub fn refuses(&self, address: &str) -> bool {
        matches!(self.fault(address), Fault::Dead | Fault::FullAtDot)
    }

    /// Whether the relay has dropped a connection because of this recipient.
    pub fn lost(&self, address: &str) -> bool {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.contains(address)
    }

    fn fault(&self, address: &str) -> Fault {
        (self.fault_of)(address)
    }

    /// Drops the connection if `fault` is assigned to the recipient and has not occurred yet.
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
            self.injector.pass(CrashPoint::AtQuit);
        }
    }

    fn greeting(&self) -> Answer {
        self.injector.pass(CrashPoint::BeforeHello);
        Answer::Accept
    }

    fn sender(&self, _address: &str) -> Answer {
        self.injector.pass(CrashPoint::AtMail);
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
        self.injector.pass(CrashPoint::AtData);
        self.drops(Fault::LostAtData, address)
    }

    fn first_line(&self, address: &str, _attempt: u32) -> Answer {
        if self.injector.pass(CrashPoint::InMessage) {
            // Data in the kernel's send buffer would still arrive after the sender was killed. Dropping the connection
            // simulates the harder case, in which the message is lost.
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
        self.injector.pass(CrashPoint::AfterReply);
    }
}
