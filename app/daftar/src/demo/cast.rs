//! Who one can be in the demo. Kept beside the country, so that a restart finds the same people.

use anyhow::{Context, Result};
use daftar_kernel::Id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The demo's people: accounts of officials by their part, and the citizen one can be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cast {
    /// Accounts by part: `registrar`, `senior`, `police`, `auditor`, `ombudsman`, `administrator`.
    pub officials: BTreeMap<String, Id>,
    /// The citizen one can be.
    pub citizen: Id,
    /// Somebody else, for whoever tries other people's addresses.
    pub stranger: Id,
}

/// Parts that are officials: part, name, office, role.
pub const OFFICIALS: [(&str, &str, &str, &str); 6] = [
    ("registrar", "Leïla Mansour", "civil-registry-north", "registrar"),
    ("senior", "Tesfaye Bekele", "civil-registry-north", "senior-registrar"),
    ("police", "Karim Haddad", "police-central", "police-officer"),
    ("auditor", "Meera Sharma", "audit-systems", "auditor"),
    ("ombudsman", "Salma Trabelsi", "ombudsman-desk", "ombudsman-officer"),
    ("administrator", "Jean Morel", "interior-systems", "administrator"),
];

const FILE: &str = "cast.json";

impl Cast {
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
