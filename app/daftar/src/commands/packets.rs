//! `daftar identity packets`: a stick comes home.

use crate::cli::Place;
use crate::installation::Installation;
use crate::{Outcome, remark, say};
use anyhow::Context;
use daftar_identity::kit::receive::State;
use enrolment_packet::packet::PACKET_BYTES_MAX;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Takes every packet of a folder and writes its acknowledgement beside it. Running it again answers the same.
///
/// # Errors
/// When the installation or the folder cannot be read or written. What is wrong with a packet is said, and the others go on.
pub async fn run(place: &Place, dir: &Path) -> anyhow::Result<Outcome> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .with_context(|| format!("reading {}", dir.display()))?
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "packet"))
        .collect();
    files.sort();
    let installation = Installation::open(place).await?;
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for path in &files {
        let size = std::fs::metadata(path).with_context(|| format!("reading {}", path.display()))?.len();
        if size > u64::try_from(PACKET_BYTES_MAX).unwrap_or(u64::MAX) {
            remark(&format!("{}: refused: too-large", path.display()));
            *counts.entry(State::Refused.word()).or_default() += 1;
            continue;
        }
        let packet = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let taken = installation.people.take_packet(packet).await?;
        *counts.entry(taken.state.word()).or_default() += 1;
        if taken.state != State::Merged {
            let name = if taken.reference.is_empty() { path.display().to_string() } else { taken.reference };
            remark(&format!("{name}: {}: {}", taken.state.word(), taken.reason));
        }
        let ack = path.with_extension("ack");
        std::fs::write(&ack, &taken.statement).with_context(|| format!("writing {}", ack.display()))?;
    }
    installation.store.close().await;
    let count = |state: State| counts.get(state.word()).copied().unwrap_or(0);
    say(&format!(
        "{} packets: {} registered, {} held for a decision, {} refused",
        files.len(),
        count(State::Merged),
        count(State::Held),
        count(State::Refused)
    ));
    Ok(if count(State::Merged) == files.len() { Outcome::Good } else { Outcome::Finding })
}
