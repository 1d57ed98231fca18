//! Dates that do not exist, and dates in national formats.

use jiff::ToSpan;
use jiff::civil::{Date, Time};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The message about the invalid date `written`: `there is no 30 February in 2026`, or that it is not a date at all.
pub fn invalid_date(written: &str) -> String {
    let day = written.trim().get(..10).and_then(day_beyond_its_month);
    day.unwrap_or_else(|| format!("invalid date `{}`", written.trim()))
}

/// The hint for the invalid date `written`.
pub fn date_hint(written: &str) -> String {
    let begin = written.trim();
    let is_beyond = begin.get(..10).and_then(day_beyond_its_month).is_some();
    if let Some(last) = begin.get(..8).filter(|_| is_beyond).and_then(last_of_month) {
        return format!("the last day of that month is `{last}`");
    }
    let is_offset_beyond = offset_beyond(begin);
    match meant(written) {
        Some(dates) if is_offset_beyond => {
            format!("offsets are between `-12:00` and `+14:00`; without one, write {dates}")
        }
        Some(dates) => format!("write {dates}"),
        None => "write year, month and day: `2026-05-30`, or with a time `2026-05-30T09:00:00`"
            .to_owned(),
    }
}

/// The dates that `written` most likely means, in TOML syntax for a hint: `` `2026-12-30` ``.
///
/// If month and day are ambiguous, both dates are listed. `None` if no date is recognised.
pub(super) fn meant(written: &str) -> Option<String> {
    let tokens = tokens(&spaced(written));
    let (dates, rest) = dates(&tokens)?;
    let clock = clock(rest)?;
    let offset = offset(written);
    let shown = dates.into_iter().filter_map(|date| match clock {
        None => Some(date.to_string()),
        // 24:00 is midnight at the beginning of the next day.
        Some((24, 0, 0)) => Some(format!(
            "{}T00:00:00{offset}",
            date.checked_add(1.day()).ok()?
        )),
        Some((hour, minute, second)) => {
            let time = Time::new(hour, minute, second, 0).ok()?;
            Some(format!("{date}T{time}{offset}"))
        }
    });
    let shown: Vec<String> = shown.map(|date| format!("`{date}`")).collect();
    (!shown.is_empty()).then(|| shown.join(" or "))
}

/// Whether `written` starts like a date, even one that does not exist: `31.13.2026`, `12 décembre 2026`.
pub(super) fn looks_like_a_date(written: &str) -> bool {
    let tokens = tokens(written);
    let year = tokens.iter().take(3).filter_map(Token::number);
    let has_year = year.filter(|year| (1000..=9999).contains(year)).count() == 1;
    has_year && (2..=8).contains(&tokens.len())
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A number and its count of digits.
    Number(i16, usize),
    Word(String),
}

impl Token {
    fn number(&self) -> Option<i16> {
        match self {
            Self::Number(number, _) => Some(*number),
            Self::Word(_) => None,
        }
    }

    /// The number of the month with this English name or abbreviation.
    fn month(&self) -> Option<i16> {
        let Self::Word(word) = self else { return None };
        let at = MONTHS.iter().position(|month| names_month(word, month))?;
        i16::try_from(at + 1).ok()
    }
}

/// Whether the lower-case `word` is the name `month` or begins it.
fn names_month(word: &str, month: &str) -> bool {
    word.len() >= 3 && month.to_lowercase().starts_with(word)
}

/// `20261230` as `2026 12 30`.
fn spaced(written: &str) -> String {
    let written = written.trim();
    let is_compact = written.len() == 8 && written.bytes().all(|b| b.is_ascii_digit());
    match is_compact {
        true => format!("{} {} {}", &written[..4], &written[4..6], &written[6..]),
        false => written.to_owned(),
    }
}

/// Numbers and words; separators differ between countries.
fn tokens(written: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = written.trim();
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let is_same = |c: char| c.is_alphanumeric() && c.is_ascii_digit() == is_digit;
        let end = rest.find(|c| !is_same(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end.max(first.len_utf8()));
        if let Ok(number) = token.parse() {
            tokens.push(Token::Number(number, token.len()));
        } else if first.is_alphanumeric() {
            tokens.push(Token::Word(token.to_lowercase()));
        }
        rest = after;
    }
    tokens
}

