//! Two records that may be one person: how they were found, how much speaks for it, and what two officials decided.
//!
//! A row names nobody, and is sealed with a key outside the database: a pair that somebody edits there is refused.

mod decide;
mod sweep;

pub use decide::{Decision, Wish};
pub use sweep::{SWEEP_BATCH, Swept};

use crate::candidates::Earlier;
use crate::lookup::{Writing, writings};
use crate::model::PURPOSE;
use crate::people::{People, SERVICE};
use crate::person::FIELDS;
use crate::version::{self, Version};
use crate::weigh::{Scales, Weight, texts};
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::permit::Ask;
use daftar_store::{Row, StoreError, Tx, params, sql};

/// Pairs of one page of the list.
pub const PAGE: i64 = 25;

/// How a pair was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoundBy {
    /// Somebody was registered at a desk although the register showed somebody alike.
    Desk,
    /// An import brought somebody in whom it did not hold back.
    Import,
    /// The register was compared with itself.
    Sweep,
}

impl FoundBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Desk, Self::Import, Self::Sweep];
    /// The word in the table; the message is `identity-double-found-<word>`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Import => "import",
            Self::Sweep => "sweep",
        }
    }
    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|found| found.word() == word)
    }
}

/// Where a pair stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nobody has decided.
    Open,
    /// Two officials found that they are two people.
    Different,
    /// Two officials found that they are one person.
    Merged,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Different, Self::Merged];
    /// The word in the table; the message is `identity-double-state-<word>`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Different => "different",
            Self::Merged => "merged",
        }
    }
    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A pair, read and found unaltered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Double {
    /// Its identifier.
    pub id: Id,
    /// The smaller of the two persons' identifiers.
    pub a: Id,
    /// The larger.
    pub b: Id,
    /// Where it stands.
    pub state: Standing,
    /// Whose record stays, once they are one.
    pub kept: Option<Id>,
    /// How it was found first.
    pub found: FoundBy,
    /// What spoke for one person when it was weighed last, in thousandths of a bit.
    pub millibits: i64,
    /// The model that weighed.
    pub model: i64,
    /// When it was found first.
    pub found_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// Receipts of the last decision, one about each.
    pub receipts: Option<(Id, Id)>,
}

/// Two records side by side. Both were looked at.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The pair.
    pub double: Double,
    /// What the record of `a` says now.
    pub a: Version,
    /// What the record of `b` says now.
    pub b: Version,
    /// What speaks for one person and what against, weighed anew.
    pub weight: Weight,
    /// Of `a` and of `b`: how a record that was absorbed writes them, where that is what is weighed.
    pub earlier: [Option<Earlier>; 2],
}

/// What speaks for it that two people are one, by the two ways of writing them that are most alike; of each the way, when it is
/// that of an absorbed record.
fn weigh_all(scales: &Scales, a: &[Writing], b: &[Writing]) -> Option<(Weight, [Option<Earlier>; 2])> {
    let says = |one: &Writing| texts(&one.version.document.person);
    let pairs = a.iter().flat_map(|one| b.iter().map(move |other| (one, other)));
    let weighed = pairs.map(|(one, other)| (scales.weigh_texts(&says(one), &says(other)), one, other));
    // Of two that weigh the same, the records that stand come first.
    let (weight, one, other) =
        weighed.reduce(|best, next| if next.0.millibits > best.0.millibits { next } else { best })?;
    let earlier = |one: &Writing, other: &Writing| {
        let (mine, theirs) = (says(one), says(other));
        let person = &one.version.document.person;
        (!one.is_own()).then(|| {
            Earlier::of(one.record, person, |place, _| {
                let alike =
                    mine.get(place).map(|text| scales.weigh_texts(std::slice::from_ref(text), &theirs));
                std::cmp::Reverse(alike.map(|weight| weight.millibits))
            })
        })
    };
    Some((weight, [earlier(one, other), earlier(other, one)]))
}

impl Double {
    fn of(people: &People, row: &Row) -> Result<Self, Problem> {
        let word = |column| row.get::<&str>(column);
        let (receipt_a, receipt_b): (Option<Id>, Option<Id>) = (row.get(10)?, row.get(11)?);
        let (Some(state), Some(found)) = (Standing::read(word(3)?), FoundBy::read(word(5)?)) else {
            return Err(problems::double_altered());
        };
        let double = Self {
            id: row.get(0)?,
            a: row.get(1)?,
            b: row.get(2)?,
            state,
            kept: row.get(4)?,
            found,
            millibits: row.get(6)?,
            model: row.get(7)?,
            found_at: row.get(8)?,
            changed_at: row.get(9)?,
            receipts: receipt_a.zip(receipt_b),
        };
        let intact = row.get::<&[u8]>(12)? == double.seal(people)?;
        if intact { Ok(double) } else { Err(problems::double_altered()) }
    }

