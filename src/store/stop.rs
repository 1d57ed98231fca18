//! Sets and releases the brake of a campaign.
//!
//! A brake is a word in the campaign's row. Setting it needs no lock: every run, on any machine, reads the row in the
//! transaction in which it leases deliveries, so each connection sends at most one more message.

use super::brake::CANCELLED;
use super::connection::Connection;
use super::value::v;
use super::{Brake, Send, Store, StoreError, bounces};

impl Store {
    /// Sets a brake on a campaign that is not finished, and returns whether the brake is new. A cancelled campaign stays
    /// cancelled.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_brake(
        &mut self,
        send: &Send,
        brake: Brake,
        why: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.transaction(|connection| set_brake(connection, send.id, brake, why, false, now))
    }

    /// As [`Store::set_brake`], by the program itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_automatic_brake(
        &mut self,
        send: &Send,
        brake: Brake,
        why: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.transaction(|connection| set_brake(connection, send.id, brake, why, true, now))
    }

    /// Releases the brake of a campaign that is paused or held.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn release_brake(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        let sql = "update send set brake = null, brake_why = null, brake_at = null, touched_at = ?2
                   where id = ?1 and coalesce(brake, '') <> 'cancelled'";
        self.transaction(|connection| connection.execute(sql, &[v(send.id), v(now)]))?;
        Ok(())
    }

    /// Cancels a campaign: every waiting delivery is excluded as `cancelled`. Deliveries that a run has leased are left to
    /// [`Store::finish_cancelled`].
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn cancel(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        self.transaction(|connection| {
            set_brake(
                connection,
                send.id,
                Brake::Cancelled,
                "by `franking cancel`",
                false,
                now,
            )?;
            exclude_waiting(connection, send.id, now)
        })?;
        Ok(())
    }

    /// Finishes a cancelled campaign: excludes the deliveries that runs have released, and finishes the campaign when no run
    /// has leased any.
    ///
    /// With a file, only the holder of the lock may call it, as [`Store::recover`].
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn finish_cancelled(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        self.transaction(|connection| {
            connection.take_over(send.id, now)?;
            exclude_waiting(connection, send.id, now)?;
            let leased =
                "select 1 from delivery where send = ?1 and state in ('leased', 'in_data') limit 1";
            if !connection.query(leased, &[v(send.id)])?.is_empty() {
                return Ok(());
            }
            let sql = "update send set finished_at = ?2 where id = ?1 and finished_at is null";
            connection.execute(sql, &[v(send.id), v(now)])?;
            bounces::forgive(connection, send.id)
        })
    }
}

pub(super) fn set_brake(
    connection: &dyn Connection,
    send: i64,
    brake: Brake,
    why: &str,
    is_automatic: bool,
    now: i64,
) -> Result<bool, StoreError> {
    // A paused or held campaign can still be cancelled.
    let before = match brake {
        Brake::Cancelled => "(brake is null or brake <> 'cancelled')",
        Brake::Paused | Brake::Held => "brake is null",
    };
    let changed = connection.execute(
        &format!(
            "update send set brake = ?2, brake_why = ?3, brake_at = ?4, brake_is_automatic = ?5
             where id = ?1 and finished_at is null and {before}"
        ),
        &[v(send), v(brake.as_str()), v(why), v(now), v(is_automatic)],
    )?;
    Ok(changed == 1)
}

fn exclude_waiting(connection: &dyn Connection, send: i64, now: i64) -> Result<usize, StoreError> {
    connection.execute(
        "update delivery set state = 'excluded', why = ?3, next_try = null, changed_at = ?2,
         reply_code = null, enhanced_status = null
         where send = ?1 and state in ('ready', 'deferred')",
        &[v(send), v(now), v(CANCELLED)],
    )
}
