//! The program as people run it.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::path::Path;
use std::process::{Command, Output};

use transparency_log::canonical;
use transparency_log::checkpoint::Checkpoint;
use transparency_log::cosignature::Cosigner;
use transparency_log::merkle::leaf_hash;
use transparency_log::note::Signer;
use transparency_log::proof::TlogProof;
use transparency_log::receipt::{Opening, Receipt};

const ORIGIN: &str = "daftar.example/acts";

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_receipt-check")).args(arguments).current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with a genuine receipt, its policy, and some that are not.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = Signer::from_seed(ORIGIN, &[1; 32]).unwrap();
    let witnesses =
        [2_u8, 3].map(|n| Cosigner::from_seed(&format!("witness.example/{n}"), &[n; 32]).unwrap());
    let opening = Opening { record: "{\"purpose\":\"tax\"}".to_owned(), salt: [7; 32] };
    let commitment = canonical::commit(&opening.salt, opening.record.as_bytes());
    let commitment = serde_json::to_value(Base64(commitment).to_string()).unwrap();
    let entry = canonical::to_text(&serde_json::json!({"commitment": commitment, "kind": "look"})).unwrap();
    let mut checkpoint = Checkpoint::new(ORIGIN, 1, leaf_hash(entry.as_bytes())).sign(&log).unwrap();
    for (witness, time) in witnesses.iter().zip([1_795_428_902, 1_795_428_800]) {
        checkpoint.add(witness.cosign(checkpoint.note().text(), time).unwrap()).unwrap();
    }
    let proof = TlogProof { extra: None, index: 0, hashes: vec![], checkpoint };
    let receipt =
        Receipt { log_entry: entry.into_bytes(), proof, opening: Some(opening), batch: None, map: None }
            .to_json();
    let [university, press] = witnesses.map(|witness| witness.verifier_key());
    let keys =
        format!("log {}\nwitness university {university}\nwitness press {press}\n", log.verifier_key());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.receipt.json", &receipt);
    write("altered.receipt.json", &receipt.replace("tax", "war"));
    write("policy", &format!("{keys}group both all university press\nquorum both\n"));
    write("alone", &format!("{keys}quorum none\n"));
    write(
        "strangers",
        &format!("log {}\nquorum none\n", Signer::from_seed(ORIGIN, &[9; 32]).unwrap().verifier_key()),
    );
    folder
}

/// Base64 of 32 bytes, spelled out so that the test does not lean on the code it tests.
struct Base64([u8; 32]);

impl std::fmt::Display for Base64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for three in self.0.chunks(3) {
            let bits =
                (0..3).fold(0_u32, |bits, n| bits << 8 | u32::from(three.get(n).copied().unwrap_or(0)));
            for place in 0..4_usize {
                let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
                write!(f, "{}", if place <= three.len() { letter } else { '=' })?;
            }
        }
        Ok(())
    }
}

#[test]
fn a_genuine_receipt_says_what_it_proves() {
    let folder = folder();
    let output = run(&["good.receipt.json", "policy"], folder.path());
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let expected = [
        "GOOD: this receipt is genuine.",
        "Entry 0 (counted from 0) of the public log daftar.example/acts, whose size was 1 when it was signed",
        "Cosigned by 2 witnesses of your policy, newest 2026-11-23 10:15:02 UTC:\n  2026-11-23 10:15:02 UTC  university\n",
        "{\"purpose\":\"tax\"}",
        "This does not prove",
    ];
    for part in expected {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    assert!(!text.contains("Beware"));
}

#[test]
fn a_policy_without_witnesses_is_warned_about() {
    let folder = folder();
    let output = run(&["good.receipt.json", "alone"], folder.path());
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("Beware: your policy needs no witness."));
}

#[test]
fn findings_exit_with_one() {
    let folder = folder();
    let path = folder.path();
    for (receipt, policy, reason) in [
        ("altered.receipt.json", "policy", "the record was altered"),
        ("good.receipt.json", "strangers", "not signed by a log of the policy"),
        ("policy", "policy", "not a receipt"),
    ] {
        let output = run(&[receipt, policy], path);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.starts_with("NOT GENUINE: ") && text.contains(reason), "{text}");
    }
}

#[test]
fn misuse_exits_with_two() {
    let folder = folder();
    let path = folder.path();
    for arguments in [
        &[][..],
        &["good.receipt.json"],
        &["a", "b", "c"],
        &["nowhere", "policy"],
        &["good.receipt.json", "nowhere"],
    ] {
        assert_eq!(run(arguments, path).status.code(), Some(2), "{arguments:?}");
    }
    let output = run(&["good.receipt.json", "good.receipt.json"], path);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("not a policy: line 1"));
    assert_eq!(run(&["--help"], path).status.code(), Some(0));
}
