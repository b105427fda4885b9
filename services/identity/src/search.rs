//! Finding a person: by two attributes at least, twenty results at most, and every result is a look that the
//! person will see.

use crate::candidates::{EARLIER_FIELDS, Earlier};
use crate::duplicates::{DateRelation, relate_dates};
use crate::keys::{Key, KeyKind, date_place_key, pair_keys};
use crate::lookup::{Writing, of_number, records_with, writing};
use crate::name::{fold, sound};
use crate::number::{BadNumber, CardNumber, NationalNumber};
use crate::people::{People, SERVICE};
use crate::person::{Person, Sex};
use crate::{cards, permission, problems, tokens, version};
use daftar_kernel::problem::FieldFault;
use daftar_kernel::{Actor, Id, Official, PartialDate, Problem};
use daftar_office::permit::{Ask, Permit};
use daftar_store::Tx;
use std::collections::BTreeMap;

/// Most results of a search. Above it, nothing is shown: twenty strangers are no answer.
pub const MAX_RESULTS: usize = 20;
/// Records opened for one search.
pub const MAX_OPENED: usize = 500;
/// What a result shows, and what its look says was shown.
pub const SHOWN_FIELDS: [&str; 4] = ["name", "born", "birth_place", "sex"];

/// What an official knows of the person looked for. Empty text means "not known".
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// A national number or a card number.
    pub number: String,
    /// The name, or two parts of it.
    pub name: String,
    /// Date of birth, as exact as it is known.
    pub born: String,
    /// Place of birth: a code of the country pack, or words.
    pub birth_place: String,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// The person, inside this service: what a page's address holds.
    pub person: Id,
    /// Name.
    pub name: String,
    /// Date of birth.
    pub born: PartialDate,
    /// Place of birth, as code or words.
    pub birth_place: String,
    /// Sex.
    pub sex: Sex,
    /// Where only a record that was absorbed is like what was looked for: how that one writes the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
}

/// A query that follows the rules.
#[derive(Clone, Debug)]
struct Wanted {
    number: Option<Number>,
    name: String,
    born: PartialDate,
    place: String,
}

#[derive(Clone, Copy, Debug)]
enum Number {
    National(NationalNumber),
    Card(CardNumber),
}

impl Query {
    fn check(&self) -> Result<Wanted, Problem> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: &str| {
            faults.push(FieldFault { field: field.into(), message: message.into() });
        };
        let number = if self.number.trim().is_empty() {
            None
        } else {
            read_number(&self.number).map_err(|bad| fault("number", bad.message())).ok()
        };
        let born: PartialDate = self.born.trim().parse().unwrap_or_else(|_| {
            fault("born", "identity-fault-date-form");
            PartialDate::Unknown
        });
        let text = |text: &str| crate::name::plain_text(text, crate::name::MAX_NAME_CHARS);
        let name = text(&self.name).unwrap_or_else(|_| {
            fault("name", "identity-fault-name-invisible");
            String::new()
        });
        let place = text(&self.birth_place).unwrap_or_else(|_| {
            fault("birth_place", "identity-fault-text-invisible");
            String::new()
        });
        if !faults.is_empty() {
            let mut problem = problems::entry();
            problem.fields = faults;
            return Err(problem);
        }
        let wanted = Wanted { number, name, born, place };
        if wanted.is_enough() { Ok(wanted) } else { Err(problems::search_attributes()) }
    }
}

/// Both kinds by one box: their lengths differ.
fn read_number(text: &str) -> Result<Number, BadNumber> {
    match NationalNumber::parse(text) {
        Err(BadNumber::Length) => CardNumber::parse(text).map(Number::Card),
        other => other.map(Number::National),
    }
}

impl Wanted {
    /// Two attributes, of which one is the name or a number. A name of one letter is a wildcard in disguise.
    fn is_enough(&self) -> bool {
        let name = self.has_name();
        let others = usize::from(self.born.year().is_some()) + usize::from(!self.place.is_empty());
        if self.number.is_some() { name || others > 0 } else { name && others > 0 }
    }
    fn has_name(&self) -> bool {
        fold::tokens(&self.name).iter().map(|token| token.chars().count()).sum::<usize>() > 1
    }
    /// The keys to look under, the telling ones first.
    fn keys(&self, place: &str) -> Vec<Key> {
        let mut keys: Vec<Key> = date_place_key(&self.name, self.born, place).into_iter().collect();
        if !place.is_empty() {
            keys.push(Key {
                kind: KeyKind::SoundPlace,
                parts: vec![sound::key(&self.name), place.to_string()],
            });
        }
        if self.born.year().is_some() {
            keys.extend(pair_keys(&self.name, self.born.year()));
            // People whose birth date nobody knows are found by any year that is asked for.
            keys.extend(pair_keys(&self.name, None));
        }
        keys
    }
    /// How well a person fits, the best first; `None` when not.
    fn rank(&self, person: &Person, place: &str) -> Option<u8> {
        let mut rank = 0;
        if self.has_name() {
            rank += person.names().filter_map(|name| rank_name(&self.name, name.as_str())).min()?;
        }
        if self.born.year().is_some() {
            rank += match relate_dates(self.born, person.born) {
                DateRelation::Same => 0,
                DateRelation::Compatible => 1,
                DateRelation::Near => 3,
                DateRelation::Unknown => 4,
                DateRelation::Different => return None,
            };
        }
        if !place.is_empty() {
            let theirs = person.birth_place.key();
            rank += match theirs.is_empty() {
                true => 2,
                false if theirs == place => 0,
                false => return None,
            };
        }
        Some(rank)
    }
}

