//! Record linkage: who is whom in a file, beside Splink; what families and slips do to it; and one record against
//! many.
#![expect(clippy::float_arithmetic, reason = "shares and seconds as the peer prints them")]

use crate::machine;
use crate::report::{Goal, Report, median};
use anyhow::{Context, Result, bail, ensure};
use daftar_identity::linkage::{LinkMapping, read};
use record_linkage::invented::{self, Likeness};
use record_linkage::{Index, Model, Options, link};
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Rounds of each program; the median is reported.
const ROUNDS: usize = 3;
/// Invented people who are recorded once, and pairs of each likeness among them.
const INVENTED: (usize, usize) = (20_000, 500);
/// Records of the index, without and with `--full`.
const INDEXED: (u64, u64) = (1_000_000, 10_000_000);
/// Questions put to it.
const QUESTIONS: u64 = 20_000;

/// All of it.
///
/// # Errors
/// When a program or the corpus is missing or fails.
pub fn run(report: Report, full: bool) -> Result<()> {
    report.say(&format!("record linkage; {}; shares in thousandths", machine::load()));
    report.head();
    corpus(&report)?;
    let model = families(&report)?;
    one_against_many(&report, model, if full { INDEXED.1 } else { INDEXED.0 })
}

/// Precision, recall and F1 over pairs of rows within clusters, in thousandths.
#[derive(Clone, Copy)]
struct Quality {
    precision: u64,
    recall: u64,
    f1: u64,
}

fn corpus(report: &Report) -> Result<()> {
    let file = data()?.join("linkage/historical_dev.csv.gz");
    ensure!(file.is_file(), "{} is not there: set DAFTAR_DATA", file.display());
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("clusters.csv");
    let (mut ours, mut theirs, mut peer) = (Vec::new(), Vec::new(), serde_json::Value::Null);
    for _ in 0..ROUNDS {
        let before = machine::children_cpu_micros();
        daftar(&file, &out)?;
        ours.push((machine::children_cpu_micros() - before) / 1_000);
        peer = splink(&file)?;
        theirs.push((peer["cpu_seconds"].as_f64().context("the peer says no time")? * 1_000.0) as u64);
    }
    let quality = judged(&file, &out)?;
    let (version, duckdb) = (&peer["splink"], &peer["duckdb"]);
    report.say(&format!("{}: Splink {version} on DuckDB {duckdb}, its tutorial's model", file.display()));
    let of = |what: &str, score: &str| (peer[what][score].as_f64().unwrap_or(0.0) * 1_000.0) as u64;
    for (what, words) in [("clusters", "Splink's clusters"), ("pairs", "Splink's pairs")] {
        let aim = Goal::AtLeast(of(what, "f1") + 50);
        report.line(
            &format!("F1 over clusters; {words} at their best"),
            quality.f1,
            Some(of(what, "f1")),
            aim,
            "‰",
        );
        let words = format!("precision; {words}, same threshold");
        report.line(&words, quality.precision, Some(of(what, "precision")), Goal::AtLeast(950), "‰");
        let words = words.replace("precision", "recall");
        report.line(&words, quality.recall, Some(of(what, "recall")), Goal::AtLeast(700), "‰");
    }
    let aim = Goal::AtMostOfPeer(10);
    report.line("processor time, whole command", median(&ours), Some(median(&theirs)), aim, "ms");
    Ok(())
}

/// The corpora, beside the repository or where `DAFTAR_DATA` says.
fn data() -> Result<PathBuf> {
    Ok(match std::env::var_os("DAFTAR_DATA") {
        Some(folder) => PathBuf::from(folder),
        None => crate::country::root().join("../shared/data"),
    })
}

