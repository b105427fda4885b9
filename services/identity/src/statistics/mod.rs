//! How many people there are, by district, sex and age: from counters kept in the transactions that change
//! people, never from a scan of people, and with small cells hidden.

pub(crate) mod counters;
pub mod refusals;
pub mod suppress;

use crate::person::{Person, Sex};
use std::collections::BTreeMap;
use suppress::{Shown, publish};

/// Lower ends of the age bands.
pub const AGE_BANDS: [u16; 8] = [0, 5, 15, 25, 45, 65, 80, 100];

/// What a person counts as.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cell {
    /// Code of the place the person lives in; empty when unknown.
    pub place: String,
    /// Sex.
    pub sex: Sex,
    /// Year of birth; 0 when unknown.
    pub birth_year: i16,
}

impl Cell {
    /// The living person's cell; the dead are not counted.
    #[must_use]
    pub fn of(person: &Person) -> Option<Self> {
        person.died.is_none().then(|| Self {
            place: person.address.place.clone().unwrap_or_default(),
            sex: person.sex,
            birth_year: person.born.year().unwrap_or(0),
        })
    }
}

/// Changes to counters, collected over a batch so that each counter is written once.
#[derive(Default, Debug, Clone, PartialEq, Eq)]
pub struct Changes(pub BTreeMap<Cell, i64>);

impl Changes {
    /// A person is there from now on.
    pub fn add(&mut self, person: &Person) {
        self.change(person, 1);
    }
    /// A person is no longer there, or no longer like this.
    pub fn remove(&mut self, person: &Person) {
        self.change(person, -1);
    }
    fn change(&mut self, person: &Person, by: i64) {
        if let Some(cell) = Cell::of(person) {
            let count = self.0.entry(cell).or_default();
            *count += by;
        }
    }
    /// The changes that change something.
    pub fn iter(&self) -> impl Iterator<Item = (&Cell, i64)> {
        self.0.iter().filter(|(_, by)| **by != 0).map(|(cell, by)| (cell, *by))
    }
}

/// A table ready to be published, drawn or written out.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Table {
    /// Codes of the rows: districts, or lower ends of age bands; `?` for unknown.
    pub rows: Vec<String>,
    /// Codes of the columns; a last one, not named here, holds the sums.
    pub columns: Vec<String>,
    /// The cells, with a last column and a last row of sums.
    pub cells: Vec<Vec<Shown>>,
}

/// People by district and sex, and by age band and sex: two tables about the same people, made safe together. `district_of` gives
/// a place's district, `None` counts as unknown; the age is the one each reaches in `this_year`.
#[must_use]
pub fn tables(
    counts: &[(Cell, u64)],
    district_of: &dyn Fn(&str) -> Option<String>,
    this_year: i16,
) -> [Table; 2] {
    let by = |row_of: &dyn Fn(&Cell) -> String| {
        grouped(counts.iter().map(|(cell, count)| (row_of(cell), cell.sex, *count)))
    };
    let districts = by(&|cell| district_of(&cell.place).unwrap_or_else(|| "?".into()));
    publish_as_tables([districts, named_bands(by(&|cell| band_of(cell, this_year)))])
}

/// The names of rows and what they count, by sex.
type Group = (Vec<String>, Vec<Vec<u64>>);

/// Groups of the same people, made safe together.
fn publish_as_tables<const N: usize>(groups: [Group; N]) -> [Table; N] {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (rows, counts) in groups {
        names.push(rows);
        values.push(counts);
    }
    let mut tables = names.into_iter().zip(publish(&values));
    std::array::from_fn(|_| {
        let (rows, cells) = tables.next().unwrap_or_default();
        Table { rows, columns: Sex::ALL.map(|sex| sex.word().to_string()).to_vec(), cells }
    })
}

/// Age bands by their lower end, without the padding that [`band_of`] sorts by.
fn named_bands((mut names, counts): Group) -> Group {
    for name in names.iter_mut().filter(|name| *name != "?") {
        *name = name.parse::<u16>().map_or_else(|_| name.clone(), |low| low.to_string());
    }
    (names, counts)
}

/// The age band somebody is counted in; padded, so that the rows sort as numbers do.
fn band_of(cell: &Cell, this_year: i16) -> String {
    if cell.birth_year == 0 {
        return "?".to_string();
    }
    let age = u16::try_from(this_year.saturating_sub(cell.birth_year)).unwrap_or(0);
    // The bands begin at 0, so one always fits.
    let band = AGE_BANDS.iter().rev().find(|low| **low <= age).copied().unwrap_or(0);
    format!("{band:03}")
}

fn grouped(counts: impl Iterator<Item = (String, Sex, u64)>) -> Group {
    let mut rows: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (row, sex, count) in counts {
        let row = rows.entry(row).or_insert_with(|| vec![0; Sex::ALL.len()]);
        if let Some(place) = Sex::ALL.iter().position(|other| *other == sex) {
            row[place] += count;
        }
    }
    // Unknown comes last, whatever its code sorts like.
    let unknown = rows.remove_entry("?");
    rows.into_iter().chain(unknown).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(place: &str, sex: Sex, birth_year: i16) -> Cell {
        Cell { place: place.into(), sex, birth_year }
    }

    #[test]
    fn rows_are_districts_or_bands() {
        let counts = [
            (cell("north-1", Sex::Female, 1990), 10),
            (cell("north-2", Sex::Female, 2024), 7),
            (cell("south-1", Sex::Male, 1900), 9),
            (cell("", Sex::Unknown, 0), 6),
        ];
        let district = |place: &str| place.split_once('-').map(|(d, _)| d.to_string());
        let [table, ages] = tables(&counts, &district, 2026);
        assert_eq!(table.rows, ["north", "south", "?"]);
        assert_eq!(table.cells[0][0], Shown::Count(17));
        assert_eq!(table.cells[3][4], Shown::Count(32));
        assert_eq!(ages.rows, ["0", "25", "100", "?"]);
        assert_eq!(ages.cells[2][1], Shown::Count(9));
    }

    #[test]
    fn a_correction_moves_a_person() {
        let entry = crate::person::Entry { name: "A".into(), born: "1990".into(), ..Default::default() };
        let before = entry.check(&crate::entry::tests::rules()).unwrap();
        let mut after = before.clone();
        after.sex = Sex::Female;
        let mut changes = Changes::default();
        changes.remove(&before);
        changes.add(&after);
        changes.add(&before);
        let list: Vec<_> = changes.iter().map(|(cell, by)| (cell.sex, by)).collect();
        assert_eq!(list, [(Sex::Female, 1)]);
    }
}
