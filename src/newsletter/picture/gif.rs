//! The blocks of a GIF file (GIF 89a, section 12 and after).

use std::ops::Range;

use super::{Format, PictureError, Scan, copy};

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const TRAILER: u8 = 0x3B;
const COMMENT: u8 = 0xFE;
const APPLICATION: u8 = 0xFF;

/// Application extensions that affect how the picture is shown: its repetitions and its colours.
const KEPT: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

pub(super) fn scan(bytes: Vec<u8>) -> Result<Scan, PictureError> {
    let [width_low, width_high, height_low, height_high, flags] =
        *bytes.get(6..11).ok_or(PictureError::Truncated)?
    else {
        return Err(PictureError::Truncated);
    };
    let content = content(&bytes, 13 + table(flags))?;
    let width = u32::from(u16::from_le_bytes([width_low, width_high]));
    let height = u32::from(u16::from_le_bytes([height_low, height_high]));
    if content.images == 0 || width == 0 || height == 0 {
        return Err(PictureError::Damaged);
    }
    Ok(Scan {
        format: Format::Gif,
        width,
        height,
        orientation: 1,
        is_animated: content.images > 1,
        bytes: copy(bytes, &content.kept),
    })
}

/// The blocks of a file.
struct GifContent {
    images: usize,
    /// The header, and the blocks that are not metadata.
    kept: Vec<Range<usize>>,
}

/// Reads the blocks from `at` to the trailer.
fn content(bytes: &[u8], mut at: usize) -> Result<GifContent, PictureError> {
    let mut kept: Vec<Range<usize>> = std::iter::once(0..at).collect();
    let mut images = 0;
    loop {
        let start = at;
        let mut is_kept = true;
        match *bytes.get(start).ok_or(PictureError::Truncated)? {
            TRAILER => {
                kept.push(start..start + 1);
                return Ok(GifContent { images, kept });
            }
            IMAGE => {
                images += 1;
                let flags = *bytes.get(start + 9).ok_or(PictureError::Truncated)?;
                // The code size of the compression follows the descriptor and its colour table.
                at = blocks(bytes, start + 11 + table(flags))?;
            }
            EXTENSION => {
                let label = *bytes.get(start + 1).ok_or(PictureError::Truncated)?;
                let application = bytes.get(start + 3..start + 14).unwrap_or_default();
                is_kept = label != COMMENT && (label != APPLICATION || KEPT.contains(&application));
                at = blocks(bytes, start + 2)?;
            }
            _ => return Err(PictureError::Damaged),
        }
        if is_kept {
            kept.push(start..at);
        }
    }
}

/// The length of the colour table that `flags` announce.
fn table(flags: u8) -> usize {
    match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 7) + 1),
    }
}

/// The end of the sub-blocks that start at `at`: each starts with its length, and the last is empty.
fn blocks(bytes: &[u8], at: usize) -> Result<usize, PictureError> {
    let mut at = at;
    loop {
        let length = usize::from(*bytes.get(at).ok_or(PictureError::Truncated)?);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    }
}
