//! The sections of an issue, one function a kind: from the file's table to the checked content.

use toml::Spanned;

use super::raw::{
    COMMON, RawArticle, RawAuthor, RawButton, RawCall, RawCommon, RawEvent, RawExchange, RawGuest,
    RawInterview, RawLink, RawNews, RawNothing, RawNumber, RawPicture, RawPublication, RawQuote,
    RawText,
};
use super::reader::IssueReader;
use super::source_map::LanguageSource;
use super::{
    Article, Author, Call, Content, Event, Exchange, Guest, Interview, Link, News, Prose, Quote,
    Reference, Section, Timepoint,
};
use crate::diag::{Finding, Place, one_of};
use crate::language::Language;
use crate::toml_file::{self, TomlValue};
use crate::util::escape;

/// Every kind, as format and hints name them.
pub(super) const KINDS: [&str; 12] = [
    "text",
    "interview",
    "article",
    "publications",
    "calls",
    "news",
    "events",
    "image",
    "button",
    "quote",
    "divider",
    "contents",
];

impl IssueReader<'_> {
    /// One `[[section]]`; `None` where its kind cannot be told or something that it needs is missing.
    pub(super) fn section(&mut self, value: TomlValue<'_>) -> Option<Section> {
        let first = self.findings.len();
        let contributor = toml_file::peek_text(&value, "contributor", self.source);
        let section = self.in_language(value, false, Self::whole_section);
        if let Some(contributor) = contributor {
            self.findings.attribute(first, contributor.value());
        }
        section
    }

    /// What `read` makes of a section or of an item, noting the language that it has of its own.
    fn in_language<'s, T>(
        &mut self,
        value: TomlValue<'s>,
        is_item: bool,
        read: impl FnOnce(&mut Self, TomlValue<'s>) -> Option<T>,
    ) -> Option<T> {
        let language = toml_file::peek_text(&value, "language", self.source);
        let language = language.and_then(|tag| Language::parse(tag.value()));
        let first = self.source_map.passages.len();
        let read = read(self, value);
        if let Some(language) = language {
            self.source_map.languages.push(LanguageSource {
                language,
                passages: first..self.source_map.passages.len(),
                is_item,
            });
        }
        read
    }

    fn whole_section(&mut self, mut value: TomlValue<'_>) -> Option<Section> {
        let place = self.head_of(&value);
        let kind = self.kind(&value, &place)?;
        let common = toml_file::split_off(&mut value, &COMMON);
        let common: RawCommon = toml_file::typed(common, "a section", self.source, self.findings);
        let when = self.rule(common.when).map(|rule| {
            self.rules.push(rule);
            self.rules.len() - 1
        });
        let first = self.source_map.links.len();
        let heading = common
            .heading
            .as_ref()
            .map(|heading| heading.get_ref().clone());
        let content = self.content(&kind, value, &place);
        if let Some(Content::Article(Article {
            link: Some(Link { text: None, .. }),
            ..
        })) = &content
        {
            self.titled(first, heading.as_deref());
        }
        Some(Section {
            heading: self.optional_line(common.heading),
            id: common.id.and_then(|id| self.anchor(id)),
            when,
            contributor: self.optional_line(common.contributor),
            language: self.language(common.language),
            content: content?,
            place,
        })
    }

    /// The anchor of a section: a link to it ends in `#` and this.
    fn anchor(&mut self, id: Spanned<String>) -> Option<String> {
        let place = self.place(&id);
        let id = id.into_inner();
        let is_anchor = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || !id.chars().all(is_anchor) {
            let message = format!("`{}` is not an anchor", escape::terminal(&id));
            let finding = Finding::error("bad-value", message).at(place);
            let hint = "write letters, digits, `-`, `_` and `.`, such as `call-for-papers`";
            self.findings.push(finding.hint(hint.to_owned()));
            return None;
        }
        if let Some((_, first)) = self.anchors.iter().find(|(other, _)| *other == id) {
            let message = format!("two sections have the `id` `{id}`");
            let finding = Finding::error("duplicate-id", message).at(place);
            let finding = finding.related(first.clone(), "the first one");
            let hint = "a link to it leads to the first: give the second its own".to_owned();
            self.findings.push(finding.hint(hint));
            return None;
        }
        self.anchors.push((id.clone(), place));
        Some(id)
    }

    fn kind(&mut self, value: &TomlValue<'_>, place: &Place) -> Option<String> {
        let Some(kind) = toml_file::peek_text(value, "kind", self.source) else {
            let finding = match value.get_ref().get("kind") {
                Some(other) => Finding::error("wrong-type", "`kind` must be a string")
                    .at(Place::new(self.source, other.span())),
                None => Finding::error("missing-key", "a section without `kind`").at(place.clone()),
            };
            self.findings.push(finding.hint(one_of("", &KINDS)));
            return None;
        };
        if KINDS.contains(&kind.value()) {
            return Some(kind.value().to_owned());
        }
        self.findings.push(
            Finding::error(
                "unknown-kind",
                format!("`{}` is no kind of section", kind.value()),
            )
            .at(kind.place().clone())
            .hint(one_of(kind.value(), &KINDS)),
        );
        None
    }

    fn content(&mut self, kind: &str, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        match kind {
            "text" => self.prose_section(value, place),
            "interview" => self.interview(value, place),
            "article" => self.article(value, place),
            "publications" => self.publications(value, place),
            "calls" => self.calls(value, place),
            "news" => self.news(value, place),
            "events" => self.events(value, place),
            "image" => self.image(value, place),
            "button" => self.button(value, place),
            "quote" => self.quote(value, place),
            "divider" => self.nothing(value, "a divider").map(|()| Content::Divider),
            _ => self
                .nothing(value, "the contents")
                .map(|()| Content::Contents),
        }
    }

    fn prose_section(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawText = self.typed(value, "a text");
        self.required_prose(raw.body, "body", "a text", place)
            .map(Content::Text)
    }

    fn interview(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let exchanges = self.tables(&mut value, "exchange", "an interview", place);
        let raw: RawInterview = self.typed(value, "an interview");
        let intro = self.prose(raw.intro);
        let exchanges = exchanges
            .into_iter()
            .filter_map(|value| self.exchange(value))
            .collect();
        let guest = self.required(raw.guest, "guest", "an interview", place);
        let guest = self.guest(guest?)?;
        Some(Content::Interview(Interview {
            guest,
            intro,
            exchanges,
        }))
    }

    fn guest(&mut self, raw: Spanned<RawGuest>) -> Option<Guest> {
        let place = self.place(&raw);
        let raw = raw.into_inner();
        let name = self.required_line(raw.name, "name", "a guest", &place);
        let guest = Guest {
            name: String::new(),
            role: self.optional_line(raw.role),
            organisation: self.optional_line(raw.organisation),
            bio: self.prose(raw.bio),
            portrait: self.portrait(raw.portrait),
        };
        Some(Guest {
            name: name?,
            ..guest
        })
    }

    fn exchange(&mut self, value: TomlValue<'_>) -> Option<Exchange> {
        let place = self.head_of(&value);
        let raw: RawExchange = self.typed(value, "an exchange");
        let question = self.required_line(raw.question, "question", "an exchange", &place);
        let answer = self.required_prose(raw.answer, "answer", "an exchange", &place);
        Some(Exchange {
            question: question?,
            answer: answer?,
        })
    }

    fn article(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawArticle = self.typed(value, "an article");
        let article = Article {
            kicker: self.optional_line(raw.kicker),
            body: Prose::default(),
            image: self.picture(raw.image, "the `image` of an article"),
            authors: raw
                .authors
                .into_iter()
                .filter_map(|author| self.author(author))
                .collect(),
            link: raw.link.and_then(|link| self.article_link(link)),
        };
        let body = self.required_prose(raw.body, "body", "an article", place)?;
        Some(Content::Article(Article { body, ..article }))
    }

    fn author(&mut self, raw: Spanned<RawAuthor>) -> Option<Author> {
        let place = self.place(&raw);
        let raw = raw.into_inner();
        let name = self.required_line(raw.name, "name", "an author", &place);
        let role = self.optional_line(raw.role);
        let organisation = self.optional_line(raw.organisation);
        Some(Author {
            name: name?,
            role,
            organisation,
        })
    }

    fn article_link(&mut self, raw: Spanned<RawLink>) -> Option<Link> {
        let place = self.place(&raw);
        let raw = raw.into_inner();
        let url = self.required(raw.url, "url", "the `link` of an article", &place)?;
        self.link(Some(url), raw.text, &place)
    }

    /// A destination with its words; words without a destination lead nowhere, and are told.
    fn link(
        &mut self,
        url: Option<Spanned<String>>,
        text: Option<Spanned<String>>,
        owner: &Place,
    ) -> Option<Link> {
        let Some(url) = url else {
            if let Some(text) = text.filter(|_| !self.findings.is_unread(owner, "url")) {
                let place = self.place(&text);
                self.findings.push(
                    Finding::error("missing-key", "these words lead nowhere: there is no `url`")
                        .at(place),
                );
            }
            return None;
        };
        let text_place = text.as_ref().map(|text| self.place(text));
        let text = self.optional_line(text);
        let url = self.url(Some(url), text.as_deref(), text_place)?;
        Some(Link { url, text })
    }

    /// The destination of an item, to which its title leads where there are no words.
    fn item_link(
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

    /// Notes the title of an item or a section at the link among those since `first` that has no words of its own.
    fn titled(&mut self, first: usize, title: Option<&str>) {
        let links = self.source_map.links.iter_mut().skip(first);
        for link in links.filter(|link| link.words.is_none()) {
            link.title = title.map(str::to_owned);
        }
    }

    fn publications(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "publications", place);
        let _: RawNothing = self.typed(value, "publications");
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::publication));
        Some(Content::Publications(items.collect()))
    }

    fn publication(&mut self, value: TomlValue<'_>) -> Option<Reference> {
        let place = self.head_of(&value);
        let raw: RawPublication = self.typed(value, "a publication");
        let title_place = raw.title.as_ref().map(|title| self.place(title));
        let title = self.required_line(raw.title, "title", "a publication", &place);
        let publication = Reference {
            title: String::new(),
            language: self.language(raw.language),
            url: self.url(raw.url, title.as_deref(), title_place),
            authors: raw
                .authors
                .into_iter()
                .map(|author| self.line(author))
                .collect(),
            series: self.optional_line(raw.series),
            number: raw.number.map(|number| match number {
                RawNumber::Integer(number) => number.to_string(),
                RawNumber::Text(text) => text,
            }),
            publisher: self.optional_line(raw.publisher),
            date: self.partial_date(raw.date, "date"),
            summary: self.prose(raw.summary),
        };
        Some(Reference {
            title: title?,
            ..publication
        })
    }

    fn calls(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "calls", place);
        let _: RawNothing = self.typed(value, "calls");
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::call));
        Some(Content::Calls(items.collect()))
    }

    fn call(&mut self, value: TomlValue<'_>) -> Option<Call> {
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

    fn news(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "news", place);
        let _: RawNothing = self.typed(value, "news");
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::piece_of_news));
        Some(Content::News(items.collect()))
    }

    fn piece_of_news(&mut self, value: TomlValue<'_>) -> Option<News> {
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

    fn events(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let items = self.items(&mut value, "events", place);
        let _: RawNothing = self.typed(value, "events");
        let items = items
            .into_iter()
            .filter_map(|item| self.in_language(item, true, Self::one_event));
        Some(Content::Events(items.collect()))
    }

    fn one_event(&mut self, value: TomlValue<'_>) -> Option<Event> {
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
        if let (Some(end), Some(end_place)) = (&end, end_place)
            && ends_before(end, &start)
        {
            self.findings
                .push(Finding::error("bad-date", "this event ends before it begins").at(end_place));
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

    fn image(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawPicture = self.typed(value, "an image");
        let image = self.required(raw.image, "image", "an image", place);
        self.picture(image, "the `image` of a section")
            .map(Content::Image)
    }

    fn button(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawButton = self.typed(value, "a button");
        let text_place = raw.text.as_ref().map(|text| self.place(text));
        let text = self.required_line(raw.text, "text", "a button", place);
        let url = self.required(raw.url, "url", "a button", place);
        let url = self.url(url, text.as_deref(), text_place);
        Some(Content::Button(Link {
            url: url?,
            text: Some(text?),
        }))
    }

    fn quote(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawQuote = self.typed(value, "a quote");
        let by = self.optional_line(raw.by);
        let body = self.required_prose(raw.body, "body", "a quote", place)?;
        Some(Content::Quote(Quote { body, by }))
    }

    fn nothing(&mut self, value: TomlValue<'_>, what: &str) -> Option<()> {
        let _: RawNothing = self.typed(value, what);
        Some(())
    }

    fn items<'s>(
        &mut self,
        value: &mut TomlValue<'s>,
        what: &str,
        place: &Place,
    ) -> Vec<TomlValue<'s>> {
        self.tables(value, "item", what, place)
    }

    /// The tables under `key`, at least one.
    fn tables<'s>(
        &mut self,
        value: &mut TomlValue<'s>,
        key: &str,
        what: &str,
        place: &Place,
    ) -> Vec<TomlValue<'s>> {
        let is_missing = value.get_ref().get(key).is_none();
        if is_missing && self.findings.is_unread(place, key) {
            return Vec::new();
        }
        if is_missing && let Some(tables) = self.misnamed_tables(value, key, what) {
            return tables;
        }
        if is_missing {
            self.findings.push(
                Finding::error("missing-key", format!("{what} without `{key}`"))
                    .at(place.clone())
                    .hint(format!("each begins with `[[section.{key}]]`")),
            );
            return Vec::new();
        }
        toml_file::take_tables(value, key, self.source, self.findings)
    }

    /// The tables that stand under another name where `key` was meant: `[[section.items]]`.
    fn misnamed_tables<'s>(
        &mut self,
        value: &mut TomlValue<'s>,
        key: &str,
        what: &str,
    ) -> Option<Vec<TomlValue<'s>>> {
        const OTHERS: [&str; 4] = ["guest", "image", "link", "authors"];
        let table = value.get_ref().as_table()?;
        let is_tables = |value: &TomlValue<'_>| {
            let array = value.get_ref().as_array();
            array.is_some_and(|items| items.iter().all(|item| item.get_ref().is_table()))
        };
        let (name, _) = table
            .iter()
            .find(|(name, value)| is_tables(value) && !OTHERS.contains(&name.get_ref().as_ref()))?;
        let (name, span) = (name.get_ref().to_string(), name.span());
        let message = format!("`{}` is no key of {what}", escape::terminal(&name));
        let finding = Finding::error("unknown-key", message).at(Place::new(self.source, span));
        self.findings
            .push(finding.hint(format!("write `[[section.{key}]]`")));
        Some(toml_file::take_tables(
            value,
            &name,
            self.source,
            self.findings,
        ))
    }

    fn typed<T>(&mut self, value: TomlValue<'_>, what: &str) -> T
    where
        T: serde::de::DeserializeOwned + Default,
    {
        toml_file::typed_beside(value, what, &COMMON, self.source, self.findings)
    }

    /// The head of a table, `[[section]]`, which is where a message about the whole of it points.
    fn head_of(&self, value: &TomlValue<'_>) -> Place {
        Place::new(self.source, value.span())
    }
}

fn ends_before(end: &Timepoint, start: &Timepoint) -> bool {
    match (end, start) {
        (Timepoint::Moment(end), Timepoint::Moment(start)) => end.instant < start.instant,
        _ => end.day() < start.day(),
    }
}
