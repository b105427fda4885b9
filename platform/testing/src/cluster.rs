//! One PostgreSQL server for the tests of a process, ended with the process however that ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

/// A server somebody else runs, e.g. `postgres:///postgres?host=/run/postgresql`; its role must be able to create
/// databases.
const SERVER_VARIABLE: &str = "DAFTAR_TEST_PG";
const NEXT_STEP: &str =
    "install it (apt-get install postgresql), or set DAFTAR_TEST_PG to the admin URL of a running server";

/// The admin URL of a server for tests: the one in `DAFTAR_TEST_PG`, else one of our own, started once a process.
///
/// # Panics
/// When there is no server and none can be started, saying what to do: a test never skips in silence.
pub(crate) fn admin_url() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(Server::find_or_start).admin_url
}

struct Server {
    admin_url: String,
    /// Our own server's keeper. It watches the other end of its input: when this process ends, by whatever way, the
    /// kernel closes the pipe and the keeper stops the server and removes its files.
    _keeper: Option<(Child, ChildStdin)>,
}

/// Run as the server's own user. It answers one line: the folder of the socket, or `failed:` and a reason.
const KEEPER: &str = r#"
trap '' INT HUP TERM
dir=$(mktemp -d "${TMPDIR:-/tmp}/daftar-pg.XXXXXX") || { echo "failed: no temporary folder"; exit 1; }
trap 'rm -rf "$dir"' EXIT
"$1/initdb" --pgdata="$dir/data" --username=daftar --auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 \
    >"$dir/log" 2>&1 || { echo "failed: initdb: $(tail -n 3 "$dir/log" | tr '\n' ' ')"; exit 1; }
"$1/pg_ctl" --pgdata="$dir/data" --log="$dir/log" --wait --silent start --options="-k $dir -c listen_addresses='' \
    -c fsync=off -c full_page_writes=off -c max_connections=400 -c shared_buffers=64MB -c max_wal_size=256MB \
    -c autovacuum_naptime=5min" \
    >/dev/null 2>&1 </dev/null || { echo "failed: start: $(tail -n 3 "$dir/log" | tr '\n' ' ')"; exit 1; }
echo "$dir"
read -r _
"$1/pg_ctl" --pgdata="$dir/data" --mode=immediate --silent stop >/dev/null 2>&1
"#;

impl Server {
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the program")]
    #[expect(clippy::panic, reason = "a test that cannot run must fail, and say why")]
    fn find_or_start() -> Self {
        if let Ok(admin_url) = std::env::var(SERVER_VARIABLE) {
            return Self { admin_url, _keeper: None };
        }
        match Self::start() {
            Ok(server) => server,
            Err(reason) => panic!("the tests need PostgreSQL: {reason}. Next: {NEXT_STEP}"),
        }
    }

    fn start() -> Result<Self, String> {
        let programs = programs().ok_or("no initdb in /usr/lib/postgresql/*/bin or in the usual folders")?;
        let mut command = as_server_user();
        command.args(["sh", "-c", KEEPER, "keeper"]).arg(&programs).current_dir("/");
        let mut keeper = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("the server's keeper does not start: {e}"))?;
        let (Some(hold), Some(output)) = (keeper.stdin.take(), keeper.stdout.take()) else {
            return Err("the server's keeper has no pipes".into());
        };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|e| e.to_string())?;
        let dir = line.trim();
        if !dir.starts_with('/') {
            return Err(if dir.is_empty() { "the server's keeper said nothing".into() } else { dir.into() });
        }
        Ok(Self {
            admin_url: format!("postgres:///postgres?host={dir}&user=daftar"),
            _keeper: Some((keeper, hold)),
        })
    }
}

/// The newest of Debian's versions, else wherever other systems keep it.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let others = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    versions.into_iter().rev().map(|(_, path)| path).chain(others).find(|path| path.join("initdb").exists())
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`, whom Debian's package makes.
fn as_server_user() -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = if root && Path::new("/usr/bin/setpriv").exists() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]);
        command
    } else if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]);
        command
    } else {
        Command::new("env")
    };
    // The folder of a root's TMPDIR may be closed to the other user.
    if root {
        command.env_remove("TMPDIR");
    }
    command
}
