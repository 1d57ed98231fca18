//! `franking template show [NAME]`

use clap::{Args, Subcommand};

use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::compile::html::CLASSES;
use crate::diag::Findings;
use crate::language::Labels;
use crate::newsletter::template;
use crate::workspace::{Failure, FailureKind, Workspace};

/// The arguments of `franking template`.
#[derive(Debug, Args)]
pub(super) struct TemplateArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the tokens, classes and labels of a template.
    #[command(after_help = "Example:\n  franking template show institute")]
    Show {
        /// The template [default: that of newsletter.toml].
        #[arg(add = complete::templates())]
        name: Option<String>,
    },
}

pub(super) fn execute(
    arguments: &TemplateArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let Command::Show { name } = &arguments.command;
    let sources = workspace.load()?;
    let name = name.as_deref().unwrap_or(&sources.newsletter.template);
    let mut findings = Findings::new();
    let read = template::read(&workspace.directory, name, None, &mut findings);
    terminal::findings(&findings);
    let Some(template) = read else {
        return Err(Failure::new(
            FailureKind::NeedsAttention,
            findings.summary(),
        ));
    };
    let tokens = template.tokens.iter().map(|(name, value)| {
        let token = format!("var({name})");
        format!("{token:<24} {value}\n")
    });
    let classes = CLASSES.iter().map(|(class, bearer)| {
        let class = format!(".{class}");
        format!("{class:<24} {bearer}\n")
    });
    let labels = Labels::of(&sources.newsletter.language, &template.labels);
    let words = labels
        .all()
        .into_iter()
        .map(|(name, word)| format!("{name:<24} {word}\n"));
    Ok(super::print(&format!(
        "tokens of templates/{name}/theme.toml\n{}\nclasses for templates/{name}/style.css\n{}\n\
         labels, which [labels] can replace\n{}",
        tokens.collect::<String>(),
        classes.collect::<String>(),
        words.collect::<String>()
    )))
}
