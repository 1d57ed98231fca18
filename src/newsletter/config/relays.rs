//! `[smtp]`: the relays, and how they are used together.

use std::collections::BTreeMap;

use super::{PasswordSource, Rate};

/// The relays that take the letters, and how they are used together.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The first relay, which also takes what is sent without a ledger.
    pub relay: RelayConfig,
    /// Those beside it.
    pub further: Vec<RelayConfig>,
    /// How many connections are open at once, over all relays.
    pub connections: usize,
    /// How many messages are on their way over one connection at once, where the relay takes that (RFC 3030).
    /// So many are in doubt when it is lost.
    pub window: usize,
    /// The most messages in a time for single recipient domains, over all relays.
    pub per_domain: BTreeMap<String, Rate>,
}

/// A relay that takes letters.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: TlsMode,
    /// A certificate authority of one's own, a PEM file.
    pub ca_file: Option<std::path::PathBuf>,
    /// The name to log in with, and where its password is found.
    pub login: Option<(String, PasswordSource)>,
    /// What is found there.
    pub secret: SecretKind,
    /// The most connections that are open to it at once, if there is such a limit.
    pub most_connections: Option<usize>,
    /// Its part of the connections, among the weights of all.
    pub weight: usize,
    /// The most messages in any 24 hours.
    pub daily: Option<usize>,
    /// The most messages in the first, the second, … 24 hours since the first message of all; never fewer than
    /// in those before.
    pub warm_up: Vec<usize>,
    /// The most messages in a time, such as `20/s`.
    pub rate: Option<Rate>,
}

impl Smtp {
    /// Every relay with its connections: as its weight has it, but at least one.
    pub fn relays(&self) -> impl Iterator<Item = (&RelayConfig, usize)> {
        let relays: Vec<&RelayConfig> = std::iter::once(&self.relay).chain(&self.further).collect();
        let weights: Vec<usize> = relays.iter().map(|relay| relay.weight).collect();
        let shares = shares(self.connections, &weights);
        relays.into_iter().zip(shares).map(|(relay, share)| {
            let most = relay.most_connections.unwrap_or(share);
            (relay, share.min(most))
        })
    }
}

impl RelayConfig {
    /// The relay's name in the ledger and in what is said of it: `host:port`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// `total` in whole parts as the weights have it; each is at least 1, also where that makes more of them.
fn shares(total: usize, weights: &[usize]) -> Vec<usize> {
    let all = weights.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> = weights.iter().map(|weight| total * weight / all).collect();
    let mut by_rest: Vec<usize> = (0..weights.len()).collect();
    by_rest.sort_by_key(|&n| std::cmp::Reverse(total * weights[n] % all));
    let left = total - shares.iter().sum::<usize>();
    for &number in by_rest.iter().take(left) {
        shares[number] += 1;
    }
    shares.into_iter().map(|share| share.max(1)).collect()
}

/// What the secret for the relay is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretKind {
    /// A password.
    #[default]
    Password,
    /// An access token, which `password_command` fetches: XOAUTH2, as Google and Microsoft have it.
    Token,
}

/// How the connection to the relay is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// STARTTLS (RFC 3207), required: a relay that does not offer it gets nothing.
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all: on this machine only, or when the operator insists.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_shared_by_weight_and_everybody_has_one() {
        assert_eq!(shares(4, &[1]), [4]);
        assert_eq!(shares(4, &[3, 1]), [3, 1]);
        assert_eq!(shares(5, &[1, 1]), [3, 2]);
        assert_eq!(shares(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shares(4, &[100, 1]), [4, 1]);
        assert_eq!(shares(1, &[1, 1]), [1, 1]);
    }
}
