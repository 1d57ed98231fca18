//! Takes over the deliveries of senders that stopped unexpectedly, and resolves uncertain ones.

use super::brake::CANCELLED;
use super::connection::Connection;
use super::list::FORGOTTEN;
use super::value::v;
use super::{Recovered, Resolution, Send, State, Store, StoreError};
use crate::newsletter::issue::OnUncertain;

/// The maximum number of attempts for a delivery that stays uncertain: a relay that accepts every message and never replies
/// would otherwise fill a mailbox.
pub(super) const MOST_COPIES: u32 = 3;

impl Store {
    /// Takes over the deliveries of senders that stopped unexpectedly, and applies the issue's policy for uncertain ones.
    ///
    /// With a file, only the holder of the newsletter's lock may call it: the deliveries of an active sender look like those
    /// of a dead one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn recover(&mut self, send: &Send, now: i64) -> Result<Recovered, StoreError> {
        self.transaction(|connection| {
            // The update comes first, because on a server it locks the row: senders that begin at the same time wait here and
            // do not deadlock.
            connection.execute(
                "update send set on_uncertain = ?2 where id = ?1",
                &[v(send.id), v(send.on_uncertain.as_str())],
            )?;
            let (released, uncertain) = connection.take_over(send.id, now)?;
            let resent = if send.on_uncertain == OnUncertain::Resend {
                resend(connection, send.id, now)?
            } else {
                0
            };
            Ok(Recovered {
                released,
                uncertain,
                resent,
            })
        })
    }

    /// Like [`Store::recover`], without applying the policy.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take_over(&mut self, send: &Send, now: i64) -> Result<Recovered, StoreError> {
        let taken = self.transaction(|connection| connection.take_over(send.id, now))?;
        let (released, uncertain) = taken;
        Ok(Recovered {
            released,
            uncertain,
            resent: 0,
        })
    }

    /// Resolves uncertain deliveries as the operator has decided, all of them or none. If a message has not arrived, the
    /// campaign is unfinished again.
    ///
    /// # Errors
    /// If a delivery is not uncertain, or the store cannot be written.
    pub fn resolve(
        &mut self,
        send: &Send,
        resolutions: &[Resolution],
        now: i64,
    ) -> Result<(), StoreError> {
        self.transaction(|connection| {
            for resolution in resolutions {
                resolve(connection, send, resolution, now)?;
            }
            if send.is_cancelled() || resolutions.iter().all(|resolution| resolution.has_arrived) {
                return Ok(());
            }
            let sql = "update send set finished_at = null where id = ?1";
            connection.execute(sql, &[v(send.id)]).map(drop)
        })
    }

    /// How many uncertain deliveries `on_uncertain = "resend"` sends again: those with an address and fewer than three attempts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn resendable(&self, send: &Send) -> Result<u32, StoreError> {
        self.number(
            "select count(*) from delivery
             where send = ?1 and state = 'uncertain' and attempts < ?2 and address_key like '%@%'",
            &[v(send.id), v(MOST_COPIES)],
        )
    }
}

fn resend(connection: &dyn Connection, send: i64, now: i64) -> Result<usize, StoreError> {
    let resent = connection.execute(
        "update delivery set state = 'ready', changed_at = ?2
         where send = ?1 and state = 'uncertain' and attempts < ?3 and address_key like '%@%'",
        &[v(send), v(now), v(MOST_COPIES)],
    )?;
    if resent > 0 {
        let sql = "update send set finished_at = null where id = ?1";
        connection.execute(sql, &[v(send)])?;
    }
    Ok(resent)
}

fn resolve(
    connection: &dyn Connection,
    send: &Send,
    resolution: &Resolution,
    now: i64,
) -> Result<(), StoreError> {
    let (state, why) = match resolution.has_arrived {
        true => (State::Accepted, resolution.why.as_str()),
        false if send.is_cancelled() => (State::Excluded, CANCELLED),
        // The person was forgotten: there is no address to which the message could be sent.
        false if !resolution.address_key.contains('@') => (State::Excluded, FORGOTTEN),
        false => (State::Ready, resolution.why.as_str()),
    };
    let key = v(&resolution.address_key);
    let changed = connection.execute(
        "update delivery set state = ?3, why = ?4, next_try = null, changed_at = ?5,
         reply_code = null, enhanced_status = null
         where send = ?1 and address_key = ?2 and state = 'uncertain'",
        &[v(send.id), key, v(state.as_str()), v(why), v(now)],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Transition(format!("{resolution:?}")))
    }
}
