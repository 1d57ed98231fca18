//! What the README shows is what the program does.

use std::io::Read;
use std::path::Path;

use crate::support::{Folder, repository};

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

/// The file with which a part of the README begins, after the words that ask to save it: its path and its text.
fn saved(part: &str) -> Option<(&str, &str)> {
    let (path, rest) = part.split_once("`:\n\n```toml\n")?;
    Some((path, rest.split_once("```")?.0))
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
    for part in readme.split("Save this as `") {
        if let Some((path, text)) = saved(part).filter(|(path, _)| !path.contains('\n')) {
            folder.write(path, text);
        }
        for one in shown(part) {
            let Some(output) = run(&folder, &one.command) else {
                continue;
            };
            count += 1;
            snapbox::Assert::new().eq(output, one.output);
        }
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
