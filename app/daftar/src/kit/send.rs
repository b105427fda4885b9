//! Bringing packets home: over the network, or by the acknowledgements that a stick brings back.

use super::folder::{Kit, numbered, sync, write};
use anyhow::{Context, Result, anyhow, bail, ensure};
use daftar_identity::kit::SEND_PATH;
use daftar_record::transport::{Answer, HttpTransport, Transport};
use enrolment_packet::clock::contact_between;
use enrolment_packet::statement::{self, Acknowledgement};
use enrolment_packet::{hash, reference};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Longest time one packet may take on a slow line.
const SEND_TIMEOUT: Duration = Duration::from_secs(600);
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How often the registry may tell the kit to come back before it gives up.
const BUSY_MAX: u32 = 20;
/// How long the kit waits then.
const BUSY_PAUSE: Duration = Duration::from_secs(5);

/// What came of sending, by state: `merged`, `held`, `refused`.
pub type Outcome = BTreeMap<String, usize>;

/// Where a packet of this installation stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// Its number.
    pub sequence: u64,
    /// The number on the person's paper.
    pub reference: String,
    /// `waiting`, or what the registry said: `merged`, `held`, `refused`.
    pub state: String,
    /// Why it is held or was refused.
    pub reason: String,
    /// Whether the packet still lies on the kit.
    pub here: bool,
}

/// The way to a registry.
pub struct Line {
    client: HttpTransport,
    address: String,
}

impl Line {
    /// To the registry at this address; `authorities` are the certificates (PEM) that are believed.
    ///
    /// # Errors
    /// When they are no PEM.
    pub fn new(url: &str, authorities: &[u8]) -> Result<Self> {
        let client = HttpTransport::patient(authorities, SEND_TIMEOUT)?;
        Ok(Self { client, address: format!("{}{SEND_PATH}", url.trim_end_matches('/')) })
    }
}

impl Kit {
    /// Sends what waits, in its order. Whatever ends it, running it again goes on where it ended: the registry answers a packet it
    /// has with the same answer, and a packet leaves the kit only when its acknowledgement lies on the disk.
    ///
    /// # Errors
    /// When the registry cannot be reached or answers with something else than a signed acknowledgement.
    pub async fn send(&self, url: &str, authorities: &[u8]) -> Result<Outcome> {
        let (mut outcome, line) = (Outcome::new(), Line::new(url, authorities)?);
        for (sequence, path) in self.packets()? {
            let ack = self.send_one(&line, (sequence, &path)).await?;
            *outcome.entry(ack.state).or_default() += 1;
        }
        Ok(outcome)
    }

    /// Sends one of [`Kit::packets`] and brings the answer to the disk.
    ///
    /// # Errors
    /// As [`Kit::send`].
    pub async fn send_one(&self, line: &Line, (sequence, path): (u64, &Path)) -> Result<Acknowledgement> {
        let packet = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let before = self.moment();
        let answer = post(&line.client, &line.address, packet.clone()).await?;
        let ack = self.acknowledged(sequence, &packet, &answer.body)?;
        self.write_contact(&contact_between(&before, ack.answered_at, &self.moment()))?;
        Ok(ack)
    }

    /// Takes acknowledgements that a stick brought back (`daftar identity packets` wrote them beside the packets).
    ///
    /// # Errors
    /// When the folder cannot be read. Acknowledgements of others are passed over.
    pub fn settle(&self, dir: &Path) -> Result<Outcome> {
        let mut outcome = Outcome::new();
        let waiting = self.packets()?;
        for (sequence, path) in waiting {
            let packet = fs::read(&path)?;
            for (_, answer) in numbered(dir, "ack")? {
                let file = fs::read(&answer).with_context(|| format!("reading {}", answer.display()))?;
                let read = statement::read_by::<Acknowledgement>(&file, &self.registry()?);
                if read.is_ok_and(|ack| ack.packet == hash(&packet)) {
                    let ack = self.acknowledged(sequence, &packet, &file)?;
                    *outcome.entry(ack.state).or_default() += 1;
                    break;
                }
            }
        }
        Ok(outcome)
    }

    /// Checks an acknowledgement, puts it on the disk, and only then lets go of the packet, if the registry holds it.
    fn acknowledged(&self, sequence: u64, packet: &[u8], file: &[u8]) -> Result<Acknowledgement> {
        let ack: Acknowledgement = statement::read_by(file, &self.registry()?).map_err(|fault| {
            anyhow!(
                "the answer is no acknowledgement of this kit's registry: {fault}. Next: check the address"
            )
        })?;
        ensure!(ack.packet == hash(packet), "the registry answered about another packet. Next: send again");
        write(&self.ack_file(sequence)?, file)?;
        if ack.kept {
            let path = self.packet_file(sequence)?;
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            sync(&self.dir().join("packets"))?;
        }
        Ok(ack)
    }

    /// Where every packet of this installation stands, by number.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn standing(&self) -> Result<Vec<Standing>> {
        let installation = self.installation()?;
        let row = |sequence: u64, state: &str, reason: &str, here: bool| Standing {
            sequence,
            reference: reference::of(&installation, sequence),
            state: state.into(),
            reason: reason.into(),
            here,
        };
        let mut rows: BTreeMap<u64, Standing> = BTreeMap::new();
        for (sequence, _) in self.packets()? {
            rows.insert(sequence, row(sequence, "waiting", "", true));
        }
        for (sequence, path) in self.acks()? {
            let ack: Acknowledgement = statement::read_by(&fs::read(&path)?, &self.registry()?)
                .map_err(|fault| anyhow!("{}: {fault}", path.display()))?;
            let here = rows.contains_key(&sequence);
            rows.insert(sequence, row(sequence, &ack.state, &ack.reason, here));
        }
        Ok(rows.into_values().collect())
    }
}

/// Sends one packet; comes back while the registry says it is busy.
async fn post(client: &HttpTransport, address: &str, packet: Vec<u8>) -> Result<Answer> {
    for _ in 0..BUSY_MAX {
        let (client, url, body) = (client.clone(), address.to_string(), packet.clone());
        let answer =
            tokio::task::spawn_blocking(move || client.post(&url, &body, ANSWER_BYTES_MAX)).await??;
        match answer.status {
            200 => return Ok(answer),
            503 => tokio::time::sleep(BUSY_PAUSE).await,
            status => bail!(
                "{address} answered {status}. Nothing is lost. Next: check the address, or ask the office whether the registry takes packets"
            ),
        }
    }
    bail!("{address} is busy. Nothing is lost. Next: send again later")
}
