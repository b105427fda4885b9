//! An invoice: lines of whole minor units, each rounded once, then the tax on their sum, rounded once.

use super::period::rfc3339;
use super::prices::Measure;
use super::{BillError, MonthUsage, PriceList};
use daftar_kernel::Id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format's name.
pub const FORMAT: &str = "daftar-cloud-invoice/1";

/// What one instance used of one measure while one price held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Whose project.
    pub project: Id,
    /// Which instance.
    pub instance: Id,
    /// Which measure.
    pub measure: Measure,
    /// From when, RFC 3339 in UTC: the price's first moment within the month.
    pub from: String,
    /// Up to when.
    pub to: String,
    /// How much: vCPU minutes, MiB minutes or bytes, as a decimal text (it can be larger than a program's usual numbers).
    pub counted: String,
    /// What it costs, in minor units.
    pub minor: i64,
}

/// A correction on the invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// Which.
    pub correction: Id,
    /// In minor units; negative for a credit.
    pub minor: i64,
    /// Why.
    pub reason: String,
}

/// The whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoice {
    /// [`FORMAT`].
    pub format: String,
    /// Whose.
    pub agency: String,
    /// Which month.
    pub month: String,
    /// Its first moment and the first after it.
    pub from: String,
    /// See `from`.
    pub to: String,
    /// ISO 4217.
    pub currency: String,
    /// Digits of the currency after the point.
    pub minor_digits: u32,
    /// Lines, by project, instance, measure and time; what costs nothing has one as well.
    pub lines: Vec<Line>,
    /// Corrections.
    pub corrections: Vec<Credit>,
    /// The sum of lines and corrections.
    pub net_minor: i64,
    /// The tax's name; empty when there is none.
    pub tax_name: String,
    /// The tax on `net_minor`.
    pub tax_minor: i64,
    /// What is to be paid.
    pub total_minor: i64,
    /// Minutes of the month without a look at the engine: nothing is billed for them.
    pub gap_minutes: i64,
    /// SHA-256 of the usage file, hexadecimal: the public record holds it too.
    pub usage_sha256: String,
    /// SHA-256 of the price list.
    pub prices_sha256: String,
}

impl Invoice {
    /// Makes the invoice of a month from the very bytes of both files.
    ///
    /// # Errors
    /// When a file is not as it must be, no price holds on a day, or a sum is larger than money can be.
    pub fn make(usage_file: &str, prices_file: &str) -> Result<Self, BillError> {
        let (usage, prices) = (MonthUsage::parse(usage_file)?, PriceList::parse(prices_file)?);
        let month = usage.head.month.parse::<super::Month>()?.minutes(&prices.zone)?;
        if month != (usage.head.from, usage.head.to) {
            let what = format!("the month is not from midnight to midnight in {}", prices.zone);
            return Err(BillError::File { file: "usage", line: 1, what });
        }
        let lines = lines(&usage, &prices)?;
        let corrections: Vec<Credit> = usage
            .corrections
            .iter()
            .map(|c| Credit { correction: c.correction, minor: c.minor, reason: c.reason.clone() })
            .collect();
        let minors = lines.iter().map(|line| line.minor).chain(corrections.iter().map(|c| c.minor));
        let net_minor = sum(minors)?;
        let tax_minor = prices.tax_on(net_minor)?;
        Ok(Self {
            format: FORMAT.into(),
            agency: usage.head.agency.clone(),
            month: usage.head.month.clone(),
            from: rfc3339(usage.head.from),
            to: rfc3339(usage.head.to),
            currency: prices.currency.clone(),
            minor_digits: prices.minor_digits,
            lines,
            corrections,
            net_minor,
            tax_name: prices.tax.map(|tax| tax.name).unwrap_or_default(),
            tax_minor,
            total_minor: sum([net_minor, tax_minor])?,
            gap_minutes: usage.gaps.iter().map(|(from, to)| to - from).sum(),
            usage_sha256: sha256(usage_file),
            prices_sha256: sha256(prices_file),
        })
    }

    /// The document: the same invoice makes the same bytes.
    #[must_use]
    pub fn write(&self) -> String {
        // Texts and numbers always become JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn sum(minors: impl IntoIterator<Item = i64>) -> Result<i64, BillError> {
    minors.into_iter().try_fold(0_i64, i64::checked_add).ok_or(BillError::TooLarge("a sum"))
}

/// SHA-256 of a text, hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    daftar_kernel::hex::encode(
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref(),
    )
}

/// How much of each measure one minute of an instance is. What is broken is not billed.
fn counted(sample: &super::usage::Sample) -> [i128; 4] {
    let runs = i128::from(sample.state == "running");
    let there = i128::from(sample.state != "broken");
    [
        runs * i128::from(sample.vcpus),
        runs * i128::from(sample.memory_mib),
        there * i128::from(sample.disk_mib),
        there * i128::from(sample.sent),
    ]
}

