//! The shipper: copies what was committed into the archive, at least every second, and snapshots of the database now and then.

use super::archive::{Archive, PART_BYTES, Piece, PieceName, Place, Snapshot};
use super::gap;
use super::tide::Tide;
use super::wal::{self, HEADER_BYTES, Header};
use super::{Shipped, Shipping};
use crate::blobs::{BlobId, Blobs};
use crate::{StoreError, files};
use aws_lc_rs::digest::{Context, SHA256};
use daftar_kernel::{Timestamp, World, hex};
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// The longest time between two looks at the log.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long it gathers commits before it ships them, so that a busy second is one piece.
const GATHER: Duration = Duration::from_millis(500);
/// How many bytes of frames a piece has at least before another is begun.
const PIECE_BYTES: u64 = 8 * 1024 * 1024;
/// The longest commit that is shipped as it is, in bytes; a longer one goes with a snapshot of a new generation.
const COMMIT_LIMIT_BYTES: u64 = 512 * 1024 * 1024;

/// What was looked up of the log's file.
struct Log {
    header: Header,
    bytes: u64,
}

/// At work for one database; holds the database's lock for shippers until it is dropped.
pub(crate) struct Shipper {
    path: PathBuf,
    archive: Archive,
    blobs: Blobs,
    tide: Arc<Tide>,
    world: World,
    rhythm: Shipping,
    status: Arc<Mutex<Shipped>>,
    /// The generation that is written, once there is one.
    at: Option<At>,
    snapshot: Option<JoinHandle<Result<Snapshot, StoreError>>>,
    /// Gaps that were marked when this generation began.
    gaps: u64,
    _lock: File,
}

/// How far a generation has come.
struct At {
    generation: String,
    next: u64,
    /// The piece that the present era begins with.
    era_first: u64,
    /// None until the log has a header.
    place: Option<Place>,
    last_snapshot: Option<Timestamp>,
}

impl Shipper {
    /// Waits until no other program ships this database, then takes over where it stopped.
    pub(crate) async fn begin(
        path: &Path,
        archive: Archive,
        blobs: Blobs,
        tide: Arc<Tide>,
        world: World,
        rhythm: Shipping,
        status: Arc<Mutex<Shipped>>,
    ) -> Result<Self, StoreError> {
        let mut name = path.as_os_str().to_owned();
        name.push("-shipping");
        let lock = files::create_file(Path::new(&name))?;
        while lock.try_lock().is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let path = path.to_path_buf();
        let mut shipper = Self {
            path,
            archive,
            blobs,
            tide,
            world,
            rhythm,
            status,
            at: None,
            snapshot: None,
            gaps: 0,
            _lock: lock,
        };
        shipper.resume().await?;
        shipper.ship_all_blobs().await?;
        shipper.tide.set_shipping(true);
        Ok(shipper)
    }

    /// Ships until told to stop, and then what is left.
    pub(crate) async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            self.look().await;
            let news = async {
                self.tide.news.notified().await;
                // Nobody can write while the writer waits; otherwise a moment gathers more.
                if !self.tide.writer_waits() {
                    let again = async {
                        while !self.tide.writer_waits() {
                            self.tide.news.notified().await;
                        }
                    };
                    let _ = tokio::time::timeout(GATHER, again).await;
                }
            };
            tokio::select! {
                () = &mut shutdown => break,
                () = news => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        self.look().await;
        self.tide.set_shipping(false);
        if let Some(snapshot) = self.snapshot.take() {
            snapshot.abort();
            self.tide.release();
        }
    }

    /// One look: ships what is new, and remembers how that went.
    async fn look(&mut self) {
        let began = self.world.now();
        // Only who waited before this look may take it for an answer: it may have ended before their last commit.
        let asked = self.tide.writer_waits();
        let result = self.cycle().await;
        if asked {
            self.tide.shipped(result.is_ok());
        }
        if let Err(error) = &result {
            tracing::warn!(%error, "the archive could not be written; it is tried again");
        }
        self.remember(began, result.err());
        self.rhythm_of_snapshots().await;
    }

