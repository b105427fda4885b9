//! The price list: what each measure costs, from which day, and how the result is rounded.
//!
//! ```toml
//! format = "daftar-cloud-prices/1"
//! currency = "TND"           # ISO 4217
//! minor_digits = 3           # digits of the currency after the point
//! zone = "Africa/Tunis"      # months and days begin at midnight there
//! rounding = "half-up"       # or "half-even": each line of an invoice, and its tax, once
//! tax = { name = "VAT", percent = "19" }    # left out: none
//! [[prices]]
//! from = 2026-01-01
//! vcpu_hour = "0.0125"       # decimal texts of at most six digits after the point
//! memory_gib_hour = "0.004"
//! disk_gib_hour = "0.0001"
//! sent_gib = "0.01"
//! ```

use super::BillError;
use super::period::first_minute;
use jiff::civil::Date;
use serde::Deserialize;

/// The format's name.
pub const FORMAT: &str = "daftar-cloud-prices/1";
/// The most periods of a list.
pub const PERIODS_LIMIT: usize = 1000;

/// Which way half a minor unit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// Away from zero.
    HalfUp,
    /// To the even neighbour.
    HalfEven,
}

/// What is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// A virtual processor for an hour, while its instance runs.
    Vcpu,
    /// A GiB of memory for an hour, while its instance runs.
    Memory,
    /// A GiB of disk for an hour, whether its instance runs or not.
    Disk,
    /// A GiB sent.
    Sent,
}

impl Measure {
    /// All of them, in the order of an invoice.
    pub const ALL: [Self; 4] = [Self::Vcpu, Self::Memory, Self::Disk, Self::Sent];

    /// How many of what is counted (vCPU minutes, MiB minutes, bytes) make one of what is priced.
    #[must_use]
    pub const fn counted_in_one(self) -> i128 {
        match self {
            Self::Vcpu => 60,
            Self::Memory | Self::Disk => 60 * 1024,
            Self::Sent => 1 << 30,
        }
    }
    /// Its name in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vcpu => "vcpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Sent => "sent",
        }
    }
}

/// A price of each measure in millionths of the currency, from a minute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The first minute they hold, since 1970 in UTC.
    pub from_minute: i64,
    /// In the order of [`Measure::ALL`].
    pub micros: [i64; 4],
}

/// A tax on the sum of an invoice's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tax {
    /// What it is called.
    pub name: String,
    /// In millionths of a percent.
    pub micro_percent: i64,
}

/// The list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceList {
    /// ISO 4217.
    pub currency: String,
    /// Digits after the point.
    pub minor_digits: u32,
    /// The time zone of its days.
    pub zone: String,
    /// How lines and tax are rounded.
    pub rounding: Rounding,
    /// The tax, if there is one.
    pub tax: Option<Tax>,
    /// Periods, the earliest first; each ends where the next begins.
    pub periods: Vec<Prices>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    currency: String,
    minor_digits: u32,
    zone: String,
    rounding: Rounding,
    tax: Option<TaxFile>,
    prices: Vec<PeriodFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxFile {
    name: String,
    percent: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodFile {
    from: toml::value::Datetime,
    vcpu_hour: String,
    memory_gib_hour: String,
    disk_gib_hour: String,
    sent_gib: String,
}

impl PriceList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`BillError::File`], with what is wrong.
    pub fn parse(text: &str) -> Result<Self, BillError> {
        let wrong = |what: String| BillError::File { file: "prices", line: 0, what };
        let file: File = toml::from_str(text).map_err(|error| {
            let line =
                error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            BillError::File { file: "prices", line, what: error.message().into() }
        })?;
        if file.format != FORMAT {
            return Err(wrong(format!("its format is not {FORMAT}")));
        }
        if file.currency.len() != 3 || !file.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(wrong(format!("'{}' is no currency of ISO 4217", file.currency)));
        }
        if file.minor_digits > 4 || file.prices.is_empty() || file.prices.len() > PERIODS_LIMIT {
            return Err(wrong(
                "a currency has 0 to 4 digits after the point, a list 1 to 1000 periods".into(),
            ));
        }
        let tax = match file.tax {
            None => None,
            Some(tax) => Some(Tax {
                name: tax.name,
                micro_percent: micros(&tax.percent)
                    .ok_or_else(|| wrong("'percent' is no decimal number".into()))?,
            }),
        };
        let mut periods = Vec::new();
        for period in &file.prices {
            let day: Date =
                period.from.to_string().parse().map_err(|_| wrong(format!("'{}' is no day", period.from)))?;
            let price = |text: &str| micros(text).ok_or_else(|| wrong(format!("'{text}' is no price")));
            periods.push(Prices {
                from_minute: first_minute(day, &file.zone)?,
                micros: [
                    price(&period.vcpu_hour)?,
                    price(&period.memory_gib_hour)?,
                    price(&period.disk_gib_hour)?,
                    price(&period.sent_gib)?,
                ],
            });
        }
        if periods.windows(2).any(|pair| pair[0].from_minute >= pair[1].from_minute) {
            return Err(wrong("the periods do not follow one another".into()));
        }
        Ok(Self {
            currency: file.currency,
            minor_digits: file.minor_digits,
            zone: file.zone,
            rounding: file.rounding,
            tax,
            periods,
        })
    }

    /// The number of the period that a minute falls into.
    ///
    /// # Errors
    /// [`BillError::NoPrice`].
    pub fn period(&self, minute: i64) -> Result<usize, BillError> {
        let after = self.periods.partition_point(|period| period.from_minute <= minute);
        after.checked_sub(1).ok_or_else(|| BillError::NoPrice(super::period::rfc3339(minute)))
    }

    /// What so much of a measure costs, in minor units: the one place where money is rounded, besides the tax.
    ///
    /// # Errors
    /// [`BillError::TooLarge`].
    pub fn cost(&self, measure: Measure, counted: i128, period: usize) -> Result<i64, BillError> {
        let place = Measure::ALL.iter().position(|m| *m == measure).unwrap_or(0);
        let micros = self.periods.get(period).map_or(0, |prices| prices.micros[place]);
        let over = counted
            .checked_mul(i128::from(micros))
            .and_then(|product| product.checked_mul(10_i128.pow(self.minor_digits)))
            .ok_or(BillError::TooLarge("a cost"))?;
        self.round(over, measure.counted_in_one() * 1_000_000)
    }

    /// The tax on a sum in minor units.
    ///
    /// # Errors
    /// [`BillError::TooLarge`].
    pub fn tax_on(&self, minor: i64) -> Result<i64, BillError> {
        let micro_percent = self.tax.as_ref().map_or(0, |tax| tax.micro_percent);
        self.round(i128::from(minor) * i128::from(micro_percent), 100_000_000)
    }

    fn round(&self, over: i128, under: i128) -> Result<i64, BillError> {
        let (whole, rest) = (over.abs() / under, over.abs() % under);
        let up = match (rest * 2).cmp(&under) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => self.rounding == Rounding::HalfUp || whole % 2 == 1,
        };
        let rounded = (whole + i128::from(up)) * over.signum();
        i64::try_from(rounded).map_err(|_| BillError::TooLarge("a cost"))
    }

    /// Minor units as a decimal text of the currency: `-12.50`.
    #[must_use]
    pub fn decimal(&self, minor: i64) -> String {
        let (sign, units) = (if minor < 0 { "-" } else { "" }, 10_u64.pow(self.minor_digits));
        let (whole, rest) = (minor.unsigned_abs() / units, minor.unsigned_abs() % units);
        match self.minor_digits {
            0 => format!("{sign}{whole}"),
            digits => format!("{sign}{whole}.{rest:0width$}", width = digits as usize),
        }
    }
}

