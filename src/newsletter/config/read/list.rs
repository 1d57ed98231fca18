//! `[list]`: where the subscriber list is.

use super::raw::RawListTable;
use super::reader::ConfigReader;
use crate::newsletter::config::ListLocation;

impl ConfigReader<'_> {
    pub(super) fn list(&mut self, raw: Option<RawListTable>) -> ListLocation {
        let source = raw.and_then(|raw| self.text(raw.source));
        let chosen = source.and_then(|text| self.choice("source", &text, &["file", "store"]));
        match chosen {
            Some(1) => ListLocation::Store,
            _ => ListLocation::File,
        }
    }
}
