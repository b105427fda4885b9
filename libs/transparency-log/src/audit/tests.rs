//! A dishonest operator with full access to the files: every kind of tampering must be found and named.

use std::collections::BTreeMap;

use super::*;
use crate::Hash;
use crate::checkpoint::CheckpointError;
use crate::cosignature::Cosigner;
use crate::merkle::leaf_hash;
use crate::note::{NoteError, Signer};
use crate::policy::PolicyError;
use crate::tile::{Resource, TileError};
use crate::tree::{Appender, append_entries};

const ORIGIN: &str = "log.example/acts";

#[derive(Clone)]
struct Files {
    files: BTreeMap<String, Vec<u8>>,
}

impl LogSource for Files {
    fn checkpoint(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.files.get("checkpoint").cloned())
    }

    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.files.get(&tile.path()).cloned())
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.files.get(&bundle.path()).cloned())
    }
}

struct Keys {
    log: Signer,
    witness: Cosigner,
}

fn keys() -> Keys {
    Keys {
        log: Signer::from_seed(ORIGIN, &[1; 32]).unwrap(),
        witness: Cosigner::from_seed("witness.example/uni", &[2; 32]).unwrap(),
    }
}

fn audit() -> Audit {
    let keys = keys();
    let text =
        format!("log {}\nwitness uni {}\nquorum uni\n", keys.log.verifier_key(), keys.witness.verifier_key());
    Audit { policy: Policy::parse(text.as_bytes()).unwrap(), seen: Vec::new() }
}

fn entry(number: usize) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn signed(size: u64, root: Hash) -> SignedCheckpoint {
    let keys = keys();
    let mut checkpoint = Checkpoint::new(ORIGIN, size, root).sign(&keys.log).unwrap();
    let line = keys.witness.cosign(checkpoint.note().text(), 1_800_000_000).unwrap();
    checkpoint.add(line).unwrap();
    checkpoint
}

/// A log over these entries, honestly made.
fn log_of(entries: &[Vec<u8>]) -> Files {
    let mut files = BTreeMap::new();
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let appended = Appender::new().append(&leaves).unwrap();
    for changed in appended.tiles {
        if changed.tile.width
            == crate::tile::tile_width(appended.size, changed.tile.level, changed.tile.index)
        {
            files.insert(changed.tile.path(), changed.bytes);
        }
    }
    for changed in append_entries(0, &[], entries).unwrap() {
        files.insert(changed.bundle.path(), changed.bytes);
    }
    files.insert("checkpoint".to_owned(), signed(appended.size, appended.root).to_string().into_bytes());
    Files { files }
}

/// 66,000 entries: 257 full bundles and a partial one, tiles on three levels.
const SIZE: usize = 66_000;

fn honest() -> Files {
    log_of(&(0..SIZE).map(entry).collect::<Vec<_>>())
}

fn checkpoint_of(files: &Files) -> SignedCheckpoint {
    SignedCheckpoint::parse(&files.files["checkpoint"]).unwrap()
}

fn findings(audit: &Audit, files: &Files) -> Vec<Finding> {
    audit.run(&mut files.clone(), &mut |_, _| {}, &mut |_| {}).unwrap().findings
}

fn tile(path: &str) -> Tile {
    match Resource::parse(path).unwrap() {
        Resource::Tile(tile) => tile,
        _ => panic!("not a tile"),
    }
}

fn bundle(path: &str) -> Bundle {
    match Resource::parse(path).unwrap() {
        Resource::Bundle(bundle) => bundle,
        _ => panic!("not a bundle"),
    }
}

#[test]
fn honest_logs_of_all_shapes_are_clean() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, SIZE] {
        let mut files = log_of(&(0..size).map(entry).collect::<Vec<_>>());
        let mut audit = audit();
        let seen_sizes = [0, 1, size / 3, size / 2, size];
        audit.seen = seen_sizes
            .iter()
            .map(|size| {
                let leaves: Vec<Hash> = (0..*size).map(|number| leaf_hash(&entry(number))).collect();
                signed(*size as u64, Appender::new().append(&leaves).unwrap().root)
            })
            .filter(|seen| seen.checkpoint().size <= size as u64)
            .collect();
        let (mut count, mut progressed) = (0, 0);
        let mut check = |number: u64, bytes: &[u8]| {
            assert_eq!(bytes, entry(usize::try_from(number).unwrap()));
            count += 1;
        };
        let report = audit.run(&mut files, &mut check, &mut |done| progressed = done).unwrap();
        assert_eq!(report.findings, [], "{size}");
        assert_eq!((count, progressed, report.entries), (size as u64, size as u64, size as u64));
        assert_eq!(report.confirmed.unwrap().cosigned.len(), 1);
    }
}

