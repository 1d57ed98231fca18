//! What kills a sender at a moment of its dialogue with the relay.

use std::io::{self, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where in the dialogue the sender dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// It is connected and has not heard the greeting.
    BeforeHello,
    /// MAIL is out; whether the intent is on the disk is a matter of luck.
    AtMail,
    /// DATA is out, or a chunk with all of the message; of the intent as above.
    AtData,
    /// The first line of the message is out, and the others are lost: certainly in doubt.
    InMessage,
    /// The relay has the message, the sender has no reply: certainly in doubt.
    BeforeReply,
    /// The reply is out; whether the sender has written it down is a matter of luck.
    AfterReply,
    /// The last word; of the last reply as above.
    AtQuit,
}

impl CrashPoint {
    /// Those that come again with every letter.
    pub const OF_A_MESSAGE: [Self; 5] = [
        Self::BeforeReply,
        Self::AtData,
        Self::InMessage,
        Self::AfterReply,
        Self::AtMail,
    ];
}

/// A moment, behind so many messages that the relay has kept in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// How many messages the relay must have kept.
    pub kept: usize,
    /// What must come then.
    pub moment: CrashPoint,
}

/// Kills one sender at a time.
#[derive(Debug, Default)]
pub struct CrashInjector {
    kept: AtomicUsize,
    aim: Mutex<Aim>,
}

#[derive(Debug, Default)]
struct Aim {
    sender: Option<Child>,
    /// Gone when it has been fired.
    shot: Option<Crash>,
}

/// A sender that is running and may be killed.
#[derive(Debug)]
pub struct RunningSender<'a> {
    gun: &'a CrashInjector,
    stderr: ChildStderr,
}

/// How a sender ended, and what it wrote to stderr.
#[derive(Debug)]
pub struct SenderExit {
    /// Its end: a code, or the signal that killed it.
    pub status: ExitStatus,
    /// Its talk.
    pub said: String,
}

impl CrashInjector {
    /// Starts a sender, to be killed by `shot`, if at all.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(
        &self,
        command: &mut Command,
        shot: Option<Crash>,
    ) -> io::Result<RunningSender<'_>> {
        // Held, so that no moment passes before the sender is known here.
        let mut aim = self.lock();
        let mut sender = command.stderr(Stdio::piped()).spawn()?;
        let stderr = sender.stderr.take();
        *aim = Aim {
            sender: Some(sender),
            shot,
        };
        let stderr = stderr.ok_or_else(|| io::Error::other("its stderr is not piped"))?;
        Ok(RunningSender { gun: self, stderr })
    }

    /// The relay has kept so many messages, and has not said so yet.
    pub fn kept(&self, count: usize) {
        self.kept.store(count, Ordering::SeqCst);
        self.pass(CrashPoint::BeforeReply);
    }

    /// Fires if this is the moment; whether it was. The sender is dead when this returns.
    pub fn pass(&self, moment: CrashPoint) -> bool {
        let mut aim = self.lock();
        let kept = self.kept.load(Ordering::SeqCst);
        let is_now = |shot: Crash| kept >= shot.kept && moment == shot.moment;
        let fires = aim.shot.is_some_and(is_now);
        if fires {
            aim.shot = None;
            aim.kill();
        }
        fires
    }

    fn lock(&self) -> MutexGuard<'_, Aim> {
        self.aim.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Aim {
    /// One that has ended already cannot be killed, and need not be.
    fn kill(&mut self) {
        if let Some(sender) = &mut self.sender {
            let _ = sender.kill();
            let _ = sender.wait();
        }
    }
}

impl RunningSender<'_> {
    /// Fires, whatever the moment.
    pub fn fire(&self) {
        self.gun.lock().kill();
    }

    /// Waits for the sender's end, which a shot may bring. Behind it none is fired.
    ///
    /// # Errors
    /// When it cannot be heard or waited for.
    pub fn wait(mut self) -> io::Result<SenderExit> {
        let mut said = Vec::new();
        // Ends with the sender, however that ends.
        self.stderr.read_to_end(&mut said)?;
        let sender = std::mem::take(&mut *self.gun.lock()).sender;
        let mut sender = sender.ok_or_else(|| io::Error::other("another was aimed at"))?;
        Ok(SenderExit {
            status: sender.wait()?,
            said: String::from_utf8_lossy(&said).into_owned(),
        })
    }
}
