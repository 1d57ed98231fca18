//! `[store]`: the location of the ledger.

use url::Url;

use super::raw::RawStore;
use super::reader::ConfigReader;
use crate::diag::Finding;
use crate::newsletter::config::{StoreUrl, StoreUrlError};

impl ConfigReader<'_> {
    /// The store's URL. A line that may contain a password is not shown.
    pub(super) fn store(&mut self, raw: Option<RawStore>) -> StoreUrl {
        let Some(text) = raw.and_then(|raw| self.text(raw.url)) else {
            return StoreUrl::default_file();
        };
        let url = StoreUrl::parse(text.value());
        if let Some(file) = url.as_ref().ok().and_then(StoreUrl::authorities) {
            let place = match has_password(text.value()) {
                true => self.top(),
                false => text.place().clone(),
            };
            self.check_authorities(&file, place);
        }
        url.unwrap_or_else(|why| {
            let code = match why {
                StoreUrlError::Kind => "unsupported",
                _ => "bad-value",
            };
            let place = match text.value().contains('@') {
                true => self.top(),
                false => text.place().clone(),
            };
            let message = format!("invalid `url` in `[store]`: {why}");
            let finding = Finding::error(code, message).at(place);
            self.findings.push(finding.hint(StoreUrl::HINT.to_owned()));
            StoreUrl::default_file()
        })
    }
}

fn has_password(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.password().is_some())
}
