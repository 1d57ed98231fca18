//! What is saved is shown, and nothing else moves.

use serde_json::json;

use super::Preview;
use crate::support::Folder;
use crate::support::browser::{Page, View};
use crate::support::relay::{self, BadDay, Relay};

const ISSUE: &str = "issues/2026-11.toml";

/// Saves as most editors do: another file first, and that in the place of the old one.
fn save(folder: &Folder, file: &str, text: &str) {
    let part = format!("{file}.part");
    folder.write(&part, text);
    std::fs::rename(folder.path().join(part), folder.path().join(file))
        .expect("a file of the test");
}

/// Replaces words that are there once.
fn edit(folder: &Folder, file: &str, old: &str, new: &str) {
    let text = folder.read(file);
    assert_eq!(text.matches(old).count(), 1, "{old} in {file}");
    save(folder, file, &text.replace(old, new));
}

/// Where the page is: all that a change of a file must leave alone.
const PLACE: &str = "(() => {
    const frame = document.getElementById('mail');
    return [frame.contentWindow.scrollY, frame.contentWindow.innerWidth,
        getComputedStyle(frame.contentDocument.documentElement).colorScheme, location.search,
        document.getElementById('recipient').value, document.querySelector('.tabs [aria-current]').textContent,
        document.activeElement.dataset.key, document.querySelectorAll('#stage iframe').length];
})()";

/// The text of the message in its frame.
const LETTER: &str = "document.getElementById('mail').contentDocument.body.textContent";

