//! Style sheets that load something, contain markup, or would take long.

use std::collections::BTreeMap;

use franking::diag::{Findings, Source};
use franking::newsletter::template::StyleSheet;
use proptest::prelude::*;

use super::{built, folder};
use crate::support::Folder;
use crate::support::browser::Page;

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
fn a_style_that_loads_a_resource_is_an_error_in_every_spelling() {
    let css = REQUESTS.join("\n");
    let folder = folder(&css);
    let run = folder.run(&["check", "one"]);
    let output = crate::compile::findings::reported(&run.stderr);
    for (line, rule) in (1..).zip(REQUESTS) {
        let place = format!("templates/plain/style.css:{line}:");
        let is_told =
            |(at, code): &(String, String)| at.starts_with(&place) && code == "foreign-request";
        assert!(output.iter().any(is_told), "{rule}: {}", run.stderr);
    }
    assert_eq!(run.code, 1);
    assert_eq!(folder.run(&["build", "one"]).code, 1);
}

#[test]
fn embedded_pictures_and_urls_in_text_are_not_reported_as_loading() {
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
fn an_expensive_style_sheet_is_an_error_that_names_the_limit() {
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
        let output: Vec<String> = crate::compile::findings::reported(&run.stderr)
            .into_iter()
            .map(|(_, code)| code)
            .collect();
        assert_eq!(
            (run.code, output),
            (1, vec![code.to_owned()]),
            "{name}: {}",
            run.stderr
        );
    }
}

/// As many rules as the limit allows, each about each element.
#[test]
fn a_style_sheet_at_the_limits_is_compiled() {
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
    fn any_text_is_parsed_to_its_end(pieces in proptest::collection::vec(piece(), 0..40)) {
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
