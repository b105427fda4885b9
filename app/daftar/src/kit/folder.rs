//! What lies on a kit's disk.
//!
//! ```text
//! kit.json             name, installation, the request's random bytes, the registry's key once it is known
//! device.seed          the device's signing key
//! operators/*.json     operators' keys, each under its operator's PIN
//! authorisation.json   what the registry allows
//! contact.json         the last contact with the registry
//! tail.json            number and hash of the last packet of this installation
//! packets/N.packet     packets that the registry has not acknowledged
//! acks/N.json          acknowledgements
//! ```
//!
//! `N` is the number on the person's paper, so that packets of several kits lie on one stick beside each other.
//!
//! Every file is written beside its place, brought to the disk and renamed, so there is never half of one. A packet counts from
//! its rename on; the tail follows, and a start that finds a packet beyond the tail mends it.

use super::watch::Watch;
use anyhow::{Context, Result, anyhow, bail, ensure};
use daftar_kernel::{World, hex};
use enrolment_packet::clock::{Contact, Times, contact_between, estimate};
use enrolment_packet::packet::BEGINNING;
use enrolment_packet::pin::{self, Cost, Wrapped};
use enrolment_packet::statement::{self, Authorisation, Operator, Request};
use enrolment_packet::{Signer, hash, read_header, reference};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// First field of `kit.json`.
const FORMAT: &str = "daftar-kit/1";
/// How a file is called that is not finished.
const DRAFT: &str = "draft";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    format: String,
    name: String,
    installation: String,
    nonce: String,
    /// The registry's statement key, in hexadecimal, from the first authorisation on.
    registry: Option<String>,
}

/// The last packet of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tail {
    installation: String,
    /// Its number; 0 before the first.
    pub sequence: u64,
    hash: String,
}

/// An operator's key as it lies on the kit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    operator: Operator,
    wrapped: Wrapped,
}

/// A kit's folder, held by one program at a time.
pub struct Kit {
    dir: PathBuf,
    world: World,
    watch: Arc<dyn Watch>,
    about: About,
    _lock: File,
}

impl std::fmt::Debug for Kit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kit({})", self.dir.display())
    }
}

