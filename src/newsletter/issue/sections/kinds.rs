//! The content of a section that is not a list of items, one function for each kind.

use toml::Spanned;

use crate::diag::Place;
use crate::newsletter::issue::raw::{
    RawArticle, RawAuthor, RawButton, RawExchange, RawGuest, RawInterview, RawLink, RawNothing,
    RawPerson, RawPicture, RawProse, RawQuote,
};
use crate::newsletter::issue::reader::IssueReader;
use crate::newsletter::issue::{
    Article, Author, Content, Exchange, Guest, Interview, Link, Prose, Quote,
};
use crate::toml_file::TomlValue;

impl IssueReader<'_> {
    pub(super) fn prose_section(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawProse = self.typed_section(value, "a text", None);
        self.required_prose(raw.body, "body", "a text", place)
            .map(Content::Text)
    }

    pub(super) fn interview(&mut self, mut value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let exchanges = self.tables(&mut value, "exchange", "an interview", place);
        let raw: RawInterview = self.typed_section(value, "an interview", Some("exchange"));
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

    pub(super) fn guest(&mut self, raw: Spanned<RawGuest>) -> Option<Guest> {
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

    pub(super) fn exchange(&mut self, value: TomlValue<'_>) -> Option<Exchange> {
        let place = self.head_of(&value);
        let raw: RawExchange = self.typed(value, "an exchange");
        let question = self.required_line(raw.question, "question", "an exchange", &place);
        let answer = self.required_prose(raw.answer, "answer", "an exchange", &place);
        Some(Exchange {
            question: question?,
            answer: answer?,
        })
    }

    pub(super) fn article(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawArticle = self.typed_section(value, "an article", None);
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

    pub(super) fn author(&mut self, raw: Spanned<RawAuthor<RawPerson>>) -> Option<Author> {
        let place = self.place(&raw);
        let span = raw.span();
        let raw = match raw.into_inner() {
            RawAuthor::Table(person) => person,
            RawAuthor::Name(name) => RawPerson {
                name: Some(Spanned::new(span, name)),
                ..RawPerson::default()
            },
        };
        let name = self.required_line(raw.name, "name", "an author", &place);
        let role = self.optional_line(raw.role);
        let organisation = self.optional_line(raw.organisation);
        Some(Author {
            name: name?,
            role,
            organisation,
        })
    }

    pub(super) fn article_link(&mut self, raw: Spanned<RawLink>) -> Option<Link> {
        let place = self.place(&raw);
        let raw = raw.into_inner();
        let url = self.required(raw.url, "url", "the `link` of an article", &place)?;
        self.link(Some(url), raw.text, &place)
    }

    pub(super) fn image(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawPicture = self.typed_section(value, "an image", None);
        let image = self.required(raw.image, "image", "an image", place);
        self.picture(image, "the `image` of a section")
            .map(Content::Image)
    }

    pub(super) fn button(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawButton = self.typed_section(value, "a button", None);
        let text_place = raw.text.as_ref().map(|text| self.place(text));
        let text = self.required_line(raw.text, "text", "a button", place);
        let url = self.required(raw.url, "url", "a button", place);
        let url = self.url(url, text.as_deref(), text_place);
        Some(Content::Button(Link {
            url: url?,
            text: Some(text?),
        }))
    }

    pub(super) fn quote(&mut self, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        let raw: RawQuote = self.typed_section(value, "a quote", None);
        let by = self.optional_line(raw.by);
        let body = self.required_prose(raw.body, "body", "a quote", place)?;
        Some(Content::Quote(Quote { body, by }))
    }

    pub(super) fn nothing(&mut self, value: TomlValue<'_>, what: &str) -> Option<()> {
        let _: RawNothing = self.typed_section(value, what, None);
        Some(())
    }
}
