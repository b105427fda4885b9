//! What is hashed of a request, and with which key.

use super::{Approval, Vote};
use crate::office::Office;
use crate::token::sha256;
use daftar_kernel::{Id, Problem, Timestamp};

/// Fields with their lengths before them, so that no two different lists of fields are the same bytes.
fn framed(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// What is approved: everything that was asked for. Anyone can recompute it.
pub(super) fn digest_of(approval: &Approval, payload: &str) -> [u8; 32] {
    sha256(&framed(&[
        b"daftar-approval/1",
        approval.id.as_bytes(),
        approval.kind.as_bytes(),
        approval.permission.as_bytes(),
        payload.as_bytes(),
        approval.requested_by.as_bytes(),
        &approval.requested.0.to_be_bytes(),
        &approval.expires.0.to_be_bytes(),
    ]))
}

fn optional(time: Option<Timestamp>) -> Vec<u8> {
    time.map_or_else(Vec::new, |time| time.0.to_be_bytes().to_vec())
}

/// The row as we wrote it, under the key outside the database.
pub(super) fn row_seal(office: &Office, approval: &Approval, payload: &str) -> Result<[u8; 32], Problem> {
    let row = framed(&[
        &approval.digest,
        payload.as_bytes(),
        approval.requested_name.as_bytes(),
        approval.agency.as_bytes(),
        approval.office.as_bytes(),
        approval.state.word().as_bytes(),
        &optional(approval.closed),
        approval.reason.as_deref().unwrap_or_default().as_bytes(),
    ]);
    office.keyed("office-approval", &[&row])
}

/// One official's vote for one digest, under the same key.
pub(super) fn vote_seal(
    office: &Office,
    approval: Id,
    digest: &[u8; 32],
    vote: &Vote,
) -> Result<[u8; 32], Problem> {
    let row = framed(&[
        approval.as_bytes(),
        digest,
        vote.official.id.as_bytes(),
        vote.official.name.as_bytes(),
        vote.official.agency.as_bytes(),
        vote.official.office.as_bytes(),
        vote.official.role.as_bytes(),
        &vote.voted.0.to_be_bytes(),
    ]);
    office.keyed("office-vote", &[&row])
}

#[cfg(test)]
mod tests {
    use super::framed;

    #[test]
    fn no_two_lists_of_fields_are_the_same_bytes() {
        assert_ne!(framed(&[b"ab", b"c"]), framed(&[b"a", b"bc"]));
        assert_ne!(framed(&[b"", b"a"]), framed(&[b"a", b""]));
        assert_ne!(framed(&[b"a"]), framed(&[b"a", b""]));
    }
}
