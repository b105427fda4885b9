//! What the two public logs say, byte for byte: one canonical JSON object an entry.
//!
//! An entry carries no person: no name, no token, no number, no official. The `acts` log gives the minute of
//! an act, the `access` log gives the minute of a whole batch of looks.

use daftar_kernel::Timestamp;
use daftar_store::StoreError;
use serde::{Deserialize, Serialize};
use transparency_log::Hash;
use transparency_log::canonical;
pub use transparency_log::tile::MAX_ENTRY_BYTES;

/// What kind of entry an act is, and of which version.
pub const ACT_FORMAT: &str = "daftar-act/1";
/// What kind of entry a batch of looks is, and of which version.
pub const ACCESS_FORMAT: &str = "daftar-access/1";

/// An entry of the `acts` log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActEntry {
    /// [`ACT_FORMAT`].
    pub format: String,
    /// What was done, as `service.verb`.
    pub kind: String,
    /// The service that did it.
    pub service: String,
    /// Code of the agency.
    pub agency: String,
    /// Code of the office.
    pub office: String,
    /// The minute, RFC 3339 in UTC.
    pub at: String,
    /// What everyone may know of it.
    pub public: serde_json::Value,
    /// Commitment to the rest: who did it, exactly when, and the private record.
    #[serde(with = "base64_hash")]
    pub commitment: Hash,
}

/// An entry of the `access` log: one batch of looks and the state of all persons' chains after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessEntry {
    /// [`ACCESS_FORMAT`].
    pub format: String,
    /// The minute, RFC 3339 in UTC.
    pub at: String,
    /// Number of this batch, from 1 without a gap.
    pub epoch: u64,
    /// Merkle root over the batch's commitments and its filling.
    #[serde(with = "base64_hash")]
    pub batch_root: Hash,
    /// Size of the batch with its filling: one of [`crate::chain::BATCH_SIZES`].
    pub batch_size: u64,
    /// Root of the map of persons' heads.
    #[serde(with = "base64_hash")]
    pub map_root: Hash,
    /// In a successor log, the leaf hash of its entry 0: whoever shows this batch must also show what was lost.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "base64_hash_or_none")]
    pub succession: Option<Hash>,
}

impl ActEntry {
    /// The entry's bytes.
    ///
    /// # Errors
    /// When `public` has no canonical form or the whole is larger than [`MAX_ENTRY_BYTES`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        encode(self)
    }
    /// Reads an entry; `None` unless the bytes are exactly what [`to_bytes`](Self::to_bytes) gives.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        decode(bytes).filter(|entry: &Self| entry.format == ACT_FORMAT)
    }
}

impl AccessEntry {
    /// The entry's bytes.
    ///
    /// # Errors
    /// Only for numbers beyond 2^53.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        encode(self)
    }
    /// Reads an entry; `None` unless the bytes are exactly what [`to_bytes`](Self::to_bytes) gives.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        decode(bytes).filter(|entry: &Self| entry.format == ACCESS_FORMAT)
    }
}

/// The minute a time lies in, RFC 3339 in UTC.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    Timestamp::from_seconds(at.seconds().div_euclid(60).saturating_mul(60)).to_rfc3339()
}

pub(crate) fn encode(entry: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let malformed =
        |reason: String| StoreError::Malformed { what: "entry of the public record".into(), reason };
    let value = serde_json::to_value(entry).map_err(|e| malformed(e.to_string()))?;
    let bytes = canonical::to_text(&value).map_err(|e| malformed(e.to_string()))?.into_bytes();
    if bytes.len() > MAX_ENTRY_BYTES {
        return Err(StoreError::TooLarge { what: "entry of the public record", limit: MAX_ENTRY_BYTES });
    }
    Ok(bytes)
}

pub(crate) fn decode<T: Serialize + for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
    let entry: T = serde_json::from_slice(bytes).ok()?;
    // A second spelling of the same entry would have another leaf hash.
    (encode(&entry).ok()?.as_slice() == bytes).then_some(entry)
}

/// 32 bytes as base64 text (RFC 4648 §4).
pub(crate) mod base64_hash {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(hash: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(hash))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(d)?;
        let bytes = STANDARD.decode(&text).map_err(serde::de::Error::custom)?;
        bytes.try_into().map_err(|_| serde::de::Error::custom("expected 32 bytes in base64"))
    }
}

/// As [`base64_hash`], or absent.
pub(crate) mod base64_hash_or_none {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(hash: &Option<[u8; 32]>, s: S) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => super::base64_hash::serialize(hash, s),
            None => s.serialize_none(),
        }
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<[u8; 32]>, D::Error> {
        super::base64_hash::deserialize(d).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn act(public: serde_json::Value) -> ActEntry {
        ActEntry {
            format: ACT_FORMAT.into(),
            kind: "identity.person-registered".into(),
            service: "identity".into(),
            agency: "civil-registry".into(),
            office: "north".into(),
            at: minute(Timestamp::from_seconds(1_795_775_495)),
            public,
            commitment: [3; 32],
        }
    }

    #[test]
    fn an_act_has_one_spelling() {
        let bytes = act(json!({"n": 1})).to_bytes().unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(
            text.starts_with(r#"{"agency":"civil-registry","at":"2026-11-27T10:31:00Z","commitment":"AwMD"#),
            "{text}"
        );
        assert_eq!(transparency_log::entry::Entry::parse(&bytes).unwrap().commitment, Some([3; 32]));
        assert_eq!(ActEntry::from_bytes(&bytes), Some(act(json!({"n": 1}))));
        assert_eq!(ActEntry::from_bytes(text.replace(':', ": ").as_bytes()), None);
        assert_eq!(AccessEntry::from_bytes(&bytes), None);
    }

    #[test]
    fn size_at_the_limit_and_one_past() {
        let empty = act(json!("")).to_bytes().unwrap().len();
        let room = MAX_ENTRY_BYTES - empty;
        assert_eq!(act(json!("x".repeat(room))).to_bytes().unwrap().len(), MAX_ENTRY_BYTES);
        assert!(matches!(act(json!("x".repeat(room + 1))).to_bytes(), Err(StoreError::TooLarge { .. })));
        assert!(matches!(act(json!(0.1)).to_bytes(), Err(StoreError::Malformed { .. })));
    }

    #[test]
    fn a_batch_reads_back() {
        let entry = AccessEntry {
            format: ACCESS_FORMAT.into(),
            at: minute(Timestamp(0)),
            epoch: 1,
            batch_root: [1; 32],
            batch_size: 16,
            map_root: [2; 32],
            succession: None,
        };
        let bytes = entry.to_bytes().unwrap();
        let read = transparency_log::entry::Entry::parse(&bytes).unwrap();
        assert_eq!((read.batch, read.map_root), (Some(([1; 32], 16)), Some([2; 32])));
        assert_eq!(AccessEntry::from_bytes(&bytes), Some(entry.clone()));
        let successor = AccessEntry { succession: Some([3; 32]), ..entry };
        let bytes = successor.to_bytes().unwrap();
        assert_eq!(AccessEntry::from_bytes(&bytes), Some(successor));
        assert_eq!(AccessEntry::from_bytes(b"{}"), None);
    }
}
