//! The lines of a bench: one workload each, with its peer and its goal.

use std::io::Write as _;

/// What a workload should reach.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// Only to be known.
    None,
    /// At least so many.
    AtLeast(u64),
    /// At most so many.
    AtMost(u64),
    /// At least so many hundredths of the peer.
    TimesPeer(u64),
    /// At most so many hundredths of the peer.
    AtMostOfPeer(u64),
}

/// Writes lines, for people or for programs.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Area, the first word of each line.
    pub bench: &'static str,
    /// One JSON object a line.
    pub json: bool,
}

impl Report {
    /// A remark: what was on, how large it was.
    pub fn say(&self, text: &str) {
        if self.json {
            line(&serde_json::json!({"bench": self.bench, "remark": text}).to_string());
        } else {
            line(&format!("# {text}"));
        }
    }

    /// The names of the columns.
    pub fn head(&self) {
        if !self.json {
            line(&columns(["bench", "workload", "daftar", "peer", "ratio", "goal", "met", "unit"]));
        }
    }

    /// A workload without a peer.
    pub fn alone(&self, workload: &str, daftar: u64, goal: Goal, unit: &str) {
        self.line(workload, daftar, None, goal, unit);
    }

    /// A workload; the peer did the same in the same run.
    pub fn line(&self, workload: &str, daftar: u64, peer: Option<u64>, goal: Goal, unit: &str) {
        let ratio = peer.map(|peer| daftar.saturating_mul(100) / peer.max(1));
        let (aim, met) = match goal {
            Goal::None => (None, None),
            Goal::AtLeast(least) => (Some(format!(">={least}")), Some(daftar >= least)),
            Goal::AtMost(most) => (Some(format!("<={most}")), Some(daftar <= most)),
            Goal::TimesPeer(least) => {
                (Some(format!(">={}x", hundredths(least))), ratio.map(|ratio| ratio >= least))
            }
            Goal::AtMostOfPeer(most) => {
                (Some(format!("<={}x", hundredths(most))), ratio.map(|ratio| ratio <= most))
            }
        };
        if self.json {
            let object = serde_json::json!({
                "bench": self.bench, "workload": workload, "daftar": daftar, "peer": peer,
                "ratio": ratio.map(hundredths), "goal": aim, "met": met, "unit": unit,
            });
            line(&object.to_string());
            return;
        }
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        line(&columns([
            self.bench,
            workload,
            &daftar.to_string(),
            &or_dash(peer.map(|peer| peer.to_string())),
            &or_dash(ratio.map(hundredths)),
            &or_dash(aim),
            met.map_or("-", |met| if met { "yes" } else { "no" }),
            unit,
        ]));
    }
}

fn columns(cells: [&str; 8]) -> String {
    let [bench, workload, daftar, peer, ratio, goal, met, unit] = cells;
    format!("{bench:<9}{workload:<52}{daftar:>9}{peer:>9}{ratio:>8}{goal:>9}{met:>5}  {unit}")
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

fn line(text: &str) {
    // A closed pipe is no error of ours.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// The middle one; 0 of none.
#[must_use]
pub fn median(numbers: &[u64]) -> u64 {
    quantile(numbers, 50)
}

/// The one that so many of a hundred stay below; 0 of none.
#[must_use]
pub fn quantile(numbers: &[u64], of_hundred: usize) -> u64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_mul(of_hundred) / 100).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_odd_and_of_no_rounds() {
        assert_eq!((median(&[9, 1, 5]), median(&[])), (5, 0));
        let hundred: Vec<u64> = (0..100).rev().collect();
        assert_eq!((quantile(&hundred, 99), quantile(&[7], 99)), (99, 7));
        assert_eq!(hundredths(305), "3.05");
    }
}