#[test]
fn every_file_is_watched_and_the_page_keeps_its_position() {
    let Some(mut page) = Page::new("every_file_is_watched_and_the_page_keeps_its_position") else {
        return;
    };
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    page.look(View {
        width: 1440,
        is_dark: false,
    });
    let view = "?recipient=tomas.havel%40povodi.example&width=375&light=dark&tab=size";
    page.visit(&preview.url(&format!("/issue/2026-11{view}")));
    page.wait_until("document.getElementById('mail').contentDocument.readyState == 'complete'");
    page.evaluate("document.getElementById('mail').contentWindow.scrollTo(0, 700)");
    page.evaluate("document.querySelector('[data-key=h]').focus()");
    let place = page.evaluate(PLACE);
    let expected = json!([
        700,
        375,
        "dark",
        view,
        "tomas.havel@povodi.example",
        "Size",
        "h",
        1
    ]);
    assert_eq!(place, expected);
    let stays = |page: &mut Page, shown: &str| {
        page.wait_until(shown);
        page.wait_until(
            "document.getElementById('state').textContent
                == (document.querySelector('.stage.stale') ? 'Not up to date: the file has errors' : 'Up to date')",
        );
        assert_eq!(page.evaluate(PLACE), expected, "{shown}");
    };

    // A change, by another file in its place and in place.
    edit(
        &folder,
        ISSUE,
        "Dear {{ first_name }}",
        "Good day {{ first_name }}",
    );
    stays(&mut page, &format!("{LETTER}.includes('Good day Tomáš')"));
    let text = folder.read(ISSUE).replace("Good day", "Good evening");
    folder.write(ISSUE, &text);
    stays(
        &mut page,
        &format!("{LETTER}.includes('Good evening Tomáš')"),
    );

    // A fault: the last letter stays, dimmed, under what is wrong, and that is said aloud.
    let at = text.find("subject").expect("a subject");
    let line = text[..at].lines().count() + 1;
    save(
        &folder,
        ISSUE,
        &text.replacen("\nsubject   = \"", "\nsubject   = ", 1),
    );
    stays(&mut page, "document.querySelector('.stage.stale')");
    let said = page.evaluate(
        "[...document.querySelectorAll('[aria-live=polite]')].map(e => [e.getAttribute('role'), e.innerText])",
    );
    assert_eq!(said.as_array().map(Vec::len), Some(1), "{said}");
    let words = said[0][1].as_str().expect("words");
    assert_eq!(said[0][0], "status");
    assert!(words.contains("the last version that compiled"), "{words}");
    assert!(words.contains(&format!("{ISSUE}:{line}:")), "{words}");
    let output = folder.run(&["check", "2026-11", "--format", "json"]).stdout;
    let output: serde_json::Value = serde_json::from_str(&output).expect("JSON");
    let start = &output["findings"][0]["place"]["start"];
    let place = format!("{ISSUE}:{}:{}", start["line"], start["column"]);
    assert!(words.contains(&place), "{place}: {words}");
    let opacity = page.evaluate(
        "Promise.all(document.getElementById('mail').getAnimations().map(a => a.finished))
            .then(() => Number(getComputedStyle(document.getElementById('mail')).opacity))",
    );
    assert!(
        opacity.as_f64().is_some_and(|opacity| opacity < 0.9),
        "{opacity}"
    );
    assert!(
        page.evaluate(LETTER)
            .as_str()
            .is_some_and(|letter| letter.contains("Good evening Tomáš"))
    );
    let is_above = "document.getElementById('notice').getBoundingClientRect().bottom
        <= document.getElementById('stage').getBoundingClientRect().top";
    assert_eq!(page.evaluate(is_above), true);

    // Mended.
    save(&folder, ISSUE, &text.replace("Good evening", "Good night"));
    stays(
        &mut page,
        &format!("!document.querySelector('.stale') && {LETTER}.includes('Good night Tomáš')"),
    );

    // A file that is taken away is a fault too; some editors save so.
    std::fs::remove_file(folder.path().join(ISSUE)).expect("a file of the test");
    stays(&mut page, "document.querySelector('.stale')");
    let missing = format!("the file `{ISSUE}` does not exist");
    assert!(
        page.evaluate("document.getElementById('notice').innerText")
            .as_str()
            .is_some_and(|words| words.contains(&missing))
    );
    save(&folder, ISSUE, &text);
    stays(
        &mut page,
        &format!("!document.querySelector('.stale') && {LETTER}.includes('Good evening Tomáš')"),
    );

    // Every other file that a message depends on.
    let look = "templates/institute/style.css";
    save(
        &folder,
        look,
        &format!(
            "{}\n.section {{ letter-spacing: 3px }}\n",
            folder.read(look)
        ),
    );
    let styled = "[...document.getElementById('mail').contentDocument.querySelectorAll('[style]')]
        .some(e => getComputedStyle(e).letterSpacing == '3px')";
    page.wait_until(styled);
    save(
        &folder,
        look,
        &folder.read(look).replace("letter-spacing: 3px", ""),
    );
    page.wait_until(&format!("!({styled})"));
    let theme = "templates/institute/theme.toml";
    let labels = "\n[labels]\nprivacy = \"What we know of you\"\n";
    let old = folder.read(theme);
    if old.contains("[labels]") {
        save(
            &folder,
            theme,
            &old.replace(
                "[labels]\n",
                "[labels]\nprivacy = \"What we know of you\"\n",
            ),
        );
    } else {
        save(&folder, theme, &(old + labels));
    }
    page.wait_until(&format!("{LETTER}.includes('What we know of you')"));
    edit(
        &folder,
        "newsletter.toml",
        "14 Quai des Tanneurs",
        "15 Quai des Tanneurs",
    );
    page.wait_until(&format!("{LETTER}.includes('15 Quai des Tanneurs')"));
    edit(
        &folder,
        "subscribers.toml",
        "first_name = \"Tomáš\"",
        "first_name = \"Thomas\"",
    );
    page.wait_until(&format!("{LETTER}.includes('Good evening Thomas')"));

    // Twenty saves in a row: the last one is shown, and it is the last that there is.
    let text = folder.read(ISSUE);
    for number in 1..=20 {
        save(
            &folder,
            ISSUE,
            &text.replace("Good evening", &format!("Save {number} for")),
        );
    }
    page.wait_until(&format!("{LETTER}.includes('Save 20 for Thomas')"));
    page.wait_until("document.getElementById('state').textContent == 'Up to date'");
    assert!(
        page.evaluate(LETTER)
            .as_str()
            .is_some_and(|letter| letter.contains("Save 20 for Thomas"))
    );

    // The thumbnails follow when the page is idle.
    page.wait_until(
        "(small => small.length > 1 && small.every(frame => frame.src.endsWith(`version=${document.body.dataset.version}`)))(
            [...document.querySelectorAll('#variants iframe')])",
    );

    // A page that did not hear of a change hears of it when it comes back.
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });
         document.dispatchEvent(new Event('visibilitychange'))",
    );
    let before = page.evaluate("document.body.dataset.version");
    edit(&folder, ISSUE, "Save 20 for", "Unheard by");
    let mut versions = preview.versions();
    while !preview
        .get("/issue/2026-11?tab=text")
        .text()
        .contains("Unheard by")
    {
        versions.next();
    }
    assert_eq!(page.evaluate("document.body.dataset.version"), before);
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
    page.wait_until(&format!("{LETTER}.includes('Unheard by Thomas')"));

    // Another name: the page goes on under it.
    let new = folder.path().join("issues/2026-12.toml");
    std::fs::rename(folder.path().join(ISSUE), new).expect("a file of the test");
    page.wait_until(&format!(
        "location.pathname == '{}/issue/2026-12' && location.search == '{view}'",
        preview.base
    ));
    edit(&folder, "issues/2026-12.toml", "Unheard by", "Renamed for");
    page.wait_until(&format!("{LETTER}.includes('Renamed for Thomas')"));
    let file = page.evaluate("document.querySelector('.file').textContent");
    assert_eq!(file, "issues/2026-12.toml");
}

