//! Keys: made, read in all their forms, missing, and what `newsletter.toml` says of them.

use std::process::Command;

use franking::newsletter::config::Password;
use franking::simulator::sink::AcceptAll;
use franking::store::{Ledger, Lock, Store};
use snapbox::{assert_data_eq, str};

use super::verifiers::verdicts;
use super::{Signing, all_good, record};
use crate::support::postgres::Database;
use crate::support::relay::{Relay, smtp};
use crate::support::{Folder, Run, has};

#[test]
fn a_key_is_read_in_every_format() {
    if !has("openssl", "dkim forms") {
        return;
    }
    let signing = Signing::new("", "rsa");
    let record = signing.folder.run(&["dkim", "record"]).stdout;
    let message = signing.built();
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        let output = command
            .args(arguments)
            .current_dir(signing.folder.path())
            .output();
        assert!(
            output.expect("openssl starts").status.success(),
            "{arguments:?}"
        );
        let path = signing.folder.path().join("other.pem");
        std::fs::rename(path, signing.folder.path().join("dkim.pem")).expect("the key");
        signing.folder.hide_key(0o600);
    };
    openssl(&[
        "pkey",
        "-in",
        "dkim.pem",
        "-traditional",
        "-out",
        "other.pem",
    ]);
    assert!(
        signing
            .folder
            .read("dkim.pem")
            .starts_with("-----BEGIN RSA PRIVATE KEY")
    );
    assert_eq!(signing.folder.run(&["dkim", "record"]).stdout, record);
    assert_eq!(signing.built(), message);
    let told = |why: &str| {
        let told = format!("error[bad-dkim-key]: the DKIM key `dkim.pem` cannot be used: {why}\n");
        let run = signing.folder.run(&["check"]);
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    };
    let locked = "it is encrypted with a passphrase";
    let key = signing.folder.read("dkim.pem");
    for form in ["rsa", "pkey"] {
        let words = [
            "-in",
            "dkim.pem",
            "-aes128",
            "-passout",
            "pass:word",
            "-out",
            "other.pem",
        ];
        let tradition = if form == "rsa" {
            &["-traditional"][..]
        } else {
            &[]
        };
        openssl(&[&[form], &words[..], tradition].concat());
        told(locked);
        signing.folder.write("dkim.pem", &key);
    }
    openssl(&[
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        "other.pem",
    ]);
    told("it contains neither an RSA key of 2048 to 4096 bits nor an Ed25519 key (WrongAlgorithm)");
    signing.folder.write("dkim.pem", "key\n");
    told("it is not PEM");
}

