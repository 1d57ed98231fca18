//! Inlined styles mean what the style sheet means, compared in a browser.

use serde_json::Value;

use super::{built, folder};
use crate::support::browser::Page;

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
