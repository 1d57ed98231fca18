//! Removes what identifies a person who is forgotten from the evidence of consent, and from texts about others.

use super::identity::Identity;
use super::quotation::Quotation;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::{Row, v};
use crate::subscriber::MailboxHash;

/// Columns with texts that were written by hand, or by a relay, and may be about several people.
const TEXTS: [(&str, &str); 4] = [
    ("consent", "source"),
    ("list_event", "detail"),
    ("suppression", "evidence"),
    ("suppression_event", "why"),
];

/// Removes the traces of a person whose address was removed already.
pub(super) fn remove(
    connection: &dyn Connection,
    hash: &MailboxHash,
    identity: &Identity,
) -> Result<(), StoreError> {
    clear_evidence(connection, hash, identity)?;
    clear_file_names(connection, hash, identity)?;
    TEXTS
        .iter()
        .try_for_each(|(table, column)| redact(connection, (table, column), &identity.quotation))
}

/// Removes from the evidence of consent the address, the IP addresses, and the texts that quote the person. The times and
/// the digest of the file remain. If an earlier name may be unknown, any text may quote it.
fn clear_evidence(
    connection: &dyn Connection,
    hash: &MailboxHash,
    identity: &Identity,
) -> Result<(), StoreError> {
    let sql = "select id, source, columns from consent where hash = ?1";
    for mut row in connection.query(sql, &[v(hash.as_str())])? {
        let id = row.int(0).ok_or_else(|| connection.damaged())?;
        let mut kept = |column| {
            let text = row.maybe(column, Row::text).flatten();
            v(text.filter(|text| identity.is_complete && !identity.is_in(text)))
        };
        let values = [v(id), kept(1), kept(2)];
        let sql = "update consent set address_key = null, ip = null, confirmed_ip = null, source = ?2, columns = ?3
             where id = ?1";
        connection.execute(sql, &values)?;
    }
    Ok(())
}

/// Removes the names of imported files that quote the person, also from the suppressions of others. A file of the person
/// alone is a text about the person.
fn clear_file_names(
    connection: &dyn Connection,
    hash: &MailboxHash,
    identity: &Identity,
) -> Result<(), StoreError> {
    let sql = "select import, number, name from import_file where name <> ''";
    for mut row in connection.query(sql, &[])? {
        let place = row.int(0).zip(row.int(1)).zip(row.text(2));
        let ((import, number), name) = place.ok_or_else(|| connection.damaged())?;
        let quotes = identity.quotation.is_in(&name)
            || identity.is_in(&name)
                && is_of_this_person_alone(connection, hash, (import, number))?;
        if !quotes {
            continue;
        }
        let sql = "update import_file set name = '' where import = ?1 and number = ?2";
        connection.execute(sql, &[v(import), v(number)])?;
        let (named, unnamed) = (format!("import of {name}:"), "import of a file:");
        let sql = "update suppression set evidence = replace(evidence, cast(?1 as text), cast(?2 as text))
             where evidence like 'import of %'";
        connection.execute(sql, &[v(named), v(unnamed)])?;
    }
    Ok(())
}

/// Whether no other person has evidence, a suppression or an entry from a file.
fn is_of_this_person_alone(
    connection: &dyn Connection,
    hash: &MailboxHash,
    (import, number): (i64, i64),
) -> Result<bool, StoreError> {
    let sql = "select 1 from import_file where import = ?1 and number = ?2
         and not exists (select 1 from consent where import = ?1 and file = ?2 and hash <> ?3)
         and not exists (select 1 from suppression
         where substr(evidence, 1, length(name) + 11) = 'import of ' || name || ':')
         and not exists (select 1 from list_event
         where action = 'import' and substr(detail, 1, length(name) + 1) = name || ':')";
    let values = [v(import), v(number), v(hash.as_str())];
    Ok(!connection.query(sql, &values)?.is_empty())
}

/// Replaces what identifies the person in the texts of a column.
fn redact(
    connection: &dyn Connection,
    (table, column): (&str, &str),
    quotation: &Quotation,
) -> Result<(), StoreError> {
    let (condition, values) = quotation.condition(connection, column, 1);
    let sql =
        format!("select distinct {column} from {table} where {column} is not null and {condition}");
    for mut row in connection.query(&sql, &values)? {
        let text = row.text(0).ok_or_else(|| connection.damaged())?;
        if quotation.is_in(&text) {
            let sql = format!("update {table} set {column} = ?2 where {column} = ?1");
            connection.execute(&sql, &[v(&text), v(quotation.redacted(&text))])?;
        }
    }
    Ok(())
}
