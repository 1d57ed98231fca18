//! How long a save takes until its letter is painted in the editor's browser, and what many saves cost the
//! preview in memory.
//!
//! `cargo bench --bench preview`. The sample issue, saved by rename, in headless Chromium; every letter that is
//! painted is compared with what was saved. The time ends when the browser has answered us over its DevTools
//! protocol, and so counts a little too much.

#[path = "../../tests/it/preview/server.rs"]
#[allow(dead_code, reason = "the tests ask for more")]
mod server;
#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests ask for more")]
mod support;

use std::time::{Duration, Instant};

use server::Preview;
use support::Folder;
use support::browser::{Page, View};

const ISSUE: &str = "issues/2026-11.toml";

/// How many saves are timed, and how many are made.
const TIMED: usize = 200;
const SAVES: usize = 1_000;

/// After how many the memory is first looked at.
const WARM: usize = 10;

fn main() {
    let Some(mut page) = Page::new("the bench of the preview") else {
        return;
    };
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    page.look(View {
        width: 1440,
        is_dark: false,
    });
    page.visit(&preview.url("/issue/2026-11?recipient=tomas.havel%40povodi.example"));
    let text = folder.read(ISSUE);
    let mut times = Vec::new();
    let mut warm = 0;
    for number in 1..=SAVES {
        let words = format!("Save {number} for");
        times.push(save(&mut page, &folder, &text.replace("Dear", &words)));
        let shown =
            page.evaluate("document.getElementById('mail').contentDocument.body.textContent");
        assert!(
            shown.as_str().is_some_and(|shown| shown.contains(&words)),
            "{words}"
        );
        if number == WARM {
            warm = preview.memory();
        }
    }
    let mut timed = times[..TIMED].to_vec();
    timed.sort();
    println!(
        "save to paint, {TIMED} saves: median {:.1?}, 95 % below {:.1?}, the longest {:.1?}",
        timed[TIMED / 2],
        timed[TIMED * 95 / 100],
        timed[TIMED - 1]
    );
    println!(
        "memory: {warm} KiB after {WARM} saves, {} KiB after {SAVES}",
        preview.memory()
    );
}

/// Saves the issue; the time until its letter is painted.
fn save(page: &mut Page, folder: &Folder, text: &str) -> Duration {
    let part = format!("{ISSUE}.part");
    folder.write(&part, text);
    page.evaluate(
        "window.painted = new Promise(done => document.addEventListener('shown', done, { once: true })); 0",
    );
    let begun = Instant::now();
    let path = folder.path();
    std::fs::rename(path.join(part), path.join(ISSUE)).expect("a file of the bench");
    page.evaluate("painted.then(() => 0)");
    begun.elapsed()
}
