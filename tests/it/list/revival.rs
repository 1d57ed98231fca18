//! Whatever happens to a list, in whatever order: who must not be mailed is not on it as active, and gets no mail.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::support::Folder;
use crate::support::postgres::Database;
use crate::support::relay::{self, store_at};

const PEOPLE: [&str; 3] = [
    "ann@fen.example",
    "Ben@Fen.example",
    "cat@xn--fn-yka.example",
];

/// It needs no value of any subscriber.
const ISSUE: &str = "subject = \"A letter\"\ndate = 2026-11-30\n
[[section]]\nkind = \"text\"\nbody = \"To all of you.\"\n";

/// A person, by its number in [`PEOPLE`].
type Person = usize;

/// What may happen to a list, apart from an end of a suppression.
#[derive(Debug, Clone)]
enum Event {
    /// Files, each with rows of a person and a status.
    Import(Vec<Vec<(Person, &'static str)>>),
    Suppress(Person, &'static str),
    Forget(Person),
    Remove(Person),
    Add(Person),
}

fn event() -> impl Strategy<Value = Event> {
    let person = || 0..PEOPLE.len();
    let status = proptest::sample::select(vec![
        "active",
        "active",
        "active",
        "unsubscribed",
        "bounced",
        "complained",
    ]);
    let reason = proptest::sample::select(vec!["unsubscribed", "blocked", "bounced", "complained"]);
    prop_oneof![
        4 => vec(vec((person(), status), 1..4), 1..3).prop_map(Event::Import),
        1 => (person(), reason).prop_map(|(person, reason)| Event::Suppress(person, reason)),
        1 => person().prop_map(Event::Forget),
        1 => person().prop_map(Event::Remove),
        1 => person().prop_map(Event::Add),
    ]
}

/// Who is on the list, and who must not be mailed.
#[derive(Debug, Default)]
struct Expected {
    listed: BTreeSet<Person>,
    suppressed: BTreeSet<Person>,
}

impl Expected {
    fn after(&mut self, event: &Event) {
        match event {
            Event::Import(files) => {
                let rows = || files.iter().flatten();
                let left = rows().filter(|(_, status)| *status != "active");
                self.suppressed.extend(left.map(|(person, _)| person));
                let active = rows().map(|(person, _)| *person);
                self.listed
                    .extend(active.filter(|person| !self.suppressed.contains(person)));
            }
            Event::Add(person) => {
                if !self.suppressed.contains(person) {
                    self.listed.insert(*person);
                }
            }
            Event::Suppress(person, _) => {
                self.suppressed.insert(*person);
            }
            Event::Forget(person) => {
                self.suppressed.insert(*person);
                self.listed.remove(person);
            }
            Event::Remove(person) => {
                self.listed.remove(person);
            }
        }
    }

    fn mailed(&self) -> BTreeSet<String> {
        let mailed = self.listed.difference(&self.suppressed);
        mailed
            .map(|person| PEOPLE[*person].to_lowercase())
            .collect()
    }
}

fn happen(folder: &Folder, event: &Event) {
    let list = |words: &[&str]| folder.run(&[&["list"], words].concat());
    match event {
        Event::Import(files) => {
            let names: Vec<String> = (0..files.len()).map(|n| format!("{n}.csv")).collect();
            for (name, rows) in names.iter().zip(files) {
                let rows = rows
                    .iter()
                    .map(|(person, status)| format!("{},{status}\n", PEOPLE[*person]));
                folder.write(name, &format!("email,status\n{}", rows.collect::<String>()));
            }
            let map = [
                "--map",
                "email=email",
                "--map",
                "status=status",
                "--consent-source",
                "a form",
            ];
            let mut words: Vec<&str> = vec!["import"];
            words.extend(names.iter().map(String::as_str));
            words.extend(map);
            let run = list(&words);
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
        Event::Suppress(person, reason) => {
            let run = list(&["suppress", PEOPLE[*person], "--reason", reason]);
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
        Event::Forget(person) => {
            // The files that were imported still have the address.
            for name in ["0.csv", "1.csv"] {
                folder.write(name, "");
            }
            let run = list(&["forget", PEOPLE[*person]]);
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
        // Both are refused for some people.
        Event::Remove(person) => drop(list(&["remove", PEOPLE[*person]])),
        Event::Add(person) => drop(list(&["add", PEOPLE[*person], "--consent", "a form"])),
    }
}

/// The addresses that the list has as active.
fn active(folder: &Folder) -> BTreeSet<String> {
    let run = folder.run(&["list", "export", "--format", "jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let records = run.stdout.lines().map(|line| {
        let record: Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| record[key].as_str().map(str::to_lowercase);
        (text("email").unwrap_or_default(), text("status"))
    });
    let records: BTreeMap<String, Option<String>> = records.collect();
    let active = records
        .into_iter()
        .filter(|(_, status)| status.as_deref() == Some("active"));
    active.map(|(address, _)| address).collect()
}

/// The addresses to which the issue `a` goes: the messages become files.
fn mailed(folder: &Folder) -> BTreeSet<String> {
    folder.run(&["send", "a", "--yes"]);
    let files = std::fs::read_dir(folder.path().join(".franking/outbox/a"));
    let messages = files.into_iter().flatten().map(|file| {
        let message = std::fs::read(file.expect("a file").path()).expect("a message");
        let message = String::from_utf8_lossy(&message).to_lowercase();
        let to = message.lines().find_map(|line| line.strip_prefix("to: "));
        let to = to.expect("a recipient");
        to.trim_matches(['<', '>']).to_owned()
    });
    messages.collect()
}

fn try_events(settings: &str, events: &[Event]) {
    let folder = relay::newsletter(&format!("[list]\nsource = \"store\"\n{settings}"));
    folder.write("issues/a.toml", ISSUE);
    let mut expected = Expected::default();
    for event in events {
        happen(&folder, event);
        expected.after(event);
        assert_eq!(
            active(&folder),
            expected.mailed(),
            "after {event:?} of {events:?}"
        );
    }
    assert_eq!(mailed(&folder), expected.mailed(), "{events:?}");
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    })
}

#[test]
fn nothing_that_happens_to_a_list_makes_a_suppressed_person_active() {
    let tried = runner(24).run(&vec(event(), 1..8), |events| {
        try_events("", &events);
        Ok(())
    });
    tried.expect("no revival");
}

#[test]
fn nothing_makes_a_suppressed_person_active_on_postgresql() {
    let tried = runner(6).run(&vec(event(), 1..8), |events| {
        if let Some(database) = Database::create("a list that changes") {
            try_events(&store_at(&database.url()), &events);
        }
        Ok(())
    });
    tried.expect("no revival");
}
