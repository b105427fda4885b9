//! The catalogue: sizes, images, quotas and prices a country offers. It is the file `cloud.toml` of the country pack.

use crate::measure::{Amounts, Measure};
use daftar_kernel::{Label, Lang};
use daftar_office::roster::is_code;
use daftar_ports::toml_reader::{Fault, Reader, Table};
use std::ops::RangeInclusive;

/// Where the catalogue stands in a country pack.
pub const FILE: &str = "cloud.toml";
/// Most sizes, and most images.
pub const LIST_MAX: usize = 100;
/// Most of any measure a project can be given.
pub const AMOUNT_MAX: i64 = 1 << 40;
/// Millionths of the currency's major unit in one.
pub const MICROS: i64 = 1_000_000;

/// A size of instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its code, e.g. `small`.
    pub code: String,
    /// Its name by language.
    pub label: Label,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Root disk in MiB.
    pub disk_mib: u64,
    /// Whether two officials must approve each order of it.
    pub approval: bool,
}

/// An image instances start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its code, e.g. `alpine-3-20`.
    pub code: String,
    /// Its name by language.
    pub label: Label,
    /// What is in it and whom it is for, by language.
    pub about: Label,
    /// Its fingerprint: SHA-256, hexadecimal. The engine starts exactly this.
    pub fingerprint: String,
    /// The day it was made, `YYYY-MM-DD`.
    pub made: String,
}

/// What things cost from a day on, in millionths of the currency's major unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// The first day they hold, `YYYY-MM-DD`, where the country is.
    pub from: String,
    /// One virtual processor for an hour, while its instance runs.
    pub vcpu_hour: i64,
    /// One GiB of memory for an hour, while its instance runs.
    pub memory_gib_hour: i64,
    /// One GiB of disk for an hour, as long as it is there.
    pub disk_gib_hour: i64,
    /// One GiB sent out of an instance.
    pub sent_gib: i64,
}

/// A tax on the sum of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tax {
    /// What it is called on the bill.
    pub name: String,
    /// Millionths of a percent.
    pub micro_percent: i64,
}

/// What a country offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Sizes, in the order they are offered.
    pub sizes: Vec<Size>,
    /// Images, in the order they are offered.
    pub images: Vec<Image>,
    /// What a new project may reserve without asking anybody.
    pub quota: Amounts,
    /// What two officials can let a project grow to.
    pub quota_most: Amounts,
    /// What things cost, the earliest first; each list holds until the next one does.
    pub prices: Vec<Prices>,
    /// The tax on bills, if there is one.
    pub tax: Option<Tax>,
}

impl Catalogue {
    /// The size of this code.
    #[must_use]
    pub fn size(&self, code: &str) -> Option<&Size> {
        self.sizes.iter().find(|size| size.code == code)
    }
    /// The image of this code.
    #[must_use]
    pub fn image(&self, code: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.code == code)
    }

    /// What things cost on a day, `YYYY-MM-DD`; none before the first list holds.
    #[must_use]
    pub fn prices_on(&self, day: &str) -> Option<&Prices> {
        self.prices.iter().rev().find(|prices| prices.from.as_str() <= day)
    }

    /// Reads `cloud.toml`; `languages` are those every label must have.
    ///
    /// # Errors
    /// All faults at once, each with its line and its remedy.
    pub fn parse(text: &str, languages: &[Lang]) -> Result<Self, Vec<Fault>> {
        let reader = Reader::new(FILE, text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        let catalogue = read(&reader, &top, languages);
        top.finish();
        let faults = reader.into_faults();
        if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
    }
}

fn read(reader: &Reader<'_>, top: &Table<'_, '_>, languages: &[Lang]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for table in top.tables("sizes") {
        catalogue.sizes.extend(size(&table, languages));
        table.finish();
    }
    for table in top.tables("images") {
        catalogue.images.extend(image(&table, languages));
        table.finish();
    }
    once(top, "sizes", catalogue.sizes.iter().map(|size| size.code.as_str()));
    once(top, "images", catalogue.images.iter().map(|image| image.code.as_str()));
    catalogue.quota = amounts(reader, top, "quota");
    catalogue.quota_most = amounts(reader, top, "quota_most");
    for measure in Measure::ALL {
        let (quota, most) = (catalogue.quota.get(measure), catalogue.quota_most.get(measure));
        if quota > most {
            let message = format!("'{}' of quota is {quota}, of quota_most {most}", measure.word());
            top.fault("quota_most", message, "A project cannot begin with more than it may ever have");
        }
    }
    for table in top.tables("prices") {
        let prices = prices(&table);
        if catalogue.prices.last().is_some_and(|last| last.from >= prices.from) && !prices.from.is_empty() {
            let message = format!("the prices from {} come after later ones", prices.from);
            table.fault("from", message, "Put each list after those that hold before it, one a day");
        }
        catalogue.prices.push(prices);
        table.finish();
    }
    if catalogue.prices.is_empty() {
        reader.fault_at(0, "'prices' is missing", "Add [[prices]]; what costs nothing is \"0\"");
    }
    if catalogue.prices.len() > LIST_MAX {
        let message = format!("{} entries in 'prices'", catalogue.prices.len());
        top.fault("prices", message, format!("Keep at most {LIST_MAX}"));
    }
    if let Some(table) = top.table_opt("tax") {
        let (name, percent) = (table.text("name"), price(&table, "percent"));
        catalogue.tax = name.map(|name| Tax { name, micro_percent: percent });
        table.finish();
    }
    catalogue
}

