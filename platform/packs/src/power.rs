//! Which services rest when electricity is short or the machine is hot, and in which order: what the country's law says.

use crate::Fault;
use daftar_office::roster::is_code;
use daftar_ports::toml_reader::{Reader, Table};
use std::collections::BTreeMap;

/// The file of a pack that says it.
pub const FILE: &str = "power.toml";
/// Most steps of an order.
pub const STEPS_MAX: usize = 12;

/// Something the program does that can rest by itself: a service, or a part of one. Services declare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its code: `identity.statistics`.
    pub code: &'static str,
    /// What it is, for whoever writes the order.
    pub help: &'static str,
    /// Whether lives or rights hang on it at once (alerts, checking who somebody is): such rest after everything else.
    pub vital: bool,
}

/// The order in which activities rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowerLaw {
    /// The law and article.
    pub basis: String,
    /// By how many percent of charge more than at which it began to rest an activity comes back, so that it does not come
    /// and go.
    pub margin_percent: u8,
    /// The steps, the first to rest first.
    pub steps: Vec<Step>,
}

/// Activities that rest together, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Codes of [`Activity`].
    pub activities: Vec<String>,
    /// While on battery: when the charge has fallen to this many percent.
    pub at_percent: u8,
    /// While on battery: when it lasts for no more than this many minutes.
    pub at_minutes: Option<u32>,
    /// When the room or the battery is this hot, in degrees Celsius, on mains too.
    pub at_celsius: Option<u8>,
    /// Its line in the file.
    pub line: usize,
}

/// Reads `power.toml`.
pub(crate) fn read(reader: &Reader<'_>, top: &Table<'_, '_>) -> Option<PowerLaw> {
    let basis = top.text("basis").filter(|basis| !basis.trim().is_empty());
    let margin = top.number_opt("margin_percent", 0..=50).unwrap_or(10);
    let steps: Vec<Step> = top.tables("steps").iter().filter_map(step).collect();
    if steps.is_empty() || steps.len() > STEPS_MAX {
        let remedy = format!("Write between 1 and {STEPS_MAX} of [[steps]], the first to rest first");
        reader.fault_at(0, format!("{} steps are there", steps.len()), remedy);
        return None;
    }
    for pair in steps.windows(2) {
        let [before, after] = pair else { continue };
        in_order(reader, before, after);
    }
    Some(PowerLaw { basis: basis?, margin_percent: u8::try_from(margin).ok()?, steps })
}

fn step(table: &Table<'_, '_>) -> Option<Step> {
    let activities = table.texts("activities");
    if activities.is_empty() || activities.iter().any(|code| !code.split('.').all(is_code)) {
        table.fault(
            "activities",
            "not a list of activities",
            "Write codes such as [\"identity.statistics\"]; daftar country check names those there are",
        );
    }
    table.require("at_percent", "a charge of the battery in percent");
    let percent = table.number_opt("at_percent", 1..=100);
    let minutes = table.number_opt("at_minutes", 1..=100_000);
    let celsius = table.number_opt("at_celsius", 20..=90);
    table.finish();
    Some(Step {
        activities,
        at_percent: u8::try_from(percent?).ok()?,
        at_minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        at_celsius: celsius.and_then(|celsius| u8::try_from(celsius).ok()),
        line: table.line(),
    })
}

/// A later step never rests before an earlier one.
fn in_order(reader: &Reader<'_>, before: &Step, after: &Step) {
    let out_of_order = |key: &str, remedy: &str| {
        reader.fault_at(after.line, format!("'{key}' would let this step rest before the one above"), remedy);
    };
    if after.at_percent >= before.at_percent {
        out_of_order("at_percent", "Write a smaller charge than the step above");
    }
    // None never rests for that reason, so it may only come after one that does.
    let minutes = |step: &Step| step.at_minutes.unwrap_or(0);
    if minutes(after) > 0 && minutes(after) >= minutes(before) {
        out_of_order("at_minutes", "Write fewer minutes than the step above, or none");
    }
    let celsius = |step: &Step| step.at_celsius.unwrap_or(u8::MAX);
    if celsius(after) < u8::MAX && celsius(after) <= celsius(before) {
        out_of_order("at_celsius", "Write a higher temperature than the step above, or none");
    }
}

