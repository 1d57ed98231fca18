//! Units of CSS Values and Units Level 4.

use super::impossible::Remedy;

/// The units of length.
pub(super) const LENGTH_UNITS: &[&str] = &[
    "px", "em", "rem", "ex", "ch", "pt", "pc", "in", "cm", "mm", "q", "vw", "vh", "vi", "vb",
    "vmin", "vmax", "svw", "svh", "svi", "svb", "svmin", "svmax", "lvw", "lvh", "lvi", "lvb",
    "lvmin", "lvmax", "dvw", "dvh", "dvi", "dvb", "dvmin", "dvmax", "cqw", "cqh", "cqi", "cqb",
    "cqmin", "cqmax", "lh", "rlh", "ic", "ric", "cap", "rcap", "rch", "rex",
];

/// A hint with the unit that is most similar to `unit`.
pub(in super::super) fn nearest_unit(unit: &str) -> Remedy {
    Remedy::Nearest(unit.to_ascii_lowercase(), vec![LENGTH_UNITS])
}

/// Whether the unit ends in `\9` or `\0`, which hides a value from all browsers except old versions of Internet Explorer.
fn is_hack(unit: &str) -> bool {
    unit.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

pub(super) fn is_length(unit: &str) -> bool {
    LENGTH_UNITS.contains(&unit) || is_hack(unit)
}

/// Whether the unit exists.
pub(in super::super) fn is_unit(unit: &str) -> bool {
    is_length(unit)
        || matches!(
            unit,
            "deg"
                | "grad"
                | "rad"
                | "turn"
                | "s"
                | "ms"
                | "hz"
                | "khz"
                | "dpi"
                | "dpcm"
                | "dppx"
                | "x"
                | "fr"
        )
}
