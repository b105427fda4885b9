//! Who answers for whom: guardians of children, parents, and those who introduced somebody without papers.
//!
//! Every bond is two rows, one a side. Each is found by a keyed hash of whose side it is and names the other person only under
//! that person's key, so that no table joins two people.

mod tie;
mod ward;
mod ward_files;

use crate::enroll::HASH_BYTES;
use crate::people::{CLASS, People};
use crate::person::Person;
use crate::tokens;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{StoreError, Tx, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub(crate) use tie::Checked;
pub use tie::{MAX_GUARDIANS, NewGuardian, Ties};
pub use ward::{BASIS, PURPOSE, Ward};
pub use ward_files::{LEFT_OUT, WardData};

/// Most bonds of one person, ended ones too.
pub const MAX_BONDS: usize = 1_000;

/// What a bond is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Answers for a child until the child comes of age.
    Guardian,
    /// Mother of.
    Mother,
    /// Father of.
    Father,
    /// Vouched for somebody without papers.
    Introducer,
}

impl Kind {
    /// All values.
    pub const ALL: [Self; 4] = [Self::Guardian, Self::Mother, Self::Father, Self::Introducer];
    /// The word in files and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Guardian => "guardian",
            Self::Mother => "mother",
            Self::Father => "father",
            Self::Introducer => "introducer",
        }
    }
}

/// Whose side of a bond a row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The guardian's, the parent's, the introducer's.
    Of,
    /// The child's, or of whoever was introduced.
    Has,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Of, Self::Has];
    /// The word in files and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Of => "of",
            Self::Has => "has",
        }
    }
}

/// Why a bond ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// The child came of age.
    Age,
    /// One of the two died.
    Death,
    /// The data of one of the two was erased.
    Erasure,
    /// A court took it away, by a decision of two officials.
    Court,
}

impl EndedBy {
    /// All values.
    pub const ALL: [Self; 4] = [Self::Age, Self::Death, Self::Erasure, Self::Court];
    /// The word in files and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Death => "death",
            Self::Erasure => "erasure",
            Self::Court => "court",
        }
    }
}

/// One side of a bond.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bond {
    /// The row, by which whoever holds it names it.
    pub id: Id,
    /// What it is.
    pub kind: Kind,
    /// Whose side this is.
    pub side: Side,
    /// The other person, inside this service.
    pub other: Id,
    /// Since when.
    pub since: Timestamp,
    /// Receipt of the act, in the holder's list.
    pub receipt: Id,
    /// When and why it ended.
    pub ended: Option<(Timestamp, EndedBy)>,
}

/// What is sealed of a bond.
#[derive(Serialize, Deserialize)]
struct Sealed {
    kind: Kind,
    side: Side,
    other: Id,
    since: Timestamp,
    receipt: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<(Timestamp, EndedBy)>,
}

impl Bond {
    fn sealed(&self) -> Sealed {
        let Self { kind, side, other, since, receipt, ended, .. } = *self;
        Sealed { kind, side, other, since, receipt, ended }
    }
    /// Whether a court ended it.
    #[must_use]
    pub fn taken(&self) -> bool {
        self.ended.is_some_and(|(_, by)| by == EndedBy::Court)
    }
    /// As it stands in what a citizen can take along: the other person is not theirs to take.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "kind": self.kind.word(), "side": self.side.word(), "since": self.since.to_rfc3339(), "receipt": self.receipt,
            "ended_at": self.ended.map(|(at, _)| at.to_rfc3339()), "ended_by": self.ended.map(|(_, by)| by.word()),
        })
    }
    /// Whether it is a guardian's that has not ended.
    #[must_use]
    pub fn guards(&self, side: Side) -> bool {
        self.kind == Kind::Guardian && self.side == side && self.ended.is_none()
    }
}

fn context(holder: Id, row: Id) -> Vec<u8> {
    [b"identity_bond.sealed/".as_slice(), holder.as_bytes(), row.as_bytes()].concat()
}

impl People {
    fn holder_hash(&self, person: Id) -> Result<[u8; 32], StoreError> {
        self.store.vault().blind_index("identity/bond/1", &[person.as_bytes()])
    }

    /// A person's side of every bond, oldest first.
    pub(crate) async fn bonds_in(&self, tx: &mut Tx, person: Id) -> Result<Vec<Bond>, StoreError> {
        let holder = self.holder_hash(person)?;
        let select = sql!("select id, sealed from identity_bond where holder = $1 order by id limit $2");
        let most = i64::try_from(MAX_BONDS).unwrap_or(i64::MAX);
        let mut bonds = Vec::new();
        for row in tx.query(select, &params![&holder[..HASH_BYTES], most]).await? {
            let id = row.get(0)?;
            let plain = self.store.vault().open(tx, person, CLASS, &context(person, id), row.get(1)?).await?;
            let Sealed { kind, side, other, since, receipt, ended } = serde_json::from_slice(&plain)
                .map_err(|e| StoreError::Malformed { what: "sealed bond".into(), reason: e.to_string() })?;
            bonds.push(Bond { id, kind, side, other, since, receipt, ended });
        }
        bonds.sort_by_key(|bond| (bond.since, bond.id));
        Ok(bonds)
    }

