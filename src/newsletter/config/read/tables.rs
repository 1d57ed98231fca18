//! `[defaults]`, `[tags]` and `[check]`: tables whose keys the editor chooses.

use std::collections::BTreeMap;

use super::raw::RawTable;
use super::reader::ConfigReader;
use crate::diag::{Place, Severity, codes, did_you_mean, explain};
use crate::placeholder;
use crate::subscriber::tag_problem;
use crate::toml_file::Text;
use crate::util::escape;

impl ConfigReader<'_> {
    /// The default values of placeholders.
    pub(super) fn defaults(&mut self, raw: RawTable) -> BTreeMap<String, String> {
        let values = raw.into_iter().map(|(name, value)| {
            let value = self.line(&Text::new(self.source, value));
            (name.into_inner(), value)
        });
        values.collect()
    }

    /// The declared tags with their meanings. A tag that no audience rule can name is reported.
    pub(super) fn tags(&mut self, raw: RawTable) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        for (name, meaning) in raw {
            if let Some(problem) = tag_problem(name.get_ref()) {
                let place = Place::new(self.source, name.span());
                self.findings.push(problem.at(place));
            }
            let meaning = Text::new(self.source, meaning);
            meaning.report_unwanted(self.findings);
            placeholder::report_unfilled(&meaning, self.findings);
            tags.insert(name.into_inner(), escape::line(meaning.value()));
        }
        tags
    }

    /// The codes of warnings that are not reported, with the reasons. A code without a reason is refused, because a
    /// year later it cannot be judged.
    pub(super) fn allow(&mut self, raw: RawTable) -> BTreeMap<String, String> {
        let mut allowed = BTreeMap::new();
        for (code, reason) in raw {
            let code = Text::new(self.source, code);
            let reason = Text::new(self.source, reason);
            if self.may_be_allowed(&code, &reason) {
                allowed.insert(code.value().to_owned(), reason.value().to_owned());
            }
        }
        allowed
    }

    fn may_be_allowed(&mut self, code: &Text, reason: &Text) -> bool {
        let name = code.value();
        let Some(explanation) = explain(name) else {
            let message = format!("unknown finding code `{name}`");
            let hint = did_you_mean(name, codes());
            self.error("unknown-key", message, code, &hint.unwrap_or_default());
            return false;
        };
        if explanation.severity == Severity::Error {
            let message = format!("`{name}` is an error and cannot be allowed");
            let hint = "only warnings and notes can be; `franking explain CODE` shows the severity";
            self.error("bad-value", message, code, hint);
            return false;
        }
        if reason.is_blank() {
            let message = format!("`{name}` is allowed without a reason");
            let hint = "write the reason for the next person who reads this file";
            self.error("empty-value", message, reason, hint);
            return false;
        }
        true
    }
}
