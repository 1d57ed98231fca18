//! What the domains of a send have said of us: which of them are left alone, and until when.
//!
//! In the store and not in the memory of a run, so that the next run and every other sender know it too.

use serde::Serialize;

use super::connection::Connection;
use super::value::{Row, v};
use super::{Send, Store, StoreError};

/// How many readers of a domain have to be refused for spam before the domain itself has said so.
pub const BLOCKED: u32 = 3;

/// A domain that has spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// How often it has asked for a rest.
    pub suspensions: u32,
    /// Until when nothing is sent there, in Unix seconds; 0 where nothing holds it.
    #[serde(rename = "suspended_until")]
    pub until: i64,
    /// Its reply.
    #[serde(rename = "diagnostic")]
    pub why: String,
    /// How many of its readers it has refused because it takes us for a sender of spam.
    pub blocked: u32,
}

/// What becomes of a domain in a send. `known` is until when whoever asks believed it to be left alone: where it
/// is left alone for longer, another sender was faster, and nothing is changed.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are those of `Domain`")]
pub enum DomainChange {
    /// It is left alone: after the first time until `untils[0]`, the second, and the third and every other.
    Suspend {
        name: String,
        why: String,
        untils: [i64; 3],
        known: i64,
    },
    /// It is left alone until a moment, or 0 for no more, without having asked for it.
    Hold {
        name: String,
        until: i64,
        known: i64,
    },
    /// It has refused one more reader because it takes us for a sender of spam.
    Block { name: String, why: String },
}

/// A domain after a change.
#[derive(Debug, Clone)]
pub struct DomainStatus {
    /// The domain.
    pub domain: Domain,
    /// How many domains of the send take us for a sender of spam.
    pub blocking: u32,
}

impl Store {
    /// The domains of a send that have said something of us, by name.
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
    let name = match change {
        DomainChange::Suspend {
            name,
            why,
            untils,
            known,
        } => {
            suspend(connection, send, name, why, *untils, *known)?;
            name
        }
        DomainChange::Hold { name, until, known } => {
            connection.execute(
                "update domain set until = ?3 where send = ?1 and name = ?2 and until <= ?4",
                &[v(send), v(name), v(*until), v(*known)],
            )?;
            name
        }
        DomainChange::Block { name, why } => {
            connection.execute(
                "insert into domain (send, name, why, blocked) values (?1, ?2, ?3, 1)
                 on conflict (send, name) do update
                 set why = excluded.why, blocked = domain.blocked + 1",
                &[v(send), v(name), v(why)],
            )?;
            name
        }
    };
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

/// Nobody is blocked: what was taken for that was meant for all.
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
