//! Who one can be in the demo. Kept beside the country, so that a restart finds the same people.

use anyhow::{Context, Result};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::Roster;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The demo's people: accounts of officials by their part, and the citizen one can be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cast {
    /// Accounts by part: see `OFFICIALS`.
    pub officials: BTreeMap<String, Id>,
    /// An official who was invited and has not come yet.
    pub invited: Id,
    /// The citizen one can be.
    pub citizen: Id,
    /// The citizen's name.
    pub name: String,
    /// Somebody else, for whoever tries other people's addresses.
    pub stranger: Id,
    /// When the country was made: what comes after it, visitors have done.
    pub ready_at: Timestamp,
    /// The same as an identifier, which orders by time.
    pub ready: Id,
}

/// Parts that are officials: part, name, office, role.
pub const OFFICIALS: [(&str, &str, &str, &str); 15] = [
    ("registrar", "Leïla Mansour", "civil-registry-north", "registrar"),
    ("senior", "Tesfaye Bekele", "civil-registry-north", "senior-registrar"),
    // Two officials of this role approve what one alone must not do.
    ("second", "Anjali Rao", "civil-registry-central", "senior-registrar"),
    ("police", "Karim Haddad", "police-central", "police-officer"),
    ("auditor", "Meera Sharma", "audit-systems", "auditor"),
    ("ombudsman", "Salma Trabelsi", "ombudsman-desk", "ombudsman-officer"),
    ("administrator", "Jean Morel", "interior-systems", "administrator"),
    ("clinic", "Hewan Girma", "hospital-marsa-nour", "clinic-clerk"),
    // A look that a court has closed stays closed longer only when these two agree.
    ("investigator", "Yonas Alemu", "police-investigations", "investigator"),
    ("court", "Nadia Ferchichi", "court-registry", "court-clerk"),
    ("cloud", "Farida Benali", "health-informatics", "cloud-user"),
    // What an agency's own quota does not cover, these two approve.
    ("engineer", "Daniel Tadesse", "interior-systems", "cloud-operator"),
    ("second-engineer", "Priya Nair", "interior-systems", "cloud-operator"),
    // A colleague who reads only, and somebody of another agency: for whoever tries other people's addresses.
    ("cloud-reader", "Lina Khoury", "health-informatics", "cloud-reader"),
    ("census", "Ravi Menon", "statistics-census", "cloud-user"),
];

const FILE: &str = "cast.json";

impl Cast {
    /// The account of a part.
    ///
    /// # Errors
    /// 404 for a part that nobody plays.
    pub fn official(&self, part: &str) -> Result<Id, Problem> {
        self.officials.get(part).copied().ok_or_else(Problem::not_found)
    }
    /// A part as an actor, in the office and role they work in.
    ///
    /// # Errors
    /// 404 for a part that nobody plays.
    pub fn actor(&self, part: &str, roster: &Roster) -> Result<Actor, Problem> {
        official(&self.officials, part, roster).map(Actor::Official)
    }
    /// The cast of a country that is there already.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn load(data: &Path) -> Result<Option<Self>> {
        match std::fs::read(data.join(FILE)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).context(FILE)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context(FILE),
        }
    }
    /// Keeps the cast.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, data: &Path) -> Result<()> {
        std::fs::write(data.join(FILE), serde_json::to_vec_pretty(self)?).context(FILE)
    }
}

/// A part as an official.
///
/// # Errors
/// 404 for a part that nobody plays.
pub fn official(accounts: &BTreeMap<String, Id>, part: &str, roster: &Roster) -> Result<Official, Problem> {
    let (_, name, office, role) =
        OFFICIALS.iter().find(|(known, ..)| *known == part).ok_or_else(Problem::not_found)?;
    let id = accounts.get(part).copied().ok_or_else(Problem::not_found)?;
    let agency = roster.office(office).map(|office| office.agency.clone()).unwrap_or_default();
    Ok(Official { id, name: (*name).into(), agency, office: (*office).into(), role: (*role).into() })
}
