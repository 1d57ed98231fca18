//! How the letter is looked at. All of it stands in the page's URL, so that a state can be kept and handed on,
//! and every state has a key.

use url::form_urlencoded;

/// A choice of one among a few, as the URL and the page name it.
pub(super) trait Choice: Copy + PartialEq + Default + Sized + 'static {
    /// What the URL calls it.
    const NAME: &'static str;
    /// What the page calls it.
    const LABEL: &'static str;
    /// All of them: the URL's word, the page's word, the key.
    const ALL: &'static [(Self, &'static str, &'static str, &'static str)];

    fn word(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|choice| choice.0 == self)
            .map_or("", |choice| choice.1)
    }

    fn of(word: &str) -> Self {
        let found = Self::ALL.iter().find(|choice| choice.1 == word);
        found.map_or_else(Self::default, |choice| choice.0)
    }
}

/// How wide the letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Width {
    Phone,
    LargePhone,
    Tablet,
    #[default]
    Full,
    /// As many CSS pixels as the editor has drawn it to.
    Free(u16),
}

impl Width {
    /// The narrowest and the widest that the editor can draw it to.
    pub(super) const FREE: std::ops::RangeInclusive<u16> = 240..=1600;

    /// In CSS pixels; `None` for as wide as there is room.
    pub(super) fn pixels(self) -> Option<u16> {
        match self {
            Self::Phone => Some(320),
            Self::LargePhone => Some(375),
            Self::Tablet => Some(600),
            Self::Full => None,
            Self::Free(pixels) => Some(pixels),
        }
    }

    pub(super) fn word(self) -> String {
        self.pixels()
            .map_or_else(|| "full".to_owned(), |pixels| pixels.to_string())
    }

    fn of(word: &str) -> Self {
        match word.parse::<u16>() {
            Ok(320) => Self::Phone,
            Ok(375) => Self::LargePhone,
            Ok(600) => Self::Tablet,
            Ok(pixels) => Self::Free(pixels.clamp(*Self::FREE.start(), *Self::FREE.end())),
            Err(_) => Self::Full,
        }
    }
}

/// In what light a client shows the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shade {
    #[default]
    Light,
    /// The dark that the template has written.
    Dark,
    /// Light grounds darkened, dark ones left.
    Partial,
    /// Everything turned over.
    Inverted,
}

impl Choice for Shade {
    const NAME: &'static str = "light";
    const LABEL: &'static str = "Light";
    const ALL: &'static [(Self, &'static str, &'static str, &'static str)] = &[
        (Self::Light, "light", "light", "l"),
        (Self::Dark, "dark", "dark", "d"),
        (Self::Partial, "partial", "darkened", "a"),
        (Self::Inverted, "inverted", "inverted", "i"),
    ];
}

impl Shade {
    /// Who shows it so, where that is our guess and not the letter's own rule.
    pub(super) fn badge(self) -> Option<&'static str> {
        match self {
            Self::Light | Self::Dark => None,
            Self::Partial => Some(
                "An approximation of Gmail on Android and Outlook.com, which darken light grounds and leave dark ones.",
            ),
            Self::Inverted => Some(
                "An approximation of Gmail on iOS and Outlook 2021, which turn every colour over.",
            ),
        }
    }
}

/// A condition that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    PicturesOff,
    StylesOff,
    LargeText,
    LinksShown,
}

impl Condition {
    /// All of them: the URL's name and word, the page's words, the key.
    pub(super) const ALL: [(Self, &'static str, &'static str, &'static str, &'static str); 4] = [
        (Self::PicturesOff, "pictures", "off", "pictures off", "p"),
        (Self::StylesOff, "styles", "off", "head stripped", "s"),
        (Self::LargeText, "text", "200", "text at 200 %", "z"),
        (Self::LinksShown, "links", "shown", "link targets", "k"),
    ];
}

/// What is shown beside the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tab {
    #[default]
    Checks,
    Text,
    Html,
    Source,
    Headers,
    Raw,
    Size,
    Changes,
}

impl Choice for Tab {
    const NAME: &'static str = "tab";
    const LABEL: &'static str = "Details";
    const ALL: &'static [(Self, &'static str, &'static str, &'static str)] = &[
        (Self::Checks, "checks", "Checks", "c"),
        (Self::Text, "text", "Plain text", "t"),
        (Self::Html, "html", "HTML", "h"),
        (Self::Source, "source", "Source", "u"),
        (Self::Headers, "headers", "Headers", "e"),
        (Self::Raw, "raw", "Raw", "w"),
        (Self::Size, "size", "Size", "b"),
        (Self::Changes, "changes", "Changes", "g"),
    ];
}

/// Everything that the URL of an issue's page says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct View {
    /// An address, an odd reader's name, or nothing.
    pub(super) recipient: String,
    pub(super) width: Width,
    pub(super) light: Shade,
    pub(super) conditions: Vec<Condition>,
    pub(super) tab: Tab,
}

impl View {
    /// Reads a query; what it does not know is as if it were not there.
    pub(super) fn of(query: &str) -> Self {
        let mut view = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                // `reader` is the old name, which bookmarks may contain.
                "recipient" | "reader" => view.recipient = value.trim().to_owned(),
                "width" => view.width = Width::of(&value),
                Shade::NAME => view.light = Shade::of(&value),
                Tab::NAME => view.tab = Tab::of(&value),
                _ => view.conditions.extend(
                    Condition::ALL
                        .iter()
                        .find(|condition| condition.1 == name && condition.2 == value)
                        .map(|condition| condition.0),
                ),
            }
        }
        view
    }

    pub(super) fn has(&self, condition: Condition) -> bool {
        self.conditions.contains(&condition)
    }

    /// The query, without what goes without saying: `?width=375&light=dark`, or nothing.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.recipient.is_empty() {
            query.append_pair("recipient", &self.recipient);
        }
        if self.width != Width::default() {
            query.append_pair("width", &self.width.word());
        }
        if self.light != Shade::default() {
            query.append_pair(Shade::NAME, self.light.word());
        }
        for (condition, name, word, ..) in Condition::ALL {
            if self.has(condition) {
                query.append_pair(name, word);
            }
        }
        if self.tab != Tab::default() {
            query.append_pair(Tab::NAME, self.tab.word());
        }
        let query = query.finish();
        if query.is_empty() {
            query
        } else {
            format!("?{query}")
        }
    }

    /// The same view with one thing changed.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut view = self.clone();
        change(&mut view);
        view
    }

    /// The same view with a condition on that was off, or off that was on.
    pub(super) fn turned(&self, condition: Condition) -> Self {
        self.with(|view| {
            if view.has(condition) {
                view.conditions.retain(|other| *other != condition);
            } else {
                view.conditions.push(condition);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_its_query() {
        for query in [
            "",
            "?width=375",
            "?width=512&light=dark",
            "?recipient=ann%40reader.example&width=320&light=inverted&pictures=off&styles=off&text=200&links=shown&tab=size",
        ] {
            assert_eq!(View::of(query.trim_start_matches('?')).query(), query);
        }
    }

    #[test]
    fn the_old_name_of_the_recipient_is_read() {
        let view = View::of("reader=ann%40reader.example");
        assert_eq!(view.query(), "?recipient=ann%40reader.example");
    }

    #[test]
    fn nonsense_is_as_if_it_were_not_there() {
        let view = View::of("width=nan&light=blue&pictures=maybe&tab=%00&x=y&width=99999");
        assert_eq!(view.width, Width::Full);
        assert_eq!(View::of("width=9999").width, Width::Free(1600));
        assert_eq!(view.tab, Tab::Checks);
    }
}
