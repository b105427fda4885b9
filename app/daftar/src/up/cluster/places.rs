//! Where everything of a node lies, and whose it is.

use super::plan::Node;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where Debian puts PostgreSQL's programs, one folder a version.
const POSTGRES: &str = "/usr/lib/postgresql";
/// Debian's user for PostgreSQL; etcd, Patroni and HAProxy run as the same.
const USER: &str = "postgres";

/// A user by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub id: u32,
    /// Its group.
    pub group: u32,
}

/// The folders and files of one node.
#[derive(Clone, Debug)]
pub struct Places {
    /// `node-N` in the folder of the cluster.
    node: PathBuf,
    /// The folder of what all nodes have in common.
    common: PathBuf,
    /// PostgreSQL's programs.
    pub postgres_programs: String,
    /// As whom the programs run; none when we are not root, and they run as ourselves.
    pub user: Option<User>,
}

impl Places {
    /// Of this node, in the folder of the cluster.
    ///
    /// # Errors
    /// When PostgreSQL is not installed.
    pub fn of(cluster: &Path, node: &Node) -> Result<Self> {
        let cluster = std::path::absolute(cluster).context("finding the folder of the cluster")?;
        let user = if rustix::process::geteuid().is_root() { Some(find_user(USER)?) } else { None };
        Ok(Self {
            node: cluster.join(node.name()),
            common: cluster,
            postgres_programs: find_postgres(Path::new(POSTGRES))?,
            user,
        })
    }

    /// Of a node, whatever this machine has.
    #[cfg(test)]
    pub(super) fn at(cluster: &str, node: &Node) -> Self {
        let cluster = PathBuf::from(cluster);
        Self {
            node: cluster.join(node.name()),
            common: cluster,
            postgres_programs: "/usr/lib/postgresql/15/bin".into(),
            user: None,
        }
    }

    fn engine(&self, file: &str) -> String {
        self.node.join("engine").join(file).display().to_string()
    }

    /// Daftar's data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.node.join("data")
    }
    /// Process numbers and sockets.
    #[must_use]
    pub fn run(&self) -> String {
        self.engine("run")
    }
    /// What a program says.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.node.join("log").join(format!("{name}.log"))
    }
    /// A configuration file, or another that the programs read.
    #[must_use]
    pub fn config(&self, file: &str) -> String {
        self.engine(file)
    }
    /// The certificate of this node.
    #[must_use]
    pub fn certificate(&self) -> String {
        self.engine("node.pem")
    }
    /// Its key.
    #[must_use]
    pub fn key(&self) -> String {
        self.engine("node.key")
    }
    /// Both in one file, as HAProxy wants them.
    #[must_use]
    pub fn bundle(&self) -> String {
        self.engine("bundle.pem")
    }
    /// The authority whose certificates are believed.
    #[must_use]
    pub fn authority(&self) -> String {
        self.engine("ca.pem")
    }
    /// etcd's data.
    #[must_use]
    pub fn etcd_data(&self) -> String {
        self.engine("etcd")
    }
    /// PostgreSQL's data.
    #[must_use]
    pub fn postgres_data(&self) -> String {
        self.engine("postgres")
    }
    /// Where Patroni keeps passwords for PostgreSQL's own commands.
    #[must_use]
    pub fn pgpass(&self) -> String {
        self.engine("pgpass")
    }
    /// What is run once on the first PostgreSQL.
    #[must_use]
    pub fn first_words(&self) -> String {
        self.engine("first-words.sh")
    }
    /// What HAProxy says when nobody answers.
    #[must_use]
    pub fn again(&self) -> String {
        self.engine("again.http")
    }
    /// Where Daftar finds the place of shared keys.
    #[must_use]
    pub fn shared_keys(&self) -> String {
        self.data().join("keys-shared.toml").display().to_string()
    }
    /// Photos and documents, when all nodes are on one machine.
    #[must_use]
    pub fn local_blobs(&self) -> String {
        self.common.join("blobs").display().to_string()
    }
    /// The witness policy of this cluster.
    #[must_use]
    pub fn policy(&self) -> String {
        self.common.join("policy").display().to_string()
    }

    /// By which words the programs of this node are known among all others.
    #[must_use]
    pub fn marks(&self) -> Vec<Vec<String>> {
        let data = self.data().display().to_string();
        let marks = [
            vec!["etcd".into(), self.config("etcd.yml")],
            vec!["patroni".into(), self.config("patroni.yml")],
            vec!["haproxy".into(), self.config("haproxy.cfg")],
            vec!["-D".into(), self.postgres_data()],
            vec!["--data".into(), data, "serve".into()],
        ];
        marks.to_vec()
    }

    /// Makes the folders.
    ///
    /// # Errors
    /// When they cannot be made, or the programs' user cannot enter them.
    pub fn make(&self) -> Result<()> {
        for (folder, mode) in [
            (self.common.clone(), 0o755),
            (self.node.clone(), 0o755),
            (self.node.join("log"), 0o700),
            (self.data(), 0o700),
            (PathBuf::from(self.local_blobs()), 0o700),
        ] {
            make_dir(&folder, mode)?;
        }
        for folder in [self.engine(""), self.run(), self.etcd_data(), self.postgres_data()] {
            make_dir(Path::new(&folder), 0o700)?;
            self.give_away(Path::new(&folder))?;
        }
        self.check_way()
    }

    /// Whether the programs' user can enter: every folder above must let others pass.
    fn check_way(&self) -> Result<()> {
        let closed = |folder: &&Path| {
            std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o001 == 0)
        };
        match self.node.ancestors().filter(|_| self.user.is_some()).find(closed) {
            None => Ok(()),
            Some(folder) => bail!(
                "the user {USER} cannot enter {}. Next: name another folder with --data, such as /var/lib/daftar",
                folder.display()
            ),
        }
    }

    fn give_away(&self, path: &Path) -> Result<()> {
        let Some(user) = self.user else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(user.id), Some(user.group))
            .with_context(|| format!("giving {} to {USER}", path.display()))
    }

    /// Writes a file of the programs that only they may read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_for_programs(&self, path: &str, text: &str) -> Result<()> {
        let mode = if path == self.first_words() { 0o700 } else { 0o600 };
        write(Path::new(path), text, mode)?;
        self.give_away(Path::new(path))
    }
}

