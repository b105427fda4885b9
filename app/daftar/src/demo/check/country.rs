//! A demo country as a process of its own, in a folder that goes with it.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How many people live there: enough for tiles of the log, few enough to be there at once.
const POPULATION: &str = "400";
/// Longest time it may take to open, from nothing or again.
const OPEN_SECONDS: u64 = 60;
/// Lines shown of what it said when something failed.
const LAST_LINES: usize = 15;

/// The country.
pub struct Country {
    folder: PathBuf,
    store: Option<String>,
    process: Option<Child>,
}

impl Country {
    /// One that is not running yet.
    #[must_use]
    pub const fn new(folder: PathBuf, store: Option<String>) -> Self {
        Self { folder, store, process: None }
    }

    /// Starts it, on a free port, and answers its address.
    ///
    /// # Errors
    /// When it does not open in time.
    pub fn start(&mut self) -> Result<String> {
        self.start_later(0)
    }

    /// The same when so many more days have passed there.
    ///
    /// # Errors
    /// When it does not open in time.
    pub fn start_later(&mut self, days: u32) -> Result<String> {
        std::fs::create_dir_all(&self.folder).context("making a folder")?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = Command::new(std::env::current_exe().context("finding this program")?);
        command.arg("--data").arg(self.folder.join("data"));
        if let Some(store) = &self.store {
            command.args(["--store", store]);
        }
        command.args(["demo", "--population", POPULATION, "--listen", "127.0.0.1:0"]);
        if days > 0 {
            command.args(["--days-later", &days.to_string()]);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("starting the country")?;
        let stdout = process.stdout.take().context("the country has no output")?;
        self.process = Some(process);
        let (tell, told) = channel();
        std::thread::spawn(move || {
            // Read to the end: a full pipe must not stop the country.
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("http://") {
                    let _ = tell.send(format!("http://{}", address.trim()));
                }
            }
        });
        match told.recv_timeout(Duration::from_secs(OPEN_SECONDS)) {
            Ok(address) => Ok(address),
            Err(_) => bail!("the country did not open within {OPEN_SECONDS} seconds"),
        }
    }

    /// A folder beside its data, which goes with it.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// When it is not running.
    pub fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the country is not running")?;
        process.kill().context("killing it")?;
        process.wait().context("waiting for its end")?;
        Ok(())
    }

    /// The end of what it said to the operator.
    #[must_use]
    pub fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Country {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
