//! Hiding small cells of a table of counts, so that nobody can work out from it that one person in a village
//! is 107 years old: cells from 1 to 4 are hidden, and enough others with them that no sum gives them back.

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

/// The rows with their sums as a last column, and the sums of the columns as a last row, as they may be
/// published. All rows must have the length of the first one.
#[must_use]
pub fn publish(rows: &[Vec<u64>]) -> Vec<Vec<Shown>> {
    let width = rows.first().map_or(0, Vec::len);
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
    let mut hidden: Vec<Vec<bool>> =
        full.iter().map(|row| row.iter().map(|count| (1..SMALL).contains(count)).collect()).collect();
    let lines = lines(full.len(), width + 1);
    // Every pass hides at least one more cell or is the last, so this ends.
    while lines.iter().any(|line| cover(line, &full, &mut hidden)) {}
    full.iter()
        .zip(&hidden)
        .map(|(row, hidden)| {
            row.iter().zip(hidden).map(|(n, h)| if *h { Shown::Hidden } else { Shown::Count(*n) }).collect()
        })
        .collect()
}

/// Every row and every column as a list of cells; the last cell of each is the sum of the others.
fn lines(rows: usize, columns: usize) -> Vec<Vec<(usize, usize)>> {
    let across = (0..rows).map(|r| (0..columns).map(|c| (r, c)).collect());
    let down = (0..columns).map(|c| (0..rows).map(|r| (r, c)).collect());
    across.chain(down).collect()
}

/// Hides a second cell of a line with exactly one hidden: the smallest, and the sum only when nothing else is
/// left.
fn cover(line: &[(usize, usize)], full: &[Vec<u64>], hidden: &mut [Vec<bool>]) -> bool {
    if line.iter().filter(|(r, c)| hidden[*r][*c]).count() != 1 {
        return false;
    }
    let last = line.len() - 1;
    let second = line
        .iter()
        .enumerate()
        .filter(|(_, (r, c))| !hidden[*r][*c])
        .min_by_key(|(place, (r, c))| (*place == last, full[*r][*c] == 0, full[*r][*c], *place));
    match second {
        Some((_, (r, c))) => {
            hidden[*r][*c] = true;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_cells_and_their_cover() {
        let shown = publish(&[vec![10, 3, 20], vec![30, 40, 50]]);
        assert_eq!(shown[0][1], Shown::Hidden);
        assert_eq!(shown[0][0], Shown::Hidden, "else 33 - 30 would tell");
        assert_eq!(shown[0][3], Shown::Count(33));
        assert_eq!(shown[1][3], Shown::Count(120));
        assert_eq!(publish(&[vec![5, 0]])[0], [Shown::Count(5), Shown::Count(0), Shown::Count(5)]);
        assert_eq!(publish(&[]), vec![vec![Shown::Count(0)]]);
    }

    proptest! {
        #[test]
        fn no_line_gives_a_hidden_cell_back(rows in prop::collection::vec(prop::collection::vec(0_u64..12, 4), 1..5)) {
            let shown = publish(&rows);
            for line in lines(shown.len(), 5) {
                let hidden = line.iter().filter(|(r, c)| shown[*r][*c] == Shown::Hidden).count();
                prop_assert_ne!(hidden, 1);
            }
            for (row, counts) in shown.iter().zip(&rows) {
                for (cell, count) in row.iter().zip(counts) {
                    prop_assert!(cell.count().is_none_or(|shown| shown == *count && !(1..SMALL).contains(count)));
                }
            }
        }
    }
}
