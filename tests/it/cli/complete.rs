//! Dynamic completion, by the protocol of each shell.

use std::path::Path;

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run, has};

/// The candidates of `shell` for the last of `words`, without options.
fn candidates(folder: &Folder, shell: &str, words: &[&str]) -> Vec<String> {
    complete(folder, ".", shell, words)
}

fn complete(folder: &Folder, inside: &str, shell: &str, words: &[&str]) -> Vec<String> {
    let mut command = folder.command(&[&["--", "franking"], words].concat());
    command
        .current_dir(folder.path().join(inside))
        .env("COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_IFS", "\n");
    let run = Run::from(command.output().expect("the program starts"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let lines = run.stdout.lines().map(str::to_owned);
    lines.filter(|line| !line.starts_with("--")).collect()
}

#[test]
fn every_shell_gets_the_names_of_issues() {
    let folder = Folder::with_samples();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        for command in ["build", "check", "preview", "plan", "send"] {
            let found = candidates(&folder, shell, &[command, ""]);
            assert_eq!(found, ["2026-10", "2026-11"], "{shell} {command}");
            let found = candidates(&folder, shell, &[command, "2026-10"]);
            assert_eq!(found, ["2026-10"], "{shell} {command}");
        }
    }
}

#[test]
fn a_name_that_a_shell_would_interpret_is_not_offered() {
    let folder = Folder::with("plain");
    let issue = folder.read("issues/one.toml");
    for name in ["two words", "$(touch x)", "a;b", "it's", "-dash", "zwei_ä"] {
        folder.write(&format!("issues/{name}.toml"), &issue);
    }
    for shell in ["bash", "zsh", "fish"] {
        assert_eq!(
            candidates(&folder, shell, &["build", ""]),
            ["one", "zwei_ä"],
            "{shell}"
        );
    }
}

#[test]
fn names_are_found_from_a_subdirectory_and_in_a_selected_directory() {
    let folder = Folder::with("plain");
    for (inside, words) in [
        ("issues", &["build", ""][..]),
        ("templates", &["-C", "..", "build", ""]),
        ("templates", &["--folder=..", "send", ""]),
        ("issues", &["build", "-C..", ""]),
    ] {
        assert_eq!(
            complete(&folder, inside, "bash", words),
            ["one"],
            "{words:?}"
        );
    }
    let none = complete(&folder, ".", "bash", &["-C", "issues", "build", ""]);
    assert_eq!(none, [""; 0]);
}

#[test]
fn templates_codes_and_commands_are_completed() {
    let folder = Folder::with_samples();
    let fish = |words: &[&str]| candidates(&folder, "fish", words);
    assert_eq!(fish(&["template", "show", ""]), ["institute", "letter"]);
    assert_eq!(fish(&["explain", "duplicate-i"]), ["duplicate-id"]);
    let commands = fish(&["re"]);
    assert_eq!(
        commands,
        [
            "resume\tContinue a campaign that is paused, held or stopped",
            "resolve\tResolve deliveries whose outcome is uncertain",
        ]
    );
}

#[test]
fn campaigns_are_completed_where_a_campaign_is_needed() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    for name in ["begun", "done", "later"] {
        relay::write_issue(&folder, name, "");
    }
    folder.run(&["send", "done", "--yes"]);
    folder.run(&["send", "begun", "--only", "ann@reader.example", "--yes"]);
    let before = folder.files();
    let bash = |command: &str| candidates(&folder, "bash", &[command, ""]);
    for command in ["pause", "resume", "cancel"] {
        assert_eq!(bash(command), ["begun"], "{command}");
    }
    for command in ["status", "resolve"] {
        assert_eq!(bash(command), ["begun", "done"], "{command}");
    }
    assert_eq!(folder.changes_since(&before), [""; 0]);
}

#[test]
fn an_error_completes_to_nothing() {
    let empty = Folder::empty();
    assert_eq!(candidates(&empty, "bash", &["build", ""]), [""; 0]);
    let folder = Folder::with("plain");
    folder.write(".franking/store.db", "not a ledger");
    assert_eq!(candidates(&folder, "zsh", &["status", ""]), [""; 0]);
    folder.write("newsletter.toml", "name = ");
    assert_eq!(candidates(&folder, "fish", &["resume", ""]), [""; 0]);
}

#[test]
fn a_variable_of_the_same_name_does_not_turn_a_command_into_a_completion() {
    let folder = Folder::with("plain");
    for value in ["bash", "1", ""] {
        let mut command = folder.command(&["check"]);
        let output = command.env("COMPLETE", value).output();
        let run = Run::from(output.expect("the program starts"));
        assert_eq!(run.code, 0, "{value}: {}", run.stderr);
        assert!(run.stderr.contains("1 issue"), "{value}: {}", run.stderr);
    }
}

#[test]
fn bash_completes_with_the_script_of_completions() {
    if !has("bash", "completion in bash") {
        return;
    }
    let folder = Folder::with_samples();
    let program = Path::new(env!("CARGO_BIN_EXE_franking"));
    let script = r#"
        source <(franking completions bash)
        COMP_WORDS=(franking build 2026-)
        COMP_CWORD=2
        _clap_complete_franking franking 2026- build
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = std::process::Command::new("bash");
    bash.args(["--norc", "-c", script])
        .current_dir(folder.path())
        .env("PATH", {
            let path = std::env::var("PATH").unwrap_or_default();
            let directory = program.parent().expect("a directory").display();
            format!("{directory}:{path}")
        });
    let run = Run::from(bash.output().expect("bash starts"));
    assert_data_eq!(
        run.stdout,
        str![[r#"
2026-10
2026-11

"#]]
    );
    assert_eq!(run.stderr, "");
}
