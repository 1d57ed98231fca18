//! Settings of `[smtp]` that cannot mean what they say, and the values that were meant.

use crate::relay;
use crate::support::{Folder, Run};

/// A newsletter with these lines of `[smtp]`, checked.
fn checked(smtp: &str) -> (Folder, Run) {
    let folder = relay::newsletter(&format!("[smtp]\n{smtp}\n"));
    relay::set_readers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    let run = folder.run(&["check"]);
    (folder, run)
}

#[test]
fn a_value_that_cannot_work_is_an_error_with_the_value_that_was_meant() {
    for (smtp, words) in [
        (
            "host = \"h.example\"\nport = 0",
            "`port` must be from 1 to 65535, not 0",
        ),
        (
            "host = \"h.example\"\nport = 70000",
            "`port` must be from 1 to 65535, not 70000",
        ),
        ("host = \"smtp://h.example\"", "set `host = \"h.example\"`"),
        (
            "host = \"h.example:2525\"",
            "set `host = \"h.example\"` and `port = 2525`",
        ),
        ("host = \" h.example\"", "set `host = \"h.example\"`"),
        (
            "host = \"h example\"",
            "is not the name or the address of a host",
        ),
        ("host = \"h.example\"\ndaily = 0", "`daily` must be from 1"),
        ("host = \"h.example\"\nrate = \"0/s\"", "`0/s` is no rate"),
        (
            "host = \"h.example\"\nconnections = 0",
            "`connections` must be from 1 to 64",
        ),
        (
            "host = \"h.example\"\nconnections = 5000",
            "`connections` must be from 1 to 64",
        ),
        (
            "host = \"h.example\"\npassword_file = \"p\"",
            "a login is set up without `user`",
        ),
        (
            "host = \"h.example\"\nauth = \"xoauth2\"",
            "a login is set up without `user`",
        ),
        (
            "host = \"h.example\"\nuser = \"u\"\npassword_command = []",
            "`password_command` names no program",
        ),
        (
            "host = \"h.example\"\nuser = \"u\"\npassword_file = \"p\"\npassword_command = [\"p\"]",
            "are both set",
        ),
        (
            "host = \"h.example\"\nper_domain = { \"gmail\" = \"1/s\" }",
            "`gmail` in `per_domain` is not a domain",
        ),
        (
            "host = \"h.example\"\nper_domain = { \"a@b.example\" = \"1/s\" }",
            "`a@b.example` in `per_domain` is not a domain",
        ),
        (
            "host = \"h.example\"\nper_domain = { \"bücher.example\" = \"1/s\", \"xn--bcher-kva.example\" = \"2/s\" }",
            "`per_domain` has xn--bcher-kva.example twice",
        ),
        (
            "host = \"h.example\"\n[[smtp.relay]]\nhost = \"https://i.example/\"",
            "set `host = \"i.example\"`",
        ),
    ] {
        let (_, run) = checked(smtp);
        assert_eq!(run.code, 1, "{smtp}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{smtp}: {}", run.stderr);
    }
}

#[test]
fn a_password_in_the_file_is_refused_and_shown_nowhere() {
    for key in ["password", "pass", "passwd", "secret", "token", "api_key"] {
        let (_, run) = checked(&format!(
            "host = \"h.example\"\nuser = \"u\"\npassword_file = \"p\"\n{key} = \"hunter2\""
        ));
        assert_eq!(run.code, 1, "{key}: {}", run.stderr);
        assert!(run.stderr.contains("password-in-file"), "{}", run.stderr);
        assert!(!run.stderr.contains("hunter2"), "{key}: {}", run.stderr);
    }
    let (_, run) = checked("host = \"smtp://u:hunter2@h.example\"");
    assert!(
        run.stderr.contains("set `host = \"h.example\"`"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    let (_, run) = checked("host = \"h.example\"\npasword = \"x\"");
    assert!(run.stderr.contains("unknown-key"), "{}", run.stderr);
    assert!(!run.stderr.contains("`password`"), "{}", run.stderr);
}

#[test]
fn what_is_legal_and_unlikely_is_a_warning() {
    for (smtp, code) in [
        ("host = \"h.example\"\nport = 465", "unlikely-port"),
        (
            "host = \"h.example\"\nport = 465\ntls = \"none\"",
            "unlikely-port",
        ),
        (
            "host = \"h.example\"\nport = 587\ntls = \"implicit\"",
            "unlikely-port",
        ),
        (
            "host = \"h.example\"\nport = 25\ntls = \"implicit\"",
            "unlikely-port",
        ),
        ("host = \"h.example\"\ntls = \"none\"", "plaintext-relay"),
    ] {
        let (_, run) = checked(smtp);
        assert_eq!(run.code, 0, "{smtp}: {}", run.stderr);
        assert!(
            run.stderr.contains(&format!("warning[{code}]")),
            "{}",
            run.stderr
        );
    }
    for smtp in [
        "host = \"h.example\"",
        "host = \"h.example\"\nport = 465\ntls = \"implicit\"",
        "host = \"127.0.0.1\"\nport = 2525\ntls = \"none\"",
        "host = \"post.bücher.example\"\nper_domain = { \"Bücher.example\" = \"1/s\" }",
    ] {
        let (_, run) = checked(smtp);
        assert_eq!(run.code, 0, "{smtp}: {}", run.stderr);
        assert!(!run.stderr.contains("warning["), "{smtp}: {}", run.stderr);
    }
}

#[test]
fn the_git_ignore_of_a_new_newsletter_covers_every_secret_that_it_names() {
    let folder = Folder::empty();
    folder.write("letters/.gitignore", "drafts/");
    let run = folder.run(&["init", "letters"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ignored = folder.read("letters/.gitignore");
    assert!(ignored.starts_with("drafts/\n"), "{ignored}");
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(arguments)
            .current_dir(folder.path().join("letters"));
        git.output().expect("git starts")
    };
    assert!(git(&["init", "-q"]).status.success());
    for secret in [
        "smtp-password",
        "smtp-password-mail.example",
        "dkim.pem",
        ".franking/key",
    ] {
        assert!(
            git(&["check-ignore", "-q", secret]).status.success(),
            "{secret}"
        );
    }
    let named = folder.read("letters/newsletter.toml");
    assert!(
        named.contains("password_file = \"smtp-password\""),
        "{named}"
    );
}