#[test]
fn a_full_tile_serves_where_a_partial_one_was_removed() {
    let mut files = log_of(&(0..600).map(entry).collect::<Vec<_>>());
    let longer = log_of(&(0..1000).map(entry).collect::<Vec<_>>());
    files.files.remove("tile/0/002.p/88");
    files.files.insert("tile/0/002".to_owned(), longer.files["tile/0/002"].clone());
    assert_eq!(findings(&audit(), &files), []);
}

/// One way to tamper, and the first finding it must give.
type Tampering = (&'static str, fn(&mut Files), fn(&[Finding]) -> bool);

fn flip(files: &mut Files, path: &str, place: usize) {
    files.files.get_mut(path).unwrap()[place] ^= 1;
}

fn swap(files: &mut Files, left: &str, right: &str) {
    let (a, b) = (files.files[left].clone(), files.files[right].clone());
    files.files.insert(left.to_owned(), b);
    files.files.insert(right.to_owned(), a);
}

fn edit_checkpoint(files: &mut Files, from: &str, to: &str) {
    let text = String::from_utf8(files.files["checkpoint"].clone()).unwrap();
    assert!(text.contains(from));
    files.files.insert("checkpoint".to_owned(), text.replacen(from, to, 1).into_bytes());
}

fn drop_line(files: &mut Files, name: &str) {
    let text = String::from_utf8(files.files["checkpoint"].clone()).unwrap();
    let prefix = format!("\u{2014} {name} ");
    let kept: String = text.split_inclusive('\n').filter(|line| !line.starts_with(&prefix)).collect();
    files.files.insert("checkpoint".to_owned(), kept.into_bytes());
}

fn is_signatures(findings: &[Finding], check: fn(&PolicyError) -> bool) -> bool {
    matches!(findings.first(), Some(Finding::Signatures(error)) if check(error))
}

const FILE_TAMPERINGS: &[Tampering] = &[
    (
        "a byte of an entry",
        |f| flip(f, "tile/entries/003", 9),
        |found| {
            let (bundle, first) = (bundle("tile/entries/003"), 768);
            found == [Finding::EntriesAltered { bundle, first, count: 1 }]
        },
    ),
    (
        "a byte of an entry in the last, partial bundle",
        |f| flip(f, "tile/entries/257.p/208", 3),
        |found| {
            let (bundle, first) = (bundle("tile/entries/257.p/208"), 65_792);
            found == [Finding::EntriesAltered { bundle, first, count: 1 }]
        },
    ),
    (
        "two entries of a bundle exchanged",
        |f| {
            // "entry 0" and "entry 1" are 9 bytes each with their lengths.
            let bytes = f.files.get_mut("tile/entries/000").unwrap();
            let (left, right) = bytes.split_at_mut(9);
            left.swap_with_slice(&mut right[..9]);
        },
        |found| found == [Finding::EntriesAltered { bundle: bundle("tile/entries/000"), first: 0, count: 2 }],
    ),
    (
        "a byte of a level 0 tile",
        |f| flip(f, "tile/0/009", 32 * 7),
        |found| found == [Finding::TileAltered { tile: tile("tile/0/009"), first: 9 * 256 + 7, count: 1 }],
    ),
    (
        "a byte of the partial level 0 tile",
        |f| flip(f, "tile/0/257.p/208", 0),
        |found| found == [Finding::TileAltered { tile: tile("tile/0/257.p/208"), first: 65_792, count: 1 }],
    ),
    (
        "a byte of a level 1 tile",
        |f| flip(f, "tile/1/000", 32 * 200 + 5),
        |found| found == [Finding::TileAltered { tile: tile("tile/1/000"), first: 200, count: 1 }],
    ),
    (
        "a byte of the partial level 1 tile",
        |f| flip(f, "tile/1/001.p/1", 31),
        |found| found == [Finding::TileAltered { tile: tile("tile/1/001.p/1"), first: 256, count: 1 }],
    ),
    (
        "a byte of the level 2 tile",
        |f| flip(f, "tile/2/000.p/1", 1),
        |found| found == [Finding::TileAltered { tile: tile("tile/2/000.p/1"), first: 0, count: 1 }],
    ),
    (
        "an entry and its hash, and all hashes above but the root",
        |f| {
            let mut entries: Vec<Vec<u8>> = (0..SIZE).map(entry).collect();
            entries[5] = b"forged".to_vec();
            let checkpoint = f.files["checkpoint"].clone();
            *f = log_of(&entries);
            f.files.insert("checkpoint".to_owned(), checkpoint);
        },
        |found| found == [Finding::Root { size: SIZE as u64 }],
    ),
    (
        "two tiles exchanged",
        |f| swap(f, "tile/0/004", "tile/0/005"),
        |found| {
            let altered = |path, first| Finding::TileAltered { tile: tile(path), first, count: 256 };
            found == [altered("tile/0/004", 1024), altered("tile/0/005", 1280)]
        },
    ),
    (
        "two bundles exchanged",
        |f| swap(f, "tile/entries/004", "tile/entries/005"),
        |found| {
            let altered = |path, first| Finding::EntriesAltered { bundle: bundle(path), first, count: 256 };
            found == [altered("tile/entries/004", 1024), altered("tile/entries/005", 1280)]
        },
    ),
    (
        "tiles of two levels exchanged",
        |f| swap(f, "tile/1/000", "tile/0/005"),
        |found| {
            found.len() == 2 && found.iter().all(|finding| matches!(finding, Finding::TileAltered { .. }))
        },
    ),
    (
        "a bundle cut off",
        |f| f.files.get_mut("tile/entries/002").unwrap().truncate(100),
        |found| matches!(found, [Finding::Bundle(at, TileError::BundleCut { .. })] if *at == bundle("tile/entries/002")),
    ),
    (
        "a bundle that lacks its last entry",
        |f| {
            let bytes = f.files.get_mut("tile/entries/002").unwrap();
            let length = bytes.len() - 2 - entry(767).len();
            bytes.truncate(length);
        },
        |found| matches!(found, [Finding::Bundle(_, TileError::BundleCount { found: 255, expected: 256 })]),
    ),
    (
        "an entry added to a bundle",
        |f| f.files.get_mut("tile/entries/257.p/208").unwrap().extend([0, 1, b'x']),
        |found| matches!(found, [Finding::Bundle(_, TileError::BundleCount { found: 209, expected: 208 })]),
    ),
    (
        "a bundle missing",
        |f| drop(f.files.remove("tile/entries/100")),
        |found| found == [Finding::BundleMissing(bundle("tile/entries/100"))],
    ),
    (
        "a tile missing",
        |f| drop(f.files.remove("tile/0/100")),
        |found| found == [Finding::TileMissing(tile("tile/0/100"))],
    ),
    (
        "an upper tile missing",
        |f| drop(f.files.remove("tile/2/000.p/1")),
        |found| found == [Finding::TileMissing(tile("tile/2/000.p/1"))],
    ),
    (
        "a bundle and its tile missing",
        |f| {
            f.files.remove("tile/0/100");
            f.files.remove("tile/entries/100");
        },
        |found| {
            let expected = [
                Finding::TileMissing(tile("tile/0/100")),
                Finding::BundleMissing(bundle("tile/entries/100")),
                Finding::Root { size: SIZE as u64 },
            ];
            found == expected
        },
    ),
    (
        "a tile cut off",
        |f| f.files.get_mut("tile/0/010").unwrap().truncate(8160),
        |found| {
            found
                == [Finding::Tile(tile("tile/0/010"), TileError::TileLength { found: 8160, expected: 8192 })]
        },
    ),
    (
        "a hash added to a partial tile",
        |f| f.files.get_mut("tile/0/257.p/208").unwrap().extend([7; 32]),
        |found| {
            found
                == [Finding::Tile(
                    tile("tile/0/257.p/208"),
                    TileError::TileLength { found: 6688, expected: 6656 },
                )]
        },
    ),
    (
        "an entry dropped and the rest moved up",
        |f| {
            let mut entries: Vec<Vec<u8>> = (0..SIZE).map(entry).collect();
            entries.remove(40_000);
            entries.push(b"filler".to_vec());
            let checkpoint = f.files["checkpoint"].clone();
            *f = log_of(&entries);
            f.files.insert("checkpoint".to_owned(), checkpoint);
        },
        |found| found == [Finding::Root { size: SIZE as u64 }],
    ),
];

const CHECKPOINT_TAMPERINGS: &[Tampering] = &[
    ("no checkpoint", |f| drop(f.files.remove("checkpoint")), |found| found == [Finding::NoCheckpoint]),
    (
        "a checkpoint that is none",
        |f| drop(f.files.insert("checkpoint".to_owned(), b"hello\n".to_vec())),
        |found| matches!(found, [Finding::Checkpoint(CheckpointError::Note(NoteError::Malformed(_)))]),
    ),
    (
        "a size with a leading zero",
        |f| edit_checkpoint(f, "\n66000\n", "\n066000\n"),
        |found| matches!(found, [Finding::Checkpoint(CheckpointError::Malformed(_))]),
    ),
    (
        "another root",
        |f| {
            let root = checkpoint_of(f).checkpoint().to_string().lines().nth(2).unwrap().to_owned();
            edit_checkpoint(f, &root, &crate::encoding::base64_encode(&[7; 32]));
        },
        |found| {
            is_signatures(found, |error| matches!(error, PolicyError::Log(_)))
                && found.last() == Some(&Finding::Root { size: SIZE as u64 })
        },
    ),
    (
        "a smaller size",
        |f| edit_checkpoint(f, "\n66000\n", "\n65999\n"),
        |found| {
            is_signatures(found, |error| {
                matches!(error, PolicyError::Log(CheckpointError::Note(NoteError::BadSignature { .. })))
            }) && found.contains(&Finding::BundleMissing(bundle("tile/entries/257.p/207")))
        },
    ),
    (
        "an enormous size",
        |f| edit_checkpoint(f, "\n66000\n", "\n9999999999999999999\n"),
        |found| {
            is_signatures(found, |error| matches!(error, PolicyError::Log(_))) && found.len() == MAX_FINDINGS
        },
    ),
    (
        "another origin",
        |f| edit_checkpoint(f, "log.example/acts\n", "log.example/cats\n"),
        |found| {
            is_signatures(found, |error| matches!(error, PolicyError::Log(CheckpointError::Origin { .. })))
        },
    ),
    (
        "an extension line added",
        |f| edit_checkpoint(f, "\n\n", "\nextra\n\n"),
        |found| is_signatures(found, |error| matches!(error, PolicyError::Log(_))),
    ),
    (
        "no log signature",
        |f| drop_line(f, ORIGIN),
        |found| {
            is_signatures(found, |error| {
                matches!(error, PolicyError::Log(CheckpointError::Note(NoteError::NoKnownSignature)))
            })
        },
    ),
    (
        "no cosignature",
        |f| drop_line(f, "witness.example/uni"),
        |found| found == [Finding::Signatures(PolicyError::Quorum { cosigned: vec![] })],
    ),
    (
        "a forged cosignature",
        |f| {
            // The witness's name and key id, another key's signature.
            let honest = checkpoint_of(f);
            let line = honest.note().signatures()[1].to_string();
            let mut forged = line.clone().into_bytes();
            let place = forged.len() - 10;
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            edit_checkpoint(f, &line, std::str::from_utf8(&forged).unwrap());
        },
        |found| is_signatures(found, |error| matches!(error, PolicyError::Witness(_))),
    ),
    (
        "a cosignature by an unknown witness of the same name",
        |f| {
            let mut checkpoint = checkpoint_of(f).checkpoint().sign(&keys().log).unwrap();
            let stranger = Cosigner::from_seed("witness.example/uni", &[9; 32]).unwrap();
            checkpoint.add(stranger.cosign(checkpoint.note().text(), 1).unwrap()).unwrap();
            f.files.insert("checkpoint".to_owned(), checkpoint.to_string().into_bytes());
        },
        |found| found == [Finding::Signatures(PolicyError::Quorum { cosigned: vec![] })],
    ),
    (
        "a checkpoint signed by another key of the same name",
        |f| {
            let thief = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
            let checkpoint = checkpoint_of(f).checkpoint().sign(&thief).unwrap();
            f.files.insert("checkpoint".to_owned(), checkpoint.to_string().into_bytes());
        },
        |found| is_signatures(found, |error| matches!(error, PolicyError::Log(_))),
    ),
    (
        "a cosignature with another time",
        |f| {
            let honest = checkpoint_of(f);
            let line = &honest.note().signatures()[1];
            let mut bytes = line.id().to_be_bytes().to_vec();
            bytes.extend_from_slice(line.blob());
            bytes[11] ^= 1;
            let later = format!("\u{2014} {} {}", line.name(), crate::encoding::base64_encode(&bytes));
            edit_checkpoint(f, &line.to_string(), &later);
        },
        |found| is_signatures(found, |error| matches!(error, PolicyError::Witness(_))),
    ),
];

#[test]
fn every_tampering_with_files_is_found_and_named() {
    let honest = honest();
    assert_eq!(findings(&audit(), &honest), []);
    for (name, tamper, expected) in FILE_TAMPERINGS.iter().chain(CHECKPOINT_TAMPERINGS) {
        let mut files = honest.clone();
        tamper(&mut files);
        let found = findings(&audit(), &files);
        assert!(expected(&found), "{name}: {found:#?}");
    }
}

#[test]
fn entries_and_hashes_altered_together_are_told_apart() {
    let mut files = honest();
    flip(&mut files, "tile/entries/003", 9);
    flip(&mut files, "tile/0/200", 0);
    let found = findings(&audit(), &files);
    let disagree = |path: &str, hashes: &str, first| Finding::Disagree {
        bundle: bundle(path),
        tile: tile(hashes),
        first,
        count: 1,
    };
    assert!(found.contains(&disagree("tile/entries/003", "tile/0/003", 768)), "{found:#?}");
    assert!(found.contains(&disagree("tile/entries/200", "tile/0/200", 51_200)), "{found:#?}");
    assert_eq!(found.last(), Some(&Finding::Root { size: SIZE as u64 }));
}

/// A log of which an outsider holds earlier checkpoints.
#[test]
fn rollback_and_forks_are_found_against_what_was_seen() {
    let entries: Vec<Vec<u8>> = (0..1000).map(entry).collect();
    let newest = checkpoint_of(&log_of(&entries));
    let with = |seen: SignedCheckpoint| Audit { seen: vec![seen], ..audit() };

    let restored_backup = log_of(&entries[..700]);
    assert_eq!(findings(&audit(), &restored_backup), [], "nothing shows without what was seen");
    assert_eq!(
        findings(&with(newest.clone()), &restored_backup),
        [Finding::RolledBack { size: 700, seen: 1000 }]
    );

    let mut rewritten = entries.clone();
    rewritten[123] = b"rewritten".to_vec();
    let forked = log_of(&rewritten);
    assert_eq!(findings(&with(newest.clone()), &forked), [Finding::Forked { seen: 1000 }]);
    rewritten.extend((1000..1500).map(entry));
    let forked_and_grown = log_of(&rewritten);
    assert_eq!(findings(&with(newest.clone()), &forked_and_grown), [Finding::Forked { seen: 1000 }]);
    let early = checkpoint_of(&log_of(&entries[..100]));
    assert_eq!(findings(&with(early), &forked_and_grown), [], "it forked only later");

    let mut lying = newest.checkpoint().clone();
    lying.root = [3; 32];
    let unsigned = lying.sign(&Signer::from_seed(ORIGIN, &[7; 32]).unwrap()).unwrap();
    assert!(matches!(
        findings(&with(unsigned), &log_of(&entries))[..],
        [Finding::SeenUnsigned { size: 1000, .. }]
    ));
    let other = Signer::from_seed("other.example", &[7; 32]).unwrap();
    let foreign = Checkpoint::new("other.example", 3, [0; 32]).sign(&other).unwrap();
    assert!(
        matches!(&findings(&with(foreign), &log_of(&entries))[..], [Finding::SeenOtherLog { origin }] if origin == "other.example")
    );
}

#[test]
fn findings_are_bounded_and_counted() {
    let mut files = log_of(&(0..256 * 1100).map(|n| vec![n as u8]).collect::<Vec<_>>());
    files
        .files
        .iter_mut()
        .filter(|(path, _)| path.starts_with("tile/0/"))
        .for_each(|(_, bytes)| bytes[0] ^= 1);
    let report = audit().run(&mut files, &mut |_, _| {}, &mut |_| {}).unwrap();
    assert_eq!((report.findings.len(), report.more), (MAX_FINDINGS, 100));
}

#[test]
fn a_failing_source_is_an_error_not_a_finding() {
    struct Broken(Files);
    impl LogSource for Broken {
        fn checkpoint(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
            self.0.checkpoint()
        }
        fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, SourceError> {
            Err(SourceError { what: tile.path(), reason: "disk on fire".to_owned() })
        }
        fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, SourceError> {
            self.0.bundle(bundle)
        }
    }
    let error = audit().run(&mut Broken(log_of(&[entry(0)])), &mut |_, _| {}, &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "tile/0/000.p/1 cannot be read: disk on fire");
}
