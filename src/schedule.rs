//! What is due when. Pure: the moment is given.

use jiff::{SignedDuration, Timestamp};

use crate::issue::Moment;
use crate::store::Send;

/// How late an issue may begin where nobody says otherwise.
pub const MAX_LATE: SignedDuration = SignedDuration::from_hours(6);

/// An issue that says when it is to go out.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The issue's name.
    pub issue: String,
    /// When it is to go out; `None` for a send that was begun by hand.
    pub at: Option<Moment>,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a scheduled issue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody can tell when: its file cannot be read, or names no moment that exists.
    Unclear,
    /// Its moment has not come.
    Waiting,
    /// Its moment has come.
    Due,
    /// Its moment came too long ago: somebody has to decide.
    Missed,
    /// It has begun for one reader alone: somebody has to decide about the others.
    Held,
    /// It has begun, and something is left to do.
    Begun,
    /// It is done.
    Sent,
}

impl Standing {
    /// The word that lists show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unclear => "unclear",
            Self::Waiting => "waiting",
            Self::Due => "due",
            Self::Missed => "missed",
            Self::Held => "held",
            Self::Begun => "begun",
            Self::Sent => "sent",
        }
    }
}

/// Where an issue stands that is to go out `at`, and whose send is `send` if it has begun.
///
/// What has begun is resumed however late it is: half of the readers have it already.
pub fn standing(
    at: Option<Timestamp>,
    send: Option<&Send>,
    now: Timestamp,
    max_late: SignedDuration,
) -> Standing {
    match (send, at) {
        (Some(send), _) if send.finished_at.is_some() => Standing::Sent,
        (Some(send), _) if send.is_held => Standing::Held,
        (Some(_), _) => Standing::Begun,
        (None, None) => Standing::Unclear,
        (None, Some(at)) if now < at => Standing::Waiting,
        (None, Some(at)) if now.duration_since(at) > max_late => Standing::Missed,
        (None, Some(_)) => Standing::Due,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::OnUncertain;

    #[test]
    fn a_slot_is_due_once_and_not_too_late() {
        let at: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let late = SignedDuration::from_hours(6);
        let after = |hours| at + SignedDuration::from_hours(hours);
        assert_eq!(standing(Some(at), None, after(-1), late), Standing::Waiting);
        assert_eq!(standing(Some(at), None, at, late), Standing::Due);
        assert_eq!(standing(Some(at), None, after(6), late), Standing::Due);
        assert_eq!(standing(Some(at), None, after(7), late), Standing::Missed);
        let mut send = Send {
            id: 1,
            issue: "a".to_owned(),
            digest: String::new(),
            subject: String::new(),
            started_at: 0,
            finished_at: None,
            on_uncertain: OnUncertain::Hold,
            is_held: true,
        };
        assert_eq!(
            standing(Some(at), Some(&send), after(0), late),
            Standing::Held
        );
        send.is_held = false;
        assert_eq!(
            standing(Some(at), Some(&send), after(99), late),
            Standing::Begun
        );
        send.finished_at = Some(1);
        assert_eq!(
            standing(Some(at), Some(&send), after(99), late),
            Standing::Sent
        );
    }
}
