//! Trust policies, `c2sp.org/tlog-policy`: which logs, which witnesses, and how many of them must have cosigned.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::encoding::decimal_decode;
use crate::note::{KeyKind, NoteError, VerifierKey};

/// Longest policy file read.
pub const MAX_POLICY_BYTES: usize = 1 << 20;
/// Most logs of a policy (the specification recommends at least 32).
pub const MAX_LOGS: usize = 64;
/// Most witnesses of a policy (the specification recommends at least 32).
pub const MAX_WITNESSES: usize = 64;
/// Most groups of a policy (the specification recommends at least 32).
pub const MAX_GROUPS: usize = 64;

/// The predefined name in a quorum line that needs no witness.
const NO_QUORUM: &[u8] = b"none";

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
    Log(CheckpointError),
    /// A cosignature of a listed witness is forged.
    #[error("a witness's signature is forged: {0}")]
    Witness(NoteError),
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
    groups: Vec<Group>,
    /// `None` for `quorum none`.
    quorum: Option<Member>,
}

/// A group is satisfied when `threshold` of its members are.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

/// A position in the policy's witnesses or groups. Groups refer to earlier groups only, so there are no circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
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
        if bytes.len() > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLong);
        }
        let mut reader = Reader::default();
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            reader.line(line).map_err(|reason| PolicyError::Line { line: number + 1, reason })?;
        }
        let quorum = reader.quorum.ok_or(PolicyError::NoQuorum)?;
        Ok(Self { logs: reader.logs, witnesses: reader.witnesses, groups: reader.groups, quorum })
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

    /// Whether the policy asks for any witness at all.
    #[must_use]
    pub const fn needs_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether a set of witnesses (`cosigned` is asked for each position in [`Policy::witnesses`]) is a quorum.
    #[must_use]
    pub fn is_quorum(&self, cosigned: impl Fn(usize) -> bool) -> bool {
        let mut satisfied: Vec<bool> = Vec::with_capacity(self.groups.len());
        let has = |member: &Member, groups: &[bool]| match *member {
            Member::Witness(index) => cosigned(index),
            Member::Group(index) => groups.get(index).copied().unwrap_or(false),
        };
        for group in &self.groups {
            let count = group.members.iter().filter(|member| has(member, &satisfied)).count();
            satisfied.push(count >= group.threshold);
        }
        self.quorum.is_none_or(|quorum| has(&quorum, &satisfied))
    }

    /// Verifies the log's signature and every cosignature of a listed witness, without asking for the quorum.
    ///
    /// # Errors
    /// [`PolicyError::Log`], [`PolicyError::Witness`].
    pub fn signatures(&self, checkpoint: &SignedCheckpoint) -> Result<Confirmed, PolicyError> {
        Ok(self.confirmed(checkpoint, &self.verified(checkpoint)?))
    }

    /// Verifies the log's signature, the cosignatures and the quorum.
    ///
    /// # Errors
    /// [`PolicyError::Log`], [`PolicyError::Witness`], [`PolicyError::Quorum`].
    pub fn confirm(&self, checkpoint: &SignedCheckpoint) -> Result<Confirmed, PolicyError> {
        let by = self.verified(checkpoint)?;
        let confirmed = self.confirmed(checkpoint, &by);
        if self.is_quorum(|witness| by.iter().any(|(index, _)| *index == witness)) {
            return Ok(confirmed);
        }
        Err(PolicyError::Quorum {
            cosigned: confirmed.cosigned.into_iter().map(|cosigned| cosigned.witness).collect(),
        })
    }

    /// Positions of the witnesses whose cosignatures hold, in policy order, with their times.
    fn verified(&self, checkpoint: &SignedCheckpoint) -> Result<Vec<(usize, u64)>, PolicyError> {
        checkpoint.verify_log(self.logs.iter().map(|log| &log.key)).map_err(PolicyError::Log)?;
        let witness_keys = self.witnesses.iter().map(|witness| &witness.key);
        let mut by = match checkpoint.note().verify(witness_keys) {
            Ok(by) => by,
            Err(NoteError::NoKnownSignature) => Vec::new(),
            Err(error) => return Err(PolicyError::Witness(error)),
        };
        by.sort_by_key(|by| by.key);
        Ok(by.into_iter().filter_map(|by| Some((by.key, by.time?))).collect())
    }

    fn confirmed(&self, checkpoint: &SignedCheckpoint, by: &[(usize, u64)]) -> Confirmed {
        let named = |(index, time): &(usize, u64)| {
            self.witnesses.get(*index).map(|witness| Cosigned { witness: witness.name.clone(), time: *time })
        };
        let origin = checkpoint.checkpoint().origin.clone();
        Confirmed { origin, cosigned: by.iter().filter_map(named).collect() }
    }
}

