//! `templates/NAME/`, from its files to a [`Template`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::css::Gaps;
use super::{Logo, StyleSheet, Template, misspelt_tokens};
use crate::diag::{Finding, Findings, Place, Severity, Source, one_of};
use crate::language::Labels;
use crate::newsletter::issue::{
    PictureFile, PictureFolder, read_picture, report_braces, report_marks,
};
use crate::placeholder;
use crate::toml_file::{self, Document, LARGEST_FILE, Text};
use crate::util::escape;

/// The default sizes of a theme, in CSS pixels.
const DEFAULT_WIDTH: u32 = 560;
const DEFAULT_MARGIN: u32 = 24;
const DEFAULT_PORTRAIT: u32 = 112;

/// The size limit of a style sheet in bytes. It is larger than the size at which Gmail clips a whole message.
const LARGEST_STYLE_SHEET: u64 = 128 << 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    width: Option<Spanned<u32>>,
    margin: Option<Spanned<u32>>,
    portrait: Option<Spanned<u32>>,
    color: BTreeMap<Spanned<String>, Spanned<String>>,
    dark: BTreeMap<Spanned<String>, Spanned<String>>,
    font: BTreeMap<Spanned<String>, Spanned<String>>,
    size: BTreeMap<Spanned<String>, u32>,
    logo: Option<Spanned<RawLogo>>,
    labels: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawLogo {
    src: Option<Spanned<String>>,
    dark: Option<Spanned<String>>,
    alt: Option<String>,
    width: Option<Spanned<u32>>,
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

/// Reports the templates below `folder` whose names no file can contain.
pub fn report_misnamed(folder: &Path, findings: &mut Findings) {
    let entries = std::fs::read_dir(folder.join("templates"));
    let names = entries.into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        let is_template = entry.path().join("theme.toml").exists();
        (is_template && entry.file_name().to_str().is_none()).then(|| entry.file_name())
    });
    let mut shown: Vec<String> = names.map(|name| escape::file_name(&name)).collect();
    shown.sort();
    for name in shown {
        let message = format!("the name of the template `templates/{name}` is not UTF-8");
        let finding = Finding::warning("misnamed-template", message);
        findings.push(finding.hint("this template cannot be used; rename its directory"));
    }
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
        findings.push(missing(folder, name, &known).at(place.cloned()));
        return None;
    }
    let theme = format!("templates/{name}/theme.toml");
    let source = toml_file::read(folder, &theme, LARGEST_FILE, findings);
    let style = format!("templates/{name}/style.css");
    let css = style_sheet(folder, &style, place, findings);
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

/// The finding about a template that does not exist.
fn missing(folder: &Path, name: &str, known: &[String]) -> Finding {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    if matches!(name, "" | "." | "..") || name.contains('/') {
        let message = format!(
            "`{}` is not a valid name of a template",
            escape::terminal(name)
        );
        let example = known.first().unwrap_or(&"institute");
        let hint = format!("write the name of a directory in `templates`, such as `{example}`");
        return Finding::error("missing-template", message).hint(hint);
    }
    let hint = match folder.join("templates").join(name).is_dir() {
        true => Some(format!(
            "write `templates/{name}/theme.toml`: it can be empty"
        )),
        false => one_of(name, &known),
    };
    let message = format!("there is no template `{name}`");
    Finding::error("missing-template", message).hint(hint)
}

