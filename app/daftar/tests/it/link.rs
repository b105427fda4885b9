//! `daftar identity link`, as somebody outside would run it: a file, a mapping, an answer.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

const MAPPING: &str = "format = 1\nid = \"id\"\n\
    [field.name]\nkind = \"name\"\ncolumns = [\"first\", \"last\"]\n\
    [field.born]\nkind = \"date\"\ncolumns = [\"dob\"]\n\
    [field.town]\nkind = \"place\"\ncolumns = [\"town\"]\n";

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut all = vec!["identity", "link"];
    all.extend(args);
    Command::new(env!("CARGO_BIN_EXE_daftar")).args(all).current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Eighty people; every fourth is there twice, the second time with a letter wrong. The label is what it says.
fn file(label: impl Fn(usize) -> String) -> String {
    let mut text = "id,label,first,last,dob,town\n".to_string();
    let first = ["Amina", "Tariq", "Zainab", "Omar", "Layla", "Karim", "Salma", "Bilal"];
    let last = [
        "Haddad", "Mansouri", "Tlili", "Chaabane", "Rekik", "Jaziri", "Gharbi", "Mokrani", "Derbali",
        "Zitouni",
    ];
    for person in 0..80 {
        let (given, family) = (first[person % 8], last[person / 8]);
        let dob = format!("{}-{:02}-{:02}", 1950 + person * 7 % 50, 2 + person % 11, 1 + person * 5 % 28);
        let town = ["Marsa", "Qalat", "Zawiya"][person % 3];
        writeln!(text, "p{person},{},{given},{family},{dob},{town}", label(person)).unwrap();
        if person % 4 == 0 {
            writeln!(text, "q{person},{},{given},{family}x,{dob},{town}", label(person + 1)).unwrap();
        }
    }
    text
}

#[test]
fn links_a_file_and_never_reads_the_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("m.toml"), MAPPING).unwrap();
    std::fs::write(path.join("a.csv"), file(|person| format!("c{person}"))).unwrap();
    std::fs::write(path.join("b.csv"), file(|_| "one".into())).unwrap();
    let mut answers = Vec::new();
    for name in ["a", "b"] {
        let (csv, out) = (format!("{name}.csv"), format!("{name}.out"));
        let done = run(
            path,
            &[
                &csv,
                "--mapping",
                "m.toml",
                "--out",
                &out,
                "--json",
                "--pairs",
                "pairs.csv",
                "--model",
                "model.json",
            ],
        );
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let summary: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(
            (summary["rows"].as_u64(), summary["people"].as_u64()),
            (Some(100), Some(80)),
            "{summary}"
        );
        answers.push(std::fs::read_to_string(path.join(out)).unwrap());
    }
    assert_eq!(answers[0], answers[1], "the label changes nothing");
    let mut lines = answers[0].lines();
    assert_eq!(lines.next(), Some("id,cluster"));
    let cluster: std::collections::HashMap<&str, &str> =
        lines.map(|line| line.split_once(',').unwrap()).collect();
    for person in (0..80).step_by(4) {
        assert_eq!(cluster[format!("p{person}").as_str()], cluster[format!("q{person}").as_str()]);
    }
    let pairs = std::fs::read_to_string(path.join("pairs.csv")).unwrap();
    assert!(
        pairs.starts_with("a,b,cluster,weight,chance,prior,relatives,born weight,born,name weight,name,town")
    );
    let pair = pairs.lines().find(|line| line.starts_with("p0,q0,same,")).unwrap();
    assert!(pair.contains("same day") && pair.contains("last part misspelled"), "{pair}");
    let model: record_linkage::Model =
        serde_json::from_str(&std::fs::read_to_string(path.join("model.json")).unwrap()).unwrap();
    assert_eq!(model.people(), 80);
}

#[test]
fn says_what_is_wrong_and_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("m.toml"), MAPPING).unwrap();
    let good = file(|_| String::new());
    std::fs::write(path.join("cut.csv"), format!("{good}p0,x,again,again,,\n1,2\n")).unwrap();
    let done = run(path, &["cut.csv", "--mapping", "m.toml", "--out", "-"]);
    assert_eq!(done.status.code(), Some(1), "a finding: {}", said(&done));
    assert!(
        done.stdout.starts_with(b"id,cluster\n") && said(&done).contains("row 103: left out"),
        "{}",
        said(&done)
    );
    std::fs::write(path.join("good.csv"), good).unwrap();
    for (mapping, says) in [
        (MAPPING.replace("\"last\"", "\"lost\""), "line 3: the file has no column 'lost'"),
        (MAPPING.replace("kind = \"place\"", "kind = \"plaice\""), "line 10"),
        (MAPPING.replace("field.town", "field.religion"), "religion"),
        (MAPPING.replace("\"town\"]", "\"caste\"]"), "caste"),
    ] {
        std::fs::write(path.join("bad.toml"), mapping).unwrap();
        let done = run(path, &["good.csv", "--mapping", "bad.toml", "--out", "never.csv"]);
        assert_eq!(done.status.code(), Some(2), "{says}: {}", said(&done));
        assert!(said(&done).contains(says), "{}", said(&done));
    }
    for args in
        [&["none.csv", "--mapping", "m.toml", "--out", "never.csv"][..], &["good.csv", "--out", "never.csv"]]
    {
        let done = run(path, args);
        assert_eq!(done.status.code(), Some(2), "{}", said(&done));
    }
    assert!(!path.join("never.csv").exists(), "nothing is written for a file that cannot be used");
}