fn daftar(file: &Path, out: &Path) -> Result<()> {
    let program = match std::env::var_os("DAFTAR_BIN") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("daftar"),
    };
    let mapping = crate::country::root().join("services/identity/mappings/historical.toml");
    let done = Command::new(&program)
        .args(["identity", "link"])
        .arg(file)
        .arg("--mapping")
        .arg(mapping)
        .arg("--out")
        .arg(out)
        .output()
        .with_context(|| format!("running {}", program.display()))?;
    ensure!(done.status.success(), "daftar: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

fn splink(file: &Path) -> Result<serde_json::Value> {
    let python = std::env::var_os("DAFTAR_BENCH_PYTHON")
        .context("the peer's Python is not named: run this through `cargo xtask bench linkage`")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/splink_linkage.py");
    let done = Command::new(python).arg(script).arg(file).output().context("running the peer")?;
    let text = String::from_utf8_lossy(&done.stdout);
    match text.lines().last() {
        Some(line) if done.status.success() => Ok(serde_json::from_str(line)?),
        _ => bail!("the peer failed: {}", String::from_utf8_lossy(&done.stderr)),
    }
}

/// Compares an answer with the corpus's own: only here is its column `cluster` read.
fn judged(file: &Path, answer: &Path) -> Result<Quality> {
    let mapping = "format = 1\nid = 'id'\n[field.name]\nkind = 'name'\ncolumns = ['full_name']\n\
                   [field.truth]\nkind = 'category'\ncolumns = ['cluster']\n";
    let truth = read(File::open(file)?, &LinkMapping::parse(mapping)?, |_| {})?;
    let answer = std::fs::read_to_string(answer)?;
    let said: HashMap<&str, &str> = answer.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    ensure!(said.len() == truth.ids.len(), "the answer names {} of {} rows", said.len(), truth.ids.len());
    let (mut a, mut b, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (id, row) in truth.ids.iter().zip(&truth.rows) {
        let (theirs, ours) = (row[1].as_str(), *said.get(id.as_str()).context("a row without an answer")?);
        *a.entry(theirs).or_insert(0_u64) += 1;
        *b.entry(ours).or_insert(0_u64) += 1;
        *both.entry((theirs, ours)).or_insert(0_u64) += 1;
    }
    let pairs = |counts: &mut dyn Iterator<Item = &u64>| counts.map(|n| n * (n - 1) / 2).sum::<u64>();
    let (true_pairs, found, right) =
        (pairs(&mut a.values()), pairs(&mut b.values()), pairs(&mut both.values()));
    Ok(Quality {
        precision: right * 1_000 / found.max(1),
        recall: right * 1_000 / true_pairs.max(1),
        f1: right * 2_000 / (found + true_pairs).max(1),
    })
}

/// How often each likeness is joined: all of one person's should be, none of a family's.
fn families(report: &Report) -> Result<Model> {
    let (single, each) = INVENTED;
    let file = invented::file(single, each, 1);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let linked = link(&invented::schema()?, &file.rows, &Options { threads, ..Options::default() }, |_| {})?;
    report.say(&format!("{} invented rows, {each} pairs of each likeness", file.rows.len()));
    for likeness in Likeness::ALL {
        let of_it = file.pairs.iter().filter(|(_, _, kind)| *kind == likeness);
        let joined =
            of_it.filter(|(a, b, _)| linked.groups[*a as usize] == linked.groups[*b as usize]).count();
        let share = (joined * 1_000 / each) as u64;
        let (words, goal) = if likeness.is_one_person() {
            (format!("one person: {}", likeness.words()), Goal::AtLeast(900))
        } else {
            (format!("two people: {}", likeness.words()), Goal::AtMost(10))
        };
        report.alone(&words, share, goal, "‰ joined");
    }
    Ok(linked.model)
}

/// A person of a number: forenames and family names as uneven as real ones.
fn person(number: u64) -> [String; 5] {
    let spread = |salt: u64| {
        let x = (number ^ salt << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let x = (x ^ x >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x ^ x >> 32
    };
    // The square of a share: the first names of the list are borne by many, the last by few.
    let uneven = |salt: u64, most: u64| {
        let share = spread(salt) % 1_000_000;
        share * share / 1_000_000 * most / 1_000_000
    };
    let word = |salt: u64, most: u64| {
        crate::start::name(uneven(salt, most)).split(' ').next().unwrap_or_default().to_string()
    };
    let home = spread(5) % 400_000;
    [
        format!("{} {} {}", word(1, 2_000), word(2, 2_000), word(3, 60_000)),
        crate::start::born(spread(4)),
        format!("town {}", home % 2_000),
        format!("{:04}-{home:06}", home % 2_000),
        if spread(6).is_multiple_of(2) { "male" } else { "female" }.into(),
    ]
}

fn one_against_many(report: &Report, model: Model, records: u64) -> Result<()> {
    let mut index = Index::new(model);
    for number in 0..records {
        index.add(&person(number));
    }
    index.settle();
    let (mut micros, mut found) = (Vec::new(), 0);
    for question in 0..QUESTIONS {
        let number = question.wrapping_mul(0x9E37_79B9) % records;
        let mut asked = person(number);
        // A letter of the name is wrong, and every other time the year too.
        asked[0] = asked[0].replacen('a', "e", 1);
        if question.is_multiple_of(2) {
            asked[1].replace_range(3..4, "7");
        }
        let begun = Instant::now();
        let matches = index.find(&asked, 0.0, 20);
        micros.push(u64::try_from(begun.elapsed().as_micros())?);
        found += u64::from(matches.iter().any(|found| u64::from(found.record) == number));
    }
    micros.sort_unstable();
    let at = |share: usize| micros[(micros.len() * share / 1_000).min(micros.len() - 1)];
    let memory = machine::memory_kb("self", "VmRSS").unwrap_or(0) / 1024;
    report.say(&format!(
        "{records} records indexed, {memory} MB; the person found {}‰",
        found * 1_000 / QUESTIONS
    ));
    report.alone("one record against all, middle", at(500), Goal::None, "us");
    report.alone("one record against all, 99 of 100", at(990), Goal::AtMost(20_000), "us");
    Ok(())
}
