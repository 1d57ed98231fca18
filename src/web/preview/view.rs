//! The options of an issue's page: recipient, width, colours, conditions, tab. All of them are in the page's URL, so that a
//! view can be bookmarked and shared, and each has a key.

use url::form_urlencoded;

/// An option with a few values.
pub(super) trait Choice: Copy + PartialEq + Default + Sized + 'static {
    /// The name in the URL.
    const NAME: &'static str;
    /// The label on the page.
    const LABEL: &'static str;
    /// Each value with its word in the URL, its label and its key.
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

/// The width of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Width {
    Phone,
    LargePhone,
    Tablet,
    #[default]
    Full,
    /// In CSS pixels, as set by the slider.
    Free(u16),
}

impl Width {
    /// The range of the slider.
    pub(super) const FREE: std::ops::RangeInclusive<u16> = 240..=1600;

    /// In CSS pixels; `None` for the width that the page has.
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

/// The colour scheme in which a mail client shows the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shade {
    #[default]
    Light,
    /// The template's dark theme.
    Dark,
    /// The client darkens light backgrounds.
    Partial,
    /// The client inverts all colours.
    Inverted,
}

impl Choice for Shade {
    const NAME: &'static str = "light";
    const LABEL: &'static str = "Colours";
    const ALL: &'static [(Self, &'static str, &'static str, &'static str)] = &[
        (Self::Light, "light", "light", "l"),
        (Self::Dark, "dark", "dark", "d"),
        (Self::Partial, "partial", "darkened", "a"),
        (Self::Inverted, "inverted", "inverted", "i"),
    ];
}

impl Shade {
    /// The mail clients that a simulated scheme approximates; `None` for the message's own themes.
    pub(super) fn badge(self) -> Option<&'static str> {
        matches!(self, Self::Partial | Self::Inverted).then(|| self.description())
    }

    /// When recipients see the message in these colours.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Light => "The light theme of the template.",
            Self::Dark => "The dark theme of the template, in clients that support it.",
            Self::Partial => {
                "Approximates Gmail on Android and Outlook.com, which darken light backgrounds and keep dark ones."
            }
            Self::Inverted => {
                "Approximates Gmail on iOS and Outlook 2021, which invert every colour."
            }
        }
    }
}

/// A restriction of mail clients, or an aid for the editor, that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    PicturesOff,
    StylesOff,
    LargeText,
    LinksShown,
}

impl Condition {
    /// Each condition with its name and value in the URL, its label and its key.
    pub(super) const ALL: [(Self, &'static str, &'static str, &'static str, &'static str); 4] = [
        (Self::PicturesOff, "pictures", "off", "pictures off", "p"),
        (Self::StylesOff, "styles", "off", "style sheets off", "s"),
        (Self::LargeText, "text", "200", "text at 200 %", "z"),
        (Self::LinksShown, "links", "shown", "link targets", "k"),
    ];

    /// What changes in the message, and in which clients.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::PicturesOff => {
                "Shows alternative texts instead of pictures, as many clients do until the recipient agrees."
            }
            Self::StylesOff => {
                "Removes the style sheets in the head, as some clients do; only style attributes remain."
            }
            Self::LargeText => "Shows text at twice its size.",
            Self::LinksShown => "Shows the URL of each link after its text.",
        }
    }
}

/// A tab beside the message.
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

/// The options in the URL of an issue's page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct View {
    /// An address, the word of a specimen, or an empty string.
    pub(super) recipient: String,
    pub(super) width: Width,
    pub(super) light: Shade,
    pub(super) conditions: Vec<Condition>,
    pub(super) tab: Tab,
}

impl View {
    /// Parses a query; unknown names and values are ignored.
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

    /// The query without default values: `?width=375&light=dark`, or an empty string.
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

    /// The same view with a change.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut view = self.clone();
        change(&mut view);
        view
    }

    /// The same view with a condition switched.
    pub(super) fn toggled(&self, condition: Condition) -> Self {
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
    fn a_query_is_parsed_and_written() {
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
    fn invalid_values_are_ignored() {
        let view = View::of("width=nan&light=blue&pictures=maybe&tab=%00&x=y&width=99999");
        assert_eq!(view.width, Width::Full);
        assert_eq!(View::of("width=9999").width, Width::Free(1600));
        assert_eq!(view.tab, Tab::Checks);
    }
}
