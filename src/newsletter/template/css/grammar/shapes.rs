//! The shapes of the common properties.

use super::keywords::*;
use super::shape::*;

/// The shape of a property; `None` if the property is not checked.
pub(super) fn shape_of(property: &str) -> Option<Shape> {
    colours(property)
        .or_else(|| spaces(property))
        .or_else(|| boxes(property))
        .or_else(|| lines(property))
        .or_else(|| corners(property))
        .or_else(|| backgrounds(property))
        .or_else(|| fonts(property))
        .or_else(|| texts(property))
        .or_else(|| layouts(property))
        .or_else(|| tables_and_lists(property))
}

/// Colours of text, background and lines.
fn colours(property: &str) -> Option<Shape> {
    Some(match property {
        "color"
        | "background-color"
        | "border-top-color"
        | "border-right-color"
        | "border-bottom-color"
        | "border-left-color"
        | "text-decoration-color"
        | "column-rule-color" => shape(&[], COLOUR, 1),
        "outline-color" => shape(&["auto", "invert"], COLOUR, 1),
        "caret-color" | "accent-color" => shape(&["auto"], COLOUR, 1),
        "border-color" => shape(&[], COLOUR, 4),
        _ => return None,
    })
}

/// Margins, padding and gaps.
fn spaces(property: &str) -> Option<Shape> {
    Some(match property {
        "margin" => shape(&["auto"], LENGTH | PERCENTAGE | NEGATIVE, 4),
        "margin-top" | "margin-right" | "margin-bottom" | "margin-left" | "top" | "right"
        | "bottom" | "left" => shape(&["auto"], LENGTH | PERCENTAGE | NEGATIVE, 1),
        "padding" => shape(&[], LENGTH | PERCENTAGE, 4),
        "padding-top" | "padding-right" | "padding-bottom" | "padding-left" => {
            shape(&[], LENGTH | PERCENTAGE, 1)
        }
        "gap" => shape(&["normal"], LENGTH | PERCENTAGE, 2),
        "row-gap" | "column-gap" => shape(&["normal"], LENGTH | PERCENTAGE, 1),
        _ => return None,
    })
}

/// Sizes of boxes, and how a box is painted.
fn boxes(property: &str) -> Option<Shape> {
    Some(match property {
        "width" | "height" | "min-width" | "min-height" => {
            shape(LEAST_SIZES, LENGTH | PERCENTAGE, 1)
        }
        "max-width" | "max-height" => shape(MOST_SIZES, LENGTH | PERCENTAGE, 1),
        "overflow" | "overflow-x" | "overflow-y" => shape(OVERFLOWS, 0, 2),
        "box-sizing" => one_of(&["content-box", "border-box", "padding-box"]),
        "object-fit" => one_of(&["fill", "contain", "cover", "none", "scale-down"]),
        "opacity" => shape(&[], NUMBER | PERCENTAGE | NEGATIVE, 1),
        "z-index" => shape(&["auto"], NUMBER | NEGATIVE, 1),
        "box-shadow" => shape(
            &["none", "inset"],
            COLOUR | LENGTH | NEGATIVE | COMMA,
            usize::MAX,
        ),
        _ => return None,
    })
}

/// Borders and outlines.
fn lines(property: &str) -> Option<Shape> {
    Some(match property {
        "border-width" => shape(LINE_WIDTHS, LENGTH, 4),
        "border-top-width"
        | "border-right-width"
        | "border-bottom-width"
        | "border-left-width"
        | "outline-width"
        | "column-rule-width" => shape(LINE_WIDTHS, LENGTH, 1),
        "border-style" => shape(LINE_STYLES, 0, 4),
        "border-top-style"
        | "border-right-style"
        | "border-bottom-style"
        | "border-left-style"
        | "column-rule-style" => one_of(LINE_STYLES),
        "border" | "border-top" | "border-right" | "border-bottom" | "border-left" => {
            shape(LINES, LENGTH | COLOUR, 3)
        }
        "outline" => shape(OUTLINES, LENGTH | COLOUR, 3),
        _ => return None,
    })
}

/// Corners.
fn corners(property: &str) -> Option<Shape> {
    Some(match property {
        "border-radius" => shape(&[], LENGTH | PERCENTAGE | SLASH, 9),
        "border-top-left-radius"
        | "border-top-right-radius"
        | "border-bottom-left-radius"
        | "border-bottom-right-radius" => shape(&[], LENGTH | PERCENTAGE, 2),
        _ => return None,
    })
}

