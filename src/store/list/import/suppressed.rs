//! The rows of people who must not be mailed: because a file says so, or because the store does.

use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::suppression::{HAS_LEFT, RANK};
use crate::store::value::{Value, v};
use crate::subscriber::import::ImportedFile;

/// Marks the rows of suppressed mailboxes, and those of people who were forgotten.
pub(super) fn mark(connection: &dyn Connection) -> Result<(), StoreError> {
    let forgotten = "select 1 from suppression where address_key is null limit 1";
    if !connection.query(forgotten, &[])?.is_empty() {
        let sql = "update staged set outcome = 'suppressed', is_forgotten = 1 where outcome is null
             and hash in (select hash from suppression where address_key is null)";
        connection.execute(sql, &[])?;
    }
    let known = "update staged set outcome = 'suppressed' where outcome is null
         and address_key in (select address_key from suppression where address_key is not null)";
    connection.execute(known, &[])?;
    let own =
        "update staged set outcome = 'suppressed' where outcome is null and reason is not null";
    connection.execute(own, &[]).map(drop)
}

/// Stores the suppressions of the files. A stricter reason replaces another, and each change is added to the history. A
/// person who was forgotten gets no address back.
pub(super) fn suppress(
    connection: &dyn Connection,
    files: &[ImportedFile],
    now: i64,
) -> Result<(), StoreError> {
    let (new, old) = (rank("staged.reason"), rank("suppression.reason"));
    let name = file_name(files);
    let history = format!(
        "insert into suppression_event (at, hash, address_key, action, reason, why)
         select cast(?1 as bigint), staged.hash,
         case when staged.is_forgotten = 1 then null else staged.address_key end, 'suppress', staged.reason,
         coalesce(staged.detail || ', ', '') || 'import of ' || {name} || ':' || staged.line
         || coalesce(', since ' || staged.suppression_at, '')
         from staged left join suppression on suppression.hash = staged.hash
         where staged.outcome = 'suppressed' and staged.reason is not null
         and (suppression.hash is null or {new} > {old}) order by staged.seq"
    );
    let names = files.iter().map(|file| v(&file.name));
    let values: Vec<Value> = [v(now)].into_iter().chain(names).collect();
    connection.execute(&history, &values)?;
    connection.execute(&departures(&name), &values)?;
    let (new, old) = (rank("excluded.reason"), rank("suppression.reason"));
    let suppressions = format!(
        "insert into suppression (hash, address_key, reason, detail, evidence, at)
         select hash, case when is_forgotten = 1 then null else address_key end, reason, detail,
         case when is_listed is null then 'import of ' || {name} || ':' || line else evidence end,
         coalesce(suppressed_since, cast(?1 as bigint))
         from staged where outcome = 'suppressed' and reason is not null order by seq
         on conflict (hash) do update set reason = excluded.reason, detail = excluded.detail,
         evidence = excluded.evidence, at = excluded.at where {new} > {old}"
    );
    connection.execute(&suppressions, &values).map(drop)
}

/// The statement that adds to the history who has left although a stricter reason counts, in the store or in the files.
fn departures(name: &str) -> String {
    let has_left = HAS_LEFT.replace(":hash", "staged.hash");
    format!(
        "insert into suppression_event (at, hash, address_key, action, reason, why)
         select cast(?1 as bigint), staged.hash,
         case when staged.is_forgotten = 1 then null else staged.address_key end, 'suppress', staged.reason,
         'import of ' || {name} || ':' || staged.line || coalesce(', since ' || staged.suppression_at, '')
         from staged where staged.reason = 'unsubscribed' and not {has_left} and staged.seq = (
         select min(seq) from staged as first where first.address_key = staged.address_key
         and first.reason = 'unsubscribed') order by staged.seq"
    )
}

/// The name of the file of a staged row. The names are parameters from `?2` on.
fn file_name(files: &[ImportedFile]) -> String {
    let names =
        (0..files.len()).map(|number| format!("when {number} then cast(?{} as text)", number + 2));
    let names: Vec<String> = names.collect();
    format!("case file {} end", names.join(" "))
}

/// How strict the reason in a column is, as a number.
fn rank(column: &str) -> String {
    RANK.replace(":reason", column)
}
