//! Who there is to be: agencies, their offices, roles with permissions, and the purposes for which persons are looked at.
//! All of it is data of the country pack.

mod check;

pub use check::{Fault, is_code, is_permission};

use crate::permission::Permission;
pub use daftar_kernel::Label;
use daftar_kernel::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most entries of one list, so that a mistake in a generator is a fault and not an hour of checking.
pub const LIST_MAX: usize = 20_000;

/// An authority of the state, such as the civil registry or the police.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Code, e.g. `civil-registry`.
    pub code: String,
    /// Its name.
    pub label: Label,
}

/// A place of work of an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Code, unique in the country, e.g. `civil-registry-north`.
    pub code: String,
    /// The agency's code.
    pub agency: String,
    /// Its name.
    pub label: Label,
    /// Code of the place it serves, from `places.toml`; none for one that serves the whole country.
    #[serde(default)]
    pub place: Option<String>,
    /// Codes of the roles one can have here; empty means any.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// A kind of work, with what it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Code, e.g. `registrar`.
    pub code: String,
    /// Its name.
    pub label: Label,
    /// Codes of permissions.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// Codes of the purposes for which it may look at persons.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// Looks at persons an hour above which an alarm is raised.
    #[serde(default = "default_looks_per_hour")]
    pub looks_per_hour: u32,
}

const fn default_looks_per_hour() -> u32 {
    60
}

impl Role {
    /// Whether the role holds the permission.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|p| p == permission)
    }
}

/// Whether a look stays hidden from the person for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sealed {
    /// The person sees it at once.
    #[default]
    None,
    /// The person sees it on the unseal date; it needs the reference of a court's order.
    Court,
}

/// Which looks a second office reviews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Review {
    /// One in a hundred, drawn at random.
    #[default]
    Sampled,
    /// All of them.
    Always,
}

/// Why a person is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Code, e.g. `issue-card`.
    pub code: String,
    /// In plain words, as the citizen reads it.
    pub label: Label,
    /// The law and article that allow it.
    pub basis: String,
    /// Whether it needs the number of an open case.
    #[serde(default)]
    pub needs_case: bool,
    /// Whether the look may be hidden for a while.
    #[serde(default)]
    pub sealed: Sealed,
    /// Which looks a second office reviews.
    #[serde(default)]
    pub review: Review,
    /// Codes of the roles that can agree, as a second institution, to a later date of a hidden look; empty: nobody can.
    #[serde(default)]
    pub extended_by: Vec<String>,
    /// Whether a registered partner may ask about people for this purpose.
    #[serde(default)]
    pub partners: bool,
}

/// Who answers complaints, and by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaints {
    /// Codes of offices that answer, first choice first. A complaint goes to the first one outside the agency
    /// complained about.
    pub desks: Vec<String>,
    /// Days until an answer is due by law.
    #[serde(default = "default_answer_days")]
    pub answer_days: u32,
}

const fn default_answer_days() -> u32 {
    30
}

impl Default for Complaints {
    fn default() -> Self {
        Self { desks: Vec::new(), answer_days: default_answer_days() }
    }
}

/// The lists as the pack's files hold them, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// `agencies.toml`
    #[serde(default)]
    pub agencies: Vec<Agency>,
    /// `agencies.toml`
    #[serde(default)]
    pub offices: Vec<Office>,
    /// `roles.toml`
    #[serde(default)]
    pub roles: Vec<Role>,
    /// `purposes.toml`
    #[serde(default)]
    pub purposes: Vec<Purpose>,
    /// `agencies.toml`
    #[serde(default)]
    pub complaints: Complaints,
}

/// The checked lists with quick look-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    agencies: BTreeMap<String, Agency>,
    offices: BTreeMap<String, Office>,
    roles: BTreeMap<String, Role>,
    purposes: BTreeMap<String, Purpose>,
    complaints: Complaints,
}

