//! Two programs that know nothing of the signer: dkimpy, in Python, and OpenDKIM, in C.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Run, has, repository, skip};

/// What both verifiers say of files in one folder: by the file's name, dkimpy's word and OpenDKIM's.
pub type Verdicts = BTreeMap<String, (bool, bool)>;

/// What both say of every file in `mail`; `None` where one of them is not on this machine.
pub fn verdicts(test: &str, mail: &Path, record: &str) -> Option<Verdicts> {
    if !has("opendkim", test) {
        return None;
    }
    let Some(python) = python_with_dkim() else {
        skip(
            test,
            "there is no Python with `dkim` (dkimpy) on this machine",
        );
        return None;
    };
    let entries = std::fs::read_dir(mail).expect("the mail");
    let files: Vec<PathBuf> = entries.map(|e| e.expect("a message").path()).collect();
    std::fs::write(mail.with_extension("records"), format!("{record}\n")).expect("the record");
    let first = by_dkimpy(python, &mail.with_extension("records"), &files);
    let second = by_opendkim(&mail.with_extension("records"), &files);
    assert_eq!(first.len(), files.len());
    let of_both = first.into_iter().map(|(name, first)| {
        let second = *second
            .get(&name)
            .unwrap_or_else(|| panic!("OpenDKIM on {name}"));
        (name, (first, second))
    });
    Some(of_both.collect())
}

/// Debian's package belongs to the system's Python, which need not be the first.
fn python_with_dkim() -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let mut command = Command::new(python);
        let command = command.args(["-c", "import dkim, nacl"]);
        let status = command.stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    })
}

fn by_dkimpy(python: &str, records: &Path, files: &[PathBuf]) -> BTreeMap<String, bool> {
    let script = repository().join("tests/it/scripts/signed.py");
    let output = Command::new(python)
        .arg(script)
        .arg(records)
        .args(files)
        .output();
    let run = Run::from(output.expect("Python starts"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("the script prints JSON")
}

/// It says `opendkim: FILE: verification (…) succeeded`, or why not.
fn by_opendkim(records: &Path, files: &[PathBuf]) -> BTreeMap<String, bool> {
    let settings = records.with_extension("conf");
    let keys = records.display();
    std::fs::write(
        &settings,
        format!("Mode v\nSyslog no\nTestPublicKeys {keys}\n"),
    )
    .expect("OpenDKIM's settings");
    // One argument has them all, and the system bounds its length.
    let said: String = files
        .chunks(200)
        .map(|some| opendkim(&settings, some))
        .collect();
    let of_file = |file: &PathBuf| {
        let begin = format!("opendkim: {}: ", file.display());
        let mut lines = said.lines().filter_map(|line| line.strip_prefix(&begin));
        let word =
            lines.any(|line| line.starts_with("verification (") && line.ends_with(" succeeded"));
        let name = file
            .file_name()
            .expect("a message's name")
            .to_string_lossy();
        said.contains(&begin).then(|| (name.into_owned(), word))
    };
    files.iter().filter_map(of_file).collect()
}

fn opendkim(settings: &Path, files: &[PathBuf]) -> String {
    let names = files.iter().map(|file| file.display().to_string());
    let output = Command::new("/usr/sbin/opendkim")
        .arg("-x")
        .arg(settings)
        .arg("-t")
        .arg(names.collect::<Vec<_>>().join(","))
        .output();
    let output = output.expect("OpenDKIM is installed");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}
