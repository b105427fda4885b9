//! Hiding small cells of tables of counts, so that nobody can work out from them that one person in a village
//! is 107 years old: cells from 1 to 4 are hidden, and enough others with them that no sum gives them back.
//!
//! Tables that break the same people down in different ways (by district and by age, say) share their columns, and so the
//! sums of their columns. They are published together: a sum that one table hides, no other may show.

mod attack;

use attack::{Line, worked_out};

/// Counts below this are hidden; zero is shown.
pub const SMALL: u64 = 5;

/// One cell as it may be published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// The count.
    Count(u64),
    /// Hidden: the count is small, or would give a small one away. `null` in JSON.
    Hidden,
}

impl Shown {
    /// The count, when it is shown.
    #[must_use]
    pub const fn count(self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Hidden => None,
        }
    }
}

/// The tables with the sums of their rows as a last column, and the sums of their columns as a last row, as they may be
/// published. All count the same people in the same columns: a row is cut or filled with zeros to the width of the first.
#[must_use]
pub fn publish(tables: &[Vec<Vec<u64>>]) -> Vec<Vec<Vec<Shown>>> {
    let width = tables.iter().flatten().map(Vec::len).next().unwrap_or(0);
    let full: Vec<_> = tables.iter().map(|rows| with_sums(rows, width)).collect();
    let places = Places::of(&full, width + 1);
    let mut counts = vec![0; places.count];
    places.each(|table, row, column, cell| counts[cell] = full[table][row][column]);
    let hidden = hide(&counts, &places.lines());
    let mut shown: Vec<Vec<Vec<Shown>>> =
        full.iter().map(|rows| rows.iter().map(|row| vec![Shown::Hidden; row.len()]).collect()).collect();
    places.each(|table, row, column, cell| {
        if !hidden[cell] {
            shown[table][row][column] = Shown::Count(counts[cell]);
        }
    });
    shown
}

fn with_sums(rows: &[Vec<u64>], width: usize) -> Vec<Vec<u64>> {
    let mut full: Vec<Vec<u64>> = rows
        .iter()
        .map(|row| {
            let mut row: Vec<u64> = row.iter().copied().take(width).collect();
            row.resize(width, 0);
            row.push(row.iter().sum());
            row
        })
        .collect();
    full.push((0..=width).map(|column| full.iter().map(|row| row[column]).sum()).collect());
    full
}

/// Which cell of all tables together stands where. The last rows of all tables are the same cells.
struct Places {
    /// Rows of each table, without the row of sums.
    rows: Vec<usize>,
    columns: usize,
    /// How many cells there are.
    count: usize,
}

impl Places {
    fn of(full: &[Vec<Vec<u64>>], columns: usize) -> Self {
        let rows: Vec<usize> = full.iter().map(|rows| rows.len() - 1).collect();
        let count = (rows.iter().sum::<usize>() + 1) * columns;
        Self { rows, columns, count }
    }
    fn cell(&self, table: usize, row: usize, column: usize) -> usize {
        if row == self.rows[table] {
            return column;
        }
        (1 + self.rows[..table].iter().sum::<usize>() + row) * self.columns + column
    }
    fn each(&self, mut visit: impl FnMut(usize, usize, usize, usize)) {
        for (table, rows) in self.rows.iter().enumerate() {
            for row in 0..=*rows {
                for column in 0..self.columns {
                    visit(table, row, column, self.cell(table, row, column));
                }
            }
        }
    }
    /// Every row and every column of every table; the last cell of each is the sum of the others.
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (table, rows) in self.rows.iter().enumerate() {
            lines.extend(
                (0..=*rows).map(|row| (0..self.columns).map(|c| self.cell(table, row, c)).collect::<Line>()),
            );
            lines
                .extend((0..self.columns).map(|c| (0..=*rows).map(|row| self.cell(table, row, c)).collect()));
        }
        lines
    }
}