    fn seal(&self, people: &People) -> Result<[u8; 32], StoreError> {
        let id = |id: Option<Id>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
        let (receipt_a, receipt_b) = self.receipts.unzip();
        people.store.vault().blind_index(
            "identity/double/1",
            &[
                self.id.as_bytes(),
                self.a.as_bytes(),
                self.b.as_bytes(),
                self.state.word().as_bytes(),
                &id(self.kept),
                self.found.word().as_bytes(),
                &self.millibits.to_be_bytes(),
                &self.model.to_be_bytes(),
                &self.found_at.0.to_be_bytes(),
                &self.changed_at.0.to_be_bytes(),
                &id(receipt_a),
                &id(receipt_b),
            ],
        )
    }

    /// Writes what may change of a pair, with its seal.
    async fn keep(&self, people: &People, tx: &mut Tx) -> Result<(), Problem> {
        let seal = self.seal(people)?;
        let (receipt_a, receipt_b) = self.receipts.unzip();
        let update = sql!(
            "update identity_double set state = $2, kept = $3, weight = $4, model = $5, changed_at = $6, \
             receipt_a = $7, receipt_b = $8, seal = $9 where id = $1"
        );
        tx.execute(
            update,
            &params![
                self.id,
                self.state.word(),
                self.kept,
                self.millibits,
                self.model,
                self.changed_at,
                receipt_a,
                receipt_b,
                &seal[..]
            ],
        )
        .await?;
        Ok(())
    }

    /// The other of the two.
    #[must_use]
    pub fn other(&self, one: Id) -> Id {
        if one == self.a { self.b } else { self.a }
    }
}

impl People {
    /// Notes that two people may be one. Whether it is a new pair; what was decided before stays decided.
    pub(crate) async fn note_double(
        &self,
        tx: &mut Tx,
        (one, other): (Id, Id),
        found: FoundBy,
        weight: &Weight,
    ) -> Result<bool, Problem> {
        let (a, b) = if one < other { (one, other) } else { (other, one) };
        let now = self.store.world().now();
        if let Some(mut known) = self.double_between(tx, a, b).await? {
            // Handed on without lines, a weight is that of another pair: one's own stands.
            let own = !weight.lines.is_empty();
            if known.state == Standing::Open
                && own
                && (known.millibits, known.model) != (weight.millibits, weight.model)
            {
                (known.millibits, known.model, known.changed_at) = (weight.millibits, weight.model, now);
                known.keep(self, tx).await?;
            }
            return Ok(false);
        }
        let double = Double {
            id: self.store.world().id(),
            a,
            b,
            state: Standing::Open,
            kept: None,
            found,
            millibits: weight.millibits,
            model: weight.model,
            found_at: now,
            changed_at: now,
            receipts: None,
        };
        let seal = double.seal(self)?;
        let insert = sql!(
            "insert into identity_double (id, a, b, state, kept, found, weight, model, found_at, changed_at, \
             receipt_a, receipt_b, seal) values ($1, $2, $3, 'open', null, $4, $5, $6, $7, $7, null, null, $8)"
        );
        tx.execute(
            insert,
            &params![double.id, a, b, found.word(), double.millibits, double.model, now, &seal[..]],
        )
        .await?;
        Ok(true)
    }

