//! The edition: a compiled issue, shared by all readers, named by a digest.
//!
//! Issue and template in, edition out: no clock, no network, no chance. The same files give the same
//! bytes on every machine, so that what was reviewed can be compared with what is sent. A reader costs
//! only the filling of slots; parsing and inlining happened here, once.

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
    /// The issue's title or, where it has none, its subject without slots.
    pub title: String,
    /// The issue's number.
    pub number: Option<i64>,
    /// The date of the issue.
    pub date: civil::Date,
    /// The language of the issue.
    pub language: Language,
    /// Who sends it, and how readers answer and leave.
    pub sender: Sender,
    /// The subject line.
    pub subject: Pattern,
    /// The HTML part.
    pub html: Pattern,
    /// The plain text part.
    pub text: text::Page,
    /// What the slots are called.
    pub slots: Placeholders,
    /// Who sees the parts that not everybody sees.
    pub rules: Vec<Rule>,
    /// What a slot says for a reader without a value.
    pub defaults: std::collections::BTreeMap<String, String>,
    /// The pictures that travel with each letter.
    pub pictures: Vec<EmbeddedPicture>,
    /// The pictures that stay on the web, for who shows a letter before they are there; a frozen edition has
    /// forgotten them.
    #[serde(skip)]
    pub linked: Vec<LinkedPicture>,
}

/// What the publication says about itself in every letter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sender {
    /// The newsletter's name.
    pub name: String,
    /// RFC 2919.
    pub list_id: String,
    /// The author.
    pub from: Mailbox,
    /// Who reads the answers.
    pub reply_to: Option<Mailbox>,
    /// The newsletter on the web, without a slash at the end.
    pub web_url: Option<String>,
    /// Where a mail to leave goes.
    pub unsubscribe_mailto: Option<Address>,
}

/// A picture that travels with each letter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddedPicture {
    /// Its identity inside the letter (RFC 2392), without brackets.
    pub content_id: String,
    /// Its name, should a reader save it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes; in a frozen edition they follow the JSON.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A picture to which a letter leads.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedPicture {
    /// Where it will be.
    pub url: String,
    /// Its path below `web_url`.
    pub path: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Edition {
    /// Compiles an issue.
    pub fn compile(issue: &Issue, publication: &Newsletter, template: &Template) -> Self {
        let mut slots = issue.placeholders.clone();
        let mut pictures = PictureUrls::new(publication);
        let context = context(issue, publication, template, &mut slots, &mut pictures);
        Self {
            issue: issue.name.clone(),
            title: crate::placeholder::without_marks(context.title()),
            number: issue.number,
            date: issue.date,
            language: issue.language.clone(),
            sender: Sender::of(publication),
            subject: Pattern::line(&issue.subject),
            html: Pattern::html(&html::document(&context)),
            text: text::page(&context),
            slots,
            rules: issue.rules.clone(),
            defaults: publication.defaults.clone(),
            pictures: pictures.embedded,
            linked: pictures.linked,
        }
    }

    /// The edition as bytes: one line of JSON, then the pictures. The ledger keeps these.
    pub fn freeze(&self) -> Vec<u8> {
        let lengths: Vec<usize> = self
            .pictures
            .iter()
            .map(|picture| picture.bytes.len())
            .collect();
        let mut bytes =
            serde_json::to_vec(&(self, lengths)).expect("an edition has nothing that JSON lacks");
        bytes.push(b'\n');
        for picture in &self.pictures {
            bytes.extend_from_slice(&picture.bytes);
        }
        bytes
    }

    /// The edition that [`Edition::freeze`] gave `bytes` of.
    ///
    /// # Errors
    /// When the bytes are not those of an edition.
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

    /// The edition's name: that of its frozen bytes.
    pub fn digest(&self) -> String {
        digest_of(&self.freeze())
    }
}

/// What the two parts of the issue's messages are made from; it adds the placeholders of every issue to `slots`.
fn context<'a>(
    issue: &'a Issue,
    publication: &'a Newsletter,
    template: &'a Template,
    slots: &mut Placeholders,
    pictures: &mut PictureUrls,
) -> RenderContext<'a> {
    let logo = template.logo.as_ref();
    RenderContext {
        issue,
        publication,
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
        web_url: publication.has_web().then(|| slots.add_named("web_url")),
        unsubscribe_url: slots.add_named("unsubscribe_url"),
        email: slots.add_named("email"),
    }
}

/// The digest of an issue's introduction, its sections and their pictures; empty where they show nothing.
///
/// Number, title, subject, preheader and dates do not count: whoever copies an issue changes some of them. Nor does the
/// look, which all issues share.
pub fn content(issue: &Issue, publication: &Newsletter, template: &Template) -> String {
    let mut slots = issue.placeholders.clone();
    let mut urls = PictureUrls::new(publication);
    let context = context(issue, publication, template, &mut slots, &mut urls);
    let text = text::body(&context);
    if text.trim().is_empty() && issue.pictures.is_empty() {
        return String::new();
    }
    let pictures = issue.pictures.iter().map(|file| digest_of(&file.bytes));
    let parts: Vec<String> = std::iter::once(text).chain(pictures).collect();
    digest_of(parts.join("\0").as_bytes())
}

/// The name of bytes, such as a frozen edition's: SHA-256 over them, in hexadecimal.
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

/// Why frozen bytes are no edition.
#[derive(Debug)]
pub enum ThawError {
    /// They end too early.
    Cut,
    /// Their head is not what this version writes.
    Json(serde_json::Error),
}

impl std::fmt::Display for ThawError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cut => "the frozen edition is cut short",
            Self::Json(_) => "the frozen edition was not written by this version",
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
    fn of(publication: &Newsletter) -> Self {
        Self {
            name: publication.name.clone(),
            list_id: publication.list_id.clone(),
            from: publication.from.clone(),
            reply_to: publication.reply_to.clone(),
            web_url: publication
                .web_url
                .as_ref()
                .map(|url| trimmed(url.as_str())),
            unsubscribe_mailto: publication.unsubscribe_mailto.clone(),
        }
    }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

/// Gives every picture its `src`, and keeps those that travel with the letter.
struct PictureUrls<'a> {
    publication: &'a Newsletter,
    embedded: Vec<EmbeddedPicture>,
    linked: Vec<LinkedPicture>,
}

impl<'a> PictureUrls<'a> {
    fn new(publication: &'a Newsletter) -> Self {
        Self {
            publication,
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
        match (&self.publication.web_url, self.publication.pictures) {
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

    /// The content identity is made of the bytes, so that it is the same in every build.
    fn embed(&mut self, file: &PictureFile) -> String {
        let name = &digest_of(&file.bytes)[..16];
        let content_id = format!("{name}@{}", self.publication.from.address.domain());
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
