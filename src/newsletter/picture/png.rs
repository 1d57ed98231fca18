//! The chunks of a PNG file (PNG, third edition, section 5).

use std::ops::Range;

use super::{Format, PictureError, Scan, copy, orientation, shown};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// Chunks that affect how the picture is displayed; the others are metadata.
const KEPT: [&[u8; 4]; 17] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"bKGD", b"pHYs", b"hIST", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn scan(bytes: Vec<u8>) -> Result<Scan, PictureError> {
    let chunks = chunks(&bytes)?;
    let (width, height) = chunks.size.ok_or(PictureError::Damaged)?;
    let (width, height) = shown(width, height, chunks.orientation);
    Ok(Scan {
        format: Format::Png,
        width,
        height,
        orientation: chunks.orientation,
        is_animated: chunks.is_animated,
        bytes: copy(bytes, &chunks.kept),
    })
}

/// The chunks of a file.
struct PngChunks {
    size: Option<(u32, u32)>,
    orientation: u8,
    is_animated: bool,
    /// The signature, and the chunks that are not metadata.
    kept: Vec<Range<usize>>,
}

/// Reads the chunks up to `IEND`.
fn chunks(bytes: &[u8]) -> Result<PngChunks, PictureError> {
    let mut kept: Vec<Range<usize>> = std::iter::once(0..SIGNATURE.len()).collect();
    let mut size = None;
    let mut turn = 1;
    let mut is_animated = false;
    let mut at = SIGNATURE.len();
    loop {
        let head = bytes.get(at..at + 8).ok_or(PictureError::Truncated)?;
        let [a, b, c, d, name @ ..] = head else {
            return Err(PictureError::Truncated);
        };
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        // A chunk ends with its check sum.
        let end = at + 12 + length;
        let content = bytes.get(at + 8..end).ok_or(PictureError::Truncated)?;
        let content = &content[..length];
        match name {
            b"IHDR" => size = Some(dimensions(content)?),
            b"eXIf" => turn = orientation(content),
            b"acTL" => is_animated = true,
            _ => {}
        }
        if KEPT.iter().any(|known| known.as_slice() == name) {
            kept.push(at..end);
        }
        at = end;
        if name == b"IEND" {
            return Ok(PngChunks {
                size,
                orientation: turn,
                is_animated,
                kept,
            });
        }
    }
}

fn dimensions(header: &[u8]) -> Result<(u32, u32), PictureError> {
    let [a, b, c, d, e, f, g, h, ..] = *header else {
        return Err(PictureError::Damaged);
    };
    let size = (
        u32::from_be_bytes([a, b, c, d]),
        u32::from_be_bytes([e, f, g, h]),
    );
    if size.0 == 0 || size.1 == 0 {
        return Err(PictureError::Damaged);
    }
    Ok(size)
}
