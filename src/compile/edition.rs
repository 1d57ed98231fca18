//! The edition: an issue compiled once for all recipients, identified by a digest.
//!
//! Compilation uses no clock, network or random numbers. The same files produce the same bytes on every machine, so the
//! reviewed edition can be compared with the sent one. For each recipient, only the placeholders are filled in.

use jiff::civil;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::compile::context::RenderContext;
use crate::compile::html;
use crate::compile::text;
use crate::language::{Dates, Labels, Language};
use crate::newsletter::config::{Mailbox, Newsletter, Pictures};
use crate::newsletter::issue::{Issue, PictureFile};
use crate::newsletter::template::Template;
use crate::placeholder::{Pattern, Placeholders};
use crate::subscriber::{Address, Rule};
use crate::util::escape;

/// A compiled issue.
///
/// # Examples
///
/// ```
/// let workspace = franking::Workspace::open(".")?;
/// let checked = workspace.compile(&workspace.load()?, "2026-11")?;
/// let edition: &franking::Edition = &checked.compiled.edition;
/// assert_eq!(edition.digest().len(), 64);
/// # Ok::<(), franking::workspace::Failure>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    /// The issue's name.
    pub issue: String,
    /// The issue's title, or its subject without placeholders if it has no title.
    pub title: String,
    /// The issue's number.
    pub number: Option<i64>,
    /// The date of the issue.
    pub date: civil::Date,
    /// The language of the issue.
    pub language: Language,
    /// The sender, with the addresses for replies and unsubscribing.
    pub sender: Sender,
    /// The subject line.
    pub subject: Pattern,
    /// The HTML part.
    pub html: Pattern,
    /// The plain text part.
    pub text: text::Page,
    /// The placeholders in the parts.
    #[serde(rename = "slots")]
    pub placeholders: Placeholders,
    /// The audience rules of conditional sections.
    pub rules: Vec<Rule>,
    /// The default values of placeholders.
    pub defaults: std::collections::BTreeMap<String, String>,
    /// The pictures embedded in each message.
    pub pictures: Vec<EmbeddedPicture>,
    /// The pictures on the web, for a preview before they are published. A frozen edition does not contain them.
    #[serde(skip)]
    pub linked: Vec<LinkedPicture>,
}

/// The sender of every message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sender {
    /// The newsletter's name.
    pub name: String,
    /// The list identifier (RFC 2919).
    pub list_id: String,
    /// The address of the sender.
    pub from: Mailbox,
    /// The address for replies, if it is another one.
    pub reply_to: Option<Mailbox>,
    /// The URL of the newsletter on the web, without a slash at the end.
    pub web_url: Option<String>,
    /// The address for unsubscribing by mail.
    pub unsubscribe_mailto: Option<Address>,
}

/// A picture embedded in each message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddedPicture {
    /// The content identifier (RFC 2392), without brackets.
    pub content_id: String,
    /// The name for saving it as a file.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// The bytes; in a frozen edition they follow the JSON.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A picture on the web that messages refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedPicture {
    /// The URL after publication.
    pub url: String,
    /// The path below `web_url`.
    pub path: String,
    /// The media type.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Edition {
    /// Compiles an issue.
    pub fn compile(issue: &Issue, newsletter: &Newsletter, template: &Template) -> Self {
        let mut placeholders = issue.placeholders.clone();
        let mut pictures = PictureUrls::new(newsletter);
        let context = context(
            issue,
            newsletter,
            template,
            &mut placeholders,
            &mut pictures,
        );
        Self {
            issue: issue.name.clone(),
            title: crate::placeholder::without_marks(context.title()),
            number: issue.number,
            date: issue.date,
            language: issue.language.clone(),
            sender: Sender::of(newsletter),
            subject: Pattern::line(&issue.subject),
            html: Pattern::html(&html::document(&context)),
            text: text::page(&context),
            placeholders,
            rules: issue.rules.clone(),
            defaults: newsletter.defaults.clone(),
            pictures: pictures.embedded,
            linked: pictures.linked,
        }
    }

    /// The edition as bytes for the ledger: one line of JSON, then the pictures.
    pub fn freeze(&self) -> Vec<u8> {
        let lengths: Vec<usize> = self
            .pictures
            .iter()
            .map(|picture| picture.bytes.len())
            .collect();
        let mut bytes =
            serde_json::to_vec(&(self, lengths)).expect("every edition has a JSON form");
        bytes.push(b'\n');
        for picture in &self.pictures {
            bytes.extend_from_slice(&picture.bytes);
        }
        bytes
    }

    /// Restores an edition from the bytes that [`Edition::freeze`] returned.
    ///
    /// # Errors
    /// If the bytes are not those of an edition.
    pub fn thaw(bytes: &[u8]) -> Result<Self, ThawError> {
        let end = bytes
            .iter()
            .position(|b| *b == b'\n')
            .ok_or(ThawError::Cut)?;
        let (mut edition, lengths): (Self, Vec<usize>) =
            serde_json::from_slice(&bytes[..end]).map_err(ThawError::Json)?;
        let mut rest = &bytes[end + 1..];
        for (picture, length) in edition.pictures.iter_mut().zip(lengths) {
            let (own, after) = rest.split_at_checked(length).ok_or(ThawError::Cut)?;
            picture.bytes = own.to_vec();
            rest = after;
        }
        Ok(edition)
    }

    /// The digest of the frozen bytes, which identifies the edition.
    pub fn digest(&self) -> String {
        digest_of(&self.freeze())
    }
}

