//! Errors of PostgreSQL and its library, by what the operator has to do.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::store::StoreError;
use crate::util::escape;
use crate::util::system;
use crate::util::tls::TlsError;

/// The message of the server. The library's own text is `db error` for every error of the server.
#[derive(Debug)]
struct ServerMessage(String);

impl std::fmt::Display for ServerMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServerMessage {}

/// The error of a connection that could not be opened.
pub(super) fn at_connecting(place: &str, error: &Error) -> StoreError {
    let io = error
        .source()
        .and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let tls = io.and_then(TlsError::of);
    let is_network = io.is_some() && tls.is_none();
    match error.as_db_error() {
        Some(error) => of_server(place, error),
        None if let Some(error) = tls => of_tls(place, &error),
        None if is_network || error.to_string().contains("timeout") => {
            StoreError::OutOfReach(place.to_owned(), cause(error))
        }
        // A missing password, an untrusted certificate, or an unknown option in the URL.
        None => StoreError::NotAdmitted(place.to_owned(), cause(error)),
    }
}

/// The error of a statement on an open connection.
pub(super) fn at_statement(place: &str, error: &Error) -> StoreError {
    match error.as_db_error() {
        Some(error) => of_server(place, error),
        None if error.is_closed() || error.source().is_some_and(|c| c.is::<std::io::Error>()) => {
            StoreError::OutOfReach(place.to_owned(), cause(error))
        }
        None => StoreError::Other(place.to_owned(), cause(error)),
    }
}

/// A certificate that is not trusted, or another error of the TLS handshake.
fn of_tls(place: &str, error: &TlsError) -> StoreError {
    let place = place.to_owned();
    let cause = |words| Box::new(ServerMessage(words));
    match error {
        TlsError::Authority(words) => StoreError::NotTrusted(place, cause(words.clone())),
        TlsError::Certificate(words) => StoreError::NotAdmitted(place, cause(words.clone())),
        error => StoreError::NotAdmitted(place, cause(format!("the server {error}"))),
    }
}

/// The error that the server reports, by its SQLSTATE.
fn of_server(place: &str, error: &DbError) -> StoreError {
    let (place, code) = (place.to_owned(), error.code());
    let cause = Box::new(ServerMessage(message(error)));
    let class = code.code().get(..2).unwrap_or_default();
    match class {
        _ if *code == SqlState::INVALID_CATALOG_NAME => StoreError::NoDatabase(place, cause),
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => StoreError::NotAdmitted(place, cause),
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::NotWritable(place, cause),
        // Not authorised.
        "28" => StoreError::NotAdmitted(place, cause),
        // The connection was lost, or the server is shutting down or starting up.
        "08" | "57" => StoreError::OutOfReach(place, cause),
        _ if *code == SqlState::TOO_MANY_CONNECTIONS => StoreError::OutOfReach(place, cause),
        // Its disk or its memory is full.
        "53" => StoreError::NotWritable(place, cause),
        // Its files are damaged.
        "XX" => StoreError::Damaged(place, Some(cause)),
        _ => StoreError::Other(place, cause),
    }
}

/// The message and its detail, in one line.
fn message(error: &DbError) -> String {
    let detail = error.detail().map(|detail| format!(" ({detail})"));
    escape::line(&format!(
        "{}{}",
        error.message(),
        detail.unwrap_or_default()
    ))
}

/// The text of the deepest cause, without error numbers.
fn cause(error: &Error) -> Box<ServerMessage> {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(below) = next {
        words = match below.downcast_ref() {
            Some(error) => system::words(error),
            None => below.to_string(),
        };
        next = below.source();
    }
    Box::new(ServerMessage(escape::line(&system::without_number(&words))))
}
