//! What `daftar identity link` writes: the clusters, and on request every pair with the weight of every field.

use super::file::Table;
use super::mapping::LinkMapping;
use record_linkage::{Linked, Pair};
use std::io::{self, Write};

/// Writes `id,cluster`: rows of one number are taken for one person. Numbers begin at 1, in the order in which
/// the file first shows the person. Returns how many people there are.
///
/// The ids are written as they were read, so that the answer can be joined with the file again.
///
/// # Errors
/// When it cannot be written.
pub fn write_clusters(out: &mut dyn Write, table: &Table, linked: &Linked) -> io::Result<u64> {
    writeln!(out, "id,cluster")?;
    let mut numbers = vec![0_u64; linked.groups.len()];
    let mut people = 0;
    for (id, group) in table.ids.iter().zip(&linked.groups) {
        let number = &mut numbers[*group as usize];
        if *number == 0 {
            people += 1;
            *number = people;
        }
        writeln!(out, "{},{number}", quoted(id))?;
    }
    Ok(people)
}

/// Writes the pairs whose weight is at least `least` bits, and how each field weighs. Returns how many.
///
/// # Errors
/// When it cannot be written.
pub fn write_pairs(
    out: &mut dyn Write,
    table: &Table,
    linked: &Linked,
    mapping: &LinkMapping,
    least: i16,
) -> io::Result<u64> {
    write!(out, "a,b,cluster,weight,chance,prior,relatives")?;
    for field in &mapping.fields {
        write!(out, ",{0} weight,{0}", quoted(&field.name).trim_matches('"'))?;
    }
    writeln!(out)?;
    let mut count = 0;
    for Pair { a, b, weight } in linked.pairs_from(least) {
        let Some(why) = linked.explain(*a, *b) else { continue };
        let same = linked.groups[*a as usize] == linked.groups[*b as usize];
        let id = |row: u32| quoted(&table.ids[row as usize]);
        write!(out, "{},{},{},", id(*a), id(*b), if same { "same" } else { "other" })?;
        write!(out, "{weight:.2},{:.6},{:.2},{:.2}", why.chance, why.prior, why.relatives)?;
        for field in 0..mapping.fields.len() {
            let Some((sum, reasons)) = why.of_field(field) else {
                write!(out, ",,")?;
                continue;
            };
            let words = reasons.iter().map(|reason| match reason.role {
                Some(role) => format!("{role} {} ({:.2})", reason.level, reason.weight),
                None => reason.level.to_string(),
            });
            write!(out, ",{sum:.2},{}", quoted(&words.collect::<Vec<_>>().join("; ")))?;
        }
        writeln!(out)?;
        count += 1;
    }
    Ok(count)
}

/// RFC 4180: quotation marks where they are needed.
fn quoted(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) || text.starts_with([' ', '\t']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_they_were_read() {
        assert_eq!(quoted("a-1"), "a-1");
        assert_eq!(quoted("a,\"1\""), "\"a,\"\"1\"\"\"");
        assert_eq!(quoted("=1+1"), "=1+1");
    }
}
