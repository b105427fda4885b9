//! A month's raw usage of one agency, as a file of JSON lines that anybody can compute with.
//!
//! ```text
//! {"format":"daftar-cloud-usage/1","agency":"health","month":"2026-11","from":29874540,"to":29917740}
//! {"gap":[29874600,29874605]}                                    minutes without a look at the engine: from, up to
//! {"minute":29874540,"project":"…","instance":"…","state":"running","vcpus":1,"memory_mib":512,"disk_mib":2048,"cpu_ns":…,"sent":…,"received":…}
//! {"correction":"…","minor":-250,"reason":"outage of 3 November"}
//! ```
//!
//! Minutes count from 1970 in UTC. `cpu_ns`, `sent` and `received` are what was counted within that minute; after a gap they
//! are 0, since nobody can say in which minute it was used.

use super::{BillError, Month};
use daftar_kernel::Id;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The format's name.
pub const FORMAT: &str = "daftar-cloud-usage/1";
/// The most lines that are read of a file: a thousand instances for a month are 44 million.
pub const LINES_LIMIT: usize = 50_000_000;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// Whose.
    pub agency: String,
    /// Which month.
    pub month: String,
    /// Its first minute.
    pub from: i64,
    /// The first minute after it.
    pub to: i64,
}

/// One instance in one minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Minutes since 1970.
    pub minute: i64,
    /// Whose project.
    pub project: Id,
    /// Which instance.
    pub instance: Id,
    /// `running`, `stopped` or `broken`.
    pub state: String,
    /// Virtual processors it has.
    pub vcpus: u32,
    /// Memory it has, in MiB.
    pub memory_mib: u64,
    /// Disk as ordered, in MiB.
    pub disk_mib: u64,
    /// Processor time it used in this minute, in nanoseconds.
    pub cpu_ns: u64,
    /// Bytes it sent in this minute.
    pub sent: u64,
    /// Bytes it received in this minute.
    pub received: u64,
}

/// A credit (negative) or a charge after the fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Which.
    pub correction: Id,
    /// In minor units.
    pub minor: i64,
    /// Why.
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    gap: (i64, i64),
}

/// A month of one agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthUsage {
    /// Whose and which month.
    pub head: Head,
    /// Minutes in which the engine was not asked, as half-open ranges.
    pub gaps: Vec<(i64, i64)>,
    /// Samples by minute and instance.
    pub samples: Vec<Sample>,
    /// Corrections by identifier.
    pub corrections: Vec<Correction>,
}

impl MonthUsage {
    /// Writes the file: the same usage makes the same bytes.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = String::new();
        let mut line = |value: serde_json::Result<String>| {
            // Texts and numbers always become JSON; writing into a String does not fail.
            let _ = writeln!(text, "{}", value.unwrap_or_default());
        };
        line(serde_json::to_string(&self.head));
        for gap in &self.gaps {
            line(serde_json::to_string(&Gap { gap: *gap }));
        }
        self.samples.iter().for_each(|sample| line(serde_json::to_string(sample)));
        self.corrections.iter().for_each(|correction| line(serde_json::to_string(correction)));
        text
    }

    /// Reads a file, and refuses one in which a minute of an instance stands twice, lies in a gap or outside the month.
    ///
    /// # Errors
    /// [`BillError::File`], with the line.
    pub fn parse(text: &str) -> Result<Self, BillError> {
        let wrong = |line: usize, what: String| BillError::File { file: "usage", line, what };
        let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
        let Some((_, first)) = lines.next() else { return Err(wrong(0, "it is empty".into())) };
        let head: Head = serde_json::from_str(first).map_err(|e| wrong(1, e.to_string()))?;
        if head.format != FORMAT {
            return Err(wrong(1, format!("its format is not {FORMAT}")));
        }
        head.month.parse::<Month>()?;
        let mut usage = Self { head, gaps: Vec::new(), samples: Vec::new(), corrections: Vec::new() };
        for (number, line) in lines {
            if number > LINES_LIMIT {
                return Err(wrong(number, format!("more than {LINES_LIMIT} lines")));
            }
            usage.take(line).map_err(|what| wrong(number, what))?;
        }
        Ok(usage)
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let inside = |minute: i64| (self.head.from..self.head.to).contains(&minute);
        if line.starts_with("{\"minute\"") {
            let sample: Sample = serde_json::from_str(line).map_err(|e| e.to_string())?;
            if !inside(sample.minute) {
                return Err("the minute is not of this month".into());
            }
            if self.gaps.iter().any(|(from, to)| (*from..*to).contains(&sample.minute)) {
                return Err("the minute lies in a gap".into());
            }
            if self
                .samples
                .last()
                .is_some_and(|last| (last.minute, last.instance) >= (sample.minute, sample.instance))
            {
                return Err("the minute of this instance stands twice, or not in its order".into());
            }
            self.samples.push(sample);
        } else if line.starts_with("{\"gap\"") {
            let Gap { gap: (from, to) } = serde_json::from_str(line).map_err(|e| e.to_string())?;
            if from >= to
                || !inside(from)
                || to > self.head.to
                || self.gaps.last().is_some_and(|last| last.1 >= from)
            {
                return Err("the gap is empty, outside the month, or not in its order".into());
            }
            self.gaps.push((from, to));
        } else {
            let correction: Correction = serde_json::from_str(line).map_err(|e| e.to_string())?;
            if self.corrections.last().is_some_and(|last| last.correction >= correction.correction) {
                return Err("the correction stands twice, or not in its order".into());
            }
            self.corrections.push(correction);
        }
        Ok(())
    }
}
