//! Keys: made, read in all their forms, missing, and what `newsletter.toml` says of them.

use std::process::Command;

use super::verifiers::verdicts;
use super::{Signing, all_good, record};
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
                       hint: `franking dkim keygen` generates one; without [dkim] the relay may sign\n";
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
    for (table, told) in [
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
        assert!(run.stderr.contains(told), "{table}: {}", run.stderr);
        assert_eq!(run.code, 1);
    }
}
