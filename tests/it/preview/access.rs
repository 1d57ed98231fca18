//! Accessibility: axe-core reports nothing on any page, on a phone and on a desktop, in the light and in the dark.

use super::Preview;
use crate::interop::rendering::axe::Axe;
use crate::support::Folder;
use crate::support::browser::{Page, View};
use crate::support::relay::{Relay, smtp};
use franking::simulator::sink::AcceptAll;

const WIDTHS: [u32; 2] = [360, 1440];

/// What is wrong with the page as it is, in every size and light.
fn faults(page: &mut Page, axe: &Axe, what: &str, faults: &mut Vec<String>) {
    for width in WIDTHS {
        for is_dark in [false, true] {
            page.look(View { width, is_dark });
            // Another light changes colours and nothing else.
            let found = if is_dark {
                axe.faults_of_colour(page)
            } else {
                axe.faults_of_page(page)
            };
            let light = if is_dark { "dark" } else { "light" };
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{what} at {width}, {light}: {fault}")),
            );
            let beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth");
            if beyond.as_i64().is_some_and(|beyond| beyond > 0) {
                faults.push(format!(
                    "{what} at {width}: {beyond} pixels wider than the window"
                ));
            }
        }
    }
}

#[test]
fn axe_finds_nothing_on_any_page() {
    let test = "axe_finds_nothing_on_any_page";
    let (Some(mut page), Some(axe)) = (Page::new(test), Axe::new(test)) else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let folder = Folder::with_samples();
    folder.write(
        "newsletter.toml",
        &(folder.read("newsletter.toml") + &smtp(relay.port, "none", 1)),
    );
    let sent = folder.run_at("2026-11-20T08:00:00Z", &["send", "2026-10", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let good = folder.read("issues/2026-10.toml");
    folder.write(
        "issues/warned.toml",
        &(good.clone()
            + "\n[[section]]\nkind = \"text\"\nbody = \"TODO: [here](http://a.example)\"\n"),
    );
    folder.write("issues/faulty.toml", &good.replace("subject", "subjcet"));
    let preview = Preview::open(&folder);
    let mut found = Vec::new();
    for tab in [
        "checks", "text", "html", "source", "headers", "raw", "size", "changes",
    ] {
        let view = "recipient=joana.figueira%40tejo.example&light=dark";
        page.visit(&preview.url(&format!("/issue/2026-11?{view}&tab={tab}")));
        faults(&mut page, &axe, tab, &mut found);
    }
    for (path, what) in [
        ("/issue/2026-10", "without findings"),
        ("/issue/warned", "with findings"),
        ("/issue/faulty", "without a letter"),
        ("/issue/none", "no issue"),
        ("/", "all issues"),
    ] {
        page.visit(&preview.url(path));
        faults(&mut page, &axe, what, &mut found);
    }
    // A message of another version, and the help.
    page.visit(&preview.url("/issue/2026-10"));
    folder.write("issues/2026-10.toml", "subject = ");
    page.wait_until("document.querySelector('.stage.stale')");
    faults(&mut page, &axe, "broken", &mut found);
    page.press("?");
    page.wait_until("document.getElementById('help').open");
    faults(&mut page, &axe, "help", &mut found);
    // A test, by its form.
    page.visit(&preview.url("/issue/2026-11"));
    page.evaluate("document.getElementById('address').focus()");
    page.write("ed@confluence.example");
    page.leave(|page| page.press("Enter"));
    let heading = page.evaluate("document.querySelector('h1').textContent");
    assert_eq!(heading, "Send a test of “2026-11”?");
    faults(&mut page, &axe, "a test is asked for", &mut found);
    page.leave(|page| page.press("Enter"));
    let heading = page.evaluate("document.querySelector('h1').textContent");
    assert_eq!(heading, "Test sent");
    assert!(
        relay
            .recipients()
            .contains(&"ed@confluence.example".to_owned())
    );
    faults(&mut page, &axe, "a test is output", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
