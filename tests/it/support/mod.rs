//! Shared by the tests: a temporary newsletter directory, and runs of the program in it.

pub mod browser;
pub mod campaign;
pub mod message;
pub mod postgres;
pub mod relay;
pub mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A newsletter directory that is removed with its test.
pub struct Folder {
    root: tempfile::TempDir,
}

/// The result of a run of the program: its exit code and its output.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    /// An empty folder.
    pub fn empty() -> Self {
        Self {
            root: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// The samples of the repository: settings, list, issues and templates.
    pub fn with_samples() -> Self {
        let folder = Self::empty();
        for part in ["newsletter.toml", "subscribers.toml", "issues", "templates"] {
            copy(&repository().join(part), &folder.path().join(part));
        }
        folder
    }

    /// The fixture `name` of `tests/it/fixtures/`, copied.
    pub fn with(name: &str) -> Self {
        let folder = Self::empty();
        folder.add(name);
        folder
    }

    /// Copies the fixture `name` over what is there.
    pub fn add(&self, name: &str) {
        copy(
            &repository().join("tests/it/fixtures").join(name),
            self.path(),
        );
    }

    /// Copies a folder of the repository's own newsletter, such as one of its templates.
    pub fn add_of_repository(&self, part: &str) {
        copy(&repository().join(part), &self.path().join(part));
    }

    /// Every file below this directory with its bytes, to compare.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        gather(self.path(), "", &mut files);
        files
    }

    /// The names of the files that differ from `before`: created, removed or changed.
    pub fn changes_since(&self, before: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
        let after = self.files();
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changed = names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name));
        changed.cloned().collect()
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("its folder");
        std::fs::write(path, text).expect("a file of the test");
    }

    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).expect("a file of the test")
    }

    /// Gives `dkim.pem` its mode where there is one: version control keeps no modes.
    pub fn hide_key(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        for secret in ["dkim.pem", "smtp-password"] {
            let path = self.path().join(secret);
            if path.exists() {
                std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("its owner");
            }
        }
    }

    /// The program in this folder, not yet started: no terminal, no colour, its clock the real one.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_franking"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_remove("FRANKING_NOW")
            .env_remove("COLUMNS")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("CREDENTIALS_DIRECTORY")
            .stdin(Stdio::null());
        command
    }

    /// As [`Folder::run`], at the moment `now`.
    pub fn run_at(&self, now: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        let output = command.env("FRANKING_NOW", now).output();
        Run::from(output.expect("the program starts"))
    }

    /// Runs the program in this folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::from(
            self.command(arguments)
                .output()
                .expect("the program starts"),
        )
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: without_clock(text(output.stderr)),
        }
    }
}

/// Without the warning of a run whose clock a test has set; `clock.rs` looks at that.
fn without_clock(stderr: String) -> String {
    match stderr.strip_prefix("warning: FRANKING_NOW sets the clock of this run to ") {
        Some(rest) => rest.split_once('\n').unwrap_or_default().1.to_owned(),
        None => stderr,
    }
}

/// What the script `name` of `tests/it/scripts/` prints about `files`; `None` where there is no Python.
pub fn python(test: &str, name: &str, files: &[&Path]) -> Option<String> {
    if !has("python3", test) {
        return None;
    }
    let script = repository().join("tests/it/scripts").join(name);
    let output = Command::new("python3").arg(script).args(files).output();
    let run = Run::from(output.expect("python3 starts"));
    assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
    Some(run.stdout)
}

/// The repository's root, which is itself a newsletter directory.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether `program` is on this machine. Where it is not, the test says so and passes; in CI, where every
/// program has been installed, it fails.
pub fn has(program: &str, test: &str) -> bool {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
        folders
            .into_iter()
            .any(|folder| folder.join(program).is_file())
    });
    if !found {
        skip(test, &format!("there is no `{program}` on this machine"));
    }
    found
}

/// Says that a test is skipped, and why; in CI that is a failure. The words go past the test harness, which
/// keeps what a passing test prints to itself.
pub fn skip(test: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test}: {why}");
    let words = format!("skipped {test}: {why}\n");
    std::io::stderr()
        .write_all(words.as_bytes())
        .expect("stderr");
}

fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the test") {
        let entry = entry.expect("an entry of the test's folder");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(
                name,
                std::fs::read(entry.path()).expect("a file of the test"),
            );
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).expect("a folder of the test");
        for entry in std::fs::read_dir(from).expect("a folder of the repository") {
            let entry = entry.expect("an entry of the repository");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).expect("a file of the repository");
    }
}
