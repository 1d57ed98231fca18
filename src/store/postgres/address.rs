//! The server's address: `postgres://user:password@host:port/database?sslmode=…`, as libpq reads it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::Url;

use crate::util::escape;

/// How long a server may take to let us in.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what was sent may stay without an acknowledgement before the server counts as gone.
const SILENCE: Duration = Duration::from_secs(30);

/// A server and what to say to it.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    /// A certificate authority of one's own: `sslrootcert`.
    pub(super) authorities: Option<PathBuf>,
    /// The same for messages, without the password.
    pub(super) place: String,
}

impl Address {
    /// Reads a URL; a file in it counts from `folder`. A password that is not in it is taken from
    /// `PGPASSWORD`.
    pub(super) fn read(url: &str, folder: &Path) -> Result<Self, String> {
        let mut url = Url::parse(url).map_err(|error| error.to_string())?;
        let mut ssl_mode = None;
        let mut authorities = None;
        let mut others = String::new();
        for (key, value) in url.query_pairs() {
            match key.as_ref() {
                "sslmode" => ssl_mode = Some(mode(&value)?),
                "sslrootcert" => authorities = Some(folder.join(value.as_ref())),
                _ => {
                    others.push_str(if others.is_empty() { "" } else { "&" });
                    escape::url_component(&key, &mut others);
                    others.push('=');
                    escape::url_component(&value, &mut others);
                }
            }
        }
        url.set_query(
            Some(&others)
                .filter(|others| !others.is_empty())
                .map(String::as_str),
        );
        let mut config: Config = url.as_str().parse().map_err(deepest)?;
        config
            .ssl_mode(ssl_mode.unwrap_or_else(|| default_mode(&config)))
            .application_name("franking")
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE);
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        let place = place(&config);
        Ok(Self {
            config,
            authorities,
            place,
        })
    }
}

/// What is encrypted is always verified: whoever can read along can also answer.
fn mode(word: &str) -> Result<SslMode, String> {
    match word {
        "disable" => Ok(SslMode::Disable),
        "prefer" | "allow" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        other => Err(format!("`{}` is no `sslmode`", escape::line(other))),
    }
}

/// Nothing goes to another machine in the clear unless the URL says so.
fn default_mode(config: &Config) -> SslMode {
    let is_near = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    };
    if config.get_hosts().iter().all(is_near) {
        SslMode::Disable
    } else {
        SslMode::Require
    }
}

fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
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

fn deepest(error: tokio_postgres::Error) -> String {
    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_as_libpq_reads_it_and_shown_without_its_password() {
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
            let address = Address::read(url, Path::new(".")).unwrap();
            assert_eq!(
                (address.place.as_str(), address.config.get_ssl_mode()),
                (place, mode),
                "{url}"
            );
        }
        let unknown =
            Address::read("postgres://u@h/d?sslmode=perhaps", Path::new(".")).unwrap_err();
        assert_eq!(unknown, "`perhaps` is no `sslmode`");
        let unknown =
            Address::read("postgres://u:canary@h/d?colour=red", Path::new(".")).unwrap_err();
        assert_eq!(unknown, "unknown option `colour`");
    }
}
