//! Picture files, read and checked.

use super::PictureFolder;
use crate::diag::Finding;
use crate::newsletter::picture::{self, Cache, Damaged, Format, PictureError};

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

/// Reads the picture with the path `written`.
///
/// # Errors
/// A finding without a location: the caller knows the key that names the picture.
pub fn read_picture(folder: &PictureFolder<'_>, written: &str) -> Result<PictureFile, Finding> {
    let bytes = bytes_of(folder, written)?;
    let src = &folder.src(written);
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
        src: src.clone(),
        format: scan.format,
        width: scan.width,
        height: scan.height,
        orientation: scan.orientation,
        is_animated: scan.is_animated,
        bytes: scan.bytes,
    })
}

/// The bytes of the file, if it is not too large.
fn bytes_of(folder: &PictureFolder<'_>, written: &str) -> Result<Vec<u8>, Finding> {
    let path = folder.path_of(written)?;
    let src = folder.src(written);
    let unreadable = |error: std::io::Error| folder.unreadable(written, &error);
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