    fn remember(&self, began: Timestamp, failure: Option<StoreError>) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_none() {
            status.until = Some(began);
        }
        status.generation = self.at.as_ref().map(|at| at.generation.clone());
        status.snapshot = self.at.as_ref().and_then(|at| at.last_snapshot);
        status.place = self.at.as_ref().and_then(|at| at.place);
        status.failure = failure.map(|error| error.to_string());
    }

    async fn cycle(&mut self) -> Result<(), StoreError> {
        if self.at.is_none() || gap::marked(&self.path) > self.gaps {
            self.begin_generation();
        }
        loop {
            let Some(log) = look_at_log(&self.path)? else { return self.ship_blobs().await };
            if !self.follow_era(&log) {
                gap::mark(&self.path)?;
                self.begin_generation();
                continue;
            }
            if !self.ship_piece(&log).await? {
                return Ok(());
            }
        }
    }

    /// Takes the era of the log into account; false when what came before it was not all shipped.
    fn follow_era(&mut self, log: &Log) -> bool {
        let Some(at) = &mut self.at else { return false };
        let start = Place { salts: log.header.salts, frames: 0, checksum: log.header.checksum };
        match at.place {
            None => {
                at.era_first = at.next;
                at.place = Some(start);
            }
            Some(place) if place.salts == log.header.salts => {}
            Some(place) => {
                let next = place.salts.0.wrapping_add(1) == log.header.salts.0;
                if self.tide.era_ended(place.frames) || !next {
                    tracing::error!(
                        "the write-ahead log was emptied by another program before the archive had all of it"
                    );
                    return false;
                }
                at.era_first = at.next;
                at.place = Some(start);
            }
        }
        true
    }

    /// Ships the next commits; false when there are none.
    async fn ship_piece(&mut self, log: &Log) -> Result<bool, StoreError> {
        let Some(place) = self.at.as_ref().and_then(|at| at.place) else { return Ok(false) };
        let (path, header, bytes) = (self.path.clone(), log.header, log.bytes);
        let found = files::blocking(move || next_commits(&path, &header, bytes, place)).await?;
        // Whoever names a blob in a row has put it before: those known now cover the commits just read.
        self.ship_blobs().await?;
        let Some((frames, ends)) = found else { return Ok(false) };
        let Some(last) = ends.last().copied() else { return Ok(false) };
        let now = self.world.now();
        let commits: Vec<(u32, Timestamp)> = ends
            .iter()
            .map(|commit| {
                let end = place.frames + commit.frames;
                (end, self.tide.moment_of(end).unwrap_or(now))
            })
            .collect();
        let end = Place { frames: place.frames + last.frames, checksum: last.checksum, ..place };
        let Some(at) = &mut self.at else { return Ok(false) };
        let moment = commits.iter().map(|(_, at)| *at).max().unwrap_or(now);
        let name = PieceName { number: at.next, last: moment };
        let piece = Piece {
            page_bytes: header.page_bytes,
            from: place.frames,
            end,
            commits,
            era_first: at.era_first,
        };
        self.archive.put_piece(&at.generation, &name, &piece, &frames).await?;
        at.next += 1;
        at.place = Some(end);
        Ok(true)
    }

    fn begin_generation(&mut self) {
        if let Some(snapshot) = self.snapshot.take() {
            snapshot.abort();
            self.tide.release();
        }
        self.gaps = gap::marked(&self.path);
        let generation = self.archive.new_generation();
        tracing::info!(generation, "a new generation of the archive begins with a snapshot");
        self.at = Some(At { generation, next: 1, era_first: 1, place: None, last_snapshot: None });
    }

    /// Goes on with the newest generation, when the log is where its last piece ended.
    async fn resume(&mut self) -> Result<(), StoreError> {
        if gap::marked(&self.path) > 0 {
            return Ok(());
        }
        let Some(generation) = self.archive.generations().await?.pop() else { return Ok(()) };
        let Some(last_snapshot) = self.archive.snapshots(&generation).await?.pop() else { return Ok(()) };
        let Some(last) = self.archive.pieces(&generation).await?.pop() else { return Ok(()) };
        let (piece, _) = self.archive.piece(&generation, &last).await?;
        let Some(log) = look_at_log(&self.path)? else { return Ok(()) };
        let same_era = log.header.salts == piece.end.salts;
        let next_era = piece.end.salts.0.wrapping_add(1) == log.header.salts.0;
        let (path, end) = (self.path.clone(), piece.end);
        let there = same_era && files::blocking(move || stands_at(&path, &log.header, end)).await?;
        if there || (next_era && !same_era) {
            self.tide.resumed(&self.path, piece.end.salts, piece.end.frames)?;
            self.at = Some(At {
                generation,
                next: last.number + 1,
                era_first: piece.era_first,
                place: Some(piece.end),
                last_snapshot: Some(last_snapshot.1.at),
            });
        }
        Ok(())
    }

    async fn ship_blobs(&mut self) -> Result<(), StoreError> {
        for id in self.blobs.take_news() {
            if let Err(error) = self.ship_blob(id).await {
                self.blobs.remember(id);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn ship_blob(&self, id: BlobId) -> Result<(), StoreError> {
        match self.blobs.get(id).await {
            // Removed meanwhile.
            Err(StoreError::Missing(_)) => Ok(()),
            Ok(bytes) => self.archive.put_blob(id, &bytes).await,
            Err(error) => Err(error),
        }
    }

    /// Ships blobs that the archive lacks: what other programs put, or this one before it was stopped.
    async fn ship_all_blobs(&mut self) -> Result<(), StoreError> {
        let there: std::collections::BTreeSet<BlobId> = self.archive.blobs().await?.into_iter().collect();
        for id in self.blobs.all().await?.into_iter().filter(|id| !there.contains(id)) {
            self.ship_blob(id).await?;
        }
        Ok(())
    }

    /// Begins a snapshot when one is due, and takes note of one that is whole.
    async fn rhythm_of_snapshots(&mut self) {
        let now = self.world.now();
        if let Some(running) = self.snapshot.take_if(|running| running.is_finished()) {
            self.tide.release();
            match running.await {
                Ok(Ok(snapshot)) => {
                    tracing::info!(bytes = snapshot.bytes, "a snapshot is in the archive");
                    gap::close(&self.path, self.gaps);
                    self.gaps = 0;
                    if let Some(at) = &mut self.at {
                        at.last_snapshot = Some(snapshot.at);
                    }
                    self.look_after_archive(now).await;
                }
                Ok(Err(error)) => tracing::warn!(%error, "no snapshot could be written; it is tried again"),
                Err(error) => tracing::warn!(%error, "a snapshot was broken off"),
            }
        }
        let Some(at) = &self.at else { return };
        let every = i64::from(self.rhythm.snapshot_hours.get()) * 3600;
        let due = at.last_snapshot.is_none_or(|last| now >= last.plus_seconds(every) || now < last);
        if due && self.snapshot.is_none() && self.tide.hold() {
            let (archive, path, world) = (self.archive.clone(), self.path.clone(), self.world.clone());
            let (generation, first_piece) = (at.generation.clone(), at.era_first);
            self.snapshot = Some(tokio::spawn(copy_database(archive, path, world, generation, first_piece)));
        }
    }

    async fn look_after_archive(&mut self, now: Timestamp) {
        let before = now.plus_seconds(-i64::from(self.rhythm.keep_days.get()) * 86_400);
        match self.archive.prune(before).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "what is older than the kept days left the archive"),
            Err(error) => tracing::warn!(%error, "the archive could not be pruned"),
        }
        if let Err(error) = self.ship_all_blobs().await {
            tracing::warn!(%error, "blobs could not be compared with the archive");
        }
    }
}

