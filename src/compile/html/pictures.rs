//! Pictures with numeric width and height: Evolution and Roundcube show a blocked picture without a height as a large
//! square, and Word uses the size of the file if there are no numbers.

use maud::{Markup, html};

use crate::compile::context::RenderContext;
use crate::newsletter::issue::{Picture, PictureFile};

/// A picture with the width of the text, and its caption.
pub(super) fn figure(context: &RenderContext<'_>, picture: &Picture) -> Markup {
    html! {
        div class="figure" {
            (linked(context, picture))
            (caption(context, picture))
        }
    }
}

/// The picture as a link, if it has one.
fn linked(context: &RenderContext<'_>, picture: &Picture) -> Markup {
    let image = fluid(context, picture);
    html! {
        @if let Some(url) = &picture.href { a href=(url) { (image) } } @else { (image) }
    }
}

/// A portrait, with the width set in the theme.
pub(super) fn portrait(context: &RenderContext<'_>, picture: &Picture) -> Markup {
    let width = context.template.portrait;
    let file = &context.issue.pictures[picture.file];
    html! {
        img class="portrait" src=(context.picture_urls[picture.file]) alt=(picture.alt)
            width=(width) height=(height(file, width));
    }
}

fn fluid(context: &RenderContext<'_>, picture: &Picture) -> Markup {
    let file = &context.issue.pictures[picture.file];
    let width = file.width.min(context.template.width);
    html! {
        img class="picture" src=(context.picture_urls[picture.file]) alt=(picture.alt)
            width=(width) height=(height(file, width))
            style=(format!("max-width:{width}px"));
    }
}

fn height(file: &PictureFile, width: u32) -> u32 {
    let scaled = u64::from(width) * u64::from(file.height) / u64::from(file.width.max(1));
    u32::try_from(scaled).unwrap_or(width).max(1)
}

/// The caption, and the credit on a line below it.
fn caption(context: &RenderContext<'_>, picture: &Picture) -> Markup {
    html! {
        @match (&picture.caption, context.credit(picture)) {
            (Some(caption), Some(credit)) => p class="caption" { (caption) br; (credit) },
            (Some(caption), None) => p class="caption" { (caption) },
            (None, Some(credit)) => p class="caption" { (credit) },
            (None, None) => {}
        }
    }
}
