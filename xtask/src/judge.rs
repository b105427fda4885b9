//! `cargo xtask judge <area>`: programs nobody here wrote, over what we made.

use crate::{postgres, run};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What `judges/<area>/judge.toml` says.
#[derive(Debug, PartialEq, Eq)]
struct Judge {
    about: String,
    run: Vec<String>,
    build: Vec<String>,
    postgres: bool,
}

/// What judges found, summed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// `cargo xtask judge <area>... [--options of its programs]`; without an area, says which there are.
pub fn command(args: &[String]) -> Result<()> {
    if args.is_empty() {
        for area in areas()? {
            println!("{area:<12} {}", read(&area)?.about);
        }
        return Ok(());
    }
    // `--full` and the like are for the judges' programs.
    let (options, areas): (Vec<_>, Vec<_>) = args.iter().cloned().partition(|arg| arg.starts_with("--"));
    if areas.is_empty() {
        bail!("name an area before {}", options.join(" "));
    }
    areas.iter().try_for_each(|area| judge(area, &options))
}

/// Every area that has a judge.
pub fn areas() -> Result<Vec<String>> {
    let Ok(folders) = std::fs::read_dir(run::root().join("judges")) else { return Ok(Vec::new()) };
    let mut areas = Vec::new();
    for folder in folders {
        let folder = folder?;
        if folder.path().join("judge.toml").is_file() {
            areas.push(folder.file_name().to_string_lossy().into_owned());
        }
    }
    areas.sort();
    Ok(areas)
}

/// The areas that `ci` runs.
pub fn ci_areas() -> Result<Vec<String>> {
    let path = run::root().join("judges/ci.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let table: toml::Table = text.parse().context("judges/ci.toml")?;
    texts(&table, "areas")
}

/// Runs all programs of one area, with these options, and prints the sum.
///
/// # Errors
/// When a check failed, a program could not run or did not say its sum, and in CI also when something was skipped.
pub fn judge(area: &str, options: &[String]) -> Result<()> {
    let judge = read(area)?;
    println!("judge {area}: {}", judge.about);
    for package in &judge.build {
        run::succeed(run::cargo().args(["build", "--quiet", "--profile", "demo", "-p", package]))?;
    }
    let server =
        if judge.postgres { Some(postgres::Server::start(postgres::Durability::None)?) } else { None };
    let mut total = Tally::default();
    for program in &judge.run {
        let mut command = program_command(&folder(area), program)?;
        command
            .args(options)
            .env("DAFTAR_ROOT", run::root())
            .env("DAFTAR_BIN", target_folder()?.join("demo/daftar"))
            .env("DAFTAR_JUDGE_CACHE", cache_folder("judges", area)?);
        if let Some(server) = &server {
            command.env("DAFTAR_TEST_PG", server.url());
        }
        let tally = watch(&mut command).with_context(|| format!("judge {area}, {program}"))?;
        total.passed += tally.passed;
        total.failed += tally.failed;
        total.skipped += tally.skipped;
    }
    println!("judge {area}: {} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    verdict(area, total, run::in_ci())
}

fn verdict(area: &str, total: Tally, strict: bool) -> Result<()> {
    match total {
        Tally { failed, .. } if failed > 0 => bail!("judge {area}: {failed} failed"),
        Tally { passed: 0, .. } => bail!("judge {area}: nothing was judged"),
        Tally { skipped, .. } if strict && skipped > 0 => {
            bail!("judge {area}: {skipped} skipped, and CI skips nothing")
        }
        _ => Ok(()),
    }
}

fn folder(area: &str) -> PathBuf {
    run::root().join("judges").join(area)
}

fn read(area: &str) -> Result<Judge> {
    let path = folder(area).join("judge.toml");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("no judge for '{area}': {} cannot be read", path.display()))?;
    parse(&text, |program| folder(area).join(program).is_file()).with_context(|| path.display().to_string())
}

fn parse(text: &str, exists: impl Fn(&str) -> bool) -> Result<Judge> {
    let table: toml::Table = text.parse()?;
    if let Some(key) = table.keys().find(|key| !["about", "run", "build", "postgres"].contains(&key.as_str()))
    {
        bail!("unknown key '{key}': it takes about, run, build and postgres");
    }
    let mut run = texts(&table, "run")?;
    if run.is_empty() {
        run = ["run.py", "run.sh"].iter().filter(|p| exists(p)).map(ToString::to_string).take(1).collect();
    }
    if run.is_empty() {
        bail!("it names no program to run, and there is no run.py or run.sh beside it");
    }
    if let Some(missing) = run.iter().find(|program| !exists(program)) {
        bail!("the program '{missing}' is not there");
    }
    let about =
        table.get("about").and_then(toml::Value::as_str).context("`about` must say what is judged")?;
    let postgres = table.get("postgres").and_then(toml::Value::as_bool).unwrap_or(false);
    Ok(Judge { about: about.into(), run, build: texts(&table, "build")?, postgres })
}

fn texts(table: &toml::Table, key: &str) -> Result<Vec<String>> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().with_context(|| format!("`{key}` must be a list of texts"))?;
    list.iter()
        .map(|v| v.as_str().map(String::from).with_context(|| format!("`{key}` must hold texts")))
        .collect()
}

