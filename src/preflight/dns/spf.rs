//! SPF (RFC 7208): whether a domain's record can be evaluated, and its result for an address.
//!
//! The result is that of a host which receives a message from this address. A relay may send from other addresses than
//! it listens on. Macros are expanded from a message; a term with a macro has no result here.

use std::net::IpAddr;

use super::{MailExchange, NotAnswered, Resolver, spf_term};
use spf_term::{Directive, Mechanism, Prefixes, Record, Target};

/// The most terms that query the DNS, and the most names of an MX or PTR record (section 4.6.4).
pub const MOST_LOOKUPS: usize = 10;

/// The most queries without an answer (section 4.6.4).
const MOST_VOID_LOOKUPS: usize = 2;

/// The result of an evaluation (section 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpfResult {
    /// The address may send.
    Pass,
    /// The address may not send.
    Fail,
    /// The address probably may not send.
    SoftFail,
    /// The record makes no statement about the address.
    Neutral,
    /// The result depends on a macro, and so on the message.
    Unknown,
}

impl SpfResult {
    /// The word of RFC 7208.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::Neutral => "neutral",
            Self::Unknown => "unknown",
        }
    }

    fn of(qualifier: char) -> Self {
        match qualifier {
            '-' => Self::Fail,
            '~' => Self::SoftFail,
            '?' => Self::Neutral,
            _ => Self::Pass,
        }
    }
}

/// An evaluated record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spf {
    /// The result for each address.
    pub results: Vec<(IpAddr, SpfResult)>,
    /// The qualifier of `all`: `-`, `~`, `?` or `+`; `None` without `all`.
    pub others: Option<char>,
}

/// Why a record cannot be evaluated (`permerror`, section 2.6.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpfError {
    /// The domain has no record; another record may have named the domain.
    Missing(String),
    /// The domain has several records.
    Several(String),
    /// An invalid term, and the domain of its record.
    Term(String, String),
    /// More than ten terms query the DNS.
    TooMany,
    /// More than two queries have no answer.
    TooManyVoid,
    /// The MX record of a domain has more than ten hosts.
    TooManyHosts(String),
}

impl std::fmt::Display for SpfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(domain) => write!(f, "{domain} has no record"),
            Self::Several(domain) => {
                let why = "has several records, and receiving hosts ignore all of them";
                write!(f, "{domain} {why}")
            }
            Self::Term(term, domain) => {
                write!(f, "`{term}` in the record of {domain} is not a valid term")
            }
            Self::TooMany => {
                let limit = MOST_LOOKUPS;
                write!(
                    f,
                    "the record needs more than {limit} lookups, which is an error"
                )
            }
            Self::TooManyVoid => write!(
                f,
                "more than {MOST_VOID_LOOKUPS} lookups of the record find nothing, which is an error"
            ),
            Self::TooManyHosts(domain) => {
                let limit = MOST_LOOKUPS;
                write!(
                    f,
                    "{domain} has more than {limit} MX hosts, which is an error for `mx`"
                )
            }
        }
    }
}

impl std::error::Error for SpfError {}

/// Why an evaluation ends early.
enum Break {
    Error(SpfError),
    NotAnswered(NotAnswered),
}

impl From<NotAnswered> for Break {
    fn from(error: NotAnswered) -> Self {
        Self::NotAnswered(error)
    }
}

/// Evaluates the record of `domain` for each of `addresses`. Without an address, only its terms and lookups are checked.
///
/// # Errors
/// If a query is not answered.
pub fn examine(
    resolver: &Resolver,
    domain: &str,
    addresses: &[IpAddr],
) -> Result<Result<Spf, SpfError>, NotAnswered> {
    match evaluate_all(resolver, domain, addresses) {
        Ok(spf) => Ok(Ok(spf)),
        Err(Break::Error(error)) => Ok(Err(error)),
        Err(Break::NotAnswered(error)) => Err(error),
    }
}

fn evaluate_all(resolver: &Resolver, domain: &str, addresses: &[IpAddr]) -> Result<Spf, Break> {
    let evaluate = |address| Evaluation::new(resolver, address).domain(domain);
    let mut results = Vec::new();
    for address in addresses {
        results.push((*address, evaluate(Some(*address))?));
    }
    if addresses.is_empty() {
        evaluate(None)?;
    }
    let others = Evaluation::new(resolver, None).others(domain)?;
    Ok(Spf { results, others })
}

/// Whether a mechanism matches the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpfMatch {
    Yes,
    No,
    /// It depends on a macro.
    Unknown,
}

impl From<bool> for SpfMatch {
    fn from(matches: bool) -> Self {
        if matches { Self::Yes } else { Self::No }
    }
}

/// One run of `check_host` (section 4) with its counters.
struct Evaluation<'a> {
    resolver: &'a Resolver,
    address: Option<IpAddr>,
    lookups: usize,
    void_lookups: usize,
}

impl<'a> Evaluation<'a> {
    fn new(resolver: &'a Resolver, address: Option<IpAddr>) -> Self {
        Self {
            resolver,
            address,
            lookups: 0,
            void_lookups: 0,
        }
    }

    /// The result of the first mechanism that matches; without one, that of `redirect`, or neutral (section 4.7).
    fn domain(&mut self, domain: &str) -> Result<SpfResult, Break> {
        let record = self.record(domain)?;
        let mut is_unknown = false;
        for Directive {
            qualifier,
            mechanism,
        } in &record.directives
        {
            match self.matches(mechanism, domain)? {
                SpfMatch::Yes => return Ok(or_unknown(SpfResult::of(*qualifier), is_unknown)),
                SpfMatch::No => {}
                // Whether it matches or not, a later pass is a pass.
                SpfMatch::Unknown if *qualifier == '+' => is_unknown = true,
                SpfMatch::Unknown => return Ok(SpfResult::Unknown),
            }
        }
        let result = match &record.redirect {
            Some(target) => self.redirect(target)?,
            None => SpfResult::Neutral,
        };
        Ok(or_unknown(result, is_unknown))
    }

