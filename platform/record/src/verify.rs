//! `daftar log verify`: a whole log checked from outside, from its files or over HTTP, with nothing but a
//! policy.

use crate::chain::{BATCH_SIZES, map_value};
use crate::entry::{AccessEntry, ActEntry};
use crate::error::RecordError;
use crate::export::{HEADS_FILE, HEADS_FORMAT};
use crate::log::Log;
use crate::transport::{MAX_WITNESS_ANSWER_BYTES, Transport};
use daftar_kernel::hex;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use transparency_log::Hash;
use transparency_log::audit::{Audit, LogSource, Report, SourceError};
use transparency_log::map::RootBuilder;
use transparency_log::note::MAX_NOTE_BYTES;
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

/// Verifies the logs of an exported folder: `dir` itself when it holds a checkpoint, else its folders `acts`
/// and `access`. `progress` hears the place and the entries hashed so far.
///
/// # Errors
/// When a file cannot be read, or there is no log. What is wrong with a log is in its report.
pub fn verify_dir(
    dir: &Path,
    audit: &Audit,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<Vec<LogVerified>, RecordError> {
    let here = dir.join("checkpoint").exists();
    let folders =
        if here { vec![dir.to_path_buf()] } else { Log::ALL.map(|log| dir.join(log.code())).to_vec() };
    let mut verified = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.exists()) {
        let place = folder.display().to_string();
        let mut checker = Checker::default();
        let mut source = Folder { dir: folder.clone() };
        let report = checker.run(audit, &mut source, &mut |entries| progress(&place, entries))?;
        let heads = folder.join(HEADS_FILE);
        let heads = if heads.exists() { Some(checker.heads(&heads)?) } else { None };
        verified.push(LogVerified { place, report, problems: checker.problems, heads });
    }
    if verified.is_empty() {
        let reason = "there is neither a checkpoint nor a folder acts or access".into();
        return Err(RecordError::Io { what: format!("reading {}", dir.display()), reason });
    }
    Ok(verified)
}

/// Verifies both logs below a URL such as `https://registry.example.org/log`. The persons' heads are not
/// public and so not part of it. Blocks.
///
/// # Errors
/// When a log cannot be fetched. What is wrong with a log is in its report.
pub fn verify_url(
    url: &str,
    transport: &dyn Transport,
    audit: &Audit,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<Vec<LogVerified>, RecordError> {
    let mut verified = Vec::new();
    for log in Log::ALL {
        let place = format!("{}/{}", url.trim_end_matches('/'), log.code());
        let mut checker = Checker::default();
        let mut source = Remote { prefix: place.clone(), transport };
        let report = checker.run(audit, &mut source, &mut |entries| progress(&place, entries))?;
        verified.push(LogVerified { place, report, problems: checker.problems, heads: None });
    }
    Ok(verified)
}

/// Reads entries as the audit passes them.
#[derive(Default)]
struct Checker {
    problems: Vec<String>,
    /// Epoch and map root of the newest batch.
    newest: Option<(u64, Hash)>,
}

impl Checker {
    fn run(
        &mut self,
        audit: &Audit,
        source: &mut impl LogSource,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, RecordError> {
        audit
            .run(source, &mut |index, bytes| self.entry(index, bytes), progress)
            .map_err(|SourceError { what, reason }| RecordError::Io { what, reason })
    }

    fn entry(&mut self, index: u64, bytes: &[u8]) {
        if let Some(batch) = AccessEntry::from_bytes(bytes) {
            if batch.epoch != index + 1 {
                self.add(format!("entry {index}: it is batch {}, expected {}", batch.epoch, index + 1));
            }
            if !BATCH_SIZES.iter().any(|size| *size as u64 == batch.batch_size) {
                self.add(format!("entry {index}: a batch of {} is not filled up", batch.batch_size));
            }
            self.newest = Some((batch.epoch, batch.map_root));
        } else if ActEntry::from_bytes(bytes).is_none() {
            self.add(format!("entry {index}: it is neither an act nor a batch of looks"));
        }
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
