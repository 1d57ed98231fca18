//! The texts of the interface and the public names use the words of `docs/glossary.md`, one word for one thing.

use std::path::{Path, PathBuf};

use super::layers::modules;
use crate::support::{Folder, repository};

/// Words that the glossary replaces, each with the word for it.
const REPLACED: [(&str, &str); 16] = [
    ("reader", "subscriber or recipient"),
    ("readers", "subscribers or recipients"),
    ("letter", "message"),
    ("letters", "messages"),
    ("slot", "placeholder"),
    ("slots", "placeholders"),
    ("books", "ledger"),
    ("lane", "route"),
    ("lanes", "routes"),
    ("catcher", "sink"),
    ("nobody", "no subscriber, or no one"),
    ("whoever", "the person who"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("of which", "their"),
    ("goes on", "continues"),
];

#[test]
fn the_help_of_every_command_uses_the_words_of_the_glossary() {
    let mut open = vec![Vec::<String>::new()];
    let mut texts = Vec::new();
    while let Some(command) = open.pop() {
        let arguments: Vec<&str> = command
            .iter()
            .map(String::as_str)
            .chain(["--help"])
            .collect();
        let help = Folder::empty().run(&arguments).stdout;
        open.extend(subcommands(&help).into_iter().map(|name| {
            let parts = command.iter().cloned().chain([name]);
            parts.collect()
        }));
        texts.push((format!("franking {}", arguments.join(" ")), help));
    }
    assert!(texts.len() > 25, "{texts:?}");
    assert_plain(&texts);
}

#[test]
fn every_explanation_uses_the_words_of_the_glossary() {
    let folder = Folder::empty();
    let codes = folder.run(&["explain"]).stdout;
    let texts = codes.lines().map(|code| {
        let text = folder.run(&["explain", code]).stdout;
        (format!("franking explain {code}"), text)
    });
    let texts: Vec<_> = texts.collect();
    assert!(texts.len() > 40, "{codes}");
    assert_plain(&texts);
}

#[test]
fn the_documents_use_the_words_of_the_glossary() {
    let roots = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    let mut files: Vec<PathBuf> = roots.map(|file| repository().join(file)).into();
    files.extend(files_below(&repository().join("docs"), "md"));
    // It names the words that it replaces.
    files.retain(|file| !file.ends_with("docs/glossary.md"));
    let texts: Vec<_> = files.iter().map(|file| (shown(file), read(file))).collect();
    assert!(texts.len() > 1, "{files:?}");
    assert_plain(&texts);
}

#[test]
fn the_messages_use_the_words_of_the_glossary() {
    let files = files_below(&repository().join("src"), "rs");
    let texts = files.iter().flat_map(|file| {
        let code = read(file);
        let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let messages = literals(code).into_iter().filter(|text| is_prose(text));
        let messages: Vec<_> = messages.map(|text| (shown(file), text)).collect();
        messages
    });
    let texts: Vec<_> = texts.collect();
    assert!(texts.len() > 500, "{}", texts.len());
    assert_plain(&texts);
}

#[test]
fn the_public_names_use_the_words_of_the_glossary() {
    let modules = modules();
    let names = modules.iter().flat_map(|module| public_names(&module.code));
    let names: Vec<String> = names.collect();
    assert!(names.len() > 500, "{names:?}");
    let is_replaced = |name: &&String| {
        // A type that reads bytes is a reader.
        let name = name.strip_suffix("Reader").unwrap_or(name);
        words_of(name).any(|part| REPLACED.iter().any(|(word, _)| part == *word))
    };
    let found: Vec<&String> = names.iter().filter(is_replaced).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_words_of_a_name_are_found_in_both_spellings() {
    let code = "pub struct LetterBox;\n    pub const fn of_slots() {}\npub(super) fn lane() {}\nfn lane() {}";
    let names = public_names(code);
    assert_eq!(names, ["LetterBox", "of_slots"]);
    let words: Vec<String> = names.iter().flat_map(|name| words_of(name)).collect();
    assert_eq!(words, ["letter", "box", "of", "slots"]);
}

#[test]
fn a_replaced_word_is_found_in_prose_and_not_in_code() {
    for (text, word) in [
        ("The letter is sent", "letter"),
        ("a table, the rows of\nwhich are sorted", "of which"),
        ("sent (nobody reads it)", "nobody"),
    ] {
        assert_eq!(replaced(text).map(|(word, _)| word), Some(word), "{text}");
    }
    for text in [
        "the template `letter`",
        "a newsletter",
        "readers-of.example",
        "```\nletter = 1\n```",
    ] {
        assert_eq!(replaced(text), None, "{text}");
    }
    let code = "f(\"a b\"); // \"not this\"\nlet c = '\"'; g(\"c \\\" d\", r#\"e \"f\"\"#)";
    assert_eq!(literals(code), ["a b", "c \\\" d", "e \"f\""]);
}

/// The names of the items in `code` that are public without restriction; fields are part of the ledger's format.
fn public_names(code: &str) -> Vec<String> {
    let kinds = [
        "fn", "struct", "enum", "trait", "type", "const", "static", "mod",
    ];
    let items = code
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("pub "));
    let names = items.filter_map(|item| {
        let words = item.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut words = words.skip_while(|word| matches!(*word, "async" | "unsafe"));
        let kind = words.next().filter(|kind| kinds.contains(kind))?;
        let name = words.next()?;
        match (kind, name) {
            ("const", "fn") => words.next(),
            _ => Some(name),
        }
    });
    names.map(str::to_owned).collect()
}

/// The words of a name in snake case or camel case, in lower case.
fn words_of(name: &str) -> impl Iterator<Item = String> {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            spaced.push('_');
        }
        spaced.extend(c.to_lowercase());
    }
    let words: Vec<String> = spaced.split('_').map(str::to_owned).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