impl Kit {
    /// Makes a kit: its keys are drawn here and never leave the device.
    ///
    /// # Errors
    /// When there is a kit already, the name does not print, or the folder cannot be written.
    pub fn init(dir: &Path, name: &str, world: World, watch: Arc<dyn Watch>) -> Result<Self> {
        let printed = !name.trim().is_empty() && !name.chars().any(char::is_control);
        ensure!(
            printed && name.chars().count() <= statement::NAME_CHARS_MAX,
            "a kit's name has 1 to {} characters that print. Next: choose one such as \"Mobile unit 3\"",
            statement::NAME_CHARS_MAX
        );
        ensure!(
            !dir.join("kit.json").exists() && !dir.join("device.seed").exists(),
            "{} holds a kit already. Next: choose another folder, or see `daftar kit status`",
            dir.display()
        );
        for part in [dir.to_path_buf(), dir.join("operators"), dir.join("packets"), dir.join("acks")] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&part)
                .with_context(|| format!("making {}", part.display()))?;
        }
        let lock = lock(dir)?;
        let installation = hex::encode(&world.bytes::<16>());
        write(&dir.join("device.seed"), hex::encode(&world.bytes::<32>()).as_bytes())?;
        let tail = Tail { installation: installation.clone(), sequence: 0, hash: hex::encode(&BEGINNING) };
        write_json(&dir.join("tail.json"), &tail)?;
        let nonce = hex::encode(&world.bytes::<16>());
        let about =
            About { format: FORMAT.into(), name: name.trim().into(), installation, nonce, registry: None };
        // Last: from here on it is a kit.
        write_json(&dir.join("kit.json"), &about)?;
        Ok(Self { dir: dir.into(), world, watch, about, _lock: lock })
    }

    /// Opens a kit, sweeps what an interrupted start left, and mends the tail.
    ///
    /// # Errors
    /// When there is none, another program holds it, or its state was lost.
    pub fn open(dir: &Path, world: World, watch: Arc<dyn Watch>) -> Result<Self> {
        let lock = lock(dir)?;
        let about: About = read_json(&dir.join("kit.json"))
            .with_context(|| format!("{} holds no kit. Next: daftar kit init --dir {0}", dir.display()))?;
        ensure!(about.format == FORMAT, "kit.json is of format '{}', not {FORMAT}", about.format);
        let kit = Self { dir: dir.into(), world, watch, about, _lock: lock };
        kit.sweep()?;
        kit.mend_tail()?;
        Ok(kit)
    }

    /// Begins a new installation on the same device: numbers start anew. For a kit whose state was lost or brought back from a copy.
    ///
    /// # Errors
    /// When packets wait that the registry has not acknowledged, or the folder cannot be written.
    pub fn reinstall(dir: &Path, world: World, watch: Arc<dyn Watch>) -> Result<Self> {
        let lock = lock(dir)?;
        let mut about: About = read_json(&dir.join("kit.json"))?;
        let waiting = numbered(&dir.join("packets"), "packet")?.len();
        ensure!(
            waiting == 0,
            "{waiting} packets wait to be sent. Next: daftar kit send, or carry the folder 'packets' home and move it away"
        );
        about.installation = hex::encode(&world.bytes::<16>());
        let old = dir.join(format!("acks-before-{}", about.installation.get(..8).unwrap_or_default()));
        fs::rename(dir.join("acks"), &old).context("putting the old acknowledgements aside")?;
        fs::DirBuilder::new().mode(0o700).create(dir.join("acks"))?;
        let tail =
            Tail { installation: about.installation.clone(), sequence: 0, hash: hex::encode(&BEGINNING) };
        write_json(&dir.join("tail.json"), &tail)?;
        write_json(&dir.join("kit.json"), &about)?;
        Ok(Self { dir: dir.into(), world, watch, about, _lock: lock })
    }

    fn sweep(&self) -> Result<()> {
        for part in ["", "packets", "acks", "operators"] {
            for entry in fs::read_dir(self.dir.join(part))? {
                let path = entry?.path();
                if path.extension().is_some_and(|ext| ext == DRAFT) {
                    fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
                }
            }
        }
        Ok(())
    }

    fn mend_tail(&self) -> Result<()> {
        let path = self.dir.join("tail.json");
        let known: Option<Tail> = if path.exists() { Some(read_json(&path)?) } else { None };
        let Some(tail) = known.filter(|tail| tail.installation == self.about.installation) else {
            bail!(
                "the kit's state was lost or is another installation's, and a number must not be used twice. \
                 Next: send what waits, then daftar kit reinstall --dir {}",
                self.dir.display()
            );
        };
        // A packet that was renamed into place before the tail could follow.
        for (sequence, file) in numbered(&self.dir.join("packets"), "packet")? {
            if sequence > tail.sequence {
                let packet = fs::read(&file)?;
                self.write_tail(sequence, &hash(&packet))?;
            }
        }
        Ok(())
    }

    /// The last packet of this installation.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tail(&self) -> Result<Tail> {
        read_json(&self.dir.join("tail.json"))
    }

    pub(super) fn previous(&self) -> Result<[u8; 32]> {
        fixed(&self.tail()?.hash).context("tail.json is damaged")
    }

    pub(super) fn write_tail(&self, sequence: u64, packet: &[u8; 32]) -> Result<()> {
        let installation = self.about.installation.clone();
        write_json(&self.dir.join("tail.json"), &Tail { installation, sequence, hash: hex::encode(packet) })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.about.name
    }
    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
    pub(super) const fn world(&self) -> &World {
        &self.world
    }
    pub(super) fn moment(&self) -> enrolment_packet::clock::Moment {
        self.watch.moment()
    }
    pub(super) fn installation(&self) -> Result<[u8; 16]> {
        fixed(&self.about.installation).context("kit.json is damaged")
    }
    pub(super) fn device(&self) -> Result<Signer> {
        let text = fs::read_to_string(self.dir.join("device.seed")).context("reading the device's key")?;
        let seed = fixed(text.trim()).context("device.seed is damaged")?;
        Signer::from_seed(&seed).map_err(|fault| anyhow!("device.seed: {fault}"))
    }
    /// The registry's statement key.
    pub(super) fn registry(&self) -> Result<[u8; 32]> {
        let known = self.about.registry.as_deref().and_then(fixed);
        known.context("the kit is not allowed yet. Next: daftar kit authorise")
    }
    /// The registry's statement key in hexadecimal, once it is known: the desk's page shows the same.
    #[must_use]
    pub fn registry_key(&self) -> Option<&str> {
        self.about.registry.as_deref()
    }

    /// Makes a key for an operator under a PIN they chose; replaces the one they had.
    ///
    /// # Errors
    /// When the PIN is too weak, or there are too many operators.
    pub fn add_operator(&self, login: &str, pin: &str, cost: Cost) -> Result<()> {
        let login = login.trim();
        let others: Vec<Held> = self.held()?.into_iter().filter(|one| one.operator.login != login).collect();
        ensure!(
            others.len() < statement::OPERATORS_MAX,
            "a kit has at most {} operators. Next: make a kit of its own for the others",
            statement::OPERATORS_MAX
        );
        let seed = self.world.bytes::<32>();
        let wrapped = pin::wrap(&seed, pin, self.world.bytes(), cost).map_err(|fault| anyhow!("{fault}"))?;
        let key = *Signer::from_seed(&seed).map_err(|fault| anyhow!("{fault}"))?.public();
        let held = Held { operator: Operator { login: login.into(), key }, wrapped };
        write_json(&self.operator_file(login), &held)
    }

    fn operator_file(&self, login: &str) -> PathBuf {
        // A sign-in name may be in any script: its hash is a name for a file.
        let name = hex::encode(&hash(login.as_bytes()));
        self.dir.join("operators").join(format!("{}.json", name.get(..16).unwrap_or(&name)))
    }

    fn held(&self) -> Result<Vec<Held>> {
        let mut held = Vec::new();
        for entry in fs::read_dir(self.dir.join("operators"))? {
            held.push(read_json::<Held>(&entry?.path())?);
        }
        held.sort_by(|a, b| a.operator.login.cmp(&b.operator.login));
        Ok(held)
    }

    /// The key of an operator who is allowed on this kit, opened with their PIN.
    pub(super) fn operator(&self, login: &str, pin: &str) -> Result<Signer> {
        let file = self.operator_file(login.trim());
        ensure!(
            file.exists(),
            "'{login}' is no operator of this kit. Next: daftar kit operator --login {login}"
        );
        let held: Held = read_json(&file)?;
        let allowed = self.authorisation()?.operators;
        ensure!(
            allowed.iter().any(|one| one.key == held.operator.key),
            "'{login}' has not been allowed on this kit by the registry. Next: daftar kit request, and an official allows it at /desk/kits"
        );
        let seed = pin::unwrap(&held.wrapped, pin).map_err(|fault| anyhow!("{fault}"))?;
        Signer::from_seed(&seed).map_err(|fault| anyhow!("{fault}"))
    }

    /// The request an official allows the kit by.
    ///
    /// # Errors
    /// When there is no operator yet.
    pub fn request(&self) -> Result<String> {
        let operators: Vec<Operator> = self.held()?.into_iter().map(|one| one.operator).collect();
        ensure!(
            !operators.is_empty(),
            "nobody works with this kit yet. Next: daftar kit operator --login NAME"
        );
        let device = self.device()?;
        let request = Request {
            name: self.about.name.clone(),
            device: *device.public(),
            nonce: fixed(&self.about.nonce).context("kit.json is damaged")?,
            operators,
            made: self.moment(),
        };
        let file = statement::sign(&request, &device).map_err(|fault| anyhow!("{fault}"))?;
        Ok(String::from_utf8(file)?)
    }

    /// Takes what the registry allows. The first one teaches the kit the registry's key; later ones must be signed by it.
    ///
    /// # Errors
    /// When it is another device's, answers another request, or its signature does not hold.
    pub fn authorise(&mut self, file: &[u8]) -> Result<Authorisation> {
        let (allowed, signer): (Authorisation, [u8; 32]) =
            statement::read(file).map_err(|fault| anyhow!("this is no authorisation: {fault}"))?;
        ensure!(allowed.device == *self.device()?.public(), "this authorisation is another device's");
        ensure!(
            Some(allowed.nonce) == fixed(&self.about.nonce),
            "this authorisation answers a request of another installation. Next: daftar kit request"
        );
        if self.about.registry.is_some() {
            ensure!(
                signer == self.registry()?,
                "this authorisation is signed by another registry than the kit's. Next: ask the office that allowed the kit"
            );
        }
        write(&self.dir.join("authorisation.json"), file)?;
        write_json(&self.dir.join("contact.json"), &first_contact(&allowed, &self.moment()))?;
        self.about.registry = Some(hex::encode(&signer));
        write_json(&self.dir.join("kit.json"), &self.about)?;
        Ok(allowed)
    }

    /// What the registry allows.
    ///
    /// # Errors
    /// When it has not allowed the kit yet.
    pub fn authorisation(&self) -> Result<Authorisation> {
        let file = fs::read(self.dir.join("authorisation.json"))
            .context("the kit is not allowed yet. Next: daftar kit authorise --dir DIR FILE")?;
        statement::read_by(&file, &self.registry()?).map_err(|fault| anyhow!("authorisation.json: {fault}"))
    }

    pub(super) fn times(&self) -> Result<Times> {
        let contact: Option<Contact> = match self.dir.join("contact.json") {
            path if path.exists() => Some(read_json(&path)?),
            _ => None,
        };
        Ok(Times { made: self.moment(), contact })
    }

    /// The registry's time, as well as the kit can tell, in microseconds since 1970.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn now(&self) -> Result<i64> {
        Ok(estimate(&self.times()?, None, i64::MAX).at)
    }

    pub(super) fn write_contact(&self, contact: &Contact) -> Result<()> {
        write_json(&self.dir.join("contact.json"), contact)
    }

    /// Packets that the registry has not acknowledged, by number.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn packets(&self) -> Result<Vec<(u64, PathBuf)>> {
        numbered(&self.dir.join("packets"), "packet")
    }
    /// Acknowledgements, by number.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn acks(&self) -> Result<Vec<(u64, PathBuf)>> {
        numbered(&self.dir.join("acks"), "json")
    }
    pub(super) fn packet_file(&self, sequence: u64) -> Result<PathBuf> {
        let name = reference::of(&self.installation()?, sequence);
        Ok(self.dir.join("packets").join(format!("{name}.packet")))
    }
    pub(super) fn ack_file(&self, sequence: u64) -> Result<PathBuf> {
        let name = reference::of(&self.installation()?, sequence);
        Ok(self.dir.join("acks").join(format!("{name}.json")))
    }
}

