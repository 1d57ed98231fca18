//! `newsletter.toml`, from the file to a [`Newsletter`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use url::Url;

use super::{
    Dkim, Mailbox, Newsletter, Passage, PasswordSource, Pictures, Rate, RelayConfig, SecretKind,
    Smtp, StoreUrl, StoreUrlError, TextForm, TlsMode, advice, blanks, reach, signing, starter,
    zones,
};
use crate::diag::{Finding, Findings, Place, Severity, Source, codes, explain, nearest, one_of};
use crate::dkim::SigningKey;
use crate::language::{Language, registered};
use crate::placeholder;
use crate::subscriber::{Address, tag_flaw};
use crate::toml_file::{self, Document, LARGEST_FILE, Text};
use crate::util::characters;
use crate::util::escape;

/// The file that makes a folder a newsletter's.
pub const FILE: &str = "newsletter.toml";

/// No relay takes so many in a day; whoever writes more has written a zero too many.
const MOST_A_DAY: usize = 10_000_000;

/// The longest `web_url`, in octets: a field's name and a token of the recipient stand on the same line.
const LONGEST_URL: usize = 800;

type Line = Option<Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    name: Line,
    list_id: Line,
    from: Line,
    reply_to: Line,
    language: Line,
    time_zone: Line,
    template: Line,
    web_url: Line,
    unsubscribe_mailto: Line,
    pictures: Line,
    text: Line,
    tagline: Line,
    address: Line,
    privacy_url: Line,
    defaults: BTreeMap<Spanned<String>, Spanned<String>>,
    tags: BTreeMap<Spanned<String>, Spanned<String>>,
    check: RawCheck,
    smtp: Option<Spanned<RawSmtp>>,
    dkim: Option<Spanned<RawDkim>>,
    store: Option<RawStore>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawCheck {
    allow: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawSmtp {
    host: Line,
    port: Option<Spanned<usize>>,
    tls: Line,
    ca_file: Option<PathBuf>,
    user: Line,
    auth: Line,
    /// Read only to be refused.
    #[serde(
        alias = "pass",
        alias = "passwd",
        alias = "secret",
        alias = "token",
        alias = "api_key"
    )]
    password: Option<IgnoredAny>,
    password_command: Option<Spanned<Vec<String>>>,
    password_file: Line,
    connections: Option<Spanned<usize>>,
    window: Option<Spanned<usize>>,
    daily: Option<Spanned<usize>>,
    warm_up: Vec<Spanned<usize>>,
    rate: Line,
    per_domain: BTreeMap<Spanned<String>, Spanned<String>>,
    weight: Option<Spanned<usize>>,
    relay: Vec<Spanned<RawRelay>>,
}

/// A relay beside that of `[smtp]`, which has the same keys for itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawRelay {
    host: Line,
    port: Option<Spanned<usize>>,
    tls: Line,
    ca_file: Option<PathBuf>,
    user: Line,
    auth: Line,
    /// Read only to be refused.
    #[serde(
        alias = "pass",
        alias = "passwd",
        alias = "secret",
        alias = "token",
        alias = "api_key"
    )]
    password: Option<IgnoredAny>,
    password_command: Option<Spanned<Vec<String>>>,
    password_file: Line,
    connections: Option<Spanned<usize>>,
    daily: Option<Spanned<usize>>,
    warm_up: Vec<Spanned<usize>>,
    rate: Line,
    weight: Option<Spanned<usize>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawDkim {
    domain: Line,
    selector: Line,
    key_file: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawStore {
    url: Line,
}

/// Reads and checks the publication of `folder`.
///
/// # Errors
/// Where it lacks what none can do without: what could be read of it, with something in every gap. Nothing
/// can be sent with that, but the faults of the other files can be told.
pub fn read(folder: &Path, findings: &mut Findings) -> Result<Newsletter, Box<Newsletter>> {
    let source = toml_file::read(folder, FILE, LARGEST_FILE, findings).ok_or_else(gaps)?;
    let document = Document::parse(&source, findings).ok_or_else(gaps)?;
    let blanks = blanks::report(document.root(), &source, findings);
    starter::report(document.root(), &source, findings);
    let before = findings.len();
    let raw: Raw = document.typed("newsletter.toml", findings);
    let has_unread_defaults = findings.iter().skip(before).any(is_about_defaults);
    let publication = ConfigReader {
        folder,
        source: &source,
        findings,
        language: Language::default(),
        passages: Vec::new(),
    }
    .publication(raw);
    let publication = publication.map(|publication| Newsletter {
        has_unread_defaults,
        ..publication
    });
    for blank in blanks {
        let is_told =
            |told: &Finding| told.severity == Severity::Error && told.place == blank.place;
        if !findings.iter().any(is_told) {
            findings.push(blank);
        }
    }
    publication
}

/// Whether a finding stands at the head of the defaults, however it is spelled, or below it.
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

/// A publication of which nothing could be read. What it lacks is not told: why it could not be read has been.
fn gaps() -> Box<Newsletter> {
    let read = ConfigReader {
        folder: Path::new(""),
        source: &Source::new(FILE, ""),
        findings: &mut Findings::new(),
        language: Language::default(),
        passages: Vec::new(),
    }
    .publication(Raw::default());
    read.map_or_else(|gaps| gaps, Box::new)
}

/// What stands for a sender who cannot be read; nobody has an address below `.invalid` (RFC 2606).
fn nobody() -> Mailbox {
    Mailbox::parse("nobody@publication.invalid").expect("an address")
}

struct ConfigReader<'a> {
    folder: &'a Path,
    source: &'a Arc<Source>,
    findings: &'a mut Findings,
    /// The language of the newsletter.
    language: Language,
    /// The words that recipients read.
    passages: Vec<Passage>,
}

