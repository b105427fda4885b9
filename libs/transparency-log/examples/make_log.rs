//! Writes a cosigned log as a folder of files, for outside programs to judge:
//! `make_log DIR ENTRIES` gives
//! * `DIR/checkpoint` and `DIR/tile/...`: the log, with its trust policy in `DIR/policy`;
//! * `DIR/checkpoint.half`: the cosigned checkpoint of half the size, as somebody outside would have kept it;
//! * `DIR/proofs/N.tlog-proof`: proofs of some entries;
//! * `DIR/consistency`: a line for some older size: the size, its root, the proof to the whole log.

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use transparency_log::Hash;
use transparency_log::checkpoint::{Checkpoint, SignedCheckpoint};
use transparency_log::cosignature::Cosigner;
use transparency_log::merkle::{HashReader, ProofError, leaf_hash, prove_consistency, prove_inclusion};
use transparency_log::note::Signer;
use transparency_log::proof::TlogProof;
use transparency_log::tile::{FULL_WIDTH, Tile};
use transparency_log::tree::{Appender, append_entries};

const ORIGIN: &str = "daftar.example/acts";
const WITNESSES: [(&str, u8); 2] = [("university", 2), ("press", 3)];
/// Entries a batch: not a divisor of 256, so that partial tiles and bundles come and go.
const BATCH: usize = 1000;
const FIRST_TIME: u64 = 1_795_428_902;

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, entries] = arguments.as_slice() else { return Err("usage: make_log DIR ENTRIES".into()) };
    let folder = Path::new(folder);
    let roots = write_log(folder, entries.parse()?)?;
    write_proofs(folder, &roots)
}

/// Roots the log had on its way, by size.
type Roots = Vec<(u64, Hash)>;

fn write_log(folder: &Path, entries: usize) -> Result<Roots, Box<dyn Error>> {
    let log = Signer::from_seed(ORIGIN, &[1; 32])?;
    let witnesses: Vec<Cosigner> = WITNESSES
        .iter()
        .map(|(name, seed)| Cosigner::from_seed(&format!("{name}.example/witness"), &[*seed; 32]))
        .collect::<Result<_, _>>()?;
    fs::create_dir_all(folder)?;

    let mut policy = format!("log {}\n", log.verifier_key());
    for ((name, _), witness) in WITNESSES.iter().zip(&witnesses) {
        policy += &format!("witness {name} {}\n", witness.verifier_key());
    }
    policy += "group society all university press\nquorum society\n";
    fs::write(folder.join("policy"), policy)?;

    let mut tree = Appender::new();
    let mut roots = Vec::new();
    let mut last_bundle = Vec::new();
    let mut done = 0;
    let half = entries / 2;
    let cosigned = |tree: &Appender, time: u64| -> Result<SignedCheckpoint, Box<dyn Error>> {
        let mut checkpoint = Checkpoint::new(ORIGIN, tree.size(), tree.root()).sign(&log)?;
        for (later, witness) in (0..).zip(&witnesses) {
            checkpoint.add(witness.cosign(checkpoint.note().text(), time + later)?)?;
        }
        Ok(checkpoint)
    };
    while done < entries {
        let until = entries.min(done + BATCH).min(if done < half { half } else { entries });
        let batch: Vec<Vec<u8>> = (done..until).map(entry).collect();
        append(folder, &mut tree, &mut last_bundle, &batch)?;
        roots.push((tree.size(), tree.root()));
        done = until;
        if done == half {
            fs::write(folder.join("checkpoint.half"), cosigned(&tree, FIRST_TIME)?.to_string())?;
        }
    }
    fs::write(folder.join("checkpoint"), cosigned(&tree, FIRST_TIME + 3600)?.to_string())?;
    Ok(roots)
}

/// Reads tiles back from the folder, as a server would.
struct Folder<'path>(&'path Path);

impl HashReader for Folder<'_> {
    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, ProofError> {
        let bytes = fs::read(self.0.join(tile.path())).map_err(|_| ProofError::Missing(tile))?;
        tile.decode(&bytes).map_err(|error| ProofError::Tile(tile, error))
    }
}

fn write_proofs(folder: &Path, roots: &Roots) -> Done {
    let checkpoint = SignedCheckpoint::parse(&fs::read(folder.join("checkpoint"))?)?;
    let size = checkpoint.checkpoint().size;
    let proofs = folder.join("proofs");
    fs::create_dir_all(&proofs)?;
    for index in (0..size).step_by(997).chain(size.checked_sub(1)) {
        let hashes = prove_inclusion(index, size, &Folder(folder))?;
        let proof = TlogProof { extra: None, index, hashes, checkpoint: checkpoint.clone() };
        fs::write(proofs.join(format!("{index}.tlog-proof")), proof.to_string())?;
    }
    let mut lines = String::new();
    for (old_size, old_root) in roots {
        let proof = prove_consistency(*old_size, size, &Folder(folder))?;
        let hashes: Vec<String> =
            std::iter::once(old_root).chain(&proof).map(|hash| STANDARD.encode(hash)).collect();
        lines += &format!("{old_size} {}\n", hashes.join(" "));
    }
    Ok(fs::write(folder.join("consistency"), lines)?)
}

/// An entry like those of the acts log.
fn entry(number: usize) -> Vec<u8> {
    format!(
        "{{\"agency\":\"civil-registry\",\"kind\":\"demo.act\",\"number\":{number},\"text\":\"{}\"}}",
        "x".repeat(number % 90)
    )
    .into_bytes()
}

fn append(folder: &Path, tree: &mut Appender, last_bundle: &mut Vec<u8>, entries: &[Vec<u8>]) -> Done {
    let bundles = append_entries(tree.size(), last_bundle, entries)?;
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for changed in bundles {
        write(folder, &changed.bundle.path(), &changed.bytes)?;
        *last_bundle = if changed.bundle.width == FULL_WIDTH { Vec::new() } else { changed.bytes };
    }
    for changed in tree.append(&leaves)?.tiles {
        write(folder, &changed.tile.path(), &changed.bytes)?;
    }
    Ok(())
}

/// Writes a file and removes the narrower ones it replaces.
fn write(folder: &Path, path: &str, bytes: &[u8]) -> Done {
    let whole = path.split_once(".p/").map_or(path, |(whole, _)| whole);
    let partials = folder.join(format!("{whole}.p"));
    if partials.is_dir() {
        fs::remove_dir_all(&partials)?;
    }
    let target = folder.join(path);
    fs::create_dir_all(target.parent().ok_or("a tile path has a folder")?)?;
    Ok(fs::write(target, bytes)?)
}
