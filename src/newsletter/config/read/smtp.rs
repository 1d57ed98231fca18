//! `[smtp]`: the relays and the limits that they share.

use std::collections::BTreeMap;

use super::raw::{OF_ALL_RELAYS, RawRelay, RawSmtp, RawTable};
use super::reader::ConfigReader;
use crate::diag::{Finding, Place};
use crate::newsletter::config::{Rate, RelayConfig, Smtp, reach};
use crate::toml_file::{self, Text, TomlValue};
use crate::util::escape;

/// The most connections at once, over all relays or to one of them.
pub(super) const MOST_CONNECTIONS: usize = 64;
/// The most messages in flight on one connection.
const LARGEST_WINDOW: usize = 32;

impl ConfigReader<'_> {
    /// The table `[smtp]`, which has the keys of the first relay beside those of all relays.
    pub(super) fn smtp(&mut self, mut table: TomlValue<'_>) -> Option<Smtp> {
        let place = Place::new(self.source, table.span());
        let (source, findings) = (self.source, &mut *self.findings);
        let shared = toml_file::split_off(&mut table, &OF_ALL_RELAYS);
        let shared: RawSmtp = toml_file::typed(shared, "`smtp`", source, findings);
        let first: RawRelay =
            toml_file::typed_beside(table, "`smtp`", &OF_ALL_RELAYS, source, findings);
        let connections = self.count("connections", shared.connections, MOST_CONNECTIONS);
        let window = self.count("window", shared.window, LARGEST_WINDOW);
        let per_domain = self.per_domain(shared.per_domain);
        let relay = self.relay(first, "`[smtp]`", &place);
        let further = shared.relay.into_iter().filter_map(|raw| {
            let place = Place::new(self.source, raw.span());
            let relay = self.relay(raw.into_inner(), "`[[smtp.relay]]`", &place)?;
            Some((relay, place))
        });
        let further: Vec<(RelayConfig, Place)> = further.collect();
        let relay = relay?;
        self.report_repeated_relays(&relay, &further);
        Some(Smtp {
            relay,
            further: further.into_iter().map(|(relay, _)| relay).collect(),
            connections: connections.unwrap_or(4),
            window: window.unwrap_or(1),
            per_domain,
        })
    }

    /// The rates by recipient domain, the domains in ASCII as in an envelope.
    fn per_domain(&mut self, raw: RawTable) -> BTreeMap<String, Rate> {
        let mut rates = BTreeMap::new();
        for (domain, rate) in raw {
            let domain = Text::new(self.source, domain);
            let rate = self.rate(Text::new(self.source, rate));
            let shown = escape::terminal(domain.value());
            let Some(name) = reach::recipient_domain(domain.value()) else {
                let message = format!("invalid domain `{shown}` in `per_domain`");
                let hint = "write the part of the addresses after the `@`, such as `host.example`";
                self.error("bad-value", message, &domain, hint);
                continue;
            };
            let Some(rate) = rate else { continue };
            if rates.insert(name.clone(), rate).is_some() {
                let message = format!("`per_domain` has {name} twice, in two spellings");
                self.error("bad-value", message, &domain, "delete one of them");
            }
        }
        rates
    }

    /// Reports relays with the same host and port: the ledger counts each relay's quota under that name.
    fn report_repeated_relays(&mut self, first: &RelayConfig, further: &[(RelayConfig, Place)]) {
        let mut known = vec![first.name()];
        for (relay, place) in further {
            let name = relay.name();
            if known.contains(&name) {
                let message = format!(
                    "two relays have the host and port `{}`",
                    escape::terminal(&name)
                );
                let hint = "keep one of them, with a larger `weight`";
                let finding = Finding::error("bad-value", message).at(place.clone());
                self.findings.push(finding.hint(hint));
            }
            known.push(name);
        }
    }
}
