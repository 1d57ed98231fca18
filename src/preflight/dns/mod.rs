//! What the DNS says: questions of `franking doctor`, each bounded in time, and what the records mean for mail.
//!
//! No answer is no finding. Where the first question is not answered at all, the others are not asked: somebody
//! without a network would wait for each of them.

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

/// For one try of a question, of which there are two.
const TRY_LIMIT: Duration = Duration::from_secs(2);
/// For a question with everything that belongs to it.
const LIMIT: Duration = Duration::from_secs(6);

/// Who is asked.
pub struct Resolver {
    runtime: Runtime,
    inner: TokioResolver,
    /// Why nobody answers, if nobody does.
    silent: RefCell<Option<String>>,
}

/// A question was not answered, so that nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnswered(String);

impl std::fmt::Display for NotAnswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAnswered {}

/// Who takes the mail of a domain (RFC 5321 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailExchange {
    /// These hosts, in the order of their preference.
    Hosts(Vec<String>),
    /// Nobody: the domain says so (RFC 7505).
    Null,
    /// It does not say.
    None,
}

impl Resolver {
    /// Asks `server`, or those of `/etc/resolv.conf`.
    ///
    /// # Errors
    /// When the system names no server.
    pub fn new(server: Option<SocketAddr>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (config, options) = match server {
            Some(server) => (only(server), ResolverOpts::default()),
            None => hickory_resolver::system_conf::read_system_conf().map_err(io::Error::other)?,
        };
        let provider = TokioRuntimeProvider::default();
        let mut builder =
            TokioResolver::builder_with_config(config, provider).with_options(options);
        let options = builder.options_mut();
        options.timeout = TRY_LIMIT;
        options.attempts = 1;
        // What the world sees is asked for, and not what this machine has been told.
        options.use_hosts_file = ResolveHosts::Never;
        let _inside = runtime.enter();
        let inner = builder.build().map_err(io::Error::other)?;
        drop(_inside);
        Ok(Self {
            runtime,
            inner,
            silent: RefCell::new(None),
        })
    }

    /// Asks for the root, which is there for everybody. A server that does not know it knows a network of its own,
    /// and what is not in that may be in the world.
    ///
    /// # Errors
    /// When nobody answers, or nobody who knows the world; then no question is asked any more.
    pub fn find_root(&self) -> Result<(), NotAnswered> {
        let servers = self.ask_name(Name::root(), RecordType::NS, |data| match data {
            RData::NS(name) => Some(plain(&name.0)),
            _ => None,
        });
        match servers {
            Ok(servers) if servers.is_empty() => {
                Err(self.fall_silent("the DNS server does not resolve public names"))
            }
            Err(why) => Err(self.fall_silent(&why.0)),
            Ok(_) => Ok(()),
        }
    }

    /// The texts at `name`, the strings of each joined (RFC 7208 section 3.3).
    ///
    /// # Errors
    /// When nobody answers. A name that is not there has no texts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, NotAnswered> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
    }

    /// The addresses of `name`, of both kinds.
    ///
    /// # Errors
    /// When nobody answers.
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

    /// The names of an address.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn names(&self, address: IpAddr) -> Result<Vec<String>, NotAnswered> {
        let mut names = self.ask_name(Name::from(address), RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(plain(&name.0)),
            _ => None,
        })?;
        names.sort();
        Ok(names)
    }

    /// Who takes the mail of `domain`.
    ///
    /// # Errors
    /// When nobody answers.
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
        // A name that cannot be is not there.
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
        if let Some(why) = &*self.silent.borrow() {
            return Err(NotAnswered(why.clone()));
        }
        // Whole, so that no domain of this machine is put behind it.
        name.set_fqdn(true);
        let asking = async { tokio::time::timeout(LIMIT, self.inner.lookup(name, kind)).await };
        match self.runtime.block_on(asking) {
            Ok(Ok(found)) => Ok(found
                .answers()
                .iter()
                .filter_map(|record| read(&record.data))
                .collect()),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(NetError::Dns(DnsError::ResponseCode(code)))) => Err(NotAnswered(format!(
                "the DNS server says {}",
                code.to_str()
            ))),
            Ok(Err(error)) => Err(self.fall_silent(&format!(
                "no DNS server answers ({})",
                system::without_number(&error.to_string())
            ))),
            Err(_) => Err(self.fall_silent("no DNS server answers in time")),
        }
    }

    fn fall_silent(&self, why: &str) -> NotAnswered {
        *self.silent.borrow_mut() = Some(why.to_owned());
        NotAnswered(why.to_owned())
    }
}

fn only(server: SocketAddr) -> ResolverConfig {
    let at = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
    let server = NameServerConfig::new(server.ip(), true, connections);
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

/// In small letters, without the last dot; the root is empty.
fn plain(name: &Name) -> String {
    let name = name.to_ascii().to_ascii_lowercase();
    name.trim_end_matches('.').to_owned()
}