    /// The same of every record of a person: the one that stands and those it absorbed, each with the record it belongs to.
    pub(crate) async fn bonds_of_all(&self, tx: &mut Tx, person: Id) -> Result<Vec<(Id, Bond)>, StoreError> {
        let mut all = Vec::new();
        for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
            all.extend(self.bonds_in(tx, record).await?.into_iter().map(|bond| (record, bond)));
        }
        Ok(all)
    }

    /// Writes one side. Identifiers are drawn, not counted: the two rows of one bond must not stand out by their time.
    async fn write_bond(&self, tx: &mut Tx, holder: Id, bond: &Bond) -> Result<(), Problem> {
        let hash = self.holder_hash(holder)?;
        let count = tx
            .query_one(
                sql!("select count(*) from identity_bond where holder = $1"),
                &params![&hash[..HASH_BYTES]],
            )
            .await?
            .get::<i64>(0)?;
        if usize::try_from(count).unwrap_or(usize::MAX) >= MAX_BONDS {
            return Err(crate::problems::bonds_many());
        }
        let plain = serde_json::to_vec(&bond.sealed()).map_err(Problem::internal)?;
        let sealed = self.store.vault().seal(tx, holder, CLASS, &context(holder, bond.id), &plain).await?;
        let insert = sql!("insert into identity_bond (id, holder, sealed) values ($1, $2, $3)");
        tx.execute(insert, &params![bond.id, &hash[..HASH_BYTES], sealed]).await?;
        Ok(())
    }

    /// Writes both sides of a bond between `of` (the guardian, parent, introducer) and `has`.
    pub(crate) async fn bind(
        &self,
        tx: &mut Tx,
        kind: Kind,
        (of, of_receipt): (Id, Id),
        (has, has_receipt): (Id, Id),
    ) -> Result<(), Problem> {
        let (world, now) = (self.store.world(), self.store.world().now());
        let side = |side, other, receipt| Bond {
            id: tokens::draw(world),
            kind,
            side,
            other,
            since: now,
            receipt,
            ended: None,
        };
        let (own, others) = (side(Side::Of, has, of_receipt), side(Side::Has, of, has_receipt));
        self.write_bond(tx, of, &own).await?;
        self.write_bond(tx, has, &others).await
    }

    async fn mark_ended(&self, tx: &mut Tx, holder: Id, bond: &Bond, by: EndedBy) -> Result<(), Problem> {
        let ended = Some((self.store.world().now(), by));
        self.mark(tx, holder, &Bond { ended, ..bond.clone() }).await
    }

    /// Writes one side anew.
    async fn mark(&self, tx: &mut Tx, holder: Id, bond: &Bond) -> Result<(), Problem> {
        let plain = serde_json::to_vec(&bond.sealed()).map_err(Problem::internal)?;
        let sealed = self.store.vault().seal(tx, holder, CLASS, &context(holder, bond.id), &plain).await?;
        let update = sql!("update identity_bond set sealed = $2 where id = $1");
        tx.execute(update, &params![bond.id, sealed]).await?;
        Ok(())
    }

    /// Ends both sides of a bond.
    pub(crate) async fn end_bond(
        &self,
        tx: &mut Tx,
        holder: Id,
        bond: &Bond,
        by: EndedBy,
    ) -> Result<(), Problem> {
        self.mark_ended(tx, holder, bond, by).await?;
        for twin in self.bonds_in(tx, bond.other).await? {
            let is_twin = twin.other == holder && twin.kind == bond.kind && twin.side != bond.side;
            if is_twin && twin.ended.is_none() {
                self.mark_ended(tx, bond.other, &twin, by).await?;
            }
        }
        Ok(())
    }

    /// Takes back the end of a bond, on both sides, when a death was none.
    pub(crate) async fn reopen_bond(&self, tx: &mut Tx, holder: Id, bond: &Bond) -> Result<(), Problem> {
        let Some(other) = crate::version::current(&self.store, tx, bond.other).await? else { return Ok(()) };
        let child = other.document.person;
        if bond.kind == Kind::Guardian && !self.civil().is_child(child.born, self.today()) {
            return Ok(());
        }
        self.mark(tx, holder, &Bond { ended: None, ..bond.clone() }).await?;
        for twin in self.bonds_in(tx, bond.other).await? {
            if twin.other == holder && twin.kind == bond.kind && twin.side != bond.side {
                self.mark(tx, bond.other, &Bond { ended: None, ..twin.clone() }).await?;
            }
        }
        if bond.kind == Kind::Guardian && bond.side == Side::Of {
            self.strike_unguarded(tx, bond.other).await?;
            self.note_age_due(tx, bond.other, &child).await?;
        }
        Ok(())
    }

    /// Ends every guardianship of whoever can answer for nobody any more; gives the children nobody answers for now, whom the
    /// office's list then names.
    pub(crate) async fn end_guardianships_of(
        &self,
        tx: &mut Tx,
        guardian: Id,
        by: EndedBy,
    ) -> Result<Vec<Id>, Problem> {
        let mut alone = Vec::new();
        for (record, bond) in self.bonds_of_all(tx, guardian).await? {
            if !bond.guards(Side::Of) {
                continue;
            }
            self.end_bond(tx, record, &bond, by).await?;
            let child = tokens::living(tx, bond.other).await?;
            let theirs = self.bonds_of_all(tx, child).await?;
            if !theirs.iter().any(|(_, other)| other.guards(Side::Has)) {
                self.list_unguarded(tx, child).await?;
                alone.push(child);
            }
        }
        Ok(alone)
    }

    /// For an erasure, before the keys go: the other sides end, the own ones go.
    pub(crate) async fn erase_bonds(&self, tx: &mut Tx, person: Id) -> Result<(), Problem> {
        self.end_guardianships_of(tx, person, EndedBy::Erasure).await?;
        for bond in self.bonds_in(tx, person).await? {
            if bond.ended.is_none() {
                self.end_bond(tx, person, &bond, EndedBy::Erasure).await?;
            }
        }
        let holder = self.holder_hash(person)?;
        tx.execute(sql!("delete from identity_bond where holder = $1"), &params![&holder[..HASH_BYTES]])
            .await?;
        tx.execute(sql!("delete from identity_age_due where person = $1"), &params![person]).await?;
        self.strike_unguarded(tx, person).await
    }

    /// Puts a child on the list of those nobody answers for.
    pub(crate) async fn list_unguarded(&self, tx: &mut Tx, child: Id) -> Result<(), Problem> {
        let insert = sql!(
            "insert into identity_unguarded (person, since) values ($1, $2) on conflict (person) do nothing"
        );
        tx.execute(insert, &params![child, self.store.world().now()]).await?;
        Ok(())
    }

    pub(crate) async fn strike_unguarded(&self, tx: &mut Tx, child: Id) -> Result<(), Problem> {
        tx.execute(sql!("delete from identity_unguarded where person = $1"), &params![child]).await?;
        Ok(())
    }

    pub(crate) fn age_hash(&self, day: jiff::civil::Date) -> Result<[u8; 32], StoreError> {
        self.store.vault().blind_index("identity/age-due/1", &[day.to_string().as_bytes()])
    }

    /// Notes on which day a child with a guardian comes of age.
    pub(crate) async fn note_age_due(&self, tx: &mut Tx, child: Id, person: &Person) -> Result<(), Problem> {
        let Some(day) = self.civil().comes_of_age(person.born) else { return Ok(()) };
        let hash = self.age_hash(day)?;
        let insert = sql!(
            "insert into identity_age_due (person, day) values ($1, $2) on conflict (person) do update set day = excluded.day"
        );
        tx.execute(insert, &params![child, &hash[..HASH_BYTES]]).await?;
        let watch =
            sql!("insert into identity_age_watch (id, day) values (1, $1) on conflict (id) do nothing");
        tx.execute(watch, &params![self.today().to_string()]).await?;
        Ok(())
    }

    /// A corrected date of birth moves the day.
    pub(crate) async fn renew_age_due(&self, tx: &mut Tx, child: Id, person: &Person) -> Result<(), Problem> {
        let select = sql!("select person from identity_age_due where person = $1");
        if tx.query_opt(select, &params![child]).await?.is_none() {
            return Ok(());
        }
        let of_age_already = !self.civil().is_child(person.born, self.today());
        if of_age_already {
            // The watch may be past that day: tomorrow at the latest somebody looks.
            let tomorrow = self.today().tomorrow().map_err(Problem::internal)?;
            let hash = self.age_hash(tomorrow)?;
            let update = sql!("update identity_age_due set day = $2 where person = $1");
            tx.execute(update, &params![child, &hash[..HASH_BYTES]]).await?;
            return Ok(());
        }
        self.note_age_due(tx, child, person).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enroll::tests::people_on;
    use daftar_testing::for_each_engine;

    #[tokio::test]
    async fn so_many_bonds_and_no_more() {
        let migrations = [daftar_record::MIGRATIONS, daftar_office::MIGRATIONS, crate::MIGRATIONS];
        for_each_engine(&migrations, async |store| {
            let people = people_on(&store).await;
            let world = store.world();
            let (receipt, popular) = (world.id(), world.id());
            let bind = async |count: usize| {
                let (people, others) = (people.clone(), (0..count).map(|_| world.id()).collect::<Vec<_>>());
                let work = people.store.clone();
                work.write(move |tx| {
                    let (people, others) = (people.clone(), others.clone());
                    Box::pin(async move {
                        for other in others {
                            people.bind(tx, Kind::Introducer, (popular, receipt), (other, receipt)).await?;
                        }
                        Ok::<_, Problem>(())
                    })
                })
                .await
                .map_err(|problem| problem.code)
            };
            assert_eq!(bind(MAX_BONDS).await, Ok(()));
            assert_eq!(bind(1).await, Err("identity-bonds-many"));
        })
        .await;
    }
}
