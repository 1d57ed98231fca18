//! The newsletter's pages on the web, and the ways to unsubscribe.

use url::Url;

use super::reader::ConfigReader;
use crate::diag::Finding;
use crate::newsletter::config::{FILE, Passage, advice};
use crate::placeholder;
use crate::toml_file::Text;
use crate::util::escape;

/// The longest `web_url`, in octets: the header line that contains it also has a field name and the recipient's token.
const LONGEST_URL: usize = 800;

impl ConfigReader<'_> {
    /// An https URL that recipients follow; RFC 8058 requires https for one-click unsubscribing.
    pub(super) fn url(&mut self, text: &Text) -> Option<Url> {
        placeholder::report_unfilled(text, self.findings);
        self.passages.push(Passage {
            text: text.clone(),
            end: 0,
        });
        let url = Url::parse(text.value()).ok();
        let is_usable =
            |url: &Url| url.scheme() == "https" && url.has_host() && url.query().is_none();
        let url = url.filter(is_usable);
        if url.is_none() {
            let message = format!("`{}` is not an https URL", escape::terminal(text.value()));
            let hint = "write the whole URL, with `https://` and without a query";
            self.error("bad-link", message, text, hint);
        }
        let finding = url.as_ref().and_then(|url| advice::url(url, text.value()));
        self.findings
            .extend_some(finding.map(|finding| finding.at(text.place().clone())));
        url
    }

    /// `web_url`, which is part of the header field List-Unsubscribe: a line has at most 998 octets (RFC 5322 section
    /// 2.1.1), and a URL cannot be folded.
    pub(super) fn web_url(&mut self, text: &Text) -> Option<Url> {
        let url = self.url(text)?;
        let octets = url.as_str().len();
        if octets > LONGEST_URL {
            let message = format!("`web_url` has {octets} octets");
            let hint =
                format!("shorten it to at most {LONGEST_URL} octets: it is part of a header field");
            self.error("bad-link", message, text, &hint);
        }
        (octets <= LONGEST_URL).then_some(url)
    }

    /// Every message must offer a way to unsubscribe, in its header and in both of its parts. An invalid value has been
    /// reported, and counts as one.
    pub(super) fn require_unsubscribing(&mut self, has_web: bool, has_mailto: bool) {
        let top = self.top();
        if has_mailto && !has_web {
            self.findings.push(advice::one_click().at(top));
        } else if !has_web {
            let message = format!("{FILE} has no way to unsubscribe");
            let hint = "set `web_url` or `unsubscribe_mailto`";
            let finding = Finding::error("missing-key", message).at(top);
            self.findings.push(finding.hint(hint));
        }
    }
}
