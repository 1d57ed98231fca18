//! The crash injector: kills a sender at a given point of its SMTP dialogue.

use std::io::{self, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A point in the SMTP dialogue at which the sender is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// Connected, before the greeting.
    BeforeHello,
    /// After MAIL. The intent may or may not be on disk.
    AtMail,
    /// After DATA, or after BDAT with the whole message. The intent may or may not be on disk.
    AtData,
    /// After the first line of the message; the others are lost. The delivery is uncertain.
    InMessage,
    /// The relay has the message, but has not replied. The delivery is uncertain.
    BeforeReply,
    /// After the reply. The sender may or may not have recorded it.
    AfterReply,
    /// At QUIT. The sender may or may not have recorded the last reply.
    AtQuit,
}

impl CrashPoint {
    /// The crash points that every message passes.
    pub const OF_A_MESSAGE: [Self; 5] = [
        Self::BeforeReply,
        Self::AtData,
        Self::InMessage,
        Self::AfterReply,
        Self::AtMail,
    ];
}

/// A crash to inject: a crash point, after a number of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// How many messages the relay must have stored before.
    pub kept: usize,
    /// The point at which the sender is killed.
    pub point: CrashPoint,
}

/// Kills one sender at a time at a crash point.
#[derive(Debug, Default)]
pub struct CrashInjector {
    kept: AtomicUsize,
    armed: Mutex<Armed>,
}

#[derive(Debug, Default)]
struct Armed {
    sender: Option<Child>,
    /// `None` once it has been injected.
    crash: Option<Crash>,
}

/// A running sender, with a crash armed for it or not.
#[derive(Debug)]
pub struct RunningSender<'a> {
    injector: &'a CrashInjector,
    stderr: ChildStderr,
}

/// The exit status of a sender and its stderr.
#[derive(Debug)]
pub struct SenderExit {
    /// An exit code, or the signal that killed the process.
    pub status: ExitStatus,
    /// Everything that was written to stderr.
    pub stderr: String,
}

impl CrashInjector {
    /// Starts a sender and arms `crash` for it, if there is one.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(
        &self,
        command: &mut Command,
        crash: Option<Crash>,
    ) -> io::Result<RunningSender<'_>> {
        // Locked until the sender is stored, so that no crash point passes before.
        let mut armed = self.lock();
        let mut sender = command.stderr(Stdio::piped()).spawn()?;
        let stderr = sender.stderr.take();
        *armed = Armed {
            sender: Some(sender),
            crash,
        };
        let stderr = stderr.ok_or_else(|| io::Error::other("stderr of the sender is not piped"))?;
        Ok(RunningSender {
            injector: self,
            stderr,
        })
    }

    /// Records that the relay has stored `count` messages, the last of which is not acknowledged yet.
    pub fn kept(&self, count: usize) {
        self.kept.store(count, Ordering::SeqCst);
        self.pass(CrashPoint::BeforeReply);
    }

    /// Passes a crash point: kills the sender if the crash is armed for this point, and returns whether it did. The
    /// process has ended when this returns `true`.
    pub fn pass(&self, point: CrashPoint) -> bool {
        let mut armed = self.lock();
        let kept = self.kept.load(Ordering::SeqCst);
        let is_now = |crash: Crash| kept >= crash.kept && point == crash.point;
        let crashes = armed.crash.is_some_and(is_now);
        if crashes {
            armed.crash = None;
            armed.kill();
        }
        crashes
    }

    fn lock(&self) -> MutexGuard<'_, Armed> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    /// Kills the sender. An error means that it has ended already.
    fn kill(&mut self) {
        if let Some(sender) = &mut self.sender {
            let _ = sender.kill();
            let _ = sender.wait();
        }
    }
}

impl RunningSender<'_> {
    /// Kills the sender now.
    pub fn kill(&self) {
        self.injector.lock().kill();
    }

    /// Waits until the sender exits or is killed, and disarms the injector.
    ///
    /// # Errors
    /// If its stderr cannot be read, or its exit status is not available.
    pub fn wait(mut self) -> io::Result<SenderExit> {
        let mut stderr = Vec::new();
        // Returns when the sender exits or is killed.
        self.stderr.read_to_end(&mut stderr)?;
        let sender = std::mem::take(&mut *self.injector.lock()).sender;
        let mut sender =
            sender.ok_or_else(|| io::Error::other("the injector was armed for another sender"))?;
        Ok(SenderExit {
            status: sender.wait()?,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        })
    }
}