/// Codes there are, and each once.
fn once<'c>(top: &Table<'_, '_>, list: &str, codes: impl Iterator<Item = &'c str>) {
    let codes: Vec<&str> = codes.collect();
    if codes.is_empty() {
        top.fault(list, format!("no entry in '{list}'"), format!("Add [[{list}]]"));
    }
    if codes.len() > LIST_MAX {
        top.fault(list, format!("{} entries in '{list}'", codes.len()), format!("Keep at most {LIST_MAX}"));
    }
    for (place, code) in codes.iter().enumerate() {
        if codes[..place].contains(code) {
            top.fault(list, format!("'{code}' is there twice in '{list}'"), "Rename or remove one of them");
        }
    }
}

fn code(table: &Table<'_, '_>) -> Option<String> {
    let code = table.text("code")?;
    if !is_code(&code) {
        let remedy = "Write lower-case letters, digits and single hyphens";
        table.fault("code", format!("'{code}' is not a code"), remedy);
        return None;
    }
    Some(code)
}

/// A whole number that must be there.
fn number(table: &Table<'_, '_>, key: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
    table.require(key, &bounds.start().to_string());
    table.number_opt(key, bounds)
}

fn size(table: &Table<'_, '_>, languages: &[Lang]) -> Option<Size> {
    let (code, label) = (code(table), table.label_in("label", languages));
    let vcpus = number(table, "vcpus", 1..=256);
    let memory = number(table, "memory_mib", 32..=4_194_304);
    let disk = number(table, "disk_mib", 32..=67_108_864);
    let approval = table.is_set("approval");
    Some(Size {
        code: code?,
        label: label?,
        vcpus: u32::try_from(vcpus?).ok()?,
        memory_mib: u64::try_from(memory?).ok()?,
        disk_mib: u64::try_from(disk?).ok()?,
        approval,
    })
}

fn image(table: &Table<'_, '_>, languages: &[Lang]) -> Option<Image> {
    let (code, label) = (code(table), table.label_in("label", languages));
    let (about, made) = (table.label_in("about", languages), table.date("made"));
    let fingerprint = table.text("fingerprint");
    let hexadecimal =
        |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if let Some(odd) = fingerprint.as_ref().filter(|text| !hexadecimal(text)) {
        let message = format!("'{odd}' is not a fingerprint");
        table.fault("fingerprint", message, "Write the image's SHA-256: 64 hexadecimal digits, lower case");
    }
    Some(Image {
        code: code?,
        label: label?,
        about: about?,
        fingerprint: fingerprint?,
        made: made?.to_string(),
    })
}

fn amounts(reader: &Reader<'_>, top: &Table<'_, '_>, key: &'static str) -> Amounts {
    let mut amounts = Amounts::default();
    let Some(table) = top.table_opt(key) else {
        reader.fault_at(0, format!("'{key}' is missing"), format!("Add [{key}] with every measure"));
        return amounts;
    };
    for measure in Measure::ALL {
        if let Some(amount) = number(&table, measure.word(), 0..=AMOUNT_MAX) {
            amounts.set(measure, amount);
        }
    }
    table.finish();
    amounts
}

fn prices(table: &Table<'_, '_>) -> Prices {
    Prices {
        from: table.date("from").map(|day| day.to_string()).unwrap_or_default(),
        vcpu_hour: price(table, "vcpu_hour"),
        memory_gib_hour: price(table, "memory_gib_hour"),
        disk_gib_hour: price(table, "disk_gib_hour"),
        sent_gib: price(table, "sent_gib"),
    }
}

/// A decimal text that must be there, in millionths.
fn price(table: &Table<'_, '_>, key: &'static str) -> i64 {
    let text = table.text(key).unwrap_or_default();
    let price = micros(&text);
    if price.is_none() && !text.is_empty() {
        let remedy = "Write e.g. \"0.012500\": at most 9 digits, and 6 after the point";
        table.fault(key, format!("'{text}' is no price"), remedy);
    }
    price.unwrap_or(0)
}

