//! Contrast, computed for every text of the finished letter in three worlds: as written, in the dark of our
//! own rules, and inverted by a client that asks nobody (WCAG 2.2, success criterion 1.4.3).

use std::collections::BTreeSet;

use scraper::node::Node;
use scraper::{ElementRef, Html, Selector};

use super::Subject;
use crate::diag::{Finding, Findings, Place};
use crate::newsletter::template::{Declaration, Inlined, Template, declarations};
use crate::util::colour::Colour;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum World {
    Light,
    Dark,
    Inverted,
}

impl World {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "in the light",
            Self::Dark => "in the dark",
            Self::Inverted => "where a client inverts the colours",
        }
    }
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    // Colours that are missing for an error were meant to be seen.
    if subject.template.has_gaps {
        return;
    }
    let document = Html::parse_document(&subject.edition.html.fixed());
    let dark = dark_rules(subject.template);
    let mut pairs = BTreeSet::new();
    for world in [World::Light, World::Dark, World::Inverted] {
        // Without rules for the dark, the letter is there what it is in the light.
        if world == World::Dark && dark.is_empty() {
            continue;
        }
        let rules = if world == World::Dark {
            dark.as_slice()
        } else {
            &[]
        };
        let mut walk = Walk {
            world,
            rules,
            pairs: &mut pairs,
        };
        walk.element(document.root_element(), Look::default());
    }
    // What is too faint for small letters is told once, though there may be large ones too.
    let is_told = |pair: &Pair| {
        let small = Pair {
            is_large: false,
            ..*pair
        };
        pair.is_large && pairs.contains(&small)
    };
    for pair in pairs.iter().filter(|pair| !is_told(pair)) {
        findings.push(pair.finding(subject.template));
    }
}

/// A text and its ground that are too near each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    world: World,
    text: Colour,
    ground: Colour,
    is_large: bool,
}

impl Pair {
    /// What the two must have at least: large letters may have less.
    fn least(&self) -> f64 {
        if self.is_large { 3.0 } else { 4.5 }
    }

    fn contrast(&self) -> f64 {
        match self.world {
            World::Inverted => self.text.inverted().contrast(self.ground.inverted()),
            _ => self.text.contrast(self.ground),
        }
    }

    fn finding(&self, template: &Template) -> Finding {
        let (text, place) = token(template, self.world, self.text);
        let (ground, ground_place) = token(template, self.world, self.ground);
        let message = format!(
            "{text} on {ground} has a contrast of {:.1} {}",
            self.contrast(),
            self.world.name()
        );
        let finding = Finding::warning("low-contrast", message)
            .at(place.cloned())
            .hint(format!(
                "{} is the least that can be read well",
                self.least()
            ));
        match ground_place {
            Some(at) if place.is_some() => finding.related(at.clone(), "the ground"),
            _ => finding,
        }
    }
}

/// The token of the theme that has this colour, and its place; the colour itself where none has.
fn token(template: &Template, world: World, colour: Colour) -> (String, Option<&Place>) {
    let table = if world == World::Dark {
        "--dark-"
    } else {
        "--color-"
    };
    let found = template
        .tokens
        .iter()
        .find(|(name, value)| name.starts_with(table) && Colour::parse(value) == Some(colour));
    match found {
        Some((name, _)) => (
            format!("`{name}` ({colour})"),
            template.colour_places.get(name),
        ),
        None => (colour.to_string(), None),
    }
}

/// How an element looks; what it does not say it has from the one around it.
#[derive(Clone, Copy)]
struct Look {
    text: Colour,
    ground: Colour,
    /// The size of its letters in CSS pixels.
    size: f64,
    is_bold: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            text: Colour::BLACK,
            ground: Colour::WHITE,
            size: 16.0,
            is_bold: false,
        }
    }
}

impl Look {
    fn declare(&mut self, name: &str, value: &str) {
        match name {
            "color" => self.text = Colour::parse(value).unwrap_or(self.text),
            "background-color" => self.ground = Colour::parse(value).unwrap_or(self.ground),
            "font-size" => self.size = pixels(value).unwrap_or(self.size),
            "font-weight" => self.is_bold = is_bold(value),
            "font" => self.font(value),
            _ => {}
        }
    }

    /// `italic 700 19px/1.35 Georgia, serif`: a weight that is not said is the normal one.
    fn font(&mut self, value: &str) {
        self.is_bold = value.split_whitespace().any(is_bold);
        let sizes = value.split_whitespace();
        let sizes = sizes.map(|word| word.split_once('/').map_or(word, |(size, _)| size));
        self.size = sizes.filter_map(pixels).next().unwrap_or(self.size);
    }

    /// 18 points, or 14 in bold (WCAG 2.2, large-scale text).
    fn is_large(self) -> bool {
        self.size >= 24.0 || (self.is_bold && self.size >= 18.66)
    }
}

fn pixels(value: &str) -> Option<f64> {
    value.strip_suffix("px")?.parse().ok()
}

fn is_bold(value: &str) -> bool {
    matches!(value, "bold" | "600" | "700" | "800" | "900")
}

struct Walk<'a> {
    world: World,
    rules: &'a [Rule<'a>],
    pairs: &'a mut BTreeSet<Pair>,
}

struct Rule<'a> {
    selector: Selector,
    declarations: &'a [Declaration],
}

impl Walk<'_> {
    fn element(&mut self, element: ElementRef<'_>, around: Look) {
        let style = element.value().attr("style").unwrap_or_default();
        let declarations = declarations(style);
        let hides = |one: &Inlined| (&*one.name, &*one.value) == ("display", "none");
        if declarations.iter().any(hides) {
            return;
        }
        let look = self.look(element, &declarations, around);
        for child in element.children() {
            match child.value() {
                Node::Text(text) if !text.trim().is_empty() => self.text(look),
                _ => {}
            }
            if let Some(inner) = ElementRef::wrap(child).filter(is_shown) {
                self.element(inner, look);
            }
        }
    }

    fn look(&self, element: ElementRef<'_>, style: &[Inlined], around: Look) -> Look {
        let mut look = around;
        look.is_bold |= element.value().name() == "strong";
        for one in style {
            look.declare(&one.name, &one.value);
        }
        for rule in self
            .rules
            .iter()
            .filter(|rule| rule.selector.matches(&element))
        {
            for one in rule.declarations {
                look.declare(&one.name, &one.value);
            }
        }
        look
    }

    fn text(&mut self, look: Look) {
        let pair = Pair {
            world: self.world,
            text: look.text,
            ground: look.ground,
            is_large: look.is_large(),
        };
        if pair.contrast() < pair.least() {
            self.pairs.insert(pair);
        }
    }
}

fn is_shown(element: &ElementRef<'_>) -> bool {
    !matches!(
        element.value().name(),
        "head" | "style" | "title" | "script"
    )
}

/// The rules for the dark, one for each selector.
fn dark_rules(template: &Template) -> Vec<Rule<'_>> {
    let dark = template.sheet.head_rules().filter(|rule| rule.is_dark());
    let rules = dark.flat_map(|around| &around.rules);
    let rules = rules.flat_map(|rule| {
        rule.selectors.iter().filter_map(|selector| {
            Some(Rule {
                selector: Selector::parse(&selector.text).ok()?,
                declarations: &rule.declarations,
            })
        })
    });
    rules.collect()
}
