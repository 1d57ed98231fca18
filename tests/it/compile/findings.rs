//! Every finding that `franking explain` lists, each in a small fixture in which it stands beside its fault.

use std::collections::BTreeSet;

use crate::support::{Folder, repository};

/// A place with the code of what is wrong there; the place is empty where no file holds the fault.
pub type Fault = (String, String);

/// The codes that no newsletter's folder brings about, and why.
const WITHOUT_FIXTURE: [(&str, &str); 7] = [
    (
        "dead-link",
        "it takes a server, and the program visits none on this machine",
    ),
    (
        "file-outside",
        "it takes a link, and a fixture's copy holds what it leads to",
    ),
    ("lost-link", "it would be a fault of the program"),
    ("malformed-message", "it would be a fault of the program"),
    (
        "misnamed-template",
        "not every file system stores such a name",
    ),
    ("no-way-to-leave", "it would be a fault of the program"),
    (
        "wrong-value",
        "every value has a key, and is reported as that key's",
    ),
];

/// What would be too much for a file of the repository: in which file which words come how often. They stand
/// for `GROWS`.
const GROWN: [(&str, &str, &str, usize); 6] = [
    ("clipped", "issues/one.toml", "Words upon words. ", 5_800),
    (
        "file-too-large",
        "issues/one.toml",
        "Words upon words. ",
        60_000,
    ),
    (
        "style-limit",
        "templates/plain/style.css",
        "p { margin: 0 }\n",
        990,
    ),
    ("many-styles", "templates/plain/style.css", RULE, 300),
    (
        "nearly-clipped",
        "issues/one.toml",
        "Words upon words. ",
        5_200,
    ),
    ("too-many-styles", "templates/plain/style.css", RULE, 600),
];

/// Pictures of noise, which nothing compresses: their widths and heights.
const NOISE: [(&str, u32, u32); 2] = [("heavy-letter", 1000, 800), ("heavy-picture", 400, 300)];

const RULE: &str = "  .section { margin: 0 !important }\n";

/// The faults that the fixture's lines announce at their ends: `#! COLUMN CODE, COLUMN CODE` in TOML,
/// `/*! COLUMN CODE */` in CSS; without a column where no place is reported.
pub fn announced(folder: &Folder) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, bytes) in folder.files() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (number, line) in (1..).zip(text.lines()) {
            let opens = if path.ends_with(".css") {
                "/*! "
            } else {
                "#! "
            };
            let marks = line.split_once(opens).map_or("", |(_, marks)| marks);
            let marks = marks.trim_end_matches("*/").trim().split(", ");
            for mark in marks.filter(|mark| !mark.is_empty()) {
                faults.push(match mark.split_once(' ') {
                    Some((column, code)) => (format!("{path}:{number}:{column}"), code.to_owned()),
                    None => (String::new(), mark.to_owned()),
                });
            }
        }
    }
    faults.sort();
    faults
}

/// The findings of the output, as location and code.
pub fn reported(stderr: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for line in stderr.lines() {
        let head = ["error[", "warning[", "note["]
            .iter()
            .find_map(|word| line.strip_prefix(word));
        if let Some((code, _)) = head.and_then(|rest| rest.split_once("]: ")) {
            faults.push((String::new(), code.to_owned()));
        } else if let Some(place) = line.trim_start().strip_prefix("--> ") {
            let fault = faults.last_mut().expect("a place behind its message");
            fault.0 = place.to_owned();
        }
    }
    faults.sort();
    faults
}

/// The names of the fixtures, each that of a code.
fn fixtures() -> BTreeSet<String> {
    let folder = repository().join("tests/it/fixtures/codes");
    let entries = std::fs::read_dir(folder).expect("the fixtures");
    let names = entries.map(|entry| entry.expect("a fixture").file_name());
    names
        .map(|name| name.into_string().expect("a code"))
        .collect()
}

