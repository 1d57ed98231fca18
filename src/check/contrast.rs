//! The contrast of every text in the finished message (WCAG 2.2, success criterion 1.4.3): as written, in the dark mode
//! of the template's own rules, and in clients that invert colours.

use std::collections::BTreeMap;

use scraper::node::Node;
use scraper::{ElementRef, Html, Selector};

use super::Subject;
use crate::diag::{Finding, Findings, Place};
use crate::newsletter::template::{
    Declaration, Inlined, Kind, Rgba, StyleRule, Template, Word, colour, colour_of, declarations,
    variables, words,
};
use crate::util::colour::Colour;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Light,
    Dark,
    Inverted,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "in light mode",
            Self::Dark => "in dark mode",
            Self::Inverted => "in a client that inverts colours",
        }
    }
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let template = subject.template;
    // An error may have removed a colour.
    if template.has_gaps {
        return;
    }
    let document = Html::parse_document(&subject.edition.html.fixed());
    let dark = dark_rules(template);
    let mut pairs = BTreeMap::new();
    for mode in [Mode::Light, Mode::Dark, Mode::Inverted] {
        // Without rules for dark mode, the message has the colours of light mode there.
        if mode == Mode::Dark && dark.is_empty() {
            continue;
        }
        let mut walk = ContrastWalk {
            template,
            mode,
            rules: if mode == Mode::Dark { &dark } else { &[] },
            pairs: &mut pairs,
        };
        walk.element(document.root_element(), Computed::default());
    }
    for (pair, declared) in &pairs {
        if !is_repeated(pair, &pairs) {
            findings.push(pair.finding(declared, template));
        }
    }
}

/// Whether the same colours are reported for small text.
fn is_repeated(pair: &Pair, pairs: &BTreeMap<Pair, Declared>) -> bool {
    let small = Pair {
        is_large: false,
        ..*pair
    };
    pair.is_large && pairs.contains_key(&small)
}

/// The colours of a text and of its background.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    mode: Mode,
    text: Colour,
    ground: Colour,
    is_large: bool,
}

/// The locations of the declarations that set the two colours.
struct Declared {
    text: Option<Place>,
    ground: Option<Place>,
}

impl Pair {
    /// The contrast that WCAG requires.
    fn least(&self) -> f64 {
        if self.is_large { 3.0 } else { 4.5 }
    }

    fn contrast(&self) -> f64 {
        match self.mode {
            Mode::Inverted => self.text.inverted().contrast(self.ground.inverted()),
            _ => self.text.contrast(self.ground),
        }
    }

    fn finding(&self, declared: &Declared, template: &Template) -> Finding {
        let (text, place) = described(self.text, declared.text.as_ref(), template);
        let (ground, ground_place) = described(self.ground, declared.ground.as_ref(), template);
        let message = format!(
            "{text} on {ground} has a contrast of {:.1} {}",
            self.contrast(),
            self.mode.name()
        );
        let size = if self.is_large { "large text" } else { "text" };
        let hint = format!("WCAG requires at least {} for {size}", self.least());
        let has_place = place.is_some();
        let finding = Finding::warning("low-contrast", message)
            .at(place)
            .hint(hint);
        match ground_place {
            Some(at) if has_place => finding.related(at, "the background"),
            _ => finding,
        }
    }
}

/// A colour with the token in its declaration, and the location of the token or, without one, of the declaration.
fn described(shown: Colour, place: Option<&Place>, template: &Template) -> (String, Option<Place>) {
    let Some(place) = place else {
        return (shown.to_string(), None);
    };
    let names = variables(&place.source().text()[place.span()]);
    let mut tokens = names.iter().filter_map(|name| {
        let place = template.colour_places.get(name)?;
        Some((format!("`{name}` ({shown})"), Some(place.clone())))
    });
    let token = tokens.next();
    token.unwrap_or_else(|| (shown.to_string(), Some(place.clone())))
}

/// The origin of a colour.
#[derive(Clone, Copy)]
enum Origin<'a> {
    /// The defaults of the client.
    Client,
    /// The style attribute of this element.
    Attribute(ElementRef<'a>),
    /// A rule for dark mode.
    ContrastRule(&'a Declaration),
}

/// The part of an element's computed style that contrast depends on. Children inherit it.
#[derive(Clone, Copy)]
struct Computed<'a> {
    text: Rgba,
    text_origin: Origin<'a>,
    ground: Colour,
    ground_origin: Origin<'a>,
    /// The font size in CSS pixels.
    size: f64,
    is_bold: bool,
}

impl Default for Computed<'_> {
    fn default() -> Self {
        Self {
            text: Colour::BLACK.into(),
            text_origin: Origin::Client,
            ground: Colour::WHITE,
            ground_origin: Origin::Client,
            size: 16.0,
            is_bold: false,
        }
    }
}

impl<'a> Computed<'a> {
    /// Applies a declaration of an element inside one that looks like `around`.
    fn declare(&mut self, name: &str, value: &str, origin: Origin<'a>, around: &Self) {
        match name {
            "color" => {
                if let Some(text) = colour(value) {
                    (self.text, self.text_origin) = (text, origin);
                }
            }
            "background-color" | "background" => {
                if let Some(ground) = background(name, value) {
                    self.paint(ground, origin, around);
                }
            }
            "font-size" => self.size = words(value).iter().find_map(pixels).unwrap_or(self.size),
            "font-weight" => self.is_bold = words(value).iter().any(is_bold),
            "font" => self.font(&words(value)),
            _ => {}
        }
    }

