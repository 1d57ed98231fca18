//! Sections that are lists of items: publications, calls, news, events.

use toml::Spanned;

use crate::diag::{Finding, Place};
use crate::newsletter::issue::raw::{
    RawAuthor, RawCall, RawEvent, RawName, RawNews, RawNothing, RawNumber, RawReference,
};
use crate::newsletter::issue::reader::IssueReader;
use crate::newsletter::issue::{Call, Content, Event, Link, News, Reference, Timepoint};
use crate::toml_file::TomlValue;

impl IssueReader<'_> {
    /// A link with its text. Text without a destination is reported.
    pub(super) fn link(
        &mut self,
        url: Option<Spanned<String>>,
        text: Option<Spanned<String>>,
        owner: &Place,
    ) -> Option<Link> {
        let Some(url) = url else {
            if let Some(text) = text.filter(|_| !self.findings.is_unread(owner, "url")) {
                let message = "missing key `url`: these words have no destination";
                let finding = Finding::error("missing-key", message).at(self.place(&text));
                let hint = "write `url = \"https://…\"` beside it, or delete this line";
                self.findings.push(finding.hint(hint));
            }
            return None;
        };
        let text_place = text.as_ref().map(|text| self.place(text));
        let text = self.optional_line(text);
        let url = self.url(Some(url), text.as_deref(), text_place)?;
        Some(Link { url, text })
    }

    /// The link of an item; without a text, the title is its text.
    pub(super) fn item_link(
        &mut self,
        url: Option<Spanned<String>>,
        text: Option<Spanned<String>>,
        title: Option<&str>,
        owner: &Place,
    ) -> Option<Link> {
        let first = self.source_map.links.len();
        let link = self.link(url, text, owner);
        self.titled(first, title);
        link
    }

    /// Records the title of an item or section at its link, among the links since `first`, if that has no text of its
    /// own.
    pub(super) fn titled(&mut self, first: usize, title: Option<&str>) {
        let links = self.source_map.links.iter_mut().skip(first);
        for link in links.filter(|link| link.words.is_none()) {
            link.title = title.map(str::to_owned);
        }
    }

    pub(super) fn publications(
        &mut self,
        mut value: TomlValue<'_>,
        place: &Place,
    ) -> Option<Content> {
        let items = self.items(&mut value, "publications", place);
        let _: RawNothing = self.typed_section(value, "publications", Some("item"));
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::publication));
        Some(Content::Publications(items.collect()))
    }

    pub(super) fn publication(&mut self, value: TomlValue<'_>) -> Option<Reference> {
        let place = self.head_of(&value);
        let raw: RawReference = self.typed(value, "a publication");
        let title_place = raw.title.as_ref().map(|title| self.place(title));
        let title = self.required_line(raw.title, "title", "a publication", &place);
        let publication = Reference {
            title: String::new(),
            language: self.language(raw.language),
            url: self.url(raw.url, title.as_deref(), title_place),
            authors: raw
                .authors
                .into_iter()
                .filter_map(|author| self.author_name(author))
                .collect(),
            series: self.optional_line(raw.series),
            number: raw.number.map(written_number),
            publisher: self.optional_line(raw.publisher),
            date: self.partial_date(raw.date, "date"),
            summary: self.prose(raw.summary),
        };
        Some(Reference {
            title: title?,
            ..publication
        })
    }

    fn author_name(&mut self, raw: Spanned<RawAuthor<RawName>>) -> Option<String> {
        let place = self.place(&raw);
        self.required_line(written_name(raw), "name", "an author", &place)
    }

    pub(super) fn calls(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "calls", place);
        let _: RawNothing = self.typed_section(value, "calls", Some("item"));
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::call));
        Some(Content::Calls(items.collect()))
    }

    pub(super) fn call(&mut self, value: TomlValue<'_>) -> Option<Call> {
        let place = self.head_of(&value);
        let raw: RawCall = self.typed(value, "a call");
        let title = self.required_line(raw.title, "title", "a call", &place);
        let call = Call {
            title: String::new(),
            language: self.language(raw.language),
            body: self.prose(raw.body),
            organiser: self.optional_line(raw.organiser),
            deadline: self.timepoint(raw.deadline, "deadline"),
            place: self.optional_line(raw.place),
            link: self.item_link(raw.url, raw.link_text, title.as_deref(), &place),
        };
        Some(Call {
            title: title?,
            ..call
        })
    }

    pub(super) fn news(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "news", place);
        let _: RawNothing = self.typed_section(value, "news", Some("item"));
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::piece_of_news));
        Some(Content::News(items.collect()))
    }

    pub(super) fn piece_of_news(&mut self, value: TomlValue<'_>) -> Option<News> {
        let place = self.head_of(&value);
        let raw: RawNews = self.typed(value, "a piece of news");
        let title = self.required_line(raw.title, "title", "a piece of news", &place);
        let news = News {
            title: String::new(),
            language: self.language(raw.language),
            body: self.prose(raw.body),
            link: self.item_link(raw.url, raw.link_text, title.as_deref(), &place),
            image: self.picture(raw.image, "the `image` of a piece of news"),
        };
        Some(News {
            title: title?,
            ..news
        })
    }

    pub(super) fn events(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "events", place);
        let _: RawNothing = self.typed_section(value, "events", Some("item"));
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::one_event));
        Some(Content::Events(items.collect()))
    }

    pub(super) fn one_event(&mut self, value: TomlValue<'_>) -> Option<Event> {
        let place = self.head_of(&value);
        let raw: RawEvent = self.typed(value, "an event");
        let title = self.required_line(raw.title, "title", "an event", &place);
        let language = self.language(raw.language);
        let body = self.prose(raw.body);
        let end_place = raw.end.as_ref().map(|end| self.place(end));
        let end = self.timepoint(raw.end, "end");
        let event_place = self.optional_line(raw.place);
        let link = self.item_link(raw.url, None, title.as_deref(), &place);
        let start = self.required(raw.start, "start", "an event", &place);
        let start = self.timepoint(start, "start")?;
        if end.as_ref().is_some_and(|end| ends_before(end, &start)) {
            let finding = Finding::error("bad-date", "this event ends before it begins");
            let hint = "correct `start` or `end`; check the year first";
            self.findings.push(finding.at(end_place).hint(hint));
        }
        Some(Event {
            title: title?,
            language,
            body,
            start,
            end,
            place: event_place,
            link,
        })
    }
}

fn written_number(number: RawNumber) -> String {
    match number {
        RawNumber::Integer(number) => number.to_string(),
        RawNumber::Text(text) => text,
    }
}

fn ends_before(end: &Timepoint, start: &Timepoint) -> bool {
    match (end, start) {
        (Timepoint::Moment(end), Timepoint::Moment(start)) => end.instant < start.instant,
        _ => end.day() < start.day(),
    }
}

/// The name of an author in either form.
fn written_name(raw: Spanned<RawAuthor<RawName>>) -> Option<Spanned<String>> {
    let span = raw.span();
    match raw.into_inner() {
        RawAuthor::Name(name) => Some(Spanned::new(span, name)),
        RawAuthor::Table(author) => author.name,
    }
}
