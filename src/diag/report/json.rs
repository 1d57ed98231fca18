//! Findings as JSON.

use serde_json::{Value, json};

use crate::diag::{Finding, Findings, Place};

/// `{"version":1,"findings":[…]}`; lines and columns count from one, columns in characters.
pub fn json(findings: &Findings) -> Value {
    let findings: Vec<Value> = findings.sorted().into_iter().map(one).collect();
    json!({ "version": 1, "findings": findings })
}

fn one(finding: &Finding) -> Value {
    let related = finding.related.as_deref();
    json!({
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "hint": finding.hint,
        "place": finding.place.as_ref().map(place),
        "related": related.map(|(at, word)| json!({ "message": word, "place": place(at) })),
        "contributor": finding.contributor,
    })
}

fn place(place: &Place) -> Value {
    json!({ "file": place.source().path(), "start": place.position(), "end": place.end() })
}
