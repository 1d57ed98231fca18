//! Adds the tokens of messages that earlier versions mailed: they kept no table of tokens.
//!
//! A campaign of an earlier version has the number of the last delivery whose token was added (`tokens_added`), 0 at first. Each
//! step is one short transaction, so a run that is killed continues with the next step, and other processes can write in
//! between.

use super::token_row::TokenRow;
use super::value::{Row, v};
use super::{MailedToken, Store, StoreError};

/// How many deliveries one transaction reads.
const STEP: i64 = 2_000;

/// A delivery whose message an earlier version may have mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierDelivery {
    number: i64,
    /// The key of the mailbox.
    pub address_key: String,
    /// The number of its edition in the campaign.
    pub edition: i64,
    at: i64,
}

impl Store {
    /// The digests of the editions of earlier campaigns whose tokens are not all in the store, by the number of the campaign
    /// and of the edition.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn editions_without_tokens(&self) -> Result<Vec<(i64, i64, String)>, StoreError> {
        self.rows(
            "select send, number, send_edition.digest from send_edition join send on send.id = send_edition.send
             where tokens_added is not null order by send, number",
            &[],
            |row| Some((row.int(0)?, row.int(1)?, row.text(2)?)),
        )
    }

    /// Adds the tokens of the next deliveries of a campaign; `token` returns that of a delivery. Returns whether more remain.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_earlier_tokens(
        &self,
        send: i64,
        token: impl Fn(&EarlierDelivery) -> Option<MailedToken>,
    ) -> Result<bool, StoreError> {
        self.transaction(|connection| {
            // Other senders do the same.
            connection.lock_send(send)?;
            let after =
                connection.query("select tokens_added from send where id = ?1", &[v(send)])?;
            let Some(after) = after.first().and_then(|row| row.int(0)) else {
                return Ok(false);
            };
            let found = connection.query(DELIVERIES, &[v(send), v(after), v(STEP)])?;
            let deliveries = found
                .into_iter()
                .map(|mut row| EarlierDelivery::read(&mut row));
            let deliveries: Option<Vec<_>> = deliveries.collect();
            let deliveries = deliveries.ok_or_else(|| connection.damaged())?;
            let key = self.suppression_key.as_ref();
            let rows = deliveries.iter().filter_map(|delivery| {
                token(delivery).map(|token| TokenRow::new(&token, key, delivery.at))
            });
            connection.add_tokens(&rows.collect::<Vec<_>>())?;
            let last = deliveries.last().map(|delivery| delivery.number);
            let record = "update send set tokens_added = ?2 where id = ?1";
            connection.execute(record, &[v(send), v(last)])?;
            Ok(last.is_some())
        })
    }
}

/// The intent to send a message binds its delivery to an edition. An address that was removed has no token any more.
const DELIVERIES: &str = "select number, address_key, edition, coalesce(changed_at, 0) from delivery
     where send = ?1 and number > ?2 and edition is not null and address_key like '%@%' order by number limit ?3";

impl EarlierDelivery {
    fn read(row: &mut Row) -> Option<Self> {
        Some(Self {
            number: row.int(0)?,
            address_key: row.text(1)?,
            edition: row.int(2)?,
            at: row.int(3)?,
        })
    }
}
