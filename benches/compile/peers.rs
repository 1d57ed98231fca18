//! Measures other mail compilers with the same issue in Node.js, and whole commands.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const HOW: &str = "`npm install --prefix benches/peers` installs the peers";

/// Runs the other compilers on the issue and prints their times and the ratio to `ours`.
pub fn run(root: &Path, issue: &str, ours: Duration) {
    let peers = root.join("benches/peers");
    if !peers.join("node_modules").is_dir() {
        println!("peers: skipped; {HOW}");
        return;
    }
    let markup = root.join("target/peers.mjml");
    let lines = measured(&peers, &content(root, issue), &markup);
    for line in &lines {
        let peer: Value = serde_json::from_str(line).expect("a line of JSON a peer");
        print(&peer, ours);
    }
    commands(root, issue, &peers.join("node_modules/.bin/mjml"), &markup);
}

/// The issue, the newsletter and the theme as JSON.
fn content(root: &Path, issue: &str) -> Value {
    let mut content = data(&root.join("issues").join(format!("{issue}.toml")));
    content["publication"] = data(&root.join("newsletter.toml"));
    content["theme"] = data(&root.join("templates/institute/theme.toml"));
    content
}

fn data(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file of the sample");
    let table = toml::from_str(&text).expect("TOML");
    plain(toml::Value::Table(table))
}

/// Converts TOML to JSON. Dates become strings.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(values) => values.into_iter().map(plain).collect(),
        toml::Value::Table(table) => {
            let pairs = table.into_iter().map(|(key, value)| (key, plain(value)));
            Value::Object(pairs.collect())
        }
        other => json!(other),
    }
}

fn measured(peers: &Path, content: &Value, markup: &Path) -> Vec<String> {
    let mut node = Command::new("node")
        .arg(peers.join("run.mjs"))
        .arg(markup)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js");
    let mut stdin = node.stdin.take().expect("a pipe");
    stdin
        .write_all(content.to_string().as_bytes())
        .expect("Node.js reads its input");
    drop(stdin);
    let output = node.wait_with_output().expect("an end");
    assert!(output.status.success(), "the peers failed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

fn print(peer: &Value, ours: Duration) {
    let name = peer["name"].as_str().unwrap_or_default();
    if let Some(why) = peer["failed"].as_str() {
        println!("{name}: not run: {why}");
        return;
    }
    let cpu = peer["cpu_ms"].as_f64().expect("a time");
    println!(
        "{name} {}: median {:.1} ms, CPU {cpu:.1} ms ({:.0} x ours), html {} bytes, {} elements, {} tables",
        peer["version"].as_str().unwrap_or_default(),
        peer["median_ms"].as_f64().expect("a time"),
        cpu / (ours.as_secs_f64() * 1_000.0),
        peer["html_bytes"],
        peer["elements"],
        peer["tables"],
    );
    if let Some(text) = peer["text_ms"].as_f64() {
        println!("{name}: text part, {text:.1} ms more");
    }
}

/// Measures whole processes.
fn commands(root: &Path, issue: &str, mjml: &Path, markup: &Path) {
    let ours = median_of(21, || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_franking"));
        command.current_dir(root).args(["build", issue]);
        command
    });
    let theirs = median_of(3, || {
        let mut command = Command::new(mjml);
        command
            .arg(markup)
            .arg("-o")
            .arg(root.join("target/peers.html"));
        command
    });
    println!(
        "`franking build`: median {ours:.1?}; the `mjml` command: {theirs:.1?} ({:.0} x)",
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
}

/// The median time from start to exit.
fn median_of(runs: usize, command: impl Fn() -> Command) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            let output = command().output().expect("a program that starts");
            assert!(output.status.success(), "{output:?}");
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
