//! A table's digest that does not depend on the order of its rows, so that it can follow changes: the sum, modulo 2^256, of
//! the SHA-256 of every row.

use crate::schema::Table;
use crate::value::{Cell, Row};
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::hex;

/// How many rows, and the sum of their digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
    words: [u64; 4],
}

impl Sum {
    pub(super) fn add(&mut self, row: &Row) {
        self.rows = self.rows.wrapping_add(1);
        let mut carry = false;
        for (word, other) in self.words.iter_mut().zip(of(row)) {
            let (sum, first) = word.overflowing_add(other);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*word, carry) = (sum, first || second);
        }
    }

    pub(super) fn remove(&mut self, row: &Row) {
        self.rows = self.rows.wrapping_sub(1);
        let mut borrow = false;
        for (word, other) in self.words.iter_mut().zip(of(row)) {
            let (rest, first) = word.overflowing_sub(other);
            let (rest, second) = rest.overflowing_sub(u64::from(borrow));
            (*word, borrow) = (rest, first || second);
        }
    }

    pub(super) fn of_all(rows: &[Row]) -> Self {
        let mut sum = Self::default();
        rows.iter().for_each(|row| sum.add(row));
        sum
    }

    pub(super) fn hex(&self) -> String {
        let bytes: Vec<u8> = self.words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        hex::encode(&bytes)
    }
}

/// Both engines' rows alike: a boolean is an integer.
fn of(row: &Row) -> [u64; 4] {
    let mut bytes = Vec::new();
    for cell in &row.0 {
        let (kind, length, content): (u8, usize, &[u8]) = match cell {
            Cell::Null => (0, 0, &[]),
            Cell::Int(v) => (1, 8, &v.to_be_bytes()),
            Cell::Bool(v) => (1, 8, &i64::from(*v).to_be_bytes()),
            Cell::Text(v) => (2, v.len(), v.as_bytes()),
            Cell::Bytes(v) => (3, v.len(), v),
        };
        bytes.push(kind);
        bytes.extend_from_slice(&(length as u64).to_be_bytes());
        bytes.extend_from_slice(content);
    }
    let digest = digest(&SHA256, &bytes);
    let mut words = [0; 4];
    for (word, part) in words.iter_mut().zip(digest.as_ref().as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*part);
    }
    words
}

/// The name of what differs between two lists of sums, if anything does.
pub(super) fn difference<'a>(tables: &'a [Table], one: &[Sum], other: &[Sum]) -> Option<&'a str> {
    tables.iter().zip(one.iter().zip(other)).find(|(_, (a, b))| a != b).map(|(table, _)| table.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: i64, text: &str) -> Row {
        Row(vec![Cell::Int(n), Cell::Text(text.into()), Cell::Null])
    }

    #[test]
    fn order_does_not_matter_and_every_change_shows() {
        let rows: Vec<Row> = (0..100).map(|n| row(n, "x")).collect();
        let mut sum = Sum::of_all(&rows);
        let backwards: Vec<Row> = (0..100).rev().map(|n| row(n, "x")).collect();
        assert_eq!(sum, Sum::of_all(&backwards));
        sum.remove(&row(7, "x"));
        sum.add(&row(7, "y"));
        assert_eq!(sum.rows, 100);
        assert_ne!(sum, Sum::of_all(&rows));
        sum.remove(&row(7, "y"));
        sum.add(&row(7, "x"));
        assert_eq!(sum, Sum::of_all(&rows));
        assert_eq!(sum.hex().len(), 64);
    }

    #[test]
    fn a_removed_row_leaves_nothing() {
        let mut sum = Sum::default();
        sum.remove(&row(1, "a"));
        sum.add(&row(1, "a"));
        assert_eq!(sum, Sum::default());
    }

    #[test]
    fn a_boolean_is_an_integer_and_a_text_is_not_its_bytes() {
        assert_eq!(of(&Row(vec![Cell::Bool(true)])), of(&Row(vec![Cell::Int(1)])));
        assert_ne!(of(&Row(vec![Cell::Text("a".into())])), of(&Row(vec![Cell::Bytes(b"a".to_vec())])));
        assert_ne!(
            of(&Row(vec![Cell::Text("ab".into()), Cell::Text(String::new())])),
            of(&Row(vec![Cell::Text("a".into()), Cell::Text("b".into())]))
        );
    }
}
