//! The location of the ledger: `sqlite:PATH`, or `postgres://…`.

use url::Url;

use super::{Password, is_this_machine};

/// The location of the ledger.
#[derive(Debug, Clone)]
pub enum StoreUrl {
    /// An SQLite file, by its path relative to the newsletter's directory.
    File(String),
    /// A database of a PostgreSQL server. The URL may contain a password.
    Server(Password),
}

/// The reason why a text is not the location of a ledger. No message contains the text, because it may contain a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreUrlError {
    /// It starts with neither scheme.
    Kind,
    /// There is no path after `sqlite:`.
    NoPath,
    /// It is not a valid URL.
    NotRead,
    /// It has no database name.
    NoDatabase,
}

impl std::fmt::Display for StoreUrlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kind => "it starts with neither `sqlite:` nor `postgres://`",
            Self::NoPath => "the path after `sqlite:` is missing",
            Self::NotRead => "it is not a valid URL",
            Self::NoDatabase => "it has no database name",
        })
    }
}

impl std::error::Error for StoreUrlError {}

impl StoreUrl {
    /// A hint with examples of both.
    pub const HINT: &str = "write `sqlite:.franking/store.db`, or `postgres://user@host/database`";

    /// The default file.
    pub fn default_file() -> Self {
        Self::File(".franking/store.db".to_owned())
    }

    /// Parses `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return match path {
                "" => Err(StoreUrlError::NoPath),
                path => Ok(Self::File(path.to_owned())),
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(StoreUrlError::Kind);
        }
        let url = Url::parse(text).map_err(|_| StoreUrlError::NotRead)?;
        if url.path().len() < 2 {
            return Err(StoreUrlError::NoDatabase);
        }
        Ok(Self::Server(Password::from(text.to_owned())))
    }

    /// The host of a server on another machine.
    pub fn remote_host(&self) -> Option<String> {
        let Self::Server(url) = self else {
            return None;
        };
        let url = Url::parse(url.expose()).ok()?;
        let mut pairs = url.query_pairs();
        let option = pairs.find_map(|(key, value)| (key == "host").then(|| value.into_owned()));
        let host = option.or_else(|| url.host_str().map(str::to_owned))?;
        let is_here = host.is_empty() || host.starts_with('/') || is_this_machine(&host);
        (!is_here).then_some(host)
    }

    /// The file of `sslrootcert`, if the URL of a server names one and does not disable TLS.
    pub(super) fn authorities(&self) -> Option<String> {
        let Self::Server(url) = self else {
            return None;
        };
        let url = Url::parse(url.expose()).ok()?;
        let option = |wanted: &str| {
            let mut pairs = url.query_pairs();
            pairs.find_map(|(key, value)| (key == wanted).then(|| value.into_owned()))
        };
        let is_disabled = option("sslmode").is_some_and(|mode| mode == "disable");
        option("sslrootcert").filter(|_| !is_disabled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sqlite_and_postgres_urls_are_valid() {
        for (text, error) in [
            ("sqlite:a.db", None),
            ("sqlite:", Some(StoreUrlError::NoPath)),
            ("a.db", Some(StoreUrlError::Kind)),
            ("mysql://h/d", Some(StoreUrlError::Kind)),
            ("postgres://u:p@h:5433/d?sslmode=require", None),
            ("postgresql:///d?host=/run/postgresql", None),
            ("postgres://h:port/d", Some(StoreUrlError::NotRead)),
            ("postgres://h", Some(StoreUrlError::NoDatabase)),
        ] {
            assert_eq!(StoreUrl::parse(text).err(), error, "{text}");
        }
    }

    #[test]
    fn the_host_of_a_server_is_named_if_it_is_another_machine() {
        for (url, host) in [
            ("sqlite:a.db", None),
            (
                "postgres://u:p@db.heron.example:5433/d",
                Some("db.heron.example"),
            ),
            ("postgres://u@localhost/d", None),
            ("postgresql:///d?host=/run/postgresql", None),
            (
                "postgresql:///d?host=db.heron.example",
                Some("db.heron.example"),
            ),
        ] {
            assert_eq!(StoreUrl::parse(url).unwrap().remote_host().as_deref(), host);
        }
    }

    #[test]
    fn a_password_does_not_print() {
        let url = StoreUrl::parse("postgres://u:canary@h/d").unwrap();
        assert!(!format!("{url:?}").contains("canary"));
    }
}
