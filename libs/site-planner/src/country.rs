//! Countries: climate and prices of a place, as cells under `country.`.

use crate::cells::{Cell, Kind};
use crate::fault::Fault;
use crate::reader::{Reader, Table};
use std::collections::BTreeMap;

/// A country as the table knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Country {
    /// Its name in English.
    pub name: String,
    /// The place whose climate is meant.
    pub place: String,
    /// Its money's code (ISO 4217).
    pub currency: String,
    /// Its cells.
    pub cells: BTreeMap<String, Cell>,
}

/// What each country says: key, unit, how many values, whether it is of climate or of prices.
const KEYS: &[(&str, &str, usize, bool)] = &[
    ("latitude", "degrees north", 1, true),
    ("longitude", "degrees east", 1, true),
    ("irradiation", "kWh/m² a day, by month", 12, true),
    ("temperature", "°C, by month", 12, true),
    ("swing", "K between the coolest and the warmest hour", 1, true),
    ("tariff", "USD/kWh", 1, false),
    ("diesel", "USD/l", 1, false),
    ("outage", "h a day without grid", 1, false),
    ("wage", "USD a year, technician, all in", 1, false),
    ("bandwidth", "USD a Mbit/s and month", 1, false),
    ("per_dollar", "of its money for one USD", 1, false),
    ("falls", "percent a year against the USD", 1, false),
    ("inflation", "percent a year", 1, false),
    ("discount", "percent a year, in its money", 1, false),
];

/// Reads the table of countries.
pub fn read(file: &str, text: &str, faults: &mut Vec<Fault>) -> BTreeMap<String, Country> {
    let reader = Reader::new(file, text);
    let parsed = reader.parse();
    let top = reader.top(&parsed);
    let countries = top.each_table().into_iter().map(|(code, table)| (code, country(&table))).collect();
    faults.extend(reader.into_faults());
    countries
}

fn country(table: &Table<'_, '_>) -> Country {
    let mut cells = BTreeMap::new();
    let (climate, prices) = (table.text("climate_source", "\"...\""), table.text("price_source", "\"...\""));
    for (key, unit, count, of_climate) in KEYS {
        let values = table.table.get(*key).and_then(|value| crate::cells::values(value.get_ref()));
        let Some(values) = values.filter(|values| values.len() == *count) else {
            table.fault(key, format!("'{key}' is not {count} number(s)"), format!("Write {key} in {unit}"));
            continue;
        };
        let source = if *of_climate { &climate } else { &prices };
        let cell = Cell {
            values,
            unit: (*unit).into(),
            kind: if source.contains("estimate") { Kind::Estimate } else { Kind::Published },
            source: source.clone(),
            workload: None,
            instead_of: None,
        };
        cells.insert(format!("country.{key}"), cell);
    }
    Country {
        name: table.text("name", "\"...\""),
        place: table.text("place", "\"...\""),
        currency: table.text("currency", "\"...\""),
        cells,
    }
}
