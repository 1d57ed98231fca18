//! Finds files that a value loads from a server. It reads tokens, because `URL(`, `u\72l(` and `image-set("…")` load files
//! too.

use cssparser::Token;

use super::lexeme::{close_of, lexemes};

/// The functions whose string argument is a URL.
const LOADERS: [&str; 9] = [
    "url",
    "src",
    "image",
    "image-set",
    "-webkit-image-set",
    "cross-fade",
    "-webkit-cross-fade",
    // `filter: progid:DXImageTransform.Microsoft.AlphaImageLoader(src="…")`
    "alphaimageloader",
    "-moz-binding",
];

/// The first URL that a value loads from a server. `data:` URLs are part of the message.
pub fn request(value: &str) -> Option<String> {
    let lexemes = lexemes(value);
    let mut loaders: Vec<usize> = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate() {
        loaders.retain(|close| *close > at);
        match &lexeme.token {
            Token::Function(name) if is_loader(name) => {
                loaders.push(close_of(&lexemes, at).unwrap_or(lexemes.len()));
            }
            Token::UnquotedUrl(address) if is_elsewhere(address) => {
                return Some(address.to_string());
            }
            Token::QuotedString(address) if !loaders.is_empty() && is_elsewhere(address) => {
                return Some(address.to_string());
            }
            _ => {}
        }
    }
    None
}

fn is_loader(name: &str) -> bool {
    LOADERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a URL leads outside the message. `#name` is inside.
fn is_elsewhere(address: &str) -> bool {
    let address = address.trim();
    let is_data = address
        .get(..5)
        .is_some_and(|head| head.eq_ignore_ascii_case("data:"));
    !is_data && !address.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_load_is_seen() {
        for value in [
            "url(https://heron.example/a.png)",
            "URL( 'a.png' )",
            "u\\72l(a.png)",
            "\\75\\72\\6c('//heron.example/a')",
            "image-set(\"a.png\" 1x, \"b.png\" 2x)",
            "-webkit-image-set(url(a.png) 1x)",
            "cross-fade(red, url(a.png))",
            "cross-fade('a.png', white)",
            "src(\"a.png\")",
            "progid:DXImageTransform.Microsoft.AlphaImageLoader(src='a.png')",
            "red url('data:image/png;base64,AA') , url(a.png)",
        ] {
            assert!(request(value).is_some(), "{value}");
        }
        for value in [
            "'url(a.png)'",
            "url(data:image/png;base64,AA)",
            "url('DATA:image/svg+xml,%3Csvg/%3E')",
            "url(#clip)",
            "curl(a)",
            "Georgia, 'Times'",
        ] {
            assert_eq!(request(value), None, "{value}");
        }
    }
}