/// A decimal text of at most six digits after the point, in millionths.
fn micros(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 || text.ends_with('.') {
        return None;
    }
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(part)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::meter) const LIST: &str = r#"
format = "daftar-cloud-prices/1"
currency = "TND"
minor_digits = 2
zone = "Africa/Tunis"
rounding = "half-up"
tax = { name = "VAT", percent = "19" }
[[prices]]
from = 2026-01-01
vcpu_hour = "0.6"
memory_gib_hour = "0.004"
disk_gib_hour = "0.0001"
sent_gib = "0.01"
[[prices]]
from = 2026-11-16
vcpu_hour = "0.9"
memory_gib_hour = "0.004"
disk_gib_hour = "0.0001"
sent_gib = "0.01"
"#;

    #[test]
    fn a_list_is_read_whole_or_its_fault_is_named() {
        let list = PriceList::parse(LIST).unwrap();
        assert_eq!((list.periods.len(), list.periods[1].micros[0]), (2, 900_000));
        for (good, bad) in [
            ("\"TND\"", "\"dinar\""),
            ("minor_digits = 2", "minor_digits = 5"),
            ("Africa/Tunis", "No/Such"),
            ("2026-11-16", "2025-11-16"),
            ("\"0.9\"", "\"0,9\""),
            ("\"0.9\"", "\"0.9000001\""),
            ("\"half-up\"", "\"down\""),
            ("sent_gib = \"0.01\"\n[[", "sent_gib = \"0.01\"\nextra = 1\n[["),
        ] {
            assert!(PriceList::parse(&LIST.replacen(good, bad, 1)).is_err(), "{bad}");
        }
    }

    #[test]
    fn half_a_cent_goes_where_the_list_says() {
        let mut list = PriceList::parse(LIST).unwrap();
        // Half a minute's worth of a cent: 0.6 an hour is one cent a minute.
        list.periods[0].micros[0] = 300_000;
        let cost = |list: &PriceList, minutes| list.cost(Measure::Vcpu, minutes, 0).unwrap();
        assert_eq!([1, 2, 3, 5].map(|m| cost(&list, m)), [1, 1, 2, 3]);
        list.rounding = Rounding::HalfEven;
        assert_eq!([1, 2, 3, 5].map(|m| cost(&list, m)), [0, 1, 2, 2]);
        assert_eq!(list.tax_on(-50).unwrap(), -10, "-9.5 to the even");
        assert!(list.cost(Measure::Sent, i128::MAX, 0).is_err());
        assert_eq!([-1250, 5, 0].map(|minor| list.decimal(minor)), ["-12.50", "0.05", "0.00"]);
    }
}
