//! MX: whether the domain of From receives mail, so that replies arrive.

use super::{CheckResult, Query};
use crate::preflight::dns::MailExchange;
use crate::preflight::report::Check;

pub(super) fn check(query: &Query) -> CheckResult {
    let domain = &query.domain;
    Ok(match query.resolver.exchange(domain)? {
        MailExchange::Hosts(hosts) => {
            let words = format!("mail to {domain} goes to {}", hosts.join(", "));
            Check::ok("from", words)
        }
        MailExchange::Null => {
            let words = format!("{domain} accepts no mail (null MX, RFC 7505)");
            Check::warn("from", words)
                .hint("replies bounce, and receiving hosts refuse such a sender")
        }
        MailExchange::None if query.resolver.addresses(domain)?.is_empty() => {
            let words = format!("{domain} has neither an MX nor an address record");
            Check::warn("from", words).hint(
                "replies bounce, and receiving hosts refuse a sender whose domain does not exist",
            )
        }
        MailExchange::None => Check::ok(
            "from",
            format!("mail to {domain} goes to its address, because it has no MX"),
        ),
    })
}
