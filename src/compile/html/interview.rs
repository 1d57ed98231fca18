//! An interview: the guest, then questions as headings and answers as text.

use maud::{Markup, html};

use super::lang_attrs::LangAttrs;
use super::{heading_of, kicker_of, mso, pictures, prose};
use crate::compile::context::RenderContext;
use crate::newsletter::issue::{Guest, Interview, Section};

/// The section.
pub(super) fn section(
    context: &RenderContext<'_>,
    section: &Section,
    interview: &Interview,
) -> Markup {
    html! {
        (kicker_of(context, section))
        (heading_of(section))
        (guest(context, section, &interview.guest))
        @if !interview.intro.is_empty() {
            div class="lead" { (prose::blocks(&interview.intro, prose::below(section))) }
        }
        @for exchange in &interview.exchanges {
            (question(section, &exchange.question))
            (prose::blocks(&exchange.answer, prose::below_item(section)))
        }
    }
}

fn question(section: &Section, words: &str) -> Markup {
    let (level, class) = (prose::below(section), Some("question"));
    prose::heading(level, class, &LangAttrs::default(), &html! { (words) })
}

fn guest(context: &RenderContext<'_>, section: &Section, guest: &Guest) -> Markup {
    let about = about(section, guest);
    html! {
        div class="guest" {
            @match &guest.portrait {
                Some(picture) => (mso::beside(context, &pictures::portrait(context, picture), &about)),
                None => (about),
            }
        }
    }
}

/// Name, role and biography. The biography is a block of its own, so that a template can move it below the portrait on
/// narrow screens.
fn about(section: &Section, guest: &Guest) -> Markup {
    let (role, top) = (role_of(guest), prose::below(section));
    html! {
        p class="guest-name" { (guest.name) }
        @if !role.is_empty() { p class="role" { (role) } }
        @if !guest.bio.is_empty() { div class="bio" { (prose::blocks(&guest.bio, top)) } }
    }
}

/// The guest's role and organisation, as far as the issue names them: `Editor, Example Press`.
fn role_of(guest: &Guest) -> String {
    let parts = [guest.role.as_deref(), guest.organisation.as_deref()];
    let known: Vec<&str> = parts.into_iter().flatten().collect();
    known.join(", ")
}
