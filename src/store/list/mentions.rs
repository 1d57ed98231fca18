//! Other people's entries and deliveries that mention a person: the operator decides about them.

use serde_json::Value as Json;

use super::identity::Identity;
use super::quotation::Quotation;
use crate::store::value::v;
use crate::store::{Store, StoreError};
use crate::subscriber::MailboxHash;

/// How many entries are read at once.
const PAGE: usize = 5_000;

/// The values of an entry that are its own address and name.
const OWN: [&str; 4] = ["address", "name", "first_name", "last_name"];

/// What mentions a person, without what is about the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The addresses of the entries of the list with the person's address in their values.
    pub of_address: Vec<String>,
    /// The addresses of the entries with the person's full name in their tags or attributes.
    pub of_name: Vec<String>,
    /// How many deliveries of campaigns have the person's address in their values.
    pub deliveries: usize,
}

impl Store {
    /// The entries and deliveries of other people that mention this person. An address is a whole one, a name is a full
    /// name that the store knows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mentions(&self, hash: &MailboxHash, address_key: &str) -> Result<Mentions, StoreError> {
        let connection = &*self.connection;
        let quotation = Identity::of_everything(connection, hash, address_key)?.quotation;
        let mut mentions = Mentions::default();
        let mut after = Some(0);
        while let Some(id) = after {
            after = self.mentioning_entries((&quotation, address_key), id, &mut mentions)?;
        }
        let address = Quotation::of_address(address_key);
        let (condition, values) = address.condition(connection, "reader", 2);
        let sql = format!("select reader from delivery where address_key <> ?1 and {condition}");
        let values = [vec![v(address_key)], values].concat();
        let readers = self.rows(&sql, &values, |row| row.text(0))?;
        let has_address = |text: &str| address.has_address(text);
        let mentioning = readers
            .iter()
            .filter(|reader| has_text(&parsed(reader), &has_address));
        mentions.deliveries = mentioning.count();
        Ok(mentions)
    }

    /// Adds the entries of the page after this number, and returns the last number if there are more.
    fn mentioning_entries(
        &self,
        (quotation, address_key): (&Quotation, &str),
        after: i64,
        mentions: &mut Mentions,
    ) -> Result<Option<i64>, StoreError> {
        let (condition, values) = quotation.condition(&*self.connection, "data", 3);
        let sql = format!(
            "select id, address, data from subscriber where id > ?1 and address_key <> ?2 and {condition}
             order by id limit {PAGE}"
        );
        let values = [vec![v(after), v(address_key)], values].concat();
        let page = self.rows(&sql, &values, |row| {
            Some((row.int(0)?, row.text(1)?, row.text(2)?))
        })?;
        let last = page.last().map(|(id, ..)| *id);
        let is_full = page.len() == PAGE;
        for (_, address, data) in page {
            let mut entry = parsed(&data);
            entry.as_object_mut().map(|values| values.remove(OWN[0]));
            if has_text(&entry, &|text| quotation.has_address(text)) {
                mentions.of_address.push(address);
                continue;
            }
            for own in OWN {
                entry.as_object_mut().map(|values| values.remove(own));
            }
            if has_text(&entry, &|text| quotation.has_name(text)) {
                mentions.of_name.push(address);
            }
        }
        Ok(last.filter(|_| is_full))
    }
}

fn parsed(json: &str) -> Json {
    serde_json::from_str(json).unwrap_or_default()
}

/// Whether a value, or one inside of it, is a text for which this is true.
fn has_text(value: &Json, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Json::String(text) => is(text),
        Json::Array(values) => values.iter().any(|value| has_text(value, is)),
        Json::Object(values) => values.values().any(|value| has_text(value, is)),
        _ => false,
    }
}
