//! Who may be registered already: found by keys, opened, weighed, and named with the reasons.

use crate::duplicates::NEAR_YEARS;
use crate::keys::{KeyKind, pair_keys};
use crate::lookup::{records_with, writing};
use crate::people::People;
use crate::person::Person;
use crate::version::{self, Version};
use crate::weigh::{Scales, Weight, texts};
use daftar_kernel::{Id, PartialDate, Problem};
use daftar_store::{StoreError, Tx};

/// Records opened for one comparison.
pub const MAX_COMPARED: usize = 200;
/// Candidates answered, the strongest first.
pub const MAX_CANDIDATES: usize = 20;

/// How a record that was found to be the same person's writes them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Earlier {
    /// The absorbed record: whoever sees this has looked at it.
    #[serde(skip)]
    pub(crate) record: Id,
    /// The name that was alike, one of those it holds.
    pub name: String,
    /// Date of birth.
    pub born: PartialDate,
}

impl Earlier {
    /// How a record writes somebody: of its names, by place and text, the one that `rank` puts first.
    pub(crate) fn of<R: Ord>(record: Id, says: &Person, rank: impl Fn(usize, &str) -> R) -> Self {
        let first = says.names().enumerate().min_by_key(|(place, name)| rank(*place, name.as_str()));
        let name = first.map_or(&says.name, |(_, name)| name).to_string();
        Self { record, name, born: says.born }
    }
}

/// What a look at an earlier spelling shows.
pub(crate) const EARLIER_FIELDS: [&str; 2] = ["name", "born"];

/// Somebody who may be the same person.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) person: Id,
    pub(crate) weight: Weight,
    /// What the record that stands says.
    pub(crate) version: Version,
    /// Where an absorbed record is more alike: how that one writes the person.
    pub(crate) earlier: Option<Earlier>,
}

/// The strongest weight of a person so far, and the record that gave it.
struct Best {
    person: Id,
    weight: Weight,
    version: Version,
    record: Id,
}

/// Keyed hashes that people are found under.
type Hashes = Vec<[u8; 32]>;

impl People {
    /// The people in the register who may be this one.
    pub(crate) async fn matches(&self, tx: &mut Tx, person: &Person) -> Result<Vec<Match>, Problem> {
        self.matches_of(tx, &[person], None).await
    }

    /// The people in the register who may be somebody who is written down in these ways. `except` is that somebody. Whoever is
    /// written down in several ways is weighed by the one that is most alike.
    pub(crate) async fn matches_of(
        &self,
        tx: &mut Tx,
        asked: &[&Person],
        except: Option<Id>,
    ) -> Result<Vec<Match>, Problem> {
        let scales = self.scales(tx).await?;
        let said: Vec<_> = asked.iter().flat_map(|person| texts(person)).collect();
        let (telling, wide) = self.hashes_to_compare(asked)?;
        let mut found = records_with(tx, &telling, MAX_COMPARED).await?;
        // By themselves and first: one question is answered in the order of people, so that the many who bear a frequent
        // name would push out the one who was born on the same day.
        for id in records_with(tx, &wide, MAX_COMPARED).await? {
            if found.len() < MAX_COMPARED && !found.contains(&id) {
                found.push(id);
            }
        }
        let mut best: Vec<Best> = Vec::new();
        for record in found {
            let Some(one) = writing(&self.store, tx, record).await? else { continue };
            if Some(one.person) == except {
                continue;
            }
            let weight = scales.weigh_texts(&said, &texts(&one.version.document.person));
            if !weight.is_candidate() {
                continue;
            }
            let new = Best { person: one.person, weight, version: one.version, record };
            match best.iter_mut().find(|known| known.person == new.person) {
                None => best.push(new),
                Some(known) if known.weight.millibits < new.weight.millibits => *known = new,
                Some(_) => {}
            }
        }
        best.sort_by_key(|one| (std::cmp::Reverse(one.weight.millibits), one.person));
        best.truncate(MAX_CANDIDATES);
        let mut matches = Vec::with_capacity(best.len());
        for one in best {
            matches.extend(self.match_of(tx, &scales, &said, one).await?);
        }
        Ok(matches)
    }

    /// What is shown of somebody who is alike: what the record that stands says, and beside it how an absorbed one wrote them
    /// when that is what is alike.
    async fn match_of(
        &self,
        tx: &mut Tx,
        scales: &Scales,
        said: &[[String; 9]],
        best: Best,
    ) -> Result<Option<Match>, Problem> {
        let Best { person, weight, version, record } = best;
        if record == person {
            return Ok(Some(Match { person, weight, version, earlier: None }));
        }
        let Some(stands) = version::current(&self.store, tx, person).await? else { return Ok(None) };
        let says = &version.document.person;
        let texts = texts(says);
        let earlier = Earlier::of(record, says, |place, _| {
            let alike = texts.get(place).map(|text| scales.weigh_texts(said, std::slice::from_ref(text)));
            std::cmp::Reverse(alike.map(|weight| weight.millibits))
        });
        Ok(Some(Match { person, weight, version: stands, earlier: Some(earlier) }))
    }

    /// The hashes to look under: those with the date of birth, and those that many share: name and place, then two parts of
    /// the name in the years around.
    fn hashes_to_compare(&self, people: &[&Person]) -> Result<(Hashes, Hashes), StoreError> {
        let mut own = Vec::new();
        for person in people {
            own.extend(self.hashes_of(person)?);
        }
        let is_wide = |kind: KeyKind| matches!(kind, KeyKind::SoundPlace | KeyKind::PairYear);
        let (mut wide, telling): (Vec<_>, Vec<_>) = own.into_iter().partition(|(kind, _)| is_wide(*kind));
        wide.sort_by_key(|(kind, _)| matches!(kind, KeyKind::PairYear));
        let only = |keys: Vec<(KeyKind, [u8; 32])>| keys.into_iter().map(|(_, hash)| hash).collect();
        let (mut wide, mut telling): (Hashes, Hashes) = (only(wide), only(telling));
        for person in people {
            for name in person.names() {
                let years = match person.born.year() {
                    Some(year) => (year - NEAR_YEARS..=year + NEAR_YEARS).map(Some).chain([None]).collect(),
                    None => vec![None],
                };
                for year in years {
                    for key in pair_keys(name.as_str(), year) {
                        wide.push(self.hash(&key)?);
                    }
                }
            }
        }
        for hashes in [&mut telling, &mut wide] {
            let mut seen = std::collections::HashSet::new();
            hashes.retain(|hash| seen.insert(*hash));
        }
        Ok((telling, wide))
    }
}
