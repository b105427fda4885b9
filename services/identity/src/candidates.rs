//! Who may be registered already: found by keys, opened, weighed, and named with the reasons.

use crate::duplicates::NEAR_YEARS;
use crate::keys::{KeyKind, pair_keys};
use crate::lookup::people_with;
use crate::people::People;
use crate::person::Person;
use crate::version::{self, Version};
use crate::weigh::{Weight, texts};
use daftar_kernel::{Id, Problem};
use daftar_store::{StoreError, Tx};

/// Records opened for one comparison.
pub const MAX_COMPARED: usize = 200;
/// Candidates answered, the strongest first.
pub const MAX_CANDIDATES: usize = 20;

/// Somebody who may be the same person.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) person: Id,
    pub(crate) weight: Weight,
    pub(crate) version: Version,
}

impl People {
    /// The people in the register who may be this one. `except` is the person being corrected.
    pub(crate) async fn matches(
        &self,
        tx: &mut Tx,
        person: &Person,
        except: Option<Id>,
    ) -> Result<Vec<Match>, Problem> {
        let scales = self.scales(tx).await?;
        let asked = texts(person);
        let found = people_with(tx, &self.hashes_to_compare(person)?, MAX_COMPARED).await?;
        let mut matches = Vec::new();
        for id in found.into_iter().filter(|id| Some(*id) != except) {
            let Some(version) = version::current(&self.store, tx, id).await? else { continue };
            let weight = scales.weigh_texts(&asked, &texts(&version.document.person));
            if weight.is_candidate() {
                matches.push(Match { person: id, weight, version });
            }
        }
        matches.sort_by_key(|m| (std::cmp::Reverse(m.weight.millibits), m.person));
        matches.truncate(MAX_CANDIDATES);
        Ok(matches)
    }

    /// The hashes to look under, the telling ones first, then the same names in the years around.
    fn hashes_to_compare(&self, person: &Person) -> Result<Vec<[u8; 32]>, StoreError> {
        let mut own = self.hashes_of(person)?;
        own.sort_by_key(|(kind, _)| matches!(kind, KeyKind::PairYear));
        let mut hashes: Vec<[u8; 32]> = own.into_iter().map(|(_, hash)| hash).collect();
        for name in person.names() {
            let years = match person.born.year() {
                Some(year) => (year - NEAR_YEARS..=year + NEAR_YEARS).map(Some).chain([None]).collect(),
                None => vec![None],
            };
            for year in years {
                for key in pair_keys(name.as_str(), year) {
                    hashes.push(self.hash(&key)?);
                }
            }
        }
        let mut seen = std::collections::HashSet::new();
        hashes.retain(|hash| seen.insert(*hash));
        Ok(hashes)
    }
}
