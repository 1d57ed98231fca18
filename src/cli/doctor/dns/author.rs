//! Whether a letter to the domain of From arrives: what is answered to it goes there.

use super::{Asked, Made};
use crate::cli::doctor::report::Check;
use crate::preflight::dns::Exchange;

pub(super) fn check(asked: &Asked) -> Made {
    let domain = &asked.domain;
    Ok(match asked.resolver.exchange(domain)? {
        Exchange::Hosts(hosts) => {
            let words = format!("mail to {domain} goes to {}", hosts.join(", "));
            Check::ok("from", words)
        }
        Exchange::Null => {
            let words = format!("{domain} takes no mail (null MX, RFC 7505)");
            Check::warn("from", words)
                .hint("answers come back to whoever wrote them, and hosts refuse such a sender")
        }
        Exchange::None if asked.resolver.addresses(domain)?.is_empty() => {
            let words = format!("{domain} has neither MX nor address");
            Check::warn("from", words)
                .hint("nobody can answer, and hosts refuse a sender that is nowhere")
        }
        Exchange::None => Check::ok(
            "from",
            format!("mail to {domain} goes to its address; it has no MX"),
        ),
    })
}
