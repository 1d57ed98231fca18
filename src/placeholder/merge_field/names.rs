//! The names of merge fields: those that mail programs use, and the placeholders that they mean.

use crate::placeholder::name::URLS;

/// The usual names of mail programs for each placeholder, compared without spaces, points and underscores.
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

/// Names that are also ordinary words: a button `[E-mail]`, a blank `[name]`.
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

/// Names of mail programs without a built-in placeholder: they may be attributes of the list.
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

/// The hint for a name of another program, or for an invalid placeholder.
pub(in crate::placeholder) fn hint(name: &str) -> String {
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

/// The last part of a name, such as `FNAME` of `contact.FNAME`, in lower case and without separators.
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

/// A name without its default: `name|friend`, `name,fallback=`, `name:"friend"`, `NAME OR "friend"`.
fn without_default(name: &str) -> &str {
    let name = name.trim();
    let name = name.strip_prefix("MERGEFIELD ").unwrap_or(name);
    let parts = name.split(['|', ',', '?', '"', '\'', '“', '”']);
    let name = parts.map(str::trim).find(|part| !part.is_empty());
    let name = name.unwrap_or_default();
    let name = name.split_once("%%").map_or(name, |(name, _)| name);
    name.strip_suffix(" OR").unwrap_or(name).trim()
}

/// The last part of a name, as a valid name of a placeholder.
fn identifier(name: &str) -> Option<String> {
    let words: Vec<&str> = last_part(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty() && words.len() <= 4).then(|| words.join("_").to_lowercase())
}

/// Whether it is a name that mail programs use.
pub(super) fn is_known(name: &str) -> bool {
    known(name).is_some() || ATTRIBUTES.contains(&folded(name).as_str())
}

/// Whether it is also an ordinary word, written as one.
pub(super) fn is_word(name: &str) -> bool {
    let is_alone = name.chars().all(|c| c.is_alphanumeric() || c == '-');
    is_alone && !is_capitals(name) && WORDS.contains(&folded(name).as_str())
}

/// Whether it is the name of a person.
pub(super) fn is_person(name: &str) -> bool {
    matches!(known(name), Some("first_name" | "last_name" | "name"))
}

pub(super) fn is_capitals(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Whether `name` consists of letters, digits and separators, starting with a letter.
pub(super) fn is_name(name: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    name.trim_start_matches('$')
        .starts_with(char::is_alphabetic)
        && name.trim_start_matches('$').chars().all(joins)
}

/// Whether `name` is a name with or without a default: `name`, `$name`, `name|friend`, `First Name`, `field=name`.
pub(super) fn is_default(name: &str) -> bool {
    let first = without_default(name).trim_end_matches([':', '=']);
    first.split(' ').count() <= 3 && first.split([' ', '=']).all(is_name)
}

/// Whether a capital follows a lower-case letter, as in `FirstName`.
pub(super) fn is_camel_case(name: &str) -> bool {
    let chars = || name.chars();
    chars()
        .zip(chars().skip(1))
        .any(|(c, next)| c.is_lowercase() && next.is_uppercase())
}

/// Whether `name` has at least three letters, all capitals or with an underscore, a point or a `$`: formulas and
/// remarks are not written so.
pub(super) fn looks_like_field(name: &str) -> bool {
    let first = name.split(['|', ',']).next().unwrap_or_default();
    let letters = first.chars().filter(|c| c.is_alphabetic()).count();
    let has_join =
        first.contains('_') || first.starts_with('$') || first.trim_matches('.').contains('.');
    letters > 2 && (is_capitals(first) || has_join) && is_name(first)
}
