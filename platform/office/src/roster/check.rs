//! What can be wrong with the lists of a country pack, each with its remedy.

use super::{LIST_MAX, Label, Parts, Sealed};
use crate::permission::{Permission, SEAL_EXTEND};
use daftar_kernel::Lang;
use std::collections::BTreeSet;

/// A fault in the lists. The pack adds file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `agencies`, `offices`, `roles`, `purposes` or `complaints`.
    pub list: &'static str,
    /// Code of the entry; empty when the list itself is at fault.
    pub code: String,
    /// The key within the entry.
    pub field: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Whether a text is a code: lower-case ASCII letters, digits and single hyphens, a letter first, at most 60 bytes.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let part_ok = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= 60 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(part_ok)
}

/// Whether a text is a permission: two or more codes joined by dots, at most 100 bytes.
#[must_use]
pub fn is_permission(text: &str) -> bool {
    text.len() <= 100 && text.contains('.') && text.split('.').all(is_code)
}

struct Findings<'a> {
    languages: &'a [Lang],
    faults: Vec<Fault>,
}

impl Findings<'_> {
    fn add(&mut self, list: &'static str, code: &str, field: &'static str, message: String, remedy: &str) {
        self.faults.push(Fault { list, code: code.into(), field, message, remedy: remedy.into() });
    }
    fn codes<'c>(&mut self, list: &'static str, codes: impl Iterator<Item = &'c str>) -> BTreeSet<&'c str> {
        let mut seen = BTreeSet::new();
        for (index, code) in codes.enumerate() {
            if index == LIST_MAX {
                let message = format!("more than {LIST_MAX} entries");
                self.add(list, "", "code", message, "split the country or ask for a higher limit");
                break;
            }
            if !is_code(code) {
                let message = format!("'{code}' is not a code");
                self.add(list, code, "code", message, "write lower-case letters, digits and single hyphens");
            }
            if !seen.insert(code) {
                self.add(
                    list,
                    code,
                    "code",
                    format!("'{code}' is there twice"),
                    "rename or remove one of them",
                );
            }
        }
        seen
    }
    fn label(&mut self, list: &'static str, code: &str, label: &Label) {
        for lang in self.languages {
            if label.0.get(lang).is_none_or(|text| text.trim().is_empty()) {
                let message = format!("no text in '{lang}'");
                self.add(list, code, "label", message, "add the text in this language");
            }
        }
    }
    fn known(
        &mut self,
        (list, code, field): (&'static str, &str, &'static str),
        names: &[String],
        known: &BTreeSet<&str>,
    ) {
        for (index, name) in names.iter().enumerate() {
            if !known.contains(name.as_str()) {
                let nearest =
                    nearest(name, known).map_or_else(String::new, |n| format!("; did you mean '{n}'?"));
                let message = format!("'{name}' does not exist{nearest}");
                self.add(list, code, field, message, "correct the code or declare it");
            }
            if names[..index].contains(name) {
                self.add(list, code, field, format!("'{name}' is there twice"), "remove one of them");
            }
        }
    }
}

/// The known word that differs in the fewest places, when it is near enough to be meant.
fn nearest<'k>(word: &str, known: &BTreeSet<&'k str>) -> Option<&'k str> {
    let distance = |other: &str| {
        let (a, b): (Vec<char>, Vec<char>) = (word.chars().take(100).collect(), other.chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut before = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let change = before + usize::from(x != y);
                before = row[j + 1];
                row[j + 1] = change.min(row[j] + 1).min(before + 1);
            }
        }
        row.last().copied().unwrap_or(usize::MAX)
    };
    known.iter().map(|k| (distance(k), *k)).min().filter(|(d, _)| *d <= 3).map(|(_, k)| k)
}

