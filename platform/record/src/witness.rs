//! A witness, C2SP tlog-witness: it signs only trees that extend what it has seen of a log, and keeps the
//! largest tree of each log on disk before it answers. It stands alone: its own folder, its own key, no
//! database.
//!
//! The folder holds `key` (32 bytes of seed, readable by its owner alone), `logs` (one verifier key a line,
//! `#` begins a comment; the key's name is the log's origin) and, per log, `<sha256 of the
//! origin>/checkpoint`: the newest checkpoint with the log's signature and this witness's own. It is served
//! as it is to monitors.

use crate::error::RecordError;
use crate::mark::replace;
use daftar_kernel::World;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use transparency_log::checkpoint::{SignedCheckpoint, origin_hash};
use transparency_log::cosignature::Cosigner;
use transparency_log::note::{KeyKind, MAX_NOTE_BYTES, VerifierKey};
use transparency_log::witness::{
    AddCheckpoint, Answer, Decision, Latest, TEXT_CONTENT_TYPE, cosigned_answer, decide, malformed_answer,
};

pub use transparency_log::witness::MAX_REQUEST_BYTES;

/// Longest list of logs read.
const MAX_LOGS_BYTES: u64 = 1 << 20;

/// A running witness. Share it behind an `Arc`; its functions block on the disk for a moment.
pub struct Witness {
    dir: PathBuf,
    cosigner: Cosigner,
    world: World,
    logs: BTreeMap<String, Followed>,
    /// Held as long as the witness lives: two processes on one folder could sign two histories.
    _lock: File,
}

struct Followed {
    keys: Vec<VerifierKey>,
    /// The decision, the write and the signature of one log happen one at a time.
    latest: Mutex<Option<Latest>>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("key", &self.verifier_key().to_string()).finish_non_exhaustive()
    }
}

impl Witness {
    /// Makes the folder of a new witness, with a new key, following these logs; or adds the logs to one that
    /// exists.
    ///
    /// # Errors
    /// When the folder cannot be written, or a key of the list does not read.
    pub fn init(dir: &Path, world: &World, log_keys: &[String]) -> Result<(), RecordError> {
        std::fs::create_dir_all(dir).map_err(|e| RecordError::io(format!("making {}", dir.display()), &e))?;
        let key = dir.join("key");
        if !key.exists() {
            let io = |e: &std::io::Error| RecordError::io(format!("writing {}", key.display()), e);
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key).map_err(|e| io(&e))?;
            file.write_all(&world.bytes::<32>()).and_then(|()| file.sync_all()).map_err(|e| io(&e))?;
        }
        let path = dir.join("logs");
        let mut text = if path.exists() { read_text(&path)? } else { String::new() };
        for key in log_keys {
            VerifierKey::parse(key)?;
            if !text.lines().any(|line| line.trim() == key) {
                text.push_str(key);
                text.push('\n');
            }
        }
        replace(&path, text.as_bytes())
    }

    /// Starts the witness of this folder under its name, such as `witness.university.example`.
    ///
    /// # Errors
    /// When another process holds the folder, when key or list do not read, and when a stored checkpoint is
    /// not one that this witness signed: it then cannot know what it has promised and must not go on.
    pub fn open(dir: &Path, name: &str, world: World) -> Result<Self, RecordError> {
        let lock = lock(dir)?;
        let seed = std::fs::read(dir.join("key"))
            .map_err(|e| RecordError::io(format!("reading {}", dir.join("key").display()), &e))?;
        let seed: [u8; 32] = seed.try_into().map_err(|_| RecordError::Io {
            what: format!("reading {}", dir.join("key").display()),
            reason: "it is not 32 bytes long".into(),
        })?;
        let cosigner = Cosigner::from_seed(name, &seed)?;
        let mut logs: BTreeMap<String, Followed> = BTreeMap::new();
        for key in followed_keys(&read_text(&dir.join("logs"))?)? {
            let origin = key.name().to_string();
            logs.entry(origin)
                .or_insert_with(|| Followed { keys: Vec::new(), latest: Mutex::new(None) })
                .keys
                .push(key);
        }
        for (origin, followed) in &mut logs {
            let latest = stored(dir, origin, &cosigner.verifier_key())?;
            followed.latest = Mutex::new(latest);
        }
        Ok(Self { dir: dir.to_path_buf(), cosigner, world, logs, _lock: lock })
    }

    /// The key others verify its cosignatures with; it goes into their policies.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.cosigner.verifier_key()
    }

    /// `POST <prefix>/add-checkpoint`.
    ///
    /// # Errors
    /// When the disk fails: nothing was promised then, and the answer is 500.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<Answer, RecordError> {
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(error) => return Ok(malformed_answer(&error)),
        };
        let origin = &request.checkpoint.checkpoint().origin;
        let Some(followed) = self.logs.get(origin) else {
            return Ok(refusal(&Decision::UnknownLog));
        };
        let mut latest = followed.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let next = match decide(&request, &followed.keys, *latest) {
            Decision::Cosign(next) => next,
            other => {
                if other == Decision::Inconsistent {
                    tracing::error!(origin, "the log shows another history than before");
                    self.keep_evidence(origin, body);
                }
                return Ok(refusal(&other));
            }
        };
        let time = u64::try_from(self.world.now().seconds()).unwrap_or(0);
        let signature = self.cosigner.cosign(request.checkpoint.note().text(), time)?;
        let mut stored = own_signatures_only(&request.checkpoint, &followed.keys)?;
        stored.add(signature.clone())?;
        let folder = self.dir.join(origin_hash(origin));
        std::fs::create_dir_all(&folder).map_err(|e| RecordError::io("making a log's folder", &e))?;
        // On disk before anyone hears of it: otherwise a crash now could make us sign another history later.
        replace(&folder.join("checkpoint"), stored.to_string().as_bytes())?;
        *latest = Some(next);
        Ok(cosigned_answer(&[signature]))
    }

    /// `GET <prefix>/<sha256 of the origin>/checkpoint`, for monitors: the newest cosigned checkpoint.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn latest(&self, hash: &str) -> Result<Answer, RecordError> {
        // Only the hash of a followed origin ever becomes part of a path.
        let Some(origin) = self.logs.keys().find(|origin| origin_hash(origin) == hash) else {
            return Ok(not_found());
        };
        let path = checkpoint_path(&self.dir, origin);
        if !path.exists() {
            return Ok(not_found());
        }
        Ok(Answer { status: 200, content_type: TEXT_CONTENT_TYPE, body: read_text(&path)? })
    }

    /// Origins it follows, with the size of the largest tree it cosigned.
    #[must_use]
    pub fn follows(&self) -> Vec<(String, Option<u64>)> {
        self.logs
            .iter()
            .map(|(origin, followed)| {
                let latest = followed.latest.lock().unwrap_or_else(PoisonError::into_inner);
                (origin.clone(), latest.map(|latest| latest.size))
            })
            .collect()
    }

    /// Keeps the request of a log that contradicts itself: two signatures over two histories convict it
    /// anywhere.
    fn keep_evidence(&self, origin: &str, body: &[u8]) {
        let path = self.dir.join(origin_hash(origin)).join("evidence");
        // The first contradiction is enough, and the disk must not fill with its repetitions.
        if !path.exists()
            && let Err(error) = replace(&path, body)
        {
            tracing::error!(%error, "the evidence could not be kept");
        }
    }
}

