//! `daftar identity link`

use crate::cli::Link;
use crate::{Outcome, remark, say};
use anyhow::Context;
use daftar_identity::linkage::{LinkMapping, Table, read, write_clusters, write_pairs};
use daftar_packs::guard::topic_of_id;
use indicatif::{ProgressBar, ProgressStyle};
use record_linkage::{Linked, Options, Progress, Stage, link};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// Links the rows of a file.
///
/// # Errors
/// When an answer cannot be written. What is wrong with file or mapping is said, with the exit code of wrong
/// usage.
pub fn run(args: &Link) -> anyhow::Result<Outcome> {
    let wrong = |path: &Path, what: &str| {
        remark(&format!("{}: {what}", path.display()));
        Ok(Outcome::Usage)
    };
    let mapping = match std::fs::read_to_string(&args.mapping) {
        Ok(text) => text,
        Err(error) => return wrong(&args.mapping, &error.to_string()),
    };
    let mapping = match LinkMapping::parse(&mapping) {
        Ok(mapping) => mapping,
        Err(fault) => return wrong(&args.mapping, &fault.to_string()),
    };
    if let Some((line, word, topic)) =
        mapping.words().find_map(|(line, word)| Some((line, word, topic_of_id(word)?)))
    {
        let what =
            format!("line {line}: '{word}' asks for {topic}, and nobody is linked by that: remove the field");
        return wrong(&args.mapping, &what);
    }
    let bar = bar()?;
    let source: Box<dyn Read + Send> = if args.file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        match File::open(&args.file) {
            Ok(file) => Box::new(file),
            Err(error) => return wrong(&args.file, &error.to_string()),
        }
    };
    let table = match read(source, &mapping, |rows| bar.set_message(format!("{rows} rows read"))) {
        Ok(table) => table,
        Err(fault) => return wrong(&args.file, &fault.to_string()),
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let options = Options { threads, ..Options::default() };
    let linked = link(&mapping.schema, &table.rows, &options, |progress| show(&bar, progress))?;
    bar.finish_and_clear();
    let outcome = answer(args, &mapping, &table, &linked);
    // The process ends here: to give back every text one by one would take time for nothing.
    std::mem::forget((table, linked));
    outcome
}

fn answer(args: &Link, mapping: &LinkMapping, table: &Table, linked: &Linked) -> anyhow::Result<Outcome> {
    let mut people = 0;
    write(&args.out, |out| {
        people = write_clusters(out, table, linked)?;
        Ok(())
    })?;
    let mut pairs = None;
    if let Some(path) = &args.pairs {
        write(path, |out| {
            pairs = Some(write_pairs(out, table, linked, mapping, args.least)?);
            Ok(())
        })?;
    }
    if let Some(path) = &args.model {
        write(path, |out| Ok(serde_json::to_writer(out, &linked.model)?))?;
    }
    table.remarks.iter().for_each(|line| remark(line));
    if table.left_out > table.remarks.len() as u64 {
        remark(&format!("and {} more rows left out", table.left_out - table.remarks.len() as u64));
    }
    let rows = table.rows.len();
    let to_stdout = args.out == Path::new("-");
    if args.json {
        let object = serde_json::json!({
            "rows": rows, "people": people, "left_out": table.left_out, "pairs": pairs,
        });
        line(to_stdout, &object.to_string());
    } else {
        line(to_stdout, &format!("{rows} rows: {people} people; {} rows left out", table.left_out));
    }
    Ok(if table.left_out == 0 { Outcome::Good } else { Outcome::Finding })
}

/// What was done is said beside an answer that goes to standard output, not in it.
fn line(to_stderr: bool, text: &str) {
    if to_stderr {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    } else {
        say(text);
    }
}

fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let target: Box<dyn Write> = if path == Path::new("-") {
        Box::new(std::io::stdout().lock())
    } else {
        Box::new(File::create(path).with_context(|| format!("writing {}", path.display()))?)
    };
    let mut out = BufWriter::new(target);
    fill(&mut out)?;
    out.flush().with_context(|| format!("writing {}", path.display()))
}

fn bar() -> anyhow::Result<ProgressBar> {
    // Drawn on standard error, and only on a terminal.
    let bar = ProgressBar::new(1_000);
    bar.set_style(ProgressStyle::with_template("{bar:40} {percent}%  {msg}")?);
    Ok(bar)
}

fn show(bar: &ProgressBar, progress: Progress) {
    let (share, word) = match progress.stage {
        Stage::Preparing => (0, "making keys"),
        Stage::Training => (50, "learning weights"),
        Stage::Weighing => (100, "weighing pairs"),
        Stage::Joining => (700, "joining people"),
    };
    // A turn's stages in thousandths: preparing 50, training 50, weighing 600, joining 300.
    let within =
        share + 600 * u64::from(progress.stage == Stage::Weighing) * progress.done / progress.of.max(1);
    bar.set_position((progress.turn as u64 * 1_000 + within) / progress.turns.max(1) as u64);
    bar.set_message(format!(
        "{word}, turn {} of {}",
        (progress.turn + 1).min(progress.turns),
        progress.turns
    ));
}