impl Parts {
    /// Everything that is wrong: unknown and doubled codes, missing texts, desks that cannot be outsiders.
    ///
    /// `languages` are those every label must have; `permissions` those that the program's services declare.
    #[must_use]
    pub fn check(&self, languages: &[Lang], permissions: &[Permission]) -> Vec<Fault> {
        let mut found = Findings { languages, faults: Vec::new() };
        let agencies = found.codes("agencies", self.agencies.iter().map(|a| a.code.as_str()));
        let offices = found.codes("offices", self.offices.iter().map(|o| o.code.as_str()));
        let roles = found.codes("roles", self.roles.iter().map(|r| r.code.as_str()));
        let purposes = found.codes("purposes", self.purposes.iter().map(|p| p.code.as_str()));
        let permissions: BTreeSet<&str> = permissions.iter().map(|p| p.code).collect();
        for agency in &self.agencies {
            found.label("agencies", &agency.code, &agency.label);
        }
        for office in &self.offices {
            let code = office.code.as_str();
            found.label("offices", code, &office.label);
            found.known(("offices", code, "agency"), std::slice::from_ref(&office.agency), &agencies);
            found.known(("offices", code, "roles"), &office.roles, &roles);
        }
        for role in &self.roles {
            let code = role.code.as_str();
            found.label("roles", code, &role.label);
            found.known(("roles", code, "permissions"), &role.permissions, &permissions);
            found.known(("roles", code, "purposes"), &role.purposes, &purposes);
            if role.looks_per_hour == 0 && !role.purposes.is_empty() {
                let message = "0 looks an hour, but it has purposes".to_string();
                found.add("roles", code, "looks_per_hour", message, "write how many looks an hour are usual");
            }
        }
        self.check_purposes(&mut found, &roles);
        self.check_complaints(&mut found, &offices);
        found.faults
    }

    fn check_purposes(&self, found: &mut Findings<'_>, roles: &BTreeSet<&str>) {
        for purpose in &self.purposes {
            let code = purpose.code.as_str();
            found.label("purposes", code, &purpose.label);
            if purpose.basis.trim().is_empty() {
                let remedy = "name the law and the article that allow it; without one there is no purpose";
                found.add("purposes", code, "basis", "no legal basis".into(), remedy);
            }
            if purpose.sealed == Sealed::Court && !purpose.needs_case {
                let message = "sealed looks without a case".to_string();
                found.add("purposes", code, "needs_case", message, "set needs_case = true");
            }
            found.known(("purposes", code, "extended_by"), &purpose.extended_by, roles);
            if purpose.sealed == Sealed::None && !purpose.extended_by.is_empty() {
                let message = "a later date for looks that are never hidden".to_string();
                found.add(
                    "purposes",
                    code,
                    "extended_by",
                    message,
                    "remove extended_by, or set sealed = \"court\"",
                );
            }
            for role in self.roles.iter().filter(|role| purpose.extended_by.contains(&role.code)) {
                if !role.may(SEAL_EXTEND) {
                    let message = format!("the role '{}' does not hold {SEAL_EXTEND}", role.code);
                    found.add("purposes", code, "extended_by", message, "give the role the permission");
                }
            }
            if purpose.partners && (purpose.needs_case || purpose.sealed == Sealed::Court) {
                let message = "partners name no case and no court".to_string();
                found.add("purposes", code, "partners", message, "give partners a purpose without a case");
            }
            if !purpose.partners && !self.roles.iter().any(|r| r.purposes.contains(&purpose.code)) {
                let message = "no role has this purpose".to_string();
                found.add("purposes", code, "code", message, "give it to a role or remove it");
            }
        }
    }

    fn check_complaints(&self, found: &mut Findings<'_>, offices: &BTreeSet<&str>) {
        let rule = &self.complaints;
        found.known(("complaints", "", "desks"), &rule.desks, offices);
        if !(1..=365).contains(&rule.answer_days) {
            let message = format!("{} days to answer", rule.answer_days);
            found.add("complaints", "", "answer_days", message, "write a number of days from 1 to 365");
        }
        let agency_of =
            |desk: &String| self.offices.iter().find(|o| &o.code == desk).map(|o| o.agency.as_str());
        let answering: BTreeSet<&str> = rule.desks.iter().filter_map(agency_of).collect();
        // With desks of two agencies every agency, those two included, has one outside it.
        if answering.len() < 2 && !self.agencies.is_empty() {
            let message =
                "desks of fewer than two agencies: nobody outside could answer about them".to_string();
            found.add(
                "complaints",
                "",
                "desks",
                message,
                "name offices of two agencies, e.g. ombudsman and court",
            );
        }
    }
}

