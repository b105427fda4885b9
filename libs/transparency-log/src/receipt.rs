//! Receipts, `daftar-receipt/1`: a log entry, the proof that it is in a witnessed log, and what opens its commitment.

use serde_json::{Map, Value, json};

use crate::Hash;
use crate::batch::BatchProof;
use crate::canonical::{self, CanonicalError, SALT_BYTES};
use crate::encoding::{base64_decode, base64_encode, hash_decode};
use crate::entry::{Entry, EntryError};
use crate::map::{self, MapError};
use crate::merkle::{MAX_PROOF_HASHES, ProofError, leaf_hash};
use crate::policy::{Cosigned, Policy};
use crate::proof::{TlogProof, TlogProofError};

/// The `format` member.
pub const FORMAT: &str = "daftar-receipt/1";
/// Longest receipt file read.
pub const MAX_RECEIPT_BYTES: usize = 4 << 20;

/// Why a receipt was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// More than [`MAX_RECEIPT_BYTES`] bytes.
    #[error("the receipt is longer than {MAX_RECEIPT_BYTES} bytes")]
    TooLong,
    /// Not the form of a receipt; the text says what is wrong.
    #[error("not a receipt: {0}")]
    Malformed(String),
    /// The entry is not in a log of the policy, or not sufficiently cosigned.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// The entry is malformed.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The commitment is not in the batch.
    #[error("the record is not in the batch that was logged: {0}")]
    Batch(ProofError),
    /// The map proof does not fit the root that was logged.
    #[error("the map proof does not fit the map that was logged: {0}")]
    Map(MapError),
    /// The record is not canonical JSON.
    #[error("the record: {0}")]
    Record(CanonicalError),
    /// The record or its salt is not what was committed.
    #[error("the record was altered: it does not fit the commitment that was logged")]
    Opening,
    /// The entry has no member for what the receipt claims; the text says which.
    #[error("the log entry holds no {0}")]
    NotInEntry(&'static str),
}

/// What opens a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The record, canonical JSON text.
    pub record: String,
    /// The salt.
    pub salt: [u8; SALT_BYTES],
}

/// A commitment's place in the batch whose root is in the log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPart {
    /// The commitment.
    pub commitment: Hash,
    /// Its place.
    pub proof: BatchProof,
}

/// A key's value (or absence) in the map whose root is in the log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapPart {
    /// The key.
    pub key: Hash,
    /// The proof.
    pub proof: map::Proof,
}

/// A receipt. At most one of `batch` and `map` is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's bytes as they are in the log.
    pub log_entry: Vec<u8>,
    /// Where it is in the log, and the cosigned checkpoint.
    pub proof: TlogProof,
    /// The private record and its salt, if the holder may see it.
    pub opening: Option<Opening>,
    /// For a record logged in a batch.
    pub batch: Option<BatchPart>,
    /// For a statement about the map.
    pub map: Option<MapPart>,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Origin of the log.
    pub origin: String,
    /// Number of the entry in the log.
    pub index: u64,
    /// Entries of the cosigned tree.
    pub size: u64,
    /// Root of the cosigned tree.
    pub root: Hash,
    /// Witnesses and when each cosigned.
    pub cosigned: Vec<Cosigned>,
    /// The entry.
    pub entry: Entry,
    /// The private record that was committed (only when the receipt opens it).
    pub record: Option<Value>,
    /// For a map part: the key and its value, or that it has none.
    pub map: Option<(Hash, Option<Hash>)>,
}

