//! Every condition, by its URL and by its key, measured in the frame; and everything by keys alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Preview;
use crate::support::Folder;
use crate::support::browser::{Page, View};

const PAGE: &str = "/issue/2026-11?recipient=tomas.havel%40povodi.example";

/// A state of the letter: what the URL says, the key that leads there from the page as it opens.
struct State {
    query: &'static str,
    key: &'static str,
}

const WIDTHS: [(&str, &str, u32); 3] = [("320", "1", 320), ("375", "2", 375), ("600", "3", 600)];

/// The frame as it is drawn: nothing is measured before it is there.
const READY: &str = "document.querySelectorAll('#stage iframe').length == 1
    && document.getElementById('mail').contentDocument.readyState == 'complete'
    && document.getElementById('state').textContent == 'Up to date'";

const LETTER: &str = "document.getElementById('mail').contentDocument";

/// Of every element of the letter: the colour of its words, if it holds any, and its ground.
fn colours(document: &str) -> String {
    format!(
        "[...{document}.body.querySelectorAll('*:not(template)')].map(e => {{
            const style = getComputedStyle(e);
            const speaks = [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim());
            return [e.localName, speaks ? style.color : '', style.backgroundColor];
        }})"
    )
}

/// Of every element that holds words: how large they are.
const SIZES: &str =
    "[...document.getElementById('mail').contentDocument.body.querySelectorAll('*')]
    .filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()))
    .map(e => parseFloat(getComputedStyle(e).fontSize))";

/// The page in a state, first by its URL and then by its key; what is measured is the same both times.
fn measured(page: &mut Page, preview: &Preview, state: &State, expression: &str) -> Value {
    page.visit(&preview.url(&format!("{PAGE}&{}", state.query)));
    page.wait_until(READY);
    let by_url = page.evaluate(expression);
    page.visit(&preview.url(PAGE));
    page.wait_until(READY);
    page.press(state.key);
    page.wait_until(&format!("location.search.includes('{}')", state.query));
    page.wait_until(&format!(
        "{READY} && document.querySelector('[data-key=\"{}\"][aria-current]')",
        state.key
    ));
    assert_eq!(page.evaluate(expression), by_url, "{}", state.query);
    by_url
}

#[test]
fn every_condition_does_what_its_name_says() {
    let Some(mut page) = Page::new("every_condition_does_what_its_name_says") else {
        return;
    };
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    page.look(View {
        width: 1800,
        is_dark: false,
    });
    widths(&mut page, &preview);
    lights(&mut page, &folder, &preview);
    what_clients_take_away(&mut page, &preview);
    larger_text_and_shown_links(&mut page, &preview);
}

fn widths(page: &mut Page, preview: &Preview) {
    const WIDTH: &str = "document.getElementById('mail').contentWindow.innerWidth";
    for (word, key, pixels) in WIDTHS {
        let query: &'static str = match word {
            "320" => "width=320",
            "375" => "width=375",
            _ => "width=600",
        };
        assert_eq!(
            measured(page, preview, &State { query, key }, WIDTH),
            pixels
        );
    }
    page.visit(&preview.url(&format!("{PAGE}&width=512")));
    page.wait_until(READY);
    assert_eq!(page.evaluate(WIDTH), 512);
    // Drawn by the arrow keys.
    page.press("5");
    page.press("ArrowLeft");
    page.wait_until(&format!(
        "location.search.includes('width=511') && {READY} && {WIDTH} == 511"
    ));
    page.press("4");
    page.wait_until(&format!("!location.search.includes('width') && {READY}"));
    let room = page.evaluate("document.getElementById('stage').clientWidth");
    assert_eq!(page.evaluate(WIDTH), room);
}

