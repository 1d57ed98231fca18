//! Python literals as `str()` prints a dictionary: read, never evaluated.

use serde_json::{Map, Number, Value};

/// How deep literals may be nested.
const DEPTH: usize = 32;

/// The literal as JSON; `None` if the text is anything else, such as a call or a name.
pub(super) fn literal(text: &str) -> Option<Value> {
    let mut parser = LiteralParser { rest: text.trim() };
    let value = parser.value(DEPTH)?;
    parser.rest.is_empty().then_some(value)
}

struct LiteralParser<'a> {
    rest: &'a str,
}

impl LiteralParser<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match self.rest.chars().next()? {
            '{' => self.dictionary(depth),
            '[' => self.list(']', depth),
            '(' => self.list(')', depth),
            '\'' | '"' => self.string().map(Value::String),
            _ => self.word(),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        self.elements('}', |parser| {
            let key = parser.string()?;
            parser.expect(':')?;
            members.insert(key, parser.value(depth)?);
            Some(())
        })?;
        Some(Value::Object(members))
    }

    fn list(&mut self, end: char, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.elements(end, |parser| {
            values.push(parser.value(depth)?);
            Some(())
        })?;
        Some(Value::Array(values))
    }

    /// Elements that are separated by commas, from the opening bracket to `end`.
    fn elements(
        &mut self,
        end: char,
        mut element: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.skip(1);
        while !self.eat(end) {
            element(self)?;
            if !self.eat(',') {
                return self.expect(end);
            }
        }
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let quote = self
            .rest
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'))?;
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => out.push(escaped(&mut chars)?),
                c if c == quote => {
                    self.skip(at + 1);
                    return Some(out);
                }
                c => out.push(c),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find([',', '}', ']', ')', ':']);
        let word = self.rest[..end.unwrap_or(self.rest.len())].trim_end();
        let value = match word {
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "None" => Value::Null,
            number => Value::Number(number.parse::<Number>().ok()?),
        };
        self.skip(word.len());
        Some(value)
    }

    fn expect(&mut self, c: char) -> Option<()> {
        self.eat(c).then_some(())
    }

    fn eat(&mut self, c: char) -> bool {
        let is_there = self.rest.starts_with(c);
        if is_there {
            self.skip(c.len_utf8());
        }
        is_there
    }

    /// Skips bytes, and the blanks after them.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest[bytes..].trim_start();
    }
}

/// The character after a backslash.
fn escaped(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let (_, c) = chars.next()?;
    match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'x' => code(chars, 2),
        'u' => code(chars, 4),
        'U' => code(chars, 8),
        '\\' | '\'' | '"' => Some(c),
        _ => None,
    }
}

/// A character by its number in so many hexadecimal digits.
fn code(chars: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<char> {
    let code: String = chars.take(digits).map(|(_, c)| c).collect();
    let number = u32::from_str_radix(&code, 16).ok();
    number
        .filter(|_| code.len() == digits)
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn literals_are_read_and_nothing_else() {
        for (text, expected) in [
            ("{}", Some(json!({}))),
            (
                r#"{'role': 'editor', 'since': 2019, 'note': "Liv's own"}"#,
                Some(json!({"role": "editor", "since": 2019, "note": "Liv's own"})),
            ),
            (
                r"{'a': [True, False, None, -1.5], 'b': ('x',), 'c': {'d': '\u00e9\'\\'}}",
                Some(json!({"a": [true, false, null, -1.5], "b": ["x"], "c": {"d": "é'\\"}})),
            ),
            ("{'a': print('x')}", None),
            ("{'a': b}", None),
            ("{'a': 'b'", None),
            ("{'a' 'b'}", None),
            ("{'a': 1} {}", None),
            (r"{'a': '\q'}", None),
        ] {
            assert_eq!(literal(text), expected, "{text}");
        }
        assert_eq!(literal(&"[".repeat(100_000)), None);
    }
}
