//! `franking build ISSUE`

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::compile::edition::Edition;
use crate::diag::counted;
use crate::message::{self, MessageOptions, Parts};
use crate::newsletter::config::Dkim;
use crate::subscriber::Subscriber;
use crate::util::fs;
use crate::web::preview::{self, Project};
use crate::workspace::{
    Failure, FailureKind, Sources, Workspace, create_private_directory, display_path, parse_address,
};

/// What to build, and for whom.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue, by name or file.
    issue: String,
    /// The output directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Personalize for this subscriber [default: a subscriber without attributes].
    #[arg(long = "as", value_name = "ADDRESS")]
    reader: Option<String>,
    /// Also write a report for reviewers: message, text and checks in one file, pictures included.
    #[arg(long)]
    html_report: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let began = Instant::now();
    let sources = workspace.load()?;
    let name = workspace.issue_name(&arguments.issue)?;
    let compiled = super::compile(workspace, &sources, &name)?.compiled;
    let edition = &compiled.edition;
    let reader = reader(arguments.reader.as_deref(), &sources)?;
    // Signed as it will be sent, so that a verifier can be tested with it. A missing key is a finding.
    let stamp = MessageOptions {
        signer: sources.newsletter.dkim.as_ref().and_then(Dkim::signer),
        ..compiled.specimen_options(&sources.newsletter)
    };
    let parts = message::fill(edition, &reader, &stamp);
    let letter = message::write(edition, &reader, &stamp).map_err(|error| {
        Failure::new(FailureKind::NeedsAttention, "no message can be written").caused_by(&error)
    })?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| workspace.state().join("build").join(&edition.issue));
    create_private_directory(&out)?;
    let eml = out.join(format!("{}.eml", edition.issue));
    write(&eml, &letter.bytes())?;
    write_parts(&out, edition, &parts)?;
    write_uploads(&out, edition)?;
    if arguments.html_report {
        write_report(&out, &name, arguments.reader.as_deref(), workspace)?;
    }
    terminal::say(&format!(
        "{} in {} ms: html {} bytes, text {} bytes, {}, {}, message {} bytes, edition {}",
        edition.issue,
        began.elapsed().as_millis(),
        parts.html.len(),
        parts.text.len(),
        counted(links(&parts.html), "link"),
        counted(edition.pictures.len(), "picture"),
        letter.size(),
        &edition.digest()[..12]
    ));
    Ok(super::print(&format!("{}\n", display_path(&out))))
}

/// How many links the HTML part has; a `<` in its text is written `&lt;`.
fn links(html: &str) -> usize {
    html.matches("<a ").count()
}

/// The subscriber with this address; without an address, a subscriber without attributes.
pub(super) fn reader(address: Option<&str>, sources: &Sources) -> Result<Subscriber, Failure> {
    let Some(text) = address else {
        let address = sources.newsletter.from.address.clone();
        return Ok(Subscriber::at(address));
    };
    let address = parse_address(text)?;
    sources.list.find(&address).ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            format!("`{address}` is not on the list"),
        )
        .hint("omit `--as` for a subscriber without attributes")
    })
}

/// Writes the parts. In the HTML file, pictures refer to files beside it, because browsers do not support `cid:`.
pub(super) fn write_parts(out: &Path, edition: &Edition, parts: &Parts) -> Result<(), Failure> {
    let mut html = parts.html.clone();
    for picture in &edition.pictures {
        let (stem, _) = picture
            .content_id
            .split_once('@')
            .unwrap_or((&picture.content_id, ""));
        let name = format!("{stem}-{}", picture.name);
        write(&out.join(&name), &picture.bytes)?;
        html = html.replace(&format!("cid:{}", picture.content_id), &name);
    }
    write(
        &out.join(format!("{}.html", edition.issue)),
        html.as_bytes(),
    )?;
    write(
        &out.join(format!("{}.txt", edition.issue)),
        parts.text.as_bytes(),
    )
}

/// Writes the linked pictures, with the paths that they must have below `web_url`.
fn write_uploads(out: &Path, edition: &Edition) -> Result<(), Failure> {
    let Some(url) = edition
        .sender
        .web_url
        .as_ref()
        .filter(|_| !edition.linked.is_empty())
    else {
        return Ok(());
    };
    let root = out.join("upload");
    for picture in &edition.linked {
        let path = root.join(&picture.path);
        create_private_directory(path.parent().unwrap_or(&root))?;
        write(&path, &picture.bytes)?;
    }
    let count = counted(edition.linked.len(), "picture");
    terminal::say(&format!(
        "{count} to upload: copy what is in {} to {url}/",
        display_path(&root)
    ));
    Ok(())
}

/// Writes the report for reviewers.
fn write_report(
    out: &Path,
    issue: &str,
    reader: Option<&str>,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let desk = Project::new(&workspace.directory);
    let report = preview::share(&desk, issue, reader.unwrap_or_default());
    let report = report.unwrap_or_default();
    write(&out.join(format!("{issue}.report.html")), report.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write_whole(path, bytes).map_err(|error| {
        Failure::io(
            format!("`{}` cannot be written", display_path(path)),
            &error,
        )
    })
}
