//! `[privacy]`: how long personal data is kept.

use super::raw::RawPrivacy;
use super::reader::ConfigReader;
use crate::newsletter::config::Retention;
use crate::util::escape;

impl ConfigReader<'_> {
    /// How long the ledger keeps addresses and names.
    pub(super) fn retention(&mut self, raw: Option<RawPrivacy>) -> Retention {
        let Some(text) = raw.and_then(|raw| self.text(raw.keep)) else {
            return Retention::default();
        };
        text.value().parse().unwrap_or_else(|_| {
            let shown = escape::terminal(text.value());
            let message = format!("invalid value `{shown}` for `keep` in `[privacy]`");
            self.error("bad-value", message, &text, Retention::HINT);
            Retention::default()
        })
    }
}
