//! `daftar log verify`: a whole log checked from outside, from its files or over HTTP, with nothing but a
//! policy.

use crate::chain::{BATCH_SIZES, map_value};
use crate::entry::{AccessEntry, ActEntry};
use crate::error::RecordError;
use crate::export::{HEADS_FILE, HEADS_FORMAT};
use crate::log::{Log, MAX_VOLUMES, Volume};
use crate::succession_entry::{SUCCEEDED, SuccessionEntry};
use crate::transport::{MAX_WITNESS_ANSWER_BYTES, Transport};
use daftar_kernel::hex;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use transparency_log::Hash;
use transparency_log::audit::{Audit, LogSource, Report, SourceError};
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::map::RootBuilder;
use transparency_log::merkle::leaf_hash;
use transparency_log::note::MAX_NOTE_BYTES;
use transparency_log::policy::Policy;
use transparency_log::tile::{Bundle, FULL_WIDTH, HASH_BYTES, MAX_BUNDLE_BYTES, Tile};

/// Most problems with entries listed for a log.
pub const MAX_PROBLEMS: usize = 1000;
/// Longest line of a list of heads.
const MAX_HEADS_LINE_BYTES: u64 = 256;

/// What came of verifying one log.
#[derive(Clone, Debug)]
pub struct LogVerified {
    /// Where it was found: a folder or a URL.
    pub place: String,
    /// Signatures, tree, tiles and entries against each other.
    pub report: Report,
    /// What is wrong with entries or heads although the tree holds them.
    pub problems: Vec<String>,
    /// What the log says of the one it succeeds; `None` for a log that succeeds none.
    pub succession: Option<SuccessionEntry>,
    /// Persons whose heads led to the logged map root; `None` when no list of heads was there to check.
    pub heads: Option<u64>,
}

impl LogVerified {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.report.is_clean() && self.problems.is_empty()
    }
}

/// What to verify a log against, beside the files.
#[derive(Clone, Debug)]
pub struct Against {
    /// Trusted logs, witnesses and quorum.
    pub policy: Policy,
    /// For a successor: the policy of the log it succeeds. Without it, entry 0 is held against the witnesses of `policy`.
    pub before: Option<Policy>,
    /// Checkpoints seen earlier, of this log or of the one it succeeds: neither may hold less.
    pub seen: Vec<SignedCheckpoint>,
}

impl From<Policy> for Against {
    fn from(policy: Policy) -> Self {
        Self { policy, before: None, seen: Vec::new() }
    }
}

