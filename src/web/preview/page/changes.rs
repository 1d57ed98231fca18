//! The tab with the differences to the last send and the last commit.

use maud::{Markup, html};

use super::super::changes::{self, Change, Line, between, committed, last_send};
use super::super::project::{Good, text_of};
use super::scene::Scene;
use crate::newsletter::issue;
use crate::store::{Store, StoreError};
use crate::subscriber::Subscriber;
use crate::util::escape;

pub(super) fn changes(scene: &Scene<'_>, good: &Good, subscriber: &Subscriber) -> Markup {
    html! {
        h3 { "Compared with the last send" }
        (match since_last_send(scene, good, subscriber) {
            Ok(markup) => markup,
            Err(error) => html! { p.notice.warning { (error) } },
        })
        h3 { "Compared with the last commit" }
        (since_commit(scene))
    }
}

/// Compares the plain text with the same subscriber's text in the last send.
fn since_last_send(
    scene: &Scene<'_>,
    good: &Good,
    subscriber: &Subscriber,
) -> Result<Markup, StoreError> {
    let folder = scene.project.folder();
    let Some(store) = Store::existing_to_read(&good.sources.newsletter.store, folder)? else {
        return Ok(html! { p.quiet { "Nothing has been sent yet." } });
    };
    let Some(send) = last_send(&store, &scene.issue.name)? else {
        return Ok(html! { p.quiet { "Nothing has been sent yet." } });
    };
    let Some(old) = changes::text_of(&store, &send, subscriber, &good.options())? else {
        return Ok(
            html! { p.quiet { "Another version of Franking sent “" (send.issue) "”; this one cannot read its edition." } },
        );
    };
    let new = good.parts(subscriber).text;
    Ok(html! {
        p.quiet { "The plain text of “" (send.issue) "” that this subscriber received, or would have received." }
        (lines(&between(&old, &new)))
    })
}

fn since_commit(scene: &Scene<'_>) -> Markup {
    let folder = scene.project.folder();
    let name = &scene.issue.name;
    let Some(old) = committed(folder, name) else {
        return html! { p.quiet { "The file is not committed, or git is not available." } };
    };
    let new = text_of(folder, name).unwrap_or_default();
    html! { p.quiet { code { (issue::path_of(name)) } } (lines(&between(&old, &new))) }
}

fn lines(groups: &[Vec<Line>]) -> Markup {
    html! {
        @if groups.is_empty() { p.empty { "Nothing has changed." } }
        @for group in groups {
            pre.diff tabindex="0" {
                @for line in group {
                    (match line.change {
                        Change::Added => html! { ins { span.unseen { "added: " } (escape::line(&line.text)) } },
                        Change::Removed => html! { del { span.unseen { "removed: " } (escape::line(&line.text)) } },
                        Change::Unchanged => html! { span { (escape::line(&line.text)) } },
                    })
                }
            }
        }
    }
}
