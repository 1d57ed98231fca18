//! `[dkim]`: the domain, selector and key of the signature.

use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;

use super::raw::RawDkim;
use super::reader::ConfigReader;
use crate::diag::Place;
use crate::newsletter::config::signing::{self, KeyFile};
use crate::newsletter::config::{Dkim, Mailbox};
use crate::toml_file::Text;
use crate::util::escape;

impl ConfigReader<'_> {
    pub(super) fn dkim(&mut self, raw: Spanned<RawDkim>, from: Option<&Mailbox>) -> Option<Dkim> {
        let table = Place::new(self.source, raw.span());
        let raw = raw.into_inner();
        let domain = self.required_in(raw.domain, "domain", "`[dkim]`", &table);
        let selector = self.required_in(raw.selector, "selector", "`[dkim]`", &table);
        let key_file = self.required_in(raw.key_file, "key_file", "`[dkim]`", &table);
        let domain = domain.and_then(|text| self.signing_domain(&text, from));
        let selector = selector.and_then(|text| self.selector(&text));
        let key_file = key_file?;
        let file = self.key_file(&key_file);
        Some(Dkim {
            domain: domain?,
            selector: selector?,
            key_file: PathBuf::from(key_file.value()),
            key: file.key.map(Arc::new),
            exposed: file.exposed,
        })
    }

    fn signing_domain(&mut self, text: &Text, from: Option<&Mailbox>) -> Option<String> {
        let Some(domain) = signing::signing_domain(text.value()) else {
            let message = format!("invalid domain `{}`", escape::terminal(text.value()));
            self.error("bad-value", message, text, "write it as `network.example`");
            return None;
        };
        if let Some(finding) = from.and_then(|from| signing::alignment(&domain, from)) {
            self.findings.push(finding.at(text.place().clone()));
        }
        Some(domain)
    }

    fn selector(&mut self, text: &Text) -> Option<String> {
        if signing::is_selector(text.value()) {
            return Some(text.value().to_owned());
        }
        let message = format!("invalid selector `{}`", escape::terminal(text.value()));
        let hint = "use a-z, digits and hyphens, such as `news2026`";
        self.error("bad-value", message, text, hint);
        None
    }

    /// Reads the key file and reports the findings about it.
    fn key_file(&mut self, text: &Text) -> KeyFile {
        let mut file = signing::key(&self.folder.join(text.value()), text.value());
        for finding in file.findings.drain(..) {
            self.findings.push(finding.at(text.place().clone()));
        }
        file
    }
}
