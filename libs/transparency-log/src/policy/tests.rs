use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature::Cosigner;
use crate::merkle::EMPTY_ROOT;
use crate::note::{ML_DSA_44_PUBLIC_KEY_BYTES, Signer};

const ORIGIN: &str = "log.example/acts";

fn log(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

fn witness(number: u8) -> Cosigner {
    Cosigner::from_seed(&format!("witness.example/{number}"), &[100 + number; 32]).unwrap()
}

fn witness_lines(count: u8) -> String {
    (1..=count)
        .map(|n| format!("witness w{n} {} https://w{n}.example/\n", witness(n).verifier_key()))
        .collect()
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

fn checkpoint(cosigned_by: &[u8]) -> SignedCheckpoint {
    let mut checkpoint = Checkpoint::new(ORIGIN, 0, EMPTY_ROOT).sign(&log(1)).unwrap();
    for number in cosigned_by {
        let line = witness(*number).cosign(checkpoint.note().text(), 1000 + u64::from(*number)).unwrap();
        checkpoint.add(line).unwrap();
    }
    checkpoint
}

/// The structure of the specification's example: two of the Xs and any of the Ys.
fn example() -> Policy {
    let witnesses = witness_lines(6);
    let key = log(1).verifier_key();
    policy(&format!(
        "# who watches\n\tlog {key} https://log.example/ \n\n{witnesses}\
         group X-witnesses 2 w1 w2 w3\ngroup Y-witnesses any w4 w5 w6\n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
    ))
}

#[test]
fn the_specifications_example_means_what_it_says() {
    let example = example();
    assert_eq!(example.logs()[0].url.as_deref(), Some("https://log.example/"));
    assert_eq!(example.witnesses()[5].name, "w6");
    let enough: [&[u8]; 4] = [&[1, 2, 4], &[6, 3, 2], &[1, 2, 3, 4, 5, 6], &[1, 3, 5]];
    let too_few: [&[u8]; 5] = [&[], &[1, 2], &[1, 4], &[4, 5, 6], &[1, 2, 3]];
    for cosigned in enough {
        let confirmed = example.confirm(&checkpoint(cosigned)).unwrap();
        assert_eq!(confirmed.cosigned.len(), cosigned.len());
        assert!(confirmed.cosigned.is_sorted_by_key(|cosigned| cosigned.witness.clone()));
        let first = &confirmed.cosigned[0];
        assert_eq!(first.time, 1000 + first.witness[1..].parse::<u64>().unwrap());
    }
    for cosigned in too_few {
        let error = example.confirm(&checkpoint(cosigned)).unwrap_err();
        let names = cosigned.iter().map(|n| format!("w{n}")).collect();
        assert_eq!(error, PolicyError::Quorum { cosigned: names });
        assert_eq!(example.signatures(&checkpoint(cosigned)).unwrap().cosigned.len(), cosigned.len());
    }
}

#[test]
fn a_single_witness_or_none_may_be_the_quorum() {
    let key = log(1).verifier_key();
    let single = policy(&format!("log {key}\n{}quorum w2", witness_lines(2)));
    assert!(single.confirm(&checkpoint(&[2])).is_ok());
    assert!(single.confirm(&checkpoint(&[1])).is_err());
    assert!(single.needs_witnesses());
    let none = policy(&format!("log {key}\nquorum none\n"));
    assert!(none.confirm(&checkpoint(&[])).is_ok());
    assert!(!none.needs_witnesses());
}

#[test]
fn the_log_must_be_listed_and_no_line_forged() {
    let witnesses = witness_lines(1);
    let other = policy(&format!("log {}\n{witnesses}quorum none\n", log(2).verifier_key()));
    assert!(matches!(other.confirm(&checkpoint(&[1])), Err(PolicyError::Log(_))));
    let no_logs = policy("quorum none\n");
    assert!(matches!(no_logs.confirm(&checkpoint(&[])), Err(PolicyError::Log(_))));
    let good = policy(&format!("log {}\n{witnesses}quorum none\n", log(1).verifier_key()));
    let mut forged = checkpoint(&[]);
    forged.add(witness(1).cosign("another text\n", 5).unwrap()).unwrap();
    assert!(matches!(good.confirm(&forged), Err(PolicyError::Witness(_))), "even when no witness is needed");
}

#[test]
fn a_witness_that_cannot_be_verified_never_counts() {
    let key = VerifierKey::new("pq.example", KeyKind::CosignatureMlDsa44, &[3; ML_DSA_44_PUBLIC_KEY_BYTES])
        .unwrap();
    let policy = policy(&format!("log {}\nwitness pq {key}\nquorum pq\n", log(1).verifier_key()));
    assert!(matches!(policy.confirm(&checkpoint(&[])), Err(PolicyError::Quorum { .. })));
}

#[test]
fn the_recommended_limits_are_reached_and_enforced() {
    let logs = |count: u8| (0..count).map(|n| format!("log {}\n", log(n).verifier_key())).collect::<String>();
    let groups = |count: u8| (1..=count).map(|n| format!("group g{n} any w{n}\n")).collect::<String>();
    let text = format!("{}{}{}quorum g64\n", logs(64), witness_lines(64), groups(64));
    let full = policy(&text);
    assert_eq!((full.logs().len(), full.witnesses().len(), full.groups.len()), (64, 64, 64));
    let beyond = [
        format!("{}quorum none\n", logs(65)),
        format!("{}quorum none\n", witness_lines(65)),
        format!("{}{}group g65 any g1\nquorum none\n", witness_lines(64), groups(64)),
    ];
    for text in beyond {
        assert!(matches!(Policy::parse(text.as_bytes()), Err(PolicyError::Line { .. })));
    }
    assert_eq!(Policy::parse(&vec![b'#'; MAX_POLICY_BYTES + 1]), Err(PolicyError::TooLong));
}

#[test]
fn wrong_lines_are_named() {
    let (l, w1, w2) = (log(1).verifier_key(), witness(1).verifier_key(), witness(2).verifier_key());
    let w = format!("witness a {w1}\nwitness b {w2}\n");
    let cases: [(String, usize, &str); 25] = [
        ("logs x\n".to_owned(), 1, "unknown keyword"),
        ("log\n".to_owned(), 1, "log <vkey>"),
        (format!("log {l} url more\n"), 1, "log <vkey>"),
        ("log nonsense\n".to_owned(), 1, "verifier key"),
        (format!("log {l}\nlog {l}\n"), 2, "listed twice"),
        (format!("witness a {l}\n"), 1, "cosignature key"),
        (format!("witness {w1}\n"), 1, "witness <name>"),
        (format!("witness none {w1}\n"), 1, "reserved"),
        (format!("witness a {w1}\nwitness b {w1}\n"), 2, "listed twice"),
        (format!("witness a {w1}\nwitness a {w2}\n"), 2, "used twice"),
        (format!("{w}group a any b\n"), 3, "used twice"),
        (format!("{w}group g any\n"), 3, "not between 1 and the 0 members"),
        (format!("{w}group g\n"), 3, "group <name>"),
        (format!("{w}group g 3 a b\n"), 3, "not between 1 and the 2 members"),
        (format!("{w}group g 0 a b\n"), 3, "not between"),
        (format!("{w}group g 01 a b\n"), 3, "must be all, any"),
        (format!("{w}group g some a b\n"), 3, "must be all, any"),
        (format!("{w}group g any c\n"), 3, "not the name"),
        (format!("{w}group g any none\n"), 3, "not the name"),
        (format!("{w}group g any a a\n"), 3, "member of a group already"),
        (format!("{w}group g any a\ngroup h any a\n"), 4, "member of a group already"),
        (format!("{w}group g any g\n"), 3, "not the name"),
        ("quorum a\n".to_owned(), 1, "not the name"),
        ("quorum none\nquorum none\n".to_owned(), 2, "already"),
        ("quorum none\r\n".to_owned(), 1, "control character 0x0d"),
    ];
    for (text, line, reason) in cases {
        match Policy::parse(text.as_bytes()) {
            Err(PolicyError::Line { line: found, reason: said }) => {
                assert_eq!(found, line, "{text}");
                assert!(said.contains(reason), "{text}: {said}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(Policy::parse(b""), Err(PolicyError::NoQuorum));
    assert_eq!(Policy::parse(b"# quorum none\n"), Err(PolicyError::NoQuorum));
}

#[test]
fn names_are_bytes() {
    let (w1, w2) = (witness(1).verifier_key(), witness(2).verifier_key());
    // An ASCII K and a Kelvin sign are different names; names need not be UTF-8.
    let text =
        [b"witness K ", w1.to_string().as_bytes(), b"\nwitness \xe2\x84\xaa ", w2.to_string().as_bytes()]
            .concat();
    let text = [&text[..], b"\ngroup \xff any K \xe2\x84\xaa\nquorum \xff\n"].concat();
    let policy = Policy::parse(&text).unwrap();
    assert!(policy.is_quorum(|index| index == 1));
    assert!(!policy.is_quorum(|_| false));
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), lines in "((log|witness|group|quorum) [a-z0-9 +]{0,20}\n){0,6}") {
        let _ = Policy::parse(&bytes);
        let _ = Policy::parse(lines.as_bytes());
    }

    #[test]
    fn thresholds_count(members in 1..20_u8, threshold in 1..20_u8, present in prop::collection::vec(any::<bool>(), 20)) {
        prop_assume!(threshold <= members);
        let names: Vec<String> = (1..=members).map(|n| format!("w{n}")).collect();
        let text = format!("{}group g {threshold} {}\nquorum g\n", witness_lines(members), names.join(" "));
        let policy = policy(&text);
        let count = present.iter().take(usize::from(members)).filter(|present| **present).count();
        prop_assert_eq!(policy.is_quorum(|index| present[index]), count >= usize::from(threshold));
    }
}
