//! Adds `dir` to blocks whose direction differs from that of their surroundings.
//!
//! The direction of a text is that of its first strong character, as with HTML's `dir="auto"`, which Word does not
//! support. The pass runs over the finished page, so the section kinds need no code for it.

use std::borrow::Cow;

use crate::language::{Direction, direction};
use crate::util::characters::has_byte;

/// The elements that contain running text. Of the `div` elements, these are the preheader and buttons.
const BLOCKS: [&str; 13] = [
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "dt", "dd", "div",
];

/// Elements without an end tag.
const VOID: [&str; 4] = ["img", "br", "hr", "meta"];

/// The elements whose alignment does not depend on their text: masthead and footer.
const FRAME: [&str; 2] = ["class=\"masthead\"", "class=\"footer\""];

/// The page with `dir` on each block whose first letter has another direction than its surroundings.
pub(super) fn turned(page: &str, whole: Direction) -> Cow<'_, str> {
    if !may_turn(page, whole) {
        return Cow::Borrowed(page);
    }
    let mut pass = Pass {
        whole,
        open: Vec::new(),
        turns: Vec::new(),
    };
    pass.run(page);
    pass.turns.sort_unstable_by_key(|turn| turn.0);
    let mut out = String::with_capacity(page.len() + 16 * pass.turns.len());
    let mut at = 0;
    for (tag_end, direction) in pass.turns {
        out.push_str(&page[at..tag_end]);
        out.push_str(&format!(" dir=\"{}\"", direction.as_str()));
        at = tag_end;
    }
    out.push_str(&page[at..]);
    Cow::Owned(out)
}

/// A fast check whether any block may need `dir`: nearly every issue has one direction.
fn may_turn(page: &str, whole: Direction) -> bool {
    let is_turned = |c: char| c >= '\u{590}' && direction(c) == Some(Direction::RightToLeft);
    let says_turned = || memchr::memmem::find(page.as_bytes(), b"dir=\"rtl\"").is_some();
    whole == Direction::RightToLeft
        || says_turned()
        || has_byte(page, may_begin_right_to_left) && page.contains(is_turned)
}

/// Whether a right-to-left letter may begin with this byte in UTF-8. These letters are in U+0590 to U+08FF, in U+FB1D to
/// U+FEFC and above U+FFFF; quotation marks and dashes are elsewhere.
fn may_begin_right_to_left(byte: u8) -> bool {
    (0xD6..=0xE0).contains(&byte) | (0xEF..=0xF0).contains(&byte)
}

/// An open element.
struct Element<'a> {
    name: &'a str,
    /// The offset of the `>` of its tag.
    tag_end: usize,
    direction: Direction,
    /// Whether its tag has a `dir` attribute.
    is_set: bool,
    /// Whether its first letter has been read.
    is_decided: bool,
    is_frame: bool,
}

impl Element<'_> {
    fn is_block(&self) -> bool {
        BLOCKS.contains(&self.name)
    }
}

struct Pass<'a> {
    whole: Direction,
    open: Vec<Element<'a>>,
    /// The ends of the tags that get the attribute.
    turns: Vec<(usize, Direction)>,
}

impl<'a> Pass<'a> {
    fn run(&mut self, page: &'a str) {
        let mut at = 0;
        while let Some(start) = memchr::memchr(b'<', &page.as_bytes()[at..]).map(|i| at + i) {
            self.words(&page[at..start]);
            let close = if page[start..].starts_with("<!--") {
                "-->"
            } else {
                ">"
            };
            let length = page[start..]
                .find(close)
                .unwrap_or(page.len() - start - close.len());
            self.tag(&page[start + 1..start + length], start + length);
            at = start + length + close.len();
        }
    }