/// The input of both parts of a message. Adds the placeholders that every issue has to `placeholders`.
fn context<'a>(
    issue: &'a Issue,
    newsletter: &'a Newsletter,
    template: &'a Template,
    placeholders: &mut Placeholders,
    pictures: &mut PictureUrls,
) -> RenderContext<'a> {
    let logo = template.logo.as_ref();
    RenderContext {
        issue,
        newsletter,
        template,
        labels: Labels::of(&issue.language, &template.labels),
        dates: Dates::new(&issue.language),
        picture_urls: issue
            .pictures
            .iter()
            .map(|file| pictures.of_issue(file))
            .collect(),
        logo_url: logo.map(|logo| pictures.of_template(&logo.file)),
        dark_logo_url: logo
            .and_then(|logo| logo.dark.as_ref())
            .map(|file| pictures.of_template(file)),
        web_url: newsletter
            .has_web()
            .then(|| placeholders.add_named("web_url")),
        unsubscribe_url: placeholders.add_named("unsubscribe_url"),
        email: placeholders.add_named("email"),
    }
}

/// The digest of an issue's introduction, its sections and their pictures; empty if they have no content.
///
/// It recognises copies of an issue. Number, title, subject, preheader and dates are left out because some of them
/// change in a copy; the template is left out because issues share it.
pub fn content(issue: &Issue, newsletter: &Newsletter, template: &Template) -> String {
    let mut placeholders = issue.placeholders.clone();
    let mut urls = PictureUrls::new(newsletter);
    let context = context(issue, newsletter, template, &mut placeholders, &mut urls);
    let text = text::body(&context);
    if text.trim().is_empty() && issue.pictures.is_empty() {
        return String::new();
    }
    let pictures = issue.pictures.iter().map(|file| digest_of(&file.bytes));
    let parts: Vec<String> = std::iter::once(text).chain(pictures).collect();
    digest_of(parts.join("\0").as_bytes())
}

/// The SHA-256 digest of `bytes` in hexadecimal.
pub fn digest_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = digest(&SHA256, bytes);
    let halves = digest
        .as_ref()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

/// The reason why bytes are not a frozen edition.
#[derive(Debug)]
pub enum ThawError {
    /// The bytes are truncated.
    Cut,
    /// The JSON is not that of an edition.
    Json(serde_json::Error),
}

impl std::fmt::Display for ThawError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cut => "the frozen edition is truncated",
            Self::Json(_) => "the frozen edition has an unknown format",
        })
    }
}

impl std::error::Error for ThawError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Cut => None,
            Self::Json(error) => Some(error),
        }
    }
}

impl Sender {
    fn of(newsletter: &Newsletter) -> Self {
        Self {
            name: newsletter.name.clone(),
            list_id: newsletter.list_id.clone(),
            from: newsletter.from.clone(),
            reply_to: newsletter.reply_to.clone(),
            web_url: newsletter.web_url.as_ref().map(|url| trimmed(url.as_str())),
            unsubscribe_mailto: newsletter.unsubscribe_mailto.clone(),
        }
    }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

/// Assigns a URL to every picture, and collects the pictures.
struct PictureUrls<'a> {
    newsletter: &'a Newsletter,
    embedded: Vec<EmbeddedPicture>,
    linked: Vec<LinkedPicture>,
}

impl<'a> PictureUrls<'a> {
    fn new(newsletter: &'a Newsletter) -> Self {
        Self {
            newsletter,
            embedded: Vec::new(),
            linked: Vec::new(),
        }
    }

    fn of_issue(&mut self, file: &PictureFile) -> String {
        self.url(file, "issues")
    }

    fn of_template(&mut self, file: &PictureFile) -> String {
        self.url(file, "templates")
    }

    fn url(&mut self, file: &PictureFile, below: &str) -> String {
        match (&self.newsletter.web_url, self.newsletter.pictures) {
            (Some(url), Pictures::Link) => {
                let path = file
                    .src
                    .split('/')
                    .map(escape::url_segment)
                    .collect::<Vec<_>>();
                let url = format!("{}/{below}/{}", trimmed(url.as_str()), path.join("/"));
                self.linked.push(LinkedPicture {
                    url: url.clone(),
                    path: format!("{below}/{}", file.src),
                    media_type: file.format.media_type().to_owned(),
                    bytes: file.bytes.clone(),
                });
                url
            }
            _ => self.embed(file),
        }
    }

    /// Embeds a picture. Its content identifier is derived from the bytes, so it is the same in every build.
    fn embed(&mut self, file: &PictureFile) -> String {
        let name = &digest_of(&file.bytes)[..16];
        let content_id = format!("{name}@{}", self.newsletter.from.address.domain());
        let url = format!("cid:{content_id}");
        if !self
            .embedded
            .iter()
            .any(|picture| picture.content_id == content_id)
        {
            self.embedded.push(EmbeddedPicture {
                content_id,
                name: file.src.rsplit('/').next().unwrap_or_default().to_owned(),
                media_type: file.format.media_type().to_owned(),
                bytes: file.bytes.clone(),
            });
        }
        url
    }
}
