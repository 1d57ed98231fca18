//! `[privacy]`: how long personal data is kept.

use super::raw::{RawPrivacy, RawText};
use super::reader::ConfigReader;
use crate::newsletter::config::{Retention, RetentionTimes};
use crate::util::escape;

impl ConfigReader<'_> {
    /// How long personal data is kept.
    pub(super) fn privacy(&mut self, raw: Option<RawPrivacy>) -> RetentionTimes {
        let (raw, default) = (raw.unwrap_or_default(), RetentionTimes::default());
        RetentionTimes {
            keep: self.retention("keep", raw.keep, default.keep),
            evidence: self.retention("evidence", raw.evidence, default.evidence),
        }
    }

    fn retention(&mut self, key: &str, value: RawText, default: Retention) -> Retention {
        let Some(text) = self.text(value) else {
            return default;
        };
        text.value().parse().unwrap_or_else(|_| {
            let shown = escape::terminal(text.value());
            let message = format!("invalid value `{shown}` for `{key}` in `[privacy]`");
            self.error("bad-value", message, &text, Retention::HINT);
            default
        })
    }
}
