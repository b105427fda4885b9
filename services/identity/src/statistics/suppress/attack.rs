//! What a reader can work out of published tables: by linear algebra over the sums, and because no count is negative.
//! Statistical offices call it differencing; here it is run on every table before it is published.

/// Cells of which the last is the sum of the others.
pub(super) type Line = Vec<usize>;

/// Arithmetic of the linear algebra: exact modulo a prime, so that no rounding hides a leak.
const PRIME: u64 = 2_147_483_647;

/// Which hidden cells a reader can work out.
pub(super) fn worked_out(counts: &[u64], hidden: &[bool], lines: &[Line]) -> Vec<bool> {
    let mut unknown = hidden.to_vec();
    loop {
        let before = unknown.clone();
        by_sums(&mut unknown, lines);
        by_bounds(counts, &mut unknown, lines);
        if unknown == before {
            return hidden.iter().zip(&unknown).map(|(hidden, unknown)| *hidden && !unknown).collect();
        }
    }
}

/// Solves the system of all sums: a cell that stands alone in a row of its reduced form is known.
fn by_sums(unknown: &mut [bool], lines: &[Line]) {
    let cells: Vec<usize> = (0..unknown.len()).filter(|cell| unknown[*cell]).collect();
    let place_of = |cell: usize| cells.binary_search(&cell).ok();
    let mut rows: Vec<Vec<u64>> = lines
        .iter()
        .map(|line| {
            let mut row = vec![0; cells.len()];
            for (place, cell) in line.iter().enumerate() {
                if let Some(column) = place_of(*cell) {
                    let factor = if place + 1 == line.len() { PRIME - 1 } else { 1 };
                    row[column] = (row[column] + factor) % PRIME;
                }
            }
            row
        })
        .filter(|row| row.iter().any(|factor| *factor != 0))
        .collect();
    reduce(&mut rows, cells.len());
    for row in rows {
        let mut factors = row.iter().enumerate().filter(|(_, factor)| **factor != 0);
        if let (Some((column, _)), None) = (factors.next(), factors.next()) {
            unknown[cells[column]] = false;
        }
    }
}

/// Gauss-Jordan elimination: the reduced row echelon form.
fn reduce(rows: &mut [Vec<u64>], columns: usize) {
    let mut done = 0;
    for column in 0..columns {
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(done, pivot);
        let inverse = power(rows[done][column], PRIME - 2);
        let mut lead = std::mem::take(&mut rows[done]);
        lead.iter_mut().for_each(|factor| *factor = *factor * inverse % PRIME);
        for row in rows.iter_mut().filter(|row| row.get(column).is_some_and(|factor| *factor != 0)) {
            let times = PRIME - row[column];
            row.iter_mut().zip(&lead).for_each(|(factor, l)| *factor = (*factor + times * l) % PRIME);
        }
        rows[done] = lead;
        done += 1;
    }
}

fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut result, mut square) = (1, base % PRIME);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * square % PRIME;
        }
        square = square * square % PRIME;
        exponent >>= 1;
    }
    result
}

/// Narrows what each unknown count can be, from zero upwards, until nothing moves: one left over is known.
fn by_bounds(counts: &[u64], unknown: &mut [bool], lines: &[Line]) {
    let most = counts.iter().copied().max().unwrap_or(0).saturating_mul(2).saturating_add(1);
    let mut bounds: Vec<(u64, u64)> = counts
        .iter()
        .zip(&*unknown)
        .map(|(n, unknown)| if *unknown { (0, most) } else { (*n, *n) })
        .collect();
    loop {
        let before = bounds.clone();
        for line in lines {
            narrow(line, &mut bounds);
        }
        if bounds == before {
            break;
        }
    }
    for (unknown, (low, high)) in unknown.iter_mut().zip(bounds) {
        *unknown &= low != high;
    }
}

fn narrow(line: &Line, bounds: &mut [(u64, u64)]) {
    let Some((sum, parts)) = line.split_last() else { return };
    let lows: u64 = parts.iter().map(|cell| bounds[*cell].0).sum();
    let highs: u64 = parts.iter().map(|cell| bounds[*cell].1).sum();
    let (low, high) = bounds[*sum];
    bounds[*sum] = (low.max(lows), high.min(highs));
    let (low, high) = bounds[*sum];
    for cell in parts {
        let (own_low, own_high) = bounds[*cell];
        let at_least = low.saturating_sub(highs - own_high);
        let at_most = high.saturating_sub(lows - own_low);
        bounds[*cell] = (own_low.max(at_least), own_high.min(at_most));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_unknowns_in_a_line_are_safe_and_a_bridge_between_two_rings_is_not() {
        // a + b = 9, c + d = 9, a + c = 9, b + d = 9: nothing follows.
        let ring = [vec![0, 1, 4], vec![2, 3, 4], vec![0, 2, 4], vec![1, 3, 4]];
        let known = worked_out(&[4, 5, 5, 4, 9], &[true, true, true, true, false], &ring);
        assert_eq!(known, [false; 5]);
        // a + b = s, a + b + c = t: c follows from two sums, though no line has one unknown.
        let lines = [vec![0, 1, 3], vec![0, 1, 2, 4]];
        let known = worked_out(&[6, 7, 2, 13, 15], &[true, true, true, false, false], &lines);
        assert_eq!(known, [false, false, true, false, false]);
    }

    #[test]
    fn nothing_is_left_for_the_others_when_the_sum_is_zero() {
        let known = worked_out(&[0, 0, 0], &[true, true, false], &[vec![0, 1, 2]]);
        assert_eq!(known, [true, true, false]);
    }
}