    fn tag(&mut self, tag: &'a str, tag_end: usize) {
        if let Some(name) = tag.strip_prefix('/') {
            let found = self.open.iter().rposition(|element| element.name == name);
            self.open.truncate(found.unwrap_or(self.open.len()));
            return;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        if tag.starts_with('!') || VOID.contains(&name) {
            return;
        }
        let around = self.open.last();
        let inherited = around.map_or(self.whole, |element| element.direction);
        let is_frame = around.is_some_and(|element| element.is_frame);
        self.open.push(Element {
            name,
            tag_end,
            direction: declared(tag).unwrap_or(inherited),
            is_set: tag.contains(" dir=\""),
            is_decided: false,
            is_frame: is_frame || FRAME.iter().any(|class| tag.contains(class)),
        });
    }

    /// Reads text. The first letter of a block determines its direction. If a list item begins with a paragraph, the
    /// item gets the direction too, which moves its bullet.
    fn words(&mut self, words: &str) {
        let Some(inner) = self.open.iter().rposition(Element::is_block) else {
            return;
        };
        let block = &self.open[inner];
        let is_isolated = self.open[inner..].iter().any(|element| element.is_set);
        if is_isolated || block.is_decided || block.is_frame {
            return;
        }
        let Some(found) = first_letter(words) else {
            return;
        };
        let target = inner - usize::from(self.opens_item(inner));
        if self.open[target].direction != found {
            self.turns.push((self.open[target].tag_end, found));
        } else if self.open[inner].direction != found {
            self.turns.push((self.open[inner].tag_end, found));
        }
        for element in &mut self.open[target..=inner] {
            element.direction = found;
            element.is_decided = true;
        }
    }

    /// Whether the open block `inner` is the first in a list item without a `dir` attribute.
    fn opens_item(&self, inner: usize) -> bool {
        let around = inner.checked_sub(1).map(|at| &self.open[at]);
        around.is_some_and(|around| around.name == "li" && !around.is_decided && !around.is_set)
    }
}

/// The direction in the `dir` attribute of a tag.
fn declared(tag: &str) -> Option<Direction> {
    let all = [Direction::LeftToRight, Direction::RightToLeft];
    all.into_iter()
        .find(|one| tag.contains(&format!(" dir=\"{}\"", one.as_str())))
}

/// The direction of the first letter in HTML text. Names of entities are not text.
fn first_letter(words: &str) -> Option<Direction> {
    let runs = words.split('&').enumerate();
    let mut runs = runs.map(|(index, run)| match run.split_once(';') {
        Some((_, after)) if index > 0 => after,
        _ => run,
    });
    runs.find_map(|run| run.chars().find_map(direction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_run_the_other_way_are_turned_and_no_others() {
        let page = "<html><div class=\"masthead\"><h1>\u{5d0}</h1></div><div><h2>\u{5d0}b</h2><p>a \u{5d0}</p><p>3. &quot;<em>\u{5d0}</em></p>\
            <p><span dir=\"auto\">\u{5d0}</span>, 1</p><ul><li>\u{5d0}<ul><li>a</li></ul></li><li><p>\u{5d0}</p><p>\u{5d0}</p><p>a</p></li></ul>\
            <div lang=\"ar\" dir=\"rtl\"><p>\u{627}</p><p>a</p></div><!-- <p>\u{5d0} --></div></html>";
        let expected = "<html><div class=\"masthead\"><h1>\u{5d0}</h1></div><div><h2 dir=\"rtl\">\u{5d0}b</h2><p>a \u{5d0}</p><p dir=\"rtl\">3. &quot;<em>\u{5d0}</em></p>\
            <p><span dir=\"auto\">\u{5d0}</span>, 1</p><ul><li dir=\"rtl\">\u{5d0}<ul><li dir=\"ltr\">a</li></ul></li><li dir=\"rtl\"><p>\u{5d0}</p><p>\u{5d0}</p><p dir=\"ltr\">a</p></li></ul>\
            <div lang=\"ar\" dir=\"rtl\"><p>\u{627}</p><p dir=\"ltr\">a</p></div><!-- <p>\u{5d0} --></div></html>";
        assert_eq!(turned(page, Direction::LeftToRight), expected);
    }

    #[test]
    fn a_page_in_one_direction_stays_as_it_is() {
        let page = "<div><p>One &amp; two</p></div>";
        assert!(matches!(
            turned(page, Direction::LeftToRight),
            Cow::Borrowed(_)
        ));
    }
}
