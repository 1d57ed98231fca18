//! DNS queries of `franking doctor`, with time limits, and the records that matter for mail.
//!
//! A query without an answer proves nothing about the records. After a query that no server answers, no further queries
//! are sent, because without a network each of them would wait for its limit.

mod spf;
mod spf_term;
mod tags;

pub use spf::{Spf, SpfError, SpfResult, examine};
pub use tags::tags;

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::runtime::{Builder, Runtime};

use crate::util::system;

/// The time limit for one attempt of a query; there are two attempts.
const TRY_LIMIT: Duration = Duration::from_secs(2);
/// The time limit for a query with all its attempts and redirections.
const LIMIT: Duration = Duration::from_secs(6);

/// A DNS client.
pub struct Resolver {
    runtime: Runtime,
    inner: TokioResolver,
    /// Why no server answers; set by the first query without an answer.
    unavailable: RefCell<Option<String>>,
}

/// The reason why a query was not answered. The result is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnswered(String);

impl std::fmt::Display for NotAnswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAnswered {}

/// The MX records of a domain (RFC 5321 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailExchange {
    /// The hosts in the order of their preference.
    Hosts(Vec<String>),
    /// A null MX: the domain accepts no mail (RFC 7505).
    Null,
    /// No MX records.
    None,
}

impl Resolver {
    /// A resolver that queries `server`, or the servers of `/etc/resolv.conf`.
    ///
    /// # Errors
    /// If the system configuration has no server.
    pub fn new(server: Option<SocketAddr>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (config, mut options) = match server {
            Some(server) => (only(server), ResolverOpts::default()),
            None => hickory_resolver::system_conf::read_system_conf().map_err(io::Error::other)?,
        };
        options.timeout = TRY_LIMIT;
        options.attempts = 1;
        // Receiving hosts see the public DNS, not the hosts file of this machine.
        options.use_hosts_file = ResolveHosts::Never;
        let provider = TokioRuntimeProvider::default();
        let builder = TokioResolver::builder_with_config(config, provider).with_options(options);
        let inner = {
            let _inside = runtime.enter();
            builder.build().map_err(io::Error::other)?
        };
        Ok(Self {
            runtime,
            inner,
            unavailable: RefCell::new(None),
        })
    }

    /// Queries the name servers of the root. A server that does not know them serves a private network, and a name that it
    /// does not find may exist in the public DNS.
    ///
    /// # Errors
    /// If no server answers, or the server does not resolve public names. Then no further queries are sent.
    pub fn find_root(&self) -> Result<(), NotAnswered> {
        let servers = self.ask_name(Name::root(), RecordType::NS, |data| match data {
            RData::NS(name) => Some(plain(&name.0)),
            _ => None,
        });
        match servers {
            Ok(servers) if servers.is_empty() => {
                Err(self.stop_queries("the DNS server does not resolve public names"))
            }
            Err(why) => Err(self.stop_queries(&why.0)),
            Ok(_) => Ok(()),
        }
    }

    /// The TXT records at `name`, the strings of each concatenated (RFC 7208 section 3.3). Empty if the name does not exist.
    ///
    /// # Errors
    /// If the query is not answered.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, NotAnswered> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
    }

    /// The IPv4 and IPv6 addresses of `name`.
    ///
    /// # Errors
    /// If a query is not answered.
    pub fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NotAnswered> {
        let mut addresses = self.ask(name, RecordType::A, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        })?;
        addresses.extend(self.ask(name, RecordType::AAAA, |data| match data {
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })?);
        Ok(addresses)
    }

    /// The names of an address (PTR records), sorted.
    ///
    /// # Errors
    /// If the query is not answered.
    pub fn names(&self, address: IpAddr) -> Result<Vec<String>, NotAnswered> {
        let mut names = self.ask_name(Name::from(address), RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(plain(&name.0)),
            _ => None,
        })?;
        names.sort();
        Ok(names)
    }

    /// The MX records of `domain`.
    ///
    /// # Errors
    /// If the query is not answered.
    pub fn exchange(&self, domain: &str) -> Result<MailExchange, NotAnswered> {
        let mut hosts = self.ask(domain, RecordType::MX, |data| match data {
            RData::MX(mx) => Some((mx.preference, plain(&mx.exchange))),
            _ => None,
        })?;
        hosts.sort();
        let mut hosts: Vec<String> = hosts.into_iter().map(|(_, host)| host).collect();
        let is_null = hosts.iter().any(String::is_empty);
        hosts.retain(|host| !host.is_empty());
        Ok(match (hosts.is_empty(), is_null) {
            (false, _) => MailExchange::Hosts(hosts),
            (true, true) => MailExchange::Null,
            (true, false) => MailExchange::None,
        })
    }

    fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, NotAnswered> {
        // An invalid name does not exist.
        match Name::from_str(name) {
            Ok(name) => self.ask_name(name, kind, read),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn ask_name<T>(
        &self,
        mut name: Name,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, NotAnswered> {
        if let Some(why) = &*self.unavailable.borrow() {
            return Err(NotAnswered(why.clone()));
        }
        // Fully qualified, so that no search domain of this machine is appended.
        name.set_fqdn(true);
        let query = async { tokio::time::timeout(LIMIT, self.inner.lookup(name, kind)).await };
        let Ok(answer) = self.runtime.block_on(query) else {
            return Err(self.stop_queries("no DNS server answers in time"));
        };
        match answer {
            Ok(found) => {
                let records = found.answers().iter();
                Ok(records.filter_map(|record| read(&record.data)).collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(self.not_answered(&error)),
        }
    }

    fn not_answered(&self, error: &NetError) -> NotAnswered {
        if let NetError::Dns(DnsError::ResponseCode(code)) = error {
            return NotAnswered(format!("the DNS server returned {}", code.to_str()));
        }
        let why = system::without_number(&error.to_string());
        self.stop_queries(&format!("no DNS server answers ({why})"))
    }

    /// Makes all further queries fail.
    fn stop_queries(&self, why: &str) -> NotAnswered {
        *self.unavailable.borrow_mut() = Some(why.to_owned());
        NotAnswered(why.to_owned())
    }
}

fn only(server: SocketAddr) -> ResolverConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let server = NameServerConfig::new(server.ip(), true, connections);
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

/// The name in lower case, without the final dot; empty for the root.
fn plain(name: &Name) -> String {
    let name = name.to_ascii().to_ascii_lowercase();
    name.trim_end_matches('.').to_owned()
}
