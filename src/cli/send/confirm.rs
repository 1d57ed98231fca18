//! Agreement before a campaign begins: an argument, or an answer at a terminal. `send --due` needs none, and sends
//! nothing that needs more than the files say.

use super::super::context::moment;
use super::super::exit::{Exit, Failure};
use super::Arguments;
use crate::diag::counted;
use crate::escape;
use crate::store::Send;
use crate::terminal;

/// Asks for agreement to the number of recipients.
pub(super) fn recipients(arguments: &Arguments, count: usize) -> Result<(), Failure> {
    if let Some(expected) = arguments.confirm {
        return expect(expected, count);
    }
    if arguments.yes || arguments.due {
        return Ok(());
    }
    if !terminal::can_ask() {
        let message = "confirmation required, but standard input is not a terminal";
        let hint = format!("nothing was sent; use `--confirm {count}` or `--yes`");
        return Err(Failure::new(Exit::Usage, message).hint(hint));
    }
    answer(&format!("type {count} to send: "), &count.to_string())
}

fn expect(expected: usize, count: usize) -> Result<(), Failure> {
    if expected == count {
        return Ok(());
    }
    let verb = if count == 1 { "is" } else { "are" };
    let message = format!(
        "there {verb} {}, not {expected}",
        counted(count, "recipient")
    );
    Err(Failure::new(Exit::Usage, message)
        .hint("nothing was sent; `--dry-run` lists the recipients"))
}

/// Asks whether `issue`, which was sent as `campaign` before, is to be sent once more.
pub(super) fn again(arguments: &Arguments, issue: &str, campaign: &Send) -> Result<(), Failure> {
    if arguments.again_as.as_deref() == Some(issue) {
        return Ok(());
    }
    let when = moment(campaign.started_at);
    let message = format!(
        "`{issue}` was sent before, as `{}` at {when}",
        campaign.issue
    );
    if arguments.again_as.is_none() && !arguments.due && terminal::can_ask() {
        terminal::warning(&message);
        return answer(&format!("type {issue} to send it once more: "), issue);
    }
    let word = escape::shell(issue);
    let hint =
        format!("nothing was sent; `franking send {word} --again-as {word}` sends it once more");
    Err(Failure::new(Exit::Usage, message).hint(hint))
}

fn answer(question: &str, expected: &str) -> Result<(), Failure> {
    if terminal::ask(question).as_deref() == Some(expected) {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "nothing was sent"))
}
