//! Files made from an edition: its parts, a complete message, and the pictures to upload.

use std::path::{Path, PathBuf};

use super::{
    Compiled, Failure, FailureKind, Sources, Workspace, create_private_directory, display_path,
    parse_address,
};
use crate::compile::edition::Edition;
use crate::message::{self, MessageOptions, Parts};
use crate::newsletter::config::Dkim;
use crate::subscriber::Subscriber;
use crate::util::fs;

/// The files of an issue.
#[derive(Debug)]
pub struct Built {
    /// The HTML and text parts, filled for one subscriber.
    pub parts: Parts,
    /// The size of the complete message in bytes.
    pub message_size: usize,
    /// The directory of the linked pictures, to be uploaded to `web_url`, if there are any.
    pub uploads: Option<PathBuf>,
}

impl Built {
    /// The number of links in the HTML part; a `<` in its text is written `&lt;`.
    pub fn links(&self) -> usize {
        self.parts.html.matches("<a ").count()
    }
}

impl Workspace {
    /// The directory of the files of an issue, by default.
    pub fn build_directory(&self, issue: &str) -> PathBuf {
        self.state().join("build").join(issue)
    }
}

/// Writes the parts, the complete message and the linked pictures of an issue into `out`.
///
/// # Errors
/// When the message cannot be encoded or a file cannot be written.
pub fn build(
    compiled: &Compiled,
    sources: &Sources,
    subscriber: &Subscriber,
    out: &Path,
) -> Result<Built, Failure> {
    let edition = &compiled.edition;
    // Signed as it will be sent, so that a verifier can be tested with it. A missing key is a finding.
    let options = MessageOptions {
        signer: sources.newsletter.dkim.as_ref().and_then(Dkim::signer),
        ..compiled.specimen_options(&sources.newsletter)
    };
    let message = message::write(edition, subscriber, &options).map_err(|error| {
        Failure::new(FailureKind::NeedsAttention, "the message cannot be written").caused_by(&error)
    })?;
    create_private_directory(out)?;
    let eml = out.join(format!("{}.eml", edition.issue));
    write(&eml, &message.bytes())?;
    let parts = message::fill(edition, subscriber, &options);
    write_parts(out, edition, &parts)?;
    Ok(Built {
        parts,
        message_size: message.size(),
        uploads: write_uploads(out, edition)?,
    })
}

/// The subscriber with this address; without an address, a subscriber without attributes.
///
/// # Errors
/// When the text is not an address, or the address is not on the list.
pub fn find_subscriber(address: Option<&str>, sources: &Sources) -> Result<Subscriber, Failure> {
    let Some(text) = address else {
        return Ok(Subscriber::at(sources.newsletter.from.address.clone()));
    };
    let address = parse_address(text)?;
    sources.list.find(&address).ok_or_else(|| {
        let message = format!("`{address}` is not on the list");
        Failure::new(FailureKind::Usage, message)
            .hint("omit `--as` for a subscriber without attributes")
    })
}

/// Writes the parts. In the HTML file, pictures refer to files beside it, because browsers do not support `cid:`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_parts(out: &Path, edition: &Edition, parts: &Parts) -> Result<(), Failure> {
    let mut html = parts.html.clone();
    for picture in &edition.pictures {
        let id = &picture.content_id;
        let stem = id.split_once('@').map_or(id.as_str(), |(stem, _)| stem);
        let name = format!("{stem}-{}", picture.name);
        write(&out.join(&name), &picture.bytes)?;
        html = html.replace(&format!("cid:{id}"), &name);
    }
    let file = |extension: &str| out.join(format!("{}.{extension}", edition.issue));
    write(&file("html"), html.as_bytes())?;
    write(&file("txt"), parts.text.as_bytes())
}

/// Writes the linked pictures, with the paths that they must have below `web_url`, and returns their directory.
fn write_uploads(out: &Path, edition: &Edition) -> Result<Option<PathBuf>, Failure> {
    if edition.linked.is_empty() || edition.sender.web_url.is_none() {
        return Ok(None);
    }
    let root = out.join("upload");
    for picture in &edition.linked {
        let path = root.join(&picture.path);
        create_private_directory(path.parent().unwrap_or(&root))?;
        write(&path, &picture.bytes)?;
    }
    Ok(Some(root))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write_whole(path, bytes).map_err(|error| {
        Failure::io(
            format!("`{}` cannot be written", display_path(path)),
            &error,
        )
    })
}
