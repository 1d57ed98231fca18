//! The tokens of a style sheet, including brackets, and a writer for their normalized form.

use cssparser::{Parser, ToCss, Token};

/// A token with its range in the text.
#[derive(Debug)]
pub(super) struct Lexeme<'a> {
    pub(super) token: Token<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Lexeme<'_> {
    /// Whether it is white space or a comment.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.token, Token::WhiteSpace(_) | Token::Comment(_))
    }
}

/// All tokens of `text` in their order.
///
/// cssparser either skips the content of brackets or hides the closing bracket. Both are needed to find errors, so a new
/// parser starts after each opening bracket.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme<'_>> {
    let mut lexemes = Vec::with_capacity(text.len() / 4);
    let mut begin = 0;
    while begin < text.len() {
        begin += until_bracket(&text[begin..], begin, &mut lexemes);
    }
    lexemes
}

/// Adds the tokens of `text` up to the first opening bracket. Returns their length in bytes.
fn until_bracket<'a>(text: &'a str, begin: usize, lexemes: &mut Vec<Lexeme<'a>>) -> usize {
    let mut parser = Parser::new(text);
    loop {
        let start = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments() else {
            return text.len();
        };
        let token = token.clone();
        let end = parser.position().byte_index();
        let opens = closing(&token).is_some();
        lexemes.push(Lexeme {
            token,
            start: begin + start,
            end: begin + end,
        });
        if opens {
            return end;
        }
    }
}

/// The closing token for an opening `token`.
pub(super) fn closing(token: &Token<'_>) -> Option<Token<'static>> {
    match token {
        Token::Function(_) | Token::ParenthesisBlock => Some(Token::CloseParenthesis),
        Token::SquareBracketBlock => Some(Token::CloseSquareBracket),
        Token::CurlyBracketBlock => Some(Token::CloseCurlyBracket),
        _ => None,
    }
}

/// The index of the bracket that closes the one at `open`.
pub(super) fn close_of(lexemes: &[Lexeme<'_>], open: usize) -> Option<usize> {
    let mut closers = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate().skip(open) {
        if let Some(closer) = closing(&lexeme.token) {
            closers.push(closer);
        } else if closers.last() == Some(&lexeme.token) {
            closers.pop();
            if closers.is_empty() {
                return Some(at);
            }
        }
        if closers.is_empty() {
            return None;
        }
    }
    None
}

/// The lexemes without white space and comments at both ends.
pub(super) fn trimmed<'l, 'a>(mut lexemes: &'l [Lexeme<'a>]) -> &'l [Lexeme<'a>] {
    while let [first, rest @ ..] = lexemes
        && first.is_blank()
    {
        lexemes = rest;
    }
    while let [rest @ .., last] = lexemes
        && last.is_blank()
    {
        lexemes = rest;
    }
    lexemes
}

/// Whether all brackets are balanced.
pub(super) fn all_closed(lexemes: &[Lexeme<'_>]) -> bool {
    let mut closers = Vec::new();
    for lexeme in lexemes {
        if let Some(closer) = closing(&lexeme.token) {
            closers.push(closer);
        } else if is_closing(&lexeme.token) && closers.pop().as_ref() != Some(&lexeme.token) {
            return false;
        }
    }
    closers.is_empty()
}

fn is_closing(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket
    )
}

/// The normalized text of the tokens.
pub(super) fn written(lexemes: &[Lexeme<'_>], text: &str, blanks: Blanks) -> String {
    let mut writer = LexemeWriter::new(blanks);
    for lexeme in trimmed(lexemes) {
        writer.push(lexeme, text);
    }
    writer.finish()
}

/// The meaning of spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// In a value, a comment separates two words.
    Value,
    /// In a condition, spaces around a colon have no meaning.
    Condition,
    /// In a selector, a comment does not separate: `.a/**/.b` is `.a.b`.
    Selector,
}

/// Writes text token by token, in a form that is valid in a style sheet, a style block and an attribute.
#[derive(Debug)]
pub(super) struct LexemeWriter {
    out: String,
    blanks: Blanks,
    is_space_due: bool,
    /// Whether the previous token is a `<` without a space after it.
    is_after_less: bool,
}

