//! The tab with the size of the message, and the section in which Gmail clips it.

use maud::{Markup, html};

use super::super::project::Good;
use super::{outline, thousands};
use crate::check::CUT;
use crate::message::Sizes;
use crate::subscriber::Subscriber;

pub(super) fn size(good: &Good, subscriber: &Subscriber) -> Markup {
    let sizes = Sizes::of(&good.compiled.edition, subscriber);
    let rows = rows(good, &sizes);
    let pictures: usize = good
        .compiled
        .edition
        .pictures
        .iter()
        .map(|p| p.bytes.len())
        .sum();
    html! {
        p { strong { (thousands(sizes.bytes)) } " of " (thousands(CUT)) " bytes of HTML, the size above which Gmail clips a message." }
        meter min="0" max=(CUT) low=(CUT * 9 / 10) high=(CUT) optimum="0" value=(sizes.bytes)
            aria-label="HTML of the message" { (sizes.bytes) }
        @if sizes.bytes > CUT {
            p.notice.error {
                "Gmail clips this message in “" (cut_in(good, &sizes)) "”. It hides the rest, with the unsubscribe \
                 link, until the recipient chooses “View entire message”."
            }
        }
        table.sizes {
            caption { "By section, for this subscriber" }
            thead { tr { th scope="col" { "Section" } th scope="col" { "Bytes" } th scope="col" { "Start" } } }
            tbody {
                @for row in &rows {
                    tr class=[(row.from + row.bytes > CUT).then_some("cut")] {
                        th scope="row" { (row.label) }
                        td { (thousands(row.bytes)) }
                        td { (thousands(row.from)) }
                    }
                }
            }
        }
        p.quiet { (thousands(pictures)) " bytes of embedded pictures, which do not count." }
    }
}

struct SizeRow {
    label: String,
    from: usize,
    bytes: usize,
}

/// The part before the first section, and each section.
fn rows(good: &Good, sizes: &Sizes) -> Vec<SizeRow> {
    let sections = &good.compiled.issue.sections;
    let starts = std::iter::once((None, 0));
    let starts = starts.chain(
        sizes
            .sections
            .iter()
            .map(|(number, at)| (Some(*number), *at)),
    );
    let starts: Vec<(Option<usize>, usize)> = starts.collect();
    let ends = starts.iter().skip(1).map(|(_, at)| *at);
    let ends = ends.chain([sizes.bytes]);
    let rows = starts
        .iter()
        .zip(ends)
        .map(|((number, from), end)| SizeRow {
            label: match number {
                Some(number) => outline::label(&sections[*number]),
                None => "Head and masthead".to_owned(),
            },
            from: *from,
            bytes: end - from,
        });
    rows.collect()
}

fn cut_in(good: &Good, sizes: &Sizes) -> String {
    match sizes.section_at(CUT) {
        Some(number) => outline::label(&good.compiled.issue.sections[number]),
        None => "the masthead".to_owned(),
    }
}
