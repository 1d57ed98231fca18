//! Pictures: width and height as numbers, because a blocked picture without a height becomes a large
//! square in Evolution and Roundcube, and Word takes a file's own size where there is no number.

use maud::{Markup, html};

use crate::issue::{Picture, PictureFile};
use crate::material::Material;

/// The padding of the sheet at both sides, in CSS pixels.
const PADDING: u32 = 48;

/// A picture as wide as the text, with its caption.
pub(super) fn figure(material: &Material<'_>, picture: &Picture) -> Markup {
    let widest = material.template.width.saturating_sub(PADDING);
    let image = fluid(material, picture, widest);
    html! {
        div class="figure" {
            @if let Some(url) = &picture.href { a href=(url) { (image) } } @else { (image) }
            @if let Some(caption) = caption(material, picture) { p class="caption" { (caption) } }
        }
    }
}

/// A portrait, `width` pixels wide.
pub(super) fn portrait(material: &Material<'_>, picture: &Picture, width: u32) -> Markup {
    let file = &material.issue.pictures[picture.file];
    html! {
        img class="portrait" src=(material.picture_urls[picture.file]) alt=(picture.alt)
            width=(width) height=(height(file, width));
    }
}

fn fluid(material: &Material<'_>, picture: &Picture, widest: u32) -> Markup {
    let file = &material.issue.pictures[picture.file];
    let width = file.width.min(widest);
    html! {
        img class="picture" src=(material.picture_urls[picture.file]) alt=(picture.alt)
            width=(width) height=(height(file, width))
            style=(format!("max-width:{width}px"));
    }
}

fn height(file: &PictureFile, width: u32) -> u32 {
    let scaled = u64::from(width) * u64::from(file.height) / u64::from(file.width.max(1));
    u32::try_from(scaled).unwrap_or(width).max(1)
}

fn caption(material: &Material<'_>, picture: &Picture) -> Option<String> {
    let credit = picture.credit.as_ref();
    let credit = credit.map(|credit| format!("{} {credit}", material.labels.credit));
    let parts: Vec<String> = [picture.caption.clone(), credit]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