/// A picture whose every sample is drawn by lot, always alike.
pub fn noise(width: u32, height: u32) -> image::RgbImage {
    let mut state: u32 = 1;
    image::RgbImage::from_fn(width, height, |_, _| {
        let sample = [(); 3].map(|()| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        image::Rgb(sample)
    })
}

/// The plain newsletter with the fault `code` in it.
fn faulty(code: &str) -> Folder {
    let folder = Folder::with("plain");
    folder.add(&format!("codes/{code}"));
    for (_, file, words, times) in GROWN.iter().filter(|grown| grown.0 == code) {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).expect("a file that grows");
        let text = text.replace("GROWS", &words.repeat(*times));
        std::fs::write(&path, text).expect("a file that has grown");
    }
    for (_, width, height) in NOISE.iter().filter(|noise| noise.0 == code) {
        let path = folder.path().join("issues/one/noise.png");
        noise(*width, *height)
            .save(path)
            .expect("a picture of noise");
    }
    folder.hide_key(if code.starts_with("exposed-") {
        0o644
    } else {
        0o600
    });
    folder
}

#[test]
fn every_code_has_a_fixture() {
    let listed = Folder::empty().run(&["explain"]).stdout;
    let known: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    let without: BTreeSet<String> = WITHOUT_FIXTURE
        .iter()
        .map(|(code, _)| (*code).to_owned())
        .collect();
    let covered: BTreeSet<String> = fixtures().union(&without).cloned().collect();
    assert_eq!(covered, known);
    assert_eq!(fixtures().intersection(&without).next(), None);
}

#[test]
fn every_fixture_gives_its_finding_at_its_location_and_no_other() {
    let mut all = String::new();
    for code in fixtures() {
        let folder = faulty(&code);
        let run = folder.run(&["check"]);
        let announced = announced(&folder);
        assert!(
            announced.iter().any(|(_, reported)| *reported == code),
            "{code}"
        );
        assert_eq!(reported(&run.stderr), announced, "{code}: {}", run.stderr);
        let is_error = run.stderr.lines().any(|line| line.starts_with("error["));
        assert_eq!((run.code, run.stdout.as_str()), (i32::from(is_error), ""));
        // How much a grown file weighs depends on the components; that it is reported has been seen.
        let is_grown = GROWN.iter().any(|grown| grown.0 == code);
        if !is_grown && NOISE.iter().all(|noise| noise.0 != code) {
            all.push_str(&format!("# {code}\n\n{}\n", run.stderr));
        }
    }
    snapbox::assert_data_eq!(all, snapbox::file!["findings/findings.txt"].raw());
}

/// Every kind of section there is, without what is reported of that fixture: its subject is there to be folded, and
/// one of its links to be filled.
fn good_issue(folder: &Folder) -> String {
    let every = folder.read("issues/every.toml");
    let subject = every
        .lines()
        .find(|line| line.starts_with("subject"))
        .expect("a subject");
    let every = every.replace(subject, "subject = \"For {{ first_name }}\"");
    every.replace("?country={{ country | default(\\\"XX\\\") }}", "")
}

#[test]
fn a_good_issue_gives_no_finding_in_any_template() {
    for entry in std::fs::read_dir(repository().join("templates")).expect("the templates") {
        let name = entry.expect("a template").file_name();
        let name = name.to_str().expect("a template's name");
        let folder = Folder::with("plain");
        folder.add("every");
        folder.write("issues/every.toml", &good_issue(&folder));
        folder.add_of_repository(&format!("templates/{name}"));
        let publication = folder.read("newsletter.toml");
        let publication = publication.replace("\"plain\"", &format!("\"{name}\""));
        folder.write("newsletter.toml", &publication);
        let run = folder.run(&["check", "--deny", "warnings"]);
        let said = "2 issues and 4 subscribers checked: no findings\n";
        assert_eq!((run.code, run.stderr.as_str()), (0, said), "{name}");
    }
}