/// The possible dates of the first tokens, and the tokens after them.
fn dates(tokens: &[Token]) -> Option<(Vec<Date>, &[Token])> {
    let is_ordinal = |token: &&Token| matches!(token, Token::Word(word) if ["st", "nd", "rd", "th"].contains(&word.as_str()));
    // The letters of an ordinal are ignored: `30th December 2026`, `December 30th, 2026`.
    let ordinal = tokens.iter().take(3).position(|token| is_ordinal(&token));
    let kept: Vec<&Token> = tokens
        .iter()
        .take(4)
        .enumerate()
        .filter(|(at, _)| Some(*at) != ordinal)
        .map(|(_, token)| token)
        .collect();
    let [first, second, third, ..] = kept.as_slice() else {
        return None;
    };
    let rest = &tokens[3 + usize::from(ordinal.is_some())..];
    let date = |year: i16, month: i16, day: i16| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let candidates = match (first, second, third) {
        (Token::Number(year, 4), Token::Number(month, 1..=2), Token::Number(day, 1..=2)) => {
            vec![date(*year, *month, *day)]
        }
        (Token::Number(day, 1..=2), Token::Number(month, 1..=2), Token::Number(year, 4)) => {
            let both = [date(*year, *month, *day), date(*year, *day, *month)];
            if day == month {
                both[..1].to_vec()
            } else {
                both.to_vec()
            }
        }
        (Token::Number(day, 1..=2), word @ Token::Word(_), Token::Number(year, 4))
        | (word @ Token::Word(_), Token::Number(day, 1..=2), Token::Number(year, 4)) => {
            vec![date(*year, word.month()?, *day)]
        }
        _ => return None,
    };
    let dates: Vec<Date> = candidates.into_iter().flatten().collect();
    (!dates.is_empty()).then_some((dates, rest))
}

/// Hour, minute and second in the tokens after a date; `Some(None)` if there are none.
#[allow(
    clippy::option_option,
    reason = "no time of day, and one that cannot be read"
)]
fn clock(tokens: &[Token]) -> Option<Option<(i8, i8, i8)>> {
    let is_filler = |token: &Token| matches!(token, Token::Word(word) if ["t", "at", "um", "à", "a", "om", "ore"].contains(&word.as_str()));
    let start = usize::from(tokens.first().is_some_and(is_filler));
    let tokens = &tokens[start..];
    let Some(hour) = tokens.first() else {
        return (start == 0).then_some(None);
    };
    let hour = i8::try_from(hour.number()?).ok()?;
    let is_half = |word: &str| tokens.contains(&Token::Word(word.to_owned()));
    let hour = match (hour, is_half("am"), is_half("pm")) {
        (12, true, _) => 0,
        (1..12, _, true) => hour + 12,
        _ => hour,
    };
    let mut numbers = tokens[1..]
        .iter()
        .filter_map(Token::number)
        .map(|n| i8::try_from(n).ok());
    let minute = numbers.next().unwrap_or(Some(0))?;
    let second = numbers.next().unwrap_or(Some(0))?;
    ((0..=24).contains(&hour)).then_some(Some((hour, minute, second)))
}

/// The offset at the end of `written`, in the form `+01:00` or `Z`; empty for the name of a zone.
fn offset(written: &str) -> String {
    let written = written.trim();
    if written.ends_with('Z') {
        return "Z".to_owned();
    }
    let sign = written
        .rfind(['+', '-'])
        .filter(|at| written[..*at].contains(':'));
    let digits: Option<String> = sign.map(|at| {
        written[at + 1..]
            .chars()
            .filter(char::is_ascii_digit)
            .collect()
    });
    let digits = digits.map(|digits| match digits.len() {
        2 => format!("{digits}00"),
        _ => digits,
    });
    match (sign, digits) {
        (Some(at), Some(digits)) if digits.len() == 4 && is_offset(&digits) => {
            format!("{}{}:{}", &written[at..=at], &digits[..2], &digits[2..])
        }
        _ => String::new(),
    }
}