#[test]
fn nothing_is_sent_without_the_configured_key() {
    let signing = Signing::new("", "ed25519");
    std::fs::remove_file(signing.folder.path().join("dkim.pem")).expect("the key");
    let check = signing.folder.run(&["check"]);
    assert_eq!(check.code, 0);
    assert!(
        check.stderr.contains("warning[no-dkim-key]: "),
        "{}",
        check.stderr
    );
    assert_eq!(signing.folder.run(&["build", "a"]).code, 0);
    for arguments in [
        &["send", "a", "--yes"][..],
        &["send", "a", "--dry-run"],
        &["send", "a", "--test", "x@press.example"],
    ] {
        let run = signing.folder.run(arguments);
        let refusal = "error: there is no key `dkim.pem` to sign with\n\
                       hint: restore it from a backup, or copy it from a machine that sends; `franking dkim keygen` generates \
                       a new one; without [dkim] the relay may sign\n";
        assert!(run.stderr.ends_with(refusal), "{}", run.stderr);
        assert_eq!(run.code, 2);
    }
    assert!(!signing.folder.path().join(".franking/outbox").exists());
    // Where newsletter.toml names a key that is not there, that is the one to make.
    let selector = setting(&signing.folder, "selector");
    let run = signing
        .folder
        .run(&["dkim", "keygen", "--algorithm", "ed25519"]);
    assert!(
        run.stdout
            .starts_with(&format!("{selector}._domainkey.press.example. "))
    );
    let run = signing
        .folder
        .run(&["send", "a", "--test", "x@press.example"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let test = signing.folder.path().join(".franking/outbox/test");
    let record = record(&signing.folder.run(&["dkim", "record"]).stdout);
    if let Some(verdicts) = verdicts("dkim test", &test, &record) {
        assert_eq!(verdicts.len(), 1);
        all_good(&verdicts);
    }
}

fn setting(folder: &Folder, key: &str) -> String {
    let settings = folder.read("newsletter.toml");
    let (_, rest) = settings
        .split_once(&format!("{key} = \""))
        .expect("the key");
    rest.split('"').next().expect("its value").to_owned()
}

#[test]
fn a_generated_key_is_private_and_overwrites_none() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("plain");
    let keygen = |words: &str| {
        let words: Vec<&str> = words.split_whitespace().collect();
        folder.run(&[&["dkim", "keygen", "--algorithm", "ed25519"][..], &words].concat())
    };
    let run = keygen("--selector one --domain BÜCHER.example --out keys.pem");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let zone = run.stdout.lines().next().expect("a record");
    assert!(
        zone.starts_with("one._domainkey.xn--bcher-kva.example. IN TXT ( \"v=DKIM1; k=ed25519; p=")
    );
    assert!(run.stdout.ends_with(
        "\n[dkim]\ndomain = \"xn--bcher-kva.example\"\nselector = \"one\"\nkey_file = \"keys.pem\"\n"
    ));
    let mode = std::fs::metadata(folder.path().join("keys.pem"))
        .expect("the key")
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let before = folder.files();
    let again = keygen("--out keys.pem");
    assert_eq!(again.code, 2);
    assert!(
        again.stderr.starts_with("error: `keys.pem` exists already"),
        "{}",
        again.stderr
    );
    for (words, told) in [
        ("--selector a_b", "`a_b` is not a valid selector"),
        ("--domain host", "`host` is not a valid domain"),
    ] {
        let run = keygen(words);
        assert_eq!((run.code, run.stderr), (2, format!("error: {told}\n")));
    }
    let mut without_openssl = folder.command(&["dkim", "keygen"]);
    let run = Run::from(
        without_openssl
            .env("PATH", "")
            .output()
            .expect("the program starts"),
    );
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .starts_with("error: cannot run `openssl`, which generates RSA keys\n")
    );
    assert_eq!(folder.changes_since(&before), [""; 0]);
    assert_eq!(keygen("--out keys.pem --replace").code, 0);
    assert_eq!(folder.changes_since(&before), ["keys.pem"]);
}

#[test]
fn every_key_of_the_table_is_checked() {
    let folder = Folder::with("plain");
    let settings = folder.read("newsletter.toml");
    for (table, output) in [
        ("", "error[missing-key]: missing key `domain` in `[dkim]`"),
        ("domain = \"a b\"", "error[bad-value]: invalid domain `a b`"),
        (
            "selector = \"-a\"",
            "error[bad-value]: invalid selector `-a`",
        ),
        ("key_file = 1", "error[wrong-type]: "),
        (
            "selectors = \"a\"",
            "error[unknown-key]: unknown key `selectors` in `dkim`",
        ),
    ] {
        folder.write("newsletter.toml", &format!("{settings}\n[dkim]\n{table}\n"));
        let run = folder.run(&["check"]);
        assert!(run.stderr.contains(output), "{table}: {}", run.stderr);
        assert_eq!(run.code, 1);
    }
}

/// What a command wrote on standard error, and its exit code.
fn said(run: &Run) -> String {
    format!("{}exit {}\n", run.stderr, run.code)
}

