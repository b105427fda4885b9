//! Assumptions: cells with unit, source and kind, each of which a site can override.

use crate::bench::Bench;
use crate::country;
use crate::fault::{Fault, PlanError};
use crate::fixed::Fixed;
use crate::reader::{Reader, Table, exact};
use serde::Serialize;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// The most values of one cell.
const VALUES_MAX: usize = 60;

/// How well a value is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Measured by our own benches.
    Measured,
    /// Printed by somebody who can be named.
    Published,
    /// Reckoned by us from what such things usually are: to be replaced before anything is signed.
    Estimate,
    /// Given by the site.
    Given,
}

/// One assumption.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cell {
    /// Its values; most cells have one.
    pub values: Vec<Fixed>,
    /// Their unit.
    pub unit: String,
    /// How well they are known.
    pub kind: Kind,
    /// Who says so.
    pub source: String,
    /// A workload of the benches whose measurement is multiplied with the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// What stood here before the site said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Vec<Fixed>>,
}

/// All assumptions of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cells {
    /// Version of the file.
    pub version: String,
    /// The cells by name.
    pub cells: BTreeMap<String, Cell>,
    /// Names of countries by code.
    #[serde(skip)]
    pub countries: BTreeMap<String, country::Country>,
}

impl Cells {
    /// Reads a file of assumptions and one of countries.
    ///
    /// # Errors
    /// Every fault of the two files, with line and remedy.
    pub fn read(assumptions: (&str, &str), countries: (&str, &str)) -> Result<Self, PlanError> {
        let reader = Reader::new(assumptions.0, assumptions.1);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        let version = top.text("version", "\"2026-11\"");
        let mut cells = BTreeMap::new();
        collect(&top, "", &mut cells);
        let mut faults = reader.into_faults();
        let countries = country::read(countries.0, countries.1, &mut faults);
        if faults.is_empty() {
            Ok(Self { version, cells, countries })
        } else {
            Err(PlanError::Faults(faults))
        }
    }

    /// The assumptions that come with the library.
    ///
    /// # Errors
    /// None, as a test holds; the type keeps callers honest.
    pub fn shipped() -> Result<Self, PlanError> {
        Self::with_assumptions("assumptions.toml", include_str!("../assumptions.toml"))
    }

    /// Other assumptions, with the countries that come with the library.
    ///
    /// # Errors
    /// Every fault of the file, with line and remedy.
    pub fn with_assumptions(file: &str, text: &str) -> Result<Self, PlanError> {
        Self::read((file, text), ("countries.toml", include_str!("../countries.toml")))
    }

    /// One cell.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn cell(&self, name: &str) -> Result<&Cell, PlanError> {
        self.cells.get(name).ok_or_else(|| PlanError::NoCell(name.into()))
    }
    /// The value of a cell.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn get(&self, name: &str) -> Result<Fixed, PlanError> {
        Ok(self.cell(name)?.values.first().copied().unwrap_or_default())
    }
    /// The value of a cell that is divided by.
    ///
    /// # Errors
    /// When there is none of that name, or it is not above zero.
    pub fn positive(&self, name: &str) -> Result<Fixed, PlanError> {
        let value = self.get(name)?;
        if value > Fixed::ZERO { Ok(value) } else { Err(PlanError::NotAboveZero(name.into())) }
    }
    /// The value of a cell, nothing when there is no such cell.
    #[must_use]
    pub fn or_zero(&self, name: &str) -> Fixed {
        self.get(name).unwrap_or_default()
    }
    /// A quantity that may refer to a measurement: the cell's value times what was measured, or the value alone.
    ///
    /// # Errors
    /// When there is no such cell, or nothing was measured under its workload.
    pub fn measured(&self, name: &str, bench: &Bench, what: Measure) -> Result<(Fixed, bool), PlanError> {
        let cell = self.cell(name)?;
        let value = self.get(name)?;
        let Some(workload) = &cell.workload else { return Ok((value, false)) };
        let measured = bench.find(workload).and_then(|row| match what {
            Measure::Processor => row.processor_us,
            Measure::Bytes => row.bytes,
        });
        let measured = measured.ok_or(PlanError::NotMeasured(
            workload.clone(),
            match what {
                Measure::Processor => "processor_us",
                Measure::Bytes => "bytes",
            },
        ))?;
        Ok((measured.times(value), cell.kind == Kind::Measured))
    }
    /// The cells of a country, under `country.`.
    pub(crate) fn add_country(&mut self, code: &str) -> bool {
        let Some(country) = self.countries.get(code) else { return false };
        self.cells.extend(country.cells.clone());
        true
    }
    /// Puts a site's own value into a cell.
    pub(crate) fn put(&mut self, name: &str, values: Vec<Fixed>) {
        if let Some(cell) = self.cells.get_mut(name) {
            let before = std::mem::replace(&mut cell.values, values);
            cell.instead_of.get_or_insert(before);
            cell.kind = Kind::Given;
            // A number of the site stands for itself, not for a multiple of what was measured here.
            cell.workload = None;
        }
    }
    /// Multiplies all values of a cell, to see what hangs on it.
    pub(crate) fn scale(&mut self, name: &str, by: Fixed) {
        if let Some(cell) = self.cells.get_mut(name) {
            for value in &mut cell.values {
                *value = value.times(by);
            }
        }
    }
    /// The name among the cells that is most alike.
    pub(crate) fn alike(&self, name: &str) -> Option<&str> {
        let shared = |other: &str| name.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        self.cells.keys().map(String::as_str).max_by_key(|other| (shared(other), usize::MAX - other.len()))
    }
}

