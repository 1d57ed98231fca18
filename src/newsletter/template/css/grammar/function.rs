//! Functions in values: unknown ones, and `calc()` expressions that a browser cannot read.

use cssparser::Token;

use super::super::lexeme::{Lexeme, close_of, lexemes, trimmed};
use super::function_names::FUNCTIONS;
use super::impossible::{Impossible, Remedy, error, one_of_these, write};
use super::units::{is_unit, nearest_unit};

/// The error in the functions of a value, if one is known.
pub(super) fn broken_function(value: &str) -> Option<Impossible> {
    // `progid:DXImageTransform.Microsoft.gradient(…)` has a grammar of its own.
    if !value.contains('(') || value.contains("progid:") {
        return None;
    }
    let lexemes = lexemes(value);
    (0..lexemes.len()).find_map(|at| match &lexemes[at].token {
        Token::Function(name) => function(&name.to_ascii_lowercase(), &lexemes, at, value),
        _ => None,
    })
}

/// The error in the function whose bracket opens at `open`. Functions of vendors are not checked.
fn function(name: &str, lexemes: &[Lexeme<'_>], open: usize, value: &str) -> Option<Impossible> {
    if name.starts_with('-') {
        return None;
    }
    if !FUNCTIONS.contains(&name) {
        let message = format!("unknown function `{name}()`");
        return Some(error(message, one_of_these(name, vec![FUNCTIONS])));
    }
    let inside = &lexemes[open + 1..close_of(lexemes, open)?];
    match name {
        "calc" | "min" | "max" | "clamp" => sums(name, inside, value),
        _ => None,
    }
}

/// The error in the arguments of a math function. Each argument is a sum.
fn sums(name: &str, inside: &[Lexeme<'_>], value: &str) -> Option<Impossible> {
    if trimmed(inside).is_empty() {
        return Some(error(format!("`{name}()` is empty"), Remedy::Unknown));
    }
    let mut depth = 0_usize;
    let mut arguments = inside.split(|lexeme| {
        match lexeme.token {
            Token::Function(_) | Token::ParenthesisBlock => depth += 1,
            Token::CloseParenthesis => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && lexeme.token == Token::Comma
    });
    arguments.find_map(|argument| sum(argument, value))
}

/// A part of a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Term<'a> {
    /// A number without a unit.
    Number(&'a str),
    /// A number with a unit, or a percentage.
    Length,
    /// A value whose type is only known when it is computed.
    Other,
}

/// The error in a sum such as `100% - 2px`: values separated by operators, with spaces around `+` and `-`.
fn sum(argument: &[Lexeme<'_>], value: &str) -> Option<Impossible> {
    let argument = trimmed(argument);
    let mut sum = Sum {
        terms: Vec::new(),
        operator: Some('+'),
        is_product: false,
    };
    let mut at = 0;
    while let Some(lexeme) = argument.get(at) {
        let end = close_of(argument, at).unwrap_or(at);
        let text = &value[lexeme.start..argument[end].end];
        let found = match &lexeme.token {
            _ if lexeme.is_blank() => None,
            Token::Delim(sign @ ('+' | '-')) if !is_apart(argument, at) => Some(no_blanks(*sign)),
            Token::Delim(sign @ ('+' | '-' | '*' | '/')) => {
                sum.operator(*sign);
                None
            }
            Token::ParenthesisBlock if sum.operator.is_some() => {
                sum.operand(&lexeme.token, text);
                self::sum(&argument[at + 1..end], value)
            }
            token => sum.operand(token, text),
        };
        if found.is_some() {
            return found;
        }
        at = end + 1;
    }
    sum.end()
}

/// Whether the operator at `at` has spaces around it.
fn is_apart(argument: &[Lexeme<'_>], at: usize) -> bool {
    let is_blank = |at: usize| argument.get(at).is_none_or(Lexeme::is_blank);
    at.checked_sub(1).is_none_or(is_blank) && is_blank(at + 1)
}

/// The part of a sum that was read.
struct Sum<'a> {
    terms: Vec<Term<'a>>,
    /// The last operator, until a value follows it.
    operator: Option<char>,
    is_product: bool,
}

impl<'a> Sum<'a> {
    fn operator(&mut self, sign: char) {
        self.operator = Some(sign);
        self.is_product = matches!(sign, '*' | '/');
        if self.is_product {
            self.terms.pop();
        }
    }

    fn operand(&mut self, token: &Token<'_>, text: &'a str) -> Option<Impossible> {
        if self.operator.take().is_none() {
            return Some(no_operator(token, text));
        }
        if let Token::Dimension { unit, .. } = token
            && !is_unit(&unit.to_ascii_lowercase())
        {
            return Some(unit_with_operator(unit, text));
        }
        self.terms.push(match self.is_product {
            true => Term::Other,
            false => term(token, text),
        });
        None
    }

    /// The error of an operator without a value, or of a number that is added to a length.
    fn end(&self) -> Option<Impossible> {
        let is_begun = !self.terms.is_empty() || self.is_product;
        if let Some(sign) = self.operator.filter(|_| is_begun) {
            let message = format!("a value is missing after `{sign}`");
            return Some(error(message, Remedy::Unknown));
        }
        let number = self.terms.iter().find_map(|term| match term {
            Term::Number(text) => Some(*text),
            _ => None,
        })?;
        self.terms.contains(&Term::Length).then(|| {
            let message =
                format!("`{number}` has no unit, but the value that it is added to has one");
            let hint = format!("write the unit, such as `{number}px`");
            error(message, write(&hint))
        })
    }
}

fn term<'a>(token: &Token<'_>, text: &'a str) -> Term<'a> {
    match token {
        Token::Number { .. } => Term::Number(text),
        Token::Dimension { .. } | Token::Percentage { .. } => Term::Length,
        _ => Term::Other,
    }
}

fn no_blanks(sign: char) -> Impossible {
    let example = format!("write spaces around it: `100% {sign} 2px`");
    error(format!("`{sign}` has no spaces around it"), write(&example))
}

/// Two values without an operator: mostly `1px+2px`, in which `+2px` is a number with a sign.
fn no_operator(token: &Token<'_>, text: &str) -> Impossible {
    let has_sign = match token {
        Token::Number { has_sign, .. }
        | Token::Dimension { has_sign, .. }
        | Token::Percentage { has_sign, .. } => *has_sign,
        _ => false,
    };
    match text.chars().next().filter(|_| has_sign) {
        Some(sign) => no_blanks(sign),
        None => error(
            format!("an operator is missing before `{text}`"),
            write("write `+`, `-`, `*` or `/` between two values"),
        ),
    }
}

/// CSS reads `10px-2px` as one number with the unit `px-2px`.
fn unit_with_operator(unit: &str, text: &str) -> Impossible {
    let first = unit.split_once('-').map(|(unit, _)| unit);
    if first.is_some_and(|unit| is_unit(&unit.to_ascii_lowercase())) {
        return no_blanks('-');
    }
    let message = format!("`{unit}` in `{text}` is not a unit");
    error(message, nearest_unit(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_can_be_computed_and_others() {
        for good in [
            "calc(1px + 2px)",
            "calc(100% - (2 * 3px))",
            "calc(100%/3)",
            "calc(2*3px)",
            "calc(1px + -2px)",
            "calc(-1 * 2px)",
            "calc(2px * 3 + 1px)",
            "calc(1 + 2)",
            "min(100%, 600px)",
            "max(1px + 2px, 3em)",
            "clamp(1rem, 2.5vw, 2rem)",
            "calc(env(safe-area-inset-top) + 1px)",
            "-webkit-calc(1px+2px)",
            "linear-gradient(to right, red, blue)",
            "translate(-50%, -50%)",
            "progid:DXImageTransform.Microsoft.gradient(startColorstr='#1', endColorstr='#2')",
            "alpha(opacity=50)",
            "url(a+b.png)",
        ] {
            assert_eq!(broken_function(good), None, "{good}");
        }
        for bad in [
            "calc(1px+2px)",
            "calc(1px -2px)",
            "calc(100%- 2px)",
            "calc(10px-2px)",
            "calc(1px 2px)",
            "calc(1px +)",
            "calc(1px + 2)",
            "calc(1px + 2xp)",
            "calc()",
            "calc(2 * (1px+2px))",
            "min(1px+2px, 3px)",
            "clac(1px + 2px)",
            "linear-gradeint(red, blue)",
            "rbg(1,2,3)",
        ] {
            assert!(broken_function(bad).is_some(), "{bad}");
        }
    }
}
