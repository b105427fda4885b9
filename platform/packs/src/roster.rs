//! Agencies, offices, roles and purposes: read here, checked by the office's own rules, each fault with its line.

use crate::Fault;
use crate::places::Places;
use daftar_kernel::Lang;
use daftar_office::permission::Permission;
use daftar_office::roster::{Agency, Complaints, Office, Parts, Purpose, Review, Role, Roster, Sealed};
use daftar_ports::toml_reader::Table;
use std::collections::BTreeMap;

/// Where something stands: list, code, field to file and line. The field is empty for the entry itself.
type Lines = BTreeMap<(&'static str, String, &'static str), usize>;

const AGENCIES: &str = "agencies.toml";
const ROLES: &str = "roles.toml";
const PURPOSES: &str = "purposes.toml";

/// The lists while they are read.
#[derive(Default)]
pub(crate) struct RosterFiles {
    parts: Parts,
    lines: Lines,
}

impl RosterFiles {
    fn note(&mut self, list: &'static str, code: &str, table: &Table<'_, '_>, fields: &[&'static str]) {
        // The first of two entries with one code keeps its lines: the office's check names the second by its code only.
        self.lines.entry((list, code.into(), "")).or_insert_with(|| table.line_of("code"));
        for field in fields {
            self.lines.entry((list, code.into(), *field)).or_insert_with(|| table.line_of(field));
        }
    }

    /// Reads `agencies.toml`.
    pub(crate) fn agencies(&mut self, top: &Table<'_, '_>, places: &Places) {
        for table in top.tables("agencies") {
            if let (Some(code), Some(label)) = (table.text("code"), table.label("label")) {
                self.note("agencies", &code, &table, &["label"]);
                self.parts.agencies.push(Agency { code, label });
            }
            table.finish();
        }
        for table in top.tables("offices") {
            let (code, agency, label) = (table.text("code"), table.text("agency"), table.label("label"));
            let (place, roles) = (table.text_opt("place"), table.texts("roles"));
            if let Some(unknown) = place.as_ref().filter(|place| places.get(place).is_none()) {
                let remedy = "Correct the code or declare the place in places.toml";
                table.fault("place", format!("the place '{unknown}' does not exist"), remedy);
            }
            if let (Some(code), Some(agency), Some(label)) = (code, agency, label) {
                self.note("offices", &code, &table, &["agency", "label", "place", "roles"]);
                self.parts.offices.push(Office { code, agency, label, place, roles });
            }
            table.finish();
        }
        if let Some(table) = top.table_opt("complaints") {
            let mut complaints = Complaints { desks: table.texts("desks"), ..Complaints::default() };
            if let Some(days) = table.number_opt("answer_days", 1..=365) {
                complaints.answer_days = u32::try_from(days).unwrap_or(complaints.answer_days);
            }
            self.note("complaints", "", &table, &["desks", "answer_days"]);
            self.parts.complaints = complaints;
            table.finish();
        }
    }

    /// Reads `roles.toml`.
    pub(crate) fn roles(&mut self, top: &Table<'_, '_>) {
        for table in top.tables("roles") {
            let (code, label) = (table.text("code"), table.label("label"));
            let (permissions, purposes) = (table.texts("permissions"), table.texts("purposes"));
            let looks_per_hour = table.number_opt("looks_per_hour", 0..=100_000);
            if let (Some(code), Some(label)) = (code, label) {
                self.note("roles", &code, &table, &["label", "permissions", "purposes", "looks_per_hour"]);
                let looks_per_hour = looks_per_hour.and_then(|n| u32::try_from(n).ok()).unwrap_or(60);
                self.parts.roles.push(Role { code, label, permissions, purposes, looks_per_hour });
            }
            table.finish();
        }
    }

    /// Reads `purposes.toml`.
    pub(crate) fn purposes(&mut self, top: &Table<'_, '_>) {
        for table in top.tables("purposes") {
            let (code, label, basis) = (table.text("code"), table.label("label"), table.text("basis"));
            let needs_case = table.is_set("needs_case");
            let sealed = choice(&table, "sealed", &[("none", Sealed::None), ("court", Sealed::Court)]);
            let review =
                choice(&table, "review", &[("sampled", Review::Sampled), ("always", Review::Always)]);
            let extended_by = table.texts("extended_by");
            let partners = table.is_set("partners");
            if let (Some(code), Some(label), Some(basis)) = (code, label, basis) {
                let fields = ["label", "basis", "needs_case", "sealed", "extended_by", "partners"];
                self.note("purposes", &code, &table, &fields);
                self.parts.purposes.push(Purpose {
                    code,
                    label,
                    basis,
                    needs_case,
                    sealed,
                    review,
                    extended_by,
                    partners,
                });
            }
            table.finish();
        }
    }

    /// The checked roster; none when the office's rules find faults.
    pub(crate) fn finish(
        self,
        languages: &[Lang],
        permissions: &[Permission],
        faults: &mut Vec<Fault>,
    ) -> Option<Roster> {
        let Self { parts, lines } = self;
        let found = match Roster::new(parts, languages, permissions) {
            Ok(roster) => return Some(roster),
            Err(found) => found,
        };
        faults.extend(found.into_iter().map(|fault| {
            let file = match fault.list {
                "roles" => ROLES,
                "purposes" => PURPOSES,
                _ => AGENCIES,
            };
            let line = |field| lines.get(&(fault.list, fault.code.clone(), field)).copied();
            let entry = if fault.code.is_empty() { String::new() } else { format!(" '{}'", fault.code) };
            Fault {
                file: file.into(),
                line: line(fault.field).or_else(|| line("")).unwrap_or(0),
                message: format!("{}{entry}: {}", fault.list, fault.message),
                remedy: fault.remedy,
            }
        }));
        None
    }
}

/// One of a few words; the usual one when the key is absent.
fn choice<T: Copy + Default>(table: &Table<'_, '_>, key: &'static str, words: &[(&str, T)]) -> T {
    let Some(text) = table.text_opt(key) else { return T::default() };
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.unwrap_or_else(|| {
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ");
        table.fault(key, format!("'{text}' is no value of '{key}'"), format!("Write {known}"));
        T::default()
    })
}
