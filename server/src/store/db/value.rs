//! What goes into a statement and what comes out of it.

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};

use crate::store::fault::StoreFault;

/// A value bound to a placeholder.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    /// SQL NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<i32> for Param<'_> {
    fn from(value: i32) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<u32> for Param<'_> {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}
impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}
impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(value) => ToSqlOutput::Owned(Value::Integer(value)),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}

/// The values of a statement, in the order of `$1…$n`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::store::Param<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::store::Param::from($value)),+] as &[$crate::store::Param<'_>] };
}

/// One row of an answer. Indexes are zero-based; every getter fails with [`StoreFault::Column`].
pub struct Row<'r> {
    inner: &'r rusqlite::Row<'r>,
}

impl<'r> Row<'r> {
    pub(super) fn new(inner: &'r rusqlite::Row<'r>) -> Self {
        Self { inner }
    }
    /// A whole number that is not NULL.
    pub fn int(&self, index: usize) -> Result<i64, StoreFault> {
        self.get(index)
    }
    /// A whole number or NULL.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, StoreFault> {
        self.get(index)
    }
    /// A flag stored as 0 or 1.
    pub fn flag(&self, index: usize) -> Result<bool, StoreFault> {
        Ok(self.int(index)? != 0)
    }
    /// Text that is not NULL.
    pub fn text(&self, index: usize) -> Result<String, StoreFault> {
        self.get(index)
    }
    /// Text or NULL.
    pub fn opt_text(&self, index: usize) -> Result<Option<String>, StoreFault> {
        self.get(index)
    }
    /// Bytes that are not NULL.
    pub fn blob(&self, index: usize) -> Result<Vec<u8>, StoreFault> {
        self.get(index)
    }
    /// Bytes or NULL.
    pub fn opt_blob(&self, index: usize) -> Result<Option<Vec<u8>>, StoreFault> {
        self.get(index)
    }
    /// Exactly `N` bytes, such as a digest.
    pub fn bytes<const N: usize>(&self, index: usize) -> Result<[u8; N], StoreFault> {
        self.get(index)
    }
    fn get<T: rusqlite::types::FromSql>(&self, index: usize) -> Result<T, StoreFault> {
        self.inner.get(index).map_err(|error| StoreFault::Column { index, source: error.into() })
    }
}
