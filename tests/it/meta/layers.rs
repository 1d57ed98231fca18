//! The map of the modules in `src/lib.rs`, compared with the code, so that it cannot rot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::repository;

/// What the documentation of the library promises.
struct Map {
    /// The modules; each imports only those before it.
    order: Vec<String>,
    /// A foreign crate and the modules that may use it.
    homes: BTreeMap<String, Vec<String>>,
}

/// A module's own code: its path, such as `html::inline`, and its text without comments and tests.
pub(super) struct Module {
    pub(super) path: String,
    pub(super) code: String,
}

#[test]
fn a_module_imports_only_modules_above_it() {
    let map = Map::read(&library());
    let faults: Vec<String> = modules().iter().flat_map(|m| map.upward(m)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_foreign_crate_is_used_in_its_home_only() {
    let map = Map::read(&library());
    let faults: Vec<String> = modules().iter().flat_map(|m| map.strangers(m)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_home_of_a_foreign_crate_uses_it() {
    let map = Map::read(&library());
    let modules = modules();
    for (krate, homes) in &map.homes {
        for home in homes {
            let mut rooms = modules.iter().filter(|module| module.is_in(home));
            assert!(
                rooms.any(|room| room.uses(krate)),
                "`{home}` does not use `{krate}`, and src/lib.rs says that it does"
            );
        }
    }
}

#[test]
fn the_list_names_every_module_of_the_library_once() {
    let library = library();
    let listed = Map::read(&library).order;
    let set: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(set.len(), listed.len(), "a module stands there twice");
    let declared: BTreeSet<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(set, declared);
}

#[test]
fn an_upward_import_is_found_in_every_spelling() {
    let map = Map::read(
        "//! 0. Low: `diag`\n//! 1. Middle: `html`,\n//!    `text`\n//! 2. High: `cli`\npub mod x;\n",
    );
    let upward = |path: &str, code: &str| {
        let module = Module::new(path, code);
        map.upward(&module)
    };
    for planted in [
        "use crate::cli::Context;",
        "use crate::{diag::Place, cli};",
        "use crate::{\n    diag::{Place, Source},\n    cli::Context,\n};",
        "fn a() { crate::cli::run() }",
        "use crate::text;",
        "use super::cli::Context;",
    ] {
        assert_eq!(upward("html", planted).len(), 1, "{planted}");
    }
    assert_eq!(
        upward("html::quote", "use super::super::cli::run;").len(),
        1
    );
    for allowed in [
        "use crate::diag::Place;",
        "use crate::html::quote;",
        "//! as [`crate::cli`] does",
        "#[cfg(test)]\nmod tests {\n    use crate::cli::run;\n}",
    ] {
        assert_eq!(upward("html", allowed), [""; 0], "{allowed}");
    }
    assert_eq!(upward("html::quote", "use super::cli::x;"), [""; 0]);
}

#[test]
fn a_foreign_use_is_found_in_every_spelling() {
    let map = Map::read("//! - `maud`: `html`, `web::page`\n//! - `clap`: `cli`\n");
    let strangers = |path: &str, code: &str| map.strangers(&Module::new(path, code));
    for planted in [
        "use maud::html;",
        "use maud;",
        "use maud as markup;",
        "fn a() -> ::maud::Markup { x }",
        "fn a() -> maud::Markup { x }",
    ] {
        for path in ["text", "web", "web::pages", "htm"] {
            assert_eq!(strangers(path, planted).len(), 1, "{path}: {planted}");
        }
        for path in ["html", "html::quote", "web::page"] {
            assert_eq!(strangers(path, planted), [""; 0], "{path}: {planted}");
        }
    }
    for allowed in ["use crate::maud::x;", "use maudlin::x;", "// maud::x"] {
        assert_eq!(strangers("text", allowed), [""; 0], "{allowed}");
    }
}

impl Map {
    fn read(library: &str) -> Self {
        let mut map = Self {
            order: Vec::new(),
            homes: BTreeMap::new(),
        };
        let mut in_order = false;
        for line in library.lines().filter_map(|line| line.strip_prefix("//! ")) {
            let is_level = line
                .split_once(". ")
                .is_some_and(|(number, _)| number.parse::<u8>().is_ok());
            in_order = is_level || (in_order && line.starts_with("   "));
            if in_order {
                map.order.extend(names(line));
            } else if let Some((crates, homes)) =
                line.strip_prefix("- ").and_then(|l| l.split_once(": "))
            {
                let entries = names(crates).into_iter().map(|krate| (krate, names(homes)));
                map.homes.extend(entries);
            }
        }
        map
    }

    /// The imports of `module` that the order forbids, one sentence each.
    fn upward(&self, module: &Module) -> Vec<String> {
        let place = |name: &str| self.order.iter().position(|listed| listed == name);
        let own = place(module.top());
        let forbidden = |name: &String| own.is_none() || place(name).is_none() || place(name) > own;
        let names = module.imports().into_iter().filter(forbidden);
        names
            .map(|name| format!("`{}` imports `{name}`, which stands behind it", module.path))
            .collect()
    }

    /// The foreign crates that `module` uses and that live elsewhere.
    fn strangers(&self, module: &Module) -> Vec<String> {
        let guests = self
            .homes
            .iter()
            .filter(|(krate, homes)| module.uses(krate) && !homes.iter().any(|h| module.is_in(h)));
        guests
            .map(|(krate, homes)| {
                let homes = homes.join(", ");
                format!("`{}` uses `{krate}`, which lives in {homes}", module.path)
            })
            .collect()
    }
}

impl Module {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = text
            .split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        let path = path.to_owned();
        Self { path, code }
    }

    /// The module of the library that it is or belongs to.
    fn top(&self) -> &str {
        self.path.split("::").next().unwrap_or_default()
    }

    fn is_in(&self, home: &str) -> bool {
        let rest = self.path.strip_prefix(home);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    /// The modules of the library that it names, itself included. As many `super::` as it lies deep lead
    /// to the library's root too.
    fn imports(&self) -> BTreeSet<String> {
        let up = "super::".repeat(self.path.split("::").count());
        let roots = ["crate::", up.as_str()];
        let paths = roots.iter().flat_map(|root| {
            let hits = self.code.match_indices(*root);
            let whole = hits.filter(|(at, _)| !ends_in_path(&self.code[..*at]));
            whole.map(|(at, root)| &self.code[at + root.len()..])
        });
        paths.flat_map(first_names).collect()
    }

    fn uses(&self, krate: &str) -> bool {
        self.code.match_indices(krate).any(|(at, _)| {
            let before = &self.code[..at];
            let after = &self.code[at + krate.len()..];
            // `::maud` is the foreign crate, `crate::maud` is not.
            let is_root = !ends_in_name(before.strip_suffix("::").unwrap_or(before));
            let is_import = before.ends_with("use ") || before.ends_with("extern crate ");
            is_root
                && (after.starts_with("::")
                    || (is_import && (after.starts_with(';') || after.starts_with(" as "))))
        })
    }
}

fn ends_in_name(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn ends_in_path(text: &str) -> bool {
    text.ends_with("::") || ends_in_name(text)
}

/// The names that follow a root: `a` of `a::b`, `a` and `c` of `{a::{b}, c}`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![name_at_head(path)];
    };
    let mut depth = 0_usize;
    let mut names = vec![name_at_head(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name_at_head(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name_at_head(text: &str) -> String {
    let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
    text.trim_start().chars().take_while(is_name).collect()
}

/// The words in backticks.
fn names(line: &str) -> Vec<String> {
    let words = line.split('`').skip(1).step_by(2);
    words.map(str::to_owned).collect()
}

fn library() -> String {
    std::fs::read_to_string(repository().join("src/lib.rs")).expect("the library's root")
}

/// Every file below `src/` but the roots of library and binary.
pub(super) fn modules() -> Vec<Module> {
    let mut modules = Vec::new();
    collect(&repository().join("src"), "", &mut modules);
    assert!(modules.len() > 50, "src/ was not walked");
    modules
}

fn collect(folder: &Path, prefix: &str, modules: &mut Vec<Module>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the source") {
        let path = entry.expect("an entry of the source").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.expect("a name in UTF-8");
        let name = format!("{prefix}{stem}");
        if path.is_dir() {
            collect(&path, &format!("{name}::"), modules);
            continue;
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if !is_source || matches!(name.as_str(), "lib" | "main") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file of the source");
        let module = name.strip_suffix("::mod").unwrap_or(&name);
        modules.push(Module::new(module, &text));
    }
}
