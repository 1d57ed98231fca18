//! Replaces the addresses of people who left the list some time ago by the keyed hashes of their mailboxes.
//!
//! The suppression, the history and the evidence of consent are found by the hash from then on, as those of a person who
//! was forgotten; unlike these, the evidence stays complete.

use std::collections::{BTreeSet, HashMap};

use super::change::note_change;
use super::identity::Identity;
use crate::store::connection::Connection;
use crate::store::suppression::HAS_LEFT;
use crate::store::value::{Value, v};
use crate::store::{Store, StoreError};
use crate::subscriber::SuppressionKey;

/// How many people one transaction changes: another process writes in between.
const PAGE: usize = 500;

/// The people who left by themselves, on the list or not, and those whose mailbox is suppressed for another reason and who
/// are not on the list: a person who bounced and did not leave stays a subscriber.
const SUPPRESSED: &str =
    "select address_key, hash from suppression where address_key > ?1 and at <= ?2
     and hash not like 'address:%' and (reason in ('unsubscribed', 'complained') or :has_left or not exists (
     select 1 from subscriber where subscriber.address_key = suppression.address_key))
     and not exists (select 1 from list_event where list_event.address_key = suppression.address_key
     and action = 'remove' and list_event.at > ?2)
     order by address_key limit ?3";

/// The people who were removed from the list and are not suppressed.
const REMOVED: &str = "select address_key from list_event where address_key > ?1 and address_key like '%@%'
     and not exists (select 1 from subscriber where subscriber.address_key = list_event.address_key)
     and not exists (select 1 from suppression where suppression.address_key = list_event.address_key)
     group by address_key having max(at) <= ?2 order by address_key limit ?3";

/// The open deliveries: a campaign recognises whom it must not mail by the address.
const OPEN: &str = "select address_key from delivery where state in ('ready', 'leased', 'in_data', 'deferred', 'uncertain')
     and send in (select id from send where is_rehearsal = 0) and address_key in";

/// A person who left.
struct Departed {
    address_key: String,
    hash: String,
    identity: Identity,
}

impl Store {
    /// Removes the addresses of the people who left at `before` or earlier, and deletes their entries of the list. Returns
    /// how many there were. Without a suppression key nothing is removed: their mailboxes could not be recognised any more.
    /// The times are in Unix seconds.
    ///
    /// If the process is stopped, the next call continues.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_departed(&mut self, before: i64, now: i64) -> Result<usize, StoreError> {
        let Some(key) = self.suppression_key.clone() else {
            return Ok(0);
        };
        let mut count = 0;
        let has_left = HAS_LEFT.replace(":hash", "suppression.hash");
        let suppressed = SUPPRESSED.replace(":has_left", &has_left);
        for sql in [suppressed.as_str(), REMOVED] {
            let mut after = String::new();
            while let Some(last) = self.page(sql, &after, before)? {
                count += self.transaction(|connection| {
                    connection.lock_list()?;
                    let people = departed(connection, (sql, &after, before), &key)?;
                    remove(connection, &people, now)?;
                    Ok(people.len())
                })?;
                after = last;
            }
        }
        Ok(count)
    }

    /// The last address of the next page; `None` at the end.
    fn page(&self, sql: &str, after: &str, before: i64) -> Result<Option<String>, StoreError> {
        let page = self.rows(sql, &values(after, before), |row| row.text(0))?;
        Ok(page.into_iter().next_back())
    }
}

fn values(after: &str, before: i64) -> [Value; 3] {
    [v(after), v(before), v(PAGE as i64)]
}

/// The people of the next page who have no open delivery.
fn departed(
    connection: &dyn Connection,
    (sql, after, before): (&str, &str, i64),
    key: &SuppressionKey,
) -> Result<Vec<Departed>, StoreError> {
    let mut people = BTreeSet::new();
    for mut row in connection.query(sql, &values(after, before))? {
        people.insert(row.text(0).ok_or_else(|| connection.damaged())?);
    }
    let sql = format!("{OPEN} {}", list(people.len()));
    for mut row in connection.query(&sql, &people.iter().map(v).collect::<Vec<_>>())? {
        row.text(0).map(|address| people.remove(&address));
    }
    let people = people.into_iter().map(|address_key| {
        Ok(Departed {
            hash: key.hash(&address_key).as_str().to_owned(),
            identity: Identity::of_entry(connection, &address_key)?,
            address_key,
        })
    });
    people.collect()
}

