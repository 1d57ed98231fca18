//! Reading the pictures of an issue: each file once.

use toml::Spanned;

use super::raw::{RawImage, RawPortrait};
use super::reader::IssueReader;
use super::source_map::PictureSource;
use super::{Picture, PictureFolder, read_picture};
use crate::diag::{Finding, Place};

impl IssueReader<'_> {
    /// A picture of a section.
    pub(super) fn picture(
        &mut self,
        raw: Option<Spanned<RawImage>>,
        owner: &str,
    ) -> Option<Picture> {
        let raw = raw?;
        let place = self.place(&raw);
        let raw = raw.into_inner();
        // An empty `alt` is reported below.
        let alt = raw.alt.as_ref().map(|alt| alt.get_ref().clone());
        let words = alt.filter(|alt| !alt.trim().is_empty());
        let words_place = raw.alt.as_ref().map(|alt| self.place(alt));
        let href = self.url(raw.href, words.as_deref(), words_place);
        let caption = self.optional_line(raw.caption);
        let credit = self.optional_line(raw.credit);
        let (file, alt) = self.file_and_alt(raw.src, raw.alt, owner, &place)?;
        if alt.is_empty() && href.is_some() {
            let message = "a picture that is a link needs an `alt`";
            let finding = Finding::error("linked-without-alt", message).at(place);
            self.findings
                .push(finding.hint("describe where the link leads"));
        }
        Some(Picture {
            file,
            alt,
            caption,
            credit,
            href,
        })
    }

    /// The portrait of a guest.
    pub(super) fn portrait(&mut self, raw: Option<Spanned<RawPortrait>>) -> Option<Picture> {
        let raw = raw?;
        let place = self.place(&raw);
        let raw = raw.into_inner();
        let (file, alt) = self.file_and_alt(raw.src, raw.alt, "a portrait", &place)?;
        Some(Picture {
            file,
            alt,
            caption: None,
            credit: None,
            href: None,
        })
    }

    fn file_and_alt(
        &mut self,
        src: Option<Spanned<String>>,
        alt: Option<Spanned<String>>,
        owner: &str,
        place: &Place,
    ) -> Option<(usize, String)> {
        let alt_place = alt.as_ref().map(|alt| self.place(alt));
        let alt = self.alt(alt, owner, place);
        let src = self.required(src, "src", owner, place)?;
        let place = self.place(&src);
        match self.picture_file(src.get_ref()) {
            Ok(file) => {
                self.source_map.pictures.push(PictureSource {
                    file,
                    alt: alt.clone(),
                    alt_place: alt_place.unwrap_or_else(|| place.clone()),
                    src_place: place,
                });
                Some((file, alt))
            }
            Err(finding) => {
                self.findings.push(finding.at(place));
                None
            }
        }
    }

    /// The alternative text. A missing one is reported and read as empty.
    fn alt(&mut self, alt: Option<Spanned<String>>, owner: &str, place: &Place) -> String {
        if let Some(alt) = alt {
            return self.line(alt);
        }
        if !self.findings.is_unread(place, "alt") {
            let message = format!("missing key `alt` in {owner}");
            let finding = Finding::error("missing-key", message).at(place.clone());
            let hint = "describe the picture, or write `alt = \"\"` if it is decorative";
            self.findings.push(finding.hint(hint));
        }
        String::new()
    }

    fn picture_file(&mut self, src: &str) -> Result<usize, Finding> {
        if let Some(known) = self.pictures.iter().position(|file| file.src == src) {
            return Ok(known);
        }
        let folder = PictureFolder {
            newsletter: self.folder,
            root: "issues",
            below: "",
        };
        let file = read_picture(&folder, src)?;
        self.pictures.push(file);
        Ok(self.pictures.len() - 1)
    }
}
