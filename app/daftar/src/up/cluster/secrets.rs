//! What all nodes know and nobody else: passwords, the authority of the cluster's certificates, the root key, the name of
//! the record. Made once, in one folder that an operator carries to each machine.

use super::places::{make_dir, write};
use super::plan::Plan;
use anyhow::{Context, Result, ensure};
use daftar_kernel::{World, hex};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder, inside the folder of the cluster.
pub const FOLDER: &str = "secrets";
const FILE: &str = "secrets.toml";
/// The keys of the country, inside the folder.
const KEYS: &str = "keys";
/// How long the certificates last, in days: ten years. They are the cluster's own; who holds the folder makes new ones.
const DAYS: &str = "3650";

/// The words of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Password of PostgreSQL's `postgres`.
    pub superuser: String,
    /// Password of its `replicator`.
    pub replication: String,
    /// Password of its `daftar`.
    pub database: String,
    /// Password for changing something through Patroni.
    pub patroni: String,
    /// Name of the public logs in the world.
    pub origin: String,
    /// Whether a country moves here: then nothing is begun, and the cluster waits for it.
    pub awaits_country: bool,
}

/// The folder of secrets of a cluster.
#[must_use]
pub fn folder(cluster: &Path) -> PathBuf {
    cluster.join(FOLDER)
}

/// Makes the folder when there is none. `origin` names the record; `from` is the data directory of a country that moves
/// here, whose keys are taken.
///
/// # Errors
/// When something cannot be made; openssl's.
pub fn prepare(cluster: &Path, plan: &Plan, world: &World, origin: &str, from: Option<&Path>) -> Result<()> {
    let dir = folder(cluster);
    if dir.join(FILE).exists() {
        return Ok(());
    }
    make_dir(cluster, 0o755)?;
    make_dir(&dir, 0o700)?;
    let word = || hex::encode(&world.bytes::<32>());
    let secrets = Secrets {
        superuser: word(),
        replication: word(),
        database: word(),
        patroni: word(),
        origin: origin.into(),
        awaits_country: from.is_some(),
    };
    make_dir(&dir.join(KEYS), 0o700)?;
    match from {
        Some(data) => take_keys(data, cluster)?,
        None => write(&dir.join(KEYS).join("root.key"), &format!("daftar-root-key/1 {}\n", word()), 0o600)?,
    }
    make_authority(&dir, &plan.name)?;
    for node in &plan.nodes {
        make_certificate(&dir, &node.name(), &node.host.to_string())?;
    }
    // Last: a folder that has it is whole.
    write(&dir.join(FILE), &toml::to_string(&secrets)?, 0o600)
}

/// Reads the folder's words.
///
/// # Errors
/// When there is no such folder, or it is not whole.
pub fn read(cluster: &Path) -> Result<Secrets> {
    let path = folder(cluster).join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "reading {}. Next: daftar up --ha --prepare cluster.toml on one machine, then carry the folder {FOLDER} to the \
             others",
            path.display()
        )
    })?;
    let secrets: Secrets = toml::from_str(&text).map_err(|e| {
        // Without the parser's excerpt of the text: it may be a secret.
        anyhow::anyhow!("{}: {}", path.display(), e.message())
    })?;
    let digits = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = [&secrets.superuser, &secrets.replication, &secrets.database, &secrets.patroni];
    ensure!(
        words.into_iter().all(|word| digits(word)),
        "{}: a password is not as it was made",
        path.display()
    );
    Ok(secrets)
}

/// One of the folder's files.
///
/// # Errors
/// When it cannot be read.
pub fn file(cluster: &Path, name: &str) -> Result<String> {
    let path = folder(cluster).join(name);
    std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}

/// The country's keys, by the names of their files.
///
/// # Errors
/// When they cannot be read.
pub fn keys(cluster: &Path) -> Result<Vec<(String, String)>> {
    key_files(&folder(cluster).join(KEYS))
}

fn key_files(dir: &Path) -> Result<Vec<(String, String)>> {
    let reading = || format!("reading {}", dir.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if let (Some("key"), Some(name)) = (path.extension().and_then(|e| e.to_str()), path.file_name()) {
            let text = std::fs::read_to_string(&path).with_context(reading)?;
            found.push((name.to_string_lossy().into_owned(), text));
        }
    }
    ensure!(found.iter().any(|(name, _)| name == "root.key"), "{} holds no root.key", dir.display());
    Ok(found)
}

/// What a country that moves here brings besides its store: its keys, and whom its record trusts as witnesses.
fn take_keys(data: &Path, cluster: &Path) -> Result<()> {
    for (name, text) in key_files(&data.join("keys"))? {
        write(&folder(cluster).join(KEYS).join(name), &text, 0o600)?;
    }
    match std::fs::read_to_string(data.join("policy")) {
        Ok(policy) => write(&cluster.join("policy"), &policy, 0o644),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).context("reading the witness policy"),
    }
}

fn make_authority(dir: &Path, name: &str) -> Result<()> {
    let subject = format!("/CN={name} cluster");
    openssl(
        dir,
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            DAYS,
            "-subj",
            &subject,
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        ],
    )
}

/// A certificate for the node's address and for this machine's own: its programs speak to each other too.
fn make_certificate(dir: &Path, name: &str, host: &str) -> Result<()> {
    let (key, request, certificate, extensions) =
        (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"), format!("{name}.ext"));
    let subject = format!("/CN={name}");
    openssl(
        dir,
        &[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &key,
            "-out",
            &request,
            "-subj",
            &subject,
        ],
    )?;
    let names = format!(
        "subjectAltName=IP:{host},IP:127.0.0.1,DNS:{name},DNS:localhost\nbasicConstraints=critical,CA:false\n\
         keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n"
    );
    write(&dir.join(&extensions), &names, 0o600)?;
    openssl(
        dir,
        &[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            &certificate,
            "-days",
            DAYS,
            "-sha256",
            "-extfile",
            &extensions,
        ],
    )
}

fn openssl(dir: &Path, arguments: &[&str]) -> Result<()> {
    let done = Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .context("running openssl. Next: apt-get install openssl")?;
    ensure!(done.status.success(), "openssl: {}", String::from_utf8_lossy(&done.stderr).trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn secrets_are_made_once_and_are_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan::loopback(3).unwrap();
        assert!(format!("{:#}", read(dir.path()).unwrap_err()).contains("--prepare"));
        prepare(dir.path(), &plan, &World::system(), "x.example/1", None).unwrap();
        let first = read(dir.path()).unwrap();
        prepare(dir.path(), &plan, &World::system(), "y.example/1", None).unwrap();
        assert_eq!(read(dir.path()).unwrap(), first);
        assert_eq!(first.origin, "x.example/1");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder(dir.path())), 0o700);
        for file in ["secrets.toml", "keys/root.key", "ca.key", "node-3.key"] {
            assert_eq!(mode(&folder(dir.path()).join(file)), 0o600, "{file}");
        }
        let check = ["verify", "-CAfile", "ca.pem", "-verify_ip", "127.0.0.1", "node-2.pem"];
        openssl(&folder(dir.path()), &check).unwrap();
        let text = file(dir.path(), "secrets.toml").unwrap().replace(&first.database, "'; drop");
        std::fs::write(folder(dir.path()).join("secrets.toml"), text).unwrap();
        assert!(read(dir.path()).is_err());
    }
}
