//! The commands in the documents do what the documents show.
//!
//! A block fenced as `console` is run: `$ ` begins a command, and the lines below it are its output, with `...` for lines
//! that are left out. A command without output has to succeed. A document that begins with `franking init` runs in an
//! empty directory, every other one beside a fresh copy of the sample newsletter. A file introduced by ``Save this as `PATH`:``
//! is written first. A block fenced as `sh` needs another machine or another program; of it, only the names of the commands are
//! checked.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::support::{Folder, repository};

/// A command of a document and its output.
struct Shown {
    command: String,
    output: String,
}

/// The README and the pages of `docs/`, each with its name and text.
fn documents() -> Vec<(String, String)> {
    let pages = std::fs::read_dir(repository().join("docs")).expect("the documents");
    let pages = pages.map(|page| page.expect("a document").path());
    let others =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| repository().join(name));
    let is_text = |page: &PathBuf| page.extension().is_some_and(|ending| ending == "md");
    let mut files: Vec<PathBuf> = pages.filter(is_text).chain(others).collect();
    files.retain(|file| file.exists());
    files.sort();
    let named = files.iter().map(|file| {
        let name = file
            .strip_prefix(repository())
            .expect("a file of the repository");
        (name.display().to_string(), read(file))
    });
    named.collect()
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).expect("a document")
}

/// The texts of the blocks fenced as `language`.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    let blocks = blocks.filter_map(|after| after.split_once("```").map(|(block, _)| block));
    blocks.collect()
}

/// The file that a part of a document begins with: its path and its text.
fn saved(part: &str) -> Option<(&str, &str)> {
    let (path, after) = part.split_once("`:\n\n```toml\n")?;
    (!path.contains('\n')).then_some((path, after.split_once("```")?.0))
}

fn commands(block: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), shown.last_mut()) {
            (Some(command), _) => shown.push(Shown {
                command: command.to_owned(),
                output: String::new(),
            }),
            (None, Some(last)) => last.output.push_str(&format!("{line}\n")),
            (None, None) => panic!("a console block begins without a command: {line}"),
        }
    }
    shown
}

/// Runs a command of this program in a directory and returns its exit code and what a terminal would show. `None` for
/// a command of another program.
fn run(folder: &Folder, directory: &Path, command: &str) -> Option<(i32, String)> {
    let words = command.strip_prefix("cargo run --release -- ");
    let words = words.or_else(|| command.strip_prefix("franking "))?;
    let arguments: Vec<&str> = words.split_whitespace().collect();
    let (mut written, both) = std::io::pipe().expect("a pipe");
    let mut command = folder.command(&arguments);
    command.current_dir(directory);
    command.stdout(both.try_clone().expect("the pipe's other end"));
    let mut child = command.stderr(both).spawn().expect("the program starts");
    // The command holds copies of the pipe's end, which would keep the pipe open.
    drop(command);
    let mut output = String::new();
    written.read_to_string(&mut output).expect("UTF-8");
    let status = child.wait().expect("the program ends");
    Some((status.code().expect("an exit code"), output))
}

/// Runs a document from start to end and returns how many commands of this program it has.
fn follow(name: &str, text: &str) -> usize {
    let first = blocks(text, "console").first().copied().unwrap_or_default();
    let folder = match first.starts_with("$ franking init ") {
        true => Folder::empty(),
        false => Folder::with_samples(),
    };
    let mut directory = folder.path().to_owned();
    let mut count = 0;
    for part in text.split("Save this as `") {
        if let Some((path, text)) = saved(part) {
            std::fs::write(directory.join(path), text).expect("a file of the document");
        }
        for shown in blocks(part, "console").into_iter().flat_map(commands) {
            if let Some(below) = shown.command.strip_prefix("cd ") {
                directory.push(below);
                continue;
            }
            let Some((code, output)) = run(&folder, &directory, &shown.command) else {
                continue;
            };
            count += 1;
            if shown.output.is_empty() {
                assert_eq!(code, 0, "{name}: {}\n{output}", shown.command);
            } else {
                assert_ne!(code, 2, "{name}: {}\n{output}", shown.command);
                snapbox::Assert::new().eq(output, shown.output);
            }
        }
    }
    count
}