impl Roster {
    /// The lists, when they have no fault.
    ///
    /// # Errors
    /// All faults that [`Parts::check`] finds.
    pub fn new(parts: Parts, languages: &[Lang], permissions: &[Permission]) -> Result<Self, Vec<Fault>> {
        let faults = parts.check(languages, permissions);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            agencies: parts.agencies.into_iter().map(|a| (a.code.clone(), a)).collect(),
            offices: parts.offices.into_iter().map(|o| (o.code.clone(), o)).collect(),
            roles: parts.roles.into_iter().map(|r| (r.code.clone(), r)).collect(),
            purposes: parts.purposes.into_iter().map(|p| (p.code.clone(), p)).collect(),
            complaints: parts.complaints,
        })
    }
    /// The agency of this code.
    #[must_use]
    pub fn agency(&self, code: &str) -> Option<&Agency> {
        self.agencies.get(code)
    }
    /// The office of this code.
    #[must_use]
    pub fn office(&self, code: &str) -> Option<&Office> {
        self.offices.get(code)
    }
    /// The role of this code.
    #[must_use]
    pub fn role(&self, code: &str) -> Option<&Role> {
        self.roles.get(code)
    }
    /// The purpose of this code.
    #[must_use]
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.purposes.get(code)
    }
    /// All agencies by code.
    pub fn agencies(&self) -> impl Iterator<Item = &Agency> {
        self.agencies.values()
    }
    /// All offices by code.
    pub fn offices(&self) -> impl Iterator<Item = &Office> {
        self.offices.values()
    }
    /// All roles by code.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }
    /// All purposes by code.
    pub fn purposes(&self) -> impl Iterator<Item = &Purpose> {
        self.purposes.values()
    }
    /// Who answers complaints.
    #[must_use]
    pub const fn complaints(&self) -> &Complaints {
        &self.complaints
    }
    /// Whether the role of this code exists and holds the permission.
    #[must_use]
    pub fn allows(&self, role: &str, permission: &str) -> bool {
        self.role(role).is_some_and(|r| r.may(permission))
    }
    /// The purposes for which a role may look at persons.
    pub fn purposes_of(&self, role: &str) -> impl Iterator<Item = &Purpose> {
        self.role(role).into_iter().flat_map(|r| &r.purposes).filter_map(|code| self.purpose(code))
    }
    /// Whether one can have this role in this office.
    #[must_use]
    pub fn fits(&self, office: &str, role: &str) -> bool {
        self.office(office).is_some_and(|o| o.roles.is_empty() || o.roles.iter().any(|r| r == role))
            && self.roles.contains_key(role)
    }
    /// The desk that answers complaints about an office: the first one of another agency.
    #[must_use]
    pub fn complaint_desk(&self, about_agency: &str) -> Option<&Office> {
        self.complaints.desks.iter().filter_map(|code| self.office(code)).find(|o| o.agency != about_agency)
    }
    /// Where the first administrator works: the first role that can create accounts, in the first office that has it.
    #[must_use]
    pub fn administration(&self) -> Option<(&Office, &Role)> {
        let roles = self.roles().filter(|r| r.may(crate::permission::ACCOUNT_CREATE));
        // An office that names the role is a better place than one that allows any.
        let places = |role: &Role| {
            let named = self.offices().find(|o| o.roles.contains(&role.code));
            named.or_else(|| self.offices().find(|o| o.roles.is_empty()))
        };
        roles.filter_map(|role| places(role).map(|office| (office, role))).next()
    }
}

#[cfg(test)]
mod tests {
    use super::check::fixture;
    use super::*;

    #[test]
    fn look_ups() {
        let roster = Roster::new(fixture(), &[Lang::english()], crate::permission::PERMISSIONS).unwrap();
        assert!(roster.allows("admin", "office.account.create"));
        assert!(!roster.allows("clerk", "office.account.create"));
        assert!(!roster.allows("nobody", "office.account.create"));
        assert!(roster.fits("registry-north", "clerk"));
        assert!(!roster.fits("registry-north", "admin"));
        assert!(!roster.fits("nowhere", "clerk"));
        assert_eq!(roster.purposes_of("clerk").map(|p| p.code.as_str()).collect::<Vec<_>>(), ["issue-card"]);
        assert_eq!(roster.complaint_desk("registry").map(|o| o.code.as_str()), Some("ombudsman-desk"));
        assert_eq!(roster.complaint_desk("ombudsman").map(|o| o.code.as_str()), Some("court-desk"));
        let (office, role) = roster.administration().unwrap();
        assert_eq!((office.code.as_str(), role.code.as_str()), ("ministry-it", "admin"));
    }

    #[test]
    fn labels_fall_back() {
        let label: Label = serde_json::from_str(r#"{"en":"Clerk","ar":"كاتب"}"#).unwrap();
        let get = |tag| label.get(&Lang::parse(tag).unwrap());
        assert_eq!((get("ar"), get("fr")), ("كاتب", "Clerk"));
        assert_eq!(Label::default().get(&Lang::english()), "");
    }

    #[test]
    fn a_misspelled_key_is_refused() {
        assert!(
            serde_json::from_str::<Purpose>(r#"{"code":"x","label":{},"basis":"y","need_case":true}"#)
                .is_err()
        );
    }
}
