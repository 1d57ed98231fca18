//! A public type name exists once, and few private ones exist twice, so that a search finds one thing.

use std::collections::BTreeMap;

use super::layers::modules;

/// The files in which the types of each name are declared.
fn homes(types: fn(&str) -> Vec<String>) -> BTreeMap<String, Vec<String>> {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for module in modules() {
        for name in types(&module.code) {
            homes.entry(name).or_default().push(module.path.clone());
        }
    }
    homes
}

#[test]
fn at_most_one_type_in_twenty_shares_its_name() {
    let homes = homes(all_types);
    let total: usize = homes.values().map(Vec::len).sum();
    assert!(total > 600, "{total}");
    let shared: Vec<_> = homes.iter().filter(|(_, homes)| homes.len() > 1).collect();
    let count: usize = shared.iter().map(|(_, homes)| homes.len()).sum();
    assert!(count * 20 <= total, "{count} of {total}: {shared:?}");
}

#[test]
fn no_public_type_name_exists_twice() {
    let homes = homes(types);
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

/// The names of all types in `code`, without those of traits' implementations.
fn all_types(code: &str) -> Vec<String> {
    let items = code.lines().map(|line| match line.trim_start() {
        item if item.starts_with("pub(") => item.split_once(") ").map_or("", |(_, item)| item),
        item => item.strip_prefix("pub ").unwrap_or(item),
    });
    let kinds = ["struct ", "enum ", "trait "];
    let declared = items.filter_map(|item| kinds.iter().find_map(|kind| item.strip_prefix(kind)));
    let names = declared.filter_map(|item| item.split(|c: char| !c.is_alphanumeric()).next());
    names.map(str::to_owned).collect()
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
