//! Checkpoints, `c2sp.org/tlog-checkpoint`: a log's origin, size and root, signed.

use std::fmt;

use crate::Hash;
use crate::encoding::{base64_encode, decimal_decode, hash_decode};
use crate::merkle::sha256;
use crate::note::{Note, NoteError, SignedBy, Signer, VerifierKey};

/// Why a text is not a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not the form of a checkpoint; the text says what is wrong.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// The signed note around it is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The log signed with a name other than the origin, or the origin is another log's.
    #[error("the checkpoint's origin is {found:?}, expected {expected:?}")]
    Origin {
        /// The origin in the checkpoint.
        found: String,
        /// The origin of the trusted key.
        expected: String,
    },
}

/// The head of a log: origin, number of entries, RFC 6962 root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name such as `daftar.example/acts`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the RFC 6962 tree of that size.
    pub root: Hash,
    /// Lines after the third, kept as they are (not recommended, and never interpreted here).
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// Reads the text of a checkpoint (the note's text, without signatures).
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let body = text.strip_suffix('\n').ok_or(malformed("it must end in a newline"))?;
        let mut lines = body.split('\n');
        let origin = lines.next().unwrap_or_default();
        let size = lines.next().ok_or(malformed("the size is missing"))?;
        let root = lines.next().ok_or(malformed("the root is missing"))?;
        if origin.is_empty() {
            return Err(malformed("the origin is empty"));
        }
        let size = decimal_decode(size).ok_or(malformed("the size is not a plain decimal below 2^64"))?;
        let root = hash_decode(root).ok_or(malformed("the root is not 32 bytes in base64"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(malformed("an extension line is empty"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Signs as the log. The signer's name must be the origin.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] when the names differ; [`CheckpointError::Note`].
    pub fn sign(&self, signer: &Signer) -> Result<SignedCheckpoint, CheckpointError> {
        let key = signer.verifier_key();
        if key.name() != self.origin {
            return Err(CheckpointError::Origin {
                found: self.origin.clone(),
                expected: key.name().to_owned(),
            });
        }
        let text = self.to_string();
        let mut note = Note::new(&text)?;
        note.add(signer.sign(&text)?)?;
        Ok(SignedCheckpoint { checkpoint: Self::parse(&text)?, note })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, base64_encode(&self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint and the note that carries it: parsed, not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads the file a log serves at `<prefix>/checkpoint`.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`], [`CheckpointError::Note`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// The claims: origin, size, root.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note with all signature lines.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Adds a witness's line to the checkpoint.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`].
    pub fn add(&mut self, signature: crate::note::Signature) -> Result<(), NoteError> {
        self.note.add(signature)
    }

    /// Checks that one of the log's keys (whose name is the origin) signed, and that no line of these keys is forged.
    ///
    /// # Errors
    /// [`CheckpointError::Note`], [`CheckpointError::Origin`] when no key bears this origin.
    pub fn verify_log<'key>(
        &self,
        keys: impl IntoIterator<Item = &'key VerifierKey>,
    ) -> Result<Vec<SignedBy>, CheckpointError> {
        let keys: Vec<&VerifierKey> = keys.into_iter().collect();
        if keys.iter().all(|key| key.name() != self.checkpoint.origin) {
            let expected = keys.first().map(|key| key.name().to_owned()).unwrap_or_default();
            return Err(CheckpointError::Origin { found: self.checkpoint.origin.clone(), expected });
        }
        let by = self.note.verify(keys.iter().copied())?;
        let by: Vec<SignedBy> =
            by.into_iter().filter(|by| keys[by.key].name() == self.checkpoint.origin).collect();
        if by.is_empty() { Err(NoteError::NoKnownSignature.into()) } else { Ok(by) }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// Lower-case hexadecimal SHA-256 of an origin: the folder under which a witness serves a log's newest checkpoint.
#[must_use]
pub fn origin_hash(origin: &str) -> String {
    use std::fmt::Write as _;
    sha256(&[origin.as_bytes()]).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
