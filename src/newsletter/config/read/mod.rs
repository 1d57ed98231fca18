//! `newsletter.toml`, from the file to a [`Newsletter`].

mod dkim;
mod list;
mod login;
mod privacy;
mod raw;
mod reader;
mod relay;
mod sender;
mod smtp;
mod store;
mod tables;
mod urls;

use std::path::Path;

use jiff::tz::TimeZone;

use super::{FILE, Mailbox, Newsletter, Pictures, TextForm, advice, blanks, starter, zones};
use crate::diag::{Finding, Findings, Source};
use crate::language::{Language, registered};
use crate::toml_file::{self, Document, LARGEST_FILE, Text, TomlValue};
use crate::util::escape;
use raw::{RawNewsletter, RawText};
use reader::ConfigReader;

/// Reads and checks `newsletter.toml` in `folder`.
///
/// # Errors
/// If a required key is missing or invalid: what could be read, with a substitute for each of those keys. It cannot be
/// sent, but the findings of the other files can be collected with it.
pub fn read(folder: &Path, findings: &mut Findings) -> Result<Newsletter, Box<Newsletter>> {
    let source = toml_file::read(folder, FILE, LARGEST_FILE, findings).ok_or_else(substitute)?;
    let mut document = Document::parse(&source, findings).ok_or_else(substitute)?;
    let blanks = blanks::report(document.root(), &source, findings);
    starter::report(document.root(), &source, findings);
    let before = findings.len();
    let smtp = document.take_table("smtp");
    let raw: RawNewsletter = document.typed(FILE, findings);
    let has_unread_defaults = findings.iter().skip(before).any(is_about_defaults);
    let newsletter = ConfigReader::new(folder, &source, findings).newsletter(raw, smtp);
    report_blanks(blanks, findings);
    newsletter.map(|newsletter| Newsletter {
        has_unread_defaults,
        ..newsletter
    })
}

/// Reports blanks at the ends of values that have no other error.
fn report_blanks(blanks: Vec<Finding>, findings: &mut Findings) {
    for blank in blanks {
        if !findings.has_error_at(blank.place.as_ref()) {
            findings.push(blank);
        }
    }
}

/// Whether a finding is about the head of the table `[defaults]`, in any spelling, or a key in it.
fn is_about_defaults(finding: &Finding) -> bool {
    let Some(place) = &finding.place else {
        return false;
    };
    let text = place.source().text();
    let end = text[place.span().end..].find('\n');
    let above = &text[..end.map_or(text.len(), |end| place.span().end + end)];
    let mut lines = above.lines().rev();
    let head = lines.find(|line| line.trim_start().starts_with('['));
    head.is_some_and(|head| head.contains("default"))
}

/// The newsletter of a file that could not be read. Its missing keys are not reported: the reason has been.
fn substitute() -> Box<Newsletter> {
    let (source, mut findings) = (Source::new(FILE, ""), Findings::new());
    let mut reader = ConfigReader::new(Path::new(""), &source, &mut findings);
    let read = reader.newsletter(RawNewsletter::default(), None);
    read.map_or_else(|substitute| substitute, Box::new)
}

/// The substitute for a sender that cannot be read; RFC 2606 reserves `.invalid`.
fn no_sender() -> Mailbox {
    Mailbox::parse("nobody@newsletter.invalid").expect("an address")
}

/// The keys that every newsletter must have; `None` if one is missing or invalid.
struct RequiredKeys {
    name: Option<Text>,
    list_id: Option<String>,
    from: Option<Mailbox>,
    time_zone: Option<TimeZone>,
    template: Option<Text>,
}

impl RequiredKeys {
    fn are_complete(&self) -> bool {
        self.name.is_some()
            && self.list_id.is_some()
            && self.from.is_some()
            && self.time_zone.is_some()
            && self.template.is_some()
    }
}

