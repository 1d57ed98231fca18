//! Rules for a script that is written from the right: left and right change places.
//!
//! A template is written once, from the left. Logical properties (`margin-inline-start`) would do this in
//! a browser, but Word, Yahoo and several webmails do not know them (caniemail, css-margin-inline-start),
//! and a border on the wrong side is worse than the few lines here.

use crate::template::Sheet;

/// The rules of a template with their sides exchanged.
pub(super) fn sheet(sheet: &Sheet) -> Sheet {
    Sheet {
        plain: mirrored(&sheet.plain),
        media: sheet.media.iter().map(|rule| mirrored(rule)).collect(),
    }
}

fn mirrored(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    for part in css.split_inclusive(['{', '}', ';']) {
        let words = part.trim_end_matches(['{', '}', ';']);
        match words.split_once(':') {
            Some((name, value)) if !part.ends_with('{') => {
                out.push_str(&declaration(name, value));
            }
            _ => out.push_str(words),
        }
        out.push_str(&part[words.len()..]);
    }
    out
}

/// Room between letters is taken away: Arabic ones are joined, and the room would tear them apart.
fn declaration(name: &str, value: &str) -> String {
    let value = match name.trim() {
        "float" | "clear" | "text-align" => exchanged(value),
        "margin" | "padding" | "border-width" | "border-color" | "border-style" => turned(value),
        "letter-spacing" => " 0".to_owned(),
        _ => value.to_owned(),
    };
    format!("{}:{value}", exchanged(name))
}

fn exchanged(words: &str) -> String {
    if words.contains("left") {
        words.replace("left", "right")
    } else {
        words.replace("right", "left")
    }
}

/// `top right bottom left`, turned; fewer values are the same on both sides.
fn turned(value: &str) -> String {
    let (value, important) = match value.split_once('!') {
        Some((value, _)) => (value, " !important"),
        None => (value, ""),
    };
    match value.split_whitespace().collect::<Vec<_>>()[..] {
        [top, right, bottom, left] => format!(" {top} {left} {bottom} {right}{important}"),
        _ => format!("{value}{}", important.trim_start()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_change_places() {
        assert_eq!(
            mirrored(".a { float: left; margin: 1px 2px 3px 4px; border-left: 3px solid #112233 }"),
            ".a { float: right; margin: 1px 4px 3px 2px; border-right: 3px solid #112233 }"
        );
        assert_eq!(
            mirrored("@media (max-width:480px) { .a { padding: 0 16px !important; } }"),
            "@media (max-width:480px) { .a { padding: 0 16px !important; } }"
        );
        assert_eq!(
            mirrored(".a{letter-spacing: 1px;color:#112233}"),
            ".a{letter-spacing: 0;color:#112233}"
        );
        assert_eq!(
            mirrored("a:hover{margin:0 1px 0 0 !important}"),
            "a:hover{margin: 0 0 0 1px !important}"
        );
    }
}
