//! When runs worked on a campaign, and which processes send it.

use jiff::Timestamp;

use super::last_stop::StopKind;
use super::value::v;
use super::{Send, Store, StoreError};

impl Store {
    /// Records that a run has worked on the campaign, and when the quota that stops it resets.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn touch(
        &mut self,
        send: &Send,
        now: i64,
        waits_until: Option<i64>,
    ) -> Result<(), StoreError> {
        let sql = "update send set touched_at = ?2, waits_until = ?3 where id = ?1";
        self.transaction(|connection| {
            connection.execute(sql, &[v(send.id), v(now), v(waits_until)])
        })?;
        Ok(())
    }

    /// Records how a run has ended: `None` if it did all that was due.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn record_stop(
        &mut self,
        send: &Send,
        stopped: Option<(StopKind, &str)>,
        now: i64,
    ) -> Result<(), StoreError> {
        let before = send.last_stop.as_ref();
        let since = |kind| {
            let same = before.filter(|before| before.kind == kind);
            same.map_or(now, |before| before.since)
        };
        let sql =
            "update send set stop = ?2, stop_why = ?3, stop_at = ?4, stop_since = ?5 where id = ?1";
        let values = [
            v(send.id),
            v(stopped.map(|(kind, _)| kind.as_str())),
            v(stopped.map(|(_, why)| why)),
            v(stopped.map(|_| now)),
            v(stopped.map(|(kind, _)| since(kind))),
        ];
        self.transaction(|connection| connection.execute(sql, &values))?;
        Ok(())
    }

    /// When a run last worked on the campaign, in Unix seconds: the time that the run recorded, or that of the last change
    /// of a delivery if it was killed before it could.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_worked_on(&self, send: &Send) -> Result<i64, StoreError> {
        let sql = "select max(changed_at) from delivery where send = ?1";
        let found = self.rows(sql, &[v(send.id)], |row| {
            row.maybe(0, |row, column| row.int(column))
        })?;
        let changed = found.into_iter().flatten().max();
        Ok(changed.max(send.touched_at).unwrap_or(send.started_at))
    }

    /// When the latest campaign began or ended, in Unix seconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn latest_run(&self) -> Result<Option<i64>, StoreError> {
        let times = self.sends()?.into_iter();
        let times = times.flat_map(|send| [Some(send.started_at), send.finished_at]);
        let is_valid = |at: &i64| Timestamp::from_second(*at).is_ok();
        Ok(times.flatten().filter(is_valid).max())
    }

    /// The processes that are sending the campaign. Only a ledger on a server records them; a file has none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn senders(&self, send: &Send) -> Result<Vec<String>, StoreError> {
        self.connection.senders(send.id)
    }
}
