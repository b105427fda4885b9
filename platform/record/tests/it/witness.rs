//! The witness: the status codes of C2SP tlog-witness, and a memory that survives everything but the disk.

use daftar_kernel::World;
use daftar_record::witness::Witness;
use daftar_testing::world;
use std::path::Path;
use transparency_log::Hash;
use transparency_log::checkpoint::{Checkpoint, SignedCheckpoint, origin_hash};
use transparency_log::merkle::{HashReader, ProofError, leaf_hash, prove_consistency};
use transparency_log::note::Signer;
use transparency_log::tile::Tile;
use transparency_log::tree::Appender;
use transparency_log::witness::{AddCheckpoint, Answer};

const ORIGIN: &str = "log.example/acts";

fn log_key(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

/// A log of entries `<name> 0`, `<name> 1` ... whose tiles are all in memory.
struct TestLog {
    name: &'static str,
    leaves: Vec<Hash>,
}

impl HashReader for TestLog {
    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, ProofError> {
        assert_eq!((tile.level, tile.index), (0, 0), "these logs are small");
        Ok(self.leaves[..usize::from(tile.width)].to_vec())
    }
}

impl TestLog {
    fn new(name: &'static str) -> Self {
        let leaves = (0..200).map(|number| leaf_hash(format!("{name} {number}").as_bytes())).collect();
        Self { name, leaves }
    }
    /// `name` up to `at`, then other entries: a fork.
    fn forked(&self, at: usize) -> Self {
        let mut leaves = self.leaves[..at].to_vec();
        leaves
            .extend((at..200).map(|number| leaf_hash(format!("{}, forked {number}", self.name).as_bytes())));
        Self { name: self.name, leaves }
    }
    fn checkpoint(&self, size: usize, signer: &Signer) -> SignedCheckpoint {
        let mut tree = Appender::new();
        tree.append(&self.leaves[..size]).unwrap();
        Checkpoint::new(signer.verifier_key().name(), size as u64, tree.root()).sign(signer).unwrap()
    }
    fn request(&self, old: usize, size: usize) -> AddCheckpoint {
        let proof = if old == 0 || old >= size {
            Vec::new()
        } else {
            prove_consistency(old as u64, size as u64, self).unwrap()
        };
        AddCheckpoint { old_size: old as u64, proof, checkpoint: self.checkpoint(size, &log_key(1)) }
    }
}

fn start(dir: &Path) -> (Witness, World) {
    let (world, _) = world();
    Witness::init(dir, &world, &[log_key(1).verifier_key().to_string()]).unwrap();
    (Witness::open(dir, "witness.example", world.clone()).unwrap(), world)
}

fn ask(witness: &Witness, request: &AddCheckpoint) -> Answer {
    witness.add_checkpoint(request.to_body().as_bytes()).unwrap()
}

fn status(witness: &Witness, request: &AddCheckpoint) -> u16 {
    ask(witness, request).status
}

#[test]
fn the_first_tree_growth_and_repetition_are_cosigned() {
    let dir = tempfile::tempdir().unwrap();
    let (witness, _) = start(dir.path());
    let log = TestLog::new("entry");
    for (old, size) in [(0, 5), (5, 5), (5, 100), (100, 101)] {
        let request = log.request(old, size);
        let answer = ask(&witness, &request);
        assert_eq!((answer.status, answer.content_type), (200, "text/plain; charset=utf-8"), "{old} {size}");
        let line = transparency_log::note::Signature::parse(answer.body.trim_end()).unwrap();
        let time = witness.verifier_key().verify(request.checkpoint.note().text(), &line).unwrap();
        assert_eq!(time, Some(1_795_420_800));
    }
    assert_eq!(witness.follows(), [(ORIGIN.to_string(), Some(101))]);
}

#[test]
fn every_refusal_has_the_code_of_the_standard() {
    let dir = tempfile::tempdir().unwrap();
    let (witness, _) = start(dir.path());
    let log = TestLog::new("entry");
    assert_eq!(status(&witness, &log.request(0, 50)), 200);
    let fork = log.forked(20);

    // Another history of the same length, of a greater length, and without a proof.
    assert_eq!(status(&witness, &fork.request(50, 50)), 422);
    assert_eq!(status(&witness, &fork.request(50, 80)), 422);
    let mut bare = log.request(50, 80);
    bare.proof.clear();
    assert_eq!(status(&witness, &bare), 422);
    // A rollback: told where the witness is.
    let answer = ask(&witness, &log.request(10, 30));
    assert_eq!((answer.status, answer.content_type, answer.body.as_str()), (409, "text/x.tlog.size", "50\n"));
    assert_eq!(status(&witness, &log.request(0, 80)), 409);
    // An old size beyond the checkpoint.
    let mut beyond = log.request(50, 80);
    beyond.old_size = 81;
    assert_eq!(status(&witness, &beyond), 400);
    // A proof where none belongs.
    let fresh = tempfile::tempdir().unwrap();
    let (new_witness, _) = start(fresh.path());
    let mut proof_from_nothing = log.request(50, 80);
    proof_from_nothing.old_size = 0;
    assert_eq!(status(&new_witness, &proof_from_nothing), 422);
    // Another log, another key for this log, a forged signature.
    let stranger = Signer::from_seed("other.example/acts", &[1; 32]).unwrap();
    let unknown = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: log.checkpoint(5, &stranger) };
    assert_eq!(status(&witness, &unknown), 404);
    let wrong_key = AddCheckpoint { checkpoint: log.checkpoint(80, &log_key(2)), ..log.request(50, 80) };
    assert_eq!(status(&witness, &wrong_key), 403);
    let forged = log.request(50, 80).to_body().replace("\n80\n", "\n81\n");
    assert_eq!(witness.add_checkpoint(forged.as_bytes()).unwrap().status, 403);
    // No request at all.
    for body in ["", "old 50", "old 050\n\n", "old -1\n\n", "new 50\n\n", "\u{0}"] {
        assert_eq!(witness.add_checkpoint(body.as_bytes()).unwrap().status, 400, "{body:?}");
    }
    assert_eq!(witness.add_checkpoint(&[0xff, 0xfe]).unwrap().status, 400);
    // After all this it still stands where it stood.
    assert_eq!(status(&witness, &log.request(50, 80)), 200);
}

