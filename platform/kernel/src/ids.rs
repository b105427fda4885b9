//! Identifiers: UUID version 7 (RFC 9562 §5.7), 16 bytes, made in the program, never by the database.

use std::fmt;
use std::str::FromStr;

/// An identifier of a row. It sorts by creation time, so it is never shown to the public as a reference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 16]);

/// The text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an identifier: expected a UUID such as 0198c2f0-5a3c-7d1e-8a00-1f2e3d4c5b6a")]
pub struct NotAnId(String);

impl Id {
    /// UUIDv7 from milliseconds since 1970 and ten random bytes.
    #[must_use]
    pub fn from_parts(millis: u64, random: [u8; 10]) -> Self {
        Self(*uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().as_bytes())
    }
    /// The identifier whose bytes these are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
    /// The identifier in a database column; `None` unless it is 16 bytes long.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
    }
}
impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl FromStr for Id {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // Only the one spelling we print: a second spelling of the same id is how checks are slipped past.
        match uuid::Uuid::try_parse(text) {
            Ok(id) if id.as_hyphenated().to_string() == text => Ok(Self(*id.as_bytes())),
            _ => Err(NotAnId(text.chars().take(60).collect())),
        }
    }
}
impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_and_order_by_time() {
        let early = Id::from_parts(1, [9; 10]);
        let late = Id::from_parts(2, [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<Id>(), Ok(early));
        assert!(early.to_string().to_uppercase().replace('-', "").parse::<Id>().is_err());
        assert!("".parse::<Id>().is_err());
        assert_eq!(Id::from_slice(&[1; 15]), None);
    }
}
