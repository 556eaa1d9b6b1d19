//! What goes into a statement and what comes out of it, for both engines.

use bytes::BytesMut;
use rusqlite::types::{ToSql as ToSqlite, ToSqlOutput, Value, ValueRef};
use tokio_postgres::types::{IsNull, ToSql as ToPostgres, Type, to_sql_checked};

use crate::store::fault::{Cause, StoreFault};

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

impl Param<'_> {
    /// A copy that owns what it holds.
    #[must_use]
    pub fn to_cell(self) -> Cell {
        match self {
            Self::Null => Cell::Null,
            Self::Int(value) => Cell::Int(value),
            Self::Text(value) => Cell::Text(value.to_owned()),
            Self::Blob(value) => Cell::Blob(value.to_owned()),
        }
    }

    /// Its type in PostgreSQL, said when a statement is prepared: nothing is left to be guessed. NULL has none.
    pub(super) fn postgres_type(self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Int(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Blob(_) => Type::BYTEA,
        }
    }
}

impl ToSqlite for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(value) => ToSqlOutput::Owned(Value::Integer(value)),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}

/// A value that owns what it holds: a parameter on its way, or a column of whatever type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell {
    /// SQL NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Cell {
    /// The parameter that carries it.
    #[must_use]
    pub fn param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::Null,
            Self::Int(value) => Param::Int(*value),
            Self::Text(value) => Param::Text(value),
            Self::Blob(value) => Param::Blob(value),
        }
    }
}

impl ToPostgres for Cell {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Cause> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => ToPostgres::to_sql(value, ty, out),
            Self::Text(value) => ToPostgres::to_sql(&value.as_str(), ty, out),
            Self::Blob(value) => ToPostgres::to_sql(&value.as_slice(), ty, out),
        }
    }

    /// The statement was prepared for these values (`Postgres::prepared`).
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The values of a statement, in the order of `$1…$n`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::store::Param<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::store::Param::from($value)),+] as &[$crate::store::Param<'_>] };
}

/// One row of an answer. Indexes are zero-based; every getter fails with [`StoreFault::Column`].
pub struct Row<'r> {
    inner: Inner<'r>,
}

enum Inner<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

/// A column of another type than the code expects.
#[derive(Debug, thiserror::Error)]
#[error("expected {expected}, found {found}")]
struct WrongType {
    expected: &'static str,
    found: String,
}