/// Parameters of a list, such as `(?1, ?2)`.
fn list(length: usize) -> String {
    let parameters: Vec<String> = (1..=length).map(|number| format!("?{number}")).collect();
    format!("({})", parameters.join(", "))
}

fn addresses(people: &[Departed]) -> Vec<Value> {
    people.iter().map(|person| v(&person.address_key)).collect()
}

fn hashes(people: &[Departed]) -> Vec<Value> {
    people.iter().map(|person| v(&person.hash)).collect()
}

fn remove(connection: &dyn Connection, people: &[Departed], now: i64) -> Result<(), StoreError> {
    if people.is_empty() {
        return Ok(());
    }
    clear_texts(connection, people)?;
    delete_entries(connection, people, now)?;
    hash_events(connection, people)?;
    let of_hash = list(people.len());
    for sql in [
        format!("update suppression_event set address_key = null where hash in {of_hash}"),
        format!("update suppression set address_key = null where hash in {of_hash}"),
        format!(
            "update consent set address_key = null where address_key is not null and hash in {of_hash}"
        ),
    ] {
        connection.execute(&sql, &hashes(people))?;
    }
    Ok(())
}

/// Why an entry was removed from the list.
const WHY: &str = "unsubscribed, and the time of [privacy] keep is over";

/// Deletes the people from the list, and adds that to its history.
fn delete_entries(
    connection: &dyn Connection,
    people: &[Departed],
    now: i64,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for person in people {
        let sql = "delete from subscriber where address_key = ?1";
        if connection.execute(sql, &[v(&person.address_key)])? > 0 {
            rows.push(vec![v(now), v(&person.hash), v("remove"), v(WHY)]);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let columns = ["at", "address_key", "action", "detail"];
    connection.insert("list_event", &columns, &mut rows.into_iter())?;
    note_change(connection, &BTreeSet::new())
}

fn hash_events(connection: &dyn Connection, people: &[Departed]) -> Result<(), StoreError> {
    let tuples: Vec<String> = (0..people.len())
        .map(|row| format!("(?{}, ?{})", 2 * row + 1, 2 * row + 2))
        .collect();
    let sql = format!(
        "update list_event set address_key = new.column2 from (values {}) as new
         where list_event.address_key = new.column1",
        tuples.join(", ")
    );
    let values = people
        .iter()
        .flat_map(|person| [v(&person.address_key), v(&person.hash)]);
    connection
        .execute(&sql, &values.collect::<Vec<_>>())
        .map(drop)
}

/// The texts about suppressions and changes of the list: the table, its key, the column of the mailbox, and the text.
const TEXTS: [(&str, &str, &str, &str); 4] = [
    ("suppression", "hash", "hash", "detail"),
    ("suppression", "hash", "hash", "evidence"),
    ("suppression_event", "id", "hash", "why"),
    ("list_event", "id", "address_key", "detail"),
];

/// Removes the texts that quote an address or a name, as a relay's reply often does. The evidence of consent keeps its own
/// for as long as it is kept.
fn clear_texts(connection: &dyn Connection, people: &[Departed]) -> Result<(), StoreError> {
    let identities: HashMap<&str, &Identity> = people
        .iter()
        .flat_map(|person| {
            let mailboxes = [person.hash.as_str(), person.address_key.as_str()];
            mailboxes.map(|mailbox| (mailbox, &person.identity))
        })
        .collect();
    for (table, key, mailbox, column) in TEXTS {
        let sql = format!(
            "select {key}, {mailbox}, {column} from {table} where {column} is not null and {mailbox} in {}",
            list(people.len())
        );
        let values = match mailbox {
            "hash" => hashes(people),
            _ => addresses(people),
        };
        for mut row in connection.query(&sql, &values)? {
            let found_key = row.0[0].clone();
            let (mailbox, text) = (row.text(1), row.text(2));
            let (mailbox, text) = mailbox.zip(text).ok_or_else(|| connection.damaged())?;
            let identity = identities.get(mailbox.as_str());
            if identity.is_some_and(|identity| identity.is_in(&text)) {
                let sql = format!("update {table} set {column} = null where {key} = ?1");
                connection.execute(&sql, &[found_key])?;
            }
        }
    }
    Ok(())
}
