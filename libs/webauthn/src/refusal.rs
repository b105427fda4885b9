//! Why a ceremony is refused: one reason for each step that can fail.

use thiserror::Error;

/// The step that failed. For logs and tests; people read something friendlier.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// §7.1 step 6, §7.2 step 9.
    #[error("the client data is no JSON of the right shape, or too long")]
    ClientData,
    /// §7.1 step 7, §7.2 step 10.
    #[error("the client data is of another ceremony")]
    Type,
    /// §7.1 step 8, §7.2 step 11.
    #[error("the challenge is another one")]
    Challenge,
    /// §7.1 step 9, §7.2 step 12.
    #[error("the origin is another one")]
    Origin,
    /// §7.1 steps 10 and 11, §7.2 steps 13 and 14.
    #[error("it was done in a frame of another site")]
    CrossOrigin,
    /// §6.1, §6.5.1: the authenticator data or the attestation object does not parse.
    #[error("the authenticator's data does not parse")]
    Data,
    /// §7.1 step 14, §7.2 step 16.
    #[error("the passkey is one of another site")]
    RpId,
    /// §7.1 step 15, §7.2 step 17.
    #[error("nobody touched the authenticator")]
    UserPresence,
    /// §7.1 step 16, §7.2 step 18.
    #[error("the authenticator did not ask who it is")]
    UserVerification,
    /// §7.1 steps 17 to 18, §7.2 step 19.
    #[error("a passkey that cannot be copied says it was, or changes its mind")]
    Backup,
    /// §7.1 step 20.
    #[error("the key's algorithm was not offered")]
    Algorithm,
    /// §6.5.1.1, RFC 9053 §7.
    #[error("the public key is none, or not in its one form")]
    Key,
    /// §7.1 step 22.
    #[error("the attestation is of a format that is not taken")]
    Format,
    /// §7.1 step 23.
    #[error("the attestation statement is wrong")]
    Attestation,
    /// §7.1 step 25.
    #[error("the credential's id is empty or longer than 1023 bytes")]
    CredentialId,
    /// §7.2 step 21.
    #[error("the signature is wrong")]
    Signature,
}