impl Receipt {
    /// Reads a `.receipt.json` file. Members it does not know are refused: a later format has another name.
    ///
    /// # Errors
    /// [`ReceiptError::TooLong`], [`ReceiptError::Malformed`], [`ReceiptError::Proof`] for a malformed proof.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::TooLong);
        }
        let json: Value = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        let file =
            Members::of(&json, "the receipt", &["batch", "format", "log_entry", "map", "opening", "proof"])?;
        if file.text("format")? != FORMAT {
            return Err(malformed(format!("its format is not {FORMAT}")));
        }
        let receipt = Self {
            log_entry: file.bytes("log_entry")?,
            proof: TlogProof::parse(file.text("proof")?.as_bytes())?,
            opening: file.part("opening").map(Opening::read).transpose()?,
            batch: file.part("batch").map(BatchPart::read).transpose()?,
            map: file.part("map").map(MapPart::read).transpose()?,
        };
        if receipt.batch.is_some() && receipt.map.is_some() {
            return Err(malformed("it has both a batch and a map part"));
        }
        Ok(receipt)
    }

    /// The file's text, ending in a newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Members in alphabetical order, so that the text does not depend on how the JSON library keeps them.
        let file = json!({
            "batch": self.batch.as_ref().map(BatchPart::write),
            "format": FORMAT,
            "log_entry": base64_encode(&self.log_entry),
            "map": self.map.as_ref().map(MapPart::write),
            "opening": self.opening.as_ref().map(Opening::write),
            "proof": self.proof.to_string(),
        });
        format!("{file:#}\n")
    }

    /// Verifies everything with nothing but the policy.
    ///
    /// # Errors
    /// [`ReceiptError`] of every kind.
    pub fn verify(&self, policy: &Policy) -> Result<Verified, ReceiptError> {
        let confirmed = self.proof.verify(&leaf_hash(&self.log_entry), policy)?;
        let entry = Entry::parse(&self.log_entry)?;
        let map = self.map.as_ref().map(|part| part.verify(&entry)).transpose()?;
        let commitment = match (&self.batch, &map) {
            (Some(batch), _) => Some(batch.verify(&entry)?),
            (None, Some((_, value))) => *value,
            (None, None) => entry.commitment,
        };
        let record = self.opening.as_ref().map(|opening| opening.verify(commitment)).transpose()?;
        let checkpoint = self.proof.checkpoint.checkpoint();
        Ok(Verified {
            origin: confirmed.origin,
            index: self.proof.index,
            size: checkpoint.size,
            root: checkpoint.root,
            cosigned: confirmed.cosigned,
            entry,
            record,
            map,
        })
    }
}

impl Opening {
    fn read(json: &Value) -> Result<Self, ReceiptError> {
        let members = Members::of(json, "opening", &["record", "salt"])?;
        Ok(Self { record: members.text("record")?.to_owned(), salt: members.hash("salt")? })
    }

    fn write(&self) -> Value {
        json!({"record": self.record, "salt": base64_encode(&self.salt)})
    }

    fn verify(&self, commitment: Option<Hash>) -> Result<Value, ReceiptError> {
        let commitment = commitment.ok_or(ReceiptError::NotInEntry("commitment to a record"))?;
        let record = canonical::parse(self.record.as_bytes()).map_err(ReceiptError::Record)?;
        if canonical::commit(&self.salt, self.record.as_bytes()) == commitment {
            Ok(record)
        } else {
            Err(ReceiptError::Opening)
        }
    }
}

impl BatchPart {
    fn read(json: &Value) -> Result<Self, ReceiptError> {
        let members = Members::of(json, "batch", &["commitment", "hashes", "index", "size"])?;
        let proof = BatchProof {
            index: members.number("index")?,
            size: members.number("size")?,
            hashes: members.hashes("hashes", MAX_PROOF_HASHES)?,
        };
        Ok(Self { commitment: members.hash("commitment")?, proof })
    }

    fn write(&self) -> Value {
        json!({
            "commitment": base64_encode(&self.commitment),
            "hashes": base64_list(&self.proof.hashes),
            "index": self.proof.index,
            "size": self.proof.size,
        })
    }

    fn verify(&self, entry: &Entry) -> Result<Hash, ReceiptError> {
        let (root, size) = entry.batch.ok_or(ReceiptError::NotInEntry("batch of commitments"))?;
        if size != self.proof.size {
            let found = self.proof.size;
            return Err(ReceiptError::Batch(ProofError::Range { start: self.proof.index, end: found, size }));
        }
        self.proof.verify(&self.commitment, &root).map_err(ReceiptError::Batch)?;
        Ok(self.commitment)
    }
}

