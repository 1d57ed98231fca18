//! Style sheets: what is wrong in them, what they mean once they are inlined, and what they cannot do.

use std::collections::BTreeMap;

use franking::diag::{Findings, Source};
use franking::newsletter::template::StyleSheet;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::Folder;
use crate::support::browser::Page;

/// A rule that keeps the classes in the document and dresses nothing.
const KEEPS_CLASSES: &str = "@media not all { [class] { color: red } }\n";

/// An issue with headings, paragraphs, a list and a link.
const ISSUE: &str = r#"title = "Locks"
subject = "Locks and weirs"
preheader = "When the locks open again"
number = 1
date = 2026-11-02

[[section]]
kind = "text"
heading = "Opening hours"
body = """
The *lower* lock opens at nine. **The upper one** opens at ten.

- first
- second

[The timetable](https://heron.example/times) has the rest.
"""

[[section]]
kind = "quote"
body = "What the river lends it counts."
by = "Ada Reed"
"#;

/// Style sheets that mean something else when they are split at `;`, `}` and `{`, when one property is one
/// place, or when the last rule wins whatever it weighs.
const SHEETS: &[(&str, &str)] = &[
    (
        "a shorthand after its longhand",
        "p { margin-top: 5px } p { margin: 1px }",
    ),
    (
        "a shorthand after both",
        "p { margin: 0 0 16px; margin-top: 5px } p { margin: 1px }",
    ),
    (
        "a longhand after a shorthand",
        "p { margin: 1px } p { margin-left: 5px }",
    ),
    (
        "a light longhand after a heavy shorthand",
        ".sheet p { padding: 4px } p { padding-left: 9px }",
    ),
    (
        "a heavy longhand before a light shorthand",
        ".sheet p { border-top: 3px solid red } p { border: 1px dotted blue }",
    ),
    (
        "an important longhand",
        "p { margin-top: 7px !important } .sheet p { margin: 1px }",
    ),
    (
        "an important shorthand",
        "p { margin: 1px !important } .sheet p { margin-top: 7px; margin-top: 9px }",
    ),
    (
        "two important ones",
        ".sheet p { color: red ! important } p { color: blue !IMPORTANT }",
    ),
    (
        "fallbacks",
        "p { color: #333333; color: rgba(1, 2, 3, .5); width: 90%; width: calc(90% - 2px) }",
    ),
    (
        "a fallback in another rule",
        "p { color: #333333 } .sheet p { color: hsla(120, 50%, 50%, .5) }",
    ),
    (
        "a value that no browser knows",
        "p { color: #123456; color: #33333; margin: 3px; margin: 10 0 }",
    ),
    (
        "strings with all that ends something",
        "p { quotes: '}' '{' ';' '/*' } h2 { quotes: \"</p>\" \"it's\"; color: red }",
    ),
    (
        "escapes in strings",
        "p { quotes: 'a\\'b' \"c\\\"d\"; color: red } h2 { color: blue }",
    ),
    (
        "comments everywhere",
        "/* p { */ p/* } */{/* ; */color/*:*/:/**/red/* ; */;/* } */margin:/**/1px/**/2px } /* { */ h2 { color: blue }",
    ),
    (
        "a URL of data",
        "p { background: url(data:image/gif;base64,R0lGODlhAQABAAAAACw=) no-repeat; color: red } h2 { color: blue }",
    ),
    (
        "a URL of data in quotes",
        "p { background-image: url(\"data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'>;}{</svg>\"); color: red } h2 { color: blue }",
    ),
    (
        "attribute selectors",
        "a[href*=\"example/t\"] { color: red } a[href=\"},{\"], h2 { color: blue } [class~='quote'] { margin: 2px } [role=article] p { color: green }",
    ),
    (
        "weights",
        "#a p { color: red } p.x, .section p { color: blue } div p { color: green } p { color: gray }",
    ),
    (
        "the heaviest of a list",
        "p, .sheet p { color: red } .section p { color: blue } div p { color: green }",
    ),
    (
        ":not weighs what is in it",
        "p:not(.x) { color: red } div p { color: blue } p { color: green }",
    ),
    (
        "children and siblings",
        "div > p + ul { color: red } h2 ~ p { color: blue } li:first-child { color: green } li:nth-child(2) { color: gray } p:last-child { margin: 3px }",
    ),
    (
        "capital letters",
        "P { COLOR: RED; Margin-Top: 2PX } H2 { color: #ABC }",
    ),
    (
        "font",
        "p { font: italic bold 12px/1.5 Georgia, \"Times New Roman\", serif } .sheet p { line-height: 2; font-size: 14px }",
    ),
    (
        "a font after its parts",
        "p { font-weight: bold; line-height: 3 } p { font: 15px serif }",
    ),
    (
        "a background after its parts",
        "p { background-color: red; background-repeat: no-repeat } p { background: blue } h2 { background: red; background-color: green }",
    ),
    (
        "borders",
        "p { border: 1px solid red; border-left-color: blue; border-width: 2px } p { border-top: 0; border-radius: 3px; border-collapse: collapse }",
    ),
    (
        "border after its sides",
        "p { border-left: 4px double red; border-radius: 3px } p { border: 1px solid blue }",
    ),
    (
        "lists and overflow",
        "ul { list-style-type: square } ul { list-style: circle inside } p { overflow-x: scroll } p { overflow: hidden }",
    ),
    (
        "decorations",
        "a { text-decoration-color: red; text-decoration-line: overline } a { text-decoration: underline wavy }",
    ),
    (
        "all",
        "p { color: red; margin: 3px } p { all: unset; color: blue }",
    ),
    (
        "global keywords",
        "p { margin: inherit; color: initial; padding: unset } .sheet { margin: 3px; color: red }",
    ),
    (
        "rules without an effect",
        "p { } h2 { ; } ul { color: blue; ; }",
    ),
    (
        "no last semicolon or blank",
        "p{color:red}h2{color:blue;margin:0}ul{margin:1px 2px 3px}",
    ),
    (
        "the sides of a box",
        "p { margin: 1px 2px 3px 4px; margin-bottom: 9px } h2 { padding: 1px; padding-left: 2px; padding-top: 3px } ul { margin: 1px 2px; margin-right: 8px !important }",
    ),
    (
        "one side in two words",
        "p { margin: 1px; margin-inline-start: 5px; margin-left: 3px } ul { margin: 1px; margin-left: 3px; margin-inline-start: 5px }",
    ),
    (
        "names beyond ASCII and escapes",
        ".sh\\65 et p { color: red } .\\73 ection h2 { color: blue } p { font-family: Gr\\fc n, 'Bl\\e4u' }",
    ),
    (
        "importance in a shorthand and its longhands",
        "p { margin: 1px !important; margin-left: 9px } .sheet p { margin-right: 4px !important; margin-left: 7px } p { margin-right: 8px !important }",
    ),
    (
        "the same property again and again",
        "p { color: red; color: blue; color: red; margin: 1px; margin: 2px !important; margin: 3px; margin: 2px } h2 { padding: 1px; padding-top: 2px; padding: 1px; padding-top: 3px }",
    ),
    (
        "fallbacks that a browser drops",
        "p { color: red; color: clac(1px); margin: 4px; margin: 4 px; width: 50%; width: calc(10px+2px); height: 40px; height: 10xp !important } h2 { color: green; color: -moz-foo; padding: 3px; padding: 5px\\9 }",
    ),
    (
        "global keywords among others",
        "p { color: red; color: inherit; padding: 3px; padding-left: initial } .sheet { color: green } h2 { margin: revert; margin-top: 3px } ul { margin: 3px; margin-left: unset; list-style: revert-layer } a { text-decoration: none; text-decoration: revert }",
    ),
    (
        "lists in :not",
        "p:not(.a, #b) { color: red } .section p { color: blue } p:not(:first-child):not(.c) { margin: 3px } div.section p { margin: 5px }",
    ),
    (
        ":is weighs its heaviest, :where nothing",
        ":is(p, #x) { color: red } .sheet .section p { color: blue } :where(.sheet .section) h2 { color: green } h2 { color: gray } :where(ul), :is(ol, li) { margin: 3px }",
    ),
    (
        "comments where blanks may be",
        "div/**/ /**/p { color: red !/**/important } h2/**/:first-child/*,*/, ul { margin/**/:/* ; */3px/* } */!/*!*/important; padding: 1px/*!*/ 2px } p { color: blue }",
    ),
    (
        "escapes in names, units and keywords",
        "p { c\\6f lor: r\\65 d; \\6d argin: 3\\70 x; p\\61 dding: 2px !im\\70ortant } h\\32 { color: \\62lue } [cl\\61ss~=quote] { padding: 4px }",
    ),
    (
        "attribute selectors in every spelling",
        "a[href$='times'] { color: red } a[href*=\"//HERON\" i] { margin: 3px } [class|='section'] p { color: blue } [class^=sec][class$='n'] h2 { color: green } [CLASS~='quote'] { padding: 5px } a[href^=https\\:\\/\\/heron], p[title] { border: 1px solid } [class=''] p { color: gray }",
    ),
    (
        "a selector that a browser drops with all its list",
        "p, h2:hovr { color: red } ul, li::befor { color: blue } h2, a:foo(b) { margin: 9px } li { color: green }",
    ),
    (
        "states and pseudo-elements beside elements",
        "p:hover, h2 { color: red } ul::before, li { margin: 3px } a:visited, a:link { color: green }",
    ),
    (
        "media and support beside attributes",
        "@media screen { p { margin: 3px !important; color: red !important } } p { margin: 9px; margin-left: 1px } @supports (display: grid) { h2 { color: red !important } } @supports not (display: grid) { h2 { margin: 9px !important } } @media print { ul { color: red !important } } ul { color: blue }",
    ),
    (
        "borders of every kind",
        "p { border-bottom: 2px solid; border-color: red green; border-top-style: dotted !important; border: 1px dashed blue } h2 { border: 3px double red; border-color: initial; border-left: inherit } ul { border-inline: 2px solid red; border-left: 4px dotted blue; border-block-start-color: green }",
    ),
    (
        "fonts of every kind",
        "p { font: inherit; font-size: 20px; font: bold 12px/3 x; font-variant: small-caps } h2 { font-variant: small-caps; font-stretch: condensed; font: 14px y } ul { font: 14px/1 z !important; line-height: 4; font-weight: bold !important } li { font: 16 px; font-style: italic }",
    ),
    (
        "backgrounds of every kind",
        "p { background: url(\"data:image/svg+xml;utf8,}{;)\") red; background-position: 3px 4px } h2 { background-size: 3px; background: none green; background-color: rde } ul { background: red !important; background-repeat: no-repeat !important; background: blue }",
    ),
    (
        "all beside importance",
        "p { all: initial; display: block } p { color: red !important } .sheet p { all: unset } h2 { all: unset !important; color: red } ul { color: blue; all: revert; margin: 3px }",
    ),
    (
        "places among siblings",
        "li:nth-child(odd) { color: red } li:nth-last-child(-n+1) { margin: 3px } p:nth-of-type(2n+1) { color: blue } h2:only-of-type { color: green } p + p, h2 + p { padding: 3px } * > em { color: gray } p:nth-child( 2 ) { margin: 4px }",
    ),
    (
        "logical sides among the others",
        "p { margin-inline: 5px; margin: 1px } h2 { margin: 1px; margin-inline: 5px 7px } ul { padding-left: 3px; padding-inline-start: 7px; padding-block: 2px; padding-top: 9px }",
    ),
    (
        "numbers in every spelling",
        "p { margin: +.5em -0px 1e1px .0px; line-height: +1.5; color: #FfF000 } h2 { padding: 1E1px 2.50px; margin: 0.0 -.5em } ul { letter-spacing: -.5px; width: 1e2% }",
    ),
    (
        "shorthands that are no families of names",
        "p { row-gap: 3px; gap: 1px; columns: 2; column-count: 3 } h2 { gap: 1px !important } .sheet h2 { row-gap: 4px; overflow: hidden; overflow-x: visible !important } ul { place-items: center; align-items: start; inset: 3px; top: 1px; inset-inline: 5px }",
    ),
    (
        "a byte order of characters, capitals of classes and doubled classes",
        ".SHEET p { color: red } .sheet.sheet.sheet p { margin: 3px } .section p { margin: 4px } P.X { color: blue } * { letter-spacing: 1px } html body .sheet h2 { color: green }",
    ),
    (
        "strings over lines and numbers of characters",
        "p { quotes: 'a\\\nb;}' \"\\7d\\3b \"; color: red } h2 { font-family: 'A;B}', \"{C\", serif; color: blue } a[href*=';'], ul { color: green }",
    ),
];

