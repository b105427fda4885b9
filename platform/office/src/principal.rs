//! Who can sign in.

use daftar_kernel::Id;

/// Somebody with an account. The identifier is this crate's own: no other room's table holds it for a citizen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Principal {
    /// An official's account.
    Official(Id),
    /// A citizen, by the token the office floor knows them by.
    Citizen(Id),
}

impl Principal {
    /// The account's identifier.
    #[must_use]
    pub const fn id(self) -> Id {
        match self {
            Self::Official(id) | Self::Citizen(id) => id,
        }
    }
    /// The word in the tables: `official` or `citizen`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Official(_) => "official",
            Self::Citizen(_) => "citizen",
        }
    }
    /// The principal of a row; `None` for a word no release has written.
    #[must_use]
    pub fn from_parts(kind: &str, id: Id) -> Option<Self> {
        match kind {
            "official" => Some(Self::Official(id)),
            "citizen" => Some(Self::Citizen(id)),
            _ => None,
        }
    }
}