impl MapPart {
    fn read(json: &Value) -> Result<Self, ReceiptError> {
        let members = Members::of(json, "map", &["key", "leaf", "siblings"])?;
        let end = match members.part("leaf") {
            None => map::Slot::Empty,
            Some(leaf) => {
                let leaf = Members::of(leaf, "map leaf", &["key", "value"])?;
                map::Slot::Leaf { key: leaf.hash("key")?, value: leaf.hash("value")? }
            }
        };
        let siblings = members.hashes("siblings", map::KEY_BITS)?;
        Ok(Self { key: members.hash("key")?, proof: map::Proof { siblings, end } })
    }

    fn write(&self) -> Value {
        let leaf = match &self.proof.end {
            map::Slot::Leaf { key, value } => {
                json!({"key": base64_encode(key), "value": base64_encode(value)})
            }
            // A proof never ends at a branch; a receipt made with such a proof does not verify.
            map::Slot::Empty | map::Slot::Branch(_) => Value::Null,
        };
        json!({"key": base64_encode(&self.key), "leaf": leaf, "siblings": base64_list(&self.proof.siblings)})
    }

    fn verify(&self, entry: &Entry) -> Result<(Hash, Option<Hash>), ReceiptError> {
        let root = entry.map_root.ok_or(ReceiptError::NotInEntry("map root"))?;
        let value = self.proof.verify(&self.key, &root).map_err(ReceiptError::Map)?;
        Ok((self.key, value))
    }
}

fn malformed(reason: impl Into<String>) -> ReceiptError {
    ReceiptError::Malformed(reason.into())
}

fn base64_list(hashes: &[Hash]) -> Value {
    hashes.iter().map(|hash| Value::from(base64_encode(hash))).collect()
}

/// A JSON object being read strictly: every member known, every member of its form.
struct Members<'json> {
    name: &'static str,
    object: &'json Map<String, Value>,
}

impl<'json> Members<'json> {
    fn of(json: &'json Value, name: &'static str, known: &[&str]) -> Result<Self, ReceiptError> {
        let object = json.as_object().ok_or_else(|| malformed(format!("{name} is not an object")))?;
        match object.keys().find(|member| !known.contains(&member.as_str())) {
            Some(unknown) => Err(malformed(format!("{name} has an unknown member {unknown:?}"))),
            None => Ok(Self { name, object }),
        }
    }

    fn wrong(&self, member: &str, expected: &str) -> ReceiptError {
        malformed(format!("{member} of {} is not {expected}", self.name))
    }

    /// A member that may be absent or null.
    fn part(&self, member: &str) -> Option<&'json Value> {
        self.object.get(member).filter(|value| !value.is_null())
    }

    fn text(&self, member: &str) -> Result<&'json str, ReceiptError> {
        self.part(member).and_then(Value::as_str).ok_or_else(|| self.wrong(member, "a text"))
    }

    fn number(&self, member: &str) -> Result<u64, ReceiptError> {
        self.part(member).and_then(Value::as_u64).ok_or_else(|| self.wrong(member, "a whole number"))
    }

    fn bytes(&self, member: &str) -> Result<Vec<u8>, ReceiptError> {
        base64_decode(self.text(member)?).ok_or_else(|| self.wrong(member, "base64"))
    }

    fn hash(&self, member: &str) -> Result<Hash, ReceiptError> {
        hash_decode(self.text(member)?).ok_or_else(|| self.wrong(member, "32 bytes in base64"))
    }

    fn hashes(&self, member: &str, most: usize) -> Result<Vec<Hash>, ReceiptError> {
        let wrong = || self.wrong(member, "a list of 32 bytes in base64");
        let items = self
            .part(member)
            .and_then(Value::as_array)
            .filter(|items| items.len() <= most)
            .ok_or_else(wrong)?;
        items.iter().map(|item| item.as_str().and_then(hash_decode).ok_or_else(wrong)).collect()
    }
}

#[cfg(test)]
mod tests;
