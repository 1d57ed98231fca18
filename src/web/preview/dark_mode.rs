//! The letter's colours as clients change them that ask nobody.
//!
//! The formula is that of `check` (see [`Colour::inverted`]); it is applied to the colours that the
//! letter declares. What a client does to pictures and to the scheme of its own window is not shown.

use super::declarations;
use super::view::Shade;
use crate::newsletter::template::{Rgba, colour_of, words};
use crate::util::colour::Colour;

/// The letter with its colours as a client in `light` shows them.
pub(super) fn recoloured(html: &str, light: Shade) -> String {
    let tinted = declarations::changed(html, |name, value| {
        let turns = |colour: Colour| match (light, name) {
            (Shade::Inverted, _) => true,
            // A light ground is darkened, and so the dark text upon it is lightened.
            (_, name) if name.starts_with("background") => colour.is_light(),
            (_, "color") => !colour.is_light(),
            // Lines are left as they are.
            _ => false,
        };
        Some(with_colours(value, turns))
    });
    let canvas = format!(
        "<style>:root{{color-scheme:dark}}html{{background:{};color:{}}}</style></head>",
        Colour::WHITE.inverted(),
        Colour::BLACK.inverted()
    );
    tinted.replacen("</head>", &canvas, 1)
}

fn with_colours(value: &str, turns: impl Fn(Colour) -> bool) -> String {
    let mut out = String::with_capacity(value.len());
    let mut written = 0;
    for word in words(value) {
        let turned = colour_of(&word).filter(|one| one.opacity > 0.0 && turns(one.colour));
        if let Some(turned) = turned {
            out.push_str(&value[written..word.start]);
            out.push_str(&inverted(turned));
            written = word.start + word.text.len();
        }
    }
    out + &value[written..]
}

/// The inverted colour, as opaque as before.
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

    const LETTER: &str = r##"<head></head><p style="color:#102a43;background-color:#ffffff">a</p><p style="color:#ffffff;background-color:#0b5394">b</p>"##;

    #[test]
    fn a_partial_client_leaves_what_is_dark() {
        let shown = recoloured(LETTER, Shade::Partial);
        assert!(shown.contains("background-color:#333333"), "{shown}");
        assert!(
            shown.contains("color:#ffffff;background-color:#0b5394"),
            "{shown}"
        );
    }

    #[test]
    fn a_full_client_turns_everything_over() {
        let shown = recoloured(LETTER, Shade::Inverted);
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