fn assert_plain(texts: &[(String, String)]) {
    let findings = texts.iter().filter_map(|(place, text)| {
        let (word, better) = replaced(text)?;
        let at = text.to_lowercase().find(word).unwrap_or_default();
        let line = text[..at].matches('\n').count() + 1;
        let short: String = text.chars().take(100).collect();
        Some(format!(
            "{place}, line {line}: `{word}` (write {better}) in: {short}"
        ))
    });
    let findings: Vec<String> = findings.collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Whether a literal is a sentence, and not SQL or a file.
fn is_prose(literal: &str) -> bool {
    let statements = ["select ", "insert ", "update ", "with ", "delete "];
    let is_sql = statements
        .iter()
        .any(|verb| literal.trim_start().starts_with(verb));
    literal.contains(' ') && !is_sql && !literal.contains(" = \"") && !literal.contains("= \\\"")
}

/// The first replaced word of a text, outside of code.
fn replaced(text: &str) -> Option<(&'static str, &'static str)> {
    let prose = prose(text);
    let is_in = |word: &str| prose.contains(&format!(" {word} "));
    REPLACED.into_iter().find(|(word, _)| is_in(word))
}

/// The words of a text that are not code, in lower case, one space between them.
fn prose(text: &str) -> String {
    let outside = text.split("```").step_by(2).collect::<Vec<_>>().join(" ");
    let outside: Vec<&str> = outside.split('`').step_by(2).collect();
    let is_joined =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '*' | '{' | '}' | '@');
    let text = outside.join(" code ").to_lowercase();
    let words = text
        .split(|c: char| !is_joined(c))
        .filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| word.trim_end_matches('.')).collect();
    let text = format!(" {} ", words.join(" "));
    // Programs that read aloud are called so, and so are the characters of the alphabet.
    text.replace(" screen reader", " screen-reader")
        .replace(" letters digits ", " letters-digits ")
}

/// The names below "Commands:".
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

/// The string literals of Rust code without its comments.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/', '\'', 'r']) {
        let from = &rest[at..];
        rest = if from.starts_with("//") {
            from.split_once('\n').map_or("", |(_, after)| after)
        } else if from.starts_with("'\"'") || from.starts_with("'\\'") {
            &from[3..]
        } else if let Some(raw) = from.strip_prefix("r#\"") {
            let (text, after) = raw.split_once("\"#").unwrap_or((raw, ""));
            found.push(text.to_owned());
            after
        } else if let Some(text) = from.strip_prefix('"') {
            let mut is_escaped = false;
            let end = text.find(|c| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            let end = end.unwrap_or(text.len());
            found.push(text[..end].to_owned());
            text.get(end + 1..).unwrap_or_default()
        } else {
            &from[1..]
        };
    }
    found
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).expect("a text file")
}

fn shown(file: &Path) -> String {
    let below = file.strip_prefix(repository()).unwrap_or(file);
    below.display().to_string()
}
