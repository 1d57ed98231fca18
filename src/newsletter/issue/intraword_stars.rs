//! Stars inside words: `Leser*innen` and `2*3*4` are text, and `*f*irst` is emphasis.
//!
//! CommonMark reads two stars inside words as emphasis, so the text between two German gender stars becomes italic and
//! the stars vanish (section 6.2). Here a star between letters or digits is text, unless the other end of the emphasis
//! is in the same word. Scripts without spaces keep the rule of CommonMark.

use std::ops::Range;

use super::url_end::is_unspaced;

/// The literal stars of a text, in its order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct IntrawordStars {
    /// Each run of literal stars.
    pub(super) stars: Vec<Range<usize>>,
    /// Pairs of stars that may have been intended as emphasis inside a word.
    pub(super) doubtful: Vec<Range<usize>>,
}

/// The literal stars inside the words of `text`; its other stars are masked in `bytes`.
pub(super) fn of(text: &str, bytes: &[u8]) -> IntrawordStars {
    let mut found = IntrawordStars::default();
    let mut done = 0;
    for star in memchr::memchr_iter(b'*', bytes) {
        if star < done {
            continue;
        }
        if let Some(stars) = after_amount(text, star) {
            done = stars.end;
            found.stars.push(stars);
            continue;
        }
        let word = word_around(text, star);
        done = word.end;
        StarWord::of(text, bytes, word).find(&mut found);
    }
    found
}

/// The footnote mark at `star`, between the unit of an amount and punctuation: `20 €*, 30 €**`. CommonMark would open
/// emphasis there. It is literal, unless an earlier star in the line may open emphasis.
fn after_amount(text: &str, star: usize) -> Option<Range<usize>> {
    let before = &text[..star];
    let number = before.strip_suffix(['€', '$', '£', '¥', '%', '‰', '°'])?;
    let stars = text[star..]
        .bytes()
        .take_while(|byte| *byte == b'*')
        .count();
    let end = star + stars;
    let is_amount = number.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let is_ended = text[end..].starts_with([',', ';', '.', ':', ')', '!', '?', '/']);
    (is_amount && is_ended && !may_open_emphasis(number)?).then_some(star..end)
}

/// Whether the last line of `text` has a star that may open emphasis; `None` if the line is too long to search.
fn may_open_emphasis(text: &str) -> Option<bool> {
    const REACH: usize = 400;
    let line = text.bytes().rev().take(REACH);
    let length = line.take_while(|byte| *byte != b'\n').count();
    let line = text.get(text.len() - length..)?;
    let openings = [" *", "(*", "\"*", "[*"];
    Some(line.starts_with('*') || openings.iter().any(|open| line.contains(open)))
}

fn word_around(text: &str, at: usize) -> Range<usize> {
    let before = text[..at].rfind(char::is_whitespace);
    let start = before.map_or(0, |i| {
        i + text[i..].chars().next().map_or(1, char::len_utf8)
    });
    let end = text[at..].find(char::is_whitespace);
    start..end.map_or(text.len(), |i| at + i)
}

/// The runs of stars in one word.
struct StarWord<'a> {
    text: &'a str,
    runs: Vec<StarRun>,
}

/// A run of stars.
#[derive(Clone)]
struct StarRun {
    at: Range<usize>,
    before: Option<char>,
    after: Option<char>,
}

impl StarRun {
    fn is_inner(&self) -> bool {
        let ends_factor = is_letter(self.before) || matches!(self.before, Some(')' | ']'));
        let begins_factor = is_letter(self.after) || matches!(self.after, Some('(' | '['));
        ends_factor && begins_factor
    }

    /// Whether it is between two digits, where two stars can only be arithmetic.
    fn is_between_digits(&self) -> bool {
        let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
        is_digit(self.before) && is_digit(self.after)
    }

    /// Whether it can open emphasis but not close it.
    fn only_opens(&self) -> bool {
        !self.is_inner() && !is_letter(self.before) && is_letter(self.after)
    }

    /// Whether it can close emphasis at the end of a word.
    fn only_closes(&self) -> bool {
        !self.is_inner() && is_letter(self.before)
    }

    fn is_beside_digit(&self) -> bool {
        let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
        is_digit(self.before) || is_digit(self.after)
    }
}

/// Whether `c` is a letter or digit of a script with spaces.
fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c))
}

/// The literal ones among the double stars `runs` of a word: those next to a digit without another end in the word.
/// `**1**st` and `21**st**` have one, `2**8` and `**2**8 = 256**` have none.
fn double(runs: &[StarRun]) -> Vec<StarRun> {
    let mut text = Vec::new();
    let mut is_open = false;
    for (index, run) in runs.iter().enumerate() {
        if !run.is_inner() {
            is_open = run.only_opens();
            continue;
        }
        let is_closed = runs.get(index + 1).is_some_and(StarRun::only_closes);
        let is_end = !run.is_between_digits() && is_open != is_closed;
        if run.is_beside_digit() && !is_end {
            text.push(run.clone());
        } else {
            is_open = !is_open;
        }
    }
    text
}

