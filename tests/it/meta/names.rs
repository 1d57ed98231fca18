//! A public type name exists once, so that a search finds one thing.

use std::collections::BTreeMap;

use super::layers::modules;

#[test]
fn no_public_type_name_exists_twice() {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for module in modules() {
        for name in types(&module.code) {
            homes.entry(name).or_default().push(module.path.clone());
        }
    }
    assert!(homes.len() > 150, "{homes:?}");
    let twice = homes.iter().filter(|(_, homes)| homes.len() > 1);
    let twice: Vec<String> = twice
        .map(|(name, homes)| format!("{name}: {}", homes.join(", ")))
        .collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn a_public_type_is_found_in_every_form() {
    let code = "pub struct A<T>(T);\npub enum B {}\n    pub trait C: D {}\npub type E = u8;\nstruct F;\npub(super) struct G;\nenum H {}";
    assert_eq!(types(code), ["A", "B", "C", "E"]);
}

/// The names of the types in `code` that are public without restriction.
fn types(code: &str) -> Vec<String> {
    let kinds = ["struct ", "enum ", "trait ", "type "];
    let declared = code.lines().filter_map(|line| {
        let item = line.trim_start().strip_prefix("pub ")?;
        kinds.iter().find_map(|kind| item.strip_prefix(kind))
    });
    let names = declared.filter_map(|item| item.split(|c: char| !c.is_alphanumeric()).next());
    names.map(str::to_owned).collect()
}
