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
}

/// Most volumes: more successions than a country will ever need, few enough to try them all.
pub const MAX_VOLUMES: u32 = 99;

/// One log of one volume. A record begins with volume 1; each succession (README) closes it and begins the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Volume {
    /// Which of the two logs.
    pub log: Log,
    /// Its number, from 1.
    pub number: u32,
}

impl Volume {
    /// Its name in URLs, folders and tables: `acts` for the first, then `acts.2`, `acts.3` ... The files below a
    /// name never change, so that a cache is right for ever.
    #[must_use]
    pub fn code(self) -> String {
        match self.number {
            0 | 1 => self.log.code().to_string(),
            number => format!("{}.{number}", self.log.code()),
        }
    }
    /// Whether the entry of this index is one that begins a successor: entry 0 of every volume but the first.
    #[must_use]
    pub const fn begins_at(self, index: u64) -> bool {
        self.number > 1 && index == 0
    }
    /// The volume of this name, and of no other spelling of it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let (log, number) = match code.split_once('.') {
            None => (code, 1),
            Some((log, number)) => (log, number.parse().ok().filter(|number| *number > 1)?),
        };
        let volume = Self { log: Log::from_code(log)?, number };
        (number <= MAX_VOLUMES && volume.code() == code).then_some(volume)
    }
    /// As [`from_code`](Self::from_code), for a column.
    pub(crate) fn from_column(code: &str) -> Result<Self, StoreError> {
        Self::from_code(code).ok_or_else(|| StoreError::Malformed {
            what: "record_entry.log".into(),
            reason: "no such log".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_has_one_name() {
        for (code, number) in [("acts", 1), ("acts.2", 2), ("access.10", 10), ("access.99", MAX_VOLUMES)] {
            let volume = Volume::from_code(code).unwrap();
            assert_eq!((volume.number, volume.code().as_str()), (number, code));
        }
        for code in [
            "", "act", "acts.", "acts.0", "acts.1", "acts.02", "acts.+2", "acts.2.3", "acts.100", "ACTS",
            ".2",
        ] {
            assert_eq!(Volume::from_code(code), None, "{code}");
        }
    }
}