    fn redirect(&mut self, target: &Target) -> Result<SpfResult, Break> {
        self.count()?;
        match target {
            Target::Macro => Ok(SpfResult::Unknown),
            Target::Domain(target) => self.domain(target),
        }
    }

    /// The qualifier of `all` in the record, or in that of `redirect`.
    fn others(&mut self, domain: &str) -> Result<Option<char>, Break> {
        let record = self.record(domain)?;
        let all = record
            .directives
            .iter()
            .find(|directive| directive.mechanism == Mechanism::All);
        match (all, &record.redirect) {
            (Some(all), _) => Ok(Some(all.qualifier)),
            (None, Some(Target::Domain(target))) => {
                self.count()?;
                self.others(target)
            }
            _ => Ok(None),
        }
    }

    fn record(&self, domain: &str) -> Result<Record, Break> {
        let mut records = self.resolver.texts(domain)?;
        records.retain(|text| {
            let first = text.split(' ').next().unwrap_or_default();
            first.eq_ignore_ascii_case("v=spf1")
        });
        let domain = domain.to_owned();
        let record = match (records.pop(), records.is_empty()) {
            (Some(record), true) => {
                Record::parse(&record).map_err(|term| SpfError::Term(term, domain))
            }
            (Some(_), false) => Err(SpfError::Several(domain)),
            (None, _) => Err(SpfError::Missing(domain)),
        };
        record.map_err(Break::Error)
    }

    fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<SpfMatch, Break> {
        let target = match mechanism {
            Mechanism::All => return Ok(self.address.is_some().into()),
            Mechanism::Network(network, prefix) => {
                let is_in = |address| spf_term::contains(*network, *prefix, address);
                return Ok(self.address.is_some_and(is_in).into());
            }
            Mechanism::Include(target)
            | Mechanism::A(target, _)
            | Mechanism::Mx(target, _)
            | Mechanism::Exists(target)
            | Mechanism::Ptr(target) => target.name(domain),
        };
        self.count()?;
        let Some(target) = target else {
            return Ok(SpfMatch::Unknown);
        };
        Ok(match mechanism {
            Mechanism::Include(_) => match self.domain(&target)? {
                SpfResult::Pass => SpfMatch::Yes,
                SpfResult::Unknown => SpfMatch::Unknown,
                _ => SpfMatch::No,
            },
            Mechanism::A(_, prefixes) => self.is_at(&target, *prefixes)?.into(),
            Mechanism::Mx(_, prefixes) => self.is_exchange(&target, *prefixes)?.into(),
            Mechanism::Exists(_) => self.exists(&target)?.into(),
            _ => self.is_named_below(&target)?.into(),
        })
    }

    fn is_exchange(&mut self, domain: &str, prefixes: Prefixes) -> Result<bool, Break> {
        let hosts = match self.resolver.exchange(domain)? {
            MailExchange::Hosts(hosts) => hosts,
            MailExchange::Null => return Ok(false),
            MailExchange::None => {
                self.count_void()?;
                return Ok(false);
            }
        };
        if hosts.len() > MOST_LOOKUPS {
            return Err(Break::Error(SpfError::TooManyHosts(domain.to_owned())));
        }
        for host in &hosts {
            if self.is_at(host, prefixes)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_at(&mut self, host: &str, prefixes: Prefixes) -> Result<bool, Break> {
        let Some(address) = self.address else {
            return Ok(false);
        };
        let mut networks = self.resolver.addresses(host)?;
        networks.retain(|network| network.is_ipv4() == address.is_ipv4());
        if networks.is_empty() {
            self.count_void()?;
        }
        let prefix = prefixes.of(address);
        Ok(networks
            .into_iter()
            .any(|network| spf_term::contains(network, prefix, address)))
    }

    /// Whether the name has an A record, for an IPv6 client too (section 5.7).
    fn exists(&mut self, name: &str) -> Result<bool, Break> {
        if self.address.is_none() {
            return Ok(false);
        }
        let exists = self.resolver.addresses(name)?.iter().any(IpAddr::is_ipv4);
        if !exists {
            self.count_void()?;
        }
        Ok(exists)
    }

    /// Whether a validated name of the address is `domain` or below it (section 5.5).
    fn is_named_below(&mut self, domain: &str) -> Result<bool, Break> {
        let Some(address) = self.address else {
            return Ok(false);
        };
        let names = self.resolver.names(address)?;
        if names.is_empty() {
            self.count_void()?;
        }
        for name in names.iter().take(MOST_LOOKUPS) {
            let is_below = name == domain || name.ends_with(&format!(".{domain}"));
            if is_below && self.resolver.addresses(name)?.contains(&address) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn count(&mut self) -> Result<(), Break> {
        self.lookups += 1;
        match self.lookups > MOST_LOOKUPS {
            true => Err(Break::Error(SpfError::TooMany)),
            false => Ok(()),
        }
    }

    fn count_void(&mut self) -> Result<(), Break> {
        self.void_lookups += 1;
        match self.void_lookups > MOST_VOID_LOOKUPS {
            true => Err(Break::Error(SpfError::TooManyVoid)),
            false => Ok(()),
        }
    }
}

/// `result`, unless an earlier `+` term that depends on a macro could change it.
fn or_unknown(result: SpfResult, is_unknown: bool) -> SpfResult {
    match result {
        SpfResult::Pass => SpfResult::Pass,
        _ if is_unknown => SpfResult::Unknown,
        result => result,
    }
}
