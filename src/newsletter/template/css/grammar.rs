//! Whether a property can have a value: what a browser would drop in silence is found here.
//!
//! The common properties are checked word by word. Of the others only what no property can have is found: a
//! colour with five digits, an unknown unit. A value that is checked too mildly costs less than a good one that
//! is reported, so functions are trusted.

use super::function::broken_function;
use super::value::{Kind, Word, words};
use crate::diag::{counted, nearest};

/// What is wrong with a value, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    /// What is wrong.
    pub message: String,
    remedy: Remedy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remedy {
    Unknown,
    Words(String),
    /// The nearest of these names. It is looked for when the finding is made: that takes longer than all else.
    Nearest(String, Vec<&'static [&'static str]>),
}

impl Impossible {
    /// What to write.
    pub fn hint(&self) -> Option<String> {
        match &self.remedy {
            Remedy::Unknown => None,
            Remedy::Words(words) => Some(words.clone()),
            Remedy::Nearest(given, known) => {
                let near = nearest(given, known.iter().copied().flatten().copied());
                near.map(|near| format!("did you mean `{near}`?"))
            }
        }
    }
}

/// What the words of a property can be.
struct Shape {
    keywords: &'static [&'static str],
    kinds: u16,
    /// How many words there can be.
    most: usize,
}

const LENGTH: u16 = 1;
const PERCENTAGE: u16 = 2;
const NUMBER: u16 = 4;
const COLOUR: u16 = 8;
const NEGATIVE: u16 = 16;
const ANGLE: u16 = 32;
const SLASH: u16 = 64;
const COMMA: u16 = 128;
const IMAGE: u16 = 256;
const TEXT: u16 = 512;

const fn shape(keywords: &'static [&'static str], kinds: u16, most: usize) -> Shape {
    Shape {
        keywords,
        kinds,
        most,
    }
}

const fn one_of(keywords: &'static [&'static str]) -> Shape {
    shape(keywords, 0, 1)
}

