//! The two logs.

use daftar_store::StoreError;

/// One of the two public logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// Official acts, in public.
    Acts,
    /// Looks at persons' data, as commitments in batches.
    Access,
}

impl Log {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Acts, Self::Access];

    /// Its name in origins, URLs and tables.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Acts => "acts",
            Self::Access => "access",
        }
    }
    /// The log of this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|log| log.code() == code)
    }
    /// As [`from_code`](Self::from_code), for a column.
    pub(crate) fn from_column(code: &str) -> Result<Self, StoreError> {
        Self::from_code(code).ok_or_else(|| StoreError::Malformed {
            what: "record_entry.log".into(),
            reason: "no such log".into(),
        })
    }
}
