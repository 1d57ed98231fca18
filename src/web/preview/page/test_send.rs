//! The pages of a test: confirmation and result.

use maud::{Markup, html};

use super::super::project::PreviewState;
use super::super::view::View;
use super::{address as page_of, bar, shell};
use crate::util::escape;

/// Asks for confirmation, because a sent message cannot be recalled.
pub(in super::super) fn confirm_test(issue: &PreviewState, address: &str, base: &str) -> Markup {
    let body = html! {
        (bar(issue, base, &html! {}))
        main.plain {
            h1 { "Send a test of “" (issue.name) "”?" }
            p { "One copy, marked [TEST], goes to " strong { (address) } ". It is not recorded in the ledger." }
            p { "The same in a terminal: " code { "franking send " (issue.name) " --test " (address) } }
            form method="post" action={ (base) "/test/" (escape::url_segment(&issue.name)) } {
                input type="hidden" name="address" value=(address);
                input type="hidden" name="sure" value="true";
                button.first type="submit" autofocus { "Send it" }
                " " a href=(page_of(base, &issue.name, &View::default())) { "Back" }
            }
        }
    };
    shell("Send a test?", base, issue.version, &body)
}

/// The reply of the relay, or the reason why the test was not sent.
pub(in super::super) fn test_result(
    issue: &PreviewState,
    address: &str,
    outcome: &Result<String, String>,
    base: &str,
) -> Markup {
    let (title, details) = match outcome {
        Ok(reply) => ("Test sent", reply),
        Err(reason) => ("The test was not sent", reason),
    };
    let body = html! {
        (bar(issue, base, &html! {}))
        main.plain {
            h1 { (title) }
            p { strong { (address) } }
            pre.code { (details) }
            p { a href=(page_of(base, &issue.name, &View::default())) { "Back to the message" } }
        }
    };
    shell(title, base, issue.version, &body)
}
