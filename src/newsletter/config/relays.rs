//! `[smtp]`: the relays, and the limits that they share.

use std::collections::BTreeMap;

use super::{PasswordSource, Rate};

/// The relays that accept the messages, and the limits that they share.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The first relay; it also sends test messages, which the ledger does not record.
    pub relay: RelayConfig,
    /// The other relays.
    pub further: Vec<RelayConfig>,
    /// The number of connections at once, over all relays.
    pub connections: usize,
    /// The number of messages in flight on one connection, if the relay supports pipelining (RFC 3030). If the
    /// connection is lost, the outcome of as many messages is uncertain.
    pub window: usize,
    /// The rate limit of each recipient domain, over all relays.
    pub per_domain: BTreeMap<String, Rate>,
}

/// The settings of one relay.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// The host name, which its certificate must contain.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The TLS mode.
    pub tls: TlsMode,
    /// A PEM file with further trusted certificate authorities.
    pub ca_file: Option<std::path::PathBuf>,
    /// The user name, and the source of the password; `None` for no authentication.
    pub login: Option<(String, PasswordSource)>,
    /// The kind of the secret.
    pub secret: SecretKind,
    /// The maximum number of connections to this relay.
    pub most_connections: Option<usize>,
    /// The relay's share of the connections, relative to the weights of the others.
    pub weight: usize,
    /// The quota of any 24 hours.
    pub daily: Option<usize>,
    /// The quotas of the first, second, … 24 hours after the first message; they never decrease.
    pub warm_up: Vec<usize>,
    /// The rate limit, such as `20/s`.
    pub rate: Option<Rate>,
}

impl Smtp {
    /// The relays with their numbers of connections: in proportion to the weights, but at least one.
    pub fn relays(&self) -> impl Iterator<Item = (&RelayConfig, usize)> {
        let relays: Vec<&RelayConfig> = std::iter::once(&self.relay).chain(&self.further).collect();
        let weights: Vec<usize> = relays.iter().map(|relay| relay.weight).collect();
        let shares = shares(self.connections, &weights);
        let shared = relays.into_iter().zip(shares);
        shared.map(|(relay, share)| (relay, relay.limited(share)))
    }
}

impl RelayConfig {
    /// The relay's name in the ledger and in messages: `host:port`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The share of the connections, up to the limit of this relay.
    fn limited(&self, share: usize) -> usize {
        self.most_connections.map_or(share, |most| share.min(most))
    }
}

/// Divides `total` into whole parts in proportion to `weights`. Each part is at least 1, even if the sum then exceeds
/// `total`.
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

/// The kind of secret for the relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretKind {
    /// A password.
    #[default]
    Password,
    /// An OAuth 2.0 access token from `password_command`, for XOAUTH2 as Google and Microsoft define it.
    Token,
}

/// The TLS mode of the connection to a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// STARTTLS (RFC 3207), required: nothing is sent to a relay that does not offer it.
    StartTls,
    /// Implicit TLS (RFC 8314).
    Implicit,
    /// No TLS: only on this machine, or with `--allow-plaintext`.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_divided_by_weight_and_each_relay_has_one() {
        assert_eq!(shares(4, &[1]), [4]);
        assert_eq!(shares(4, &[3, 1]), [3, 1]);
        assert_eq!(shares(5, &[1, 1]), [3, 2]);
        assert_eq!(shares(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shares(4, &[100, 1]), [4, 1]);
        assert_eq!(shares(1, &[1, 1]), [1, 1]);
    }
}
