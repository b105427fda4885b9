//! Running other programs, and what the machine says about itself.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// An environment variable, when it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "a developer's tool is told by its environment, not by the product's settings"
)]
pub fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether this is an automated run, where nothing may be skipped.
pub fn in_ci() -> bool {
    env("CI").is_some_and(|value| value != "false" && value != "0")
}

/// Now, for the times of steps.
#[expect(
    clippy::disallowed_methods,
    reason = "a tool tells how long its steps took; nothing is replayed from it"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// Cargo, the one that runs us, at the top of the repository.
pub fn cargo() -> Command {
    let mut command = Command::new(env("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(program.into_owned()).chain(args).collect::<Vec<_>>().join(" ")
}

/// Runs to the end.
///
/// # Errors
/// When it cannot start or ends with another status than 0.
pub fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs to the end and returns what it printed.
///
/// # Errors
/// When it cannot start, ends with another status than 0, or does not print UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{}`", shown(command)))?;
    if !output.status.success() {
        bail!("`{}` ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` did not print UTF-8", shown(command)))
}

/// Whether a program of this name can be run.
pub fn on_path(program: &str) -> bool {
    env("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Where things that outlive a clone lie: judges, tools.
pub fn cache() -> Result<PathBuf> {
    let base = match env("XDG_CACHE_HOME") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(env("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(base.join("daftar"))
}

/// The user we run as: (uid, gid).
pub fn user() -> Result<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    // The owner of our own entry in /proc is the effective user; no C library call needed.
    let own = std::fs::metadata("/proc/self").context("reading /proc/self: is this Linux?")?;
    Ok((own.uid(), own.gid()))
}