fn folder(style: &str) -> Folder {
    let folder = Folder::with("plain");
    folder.write("issues/one.toml", ISSUE);
    folder.write(
        "templates/plain/style.css",
        &format!("{style}\n{KEEPS_CLASSES}"),
    );
    folder
}

/// The page of an issue with this style sheet.
fn built(folder: &Folder) -> std::path::PathBuf {
    let run = folder.run(&["build", "one"]);
    let page = folder.path().join(".franking/build/one/one.html");
    assert!(page.exists(), "{}{}", run.stdout, run.stderr);
    page
}

/// All that the browser computed, for each element of the page.
const COMPUTED: &str = "[...document.body.querySelectorAll('*')].map(element => {
    const style = getComputedStyle(element), all = {};
    for (const name of style) all[name] = style.getPropertyValue(name);
    return { name: element.localName + '.' + element.className, all };
})";

#[test]
fn inlined_styles_mean_what_the_style_sheet_means() {
    let test = "inlined_styles_mean_what_the_style_sheet_means";
    let Some(mut page) = Page::new(test) else {
        return;
    };
    let bare = folder("");
    let bare = built(&bare);
    let mut faults = Vec::new();
    for (name, css) in SHEETS {
        page.open(&bare);
        let undressed = page.evaluate(COMPUTED);
        let text = serde_json::to_string(css).expect("a string");
        page.evaluate(&format!(
            "document.head.append(Object.assign(document.createElement('style'), {{ textContent: {text} }}))"
        ));
        let expected = page.evaluate(COMPUTED);
        assert_ne!(expected, undressed, "{name} dresses nothing");
        let dressed = folder(css);
        page.open(&built(&dressed));
        let inlined = page.evaluate(COMPUTED);
        faults.extend(differences(name, &expected, &inlined));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn differences(name: &str, expected: &Value, inlined: &Value) -> Vec<String> {
    let (expected, inlined) = (elements(expected), elements(inlined));
    assert_eq!(expected.len(), inlined.len(), "{name}");
    let mut found = Vec::new();
    for (before, after) in expected.iter().zip(inlined) {
        for (property, value) in before["all"].as_object().expect("properties") {
            let other = &after["all"][property];
            if value != other {
                let element = &before["name"];
                found.push(format!(
                    "{name}: {element} {property}: {value}, inlined {other}"
                ));
            }
        }
    }
    found
}

fn elements(computed: &Value) -> &Vec<Value> {
    computed.as_array().expect("elements")
}

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

/// What a style sheet might load, each in a rule of its own; where it loads is in no spelling that a search for
/// `url(` finds.
const REQUESTS: &[&str] = &[
    "h1 { background: URL(https://egret.example/1) }",
    "h1 { background: u\\72l(https://egret.example/2) }",
    "h1 { background: \\75 \\72 \\6c (https://egret.example/3) }",
    "h1 { background-image: image-set(\"https://egret.example/4\" 1x) }",
    "h1 { background-image: -webkit-image-set(url(https://egret.example/5) 1x) }",
    "h1 { background-image: cross-fade(url(https://egret.example/6), red) }",
    "h1 { filter: url(https://egret.example/7#a) }",
    "h1 { background: url( '//egret.example/8' ) }",
    "h1 { cursor: URL(\"https://egret.example/9\"), auto }",
    "h1 { list-style: url(https://egret.example/10) }",
    "h1 { content: url/**/(x) url(https://egret.example/11) }",
    "h1 { background: src(\"https://egret.example/12\") }",
    "h1 { behavior: url(https://egret.example/13) }",
    "h1 { filter: progid:DXImageTransform.Microsoft.AlphaImageLoader(src='https://egret.example/14') }",
    "@media screen { h1 { background: URL(https://egret.example/15) !important } }",
    "@supports (color: red) { h1 { background: Url(https://egret.example/16) } }",
    "@keyframes a { from { background: url(https://egret.example/17) } }",
    "@import 'https://egret.example/18';",
    "@IMPORT url(https://egret.example/19);",
    "@\\69mport url(https://egret.example/20);",
    "@font-face { font-family: x; src: url(https://egret.example/21) }",
    "@font-face { font-family: x; src: local(x) }",
    "h1 { mask: url(https://egret.example/23) }",
    "h1 { background: url(/24) }",
];

#[test]
fn a_style_that_loads_something_is_an_error_in_every_spelling() {
    let css = REQUESTS.join("\n");
    let folder = folder(&css);
    let run = folder.run(&["check", "one"]);
    let told = crate::compile::findings::told(&run.stderr);
    for (line, rule) in (1..).zip(REQUESTS) {
        let place = format!("templates/plain/style.css:{line}:");
        let is_told =
            |(at, code): &(String, String)| at.starts_with(&place) && code == "foreign-request";
        assert!(told.iter().any(is_told), "{rule}: {}", run.stderr);
    }
    assert_eq!(run.code, 1);
    assert_eq!(folder.run(&["build", "one"]).code, 1);
}

#[test]
fn what_the_message_holds_itself_and_words_about_addresses_load_nothing() {
    let css = "h1 { quotes: 'url(https://egret.example/)' 'x'; font-family: 'src(a)' }\n\
        h2 { background: url(data:image/gif;base64,R0lGODlhAQABAAAAACw=) }\n\
        a[href*='url(https://egret.example/)'] { color: red }\n\
        /* url(https://egret.example/) */";
    let run = folder(css).run(&["check", "one"]);
    assert!(!run.stderr.contains("foreign-request"), "{}", run.stderr);
}

/// Style sheets that would put markup into the page.
const ESCAPES: &[&str] = &[
    "h1 { content: '</style><script>escaped()</script>' }",
    "h1 { content: \"</style><script>escaped()</script>\" }",
    "h1 { quotes: '\\3c/style>\\3cscript>escaped()\\3c/script>' 'x' }",
    "h1 { quotes: '\"><script>escaped()</script>' 'x' }",
    "h1 { font-family: \\\"\\>\\<script\\>escaped\\(\\)\\<\\/script\\> }",
    "h1 { background: url(data:,</style><script>) }",
    "a[title='</style><script>escaped()</script>'] { color: red }",
    "a[title='\"><script>escaped()</script>'] { color: red }",
    "h1 { quotes: '--><script>escaped()</script>' '<!--' }",
    "h1 { quotes: '&#x22;&#x3e;<script>escaped()</script>' '&quot;' }",
    "h1 { font: 16px '</style ><script>escaped()</script>' }",
];

#[test]
fn a_style_sheet_puts_no_markup_into_the_page() {
    let mut page = Page::new("a_style_sheet_puts_no_markup_into_the_page");
    for rule in ESCAPES {
        let css =
            format!("{rule}\n@media screen {{ {rule} }}\n@supports (color: red) {{ {rule} }}");
        let folder = folder(&css);
        let file = built(&folder);
        let html = std::fs::read_to_string(&file).expect("a page");
        for sign in ["<script", "</style><s", "<!--' "] {
            assert!(!html.to_lowercase().contains(sign), "{rule}: {html}");
        }
        let Some(page) = &mut page else {
            continue;
        };
        page.open(&file);
        let elements = "[document.scripts.length, document.body.querySelectorAll('style').length, \
            document.body.innerText.includes('escaped')]";
        assert_eq!(
            page.evaluate(elements),
            serde_json::json!([0, 0, false]),
            "{rule}"
        );
    }
}

/// Style sheets of a hostile length, and what refuses them.
#[test]
fn a_style_sheet_that_would_take_long_is_refused_by_a_limit_that_is_named() {
    let rules = |count: usize| "p { color: #112233 }\n".repeat(count);
    for (name, css, code) in [
        ("8,000 rules", rules(8_000), "file-too-large"),
        ("5,000 rules", rules(5_000), "style-limit"),
        (
            "400 kB",
            format!("{} {{ color: red }}", "p ".repeat(200_000)),
            "file-too-large",
        ),
        (
            "100 kB",
            format!("{} {{ color: red }}", "p ".repeat(50_000)),
            "style-limit",
        ),
        (
            "a list",
            format!("{}p {{ color: red }}", "p,".repeat(50_000)),
            "style-limit",
        ),
        (
            "a value",
            format!("p {{ font-family: {}a }}", "a,".repeat(50_000)),
            "style-limit",
        ),
        (
            "a condition",
            format!("@media {} (b) {{ }}", "(a) and".repeat(10_000)),
            "style-limit",
        ),
    ] {
        let folder = Folder::with("plain");
        folder.write("templates/plain/style.css", &css);
        let run = folder.run(&["build", "one"]);
        let told: Vec<String> = crate::compile::findings::told(&run.stderr)
            .into_iter()
            .map(|(_, code)| code)
            .collect();
        assert_eq!(
            (run.code, told),
            (1, vec![code.to_owned()]),
            "{name}: {}",
            run.stderr
        );
    }
}

/// As many rules as the limit allows, each about each element.
#[test]
fn a_style_sheet_within_the_limits_is_compiled_whatever_it_holds() {
    let all = "* { color: #112233; margin: 0 }\n".repeat(990);
    let different: String = (0..8_000).map(|i| format!("mso-x{i}:1;")).collect();
    let nested = "a{".repeat(50_000);
    let closed = "}".repeat(100_000);
    for (css, code) in [
        (all, 0),
        (format!("p {{ {different} }}"), 1),
        (nested, 1),
        (closed, 1),
        (
            format!(
                "p{}{} {{ color: red }}",
                ":not(p".repeat(100),
                ")".repeat(100)
            ),
            0,
        ),
        (format!("{}p {{ color: red }}", "* ~ ".repeat(200)), 0),
    ] {
        let folder = Folder::with("plain");
        folder.write("templates/plain/style.css", &css);
        let run = folder.run(&["check", "one"]);
        assert_eq!(run.code, code, "{:.80}: {:.2000}", css, run.stderr);
    }
}

proptest! {
    /// Whatever is written, reading ends, and what is read puts no markup into a page.
    #[test]
    fn any_text_is_read_to_its_end(pieces in proptest::collection::vec(piece(), 0..40)) {
        let css = pieces.concat();
        let source = Source::new("style.css", css.as_str());
        let sheet = StyleSheet::read(&source, &BTreeMap::new(), &mut Findings::new());
        for (_, rule) in sheet.all_rules() {
            let selectors = rule.selectors.iter().map(|one| one.text.clone());
            let declarations = rule.declarations.iter().map(ToString::to_string);
            for text in selectors.chain(declarations) {
                let has_markup = ["</", "<!", "\"", "&", "{", "}"].iter().any(|sign| text.contains(sign));
                prop_assert!(!has_markup, "{css}: {text}");
            }
        }
    }
}

/// A piece of a style sheet, or something that does not belong in one.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "p",
        ".a",
        " ",
        "\n",
        "{",
        "}",
        ";",
        ":",
        ",",
        "(",
        ")",
        "[",
        "]",
        "color",
        "margin",
        "red",
        "1px",
        "#12",
        "'",
        "\"",
        "\\",
        "/*",
        "*/",
        "<",
        "</style>",
        "<!--",
        "-->",
        "&",
        "!important",
        "@media",
        "@layer",
        "url(",
        "rgb(1,2,3)",
        "var(--x)",
        "'a'",
        "\u{E000}",
        "é",
        ">",
        "~",
        "::",
        "not(",
    ];
    prop_oneof![
        4 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => ".{0,3}",
    ]
}

