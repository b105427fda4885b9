//! The witness protocol, `c2sp.org/tlog-witness`: the request, the witness's pure decision, the client's reading of
//! answers.

use crate::Hash;
use crate::checkpoint::SignedCheckpoint;
use crate::encoding::{base64_encode, decimal_decode, hash_decode};
use crate::merkle::{EMPTY_ROOT, verify_consistency};
use crate::note::{MAX_NOTE_BYTES, MAX_SIGNATURES, Signature, VerifierKey};

/// Most consistency proof lines a request may hold.
pub const MAX_PROOF_LINES: usize = 63;
/// Longest request body read: the proof and a note of full length.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 64 * 64;
/// Media type of the body of a 409 answer.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";
/// Characters of an answer repeated to an operator.
const MAX_QUOTED_CHARS: usize = 200;
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
        if body.len() > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLong);
        }
        let malformed = RequestError::Malformed;
        let split = body
            .windows(2)
            .position(|pair| pair == b"\n\n")
            .ok_or(malformed("there is no empty line before the checkpoint"))?;
        let (head, checkpoint) = (&body[..split], &body[split + 2..]);
        let head = std::str::from_utf8(head).map_err(|_| malformed("it is not UTF-8"))?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal_decode)
            .ok_or(malformed("the first line must be `old` and a plain decimal"))?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF_LINES {
                return Err(RequestError::TooManyHashes);
            }
            proof.push(hash_decode(line).ok_or(malformed("a proof line is not 32 bytes in base64"))?);
        }
        Ok(Self { old_size, proof, checkpoint: SignedCheckpoint::parse(checkpoint)? })
    }

    /// The request body.
    #[must_use]
    pub fn to_body(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| base64_encode(hash) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.checkpoint)
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
    let checkpoint = request.checkpoint.checkpoint();
    let (old_size, new) = (request.old_size, Latest { size: checkpoint.size, root: checkpoint.root });
    if log_keys.is_empty() {
        return Decision::UnknownLog;
    }
    if request.checkpoint.note().verify(log_keys).is_err() {
        return Decision::Forbidden;
    }
    if old_size > new.size {
        return Decision::OldSizeLarger;
    }
    let latest = latest.unwrap_or(Latest { size: 0, root: EMPTY_ROOT });
    if old_size != latest.size {
        return Decision::Conflict { size: latest.size };
    }
    let empty_is_empty = new.size > 0 || new.root == EMPTY_ROOT;
    let grows_from_latest = if old_size == 0 {
        request.proof.is_empty()
    } else {
        verify_consistency(old_size, new.size, &latest.root, &request.proof, &new.root).is_ok()
    };
    if empty_is_empty && grows_from_latest { Decision::Cosign(new) } else { Decision::Inconsistent }
}

impl Decision {
    /// The answer for a refusal; `None` for [`Decision::Cosign`], which needs the signature: [`cosigned_answer`].
    #[must_use]
    pub fn refusal(&self) -> Option<Answer> {
        let (status, body) = match self {
            Self::Cosign(_) => return None,
            Self::OldSizeLarger => (400, "the old size is larger than the checkpoint\n".to_owned()),
            Self::Forbidden => (403, "no valid signature by a key of this log, or a forged one\n".to_owned()),
            Self::UnknownLog => (404, "this witness does not know the log\n".to_owned()),
            Self::Conflict { size } => (409, format!("{size}\n")),
            Self::Inconsistent => {
                (422, "the checkpoint is not consistent with the one cosigned last\n".to_owned())
            }
        };
        let content_type = if status == 409 { SIZE_CONTENT_TYPE } else { TEXT_CONTENT_TYPE };
        Some(Answer { status, content_type, body })
    }
}

/// The answer to a malformed request: 400.
#[must_use]
pub fn malformed_answer(error: &RequestError) -> Answer {
    Answer { status: 400, content_type: TEXT_CONTENT_TYPE, body: format!("{error}\n") }
}

/// The answer 200 with cosignature lines.
#[must_use]
pub fn cosigned_answer(cosignatures: &[Signature]) -> Answer {
    let body = cosignatures.iter().map(|line| format!("{line}\n")).collect();
    Answer { status: 200, content_type: TEXT_CONTENT_TYPE, body }
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
    let Some(text) = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_NOTE_BYTES) else {
        return Outcome::Failed(format!("status {status} with a body that is too long or not UTF-8"));
    };
    match status {
        200 => read_cosignatures(request.checkpoint.note().text(), witness_keys, text),
        409 => match text.strip_suffix('\n').and_then(decimal_decode) {
            // The reference witness says 409 where the specification says 422: same size, other root.
            Some(size) if size == request.old_size => Outcome::Inconsistent,
            Some(size) => Outcome::AtSize(size),
            None => Outcome::Failed("status 409 without the size of the witness's tree".to_owned()),
        },
        422 => Outcome::Inconsistent,
        _ => {
            let says: String = text.chars().filter(|c| !c.is_control()).take(MAX_QUOTED_CHARS).collect();
            Outcome::Failed(format!("status {status}: {says}"))
        }
    }
}

fn read_cosignatures(checkpoint_text: &str, witness_keys: &[VerifierKey], body: &str) -> Outcome {
    let mut cosignatures = Vec::new();
    for line in body.lines().take(MAX_SIGNATURES) {
        let signature = match Signature::parse(line) {
            Ok(signature) => signature,
            Err(error) => return Outcome::Failed(format!("status 200 with a malformed line: {error}")),
        };
        // Lines of unknown keys must be ignored; a bad one of a known key spoils the answer.
        let Some(key) = witness_keys.iter().find(|key| key.can_verify() && key.made(&signature)) else {
            continue;
        };
        match key.verify(checkpoint_text, &signature) {
            Ok(Some(time)) if time > 0 => cosignatures.push(signature),
            Ok(_) => return Outcome::Failed(format!("the cosignature of {} has no time", key.name())),
            Err(error) => return Outcome::Failed(error.to_string()),
        }
    }
    if cosignatures.is_empty() {
        return Outcome::Failed("status 200 without a cosignature by the witness's key".to_owned());
    }
    Outcome::Cosigned(cosignatures)
}

#[cfg(test)]
mod tests;