const LINE_STYLES: &[&str] = &[
    "none", "hidden", "dotted", "dashed", "solid", "double", "groove", "ridge", "inset", "outset",
];
const LINE_WIDTHS: &[&str] = &["thin", "medium", "thick"];
const LINES: &[&str] = &[
    "none", "hidden", "dotted", "dashed", "solid", "double", "groove", "ridge", "inset", "outset",
    "thin", "medium", "thick",
];
const OUTLINES: &[&str] = &[
    "none", "hidden", "dotted", "dashed", "solid", "double", "groove", "ridge", "inset", "outset",
    "thin", "medium", "thick", "auto", "invert",
];
const LEAST_SIZES: &[&str] = &[
    "auto",
    "max-content",
    "min-content",
    "fit-content",
    "stretch",
    "intrinsic",
    "min-intrinsic",
];
const MOST_SIZES: &[&str] = &[
    "none",
    "max-content",
    "min-content",
    "fit-content",
    "stretch",
    "intrinsic",
    "min-intrinsic",
];
const FONT_SIZES: &[&str] = &[
    "xx-small",
    "x-small",
    "small",
    "medium",
    "large",
    "x-large",
    "xx-large",
    "xxx-large",
    "smaller",
    "larger",
    "math",
];
const FONT_WORDS: &[&str] = &[
    "normal",
    "italic",
    "oblique",
    "bold",
    "bolder",
    "lighter",
    "small-caps",
    "condensed",
    "semi-condensed",
    "extra-condensed",
    "ultra-condensed",
    "expanded",
    "semi-expanded",
    "extra-expanded",
    "ultra-expanded",
];
const SYSTEM_FONTS: &[&str] = &[
    "caption",
    "icon",
    "menu",
    "message-box",
    "small-caption",
    "status-bar",
];
const BACKGROUNDS: &[&str] = &[
    "none",
    "repeat",
    "repeat-x",
    "repeat-y",
    "no-repeat",
    "space",
    "round",
    "scroll",
    "fixed",
    "local",
    "top",
    "right",
    "bottom",
    "left",
    "center",
    "auto",
    "cover",
    "contain",
    "border-box",
    "padding-box",
    "content-box",
    "text",
    "border-area",
];
/// The counter styles that every browser has; those of single languages end in their numerals.
const LIST_STYLES: &[&str] = &[
    "none",
    "disc",
    "circle",
    "square",
    "decimal",
    "decimal-leading-zero",
    "lower-roman",
    "upper-roman",
    "lower-greek",
    "lower-latin",
    "upper-latin",
    "lower-alpha",
    "upper-alpha",
    "arabic-indic",
    "armenian",
    "bengali",
    "cambodian",
    "cjk-decimal",
    "cjk-earthly-branch",
    "cjk-heavenly-stem",
    "cjk-ideographic",
    "devanagari",
    "disclosure-closed",
    "disclosure-open",
    "ethiopic-halehame",
    "ethiopic-halehame-am",
    "ethiopic-halehame-ti-er",
    "ethiopic-halehame-ti-et",
    "ethiopic-numeric",
    "georgian",
    "gujarati",
    "gurmukhi",
    "hangul",
    "hangul-consonant",
    "hebrew",
    "hiragana",
    "hiragana-iroha",
    "japanese-formal",
    "japanese-informal",
    "kannada",
    "katakana",
    "katakana-iroha",
    "khmer",
    "korean-hangul-formal",
    "korean-hanja-formal",
    "korean-hanja-informal",
    "lao",
    "lower-armenian",
    "malayalam",
    "mongolian",
    "myanmar",
    "oriya",
    "persian",
    "simp-chinese-formal",
    "simp-chinese-informal",
    "tamil",
    "telugu",
    "thai",
    "tibetan",
    "trad-chinese-formal",
    "trad-chinese-informal",
    "upper-armenian",
    "urdu",
];
const CURSORS: &[&str] = &[
    "auto",
    "default",
    "none",
    "context-menu",
    "help",
    "pointer",
    "progress",
    "wait",
    "cell",
    "crosshair",
    "text",
    "vertical-text",
    "alias",
    "copy",
    "move",
    "no-drop",
    "not-allowed",
    "grab",
    "grabbing",
    "all-scroll",
    "col-resize",
    "row-resize",
    "n-resize",
    "e-resize",
    "s-resize",
    "w-resize",
    "ne-resize",
    "nw-resize",
    "se-resize",
    "sw-resize",
    "ew-resize",
    "ns-resize",
    "nesw-resize",
    "nwse-resize",
    "zoom-in",
    "zoom-out",
    "hand",
];
const DISPLAYS: &[&str] = &[
    "none",
    "inline",
    "block",
    "inline-block",
    "list-item",
    "flex",
    "inline-flex",
    "grid",
    "inline-grid",
    "table",
    "inline-table",
    "table-row",
    "table-cell",
    "table-column",
    "table-row-group",
    "table-header-group",
    "table-footer-group",
    "table-column-group",
    "table-caption",
    "contents",
    "flow",
    "flow-root",
    "run-in",
    "ruby",
    "ruby-base",
    "ruby-text",
    "ruby-base-container",
    "ruby-text-container",
    "math",
    "compact",
    "marker",
];
const DECORATIONS: &[&str] = &[
    "none",
    "underline",
    "overline",
    "line-through",
    "blink",
    "solid",
    "double",
    "dotted",
    "dashed",
    "wavy",
    "auto",
    "from-font",
    "spelling-error",
    "grammar-error",
];
const GLOBAL: &[&str] = &["inherit", "initial", "unset", "revert", "revert-layer"];

/// Whether a value is one that every property has, such as `inherit`.
pub fn is_global(value: &str) -> bool {
    GLOBAL
        .iter()
        .any(|global| value.eq_ignore_ascii_case(global))
}

