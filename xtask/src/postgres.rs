//! A PostgreSQL of one's own for the length of a run: on a socket in a temporary folder, no port, no password.

use crate::run;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Run as the server's own user. It answers one line: `ready`, or `failed` and the end of the log. Then it watches its
/// input: when we end, by whatever way, the kernel closes the pipe, and the server and its files go.
const KEEPER: &str = r#"
trap '' INT HUP TERM
bin=$1 dir=$2 fsync=$3
trap 'rm -rf "$dir"' EXIT
fail() { echo "failed: $1: $(tail -n 5 "$dir/log" | tr '\n' ' ')"; exit 1; }
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || fail initdb
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -s start -o "-k $dir -c listen_addresses='' -c fsync=$fsync \
    -c max_connections=400 -c shared_buffers=128MB -c timezone=UTC" >/dev/null 2>&1 </dev/null || fail start
echo ready
read -r _
"$bin/pg_ctl" -D "$dir/data" -m fast -s stop >/dev/null 2>&1
"#;

/// What a commit of the server means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On the disk when it is acknowledged: for measuring.
    Full,
    /// In memory: for tests, whose durability is that of processes, not of the machine.
    None,
}

/// A running server; it ends, and its files go, when this is dropped, and also when we are killed.
pub struct Server {
    keeper: Child,
    folder: PathBuf,
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the message says what to do.
    pub fn start(durability: Durability) -> Result<Self> {
        let bin = bin_folder().context("PostgreSQL is not installed. Run `cargo xtask setup`")?;
        let account = Account::choose()?;
        let folder = tempfile::Builder::new().prefix("daftar-pg-").tempdir()?;
        account.own(folder.path())?;
        let mut command = account.command();
        command
            .args(["sh", "-c", KEEPER, "keeper"])
            .arg(&bin)
            .arg(folder.path())
            .arg(if durability == Durability::Full { "on" } else { "off" })
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A Ctrl-C at the terminal is for the tests; the server ends after them.
            .process_group(0);
        let mut keeper = command.spawn().context("could not start PostgreSQL's keeper")?;
        let out = keeper.stdout.take().context("the keeper has no output")?;
        // From here on the folder is the keeper's to remove.
        let server = Self { keeper, folder: folder.keep() };
        let mut answer = String::new();
        BufReader::new(out).read_line(&mut answer)?;
        if answer.trim() != "ready" {
            bail!("PostgreSQL did not start: {}", answer.trim());
        }
        Ok(server)
    }

    /// The connection string for the tests, in `DAFTAR_TEST_PG`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // It fails only when the keeper has already ended.
        let _ = self.keeper.wait();
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
    /// A command whose arguments are run as this user; `setpriv` is in every Debian (util-linux).
    fn command(&self) -> Command {
        match self {
            Self::Ourselves => Command::new("env"),
            Self::Other { uid, gid } => {
                let mut command = Command::new("setpriv");
                command
                    .args([format!("--reuid={uid}"), format!("--regid={gid}")])
                    .args(["--clear-groups", "--"]);
                command
            }
        }
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