fn log_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// The log's header and length; none when there is none (yet).
fn look_at_log(database: &Path) -> Result<Option<Log>, StoreError> {
    let path = log_path(database);
    let fail = |e: &std::io::Error| StoreError::io(format!("reading {}", path.display()), e);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(&error)),
    };
    let bytes = file.metadata().map_err(|e| fail(&e))?.len();
    if bytes < HEADER_BYTES as u64 {
        return Ok(None);
    }
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, 0).map_err(|e| fail(&e))?;
    // One that is being written does not read; the next look finds it.
    Ok(Header::read(&header).map(|header| Log { header, bytes }))
}

/// Frames of whole commits, and where each ends.
type Commits = (Vec<u8>, Vec<wal::Commit>);

/// The frames of the next commits after a place, about [`PIECE_BYTES`] of them, and where each commit ends.
fn next_commits(
    database: &Path,
    header: &Header,
    log_bytes: u64,
    place: Place,
) -> Result<Option<Commits>, StoreError> {
    let path = log_path(database);
    let fail = |e: &std::io::Error| StoreError::io(format!("reading {}", path.display()), e);
    let file = File::open(&path).map_err(|e| fail(&e))?;
    let from = header.offset(place.frames);
    let left = log_bytes.saturating_sub(from);
    let mut want = left.min(PIECE_BYTES);
    loop {
        if want < header.frame_bytes() as u64 {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(want).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut bytes, from).map_err(|e| fail(&e))?;
        let commits = header.commits(place.checksum, &bytes);
        if let Some(last) = commits.last() {
            bytes.truncate(last.frames as usize * header.frame_bytes());
            return Ok(Some((bytes, commits)));
        }
        if want == left {
            return Ok(None);
        }
        want = (want * 4).min(left);
        if want > COMMIT_LIMIT_BYTES {
            return Err(StoreError::TooLarge {
                what: "one commit for the archive",
                limit: 512 * 1024 * 1024,
            });
        }
    }
}

