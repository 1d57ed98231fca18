//! The units that `franking systemd` prints or writes, read by systemd itself.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::relay;
use crate::support::{Folder, Run, has};

/// The units by their file names.
fn units(run: &Run) -> BTreeMap<String, String> {
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = run.stdout.split("# /etc/systemd/system/").skip(1);
    let files = files.map(|file| file.split_once('\n').expect("a name in a line of its own"));
    files
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// Writes the units below `folder`; their paths, the service first.
fn written(folder: &Folder, run: &Run) -> Vec<String> {
    let units = units(run);
    assert_eq!(units.len(), 2, "{}", run.stdout);
    let paths = units.iter().map(|(name, text)| {
        folder.write(&format!("units/{name}"), text);
        folder
            .path()
            .join("units")
            .join(name)
            .to_str()
            .expect("UTF-8")
            .to_owned()
    });
    paths.collect()
}

fn analyze(arguments: &[&str], paths: &[String]) -> Run {
    let mut command = Command::new("systemd-analyze");
    Run::from(
        command
            .args(arguments)
            .args(paths)
            .output()
            .expect("it starts"),
    )
}

const NAMES: [&str; 5] = [
    "plain",
    "with blanks",
    "50% \"off\" $HOME",
    "naïve-größe-日本",
    "back\\slash's",
];

#[test]
fn systemd_analyze_verifies_the_units() {
    if !has("systemd-analyze", "the units") {
        return;
    }
    for name in NAMES {
        let folder = Folder::empty();
        folder.write(&format!("{name}/newsletter.toml"), "");
        let arguments = ["-C", name, "systemd", "--program", "/bin/true"];
        let alert = ["--on-failure", "mail-alert@%n.service"];
        let run = folder.run(&[arguments.as_slice(), &alert].concat());
        let paths = written(&folder, &run);
        let verified = analyze(&["verify"], &paths);
        let said = format!("{}{}", verified.stdout, verified.stderr);
        assert_eq!((verified.code, said.as_str()), (0, ""), "{}", run.stdout);
    }
}

#[test]
fn the_service_is_hardened() {
    if !has("systemd-analyze", "the hardening") {
        return;
    }
    let folder = Folder::with("plain");
    let run = folder.run(&["systemd", "--program", "/bin/true"]);
    let paths = written(&folder, &run);
    // In tenths.
    let limits = ["security", "--offline=true", "--threshold=20"];
    let scored = analyze(&limits, &paths[..1]);
    assert!(paths[0].ends_with(".service"));
    assert_eq!(scored.code, 0, "{}", scored.stdout);
    let unit = &units(&run)[paths[0].rsplit('/').next().expect("a name")];
    let path = folder.path().canonicalize().expect("it is there");
    let path = path.to_str().expect("UTF-8");
    assert!(
        unit.contains(&format!("ReadWritePaths=\"{path}\"\n")),
        "{unit}"
    );
    assert!(unit.contains("\nUser="), "{unit}");
}

#[test]
fn each_newsletter_on_a_machine_has_units_of_its_own() {
    let folder = Folder::empty();
    let mut names = Vec::new();
    for path in ["a/letters", "b/letters", "a b", "a-b"] {
        folder.write(&format!("{path}/newsletter.toml"), "");
        let run = folder.run(&["-C", path, "systemd"]);
        names.extend(units(&run).into_keys());
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!((count, names.len()), (8, 8), "{names:?}");
    let run = folder.run(&["-C", "a b", "systemd", "--name", "heron", "--user", "post"]);
    let units = units(&run);
    let names: Vec<&str> = units.keys().map(String::as_str).collect();
    assert_eq!(names, ["heron-franking.service", "heron-franking.timer"]);
    assert!(units["heron-franking.service"].contains("\nUser=post\n"));
}

#[test]
fn a_credential_is_used_only_without_a_configured_password() {
    for (smtp, expected) in [
        ("user = \"u\"\npassword_file = \"p\"\n", None),
        ("", None),
        (
            "user = \"u\"\n",
            Some("LoadCredential=smtp-password:/etc/franking/heron/smtp-password\n"),
        ),
    ] {
        let folder = relay::newsletter(&format!("[smtp]\nhost = \"h.example\"\n{smtp}"));
        let run = folder.run(&["systemd", "--name", "heron"]);
        match expected {
            Some(line) => assert!(run.stdout.contains(line), "{}", run.stdout),
            None => assert!(!run.stdout.contains("LoadCredential"), "{}", run.stdout),
        }
    }
}

#[test]
fn both_units_are_written_into_a_directory() {
    let folder = Folder::with("plain");
    let arguments = [
        "systemd",
        "--name",
        "heron",
        "--user",
        "post",
        "--program",
        "/bin/true",
    ];
    let printed = units(&folder.run(&arguments));
    let out = ["--out", "units"];
    // Those of an earlier call are replaced.
    for _ in 0..2 {
        let run = folder.run(&[&arguments[..], &out].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(
            run.stdout,
            "units/heron-franking.timer\nunits/heron-franking.service\n"
        );
        let next = "the service runs as `post`; enable the timer with `systemctl daemon-reload` and `systemctl enable --now \
                    heron-franking.timer`\n";
        assert_eq!(run.stderr, next);
    }
    let written = std::fs::read_dir(folder.path().join("units")).expect("the units");
    assert_eq!(written.count(), printed.len());
    for (name, text) in printed {
        assert_eq!(folder.read(&format!("units/{name}")).trim(), text.trim());
    }
    folder.write("file", "");
    let run = folder.run(&[&arguments[..], &["--out", "file"]].concat());
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.starts_with("error: `file` cannot be written\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_user_is_the_owner_of_the_directory_but_never_root() {
    use std::os::unix::fs::MetadataExt;
    let folder = Folder::with("plain");
    let run = folder.run(&["systemd"]);
    let owner = std::fs::metadata(folder.path()).expect("a folder").uid();
    let warning = "warning: the directory belongs to root, and a newsletter is not sent as root: the service runs as `franking`\n\
                   hint: `useradd --system franking`";
    assert_eq!(
        run.stderr.starts_with(warning),
        owner == 0,
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout.contains("\nUser=franking\n"), owner == 0);
    assert!(!run.stdout.contains("\nUser=root\n"));
    let chosen = folder.run(&["systemd", "--user", "post"]);
    assert_eq!(chosen.stderr, "");
}

#[test]
fn the_service_cannot_write_the_files_that_people_edit() {
    let settings = "[smtp]\nhost = \"h.example\"\nuser = \"u\"\npassword_file = \"secret/one\"\nca_file = \"/etc/ca.pem\"\n\
                    [[smtp.relay]]\nhost = \"i.example\"\nuser = \"u\"\npassword_file = \"secret/two\"\n\
                    [dkim]\ndomain = \"press.example\"\nselector = \"one\"\nkey_file = \"dkim.pem\"\n\
                    [store]\nurl = \"sqlite:../ledgers/store.db\"\n";
    let folder = Folder::empty();
    folder.write("ledgers/.keep", "");
    let newsletter = relay::newsletter(settings);
    folder.write("heron/newsletter.toml", &newsletter.read("newsletter.toml"));
    let run = folder.run(&["-C", "heron", "systemd", "--user", "post"]);
    let root = folder.path().canonicalize().expect("it is there");
    let root = root.to_str().expect("UTF-8");
    let line = |key: &str| {
        let mut lines = run.stdout.lines();
        let found = lines.find_map(|line| line.strip_prefix(key));
        found.expect("the key").replace(root, "ROOT")
    };
    assert_eq!(line("ReadWritePaths="), "\"ROOT/heron\" \"ROOT/ledgers\"");
    let files = [
        "ROOT/heron/newsletter.toml",
        "ROOT/heron/issues",
        "ROOT/heron/templates",
        "ROOT/heron/subscribers.toml",
        "ROOT/heron/secret/one",
        "/etc/ca.pem",
        "ROOT/heron/secret/two",
        "ROOT/heron/dkim.pem",
    ];
    let files = files.map(|file| format!("\"-{file}\""));
    assert_eq!(line("ReadOnlyPaths="), files.join(" "));
}

#[test]
fn a_name_that_is_not_valid_for_a_unit_is_an_error() {
    let folder = Folder::with("plain");
    for arguments in [
        ["--on-failure", "no kind"],
        ["--on-failure", "alert"],
        ["--name", "a/b"],
        ["--user", "a b"],
    ] {
        let run = folder.run(&[["systemd"].as_slice(), &arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stdout);
    }
}
