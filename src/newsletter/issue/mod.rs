//! An issue: one number of the newsletter, read from `issues/NAME.toml` and checked.
//!
//! All values of these types are valid: a link may be mailed, a date exists, a picture can be shown. Strings may
//! contain the marks of placeholders (see [`crate::placeholder`]). How a section looks is decided in `compile`.

mod autolink;
mod code;
mod date;
mod duplicates;
mod entity;
mod files;
mod footnotes;
mod intraword_stars;
mod link;
mod literal_markdown;
mod mapped_text;
mod mask;
mod merge_conflict;
mod misplaced_tables;
mod picture;
mod picture_file;
mod picture_folder;
mod prose;
mod raw;
mod read;
mod reader;
mod sections;
mod source_map;
mod starter;
mod timepoint;
mod unintended_blocks;
mod url_end;

pub use autolink::candidates as bare_urls;
pub use code::code_spans;
pub use duplicates::{IssueIdentity, copied_name};
pub use files::{names, path_of, report_strays};
pub use literal_markdown::{report_braces, report_marks};
pub use picture_file::{Picture, PictureFile, read_picture};
pub use picture_folder::PictureFolder;
pub use prose::{Block, Inline, Prose, plain};
pub use read::{identity, read};
pub use source_map::{
    DateSource, LanguageSource, LinkSource, PictureSource, RuleTestSource, SourceMap,
};
pub use starter::{SENTENCES, skeleton};
pub use timepoint::{PartialDate, Timepoint, ZonedTime};

use jiff::civil;
use serde::{Deserialize, Serialize};

use crate::diag::Place;
use crate::language::Language;
use crate::placeholder::Placeholders;
use crate::subscriber::Rule;

/// One number of the newsletter.
///
/// # Examples
///
/// ```
/// let workspace = franking::Workspace::open(".")?;
/// let checked = workspace.compile(&workspace.load()?, "2026-11")?;
/// let issue: &franking::Issue = &checked.compiled.issue;
/// assert_eq!(issue.date.to_string(), "2026-11-30");
/// # Ok::<(), franking::workspace::Failure>(())
/// ```
#[derive(Debug, Clone)]
pub struct Issue {
    /// The name of the issue: its file name without `.toml`.
    pub name: String,
    /// The issue's number.
    pub number: Option<i64>,
    /// The title in the masthead and the archive.
    pub title: Option<String>,
    /// The subject line.
    pub subject: String,
    /// The preheader, which inboxes show after the subject.
    pub preheader: Option<String>,
    /// The date of the issue.
    pub date: civil::Date,
    /// The scheduled time.
    pub send_at: Option<ZonedTime>,
    /// The location of `send_at`, even if its value is invalid.
    pub send_at_place: Option<Place>,
    /// The language of the issue.
    pub language: Language,
    /// The name of the template.
    pub template: String,
    /// The location of the template's name.
    pub template_place: Option<Place>,
    /// The audience rule.
    pub audience: Rule,
    /// The location of the audience rule, if the file has one.
    pub audience_place: Option<Place>,
    /// The policy for deliveries whose outcome is uncertain.
    pub on_uncertain: OnUncertain,
    /// The introduction.
    pub intro: Prose,
    /// The sections in the order of the file.
    pub sections: Vec<Section>,
    /// The placeholders, in the order of their marks.
    pub placeholders: Placeholders,
    /// The rules of conditional sections.
    pub rules: Vec<Rule>,
    /// The pictures of all sections, each file once.
    pub pictures: Vec<PictureFile>,
    /// The locations of links, dates, pictures and texts.
    pub source_map: SourceMap,
}

/// The policy for a delivery whose outcome is uncertain: the connection was lost after the message's last byte and
/// before the reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUncertain {
    /// Do nothing until the delivery is resolved: each recipient gets the message at most once.
    #[default]
    Hold,
    /// Send again: each recipient gets the message at least once.
    Resend,
    /// Count as sent.
    Skip,
}

impl OnUncertain {
    /// The value in the issue's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Resend => "resend",
            Self::Skip => "skip",
        }
    }
}

