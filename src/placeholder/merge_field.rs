//! Merge fields of other programs, such as `*|FNAME|*`: none of them is filled here.

use std::ops::Range;

use super::URLS;
use crate::diag::{Finding, Place};
use crate::util::escape;

/// A merge field of another program: where it stands, and the name in it.
#[derive(Debug, PartialEq)]
pub struct MergeField {
    /// The bytes that it takes.
    pub at: Range<usize>,
    name: String,
}

/// The longest name that is looked for.
const LONGEST: usize = 80;

/// What a field is written in, and when it is one beyond doubt.
struct Style {
    open: &'static str,
    close: &'static str,
    certain: Certain,
}

/// When a match is a merge field, and not a text that happens to be written like one.
enum Certain {
    /// Always: nothing else is written so.
    Always,
    /// Where the inside begins with a letter and ends without a space.
    Tight,
    /// Where the inside is a name without spaces.
    Name,
    /// Where the inside is a name that mail programs use, has an underscore or a point in it, or is in capitals.
    Field,
    /// Where the inside is a name that mail programs use and that is no word of prose, or stands in a greeting.
    Known,
    /// Where the inside is a name that mail programs use.
    Listed,
    /// Where the inside is a name that mail programs use, with an underscore or in capitals: else it is emphasis.
    Marked,
    /// Where a name of two words that mail programs use follows, or any in a greeting. Nothing closes it.
    Open,
    /// Where the inside is one word with an underscore, or a name that mail programs use in camel case: in many
    /// languages the signs are quotation marks.
    Compound,
}

/// The styles; of two that begin alike, the longer first.
const STYLES: [Style; 33] = [
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

/// What the usual names of mail programs are here. They are compared without spaces, points and underscores.
const NAMES: [(&str, &[&str]); 9] = [
    (
        "first_name",
        &[
            "firstname",
            "fname",
            "givenname",
            "forename",
            "vorname",
            "prenom",
            "prénom",
            "nombre",
            "nome",
            "voornaam",
        ],
    ),
    (
        "last_name",
        &[
            "lastname",
            "lname",
            "surname",
            "familyname",
            "nachname",
            "nom",
            "apellido",
            "cognome",
            "achternaam",
        ],
    ),
    (
        "name",
        &[
            "name",
            "fullname",
            "displayname",
            "contactname",
            "username",
            "recipientname",
            "subscribername",
            "naam",
            "yourname",
            "insertname",
            "namehere",
        ],
    ),
    (
        "email",
        &[
            "email",
            "emailaddress",
            "mail",
            "recipient",
            "subscriberemail",
            "toemail",
        ],
    ),
    (
        "unsubscribe_url",
        &[
            "unsubscribe",
            "unsubscribeurl",
            "unsubscribelink",
            "unsub",
            "unsuburl",
            "optout",
            "optouturl",
            "optoutlink",
            "listunsubscribe",
            "unsubscribeemail",
            "preferences",
        ],
    ),
    (
        "web_url",
        &[
            "weburl",
            "webversion",
            "webversionurl",
            "webview",
            "archive",
            "archiveurl",
            "viewonline",
            "viewinbrowser",
            "browserlink",
            "mirror",
            "mirrorurl",
            "onlineversion",
            "permalink",
        ],
    ),
    ("language", &["language", "lang", "locale"]),
    (
        "issue_title",
        &[
            "issuetitle",
            "title",
            "subject",
            "mcsubject",
            "campaignname",
            "campaigntitle",
        ],
    ),
    ("issue_number", &["issuenumber", "issueno", "issue"]),
];

/// Those that are words of prose as well: a button `[E-mail]`, a gap `[name]`.
const WORDS: [&str; 34] = [
    "address",
    "archive",
    "birthday",
    "city",
    "code",
    "company",
    "country",
    "coupon",
    "email",
    "gender",
    "greeting",
    "issue",
    "lang",
    "language",
    "locale",
    "mail",
    "mirror",
    "naam",
    "name",
    "nom",
    "nombre",
    "nome",
    "organisation",
    "organization",
    "permalink",
    "phone",
    "postcode",
    "preferences",
    "recipient",
    "region",
    "state",
    "subject",
    "title",
    "town",
];

/// Names of mail programs that have no placeholder of their own here: they may be attributes of the list.
const ATTRIBUTES: [&str; 26] = [
    "company",
    "companyname",
    "organisation",
    "organization",
    "city",
    "town",
    "country",
    "state",
    "region",
    "zip",
    "postcode",
    "address",
    "listaddress",
    "phone",
    "birthday",
    "salutation",
    "greeting",
    "anrede",
    "gender",
    "couponcode",
    "coupon",
    "code",
    "currentyear",
    "currentdate",
    "jobtitle",
    "tracking",
];

impl MergeField {
    /// The finding about it, at `place`; `written` is the field as it stands.
    pub fn finding(&self, written: &str, place: Place) -> Finding {
        let written = escape::terminal(written);
        let message = format!("`{written}` is a merge field of another program and is not filled");
        Finding::error("foreign-placeholder", message)
            .at(place)
            .hint(hint(&self.name))
    }
}

/// What to write for a name of another program, or for a placeholder with a slip in it.
pub(super) fn hint(name: &str) -> String {
    let own = known(name).map(str::to_owned).or_else(|| identifier(name));
    let own = own.unwrap_or_else(|| "first_name".to_owned());
    let default = match own.as_str() {
        own if URLS.contains(&own) => return format!("write `{{{{ {own} }}}}`"),
        "first_name" | "last_name" | "name" => "colleague",
        _ => "…",
    };
    format!("write `{{{{ {own} }}}}` or `{{{{ {own} | default(\"{default}\") }}}}`")
}

/// The placeholder that `name` means.
fn known(name: &str) -> Option<&'static str> {
    let folded = folded(name);
    let found = NAMES
        .iter()
        .find(|(_, names)| names.contains(&folded.as_str()));
    found.map(|(own, _)| *own)
}

