//! MX: whether the domain of From receives mail, so that replies arrive.

use super::{CheckResult, Query};
use crate::preflight::dns::MailExchange;
use crate::preflight::report::Check;

pub(super) fn check(query: &Query) -> CheckResult {
    let domain = &query.domain;
    let ok = |words: String| Check::ok("from", words);
    let warn = |words: String| Check::warn("from", words);
    Ok(match query.resolver.exchange(domain)? {
        MailExchange::Hosts(hosts) => ok(format!("mail to {domain} goes to {}", hosts.join(", "))),
        MailExchange::Null => warn(format!("{domain} accepts no mail (null MX, RFC 7505)"))
            .hint("replies bounce, and receiving hosts refuse such a sender"),
        MailExchange::None if query.resolver.addresses(domain)?.is_empty() => warn(format!(
            "{domain} has neither an MX nor an address record"
        ))
        .hint("replies bounce, and receiving hosts refuse a sender whose domain does not exist"),
        MailExchange::None => ok(format!(
            "mail to {domain} goes to its address, because it has no MX"
        )),
    })
}
