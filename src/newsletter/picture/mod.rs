//! The pictures of a message: what their files hold besides the picture, and how they become fit for mail.
//!
//! [`scan`] walks over the segments of a file and decodes nothing: most pictures need no more. [`fit`] turns and
//! resizes those that do. Both are pure, and their arithmetic is that of integers or of plain floating point
//! operations, so that every machine makes the same bytes; [`Cache`] only saves the time.

mod cache;
mod fit;
mod gif;
mod jpeg;
mod png;

pub use cache::Cache;
pub use fit::{Damaged, Fitted, fit};

/// A format that every mail client draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ISO 10918, without the variants that no browser draws.
    Jpeg,
    /// PNG, third edition, not animated.
    Png,
    /// GIF 87a and 89a.
    Gif,
}

impl Format {
    /// The media type (RFC 6838).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
        }
    }
}

/// A picture's file after the walk over its segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Its format.
    pub format: Format,
    /// The width as it is shown, in pixels.
    pub width: u32,
    /// The height as it is shown, in pixels.
    pub height: u32,
    /// How a viewer turns it, from 1 (not at all) to 8, as EXIF numbers it.
    pub orientation: u8,
    /// Whether it moves.
    pub is_animated: bool,
    /// The file without EXIF, XMP, IPTC, comments and what follows the picture. Colour profiles are kept.
    pub bytes: Vec<u8>,
}

/// Why a file is not a picture for mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Another format, by its name where it is known.
    Foreign(Option<&'static str>),
    /// A part of the file contradicts its format.
    Damaged,
    /// The file ends before the picture does.
    Truncated,
    /// The colours are those of a printing press.
    Cmyk,
    /// A variant that browsers do not draw.
    Variant(&'static str),
}

/// Walks over the segments of a picture's file.
///
/// # Errors
/// When it cannot be mailed.
pub fn scan(bytes: Vec<u8>) -> Result<Scan, Trouble> {
    if bytes.starts_with(b"\xFF\xD8\xFF") {
        jpeg::scan(bytes)
    } else if bytes.starts_with(png::SIGNATURE) {
        png::scan(bytes)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        gif::scan(bytes)
    } else {
        Err(Trouble::Foreign(foreign(&bytes)))
    }
}

/// The name of a format that is not mailed.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).unwrap_or_default();
    let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).to_lowercase();
    match bytes {
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("WebP"),
        [b'B', b'M', ..] => Some("BMP"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("TIFF"),
        [b'%', b'P', b'D', b'F', ..] => Some("PDF"),
        _ if brand.starts_with(b"ftypavif") => Some("AVIF"),
        _ if brand.starts_with(b"ftyp") => Some("HEIC"),
        _ if begin.contains("<svg") => Some("SVG"),
        _ => None,
    }
}

/// Width and height as a viewer shows them.
fn shown(width: u32, height: u32, orientation: u8) -> (u32, u32) {
    if orientation >= 5 {
        (height, width)
    } else {
        (width, height)
    }
}

/// The orientation that a block of EXIF names, 1 where it names none.
fn orientation(tiff: &[u8]) -> u8 {
    image::metadata::Orientation::from_exif_chunk(tiff).map_or(1, |turn| turn.to_exif())
}

/// Copies what `kept` names of `bytes`; the file itself where that is everything.
fn copy(bytes: Vec<u8>, kept: &[std::ops::Range<usize>]) -> Vec<u8> {
    let length: usize = kept.iter().map(ExactSizeIterator::len).sum();
    if length == bytes.len() {
        return bytes;
    }
    kept.iter()
        .flat_map(|range| &bytes[range.clone()])
        .copied()
        .collect()
}
