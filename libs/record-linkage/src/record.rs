//! Records made ready to be compared: texts folded, values numbered.

use crate::date::LooseDate;
use crate::fold;
use crate::schema::{Kind, Schema};

/// Parts of a name that are compared.
pub const MAX_PARTS: usize = fold::MAX_TOKENS;

/// One field of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cell {
    Missing,
    Name([u32; MAX_PARTS], u8),
    Date(LooseDate, u32),
    Value(u32),
}

impl Cell {
    /// The numbers of the values in it.
    pub(crate) fn values(&self) -> &[u32] {
        match self {
            Self::Missing => &[],
            Self::Name(parts, count) => &parts[..usize::from(*count)],
            Self::Date(_, id) | Self::Value(id) => std::slice::from_ref(id),
        }
    }
}

/// A record made ready.
pub(crate) type Prepared = Box<[Cell]>;

/// Makes a record ready; `number` gives each folded value its number. Texts beyond the schema are not looked
/// at; missing ones are missing.
pub(crate) fn prepare<S: AsRef<str>>(
    schema: &Schema,
    texts: &[S],
    mut number: impl FnMut(usize, &str) -> u32,
) -> Prepared {
    let cell = |(field, spec): (usize, &crate::schema::Field)| {
        cell(spec.kind, texts.get(field).map_or("", AsRef::as_ref), |text| number(field, text))
    };
    schema.fields().iter().enumerate().map(cell).collect()
}

fn cell(kind: Kind, text: &str, mut number: impl FnMut(&str) -> u32) -> Cell {
    match kind {
        Kind::Name => {
            let mut parts = [0; MAX_PARTS];
            let mut count = 0;
            for token in fold::tokens(text) {
                let id = number(&token);
                // A part written twice is two parts: who bears the father's name is not called like a brother.
                if count < MAX_PARTS {
                    parts[count] = id;
                    count += 1;
                }
            }
            if count == 0 { Cell::Missing } else { Cell::Name(parts, count as u8) }
        }
        Kind::Date => LooseDate::parse(text).map_or(Cell::Missing, |date| {
            let id = if date.says_only_year() {
                number(&format!("{:04}", date.year))
            } else {
                number(&format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
            };
            Cell::Date(date, id)
        }),
        Kind::Code => value(&fold::tokens(text).concat(), number),
        Kind::Place | Kind::Category => value(&fold::text_key(text), number),
    }
}

fn value(folded: &str, mut number: impl FnMut(&str) -> u32) -> Cell {
    if folded.is_empty() { Cell::Missing } else { Cell::Value(number(folded)) }
}
