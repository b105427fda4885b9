//! Entry 0 of a successor log: what is known of the log it succeeds, and what was lost. Pure.

use crate::entry::{base64_hash_or_none, decode, encode};
use daftar_store::StoreError;
use serde::{Deserialize, Serialize};
use transparency_log::Hash;
use transparency_log::checkpoint::{Checkpoint, SignedCheckpoint};
use transparency_log::note::{NoteError, VerifierKey};
use transparency_log::policy::Policy;

/// What kind of entry a succession is, and of which version.
pub const SUCCESSION_FORMAT: &str = "daftar-succession/1";
/// Kind of the act that is entry 1 of a successor's `acts` log: who began it, and why.
pub const SUCCEEDED: &str = "record.succeeded";

/// Why a log has a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// It was frozen: its database is not the one whose trees were published.
    Frozen,
    /// It was ended on purpose.
    Ended,
}

/// Entry 0 of each log of a successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessionEntry {
    /// [`SUCCESSION_FORMAT`].
    pub format: String,
    /// The minute of the succession, RFC 3339 in UTC.
    pub at: String,
    /// Why there is one.
    pub cause: Cause,
    /// What froze the log, in the words of the program; empty when it was ended on purpose.
    pub found: String,
    /// Origin of the log that is succeeded.
    pub origin: String,
    /// The key with which its checkpoints verify.
    pub key: String,
    /// Checkpoints of it as others hold them: first the largest that a witness holds, then every other tree.
    pub seen: Vec<String>,
    /// Entries in the largest of them.
    pub seen_size: u64,
    /// The newest checkpoint in this database; empty when it holds none.
    pub local: String,
    /// Entries in it.
    pub local_size: u64,
    /// The minute it was signed, RFC 3339 in UTC; empty when there is none.
    pub local_at: String,
    /// Entries that others have seen and this database does not hold.
    pub missing: u64,
    /// Whether the trees differ even where both have entries: then not only the last ones may be others.
    pub forked: bool,
    /// Number of the last batch of looks in this database; 0 in the `acts` log.
    pub epoch: u64,
    /// When the log that is succeeded was a successor itself: the leaf hash of its own entry 0.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "base64_hash_or_none")]
    pub before: Option<Hash>,
}

impl SuccessionEntry {
    /// The entry's bytes.
    ///
    /// # Errors
    /// When it is larger than [`MAX_ENTRY_BYTES`](crate::entry::MAX_ENTRY_BYTES).
    pub fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        encode(self)
    }
    /// Reads an entry; `None` unless the bytes are exactly what [`to_bytes`](Self::to_bytes) gives.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        decode(bytes).filter(|entry: &Self| entry.format == SUCCESSION_FORMAT)
    }

    /// What is wrong with it: numbers that do not follow from the checkpoints, checkpoints that the log or its witnesses
    /// did not sign, and entries that `seen` proves and it does not admit. `policy` names the witnesses; when it is the
    /// policy of the succeeded log (`is_old`), also its key.
    #[must_use]
    pub fn check(&self, policy: &Policy, is_old: bool, seen: &[SignedCheckpoint]) -> Vec<String> {
        let mut problems = Vec::new();
        let key = VerifierKey::parse(&self.key).ok().filter(|key| key.name() == self.origin);
        let Some(key) = key else { return vec!["its key is none of the succeeded log".into()] };
        if is_old && !policy.logs().iter().any(|log| log.key == key) {
            problems.push("its key is not the one in the succeeded log's policy".into());
        }
        let (mut largest, mut witnessed) = (0, false);
        for text in &self.seen {
            match checked(text, &key, policy) {
                Ok((tree, by_witness)) => {
                    largest = largest.max(tree.size);
                    witnessed |= by_witness;
                    self.check_fork(&tree, &mut problems);
                }
                Err(reason) => problems.push(format!("a checkpoint it shows does not verify: {reason}")),
            }
        }
        let local = match self.local.as_str() {
            "" => Ok(0),
            text => checked(text, &key, policy).map(|(tree, _)| tree.size),
        };
        match local {
            Ok(size) if size == self.local_size => {}
            Ok(size) => {
                problems.push(format!("its own tree has {size} entries, it says {}", self.local_size))
            }
            Err(reason) => problems.push(format!("its own checkpoint does not verify: {reason}")),
        }
        if largest != self.seen_size || self.missing != largest.saturating_sub(self.local_size) {
            problems.push(format!("it does not say what is missing of the {largest} entries it shows"));
        }
        if policy.needs_witnesses() && !witnessed {
            problems.push("no witness of the policy has cosigned a tree it shows".into());
        }
        for tree in seen.iter().filter(|seen| seen.verify_log([&key]).is_ok()) {
            let size = tree.checkpoint().size;
            if size > self.seen_size.max(self.local_size) {
                problems.push(format!("it hides entries: a checkpoint of {size} entries is known"));
            }
        }
        problems
    }

    fn check_fork(&self, tree: &Checkpoint, problems: &mut Vec<String>) {
        let own = SignedCheckpoint::parse(self.local.as_bytes()).ok();
        let other =
            own.is_some_and(|own| own.checkpoint().size == tree.size && own.checkpoint().root != tree.root);
        if other && !self.forked {
            problems.push(format!("it hides that there are two trees of {} entries", tree.size));
        }
    }
}