/// The units of length.
const LENGTH_UNITS: &[&str] = &[
    "px", "em", "rem", "ex", "ch", "pt", "pc", "in", "cm", "mm", "q", "vw", "vh", "vi", "vb",
    "vmin", "vmax", "svw", "svh", "svi", "svb", "svmin", "svmax", "lvw", "lvh", "lvi", "lvb",
    "lvmin", "lvmax", "dvw", "dvh", "dvi", "dvb", "dvmin", "dvmax", "cqw", "cqh", "cqi", "cqb",
    "cqmin", "cqmax", "lh", "rlh", "ic", "ric", "cap", "rcap", "rch", "rex",
];

/// The names of colours, those of a system's own included (CSS Color Module Level 4).
const COLOUR_NAMES: &[&str] = &[
    "aliceblue",
    "antiquewhite",
    "aqua",
    "aquamarine",
    "azure",
    "beige",
    "bisque",
    "black",
    "blanchedalmond",
    "blue",
    "blueviolet",
    "brown",
    "burlywood",
    "cadetblue",
    "chartreuse",
    "chocolate",
    "coral",
    "cornflowerblue",
    "cornsilk",
    "crimson",
    "cyan",
    "darkblue",
    "darkcyan",
    "darkgoldenrod",
    "darkgray",
    "darkgreen",
    "darkgrey",
    "darkkhaki",
    "darkmagenta",
    "darkolivegreen",
    "darkorange",
    "darkorchid",
    "darkred",
    "darksalmon",
    "darkseagreen",
    "darkslateblue",
    "darkslategray",
    "darkslategrey",
    "darkturquoise",
    "darkviolet",
    "deeppink",
    "deepskyblue",
    "dimgray",
    "dimgrey",
    "dodgerblue",
    "firebrick",
    "floralwhite",
    "forestgreen",
    "fuchsia",
    "gainsboro",
    "ghostwhite",
    "gold",
    "goldenrod",
    "gray",
    "green",
    "greenyellow",
    "grey",
    "honeydew",
    "hotpink",
    "indianred",
    "indigo",
    "ivory",
    "khaki",
    "lavender",
    "lavenderblush",
    "lawngreen",
    "lemonchiffon",
    "lightblue",
    "lightcoral",
    "lightcyan",
    "lightgoldenrodyellow",
    "lightgray",
    "lightgreen",
    "lightgrey",
    "lightpink",
    "lightsalmon",
    "lightseagreen",
    "lightskyblue",
    "lightslategray",
    "lightslategrey",
    "lightsteelblue",
    "lightyellow",
    "lime",
    "limegreen",
    "linen",
    "magenta",
    "maroon",
    "mediumaquamarine",
    "mediumblue",
    "mediumorchid",
    "mediumpurple",
    "mediumseagreen",
    "mediumslateblue",
    "mediumspringgreen",
    "mediumturquoise",
    "mediumvioletred",
    "midnightblue",
    "mintcream",
    "mistyrose",
    "moccasin",
    "navajowhite",
    "navy",
    "oldlace",
    "olive",
    "olivedrab",
    "orange",
    "orangered",
    "orchid",
    "palegoldenrod",
    "palegreen",
    "paleturquoise",
    "palevioletred",
    "papayawhip",
    "peachpuff",
    "peru",
    "pink",
    "plum",
    "powderblue",
    "purple",
    "rebeccapurple",
    "red",
    "rosybrown",
    "royalblue",
    "saddlebrown",
    "salmon",
    "sandybrown",
    "seagreen",
    "seashell",
    "sienna",
    "silver",
    "skyblue",
    "slateblue",
    "slategray",
    "slategrey",
    "snow",
    "springgreen",
    "steelblue",
    "tan",
    "teal",
    "thistle",
    "tomato",
    "turquoise",
    "violet",
    "wheat",
    "white",
    "whitesmoke",
    "yellow",
    "yellowgreen",
    "transparent",
    "currentcolor",
    "canvas",
    "canvastext",
    "linktext",
    "visitedtext",
    "activetext",
    "buttonface",
    "buttontext",
    "buttonborder",
    "field",
    "fieldtext",
    "highlight",
    "highlighttext",
    "selecteditem",
    "selecteditemtext",
    "mark",
    "marktext",
    "graytext",
    "accentcolor",
    "accentcolortext",
    "activeborder",
    "activecaption",
    "appworkspace",
    "background",
    "buttonhighlight",
    "buttonshadow",
    "captiontext",
    "inactiveborder",
    "inactivecaption",
    "inactivecaptiontext",
    "infobackground",
    "infotext",
    "menu",
    "menutext",
    "scrollbar",
    "threeddarkshadow",
    "threedface",
    "threedhighlight",
    "threedlightshadow",
    "threedshadow",
    "window",
    "windowframe",
    "windowtext",
];