impl LexemeWriter {
    pub(super) fn new(blanks: Blanks) -> Self {
        Self {
            out: String::new(),
            blanks,
            is_space_due: false,
            is_after_less: false,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Adds a token of `text`.
    pub(super) fn push(&mut self, lexeme: &Lexeme<'_>, text: &str) {
        let is_after_less = std::mem::take(&mut self.is_after_less);
        match &lexeme.token {
            Token::WhiteSpace(_) => self.is_space_due = true,
            Token::Comment(_) => self.is_space_due |= self.blanks != Blanks::Selector,
            token => {
                // Without a space between them, `<` and `=` are the operator `<=` of a media query.
                self.is_space_due &= !(is_after_less && *token == Token::Delim('='));
                self.space_before(token);
                self.token(token, &text[lexeme.start..lexeme.end]);
            }
        }
    }

    /// Adds normalized text.
    pub(super) fn push_written(&mut self, text: &str) {
        self.space_before(&Token::Colon);
        self.out.push_str(text);
    }

    fn space_before(&mut self, token: &Token<'_>) {
        let is_colon = *token == Token::Colon && self.blanks == Blanks::Condition;
        let is_joined = is_colon
            || matches!(
                token,
                Token::Comma | Token::CloseParenthesis | Token::CloseSquareBracket
            );
        let follows_colon = self.blanks == Blanks::Condition && self.out.ends_with(':');
        let is_needed = !is_joined && !follows_colon && !self.out.ends_with([',', '(', '[']);
        if self.is_space_due && is_needed && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.is_space_due = false;
    }

    fn token(&mut self, token: &Token<'_>, written: &str) {
        match token {
            Token::QuotedString(value) => push_string(value, &mut self.out),
            Token::UnquotedUrl(value) => {
                self.out.push_str("url(");
                push_string(value, &mut self.out);
                self.out.push(')');
            }
            // A space after `<` prevents an end tag. Only `=` may follow directly.
            Token::Delim('<') => {
                self.out.push('<');
                self.is_space_due = true;
                self.is_after_less = true;
            }
            token if token.is_parse_error() && !is_closing(token) => {}
            _ if written.contains(is_hazardous) => push_name(token, &mut self.out),
            _ => self.out.push_str(written),
        }
    }
}

/// Whether a character must be escaped: it could end an attribute or a style block, or be read as a placeholder mark.
fn is_hazardous(c: char) -> bool {
    matches!(c, '\\' | '<' | '>' | '&' | '"' | '\'' | '{' | '}' | ';')
        || c.is_control()
        || crate::util::escape::is_private(c)
}

/// Writes a string in single quotes, because attributes have double quotes.
fn push_string(value: &str, out: &mut String) {
    out.push('\'');
    for c in value.chars() {
        push_escaped(c, out);
    }
    out.push('\'');
}

fn push_escaped(c: char, out: &mut String) {
    match is_hazardous(c) {
        true => out.push_str(&format!("\\{:x} ", u32::from(c))),
        false => out.push(c),
    }
}

/// Writes a name with escapes. Characters that cssparser does not escape, but must be, are written as their numbers.
fn push_name(token: &Token<'_>, out: &mut String) {
    let written = token.to_css_string();
    let mut characters = written.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some(next) if is_hazardous(next) => push_escaped(next, out),
                Some(next) => out.extend(['\\', next]),
                None => {}
            },
            '>' => out.push('>'),
            c => push_escaped(c, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, blanks: Blanks) -> String {
        super::written(&lexemes(text), text, blanks)
    }

    #[test]
    fn every_token_is_found_with_its_bytes() {
        let text = "a[b=\"}\"] { c: d(e) } /* } */";
        let found = lexemes(text);
        let joined: String = found.iter().map(|one| &text[one.start..one.end]).collect();
        assert_eq!(joined, text);
        let closed = found
            .iter()
            .position(|one| one.token == Token::CurlyBracketBlock);
        assert_eq!(close_of(&found, closed.unwrap()), Some(found.len() - 3));
        assert_eq!(lexemes(&"(".repeat(100_000)).len(), 100_000);
    }

    #[test]
    fn values_are_written_in_one_way() {
        for (text, expected) in [
            (" 1px   2px ", "1px 2px"),
            (
                "Georgia , \"Times New Roman\",serif",
                "Georgia,'Times New Roman',serif",
            ),
            ("rgb( 1 , 2,3 )", "rgb(1,2,3)"),
            ("1px/**/2px", "1px 2px"),
            ("calc(1px + 2px)", "calc(1px + 2px)"),
            ("\"it's\"", "'it\\27 s'"),
            ("'</style>'", "'\\3c /style\\3e '"),
            ("'a\"b;c}d'", "'a\\22 b\\3b c\\7d d'"),
            (
                "url(data:image/svg+xml,<svg/>)",
                "url('data:image/svg+xml,\\3c svg/\\3e ')",
            ),
            ("a\\<b", "a\\3c b"),
            ("'\u{E000}1\u{E001}'", "'\\e000 1\\e001 '"),
        ] {
            assert_eq!(written(text, Blanks::Value), expected);
        }
        let condition = "screen and ( max-width : 480px )";
        let expected = "screen and (max-width:480px)";
        assert_eq!(written(condition, Blanks::Condition), expected);
        for (condition, expected) in [
            ("(width <= 600px)", "(width <= 600px)"),
            ("(400px<=width<=600px)", "(400px<=width<=600px)"),
            ("(width >= 600px)", "(width >= 600px)"),
            ("(width < = 600px)", "(width < = 600px)"),
            ("(width</style)", "(width< /style)"),
            ("(width<!a)", "(width< !a)"),
            ("(width<a)", "(width< a)"),
        ] {
            assert_eq!(written(condition, Blanks::Condition), expected);
        }
        assert_eq!(written(".a/**/.b  > p", Blanks::Selector), ".a.b > p");
    }
}
