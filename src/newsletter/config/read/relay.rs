//! One relay: `[smtp]` without the keys of all relays, or `[[smtp.relay]]`.

use std::path::PathBuf;

use toml::Spanned;

use super::raw::{RawRelay, RawText};
use super::reader::ConfigReader;
use super::smtp::MOST_CONNECTIONS;
use crate::diag::{Finding, Place};
use crate::newsletter::config::{Rate, RelayConfig, SecretKind, TlsMode, reach};
use crate::toml_file::Text;

/// The highest quota for 24 hours; a higher number has a zero too many.
const MOST_A_DAY: usize = 10_000_000;
/// The highest weight of a relay.
const HEAVIEST: usize = 1_000;

impl ConfigReader<'_> {
    /// The relay in the table at `place`, which messages call `owner`.
    pub(super) fn relay(
        &mut self,
        mut raw: RawRelay,
        owner: &str,
        place: &Place,
    ) -> Option<RelayConfig> {
        let tls = self
            .text(raw.tls.take())
            .map_or(Some(TlsMode::StartTls), |text| self.tls(&text));
        let ca_file = raw.ca_file.take();
        let ca_file = self.ca_file(ca_file, tls != Some(TlsMode::None));
        self.refuse_password(raw.password.is_some(), place);
        let login = self.login(&mut raw);
        let secret = self.secret(raw.auth);
        let port = raw.port.and_then(|port| self.port(port));
        let most_connections = self.count("connections", raw.connections, MOST_CONNECTIONS);
        let weight = self.count("weight", raw.weight, HEAVIEST);
        let daily = self.count("daily", raw.daily, MOST_A_DAY);
        let warm_up = self.warm_up(raw.warm_up, daily);
        // A blank one has been reported.
        let rate = self.text(raw.rate).and_then(|rate| self.rate(rate));
        let host = self.required_in(raw.host, "host", owner, place)?;
        let host = self.host(&host);
        let tls = tls?;
        let port_place = port.as_ref().map_or(place, |(_, place)| place).clone();
        let port = port.map_or_else(|| reach::default_port(tls), |(port, _)| port);
        let host = host?;
        let unlikely = reach::unlikely_port(port, tls).map(|finding| finding.at(port_place));
        let plaintext = reach::plaintext(&host, tls, login.is_some());
        self.findings.extend_some(unlikely);
        self.findings
            .extend_some(plaintext.map(|finding| finding.at(place.clone())));
        Some(RelayConfig {
            host,
            port,
            tls,
            ca_file,
            login,
            secret,
            most_connections,
            weight: weight.unwrap_or(1),
            daily,
            warm_up,
            rate,
        })
    }

    fn tls(&mut self, text: &Text) -> Option<TlsMode> {
        let modes = [TlsMode::StartTls, TlsMode::Implicit, TlsMode::None];
        let mode = self.choice("tls", text, &["starttls", "implicit", "none"]);
        mode.map(|index| modes[index])
    }

    /// The file of additional authorities; it is read only if TLS is used.
    fn ca_file(&mut self, value: RawText, is_used: bool) -> Option<PathBuf> {
        let text = self.text(value)?;
        if is_used {
            self.check_authorities(text.value(), text.place().clone());
        }
        Some(PathBuf::from(text.value()))
    }

    fn secret(&mut self, value: RawText) -> SecretKind {
        let kinds = [SecretKind::Password, SecretKind::Token];
        let kind = self
            .text(value)
            .and_then(|text| self.choice("auth", &text, &["password", "xoauth2"]));
        kind.map_or(SecretKind::default(), |index| kinds[index])
    }

    fn host(&mut self, text: &Text) -> Option<String> {
        let host = reach::host(text.value());
        host.map_err(|(message, hint)| {
            // A line that may contain a password is not shown.
            let place = match text.value().contains('@') {
                true => self.top(),
                false => text.place().clone(),
            };
            let finding = Finding::error("bad-value", message).at(place);
            self.findings.push(finding.hint(hint));
        })
        .ok()
    }

    fn port(&mut self, value: Spanned<usize>) -> Option<(u16, Place)> {
        let place = Place::new(self.source, value.span());
        let port = self.count("port", Some(value), usize::from(u16::MAX))?;
        Some((u16::try_from(port).ok()?, place))
    }

    /// A rate such as `20/s`.
    pub(super) fn rate(&mut self, text: Text) -> Option<Rate> {
        let rate = text.value().parse::<Rate>();
        rate.map_err(|why| self.error("bad-value", why.to_string(), &text, Rate::HINT))
            .ok()
    }

    /// The quotas of the first days. A list that falls, or that exceeds `daily`, cannot mean what its author wanted.
    fn warm_up(&mut self, days: Vec<Spanned<usize>>, daily: Option<usize>) -> Vec<usize> {
        let mut warm_up = Vec::with_capacity(days.len());
        for (day, value) in (1..).zip(days) {
            let place = Place::new(self.source, value.span());
            let Some(quota) = self.count("warm_up", Some(value), MOST_A_DAY) else {
                continue;
            };
            let before = warm_up.last().copied().unwrap_or_default();
            let error = warm_up_error(day, quota, before, daily);
            self.findings
                .extend_some(error.map(|error| error.at(place)));
            warm_up.push(quota);
        }
        warm_up
    }
}

/// What is wrong with the `quota` of a day of the warm-up, after the quota `before`.
fn warm_up_error(day: usize, quota: usize, before: usize, daily: Option<usize>) -> Option<Finding> {
    let (message, hint) = if quota < before {
        (
            format!("`warm_up` falls from {before} to {quota}"),
            "each day must allow at least as many messages as the day before",
        )
    } else {
        let daily = daily.filter(|daily| *daily < quota)?;
        (
            format!("day {day} of `warm_up` allows {quota} messages, but `daily` only {daily}"),
            "end the list before it reaches `daily`, which applies after the list",
        )
    };
    Some(Finding::error("bad-value", message).hint(hint))
}