    /// The pairs of one standing, the strongest first, at most [`PAGE`]; `before` is weight and identifier of the last
    /// one of the page before. Open pairs of which one record is gone are left out. Altered rows are left out of the list
    /// and named in the log.
    ///
    /// # Errors
    /// 403 without the permission; the store's.
    pub async fn doubles(
        &self,
        actor: &Actor,
        state: Standing,
        before: Option<(i64, Id)>,
    ) -> Result<Vec<Double>, Problem> {
        self.office.need(actor, permission::DOUBLE)?;
        let people = self.clone();
        let (weight, id) = before.unwrap_or((i64::MAX, Id::from_bytes([0xff; 16])));
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let select = sql!(
                        "select d.id, d.a, d.b, d.state, d.kept, d.found, d.weight, d.model, d.found_at, d.changed_at, \
                         d.receipt_a, d.receipt_b, d.seal from identity_double d \
                         join identity_person p on p.id = d.a join identity_person q on q.id = d.b \
                         where d.state = $1 and (d.weight < $2 or d.weight = $2 and d.id < $3) \
                         and (d.state <> 'open' or p.state = 'registered' and q.state = 'registered') \
                         order by d.weight desc, d.id desc limit $4"
                    );
                    let mut list = Vec::new();
                    for row in tx.query(select, &params![state.word(), weight, id, PAGE]).await? {
                        match Double::of(&people, &row) {
                            Ok(double) => list.push(double),
                            Err(problem) if problem.code == problems::double_altered().code => {
                                tracing::error!(double = %row.get::<Id>(0)?, "a pair was altered in the database");
                            }
                            Err(problem) => return Err(problem),
                        }
                    }
                    Ok(list)
                })
            })
            .await
    }

    /// A pair, without anything of the people.
    ///
    /// # Errors
    /// 403 without the permission; 404; [`problems::double_altered`]; the store's.
    pub async fn double(&self, actor: &Actor, id: Id) -> Result<Double, Problem> {
        self.office.need(actor, permission::DOUBLE)?;
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move { people.double_in(tx, id).await })
            })
            .await
    }

    /// The pair of these two records, if there is one.
    async fn double_between(&self, tx: &mut Tx, one: Id, other: Id) -> Result<Option<Double>, Problem> {
        let (a, b) = if one < other { (one, other) } else { (other, one) };
        let select = sql!(
            "select id, a, b, state, kept, found, weight, model, found_at, changed_at, receipt_a, receipt_b, seal \
             from identity_double where a = $1 and b = $2"
        );
        let row = tx.query_opt(select, &params![a, b]).await?;
        row.map(|row| Double::of(self, &row)).transpose()
    }

    async fn double_in(&self, tx: &mut Tx, id: Id) -> Result<Double, Problem> {
        let select = sql!(
            "select id, a, b, state, kept, found, weight, model, found_at, changed_at, receipt_a, receipt_b, seal \
             from identity_double where id = $1"
        );
        let row = tx.query_opt(select, &params![id]).await?.ok_or_else(Problem::not_found)?;
        Double::of(self, &row)
    }

    /// Shows an official two records side by side: a look at both people, committed before it answers.
    ///
    /// # Errors
    /// As [`People::double`]; [`problems::unknown`] when one was erased; 403 without the purpose; the office's problems
    /// about cases and orders.
    pub async fn compare_double(
        &self,
        official: &Official,
        case: Option<String>,
        id: Id,
    ) -> Result<Compared, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::DOUBLE)?;
        let ask = Ask { purpose: PURPOSE.into(), case, order: None };
        let (people, official) = (self.clone(), official.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask) = (people.clone(), official.clone(), ask.clone());
                Box::pin(async move {
                    let permit = people.office.permit(tx, &official, &ask).await?;
                    let double = people.double_in(tx, id).await?;
                    let mut sides = Vec::with_capacity(2);
                    for person in [double.a, double.b] {
                        sides.push(people.side(tx, &double, person).await?);
                        let subject =
                            tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
                        people.office.look(tx, &permit, subject, SERVICE, &FIELDS).await?;
                    }
                    let scales = people.scales(tx).await?;
                    let (Some(mut b), Some(mut a)) = (sides.pop(), sides.pop()) else {
                        return Err(problems::unknown());
                    };
                    let (weight, earlier) = weigh_all(&scales, &a, &b).ok_or_else(problems::unknown)?;
                    for one in earlier.iter().flatten() {
                        people.look_at_earlier(tx, &permit, one).await?;
                    }
                    let (a, b) = (a.swap_remove(0).version, b.swap_remove(0).version);
                    Ok(Compared { double, a, b, weight, earlier })
                })
            })
            .await
    }

    /// One of the two as it is compared: its newest version first, then those of what it absorbed. Of a pair that was joined,
    /// and of a record that was absorbed, the newest version alone.
    async fn side(&self, tx: &mut Tx, double: &Double, person: Id) -> Result<Vec<Writing>, Problem> {
        let joined = double.state == Standing::Merged
            || tokens::merged_into(tx, double.a).await?.is_some()
            || tokens::merged_into(tx, double.b).await?.is_some();
        if joined {
            let version = version::newest(&self.store, tx, person).await?.ok_or_else(problems::unknown)?;
            return Ok(vec![Writing { person, record: person, version }]);
        }
        let written = writings(&self.store, tx, person).await?;
        if written.first().is_some_and(Writing::is_own) { Ok(written) } else { Err(problems::unknown()) }
    }
}
