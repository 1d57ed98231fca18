//! Agreement before a campaign begins: by an argument, or by an answer at a terminal. `send --due` needs none, and sends
//! nothing that needs more than the files say.

use super::{RunArguments, SendArguments};
use crate::campaign::Question;
use crate::campaign::schedule::EarlierSend;
use crate::cli::terminal;
use crate::diag::counted;
use crate::store::Send;
use crate::util::{escape, timestamp};
use crate::workspace::{Failure, FailureKind};

/// What the arguments agree to.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Agreement {
    yes: bool,
    confirm: Option<usize>,
    is_due: bool,
    again: bool,
    /// The arguments that select the recipients, for a hint.
    selection: String,
    /// Whether the current files are sent to the recipients who are left.
    is_corrected: bool,
}

impl Agreement {
    /// What the arguments of a run agree to, for the issue as the operator wrote it.
    pub(super) fn new(run: &RunArguments, issue: &str) -> Self {
        Self {
            yes: run.yes,
            confirm: run.confirm,
            selection: escape::shell(issue).to_string(),
            ..Self::default()
        }
    }

    /// The same for `resume --corrected`.
    pub(super) fn correcting(self, is_corrected: bool) -> Self {
        Self {
            is_corrected,
            ..self
        }
    }

    /// What the arguments of `send` agree to.
    pub(super) fn of(arguments: &SendArguments) -> Self {
        let issue = arguments.issue.as_deref().unwrap_or_default();
        let agreed = Self::new(&arguments.run, issue);
        let only = arguments.only.as_deref();
        let only = only.map(|address| format!(" --only {}", escape::shell(address)));
        Self {
            is_due: arguments.due,
            again: arguments.again_as.is_some(),
            selection: agreed.selection + &only.unwrap_or_default(),
            ..agreed
        }
    }

    /// Whether a campaign that begins needs an answer at the terminal.
    pub(super) fn asks(&self) -> bool {
        let is_agreed = self.yes || self.is_due || self.confirm.is_some();
        !is_agreed && terminal::can_ask()
    }

    /// Agrees by the arguments, or asks.
    pub(super) fn confirm(&self, question: Question<'_>) -> Result<(), Failure> {
        match question {
            Question::Recipients(count) => self.recipients(count),
            Question::Rehearsal(count) | Question::Continue(count) => self.compare(count),
            Question::Restored(count) => self.restored(count),
            Question::OldEdition(send, count) => self.old_edition(send, count),
            Question::Again(issue, earlier) => self.send_again(issue, earlier),
        }
    }

    fn recipients(&self, count: usize) -> Result<(), Failure> {
        if let Some(expected) = self.confirm {
            return self.expect(expected, count);
        }
        if self.yes || self.is_due {
            return Ok(());
        }
        if !terminal::can_ask() {
            let message = "confirmation required, but standard input is not a terminal";
            let hint = format!("nothing was sent; use `--confirm {count}` or `--yes`");
            return Err(Failure::new(FailureKind::Usage, message).hint(hint));
        }
        answer(&format!("type {count} to send: "), &count.to_string())
    }

    /// Asks for agreement, even with `--due`, because messages may be sent again.
    fn restored(&self, count: usize) -> Result<(), Failure> {
        if let Some(expected) = self.confirm {
            return self.expect(expected, count);
        }
        if self.yes || count == 0 {
            return Ok(());
        }
        let again = format!(
            "the ledger does not know what was sent after its backup: {} may have the message already",
            counted(count, "recipient")
        );
        if !terminal::can_ask() {
            let hint = match self.is_due {
                true => "nothing was sent; compare `franking status` with the relay's log, then use `--yes`".to_owned(),
                false => format!(
                    "nothing was sent; compare `franking status` with the relay's log, then use `--confirm {count}` or `--yes`"
                ),
            };
            return Err(Failure::new(FailureKind::Usage, again).hint(hint));
        }
        terminal::warning(&again);
        answer(&format!("type {count} to send: "), &count.to_string())
    }

    /// Compares the number of `--confirm`, if it is given, with that of the recipients.
    fn compare(&self, count: usize) -> Result<(), Failure> {
        match self.confirm {
            Some(expected) => self.expect(expected, count),
            None => Ok(()),
        }
    }

    /// Asks at a terminal whether the edition of a campaign is sent although the files have changed.
    fn old_edition(&self, send: &Send, count: usize) -> Result<(), Failure> {
        let is_agreed = self.yes || self.confirm.is_some();
        if is_agreed || count == 0 || !terminal::can_ask() {
            return Ok(());
        }
        let word = escape::shell(&send.issue);
        terminal::hint(&format!(
            "`franking resume {word} --corrected` sends the current files"
        ));
        let when = timestamp::format(send.started_at);
        answer(
            &format!("type {count} to send the edition of {when}: "),
            &count.to_string(),
        )
    }

    fn expect(&self, expected: usize, count: usize) -> Result<(), Failure> {
        if expected == count {
            return Ok(());
        }
        let verb = if count == 1 { "is" } else { "are" };
        let message = format!(
            "there {verb} {}, not {expected}",
            counted(count, "recipient")
        );
        let selection = &self.selection;
        Err(Failure::new(FailureKind::Usage, message).hint(match self.is_corrected {
            // A dry run lists those of the present edition.
            true => format!(
                "nothing was sent; `franking resume {selection} --corrected` shows the edition and the number, and asks"
            ),
            false => format!(
                "nothing was sent; `franking send {selection} --dry-run` lists the recipients"
            ),
        }))
    }

    /// Asks whether `issue` is to be sent although the same was sent before, and shows how many recipients have it.
    fn send_again(&self, issue: &str, earlier: Option<&EarlierSend>) -> Result<(), Failure> {
        let Some(earlier) = earlier else {
            if self.again {
                terminal::warning(&format!(
                    "`--again-as` has no effect: nothing like `{issue}` was sent before"
                ));
            }
            return Ok(());
        };
        let when = timestamp::format(earlier.send.started_at);
        let message = format!("{} ({when})", earlier.message(issue));
        if self.again {
            terminal::warning(&message);
            terminal::say(&format!(
                "it goes to all recipients, also to the {} who have it as `{}`",
                earlier.received(),
                earlier.send.issue
            ));
            return Ok(());
        }
        let hint = earlier.hint(issue);
        if !self.is_due && terminal::can_ask() {
            terminal::warning(&message);
            terminal::hint(&hint);
            return answer(&format!("type {issue} to send it once more: "), issue);
        }
        Err(Failure::new(FailureKind::Usage, message).hint(format!("nothing was sent; {hint}")))
    }
}

/// Checks that the NAME of `--again-as` is that of `issue`, so that a command line of another issue repeats nothing.
pub(super) fn name_again(arguments: &SendArguments, issue: &str) -> Result<(), Failure> {
    match arguments.again_as.as_deref() {
        Some(name) if name != issue => {
            let message = format!("invalid value `{name}` for `--again-as` (expected `{issue}`)");
            Err(Failure::new(FailureKind::Usage, message)
                .hint("nothing was sent; write the name of the issue that you send once more"))
        }
        _ => Ok(()),
    }
}

fn answer(question: &str, expected: &str) -> Result<(), Failure> {
    if terminal::ask(question).as_deref() == Some(expected) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, "nothing was sent"))
}