/// The checkpoint with only the lines of the log's keys: what others sent along is not ours to keep.
fn own_signatures_only(
    checkpoint: &SignedCheckpoint,
    keys: &[VerifierKey],
) -> Result<SignedCheckpoint, RecordError> {
    let mut note = transparency_log::note::Note::new(checkpoint.note().text())?;
    for signature in
        checkpoint.note().signatures().iter().filter(|line| keys.iter().any(|key| key.made(line)))
    {
        note.add(signature.clone())?;
    }
    SignedCheckpoint::parse(note.to_string().as_bytes())
        .map_err(|error| RecordError::Io { what: "a checkpoint".into(), reason: error.to_string() })
}

fn refusal(decision: &Decision) -> Answer {
    decision.refusal().unwrap_or_else(not_found)
}

fn not_found() -> Answer {
    Answer { status: 404, content_type: TEXT_CONTENT_TYPE, body: "not found\n".into() }
}

fn checkpoint_path(dir: &Path, origin: &str) -> PathBuf {
    dir.join(origin_hash(origin)).join("checkpoint")
}

fn lock(dir: &Path) -> Result<File, RecordError> {
    let path = dir.join("lock");
    let what = || format!("locking {}", path.display());
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| RecordError::io(what(), &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(RecordError::Io { what: what(), reason: "another witness runs on this folder".into() })
        }
        Err(TryLockError::Error(error)) => Err(RecordError::io(what(), &error)),
    }
}

fn read_text(path: &Path) -> Result<String, RecordError> {
    let io = |e: &std::io::Error| RecordError::io(format!("reading {}", path.display()), e);
    let mut text = String::new();
    let limit = MAX_LOGS_BYTES.max(MAX_NOTE_BYTES as u64);
    File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text)).map_err(|e| io(&e))?;
    Ok(text)
}

fn followed_keys(text: &str) -> Result<Vec<VerifierKey>, RecordError> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let keys =
        lines.filter(|line| !line.is_empty()).map(VerifierKey::parse).collect::<Result<Vec<_>, _>>()?;
    match keys.iter().find(|key| key.kind() != KeyKind::Ed25519) {
        None => Ok(keys),
        Some(key) => Err(RecordError::Io {
            what: "reading the list of logs".into(),
            reason: format!("'{}' is the key of a cosigner, not of a log", key.name()),
        }),
    }
}

/// What the witness promised about a log, from its own signature on disk.
fn stored(dir: &Path, origin: &str, own: &VerifierKey) -> Result<Option<Latest>, RecordError> {
    let path = checkpoint_path(dir, origin);
    let refuse = |reason: String| RecordError::Io { what: format!("reading {}", path.display()), reason };
    // `exists` would take a folder that cannot be read for a log never seen, and sign its history anew.
    if !path.try_exists().map_err(|e| refuse(e.to_string()))? {
        return Ok(None);
    }
    let signed = SignedCheckpoint::parse(read_text(&path)?.as_bytes()).map_err(|e| refuse(e.to_string()))?;
    signed
        .note()
        .verify(std::slice::from_ref(own))
        .map_err(|e| refuse(format!("it is not what this witness signed: {e}")))?;
    let checkpoint = signed.checkpoint();
    if checkpoint.origin != origin {
        return Err(refuse("it is the checkpoint of another log".into()));
    }
    Ok(Some(Latest { size: checkpoint.size, root: checkpoint.root }))
}