    fn paint(&mut self, ground: Rgba, origin: Origin<'a>, around: &Self) {
        self.ground = ground.over(around.ground);
        self.ground_origin = match ground.opacity > 0.0 {
            true => origin,
            false => around.ground_origin,
        };
    }

    /// `italic 700 19px/1.35 Georgia, serif`: the weight is normal unless it is named.
    fn font(&mut self, words: &[Word<'_>]) {
        let end = words.iter().position(|word| word.kind == Kind::Slash);
        let words = &words[..end.unwrap_or(words.len())];
        self.is_bold = words.iter().any(is_bold);
        self.size = words.iter().find_map(pixels).unwrap_or(self.size);
    }

    /// 18 points, or 14 in bold (WCAG 2.2, large-scale text).
    fn is_large(&self) -> bool {
        self.size >= 24.0 || (self.is_bold && self.size >= 18.66)
    }
}

/// The colour that a background declaration paints. The shorthand without a colour resets it to transparent.
fn background(name: &str, value: &str) -> Option<Rgba> {
    if name == "background-color" {
        return colour(value);
    }
    let named = words(value).iter().find_map(colour_of);
    named.or_else(|| colour("transparent"))
}

fn pixels(word: &Word<'_>) -> Option<f64> {
    match &word.kind {
        Kind::Dimension(value, unit) if unit == "px" => Some(f64::from(*value)),
        _ => None,
    }
}

fn is_bold(word: &Word<'_>) -> bool {
    match &word.kind {
        Kind::Keyword(name) => name == "bold",
        Kind::Number(weight) => *weight >= 600.0,
        _ => false,
    }
}

struct ContrastWalk<'w, 'a> {
    template: &'a Template,
    mode: Mode,
    rules: &'a [ContrastRule<'a>],
    pairs: &'w mut BTreeMap<Pair, Declared>,
}

struct ContrastRule<'a> {
    selector: Selector,
    declarations: &'a [Declaration],
}

impl<'a> ContrastWalk<'_, 'a> {
    fn element(&mut self, element: ElementRef<'a>, around: Computed<'a>) {
        let style = element.value().attr("style").unwrap_or_default();
        let declarations = declarations(style);
        let hides = |one: &Inlined| (&*one.name, &*one.value) == ("display", "none");
        if declarations.iter().any(hides) {
            return;
        }
        let computed = self.computed(element, &declarations, around);
        for child in element.children() {
            match child.value() {
                Node::Text(text) if !text.trim().is_empty() => self.text(&computed),
                _ => {}
            }
            if let Some(inner) = ElementRef::wrap(child).filter(is_shown) {
                self.element(inner, computed);
            }
        }
    }

    fn computed(
        &self,
        element: ElementRef<'a>,
        style: &[Inlined],
        around: Computed<'a>,
    ) -> Computed<'a> {
        let mut computed = around;
        computed.is_bold |= element.value().name() == "strong";
        for one in style {
            let origin = Origin::Attribute(element);
            computed.declare(&one.name, &one.value, origin, &around);
        }
        for rule in self
            .rules
            .iter()
            .filter(|rule| rule.selector.matches(&element))
        {
            for one in rule.declarations {
                computed.declare(&one.name, &one.value, Origin::ContrastRule(one), &around);
            }
        }
        computed
    }

    fn text(&mut self, computed: &Computed<'_>) {
        let pair = Pair {
            mode: self.mode,
            text: computed.text.over(computed.ground),
            ground: computed.ground,
            is_large: computed.is_large(),
        };
        if pair.contrast() < pair.least() && !self.pairs.contains_key(&pair) {
            let declared = Declared {
                text: self.declaration(computed.text_origin, &["color"]),
                ground: self
                    .declaration(computed.ground_origin, &["background-color", "background"]),
            };
            self.pairs.insert(pair, declared);
        }
    }

    /// The location of the declaration that set the text colour or background of an element.
    fn declaration(&self, origin: Origin<'_>, properties: &[&str]) -> Option<Place> {
        let element = match origin {
            Origin::Client => return None,
            Origin::ContrastRule(declaration) => return Some(declaration.place.clone()),
            Origin::Attribute(element) => element,
        };
        let matches = |rule: &&StyleRule| {
            let mut selectors = rule.selectors.iter();
            selectors.any(|one| Selector::parse(&one.text).is_ok_and(|one| one.matches(&element)))
        };
        let style = declarations(element.attr("style")?);
        let rules = self.template.sheet.rules.iter().filter(matches);
        let mut declared = rules.flat_map(|rule| &rule.declarations).filter(|one| {
            let mut written = style.iter();
            properties.contains(&&*one.name)
                && written.any(|own| own.name == one.name && own.value == one.value)
        });
        declared.next_back().map(|one| one.place.clone())
    }
}

fn is_shown(element: &ElementRef<'_>) -> bool {
    !matches!(
        element.value().name(),
        "head" | "style" | "title" | "script"
    )
}

/// The rules for dark mode, one for each selector.
fn dark_rules(template: &Template) -> Vec<ContrastRule<'_>> {
    let dark = template.sheet.head_rules().filter(|rule| rule.is_dark());
    let rules = dark.flat_map(|around| &around.rules);
    let rules = rules.flat_map(|rule| {
        rule.selectors.iter().filter_map(|selector| {
            Some(ContrastRule {
                selector: Selector::parse(&selector.text).ok()?,
                declarations: &rule.declarations,
            })
        })
    });
    rules.collect()
}
