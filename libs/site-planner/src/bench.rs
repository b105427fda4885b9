//! What our own program was measured to need: the lines of `cargo xtask bench --json`.

use crate::fault::{Fault, PlanError};
use crate::fixed::Fixed;
use aws_lc_rs::digest::{SHA256, digest};

/// One measurement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// `bench/workload`.
    pub name: String,
    /// What was measured, in the row's own unit.
    pub daftar: Fixed,
    /// Processor time of one act, in µs, where it is known.
    pub processor_us: Option<Fixed>,
    /// What one act leaves on the disk, where it is known.
    pub bytes: Option<Fixed>,
}

/// The results of one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bench {
    /// Name of the file.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    rows: Vec<Row>,
}

/// SHA-256 in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Bench {
    /// Reads a file of results; remarks of a bench are passed over.
    ///
    /// # Errors
    /// The first line that is none, with its remedy.
    pub fn read(file: &str, text: &str) -> Result<Self, PlanError> {
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if is_remark(line) {
                continue;
            }
            rows.push(row(line).ok_or_else(|| {
                PlanError::Faults(vec![Fault {
                    file: file.into(),
                    line: index + 1,
                    message: "not a result".into(),
                    remedy: "Write one JSON object with bench, workload, daftar and unit, as `cargo xtask bench --json` does".into(),
                }])
            })?);
        }
        Ok(Self { file: file.into(), sha256: sha256(text.as_bytes()), rows })
    }
    /// The measurement of `bench/workload`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

fn is_remark(line: &str) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
    value.is_some_and(|value| value.get("remark").is_some())
}

fn row(line: &str) -> Option<Row> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let number =
        |key: &str| value.get(key).filter(|v| v.is_number()).and_then(|v| Fixed::parse(&v.to_string()));
    value.get("unit")?.as_str()?;
    Some(Row {
        name: format!("{}/{}", value.get("bench")?.as_str()?, value.get("workload")?.as_str()?),
        daftar: number("daftar")?,
        processor_us: number("processor_us"),
        bytes: number("bytes"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_and_names_the_bad_one() {
        let good = "{\"bench\":\"a\",\"workload\":\"b\",\"daftar\":1904,\"peer\":null,\"unit\":\"1/s\",\"processor_us\":1050.5}\n";
        let remark = "{\"bench\":\"a\",\"remark\":\"synchronous=FULL\"}\n";
        let bench = Bench::read("r.jsonl", &format!("{remark}{good}")).unwrap();
        assert_eq!(bench.find("a/b").unwrap().processor_us, Fixed::parse("1050.5"));
        assert_eq!(bench.sha256.len(), 64);
        assert_eq!(bench.rows.len(), 1);
        let error = Bench::read("r.jsonl", &format!("{good}{{}}\n")).unwrap_err();
        assert!(error.to_string().starts_with("r.jsonl:2: not a result"), "{error}");
    }
}