/// Whether the log's frame that a place ends with is still the one that was shipped.
fn stands_at(database: &Path, header: &Header, end: Place) -> Result<bool, StoreError> {
    let Some(last) = end.frames.checked_sub(1) else { return Ok(header.checksum == end.checksum) };
    let path = log_path(database);
    let file = File::open(&path).map_err(|e| StoreError::io(format!("reading {}", path.display()), &e))?;
    let mut sums = [0; 8];
    Ok(file.read_exact_at(&mut sums, header.offset(last) + 16).is_ok()
        && sums[..4] == end.checksum.0.to_be_bytes()
        && sums[4..] == end.checksum.1.to_be_bytes())
}

/// Copies the database file into the archive, while the log is not moved into it.
async fn copy_database(
    archive: Archive,
    path: PathBuf,
    world: World,
    generation: String,
    first_piece: u64,
) -> Result<Snapshot, StoreError> {
    let begun = world.now();
    let fail = |e: &std::io::Error| StoreError::io("reading the database file", e);
    let file = Arc::new(File::open(&path).map_err(|e| fail(&e))?);
    let before = file.metadata().map_err(|e| fail(&e))?;
    let (mut sum, mut parts, mut done) = (Context::new(&SHA256), 0, 0u64);
    while done < before.len() {
        let length = (before.len() - done).min(PART_BYTES as u64);
        let (reader, from) = (Arc::clone(&file), done);
        let bytes = files::blocking(move || {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
            let read = reader.read_exact_at(&mut bytes, from);
            read.map_err(|e| StoreError::io("reading the database file", &e)).map(|()| bytes)
        })
        .await?;
        sum.update(&bytes);
        archive.put_part(&generation, begun, parts, &bytes).await?;
        parts += 1;
        done += length;
    }
    let after = file.metadata().map_err(|e| fail(&e))?;
    if (after.len(), after.mtime(), after.mtime_nsec()) != (before.len(), before.mtime(), before.mtime_nsec())
    {
        return Err(StoreError::Busy("another program moved the log into the database meanwhile"));
    }
    let at = world.now();
    let sha256 = hex::encode(sum.finish().as_ref());
    let snapshot = Snapshot { at, bytes: before.len(), parts, sha256, first_piece };
    archive.put_snapshot(&generation, begun, &snapshot).await?;
    Ok(snapshot)
}

/// Where the log's last commit ends; none when it holds none. True while nobody can commit.
pub(super) fn last_commit(database: &Path) -> Result<Option<Place>, StoreError> {
    let Some(log) = look_at_log(database)? else { return Ok(None) };
    let mut place = Place { salts: log.header.salts, frames: 0, checksum: log.header.checksum };
    while let Some((_, commits)) = next_commits(database, &log.header, log.bytes, place)? {
        let Some(last) = commits.last() else { break };
        place = Place { frames: place.frames + last.frames, checksum: last.checksum, ..place };
    }
    Ok((place.frames > 0).then_some(place))
}
