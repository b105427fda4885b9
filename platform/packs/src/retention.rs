//! How long what is kept, and on what basis: the classes under which personal data are sealed.

use daftar_kernel::Lang;
use daftar_office::roster::{Label, is_code};
use daftar_ports::toml_reader::{Reader, Table};
use std::collections::BTreeMap;

/// From when the years are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// From the day the data were written.
    Written,
    /// From the last time they were used.
    Used,
    /// From the day the case, account or right they belong to ended.
    Ended,
    /// From the person's death.
    Death,
}

/// A class of data and how long it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Code of the class, as services name it when they seal data.
    pub class: String,
    /// What it holds, in plain words.
    pub label: Label,
    /// The law and article that say so.
    pub basis: String,
    /// For how many years; none for ever.
    pub years: Option<u32>,
    /// From when they are counted.
    pub counted: Counted,
}

/// Reads `retention.toml`.
pub(crate) fn read(
    reader: &Reader<'_>,
    top: &Table<'_, '_>,
    languages: &[Lang],
) -> BTreeMap<String, Retention> {
    let mut classes = BTreeMap::new();
    for table in top.tables("classes") {
        if let Some(class) = class(&table, languages)
            && let Some(twice) = classes.insert(class.class.clone(), class)
        {
            table.fault("class", format!("'{}' is there twice", twice.class), "Remove one of them");
        }
        table.finish();
    }
    if classes.is_empty() {
        reader.fault_at(
            0,
            "no class is there",
            "Add [[classes]]: nothing may be kept without a rule for how long",
        );
    }
    classes
}

fn class(table: &Table<'_, '_>, languages: &[Lang]) -> Option<Retention> {
    let (class, label, basis) =
        (table.text("class"), table.label_in("label", languages), table.text("basis"));
    if let Some(odd) = class.as_ref().filter(|class| !is_code(class)) {
        table.fault(
            "class",
            format!("'{odd}' is not a code"),
            "Write lower-case letters, digits and single hyphens",
        );
    }
    if basis.as_ref().is_some_and(|basis| basis.trim().is_empty()) {
        table.fault("basis", "no legal basis", "Name the law and the article");
    }
    let for_ever = table.is_set("for_ever");
    let years = table.number_opt("years", 0..=500).and_then(|years| u32::try_from(years).ok());
    if for_ever == years.is_some() {
        table.fault(
            "years",
            "neither or both of 'years' and 'for_ever'",
            "Write years = N, or for_ever = true",
        );
    }
    let counted = match table.text_opt("counted_from").as_deref() {
        None | Some("written") => Counted::Written,
        Some("used") => Counted::Used,
        Some("ended") => Counted::Ended,
        Some("death") => Counted::Death,
        Some(other) => {
            let message = format!("'{other}' is no beginning");
            table.fault("counted_from", message, "Write written, used, ended or death");
            Counted::Written
        }
    };
    Some(Retention { class: class?, label: label?, basis: basis?, years, counted })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> usize {
        let reader = Reader::new("retention.toml", text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        read(&reader, &top, &[Lang::english()]);
        top.finish();
        reader.into_faults().len()
    }

    #[test]
    fn a_class_has_a_basis_and_one_term() {
        let good =
            "[[classes]]\nclass='civil'\nlabel={en='x'}\nbasis='Law 1'\nyears=10\ncounted_from='death'\n";
        assert_eq!(faults(good), 0);
        assert_eq!(faults(&good.replace("years=10", "for_ever=true")), 0);
        for (from, to) in [
            ("years=10", ""),
            ("years=10", "years=10\nfor_ever=true"),
            ("years=10", "years=-1"),
            ("'death'", "'birth'"),
            ("'Law 1'", "' '"),
            ("'civil'", "'Civil'"),
        ] {
            assert!(faults(&good.replace(from, to)) >= 1, "{to}");
        }
        assert_eq!(faults(&good.repeat(2)), 1);
        assert_eq!(faults(""), 1);
    }
}
