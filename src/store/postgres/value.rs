//! Conversions between the values of the store and those of PostgreSQL.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::store::value::{Row, Value};

type Error = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// Reads a row. A column of an unexpected type becomes null, which is an invalid value for every column that the store reads.
pub(super) fn row(row: &tokio_postgres::Row) -> Row {
    let columns = row.columns().iter().enumerate();
    let values = columns.map(|(at, column)| match *column.type_() {
        Type::INT8 => row.get::<_, Option<i64>>(at).into(),
        Type::INT4 => row.get::<_, Option<i32>>(at).map(i64::from).into(),
        Type::TEXT => row.get::<_, Option<String>>(at).into(),
        Type::BYTEA => row
            .get::<_, Option<Vec<u8>>>(at)
            .map_or(Value::Null, Value::Bytes),
        _ => Value::Null,
    });
    Row(values.collect())
}