/// What has been read of a policy so far. Names are bytes, not Unicode, as the specification asks.
#[derive(Default)]
struct Reader {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    names: BTreeMap<Vec<u8>, Member>,
    grouped: BTreeSet<Vec<u8>>,
    quorum: Option<Option<Member>>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        if let Some(byte) = line.iter().find(|byte| (**byte < 0x20 && **byte != b'\t') || **byte == 0x7f) {
            return Err(format!("control character 0x{byte:02x}; only tab and newline are allowed"));
        }
        let mut words = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
        let Some(keyword) = words.next().filter(|word| !word.starts_with(b"#")) else { return Ok(()) };
        let words: Vec<&[u8]> = words.collect();
        match (keyword, words.as_slice()) {
            (b"log", [key]) => self.log(key, None),
            (b"log", [key, url]) => self.log(key, Some(url)),
            (b"log", _) => Err("write: log <vkey> [<url>]".to_owned()),
            (b"witness", [name, key]) => self.witness(name, key, None),
            (b"witness", [name, key, url]) => self.witness(name, key, Some(url)),
            (b"witness", _) => Err("write: witness <name> <vkey> [<url>]".to_owned()),
            (b"group", [name, threshold, members @ ..]) => self.group(name, threshold, members),
            (b"group", _) => Err("write: group <name> all|any|<number> <member>...".to_owned()),
            (b"quorum", [name]) => self.quorum(name),
            (b"quorum", _) => Err("write: quorum <name>, or quorum none".to_owned()),
            _ => Err(format!("unknown keyword {:?}", lossy(keyword))),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), String> {
        let key = verifier_key(key)?;
        if self.logs.len() == MAX_LOGS {
            return Err(format!("more than {MAX_LOGS} logs"));
        }
        if self.logs.iter().any(|log| log.key.public_key() == key.public_key()) {
            return Err("this log's key is listed twice".to_owned());
        }
        self.logs.push(Log { key, url: url.map(lossy) });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), String> {
        let key = verifier_key(key)?;
        if key.kind() == KeyKind::Ed25519 {
            return Err(
                "a witness needs a cosignature key (type 0x04 or 0x06), this is a log key (0x01)".to_owned()
            );
        }
        if self.witnesses.len() == MAX_WITNESSES {
            return Err(format!("more than {MAX_WITNESSES} witnesses"));
        }
        if self.witnesses.iter().any(|witness| witness.key.public_key() == key.public_key()) {
            return Err("this witness's key is listed twice".to_owned());
        }
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness { name: lossy(name), key, url: url.map(lossy) });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], members: &[&[u8]]) -> Result<(), String> {
        if self.groups.len() == MAX_GROUPS {
            return Err(format!("more than {MAX_GROUPS} groups"));
        }
        let mut resolved = Vec::with_capacity(members.len());
        for member in members {
            resolved.push(self.known(member)?);
            if !self.grouped.insert(member.to_vec()) {
                return Err(format!("{:?} is a member of a group already", lossy(member)));
            }
        }
        let threshold = match threshold {
            b"all" => resolved.len(),
            b"any" => 1,
            number => std::str::from_utf8(number)
                .ok()
                .and_then(decimal_decode)
                .and_then(|number| usize::try_from(number).ok())
                .ok_or("the threshold must be all, any or a decimal number")?,
        };
        if threshold == 0 || threshold > resolved.len() {
            return Err(format!(
                "the threshold {threshold} is not between 1 and the {} members",
                resolved.len()
            ));
        }
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { threshold, members: resolved });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("there is a quorum line already".to_owned());
        }
        self.quorum = Some(if name == NO_QUORUM { None } else { Some(self.known(name)?) });
        Ok(())
    }

    fn known(&self, name: &[u8]) -> Result<Member, String> {
        let unknown = || format!("{:?} is not the name of a witness or group on a line above", lossy(name));
        self.names.get(name).copied().ok_or_else(unknown)
    }

    fn define(&mut self, name: &[u8], member: Member) -> Result<(), String> {
        if name == NO_QUORUM {
            return Err("the name none is reserved".to_owned());
        }
        match self.names.insert(name.to_vec(), member) {
            None => Ok(()),
            Some(_) => Err(format!("the name {:?} is used twice", lossy(name))),
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn verifier_key(bytes: &[u8]) -> Result<VerifierKey, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the verifier key is not UTF-8".to_owned())?;
    VerifierKey::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
