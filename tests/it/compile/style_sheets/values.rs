//! Values that a browser accepts or drops, and what the compiler says of the same values.

use crate::support::browser::Page;

/// Properties with values of all sorts; the browser says which are possible.
const VALUES: &[(&str, &[&str])] = &[
    (
        "color",
        &[
            "#333",
            "#3333",
            "#33333",
            "#333333",
            "#12345g",
            "#11223344",
            "red",
            "blak",
            "currentColor",
            "transparent",
            "rgb(1,2,3)",
            "rgb(1,2)",
            "rgb(1 2 3 / .5)",
            "rgba(1,2,3,.4)",
            "hsl(120deg, 50%, 50%)",
            "oklch(40% 0.2 30)",
            "color-mix(in srgb, red, blue)",
            "16px",
            "10",
            "red blue",
            "inherit",
            "Canvas",
            "WindowText",
            "'red'",
            "rbg(1,2,3)",
            "rgb(1%,2%,3%)",
            "rgb(1,2%,3)",
            "rgb(1,2,3px)",
            "rgba(1,2,3,40%)",
            "hsl(120,50,50)",
            "hsl(120,50%,50%)",
            "112233",
            "inhert",
        ],
    ),
    ("background-color", &["#fff", "none", "wite", "url(data:,)"]),
    (
        "margin",
        &[
            "0",
            "10 0",
            "10px 0",
            "-1px",
            "auto",
            "0 auto",
            "1px 2px 3px 4px",
            "1px 2px 3px 4px 5px",
            "10 px",
            "1,5px",
            "5%",
            "calc(1px + 2%)",
            "none",
            "10pxx",
            "1em 1rem",
            "0.5",
            "unset",
        ],
    ),
    (
        "padding",
        &[
            "0",
            "-1px",
            "auto",
            "4px 5%",
            "4",
            "1px 1px 1px 1px",
            "min(1px, 2%)",
        ],
    ),
    ("padding-left", &["3px", "3px 4px", "-3px"]),
    (
        "width",
        &[
            "100%",
            "100 %",
            "100",
            "auto",
            "none",
            "min-content",
            "12px",
            "-12px",
            "calc(1px + 2px)",
            "calc(1px+2px)",
            "calc(1px -2px)",
            "calc(100%- 2px)",
            "calc(10px-2px)",
            "calc(100% - 2)",
            "calc(100%/3)",
            "calc(2*3px)",
            "calc(1px 2px)",
            "calc(1px +)",
            "calc(1px + 2xp)",
            "calc(2 * (1px + 2px))",
            "calc(2 * (1px+2px))",
            "calc(1px + -2px)",
            "calc()",
            "clac(1px + 2px)",
            "min(1px, 2px)",
            "min(1px+2px, 3px)",
            "mni(1px, 2px)",
            "max(1em, 50% - 3px)",
            "(100% - 2px)",
            "10px10px",
            "5 em",
        ],
    ),
    (
        "max-width",
        &["none", "auto", "560px", "560", "100vw", "50dvh"],
    ),
    (
        "font-size",
        &[
            "16px",
            "16",
            "large",
            "larger",
            "huge",
            "120%",
            "1.2em",
            "-1px",
            "clamp(1px, 2vw, 3px)",
        ],
    ),
    (
        "line-height",
        &["1.5", "1,5", "150%", "24px", "normal", "-1", "none", "0"],
    ),
    (
        "font-weight",
        &["bold", "700", "heavy", "bolder", "1000", "600px"],
    ),
    (
        "font-style",
        &["italic", "oblique", "slanted", "oblique 10deg"],
    ),
    (
        "font",
        &[
            "16px Georgia",
            "bold 16px/1.4 Georgia, serif",
            "16px",
            "bold Georgia",
            "italic small-caps bold condensed 16px/2 cursive",
            "menu",
            "16 Georgia",
            "bold 16px/1,4 Georgia",
            "inherit",
            "15px 'A' 'B'",
            "16px/1.4 Georgia serif",
            "1em/normal 'A'",
        ],
    ),
    (
        "font-family",
        &[
            "Georgia",
            "Times New Roman",
            "'Times New Roman', serif",
            "Georgia, ",
            "'A' 'B'",
            "Georgia 3",
            "-apple-system, BlinkMacSystemFont",
            "3com",
            "monospace",
        ],
    ),
    (
        "display",
        &[
            "block",
            "blok",
            "inline-block",
            "none",
            "flex",
            "inline flow",
            "table-cell",
            "-webkit-box",
            "0",
        ],
    ),
    (
        "text-align",
        &["left", "centre", "center", "start", "middle", "justify"],
    ),
    (
        "text-decoration",
        &[
            "none",
            "underline",
            "underlined",
            "underline dotted red",
            "line-through",
            "underline 2px",
        ],
    ),
    (
        "text-transform",
        &["uppercase", "upper", "none", "capitalize"],
    ),
    (
        "border",
        &[
            "1px solid red",
            "1 solid red",
            "1px soild #333",
            "0",
            "none",
            "solid",
            "thick double",
            "1px solid red blue",
            "1px solid #12345",
            "medium none",
            "2px",
        ],
    ),
    (
        "border-color",
        &[
            "red",
            "red blue",
            "red blue green gray",
            "1px",
            "#fff #ffff #fffff",
        ],
    ),
    (
        "border-style",
        &[
            "solid",
            "solid none",
            "solid solid solid solid solid",
            "wavy",
        ],
    ),
    (
        "border-radius",
        &["4px", "4", "4px / 5px", "50%", "1px 2px 3px 4px", "-1px"],
    ),
    ("border-top-width", &["thin", "1px", "1", "fat", "5%"]),
    ("border-collapse", &["collapse", "collapsed", "separate"]),
    ("border-spacing", &["1px 2px", "1px 2px 3px", "1"]),
    ("float", &["left", "center", "none"]),
    ("clear", &["both", "all", "left"]),
    ("position", &["relative", "absolut", "sticky"]),
    ("visibility", &["hidden", "invisible"]),
    (
        "vertical-align",
        &["top", "middle", "center", "-3px", "20%", "text-bottom"],
    ),
    ("white-space", &["nowrap", "pre-wrap", "no-wrap", "normal"]),
    ("overflow", &["hidden", "hidden auto", "hide", "visible"]),
    (
        "letter-spacing",
        &[".09em", "0", "1", "normal", "-1px", "wide"],
    ),
    ("text-indent", &["2em", "-2em", "2", "10%"]),
    ("opacity", &["0.5", "50%", "2", "-1", "half", ".5px"]),
    ("z-index", &["1", "-1", "auto", "1px"]),
    ("box-sizing", &["border-box", "border"]),
    ("list-style-position", &["inside", "inner"]),
    ("overflow-wrap", &["break-word", "anywhere", "break"]),
    ("word-break", &["break-all", "break", "keep-all"]),
    ("direction", &["rtl", "ltr", "right"]),
    (
        "background-repeat",
        &[
            "no-repeat",
            "repeat-x, repeat-y",
            "norepeat",
            "repeat space",
        ],
    ),
    (
        "outline",
        &["none", "1px solid red", "thin dashed", "1 solid"],
    ),
    ("hyphens", &["auto", "none", "manual", "yes"]),
    ("table-layout", &["fixed", "auto", "fix"]),
    ("text-shadow", &["1px 1px #12345", "1px 1px red", "none"]),
    (
        "background",
        &[
            "red",
            "#1234567",
            "no-repeat center",
            "linear-gradient(red, blue)",
            "linear-gradeint(red, blue)",
            "repeating-radial-gradient(red, blue 20px)",
            "rde",
            "red rde",
            "no-repaet red",
            "url(data:,) no-repeat center / cover, red",
            "none",
            "0 0",
            "10 10",
        ],
    ),
    (
        "background-image",
        &["none", "red", "url(data:,)", "url(data:,), none"],
    ),
    (
        "background-position",
        &[
            "top left",
            "topp",
            "50% -3px",
            "0 0, right 3px bottom 2px",
            "5",
        ],
    ),
    (
        "background-size",
        &["cover", "covr", "10px auto", "10", "50%, contain"],
    ),
    ("background-clip", &["text", "border-box", "padding"]),
    (
        "list-style-type",
        &["disc", "none", "lower-roman", "'- '", "lower-greek"],
    ),
    ("list-style-image", &["none", "url(data:,)", "disc"]),
    (
        "cursor",
        &["pointer", "poitner", "url(data:,), auto", "auto", "5px"],
    ),
    (
        "box-shadow",
        &[
            "0 0 10px red",
            "0 0 10 red",
            "inset 0 1px rgba(1,2,3,.5), 0 0 1px #000",
            "0 0 10px rde",
            "none",
        ],
    ),
    ("gap", &["10px", "10", "normal", "1em 2%"]),
    ("border-top-left-radius", &["4px", "4", "4px 5px"]),
    (
        "transform",
        &[
            "rotate(45deg)",
            "roate(45deg)",
            "translate(-50%, 2px) scale(2)",
        ],
    ),
];

#[test]
fn a_value_is_impossible_where_a_browser_drops_it() {
    let test = "a_value_is_impossible_where_a_browser_drops_it";
    let Some(mut page) = Page::new(test) else {
        return;
    };
    let mut faults = Vec::new();
    for (property, values) in VALUES {
        for value in *values {
            let asked = serde_json::json!([property, value]);
            let supports = page.evaluate(&format!("CSS.supports(...{asked})"));
            let ours = franking::newsletter::template::impossible(property, value);
            if supports != ours.is_none() {
                faults.push(format!(
                    "{property}: {value}: the browser {supports}, ours {ours:?}"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