fn rank_name(asked: &str, theirs: &str) -> Option<u8> {
    if fold::key(asked) == fold::key(theirs) {
        return Some(0);
    }
    let (asked, theirs) = (sound::tokens(asked), sound::tokens(theirs));
    let shared = asked.iter().filter(|token| theirs.contains(token)).count();
    match shared {
        0 => None,
        n if n == asked.len() && n == theirs.len() => Some(1),
        n if n == asked.len() => Some(2),
        1 => None,
        _ => Some(4),
    }
}

impl People {
    /// Finds people. Each result is committed as a look before it is answered.
    ///
    /// # Errors
    /// [`problems::search_attributes`], [`problems::search_many`], [`problems::entry`] for a number or date
    /// that is none; 403 without permission or purpose; the office's problems about cases and orders; the
    /// store's.
    pub async fn search(&self, official: &Official, ask: &Ask, query: &Query) -> Result<Vec<Found>, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::READ)?;
        let wanted = query.check()?;
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask, wanted) =
                    (people.clone(), official.clone(), ask.clone(), wanted.clone());
                Box::pin(async move { people.search_in(tx, &official, &ask, &wanted).await })
            })
            .await
    }

    async fn search_in(
        &self,
        tx: &mut Tx,
        official: &Official,
        ask: &Ask,
        wanted: &Wanted,
    ) -> Result<Vec<Found>, Problem> {
        let permit = self.office.permit(tx, official, ask).await?;
        let place = self.place_key(&wanted.place);
        let ranked = self.ranked(tx, wanted, &place).await?;
        if ranked.len() > MAX_RESULTS {
            return Err(problems::search_many());
        }
        let mut found = Vec::new();
        for (_, one) in ranked {
            let person = one.person;
            if one.is_own() {
                found.push(self.found(tx, &permit, person, one.version.document.person, None).await?);
                continue;
            }
            let Some(stands) = version::current(&self.store, tx, person).await? else { continue };
            let earlier = Earlier::of(one.record, &one.version.document.person, |_, name| {
                // Where no name was asked for, the first one is shown.
                rank_name(&wanted.name, name).unwrap_or(u8::MAX)
            });
            found.push(self.found(tx, &permit, person, stands.document.person, Some(earlier)).await?);
        }
        Ok(found)
    }

    /// Whoever fits, the best first, each by the record that fits: the one that stands, or, where only that fits, one that it
    /// absorbed: an old card says what that one said.
    async fn ranked(&self, tx: &mut Tx, wanted: &Wanted, place: &str) -> Result<Vec<(u8, Writing)>, Problem> {
        let holder = match wanted.number {
            Some(Number::National(number)) => of_number(tx, self.number_hash(number)?).await?,
            Some(Number::Card(number)) => cards::holder(self, tx, number).await?,
            None => None,
        };
        let records = match holder {
            Some(person) => {
                let absorbed = tokens::absorbed(tx, person).await?;
                std::iter::once(person).chain(absorbed).collect()
            }
            None if wanted.number.is_some() => Vec::new(),
            None => {
                let keys = wanted.keys(place);
                let hashes = keys.iter().map(|key| self.hash(key)).collect::<Result<Vec<_>, _>>()?;
                records_with(tx, &hashes, MAX_OPENED).await?
            }
        };
        let mut best: BTreeMap<Id, (u8, Writing)> = BTreeMap::new();
        for record in records {
            let Some(one) = writing(&self.store, tx, record).await? else { continue };
            let Some(rank) = wanted.rank(&one.version.document.person, place) else { continue };
            let order = |rank: u8, one: &Writing| (!one.is_own(), rank);
            match best.get(&one.person) {
                Some((known, other)) if order(*known, other) <= order(rank, &one) => {}
                _ => {
                    best.insert(one.person, (rank, one));
                }
            }
        }
        let mut ranked: Vec<_> = best.into_values().collect();
        ranked.sort_by_key(|(rank, one)| (*rank, one.person));
        Ok(ranked)
    }

    /// A result, after the look it is: at the person, and where an earlier spelling is shown at the record it stands in, too,
    /// whose list of looks is its own, should the two be parted again.
    async fn found(
        &self,
        tx: &mut Tx,
        permit: &Permit,
        id: Id,
        says: Person,
        earlier: Option<Earlier>,
    ) -> Result<Found, Problem> {
        let subject = tokens::of(tx, id, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        self.office.look(tx, permit, subject, SERVICE, &SHOWN_FIELDS).await?;
        if let Some(earlier) = &earlier {
            self.look_at_earlier(tx, permit, earlier).await?;
        }
        Ok(Found {
            person: id,
            name: says.name.to_string(),
            born: says.born,
            birth_place: says.birth_place.code.or(says.birth_place.text).unwrap_or_default(),
            sex: says.sex,
            earlier,
        })
    }

    /// The look at a spelling that stands in an absorbed record.
    pub(crate) async fn look_at_earlier(
        &self,
        tx: &mut Tx,
        permit: &Permit,
        earlier: &Earlier,
    ) -> Result<(), Problem> {
        let subject = tokens::of(tx, earlier.record, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        self.office.look(tx, permit, subject, SERVICE, &EARLIER_FIELDS).await?;
        Ok(())
    }

    /// A place as it is indexed: its code when the country has it, else its folded words.
    fn place_key(&self, typed: &str) -> String {
        if self.places.knows(typed) { typed.to_string() } else { fold::text_key(typed) }
    }

    /// Those in the register who may be the person of an entry, each with the reason: what a desk is shown
    /// before it registers somebody. Every one is a look.
    ///
    /// # Errors
    /// As [`People::search`].
    pub async fn candidates(
        &self,
        official: &Official,
        ask: &Ask,
        entry: &crate::person::Entry,
    ) -> Result<Vec<Candidate>, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::REGISTER)?;
        let person = self.check(entry)?;
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask, person) =
                    (people.clone(), official.clone(), ask.clone(), person.clone());
                Box::pin(async move {
                    let permit = people.office.permit(tx, &official, &ask).await?;
                    let mut candidates = Vec::new();
                    for one in people.matches(tx, &person).await? {
                        let says = one.version.document.person;
                        let found = people.found(tx, &permit, one.person, says, one.earlier).await?;
                        candidates.push(Candidate { weight: one.weight, found });
                    }
                    Ok(candidates)
                })
            })
            .await
    }
}