/// The clock's error from the first authorisation: allowed somewhere between the request and now.
fn first_contact(allowed: &Authorisation, now: &enrolment_packet::clock::Moment) -> Contact {
    contact_between(&allowed.since.device, allowed.since.registry, now)
}

fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let mut options = fs::OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = file.with_context(|| format!("{} holds no kit. Next: daftar kit init", dir.display()))?;
    file.try_lock()
        .map_err(|_| anyhow!("another program works with this kit. Next: wait until it ends, or end it"))?;
    Ok(file)
}

pub(super) fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text)?.try_into().ok()
}

/// Writes a file so that it is whole or not there, whatever happens: beside its place, to the disk, renamed, the folder to the disk.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = path.with_extension(DRAFT);
    let written = (|| {
        let mut options = fs::OpenOptions::new();
        let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        sync(path.parent().unwrap_or_else(|| Path::new(".")))
    })();
    written.map_err(|error: std::io::Error| {
        // A full disk leaves no half of anything; what cannot be removed now is swept at the next start.
        let _ = fs::remove_file(&draft);
        anyhow!(
            "writing {}: {error}. Nothing was kept of it. Next: make room on the disk and try again",
            path.display()
        )
    })
}

pub(super) fn sync(dir: &Path) -> std::io::Result<()> {
    File::open(dir)?.sync_all()
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    write(path, &serde_json::to_vec_pretty(value)?)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))
}

