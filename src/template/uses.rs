//! What a style sheet uses, each with its place: properties with their values, selectors, at-rules.

use std::sync::Arc;

use cssparser::{ParseError, Parser, SourcePosition, Token};

use super::sheet::without_comments;
use crate::diag::{Place, Source};

/// One thing that a style sheet uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// What it is.
    pub what: Used,
    /// Where it stands.
    pub place: Place,
    /// The at-rules around it, the outermost first, such as `media`.
    pub inside: Vec<String>,
}

/// What a style sheet can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// `name: value`
    Declaration(String, String),
    /// The selectors of a rule.
    Selectors(String),
    /// `@name prelude`
    AtRule(String, String),
}

/// Walks through `css`. What cannot be read is passed over: `sheet` tells it.
pub(super) fn uses(css: &Arc<Source>) -> Vec<Use> {
    let mut parser = Parser::new(css.text());
    let mut walk = Walk {
        css,
        origin: parser.position(),
        inside: Vec::new(),
        uses: Vec::new(),
    };
    walk.rules(&mut parser);
    walk.uses
}

struct Walk<'a> {
    css: &'a Arc<Source>,
    origin: SourcePosition,
    inside: Vec<String>,
    uses: Vec<Use>,
}

impl Walk<'_> {
    fn rules(&mut self, parser: &mut Parser<'_>) {
        loop {
            parser.skip_whitespace();
            let start = self.offset(parser);
            let mut at_rule = None;
            let mut is_first = true;
            let mut is_broken = false;
            let has_block = loop {
                match parser.next() {
                    Err(_) => return,
                    Ok(Token::CurlyBracketBlock) => break true,
                    Ok(Token::Semicolon) if at_rule.is_some() => break false,
                    Ok(Token::AtKeyword(name)) if is_first => at_rule = Some(name.to_string()),
                    Ok(token) => is_broken |= token.is_parse_error(),
                }
                is_first = false;
            };
            // What ended it, a brace or a semicolon, is one byte long.
            let end = self.offset(parser) - 1;
            let name = at_rule.clone();
            // Of a prelude that is no CSS, told by `sheet`, nobody knows what it selects.
            if !is_broken {
                self.prelude(start, end, at_rule);
            }
            if has_block {
                self.block(parser, name);
            }
        }
    }

    fn prelude(&mut self, start: usize, end: usize, at_rule: Option<String>) {
        let text = self.css.text()[start..end].trim_end();
        let end = start + text.len();
        let text = without_comments(text);
        let what = match at_rule {
            None => Used::Selectors(text),
            Some(name) => {
                let prelude = text.get(name.len() + 1..).unwrap_or_default();
                Used::AtRule(name, prelude.trim().to_owned())
            }
        };
        self.push(what, start, end);
    }

    fn block(&mut self, parser: &mut Parser<'_>, at_rule: Option<String>) {
        let read: Result<(), ParseError<()>> = parser.parse_nested_block(|block| {
            match at_rule {
                Some(name) => {
                    self.inside.push(name);
                    self.rules(block);
                    self.inside.pop();
                }
                None => self.declarations(block),
            }
            while block.next().is_ok() {}
            Ok(())
        });
        debug_assert!(read.is_ok(), "a block is read to its end");
    }

    fn declarations(&mut self, block: &mut Parser<'_>) {
        loop {
            block.skip_whitespace();
            let start = self.offset(block);
            let name = match block.next() {
                Err(_) => return,
                Ok(Token::Ident(name)) => name.to_string().to_ascii_lowercase(),
                Ok(_) => continue,
            };
            if !matches!(block.next(), Ok(Token::Colon)) {
                continue;
            }
            let value_start = self.offset(block);
            let end = loop {
                match block.next() {
                    Err(_) => break self.offset(block),
                    Ok(Token::Semicolon) => break self.offset(block) - 1,
                    Ok(_) => {}
                }
            };
            let value = self.css.text()[value_start..end].trim_end();
            let end = value_start + value.len();
            self.push(
                Used::Declaration(name, value.trim_start().to_owned()),
                start,
                end,
            );
        }
    }

    fn push(&mut self, what: Used, start: usize, end: usize) {
        self.uses.push(Use {
            what,
            place: Place::new(self.css, start..end),
            inside: self.inside.clone(),
        });
    }

    fn offset(&self, parser: &Parser<'_>) -> usize {
        parser.slice_from(self.origin).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_with_its_place() {
        let css = "/* a */ p, .x { color: red; margin: 0 }\n@media (max-width:480px) {\n  .y { padding: 0 !important }\n}";
        let source = Source::new("style.css", css);
        let found: Vec<String> = uses(&source)
            .iter()
            .map(|one| format!("{} {:?} {:?}", one.place, one.what, one.inside))
            .collect();
        let expected = [
            "style.css:1:9 Selectors(\"p, .x\") []",
            "style.css:1:17 Declaration(\"color\", \"red\") []",
            "style.css:1:29 Declaration(\"margin\", \"0\") []",
            "style.css:2:1 AtRule(\"media\", \"(max-width:480px)\") []",
            "style.css:3:3 Selectors(\".y\") [\"media\"]",
            "style.css:3:8 Declaration(\"padding\", \"0 !important\") [\"media\"]",
        ];
        assert_eq!(found, expected);
    }
}