#[cfg(test)]
pub(super) fn fixture() -> Parts {
    crate::testbed::parts()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(change: impl FnOnce(&mut Parts)) -> Vec<(&'static str, String, &'static str)> {
        let mut parts = fixture();
        change(&mut parts);
        let languages = [Lang::english()];
        let faults = parts.check(&languages, crate::permission::PERMISSIONS);
        faults.into_iter().map(|f| (f.list, f.code, f.field)).collect()
    }

    #[test]
    fn the_fixture_is_sound() {
        assert_eq!(faults(|_| ()), []);
    }

    #[test]
    fn every_mistake_is_named() {
        let is = |list, code: &str, field| vec![(list, code.to_string(), field)];
        assert_eq!(
            faults(|p| p.roles[0].permissions.push("office.acount.see".into())),
            is("roles", "admin", "permissions")
        );
        assert_eq!(
            faults(|p| p.roles[1].purposes.push("issue-cart".into())),
            is("roles", "clerk", "purposes")
        );
        assert_eq!(
            faults(|p| p.offices[0].agency = "registri".into()),
            is("offices", "registry-north", "agency")
        );
        assert_eq!(
            faults(|p| p.offices[0].roles.push("boss".into())),
            is("offices", "registry-north", "roles")
        );
        assert_eq!(faults(|p| p.agencies.push(p.agencies[0].clone())), is("agencies", "registry", "code"));
        assert_eq!(faults(|p| p.roles[1].label = Label::default()), is("roles", "clerk", "label"));
        assert_eq!(faults(|p| p.purposes[0].basis = " ".into()), is("purposes", "issue-card", "basis"));
        assert_eq!(faults(|p| p.roles[1].looks_per_hour = 0), is("roles", "clerk", "looks_per_hour"));
        assert_eq!(faults(|p| p.complaints.answer_days = 0), is("complaints", "", "answer_days"));
        assert_eq!(faults(|p| p.complaints.desks.truncate(1)), is("complaints", "", "desks"));
        assert_eq!(faults(|p| p.purposes[1].needs_case = false), is("purposes", "investigate", "needs_case"));
        let second = || is("purposes", "investigate", "extended_by");
        assert_eq!(faults(|p| p.purposes[1].extended_by.push("judg".into())), second());
        assert_eq!(
            faults(|p| p.purposes[1].extended_by.push("clerk".into())),
            second(),
            "without the permission"
        );
        assert_eq!(faults(|p| p.purposes[1].partners = true), is("purposes", "investigate", "partners"));
        let unused = |partners| {
            faults(move |p| {
                p.purposes[0].partners = partners;
                p.roles.iter_mut().for_each(|role| role.purposes.retain(|code| code != "issue-card"));
            })
        };
        assert_eq!(unused(true), [], "partners ask for it");
        assert_eq!(unused(false), is("purposes", "issue-card", "code"));
        assert_eq!(
            faults(|p| p.purposes[0].extended_by.push("answerer".into())),
            is("purposes", "issue-card", "extended_by")
        );
        assert!(faults(|p| p.agencies[0].code = "Registry".into()).contains(&(
            "agencies",
            "Registry".into(),
            "code"
        )));
    }

    #[test]
    fn a_near_miss_gets_a_suggestion() {
        let mut parts = fixture();
        parts.roles[1].purposes = vec!["isue-card".into()];
        let faults = parts.check(&[], crate::permission::PERMISSIONS);
        assert!(faults[0].message.contains("did you mean 'issue-card'"), "{}", faults[0].message);
    }

    #[test]
    fn codes_and_permissions() {
        for good in ["a", "civil-registry-2", "x1"] {
            assert!(is_code(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "1a", "a_b", "a.b", &"a".repeat(61)] {
            assert!(!is_code(bad), "{bad}");
        }
        assert!(is_permission("identity.person.register"));
        for bad in ["identity", "identity.", ".x", "identity..x", "Identity.x"] {
            assert!(!is_permission(bad), "{bad}");
        }
    }
}