impl ConfigReader<'_> {
    fn publication(&mut self, raw: Raw) -> Result<Newsletter, Box<Newsletter>> {
        let ways_named = [
            ("web_url", &raw.web_url),
            ("unsubscribe_mailto", &raw.unsubscribe_mailto),
        ]
        .map(|(key, value)| self.is_named(key, value));
        let language = self
            .text(raw.language)
            .and_then(|text| self.language(&text));
        self.language = language.clone().unwrap_or_default();
        let name = self.required(raw.name, "name");
        let list_id = self
            .required(raw.list_id, "list_id")
            .and_then(|text| self.list_id(text));
        let from = self
            .required(raw.from, "from")
            .and_then(|text| self.mailbox(&text, advice::sender));
        let reply_to = self
            .text(raw.reply_to)
            .and_then(|text| self.mailbox(&text, advice::answered));
        let time_zone = self
            .required(raw.time_zone, "time_zone")
            .and_then(|t| self.zone(&t));
        let template = self.required(raw.template, "template");
        let web_url = self.text(raw.web_url).and_then(|text| {
            let url = self.web_url(&text)?;
            self.fits_header(&url, &text).then_some(url)
        });
        let mailto = self
            .text(raw.unsubscribe_mailto)
            .and_then(|text| self.address(&text));
        let pictures = self.pictures(raw.pictures, ways_named[0]);
        let text = self.text_form(raw.text);
        let privacy_url = self
            .text(raw.privacy_url)
            .and_then(|text| self.web_url(&text));
        let smtp = raw.smtp.and_then(|smtp| self.smtp(smtp));
        let dkim = raw.dkim.and_then(|dkim| self.dkim(dkim, from.as_ref()));
        let store = self.store(raw.store);
        self.way_to_leave(ways_named);
        let is_whole = name.is_some()
            && list_id.is_some()
            && from.is_some()
            && time_zone.is_some()
            && template.is_some();
        let publication = Newsletter {
            name: name.map(|text| self.line(&text)).unwrap_or_default(),
            list_id: list_id.unwrap_or_default(),
            from: from.unwrap_or_else(nobody),
            reply_to,
            language: language.unwrap_or_default(),
            time_zone: time_zone.unwrap_or(TimeZone::UTC),
            template_place: template.as_ref().map(|text| text.place().clone()),
            template: template.map_or_else(String::new, |text| text.value().to_owned()),
            web_url,
            unsubscribe_mailto: mailto,
            pictures,
            text,
            tagline: self.text(raw.tagline).map(|text| self.line(&text)),
            address: self.text(raw.address).map(|text| self.line(&text)),
            privacy_url,
            defaults: self.defaults(raw.defaults),
            has_unread_defaults: false,
            passages: std::mem::take(&mut self.passages),
            tags: self.tags(raw.tags),
            allow: self.allow(raw.check.allow),
            smtp,
            dkim,
            store,
        };
        if is_whole {
            Ok(publication)
        } else {
            Err(Box::new(publication))
        }
    }

    /// Words in one line that recipients read, without what is not text.
    fn line(&mut self, text: &Text) -> String {
        self.words(text, text.value().len());
        escape::line(text.value())
    }

    /// Reports what is not to be read by recipients: what is no text or is not filled. The words before `end` are kept
    /// for the checks.
    fn words(&mut self, text: &Text, end: usize) {
        text.report_unwanted(self.findings);
        placeholder::report_unfilled(text, self.findings);
        let text = text.clone();
        self.passages.push(Passage { text, end });
    }

    /// What placeholders say by default.
    fn defaults(
        &mut self,
        raw: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeMap<String, String> {
        let values = raw.into_iter().map(|(name, value)| {
            let value = self.line(&Text::new(self.source, value));
            (name.into_inner(), value)
        });
        values.collect()
    }

    /// The declared tags, with what looks wrong with them: a rule could not name them.
    fn tags(
        &mut self,
        raw: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        for (name, meaning) in raw {
            if let Some(flaw) = tag_flaw(name.get_ref()) {
                let place = Place::new(self.source, name.span());
                self.findings.push(flaw.at(place));
            }
            let meaning = Text::new(self.source, meaning);
            meaning.report_unwanted(self.findings);
            placeholder::report_unfilled(&meaning, self.findings);
            tags.insert(name.into_inner(), escape::line(meaning.value()));
        }
        tags
    }

    /// Whether `key` says something, be it wrong.
    fn is_named(&self, key: &str, value: &Line) -> bool {
        let top = Place::new(self.source, 0..0);
        let says = |value: &Spanned<String>| !value.get_ref().trim().is_empty();
        value.as_ref().is_some_and(says) || self.findings.is_unread(&top, key)
    }

    fn text(&self, value: Line) -> Option<Text> {
        value
            .map(|value| Text::new(self.source, value))
            .filter(|text| !text.is_blank())
    }

    fn required(&mut self, value: Line, key: &str) -> Option<Text> {
        let text = self.text(value);
        let place = Place::new(self.source, 0..0);
        if text.is_none() && !self.findings.is_unread(&place, key) {
            let message = format!("{FILE} without `{key}`");
            self.findings
                .push(Finding::error("missing-key", message).at(place));
        }
        text
    }

    fn fault(&mut self, code: &'static str, message: String, text: &Text, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        let finding = Finding::error(code, message).at(text.place().clone());
        self.findings.push(finding.hint(hint));
    }

    /// RFC 2919 section 2: dot-atom labels, at least two, at most 255 octets.
    fn list_id(&mut self, text: Text) -> Option<String> {
        let id = text.value().trim();
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if id.len() <= 255 && id.contains('.') && id.split('.').all(is_label) {
            return Some(id.to_owned());
        }
        let message = format!("`{}` is no list identifier", escape::terminal(id));
        self.fault(
            "bad-value",
            message,
            &text,
            "write it like a domain name: `letter.network.example`",
        );
        None
    }

    fn mailbox(
        &mut self,
        text: &Text,
        of_address: impl FnOnce(&Address) -> Option<Finding>,
    ) -> Option<Mailbox> {
        self.words(text, text.value().rfind('<').unwrap_or_default());
        // What is left out has been reported, and is not part of the address either.
        let mailbox = match Mailbox::parse(&characters::cleaned(text.value())) {
            Ok(mailbox) => mailbox,
            Err(why) => {
                self.bad_address(text, &why.to_string());
                return None;
            }
        };
        let findings = [of_address(&mailbox.address), advice::named(&mailbox)];
        for finding in findings.into_iter().flatten() {
            self.findings.push(finding.at(text.place().clone()));
        }
        self.in_ascii(text, &mailbox.address).then_some(mailbox)
    }

    fn address(&mut self, text: &Text) -> Option<Address> {
        match Address::parse(text.value()) {
            Ok(address) => self.in_ascii(text, &address).then_some(address),
            Err(why) => {
                self.bad_address(text, &why.to_string());
                None
            }
        }
    }

    fn bad_address(&mut self, text: &Text, hint: &str) {
        let message = format!("`{}` is no e-mail address", escape::terminal(text.value()));
        self.fault("bad-address", message, text, hint);
    }

    /// Whether every relay and every receiver can take a message with `address` in its head (RFC 6531).
    fn in_ascii(&mut self, text: &Text, address: &Address) -> bool {
        if address.needs_smtputf8() {
            let hint = "the part before the `@` must be ASCII: few relays accept anything else";
            self.bad_address(text, hint);
        }
        !address.needs_smtputf8()
    }

    fn language(&mut self, text: &Text) -> Option<Language> {
        let language = registered(text.value());
        let told = language.map_err(|finding| self.findings.push(finding.at(text.place().clone())));
        told.ok()
    }

    fn zone(&mut self, text: &Text) -> Option<TimeZone> {
        let zone = TimeZone::get(text.value()).ok();
        if zone.is_none() {
            let message = format!("`{}` is not a time zone", text.value());
            let hint = zones::hint(text.value());
            self.fault("bad-time-zone", message, text, &hint);
        } else if let Some(finding) = zones::obsolete(text.value()) {
            self.findings.push(finding.at(text.place().clone()));
        }
        zone
    }

    /// RFC 8058 wants https for leaving by one click, and nobody should read over it.
    fn web_url(&mut self, text: &Text) -> Option<Url> {
        placeholder::report_unfilled(text, self.findings);
        self.passages.push(Passage {
            text: text.clone(),
            end: 0,
        });
        let url = Url::parse(text.value()).ok();
        let url =
            url.filter(|url| url.scheme() == "https" && url.has_host() && url.query().is_none());
        if url.is_none() {
            let message = format!("`{}` is no https URL", escape::terminal(text.value()));
            self.fault(
                "bad-link",
                message,
                text,
                "write the whole URL, with `https://`",
            );
        }
        if let Some(finding) = url.as_ref().and_then(|url| advice::url(url, text.value())) {
            self.findings.push(finding.at(text.place().clone()));
        }
        url
    }

    /// The link to unsubscribe stands in the header, whose lines have 998 octets at most (RFC 5322 section 2.1.1), and
    /// cannot be folded.
    fn fits_header(&mut self, url: &Url, text: &Text) -> bool {
        let octets = url.as_str().len();
        if octets > LONGEST_URL {
            let message = format!("`web_url` has {octets} octets");
            let hint =
                format!("write one of {LONGEST_URL} octets at most: it is part of a header field");
            self.fault("bad-link", message, text, &hint);
        }
        octets <= LONGEST_URL
    }

    fn pictures(&mut self, value: Line, has_web: bool) -> Pictures {
        let Some(text) = self.text(value) else {
            return Pictures::default();
        };
        match text.value() {
            "embed" => Pictures::Embed,
            "link" if has_web => Pictures::Link,
            "link" => {
                let message = "`pictures = \"link\"` without `web_url`".to_owned();
                self.fault(
                    "missing-key",
                    message,
                    &text,
                    "set `web_url`, or `pictures = \"embed\"`",
                );
                Pictures::Embed
            }
            other => {
                let hint = one_of(other, &["embed", "link"]).unwrap_or_default();
                let message = format!("`{other}` is nothing that `pictures` can be");
                self.fault("bad-value", message, &text, &hint);
                Pictures::Embed
            }
        }
    }

    fn text_form(&mut self, value: Line) -> TextForm {
        let Some(text) = self.text(value) else {
            return TextForm::default();
        };
        match text.value() {
            "wrapped" => TextForm::Wrapped,
            "flowed" => TextForm::Flowed,
            other => {
                let hint = one_of(other, &["wrapped", "flowed"]).unwrap_or_default();
                let other = escape::terminal(other);
                let message = format!("`{other}` is nothing that `text` can be");
                self.fault("bad-value", message, &text, &hint);
                TextForm::default()
            }
        }
    }

    /// A code that is allowed without a reason is a code that nobody remembers allowing. An error is no matter
    /// of taste.
    fn allow(
        &mut self,
        raw: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeMap<String, String> {
        let known: Vec<&str> = codes().collect();
        let mut allowed = BTreeMap::new();
        for (code, reason) in raw {
            let code = Text::new(self.source, code);
            let reason = Text::new(self.source, reason);
            if !known.contains(&code.value()) {
                let message = format!("there is no finding `{}`", code.value());
                let hint = nearest(code.value(), known.iter().copied());
                let hint = hint.map(|near| format!("did you mean `{near}`?"));
                self.fault("unknown-key", message, &code, &hint.unwrap_or_default());
            } else if explain(code.value()).is_some_and(|known| known.severity == Severity::Error) {
                let message = format!("`{}` is an error, which cannot be allowed", code.value());
                let hint = "warnings and notes can; `franking explain CODE` says which it is";
                self.fault("bad-value", message, &code, hint);
            } else if reason.is_blank() {
                let message = format!("`{}` is allowed without a reason", code.value());
                let hint = "say why, for whoever reads this next";
                self.fault("empty-value", message, &reason, hint);
            } else {
                allowed.insert(code.value().to_owned(), reason.value().to_owned());
            }
        }
        allowed
    }

    fn smtp(&mut self, raw: Spanned<RawSmtp>) -> Option<Smtp> {
        let place = Place::new(self.source, raw.span());
        let raw = raw.into_inner();
        let connections = raw.connections;
        let connections = connections.and_then(|value| self.count("connections", value, 64));
        let window = raw.window;
        let window = window.and_then(|value| self.count("window", value, 32));
        let per_domain = self.per_domain(raw.per_domain);
        let first = RawRelay {
            host: raw.host,
            port: raw.port,
            tls: raw.tls,
            ca_file: raw.ca_file,
            user: raw.user,
            auth: raw.auth,
            password: raw.password,
            password_command: raw.password_command,
            password_file: raw.password_file,
            // Here they are those of all relays.
            connections: None,
            daily: raw.daily,
            warm_up: raw.warm_up,
            rate: raw.rate,
            weight: raw.weight,
        };
        let relay = self.relay(first, "[smtp]", &place);
        let further = raw.relay.into_iter().filter_map(|further| {
            let place = Place::new(self.source, further.span());
            let relay = self.relay(further.into_inner(), "[[smtp.relay]]", &place)?;
            Some((relay, place))
        });
        let further: Vec<(RelayConfig, Place)> = further.collect();
        let relay = relay?;
        self.each_once(&relay, &further);
        Some(Smtp {
            relay,
            further: further.into_iter().map(|(relay, _)| relay).collect(),
            connections: connections.unwrap_or(4),
            window: window.unwrap_or(1),
            per_domain,
        })
    }

    fn relay(&mut self, raw: RawRelay, table: &str, place: &Place) -> Option<RelayConfig> {
        let tls = self
            .text(raw.tls)
            .map_or(Some(TlsMode::StartTls), |text| self.tls(&text));
        self.no_password_here(raw.password.is_some(), place);
        let login = self.login(raw.user, raw.password_command, raw.password_file, &raw.auth);
        let secret = self.text(raw.auth);
        let secret = secret.map_or(SecretKind::default(), |text| self.secret(&text));
        let port = raw.port.and_then(|port| self.port(port));
        let most_connections = raw.connections;
        let most_connections =
            most_connections.and_then(|value| self.count("connections", value, 64));
        let weight = raw.weight;
        let weight = weight.and_then(|value| self.count("weight", value, 1_000));
        let daily = raw.daily;
        let daily = daily.and_then(|value| self.count("daily", value, MOST_A_DAY));
        let warm_up = self.warm_up(raw.warm_up, daily);
        // An empty one has been reported.
        let rate = raw.rate.filter(|rate| !rate.get_ref().trim().is_empty());
        let rate = rate.and_then(|rate| self.rate(rate));
        let Some(host) = self.text(raw.host) else {
            if !self.findings.is_unread(place, "host") {
                let message = format!("{table} without `host`");
                self.findings
                    .push(Finding::error("missing-key", message).at(place.clone()));
            }
            return None;
        };
        let host = self.host(&host);
        let tls = tls?;
        let port_place = port.as_ref().map_or(place, |(_, place)| place).clone();
        let port = port.map_or_else(|| reach::default_port(tls), |(port, _)| port);
        let host = host?;
        let unwise = [
            reach::unlikely_port(port, tls).map(|finding| finding.at(port_place)),
            reach::plaintext(&host, tls, login.is_some()).map(|finding| finding.at(place.clone())),
        ];
        unwise
            .into_iter()
            .flatten()
            .for_each(|finding| self.findings.push(finding));
        Some(RelayConfig {
            host,
            port,
            tls,
            ca_file: raw.ca_file,
            login,
            secret,
            most_connections,
            weight: weight.unwrap_or(1),
            daily,
            warm_up,
            rate,
        })
    }

    fn host(&mut self, text: &Text) -> Option<String> {
        let host = reach::host(text.value());
        host.map_err(|(message, hint)| {
            // Where there may be a password in the line, it is not shown.
            let place = match text.value().contains('@') {
                true => Place::new(self.source, 0..0),
                false => text.place().clone(),
            };
            let finding = Finding::error("bad-value", message).at(place);
            self.findings.push(finding.hint(hint));
        })
        .ok()
    }

    fn port(&mut self, value: Spanned<usize>) -> Option<(u16, Place)> {
        let place = Place::new(self.source, value.span());
        let port = self.count("port", value, usize::from(u16::MAX))?;
        Some((u16::try_from(port).ok()?, place))
    }

    /// The line with the password is not shown: findings are copied into tickets and logs.
    fn no_password_here(&mut self, is_here: bool, table: &Place) {
        if !is_here {
            return;
        }
        let message = "a password or a token in newsletter.toml is not used: that file is shared and kept under version control";
        let finding = Finding::error("password-in-file", message.to_owned()).at(table.clone());
        self.findings.push(finding.hint(
            "remove it, change it at the relay, and set `password_file` to a file with mode 0600, `password_command`, \
             or a systemd credential"
                .to_owned(),
        ));
    }

    /// User and password belong together; each without the other is a login that does not happen.
    fn login(
        &mut self,
        user: Line,
        command: Option<Spanned<Vec<String>>>,
        file: Line,
        auth: &Line,
    ) -> Option<(String, PasswordSource)> {
        let command_place = command.as_ref().map(|c| Place::new(self.source, c.span()));
        let auth_place = auth
            .as_ref()
            .map(|auth| Place::new(self.source, auth.span()));
        let file_text = file.map(|file| Text::new(self.source, file));
        let file_place = file_text.as_ref().map(|text| text.place().clone());
        let (has_both, place) = (
            command_place.is_some() && file_place.is_some(),
            command_place.or(file_place),
        );
        if has_both {
            let hint = "keep the one that is to be used";
            self.wrong(
                "`password_command` and `password_file` are both set",
                place.clone(),
                hint,
            );
        }
        let source = match (command.map(Spanned::into_inner), file_text) {
            (Some(words), _) => {
                if words.first().is_none_or(|word| word.trim().is_empty()) {
                    let hint =
                        "write the program and its arguments: `[\"pass\", \"show\", \"smtp\"]`";
                    self.wrong("`password_command` names no program", place.clone(), hint);
                }
                PasswordSource::Command(words)
            }
            (None, Some(file)) => {
                if file.is_blank() {
                    self.wrong(
                        "`password_file` names no file",
                        place.clone(),
                        "write its path",
                    );
                }
                PasswordSource::File(PathBuf::from(file.value()))
            }
            (None, None) => PasswordSource::Credential,
        };
        // An empty one has been reported.
        let has_user = user.is_some();
        let Some(user) = self.text(user) else {
            if let Some(place) = place.or(auth_place).filter(|_| !has_user) {
                let hint = "set `user`, the name to log in with";
                self.wrong(
                    "a login is set up without `user`, so that there is none",
                    Some(place),
                    hint,
                );
            }
            return None;
        };
        if source == PasswordSource::Credential {
            let message = "`user` is set without `password_file` or `password_command`: only a systemd credential can provide the password";
            let finding =
                Finding::of(Severity::Note, "no-password", message).at(user.place().clone());
            let hint =
                "without one, `send` refuses; `franking systemd` prints a service that has one";
            self.findings.push(finding.hint(hint.to_owned()));
        }
        Some((user.value().to_owned(), source))
    }

    fn wrong(&mut self, message: &str, place: Option<Place>, hint: &str) {
        let place = place.unwrap_or_else(|| Place::new(self.source, 0..0));
        let finding = Finding::error("bad-value", message.to_owned()).at(place);
        self.findings.push(finding.hint(hint.to_owned()));
    }

    /// The rates by domain in the spelling of an envelope: an address list and this table may use either.
    fn per_domain(
        &mut self,
        raw: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeMap<String, Rate> {
        let mut rates = BTreeMap::new();
        for (domain, rate) in raw {
            let domain = Text::new(self.source, domain);
            let rate = self.rate(rate);
            let shown = escape::terminal(domain.value());
            let Some(name) = reach::recipient_domain(domain.value()) else {
                let message = format!("`{shown}` in `per_domain` is not a domain of recipients");
                let hint =
                    "write what stands after the @ of their addresses, such as `host.example`";
                self.fault("bad-value", message, &domain, hint);
                continue;
            };
            let Some(rate) = rate else { continue };
            if rates.insert(name.clone(), rate).is_some() {
                let message = format!("`per_domain` has {name} twice, in two spellings");
                self.fault("bad-value", message, &domain, "keep one of them");
            }
        }
        rates
    }

    /// The ledger knows a relay by its name: under one name two would share days that are each one's own.
    fn each_once(&mut self, first: &RelayConfig, further: &[(RelayConfig, Place)]) {
        let mut known = vec![first.name()];
        for (relay, place) in further {
            let name = relay.name();
            if known.contains(&name) {
                let message = format!("there are two relays at `{}`", escape::terminal(&name));
                let hint = "write it once, with a larger `weight`";
                let finding = Finding::error("bad-value", message).at(place.clone());
                self.findings.push(finding.hint(hint.to_owned()));
            }
            known.push(name);
        }
    }

    fn tls(&mut self, text: &Text) -> Option<TlsMode> {
        match text.value() {
            "starttls" => Some(TlsMode::StartTls),
            "implicit" => Some(TlsMode::Implicit),
            "none" => Some(TlsMode::None),
            other => {
                let hint = one_of(other, &["starttls", "implicit", "none"]).unwrap_or_default();
                let message = format!("`{other}` is nothing that `tls` can be");
                self.fault("bad-value", message, text, &hint);
                None
            }
        }
    }

    fn secret(&mut self, text: &Text) -> SecretKind {
        match text.value() {
            "password" => SecretKind::Password,
            "xoauth2" => SecretKind::Token,
            other => {
                let hint = one_of(other, &["password", "xoauth2"]).unwrap_or_default();
                let message = format!("`{other}` is nothing that `auth` can be");
                self.fault("bad-value", message, text, &hint);
                SecretKind::default()
            }
        }
    }

    fn rate(&mut self, value: Spanned<String>) -> Option<Rate> {
        let text = Text::new(self.source, value);
        let rate = text.value().parse::<Rate>();
        rate.map_err(|why| self.fault("bad-value", why.to_string(), &text, Rate::HINT))
            .ok()
    }

    /// The value of `key`, from 1 to `most`.
    fn count(&mut self, key: &str, value: Spanned<usize>, most: usize) -> Option<usize> {
        let number = *value.get_ref();
        if (1..=most).contains(&number) {
            return Some(number);
        }
        let place = Place::new(self.source, value.span());
        let message = format!("`{key}` must be from 1 to {most}, not {number}");
        self.findings
            .push(Finding::error("bad-value", message).at(place));
        None
    }

    /// A list that falls, or that `daily` never lets happen, is not what its writer thinks it is.
    fn warm_up(&mut self, days: Vec<Spanned<usize>>, daily: Option<usize>) -> Vec<usize> {
        let mut warm_up = Vec::with_capacity(days.len());
        for (day, value) in (1..).zip(days) {
            let place = Place::new(self.source, value.span());
            let Some(letters) = self.count("warm_up", value, MOST_A_DAY) else {
                continue;
            };
            let before = warm_up.last().copied().unwrap_or_default();
            let fault = if letters < before {
                let hint = "each day has as many letters as the day before, or more";
                Some((format!("`warm_up` falls from {before} to {letters}"), hint))
            } else if let Some(daily) = daily.filter(|daily| *daily < letters) {
                let hint =
                    "end the list before `daily` is reached; behind it, `daily` alone counts";
                let more = format!(
                    "day {day} of `warm_up` has {letters} letters, and `daily` allows {daily}"
                );
                Some((more, hint))
            } else {
                None
            };
            if let Some((message, hint)) = fault {
                let finding = Finding::error("bad-value", message).at(place);
                self.findings.push(finding.hint(hint.to_owned()));
            }
            warm_up.push(letters);
        }
        warm_up
    }

    fn dkim(&mut self, raw: Spanned<RawDkim>, from: Option<&Mailbox>) -> Option<Dkim> {
        let table = Place::new(self.source, raw.span());
        let raw = raw.into_inner();
        let domain = self.of_dkim(raw.domain, "domain", &table);
        let selector = self.of_dkim(raw.selector, "selector", &table);
        let key_file = self.of_dkim(raw.key_file, "key_file", &table);
        let domain = domain.and_then(|text| self.signing_domain(&text, from));
        let selector = selector.and_then(|text| self.selector(&text));
        let (key_file, key) = key_file.map(|text| self.signing_key(&text))?;
        Some(Dkim {
            domain: domain?,
            selector: selector?,
            key_file,
            key,
        })
    }

    fn of_dkim(&mut self, value: Line, key: &str, table: &Place) -> Option<Text> {
        let text = self.text(value);
        if text.is_none() && !self.findings.is_unread(table, key) {
            let message = format!("[dkim] without `{key}`");
            let finding = Finding::error("missing-key", message).at(table.clone());
            self.findings.push(finding);
        }
        text
    }

    fn signing_domain(&mut self, text: &Text, from: Option<&Mailbox>) -> Option<String> {
        let Some(domain) = signing::signing_domain(text.value()) else {
            let message = format!("`{}` is no domain", escape::terminal(text.value()));
            self.fault("bad-value", message, text, "write it as `network.example`");
            return None;
        };
        if let Some(finding) = from.and_then(|from| signing::alignment(&domain, from)) {
            self.findings.push(finding.at(text.place().clone()));
        }
        Some(domain)
    }

    fn selector(&mut self, text: &Text) -> Option<String> {
        if signing::is_selector(text.value()) {
            return Some(text.value().to_owned());
        }
        let message = format!("`{}` is no selector", escape::terminal(text.value()));
        let hint = "use letters, digits and hyphens, such as `letter2026`";
        self.fault("bad-value", message, text, hint);
        None
    }

    fn signing_key(&mut self, text: &Text) -> (PathBuf, Option<Arc<SigningKey>>) {
        let path = PathBuf::from(text.value());
        let (key, findings) = signing::key(&self.folder.join(&path), text.value());
        for finding in findings {
            self.findings.push(finding.at(text.place().clone()));
        }
        (path, key.map(Arc::new))
    }

    /// A URL that cannot be read is shown only where there can be no password in it.
    fn store(&mut self, raw: Option<RawStore>) -> StoreUrl {
        let Some(text) = raw.and_then(|raw| self.text(raw.url)) else {
            return StoreUrl::default_file();
        };
        StoreUrl::parse(text.value()).unwrap_or_else(|why| {
            let code = match why {
                StoreUrlError::Kind => "unsupported",
                _ => "bad-value",
            };
            let place = match text.value().contains('@') {
                true => Place::new(self.source, 0..0),
                false => text.place().clone(),
            };
            let message = format!("[store] `url` is no store: {why}");
            let finding = Finding::error(code, message).at(place);
            self.findings.push(finding.hint(StoreUrl::HINT.to_owned()));
            StoreUrl::default_file()
        })
    }

    /// Every letter must say how to leave, in its header and in both parts. Of a way that is named wrongly its
    /// own fault has been told.
    fn way_to_leave(&mut self, [has_web, has_mailto]: [bool; 2]) {
        let place = Place::new(self.source, 0..0);
        if has_mailto && !has_web {
            self.findings.push(advice::one_click().at(place));
        } else if !has_web {
            self.findings.push(
                Finding::error("missing-key", format!("{FILE} says no way to leave"))
                    .at(place)
                    .hint("set `unsubscribe_mailto`, or `web_url`".to_owned()),
            );
        }
    }
}
