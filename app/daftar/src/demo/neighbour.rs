//! The demo's witness: `daftar witness` as a process of its own, with its own folder and key. It runs on this machine, which a
//! real one must not, and every page of the demo says so.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Its name.
const NAME: &str = "neighbour.daftar.example";
/// Longest time it may take to say that it is there.
const START_SECONDS: u64 = 20;

/// The running witness; it ends when this is dropped.
pub struct Neighbour {
    key: String,
    url: String,
    _process: Child,
}

impl Neighbour {
    /// Starts the witness of this folder, following the logs of this policy text.
    ///
    /// # Errors
    /// When it cannot start or does not say where it listens.
    pub async fn start(folder: &Path, policy: &str) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let followed = folder.join("followed");
        let logs: Vec<&str> = policy.lines().filter(|line| line.starts_with("log ")).collect();
        std::fs::write(&followed, logs.join("\n") + "\n")?;
        let mut process = Command::new(std::env::current_exe().context("finding this program")?)
            .arg("--data")
            .arg(folder)
            .args(["witness", "--listen", "127.0.0.1:0", "--name", NAME, "--logs"])
            .arg(&followed)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting the witness")?;
        let Some(stdout) = process.stdout.take() else { bail!("the witness has no output") };
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(Duration::from_secs(START_SECONDS), lines.next_line()).await;
        let line = first.context("the witness says nothing")??.context("the witness ended at once")?;
        // witness NAME KEY URL
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, _, key, url] = words.as_slice() else { bail!("the witness said '{line}'") };
        Ok(Self { key: (*key).into(), url: (*url).into(), _process: process })
    }

    /// A policy that asks for this witness.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("witness neighbour {} {}\nquorum neighbour\n", self.key, self.url)
    }
}
