//! An issue: one number of the newsletter, read from `issues/NAME.toml` and checked.
//!
//! Everything in these types has been accepted: a link may be mailed, a date exists, a picture is one.
//! Strings that readers see may hold the marks of slots (see [`crate::placeholder`]). Nothing here knows how a
//! section looks; that is the business of `html` and `text`.

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
#[derive(Debug, Clone)]
pub struct Issue {
    /// The file's name without `.toml`, which is the issue's name everywhere.
    pub name: String,
    /// The running number.
    pub number: Option<i64>,
    /// The title in the masthead and the archive.
    pub title: Option<String>,
    /// The subject line.
    pub subject: String,
    /// The line that an inbox shows behind the subject.
    pub preheader: Option<String>,
    /// The date of the issue.
    pub date: civil::Date,
    /// When it is to go out.
    pub send_at: Option<ZonedTime>,
    /// Where the file says so, if it does; without a moment, in words that name none.
    pub send_at_place: Option<Place>,
    /// Its language.
    pub language: Language,
    /// The name of its template.
    pub template: String,
    /// Where that is named.
    pub template_place: Option<Place>,
    /// Who gets it.
    pub audience: Rule,
    /// Where the audience rule stands, if the file has one.
    pub audience_place: Option<Place>,
    /// What becomes of a delivery whose outcome nobody knows.
    pub on_uncertain: OnUncertain,
    /// The words above the first section.
    pub intro: Prose,
    /// The sections in the order of the file.
    pub sections: Vec<Section>,
    /// All placeholders, by the numbers of their marks.
    pub slots: Placeholders,
    /// The rules of sections that not everybody sees.
    pub rules: Vec<Rule>,
    /// The pictures that the sections show, each file once.
    pub pictures: Vec<PictureFile>,
    /// Where the editor wrote what.
    pub source_map: SourceMap,
}

/// What becomes of a delivery whose outcome nobody knows: the connection was lost after the message's
/// last byte and before the reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUncertain {
    /// Nothing, until somebody decides: such a reader is written to at most once.
    #[default]
    Hold,
    /// It is sent again: such a reader is written to at least once.
    Resend,
    /// It counts as done.
    Skip,
}

impl OnUncertain {
    /// The word of the issue's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Resend => "resend",
            Self::Skip => "skip",
        }
    }
}

/// A part of an issue.
#[derive(Debug, Clone)]
pub struct Section {
    /// What stands above it.
    pub heading: Option<String>,
    /// Its anchor in the web version.
    pub id: Option<String>,
    /// The number of the rule that says who sees it; `None`: everybody.
    pub when: Option<usize>,
    /// Who delivered it.
    pub contributor: Option<String>,
    /// The language of its words, where it is not the issue's.
    pub language: Option<Language>,
    /// Where it stands in the file.
    pub place: Place,
    /// What it says.
    pub content: Content,
}

/// What a section says, by its kind.
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
    /// Who answers.
    pub guest: Guest,
    /// What leads to the conversation.
    pub intro: Prose,
    /// Question and answer, in turn.
    pub exchanges: Vec<Exchange>,
}

/// The guest of an interview.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The guest's name.
    pub name: String,
    /// What the guest does.
    pub role: Option<String>,
    /// For whom.
    pub organisation: Option<String>,
    /// Who the guest is.
    pub bio: Prose,
    /// The guest's picture.
    pub portrait: Option<Picture>,
}

/// A question and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// In one paragraph.
    pub question: String,
    /// In as many as it takes.
    pub answer: Prose,
}

/// A piece signed by its authors.
#[derive(Debug, Clone)]
pub struct Article {
    /// A word above the heading.
    pub kicker: Option<String>,
    /// The piece.
    pub body: Prose,
    /// Its picture.
    pub image: Option<Picture>,
    /// Who signs it.
    pub authors: Vec<Author>,
    /// Where it goes on.
    pub link: Option<Link>,
}

/// Who signs an article.
#[derive(Debug, Clone)]
pub struct Author {
    /// The author's name.
    pub name: String,
    /// What the author does.
    pub role: Option<String>,
    /// For whom.
    pub organisation: Option<String>,
}

/// A destination and the words that lead there.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// Its words; `None`: made from the title in the issue's language.
    pub text: Option<String>,
}

/// An entry of a bibliography.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The title.
    pub title: String,
    /// The language of the title, where it is not the issue's.
    pub language: Option<Language>,
    /// Where it can be read.
    pub url: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// The series it appeared in.
    pub series: Option<String>,
    /// Its number there.
    pub number: Option<String>,
    /// Who published it.
    pub publisher: Option<String>,
    /// When.
    pub date: Option<PartialDate>,
    /// What it says.
    pub summary: Prose,
}

/// An invitation to apply, with its deadline.
#[derive(Debug, Clone)]
pub struct Call {
    /// The title.
    pub title: String,
    /// The language of the title, where it is not the issue's.
    pub language: Option<Language>,
    /// What it is about.
    pub body: Prose,
    /// Who invites.
    pub organiser: Option<String>,
    /// Until when.
    pub deadline: Option<Timepoint>,
    /// Where.
    pub place: Option<String>,
    /// More about it.
    pub link: Option<Link>,
}

/// A piece of news.
#[derive(Debug, Clone)]
pub struct News {
    /// The title.
    pub title: String,
    /// The language of the title, where it is not the issue's.
    pub language: Option<Language>,
    /// What happened.
    pub body: Prose,
    /// More about it.
    pub link: Option<Link>,
    /// Its picture.
    pub image: Option<Picture>,
}

/// Something that takes place.
#[derive(Debug, Clone)]
pub struct Event {
    /// The title.
    pub title: String,
    /// The language of the title, where it is not the issue's.
    pub language: Option<Language>,
    /// What it is about.
    pub body: Prose,
    /// When it begins.
    pub start: Timepoint,
    /// When it ends.
    pub end: Option<Timepoint>,
    /// Where.
    pub place: Option<String>,
    /// More about it.
    pub link: Option<Link>,
}

/// Somebody's words, set apart.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The words.
    pub body: Prose,
    /// Whose they are.
    pub by: Option<String>,
}
