//! `templates/NAME/`, from its files to a [`Template`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::css::Gaps;
use super::{Logo, StyleSheet, Template};
use crate::diag::{Finding, Findings, Place, Severity, Source, one_of};
use crate::language::Labels;
use crate::newsletter::issue::{PictureFile, read_picture, report_braces, report_marks};
use crate::placeholder;
use crate::toml_file::{self, Document, LARGEST_FILE, Text};

/// The sizes of a theme that says nothing of them, in CSS pixels.
const DEFAULT_WIDTH: u32 = 560;
const DEFAULT_MARGIN: u32 = 24;
const DEFAULT_PORTRAIT: u32 = 112;

/// The largest style sheet that is read, in bytes. Gmail cuts a whole message at fewer.
const LARGEST_STYLE_SHEET: u64 = 128 << 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    width: Option<Spanned<u32>>,
    margin: Option<Spanned<u32>>,
    portrait: Option<Spanned<u32>>,
    color: BTreeMap<String, Spanned<String>>,
    dark: BTreeMap<String, Spanned<String>>,
    font: BTreeMap<String, String>,
    size: BTreeMap<String, u32>,
    logo: Option<Spanned<RawLogo>>,
    labels: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawLogo {
    src: Option<Spanned<String>>,
    dark: Option<Spanned<String>>,
    alt: Option<String>,
    width: Option<u32>,
}

/// The names of the templates below `folder`, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join("templates")) else {
        return Vec::new();
    };
    let folders = entries
        .filter_map(Result::ok)
        .filter(|e| e.path().join("theme.toml").exists());
    let mut names: Vec<String> = folders
        .filter_map(|e| e.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Reads and checks the template `name` below `folder`; a file names it at `place`.
pub fn read(
    folder: &Path,
    name: &str,
    place: Option<&Place>,
    findings: &mut Findings,
) -> Option<Template> {
    let known = names(folder);
    if !known.iter().any(|known| known == name) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let hint = match folder.join("templates").join(name).is_dir() {
            true => Some(format!(
                "write `templates/{name}/theme.toml`: it can be empty"
            )),
            false => one_of(name, &known),
        };
        let message = format!("there is no template `{name}`");
        let finding = Finding::error("missing-template", message);
        findings.push(finding.at(place.cloned()).hint(hint));
        return None;
    }
    let below = format!("templates/{name}");
    let source = toml_file::read(
        folder,
        &format!("{below}/theme.toml"),
        LARGEST_FILE,
        findings,
    );
    let css = style_sheet(folder, &format!("{below}/style.css"), place, findings);
    let source = source?;
    let before = findings.count(Severity::Error);
    let raw: Raw = Document::parse(&source, findings)?.typed("theme.toml", findings);
    let mut reading = Reading {
        folder,
        name,
        source: &source,
        gaps: Gaps {
            are_all_possible: findings.count(Severity::Error) > before,
            tokens: BTreeSet::new(),
        },
        findings,
    };
    let css = css?;
    let mut template = reading.template(raw, &css);
    template.has_gaps = findings.count(Severity::Error) > before;
    Some(template)
}

/// The style sheet; where it is missing, the place is that of the template's name.
fn style_sheet(
    folder: &Path,
    path: &str,
    place: Option<&Place>,
    findings: &mut Findings,
) -> Option<Arc<Source>> {
    if !folder.join(path).exists() {
        let finding = Finding::error("missing-file", format!("there is no file `{path}`"));
        let hint = "write it, or copy it from another template".to_owned();
        findings.push(finding.at(place.cloned()).hint(hint));
        return None;
    }
    toml_file::read(folder, path, LARGEST_STYLE_SHEET, findings)
}

struct Reading<'a> {
    folder: &'a Path,
    name: &'a str,
    source: &'a Arc<Source>,
    gaps: Gaps,
    findings: &'a mut Findings,
}