/// The last part of a name, such as `FNAME` of `contact.FNAME`, in small letters and without separators.
fn folded(name: &str) -> String {
    let last = last_part(name).chars().filter(|c| c.is_alphanumeric());
    last.flat_map(char::to_lowercase).collect()
}

fn last_part(name: &str) -> &str {
    let name = without_default(name);
    let name = name.trim_end_matches([':', '.', '=']).trim();
    name.rsplit(['.', ':', '='])
        .next()
        .unwrap_or(name)
        .trim_start_matches(['$', '=', '-', '!'])
}

/// A name without the default after it: `name|friend`, `name,fallback=`, `name:"friend"`, `NAME OR "friend"`.
fn without_default(name: &str) -> &str {
    let name = name.trim();
    let name = name.strip_prefix("MERGEFIELD ").unwrap_or(name);
    let parts = name.split(['|', ',', '?', '"', '\'', '“', '”']);
    let name = parts.map(str::trim).find(|part| !part.is_empty());
    let name = name.unwrap_or_default();
    let name = name.split_once("%%").map_or(name, |(name, _)| name);
    name.strip_suffix(" OR").unwrap_or(name).trim()
}

/// The last part of a name as a placeholder can be called.
fn identifier(name: &str) -> Option<String> {
    let words: Vec<&str> = last_part(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty() && words.len() <= 4).then(|| words.join("_").to_lowercase())
}

/// The merge fields of a text, in its order; none begins in `code`, whose ranges are in order, and none after a
/// backslash.
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

/// Whether a style may begin with this byte: all but `«` (0xC2 0xAB) begin with ASCII, and bytes are read faster
/// than characters.
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

/// The range of `code`, in order, that `at` stands in.
pub(super) fn covering(code: &[Range<usize>], at: usize) -> Option<&Range<usize>> {
    let after = code.partition_point(|block| block.start <= at);
    code[..after].last().filter(|block| at < block.end)
}

impl Style {
    /// The field in this style whose first character is at `open`.
    fn at(&self, text: &str, open: usize) -> Option<MergeField> {
        let inside = text[open..].strip_prefix(self.open)?;
        let length = self.length(inside)?;
        let name = &inside[..length];
        let end = open + self.open.len() + length + self.close.len();
        // A placeholder with one brace too few.
        let is_half = self.open == "{" && text[end..].starts_with('}');
        let at = open..end + usize::from(is_half);
        let is_field =
            !name.contains('\n') && self.is_field(name, text, &at) && self.stands_alone(text, &at);
        is_field.then(|| MergeField {
            at,
            name: name.to_owned(),
        })
    }

    /// The length of the name at the head of `inside`.
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

    /// Whether the field is not a part of something longer: a formula such as `\frac{a_b}{c}`, a run of signs, a
    /// link such as `[name](url)`.
    fn stands_alone(&self, text: &str, at: &Range<usize>) -> bool {
        let before = text[..at.start].chars().next_back();
        let after = text[at.end..].chars().next();
        let sign = self.open.chars().next();
        let is_joined = before == sign || after == self.close.chars().next_back();
        match self.open {
            "{" => {
                // A backslash before the sign of `${name}` is one before the whole.
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

/// Whether it is a name that mail programs use.
fn is_known(name: &str) -> bool {
    known(name).is_some() || ATTRIBUTES.contains(&folded(name).as_str())
}

/// Whether it is a word of prose as well, written as one.
fn is_word(name: &str) -> bool {
    let is_alone = name.chars().all(|c| c.is_alphanumeric() || c == '-');
    is_alone && !is_capitals(name) && WORDS.contains(&folded(name).as_str())
}

/// Whether it is the name of a person.
fn is_person(name: &str) -> bool {
    matches!(known(name), Some("first_name" | "last_name" | "name"))
}

fn is_capitals(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Whether one to three words stand before the field in its line, and a comma or the end of the line after it.
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

/// Letters, digits and what joins them, beginning with a letter.
fn is_name(name: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    name.trim_start_matches('$')
        .starts_with(char::is_alphabetic)
        && name.trim_start_matches('$').chars().all(joins)
}

/// A name, alone or with a default: `name`, `$name`, `name|friend`, `First Name`, `field=name`.
fn is_default(name: &str) -> bool {
    let first = without_default(name).trim_end_matches([':', '=']);
    first.split(' ').count() <= 3 && first.split([' ', '=']).all(is_name)
}

/// A capital after a small letter, as in `FirstName`.
fn is_camel_case(name: &str) -> bool {
    let chars = || name.chars();
    chars()
        .zip(chars().skip(1))
        .any(|(c, next)| c.is_lowercase() && next.is_uppercase())
}

/// Two letters and more in capitals, or with an underscore, a point or a `$`: no formula and no remark is written so.
fn looks_like_field(name: &str) -> bool {
    let first = name.split(['|', ',']).next().unwrap_or_default();
    let letters = first.chars().filter(|c| c.is_alphabetic()).count();
    let has_join =
        first.contains('_') || first.starts_with('$') || first.trim_matches('.').contains('.');
    letters > 2 && (is_capitals(first) || has_join) && is_name(first)
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