/// Whether four digits are hours and minutes of a valid offset.
fn is_offset(digits: &str) -> bool {
    &digits[..2] <= "14" && &digits[2..] < "60"
}

/// Whether `written` ends in an invalid offset such as `+25:00`.
fn offset_beyond(written: &str) -> bool {
    let begin = written.len().saturating_sub("+25:00".len());
    let Some(offset) = written.get(begin..).filter(|_| written.contains('T')) else {
        return false;
    };
    let digits = offset.strip_prefix(['+', '-']).and_then(|clock| {
        let (hours, minutes) = clock.split_once(':')?;
        let digits = format!("{hours}{minutes}");
        (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
    });
    digits.is_some_and(|digits| !is_offset(&digits))
}

/// The last day of the month in `month`, such as `2026-02-`.
fn last_of_month(month: &str) -> Option<Date> {
    let first = format!("{month}01").parse::<Date>().ok()?;
    Some(first.last_of_month())
}

/// The message about a day that its month does not have, such as `2026-02-30`.
fn day_beyond_its_month(date: &str) -> Option<String> {
    let mut parts = date.split('-');
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    let (year, month) = (year.parse().ok()?, month.parse::<i8>().ok()?);
    let day = day.parse().ok().filter(|day| (29..=31).contains(day))?;
    let name = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let is_beyond = Date::new(year, month, day).is_err();
    is_beyond.then(|| format!("there is no {day} {name} in {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_do_not_exist_are_named() {
        assert_eq!(
            invalid_date("2026-02-30"),
            "there is no 30 February in 2026"
        );
        assert_eq!(
            invalid_date("2027-02-29T09:00:00Z"),
            "there is no 29 February in 2027"
        );
        assert_eq!(
            invalid_date("2026-03-31T25:00:00"),
            "invalid date `2026-03-31T25:00:00`"
        );
        assert_eq!(invalid_date("2026-13-01"), "invalid date `2026-13-01`");
        assert_eq!(
            invalid_date("sometime in May"),
            "invalid date `sometime in May`"
        );
    }

    #[test]
    fn an_invalid_offset_is_not_repeated() {
        assert_eq!(
            date_hint("2026-12-15T09:00:00+25:00"),
            "offsets are between `-12:00` and `+14:00`; without one, write `2026-12-15T09:00:00`"
        );
        assert_eq!(
            date_hint("2026-12-15T09:00:00+0100"),
            "write `2026-12-15T09:00:00+01:00`"
        );
    }

    #[test]
    fn national_dates_are_written_as_toml_writes_them() {
        for (written, expected) in [
            ("30.12.2026", "`2026-12-30`"),
            ("30. 12. 2026", "`2026-12-30`"),
            ("12/30/2026", "`2026-12-30`"),
            ("05/06/2026", "`2026-06-05` or `2026-05-06`"),
            ("20261230", "`2026-12-30`"),
            ("2026/12/5", "`2026-12-05`"),
            ("2026–12–30", "`2026-12-30`"),
            ("December 30th, 2026", "`2026-12-30`"),
            ("30 Dec 2026", "`2026-12-30`"),
            ("2026-12-15T09.00", "`2026-12-15T09:00:00`"),
            ("2026-12-15 9:00", "`2026-12-15T09:00:00`"),
            ("2026-12-15T09h30", "`2026-12-15T09:30:00`"),
            ("2026-12-15T24:00:00", "`2026-12-16T00:00:00`"),
            ("2026-12-15T09:00:00 CET", "`2026-12-15T09:00:00`"),
            ("2026-12-15T09:00:00+0100", "`2026-12-15T09:00:00+01:00`"),
            ("15.12.2026 at 9:30 pm", "`2026-12-15T21:30:00`"),
        ] {
            assert_eq!(meant(written).as_deref(), Some(expected), "{written}");
        }
        for written in [
            "2026-13-15",
            "31.02.2026",
            "Christmas",
            "12",
            "2026-12-15T25:00",
        ] {
            assert_eq!(meant(written), None, "{written}");
        }
    }
}
