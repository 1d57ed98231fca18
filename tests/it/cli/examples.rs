//! The examples in the help of each command run.

use franking::simulator::sink::AcceptAll;

use crate::support::Folder;
use crate::support::relay::{self, Relay};

/// Examples that need the network, a person, or several seconds. They are parsed only.
const PARSED_ONLY: [&str; 8] = [
    "franking preview 2026-11",
    "franking resume 2026-11 --corrected",
    "franking store migrate --to postgres://franking@db.example.org/franking",
    "franking dkim record",
    "franking doctor --no-dns",
    "franking selftest --seed 1",
    "franking list import audience.zip --dry-run",
    "franking list import crm.csv --map Mail=email --consent-source 'paper form'",
];

/// The samples with a relay; the issue 2026-11 has been sent to one subscriber.
fn newsletter(relay: &Relay) -> Folder {
    let folder = Folder::with_samples();
    relay::add_smtp(&folder, relay);
    let list = folder.read("subscribers.toml");
    let first = list.split("email = \"").nth(1).expect("a subscriber");
    let first = first.split('"').next().expect("an address");
    let begun = folder.run(&["send", "2026-11", "--only", first, "--yes"]);
    assert_eq!(begun.code, 0, "{}", begun.stderr);
    folder
}

/// Moves the list of the samples into the store, for the commands that change it.
fn store_list(folder: &Folder, command: &str) {
    let imported = folder.run(&["list", "import", "subscribers.toml"]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let settings = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &(settings + "\n[list]\nsource = \"store\"\n"),
    );
    folder.run(&["list", "suppress", "ada@example.org"]);
    if command != "add" {
        folder.run(&["list", "add", "ada@rivers.example", "--consent", "letter"]);
    }
}

/// Every command with its subcommands.
fn commands(folder: &Folder, parent: &[String]) -> Vec<Vec<String>> {
    let help = help(folder, parent);
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    let below = names.flat_map(|name| {
        let command = [parent, &[name.to_owned()]].concat();
        let below = commands(folder, &command);
        [vec![command], below].concat()
    });
    below.collect()
}

fn help(folder: &Folder, command: &[String]) -> String {
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    folder.run(&[&command[..], &["--help"]].concat()).stdout
}

fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| !line.starts_with("Example"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The arguments of an example, as a shell splits them; only single quotes occur.
fn arguments(example: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    for (number, part) in example.split('\'').enumerate() {
        match number % 2 {
            0 => arguments.extend(part.split_whitespace().map(str::to_owned)),
            _ => arguments.push(part.to_owned()),
        }
    }
    arguments
}

#[test]
fn every_command_has_an_example_that_runs() {
    let empty = Folder::empty();
    let mut parsed = Vec::new();
    for command in commands(&empty, &[]) {
        let found = examples(&help(&empty, &command));
        assert!((1..=2).contains(&found.len()), "{command:?}: {found:?}");
        for example in found {
            let words = arguments(&example);
            let mut words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            assert!(example.starts_with("franking ") && words[0] == command[0]);
            if PARSED_ONLY.contains(&example.as_str()) {
                words.push("--help");
                parsed.push(example.clone());
            }
            let relay = Relay::start(AcceptAll);
            let folder = newsletter(&relay);
            if command[0] == "list" {
                store_list(&folder, words[1]);
            }
            let run = folder.run(&words);
            // 1 is for findings: a campaign that waits for a person is one.
            assert!([0, 1].contains(&run.code), "{example}: {}", run.stderr);
        }
    }
    let unused = |one: &&&str| !parsed.contains(&(**one).to_owned());
    assert_eq!(PARSED_ONLY.iter().find(unused), None);
}
