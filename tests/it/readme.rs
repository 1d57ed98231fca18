//! What the README shows is what the program does.

use std::io::Read;
use std::path::Path;

use crate::support::{Folder, repository};

/// The issue of the README's chapter on checking.
const BROKEN: &str = r#"subject = "Dear {{ frist_name }}"
preheader = "What the valley was afraid of."
date    = 2026-12-15

[[section]]
kind   = "article"
body   = "The weirs came down in September."
author = ["Inés Covadonga"]
"#;

/// A command of the README and the output under it, `...` standing for lines left out.
struct Shown {
    command: String,
    output: String,
}

fn shown(readme: &str) -> Vec<Shown> {
    let blocks = readme.split("```console\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block));
    blocks.flat_map(commands).collect()
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
            (None, None) => panic!("a block of the README begins without a command: {line}"),
        }
    }
    shown
}

/// What a command writes, talk and data in the order in which a terminal shows them; `None` for a command
/// of another program.
fn run(folder: &Folder, command: &str) -> Option<String> {
    let words = command.strip_prefix("cargo run --release -- ");
    let words = words.or_else(|| command.strip_prefix("franking "))?;
    let arguments: Vec<&str> = words.split_whitespace().collect();
    if arguments.contains(&"broken") {
        folder.write("issues/broken.toml", BROKEN);
    }
    let (mut written, both) = std::io::pipe().expect("a pipe");
    let mut command = folder.command(&arguments);
    command.stdout(both.try_clone().expect("the pipe's other end"));
    let mut child = command.stderr(both).spawn().expect("the program starts");
    // The ends that the command holds would keep the pipe open.
    drop(command);
    let mut output = String::new();
    written.read_to_string(&mut output).expect("UTF-8");
    child.wait().expect("the program ends");
    Some(output)
}

#[test]
fn every_command_shown_writes_what_is_shown() {
    let folder = Folder::with_samples();
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let mut count = 0;
    for one in shown(&readme) {
        let Some(output) = run(&folder, &one.command) else {
            continue;
        };
        count += 1;
        snapbox::Assert::new().eq(output, one.output);
    }
    assert_eq!(count, 6, "commands of the program in the README");
}

#[test]
fn the_test_command_is_the_one_that_ci_runs() {
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the repository");
    let readme = read(&repository().join("README.md"));
    let other: Vec<String> = shown(&readme)
        .into_iter()
        .map(|one| one.command)
        .filter(|command| !command.starts_with("franking") && !command.starts_with("cargo run"))
        .collect();
    assert_eq!(other, ["sh .ci/test"]);
    let ci = read(&repository().join(".ci/run"));
    assert!(ci.lines().any(|line| line == other[0]), "{ci}");
}
