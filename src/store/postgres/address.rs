//! The URL of a server, `postgres://user:password@host:port/database?sslmode=…`, with the meaning that libpq gives it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::Url;

use crate::util::escape;

/// How long the server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long sent data may stay unacknowledged before the connection counts as lost.
const TCP_TIMEOUT: Duration = Duration::from_secs(30);

/// A parsed URL.
#[derive(Debug)]
pub(super) struct ServerAddress {
    pub(super) config: Config,
    /// The file of `sslrootcert`: certificates of additional authorities.
    pub(super) authorities: Option<PathBuf>,
    /// The URL without its password, for messages.
    pub(super) place: String,
}

impl ServerAddress {
    /// Parses a URL. A relative path of a file in it starts at `directory`. If it has no password, that of `PGPASSWORD` is
    /// used.
    pub(super) fn read(url: &str, directory: &Path) -> Result<Self, String> {
        let mut url = Url::parse(url).map_err(|error| error.to_string())?;
        let tls = take_tls_options(&mut url)?;
        let mut config: Config = url.as_str().parse().map_err(deepest)?;
        config
            .ssl_mode(tls.mode.unwrap_or_else(|| default_mode(&config)))
            .application_name("franking")
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(TCP_TIMEOUT)
            .keepalives_idle(TCP_TIMEOUT);
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        let place = place(&config);
        Ok(Self {
            config,
            authorities: tls.authorities.map(|file| directory.join(file)),
            place,
        })
    }
}

/// The options of a URL that `tokio_postgres` does not handle as libpq does.
#[derive(Default)]
struct TlsOptions {
    mode: Option<SslMode>,
    authorities: Option<String>,
}

/// Removes the options for TLS from the query of a URL.
fn take_tls_options(url: &mut Url) -> Result<TlsOptions, String> {
    let mut tls = TlsOptions::default();
    let mut others = String::new();
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "sslmode" => tls.mode = Some(mode(&value)?),
            "sslrootcert" => tls.authorities = Some(value.into_owned()),
            _ => {
                others.push_str(if others.is_empty() { "" } else { "&" });
                escape::url_component(&key, &mut others);
                others.push('=');
                escape::url_component(&value, &mut others);
            }
        }
    }
    let others = Some(others).filter(|others| !others.is_empty());
    url.set_query(others.as_deref());
    Ok(tls)
}

/// The mode of `sslmode`. Every encrypted connection verifies the server: without that, an attacker in the network could
/// pose as the server.
fn mode(word: &str) -> Result<SslMode, String> {
    match word {
        "disable" => Ok(SslMode::Disable),
        "prefer" | "allow" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        other => Err(format!(
            "invalid value `{}` for `sslmode` (expected `disable`, `allow`, `prefer`, `require`, `verify-ca` or \
             `verify-full`)",
            escape::line(other)
        )),
    }
}

/// The mode if the URL has none: TLS is required unless the server is on this machine.
fn default_mode(config: &Config) -> SslMode {
    let is_local = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    };
    if config.get_hosts().iter().all(is_local) {
        SslMode::Disable
    } else {
        SslMode::Require
    }
}

/// The URL without its password.
fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(directory) => directory.display().to_string(),
    });
    let user = config.get_user().map(|user| format!("{user}@"));
    let port = config.get_ports().first().filter(|port| **port != 5432);
    format!(
        "postgres://{}{}{}/{}",
        user.unwrap_or_default(),
        hosts.collect::<Vec<_>>().join(","),
        port.map(|port| format!(":{port}")).unwrap_or_default(),
        config.get_dbname().unwrap_or_default()
    )
}

/// The text of the cause, which says more than the error of the library.
fn deepest(error: tokio_postgres::Error) -> String {
    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_means_what_it_means_to_libpq_and_is_shown_without_its_password() {
        for (url, place, mode) in [
            (
                "postgres://u:canary@db.example/d",
                "postgres://u@db.example/d",
                SslMode::Require,
            ),
            (
                "postgres://u@db.example:5433/d?sslmode=disable",
                "postgres://u@db.example:5433/d",
                SslMode::Disable,
            ),
            (
                "postgres://u@localhost/d",
                "postgres://u@localhost/d",
                SslMode::Disable,
            ),
            (
                "postgres://u@127.0.0.1/d?sslmode=verify-full&sslrootcert=ca.pem",
                "postgres://u@127.0.0.1/d",
                SslMode::Require,
            ),
            (
                "postgresql:///d?host=%2Frun%2Fpg&user=u",
                "postgres://u@/run/pg/d",
                SslMode::Disable,
            ),
        ] {
            let address = ServerAddress::read(url, Path::new(".")).unwrap();
            assert_eq!(
                (address.place.as_str(), address.config.get_ssl_mode()),
                (place, mode),
                "{url}"
            );
        }
        let unknown =
            ServerAddress::read("postgres://u@h/d?sslmode=perhaps", Path::new(".")).unwrap_err();
        assert!(
            unknown.starts_with("invalid value `perhaps` for `sslmode`"),
            "{unknown}"
        );
        let unknown =
            ServerAddress::read("postgres://u:canary@h/d?colour=red", Path::new(".")).unwrap_err();
        assert_eq!(unknown, "unknown option `colour`");
    }
}
