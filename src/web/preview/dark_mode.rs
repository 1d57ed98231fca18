//! The message in mail clients that change colours by themselves.
//!
//! The formula is that of `check` (see [`Colour::inverted`]), applied to the colours that the message declares. Changes
//! to pictures are not simulated.

use super::declarations;
use super::view::Shade;
use crate::newsletter::template::{Rgba, colour_of, words};
use crate::util::colour::Colour;

/// The message as a client with the scheme `light` shows it.
pub(super) fn recoloured(html: &str, light: Shade) -> String {
    let inverted = declarations::changed(html, |name, value| {
        let is_inverted = |colour: Colour| match (light, name) {
            (Shade::Inverted, _) => true,
            // The client darkens light backgrounds, and lightens dark text.
            (_, name) if name.starts_with("background") => colour.is_light(),
            (_, "color") => !colour.is_light(),
            // It keeps borders.
            _ => false,
        };
        Some(with_inverted(value, is_inverted))
    });
    let canvas = format!(
        "<style>:root{{color-scheme:dark}}html{{background:{};color:{}}}</style></head>",
        Colour::WHITE.inverted(),
        Colour::BLACK.inverted()
    );
    inverted.replacen("</head>", &canvas, 1)
}

fn with_inverted(value: &str, is_inverted: impl Fn(Colour) -> bool) -> String {
    let mut out = String::with_capacity(value.len());
    let mut written = 0;
    for word in words(value) {
        let found = colour_of(&word).filter(|one| one.opacity > 0.0 && is_inverted(one.colour));
        if let Some(colour) = found {
            out.push_str(&value[written..word.start]);
            out.push_str(&inverted(colour));
            written = word.start + word.text.len();
        }
    }
    out + &value[written..]
}

/// The inverted colour with the same opacity.
fn inverted(one: Rgba) -> String {
    let colour = one.colour.inverted();
    let alpha = (one.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    match alpha {
        255 => colour.to_string(),
        _ => format!("{colour}{alpha:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r##"<head></head><p style="color:#102a43;background-color:#ffffff">a</p><p style="color:#ffffff;background-color:#0b5394">b</p>"##;

    #[test]
    fn partial_inversion_keeps_dark_backgrounds() {
        let shown = recoloured(MESSAGE, Shade::Partial);
        assert!(shown.contains("background-color:#333333"), "{shown}");
        assert!(
            shown.contains("color:#ffffff;background-color:#0b5394"),
            "{shown}"
        );
    }

    #[test]
    fn full_inversion_changes_every_colour() {
        let shown = recoloured(MESSAGE, Shade::Inverted);
        assert!(!shown.contains("#0b5394"), "{shown}");
        assert!(shown.contains("color:#333333"), "{shown}");
    }

    #[test]
    fn every_form_of_a_colour_is_inverted() {
        let html =
            "<head></head><p style=\"background:WHITE url('#fff;a');color:rgb(0 0 0 / 50%)\">";
        let shown = recoloured(html, Shade::Inverted);
        assert!(
            shown.contains("\"background:#333333 url('#fff;a');color:#ffffff80\""),
            "{shown}"
        );
    }
}
