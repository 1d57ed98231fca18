//! Every width, every light and every condition: nothing scrolls sideways, everything can be seen and read.

use serde_json::json;

use super::axe::Axe;
use super::visible_text::Seen;
use super::{Letter, TEMPLATES, letters};
use crate::support::Folder;
use crate::support::browser::{Page, View};

const WIDTHS: [u32; 4] = [320, 375, 600, 1200];
/// Where axe and the picture are asked: on either side of the width below which a template has other rules.
const NARROW_AND_WIDE: [u32; 2] = [320, 1200];

/// A change that a mail client or a user makes to a message, as a script that can run twice.
struct Condition {
    name: &'static str,
    script: &'static str,
}

const AS_SENT: Condition = Condition {
    name: "as sent",
    script: "0",
};

const PICTURES_OFF: Condition = Condition {
    name: "pictures off",
    script: "Promise.all([...document.images].filter(image => image.naturalWidth).map(image =>
        new Promise(done => { image.onerror = done; image.src = 'cid:withheld'; })))",
};

/// A webmail client puts the message into its own page; many remove the whole head.
const HEAD_STRIPPED: Condition = Condition {
    name: "head stripped",
    script: "document.head.querySelectorAll('style, meta').forEach(e => e.remove());
        document.body.removeAttribute('style'); document.body.removeAttribute('class')",
};

/// Larger text in the same window, as in the settings of a phone or of Thunderbird.
const TEXT_AT_DOUBLE_SIZE: Condition = Condition {
    name: "text at 200 %",
    script: "{ const all = [...document.body.querySelectorAll('*')];
        all.forEach(e => e.style.setProperty('font-size', e.dataset.size ??= e.style.fontSize));
        all.map(e => [e, parseFloat(getComputedStyle(e).fontSize)])
            .forEach(([e, size]) => e.style.setProperty('font-size', 2 * size + 'px', 'important')); }",
};

const CONDITIONS: [Condition; 4] = [AS_SENT, PICTURES_OFF, HEAD_STRIPPED, TEXT_AT_DOUBLE_SIZE];

/// The colour scheme of the mail client.
struct Light {
    name: &'static str,
    is_dark: bool,
    recolour: Option<&'static str>,
}

const LIGHTS: [Light; 5] = [
    Light {
        name: "light",
        is_dark: false,
        recolour: None,
    },
    Light {
        name: "dark",
        is_dark: true,
        recolour: None,
    },
    // Its marks alone: the dark rules that the letter has for it must be whole without the media rule.
    Light {
        name: "dark in Outlook.com",
        is_dark: false,
        recolour: Some(
            "['data-ogsc', 'data-ogsb'].forEach(mark => document.documentElement.setAttribute(mark, ''))",
        ),
    },
    Light {
        name: "turned over by Gmail on iOS or Outlook 2021",
        is_dark: false,
        recolour: Some(concat!(
            include_str!("../../scripts/recoloured.js"),
            "(true)"
        )),
    },
    Light {
        name: "darkened by Gmail on Android",
        is_dark: false,
        recolour: Some(concat!(
            include_str!("../../scripts/recoloured.js"),
            "(false)"
        )),
    },
];

#[test]
fn the_template_institute_renders_in_every_condition() {
    hold_everywhere(
        "the_template_institute_renders_in_every_condition",
        TEMPLATES[0],
    );
}

#[test]
fn the_template_letter_renders_in_every_condition() {
    hold_everywhere(
        "the_template_letter_renders_in_every_condition",
        TEMPLATES[1],
    );
}

fn hold_everywhere(test: &str, template: &str) {
    let (Some(mut page), Some(axe)) = (Page::new(test), Axe::new(test)) else {
        return;
    };
    let folder = Folder::with_samples();
    let mut faults = Vec::new();
    for letter in letters(&folder, template) {
        for condition in &CONDITIONS {
            for light in &LIGHTS {
                hold(&mut page, &axe, (&letter, condition, light), &mut faults);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// One message in one state, at every width.
fn hold(
    page: &mut Page,
    axe: &Axe,
    state: (&Letter, &Condition, &Light),
    faults: &mut Vec<String>,
) {
    let (letter, condition, light) = state;
    page.open(&letter.file);
    if let Some(script) = light.recolour {
        page.evaluate(&format!("{script};0"));
    }
    for width in WIDTHS {
        let is_dark = light.is_dark;
        page.look(View { width, is_dark });
        page.evaluate(condition.script);
        let place = format!(
            "{} at {width}, {}, {}",
            letter.name, light.name, condition.name
        );
        let axe = NARROW_AND_WIDE.contains(&width).then_some(axe);
        let found = faults_of(page, axe, state);
        faults.extend(found.iter().map(|fault| format!("{place}: {fault}")));
    }
}

fn faults_of(
    page: &mut Page,
    axe: Option<&Axe>,
    state: (&Letter, &Condition, &Light),
) -> Vec<String> {
    let (letter, condition, light) = state;
    let seen = Seen::on(page);
    let mut faults = seen.faults(&letter.written);
    if condition.name == PICTURES_OFF.name {
        faults.extend(seen.mute_pictures(&letter.written));
    }
    faults.extend(match axe {
        Some(axe) if light.name == "light" => axe.faults(page),
        Some(axe) => axe.faults_of_colour(page),
        None => Vec::new(),
    });
    faults
}

/// Chromium changes colours behind the styles, where no script can ask for them: only the picture tells.
#[test]
fn forced_dark_mode_keeps_every_message_readable() {
    let Some(mut page) = Page::new("forced_dark_mode_keeps_every_message_readable") else {
        return;
    };
    let folder = Folder::with_samples();
    page.force_dark();
    for letter in TEMPLATES
        .iter()
        .flat_map(|template| letters(&folder, template))
    {
        for condition in [AS_SENT, HEAD_STRIPPED] {
            for width in NARROW_AND_WIDE {
                let is_dark = false;
                page.look(View { width, is_dark });
                page.open(&letter.file);
                page.evaluate(condition.script);
                let place = format!("{} at {width}, {}", letter.name, condition.name);
                is_drawn_in_the_dark(&mut page, &place);
            }
        }
    }
}

fn is_drawn_in_the_dark(page: &mut Page, place: &str) {
    let shot = page.shot();
    let script = include_str!("../../scripts/drawn.js").trim_end();
    let drawn = page.evaluate(&format!("{script}('{shot}')"));
    let ground = drawn["ground"].as_f64().expect("a light");
    assert!(ground < 0.1, "{place} is not dark");
    assert_eq!(drawn["faint"], json!([]), "{place}");
}
