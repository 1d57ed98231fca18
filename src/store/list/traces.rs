//! Removes what identifies a person who is forgotten from the evidence of consent, and from texts about others.

use super::identity::Identity;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::{Row, Value, v};
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
    clear_file_names(connection, identity)?;
    TEXTS
        .iter()
        .try_for_each(|(table, column)| redact(connection, (table, column), identity))
}

/// Removes from the evidence of consent the address, the IP addresses, and the texts that quote the person. The times and
/// the digest of the file remain. If no name is known any more, any text may quote it.
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
            v(text.filter(|text| identity.has_name && !identity.is_in(text)))
        };
        let values = [v(id), kept(1), kept(2)];
        let sql = "update consent set address_key = null, ip = null, confirmed_ip = null, source = ?2, columns = ?3
             where id = ?1";
        connection.execute(sql, &values)?;
    }
    Ok(())
}

/// Removes the names of imported files that quote the person, also from the suppressions of others.
fn clear_file_names(connection: &dyn Connection, identity: &Identity) -> Result<(), StoreError> {
    let sql = "select import, number, name from import_file where name <> ''";
    for mut row in connection.query(sql, &[])? {
        let place = row.int(0).zip(row.int(1)).zip(row.text(2));
        let ((import, number), name) = place.ok_or_else(|| connection.damaged())?;
        if !identity.is_in(&name) {
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

/// Replaces what identifies the person in the texts of a column.
fn redact(
    connection: &dyn Connection,
    (table, column): (&str, &str),
    identity: &Identity,
) -> Result<(), StoreError> {
    let needles: Vec<Value> = identity.needles().map(v).collect();
    let conditions: Vec<String> = (1..=needles.len())
        .map(|number| format!("replace(lower({column}), ?{number}, '') <> lower({column})"))
        .collect();
    let sql = format!(
        "select distinct {column} from {table} where {column} is not null and ({})",
        conditions.join(" or ")
    );
    for mut row in connection.query(&sql, &needles)? {
        let text = row.text(0).ok_or_else(|| connection.damaged())?;
        let sql = format!("update {table} set {column} = ?2 where {column} = ?1");
        connection.execute(&sql, &[v(&text), v(identity.redacted(&text))])?;
    }
    Ok(())
}
