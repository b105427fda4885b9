//! `cargo xtask ci`: every step in turn, each with its time; the first failure ends it.

use crate::{judge, run, suite, tidy};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::time::Duration;

/// A step that ran: its name, how long it took, whether it passed.
type Done = (String, Duration, bool);

/// `cargo xtask ci [--full]`.
pub fn command(args: &[String]) -> Result<()> {
    if let Some(odd) = args.iter().find(|arg| *arg != "--full") {
        anyhow::bail!("ci knows only --full, not '{odd}'");
    }
    let full = args.iter().any(|arg| arg == "--full");
    let Some(target) = run::env("CARGO_TARGET_DIR") else {
        // Outside the clone, so that the next run, in another clone, need not compile everything again.
        let home = run::env("HOME").context("HOME is not set")?;
        let own = std::env::current_exe()?;
        let target = format!("{home}/.cache/daftar/target");
        let mut again = std::process::Command::new(own);
        return run::succeed(again.arg("ci").args(args).env("CARGO_TARGET_DIR", target));
    };
    println!("building in {target}");
    let mut done = Vec::new();
    let outcome = steps(full, &mut done);
    println!("\n{:<24} {:>9}", "step", "seconds");
    for (name, time, passed) in &done {
        println!("{name:<24} {:>9} {}", time.as_secs(), if *passed { "" } else { "FAILED" });
    }
    let passed = done.iter().filter(|(_, _, passed)| *passed).count();
    println!("steps: {passed} passed, {} failed", done.len() - passed);
    outcome
}

fn steps(full: bool, done: &mut Vec<Done>) -> Result<()> {
    // The committed lock file is what everybody builds: it must need no change.
    step(done, "lock", || {
        run::output(run::cargo().args(["metadata", "--locked", "--format-version", "1"])).map(|_| ())
    })?;
    step(done, "fmt", || run::succeed(run::cargo().args(["fmt", "--all", "--check"])))?;
    step(done, "clippy", || {
        run::succeed(run::cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step(done, "tidy", || tidy::command(&[]))?;
    step(done, "test", || suite::test(&[]))?;
    step(done, "docs", || {
        run::succeed(
            run::cargo()
                .args(["doc", "--workspace", "--no-deps", "--quiet"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    })?;
    step(done, "deny", || {
        run::succeed(
            std::process::Command::new(deny()?)
                .current_dir(run::root())
                .args(["check", "licenses", "sources", "bans"]),
        )
    })?;
    let areas = if full { judge::areas()? } else { judge::ci_areas()? };
    for area in areas {
        step(done, &format!("judge {area}"), || judge::judge(&area, &[]))?;
    }
    Ok(())
}

/// The guard of licences and sources. Where it is not installed it is built once, into the cache beside our own builds.
fn deny() -> Result<PathBuf> {
    const VERSION: &str = "0.20.2";
    if run::on_path("cargo-deny") {
        return Ok("cargo-deny".into());
    }
    let tools = run::cache()?.join("tools");
    let program = tools.join("bin/cargo-deny");
    if !program.is_file() {
        println!("building cargo-deny {VERSION}, once");
        let mut install = run::cargo();
        install.args(["install", "--quiet", "--locked", "cargo-deny", "--version", VERSION, "--root"]);
        run::succeed(install.arg(&tools).env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}

fn step(done: &mut Vec<Done>, name: &str, action: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n== {name}");
    let start = run::now();
    let outcome = action();
    done.push((name.to_string(), start.elapsed(), outcome.is_ok()));
    outcome.with_context(|| format!("step {name}"))
}
