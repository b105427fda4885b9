//! Enrolment without a network. Kits in the field write one signed and sealed packet a person (`libs/enrolment-packet`); here they
//! are allowed, withdrawn, and their packets merged: without doubles, and without losing anybody.
//!
//! `rules` decides and is pure; `kits` allows and withdraws; `receive` takes a packet; `held` is what an official decides;
//! `held_files` hands out photo and documents; `list` is what pages show.

pub mod held;
pub mod held_files;
pub mod kits;
pub mod list;
pub mod receive;
pub mod rules;

use crate::bonds::Ties;
use crate::people::People;
use crate::person::Entry;
use daftar_kernel::Problem;
use enrolment_packet::{OpeningKey, Signer};
use serde::{Deserialize, Serialize};

/// Where kits send packets.
pub const SEND_PATH: &str = "/kits/packets";
/// Name of the key that packets are sealed for, in the vault.
pub const SEALING_KEY: &str = "kit-packets";
/// Name of the key that signs authorisations and acknowledgements, in the vault.
pub const STATEMENT_KEY: &str = "kit-statements";
/// Most kits of an agency that are allowed at once.
pub const MAX_KITS: i64 = 500;
/// Longest time a kit is allowed for, in days.
pub const MAX_KIT_DAYS: i64 = 90;
/// Most packets of one installation of a kit.
pub const MAX_SEQUENCE: u64 = 200_000;
/// Most packets a kit's list keeps of those that could not be read.
pub const MAX_UNREADABLE: i64 = 200;
/// Packets that are worked on at once over HTTP; further ones are told to come back.
pub const MAX_AT_ONCE: usize = 4;

/// What a packet's entry says: the body of a registration, as a desk's program would send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Who the person is.
    pub person: Entry,
    /// Papers seen, an introducer's word; may be empty.
    #[serde(default)]
    pub evidence: String,
    /// Who stands beside the person: guardians of a child, an introducer.
    #[serde(default)]
    pub beside: Ties,
}

impl People {
    /// The key that opens packets.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn kit_opening_key(&self) -> Result<OpeningKey, Problem> {
        let seed = self.store.vault().sign_seed(SEALING_KEY)?;
        OpeningKey::from_private(&seed).map_err(Problem::internal)
    }
    /// The key that signs what kits are told.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn kit_statement_key(&self) -> Result<Signer, Problem> {
        let seed = self.store.vault().sign_seed(STATEMENT_KEY)?;
        Signer::from_seed(&seed).map_err(Problem::internal)
    }
}
