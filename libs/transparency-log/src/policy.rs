//! Trust policies, `c2sp.org/tlog-policy`: which logs, which witnesses, and how many of them must have cosigned.

use crate::checkpoint::SignedCheckpoint;
use crate::note::VerifierKey;

/// Longest policy file read.
pub const MAX_POLICY_BYTES: usize = 1 << 20;
/// Most logs of a policy (the specification recommends at least 32).
pub const MAX_LOGS: usize = 64;
/// Most witnesses of a policy (the specification recommends at least 32).
pub const MAX_WITNESSES: usize = 64;
/// Most groups of a policy (the specification recommends at least 32).
pub const MAX_GROUPS: usize = 64;

/// Why a policy file was refused, or a checkpoint under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The file is longer than [`MAX_POLICY_BYTES`].
    #[error("the policy is longer than {MAX_POLICY_BYTES} bytes")]
    TooLong,
    /// A line is wrong.
    #[error("line {line}: {reason}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// There is no quorum line.
    #[error("the policy has no quorum line; say `quorum none` to need no witness")]
    NoQuorum,
    /// The checkpoint is of a log the policy does not list, or its log signature is missing or forged.
    #[error("not signed by a log of the policy: {0}")]
    Log(crate::checkpoint::CheckpointError),
    /// A cosignature of a listed witness is forged.
    #[error("a witness's signature is forged: {0}")]
    Witness(crate::note::NoteError),
    /// Too few witnesses cosigned.
    #[error("the witnesses' quorum is not reached; cosigned by: {}", .cosigned.join(", "))]
    Quorum {
        /// Names (in the policy) of the witnesses that did cosign.
        cosigned: Vec<String>,
    },
}

/// A log the policy trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its key; the key's name is the origin.
    pub key: VerifierKey,
    /// Where it is served, if the policy says so.
    pub url: Option<String>,
}

/// A witness the policy knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its name within the policy (not its key's name).
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Its submission prefix, if the policy says so.
    pub url: Option<String>,
}

/// A parsed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
}

/// One witness's verified cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness's name in the policy.
    pub witness: String,
    /// POSIX time in seconds at which it saw this tree as the largest.
    pub time: u64,
}

/// A checkpoint that satisfies a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Origin of the log.
    pub origin: String,
    /// Verified cosignatures, by policy order. May be more than the quorum needs.
    pub cosigned: Vec<Cosigned>,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError::TooLong`], [`PolicyError::Line`], [`PolicyError::NoQuorum`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        todo!()
    }

    /// The logs.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether a set of witnesses (`cosigned` is asked for each position in [`Policy::witnesses`]) is a quorum.
    #[must_use]
    pub fn is_quorum(&self, cosigned: impl Fn(usize) -> bool) -> bool {
        todo!()
    }

    /// Verifies the log's signature and every cosignature of a listed witness, without asking for the quorum.
    ///
    /// # Errors
    /// [`PolicyError::Log`], [`PolicyError::Witness`].
    pub fn signatures(&self, checkpoint: &SignedCheckpoint) -> Result<Confirmed, PolicyError> {
        todo!()
    }

    /// Verifies the log's signature, the cosignatures and the quorum.
    ///
    /// # Errors
    /// [`PolicyError::Log`], [`PolicyError::Witness`], [`PolicyError::Quorum`].
    pub fn confirm(&self, checkpoint: &SignedCheckpoint) -> Result<Confirmed, PolicyError> {
        todo!()
    }
}
