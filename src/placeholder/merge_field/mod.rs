//! Merge fields of other programs, such as `*|FNAME|*`, which Franking does not fill.

mod names;
mod style;

use std::ops::Range;

use crate::diag::{Finding, Place};
use crate::util::escape;
pub(super) use names::hint;
use style::STYLES;

/// A merge field of another program: its position and its name.
#[derive(Debug, PartialEq)]
pub struct MergeField {
    /// Its bytes in the text.
    pub at: Range<usize>,
    name: String,
}

impl MergeField {
    /// The finding about it, at `place`; `written` is its text.
    pub fn finding(&self, written: &str, place: Place) -> Finding {
        let written = escape::terminal(written);
        let message = format!("`{written}` is a merge field of another program and is not filled");
        Finding::error("foreign-placeholder", message)
            .at(place)
            .hint(hint(&self.name))
    }
}

/// The merge fields of a text, in its order. None starts in `code`, whose ranges are in order, or after a backslash.
pub fn merge_fields(text: &str, code: &[Range<usize>]) -> Vec<MergeField> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text.as_bytes()[at..].iter().position(opens).map(|i| at + i) {
        if let Some(block) = covering(code, open) {
            at = block.end.max(open + 1);
            while !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        }
        let is_escaped = text[..open].ends_with('\\');
        let first = text.as_bytes()[open];
        let field = STYLES
            .iter()
            .filter(|style| !is_escaped && style.open.as_bytes()[0] == first)
            .find_map(|style| style.at(text, open));
        at = match field {
            Some(field) => {
                let end = field.at.end;
                found.push(field);
                end
            }
            None => open + text[open..].chars().next().map_or(1, char::len_utf8),
        };
    }
    found
}

/// Whether a style may start with this byte. All but `«` (0xC2 0xAB) start with ASCII, and searching bytes is faster
/// than decoding characters.
fn opens(byte: &u8) -> bool {
    OPENS[usize::from(*byte)]
}

/// For each byte, whether it is one of [`OPENING`].
const OPENS: [bool; 256] = {
    let mut opens = [false; 256];
    let mut at = 0;
    while at < OPENING.len() {
        opens[OPENING[at] as usize] = true;
        at += 1;
    }
    opens
};

const OPENING: [u8; 13] = [
    b'*', b'<', b'{', b'[', b'%', b'$', b'#', b'|', b'@', b'~', b'_', b':', 0xC2,
];

/// The range of `code`, whose ranges are in order, that contains `at`.
pub(super) fn covering(code: &[Range<usize>], at: usize) -> Option<&Range<usize>> {
    let after = code.partition_point(|block| block.start <= at);
    code[..after].last().filter(|block| at < block.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let fields = merge_fields(text, &[]);
        fields.into_iter().map(|field| &text[field.at]).collect()
    }

    #[test]
    fn fields_of_other_programs_are_found() {
        for field in [
            "*|FNAME|*",
            "*|IF:VIP|*",
            "%%NAME%%",
            "%%First Name%%",
            "{first_name}",
            "{FirstName}",
            "{name|friend}",
            "{$name}",
            "{contact.company}",
            "{COMPANY}",
            "[[name]]",
            "[[data:firstname]]",
            "<%= user.name %>",
            "${name}",
            "%name%",
            "%recipient.city%",
            "||name||",
            "[FNAME]",
            "[first_name]",
            "{% if vip %}",
            "#{name}",
            "<<First Name>>",
            "«first_name»",
            "«First_Name»",
            "«FirstName»",
            "##email##",
            "[unsubscribe]",
            "@@email@@",
            "{first_name}}",
            "{!Contact.FirstName}",
            "{!$User.Email}",
            "__NAME__",
            "__first_name__",
            "$first_name$",
            "$First Name$",
            "$[FNAME|Customer]$",
            "$FirstName",
            "$NAME",
            ":first_name",
            ":name",
            "@FIRSTNAME@",
            "@Model.FirstName",
            "#recipient:name#",
            "#FirstName#",
            "%(name)s",
            "%{first_name}",
            "%first_name|friend%",
            "%7B%7Bfirst_name%7D%7D",
            "{contactfield=firstname|friend}",
            "{first_name, \"there\"}",
            "{ MERGEFIELD First_Name }",
            "[Name,fallback=]",
            "[FIRST NAME%%friend]",
            "[Name]",
            "[[FIRSTNAME OR \"Friend\"]]",
            "[[data:firstname:\"friend\"]]",
            "[%First_Name]",
            "~Contact.FirstName~",
        ] {
            assert_eq!(found(&format!("Dear {field}, hello")), [field]);
        }
    }

    #[test]
    fn a_name_in_quotation_marks_is_a_field_in_a_greeting() {
        assert_eq!(found("Dear «Vorname»,\n\nwords"), ["«Vorname»"]);
        assert_eq!(found("Écrivez «Prénom», puis"), [""; 0]);
    }

    #[test]
    fn braces_and_signs_of_other_texts_are_none() {
        for text in [
            "100 % of 5 %, 30 %and more%",
            "the set {a, b} and {x | x > 0}",
            "{} {n} {sic} [sic] [1] [a](b) [name](https://a.example)",
            "\\frac{ab}{cd} x_{i_j} f{a_b}",
            "\\{first_name} stays",
            "a || b || c",
            "5 * 3 * 2",
            "$5 and $6",
            "%C3%A9%20",
            "{\"a\": 1}",
            "«bonjour»",
            "«Nom», «Prénom», «Name», « Nom », «\u{a0}Prénom\u{a0}», «email», «NATO», «YouTube»",
            "## heading ##",
            "1 << 2 >> 1",
            "~12~",
            "[[",
            "{ }",
            "[Name of the ship]",
            "@@",
            "**| a |**",
            "[E-mail] or [Name]: write to the [city] of your [state], not to [title].",
            "__init__ and __Name__ and __bold__",
            "$5, US$ and $AAPL, $NAME of the shell, $x_i$",
            ":smile: 10:30 a:b:c std::string::name, std::first_name ::first_name",
            "he said :name it",
            "#name #email #city and # name #",
            "@name and desk@first_name.example and @ name @",
            "100%{a} %s %d",
            "\\${HOME} \\#{first_name} \\%{name}",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_hint_is_the_placeholder_that_is_meant() {
        for (name, own) in [
            ("FNAME", "first_name"),
            ("contact.LAST_NAME", "last_name"),
            ("= user.name ", "name"),
            ("COMPANY", "company"),
            ("UNSUB", "unsubscribe_url"),
        ] {
            assert!(
                hint(name).starts_with(&format!("write `{{{{ {own} }}}}`")),
                "{name}"
            );
        }
    }
}
