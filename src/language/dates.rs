//! Formatting dates in a language, month names in the grammatical case of a date.

use icu_calendar::{Date as Calendar, Gregorian, Iso};
use icu_datetime::fieldsets::{YM, YMD, YMDE};
use icu_datetime::{FixedCalendarDateTimeFormatter as Formatter, NoCalendarFormatter};
use icu_locale_core::Locale;
use jiff::civil;

use super::Language;

/// The date formats of one language. Creating them costs more than using them.
pub struct Dates {
    day: Formatter<Gregorian, YMD>,
    weekday: Formatter<Gregorian, YMDE>,
    month: Formatter<Gregorian, YM>,
    clock: NoCalendarFormatter<icu_datetime::fieldsets::T>,
}

impl Dates {
    /// The formats of `language`.
    ///
    /// Plain `en` is international English, with the day first and 24 hours, because newsletters often cross borders;
    /// `en-US` has its own order.
    pub fn new(language: &Language) -> Self {
        let tag = if language.tag() == "en" {
            "en-GB"
        } else {
            language.tag()
        };
        let locale: Locale = tag.parse().expect("a Language holds a well-formed tag");
        let data = "the data of every locale, with a root to fall back to, is compiled in";
        Self {
            day: Formatter::try_new(locale.clone().into(), YMD::long()).expect(data),
            weekday: Formatter::try_new(locale.clone().into(), YMDE::long()).expect(data),
            month: Formatter::try_new(locale.clone().into(), YM::long()).expect(data),
            clock: NoCalendarFormatter::try_new(locale.into(), icu_datetime::fieldsets::T::hm())
                .expect(data),
        }
    }

    /// `30 June 2025`
    pub fn day(&self, date: civil::Date) -> String {
        self.day.format(&calendar(date)).to_string()
    }

    /// `Monday, 30 June 2025`
    pub fn weekday(&self, date: civil::Date) -> String {
        self.weekday.format(&calendar(date)).to_string()
    }

    /// `June 2025`
    pub fn month(&self, date: civil::Date) -> String {
        self.month.format(&calendar(date)).to_string()
    }

    /// `17:00`
    pub fn clock(&self, time: civil::Time) -> String {
        let hour = u8::try_from(time.hour()).unwrap_or_default();
        let minute = u8::try_from(time.minute()).unwrap_or_default();
        let time = icu_datetime::input::Time::try_new(hour, minute, 0, 0)
            .expect("a civil time's hour and minute are in range");
        self.clock.format(&time).to_string()
    }
}

fn calendar(date: civil::Date) -> Calendar<Gregorian> {
    let month = u8::try_from(date.month()).unwrap_or(1);
    let day = u8::try_from(date.day()).unwrap_or(1);
    Calendar::<Iso>::try_new_iso(i32::from(date.year()), month, day)
        .expect("a civil date is a date")
        .to_calendar(Gregorian)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_formatted_as_the_language_writes_them() {
        let date = civil::date(2025, 9, 15);
        let written = |tag: &str| Dates::new(&Language::parse(tag).unwrap()).day(date);
        assert_eq!(written("en"), "15 September 2025");
        assert_eq!(written("en-US"), "September 15, 2025");
        assert_eq!(written("fr"), "15 septembre 2025");
        assert_eq!(written("cs"), "15. září 2025");
        assert_eq!(written("pl"), "15 września 2025");
        let english = Dates::new(&Language::default());
        assert_eq!(english.weekday(date), "Monday, 15 September 2025");
        assert_eq!(english.month(date), "September 2025");
        assert_eq!(english.clock(civil::time(17, 5, 0, 0)), "17:05");
    }
}
