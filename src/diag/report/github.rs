//! Findings as GitHub annotations, which are shown at the lines of a change.

use std::fmt::Write;

use crate::diag::{Finding, Findings, Severity};

/// One workflow command for each finding: `::error file=issues/a.toml,line=1,col=2,title=unknown-key::…`.
pub fn github(findings: &Findings) -> String {
    let mut out = String::new();
    for finding in findings.sorted() {
        writeln!(out, "{}", command(finding)).expect("writing to a String cannot fail");
    }
    out
}

/// The annotation of an error that is not a finding.
pub fn github_error(message: &str) -> String {
    format!("::error::{}\n", data(message))
}

fn command(finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        let start = place.position();
        properties.push(format!("file={}", property(place.source().path())));
        properties.push(format!("line={},col={}", start.line, start.column));
    }
    properties.push(format!("title={}", property(finding.code)));
    let words = match &finding.hint {
        Some(hint) => format!("{}\n{hint}", finding.message),
        None => finding.message.clone(),
    };
    format!("::{word} {}::{}", properties.join(","), data(&words))
}

/// A line break would end the command, and the next line could be another one.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