impl<'r> Row<'r> {
    pub(super) fn of_sqlite(inner: &'r rusqlite::Row<'r>) -> Self {
        Self { inner: Inner::Sqlite(inner) }
    }
    pub(super) fn of_postgres(inner: &'r tokio_postgres::Row) -> Self {
        Self { inner: Inner::Postgres(inner) }
    }
    /// A whole number that is not NULL.
    pub fn int(&self, index: usize) -> Result<i64, StoreFault> {
        self.needed(index, "INTEGER", self.opt_int(index)?)
    }
    /// A whole number or NULL.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, StoreFault> {
        match self.cell(index)? {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            Cell::Text(_) | Cell::Blob(_) => Err(self.wrong(index, "INTEGER")),
        }
    }
    /// A flag stored as 0 or 1.
    pub fn flag(&self, index: usize) -> Result<bool, StoreFault> {
        Ok(self.int(index)? != 0)
    }
    /// Text that is not NULL.
    pub fn text(&self, index: usize) -> Result<String, StoreFault> {
        self.needed(index, "TEXT", self.opt_text(index)?)
    }
    /// Text or NULL.
    pub fn opt_text(&self, index: usize) -> Result<Option<String>, StoreFault> {
        match self.cell(index)? {
            Cell::Null => Ok(None),
            Cell::Text(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Blob(_) => Err(self.wrong(index, "TEXT")),
        }
    }
    /// Bytes that are not NULL.
    pub fn blob(&self, index: usize) -> Result<Vec<u8>, StoreFault> {
        self.needed(index, "BLOB", self.opt_blob(index)?)
    }
    /// Bytes or NULL.
    pub fn opt_blob(&self, index: usize) -> Result<Option<Vec<u8>>, StoreFault> {
        match self.cell(index)? {
            Cell::Null => Ok(None),
            Cell::Blob(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Text(_) => Err(self.wrong(index, "BLOB")),
        }
    }
    /// Exactly `N` bytes, such as a digest.
    pub fn bytes<const N: usize>(&self, index: usize) -> Result<[u8; N], StoreFault> {
        let found = match self.inner {
            Inner::Sqlite(row) => row.get_ref(index).ok().and_then(|value| value.as_blob().ok()),
            Inner::Postgres(row) => row.try_get::<_, &[u8]>(index).ok(),
        };
        found.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| self.wrong(index, "BLOB of a fixed length"))
    }
    /// Bytes or NULL, for as long as the row is there.
    pub fn opt_blob_ref(&self, index: usize) -> Result<Option<&[u8]>, StoreFault> {
        let found = match self.inner {
            Inner::Sqlite(row) => row.get_ref(index).ok().and_then(|value| value.as_blob_or_null().ok()),
            Inner::Postgres(row) => row.try_get(index).ok(),
        };
        found.ok_or_else(|| self.wrong(index, "BLOB"))
    }
    /// Bytes that are not NULL, for as long as the row is there.
    pub fn blob_ref(&self, index: usize) -> Result<&[u8], StoreFault> {
        self.needed(index, "BLOB", self.opt_blob_ref(index)?)
    }
    /// Text or NULL, for as long as the row is there.
    pub fn opt_str(&self, index: usize) -> Result<Option<&str>, StoreFault> {
        let found = match self.inner {
            Inner::Sqlite(row) => row.get_ref(index).ok().and_then(|value| value.as_str_or_null().ok()),
            Inner::Postgres(row) => row.try_get(index).ok(),
        };
        found.ok_or_else(|| self.wrong(index, "TEXT"))
    }
    /// Text that is not NULL, for as long as the row is there.
    pub fn str(&self, index: usize) -> Result<&str, StoreFault> {
        self.needed(index, "TEXT", self.opt_str(index)?)
    }
    /// How many columns there are.
    #[must_use]
    pub fn width(&self) -> usize {
        match self.inner {
            Inner::Sqlite(row) => row.as_ref().column_count(),
            Inner::Postgres(row) => row.len(),
        }
    }
    /// A column of whatever type.
    pub fn cell(&self, index: usize) -> Result<Cell, StoreFault> {
        let found = match self.inner {
            Inner::Sqlite(row) => cell_of_sqlite(row, index),
            Inner::Postgres(row) => cell_of_postgres(row, index),
        };
        found.map_err(|source| StoreFault::Column { index, source })
    }

    fn needed<T>(&self, index: usize, expected: &'static str, found: Option<T>) -> Result<T, StoreFault> {
        found.ok_or_else(|| self.wrong(index, expected))
    }

    fn wrong(&self, index: usize, expected: &'static str) -> StoreFault {
        let found = match self.inner {
            Inner::Sqlite(row) => row.get_ref(index).map(|value| value.data_type().to_string()).unwrap_or_default(),
            Inner::Postgres(row) => row.columns().get(index).map(|it| it.type_().to_string()).unwrap_or_default(),
        };
        StoreFault::Column { index, source: WrongType { expected, found }.into() }
    }
}

fn cell_of_sqlite(row: &rusqlite::Row<'_>, index: usize) -> Result<Cell, Cause> {
    Ok(match row.get_ref(index)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Text(value) => Cell::Text(std::str::from_utf8(value)?.to_owned()),
        ValueRef::Blob(value) => Cell::Blob(value.to_owned()),
        ValueRef::Real(_) => return Err(WrongType { expected: "no REAL", found: "REAL".to_owned() }.into()),
    })
}

fn cell_of_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Cell, Cause> {
    let ty = row.columns().get(index).map(|column| column.type_().clone()).unwrap_or(Type::UNKNOWN);
    Ok(match ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Cell::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map(i64::from).map(Cell::Int),
        Type::BOOL => row.try_get::<_, Option<bool>>(index)?.map(i64::from).map(Cell::Int),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Cell::Blob),
        _ => row.try_get::<_, Option<String>>(index)?.map(Cell::Text),
    }
    .unwrap_or(Cell::Null))
}
