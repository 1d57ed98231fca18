//! The pictures of an issue: read from beside its file, once each.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::common::Reading;
use super::mentions::PictureMention;
use super::raw::{RawImage, RawPortrait};
use crate::diag::{Finding, Place};

/// The largest picture that is read, in bytes.
const LARGEST_PICTURE: u64 = 10 << 20;

/// The most pixels of a picture: a small file can unfold to more than a phone's memory holds.
const MOST_PIXELS: usize = 40_000_000;

/// A picture where it is shown.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Which of [`super::Issue::pictures`] it shows.
    pub file: usize,
    /// What it says to who cannot see it; empty for a decoration.
    pub alt: String,
    /// What stands under it.
    pub caption: Option<String>,
    /// Who made it.
    pub credit: Option<String>,
    /// Where it leads.
    pub href: Option<String>,
}

/// A picture's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureFile {
    /// Its path below `issues/`, with slashes.
    pub src: String,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// Its width in its own pixels.
    pub width: u32,
    /// Its height in its own pixels.
    pub height: u32,
    /// Its bytes; a frozen edition keeps them apart from what it says in JSON.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl Reading<'_> {
    /// A picture that a section shows.
    pub(super) fn picture(
        &mut self,
        raw: Option<Spanned<RawImage>>,
        owner: &str,
    ) -> Option<Picture> {
        let raw = raw?;
        let place = self.place(&raw);
        let raw = raw.into_inner();
        // A picture without a word is told below, as what it is.
        let alt = raw.alt.as_ref().map(|alt| alt.get_ref().clone());
        let words = alt.filter(|alt| !alt.trim().is_empty());
        let words_place = raw.alt.as_ref().map(|alt| self.place(alt));
        let href = self.url(raw.href, words.as_deref(), words_place);
        let caption = self.optional_line(raw.caption);
        let credit = self.optional_line(raw.credit);
        let (file, alt) = self.file_and_alt(raw.src, raw.alt, owner, &place)?;
        if alt.is_empty() && href.is_some() {
            self.findings.push(
                Finding::error(
                    "linked-without-alt",
                    "a picture that is a link needs an `alt`",
                )
                .at(place)
                .hint("say where the link leads".to_owned()),
            );
        }
        Some(Picture {
            file,
            alt,
            caption,
            credit,
            href,
        })
    }

    /// A guest's portrait.
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
        let alt = match alt {
            Some(alt) => self.line(alt),
            None if self.findings.is_unread(place, "alt") => String::new(),
            None => {
                self.findings.push(
                    Finding::error("missing-key", format!("{owner} without `alt`"))
                        .at(place.clone())
                        .hint("say what it shows; `alt = \"\"` where it is decoration".to_owned()),
                );
                String::new()
            }
        };
        let src = self.required(src, "src", owner, place)?;
        let place = self.place(&src);
        match self.picture_file(src.get_ref()) {
            Ok(file) => {
                self.mentions.pictures.push(PictureMention {
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

    fn picture_file(&mut self, src: &str) -> Result<usize, Finding> {
        if let Some(known) = self.pictures.iter().position(|file| file.src == src) {
            return Ok(known);
        }
        let file = read_picture(&self.folder.join("issues"), "issues", src)?;
        self.pictures.push(file);
        Ok(self.pictures.len() - 1)
    }
}

/// Reads the picture `src` below `folder`, which messages call `shown`.
///
/// # Errors
/// A finding without a place: the caller knows which key names the picture.
pub fn read_picture(folder: &Path, shown: &str, src: &str) -> Result<PictureFile, Finding> {
    let path = path_below(folder, shown, src)?;
    let unreadable = |error: std::io::Error| unreadable(shown, src, &error);
    let found = std::fs::metadata(&path).map_err(unreadable)?;
    // A pipe would be waited for.
    if !found.is_file() {
        return Err(Finding::error("no-picture", format!("`{src}` is no file")));
    }
    let bytes = found.len();
    if bytes > LARGEST_PICTURE {
        let message = format!("the picture `{src}` has {bytes} bytes");
        return Err(Finding::error("picture-too-large", message)
            .hint(format!("the most that is read is {LARGEST_PICTURE} bytes")));
    }
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    let media_type = match imagesize::image_type(&bytes) {
        Ok(imagesize::ImageType::Png) => "image/png",
        Ok(imagesize::ImageType::Jpeg) => "image/jpeg",
        Ok(imagesize::ImageType::Gif) => "image/gif",
        _ => {
            return Err(
                Finding::error("no-picture", format!("`{src}` is no PNG, JPEG or GIF"))
                    .hint("other formats are not drawn by Gmail or by Outlook".to_owned()),
            );
        }
    };
    let size = imagesize::blob_size(&bytes)
        .map_err(|_| Finding::error("no-picture", format!("the picture `{src}` is damaged")))?;
    if size.width.saturating_mul(size.height) > MOST_PIXELS {
        let message = format!(
            "the picture `{src}` has {} x {} pixels",
            size.width, size.height
        );
        return Err(Finding::error("picture-too-large", message)
            .hint(format!("the most that is read is {MOST_PIXELS} pixels")));
    }
    Ok(PictureFile {
        src: src.to_owned(),
        media_type: media_type.to_owned(),
        width: u32::try_from(size.width).unwrap_or(u32::MAX),
        height: u32::try_from(size.height).unwrap_or(u32::MAX),
        bytes,
    })
}

fn unreadable(shown: &str, src: &str, error: &std::io::Error) -> Finding {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Finding::error(
            "missing-picture",
            format!("there is no picture `{shown}/{src}`"),
        )
        .hint(path_hint(shown, src));
    }
    Finding::error(
        "missing-picture",
        format!("the picture `{shown}/{src}` cannot be read: {error}"),
    )
}

/// A path with backslashes comes from Windows, and in `"…"` some of them make control characters.
fn path_hint(shown: &str, src: &str) -> String {
    if src.contains(char::is_control) {
        let hint =
            "a backslash in `\"…\"` begins an escape sequence, such as `\\n` for a line break";
        return format!("{hint}: write `/` in a path");
    }
    if src.contains('\\') {
        return format!("write `/` in a path: `{}`", src.replace('\\', "/"));
    }
    format!("a picture's path counts from `{shown}/`")
}

/// A picture lies below its folder, links followed: a letter must not carry a file from elsewhere.
fn path_below(folder: &Path, shown: &str, src: &str) -> Result<std::path::PathBuf, Finding> {
    let relative = Path::new(src);
    let outside = || {
        Finding::error(
            "picture-outside",
            format!("the picture `{src}` does not lie below `{shown}/`"),
        )
        .hint(format!("put it there, and write its path from `{shown}/`"))
    };
    if src.contains("://")
        || !relative
            .components()
            .all(|c| matches!(c, Component::Normal(_)))
    {
        return Err(outside());
    }
    let unreadable = |error: std::io::Error| unreadable(shown, src, &error);
    let real = folder.join(relative).canonicalize().map_err(unreadable)?;
    let root = folder.canonicalize().map_err(unreadable)?;
    if real.starts_with(root) {
        Ok(real)
    } else {
        Err(outside())
    }
}
