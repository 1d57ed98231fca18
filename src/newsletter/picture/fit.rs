//! Rotating and resizing pictures.
//!
//! The JPEG decoder uses its portable arithmetic, and the filter no function of the system's mathematical library: the
//! same picture gives the same bytes on every processor.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageEncoder, RgbImage};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Format, jpeg};

/// The size in bytes from which a picture that is too wide is resized: smaller files gain nothing.
const WORTH_RESIZING: usize = 100 * 1024;
/// The size in bytes from which a JPEG is encoded again.
const WORTH_ENCODING: usize = 300 * 1024;
/// The JPEG quality: artefacts are invisible at twice the displayed width.
const QUALITY: u8 = 82;

/// A rotated or resized picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The encoded file.
    pub bytes: Vec<u8>,
}

/// The file looks like a picture but cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

/// Whether a picture must be decoded at all.
pub(super) fn has_work(
    bytes: &[u8],
    format: Format,
    orientation: u8,
    width: u32,
    widest: u32,
) -> bool {
    let is_wide = width > widest && bytes.len() > WORTH_RESIZING;
    let is_heavy = format == Format::Jpeg && bytes.len() > WORTH_ENCODING;
    format != Format::Gif && (orientation != 1 || is_wide || is_heavy)
}

/// Rotates a picture by its EXIF orientation and scales it to at most `widest` pixels; `None` if the file is better
/// unchanged.
///
/// # Errors
/// If it cannot be decoded.
pub fn fit(
    bytes: &[u8],
    format: Format,
    orientation: u8,
    widest: u32,
) -> Result<Option<Fitted>, Damaged> {
    let (mut picture, profile) = match format {
        Format::Jpeg => (decode_jpeg(bytes)?, jpeg::profile(bytes)),
        Format::Png => decode_png(bytes)?,
        Format::Gif => return Ok(None),
    };
    if let Some(turn) = Orientation::from_exif(orientation) {
        picture.apply_orientation(turn);
    }
    if picture.width() > widest {
        picture = narrowed(&picture, widest);
    }
    let fitted = Fitted {
        width: picture.width(),
        height: picture.height(),
        bytes: encode(&picture, format, profile).ok_or(Damaged)?,
    };
    let is_better = orientation != 1 || fitted.bytes.len() < bytes.len() / 10 * 9;
    Ok(is_better.then_some(fitted))
}

/// The picture scaled to the width `width`.
fn narrowed(picture: &DynamicImage, width: u32) -> DynamicImage {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width());
    let height = u32::try_from(height).unwrap_or(u32::MAX).max(1);
    picture.resize_exact(width, height, FilterType::CatmullRom)
}

fn decode_jpeg(bytes: &[u8]) -> Result<DynamicImage, Damaged> {
    let options = DecoderOptions::new_safe().set_strict_mode(true);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| Damaged)?;
    let is_grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let wanted = if is_grey {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let pixels = decoder.decode().map_err(|_| Damaged)?;
    let (width, height) = decoder.dimensions().ok_or(Damaged)?;
    let width = u32::try_from(width).map_err(|_| Damaged)?;
    let height = u32::try_from(height).map_err(|_| Damaged)?;
    let picture = if is_grey {
        GrayImage::from_raw(width, height, pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
    };
    picture.ok_or(Damaged)
}

fn decode_png(bytes: &[u8]) -> Result<(DynamicImage, Option<Vec<u8>>), Damaged> {
    let mut decoder = PngDecoder::new(std::io::Cursor::new(bytes)).map_err(|_| Damaged)?;
    let profile = decoder.icc_profile().unwrap_or(None);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Damaged)?;
    Ok((picture, profile))
}

fn encode(picture: &DynamicImage, format: Format, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if format == Format::Jpeg {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        write(encoder, picture, profile)?;
    } else {
        let encoder =
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, PngFilter::Adaptive);
        write(encoder, picture, profile)?;
    }
    Some(bytes)
}

fn write(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> Option<()> {
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).ok()?;
    }
    picture.write_with_encoder(encoder).ok()
}
