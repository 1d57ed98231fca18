//! Pictures on their way into a message: turned, freed of what they say about their maker, made light, reported.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, Rgb, RgbImage};
use mail_parser::{MessageParser, MimeHeaders};

use crate::compile::findings::noise;
use crate::support::Folder;

/// A photograph that was taken upright with a telephone: red at the top of the scene, blue at its foot. The sensor
/// lies on its side, so red is on the left of the file.
fn photograph(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 {
            Rgb([220, 30, 30])
        } else {
            Rgb([30, 30, 220])
        }
    })
}

/// A JPEG with `segments` after its first marker.
fn jpeg(picture: &RgbImage, segments: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder
        .set_icc_profile(b"a profile of colours".to_vec())
        .expect("a profile");
    encoder.encode_image(picture).expect("a JPEG");
    [&bytes[..2], &segments.concat(), &bytes[2..]].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2)
        .expect("a short segment")
        .to_be_bytes();
    [&[0xFF, marker], &length[..], content].concat()
}

/// EXIF that turns the picture as `orientation` says and names a telephone.
fn exif(orientation: u8) -> Vec<u8> {
    let entries = [
        b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x02".as_slice(),
        b"\x01\x10\0\x02\0\0\0\x04Tel\0",
        &[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
        b"\0\0\0\0GPS position",
    ];
    segment(0xE1, &entries.concat())
}

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>secret place</x:xmpmeta>";

/// The plain newsletter with one picture.
fn with_picture(name: &str, bytes: &[u8]) -> Folder {
    let folder = Folder::with("plain");
    std::fs::write(folder.path().join("issues/one").join(name), bytes).expect("a picture");
    folder.write(
        "issues/one.toml",
        &format!(
            "subject = \"One\"\npreheader = \"What it is about.\"\ndate = 2026-12-01\n\n[[section]]\n\
             kind = \"image\"\nimage = {{ src = \"one/{name}\", alt = \"A view of the weir\" }}\n"
        ),
    );
    folder
}

/// The picture in the built message, read by another program than the one that wrote it.
fn mailed(folder: &Folder, name: &str) -> Vec<u8> {
    let run = folder.run(&["build", "one", "--out", "built"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let message = std::fs::read(folder.path().join("built/one.eml")).expect("a message");
    let message = MessageParser::default().parse(&message).expect("a message");
    let part = message
        .parts
        .iter()
        .find(|part| part.attachment_name() == Some(name));
    part.expect("the picture").contents().to_vec()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_photograph_is_rotated_upright_and_its_metadata_is_removed() {
    let source = jpeg(
        &photograph(320, 200),
        &[exif(6), segment(0xE1, XMP), segment(0xFE, b"by Ada")],
    );
    let folder = with_picture("weir.jpg", &source);
    let bytes = mailed(&folder, "weir.jpg");
    for part in [b"Exif".as_slice(), b"GPS", b"xmpmeta", b"by Ada"] {
        assert!(
            has(&source, part) && !has(&bytes, part),
            "{}",
            String::from_utf8_lossy(part)
        );
    }
    assert!(has(&bytes, b"a profile of colours"));
    let picture = image::load_from_memory(&bytes)
        .expect("a picture")
        .to_rgb8();
    assert_eq!(picture.dimensions(), (200, 320));
    // Turned clockwise by a quarter, the left of the file is the top.
    let (top, foot) = (picture.get_pixel(100, 20), picture.get_pixel(100, 300));
    assert!(top[0] > 180 && top[2] < 80, "{top:?}");
    assert!(foot[2] > 180 && foot[0] < 80, "{foot:?}");
    let html = folder.read("built/one.html");
    assert!(html.contains("width=\"200\" height=\"320\""), "{html}");
    let original = std::fs::read(folder.path().join("issues/one/weir.jpg")).expect("the original");
    assert_eq!(original, source);
}

#[test]
fn every_orientation_puts_the_same_corner_at_the_top_left() {
    // The corner that is to be at the top left, in the file, by the number of the orientation.
    let corners = [
        (8, 8),
        (311, 8),
        (311, 191),
        (8, 191),
        (8, 8),
        (8, 191),
        (311, 191),
        (311, 8),
    ];
    for (number, corner) in (1..=8).zip(corners) {
        let marked = RgbImage::from_fn(320, 200, |x, y| {
            let is_near = x.abs_diff(corner.0) < 16 && y.abs_diff(corner.1) < 16;
            if is_near {
                Rgb([250, 250, 250])
            } else {
                Rgb([20, 20, 20])
            }
        });
        let folder = with_picture("weir.jpg", &jpeg(&marked, &[exif(number)]));
        let picture = image::load_from_memory(&mailed(&folder, "weir.jpg")).expect("a picture");
        let picture = picture.to_rgb8();
        let size = if number < 5 { (320, 200) } else { (200, 320) };
        assert_eq!(picture.dimensions(), size, "{number}");
        assert!(picture.get_pixel(8, 8)[0] > 200, "{number}");
    }
}

#[test]
fn the_metadata_of_a_picture_is_removed_without_decoding_it() {
    let clean = jpeg(&photograph(320, 200), &[]);
    let talking = jpeg(
        &photograph(320, 200),
        &[exif(1), segment(0xED, b"Photoshop 3.0"), segment(0xE1, XMP)],
    );
    let after = [&talking[..], b"a second picture after the first"].concat();
    assert_eq!(mailed(&with_picture("weir.jpg", &after), "weir.jpg"), clean);
    assert_eq!(mailed(&with_picture("weir.jpg", &clean), "weir.jpg"), clean);

    let mut png = Cursor::new(Vec::new());
    photograph(40, 30)
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("a PNG");
    let png = png.into_inner();
    let chunk = |name: &[u8], content: &[u8]| {
        let length = u32::try_from(content.len())
            .expect("a short chunk")
            .to_be_bytes();
        [&length[..], name, content, b"\0\0\0\0"].concat()
    };
    let header = 8 + 12 + 13;
    let said = [
        chunk(b"tEXt", b"Author\0Ada"),
        chunk(b"tIME", b"\x07\xEA\x0B\x1E\0\0\0"),
    ]
    .concat();
    let talking = [&png[..header], &said, &png[header..], b"more"].concat();
    assert_eq!(mailed(&with_picture("weir.png", &talking), "weir.png"), png);
}

#[test]
fn a_heavy_photograph_is_resized_alike_with_and_without_the_cache() {
    let folder = with_picture("weir.jpg", &jpeg(&noise(1800, 900), &[exif(1)]));
    assert_eq!(
        folder.run(&["check", "--deny", "warnings"]).code,
        1,
        "noise stays heavy"
    );
    let smooth = RgbImage::from_fn(2400, 1600, |x, y| {
        Rgb([(x / 10) as u8, (y / 7) as u8, (x ^ y) as u8])
    });
    let folder = with_picture("weir.jpg", &jpeg(&smooth, &[exif(8)]));
    let first = mailed(&folder, "weir.jpg");
    let picture = image::load_from_memory(&first).expect("a picture");
    let width = picture.width();
    assert_eq!(picture.height(), width * 3 / 2);
    assert!(width < 1600, "{width}");
    let entries = || std::fs::read_dir(folder.path().join(".franking/pictures")).expect("a cache");
    assert_eq!(entries().count(), 1);
    assert_eq!(mailed(&folder, "weir.jpg"), first);
    // A damaged entry is made again, and a cache that cannot be written does no harm.
    let entry = entries()
        .next()
        .expect("an entry")
        .expect("an entry")
        .path();
    std::fs::write(&entry, b"damaged").expect("an entry");
    assert_eq!(mailed(&folder, "weir.jpg"), first);
    std::fs::remove_dir_all(folder.path().join(".franking/pictures")).expect("a cache");
    folder.write(".franking/pictures", "in the way");
    assert_eq!(mailed(&folder, "weir.jpg"), first);
    // The bytes are those of the machine on which this was written.
    let digest = ring::digest::digest(&ring::digest::SHA256, &first);
    snapbox::assert_data_eq!(
        format!("{digest:?}"),
        snapbox::file!["pictures/digest.txt"].raw()
    );
}

#[test]
fn a_photograph_with_damaged_data_is_reported() {
    let mut bytes = jpeg(&photograph(320, 200), &[exif(6)]);
    let middle = bytes.len() * 9 / 10;
    bytes.splice(middle..middle + 40, [0xFF, 0xC4, 0, 2]);
    let run = with_picture("weir.jpg", &bytes).run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains(" --> issues/one.toml:7:17"),
        "{}",
        run.stderr
    );
}

#[test]
fn linked_pictures_are_written_for_upload() {
    let folder = with_picture("weir.jpg", &jpeg(&photograph(320, 200), &[exif(6)]));
    let publication = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &publication.replace("\n[defaults]", "pictures = \"link\"\n\n[defaults]"),
    );
    let run = folder.run(&["build", "one", "--out", "built"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said =
        "1 picture to upload: copy what is in built/upload to https://letter.plain.example/\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let html = folder.read("built/one.html");
    assert!(
        html.contains("src=\"https://letter.plain.example/issues/one/weir.jpg\""),
        "{html}"
    );
    let upload =
        std::fs::read(folder.path().join("built/upload/issues/one/weir.jpg")).expect("an upload");
    assert!(!has(&upload, b"Exif"));
}

#[test]
fn an_unsupported_picture_format_is_named() {
    for (bytes, name) in [
        (b"RIFF\0\0\0\0WEBPVP8 ".as_slice(), "WebP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"<?xml version=\"1.0\"?><svg/>", "SVG"),
        (b"II*\0\0\0\0\0", "TIFF"),
    ] {
        let run = with_picture("weir.jpg", bytes).run(&["check"]);
        let said = format!("error[no-picture]: `one/weir.jpg` is {name}, not PNG, JPEG or GIF");
        assert!(
            run.code == 1 && run.stderr.contains(&said),
            "{}",
            run.stderr
        );
    }
}