impl ConfigReader<'_> {
    fn newsletter(
        &mut self,
        mut raw: RawNewsletter,
        smtp: Option<TomlValue<'_>>,
    ) -> Result<Newsletter, Box<Newsletter>> {
        let has_web = self.is_set("web_url", &raw.web_url);
        let has_mailto = self.is_set("unsubscribe_mailto", &raw.unsubscribe_mailto);
        let language = self
            .text(raw.language.take())
            .and_then(|text| self.language(&text));
        let required = self.required_keys(&mut raw);
        let is_complete = required.are_complete();
        let reply_to = self
            .text(raw.reply_to)
            .and_then(|text| self.mailbox(&text, advice::replies));
        let web_url = self.text(raw.web_url).and_then(|text| self.web_url(&text));
        let unsubscribe_mailto = self
            .text(raw.unsubscribe_mailto)
            .and_then(|text| self.address(&text));
        let dkim = raw
            .dkim
            .and_then(|dkim| self.dkim(dkim, required.from.as_ref()));
        self.require_unsubscribing(has_web, has_mailto);
        let newsletter = Newsletter {
            name: required
                .name
                .map(|text| self.line(&text))
                .unwrap_or_default(),
            list_id: required.list_id.unwrap_or_default(),
            from: required.from.unwrap_or_else(no_sender),
            reply_to,
            language: language.unwrap_or_default(),
            time_zone: required.time_zone.unwrap_or(TimeZone::UTC),
            template_place: required.template.as_ref().map(|text| text.place().clone()),
            template: required
                .template
                .map_or_else(String::new, |text| text.value().to_owned()),
            web_url,
            unsubscribe_mailto,
            pictures: self.pictures(raw.pictures, has_web),
            text: self.text_form(raw.text),
            tagline: self.text(raw.tagline).map(|text| self.line(&text)),
            address: self.text(raw.address).map(|text| self.line(&text)),
            privacy_url: self.text(raw.privacy_url).and_then(|text| self.url(&text)),
            defaults: self.defaults(raw.defaults),
            has_unread_defaults: false,
            passages: std::mem::take(&mut self.passages),
            tags: self.tags(raw.tags),
            allow: self.allow(raw.check.allow),
            smtp: smtp.and_then(|smtp| self.smtp(smtp)),
            dkim,
            store: self.store(raw.store),
            list: self.list(raw.list),
            privacy: self.privacy(raw.privacy),
        };
        match is_complete {
            true => Ok(newsletter),
            false => Err(Box::new(newsletter)),
        }
    }

    fn required_keys(&mut self, raw: &mut RawNewsletter) -> RequiredKeys {
        RequiredKeys {
            name: self.required(raw.name.take(), "name"),
            list_id: self
                .required(raw.list_id.take(), "list_id")
                .and_then(|text| self.list_id(&text)),
            from: self
                .required(raw.from.take(), "from")
                .and_then(|text| self.mailbox(&text, advice::sender)),
            time_zone: self
                .required(raw.time_zone.take(), "time_zone")
                .and_then(|text| self.time_zone(&text)),
            template: self.required(raw.template.take(), "template"),
        }
    }

    /// RFC 2919 section 2: dot-atom labels, at least two, at most 255 octets.
    fn list_id(&mut self, text: &Text) -> Option<String> {
        let id = text.value().trim();
        let is_label_byte = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_label_byte);
        if id.len() <= 255 && id.contains('.') && id.split('.').all(is_label) {
            return Some(id.to_owned());
        }
        let message = format!("invalid list identifier `{}`", escape::terminal(id));
        let hint = "write it like a domain name: `news.network.example`";
        self.error("bad-value", message, text, hint);
        None
    }

    fn language(&mut self, text: &Text) -> Option<Language> {
        let language = registered(text.value());
        language
            .map_err(|finding| self.findings.push(finding.at(text.place().clone())))
            .ok()
    }

    fn time_zone(&mut self, text: &Text) -> Option<TimeZone> {
        let zone = TimeZone::get(text.value()).ok();
        if zone.is_none() {
            let message = format!("unknown time zone `{}`", text.value());
            let hint = zones::hint(text.value());
            self.error("bad-time-zone", message, text, &hint);
        } else if let Some(finding) = zones::obsolete(text.value()) {
            self.findings.push(finding.at(text.place().clone()));
        }
        zone
    }

    fn pictures(&mut self, value: RawText, has_web: bool) -> Pictures {
        let Some(text) = self.text(value) else {
            return Pictures::default();
        };
        match self.choice("pictures", &text, &["embed", "link"]) {
            Some(1) if has_web => Pictures::Link,
            Some(1) => {
                let message = "`pictures = \"link\"` needs `web_url`".to_owned();
                let hint = "set `web_url`, or `pictures = \"embed\"`";
                self.error("missing-key", message, &text, hint);
                Pictures::Embed
            }
            _ => Pictures::Embed,
        }
    }

    fn text_form(&mut self, value: RawText) -> TextForm {
        let forms = [TextForm::Wrapped, TextForm::Flowed];
        let form = self
            .text(value)
            .and_then(|text| self.choice("text", &text, &["wrapped", "flowed"]));
        form.map_or(TextForm::default(), |index| forms[index])
    }
}
