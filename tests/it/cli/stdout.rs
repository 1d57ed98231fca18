//! Standard output that cannot be written, and the JSON of commands that fail before they have any.

use std::fs::OpenOptions;
use std::process::Stdio;

use franking::simulator::sink::AcceptAll;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::campaign::NOW;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// A run whose standard output is on a full disk.
fn run_full(folder: &Folder, arguments: &[&str]) -> Run {
    let full = OpenOptions::new().write(true).open("/dev/full");
    let mut command = folder.command(arguments);
    command.env("FRANKING_NOW", NOW).stderr(Stdio::piped());
    let child = command.stdout(full.expect("the device")).spawn();
    Run::from(
        child
            .expect("it starts")
            .wait_with_output()
            .expect("its end"),
    )
}

#[test]
fn output_that_cannot_be_written_is_an_error_in_every_command() {
    let folder = Folder::with_samples();
    for arguments in [
        &["check", "--format", "json"][..],
        &["explain", "duplicate-address"],
        &["build", "2026-11"],
        &["plan", "2026-11"],
        &["send", "2026-11", "--dry-run"],
        &["send", "2026-11", "--dry-run", "--json"],
        &["send", "2026-11", "--yes", "--now", "--json"],
        &["status"],
        &["status", "--json"],
        &["template", "show"],
        &["doctor", "--no-dns"],
        &["schedule", "--json"],
        &["systemd"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["send", "--help"],
        &["--version"],
        &["status", "--json", "--nothing"],
    ] {
        let run = run_full(&folder, arguments);
        let errors = run.stderr.matches("cannot write to standard output");
        assert_eq!(errors.count(), 1, "{arguments:?}: {}", run.stderr);
        let code = if arguments.contains(&"--nothing") {
            2
        } else {
            74
        };
        assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
    }
    let mut command = folder.command(&[]);
    let full = OpenOptions::new().write(true).open("/dev/full");
    command.env("COMPLETE", "bash").stdout(full.expect("it"));
    let run = Run::from(command.output().expect("its end"));
    assert_eq!(run.code, 74, "{}", run.stderr);
}

#[test]
fn the_error_names_the_reason_and_the_send_is_complete() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::three_subscribers(&smtp(relay.port, "none", 1));
    let run = run_full(&folder, &["send", "a", "--yes", "--json", "-q"]);
    assert_data_eq!(
        format!("{}exit {}\n", run.stderr, run.code),
        str![[r#"
error: cannot write to standard output
caused by: no space left on device
hint: free some space, then run the same command again
exit 74

"#]]
    );
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let folder = Folder::with_samples();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = folder.command(&["explain", "duplicate-address"]);
    let child = command.stdout(writer).stderr(Stdio::piped()).spawn();
    let run = Run::from(
        child
            .expect("it starts")
            .wait_with_output()
            .expect("its end"),
    );
    assert_eq!((run.stderr.as_str(), run.code), ("", 0));
}

/// The object that a failed command has printed, checked against its exit code.
fn error(run: &Run) -> Value {
    let report: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|why| panic!("{why}: {}{}", run.stdout, run.stderr));
    assert_eq!(report["exit_code"], run.code, "{report}");
    report["error"].clone()
}

#[test]
fn without_a_newsletter_json_has_the_error() {
    let folder = Folder::empty();
    for arguments in [
        &["status", "--json"][..],
        &["plan", "a", "--json"],
        &["send", "a", "--json"],
        &["resume", "a", "--json"],
        &["resolve", "a", "--json"],
        &["schedule", "--json"],
        &["doctor", "--json"],
        &["check", "--format", "json"],
        &["check", "--format=json"],
        &["plan", "--json"],
    ] {
        let arguments = [&["-C", "."], arguments].concat();
        let run = folder.run(&arguments);
        let error = error(&run);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(
            message.contains("is not a newsletter directory"),
            "{arguments:?}: {error}"
        );
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
}

#[test]
fn a_wrong_command_line_has_its_error_in_json() {
    let folder = Folder::with_samples();
    let run = folder.run(&["status", "--json", "--al"]);
    assert_data_eq!(
        format!("{}\nexit {}\n", error(&run), run.code),
        str![[r#"
{"causes":[],"hint":"a similar argument exists: '--all'","message":"unexpected argument '--al' found"}
exit 2

"#]]
    );
    for arguments in [
        &["plan", "--json"][..],
        &["resolve", "--json", "nothing"],
        &["selftest", "--recipients", "1", "--json"],
        &["status", "2026-11", "--where", "x", "--json"],
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(error(&run)["message"].is_string(), "{arguments:?}");
    }
    assert_eq!(folder.run(&["status", "--al"]).stdout, "");
}

#[test]
fn a_failed_check_is_a_document_of_each_format() {
    let folder = Folder::empty();
    for (arguments, code) in [(&["-C", ".", "check"][..], 2), (&["check", "--nothing"], 2)] {
        let sarif = folder.run(&[arguments, &["--format", "sarif"]].concat());
        assert_eq!(sarif.code, code);
        let document: Value = serde_json::from_str(&sarif.stdout).expect("SARIF");
        let run = &document["runs"][0];
        assert_eq!(
            (&document["version"], &run["results"]),
            (&"2.1.0".into(), &serde_json::json!([]))
        );
        let invocation = &run["invocations"][0];
        assert_eq!(
            (&invocation["executionSuccessful"], &invocation["exitCode"]),
            (&false.into(), &code.into())
        );
        let notification = &invocation["toolExecutionNotifications"][0];
        let message = notification["message"]["text"].as_str().expect("a text");
        let github = folder.run(&[arguments, &["--format=github"]].concat());
        let first = message.lines().next().unwrap_or_default();
        assert!(
            github.stdout.starts_with(&format!("::error::{first}%0A")),
            "{}",
            github.stdout
        );
        assert_eq!((github.code, github.stdout.lines().count()), (code, 1));
        assert!(sarif.stderr.contains(first), "{}", sarif.stderr);
    }
}
