//! Small slips: names that a shell or a terminal would misread, files of others, options without effect.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use snapbox::prelude::*;

use crate::support::Folder;
use crate::support::campaign::NOW;
use crate::support::relay;

#[test]
fn the_path_that_init_prints_can_be_pasted_into_a_shell() {
    let folder = Folder::empty();
    for name in ["a b/c", "it's", "$HOME"] {
        let run = folder.run(&["init", name]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let mut lines = run.stderr.lines();
        let line = lines
            .find(|line| line.starts_with("  cd "))
            .expect("a command");
        let script = format!("{line} && test -f newsletter.toml");
        let mut shell = Command::new("sh");
        let status = shell
            .args(["-c", &script])
            .current_dir(folder.path())
            .status();
        assert!(status.expect("a shell").success(), "{line}");
    }
}

#[test]
fn file_names_that_are_not_utf8_are_reported() {
    let folder = Folder::with("plain");
    let issue = OsStr::from_bytes(b"caf\xe9.toml");
    std::fs::copy(
        folder.path().join("issues/one.toml"),
        folder.path().join("issues").join(issue),
    )
    .expect("a copy");
    let template = folder
        .path()
        .join("templates")
        .join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&template).expect("a directory");
    std::fs::write(template.join("theme.toml"), "").expect("a theme");
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 0);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
warning[misnamed-template]: the name of the template `templates/caf\xE9` is not UTF-8
hint: this template cannot be used; rename its directory

warning[misnamed-issue]: the file name is not UTF-8
 --> issues/caf\xE9.toml:1:1
  |
1 |
  | ^
hint: this file is ignored; rename it if it is an issue

1 issue and 4 subscribers checked: 2 warnings

"#]]
        .raw()
    );
}

#[test]
fn doctor_reports_a_password_file_that_others_can_read() {
    let folder = relay::newsletter(
        "[smtp]\nhost = \"127.0.0.1\"\nport = 1\nuser = \"letter\"\npassword_file = \"smtp-password\"\n",
    );
    folder.write("smtp-password", "not a real password\n");
    let set_mode = |mode| {
        let path = folder.path().join("smtp-password");
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("its owner");
    };
    set_mode(0o640);
    let exposed = folder.run_at(NOW, &["doctor", "--no-dns"]);
    let words = "other users can read the password file `smtp-password` (mode 0640)";
    let output = format!("{}{}", exposed.stdout, exposed.stderr);
    assert_eq!(output.matches(words).count(), 1, "{output}");
    set_mode(0o600);
    let private = folder.run_at(NOW, &["doctor", "--no-dns"]);
    let output = format!("{}{}", private.stdout, private.stderr);
    assert!(!output.contains("other users"), "{output}");
}

#[test]
fn options_without_effect_are_accepted_and_not_in_the_help() {
    let folder = Folder::with_samples();
    for (command, shows_quiet, shows_verbose) in [
        ("send", true, true),
        ("check", true, false),
        ("store migrate", true, false),
        ("explain", false, false),
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let help = folder.run(&[&words[..], &["--help"]].concat()).stdout;
        let shown = (help.contains("--quiet"), help.contains("--verbose"));
        assert_eq!(shown, (shows_quiet, shows_verbose), "{help}");
    }
    for option in ["-q", "-v", "--quiet", "--verbose"] {
        let run = folder.run(&["explain", "leftover", option]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
}

#[test]
fn the_directory_has_the_old_name_of_its_option_too() {
    let folder = Folder::with_samples();
    let path = folder.path().to_string_lossy();
    for option in ["-C", "--directory", "--folder"] {
        let run = Folder::empty().run(&[option, &path, "check"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
}
