//! Who acts. Every write and every look at a person carries one of these.

use crate::Id;

/// An official at work: a person in an office of an agency, in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    /// The official's account.
    pub id: Id,
    /// The name colleagues and citizens see on the act.
    pub name: String,
    /// The agency's code in the country pack, e.g. `civil-registry`.
    pub agency: String,
    /// The office's code in the country pack, e.g. `civil-registry-north`.
    pub office: String,
    /// The role's code in the country pack, e.g. `registrar`.
    pub role: String,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in.
    Public,
    /// A citizen in their own account; the token is the one the office floor knows them by.
    Citizen(Id),
    /// An official at work.
    Official(Official),
    /// The program itself: a job, an import, a command of the operator. The text names it.
    System(&'static str),
}

impl Actor {
    /// The official, when it is one.
    #[must_use]
    pub const fn official(&self) -> Option<&Official> {
        match self {
            Self::Official(official) => Some(official),
            _ => None,
        }
    }
    /// The citizen's account token, when it is one.
    #[must_use]
    pub const fn citizen(&self) -> Option<Id> {
        match self {
            Self::Citizen(token) => Some(*token),
            _ => None,
        }
    }
}
