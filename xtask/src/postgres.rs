//! A PostgreSQL of one's own for the length of a run: on a socket in a temporary folder, no port, no password.

use crate::run;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long `initdb`'s server may take until it answers.
const START_SECONDS_MAX: u64 = 60;

/// A running server; it ends, and its files go, when this is dropped, and also when we are killed.
pub struct Server {
    process: Child,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the message says what to do.
    pub fn start() -> Result<Self> {
        let bin = bin_folder().context("PostgreSQL is not installed. Run `cargo xtask setup`")?;
        let folder = tempfile::Builder::new().prefix("daftar-pg-").tempdir()?;
        let account = Account::choose()?;
        account.own(folder.path())?;
        let data = folder.path().join("data");
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut initdb = account.command(&bin.join("initdb"));
        initdb
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
            .current_dir(folder.path())
            .stdout(log.try_clone()?);
        run::succeed(&mut initdb).context("initdb")?;
        let mut postgres = account.command(&bin.join("postgres"));
        postgres
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            // Durability is tested by killing our own processes, not the machine.
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=400"])
            .args(["-c", "shared_buffers=128MB", "-c", "timezone=UTC"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // A Ctrl-C at the terminal is for the tests; the server ends after them.
            .process_group(0);
        let process = postgres.spawn().context("could not start postgres")?;
        let mut server = Self { process, folder };
        server.wait(&bin)?;
        Ok(server)
    }

    /// The connection string for the tests, in `DAFTAR_TEST_PG`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    fn wait(&mut self, bin: &Path) -> Result<()> {
        let step = Duration::from_millis(50);
        for _ in 0..START_SECONDS_MAX * 20 {
            let ready = Command::new(bin.join("pg_isready"))
                .args(["-q", "-U", "postgres", "-h"])
                .arg(self.folder.path())
                .status()
                .context("pg_isready")?;
            if ready.success() {
                return Ok(());
            }
            if self.process.try_wait()?.is_some() {
                break;
            }
            run::pause(step);
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        bail!("PostgreSQL did not start within {START_SECONDS_MAX} s. Its log:\n{log}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is the fast shutdown: sessions are ended, shared memory is given back.
        let asked = Command::new("kill")
            .arg("-INT")
            .arg(self.process.id().to_string())
            .status()
            .is_ok_and(|s| s.success());
        for _ in 0..200 {
            if !asked || !matches!(self.process.try_wait(), Ok(None)) {
                break;
            }
            run::pause(Duration::from_millis(50));
        }
        // Both fail only when it has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Who the server runs as: ourselves, or a user without rights when we are root, which `initdb` refuses.
enum Account {
    Ourselves,
    Other { uid: u32, gid: u32 },
}

impl Account {
    fn choose() -> Result<Self> {
        if run::user()?.0 != 0 {
            return Ok(Self::Ourselves);
        }
        let users = std::fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        let (uid, gid) = ["postgres", "nobody"]
            .iter()
            .find_map(|name| ids_of(&users, name))
            .context("running as root, and there is no user `postgres` or `nobody` to run PostgreSQL as")?;
        Ok(Self::Other { uid, gid })
    }
    fn own(&self, folder: &Path) -> Result<()> {
        if let Self::Other { uid, gid } = self {
            chown(folder, Some(*uid), Some(*gid))?;
        }
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
        Ok(())
    }
    /// The program through `setpriv` (util-linux, in every Debian), which also ends it when we die.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "INT"]);
        if let Self::Other { uid, gid } = self {
            command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups");
        }
        command.arg("--").arg(program);
        command
    }
}

/// The uid and gid of a user in the text of `/etc/passwd`.
fn ids_of(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Where PostgreSQL's programs are: Debian keeps each version in its own folder; the newest wins.
pub fn bin_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_string_lossy().parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").is_file().then_some((version, bin))
        })
        .max_by_key(|(version, _)| *version);
    newest.map(|(_, bin)| bin).or_else(|| {
        let path = run::env("PATH")?;
        std::env::split_paths(&path).find(|f| f.join("initdb").is_file() && f.join("postgres").is_file())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_user() {
        let users = "root:x:0:0:root:/r:/bin/sh\npostgres:x:105:113:PostgreSQL,,,:/p:/bin/bash\n";
        assert_eq!(ids_of(users, "postgres"), Some((105, 113)));
        assert_eq!(ids_of(users, "post"), None);
    }
}