#[test]
fn a_contradiction_is_kept_as_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let (witness, _) = start(dir.path());
    let log = TestLog::new("entry");
    assert_eq!(status(&witness, &log.request(0, 50)), 200);
    let lie = log.forked(20).request(50, 50);
    assert_eq!(status(&witness, &lie), 422);
    assert_eq!(status(&witness, &log.forked(30).request(50, 50)), 422);
    let kept = std::fs::read(dir.path().join(origin_hash(ORIGIN)).join("evidence")).unwrap();
    assert_eq!(AddCheckpoint::parse(&kept).unwrap(), lie);
}

#[test]
fn monitors_see_the_newest_tree_with_both_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let (witness, _) = start(dir.path());
    let hash = origin_hash(ORIGIN);
    assert_eq!(witness.latest(&hash).unwrap().status, 404);
    let log = TestLog::new("entry");
    status(&witness, &log.request(0, 7));
    let shown = SignedCheckpoint::parse(witness.latest(&hash).unwrap().body.as_bytes()).unwrap();
    assert_eq!(shown.checkpoint().size, 7);
    let keys = [log_key(1).verifier_key(), witness.verifier_key()];
    assert_eq!(shown.note().verify(&keys).unwrap().len(), 2);
    for other in ["", "..", "../key", &origin_hash("other.example"), &hash.to_uppercase()] {
        assert_eq!(witness.latest(other).unwrap().status, 404, "{other}");
    }
}

#[test]
fn a_restart_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = TestLog::new("entry");
    let key = {
        let (witness, _) = start(dir.path());
        assert_eq!(status(&witness, &log.request(0, 50)), 200);
        witness.verifier_key()
    };
    let (witness, _) = start(dir.path());
    assert_eq!(witness.verifier_key(), key);
    assert_eq!(status(&witness, &log.forked(20).request(50, 60)), 422);
    assert_eq!(status(&witness, &log.request(0, 60)), 409);
    assert_eq!(status(&witness, &log.request(50, 60)), 200);
}

#[test]
fn two_processes_cannot_share_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (_witness, world) = start(dir.path());
    let second = Witness::open(dir.path(), "witness.example", world);
    assert!(second.is_err_and(|error| error.to_string().contains("another witness runs")));
}

#[test]
fn a_memory_that_was_tampered_with_is_not_trusted() {
    let log = TestLog::new("entry");
    let older = {
        let dir = tempfile::tempdir().unwrap();
        let (witness, _) = start(dir.path());
        status(&witness, &log.request(0, 10));
        std::fs::read(dir.path().join(origin_hash(ORIGIN)).join("checkpoint")).unwrap()
    };
    let unsigned = log.checkpoint(10, &log_key(1)).to_string().into_bytes();
    for (bytes, opens) in
        [(older.clone(), true), (unsigned, false), (older[..40].to_vec(), false), (Vec::new(), false)]
    {
        let dir = tempfile::tempdir().unwrap();
        let world = {
            let (witness, world) = start(dir.path());
            status(&witness, &log.request(0, 50));
            world
        };
        std::fs::write(dir.path().join(origin_hash(ORIGIN)).join("checkpoint"), bytes).unwrap();
        assert_eq!(Witness::open(dir.path(), "witness.example", world).is_ok(), opens);
    }
}

#[test]
fn a_disk_that_fails_promises_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (witness, _) = start(dir.path());
    let log = TestLog::new("entry");
    assert_eq!(status(&witness, &log.request(0, 10)), 200);
    // A folder where the new file should go: the write fails, whoever runs the test.
    let new = dir.path().join(origin_hash(ORIGIN)).join("checkpoint.new");
    std::fs::create_dir(&new).unwrap();
    assert!(witness.add_checkpoint(log.request(10, 20).to_body().as_bytes()).is_err());
    std::fs::remove_dir(&new).unwrap();
    assert_eq!(status(&witness, &log.request(20, 30)), 409, "it is still at 10");
    assert_eq!(status(&witness, &log.request(10, 30)), 200);
}

#[test]
fn the_list_of_logs_is_read_strictly() {
    let dir = tempfile::tempdir().unwrap();
    let (world, _) = world();
    assert!(Witness::init(dir.path(), &world, &["no key".into()]).is_err());
    Witness::init(dir.path(), &world, &[]).unwrap();
    let key = log_key(1).verifier_key().to_string();
    for (text, opens) in [
        (format!("# logs of the registry\n{key} # acts\n\n"), true),
        ("what\n".into(), false),
        (format!("{}\n", &key[..key.len() - 2]), false),
    ] {
        std::fs::write(dir.path().join("logs"), text).unwrap();
        assert_eq!(Witness::open(dir.path(), "witness.example", world.clone()).is_ok(), opens);
    }
}
