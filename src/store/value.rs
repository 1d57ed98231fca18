//! Values of columns: the types that SQLite and PostgreSQL have in common.

use std::borrow::Cow;

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

/// SQLite has no type for truth values, so they are stored as 0 and 1.
impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(truth.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

impl From<&Vec<u8>> for Value {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::Bytes(bytes.clone())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row. Each column is read once, by its number. A value is `None` if the column has another type, which happens only in a
/// damaged store.
#[derive(Debug)]
pub(super) struct Row(pub(super) Vec<Value>);

impl Row {
    pub(super) fn int(&self, column: usize) -> Option<i64> {
        match self.0.get(column)? {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn count(&self, column: usize) -> Option<u32> {
        self.int(column)
            .and_then(|number| u32::try_from(number).ok())
    }

    pub(super) fn truth(&self, column: usize) -> Option<bool> {
        self.int(column).map(|number| number != 0)
    }

    pub(super) fn text(&mut self, column: usize) -> Option<String> {
        match std::mem::replace(self.0.get_mut(column)?, Value::Null) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn bytes(&mut self, column: usize) -> Option<Vec<u8>> {
        match std::mem::replace(self.0.get_mut(column)?, Value::Null) {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// `Some(None)` for a column without a value.
    pub(super) fn maybe<T>(
        &mut self,
        column: usize,
        read: impl FnOnce(&mut Self, usize) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.0.get(column)? {
            Value::Null => Some(None),
            _ => read(self, column).map(Some),
        }
    }
}

/// `&[v(a), v(b)]` for values of several types.
pub(super) fn v(value: impl Into<Value>) -> Value {
    value.into()
}