/// Makes a folder with this mode; one that is there keeps its own.
pub(super) fn make_dir(path: &Path, mode: u32) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .with_context(|| format!("making {}", path.display()))
}

/// Writes a file, whole or not at all.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    use std::io::Write;
    let writing = || format!("writing {}", path.display());
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut options = std::fs::OpenOptions::new();
    let mut file =
        options.write(true).create(true).truncate(true).mode(mode).open(&draft).with_context(writing)?;
    file.set_permissions(std::fs::Permissions::from_mode(mode)).with_context(writing)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(writing)?;
    std::fs::rename(&draft, path).with_context(writing)
}

fn find_user(name: &str) -> Result<User> {
    let text = std::fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let found = text
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|parts| parts.first() == Some(&name));
    let number = |at: usize| found.as_ref()?.get(at)?.parse().ok();
    match (number(2), number(3)) {
        (Some(id), Some(group)) => Ok(User { id, group }),
        _ => bail!("there is no user {name}. Next: apt-get install postgresql patroni etcd-server haproxy"),
    }
}

/// The newest version's programs.
fn find_postgres(folder: &Path) -> Result<String> {
    let versions = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("postgres").is_file())
        .max();
    match newest {
        Some((_, programs)) => Ok(programs.display().to_string()),
        None => {
            bail!("PostgreSQL is not installed. Next: apt-get install postgresql patroni etcd-server haproxy")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_postgresql_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        assert!(find_postgres(dir.path()).unwrap_err().to_string().contains("apt-get install"));
        for version in ["9", "15", "13", "notes"] {
            let programs = dir.path().join(version).join("bin");
            std::fs::create_dir_all(&programs).unwrap();
            std::fs::write(programs.join("postgres"), "").unwrap();
        }
        std::fs::create_dir_all(dir.path().join("17/bin")).unwrap();
        assert_eq!(find_postgres(dir.path()).unwrap(), dir.path().join("15/bin").display().to_string());
    }

    #[test]
    fn a_file_is_replaced_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "old").unwrap();
        write(&path, "new", 0o600).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