/// The oracle is the built letter in the browser's own light, and as the formula of the looks' tests has it.
fn lights(page: &mut Page, folder: &Folder, preview: &Preview) {
    let built = folder.run(&["build", "2026-11", "--as", "tomas.havel@povodi.example"]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    let file = folder.path().join(built.stdout.trim()).join("2026-11.html");
    let colours_here = colours("document");
    let mut seen = Vec::new();
    for (is_dark, query, key) in [(false, "light=light", "l"), (true, "light=dark", "d")] {
        page.look(View {
            width: 1800,
            is_dark,
        });
        page.open(&file);
        let expected = page.evaluate(&colours_here);
        // Whatever the light of the editor's own window is.
        page.look(View {
            width: 1800,
            is_dark: !is_dark,
        });
        let found = if is_dark {
            measured(page, preview, &State { query, key }, &colours(LETTER))
        } else {
            page.visit(&preview.url(PAGE));
            page.wait_until(READY);
            page.evaluate(&colours(LETTER))
        };
        assert_eq!(found, expected, "{query}");
        seen.push(found);
    }
    page.look(View {
        width: 1800,
        is_dark: false,
    });
    for (everything, query, key, client) in [
        (false, "light=partial", "a", "Gmail on Android"),
        (true, "light=inverted", "i", "Outlook 2021"),
    ] {
        let found = measured(page, preview, &State { query, key }, &colours(LETTER));
        let badge = page.evaluate("document.querySelector('#notice .badge').textContent");
        assert!(
            badge
                .as_str()
                .is_some_and(|badge| badge.contains("Approximates") && badge.contains(client)),
            "{badge}"
        );
        page.open(&file);
        page.evaluate(&format!(
            "{}({everything});0",
            include_str!("../scripts/recoloured.js").trim_end()
        ));
        let expected = page.evaluate(&colours_here);
        differ_by_a_step(&found, &expected, query);
        seen.push(found);
    }
    let kinds: BTreeSet<String> = seen.iter().map(Value::to_string).collect();
    assert_eq!(kinds.len(), 4, "four lights are four letters");
}

/// The colours are those of the formula; two that round may differ by one.
fn differ_by_a_step(found: &Value, expected: &Value, query: &str) {
    let numbers = |colour: &Value| -> Vec<i64> {
        let text = colour.as_str().unwrap_or_default();
        let parts = text.split(|c: char| !c.is_ascii_digit());
        parts.filter_map(|part| part.parse().ok()).collect()
    };
    let (found, expected) = (
        found.as_array().expect("rows"),
        expected.as_array().expect("rows"),
    );
    assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        for column in [1, 2] {
            let pairs = numbers(&found[column]);
            let pairs = pairs.into_iter().zip(numbers(&expected[column]));
            let is_near = pairs.into_iter().all(|(a, b)| (a - b).abs() <= 1);
            assert!(
                is_near,
                "{query}, element {at}: {found}, and not {expected}"
            );
        }
    }
}

fn what_clients_take_away(page: &mut Page, preview: &Preview) {
    const PICTURES: &str =
        "[...document.getElementById('mail').contentDocument.images].map(i => i.naturalWidth > 0)";
    const RULES: &str = "[...document.getElementById('mail').contentDocument.styleSheets]
        .flatMap(sheet => [...sheet.cssRules].map(rule => rule.cssText))";
    page.visit(&preview.url(PAGE));
    page.wait_until(READY);
    let with = page.evaluate(PICTURES);
    let count = with.as_array().map_or(0, Vec::len);
    assert_eq!(with, json!(vec![true; count]));
    assert!(count >= 3, "{count}");
    let styled = page.evaluate(RULES);
    assert!(styled.to_string().contains("@media"), "{styled}");

    let state = State {
        query: "pictures=off",
        key: "p",
    };
    assert_eq!(
        measured(page, preview, &state, PICTURES),
        json!(vec![false; count])
    );
    // The scheme of the window is the client's own.
    let state = State {
        query: "styles=off",
        key: "s",
    };
    assert_eq!(
        measured(page, preview, &state, RULES),
        json!([":root { color-scheme: light; }"])
    );
}

fn larger_text_and_shown_links(page: &mut Page, preview: &Preview) {
    const LINKS: &str = "[...document.getElementById('mail').contentDocument.querySelectorAll('a[href]')]
        .filter(a => a.textContent.trim() && !getComputedStyle(a, '::after').content.includes(a.getAttribute('href')))
        .length";
    page.visit(&preview.url(PAGE));
    page.wait_until(READY);
    let sizes: Vec<f64> = serde_json::from_value(page.evaluate(SIZES)).expect("sizes");
    assert!(sizes.len() > 50, "{}", sizes.len());
    let links = page.evaluate(LINKS);
    assert!(links.as_u64().is_some_and(|links| links > 20), "{links}");
    let state = State {
        query: "text=200",
        key: "z",
    };
    let doubled: Vec<f64> = sizes.iter().map(|size| 2.0 * size).collect();
    let found: Vec<f64> =
        serde_json::from_value(measured(page, preview, &state, SIZES)).expect("sizes");
    assert_eq!(found, doubled);
    let state = State {
        query: "links=shown",
        key: "k",
    };
    assert_eq!(measured(page, preview, &state, LINKS), 0);
}

