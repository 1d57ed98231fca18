//! Merge fields of other programs, such as `*|FNAME|*`: none of them is filled here.

use std::ops::Range;

use super::URLS;
use crate::characters::next_byte;
use crate::diag::{Finding, Place};
use crate::escape;

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
    /// Where the inside is a name that mail programs use.
    Known,
    /// Where the inside is one word with an underscore, or a name that mail programs use in camel case: in many
    /// languages the signs are quotation marks.
    Compound,
}

/// The styles; of two that begin alike, the longer first.
const STYLES: [Style; 17] = [
    style("*|", "|*", Certain::Tight),
    style("<%", "%>", Certain::Always),
    style("{%", "%}", Certain::Always),
    style("[%", "%]", Certain::Always),
    style("%%", "%%", Certain::Always),
    style("%", "%", Certain::Name),
    style("${", "}", Certain::Name),
    style("#{", "}", Certain::Name),
    style("{", "}", Certain::Field),
    style("[[", "]]", Certain::Name),
    style("[", "]", Certain::Known),
    style("||", "||", Certain::Name),
    style("@@", "@@", Certain::Name),
    style("##", "##", Certain::Field),
    style("<<", ">>", Certain::Field),
    style("«", "»", Certain::Compound),
    style("~", "~", Certain::Field),
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
    let name = name
        .split(['|', ',', '?'])
        .find(|part| !part.trim().is_empty());
    let name = name.unwrap_or_default().trim();
    name.rsplit(['.', ':'])
        .next()
        .unwrap_or(name)
        .trim_start_matches(['$', '=', '-'])
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
    while let Some(open) = next_byte(&text.as_bytes()[at..], opens).map(|i| at + i) {
        if let Some(block) = covering(code, open) {
            at = block.end.max(open + 1);
            while !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        }
        let is_escaped = text[..open].ends_with('\\');
        let field = STYLES
            .iter()
            .filter(|_| !is_escaped)
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
fn opens(byte: u8) -> bool {
    OPENING.iter().fold(false, |any, one| any | (byte == *one))
}

const OPENING: [u8; 11] = [
    b'*', b'<', b'{', b'[', b'%', b'$', b'#', b'|', b'@', b'~', 0xC2,
];

fn covering(code: &[Range<usize>], at: usize) -> Option<&Range<usize>> {
    let after = code.partition_point(|block| block.start <= at);
    code[..after].last().filter(|block| at < block.end)
}

impl Style {
    /// The field in this style whose first character is at `open`.
    fn at(&self, text: &str, open: usize) -> Option<MergeField> {
        let inside = text[open..].strip_prefix(self.open)?;
        let reach = inside
            .char_indices()
            .nth(LONGEST)
            .map_or(inside.len(), |(at, _)| at);
        let length = inside[..reach].find(self.close)?;
        let name = &inside[..length];
        let at = open..open + self.open.len() + length + self.close.len();
        let is_field = !name.contains('\n') && self.is_field(name) && self.stands_alone(text, &at);
        is_field.then(|| MergeField {
            at,
            name: name.to_owned(),
        })
    }

    fn is_field(&self, name: &str) -> bool {
        let is_known = || known(name).is_some() || ATTRIBUTES.contains(&folded(name).as_str());
        match self.certain {
            Certain::Always => name.contains(char::is_alphanumeric) && !name.contains(['{', '}']),
            Certain::Tight => name.starts_with(char::is_alphabetic) && !name.ends_with(' '),
            Certain::Name => is_name(name) && name.chars().count() > 2,
            Certain::Field => is_default(name) && (is_known() || looks_like_field(name)),
            Certain::Known => {
                is_default(name) && (is_known() || name.contains('_') && is_name(name))
            }
            Certain::Compound => {
                is_name(name) && (name.contains('_') || is_camel_case(name) && is_known())
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
                !is_joined
                    && !before
                        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '}' | '_' | '^' | '\\'))
            }
            "[" => !is_joined && !matches!(after, Some('(' | '[' | ':')),
            "%" | "~" => {
                !is_joined
                    && !before.is_some_and(char::is_alphanumeric)
                    && !after.is_some_and(char::is_alphanumeric)
            }
            _ => true,
        }
    }
}

/// Letters, digits and what joins them, beginning with a letter.
fn is_name(name: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    name.trim_start_matches('$')
        .starts_with(char::is_alphabetic)
        && name.trim_start_matches('$').chars().all(joins)
}

/// A name, alone or with a default: `name`, `$name`, `name|friend`, `First Name`.
fn is_default(name: &str) -> bool {
    let first = name.split(['|', ',']).next().unwrap_or_default().trim();
    first.split(' ').count() <= 3 && first.split(' ').all(is_name)
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
    let is_capitals = first.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let has_join =
        first.contains('_') || first.starts_with('$') || first.trim_matches('.').contains('.');
    letters > 2 && (is_capitals || has_join) && is_name(first)
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
            "~Contact.FirstName~",
        ] {
            assert_eq!(found(&format!("Dear {field}, hello")), [field]);
        }
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