impl<'a> StarWord<'a> {
    fn of(text: &'a str, bytes: &[u8], word: Range<usize>) -> Self {
        let mut runs = Vec::new();
        // Link destinations keep their stars anyway.
        let mut is_destination = text[word.clone()].starts_with('<');
        let mut at = word.start;
        while let Some(start) = memchr::memchr(b'*', &bytes[at..word.end]).map(|i| at + i) {
            let between = &text[at..start];
            if let Some(link) = between.rfind("](").or(between.rfind(')')) {
                is_destination = !between[link..].contains(')');
            }
            let length = bytes[start..word.end]
                .iter()
                .take_while(|byte| **byte == b'*');
            at = start + length.count();
            if !is_destination && !between.ends_with('\\') {
                runs.push(StarRun {
                    at: start..at,
                    before: text[..start].chars().next_back(),
                    after: text[at..].chars().next(),
                });
            }
        }
        Self { text, runs }
    }

    fn find(&self, found: &mut IntrawordStars) {
        let mut literal = Vec::new();
        for length in [1, 2] {
            let runs: Vec<StarRun> = self
                .runs
                .iter()
                .filter(|run| run.at.len() == length)
                .cloned()
                .collect();
            let inner: Vec<StarRun> = runs.iter().filter(|run| run.is_inner()).cloned().collect();
            let text = match length {
                1 => self.single(&runs, inner),
                _ if inner.len() == 1 && runs.len() == 1 => inner,
                _ => double(&runs),
            };
            if length == 1 {
                found.doubtful.extend(self.doubtful(&text));
            }
            literal.extend(text.into_iter().map(|run| run.at));
        }
        literal.sort_by_key(|at: &Range<usize>| at.start);
        found.stars.extend(literal);
    }

    /// The literal ones among the single stars `inner` inside a word, given all its single stars `runs`.
    fn single(&self, runs: &[StarRun], mut inner: Vec<StarRun>) -> Vec<StarRun> {
        let touches = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        let opens = runs
            .first()
            .is_some_and(|run| !run.is_inner() && touches(run.after));
        let closes = runs
            .last()
            .is_some_and(|run| !run.is_inner() && touches(run.before));
        let other_end = match (opens, closes && runs.len() > 1) {
            (true, false) => inner.first().cloned(),
            (false, true) => inner.last().cloned(),
            _ => None,
        };
        if let Some(end) = other_end.filter(|end| !self.is_gender_star(end)) {
            inner.retain(|run| run.at != end.at);
        }
        inner
    }

    /// Whether the German suffix `in` or `innen` follows, alone or in a compound.
    fn is_gender_star(&self, run: &StarRun) -> bool {
        let rest = &self.text[run.at.end..];
        let letters = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        rest.starts_with("innen") || &rest[..letters] == "in"
    }

    /// Two stars around a part of a word that is longer than a variable or a pronoun.
    fn doubtful(&self, literal: &[StarRun]) -> Option<Range<usize>> {
        let [first, second] = literal else {
            return None;
        };
        let inside = &self.text[first.at.end..second.at.start];
        let is_word = inside.chars().count() > 3 && inside.chars().all(char::is_alphabetic);
        let is_word = is_word && !first.is_beside_digit() && !second.is_beside_digit();
        let is_gender = self.is_gender_star(first) || self.is_gender_star(second);
        (is_word && !is_gender).then_some(first.at.start..second.at.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with `+` for each literal star.
    fn shown(text: &str) -> String {
        let mut out = text.to_owned();
        for at in of(text, text.as_bytes()).stars {
            let pluses = "+".repeat(at.len());
            out.replace_range(at, &pluses);
        }
        out
    }

    #[test]
    fn a_star_inside_a_word_is_text_and_half_a_word_can_be_emphasised() {
        for (text, expected) in [
            (
                "Leser*innen, Mitarbeiter*innen",
                "Leser+innen, Mitarbeiter+innen",
            ),
            ("*Alle Leser*innen* und", "*Alle Leser+innen* und"),
            ("*Leser*innen*", "*Leser+innen*"),
            ("**Leser*in** und jede*r", "**Leser+in** und jede+r"),
            ("Schüler*innen/Lehrer*innen", "Schüler+innen/Lehrer+innen"),
            ("2*3*4 and 2**8 and 2**16", "2+3+4 and 2++8 and 2++16"),
            ("un*frigging*believable", "un+frigging+believable"),
            ("*E*mail and Haupt*bahnhof*", "*E*mail and Haupt*bahnhof*"),
            ("**N**orth Haupt**bahn**hof", "**N**orth Haupt**bahn**hof"),
            (
                "**1**st/**2**nd 21**st** (**100**k) **A**1",
                "**1**st/**2**nd 21**st** (**100**k) **A**1",
            ),
            ("2**3**4 **2**8** x**2", "2++3++4 **2++8** x++2"),
            ("これは*強調*です **あ**い", "これは*強調*です **あ**い"),
            ("a\\*b*c", "a\\*b+c"),
            ("10 euro* and *so* on", "10 euro* and *so* on"),
            ("f(x)*g(x)*h(x)", "f(x)+g(x)+h(x)"),
            ("(a*b)*(c*d) and [1]*[2]", "(a+b)+(c+d) and [1]+[2]"),
            (
                "*(so)* and (*so*) and *[a](b)*",
                "*(so)* and (*so*) and *[a](b)*",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn emphasis_that_may_have_been_meant_is_doubtful() {
        let doubtful = |text: &str| of(text, text.as_bytes()).doubtful.len();
        assert_eq!(doubtful("un*frigging*believable"), 1);
        for text in [
            "er*sie*es",
            "Schüler*innen/Lehrer*innen",
            "2*abcd*3 a*b*c",
            "jede*r",
        ] {
            assert_eq!(doubtful(text), 0, "{text}");
        }
    }
}
