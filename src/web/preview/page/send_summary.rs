//! The summary of a send, and the form that sends a test.

use maud::{Markup, html};

use super::super::project::Good;
use super::scene::{Scene, count};
use crate::diag::{Severity, counted};
use crate::newsletter::issue::ZonedTime;
use crate::util::escape;

pub(super) fn send_summary(scene: &Scene<'_>) -> Markup {
    let name = &scene.issue.name;
    let is_ready = is_ready(scene);
    html! {
        footer.strip #strip aria-label="Send" {
            @if let Some((good, _)) = &scene.message { (facts(scene, good)) }
            form.test method="post" action={ (scene.base) "/test/" (escape::url_segment(name)) } {
                label for="address" { "Send a test to" }
                input #address name="address" type="email" required autocomplete="email" disabled[!is_ready];
                button type="submit" disabled[!is_ready] { "Test…" }
            }
        }
    }
}

/// Recipients, edition, time and command.
pub(super) fn facts(scene: &Scene<'_>, good: &Good) -> Markup {
    html! {
        dl.facts {
            div {
                dt { "Goes to" }
                dd {
                    (counted(good.audience.recipients, "recipient"))
                    @for (reason, count) in &good.audience.excluded { ", " span.quiet { (count) " " (reason) } }
                    @if let Some(unknown) = &good.audience.unknown { ", " span.quiet { (unknown) } }
                }
            }
            div { dt { "Edition" } dd { code { (&good.compiled.edition.digest()[..12]) } } }
            div { dt { "At" } dd { (moment(good.compiled.issue.send_at.as_ref())) } }
            div {
                dt { "Command" }
                dd {
                    @if is_ready(scene) { code { "franking send " (scene.issue.name) } }
                    @else { "not available while there are errors" }
                }
            }
        }
    }
}

fn is_ready(scene: &Scene<'_>) -> bool {
    !scene.issue.is_stale && count(scene.issue, Severity::Error) == 0
}

fn moment(at: Option<&ZonedTime>) -> Markup {
    html! {
        @match at {
            Some(at) => { (at.local.strftime("%a %-d %b %Y, %H:%M")) " " (at.zone)
                " " span.quiet { "(" (at.instant.strftime("%H:%M")) " UTC)" } },
            None => "when you run the command",
        }
    }
}
