//! A test: asked for, confirmed, told.

use maud::{Markup, html};

use super::super::project::IssueState;
use super::super::view::View;
use super::{address as page_of, bar, shell};
use crate::util::escape;

/// Asks whether it is meant: a letter that has left does not come back.
pub(in super::super) fn confirm_test(issue: &IssueState, address: &str, base: &str) -> Markup {
    let body = html! {
        (bar(issue, base, &html! {}))
        main.plain {
            h1 { "Send a test of “" (issue.name) "”?" }
            p { "One copy, marked [TEST], goes to " strong { (address) } ". The ledger does not hear of it." }
            p { "At a terminal: " code { "franking send " (issue.name) " --test " (address) } }
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

/// Says what became of it.
pub(in super::super) fn test_result(
    issue: &IssueState,
    address: &str,
    outcome: &Result<String, String>,
    base: &str,
) -> Markup {
    let (title, why) = match outcome {
        Ok(reply) => ("The test was taken", reply),
        Err(why) => ("The test was not sent", why),
    };
    let body = html! {
        (bar(issue, base, &html! {}))
        main.plain {
            h1 { (title) }
            p { strong { (address) } }
            pre.code { (why) }
            p { a href=(page_of(base, &issue.name, &View::default())) { "Back to the message" } }
        }
    };
    shell(title, base, issue.version, &body)
}