/// Somebody who may be the person about to be registered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Candidate {
    /// How much speaks for it, and what.
    pub weight: crate::weigh::Weight,
    /// Who.
    #[serde(flatten)]
    pub found: Found,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &Query) -> Result<(), &'static str> {
        query.check().map(|_| ()).map_err(|p| p.code)
    }
    fn query(number: &str, name: &str, born: &str, birth_place: &str) -> Query {
        Query { number: number.into(), name: name.into(), born: born.into(), birth_place: birth_place.into() }
    }

    #[test]
    fn two_attributes_and_no_wildcard() {
        const FEW: Result<(), &str> = Err("identity-search-attributes");
        let number = "12345678902";
        assert_eq!(code(&query("", "Amina Diallo", "", "")), FEW);
        assert_eq!(code(&query(number, "", "", "")), FEW);
        assert_eq!(code(&query("", "", "1990-01-01", "leeds")), FEW);
        assert_eq!(code(&query("", "*", "1990", "")), FEW);
        assert_eq!(code(&query("", "%", "1990", "")), FEW);
        assert_eq!(code(&query("", "a", "1990", "")), FEW);
        assert_eq!(code(&query("", "Amina Diallo", "1990", "")), Ok(()));
        assert_eq!(code(&query("", "Amina", "", "leeds")), Ok(()));
        assert_eq!(code(&query(number, "", "1990", "")), Ok(()));
        assert_eq!(code(&query("12345678903", "", "1990", "")), Err("identity-entry"));
        assert_eq!(code(&query("", "Amina", "199", "")), Err("identity-entry"));
    }

    #[test]
    fn names_rank_by_how_much_agrees() {
        assert_eq!(rank_name("Smith John", "John Smith"), Some(0));
        assert_eq!(rank_name("Jon Smyth", "John Smith"), Some(1));
        assert_eq!(rank_name("John Smith", "John Albert Smith"), Some(2));
        assert_eq!(rank_name("John Peter Smith", "John Albert Smith"), Some(4));
        assert_eq!(rank_name("John Brown", "John Smith"), None);
    }
}