/// A price as a file writes it, in millionths: digits, perhaps a point and at most six more.
#[must_use]
pub fn micros(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 9) || !digits(part, 6) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    Some(whole * MICROS + part)
}

/// A price as a file writes it, from millionths.
#[must_use]
pub fn written(micros: i64) -> String {
    format!("{}.{:06}", micros / MICROS, micros % MICROS)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const GOOD: &str = "
[[sizes]]
code = 'small'
label = { en = 'Small' }
vcpus = 1
memory_mib = 512
disk_mib = 1024
[[images]]
code = 'alpine'
label = { en = 'Alpine' }
about = { en = 'A small Linux' }
fingerprint = '0000000000000000000000000000000000000000000000000000000000000001'
made = 2026-11-01
[quota]
instances = 2
vcpus = 4
memory_mib = 1024
disk_mib = 4096
networks = 1
volumes = 1
snapshots = 2
[quota_most]
instances = 20
vcpus = 4
memory_mib = 1024
disk_mib = 4096
networks = 1
volumes = 1
snapshots = 2
[[prices]]
from = 2026-01-01
vcpu_hour = '0.0125'
memory_gib_hour = '0.004'
disk_gib_hour = '0.0001'
sent_gib = '0'
[[prices]]
from = 2026-11-16
vcpu_hour = '0.02'
memory_gib_hour = '0.004'
disk_gib_hour = '0.0001'
sent_gib = '0'
[tax]
name = 'VAT'
percent = '19'
";

    #[test]
    fn every_mistake_is_named_at_its_line() {
        let english = [Lang::english()];
        let good = Catalogue::parse(GOOD, &english).unwrap();
        assert_eq!(
            (good.size("small").unwrap().vcpus, good.tax.as_ref().unwrap().micro_percent),
            (1, 19_000_000)
        );
        let vcpu = |day: &str| good.prices_on(day).map(|prices| prices.vcpu_hour);
        assert_eq!(
            [vcpu("2025-12-31"), vcpu("2026-11-15"), vcpu("2026-11-16")],
            [None, Some(12_500), Some(20_000)]
        );
        assert_eq!(good.quota.get(Measure::Instances), 2);
        for (from, to, line, said) in [
            ("code = 'small'", "code = 'Small'", 3, "not a code"),
            ("vcpus = 1\n", "vcpus = 0\n", 5, "whole number from 1"),
            ("memory_mib = 512\n", "", 2, "is missing"),
            ("'0000000000000", "'x000000000000", 12, "not a fingerprint"),
            ("made = 2026-11-01", "made = 'soon'", 13, "a date"),
            ("[quota_most]\ninstances = 20", "[quota_most]\ninstances = 1", 22, "of quota is 2"),
            ("vcpu_hour = '0.0125'", "vcpu_hour = '0,0125'", 32, "no price"),
            ("sent_gib = '0'", "sent_gib = '0.0000001'", 35, "no price"),
            ("from = 2026-11-16", "from = 2025-11-16", 37, "come after later ones"),
            ("percent = '19'", "percent = '19 %'", 44, "no price"),
            ("disk_mib = 1024\n", "disk_mib = 1024\nprice = 3\n", 8, "unknown key"),
            ("label = { en = 'Alpine' }", "label = { fr = 'Alpine' }", 10, "no text in 'en'"),
        ] {
            let faults = Catalogue::parse(&GOOD.replacen(from, to, 1), &english).unwrap_err();
            let found = faults.iter().find(|fault| fault.message.contains(said));
            assert!(found.is_some_and(|fault| fault.line == line), "{to}: {faults:?}");
        }
        let twice = format!("{}{GOOD}", &GOOD[..GOOD.find("[[images]]").unwrap()]);
        assert!(Catalogue::parse(&twice, &english).is_err(), "a code that is there twice");
        assert_eq!(Catalogue::parse("", &english).unwrap_err().len(), 5);
    }

    #[test]
    fn prices_are_exact() {
        for (text, price) in [
            ("0", 0),
            ("1", 1_000_000),
            ("0.000001", 1),
            ("0.5", 500_000),
            ("999999999.999999", 999_999_999_999_999),
        ] {
            assert_eq!(micros(text), Some(price), "{text}");
        }
        for bad in ["", ".5", "1.", "-1", "1.0000000", "1000000000", "1e3", "٣"] {
            assert_eq!(micros(bad), None, "{bad}");
        }
        assert_eq!(written(12_500), "0.012500");
    }
}