impl Reading<'_> {
    fn template(&mut self, raw: Raw, css: &Arc<Source>) -> Template {
        let mut tokens = BTreeMap::new();
        let mut colour_places = BTreeMap::new();
        for (table, colours) in [("color", raw.color), ("dark", raw.dark)] {
            for (key, value) in colours {
                let name = format!("--{table}-{key}");
                let Some(place) = self.colour(&value) else {
                    self.gaps.tokens.insert(name);
                    continue;
                };
                colour_places.insert(name.clone(), place);
                tokens.insert(name, value.into_inner());
            }
        }
        tokens.extend(
            raw.font
                .into_iter()
                .map(|(key, value)| (format!("--font-{key}"), value)),
        );
        let sizes = raw
            .size
            .into_iter()
            .map(|(k, v)| (format!("--size-{k}"), format!("{v}px")));
        tokens.extend(sizes);
        let width = self.pixels("width", raw.width, 320..=900, DEFAULT_WIDTH);
        let margin = self.pixels("margin", raw.margin, 0..=80, DEFAULT_MARGIN);
        let portrait = self.pixels("portrait", raw.portrait, 40..=300, DEFAULT_PORTRAIT);
        let logo = self.logo(raw.logo);
        let logo_width = logo.as_ref().map_or(0, |logo| logo.width);
        let lengths = [
            ("width", width),
            ("margin", margin),
            ("portrait", portrait),
            ("logo", logo_width),
        ];
        tokens.extend(lengths.map(|(name, pixels)| (format!("--{name}"), format!("{pixels}px"))));
        Template {
            name: self.name.to_owned(),
            width,
            margin,
            portrait,
            sheet: StyleSheet::read_with_gaps(css, &tokens, &self.gaps, self.findings),
            tokens,
            colour_places,
            has_gaps: false,
            labels: self.labels(raw.labels),
            logo,
        }
    }

    /// Six hexadecimal digits: Gmail drops a whole style for a spelling that it does not know. `None`, reported,
    /// for any other.
    fn colour(&mut self, value: &Spanned<String>) -> Option<Place> {
        let place = Place::new(self.source, value.span());
        let digits = value.get_ref().strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = format!("`{}` is no colour", value.get_ref());
            self.findings.push(
                Finding::error("bad-colour", message)
                    .at(place)
                    .hint("write six hexadecimal digits, such as `#0b4f7d`".to_owned()),
            );
            return None;
        }
        Some(place)
    }

    fn pixels(
        &mut self,
        key: &str,
        value: Option<Spanned<u32>>,
        allowed: RangeInclusive<u32>,
        default: u32,
    ) -> u32 {
        let Some(value) = value else {
            return default;
        };
        if allowed.contains(value.get_ref()) {
            return value.into_inner();
        }
        let place = Place::new(self.source, value.span());
        let (least, most) = allowed.into_inner();
        let message = format!(
            "`{key}` must be from {least} to {most}, not {}",
            value.get_ref()
        );
        self.findings
            .push(Finding::error("bad-value", message).at(place));
        default
    }

    fn labels(
        &mut self,
        raw: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeMap<String, String> {
        let known = Labels::names();
        let mut labels = BTreeMap::new();
        for (name, word) in raw {
            if known.contains(&name.get_ref().as_str()) {
                let word = Text::new(self.source, word);
                self.label(name.get_ref(), &word);
                labels.insert(name.into_inner(), word.value().to_owned());
                continue;
            }
            let place = Place::new(self.source, name.span());
            let message = format!("`{}` is no label", name.get_ref());
            let hint = one_of(name.get_ref(), &known);
            self.findings
                .push(Finding::error("unknown-key", message).at(place).hint(hint));
        }
        labels
    }

    /// Reports what is wrong with the words of a label. Without words a link would have none.
    fn label(&mut self, name: &str, words: &Text) {
        if words.is_blank() {
            let finding = Finding::error("empty-value", format!("the label `{name}` is empty"));
            let hint = "write its words, or delete the line for those of the language".to_owned();
            let place = words.place().clone();
            self.findings.push(finding.at(place).hint(hint));
            return;
        }
        placeholder::report_unfilled(words, self.findings);
        let is_filled = ["more_about", "sent_to"].contains(&name);
        report_braces(words, is_filled, self.findings);
        report_marks(words, words.value().len(), self.findings);
    }

    fn logo(&mut self, raw: Option<Spanned<RawLogo>>) -> Option<Logo> {
        let raw = raw?.into_inner();
        let file = self.picture(&raw.src?)?;
        Some(Logo {
            width: raw.width.unwrap_or(file.width),
            alt: raw.alt.unwrap_or_default(),
            dark: raw.dark.and_then(|src| self.picture(&src)),
            file,
        })
    }

    fn picture(&mut self, src: &Spanned<String>) -> Option<PictureFile> {
        let path = format!("{}/{}", self.name, src.get_ref());
        let read = read_picture(&self.folder.join("templates"), "templates", &path);
        let place = Place::new(self.source, src.span());
        read.map_err(|finding| self.findings.push(finding.at(place)))
            .ok()
    }
}
