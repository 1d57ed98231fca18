//! The reference of the files lacks no key that the program reads.

use crate::support::repository;

/// The fields of the types that are read from files: `    pub(super) name: …,` and `    name: …,`.
fn keys(file: &str) -> Vec<String> {
    let source = std::fs::read_to_string(repository().join(file)).expect("a file of the source");
    let raw = source.split("struct Raw").skip(1);
    let bodies = raw.filter_map(|rest| rest.split_once('{')?.1.split('}').next());
    let lines = bodies.flat_map(|body| body.lines().map(str::trim).map(str::to_owned));
    let lines: Vec<String> = lines.collect();
    let renamed = lines
        .iter()
        .filter_map(|line| line.split_once("rename = \"")?.1.split('"').next());
    let named = lines.iter().filter_map(|line| {
        let field = line.strip_prefix("pub(super) ").unwrap_or(line);
        let (name, _) = field.split_once(": ")?;
        (!name.starts_with(['_', '/', '#'])).then_some(name)
    });
    renamed.chain(named).map(str::to_owned).collect()
}

#[test]
fn every_key_is_in_the_reference() {
    let reference =
        std::fs::read_to_string(repository().join("docs/format.md")).expect("the reference");
    let files = [
        "src/newsletter/issue/raw.rs",
        "src/newsletter/config/read/raw.rs",
        "src/subscriber/entry.rs",
    ];
    let keys: Vec<String> = files.iter().flat_map(|file| keys(file)).collect();
    assert!(keys.len() > 80, "{keys:?}");
    for key in keys {
        let is_told = [
            format!("`{key}`"),
            format!("`[{key}]`"),
            format!("`[[section.{key}]]`"),
            format!("`[[smtp.{key}]]`"),
        ];
        assert!(
            is_told.iter().any(|output| reference.contains(output)),
            "`{key}` is not in the reference"
        );
    }
}