/// Verifies the logs of an exported folder: `dir` itself when it holds a checkpoint, else its folders `acts`
/// and `access` or those of a successor: the ones whose origins the policy names. `progress` hears the place and the
/// entries hashed so far.
///
/// # Errors
/// When a file cannot be read, or there is no log. What is wrong with a log is in its report.
pub fn verify_dir(
    dir: &Path,
    against: &Against,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<Vec<LogVerified>, RecordError> {
    let mut verified = Vec::new();
    if dir.join("checkpoint").exists() {
        verified.push(verify_folder(dir, against, progress)?);
    } else {
        for log in Log::ALL {
            let volumes = (1..=MAX_VOLUMES).map(|number| dir.join(Volume { log, number }.code()));
            let mut folders = Vec::new();
            for folder in volumes.filter(|folder| folder.exists()) {
                let named = is_named(&mut Folder { dir: folder.clone() }, against)?;
                folders.push((folder, named));
            }
            for folder in meant(folders) {
                verified.push(verify_folder(&folder, against, progress)?);
            }
        }
    }
    if verified.is_empty() {
        let reason = "there is neither a checkpoint nor a folder acts or access".into();
        return Err(RecordError::Io { what: format!("reading {}", dir.display()), reason });
    }
    Ok(verified)
}

fn verify_folder(
    folder: &Path,
    against: &Against,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<LogVerified, RecordError> {
    let place = folder.display().to_string();
    let heads = folder.join(HEADS_FILE);
    let heads = heads.exists().then_some(heads);
    verify_log(place, &mut Folder { dir: folder.to_path_buf() }, heads.as_deref(), against, progress)
}

/// Verifies both logs below a URL such as `https://registry.example.org/log`: the volume whose origins the policy names.
/// The persons' heads are not public and so not part of it. Blocks.
///
/// # Errors
/// When a log cannot be fetched. What is wrong with a log is in its report.
pub fn verify_url(
    url: &str,
    transport: &dyn Transport,
    against: &Against,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<Vec<LogVerified>, RecordError> {
    let mut verified = Vec::new();
    for log in Log::ALL {
        let mut places = Vec::new();
        for number in 1..=MAX_VOLUMES {
            let prefix = format!("{}/{}", url.trim_end_matches('/'), Volume { log, number }.code());
            let mut source = Remote { prefix, transport };
            let there = source.checkpoint().map_err(unreadable)?.is_some();
            // The first may be empty and still have a successor.
            if !there && number > 1 {
                break;
            }
            let named = is_named(&mut source, against)?;
            places.push((source.prefix, named));
        }
        for prefix in meant(places) {
            let mut source = Remote { prefix: prefix.clone(), transport };
            verified.push(verify_log(prefix, &mut source, None, against, progress)?);
        }
    }
    Ok(verified)
}

/// The places whose origin the policy names; when it names none, the newest, whose report then says so.
fn meant<P>(mut places: Vec<(P, bool)>) -> Vec<P> {
    if places.iter().any(|(_, named)| *named) {
        places.retain(|(_, named)| *named);
    } else {
        places.drain(..places.len().saturating_sub(1));
    }
    places.into_iter().map(|(place, _)| place).collect()
}

/// Whether the checkpoint there bears the name of a log of the policy.
fn is_named(source: &mut impl LogSource, against: &Against) -> Result<bool, RecordError> {
    let origin = origin_of(source)?;
    Ok(against.policy.logs().iter().any(|log| Some(log.key.name()) == origin.as_deref()))
}

fn origin_of(source: &mut impl LogSource) -> Result<Option<String>, RecordError> {
    let bytes = source.checkpoint().map_err(unreadable)?.unwrap_or_default();
    Ok(SignedCheckpoint::parse(&bytes).ok().map(|signed| signed.checkpoint().origin.clone()))
}

fn unreadable(SourceError { what, reason }: SourceError) -> RecordError {
    RecordError::Io { what, reason }
}

fn verify_log(
    place: String,
    source: &mut impl LogSource,
    heads: Option<&Path>,
    against: &Against,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<LogVerified, RecordError> {
    let origin = origin_of(source)?;
    let of_this = |seen: &&SignedCheckpoint| Some(&seen.checkpoint().origin) == origin.as_ref();
    let seen = against.seen.iter().filter(of_this).cloned().collect();
    let audit = Audit { policy: against.policy.clone(), seen };
    let mut checker = Checker::default();
    let report = audit
        .run(source, &mut |index, bytes| checker.entry(index, bytes), &mut |entries| {
            progress(&place, entries)
        })
        .map_err(unreadable)?;
    if let Some((succession, _)) = &checker.succession {
        let policy = against.before.as_ref().unwrap_or(&against.policy);
        for problem in succession.check(policy, against.before.is_some(), &against.seen) {
            checker.problems.push(format!("entry 0: {problem}"));
        }
    }
    let heads = heads.map(|path| checker.heads(path)).transpose()?;
    let succession = checker.succession.map(|(entry, _)| entry);
    Ok(LogVerified { place, report, problems: checker.problems, succession, heads })
}

/// Reads entries as the audit passes them.
#[derive(Default)]
struct Checker {
    problems: Vec<String>,
    /// Entry 0 of a successor and its leaf hash.
    succession: Option<(SuccessionEntry, Hash)>,
    /// Epoch and map root of the newest batch.
    newest: Option<(u64, Hash)>,
}

impl Checker {
    fn entry(&mut self, index: u64, bytes: &[u8]) {
        if let Some(batch) = AccessEntry::from_bytes(bytes) {
            self.batch(index, &batch);
        } else if let Some(succession) = SuccessionEntry::from_bytes(bytes) {
            if index == 0 {
                self.succession = Some((succession, leaf_hash(bytes)));
            } else {
                self.add(format!("entry {index}: a succession stands only at the beginning of a log"));
            }
        } else if let Some(act) = ActEntry::from_bytes(bytes) {
            let begun = self.succession.as_ref().is_some_and(|(entry, _)| entry.origin.ends_with("/acts"));
            if begun && (index == 1) != (act.kind == SUCCEEDED) {
                self.add(format!("entry {index}: the act of the succession is entry 1, and only that"));
            }
        } else {
            self.add(format!("entry {index}: it is neither an act nor a batch of looks"));
        }
    }

    fn batch(&mut self, index: u64, batch: &AccessEntry) {
        let (expected, begun) = match &self.succession {
            Some((entry, hash)) => (entry.epoch.saturating_add(index), Some(*hash)),
            None => (index + 1, None),
        };
        if batch.epoch != expected {
            self.add(format!("entry {index}: it is batch {}, expected {expected}", batch.epoch));
        }
        if batch.succession != begun {
            self.add(format!("entry {index}: the batch does not name entry 0 of its log"));
        }
        if !BATCH_SIZES.iter().any(|size| *size as u64 == batch.batch_size) {
            self.add(format!("entry {index}: a batch of {} is not filled up", batch.batch_size));
        }
        self.newest = Some((batch.epoch, batch.map_root));
    }

    fn add(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Checks a list of heads against the newest batch's map root; gives how many persons it has.
    fn heads(&mut self, path: &Path) -> Result<u64, RecordError> {
        let io = |error: &std::io::Error| RecordError::io(format!("reading {}", path.display()), error);
        let mut reader = BufReader::new(std::fs::File::open(path).map_err(|e| io(&e))?);
        let mut line = String::new();
        let mut next = move || -> Result<Option<String>, RecordError> {
            line.clear();
            let read = (&mut reader).take(MAX_HEADS_LINE_BYTES).read_line(&mut line).map_err(|e| io(&e))?;
            // A line without its end is cut off; with the end of line left in it, it does not read.
            Ok((read > 0)
                .then(|| line.strip_suffix('\n').map_or_else(|| format!("{line}\n"), str::to_string)))
        };
        let epoch = next()?.and_then(|first| first.strip_prefix(HEADS_FORMAT)?.trim().parse::<u64>().ok());
        let Some((newest, root)) = self.newest.filter(|(newest, _)| Some(*newest) == epoch) else {
            self.add("the list of heads is not of the newest batch".into());
            return Ok(0);
        };
        let (mut builder, mut count) = (RootBuilder::new(), 0);
        while let Some(line) = next()? {
            let pushed = read_head(&line).is_some_and(|(person, value)| builder.push(person, value).is_ok());
            if !pushed {
                self.add(format!("the list of heads: line {} does not read or is out of order", count + 2));
                return Ok(count);
            }
            count += 1;
        }
        if builder.finish() != root {
            self.add(format!(
                "the list of heads does not lead to the map root of batch {newest}: a person or look was \
                 dropped or altered"
            ));
        }
        Ok(count)
    }
}

/// Pseudonym and map value out of a line `<person> <looks> <head>`.
fn read_head(line: &str) -> Option<(Hash, Hash)> {
    let mut words = line.split(' ');
    let person = hex::decode(words.next()?)?.try_into().ok()?;
    let looks = words.next()?.parse().ok()?;
    let head = hex::decode(words.next()?)?.try_into().ok()?;
    words.next().is_none().then(|| (person, map_value(looks, &head)))
}

/// A log in a folder.
struct Folder {
    dir: PathBuf,
}

impl Folder {
    fn read(&self, path: &str, limit_bytes: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let path = self.dir.join(path);
        let failed = |error: std::io::Error| SourceError {
            what: path.display().to_string(),
            reason: error.to_string(),
        };
        let file = match std::fs::File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed)?,
        };
        let mut bytes = Vec::new();
        // One byte past the limit is enough to be found too long.
        file.take(limit_bytes as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }
}

impl LogSource for Folder {
    fn checkpoint(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        self.read("checkpoint", MAX_NOTE_BYTES)
    }
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, SourceError> {
        self.read(&tile.path(), usize::from(FULL_WIDTH) * HASH_BYTES)
    }
    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, SourceError> {
        self.read(&bundle.path(), MAX_BUNDLE_BYTES)
    }
}

/// A log on a web server.
struct Remote<'t> {
    prefix: String,
    transport: &'t dyn Transport,
}

impl Remote<'_> {
    fn get(&self, path: &str, limit_bytes: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let url = format!("{}/{path}", self.prefix);
        match self.transport.get(&url, limit_bytes) {
            Ok(answer) if answer.status == 200 => Ok(Some(answer.body)),
            Ok(answer) if matches!(answer.status, 404 | 410) => Ok(None),
            Ok(answer) => Err(SourceError { what: url, reason: format!("status {}", answer.status) }),
            Err(error) => Err(SourceError { what: url, reason: error.to_string() }),
        }
    }
}

impl LogSource for Remote<'_> {
    fn checkpoint(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        self.get("checkpoint", MAX_WITNESS_ANSWER_BYTES)
    }
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, SourceError> {
        self.get(&tile.path(), usize::from(FULL_WIDTH) * HASH_BYTES)
    }
    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, SourceError> {
        self.get(&bundle.path(), MAX_BUNDLE_BYTES)
    }
}
