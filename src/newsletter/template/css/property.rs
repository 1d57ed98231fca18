//! The known properties.

use crate::diag::{nearest, nearest_within};

/// The properties of Chromium 140 and Word, one per line.
static PROPERTIES: &str = include_str!("properties.txt");

/// The largest distance of a misspelt name with a vendor's prefix. It is small because the lists are incomplete.
const PREFIXED_DISTANCE: usize = 1;

/// HTML attributes and other names that are used as properties by mistake.
const MISNAMED: [(&str, &str); 6] = [
    ("font-color", "color"),
    ("text-color", "color"),
    ("fgcolor", "color"),
    ("bgcolor", "background-color"),
    ("align", "text-align"),
    ("valign", "vertical-align"),
];

/// An unknown property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownProperty {
    /// The property that was probably intended.
    pub meant: Option<&'static str>,
}

/// The error of an unknown property. A property with a vendor's prefix is unknown only if it is probably misspelt.
pub fn unknown_property(name: &str) -> Option<UnknownProperty> {
    if PROPERTIES.lines().any(|known| known == name) {
        return None;
    }
    if let Some((_, meant)) = MISNAMED.iter().find(|(other, _)| *other == name) {
        return Some(UnknownProperty { meant: Some(meant) });
    }
    if !is_prefixed(name) {
        let meant = nearest(name, PROPERTIES.lines());
        return Some(UnknownProperty { meant });
    }
    let meant = nearest_within(name, PROPERTIES.lines(), PREFIXED_DISTANCE);
    meant.map(|_| UnknownProperty { meant })
}

/// Whether the name has a vendor's prefix: `-webkit-…`, `mso-…`.
fn is_prefixed(name: &str) -> bool {
    let is_vendor = name.starts_with('-') && !name.starts_with("--");
    is_vendor || name.starts_with("mso-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_and_what_was_meant() {
        for name in [
            "color",
            "mso-line-height-rule",
            "mso-something-new",
            "-webkit-text-size-adjust",
            "-epub-caption-side",
            "zoom",
        ] {
            assert_eq!(unknown_property(name), None, "{name}");
        }
        for (name, meant) in [
            ("colr", Some("color")),
            ("marign", Some("margin")),
            ("mso-line-height-rul", Some("mso-line-height-rule")),
            ("-webkit-text-size-ajust", Some("-webkit-text-size-adjust")),
            ("background-colour", Some("background-color")),
            ("quincunx-of-things", None),
        ] {
            assert_eq!(
                unknown_property(name),
                Some(UnknownProperty { meant }),
                "{name}"
            );
        }
    }
}
