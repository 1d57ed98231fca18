//! The syntaxes of merge fields, and the conditions under which a match is certain.

use std::ops::Range;

use super::MergeField;
use super::names::{
    is_camel_case, is_capitals, is_default, is_known, is_name, is_person, is_word, looks_like_field,
};

/// The longest name, in characters.
const LONGEST: usize = 80;

/// A syntax of merge fields, and the condition under which a match is certain.
pub(super) struct Style {
    pub(super) open: &'static str,
    close: &'static str,
    certain: Certain,
}

/// The condition under which a match is a merge field, and not text that looks like one.
enum Certain {
    /// Always.
    Always,
    /// If the content starts with a letter and does not end with a space.
    Tight,
    /// If the content is a name without spaces.
    Name,
    /// If the content is a name that mail programs use, contains an underscore or a point, or is in capitals.
    Field,
    /// If the content is a name that mail programs use and not an ordinary word, or if it is in a greeting.
    Known,
    /// If the content is a name that mail programs use.
    Listed,
    /// If the content is a name that mail programs use, with an underscore or in capitals; otherwise it is emphasis.
    Marked,
    /// If a name of two words that mail programs use follows, or any name in a greeting. There is no closing delimiter.
    Open,
    /// If the content is one word with an underscore, or a name that mail programs use in camel case: in many languages
    /// the delimiters are quotation marks.
    Compound,
}

/// The styles; of two with the same beginning, the longer first.
pub(super) const STYLES: [Style; 33] = [
    style("*|", "|*", Certain::Tight),
    style("<%", "%>", Certain::Always),
    style("{%", "%}", Certain::Always),
    style("[%", "%]", Certain::Always),
    style("[%", "]", Certain::Name),
    style("%%", "%%", Certain::Always),
    style("%7B%7B", "%7D%7D", Certain::Always),
    style("%7b%7b", "%7d%7d", Certain::Always),
    style("%(", ")s", Certain::Name),
    style("%{", "}", Certain::Name),
    style("%", "%", Certain::Name),
    style("%", "%", Certain::Listed),
    style("${", "}", Certain::Name),
    style("$[", "]$", Certain::Tight),
    style("$", "$", Certain::Listed),
    style("$", "", Certain::Open),
    style("#{", "}", Certain::Name),
    style("{!", "}", Certain::Name),
    style("{", "}", Certain::Field),
    style("[[", "]]", Certain::Name),
    style("[[", "]]", Certain::Listed),
    style("[", "]", Certain::Known),
    style("||", "||", Certain::Name),
    style("@@", "@@", Certain::Name),
    style("@", "@", Certain::Listed),
    style("##", "##", Certain::Field),
    style("#", "#", Certain::Listed),
    style("@", "", Certain::Open),
    style("__", "__", Certain::Marked),
    style("~", "~", Certain::Field),
    style(":", "", Certain::Open),
    style("<<", ">>", Certain::Field),
    style("«", "»", Certain::Compound),
];

const fn style(open: &'static str, close: &'static str, certain: Certain) -> Style {
    Style {
        open,
        close,
        certain,
    }
}

impl Style {
    /// The field in this style that starts at `open`.
    pub(super) fn at(&self, text: &str, open: usize) -> Option<MergeField> {
        let inside = text[open..].strip_prefix(self.open)?;
        let length = self.length(inside)?;
        let name = &inside[..length];
        let end = open + self.open.len() + length + self.close.len();
        // A placeholder with a missing brace.
        let is_half = self.open == "{" && text[end..].starts_with('}');
        let at = open..end + usize::from(is_half);
        let is_field =
            !name.contains('\n') && self.is_field(name, text, &at) && self.stands_alone(text, &at);
        is_field.then(|| MergeField {
            at,
            name: name.to_owned(),
        })
    }

    /// The length of the name at the beginning of `inside`.
    fn length(&self, inside: &str) -> Option<usize> {
        let reach = inside
            .char_indices()
            .nth(LONGEST)
            .map_or(inside.len(), |(at, _)| at);
        if !self.close.is_empty() {
            return inside[..reach].find(self.close);
        }
        let end = inside[..reach].find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'));
        Some(inside[..end.unwrap_or(reach)].trim_end_matches('.').len())
    }

    fn is_field(&self, name: &str, text: &str, at: &Range<usize>) -> bool {
        match self.certain {
            Certain::Always => name.contains(char::is_alphanumeric) && !name.contains(['{', '}']),
            Certain::Tight => name.starts_with(char::is_alphabetic) && !name.ends_with(' '),
            Certain::Name => is_name(name) && name.chars().count() > 2,
            Certain::Field => is_default(name) && (is_known(name) || looks_like_field(name)),
            Certain::Known => {
                is_default(name)
                    && (is_known(name) && !is_word(name)
                        || name.contains('_') && is_name(name)
                        || is_person(name) && is_greeting(text, at))
            }
            Certain::Listed => name.trim() == name && is_default(name) && is_known(name),
            Certain::Marked => {
                let is_plain = is_capitals(name) || name.contains('_');
                is_name(name) && is_plain && is_known(name)
            }
            Certain::Open => {
                let is_compound = name.contains('_') || is_camel_case(name);
                is_name(name)
                    && (is_compound && is_known(name) || is_person(name) && is_greeting(text, at))
            }
            Certain::Compound => {
                let ends_line = || {
                    let rest = text[at.end..].trim_start_matches([',', '!', ' ']);
                    rest.is_empty() || rest.starts_with('\n')
                };
                is_name(name)
                    && (name.contains('_')
                        || is_camel_case(name) && is_known(name)
                        || is_person(name) && is_greeting(text, at) && ends_line())
            }
        }
    }

    /// Whether the field is not part of something longer: a formula such as `\frac{a_b}{c}`, a run of signs, a link
    /// such as `[name](url)`.
    fn stands_alone(&self, text: &str, at: &Range<usize>) -> bool {
        let before = text[..at.start].chars().next_back();
        let after = text[at.end..].chars().next();
        let sign = self.open.chars().next();
        let is_joined = before == sign || after == self.close.chars().next_back();
        match self.open {
            "{" => {
                // A backslash before the sign of `${name}` escapes the whole field.
                let is_escaped = ["\\$", "\\#", "\\%"]
                    .iter()
                    .any(|sign| text[..at.start].ends_with(sign));
                before != sign
                    && !is_escaped
                    && !before
                        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '}' | '_' | '^' | '\\'))
            }
            "[" => !is_joined && !matches!(after, Some('(' | '[' | ':')),
            "%" | "$" | "#" | "@" | ":" => {
                let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                let is_sign = matches!(before, Some('/' | '@' | '.' | '-'));
                before != sign
                    && !is_part(before)
                    && !is_sign
                    && !is_part(after)
                    && (self.close.is_empty() || !is_joined)
            }
            _ => true,
        }
    }
}

/// Whether the field is in a greeting: one to three words precede it in its line, and a comma or the end of the line
/// follows.
fn is_greeting(text: &str, at: &Range<usize>) -> bool {
    const LONGEST_GREETING: usize = 60;
    let before = text[..at.start].bytes().rev().take(LONGEST_GREETING + 1);
    let length = before.take_while(|byte| *byte != b'\n').count();
    let Some(line) = text.get(at.start - length..at.start) else {
        return false;
    };
    let words = line.split_whitespace().count();
    let is_sentence = length > LONGEST_GREETING || line.contains(['.', ':', ';', '?']);
    let after = text[at.end..].trim_start_matches(' ');
    (1..4).contains(&words)
        && !is_sentence
        && (after.is_empty() || after.starts_with([',', '!', '\n']))
}