/// The style sheet. A missing one is reported at the template's name.
fn style_sheet(
    folder: &Path,
    path: &str,
    place: Option<&Place>,
    findings: &mut Findings,
) -> Option<Arc<Source>> {
    if !folder.join(path).exists() {
        let finding = Finding::error("missing-file", format!("there is no file `{path}`"));
        let hint = "write it, or copy it from another template";
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
        let keys = self.keys(&raw);
        let mut tokens = BTreeMap::new();
        let mut colour_places = BTreeMap::new();
        for (name, value, place) in self.colours(raw.color, raw.dark) {
            colour_places.insert(name.clone(), place);
            tokens.insert(name, value);
        }
        let fonts = raw.font.into_iter();
        tokens.extend(fonts.map(|(key, value)| (token("font", &key), value.into_inner())));
        let sizes = raw.size.into_iter();
        tokens.extend(sizes.map(|(key, value)| (token("size", &key), format!("{value}px"))));
        let width = self.pixels("width", raw.width, 320..=900, DEFAULT_WIDTH);
        let margin = self.pixels("margin", raw.margin, 0..=80, DEFAULT_MARGIN);
        let portrait = self.pixels("portrait", raw.portrait, 40..=300, DEFAULT_PORTRAIT);
        let logo = self.logo(raw.logo, width);
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
            sheet: self.sheet(css, &tokens, &keys),
            tokens,
            colour_places,
            token_places: keys,
            has_gaps: false,
            labels: self.labels(raw.labels),
            logo,
        }
    }

    /// The style sheet. If it uses tokens that the theme does not have, keys of the theme may be misspelt: these are reported
    /// first, and the sheet is read again with gaps for them.
    fn sheet(
        &mut self,
        css: &Arc<Source>,
        tokens: &BTreeMap<String, String>,
        keys: &BTreeMap<String, Place>,
    ) -> StyleSheet {
        let mut own = Findings::new();
        let sheet = StyleSheet::read_with_gaps(css, tokens, &self.gaps, &mut own);
        let is_unknown = |finding: &Finding| finding.code == "unknown-token";
        if self.gaps.are_all_possible || !own.iter().any(is_unknown) {
            self.findings.extend(own);
            return sheet;
        }
        misspelt_tokens::report(keys, css.text(), &mut self.gaps, self.findings);
        StyleSheet::read_with_gaps(css, tokens, &self.gaps, self.findings)
    }

    /// The tokens of the tables, each with the location of its key. The other tokens always exist.
    fn keys(&self, raw: &Raw) -> BTreeMap<String, Place> {
        let place =
            |table, key: &Spanned<String>| (token(table, key), Place::new(self.source, key.span()));
        let colours = raw.color.keys().map(|key| place("color", key));
        let dark = raw.dark.keys().map(|key| place("dark", key));
        let fonts = raw.font.keys().map(|key| place("font", key));
        let sizes = raw.size.keys().map(|key| place("size", key));
        let keys = colours.chain(dark).chain(fonts).chain(sizes);
        keys.collect()
    }

    /// The tokens of the colours, each with its value and location. An invalid colour is a gap.
    fn colours(
        &mut self,
        light: BTreeMap<Spanned<String>, Spanned<String>>,
        dark: BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> Vec<(String, String, Place)> {
        let mut colours = Vec::new();
        for (table, values) in [("color", light), ("dark", dark)] {
            for (key, value) in values {
                let name = token(table, &key);
                match self.colour(&value) {
                    Some(place) => colours.push((name, value.into_inner(), place)),
                    None => drop(self.gaps.tokens.insert(name)),
                }
            }
        }
        colours
    }

    /// The location of a colour with six hexadecimal digits; `None`, reported, for another notation. Gmail drops a whole
    /// style if it does not know a notation.
    fn colour(&mut self, value: &Spanned<String>) -> Option<Place> {
        let place = Place::new(self.source, value.span());
        let digits = value.get_ref().strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = format!("invalid colour `{}`", value.get_ref());
            self.findings.push(
                Finding::error("bad-colour", message)
                    .at(place)
                    .hint("write six hexadecimal digits, such as `#0b4f7d`"),
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
        let number = value.get_ref();
        let message = format!("`{key}` must be from {least} to {most}, not {number}");
        let finding = Finding::error("bad-value", message).at(place);
        self.findings.push(finding);
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
            let message = format!("unknown label `{}`", name.get_ref());
            let hint = one_of(name.get_ref(), &known);
            self.findings
                .push(Finding::error("unknown-key", message).at(place).hint(hint));
        }
        labels
    }

    /// Checks the text of a label. It must not be empty, because it may be the text of a link.
    fn label(&mut self, name: &str, words: &Text) {
        if words.is_blank() {
            let finding = Finding::error("empty-value", format!("the label `{name}` is empty"));
            let hint = "write a text, or delete the line to use the default label";
            let place = words.place().clone();
            self.findings.push(finding.at(place).hint(hint));
            return;
        }
        placeholder::report_unfilled(words, self.findings);
        let is_filled = ["more_about", "sent_to"].contains(&name);
        report_braces(words, is_filled, self.findings);
        report_marks(words, words.value().len(), self.findings);
    }

    /// The logo, in a masthead of the width `widest`.
    fn logo(&mut self, raw: Option<Spanned<RawLogo>>, widest: u32) -> Option<Logo> {
        let raw = raw?.into_inner();
        let src = raw.src?;
        let file = self.picture(&src)?;
        let span = raw.width.as_ref().map_or(src.span(), Spanned::span);
        let default = file.width.min(widest);
        Some(Logo {
            width: self.pixels("width", raw.width, 1..=widest, default),
            width_place: Place::new(self.source, span),
            alt: raw.alt.unwrap_or_default(),
            dark: raw.dark.and_then(|src| self.picture(&src)),
            file,
        })
    }

    fn picture(&mut self, src: &Spanned<String>) -> Option<PictureFile> {
        let folder = PictureFolder {
            newsletter: self.folder,
            root: "templates",
            below: self.name,
        };
        let read = read_picture(&folder, src.get_ref());
        let place = Place::new(self.source, src.span());
        read.map_err(|finding| self.findings.push(finding.at(place)))
            .ok()
    }
}

/// The name of the token `key` of `table`, in the style sheet.
fn token(table: &str, key: &Spanned<String>) -> String {
    format!("--{table}-{}", key.get_ref())
}
