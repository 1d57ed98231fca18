//! Compiles the newest issue of a newsletter to HTML and plain text: `cargo run --example compile -- DIRECTORY`

use std::error::Error;

use franking::message;
use franking::newsletter::issue;
use franking::subscriber::{Address, Subscriber};
use franking::workspace::Workspace;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let workspace = Workspace::open(directory)?;
    let sources = workspace.load()?;
    let name = issue::names(&workspace.directory).pop();
    let name = name.ok_or("the newsletter has no issue")?;
    let checked = workspace.compile(&sources, &name)?;

    let subscriber = Subscriber::at(Address::parse("ada@reader.example")?);
    let options = checked.compiled.specimen_options(&sources.newsletter);
    let parts = message::fill(&checked.compiled.edition, &subscriber, &options);
    println!("{}\n\n{}\n\n{}", parts.subject, parts.text, parts.html);
    Ok(())
}
