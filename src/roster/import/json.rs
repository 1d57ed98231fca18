//! The JSON of `list import`.

use serde_json::{Value, json};

use super::{ImportReport, SHOWN};
use crate::store::{StagedPlace, StagedSubscriber, StagedSuppression};
use crate::subscriber::import::json::stored_subscriber;

impl ImportReport {
    /// The JSON of the report. A list of more than 1,000 entries is their number.
    pub fn json(&self) -> Value {
        let counts = self.counts();
        let subscribers = counts.added + counts.updated + counts.unchanged;
        let merged = &self.merged;
        let placed = |row: &StagedPlace, key: &str| self.placed(row, key);
        let mut report = json!({
            "format": self.formats.join(", "),
            "readers": up_to(subscribers, &merged.subscribers, subscriber),
            "suppressions": up_to(counts.suppressed, &merged.suppressions, suppression),
            "duplicates": up_to(counts.duplicate, &self.duplicates, |row| placed(row, "email")),
            "rejections": up_to(counts.rejected + self.partly_read, &self.rejections, |row| placed(row, "code")),
            "warnings": self.warnings,
        });
        if let (Some(report), Value::Object(counts)) = (report.as_object_mut(), json!(counts)) {
            report.extend(counts);
        }
        if !merged.paused.is_empty() {
            let paused = merged.paused.iter();
            let paused: Vec<&str> = paused.map(|(send, _)| send.issue.as_str()).collect();
            report["paused"] = json!(paused);
        }
        report
    }

    fn placed(&self, row: &StagedPlace, key: &str) -> Value {
        let mut report = json!({ "line": row.line, key: row.value });
        if row.is_suppressed {
            report["suppressed"] = json!(true);
        }
        if self.is_named.get(row.file) == Some(&true) {
            report["file"] = json!(self.files[row.file].name);
        }
        report
    }
}

fn up_to<T>(count: usize, shown: &[T], entry: impl Fn(&T) -> Value) -> Value {
    match count > SHOWN {
        true => json!(count),
        false => shown.iter().map(entry).collect(),
    }
}

fn subscriber(subscriber: &StagedSubscriber) -> Value {
    let shown = subscriber.shown.as_deref();
    let shown = shown.and_then(|shown| serde_json::from_str(shown).ok());
    shown.unwrap_or_else(|| stored_subscriber(&subscriber.data, &subscriber.consent))
}

fn suppression(suppression: &StagedSuppression) -> Value {
    let mut report = json!({ "email": suppression.address, "reason": suppression.reason });
    for (key, text) in [("at", &suppression.at), ("detail", &suppression.detail)] {
        if let Some(text) = text {
            report[key] = json!(text);
        }
    }
    report
}
