//! The suspended domains of a campaign, stored for the next run and for all other senders.

use serde::Serialize;

use super::connection::Connection;
use super::value::{Row, v};
use super::{Send, Store, StoreError};
use crate::util::timestamp;

/// How many recipients of a domain must be refused as spam before the domain counts as blocking the sender.
pub const BLOCKED: u32 = 3;

/// A domain with a suspension or with refusals as spam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// How often it was suspended.
    pub suspensions: u32,
    /// The end of the suspension, in Unix seconds; 0 if it is not suspended.
    #[serde(
        rename = "suspended_until",
        serialize_with = "timestamp::serialize_end"
    )]
    pub until: i64,
    /// Its reply.
    #[serde(rename = "diagnostic")]
    pub why: String,
    /// How many of its recipients it refused as spam.
    pub blocked: u32,
}

/// A change of a domain. `known` is the end of the suspension that this sender knows: if the stored one is later, another
/// sender has already suspended the domain, and nothing changes.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are those of `Domain`")]
pub enum DomainChange {
    /// Suspends it: the first time until `untils[0]`, the second until `untils[1]`, then until `untils[2]`.
    Suspend {
        name: String,
        why: String,
        untils: [i64; 3],
        known: i64,
    },
    /// Sets the end of the suspension without counting one; 0 ends it.
    Hold {
        name: String,
        until: i64,
        known: i64,
    },
    /// Counts a recipient that it refused as spam.
    Block { name: String, why: String },
}

/// A domain after a [`DomainChange`].
#[derive(Debug, Clone)]
pub struct DomainStatus {
    /// The domain.
    pub domain: Domain,
    /// How many domains of the campaign refuse it as spam.
    pub blocking: u32,
}

impl Store {
    /// The domains of a campaign with a suspension or refusals as spam, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn domains(&self, send: &Send) -> Result<Vec<Domain>, StoreError> {
        self.rows(
            "select name, suspensions, until, why, blocked from domain
             where send = ?1 order by name",
            &[v(send.id)],
            domain,
        )
    }
}

pub(super) fn apply(
    connection: &dyn Connection,
    send: i64,
    change: &DomainChange,
) -> Result<DomainStatus, StoreError> {
    connection.lock_send(send)?;
    match change {
        DomainChange::Suspend {
            name,
            why,
            untils,
            known,
        } => suspend(connection, send, name, why, *untils, *known)?,
        DomainChange::Hold { name, until, known } => hold(connection, send, name, *until, *known)?,
        DomainChange::Block { name, why } => block(connection, send, name, why)?,
    }
    status(connection, send, change.name())
}

impl DomainChange {
    fn name(&self) -> &str {
        match self {
            Self::Suspend { name, .. } | Self::Hold { name, .. } | Self::Block { name, .. } => name,
        }
    }
}

fn status(connection: &dyn Connection, send: i64, name: &str) -> Result<DomainStatus, StoreError> {
    let rows = connection.query(
        "select name, suspensions, until, why, blocked from domain where send = ?1 and name = ?2",
        &[v(send), v(name)],
    )?;
    let found = rows.into_iter().next();
    let counts = connection.query(
        "select count(*) from domain where send = ?1 and blocked >= ?2",
        &[v(send), v(BLOCKED)],
    )?;
    let blocking = counts.first().and_then(|row| row.count(0));
    Ok(DomainStatus {
        domain: found
            .and_then(|mut row| domain(&mut row))
            .ok_or_else(|| connection.damaged())?,
        blocking: blocking.ok_or_else(|| connection.damaged())?,
    })
}

fn suspend(
    connection: &dyn Connection,
    send: i64,
    name: &str,
    why: &str,
    untils: [i64; 3],
    known: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "insert into domain (send, name, why, suspensions, until) values (?1, ?2, ?3, 1, ?4)
         on conflict (send, name) do update set
         why = case when domain.until > ?7 then domain.why else excluded.why end,
         suspensions = domain.suspensions + case when domain.until > ?7 then 0 else 1 end,
         until = case when domain.until > ?7 then domain.until
                      when domain.suspensions = 0 then ?4
                      when domain.suspensions = 1 then ?5
                      else ?6 end",
        &[
            v(send),
            v(name),
            v(why),
            v(untils[0]),
            v(untils[1]),
            v(untils[2]),
            v(known),
        ],
    )?;
    Ok(())
}

fn hold(
    connection: &dyn Connection,
    send: i64,
    name: &str,
    until: i64,
    known: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "update domain set until = ?3 where send = ?1 and name = ?2 and until <= ?4",
        &[v(send), v(name), v(until), v(known)],
    )?;
    Ok(())
}

fn block(connection: &dyn Connection, send: i64, name: &str, why: &str) -> Result<(), StoreError> {
    connection.execute(
        "insert into domain (send, name, why, blocked) values (?1, ?2, ?3, 1)
         on conflict (send, name) do update
         set why = excluded.why, blocked = domain.blocked + 1",
        &[v(send), v(name), v(why)],
    )?;
    Ok(())
}

/// Clears the counts of all domains after refusals turned out to be about the sender.
pub(super) fn unblock(connection: &dyn Connection, send: i64) -> Result<(), StoreError> {
    let sql = "update domain set blocked = 0 where send = ?1";
    connection.execute(sql, &[v(send)])?;
    Ok(())
}

fn domain(row: &mut Row) -> Option<Domain> {
    Some(Domain {
        name: row.text(0)?,
        suspensions: row.count(1)?,
        until: row.int(2)?,
        why: row.text(3)?,
        blocked: row.count(4)?,
    })
}
