//! What goes into a statement and what comes out: texts, values, rows. The same on both engines.

use crate::StoreError;
use daftar_kernel::{Id, Timestamp};

/// The text of one statement, known when the program is built. Made only with [`sql!`](crate::sql), so that a test
/// can collect every text and prepare it on both engines, and so that no input ever becomes part of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sql(&'static str);

impl Sql {
    /// For the macro [`sql!`](crate::sql) alone.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_literal(text: &'static str) -> Self {
        Self(text)
    }
    /// The text, for messages and tests.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.0
    }
}

/// One statement with `$1`, `$2` ... for its parameters: `sql!("select name from tax_office where id = $1")`.
///
/// Write one text for both engines: cast literals and nullable parameters (`cast($1 as bigint)`), cast sums
/// (`cast(sum(x) as bigint)`), and leave LIKE, JSON operators and everything of one engine alone.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::Sql::from_literal($text)
    };
}

/// The parameters of a statement in order: `&params![id, "name", now, true]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::Value::from($value)),*]
    };
}

/// One parameter. Nulls are typed, because PostgreSQL wants to know what kind of nothing it is given.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// BIGINT
    Int(Option<i64>),
    /// TEXT, which must not hold the character NUL (PostgreSQL cannot store it).
    Text(Option<String>),
    /// BYTEA on PostgreSQL, BLOB on SQLite
    Bytes(Option<Vec<u8>>),
    /// BOOLEAN on PostgreSQL, INTEGER 0 or 1 on SQLite
    Bool(Option<bool>),
}

// A value may be personal data: its debug form, which ends up in logs, names only the kind.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) | Self::Bool(None) => "null",
            Self::Int(_) => "integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Bool(_) => "boolean",
        })
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident, |$name:ident| $convert:expr;)*) => {
        $(
            impl From<$from> for Value {
                fn from($name: $from) -> Self {
                    Self::$variant(Some($convert))
                }
            }
            impl From<Option<$from>> for Value {
                fn from(value: Option<$from>) -> Self {
                    Self::$variant(value.map(|$name| $convert))
                }
            }
        )*
    };
}
value_from! {
    i64 => Int, |v| v;
    i32 => Int, |v| i64::from(v);
    u32 => Int, |v| i64::from(v);
    Timestamp => Int, |v| v.0;
    &str => Text, |v| v.to_string();
    String => Text, |v| v;
    &String => Text, |v| v.clone();
    &[u8] => Bytes, |v| v.to_vec();
    Vec<u8> => Bytes, |v| v;
    &Vec<u8> => Bytes, |v| v.clone();
    [u8; 32] => Bytes, |v| v.to_vec();
    &[u8; 32] => Bytes, |v| v.to_vec();
    Id => Bytes, |v| v.as_bytes().to_vec();
    bool => Bool, |v| v;
}

/// One cell of a row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Bool(bool),
}

impl Cell {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Bool(_) => "boolean",
        }
    }
}

/// One row of an answer, its columns numbered from 0.
#[derive(Clone)]
pub struct Row(pub(crate) Vec<Cell>);

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(Cell::kind)).finish()
    }
}

impl Row {
    /// The column's value. `T` is `i64`, `String`, `&str`, `Vec<u8>`, `&[u8]`, `[u8; 32]`, `bool`, [`Id`],
    /// [`Timestamp`], or an `Option` of one of these when the column may be null.
    ///
    /// # Errors
    /// [`StoreError::Column`] when there is no such column or it holds something else.
    pub fn get<'r, T: FromCell<'r>>(&'r self, index: usize) -> Result<T, StoreError> {
        let cell =
            self.0.get(index).ok_or(StoreError::Column { index, expected: T::EXPECTED, found: "nothing" })?;
        T::from_cell(cell).ok_or_else(|| StoreError::Column {
            index,
            expected: T::EXPECTED,
            found: cell.kind(),
        })
    }
    /// How many columns the row has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether the row has no columns.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

mod private {
    /// A cell as [`FromCell`](super::FromCell) sees it; nobody outside can name it.
    pub struct CellRef<'r>(pub(super) &'r super::Cell);
}

/// A type that [`Row::get`] can read. Sealed: the list is in its documentation.
pub trait FromCell<'r>: Sized {
    /// What the type is called in an error.
    #[doc(hidden)]
    const EXPECTED: &'static str;
    /// The value, or `None` when the cell holds something else.
    #[doc(hidden)]
    fn read(cell: private::CellRef<'r>) -> Option<Self>;
    /// Whether the cell is null, for `Option`.
    #[doc(hidden)]
    fn is_null(cell: &private::CellRef<'r>) -> bool {
        matches!(cell.0, Cell::Null)
    }
}

trait FromCellExt<'r>: FromCell<'r> {
    fn from_cell(cell: &'r Cell) -> Option<Self> {
        Self::read(private::CellRef(cell))
    }
}
impl<'r, T: FromCell<'r>> FromCellExt<'r> for T {}

macro_rules! from_cell {
    ($($type:ty, $expected:literal, $pattern:pat => $value:expr;)*) => {
        $(
            impl<'r> FromCell<'r> for $type {
                const EXPECTED: &'static str = $expected;
                fn read(cell: private::CellRef<'r>) -> Option<Self> {
                    match cell.0 {
                        $pattern => $value,
                        _ => None,
                    }
                }
            }
        )*
    };
}
from_cell! {
    i64, "integer", Cell::Int(v) => Some(*v);
    Timestamp, "integer", Cell::Int(v) => Some(Timestamp(*v));
    String, "text", Cell::Text(v) => Some(v.clone());
    &'r str, "text", Cell::Text(v) => Some(v.as_str());
    Vec<u8>, "bytes", Cell::Bytes(v) => Some(v.clone());
    &'r [u8], "bytes", Cell::Bytes(v) => Some(v.as_slice());
    [u8; 32], "32 bytes", Cell::Bytes(v) => v.as_slice().try_into().ok();
    Id, "16 bytes", Cell::Bytes(v) => Id::from_slice(v);
}
impl<'r> FromCell<'r> for bool {
    const EXPECTED: &'static str = "boolean";
    fn read(cell: private::CellRef<'r>) -> Option<Self> {
        match cell.0 {
            Cell::Bool(v) => Some(*v),
            // SQLite has no boolean type.
            Cell::Int(0) => Some(false),
            Cell::Int(1) => Some(true),
            _ => None,
        }
    }
}
impl<'r, T: FromCell<'r>> FromCell<'r> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn read(cell: private::CellRef<'r>) -> Option<Self> {
        if T::is_null(&cell) { Some(None) } else { T::read(cell).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_is_asked_for_and_nothing_else() {
        let row = Row(vec![Cell::Int(7), Cell::Null, Cell::Text("a".into()), Cell::Bytes(vec![1; 16])]);
        assert_eq!(row.get::<i64>(0).ok(), Some(7));
        assert_eq!(row.get::<Option<i64>>(1).ok(), Some(None));
        assert_eq!(row.get::<&str>(2).ok(), Some("a"));
        assert_eq!(row.get::<Id>(3).ok(), Some(Id::from_bytes([1; 16])));
        assert!(row.get::<i64>(1).is_err());
        assert!(row.get::<bool>(0).is_err());
        assert!(row.get::<[u8; 32]>(3).is_err());
        assert!(row.get::<i64>(9).is_err());
    }

    #[test]
    fn what_is_printed_of_a_value_is_only_its_kind() {
        assert_eq!(format!("{:?}", Value::from("Amina")), "text");
        assert_eq!(format!("{:?}", Row(vec![Cell::Text("Amina".into())])), "[\"text\"]");
    }
}
