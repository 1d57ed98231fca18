//! No two files of the library import each other, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use super::layers::{Module, modules};

/// The files of the library by their module paths, and the names that each hands on.
struct Files {
    code: BTreeMap<String, String>,
    exports: BTreeMap<(String, String), String>,
}

#[test]
fn no_files_import_each_other_in_a_cycle() {
    let circles = Files::of(modules()).circles();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn a_cycle_is_found_in_every_spelling() {
    let circles = |files: &[(&str, &str)]| {
        let modules = files.iter().map(|(path, code)| Module::new(path, code));
        Files::of(modules.collect()).circles()
    };
    for (a, b) in [
        ("use super::b::B;", "use super::a::A;"),
        ("use crate::x::b::{self, B};", "use crate::x::{a::A, c};"),
        ("use crate::x::B;", "fn f() { super::a::f() }"),
    ] {
        let x = "mod a;\nmod b;\npub use a::A;\npub use b::{B, C};";
        let found = circles(&[("x", x), ("x::a", a), ("x::b", b)]);
        assert_eq!(found, ["x::a, x::b"], "{a} {b}");
    }
    let parent = ("x", "mod a;\nfn f() { a::g() }\npub struct X;");
    assert_eq!(circles(&[parent, ("x::a", "use super::X;")]), [""; 0]);
    let handed_on = ("x", "mod a;\nmod b;\npub use a::A;");
    let files = [handed_on, ("x::a", ""), ("x::b", "use super::A;")];
    assert_eq!(circles(&files), [""; 0]);
}

impl Files {
    fn of(modules: Vec<Module>) -> Self {
        let code: BTreeMap<String, String> = modules
            .into_iter()
            .map(|one| (one.path, one.code))
            .collect();
        let mut exports = BTreeMap::new();
        for (path, text) in &code {
            for (is_public, tree) in uses(text) {
                for full in flat(&tree).into_iter().filter(|_| is_public) {
                    let name = full.rsplit("::").next().unwrap_or_default().to_owned();
                    exports.insert((path.clone(), name), full);
                }
            }
        }
        Self { code, exports }
    }

    /// Each circle as the paths of its files.
    fn circles(&self) -> Vec<String> {
        let edges: BTreeMap<&str, BTreeSet<String>> = self
            .code
            .keys()
            .map(|path| (path.as_str(), self.imports(path)))
            .collect();
        let reached = |from: &str| {
            let mut reached = BTreeSet::new();
            let mut open = vec![from.to_owned()];
            while let Some(path) = open.pop() {
                for next in edges.get(path.as_str()).into_iter().flatten() {
                    if reached.insert(next.clone()) {
                        open.push(next.clone());
                    }
                }
            }
            reached
        };
        let reach: BTreeMap<&str, _> = edges.keys().map(|path| (*path, reached(path))).collect();
        let circle_of = |path: &str| {
            let others = reach[path]
                .iter()
                .filter(|other| reach[other.as_str()].contains(path));
            others.cloned().collect::<Vec<_>>().join(", ")
        };
        let circles: BTreeSet<String> = reach.keys().map(|path| circle_of(path)).collect();
        circles
            .into_iter()
            .filter(|circle| !circle.is_empty())
            .collect()
    }

    /// The files that the file of `path` imports from. What it only hands on does not count, nor do the files of a
    /// module's own folder: a `mod.rs` puts them together, and they may use what it defines.
    fn imports(&self, path: &str) -> BTreeSet<String> {
        let text = &self.code[path];
        let own = uses(text).into_iter().filter(|(is_public, _)| !is_public);
        let mut paths: Vec<String> = own.flat_map(|(_, tree)| flat(&tree)).collect();
        paths.extend(inline_paths(&without_uses(text)));
        let files = paths.iter().filter_map(|full| self.file_of(path, full, 0));
        let inside = format!("{path}::");
        let files = files.filter(|file| file != path && !file.starts_with(&inside));
        files.collect()
    }

    /// The file that defines what `full` names in the file of `path`.
    fn file_of(&self, path: &str, full: &str, depth: usize) -> Option<String> {
        let mut at: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
        let mut parts = full.split("::").peekable();
        match *parts.peek()? {
            "crate" => {
                at.clear();
                parts.next();
            }
            "self" => drop(parts.next()),
            "super" => {
                while parts.next_if_eq(&"super").is_some() {
                    at.pop();
                }
            }
            first if self.code.contains_key(&join(&at, first)) => {}
            _ => return None,
        }
        while let Some(part) = parts.next_if(|part| self.code.contains_key(&join(&at, part))) {
            at.push(part);
        }
        let file = at.join("::");
        let name = parts.next().unwrap_or_default().to_owned();
        match self.exports.get(&(file.clone(), name)) {
            Some(handed_on) if depth < 8 => self.file_of(&file, handed_on, depth + 1),
            _ => self.code.contains_key(&file).then_some(file),
        }
    }
}

fn join(at: &[&str], part: &str) -> String {
    let parts: Vec<&str> = at.iter().copied().chain([part]).collect();
    parts.join("::")
}

/// The trees of the `use` declarations, and whether each is public.
fn uses(text: &str) -> Vec<(bool, String)> {
    let declarations = text.split(';').filter_map(|part| {
        let line = part
            .rfind("use ")
            .filter(|at| is_declaration(&part[..*at]))?;
        let is_public = part[..line].trim_end().ends_with(['b', ')']);
        let tree = &part[line + 4..];
        let is_tree =
            |c: char| is_path(c) || c.is_whitespace() || matches!(c, '{' | '}' | ',' | '*');
        let parts = tree.split_whitespace();
        tree.chars()
            .all(is_tree)
            .then(|| (is_public, parts.collect()))
    });
    declarations.collect()
}

/// Whether a line ends so before `use`: with nothing, or with a visibility.
fn is_declaration(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    line.is_empty() || line == "pub" || line.starts_with("pub(")
}

fn without_uses(text: &str) -> String {
    let parts = text.split(';').map(|part| match part.rfind("use ") {
        Some(at) if is_declaration(&part[..at]) => &part[..at],
        _ => part,
    });
    parts.collect::<Vec<_>>().join(";")
}

/// The paths of a tree: `a::{b, c::{self, D}}` has `a::b`, `a::c` and `a::c::D`.
fn flat(tree: &str) -> Vec<String> {
    let Some((head, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.trim_end_matches("::self").to_owned()];
    };
    let group = &group[..group.rfind('}').unwrap_or(group.len())];
    let (mut depth, mut begin, mut paths) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = &group[begin..at];
                if !part.is_empty() {
                    paths.extend(flat(&format!("{head}{part}")));
                }
                begin = at + 1;
            }
            _ => {}
        }
    }
    paths
}

/// The paths in expressions and types.
fn inline_paths(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !is_path(c));
    let words = words
        .map(|word| word.trim_matches(':'))
        .filter(|word| word.contains("::"));
    words.map(str::to_owned).collect()
}

fn is_path(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}
