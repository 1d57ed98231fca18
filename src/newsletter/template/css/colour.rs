//! Colours in values (CSS Color Module Level 4, sections 4 to 7).

use cssparser::color::{parse_hash_color, parse_named_color};

use super::value::{Kind, Word, words};
use crate::util::colour::Colour;

/// A colour in sRGB and its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rgba {
    /// The colour.
    pub colour: Colour,
    /// From 0 (transparent) to 1.
    pub opacity: f32,
}

impl Rgba {
    /// `transparent`, which is a transparent black (CSS Color Module Level 4 section 6.2).
    const TRANSPARENT: Self = Self {
        colour: Colour::BLACK,
        opacity: 0.0,
    };
    /// The colour that results from painting it on `ground`.
    pub fn over(self, ground: Colour) -> Colour {
        self.colour.over(ground, self.opacity)
    }
}

impl From<Colour> for Rgba {
    fn from(colour: Colour) -> Self {
        Self {
            colour,
            opacity: 1.0,
        }
    }
}

/// The colour of a value that is a single colour: three, four, six or eight hexadecimal digits, a name, `rgb()` or
/// `hsl()`.
pub fn colour(value: &str) -> Option<Rgba> {
    match words(value).as_slice() {
        [word] => colour_of(word),
        _ => None,
    }
}

/// The colour of a word. `None` for `currentcolor`, which depends on the element.
pub fn colour_of(word: &Word<'_>) -> Option<Rgba> {
    match &word.kind {
        Kind::Hash(digits) => {
            let (red, green, blue, opacity) = parse_hash_color(digits.as_bytes()).ok()?;
            Some(Rgba {
                colour: Colour::new(red, green, blue),
                opacity,
            })
        }
        Kind::Keyword(name) => named(name),
        Kind::Function(name) => function(name, word.text),
        _ => None,
    }
}

fn named(name: &str) -> Option<Rgba> {
    if name == "transparent" {
        return Some(Rgba::TRANSPARENT);
    }
    let (red, green, blue) = parse_named_color(name).ok()?;
    Some(Colour::new(red, green, blue).into())
}

/// `rgb(11, 83, 148)`, `rgb(11 83 148 / 50%)`, `hsl(207deg 86% 31%)`.
fn function(name: &str, text: &str) -> Option<Rgba> {
    let (_, inside) = text.split_once('(')?;
    let mut arguments = words(inside.strip_suffix(')').unwrap_or(inside));
    arguments.retain(|word| !matches!(word.kind, Kind::Comma | Kind::Slash));
    let (channels, opacity) = match arguments.as_slice() {
        [a, b, c] => ([a, b, c], 1.0),
        [a, b, c, opacity] => ([a, b, c], fraction(opacity, 1.0)?),
        _ => return None,
    };
    let [red, green, blue] = match name {
        "rgb" | "rgba" => rgb(channels)?,
        "hsl" | "hsla" => hsl(channels)?,
        _ => return None,
    };
    // In range by `clamp`, so nothing is cut off.
    let channel = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    Some(Rgba {
        colour: Colour::new(channel(red), channel(green), channel(blue)),
        opacity: opacity.clamp(0.0, 1.0),
    })
}

fn rgb([red, green, blue]: [&Word<'_>; 3]) -> Option<[f32; 3]> {
    Some([
        fraction(red, 255.0)?,
        fraction(green, 255.0)?,
        fraction(blue, 255.0)?,
    ])
}

/// The conversion of CSS Color Module Level 4, section 7.1.
fn hsl([hue, saturation, lightness]: [&Word<'_>; 3]) -> Option<[f32; 3]> {
    let hue = degrees(hue)?;
    let saturation = fraction(saturation, 100.0)?.clamp(0.0, 1.0);
    let lightness = fraction(lightness, 100.0)?.clamp(0.0, 1.0);
    let spread = saturation * lightness.min(1.0 - lightness);
    Some([0.0, 8.0, 4.0].map(|offset| {
        let k = (offset + hue / 30.0).rem_euclid(12.0);
        lightness - spread * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    }))
}

/// A number divided by `whole`, or a percentage divided by 100.
fn fraction(word: &Word<'_>, whole: f32) -> Option<f32> {
    match word.kind {
        Kind::Number(number) => Some(number / whole),
        Kind::Percentage(percentage) => Some(percentage / 100.0),
        _ => None,
    }
}

fn degrees(word: &Word<'_>) -> Option<f32> {
    match &word.kind {
        Kind::Number(degrees) => Some(*degrees),
        Kind::Dimension(value, unit) => match unit.as_str() {
            "deg" => Some(*value),
            "grad" => Some(value * 0.9),
            "rad" => Some(value.to_degrees()),
            "turn" => Some(value * 360.0),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_colour_is_read() {
        for (value, expected, opacity) in [
            ("#0b5394", "#0b5394", 1.0),
            ("#FFF", "#ffffff", 1.0),
            ("#0f08", "#00ff00", 136.0 / 255.0),
            ("#11223380", "#112233", 128.0 / 255.0),
            ("RebeccaPurple", "#663399", 1.0),
            ("transparent", "#000000", 0.0),
            ("rgb(11, 83, 148)", "#0b5394", 1.0),
            ("rgb(11 83 148 / 50%)", "#0b5394", 0.5),
            ("rgba(100%,0%,0%,0.25)", "#ff0000", 0.25),
            ("rgb(300 -20 0)", "#ff0000", 1.0),
            ("hsl(120, 100%, 25%)", "#008000", 1.0),
            ("hsl(0.5turn 100% 50%)", "#00ffff", 1.0),
            ("hsla(-120deg, 100%, 50%, 1)", "#0000ff", 1.0),
            ("hsl(200grad 0% 50%)", "#808080", 1.0),
        ] {
            let found = colour(value).unwrap_or_else(|| panic!("{value} is a colour"));
            assert_eq!(found.colour.to_string(), expected, "{value}");
            assert!(
                (found.opacity - opacity).abs() < 0.002,
                "{value}: {}",
                found.opacity
            );
        }
        for value in [
            "currentcolor",
            "inherit",
            "#12345",
            "red blue",
            "'red'",
            "url(#fff)",
            "rgb(1,2)",
            "hsl(1px,2%,3%)",
            "oklch(0.5 0.1 20)",
        ] {
            assert_eq!(colour(value), None, "{value}");
        }
    }

    #[test]
    fn a_translucent_colour_is_mixed_with_its_ground() {
        let half = colour("rgb(0 0 0 / 50%)").expect("a colour");
        assert_eq!(half.over(Colour::WHITE).to_string(), "#808080");
    }
}
