//! Writes a cosigned log as a folder of files, for outside programs to judge:
//! `make_log DIR ENTRIES` gives `DIR/checkpoint`, `DIR/tile/...`, the trust policy in `DIR/policy`, and in
//! `DIR/checkpoint.half` the cosigned checkpoint of half the size, as somebody outside would have kept it.

use std::error::Error;
use std::fs;
use std::path::Path;

use transparency_log::checkpoint::{Checkpoint, SignedCheckpoint};
use transparency_log::cosignature::Cosigner;
use transparency_log::merkle::leaf_hash;
use transparency_log::note::Signer;
use transparency_log::tile::FULL_WIDTH;
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
    write_log(Path::new(folder), entries.parse()?)
}

fn write_log(folder: &Path, entries: usize) -> Done {
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
        done = until;
        if done == half {
            fs::write(folder.join("checkpoint.half"), cosigned(&tree, FIRST_TIME)?.to_string())?;
        }
    }
    fs::write(folder.join("checkpoint"), cosigned(&tree, FIRST_TIME + 3600)?.to_string())?;
    Ok(())
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
