//! The segments of a JPEG file (ISO 10918-1, annex B).

use std::ops::Range;

use super::{Format, PictureError, Scan, copy, orientation, shown};

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// The frame header.
struct Frame {
    width: u32,
    height: u32,
    components: u8,
}

/// The segments of a file.
struct Segments {
    frame: Option<Frame>,
    orientation: u8,
    /// The segments that are not metadata.
    kept: Vec<Range<usize>>,
}

pub(super) fn scan(bytes: Vec<u8>) -> Result<Scan, PictureError> {
    let segments = segments(&bytes)?;
    let frame = segments.frame.ok_or(PictureError::Damaged)?;
    if frame.components == 4 {
        return Err(PictureError::Cmyk);
    }
    let (width, height) = shown(frame.width, frame.height, segments.orientation);
    Ok(Scan {
        format: Format::Jpeg,
        width,
        height,
        orientation: segments.orientation,
        is_animated: false,
        bytes: copy(bytes, &segments.kept),
    })
}

/// Reads the segments up to the end of the image.
fn segments(bytes: &[u8]) -> Result<Segments, PictureError> {
    let mut kept: Vec<Range<usize>> = std::iter::once(0..2).collect();
    let mut frame = None;
    let mut turn = 1;
    let mut at = 2;
    loop {
        let (start, marker) = next_marker(bytes, at).ok_or(PictureError::Truncated)?;
        if marker == END_OF_IMAGE {
            kept.push(start..start + 2);
            return Ok(Segments {
                frame,
                orientation: turn,
                kept,
            });
        }
        let length = bytes
            .get(start + 2..start + 4)
            .ok_or(PictureError::Truncated)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let mut end = start + 2 + length;
        let content = bytes.get(start + 4..end).ok_or(PictureError::Truncated)?;
        match marker {
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                frame = Some(header(marker, content)?)
            }
            0xE1 if content.starts_with(EXIF) => turn = orientation(&content[EXIF.len()..]),
            START_OF_SCAN => end = end_of_scan(bytes, end),
            _ => {}
        }
        if is_kept(marker, content) {
            kept.push(start..end);
        }
        at = end;
    }
}

/// The next marker from `at` on, and its offset; fill bytes `FF` may precede a marker.
fn next_marker(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let begin = at + bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
    let fill = bytes[begin..].iter().position(|byte| *byte != 0xFF)?;
    Some((begin + fill - 1, bytes[begin + fill]))
}

/// The end of the entropy-coded data that start at `at`: before a marker that is neither a stuffed zero nor a restart.
fn end_of_scan(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(found) = memchr::memchr(0xFF, bytes.get(at..).unwrap_or_default()) {
        match bytes.get(at + found + 1) {
            Some(0 | 0xD0..=0xD7) => at += found + 2,
            Some(0xFF) => at += found + 1,
            Some(_) => return at + found,
            None => break,
        }
    }
    bytes.len()
}

/// Browsers display only the sequential and progressive modes with Huffman coding and 8 bits.
fn header(marker: u8, content: &[u8]) -> Result<Frame, PictureError> {
    let [
        precision,
        height_high,
        height_low,
        width_high,
        width_low,
        components,
        ..,
    ] = *content
    else {
        return Err(PictureError::Damaged);
    };
    if !matches!(marker, 0xC0..=0xC2) || precision != 8 {
        return Err(PictureError::Variant(
            "a JPEG variant that browsers do not display",
        ));
    }
    let frame = Frame {
        width: u32::from(u16::from_be_bytes([width_high, width_low])),
        height: u32::from(u16::from_be_bytes([height_high, height_low])),
        components,
    };
    if frame.width == 0 || frame.height == 0 {
        return Err(PictureError::Damaged);
    }
    Ok(frame)
}

/// Tables, frames, scans, and the application segments that affect colours.
fn is_kept(marker: u8, content: &[u8]) -> bool {
    match marker {
        0xE0 => content.starts_with(b"JFIF\0"),
        0xE2 => content.starts_with(ICC),
        0xEE => content.starts_with(b"Adobe"),
        0xE0..=0xEF | 0xFE => false,
        _ => true,
    }
}

/// The ICC profile of a file, joined from its segments (ICC.1, annex B.4).
pub(super) fn profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<(u8, &[u8])> = Vec::new();
    let mut at = 2;
    while let Some((start, marker)) = next_marker(bytes, at) {
        if marker == START_OF_SCAN {
            break;
        }
        let length = bytes.get(start + 2..start + 4)?;
        let end = start + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
        let content = bytes.get(start + 4..end)?;
        if let Some([number, _, part @ ..]) = content.strip_prefix(ICC).filter(|_| marker == 0xE2) {
            parts.push((*number, part));
        }
        at = end;
    }
    parts.sort_by_key(|(number, _)| *number);
    let profile: Vec<u8> = parts
        .iter()
        .flat_map(|(_, part)| part.iter().copied())
        .collect();
    (!profile.is_empty()).then_some(profile)
}
