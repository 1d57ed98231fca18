//! Picture files, read and checked.

use std::path::{Component, Path};

use crate::diag::Finding;
use crate::newsletter::picture::{self, Cache, Damaged, Format, PictureError};
use crate::util::system;

/// The size limit of a picture file, in bytes.
const LARGEST_PICTURE: u64 = 10 << 20;

/// The limit of pixels: a small file can decode to more than a phone's memory.
const MOST_PIXELS: u64 = 40_000_000;

/// A picture in a section.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The index of its file in [`super::Issue::pictures`].
    pub file: usize,
    /// The alternative text; empty for a decorative picture.
    pub alt: String,
    /// The caption.
    pub caption: Option<String>,
    /// The credit line.
    pub credit: Option<String>,
    /// The destination of the picture's link.
    pub href: Option<String>,
}

/// A picture's file.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureFile {
    /// The path below `issues/`, with slashes.
    pub src: String,
    /// The format.
    pub format: Format,
    /// The displayed width in pixels.
    pub width: u32,
    /// The displayed height in pixels.
    pub height: u32,
    /// The EXIF orientation; 1 after it has been rotated.
    pub orientation: u8,
    /// Whether it is animated.
    pub is_animated: bool,
    /// The bytes, without EXIF, XMP and comments.
    pub bytes: Vec<u8>,
}

impl PictureFile {
    /// Rotates the picture upright, and resizes it if it is larger than a picture of `widest` pixels needs to be.
    ///
    /// # Errors
    /// A finding without a location, if the picture cannot be decoded.
    pub fn fit(&mut self, widest: u32, cache: &Cache) -> Result<(), Finding> {
        let shown = (self.orientation, self.width);
        let fitted = cache.fit(&self.bytes, self.format, shown, widest);
        let fitted = fitted.map_err(|Damaged| damaged(&self.src))?;
        if let Some(fitted) = fitted {
            (self.width, self.height) = (fitted.width, fitted.height);
            self.bytes = fitted.bytes;
            self.orientation = 1;
        }
        Ok(())
    }
}

/// Reads the picture `src` in `folder`, which messages call `shown`.
///
/// # Errors
/// A finding without a location: the caller knows the key that names the picture.
pub fn read_picture(folder: &Path, shown: &str, src: &str) -> Result<PictureFile, Finding> {
    let bytes = bytes_of(folder, shown, src)?;
    let scan = picture::scan(bytes).map_err(|error| not_a_picture(src, error))?;
    let pixels = u64::from(scan.width) * u64::from(scan.height);
    if pixels > MOST_PIXELS {
        let message = format!(
            "the picture `{src}` has {} x {} pixels",
            scan.width, scan.height
        );
        return Err(Finding::error("picture-too-large", message)
            .hint(format!("the limit is {MOST_PIXELS} pixels")));
    }
    Ok(PictureFile {
        src: src.to_owned(),
        format: scan.format,
        width: scan.width,
        height: scan.height,
        orientation: scan.orientation,
        is_animated: scan.is_animated,
        bytes: scan.bytes,
    })
}

/// The bytes of the file, if it is not too large.
fn bytes_of(folder: &Path, shown: &str, src: &str) -> Result<Vec<u8>, Finding> {
    let path = path_below(folder, shown, src)?;
    let unreadable = |error: std::io::Error| unreadable(shown, src, &error);
    let found = std::fs::metadata(&path).map_err(unreadable)?;
    // Reading a pipe would block.
    if !found.is_file() {
        let message = format!("`{src}` is not a file");
        return Err(Finding::error("no-picture", message));
    }
    let bytes = found.len();
    if bytes > LARGEST_PICTURE {
        let message = format!("the picture `{src}` has {bytes} bytes");
        return Err(Finding::error("picture-too-large", message)
            .hint(format!("the limit is {LARGEST_PICTURE} bytes")));
    }
    std::fs::read(&path).map_err(unreadable)
}

/// The finding about a file that cannot be mailed as a picture.
fn not_a_picture(src: &str, error: PictureError) -> Finding {
    let (code, message, hint) = match error {
        PictureError::Foreign(format) => {
            let format = format.map_or_else(String::new, |name| format!("{name}, "));
            let message = format!("`{src}` is {format}not PNG, JPEG or GIF");
            (
                "no-picture",
                message,
                "save it as JPEG or PNG: Gmail and Outlook do not display other formats",
            )
        }
        PictureError::Variant(what) => (
            "no-picture",
            format!("`{src}` is {what}"),
            "save it again as an ordinary JPEG",
        ),
        PictureError::Damaged => return damaged(src),
        PictureError::Truncated => (
            "truncated-picture",
            format!("the picture `{src}` is truncated"),
            "copy or download it again",
        ),
        PictureError::Cmyk => (
            "cmyk-picture",
            format!("the picture `{src}` uses CMYK colours"),
            "save it with RGB colours: mail clients show CMYK pictures in wrong colours or not at all",
        ),
    };
    Finding::error(code, message).hint(hint)
}

fn damaged(src: &str) -> Finding {
    Finding::error("no-picture", format!("the picture `{src}` is damaged"))
        .hint("copy or download it again")
}

fn unreadable(shown: &str, src: &str, error: &std::io::Error) -> Finding {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Finding::error(
            "missing-picture",
            format!("the picture `{shown}/{src}` does not exist"),
        )
        .hint(path_hint(shown, src));
    }
    Finding::error(
        "missing-picture",
        format!(
            "cannot read the picture `{shown}/{src}`: {}",
            system::words(error)
        ),
    )
}

/// A path with backslashes comes from Windows; in `"…"` some of them form control characters.
fn path_hint(shown: &str, src: &str) -> String {
    if src.contains(char::is_control) {
        let hint =
            "a backslash in `\"…\"` starts an escape sequence, such as `\\n` for a line break";
        return format!("{hint}: write `/` in a path");
    }
    if src.contains('\\') {
        return format!("write `/` in a path: `{}`", src.replace('\\', "/"));
    }
    format!("write the path relative to `{shown}/`")
}

/// The path of a picture, which must be in its directory after links are resolved: messages must not contain other
/// files.
fn path_below(folder: &Path, shown: &str, src: &str) -> Result<std::path::PathBuf, Finding> {
    let mut components = Path::new(src).components();
    if src.contains("://") || !components.all(|c| matches!(c, Component::Normal(_))) {
        return Err(outside(shown, src));
    }
    let unreadable = |error: std::io::Error| unreadable(shown, src, &error);
    let real = folder.join(src).canonicalize().map_err(unreadable)?;
    let root = folder.canonicalize().map_err(unreadable)?;
    match real.starts_with(root) {
        true => Ok(real),
        false => Err(outside(shown, src)),
    }
}

fn outside(shown: &str, src: &str) -> Finding {
    let message = format!("the picture `{src}` is not in `{shown}/`");
    let hint = format!("move it there, and write its path relative to `{shown}/`");
    Finding::error("picture-outside", message).hint(hint)
}