/// The tree of a checkpoint that this key signed, and whether a witness of the policy cosigned it.
fn checked(text: &str, key: &VerifierKey, policy: &Policy) -> Result<(Checkpoint, bool), String> {
    let signed = SignedCheckpoint::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    signed.verify_log([key]).map_err(|error| error.to_string())?;
    let by = match signed.note().verify(policy.witnesses().iter().map(|witness| &witness.key)) {
        Ok(by) => !by.is_empty(),
        Err(NoteError::NoKnownSignature) => false,
        Err(error) => return Err(error.to_string()),
    };
    Ok((signed.checkpoint().clone(), by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use transparency_log::cosignature::Cosigner;
    use transparency_log::note::Signer;

    const ORIGIN: &str = "old.example/acts";

    fn log() -> Signer {
        Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
    }

    fn note(size: u64, root: u8, cosigned: bool) -> String {
        let mut note = Checkpoint::new(ORIGIN, size, [root; 32]).sign(&log()).unwrap();
        if cosigned {
            let witness = Cosigner::from_seed("w.example", &[2; 32]).unwrap();
            let line = witness.cosign(note.note().text(), 1_800_000_000).unwrap();
            note.add(line).unwrap();
        }
        note.to_string()
    }

    fn policy(log_key: &Signer) -> Policy {
        let witness = Cosigner::from_seed("w.example", &[2; 32]).unwrap().verifier_key();
        let text = format!("log {}\nwitness w {witness}\nquorum w\n", log_key.verifier_key());
        Policy::parse(text.as_bytes()).unwrap()
    }

    fn entry() -> SuccessionEntry {
        SuccessionEntry {
            format: SUCCESSION_FORMAT.into(),
            at: "2026-11-28T10:00:00Z".into(),
            cause: Cause::Frozen,
            found: "the witness 'w' holds a tree of 9 entries".into(),
            origin: ORIGIN.into(),
            key: log().verifier_key().to_string(),
            seen: vec![note(9, 9, true)],
            seen_size: 9,
            local: note(5, 5, false),
            local_size: 5,
            local_at: "2026-11-28T09:00:00Z".into(),
            missing: 4,
            forked: false,
            epoch: 0,
            before: None,
        }
    }

    fn problems(change: impl FnOnce(&mut SuccessionEntry)) -> String {
        let mut entry = entry();
        change(&mut entry);
        assert_eq!(SuccessionEntry::from_bytes(&entry.to_bytes().unwrap()), Some(entry.clone()));
        entry.check(&policy(&log()), true, &[]).join("; ")
    }

    #[test]
    fn an_honest_one_has_no_problem() {
        assert_eq!(problems(|_| {}), "");
        assert_eq!(problems(|e| (e.local, e.local_size, e.missing) = (String::new(), 0, 9)), "");
        let of_new = policy(&Signer::from_seed("new.example/acts", &[7; 32]).unwrap());
        assert_eq!(entry().check(&of_new, false, &[]), Vec::<String>::new());
        assert_eq!(entry().check(&of_new, true, &[]).len(), 1, "the old policy names the old key");
    }

    #[test]
    fn every_lie_is_found() {
        let finds = |text: &str, change: fn(&mut SuccessionEntry)| {
            let found = problems(change);
            assert!(found.contains(text), "{text}: {found}");
        };
        finds("what is missing", |e| e.missing = 3);
        finds("what is missing", |e| e.seen_size = 10);
        finds("what is missing", |e| (e.seen_size, e.missing) = (5, 0));
        finds("its own tree has 5", |e| (e.local_size, e.missing) = (9, 0));
        finds("no witness", |e| (e.seen, e.seen_size, e.missing) = (Vec::new(), 0, 0));
        finds("no witness", |e| e.seen = vec![note(9, 9, false)]);
        finds("two trees of 5", |e| e.seen.push(note(5, 6, true)));
        finds("does not verify", |e| e.seen.push(note(9, 9, true).replace("\n9\n", "\n8\n")));
        finds("own checkpoint", |e| e.local = e.local.replace("\n5\n", "\n6\n"));
        finds("none of the succeeded", |e| e.origin = "other.example/acts".into());
        finds("none of the succeeded", |e| e.key = "x".into());
        finds("not the one in", |e| {
            e.key = Signer::from_seed(ORIGIN, &[3; 32]).unwrap().verifier_key().to_string();
        });
    }

    #[test]
    fn what_others_hold_shows_what_it_hides() {
        let older = SuccessionEntry { seen: vec![note(7, 7, true)], seen_size: 7, missing: 2, ..entry() };
        assert_eq!(older.check(&policy(&log()), true, &[]), Vec::<String>::new(), "nobody could know");
        let seen = SignedCheckpoint::parse(note(9, 9, true).as_bytes()).unwrap();
        let found = older.check(&policy(&log()), true, std::slice::from_ref(&seen)).join("; ");
        assert!(found.contains("hides entries: a checkpoint of 9"), "{found}");
        assert!(entry().check(&policy(&log()), true, &[seen]).is_empty());
    }
}