/// The keys of the help, each with what holds once it has been pressed.
const KEYS: [(&str, &str); 24] = [
    ("1", "location.search.includes('width=320')"),
    ("2", "location.search.includes('width=375')"),
    ("3", "location.search.includes('width=600')"),
    ("4", "!location.search.includes('width=')"),
    ("5", "document.activeElement.id == 'free'"),
    ("d", "location.search.includes('light=dark')"),
    ("a", "location.search.includes('light=partial')"),
    ("i", "location.search.includes('light=inverted')"),
    ("l", "!location.search.includes('light=')"),
    ("p", "location.search.includes('pictures=off')"),
    ("s", "location.search.includes('styles=off')"),
    ("z", "location.search.includes('text=200')"),
    ("k", "location.search.includes('links=shown')"),
    ("t", "location.search.includes('tab=text')"),
    ("h", "location.search.includes('tab=html')"),
    ("u", "location.search.includes('tab=source')"),
    ("e", "location.search.includes('tab=headers')"),
    ("w", "location.search.includes('tab=raw')"),
    ("b", "location.search.includes('tab=size')"),
    ("g", "location.search.includes('tab=changes')"),
    ("c", "!location.search.includes('tab=')"),
    (
        "n",
        "document.querySelector('#outline a[data-section]').hasAttribute('aria-current')
        && document.activeElement.closest('#outline')",
    ),
    ("r", "document.activeElement.id == 'recipient'"),
    ("?", "document.getElementById('help').open"),
];

#[test]
fn the_preview_is_usable_by_keyboard() {
    let Some(mut page) = Page::new("the_preview_is_usable_by_keyboard") else {
        return;
    };
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    page.look(View {
        width: 1440,
        is_dark: false,
    });
    page.visit(&preview.url("/issue/2026-11"));
    page.wait_until(READY);
    page.press("?");
    page.wait_until("document.getElementById('help').open");
    let output =
        page.evaluate("[...document.querySelectorAll('#help kbd')].map(k => k.textContent)");
    let output: BTreeSet<String> = serde_json::from_value(output).expect("keys");
    assert_eq!(
        output,
        KEYS.iter().map(|(key, _)| (*key).to_owned()).collect()
    );
    page.press("Escape");
    page.wait_until("!document.getElementById('help').open");
    for (key, holds) in KEYS {
        // A key that is typed is a letter like others.
        page.evaluate("document.activeElement.blur()");
        page.press(key);
        page.wait_until(holds);
        // Where a section is said in the place of the state, nothing was asked for.
        if holds.contains("location") {
            page.wait_until(READY);
        }
    }
    page.press("Escape");
    read_as_somebody(&mut page);
    reaches_everything(&mut page, &preview);
}

/// By typing a part of a name, and Enter; what is typed there is no key of the page.
fn read_as_somebody(page: &mut Page) {
    page.evaluate("document.activeElement.blur()");
    page.press("r");
    page.evaluate("document.activeElement.select()");
    page.write("havel");
    let found = "[...document.getElementById('recipients').options].some(o => o.value == 'tomas.havel@povodi.example')";
    page.wait_until(found);
    page.press("?");
    assert_eq!(page.evaluate("document.getElementById('help').open"), false);
    page.evaluate("document.activeElement.select()");
    page.write("tomas.havel@povodi.example");
    page.press("Enter");
    page.wait_until("location.search.includes('recipient=tomas.havel%40povodi.example')");
    page.wait_until(&format!(
        "{READY} && {LETTER}.body.textContent.includes('Dear Tomáš')"
    ));
}

/// Tab visits every control once: those of the page, and the links of the message.
fn reaches_everything(page: &mut Page, preview: &Preview) {
    page.visit(&preview.url("/issue/2026-11"));
    page.wait_until(READY);
    let count = page.evaluate(
        "(() => {
            const usable = 'a[href], button, input, summary, [tabindex=\"0\"]';
            const all = [...document.querySelectorAll(usable)]
                .filter(e => e.checkVisibility() && !e.disabled && !e.closest('[inert]') && e.type != 'hidden');
            window.unreached = new Set(all);
            document.addEventListener('focusin', event => unreached.delete(event.target));
            return all.length;
        })()",
    );
    let count = count.as_u64().expect("a number");
    assert!(count > 40, "{count}");
    let links = page.evaluate(&format!("{LETTER}.querySelectorAll('a').length"));
    for _ in 0..count + links.as_u64().expect("a number") + 10 {
        page.press("Tab");
    }
    let left = page.evaluate("[...unreached].map(e => e.outerHTML)");
    assert_eq!(left, json!([]));
}