fn program_command(folder: &Path, program: &str) -> Result<Command> {
    let path = folder.join(program);
    let interpreter = match path.extension().and_then(|e| e.to_str()) {
        Some("py") => "python3",
        Some("sh") => "bash",
        _ => bail!("'{program}': a judge's program is a .py or .sh file"),
    };
    if !run::on_path(interpreter) {
        bail!("{interpreter} is not installed. Run `cargo xtask setup`");
    }
    let mut command = Command::new(interpreter);
    command.arg(path).current_dir(folder);
    Ok(command)
}

/// Runs the program, shows what it prints, and returns its closing line.
fn watch(command: &mut Command) -> Result<Tally> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut tally = None;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let line = line?;
            println!("  {line}");
            tally = closing(&line).or(tally);
        }
    }
    let status = child.wait()?;
    let tally = tally.context("it did not end with `N passed, N failed, N skipped`")?;
    if !status.success() && tally.failed == 0 {
        bail!("it ended with {status}");
    }
    Ok(tally)
}

/// `12 passed, 0 failed, 1 skipped`, when the line is one.
fn closing(line: &str) -> Option<Tally> {
    let mut numbers = [0; 3];
    let mut parts = line.trim().split(", ");
    for (number, word) in numbers.iter_mut().zip(["passed", "failed", "skipped"]) {
        let (count, said) = parts.next()?.split_once(' ')?;
        *number = count.parse().ok().filter(|_| said == word)?;
    }
    let [passed, failed, skipped] = numbers;
    parts.next().is_none().then_some(Tally { passed, failed, skipped })
}

/// Where cargo builds to.
pub fn target_folder() -> Result<PathBuf> {
    if let Some(folder) = run::env("CARGO_TARGET_DIR") {
        return Ok(run::root().join(folder));
    }
    let text = run::output(run::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
    Ok(PathBuf::from(folder))
}

/// Where a judge or a bench may keep what it installs: outside the tree.
pub fn cache_folder(kind: &str, area: &str) -> Result<PathBuf> {
    let folder = run::cache()?.join(kind).join(area);
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_closing_line_counts() {
        assert_eq!(
            closing("3 passed, 1 failed, 0 skipped"),
            Some(Tally { passed: 3, failed: 1, skipped: 0 })
        );
        for line in [
            "3 passed",
            "3 passed, 1 failed",
            "x passed, 1 failed, 0 skipped",
            "3 passed, 1 failed, 0 skipped, 2 odd",
        ] {
            assert_eq!(closing(line), None, "{line}");
        }
    }

    #[test]
    fn nothing_judged_is_a_failure() {
        let tally = |passed, failed, skipped| Tally { passed, failed, skipped };
        assert!(verdict("x", tally(0, 0, 0), false).is_err());
        assert!(verdict("x", tally(5, 1, 0), false).is_err());
        assert!(verdict("x", tally(5, 0, 1), false).is_ok());
        assert!(verdict("x", tally(5, 0, 1), true).is_err());
    }

    #[test]
    fn a_judge_says_what_it_runs() {
        let there = |name: &str| name == "run.sh" || name == "b.py";
        assert_eq!(parse("about='x'", there).map(|j| j.run).ok(), Some(vec!["run.sh".to_string()]));
        assert_eq!(
            parse("about='x'\nrun=['b.py']", there).map(|j| j.run).ok(),
            Some(vec!["b.py".to_string()])
        );
        for bad in ["run=['b.py']", "about='x'\nrun=['c.py']", "about='x'\nruns=[]", "about='x'\nrun=[1]"] {
            assert!(parse(bad, there).is_err(), "{bad}");
        }
        assert!(parse("about='x'", |_| false).is_err());
    }
}