impl PowerLaw {
    /// Whether the order names everything the program does, once, and nothing else, and whether what is vital rests last.
    ///
    /// # Errors
    /// The faults, each with its line.
    pub fn check(&self, declared: &[Activity]) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fault = |line: usize, message: String, remedy: String| {
            faults.push(Fault { file: FILE.into(), line, message, remedy });
        };
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut vital_since = None;
        for step in &self.steps {
            for code in &step.activities {
                let Some(activity) = declared.iter().find(|activity| activity.code == code) else {
                    let known: Vec<_> = declared.iter().map(|activity| activity.code).collect();
                    fault(
                        step.line,
                        format!("'{code}' is no activity"),
                        format!("Write one of {}", known.join(", ")),
                    );
                    continue;
                };
                if let Some(first) = seen.insert(activity.code, step.line) {
                    fault(
                        step.line,
                        format!("'{code}' rests already in line {first}"),
                        "Remove one of them".into(),
                    );
                }
                match vital_since {
                    None if activity.vital => vital_since = Some(step.line),
                    Some(line) if !activity.vital => fault(
                        step.line,
                        format!("'{code}' would rest no earlier than what is vital, in line {line}"),
                        "Move it up: alerts and checking who somebody is rest last".into(),
                    ),
                    _ => {}
                }
            }
        }
        for activity in declared.iter().filter(|activity| !seen.contains_key(activity.code)) {
            fault(
                0,
                format!("'{}' is in no step", activity.code),
                format!("Add it to one: {}", activity.help),
            );
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// What rests when the first `level` steps are taken, in the order it came to rest.
    pub fn resting(&self, level: usize) -> impl Iterator<Item = &str> {
        self.steps.iter().take(level).flat_map(|step| step.activities.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIVITIES: &[Activity] = &[
        Activity { code: "a.one", help: "one", vital: false },
        Activity { code: "a.two", help: "two", vital: false },
        Activity { code: "b", help: "checks", vital: true },
    ];
    const GOOD: &str = "basis='Law 1'\n[[steps]]\nactivities=['a.one']\nat_percent=80\nat_minutes=90\nat_celsius=35\n\
        [[steps]]\nactivities=['a.two']\nat_percent=50\nat_celsius=40\n[[steps]]\nactivities=['b']\nat_percent=5\n";

    fn parse(text: &str) -> (Option<PowerLaw>, Vec<Fault>) {
        let reader = Reader::new(FILE, text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        let law = read(&reader, &top);
        top.finish();
        (law, reader.into_faults())
    }

    #[test]
    fn an_order_reads_and_names_what_rests() {
        let (law, faults) = parse(GOOD);
        assert_eq!(faults, []);
        let law = law.unwrap();
        assert_eq!(law.check(ACTIVITIES), Ok(()));
        assert_eq!(law.margin_percent, 10);
        assert_eq!(law.resting(0).count(), 0);
        assert_eq!(law.resting(2).collect::<Vec<_>>(), ["a.one", "a.two"]);
        assert_eq!(law.resting(9).count(), 3);
    }

    #[test]
    fn faults_of_a_file_are_told_with_their_line() {
        for (from, to, line) in [
            ("basis='Law 1'", "", 0),
            ("at_percent=50", "at_percent=80", 7),
            ("at_percent=50", "at_percent=50\nat_minutes=90", 7),
            ("at_celsius=40", "at_celsius=35", 7),
            ("at_percent=5\n", "at_percent=0\n", 13),
            ("at_percent=5\n", "", 11),
            ("['b']", "[]", 12),
            ("['b']", "['B C']", 12),
            ("at_percent=5\n", "at_percent=5\nodd=1\n", 14),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD);
            let (_, faults) = parse(&text);
            assert!(faults.iter().any(|fault| fault.line == line), "{to}: {faults:?}");
        }
    }

    #[test]
    fn an_order_names_everything_once_and_what_is_vital_last() {
        let check = |from: &str, to: &str| {
            let text = GOOD.replacen(from, to, 1);
            let faults = parse(&text).0.unwrap().check(ACTIVITIES).unwrap_err();
            faults.into_iter().map(|fault| (fault.line, fault.message)).collect::<Vec<_>>()
        };
        assert_eq!(check("'a.two'", "'a.three'")[0], (7, "'a.three' is no activity".into()));
        assert_eq!(check("'a.two'", "'a.three'")[1], (0, "'a.two' is in no step".into()));
        assert_eq!(check("'a.two'", "'a.two', 'a.one'"), [(7, "'a.one' rests already in line 2".into())]);
        let swapped = check("['a.one']\nat_percent=80", "['b']\nat_percent=80");
        assert!(
            swapped.iter().any(|(line, message)| *line == 7 && message.contains("vital, in line 2")),
            "{swapped:?}"
        );
    }
}
