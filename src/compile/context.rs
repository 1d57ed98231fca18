//! The input of both parts of a message: the issue, its template, labels and URLs.
//!
//! `html` and `text` read nothing else, so they have the same content.

use jiff::civil;

use crate::language::{Dates, Direction, Labels};
use crate::newsletter::config::Newsletter;
use crate::newsletter::issue::{
    Article, Content, Issue, PartialDate, Picture, Section, Timepoint, ZonedTime,
};
use crate::newsletter::template::Template;

/// The separator of two facts on one line. Its no-break space keeps it from starting a line.
pub const POINT: &str = "\u{A0}· ";

/// The content that a part of a message may show.
pub struct RenderContext<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// The newsletter.
    pub newsletter: &'a Newsletter,
    /// The template.
    pub template: &'a Template,
    /// The labels in the issue's language.
    pub labels: Labels,
    /// The date formats of the issue's language.
    pub dates: Dates,
    /// The URL of each of the issue's pictures: `cid:…` or https.
    pub picture_urls: Vec<String>,
    /// The URL of the template's logo.
    pub logo_url: Option<String>,
    /// The URL of the logo for dark mode.
    pub dark_logo_url: Option<String>,
    /// The placeholder of this issue's web version; `None` if the newsletter has no `web_url`.
    pub web_url: Option<String>,
    /// The placeholder of the recipient's unsubscribe link.
    pub unsubscribe_url: String,
    /// The placeholder of the recipient's address.
    pub email: String,
}

impl RenderContext<'_> {
    /// The issue's title, or its subject if it has no title.
    pub fn title(&self) -> &str {
        self.issue.title.as_deref().unwrap_or(&self.issue.subject)
    }

    /// A label or the text of a link with the colon of the issue's language: `Deadline:`, in French `Date limite :`.
    pub fn labelled(&self, words: &str) -> String {
        format!("{words}{}", self.issue.language.colon())
    }

    /// The direction of the issue's script.
    pub fn direction(&self) -> Direction {
        self.issue.language.direction()
    }

    /// Number, title and date: `No. 41 · 30 November 2026`. A title that is part of the date, such as `November 2026`, is
    /// omitted.
    pub fn issue_line(&self) -> String {
        let date = self.issue_date();
        let number = self.issue.number.map(|number| self.numbered(&number));
        let title = self.issue.title.clone();
        let title = title.filter(|title| !date.contains(title.as_str()));
        let parts = [number, title, Some(date)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(POINT)
    }

    /// `No. 41`, without a line break inside.
    pub fn numbered(&self, number: &dyn std::fmt::Display) -> String {
        format!("{}\u{A0}{number}", self.labels.number)
    }

    /// The sections of the table of contents, with their headings. Sections of the kind `contents` are not listed.
    pub fn listed(&self) -> impl Iterator<Item = (&Section, &str)> {
        let sections = self.issue.sections.iter();
        let listed = sections.filter(|section| !matches!(section.content, Content::Contents));
        listed.filter_map(|section| Some((section, section.heading.as_deref()?)))
    }

    /// The kicker: a short label above a section's heading.
    pub fn kicker<'a>(&'a self, section: &'a Section) -> Option<&'a str> {
        match &section.content {
            Content::Interview(_) => Some(&self.labels.interview),
            Content::Article(Article { kicker, .. }) => kicker.as_deref(),
            _ => None,
        }
    }

    /// `Monday, 30 November 2026`, or `Monday, 30 November 2026, 17:00 CET` with a time of day.
    pub fn timepoint(&self, timepoint: &Timepoint) -> String {
        match timepoint {
            Timepoint::Day(day) => self.weekday(*day),
            Timepoint::Moment(moment) => self.moment(moment),
        }
    }

    fn moment(&self, moment: &ZonedTime) -> String {
        let day = self.weekday(moment.local.date());
        format!("{day}, {}", self.clock(moment))
    }

    /// A period; its date occurs once if it begins and ends on the same day.
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

    /// `30 May 2025`, or `May 2025` if only the month is known.
    pub fn partial_date(&self, date: PartialDate) -> String {
        match date {
            PartialDate::Day(day) => unbroken(&self.dates.day(day)),
            PartialDate::Month(month) => unbroken(&self.dates.month(month)),
        }
    }

    /// The date of the issue.
    pub fn issue_date(&self) -> String {
        self.day(self.issue.date)
    }

    fn day(&self, day: civil::Date) -> String {
        self.dates.day(day)
    }

    /// A date with its weekday. A line can break only after the weekday.
    fn weekday(&self, date: civil::Date) -> String {
        let (whole, day) = (self.dates.weekday(date), self.day(date));
        match whole.strip_suffix(&day) {
            Some(name) => format!("{name}{}", unbroken(&day)),
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

    /// The text of a link: its own, or a label with the title of its item.
    pub fn link_words(&self, own: Option<&str>, title: &str) -> String {
        own.map_or_else(
            || Labels::with(&self.labels.more_about, title),
            str::to_owned,
        )
    }

    /// Who made a picture: `Picture: Rivers Society`.
    pub fn credit(&self, picture: &Picture) -> Option<String> {
        let credit = picture.credit.as_ref()?;
        Some(format!("{} {credit}", self.labels.credit))
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

/// The text with no-break spaces.
fn unbroken(words: &str) -> String {
    words.replace(' ', "\u{A0}")
}