/// The page of an issue that is not there yet becomes its page, and the page of all issues follows too.
#[test]
fn a_new_issue_is_shown() {
    let Some(mut page) = Page::new("a_new_issue_is_shown") else {
        return;
    };
    let folder = Folder::with("plain");
    let preview = Preview::open(&folder);
    page.visit(&preview.url("/issue/two"));
    assert_eq!(
        page.evaluate("document.querySelector('h1').textContent"),
        "There is no issue “two”"
    );
    let two = folder
        .read("issues/one.toml")
        .replace("One, for", "Two, for");
    page.leave(|_| save(&folder, "issues/two.toml", &two));
    page.wait_until(&format!("{LETTER}.includes('here is the first letter')"));
    page.visit(&preview.url("/"));
    save(
        &folder,
        "issues/three.toml",
        &folder
            .read("issues/one.toml")
            .replace("One, for", "Three, for"),
    );
    page.wait_until("document.querySelector('main').innerText.includes('Three, for')");
}

/// What a send does changes no file of the newsletter.
#[test]
fn the_page_of_all_issues_follows_a_send() {
    let Some(mut page) = Page::new("the_page_of_all_issues_follows_a_send") else {
        return;
    };
    let relay = Relay::start(BadDay {
        later: "4.7.1 come back later",
    });
    let folder = relay::newsletter(&relay::smtp(relay.port, "none", 1));
    let readers: Vec<String> = (4..=6).map(|number| format!("r{number}")).collect();
    relay::set_subscribers(&folder, readers.iter().map(String::as_str));
    relay::write_issue(&folder, "a", "");
    let preview = Preview::open(&folder);
    page.visit(&preview.url("/"));
    let says = |words: &str| format!("document.querySelector('li p').textContent == '{words}'");
    page.wait_until(&says("draft"));
    let begun = folder.run_at("2026-11-30T08:00:00Z", &["send", "a", "--yes"]);
    assert_eq!(begun.code, 75, "{}", begun.stderr);
    page.wait_until(&says("sending: 2 of 3 accepted, 1 deferred"));
    let done = folder.run_at("2026-12-01T08:00:00Z", &["send", "a", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    page.wait_until(&says("sent: 3 of 3 accepted"));
}

#[test]
fn events_carry_a_version_for_late_clients() {
    let folder = Folder::with("plain");
    let preview = Preview::open(&folder);
    let mut early = preview.versions();
    let first = early.next();
    edit(&folder, "issues/one.toml", "Dear", "Good day");
    let second = early.next();
    assert!(second > first, "{first} {second}");
    assert!(preview.versions().next() >= second);
    let shown = preview.get("/issue/one").text();
    let (_, version) = shown.split_once("/mail/one?version=").expect("a frame");
    let (version, _) = version.split_once('"').expect("an attribute");
    assert!(
        version.parse::<u64>().expect("a number") >= second,
        "{shown}"
    );
}
