//! What kills a sender at a moment of its dialogue with the relay, and the chance that chooses the moment.

use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where in the dialogue the sender dies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moment {
    /// The relay has the message, the sender has no reply: certainly in doubt.
    BeforeReply,
    /// DATA is out; whether the intent is on the disk is a matter of luck.
    AtData,
    /// The first line of the message is out.
    InMessage,
    /// The reply is on its way while the sender dies.
    BehindReply,
}

pub const MOMENTS: [Moment; 4] = [
    Moment::BeforeReply,
    Moment::AtData,
    Moment::InMessage,
    Moment::BehindReply,
];

/// Kills a sender at a moment of its dialogue.
#[derive(Default)]
pub struct Gun {
    kept: AtomicUsize,
    aim: Mutex<Aim>,
}

#[derive(Default)]
struct Aim {
    sender: Option<Child>,
    /// How many messages are kept before the shot, and its moment; gone when it has been fired.
    shot: Option<(usize, Moment)>,
}

impl Gun {
    /// Takes the sender, to be killed at `moment` when the relay has kept `count` messages in all.
    pub fn aim(&self, sender: Child, count: usize, moment: Moment) {
        *self.lock() = Aim {
            sender: Some(sender),
            shot: Some((count, moment)),
        };
    }

    /// Gives the sender back, however it ended, and fires no more.
    pub fn take_down(&self) -> Child {
        let mut aim = self.lock();
        aim.shot = None;
        aim.sender.take().expect("a sender was aimed at")
    }

    /// The relay has kept so many messages, and has not said so yet.
    pub fn kept(&self, count: usize) {
        self.kept.store(count, Ordering::SeqCst);
        self.pass(Moment::BeforeReply);
        self.pass(Moment::BehindReply);
    }

    /// Fires if this is the moment. Apart from `BehindReply` the sender is dead when this returns.
    pub fn pass(&self, moment: Moment) {
        let mut aim = self.lock();
        let kept = self.kept.load(Ordering::SeqCst);
        if aim
            .shot
            .is_none_or(|shot| kept < shot.0 || moment != shot.1)
        {
            return;
        }
        aim.shot = None;
        let Some(sender) = &mut aim.sender else {
            return;
        };
        sender.kill().expect("the sender is a child of this test");
        if moment != Moment::BehindReply {
            sender.wait().expect("the sender is a child of this test");
        }
    }

    /// Fires whatever the moment.
    pub fn fire(&self) {
        if let Some(sender) = &mut self.lock().sender {
            sender.kill().expect("the sender is a child of this test");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Aim> {
        self.aim
            .lock()
            .expect("nobody has panicked with the gun in hand")
    }
}

/// What all chance of a test comes from. `KILL_SEED` repeats a run.
pub fn seed() -> u64 {
    let seed = match std::env::var("KILL_SEED") {
        Ok(seed) => seed.parse().expect("KILL_SEED is a number"),
        Err(_) => jiff::Timestamp::now().as_millisecond().unsigned_abs(),
    };
    // The test harness shows this where the test fails.
    eprintln!("KILL_SEED={seed}");
    seed
}

/// The finisher of SplitMix64.
pub fn scrambled(seed: u64) -> usize {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 8) as usize
}
