//! Gives the commit to `franking --version`, in a release build from a clone.
//!
//! A development build has none: it would be compiled anew after each commit for this alone.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let commit = (std::env::var("PROFILE").as_deref() == Ok("release"))
        .then(commit)
        .flatten();
    let suffix = commit.map(|commit| format!(" ({commit})"));
    println!(
        "cargo::rustc-env=FRANKING_VERSION={}{}",
        std::env::var("CARGO_PKG_VERSION").expect("cargo sets it"),
        suffix.unwrap_or_default()
    );
}

/// The commit and its date, such as `1b2c3d4e5 2026-11-30`; `None` outside of a clone of this repository.
fn commit() -> Option<String> {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    let git = |arguments: &[&str]| {
        let run = Command::new("git")
            .arg("-C")
            .arg(&manifest)
            .args(arguments)
            .output()
            .ok()?;
        let text = String::from_utf8(run.stdout).ok()?;
        run.status.success().then(|| text.trim().to_owned())
    };
    // A package unpacked inside another repository has no commit of its own.
    let is_root = git(&["rev-parse", "--show-prefix"])?.is_empty();
    let head = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={head}");
    is_root
        .then(|| git(&["log", "-1", "--format=%h %cs"]))
        .flatten()
}
