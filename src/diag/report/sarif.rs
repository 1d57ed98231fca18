//! Findings as SARIF 2.1.0 (OASIS), which editors and code hosts display.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::diag::{Finding, Findings, Place, explain};
use crate::util::escape;

/// One run of this program, with all findings.
pub fn sarif(findings: &Findings) -> Value {
    let sorted = findings.sorted();
    let codes: BTreeSet<&str> = sorted.iter().map(|finding| finding.code).collect();
    let rules: Vec<Value> = codes.into_iter().map(rule).collect();
    let results: Vec<Value> = sorted.into_iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "franking",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            // Columns count characters; SARIF's default is UTF-16 code units.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// The run of a command that failed with `message` and `exit_code` (section 3.20), and the findings that it had by then.
pub fn failed_sarif(findings: &Findings, message: &str, exit_code: u8) -> Value {
    let mut document = sarif(findings);
    document["runs"][0]["invocations"] = json!([{
        "executionSuccessful": false,
        "exitCode": exit_code,
        "toolExecutionNotifications": [{ "level": "error", "message": { "text": message } }],
    }]);
    document
}

fn rule(code: &str) -> Value {
    match explain(code) {
        Some(explanation) => json!({
            "id": code,
            "fullDescription": { "text": explanation.means },
            "help": { "text": explanation.fix },
        }),
        None => json!({ "id": code }),
    }
}

fn result(finding: &Finding) -> Value {
    let words = match &finding.hint {
        Some(hint) => format!("{}\nHint: {hint}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.code,
        "level": finding.severity.to_string(),
        "message": { "text": words },
        "locations": finding.place.iter().map(location).collect::<Vec<_>>(),
    });
    if let Some((place, word)) = finding.related.as_deref() {
        let mut related = location(place);
        related["message"] = json!({ "text": word });
        result["relatedLocations"] = json!([related]);
    }
    if let Some(contributor) = &finding.contributor {
        result["properties"] = json!({ "contributor": contributor });
    }
    result
}

fn location(place: &Place) -> Value {
    let (start, end) = (place.position(), place.end());
    let path = place.source().path().split('/');
    let uri = path.map(escape::url_segment).collect::<Vec<_>>().join("/");
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri },
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    }})
}