/// Files called by a number on a paper, in the order of the packets.
pub(super) fn numbered(dir: &Path, ext: &str) -> Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let number = stem.and_then(|stem| stem.split('-').nth(1)?.parse().ok());
        if let (Some(number), true) = (number, path.extension().is_some_and(|found| found == ext)) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// A finding about a folder of packets.
pub fn check(dir: &Path) -> Result<(usize, Vec<String>)> {
    let (mut findings, mut seen) = (Vec::new(), std::collections::BTreeMap::new());
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("reading {}", dir.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "packet"))
        .collect();
    files.sort();
    for path in &files {
        let packet = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        match read_header(&packet) {
            Err(fault) => findings.push(format!("{}: {fault}", path.display())),
            Ok(header) => {
                let place = (header.installation, header.sequence);
                if seen
                    .insert(place, (hash(&packet), header.previous))
                    .is_some_and(|(old, _)| old != hash(&packet))
                {
                    findings.push(format!("{}: another packet has the same number", path.display()));
                }
            }
        }
    }
    for ((installation, sequence), (_, previous)) in &seen {
        let before = seen.get(&(*installation, sequence.saturating_sub(1)));
        if before.is_some_and(|(hash, _)| hash != previous) {
            findings.push(format!("number {sequence} follows another packet than the one before it here"));
        }
    }
    Ok((files.len(), findings))
}