/// Backgrounds.
fn backgrounds(property: &str) -> Option<Shape> {
    Some(match property {
        "background-repeat" => shape(REPEATS, COMMA, usize::MAX),
        "background" => shape(
            BACKGROUNDS,
            COLOUR | LENGTH | PERCENTAGE | NEGATIVE | IMAGE | SLASH | COMMA,
            usize::MAX,
        ),
        "background-image" => shape(&["none"], IMAGE | COMMA, usize::MAX),
        "background-position" => shape(
            &["top", "right", "bottom", "left", "center"],
            LENGTH | PERCENTAGE | NEGATIVE | COMMA,
            usize::MAX,
        ),
        "background-size" => shape(
            &["auto", "cover", "contain"],
            LENGTH | PERCENTAGE | COMMA,
            usize::MAX,
        ),
        "background-clip" | "background-origin" => shape(BACKGROUND_BOXES, COMMA, usize::MAX),
        "background-attachment" => shape(&["scroll", "fixed", "local"], COMMA, usize::MAX),
        _ => return None,
    })
}

/// Fonts.
fn fonts(property: &str) -> Option<Shape> {
    Some(match property {
        "font-size" => shape(FONT_SIZES, LENGTH | PERCENTAGE, 1),
        "line-height" => shape(&["normal"], LENGTH | PERCENTAGE | NUMBER, 1),
        "font-style" => shape(&["normal", "italic", "oblique", "left", "right"], ANGLE, 2),
        "font-weight" => shape(&["normal", "bold", "bolder", "lighter"], NUMBER, 1),
        _ => return None,
    })
}

/// Text.
fn texts(property: &str) -> Option<Shape> {
    Some(match property {
        "letter-spacing" | "word-spacing" => shape(&["normal"], LENGTH | PERCENTAGE | NEGATIVE, 1),
        "text-indent" => shape(&["hanging", "each-line"], LENGTH | PERCENTAGE | NEGATIVE, 3),
        "text-align" => one_of(ALIGNMENTS),
        "text-transform" => shape(TEXT_TRANSFORMS, 0, 3),
        "text-decoration" => shape(DECORATIONS, COLOUR | LENGTH | PERCENTAGE, 6),
        "text-decoration-line" => shape(DECORATIONS, 0, 4),
        "white-space" => shape(WHITE_SPACES, 0, 2),
        "vertical-align" => shape(VERTICAL_ALIGNMENTS, LENGTH | PERCENTAGE | NEGATIVE, 1),
        "overflow-wrap" | "word-wrap" => one_of(&["normal", "break-word", "anywhere"]),
        "word-break" => one_of(WORD_BREAKS),
        "direction" => one_of(&["ltr", "rtl"]),
        "hyphens" => one_of(&["none", "manual", "auto"]),
        "text-shadow" => shape(&["none"], COLOUR | LENGTH | NEGATIVE | COMMA, usize::MAX),
        _ => return None,
    })
}

/// Layout.
fn layouts(property: &str) -> Option<Shape> {
    Some(match property {
        "display" => shape(DISPLAYS, 0, 3),
        "float" => one_of(&["left", "right", "none", "inline-start", "inline-end"]),
        "clear" => one_of(CLEARANCES),
        "position" => one_of(&["static", "relative", "absolute", "fixed", "sticky"]),
        "visibility" => one_of(&["visible", "hidden", "collapse"]),
        "cursor" => shape(CURSORS, IMAGE | NUMBER | COMMA, usize::MAX),
        _ => return None,
    })
}

/// Tables and lists.
fn tables_and_lists(property: &str) -> Option<Shape> {
    Some(match property {
        "table-layout" => one_of(&["auto", "fixed"]),
        "border-spacing" => shape(&[], LENGTH, 2),
        "border-collapse" => one_of(&["collapse", "separate"]),
        "empty-cells" => one_of(&["show", "hide"]),
        "caption-side" => one_of(&["top", "bottom", "left", "right", "block-start", "block-end"]),
        "list-style-type" => shape(LIST_STYLES, TEXT, 1),
        "list-style-position" => one_of(&["inside", "outside"]),
        "list-style-image" => shape(&["none"], IMAGE, 1),
        _ => return None,
    })
}
