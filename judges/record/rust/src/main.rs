//! An outside verifier of a log directory, on Cloudflare's `signed_note` and `tlog_tiles`. It checks signatures and
//! cosignatures, proofs it makes itself from the tiles, and proofs that the log made. It shares no code with the log.
//!
//! `record-judge DIR` prints one line a check, `ok NAME` or `not ok NAME: REASON`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;
use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, HashReader, Tile, TileHashReader, TileReader, check_record, check_tree,
    prove_record, prove_tree, record_hash, tree_hash,
};

const TILE_HEIGHT: u8 = 8;

type Outcome<T> = Result<T, String>;

/// Verifies cosignature/v1 (type 0x04), which `signed_note` leaves to its users.
struct Cosigner {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl Verifier for Cosigner {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let Ok(signature) = <[u8; 64]>::try_from(signature) else { return false };
        let header = format!("cosignature/v1\ntime {}\n", u64::from_be_bytes(*time));
        let message = [header.as_bytes(), message].concat();
        self.key.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok()
    }
}

struct Keys {
    origin: String,
    count: usize,
    list: VerifierList,
}

fn keys(folder: &Path) -> Outcome<Keys> {
    let policy = text(&folder.join("policy"))?;
    let mut list: Vec<Box<dyn Verifier>> = Vec::new();
    let mut origin = String::new();
    for line in policy.lines() {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["log", key, ..] => {
                let verifier = StandardVerifier::new(key).map_err(|error| format!("{error:?}"))?;
                verifier.name().clone_into(&mut origin);
                list.push(Box::new(verifier));
            }
            ["witness", _, key, ..] => list.push(Box::new(cosigner(key).ok_or(format!("bad key {key}"))?)),
            _ => {}
        }
    }
    Ok(Keys { origin, count: list.len(), list: VerifierList::new(list) })
}

fn cosigner(vkey: &str) -> Option<Cosigner> {
    let (name, rest) = vkey.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let bytes = STANDARD.decode(key).ok()?;
    let (kind, key) = bytes.split_first()?;
    let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok().filter(|_| *kind == 4)?;
    Some(Cosigner { name: name.to_owned(), id: u32::from_str_radix(id, 16).ok()?, key })
}

fn text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

struct LogFolder(PathBuf);

impl LogFolder {
    /// Reads a tile under its C2SP path, which lacks the height that the crate puts in.
    fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        fs::read(self.0.join(path)).map_err(|error| Error::InvalidInput(format!("{path}: {error}")))
    }

    fn entry(&self, index: u64, size: u64) -> Outcome<Vec<u8>> {
        let width = (size - index / 256 * 256).min(256);
        let tile = Tile::new(TILE_HEIGHT, 0, index / 256, u32::try_from(width).unwrap_or(256), false);
        let path = tile.path().replacen("tile/8/0/", "tile/entries/", 1);
        let bundle = self.read(&path).map_err(|error| error.to_string())?;
        let mut rest = bundle.as_slice();
        for _ in 0..index % 256 {
            rest = split_entry(rest).ok_or("cut off")?.1;
        }
        split_entry(rest).map(|(entry, _)| entry.to_vec()).ok_or_else(|| "cut off".to_owned())
    }
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