/// The issue with this style sheet and no other rule.
fn dressed(css: &str) -> Folder {
    let folder = folder("");
    folder.write("templates/plain/style.css", css);
    folder
}

/// What `check` reports of a style sheet, but for what mail clients lack.
fn reported(css: &str) -> String {
    let run = dressed(css).run(&["check", "one"]);
    let blocks = run.stderr.split("\n\n");
    let kept =
        blocks.filter(|block| block.contains("style.css") && !block.contains("client-support"));
    kept.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_slip_in_a_selector_or_a_condition_is_reported_and_the_right_spelling_is_not() {
    let declaration = "{ color: #222222 !important }";
    for (wrong, said, right) in [
        ("tabel", "did you mean `table`?", "table"),
        (".sheet tdd", "did you mean `td`?", ".sheet td"),
        (
            ".sheet :not(imgg)",
            "did you mean `img`?",
            ".sheet :not(img)",
        ),
        (
            "p:frist-child",
            "did you mean `:first-child`?",
            "p:first-child",
        ),
        (
            "td[width=600]",
            "written `[width='600']`",
            "td[width='600']",
        ),
        ("td[=600]", "is missing here", "td[width]"),
        (".sectoin", "did you mean `.section`?", ".section"),
    ] {
        let told = reported(&format!("{wrong} {declaration}"));
        assert!(
            told.contains("style.css:1:") && told.contains(said),
            "{wrong}: {told}"
        );
        assert_eq!(reported(&format!("{right} {declaration}")), "", "{right}");
    }
    for (wrong, said, right) in [
        (
            "(max-widht:600px)",
            "did you mean `max-width`?",
            "(max-width:600px)",
        ),
        (
            "screen and max-width:600px",
            "stand in brackets",
            "screen and (max-width:600px)",
        ),
        ("(max-width:600)", "such as `600px`", "(max-width:600px)"),
        (
            "(max-width:600 px)",
            "write `600px` without a space",
            "(max-width:600px)",
        ),
        (
            "(max-width:600xp)",
            "did you mean `px`?",
            "(max-width:600px)",
        ),
        (
            "screen and(max-width:600px)",
            "write `and (`",
            "screen and (max-width:600px)",
        ),
        (
            "screen (max-width:600px)",
            "`and` is missing",
            "screen and (max-width:600px)",
        ),
        ("screen and", "missing after `and`", "screen"),
        ("(max-width=600px)", "write it like", "(width <= 600px)"),
        (
            "(prefers-color-scheme: drak)",
            "did you mean `dark`?",
            "(prefers-color-scheme: no-preference)",
        ),
    ] {
        let rule = |condition: &str| format!("@media {condition} {{ p {declaration} }}");
        let told = reported(&rule(wrong));
        let is_told = told.contains("warning[impossible-value]") && told.contains(said);
        assert!(is_told, "{wrong}: {told}");
        assert_eq!(reported(&rule(right)), "", "{right}");
    }
}

#[test]
fn what_is_written_for_single_clients_is_not_called_a_slip() {
    for css in [
        "u + .body p { color: #222222 }",
        "#outlook a { padding: 0 }",
        "center, font { color: #222222 }",
        "o\\:p { margin: 0 }",
        "p { mso-line-height-alt: 10xp; mso-foo: bar(baz) }",
        "p { -webkit-text-size-adjust: 10xp; -ms-foo: clac(1px+2px) }",
        "p { width: 10px\\9 }",
        "p { width: -webkit-calc(1px + 2px) }",
        "p { filter: progid:DXImageTransform.Microsoft.gradient(startColorstr='#12345678') }",
        "@media screen { p::-webkit-foo { color: #222222 !important } }",
        "@media all and (min-width:0\\0) { p { color: #222222 !important } }",
        "@media (-ms-high-contrast:none) { p { color: #222222 !important } }",
    ] {
        assert_eq!(reported(css), "", "{css}");
    }
}

#[test]
fn an_error_of_the_theme_is_the_only_finding() {
    let theme = dressed("").read("templates/plain/theme.toml");
    let style = "p { color: var(--color-text); background-color: var(--color-ground) }\n\
        a { color: var(--color-accent); background-color: #0b4f7e }";
    let theme = format!("{theme}\nground = \"#ffffff\"\n");
    for (right, wrong, code) in [
        ("\"#222222\"", "\"#22222\"", "bad-colour"),
        ("\"#222222\"", "\"blak\"", "bad-colour"),
        ("\"#222222\"", "222222", "wrong-type"),
        ("\"#ffffff\"", "\"#2222\"", "bad-colour"),
        ("[color]", "[colour]", "unknown-key"),
        ("[color]", "[color", "syntax"),
        ("width = 600", "width = \"600px\"", "wrong-type"),
    ] {
        let folder = dressed(style);
        assert!(theme.contains(right), "{right}");
        folder.write(
            "templates/plain/theme.toml",
            &theme.replacen(right, wrong, 1),
        );
        let run = folder.run(&["check", "one"]);
        let told = crate::compile::findings::told(&run.stderr);
        assert_eq!(told.len(), 1, "{wrong}: {}", run.stderr);
        assert_eq!(told[0].1, code, "{}", run.stderr);
        assert!(
            told[0].0.starts_with("templates/plain/theme.toml:"),
            "{}",
            run.stderr
        );
    }
    // With the theme as it should be, the colours that are too near each other are reported.
    let folder = dressed(style);
    folder.write("templates/plain/theme.toml", &theme);
    let told = folder.run(&["check", "one"]).stderr;
    assert!(told.contains("warning[low-contrast]"), "{told}");
}

/// The first finding about contrast: the place, line and column, and the message.
fn contrast(folder: &Folder) -> Option<(String, String)> {
    let output = folder.run(&["check", "one"]).stderr;
    let mut lines = output.lines();
    let message = lines.find_map(|line| line.strip_prefix("warning[low-contrast]: "))?;
    let place = lines.next()?.trim_start_matches([' ', '-', '>']);
    Some((place.to_owned(), message.to_owned()))
}

#[test]
fn contrast_is_computed_for_every_form_of_a_colour() {
    for colour in [
        "#999999",
        "#999",
        "#999f",
        "#666a",
        "#999999ff",
        "rgb(153,153,153)",
        "rgb(60% 60% 60%)",
        "rgba(0,0,0,0.4)",
        "hsl(0,0%,60%)",
        "hsl(0.5turn 0% 0% / 40%)",
        "DarkGray",
    ] {
        let folder = dressed(&format!("p {{ color: {colour} }}"));
        let (place, message) = contrast(&folder).unwrap_or_else(|| panic!("{colour} is too light"));
        assert_eq!(place, "templates/plain/style.css:1:5", "{colour}");
        let shown = if colour == "DarkGray" {
            "#a9a9a9"
        } else {
            "#999999"
        };
        assert!(message.starts_with(shown), "{colour}: {message}");
    }
    for style in [
        "p { color: rgb(0 0 0 / 80%) }",
        "p { color: white; background: navy url('data:a;b:c}d') }",
        "p { color: white; background-color: transparent; background-color: hsl(240,100%,25%) }",
        "p { color: currentcolor; content: '; color: white' }",
    ] {
        assert_eq!(contrast(&dressed(style)), None, "{style}");
    }
}

#[test]
fn low_contrast_is_reported_where_the_colour_is_declared() {
    let folder = dressed("h5 { color: var(--color-pale) }\np { color: var(--color-weak) }");
    let theme = folder.read("templates/plain/theme.toml");
    // Both tokens have the same value; the issue has no `h5`.
    let theme = format!("{theme}\npale = \"#999999\"\nweak = \"#999999\"\n");
    folder.write("templates/plain/theme.toml", &theme);
    let line = theme.lines().position(|line| line.starts_with("weak"));
    let line = line.expect("the token") + 1;
    let (place, message) = contrast(&folder).expect("a finding");
    assert_eq!(place, format!("templates/plain/theme.toml:{line}:8"));
    assert!(
        message.starts_with("`--color-weak` (#999999) on #ffffff"),
        "{message}"
    );
}

#[test]
fn a_missing_file_of_a_template_is_the_only_finding() {
    for (file, said) in [
        ("style.css", "there is no file `templates/plain/style.css`"),
        ("theme.toml", "there is no template `plain`"),
    ] {
        let folder = dressed("p { color: var(--color-text) }");
        std::fs::remove_file(folder.path().join("templates/plain").join(file)).expect("a file");
        let run = folder.run(&["check", "one"]);
        assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
        assert!(
            run.stderr.contains(said) && run.stderr.contains("\nhint: write "),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("warning["), "{}", run.stderr);
    }
}

#[test]
fn mistakes_beyond_the_fiftieth_are_counted() {
    let css: String = (0..70)
        .map(|at| format!("p {{ colr{at}: red; margin: {at}xp }}\n"))
        .collect();
    let told = dressed(&css).run(&["check", "one"]).stderr;
    for code in ["unknown-property", "impossible-value"] {
        assert_eq!(
            told.matches(&format!("warning[{code}]")).count(),
            51,
            "{told}"
        );
    }
    assert_eq!(
        told.matches("20 more findings of this kind are not shown")
            .count(),
        2,
        "{told}"
    );
    let told = dressed(&"p { : red }\n".repeat(70))
        .run(&["check", "one"])
        .stderr;
    assert_eq!(told.matches("error[bad-css]").count(), 51, "{told}");
    assert!(told.contains("20 more findings"), "{told}");
}

#[test]
fn an_address_outside_of_a_background_is_no_background() {
    let told = |css: &str| dressed(css).run(&["check", "one"]).stderr;
    let address = "url(data:image/gif;base64,R0lGODlhAQABAAAAACw=)";
    for property in ["list-style-image", "content", "cursor", "mask-image"] {
        let told = told(&format!("p {{ {property}: {address} }}"));
        assert!(!told.contains("`background-image`"), "{property}: {told}");
    }
    for property in ["background", "background-image"] {
        let told = told(&format!("p {{ {property}: {address} }}"));
        assert!(
            told.contains("`background-image` is unknown to Outlook"),
            "{property}: {told}"
        );
    }
}
