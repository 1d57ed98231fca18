//! Settings of `[smtp]` that cannot mean what they say, and the values that were meant.

use crate::support::relay;
use crate::support::{Folder, Run};

/// A newsletter with these lines of `[smtp]`, checked.
fn checked(smtp: &str) -> (Folder, Run) {
    let folder = relay::newsletter(&format!("[smtp]\n{smtp}\n"));
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    let run = folder.run(&["check"]);
    (folder, run)
}

#[test]
fn an_invalid_value_is_an_error_with_the_likely_value() {
    for (smtp, words) in [
        (
            "host = \"h.example\"\nport = 0",
            "`port` must be between 1 and 65535, not 0",
        ),
        (
            "host = \"h.example\"\nport = 70000",
            "`port` must be between 1 and 65535, not 70000",
        ),
        ("host = \"smtp://h.example\"", "set `host = \"h.example\"`"),
        (
            "host = \"h.example:2525\"",
            "set `host = \"h.example\"` and `port = 2525`",
        ),
        ("host = \" h.example\"", "set `host = \"h.example\"`"),
        ("host = \"h example\"", "is not a host name or IP address"),
        (
            "host = \"h.example\"\ndaily = 0",
            "`daily` must be between 1",
        ),
        ("host = \"h.example\"\nrate = \"0/s\"", "invalid rate `0/s`"),
        (
            "host = \"h.example\"\nconnections = 0",
            "`connections` must be between 1 and 64",
        ),
        (
            "host = \"h.example\"\nconnections = 5000",
            "`connections` must be between 1 and 64",
        ),
        (
            "host = \"h.example\"\npassword_file = \"p\"",
            "`user` is not set, so there is no login",
        ),
        (
            "host = \"h.example\"\nauth = \"xoauth2\"",
            "`user` is not set, so there is no login",
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
            "invalid domain `gmail` in `per_domain`",
        ),
        (
            "host = \"h.example\"\nper_domain = { \"a@b.example\" = \"1/s\" }",
            "invalid domain `a@b.example` in `per_domain`",
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

/// What `check` says of a newsletter with these lines before `[smtp]` and in it.
fn checked_with(head: &str, smtp: &str) -> Run {
    let folder = relay::newsletter("");
    let text = folder.read("newsletter.toml");
    let head_keys: Vec<&str> = head
        .lines()
        .filter_map(|line| line.split(" =").next())
        .collect();
    let others = text.lines().filter(|line| {
        let key = line.split(" =").next().unwrap_or_default();
        !head_keys.contains(&key)
    });
    let others: String = others.map(|line| format!("{line}\n")).collect();
    folder.write(
        "newsletter.toml",
        &format!("{others}{head}\n[smtp]\nhost = \"h.example\"\n{smtp}\n"),
    );
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    folder.run(&["check"])
}

#[test]
fn an_empty_value_is_an_error_at_its_location() {
    let top = [
        "name",
        "list_id",
        "from",
        "reply_to",
        "language",
        "time_zone",
        "template",
        "web_url",
        "unsubscribe_mailto",
        "pictures",
        "text",
        "tagline",
        "address",
        "privacy_url",
    ];
    let smtp = [
        "user",
        "tls",
        "auth",
        "ca_file",
        "rate",
        "warm_up",
        "relay",
        "password_file",
        "password_command",
    ];
    for (key, empty) in top.iter().flat_map(|key| [(key, "\"\""), (key, "\"  \"")]) {
        let run = checked_with(&format!("{key} = {empty}"), "");
        assert_eq!(run.code, 1, "{key}: {}", run.stderr);
        let said = format!("error[empty-value]: `{key}` is empty\n");
        assert!(run.stderr.contains(&said), "{key}: {}", run.stderr);
        let line = format!("| {key} = {empty}");
        assert!(run.stderr.contains(&line), "{key}: {}", run.stderr);
        let count = run.stderr.matches("error[").count();
        assert_eq!(count, 1, "{key}: {}", run.stderr);
    }
    for key in smtp {
        let empty = if ["warm_up", "relay", "password_command"].contains(&key) {
            "[]"
        } else {
            "\"\""
        };
        let user = if key == "user" {
            ""
        } else {
            "user = \"desk\"\n"
        };
        let run = checked_with("", &format!("{user}{key} = {empty}"));
        assert_eq!(run.code, 1, "{key}: {}", run.stderr);
        let count = run.stderr.matches("error[").count();
        assert_eq!(count, 1, "{key}: {}", run.stderr);
        assert!(
            run.stderr.contains(&format!("`{key}` is empty")) || key.starts_with("password"),
            "{key}: {}",
            run.stderr
        );
    }
    let run = checked_with("", "user = \"\"\npassword_file = \"p\"");
    assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
    let run = checked_with("store = { url = \"\" }", "");
    assert!(run.stderr.contains("`url` is empty"), "{}", run.stderr);
    // Words of one's own may be empty, and a key may be absent.
    let run = checked_with(
        "defaults = { first_name = \"\" }\ntags = { press = \"\" }",
        "",
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("empty"), "{}", run.stderr);
}

#[test]
fn a_trailing_space_in_a_value_is_an_error_at_its_location() {
    for (head, smtp, said) in [
        (
            "tagline = \"Birds \"",
            "",
            "the value of `tagline` has a space at the end",
        ),
        (
            "address = \" 3 Mill Lane\"",
            "",
            "the value of `address` has a space at the beginning",
        ),
        (
            "from = \" A <a@press.example> \"",
            "",
            "the value of `from` has a space at both ends",
        ),
        (
            "web_url = \"https://press.example \"",
            "",
            "the value of `web_url` has a space at the end",
        ),
        (
            "",
            "user = \"desk \"\npassword_file = \"p\"",
            "the value of `user` has a space at the end",
        ),
        (
            "",
            "user = \"desk\\t\"\npassword_file = \"p\"",
            "the value of `user` has a space at the end",
        ),
        (
            "",
            "user = \"desk\"\npassword_file = \"smtp-password \"",
            "the value of `password_file` has a space at the end",
        ),
        (
            "",
            "ca_file = \" ca.pem\"",
            "the value of `ca_file` has a space at the beginning",
        ),
        (
            "store = { url = \"sqlite:.franking/store.db \" }",
            "",
            "the value of `url` has a space at the end",
        ),
    ] {
        let run = checked_with(head, smtp);
        assert_eq!(run.code, 1, "{head}{smtp}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{head}{smtp}: {}", run.stderr);
        assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
    }
    for (head, smtp) in [
        (
            "store = { url = \"postgres://u:hunter2@h.example/d \" }",
            "",
        ),
        ("", "[[smtp.relay]]\nhost = \"u:hunter2@h.example \""),
    ] {
        let run = checked_with(head, smtp);
        assert_ne!(run.code, 0, "{}", run.stderr);
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
    for head in [
        "tagline = \"Birds and boats\"",
        "address = \"\"\"\nHeron House\n3 Mill Lane\n\"\"\"",
        "defaults = { first_name = \" friend\" }",
    ] {
        let run = checked_with(head, "");
        assert_eq!(run.code, 0, "{head}: {}", run.stderr);
        assert!(!run.stderr.contains("blank"), "{head}: {}", run.stderr);
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
fn a_valid_but_unlikely_value_is_a_warning() {
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