/// The shape of a property; `None` where it is not checked.
fn shape_of(property: &str) -> Option<Shape> {
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
        "margin" => shape(&["auto"], LENGTH | PERCENTAGE | NEGATIVE, 4),
        "margin-top" | "margin-right" | "margin-bottom" | "margin-left" | "top" | "right"
        | "bottom" | "left" => shape(&["auto"], LENGTH | PERCENTAGE | NEGATIVE, 1),
        "padding" => shape(&[], LENGTH | PERCENTAGE, 4),
        "padding-top" | "padding-right" | "padding-bottom" | "padding-left" => {
            shape(&[], LENGTH | PERCENTAGE, 1)
        }
        "width" | "height" | "min-width" | "min-height" => {
            shape(LEAST_SIZES, LENGTH | PERCENTAGE, 1)
        }
        "max-width" | "max-height" => shape(MOST_SIZES, LENGTH | PERCENTAGE, 1),
        "font-size" => shape(FONT_SIZES, LENGTH | PERCENTAGE, 1),
        "line-height" => shape(&["normal"], LENGTH | PERCENTAGE | NUMBER, 1),
        "letter-spacing" | "word-spacing" => shape(&["normal"], LENGTH | PERCENTAGE | NEGATIVE, 1),
        "text-indent" => shape(&["hanging", "each-line"], LENGTH | PERCENTAGE | NEGATIVE, 3),
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
        "border-radius" => shape(&[], LENGTH | PERCENTAGE | SLASH, 9),
        "border-spacing" => shape(&[], LENGTH, 2),
        "border-collapse" => one_of(&["collapse", "separate"]),
        "display" => shape(DISPLAYS, 0, 3),
        "float" => one_of(&["left", "right", "none", "inline-start", "inline-end"]),
        "clear" => one_of(&[
            "left",
            "right",
            "both",
            "none",
            "inline-start",
            "inline-end",
        ]),
        "position" => one_of(&["static", "relative", "absolute", "fixed", "sticky"]),
        "visibility" => one_of(&["visible", "hidden", "collapse"]),
        "text-align" => one_of(&[
            "left",
            "right",
            "center",
            "justify",
            "start",
            "end",
            "match-parent",
            "justify-all",
        ]),
        "text-transform" => shape(
            &[
                "none",
                "capitalize",
                "uppercase",
                "lowercase",
                "full-width",
                "full-size-kana",
                "math-auto",
            ],
            0,
            3,
        ),
        "text-decoration" => shape(DECORATIONS, COLOUR | LENGTH | PERCENTAGE, 6),
        "text-decoration-line" => shape(DECORATIONS, 0, 4),
        "font-style" => shape(&["normal", "italic", "oblique", "left", "right"], ANGLE, 2),
        "font-weight" => shape(&["normal", "bold", "bolder", "lighter"], NUMBER, 1),
        "white-space" => shape(
            &[
                "normal",
                "nowrap",
                "pre",
                "pre-wrap",
                "pre-line",
                "break-spaces",
                "wrap",
                "collapse",
                "preserve",
                "preserve-breaks",
                "preserve-spaces",
            ],
            0,
            2,
        ),
        "vertical-align" => shape(
            &[
                "baseline",
                "sub",
                "super",
                "top",
                "text-top",
                "middle",
                "bottom",
                "text-bottom",
            ],
            LENGTH | PERCENTAGE | NEGATIVE,
            1,
        ),
        "overflow" | "overflow-x" | "overflow-y" => shape(
            &["visible", "hidden", "clip", "scroll", "auto", "overlay"],
            0,
            2,
        ),
        "box-sizing" => one_of(&["content-box", "border-box", "padding-box"]),
        "table-layout" => one_of(&["auto", "fixed"]),
        "list-style-position" => one_of(&["inside", "outside"]),
        "overflow-wrap" | "word-wrap" => one_of(&["normal", "break-word", "anywhere"]),
        "word-break" => one_of(&[
            "normal",
            "break-all",
            "keep-all",
            "break-word",
            "auto-phrase",
            "manual",
        ]),
        "direction" => one_of(&["ltr", "rtl"]),
        "empty-cells" => one_of(&["show", "hide"]),
        "caption-side" => one_of(&["top", "bottom", "left", "right", "block-start", "block-end"]),
        "hyphens" => one_of(&["none", "manual", "auto"]),
        "object-fit" => one_of(&["fill", "contain", "cover", "none", "scale-down"]),
        "opacity" => shape(&[], NUMBER | PERCENTAGE | NEGATIVE, 1),
        "z-index" => shape(&["auto"], NUMBER | NEGATIVE, 1),
        "background-repeat" => shape(
            &[
                "repeat",
                "repeat-x",
                "repeat-y",
                "no-repeat",
                "space",
                "round",
            ],
            COMMA,
            usize::MAX,
        ),
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
        "background-clip" | "background-origin" => shape(
            &[
                "border-box",
                "padding-box",
                "content-box",
                "text",
                "border-area",
            ],
            COMMA,
            usize::MAX,
        ),
        "list-style-type" => shape(LIST_STYLES, TEXT, 1),
        "list-style-image" => shape(&["none"], IMAGE, 1),
        "cursor" => shape(CURSORS, IMAGE | NUMBER | COMMA, usize::MAX),
        "box-shadow" => shape(
            &["none", "inset"],
            COLOUR | LENGTH | NEGATIVE | COMMA,
            usize::MAX,
        ),
        "text-shadow" => shape(&["none"], COLOUR | LENGTH | NEGATIVE | COMMA, usize::MAX),
        "gap" => shape(&["normal"], LENGTH | PERCENTAGE, 2),
        "row-gap" | "column-gap" => shape(&["normal"], LENGTH | PERCENTAGE, 1),
        "border-top-left-radius"
        | "border-top-right-radius"
        | "border-bottom-left-radius"
        | "border-bottom-right-radius" => shape(&[], LENGTH | PERCENTAGE, 2),
        "background-attachment" => shape(&["scroll", "fixed", "local"], COMMA, usize::MAX),
        _ => return None,
    })
}