/// A section of an issue.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading.
    pub heading: Option<String>,
    /// The anchor in the web version.
    pub id: Option<String>,
    /// The number of the rule that selects its recipients; `None` for all.
    pub when: Option<usize>,
    /// The contributor of the text.
    pub contributor: Option<String>,
    /// The language, if it is not that of the issue.
    pub language: Option<Language>,
    /// The location of the section's header.
    pub place: Place,
    /// The content.
    pub content: Content,
}

/// The content of a section, by its kind.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the variants are the kinds of the file format")]
pub enum Content {
    Text(Prose),
    Interview(Interview),
    Article(Article),
    Publications(Vec<Reference>),
    Calls(Vec<Call>),
    News(Vec<News>),
    Events(Vec<Event>),
    Image(Picture),
    Button(Link),
    Quote(Quote),
    Divider,
    Contents,
}

/// A conversation with a guest.
#[derive(Debug, Clone)]
pub struct Interview {
    /// The guest, who answers.
    pub guest: Guest,
    /// The introduction.
    pub intro: Prose,
    /// The questions with their answers.
    pub exchanges: Vec<Exchange>,
}

/// The guest of an interview.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Option<String>,
    /// The organization.
    pub organisation: Option<String>,
    /// The biography.
    pub bio: Prose,
    /// The portrait.
    pub portrait: Option<Picture>,
}

/// A question and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The question, one paragraph.
    pub question: String,
    /// The answer.
    pub answer: Prose,
}

/// An article with its authors.
#[derive(Debug, Clone)]
pub struct Article {
    /// A short line above the heading.
    pub kicker: Option<String>,
    /// The text.
    pub body: Prose,
    /// The picture.
    pub image: Option<Picture>,
    /// The authors.
    pub authors: Vec<Author>,
    /// The link to the full text.
    pub link: Option<Link>,
}

/// An author of an article.
#[derive(Debug, Clone)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Option<String>,
    /// The organization.
    pub organisation: Option<String>,
}

/// A link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The destination.
    pub url: String,
    /// The text; `None` if it is generated from the title, in the language of the issue.
    pub text: Option<String>,
}

/// An entry of a bibliography.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The title.
    pub title: String,
    /// The language of the title, if it is not that of the issue.
    pub language: Option<Language>,
    /// The URL of the publication.
    pub url: Option<String>,
    /// The authors.
    pub authors: Vec<String>,
    /// The series.
    pub series: Option<String>,
    /// The number in the series.
    pub number: Option<String>,
    /// The publisher.
    pub publisher: Option<String>,
    /// The date of publication.
    pub date: Option<PartialDate>,
    /// The summary.
    pub summary: Prose,
}

/// An invitation to apply, with its deadline.
#[derive(Debug, Clone)]
pub struct Call {
    /// The title.
    pub title: String,
    /// The language of the title, if it is not that of the issue.
    pub language: Option<Language>,
    /// The description.
    pub body: Prose,
    /// The organiser.
    pub organiser: Option<String>,
    /// The deadline.
    pub deadline: Option<Timepoint>,
    /// The place.
    pub place: Option<String>,
    /// The link to more information.
    pub link: Option<Link>,
}

/// A piece of news.
#[derive(Debug, Clone)]
pub struct News {
    /// The title.
    pub title: String,
    /// The language of the title, if it is not that of the issue.
    pub language: Option<Language>,
    /// The text.
    pub body: Prose,
    /// The link to more information.
    pub link: Option<Link>,
    /// The picture.
    pub image: Option<Picture>,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// The title.
    pub title: String,
    /// The language of the title, if it is not that of the issue.
    pub language: Option<Language>,
    /// The description.
    pub body: Prose,
    /// The beginning.
    pub start: Timepoint,
    /// The end.
    pub end: Option<Timepoint>,
    /// The place.
    pub place: Option<String>,
    /// The link to more information.
    pub link: Option<Link>,
}

/// A quotation, set apart.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The quoted text.
    pub body: Prose,
    /// The source of the quotation.
    pub by: Option<String>,
}
