//! Colours and their contrast.

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Colour(u8, u8, u8);

impl Colour {
    /// The default text colour.
    pub const BLACK: Self = Self(0, 0, 0);
    /// The default background colour.
    pub const WHITE: Self = Self(255, 255, 255);

    /// The colour with these channels, from 0 to 255.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self(red, green, blue)
    }

    /// The result of painting this colour on `ground`, with an opacity from 0 to 1.
    pub fn over(self, ground: Self, opacity: f32) -> Self {
        // The mean of two channels is a channel.
        let mix = |above: u8, below: u8| {
            (f32::from(above) * opacity + f32::from(below) * (1.0 - opacity)).round() as u8
        };
        Self(
            mix(self.0, ground.0),
            mix(self.1, ground.1),
            mix(self.2, ground.2),
        )
    }

    /// Parses `#0b5394`, the only notation in themes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        let digits = Some(digits).filter(|digits| digits.len() == 6)?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self(red, green, blue))
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(decoded)
    }

    /// The contrast ratio of text and background, from 1 to 21 (WCAG 2.2).
    pub fn contrast(self, ground: Self) -> f64 {
        let (a, b) = (self.luminance(), ground.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Whether it is closer to white than to black.
    pub fn is_light(self) -> bool {
        self.lab()[0] > 50.0
    }

    /// The colour in a client that inverts a light message: the hue is kept, the lightness inverted, so that white
    /// becomes #333. The formula is that of Microsoft's roosterjs-color-utils for Outlook; Gmail on iOS behaves
    /// similarly and has not published its own.
    pub fn inverted(self) -> Self {
        const DARKEST: f64 = 21.247;
        let [lightness, a, b] = self.lab();
        let lightness = (100.0 - lightness) * ((100.0 - DARKEST) / 100.0) + DARKEST;
        Self::from_lab([lightness, a, b])
    }

    /// CIE L*a*b* under D65.
    fn lab(self) -> [f64; 3] {
        let [red, green, blue] = self.linear();
        let x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.950_47;
        let y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.088_83;
        let [x, y, z] = [x, y, z].map(|t| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn from_lab([lightness, a, b]: [f64; 3]) -> Self {
        let y = (lightness + 16.0) / 116.0;
        let [x, y, z] = [y + a / 500.0, y, y - b / 200.0].map(|t| {
            let cube = t * t * t;
            if cube > 0.008_856 {
                cube
            } else {
                (t - 16.0 / 116.0) / 7.787
            }
        });
        let (x, z) = (x * 0.950_47, z * 1.088_83);
        let red = 3.2406 * x - 1.5372 * y - 0.4986 * z;
        let green = -0.9689 * x + 1.8758 * y + 0.0415 * z;
        let blue = 0.0557 * x - 0.2040 * y + 1.0570 * z;
        let [red, green, blue] = [red, green, blue].map(encoded);
        Self(red, green, blue)
    }
}

/// The linear value of a channel of sRGB (IEC 61966-2-1), from 0 to 1.
fn decoded(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// The channel of sRGB that is nearest to a linear value.
fn encoded(linear: f64) -> u8 {
    // Clamped, so the cast does not truncate.
    (gamma(linear).clamp(0.0, 1.0) * 255.0).round() as u8
}

/// The gamma function of sRGB.
fn gamma(linear: f64) -> f64 {
    if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let grey = Colour::parse("#767676").expect("a colour");
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.001);
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn inversion_turns_lightness_round_and_keeps_the_hue() {
        assert_eq!(Colour::WHITE.inverted().to_string(), "#333333");
        assert_eq!(Colour::BLACK.inverted().to_string(), "#ffffff");
        let blue = Colour::parse("#0b5394").expect("a colour").inverted();
        assert!(blue.2 > blue.0, "{blue}");
    }
}
