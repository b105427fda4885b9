//! The witness protocol, `c2sp.org/tlog-witness`: the request, the witness's pure decision, the client's reading of
//! answers.

use crate::Hash;
use crate::checkpoint::SignedCheckpoint;
use crate::note::{Signature, VerifierKey};

/// Most consistency proof lines a request may hold.
pub const MAX_PROOF_LINES: usize = 63;
/// Longest request body read: the proof and a note of full length.
pub const MAX_REQUEST_BYTES: usize = crate::note::MAX_NOTE_BYTES + 64 * 64;
/// Media type of the body of a 409 answer.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";
/// Media type of the other answers.
pub const TEXT_CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// Why a request body is malformed (answered with 400).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// More than [`MAX_REQUEST_BYTES`] bytes.
    #[error("the request is longer than {MAX_REQUEST_BYTES} bytes")]
    TooLong,
    /// More than [`MAX_PROOF_LINES`] proof lines.
    #[error("the request has more than {MAX_PROOF_LINES} proof lines")]
    TooManyHashes,
    /// Not the form of the request; the text says what is wrong.
    #[error("not an add-checkpoint request: {0}")]
    Malformed(&'static str),
    /// The checkpoint is malformed.
    #[error(transparent)]
    Checkpoint(#[from] crate::checkpoint::CheckpointError),
}

/// The body of `POST <prefix>/add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the tree the witness is believed to have cosigned last; 0 for none.
    pub old_size: u64,
    /// Consistency proof from there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed by the log.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Reads a request body.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        todo!()
    }

    /// The request body.
    #[must_use]
    pub fn to_body(&self) -> String {
        todo!()
    }
}

/// What a witness remembers of a log: the largest tree it cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// Size of the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// What a witness must do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Store the checkpoint as [`Latest`] (in the transaction that read it), then cosign and answer 200.
    Cosign(Latest),
    /// 400: the old size is larger than the checkpoint.
    OldSizeLarger,
    /// 403: no signature by a key of the log, or a forged one.
    Forbidden,
    /// 404: the witness does not know the log.
    UnknownLog,
    /// 409: the old size is not the size cosigned last, which the answer's body gives.
    Conflict {
        /// Size cosigned last; 0 for none.
        size: u64,
    },
    /// 422: the proof fails, or another root at the same size: the log forked or lied. Keep the request as evidence.
    Inconsistent,
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Media type.
    pub content_type: &'static str,
    /// Body.
    pub body: String,
}

/// Decides on a request, in the order of the specification. `log_keys`: the keys the witness trusts for the request's
/// origin (none: unknown log). `latest`: what it cosigned last for that origin.
#[must_use]
pub fn decide(request: &AddCheckpoint, log_keys: &[VerifierKey], latest: Option<Latest>) -> Decision {
    todo!()
}

impl Decision {
    /// The answer for a refusal; `None` for [`Decision::Cosign`], which needs the signature: [`cosigned_answer`].
    #[must_use]
    pub fn refusal(&self) -> Option<Answer> {
        todo!()
    }
}

/// The answer to a malformed request: 400.
#[must_use]
pub fn malformed_answer(error: &RequestError) -> Answer {
    todo!()
}

/// The answer 200 with cosignature lines.
#[must_use]
pub fn cosigned_answer(cosignatures: &[Signature]) -> Answer {
    todo!()
}

/// What a witness's answer means to the log that asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These lines verify under the witness's keys: add them to the checkpoint.
    Cosigned(Vec<Signature>),
    /// The witness is at another size: ask again with a proof from there. Larger than the log's own size means that the
    /// log lost entries (an old backup?) and must freeze.
    AtSize(u64),
    /// The witness holds another history of the same size or says the proof is wrong: freeze and investigate.
    Inconsistent,
    /// Refused or failed; the text is for an operator. Try again later.
    Failed(String),
}

/// Reads an answer to [`AddCheckpoint`]. Tolerates witnesses that answer 409 for a fork at the same size (then
/// [`Outcome::AtSize`] of the size asked becomes [`Outcome::Inconsistent`]) or 500 for a bad signature.
#[must_use]
pub fn read_answer(
    request: &AddCheckpoint,
    witness_keys: &[VerifierKey],
    status: u16,
    body: &[u8],
) -> Outcome {
    todo!()
}