#[test]
fn every_command_shown_writes_what_is_shown() {
    let counts: Vec<(String, usize)> = documents()
        .iter()
        .map(|(name, text)| (name.clone(), follow(name, text)))
        .collect();
    let of = |name: &str| {
        counts
            .iter()
            .find(|(found, _)| found == name)
            .map(|one| one.1)
    };
    assert_eq!(of("README.md"), Some(4), "{counts:?}");
    assert!(of("docs/operating.md") > Some(5), "{counts:?}");
}

#[test]
fn every_command_that_is_not_run_exists() {
    let mut count = 0;
    for (name, text) in documents() {
        for line in blocks(&text, "sh").into_iter().flat_map(str::lines) {
            let Some(words) = line.strip_prefix("franking ") else {
                continue;
            };
            let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
            let path = words.split_whitespace().take_while(is_name);
            let arguments: Vec<&str> = path.chain(["--help"]).collect();
            let run = Folder::empty().run(&arguments);
            assert_eq!(run.code, 0, "{name}: {line}\n{}", run.stderr);
            count += 1;
        }
    }
    assert!(count > 3, "{count}");
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    let mut count = 0;
    for (name, text) in documents() {
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|after| after.split(')').next());
        let targets = targets.map(|target| target.split('#').next().unwrap_or_default());
        let is_file = |target: &&str| target.ends_with(".md") || target.ends_with(".png");
        for target in targets.filter(is_file) {
            let file = repository().join(&name).with_file_name("").join(target);
            assert!(file.exists(), "{name} links to {target}");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn every_example_of_a_section_compiles() {
    let text = read(&repository().join("docs/writing.md"));
    let (_, kinds) = text.split_once("## Kinds of sections").expect("the kinds");
    let examples = blocks(kinds, "toml");
    assert_eq!(examples.len(), 12);
    let folder = Folder::with_samples();
    for example in examples {
        let head = "subject = \"Example\"\npreheader = \"Example\"\ndate = 2026-12-15\nintro = \"Hello.\"\n";
        folder.write("issues/example.toml", &format!("{head}{example}"));
        let run = folder.run(&["build", "example"]);
        assert_eq!(run.code, 0, "{example}\n{}", run.stderr);
    }
}

#[test]
fn every_key_of_the_json_output_is_described() {
    let page = read(&repository().join("docs/json.md"));
    let folder = Folder::with_samples();
    folder.run(&["send", "2026-11", "--yes", "--now"]);
    let mut count = 0;
    for arguments in [
        &["check", "--format", "json"][..],
        &["plan", "2026-11", "--json"],
        &["schedule", "--json"],
        &["status", "--json"],
        &["status", "2026-11", "--json"],
        &["doctor", "--json", "--no-dns"],
        &["privacy", "--json"],
        &["privacy", "--columns", "--json"],
        &["list", "count", "--json"],
        &["selftest", "--json", "--recipients", "20"],
    ] {
        let run = folder.run(arguments);
        let value: serde_json::Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {arguments:?}"));
        for key in keys(&value) {
            assert!(page.contains(&format!("`{key}`")), "{key} of {arguments:?}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// The keys of a document at every depth. Those of `reasons` are exclusion reasons.
fn keys(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(keys).collect(),
        serde_json::Value::Object(entries) => entries
            .iter()
            .filter(|(key, _)| *key != "reasons")
            .flat_map(|(key, value)| std::iter::once(key.clone()).chain(keys(value)))
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_test_command_is_the_one_that_ci_runs() {
    let readme = read(&repository().join("README.md"));
    let others: Vec<String> = blocks(&readme, "console")
        .into_iter()
        .flat_map(commands)
        .map(|one| one.command)
        .filter(|command| !command.starts_with("franking") && !command.starts_with("cargo run"))
        .collect();
    assert_eq!(others, ["sh .ci/test"]);
    let ci = read(&repository().join(".ci/run"));
    assert!(ci.lines().any(|line| line == others[0]), "{ci}");
}

#[test]
fn the_readme_is_short() {
    let words = read(&repository().join("README.md"))
        .split_whitespace()
        .count();
    assert!(words <= 1200, "{words} words");
}