/// Which cells are hidden. Every pass hides at least one more, or is the last.
fn hide(counts: &[u64], lines: &[Line]) -> Vec<bool> {
    let small: Vec<bool> = counts.iter().map(|count| (1..SMALL).contains(count)).collect();
    let mut hidden = small.clone();
    loop {
        // The quick way first: a line with one cell hidden gives it back at once.
        let mut covered = false;
        for line in lines {
            let alone = line.iter().filter(|cell| hidden[**cell]).count() == 1;
            covered |= alone && hide_one(counts, line, &mut hidden);
        }
        if covered {
            continue;
        }
        let known = worked_out(counts, &hidden, lines);
        let Some(leaked) = (0..counts.len()).find(|cell| small[*cell] && known[*cell]) else { return hidden };
        let through = lines.iter().filter(|line| line.contains(&leaked));
        let hid = through.chain(lines).any(|line| hide_one(counts, line, &mut hidden));
        if !hid {
            return hidden;
        }
    }
}

/// Hides one more cell of a line: the smallest that is not zero, and the sum only when nothing else is left.
fn hide_one(counts: &[u64], line: &Line, hidden: &mut [bool]) -> bool {
    let last = line.len().saturating_sub(1);
    let more = line
        .iter()
        .enumerate()
        .filter(|(_, cell)| !hidden[**cell])
        .min_by_key(|(place, cell)| (*place == last, counts[**cell] == 0, counts[**cell], *place));
    match more {
        Some((_, cell)) => {
            hidden[*cell] = true;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(rows: &[Vec<u64>]) -> Vec<Vec<Shown>> {
        publish(&[rows.to_vec()]).remove(0)
    }

    #[test]
    fn small_cells_and_their_cover() {
        let shown = one(&[vec![10, 3, 20], vec![30, 40, 50]]);
        assert_eq!(shown[0][1], Shown::Hidden);
        assert_eq!(shown[0][0], Shown::Hidden, "else 33 - 30 would tell");
        assert_eq!(shown[0][3], Shown::Count(33));
        assert_eq!(shown[1][3], Shown::Count(120));
        assert_eq!(one(&[vec![5, 0]])[0], [Shown::Count(5), Shown::Count(0), Shown::Count(5)]);
        assert_eq!(one(&[]), vec![vec![Shown::Count(0)]]);
        assert_eq!(publish(&[]), Vec::<Vec<Vec<Shown>>>::new());
    }

    #[test]
    fn what_one_table_hides_the_other_does_not_tell() {
        // Three women in all: by district the sum must be hidden, and by age it must be too.
        let districts = vec![vec![3, 50], vec![0, 60]];
        let ages = vec![vec![2, 40], vec![1, 70]];
        let shown = publish(&[districts, ages]);
        assert_eq!(shown[0][2][0], Shown::Hidden);
        assert_eq!(shown[0].last(), shown[1].last(), "one row of sums, shown or hidden alike");
    }

    #[test]
    fn what_follows_from_several_sums_together_is_hidden_too() {
        // Every line has two cells hidden or none, and yet a count of 4 follows from zeros and sums of both tables.
        let tables =
            [vec![vec![10, 3, 5], vec![5, 1, 0], vec![4, 0, 0]], vec![vec![6, 1, 1], vec![13, 3, 4]]];
        let full: Vec<_> = tables.iter().map(|rows| with_sums(rows, 3)).collect();
        let places = Places::of(&full, 4);
        let (mut counts, mut hidden) = (vec![0; places.count], vec![false; places.count]);
        let shown = publish(&tables);
        places.each(|t, r, c, cell| {
            counts[cell] = full[t][r][c];
            hidden[cell] = shown[t][r][c] == Shown::Hidden;
        });
        let known = worked_out(&counts, &hidden, &places.lines());
        assert!((0..places.count).all(|cell| !(1..SMALL).contains(&counts[cell]) || !known[cell]));
    }

    /// The highest count in the test's tables.
    const MOST: u64 = 6;
    /// The highest count tried. A reader knows no bound but the sums that are shown, and two rows make no higher ones.
    const TRIED: u64 = 2 * MOST;

    /// The attack by differencing: everything that a reader who adds and subtracts published numbers, and knows that no count
    /// is negative, can find by trying all possibilities. Slow and stupid on purpose: it shares nothing with the code above.
    /// Tables of two columns; the second has two rows, the last of which follows from the sums.
    fn possibilities(shown: &[Vec<Vec<Shown>>]) -> Vec<Vec<Vec<Vec<u64>>>> {
        let fits = |shown: &[Vec<Shown>], rows: &[Vec<u64>]| {
            let cells = shown.iter().flatten().zip(rows.iter().flatten());
            cells.into_iter().all(|(shown, count)| shown.count().is_none_or(|shown| shown == *count))
        };
        let mut found = Vec::new();
        for inner in all(2 * (shown[0].len() - 1)) {
            let first = with_sums(&inner.chunks(2).map(<[u64]>::to_vec).collect::<Vec<_>>(), 2);
            if !fits(&shown[0], &first) {
                continue;
            }
            let sums = &first[first.len() - 1];
            for row in all(2).filter(|row| row[0] <= sums[0] && row[1] <= sums[1]) {
                let rest = vec![sums[0] - row[0], sums[1] - row[1]];
                let second = with_sums(&[row, rest], 2);
                if fits(&shown[1], &second) {
                    found.push(vec![first.clone(), second]);
                }
            }
        }
        found
    }

    /// All lists of so many counts.
    fn all(length: usize) -> impl Iterator<Item = Vec<u64>> {
        let base = TRIED + 1;
        (0..base.pow(u32::try_from(length).unwrap())).map(move |n| {
            (0..length).map(|place| n / base.pow(u32::try_from(place).unwrap()) % base).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn no_reader_works_out_a_small_count(
            rows in prop::collection::vec(prop::collection::vec(0_u64..=MOST, 2), 1..3),
            split in prop::collection::vec(0_u64..=100, 2),
        ) {
            // The same people by two other groups: each column's sum, divided anew.
            let sums: Vec<u64> = (0..2).map(|c| rows.iter().map(|row| row[c]).sum()).collect();
            let first: Vec<u64> = sums.iter().zip(&split).map(|(sum, s)| sum * s / 100).collect();
            let second: Vec<u64> = sums.iter().zip(&first).map(|(sum, f)| sum - f).collect();
            prop_assume!(first.iter().chain(&second).all(|n| *n <= MOST));
            let tables = [rows, vec![first, second]];
            let shown = publish(&tables);
            let full: Vec<_> = tables.iter().map(|rows| with_sums(rows, 2)).collect();
            let possible = possibilities(&shown);
            prop_assert!(possible.contains(&full));
            for (t, table) in full.iter().enumerate() {
                for (r, row) in table.iter().enumerate() {
                    for (c, count) in row.iter().enumerate() {
                        prop_assert!(shown[t][r][c].count().is_none_or(|n| n == *count));
                        if (1..SMALL).contains(count) {
                            prop_assert_eq!(shown[t][r][c], Shown::Hidden);
                            prop_assert!(possible.iter().any(|p| p[t][r][c] != *count), "{:?}", shown);
                        }
                    }
                }
            }
        }

        #[test]
        fn a_wide_table_ends_and_hides_what_is_small(
            rows in prop::collection::vec(prop::collection::vec(0_u64..40, 4), 0..30)
        ) {
            let shown = one(&rows);
            for (cells, counts) in shown.iter().zip(&rows) {
                for (cell, count) in cells.iter().zip(counts) {
                    prop_assert!(cell.count().is_none_or(|n| n == *count && !(1..SMALL).contains(count)));
                }
            }
        }
    }
}