impl TileReader for LogFolder {
    fn height(&self) -> u8 {
        TILE_HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        tiles.iter().map(|tile| self.read(&tile.path().replacen("tile/8/", "tile/", 1))).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

struct Head {
    size: u64,
    root: Hash,
}

fn open(bytes: &[u8], keys: &Keys) -> Outcome<Head> {
    let note = Note::from_bytes(bytes).map_err(|error| error.to_string())?;
    let (verified, unknown) = note.verify(&keys.list).map_err(|error| error.to_string())?;
    if verified.len() != keys.count || !unknown.is_empty() {
        return Err(format!("{} signatures verified, {} unknown", verified.len(), unknown.len()));
    }
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|error| format!("{error:?}"))?;
    if checkpoint.origin() != keys.origin || !checkpoint.extension().is_empty() {
        return Err("another origin, or extension lines".to_owned());
    }
    Ok(Head { size: checkpoint.size(), root: *checkpoint.hash() })
}

fn every_hundredth(folder: &LogFolder, head: &Head, reader: &impl HashReader) -> Outcome<usize> {
    let mut count = 0;
    for index in (0..head.size).step_by(100) {
        let proof = prove_record(head.size, index, reader).map_err(|error| format!("{index}: {error}"))?;
        let entry = folder.entry(index, head.size)?;
        let check = |entry: &[u8]| check_record(&proof, head.size, head.root, index, record_hash(entry));
        check(&entry).map_err(|error| format!("entry {index}: {error}"))?;
        if check(&[&entry[..], b"x"].concat()).is_ok() {
            return Err(format!("entry {index}: a forged entry was accepted"));
        }
        count += 1;
    }
    Ok(count)
}

fn growth(head: &Head, reader: &impl HashReader) -> Outcome<usize> {
    let edges = [1, 255, 256, 257, 65_535, 65_536, 65_537, head.size.saturating_sub(1), head.size];
    let step = usize::try_from(head.size / 47).unwrap_or(1).max(1);
    let mut count = 0;
    for size in (1..head.size).step_by(step).chain(edges).filter(|size| (1..=head.size).contains(size)) {
        let old = tree_hash(size, reader).map_err(|error| error.to_string())?;
        let proof = prove_tree(head.size, size, reader).map_err(|error| error.to_string())?;
        check_tree(&proof, head.size, head.root, size, old)
            .map_err(|error| format!("size {size}: {error}"))?;
        let mut forged = old;
        forged.0[7] ^= 1;
        if check_tree(&proof, head.size, head.root, size, forged).is_ok() {
            return Err(format!("size {size}: a forged root was accepted"));
        }
        count += 1;
    }
    Ok(count)
}

fn hashes<'words>(words: impl Iterator<Item = &'words str>) -> Outcome<Vec<Hash>> {
    words.map(|word| Hash::parse_hash(word).map_err(|error| error.to_string())).collect()
}

fn their_inclusion(folder: &LogFolder, keys: &Keys) -> Outcome<usize> {
    let mut count = 0;
    for file in fs::read_dir(folder.0.join("proofs")).map_err(|error| error.to_string())? {
        let proof = text(&file.map_err(|error| error.to_string())?.path())?;
        let (top, checkpoint) = proof.split_once("\n\n").ok_or("no empty line")?;
        let mut lines = top.lines();
        let header = lines.next() == Some("c2sp.org/tlog-proof@v1");
        let index = lines.next().and_then(|line| line.strip_prefix("index ")?.parse::<u64>().ok());
        let index = index.filter(|_| header).ok_or("not a tlog-proof")?;
        let head = open(checkpoint.as_bytes(), keys)?;
        let leaf = record_hash(&folder.entry(index, head.size)?);
        check_record(&hashes(lines)?, head.size, head.root, index, leaf)
            .map_err(|error| format!("{index}: {error}"))?;
        count += 1;
    }
    Ok(count)
}

fn their_consistency(folder: &LogFolder, head: &Head) -> Outcome<usize> {
    let mut count = 0;
    for line in text(&folder.0.join("consistency"))?.lines() {
        let (size, rest) = line.split_once(' ').ok_or("no size")?;
        let size: u64 = size.parse().map_err(|_| "no size")?;
        let all = hashes(rest.split(' '))?;
        let (old, proof) = all.split_first().ok_or("no root")?;
        check_tree(&proof.to_vec(), head.size, head.root, size, *old)
            .map_err(|error| format!("size {size}: {error}"))?;
        count += 1;
    }
    Ok(count)
}

fn report(name: &str, outcome: Outcome<usize>) {
    match outcome {
        Ok(count) => println!("ok tlog_tiles {name} ({count})"),
        Err(reason) => println!("not ok tlog_tiles {name}: {reason}"),
    }
}

fn judge(path: PathBuf) -> Outcome<()> {
    let keys = keys(&path)?;
    let checkpoint = fs::read(path.join("checkpoint")).map_err(|error| error.to_string())?;
    let folder = LogFolder(path);
    let head = open(&checkpoint, &keys)?;
    report("checkpoint: log signature and cosignatures", Ok(keys.count));
    let reader = TileHashReader::new(head.size, head.root, &folder);
    report("inclusion of every 100th entry", every_hundredth(&folder, &head, &reader));
    report("consistency with older sizes", growth(&head, &reader));
    report("tlog-proofs the log made", their_inclusion(&folder, &keys));
    report("consistency proofs the log made", their_consistency(&folder, &head));
    Ok(())
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: record-judge DIR");
        return ExitCode::from(2);
    };
    if let Err(reason) = judge(PathBuf::from(folder)) {
        println!("not ok tlog_tiles checkpoint: {reason}");
    }
    ExitCode::SUCCESS
}