fn lines(usage: &MonthUsage, prices: &PriceList) -> Result<Vec<Line>, BillError> {
    let mut sums: BTreeMap<(Id, Id, Measure, usize), i128> = BTreeMap::new();
    for sample in &usage.samples {
        let period = prices.period(sample.minute)?;
        for (measure, amount) in Measure::ALL.into_iter().zip(counted(sample)) {
            *sums.entry((sample.project, sample.instance, measure, period)).or_default() += amount;
        }
    }
    sums.into_iter()
        .map(|((project, instance, measure, period), amount)| {
            let from = prices.periods[period].from_minute.max(usage.head.from);
            let next = prices.periods.get(period + 1).map_or(usage.head.to, |next| next.from_minute);
            Ok(Line {
                project,
                instance,
                measure,
                from: rfc3339(from),
                to: rfc3339(next.min(usage.head.to)),
                counted: amount.to_string(),
                minor: prices.cost(measure, amount, period)?,
            })
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::prices::tests::LIST;
    use super::super::usage::{Correction, Head, MonthUsage, Sample};
    use super::*;

    pub(in crate::meter) fn id(n: u8) -> Id {
        Id::from_parts(1, [n; 10])
    }

    /// An hour of one instance on either side of a change of price, a gap, a broken minute and a credit.
    pub(in crate::meter) fn month() -> MonthUsage {
        let (from, to) = "2026-11".parse::<super::super::Month>().unwrap().minutes("Africa/Tunis").unwrap();
        let change = from + 15 * 1440;
        let sample = |minute, state: &str| Sample {
            minute,
            project: id(1),
            instance: id(2),
            state: state.into(),
            vcpus: 2,
            memory_mib: 1024,
            disk_mib: 10_240,
            cpu_ns: 5,
            sent: 1 << 20,
            received: 7,
        };
        let mut samples: Vec<_> =
            (change - 60..change + 60).map(|minute| sample(minute, "running")).collect();
        samples.push(sample(change + 60, "broken"));
        samples.push(sample(change + 61, "stopped"));
        MonthUsage {
            head: Head {
                format: super::super::usage::FORMAT.into(),
                agency: "health".into(),
                month: "2026-11".into(),
                from,
                to,
            },
            gaps: vec![(from, from + 30), (change + 100, change + 102)],
            samples,
            corrections: vec![Correction { correction: id(9), minor: -50, reason: "an outage".into() }],
        }
    }

    #[test]
    fn an_hour_costs_what_the_list_says_on_its_day() {
        let invoice = Invoice::make(&month().write(), LIST).unwrap();
        let minor = |measure| {
            invoice
                .lines
                .iter()
                .filter(move |line| line.measure == measure)
                .map(|line| line.minor)
                .collect::<Vec<_>>()
        };
        assert_eq!(minor(Measure::Vcpu), [120, 180], "two processors an hour at 0.60, then at 0.90");
        assert_eq!(minor(Measure::Memory), [0, 0], "0.4 of a cent each, rounded once a line");
        assert_eq!(
            invoice.lines.iter().find(|l| l.measure == Measure::Disk).unwrap().counted,
            (60 * 10_240).to_string()
        );
        assert_eq!((invoice.net_minor, invoice.tax_minor, invoice.total_minor), (250, 48, 298), "47.5 up");
        assert_eq!(invoice.gap_minutes, 32);
        let again: Invoice = serde_json::from_str(&invoice.write()).unwrap();
        assert_eq!(again, invoice);
    }

    #[test]
    fn a_file_that_was_touched_is_refused_at_its_line() {
        let text = month().write();
        let line = |text: &str| match MonthUsage::parse(text) {
            Err(BillError::File { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        let doubled: String = text
            .lines()
            .flat_map(|l| [l; 2].into_iter().take(if l.contains("broken") { 2 } else { 1 }))
            .map(|l| format!("{l}\n"))
            .collect();
        assert_eq!(line(&doubled), 125);
        let in_gap = text.replacen(
            &format!("\"minute\":{}", month().samples[0].minute),
            &format!("\"minute\":{}", month().gaps[0].0),
            1,
        );
        assert_eq!(line(&in_gap), 4);
        assert_eq!(line(&text.replacen("\"vcpus\"", "\"cpus\"", 1)), 4);
        assert_eq!(line(""), 0);
        assert!(Invoice::make(&text.replacen("2026-11", "2026-12", 1), LIST).is_err());
        assert!(Invoice::make(&text, &LIST.replace("2026-01-01", "2026-11-10")).is_ok());
        let late = LIST.replace("2026-01-01", "2026-11-17").replace("2026-11-16", "2026-11-20");
        assert!(matches!(Invoice::make(&text, &late), Err(BillError::NoPrice(_))));
    }
}
