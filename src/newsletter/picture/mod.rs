//! Picture files: their metadata is removed, and large ones are resized for mail.
//!
//! [`scan`] reads the segments of a file and decodes nothing, which is enough for most pictures. [`fit`] rotates and
//! resizes the others. Both are pure, and use integer or basic floating-point arithmetic only, so every machine
//! produces the same bytes; [`Cache`] only saves time.

mod cache;
mod fit;
mod gif;
mod jpeg;
mod png;

pub use cache::Cache;
pub use fit::{Damaged, Fitted, fit};

/// A picture format that every mail client displays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG (ISO 10918), without the variants that browsers do not display.
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

/// The result of scanning a picture file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The format.
    pub format: Format,
    /// The displayed width in pixels.
    pub width: u32,
    /// The displayed height in pixels.
    pub height: u32,
    /// The EXIF orientation, from 1 (upright) to 8.
    pub orientation: u8,
    /// Whether it is animated.
    pub is_animated: bool,
    /// The file without EXIF, XMP, IPTC, comments and trailing data. Colour profiles are kept.
    pub bytes: Vec<u8>,
}

/// The reason why a file cannot be mailed as a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureError {
    /// Another format, with its name if it is known.
    Foreign(Option<&'static str>),
    /// The file violates its format.
    Damaged,
    /// The file is truncated.
    Truncated,
    /// The colours are CMYK.
    Cmyk,
    /// A variant that browsers do not display.
    Variant(&'static str),
}

/// Scans the segments of a picture file.
///
/// # Errors
/// If it cannot be mailed.
pub fn scan(bytes: Vec<u8>) -> Result<Scan, PictureError> {
    if bytes.starts_with(b"\xFF\xD8\xFF") {
        jpeg::scan(bytes)
    } else if bytes.starts_with(png::SIGNATURE) {
        png::scan(bytes)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        gif::scan(bytes)
    } else {
        Err(PictureError::Foreign(foreign(&bytes)))
    }
}

/// The name of a format that is not supported.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).unwrap_or_default();
    let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).to_lowercase();
    match bytes {
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some("WebP"),
        [b'B', b'M', ..] => Some("BMP"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("TIFF"),
        [b'%', b'P', b'D', b'F', ..] => Some("PDF"),
        _ if brand.starts_with(b"ftypavif") => Some("AVIF"),
        _ if brand.starts_with(b"ftyp") => Some("HEIC"),
        _ if begin.contains("<svg") => Some("SVG"),
        _ => None,
    }
}

/// Displayed width and height.
fn shown(width: u32, height: u32, orientation: u8) -> (u32, u32) {
    if orientation >= 5 {
        (height, width)
    } else {
        (width, height)
    }
}

/// The orientation in an EXIF block; 1 if it has none.
fn orientation(tiff: &[u8]) -> u8 {
    image::metadata::Orientation::from_exif_chunk(tiff).map_or(1, |turn| turn.to_exif())
}

/// Copies the ranges `kept` of `bytes`; returns `bytes` itself if they cover everything.
fn copy(bytes: Vec<u8>, kept: &[std::ops::Range<usize>]) -> Vec<u8> {
    let length: usize = kept.iter().map(ExactSizeIterator::len).sum();
    if length == bytes.len() {
        return bytes;
    }
    let kept = kept.iter().flat_map(|range| &bytes[range.clone()]);
    kept.copied().collect()
}
