//! Everything that the store knows of each mailbox, for an export that is read back without loss.

use super::history::StoredSuppression;
use crate::store::value::{Row, Value, v};
use crate::store::{Store, StoreError};
use crate::subscriber::Subscriber;
use crate::subscriber::import::RecordedConsent;

/// A mailbox that is suppressed or on the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedMailbox {
    /// The key of the address, if it is known.
    pub address_key: Option<String>,
    /// If only the hash of the mailbox is known: the check value of its key, a colon, and the hash.
    pub hash: Option<String>,
    /// The subscriber, with the status of the list alone.
    pub subscriber: Option<Subscriber>,
    /// The suppression.
    pub suppression: Option<StoredSuppression>,
    /// The evidence of consent, the earliest first.
    pub consents: Vec<RecordedConsent>,
}

/// A statement that reads the mailboxes after one, and the value that is before all of them. Its columns are the value, the
/// hash if there is no address, the address, the subscriber, and the suppression.
type Pages = (&'static str, Value);

/// How many mailboxes one statement reads: `:limit`.
const PAGE: usize = 1_000;

const HASHED: &str =
    "select hash, hash, cast(null as text), cast(null as text), reason, at, detail, evidence
     from suppression where address_key is null and hash > ?1 order by hash limit :limit";

const UNLISTED: &str = "select address_key, cast(null as text), address_key, cast(null as text), reason, at, detail, evidence
     from suppression where address_key > ?1 and not exists (
     select 1 from subscriber where subscriber.address_key = suppression.address_key) order by address_key limit :limit";

const LEFT: &str = "select subscriber.id, cast(null as text), subscriber.address_key, subscriber.data, reason, at, detail, evidence
     from subscriber join suppression on suppression.address_key = subscriber.address_key
     where subscriber.id > ?1 order by subscriber.id limit :limit";

const OTHERS: &str =
    "select subscriber.id, cast(null as text), subscriber.address_key, subscriber.data,
     cast(null as text), cast(0 as bigint), cast(null as text), cast(null as text)
     from subscriber where subscriber.id > ?1 and not exists (
     select 1 from suppression where suppression.address_key = subscriber.address_key)
     order by subscriber.id limit :limit";

impl Store {
    /// Calls `see` with every mailbox that is suppressed, and then with the other subscribers. Only the hashes of mailboxes
    /// without an address are in the order of the hashes, and come first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_exported(&self, see: &mut dyn FnMut(ExportedMailbox)) -> Result<(), StoreError> {
        self.each_suppressed(see)?;
        [LEFT, OTHERS]
            .into_iter()
            .try_for_each(|sql| self.each_of((sql, v(0_i64)), see))
    }

    /// Calls `see` with every suppressed mailbox that is not on the list in the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_suppressed(&self, see: &mut dyn FnMut(ExportedMailbox)) -> Result<(), StoreError> {
        [HASHED, UNLISTED]
            .into_iter()
            .try_for_each(|sql| self.each_of((sql, v("")), see))
    }

    fn each_of(
        &self,
        pages: Pages,
        see: &mut dyn FnMut(ExportedMailbox),
    ) -> Result<(), StoreError> {
        let (sql, mut after) = pages;
        let sql = sql.replace(":limit", &PAGE.to_string());
        loop {
            let page = self.rows(&sql, &[after.clone()], mailbox)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = last.clone();
            let hashes: Vec<String> = page
                .iter()
                .filter_map(|(_, one)| self.hash_of(one))
                .collect();
            let mut consents = self.consents_of(&hashes)?;
            for (_, mut one) in page {
                let hash = self.hash_of(&one);
                one.consents = hash
                    .and_then(|hash| consents.remove(&hash))
                    .unwrap_or_default();
                let key = self.suppression_key.as_ref();
                one.hash = one
                    .hash
                    .zip(key)
                    .map(|(hash, key)| format!("{}:{hash}", key.check_value()));
                see(one);
            }
        }
    }

    fn hash_of(&self, one: &ExportedMailbox) -> Option<String> {
        let known = one.address_key.as_ref();
        known.map_or_else(|| one.hash.clone(), |address_key| self.hash(address_key))
    }
}

fn mailbox(row: &mut Row) -> Option<(Value, ExportedMailbox)> {
    let after = row.0.first()?.clone();
    let subscriber = row.maybe(3, Row::text)?;
    let reason = row.maybe(4, Row::text)?;
    let suppression = reason.map(|reason| {
        Some(StoredSuppression {
            reason,
            at: row.int(5)?,
            detail: row.maybe(6, Row::text)?,
            evidence: row.maybe(7, Row::text)?,
        })
    });
    let one = ExportedMailbox {
        hash: row.maybe(1, Row::text)?,
        address_key: row.maybe(2, Row::text)?,
        subscriber: subscriber
            .map(|data| serde_json::from_str(&data))
            .transpose()
            .ok()?,
        suppression: match suppression {
            Some(read) => Some(read?),
            None => None,
        },
        consents: Vec::new(),
    };
    Some((after, one))
}
