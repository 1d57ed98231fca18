//! Which newsletter a command uses, and how it shows paths, in a subdirectory.

use std::os::unix::fs::chown;

use crate::support::{Folder, Run};

/// Runs the program in the subdirectory `inside`.
fn run_in(folder: &Folder, inside: &str, arguments: &[&str]) -> Run {
    let mut command = folder.command(arguments);
    let command = command.current_dir(folder.path().join(inside));
    Run::from(command.output().expect("the program starts"))
}

#[test]
fn commands_find_the_newsletter_from_a_subdirectory() {
    let folder = Folder::with_samples();
    for (inside, arguments) in [
        ("issues", &["build", "2026-11.toml"][..]),
        ("issues", &["build", "2026-11"]),
        ("issues/2026-11", &["plan", "2026-11"]),
        ("templates/institute", &["check"]),
        ("templates", &["template", "show"]),
        (".", &["send", "issues/2026-11.toml", "--dry-run"]),
        ("issues", &["status"]),
    ] {
        let run = run_in(&folder, inside, arguments);
        assert_eq!(run.code, 0, "{inside} {arguments:?}: {}", run.stderr);
    }
    let built = run_in(&folder, "issues", &["build", "2026-11"]);
    assert_eq!(built.stdout, "../.franking/build/2026-11\n");
    assert!(folder.path().join(".franking/build/2026-11").is_dir());
    assert!(!folder.path().join("issues/.franking").exists());
}

#[test]
fn new_creates_the_issue_in_the_newsletter_and_shows_its_path_from_here() {
    let folder = Folder::with("plain");
    let here = run_in(&folder, "issues", &["new", "two"]);
    assert_eq!(here.stdout, "two.toml\n", "{}", here.stderr);
    std::fs::create_dir_all(folder.path().join("notes/old")).unwrap();
    let below = run_in(&folder, "notes/old", &["new", "three"]);
    assert_eq!(below.stdout, "../../issues/three.toml\n");
    assert!(folder.path().join("issues/two.toml").exists());
    assert!(folder.path().join("issues/three.toml").exists());
}

#[test]
fn init_creates_a_newsletter_inside_another_one() {
    let folder = Folder::with("plain");
    let run = run_in(&folder, "issues", &["init", "inner"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(folder.path().join("issues/inner/newsletter.toml").exists());
    let check = run_in(&folder, "issues/inner/issues", &["check"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    let here = run_in(&folder, ".", &["check", "first"]);
    assert!(here.stderr.contains("no issue `first`"), "{}", here.stderr);
}

#[test]
fn findings_name_files_relative_to_the_current_directory() {
    let folder = Folder::with("plain");
    folder.write("issues/one.toml", "title = 1\n");
    let shown = |run: Run| {
        let arrow = run.stderr.lines().find(|line| line.contains("--> "));
        arrow.unwrap_or_default().trim().to_owned()
    };
    let from = |inside| shown(run_in(&folder, inside, &["check", "one"]));
    assert_eq!(from("."), "--> issues/one.toml:1:1");
    assert_eq!(from("issues"), "--> one.toml:1:1");
    std::fs::create_dir(folder.path().join("notes")).unwrap();
    assert_eq!(from("notes"), "--> ../issues/one.toml:1:1");
    let selected = run_in(&folder, "notes", &["-C", "..", "check", "one"]);
    assert_eq!(shown(selected), "--> ../issues/one.toml:1:1");
}

#[test]
fn a_selected_directory_is_not_searched_above() {
    let folder = Folder::with("plain");
    let run = run_in(&folder, ".", &["-C", "issues", "check"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .starts_with("error: `issues` is not a newsletter directory"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_newsletter_of_another_user_above_is_used_only_if_it_is_selected() {
    let folder = Folder::with("plain");
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    // Only root can give a file to another user.
    if chown(folder.path().join("newsletter.toml"), Some(12_345), None).is_err() {
        return;
    }
    let refused = run_in(&folder, "mine", &["check"]);
    assert_eq!(refused.code, 2);
    snapbox::assert_data_eq!(
        refused.stderr,
        snapbox::str![[r#"
error: `../newsletter.toml` belongs to another user than the current directory
hint: if you trust it, select it with `-C ..`

"#]]
    );
    assert_eq!(run_in(&folder, "mine", &["-C", "..", "check"]).code, 0);
    assert_eq!(run_in(&folder, ".", &["check"]).code, 0);
}
