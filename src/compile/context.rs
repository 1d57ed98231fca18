//! What the two parts of a letter are made from: the issue with its look, its words and its links.
//!
//! `html` and `text` both read this and nothing else, so that they say the same.

use jiff::civil;

use crate::language::{Dates, Direction, Labels};
use crate::newsletter::config::Newsletter;
use crate::newsletter::issue::{
    Article, Content, Issue, PartialDate, Section, Timepoint, ZonedTime,
};
use crate::newsletter::template::Template;

/// What stands between two facts on one line; it ends a line and never begins one.
pub const POINT: &str = "\u{A0}· ";

/// Everything that a part of a letter may show.
pub struct RenderContext<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// Who publishes it.
    pub publication: &'a Newsletter,
    /// Its look.
    pub template: &'a Template,
    /// The program's own words in the issue's language.
    pub labels: Labels,
    /// The dates of the issue's language.
    pub dates: Dates,
    /// For each of the issue's pictures, what `src` says: `cid:…` or an https URL.
    pub picture_urls: Vec<String>,
    /// What `src` says for the template's logo.
    pub logo_url: Option<String>,
    /// The same for the logo on a dark ground.
    pub dark_logo_url: Option<String>,
    /// The mark of the link to this issue on the web; `None` where there is no web.
    pub web_url: Option<String>,
    /// The mark of the reader's own link to leave.
    pub unsubscribe_url: String,
    /// The mark of the reader's address.
    pub email: String,
}

impl RenderContext<'_> {
    /// The issue's title, or its subject where it has none.
    pub fn title(&self) -> &str {
        self.issue.title.as_deref().unwrap_or(&self.issue.subject)
    }

    /// The direction of the issue's script.
    pub fn direction(&self) -> Direction {
        self.issue.language.direction()
    }

    /// `No. 41 · 30 November 2026`. A title that the date says anyway, such as `November 2026`, is not
    /// said twice.
    pub fn issue_line(&self) -> String {
        let date = self.issue_date();
        let number = self.issue.number.map(|number| self.numbered(&number));
        let title = self.issue.title.clone();
        let title = title.filter(|title| !date.contains(title.as_str()));
        let parts = [number, title, Some(date)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(POINT)
    }

    /// `No. 41`, held together at the end of a line.
    pub fn numbered(&self, number: &dyn std::fmt::Display) -> String {
        format!("{}\u{A0}{number}", self.labels.number)
    }

    /// The sections that the contents list, with their headings. A `contents` section is not listed, its own
    /// heading included.
    pub fn listed(&self) -> impl Iterator<Item = (&Section, &str)> {
        let sections = self.issue.sections.iter();
        let listed = sections.filter(|section| !matches!(section.content, Content::Contents));
        listed.filter_map(|section| Some((section, section.heading.as_deref()?)))
    }

    /// What stands above a section's heading and says what it is.
    pub fn kicker<'a>(&'a self, section: &'a Section) -> Option<&'a str> {
        match &section.content {
            Content::Interview(_) => Some(&self.labels.interview),
            Content::Article(Article { kicker, .. }) => kicker.as_deref(),
            _ => None,
        }
    }

    /// `Monday, 30 November 2026`, and the time of day where it is known: `…, 17:00 CET`.
    pub fn timepoint(&self, timepoint: &Timepoint) -> String {
        match timepoint {
            Timepoint::Day(day) => self.weekday(*day),
            Timepoint::Moment(moment) => format!(
                "{}, {}",
                self.weekday(moment.local.date()),
                self.clock(moment)
            ),
        }
    }

    /// From begin to end, the day said once where both fall on it.
    pub fn period(&self, start: &Timepoint, end: Option<&Timepoint>) -> String {
        match (start, end) {
            (_, None) => self.timepoint(start),
            (Timepoint::Moment(start), Some(Timepoint::Moment(end)))
                if start.local.date() == end.local.date() =>
            {
                let day = self.weekday(start.local.date());
                let begin = self.dates.clock(start.local.time());
                format!("{day}, {begin}–{}", self.clock(end))
            }
            (start, Some(end)) if start == end => self.timepoint(start),
            (start, Some(end)) => format!("{} – {}", self.timepoint(start), self.timepoint(end)),
        }
    }

    /// `30 May 2025`, or `May 2025` where only the month is known.
    pub fn partial_date(&self, date: PartialDate) -> String {
        match date {
            PartialDate::Day(day) => held(&self.dates.day(day)),
            PartialDate::Month(month) => held(&self.dates.month(month)),
        }
    }

    /// The date of the issue.
    pub fn issue_date(&self) -> String {
        self.day(self.issue.date)
    }

    fn day(&self, day: civil::Date) -> String {
        self.dates.day(day)
    }

    /// With the name of the day; the date itself is held together.
    fn weekday(&self, date: civil::Date) -> String {
        let (whole, day) = (self.dates.weekday(date), self.day(date));
        match whole.strip_suffix(&day) {
            Some(name) => format!("{name}{}", held(&day)),
            None => whole,
        }
    }

    fn clock(&self, moment: &ZonedTime) -> String {
        format!(
            "{}\u{A0}{}",
            self.dates.clock(moment.local.time()),
            moment.zone
        )
    }

    /// The words of a link: its own, or made from the title of what it belongs to.
    pub fn link_words(&self, own: Option<&str>, title: &str) -> String {
        own.map_or_else(
            || Labels::with(&self.labels.more_about, title),
            str::to_owned,
        )
    }

    /// `A`, `A and B`, `A, B and C` in the issue's language.
    pub fn enumeration(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [head @ .., last] => format!("{} {} {last}", head.join(", "), self.labels.and),
        }
    }
}

/// Words that stay in one line.
fn held(words: &str) -> String {
    words.replace(' ', "\u{A0}")
}
