//! `franking dkim keygen` and `franking dkim record`

use std::path::PathBuf;
use std::process::{Command as Program, Stdio};

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::dkim::{self, SigningKey};
use crate::newsletter::config::{Dkim, is_selector, signing_domain};
use crate::util::escape;
use crate::util::fs;
use crate::workspace::{Failure, FailureKind, Sources, Workspace};

/// What to do with keys.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key, and print its DNS record and the lines for newsletter.toml.
    Keygen(Keygen),
    /// Print the DNS record of the key that newsletter.toml names.
    Record,
}

/// Which key, and for whom.
#[derive(Debug, Args)]
struct Keygen {
    /// The key's name in the DNS; that of newsletter.toml where its key is still missing, else one with the month.
    #[arg(long)]
    selector: Option<String>,
    /// The domain that answers for the letters; that of newsletter.toml, else that of the sender's address.
    #[arg(long)]
    domain: Option<String>,
    /// RSA is what every host verifies; Gmail and Outlook do not verify Ed25519.
    #[arg(long, value_enum, default_value_t = Algorithm::Rsa)]
    algorithm: Algorithm,
    /// The file of the key, from the newsletter's folder; `dkim.pem` where newsletter.toml names none.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a key that is there.
    #[arg(long)]
    replace: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Algorithm {
    /// 2048 bits, made by the program `openssl`.
    Rsa,
    /// RFC 8463.
    Ed25519,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    match &arguments.command {
        Command::Keygen(arguments) => keygen(arguments, workspace, &sources),
        Command::Record => record(&sources),
    }
}

fn record(sources: &Sources) -> Result<Exit, Failure> {
    let none = || {
        Failure::new(
            FailureKind::Usage,
            "newsletter.toml names no key that can be read",
        )
        .hint("`franking dkim keygen` makes one; `franking check` says what is wrong with it")
    };
    let dkim = sources.newsletter.dkim.as_ref().ok_or_else(none)?;
    let key = dkim.key.as_ref().ok_or_else(none)?;
    Ok(super::print(&zone_line(&dkim.selector, &dkim.domain, key)))
}

fn keygen(arguments: &Keygen, workspace: &Workspace, sources: &Sources) -> Result<Exit, Failure> {
    let wanted = wanted(arguments, workspace, sources)?;
    let path = workspace.directory.join(&wanted.key_file);
    let file = escape::terminal(&wanted.key_file.to_string_lossy());
    if path.exists() && !arguments.replace {
        let message = format!("`{file}` is there already, and was not touched");
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "name another file with `--out`; `--replace` gives up a key whose letters may still be on their way",
        ));
    }
    let pem = generate(arguments.algorithm)?;
    let key = SigningKey::from_pem(&pem).map_err(|error| {
        Failure::new(FailureKind::Usage, "the new key cannot be used").caused_by(&error)
    })?;
    fs::write_secret(&path, pem.as_bytes())
        .map_err(|error| Failure::io(format!("`{file}` cannot be written"), &error))?;
    terminal::say(&format!(
        "the key is in `{file}`; keep it out of version control, and send when the DNS knows its record"
    ));
    let record = zone_line(&wanted.selector, &wanted.domain, &key);
    Ok(super::print(&format!("{record}\n{}", lines(&wanted))))
}

/// Whose key it is and where it goes: as asked, as newsletter.toml asks where its key is missing, or anew. A
/// second key gets another selector, for the letters of the first are verified for days.
fn wanted(arguments: &Keygen, workspace: &Workspace, sources: &Sources) -> Result<Dkim, Failure> {
    let newsletter = &sources.newsletter;
    let named = newsletter.dkim.as_ref();
    let missing = named.filter(|dkim| !workspace.directory.join(&dkim.key_file).exists());
    let wrong = |what: &str, text: &str| {
        let text = escape::terminal(text);
        Err(Failure::new(
            FailureKind::Usage,
            format!("`{text}` is no {what}"),
        ))
    };
    let domain = match &arguments.domain {
        Some(text) => match signing_domain(text) {
            Some(domain) => domain,
            None => return wrong("domain", text),
        },
        None => named.map_or_else(|| newsletter.from.address.domain(), |d| d.domain.clone()),
    };
    let selector = match &arguments.selector {
        Some(text) if !is_selector(text) => return wrong("selector", text),
        Some(text) => text.clone(),
        None => missing.map_or_else(
            || new_selector(arguments.algorithm, workspace),
            |dkim| dkim.selector.clone(),
        ),
    };
    let key_file = arguments.out.clone();
    Ok(Dkim {
        domain,
        selector,
        key_file: key_file
            .or_else(|| named.map(|dkim| dkim.key_file.clone()))
            .unwrap_or_else(|| PathBuf::from("dkim.pem")),
        key: None,
    })
}

/// It says when its key was made, so that old ones are found.
fn new_selector(algorithm: Algorithm, workspace: &Workspace) -> String {
    let month = workspace.now.strftime("%Y%m");
    match algorithm {
        Algorithm::Rsa => format!("franking{month}"),
        Algorithm::Ed25519 => format!("franking{month}ed"),
    }
}

/// ring signs with RSA and makes no RSA keys. The crates that do would come with 31 others and an open advisory
/// on their timing (RUSTSEC-2023-0071), or with a compiler for C++; the program `openssl` is on nearly every
/// machine that handles mail, and is wanted once in a key's life.
fn generate(algorithm: Algorithm) -> Result<String, Failure> {
    match algorithm {
        Algorithm::Ed25519 => SigningKey::new_ed25519()
            .map_err(|_| Failure::new(FailureKind::Usage, "the system gives no random numbers")),
        Algorithm::Rsa => by_openssl(),
    }
}

/// The key comes through a pipe, and is never in a file that others can read.
fn by_openssl() -> Result<String, Failure> {
    let output = Program::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            Failure::io("RSA keys are made by `openssl`, which cannot be run", &error).hint(
                "install it, or make the key on another machine: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`",
            )
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = escape::terminal(said.lines().last().unwrap_or_default());
        let message = format!("`openssl` made no key ({}): {said}", output.status);
        return Err(Failure::new(FailureKind::Usage, message));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The record as a line of a zone file (RFC 1035 section 5.1); its strings are read as one.
fn zone_line(selector: &str, domain: &str, key: &SigningKey) -> String {
    let record = key.record();
    let strings = dkim::strings(&record).into_iter();
    let strings: Vec<String> = strings.map(|string| format!("\"{string}\"")).collect();
    let name = dkim::name(selector, domain);
    format!("{name}. IN TXT ( {} )\n", strings.join(" "))
}

/// TOML writes a text as JSON does.
fn lines(dkim: &Dkim) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    format!(
        "[dkim]\ndomain = {}\nselector = {}\nkey_file = {}\n",
        text(&dkim.domain),
        text(&dkim.selector),
        text(&dkim.key_file.to_string_lossy())
    )
}
