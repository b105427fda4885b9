//! Writes genuine receipts of every kind, for outside programs to judge: `make_receipts DIR ROUNDS` gives `DIR/policy`
//! and `DIR/receipts/*.receipt.json`, five kinds a round.

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use transparency_log::Hash;
use transparency_log::batch;
use transparency_log::canonical;
use transparency_log::checkpoint::Checkpoint;
use transparency_log::cosignature::Cosigner;
use transparency_log::map::{self, Change, Node, NodeId, View};
use transparency_log::merkle::{TileSet, leaf_hash, prove_inclusion, sha256};
use transparency_log::note::Signer;
use transparency_log::proof::TlogProof;
use transparency_log::receipt::{BatchPart, MapPart, Opening, Receipt};
use transparency_log::tree::Appender;

const ORIGIN: &str = "daftar.example/access";
const FIRST_TIME: u64 = 1_795_428_902;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A receipt without its proof: it is logged together with the others.
struct Draft {
    entry: Vec<u8>,
    opening: Option<Opening>,
    batch: Option<BatchPart>,
    map: Option<MapPart>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, rounds] = arguments.as_slice() else { return Err("usage: make_receipts DIR ROUNDS".into()) };
    let mut drafts = Vec::new();
    for round in 0..rounds.parse::<u64>()? {
        drafts.extend(one_round(round)?);
    }
    write(Path::new(folder), &drafts)
}

/// Thirty-two bytes that depend on nothing but their name.
fn bytes(name: &str, number: u64) -> Hash {
    sha256(&[name.as_bytes(), &number.to_be_bytes()])
}

fn opening(number: u64) -> Result<Opening> {
    // Names in several scripts and characters that JSON escapes.
    let name =
        ["Amina", "\u{623}\u{645}\u{64a}\u{646}\u{629}", "\u{12a0}\u{121a}\u{1293}", "\"O\\'\u{1f600}\n"];
    let name = name[usize::try_from(number % 4)?];
    let record = json!({"name": name, "number": number, "purpose": {"basis": null, "codes": [1, -2, true]}});
    Ok(Opening { record: canonical::to_text(&record)?, salt: bytes("salt", number) })
}

fn commitment(opening: &Opening) -> Hash {
    canonical::commit(&opening.salt, opening.record.as_bytes())
}

fn entry(json: &Value) -> Result<Vec<u8>> {
    Ok(canonical::to_text(json)?.into_bytes())
}

fn one_round(round: u64) -> Result<Vec<Draft>> {
    let opening = opening(round)?;
    let commitment = commitment(&opening);
    let public = entry(&json!({"kind": "public", "round": round}))?;
    let single = entry(&json!({"commitment": STANDARD.encode(commitment), "kind": "single"}))?;

    let size = round % 9 + 1;
    let place = usize::try_from(round % size)?;
    let mut commitments: Vec<Hash> = (0..size).map(|number| bytes("other", round * 10 + number)).collect();
    commitments[place] = commitment;
    let proof = batch::prove(&commitments, place).ok_or("no such place")?;
    let root = STANDARD.encode(batch::root(&commitments));
    let batched = entry(&json!({"batch_root": root, "batch_size": size, "kind": "batch"}))?;

    let (present, absent) = (bytes("key", round), bytes("nobody", round));
    let mut changes = vec![Change::put(present, commitment)];
    changes.extend(
        (0..round % 40).map(|number| Change::put(bytes("neighbour", number), bytes("value", number))),
    );
    let view = map_of(&changes, [present, absent])?;
    let mapped = entry(&json!({"kind": "map", "map_root": STANDARD.encode(view.root())}))?;
    let part = |key: Hash| -> Result<Option<MapPart>> { Ok(Some(MapPart { key, proof: view.prove(&key)? })) };

    Ok(vec![
        Draft { entry: public, opening: None, batch: None, map: None },
        Draft { entry: single, opening: Some(opening.clone()), batch: None, map: None },
        Draft {
            entry: batched,
            opening: Some(opening.clone()),
            batch: Some(BatchPart { commitment, proof }),
            map: None,
        },
        Draft { entry: mapped.clone(), opening: Some(opening), batch: None, map: part(present)? },
        Draft { entry: mapped, opening: None, batch: None, map: part(absent)? },
    ])
}

/// A view of the map with these keys, loaded as from a database.
fn map_of(changes: &[Change], keys: [Hash; 2]) -> Result<View> {
    let update = View::new(map::EMPTY, changes.iter().map(|change| change.key)).update(changes)?;
    let mut view = View::new(update.root, keys);
    while !view.wanted().is_empty() {
        let nodes = update.nodes.iter().filter_map(|(id, node)| Some((*id, node.clone()?)));
        view.supply(nodes.collect::<Vec<(NodeId, Node)>>())?;
    }
    Ok(view)
}

fn write(folder: &Path, drafts: &[Draft]) -> Result<()> {
    let log = Signer::from_seed(ORIGIN, &[4; 32])?;
    let witnesses = [
        Cosigner::from_seed("university.example/witness", &[5; 32])?,
        Cosigner::from_seed("press.example/witness", &[6; 32])?,
    ];
    let [university, press] = witnesses.each_ref().map(Cosigner::verifier_key);
    let policy = format!(
        "log {}\nwitness university {university}\nwitness press {press}\ngroup any-one any university press\nquorum any-one\n",
        log.verifier_key()
    );
    let receipts = folder.join("receipts");
    fs::create_dir_all(&receipts)?;
    fs::write(folder.join("policy"), policy)?;

    let leaves: Vec<Hash> = drafts.iter().map(|draft| leaf_hash(&draft.entry)).collect();
    let appended = Appender::new().append(&leaves)?;
    let mut tiles = TileSet::new();
    for changed in &appended.tiles {
        tiles.insert(changed.tile, &changed.bytes)?;
    }
    let mut checkpoint = Checkpoint::new(ORIGIN, appended.size, appended.root).sign(&log)?;
    for (later, witness) in (0..).zip(&witnesses) {
        checkpoint.add(witness.cosign(checkpoint.note().text(), FIRST_TIME + later)?)?;
    }
    for (index, draft) in (0..).zip(drafts) {
        let hashes = prove_inclusion(index, appended.size, &tiles)?;
        let proof = TlogProof { extra: None, index, hashes, checkpoint: checkpoint.clone() };
        let receipt = Receipt {
            log_entry: draft.entry.clone(),
            proof,
            opening: draft.opening.clone(),
            batch: draft.batch.clone(),
            map: draft.map.clone(),
        };
        fs::write(receipts.join(format!("{index:05}.receipt.json")), receipt.to_json())?;
    }
    Ok(())
}