/// What of a measurement is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Processor time of an act, in µs.
    Processor,
    /// What an act leaves in the database, in bytes.
    Bytes,
}

/// The values of a number or a list of numbers.
pub(crate) fn values(value: &DeValue<'_>) -> Option<Vec<Fixed>> {
    let list = match value {
        DeValue::Array(list) if !list.is_empty() && list.len() <= VALUES_MAX => {
            list.iter().map(|value| exact(value.get_ref())).collect::<Option<Vec<_>>>()?
        }
        other => vec![exact(other)?],
    };
    Some(list)
}

/// Takes every table with a `value` for a cell, and goes into the others.
fn collect(table: &Table<'_, '_>, path: &str, cells: &mut BTreeMap<String, Cell>) {
    for (key, value) in table.table {
        let name =
            if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        let Some(inner) = value.get_ref().as_table() else {
            if name != "version" {
                let remedy = "Write { value = 1, unit = \"USD\", kind = \"estimate\", source = \"...\" }";
                table.fault(key.get_ref(), format!("'{name}' is not a cell"), remedy);
            }
            continue;
        };
        let inner = table.inner(inner, value.span());
        if inner.table.contains_key("value") {
            if let Some(cell) = cell(&inner, &name) {
                cells.insert(name, cell);
            }
        } else {
            collect(&inner, &name, cells);
        }
    }
}

fn cell(table: &Table<'_, '_>, name: &str) -> Option<Cell> {
    let values = table.table.get("value").and_then(|value| values(value.get_ref()));
    if values.is_none() {
        table.fault(
            "value",
            format!("the value of '{name}' is not a number, or 1 to {VALUES_MAX} of them"),
            "Write a number of at most six places between -10⁹ and 10⁹",
        );
    }
    let kinds = [("measured", Kind::Measured), ("published", Kind::Published), ("estimate", Kind::Estimate)];
    let cell = Cell {
        values: values?,
        unit: table.text("unit", "\"USD\""),
        kind: table.word("kind", &kinds, Kind::Estimate),
        source: table.text("source", "\"who says so\""),
        workload: table.text_opt("workload"),
        instead_of: None,
    };
    if let Some((key, _)) = table
        .table
        .iter()
        .find(|(key, _)| !["value", "unit", "kind", "source", "workload"].contains(&key.get_ref().as_ref()))
    {
        table.fault(
            key.get_ref(),
            format!("unknown key '{}'", key.get_ref()),
            "A cell has value, unit, kind, source, workload",
        );
    }
    Some(cell)
}

/// A fault about a cell that a site names wrongly.
pub(crate) fn unknown_cell(file: &str, line: usize, name: &str, alike: Option<&str>) -> Fault {
    let remedy = alike.map_or_else(String::new, |alike| format!("The nearest is \"{alike}\""));
    Fault { file: file.into(), line, message: format!("there is no cell '{name}'"), remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_COUNTRIES: (&str, &str) = ("c.toml", "");

    #[test]
    fn the_shipped_assumptions_are_whole_and_say_their_sources() {
        let cells = Cells::shipped().unwrap();
        assert!(cells.cells.len() > 100);
        assert!(cells.countries.len() >= 12);
        assert!(cells.cells.values().all(|cell| !cell.source.is_empty() && !cell.unit.is_empty()));
    }

    #[test]
    fn faults_name_line_and_remedy() {
        let text = "version = 'x'\n[a]\nb = 3\n[a.c]\nvalue = 'x'\n[a.d]\nvalue = 1\nunit = 'x'\nkind = 'guess'\nsource = 'y'\nsorce = 'z'\n";
        let Err(PlanError::Faults(faults)) = Cells::read(("a.toml", text), NO_COUNTRIES) else { panic!() };
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            said.iter().any(|s| s.starts_with("a.toml:3: 'a.b' is not a cell. Write { value")),
            "{said:?}"
        );
        assert!(said.iter().any(|s| s.starts_with("a.toml:5: the value of 'a.c'")), "{said:?}");
        assert!(
            said.iter().any(|s| s.starts_with("a.toml:9: 'guess' is not a kind. Write one of")),
            "{said:?}"
        );
        assert!(said.iter().any(|s| s.starts_with("a.toml:11: unknown key 'sorce'")), "{said:?}");
    }

    #[test]
    fn a_number_is_exact_or_refused() {
        for (text, good) in
            [("0.1", true), ("1e-3", false), ("0x10", false), ("nan", false), ("2000000000", false)]
        {
            let file = format!("version='x'\n[a]\nvalue={text}\nunit='u'\nkind='estimate'\nsource='s'\n");
            assert_eq!(Cells::read(("a.toml", &file), NO_COUNTRIES).is_ok(), good, "{text}");
        }
    }
}