#[test]
fn the_record_of_a_key_that_newsletter_toml_does_not_use_is_not_printed() {
    let folder = Folder::with("plain");
    let mut all = said(&folder.run(&["dkim", "record"]));
    let keygen = ["dkim", "keygen", "--algorithm", "ed25519"];
    assert_eq!(folder.run(&keygen).code, 0);
    all += &said(&folder.run(&keygen));
    let settings = folder.read("newsletter.toml");
    let table = "[dkim]\ndomain = \"plain.example\"\nselector = \"one\"\nkey_file = \"lost.pem\"\n";
    folder.write("newsletter.toml", &format!("{settings}\n{table}"));
    all += &said(&folder.run(&["dkim", "record"]));
    assert_data_eq!(
        all,
        str![[r#"
error: newsletter.toml has no [dkim]
hint: add the lines that `franking dkim keygen` printed; if there is no key yet, run it first
exit 2
error: `dkim.pem` exists already, and was not changed
hint: newsletter.toml does not use it yet: add the lines that `keygen` printed, or generate another one with `--replace`
exit 2
error: there is no usable key `lost.pem`
hint: `franking check` shows what is wrong with it; restore it from a backup, or copy it from a machine that sends
exit 2

"#]]
    );
}

#[test]
fn a_key_that_replaces_another_gets_a_new_selector() {
    let signing = Signing::new("", "ed25519");
    let old = setting(&signing.folder, "selector");
    let keygen = |more: &[&str]| {
        let words = ["dkim", "keygen", "--algorithm", "ed25519", "--replace"];
        signing.folder.run(&[&words, more].concat())
    };
    let mut names = vec![old.clone()];
    for _ in 0..2 {
        let run = keygen(&[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let (name, _) = run.stdout.split_once("._domainkey.").expect("a record");
        assert!(!names.contains(&name.to_owned()), "{names:?} has {name}");
        let advice = format!(
            "`selector = \"{name}\"` in newsletter.toml; keep the record of `{}`",
            names[names.len() - 1]
        );
        assert!(run.stderr.contains(&advice), "{}", run.stderr);
        let settings = signing.folder.read("newsletter.toml");
        let present = format!("selector = \"{}\"", names[names.len() - 1]);
        let settings = settings.replace(&present, &format!("selector = \"{name}\""));
        signing.folder.write("newsletter.toml", &settings);
        names.push(name.to_owned());
    }
    let kept = keygen(&["--selector", &names[2]]);
    assert!(
        kept.stdout
            .starts_with(&format!("{}._domainkey.", names[2]))
    );
    let warning = "messages in transit can no longer be verified\n";
    assert!(kept.stderr.ends_with(warning), "{}", kept.stderr);
}

#[test]
fn the_key_of_a_running_send_is_not_replaced() {
    let signing = Signing::new("", "ed25519");
    let folder = &signing.folder;
    let key = folder.read("dkim.pem");
    let lock = Lock::take(&folder.path().join(".franking/lock"), "send a", 7);
    let lock = lock.expect("it is free");
    let keygen = ["dkim", "keygen", "--algorithm", "ed25519"];
    let replace = [&keygen[..], &["--replace"]].concat();
    let run = folder.run(&replace);
    assert_eq!(run.code, 73, "{}", run.stderr);
    assert!(
        run.stderr
            .starts_with("error: another process holds the lock")
    );
    assert_eq!(folder.read("dkim.pem"), key);
    // A new file disturbs no run.
    let other = [&keygen[..], &["--out", "other.pem"]].concat();
    assert_eq!(folder.run(&other).code, 0);
    drop(lock);
    assert_eq!(folder.run(&replace).code, 0);
    assert_ne!(folder.read("dkim.pem"), key);
}

#[test]
fn the_key_of_a_send_on_postgresql_is_not_replaced() {
    let Some(database) = Database::create("the key of a sender") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let url = database.url();
    let settings = format!("{}[store]\nurl = \"{url}\"\n", smtp(relay.port, "none", 1));
    let signing = Signing::new(&settings, "ed25519");
    let folder = &signing.folder;
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 0);
    let store = Store::connect(&Password::from(url), folder.path()).expect("a store");
    let send = store.send_of("a").expect("an answer").expect("a send");
    let (ledger, writer) = Ledger::start(store, &send);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .expect("a runtime")
        .block_on(ledger.next(0))
        .expect("an answer");
    let replace = ["dkim", "keygen", "--algorithm", "ed25519", "--replace"];
    let run = folder.run(&replace);
    assert!(
        run.stderr.starts_with("error: a sender of `a` is active\n"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, 73);
    drop(ledger);
    drop(writer.join());
    assert_eq!(folder.run(&replace).code, 0);
}

#[test]
fn a_key_that_other_users_can_read_signs_nothing_that_is_sent() {
    let signing = Signing::new("", "ed25519");
    signing.folder.hide_key(0o640);
    assert_eq!(signing.folder.run(&["build", "a"]).code, 0);
    for arguments in [
        &["send", "a", "--yes"][..],
        &["send", "a", "--dry-run"],
        &["send", "a", "--test", "x@press.example"],
    ] {
        let run = signing.folder.run(arguments);
        let refusal = "error: the DKIM key `dkim.pem` is refused because other users can read it (mode 0640)\n\
                       hint: run `chmod 600` on it; if a stranger may have read it, generate another one: `franking dkim keygen --replace`\n";
        assert!(run.stderr.ends_with(refusal), "{}", run.stderr);
        assert_eq!(run.code, 2);
    }
    signing.folder.hide_key(0o600);
    assert_eq!(signing.folder.run(&["send", "a", "--yes"]).code, 0);
}