/// What is wrong with a value of a property; `None` where nothing is, as far as is known.
pub fn impossible(property: &str, value: &str) -> Option<Impossible> {
    impossible_words(property, value, &words(value))
}

/// The same for a value with its words.
pub(super) fn impossible_words(
    property: &str,
    value: &str,
    words: &[Word<'_>],
) -> Option<Impossible> {
    if property.starts_with("mso-") || property.starts_with('-') {
        return None;
    }
    if let [
        Word {
            kind: Kind::Keyword(word),
            ..
        },
    ] = words
        && GLOBAL.contains(&word.as_str())
    {
        return None;
    }
    let general = words.iter().find_map(|word| never(property, word));
    let general = general.or_else(|| broken_function(value));
    general.or_else(|| apart(words)).or_else(|| match property {
        "font" => font(words),
        "font-family" => families(words),
        _ => shape_of(property).and_then(|shape| misfit(property, &shape, words)),
    })
}

/// What no property can have.
fn never(property: &str, word: &Word<'_>) -> Option<Impossible> {
    let text = word.text;
    match &word.kind {
        Kind::Hash(digits) if !is_colour(digits) => Some(fault(
            format!("`{text}` is not a colour"),
            Remedy::Words("write six hexadecimal digits, such as `#0b4f7d`".to_owned()),
        )),
        Kind::Dimension(_, unit) if !is_unit(unit) && property != "unicode-range" => {
            let digits = unit.find(|c: char| c.is_ascii_digit());
            let remedy = match digits.filter(|at| is_unit(&unit[..*at])) {
                Some(at) => {
                    let first = text.len() - unit.len() + at;
                    let (first, second) = (&text[..first], &text[first..]);
                    Remedy::Words(format!("write a blank between them: `{first} {second}`"))
                }
                None => nearest_unit(unit),
            };
            Some(fault(format!("`{unit}` in `{text}` is not a unit"), remedy))
        }
        _ => None,
    }
}

/// A number that a blank or a comma has torn apart: `10 px`, `1,5em`.
fn apart(words: &[Word<'_>]) -> Option<Impossible> {
    words.iter().enumerate().find_map(|(at, word)| {
        let Kind::Number(_) = word.kind else {
            return None;
        };
        let (next, after) = (words.get(at + 1)?, words.get(at + 2));
        let unit = next.text.to_ascii_lowercase();
        let is_word = matches!(next.kind, Kind::Keyword(_));
        if (is_word && LENGTH_UNITS.contains(&unit.as_str())) || unit == "%" {
            let written = format!("{}{unit}", word.text);
            let message = format!("`{} {unit}` has a blank before its unit", word.text);
            return Some(fault(message, write(&format!("write `{written}`"))));
        }
        let is_decimal = |after: &&Word<'_>| {
            let digits = after.text.trim_end_matches(|c: char| !c.is_ascii_digit());
            let is_number = matches!(after.kind, Kind::Number(_) | Kind::Dimension(..));
            is_number && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let part = after
            .filter(is_decimal)
            .filter(|_| next.kind == Kind::Comma)?;
        let is_whole = word.text.bytes().all(|b| b.is_ascii_digit());
        is_whole.then(|| {
            let written = format!("{}.{}", word.text, part.text);
            let message = format!("`{},{}` has a comma", word.text, part.text);
            fault(message, write(&format!("write `{written}`")))
        })
    })
}

/// The remedy in words.
pub(super) fn write(words: &str) -> Remedy {
    Remedy::Words(words.to_owned())
}

/// The remedy is the nearest of these names.
pub(super) fn one_of_these(given: &str, known: Vec<&'static [&'static str]>) -> Remedy {
    Remedy::Nearest(given.to_owned(), known)
}

pub(super) fn fault(message: String, remedy: Remedy) -> Impossible {
    Impossible { message, remedy }
}

fn misfit(property: &str, shape: &Shape, words: &[Word<'_>]) -> Option<Impossible> {
    let bad = words.iter().find(|word| !shape.takes(word));
    if let Some(bad) = bad {
        return Some(shape.misfit(property, bad));
    }
    let count = words.iter().filter(|word| word.kind != Kind::Comma).count();
    (count > shape.most).then(|| {
        let most = counted(shape.most, "value");
        let message = format!("`{property}` can have {most}, not {count}");
        fault(message, Remedy::Unknown)
    })
}

impl Shape {
    fn has(&self, kind: u16) -> bool {
        self.kinds & kind != 0
    }

    fn takes(&self, word: &Word<'_>) -> bool {
        let allows = |value: f32| value >= 0.0 || self.has(NEGATIVE);
        match &word.kind {
            Kind::Keyword(name) => {
                self.keywords.contains(&name.as_str())
                    || is_of_vendor(name)
                    || (self.has(COLOUR) && is_colour_name(name))
            }
            Kind::Number(value) => {
                (*value == 0.0 && self.has(LENGTH)) || (self.has(NUMBER) && allows(*value))
            }
            Kind::Dimension(_, unit) if unit == "deg" => self.has(ANGLE),
            Kind::Dimension(value, unit) => self.has(LENGTH) && is_length(unit) && allows(*value),
            Kind::Percentage(value) => self.has(PERCENTAGE) && allows(*value),
            Kind::Hash(_) => self.has(COLOUR),
            Kind::Function(name) => self.takes_function(name, word.text),
            Kind::Comma => self.has(COMMA),
            Kind::Slash => self.has(SLASH),
            Kind::Text => self.has(TEXT),
            Kind::Other => false,
        }
    }

    fn takes_function(&self, name: &str, text: &str) -> bool {
        match name {
            "rgb" | "rgba" | "hsl" | "hsla" => self.has(COLOUR) && has_channels(name, text),
            "url" | "image-set" | "cross-fade" => self.has(IMAGE),
            _ if name.ends_with("-gradient") => self.has(IMAGE),
            _ => true,
        }
    }

    fn misfit(&self, property: &str, word: &Word<'_>) -> Impossible {
        let text = word.text;
        let message = format!("`{property}` cannot be `{text}`");
        let remedy = match &word.kind {
            Kind::Number(_) if self.has(LENGTH) => {
                Remedy::Words(format!("write the unit, such as `{text}px`"))
            }
            Kind::Number(_) if self.has(COLOUR) && is_colour(text) => {
                Remedy::Words(format!("write `#{text}`"))
            }
            Kind::Text if self.has(COLOUR) => {
                Remedy::Words(format!("write `{}`", text.trim_matches('\'')))
            }
            Kind::Keyword(name) if name == "important" => write("write `!important`"),
            Kind::Keyword(name) if property == "vertical-align" && name == "center" => {
                write("write `middle`")
            }
            Kind::Keyword(name) if self.has(COLOUR) => {
                Remedy::Nearest(name.clone(), vec![self.keywords, COLOUR_NAMES, GLOBAL])
            }
            Kind::Keyword(name) => Remedy::Nearest(name.clone(), vec![self.keywords, GLOBAL]),
            Kind::Other if self.has(LENGTH) && text.starts_with('(') => {
                Remedy::Words(format!("write `calc{text}`"))
            }
            _ => Remedy::Unknown,
        };
        fault(message, remedy)
    }
}

fn is_of_vendor(keyword: &str) -> bool {
    let prefixes = ["-webkit-", "-moz-", "-ms-", "-o-", "-apple-", "-internal-"];
    prefixes.iter().any(|prefix| keyword.starts_with(prefix))
}

/// Three or four numbers where commas separate them, of the kinds that the function takes; the spelling with
/// blanks is trusted.
fn has_channels(name: &str, text: &str) -> bool {
    let inside = text.split_once('(').map_or("", |(_, inside)| inside);
    let inside = words(inside.strip_suffix(')').unwrap_or(inside));
    let commas = inside
        .iter()
        .filter(|word| word.kind == Kind::Comma)
        .count();
    match commas {
        0 => inside.len() >= 3,
        2 | 3 => inside.len() == 2 * commas + 1 && are_channels(name, &inside),
        _ => false,
    }
}

/// Numbers alone or percentages alone in `rgb(…)`, an angle and two percentages in `hsl(…)`.
fn are_channels(name: &str, inside: &[Word<'_>]) -> bool {
    let channels: Vec<&Kind> = inside.iter().step_by(2).map(|word| &word.kind).collect();
    let is_number = |kind: &&Kind| matches!(kind, Kind::Number(_) | Kind::Function(_));
    let is_percentage = |kind: &&Kind| matches!(kind, Kind::Percentage(_) | Kind::Function(_));
    let is_angle = |kind: &&Kind| {
        matches!(kind, Kind::Number(_) | Kind::Function(_))
            || matches!(kind, Kind::Dimension(_, unit) if ["deg", "grad", "rad", "turn"].contains(&unit.as_str()))
    };
    let alpha = channels
        .get(3)
        .is_none_or(|one| is_number(one) || is_percentage(one));
    let first = &channels[..3];
    let are_colours = match name {
        "hsl" | "hsla" => is_angle(&first[0]) && first[1..].iter().all(is_percentage),
        _ => first.iter().all(is_number) || first.iter().all(is_percentage),
    };
    are_colours && alpha
}

/// `italic 700 19px/1.35 Georgia, serif`: the size and a family have to be there.
fn font(words: &[Word<'_>]) -> Option<Impossible> {
    if let [
        Word {
            kind: Kind::Keyword(name),
            ..
        },
    ] = words
        && (SYSTEM_FONTS.contains(&name.as_str()) || is_of_vendor(name))
    {
        return None;
    }
    let before = shape(FONT_WORDS, NUMBER, 5);
    let size = shape(FONT_SIZES, LENGTH | PERCENTAGE, 1);
    let at = words
        .iter()
        .position(|word| size.takes(word) && !before.takes(word));
    let Some(at) = at else {
        let bad = words
            .iter()
            .find(|word| !before.takes(word))
            .or(words.first())?;
        return Some(fault(
            format!("`font` has no size before `{}`", bad.text),
            Remedy::Words("write it like `bold 16px/1.4 Georgia, serif`".to_owned()),
        ));
    };
    if let Some(bad) = words[..at].iter().find(|word| !before.takes(word)) {
        return Some(before.misfit("font", bad));
    }
    let rest = match &words[at + 1..] {
        [
            Word {
                kind: Kind::Slash, ..
            },
            height,
            rest @ ..,
        ] => {
            let heights = shape(&["normal"], LENGTH | PERCENTAGE | NUMBER, 1);
            if !heights.takes(height) {
                return Some(heights.misfit("font", height));
            }
            rest
        }
        rest => rest,
    };
    families(rest)
}

/// Marks that are part of a name in CSS, and that no font has in its name.
const TYPOGRAPHIC_QUOTES: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// Names between commas: one string, or words.
fn families(words: &[Word<'_>]) -> Option<Impossible> {
    let is_family = |family: &[Word<'_>]| match family {
        [
            Word {
                kind: Kind::Text, ..
            },
        ] => true,
        [_, ..] => family
            .iter()
            .all(|word| matches!(word.kind, Kind::Keyword(_))),
        [] => false,
    };
    let is_quoted = |word: &&Word<'_>| matches!(&word.kind, Kind::Keyword(name) if name.contains(TYPOGRAPHIC_QUOTES));
    let quoted = words.iter().find(is_quoted);
    if let Some(quoted) = quoted {
        let message = format!("`{}` has typographic quotation marks", quoted.text);
        return Some(fault(message, write("write `'` or `\"`")));
    }
    let bad = words
        .split(|word| word.kind == Kind::Comma)
        .find(|family| !is_family(family))?;
    let text: Vec<&str> = bad.iter().map(|word| word.text).collect();
    let message = match text.as_slice() {
        [] => "a family is missing in this list of fonts".to_owned(),
        text => format!("`{}` is not a family of fonts", text.join(" ")),
    };
    let hint = "separate families by commas, and write names with digits in quotes";
    Some(fault(message, Remedy::Words(hint.to_owned())))
}

fn is_colour(digits: &str) -> bool {
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_colour_name(name: &str) -> bool {
    COLOUR_NAMES.contains(&name)
}

/// What was probably meant by the unit `unit`.
pub(super) fn nearest_unit(unit: &str) -> Remedy {
    Remedy::Nearest(unit.to_ascii_lowercase(), vec![LENGTH_UNITS])
}

/// `\9` and `\0` after a unit hide a value from all but old Explorer.
fn is_hack(unit: &str) -> bool {
    unit.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

fn is_length(unit: &str) -> bool {
    LENGTH_UNITS.contains(&unit) || is_hack(unit)
}

/// Whether there is this unit.
pub(super) fn is_unit(unit: &str) -> bool {
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
