//! Addresses of the newsletter: sender, replies, unsubscribing.

use super::reader::ConfigReader;
use crate::diag::Finding;
use crate::newsletter::config::{Mailbox, advice};
use crate::subscriber::Address;
use crate::toml_file::Text;
use crate::util::{characters, escape};

impl ConfigReader<'_> {
    /// A mailbox with its display name; `advise` checks its address for more than its syntax.
    pub(super) fn mailbox(
        &mut self,
        text: &Text,
        advise: impl FnOnce(&Address) -> Option<Finding>,
    ) -> Option<Mailbox> {
        self.report_words(text, text.value().rfind('<').unwrap_or_default());
        // Unwanted characters have been reported, and are not part of the address either.
        let mailbox = match Mailbox::parse(&characters::cleaned(text.value())) {
            Ok(mailbox) => mailbox,
            Err(why) => {
                self.bad_address(text, &why.to_string());
                return None;
            }
        };
        let findings = [advise(&mailbox.address), advice::display_name(&mailbox)];
        for finding in findings.into_iter().flatten() {
            self.findings.push(finding.at(text.place().clone()));
        }
        self.is_ascii(text, &mailbox.address).then_some(mailbox)
    }

    /// An address without a name.
    pub(super) fn address(&mut self, text: &Text) -> Option<Address> {
        let parsed = Address::parse(text.value());
        let parsed = parsed.map_err(|why| self.bad_address(text, &why.to_string()));
        let address = parsed.ok()?;
        self.is_ascii(text, &address).then_some(address)
    }

    fn bad_address(&mut self, text: &Text, hint: &str) {
        let message = format!("invalid email address `{}`", escape::terminal(text.value()));
        self.error("bad-address", message, text, hint);
    }

    /// Whether every relay and every receiver accepts `address` in a header field (RFC 6531).
    fn is_ascii(&mut self, text: &Text, address: &Address) -> bool {
        if address.needs_smtputf8() {
            let hint = "the part before the `@` must be ASCII: few relays accept anything else";
            self.bad_address(text, hint);
        }
        !address.needs_smtputf8()
    }
}
