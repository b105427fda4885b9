//! The demo's witness: `daftar witness` as a process of its own, with its own folder and key. It runs on this machine, which a
//! real one must not, and every page of the demo says so.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

/// Its name.
const NAME: &str = "neighbour.daftar.example";
/// Longest time it may take to say that it is there.
const START_SECONDS: u64 = 20;
/// Where the system is to choose a port.
const ANY_PORT: &str = "127.0.0.1:0";
/// How often it is started where it was before, until another address is tried. The witness of a demo that was killed
/// needs a moment to notice.
const TRIES: usize = 10;
/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// The running witness; it ends when this is dropped, and also when this process is killed.
pub struct Neighbour {
    key: String,
    url: String,
    _process: Child,
    /// The witness ends when this end of its input is gone.
    _leash: ChildStdin,
}

impl Neighbour {
    /// Starts the witness of this folder, following the logs of this policy text, where it listened the last time.
    ///
    /// # Errors
    /// When it cannot start or does not say where it listens.
    pub async fn start(folder: &Path, policy: &str) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let followed = folder.join("followed");
        let logs: Vec<&str> = policy.lines().filter(|line| line.starts_with("log ")).collect();
        std::fs::write(&followed, logs.join("\n") + "\n")
            .with_context(|| format!("writing {}", followed.display()))?;
        let kept = folder.join("address");
        let before = std::fs::read_to_string(&kept).unwrap_or_else(|_| ANY_PORT.into());
        let mut tries = 0;
        let neighbour = loop {
            // Somebody else may have taken the port meanwhile; then it gets another.
            let address = if tries + 1 < TRIES { before.trim() } else { ANY_PORT };
            match Self::start_at(folder, &followed, address).await {
                Ok(neighbour) => break neighbour,
                Err(error) if tries == TRIES => return Err(error),
                Err(_) => sleep(PAUSE).await,
            }
            tries += 1;
        };
        let address = neighbour.url.trim_start_matches("http://");
        std::fs::write(&kept, address).with_context(|| format!("writing {}", kept.display()))?;
        Ok(neighbour)
    }

    async fn start_at(folder: &Path, followed: &Path, address: &str) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe().context("finding this program")?)
            .arg("--data")
            .arg(folder)
            .args(["witness", "--leashed", "--listen", address, "--name", NAME, "--logs"])
            .arg(followed)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting the witness")?;
        let (Some(leash), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("the witness has no pipes")
        };
        let mut lines = BufReader::new(stdout).lines();
        let first = timeout(Duration::from_secs(START_SECONDS), lines.next_line()).await;
        let line = first.context("the witness says nothing")??.context("the witness ended at once")?;
        // witness NAME KEY URL
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, _, key, url] = words.as_slice() else { bail!("the witness said '{line}'") };
        Ok(Self { key: (*key).into(), url: (*url).into(), _process: process, _leash: leash })
    }

    /// A policy that asks for this witness.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("witness neighbour {} {}\nquorum neighbour\n", self.key, self.url)
    }
}
