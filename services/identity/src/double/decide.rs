//! What two officials decide about a pair, and how it is undone.
//!
//! A merge moves nothing: the record that is absorbed keeps its versions, numbers, cards, tokens, keys, receipts and looks, and
//! points to the one that stays. Who asks by any of them is led there (`tokens::living`), also who looks for the person by the
//! spelling of the absorbed record (`lookup::writing`). So a split has only to take the pointer away again.

use super::{Double, Standing};
use crate::lookup::writings;
use crate::notices::News;
use crate::people::{Desk, People, SERVICE};
use crate::person::Person;
use crate::register::needed_text;
use crate::statistics::{Changes, counters};
use crate::weigh::{Weight, texts};
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::approval::Request;
use daftar_record::Act;
use daftar_store::{Tx, params, sql};
use serde_json::{Value, json};

/// Open pairs of an absorbed record that are handed on to the one that stands, the strongest first.
const PAIRS_HANDED_ON: i64 = 100;

/// What may be decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// They are one person: one record stays and absorbs the other.
    Merge,
    /// They are two people.
    Different,
    /// The merge was wrong: both records stand as before.
    Split,
    /// That they are two people is asked again.
    Reopen,
}

/// A wish that two officials are to approve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// What is to be decided.
    pub decision: Decision,
    /// Whose record stays; needed for a merge, and for nothing else.
    pub keep: Option<Id>,
    /// The law, the papers and who was heard; never a name: it stays readable when the people are erased.
    pub ground: String,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Merge, Self::Different, Self::Split, Self::Reopen];
    /// The kind of the approval.
    #[must_use]
    pub const fn approval(self) -> &'static str {
        match self {
            Self::Merge => "identity.merge",
            Self::Different => "identity.different",
            Self::Split => "identity.split",
            Self::Reopen => "identity.reopen",
        }
    }
    /// The kind of the act about each of the two.
    #[must_use]
    pub const fn act(self) -> &'static str {
        match self {
            Self::Merge => "identity.records-merged",
            Self::Different => "identity.records-different",
            Self::Split => "identity.records-split",
            Self::Reopen => "identity.records-reopened",
        }
    }
    /// The standing it can be decided in.
    #[must_use]
    pub const fn from(self) -> Standing {
        match self {
            Self::Merge | Self::Different => Standing::Open,
            Self::Split => Standing::Merged,
            Self::Reopen => Standing::Different,
        }
    }
    const fn to(self) -> Standing {
        match self {
            Self::Merge => Standing::Merged,
            Self::Different => Standing::Different,
            Self::Split | Self::Reopen => Standing::Open,
        }
    }
    const fn news(self) -> News {
        match self {
            Self::Merge => News::Merged,
            Self::Different => News::Different,
            Self::Split => News::Split,
            Self::Reopen => News::Reopened,
        }
    }
}

/// Both records as they stand now: version numbers and what they say.
struct Both {
    a: (i64, Person),
    b: (i64, Person),
}

impl Both {
    fn of(&self, double: &Double, person: Id) -> &Person {
        if person == double.a { &self.a.1 } else { &self.b.1 }
    }
}

impl People {
    /// Asks two officials to approve a decision about a pair.
    ///
    /// # Errors
    /// [`problems::reason_text`] without a ground; [`problems::double_state`] when that cannot be decided now;
    /// [`problems::double_altered`]; [`problems::unknown`]; 403 without the permission; the store's.
    pub async fn request_pair_decision(&self, actor: &Actor, pair: Id, wish: &Wish) -> Result<Id, Problem> {
        let ground = needed_text(&wish.ground, problems::reason_text)?;
        let (people, actor) = (self.clone(), actor.clone());
        let (decision, keep) = (wish.decision, wish.keep);
        self.office.need(&actor, permission::DOUBLE)?;
        self.store
            .write(move |tx| {
                let (people, actor, ground) = (people.clone(), actor.clone(), ground.clone());
                Box::pin(async move {
                    let double = people.double_in(tx, pair).await?;
                    let keep = match decision {
                        Decision::Merge => keep,
                        Decision::Split => double.kept,
                        Decision::Different | Decision::Reopen => None,
                    };
                    let both = people.both(tx, &double).await?;
                    people.may_decide(tx, &double, (decision, keep)).await?;
                    let payload = json!({
                        "pair": double.id,
                        "records": [double.a, double.b],
                        "versions": [both.a.0, both.b.0],
                        "keep": keep,
                        "bits": format!("{}/1000", double.millibits),
                        "ground": ground,
                    });
                    let request =
                        Request { kind: decision.approval(), permission: permission::DOUBLE, payload };
                    people.office.request_approval(tx, &actor, &request).await
                })
            })
            .await
    }

    /// Carries out what two officials have approved; answers the receipts of the acts about the two, in the order of
    /// the pair.
    ///
    /// # Errors
    /// The office's about approvals; [`problems::double_changed`] when pair or records are not as they were when it was
    /// asked for; [`problems::double_altered`], [`problems::double_state`], [`problems::unknown`]; the store's.
    pub async fn decide(&self, actor: &Actor, approval: Id, decision: Decision) -> Result<(Id, Id), Problem> {
        self.execute(actor, (approval, decision.approval()), move |tx, people, desk, payload| {
            Box::pin(async move { people.decide_pair_in(tx, &desk, decision, &payload).await })
        })
        .await
    }

    async fn both(&self, tx: &mut Tx, double: &Double) -> Result<Both, Problem> {
        let a = version::newest(&self.store, tx, double.a).await?.ok_or_else(problems::unknown)?;
        let b = version::newest(&self.store, tx, double.b).await?.ok_or_else(problems::unknown)?;
        Ok(Both { a: (a.version, a.document.person), b: (b.version, b.document.person) })
    }

    /// Whether a decision can be made of a pair as it stands, and of the two records.
    async fn may_decide(
        &self,
        tx: &mut Tx,
        double: &Double,
        (decision, keep): (Decision, Option<Id>),
    ) -> Result<(), Problem> {
        if double.state != decision.from() {
            return Err(problems::double_state());
        }
        let kept = match (decision, keep) {
            (Decision::Different | Decision::Reopen, _) => return Ok(()),
            (Decision::Merge | Decision::Split, Some(keep)) if keep == double.a || keep == double.b => keep,
            (Decision::Merge | Decision::Split, _) => return Err(problems::double_state()),
        };
        let (into_kept, into_other) =
            (tokens::merged_into(tx, kept).await?, tokens::merged_into(tx, double.other(kept)).await?);
        let fits = match decision {
            Decision::Merge => into_kept.is_none() && into_other.is_none(),
            // Whoever was absorbed later must be split off first.
            _ => into_kept.is_none() && into_other == Some(kept),
        };
        let many = decision == Decision::Merge
            && tokens::absorbed(tx, kept).await?.len()
                + tokens::absorbed(tx, double.other(kept)).await?.len()
                + 1
                > tokens::MAX_ABSORBED;
        if fits && !many { Ok(()) } else { Err(problems::double_state()) }
    }

    async fn decide_pair_in(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        decision: Decision,
        payload: &Value,
    ) -> Result<(Id, Id), Problem> {
        let id = |value: &Value| value.as_str().and_then(|text| text.parse::<Id>().ok());
        let pair = id(&payload["pair"]).ok_or_else(problems::double_changed)?;
        let mut double = self.double_in(tx, pair).await?;
        let keep = id(&payload["keep"]);
        let both = self.both(tx, &double).await?;
        let same = payload["records"] == json!([double.a, double.b])
            && payload["versions"] == json!([both.a.0, both.b.0]);
        if !same || double.state != decision.from() {
            return Err(problems::double_changed());
        }
        self.may_decide(tx, &double, (decision, keep)).await?;
        if let Some(kept) = keep {
            let absorbed = double.other(kept);
            match decision {
                Decision::Merge => self.absorb(tx, (absorbed, both.of(&double, absorbed)), kept).await?,
                Decision::Split => self.release(tx, (absorbed, both.of(&double, absorbed)), kept).await?,
                Decision::Different | Decision::Reopen => {}
            }
        }
        let ground = &payload["ground"];
        let mut receipts = Vec::with_capacity(2);
        for person in [double.a, double.b] {
            let part = keep.map(|kept| if kept == person { "kept" } else { "absorbed" });
            receipts.push(self.decided(tx, desk, (decision, person), (part, pair, ground)).await?);
        }
        let &[first, second] = &receipts[..] else { return Err(problems::unknown()) };
        double.state = decision.to();
        double.kept = keep.filter(|_| decision == Decision::Merge);
        double.changed_at = self.store.world().now();
        double.receipts = Some((first, second));
        double.keep(self, tx).await?;
        Ok((first, second))
    }

    /// The act about one of the two, and the promise to tell them at the address of their own record.
    async fn decided(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        (decision, person): (Decision, Id),
        (part, pair, ground): (Option<&str>, Id, &Value),
    ) -> Result<Id, Problem> {
        let subject = tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let act = Act {
            kind: decision.act(),
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: part.map_or_else(|| json!({}), |part| json!({ "record": part })),
            // Nothing of the other: should they be two people, neither learns who the other is.
            private: Some(json!({ "pair": pair, "ground": ground })),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        self.tell(tx, desk, person, receipt, &decision.news()).await?;
        Ok(receipt)
    }

    async fn absorb(&self, tx: &mut Tx, (person, says): (Id, &Person), kept: Id) -> Result<(), Problem> {
        let point = sql!(
            "update identity_person set state = 'merged', merged_into = $2 where id = $1 and state = 'registered'"
        );
        if tx.execute(point, &params![person, kept]).await? != 1 {
            return Err(problems::double_changed());
        }
        self.hand_on_pairs(tx, person, kept).await?;
        let mut changes = Changes::default();
        changes.remove(says);
        Ok(counters::apply(tx, &changes).await?)
    }

    /// Whoever may be the absorbed one may be the one that stands: the question is not lost with the record.
    async fn hand_on_pairs(&self, tx: &mut Tx, absorbed: Id, kept: Id) -> Result<(), Problem> {
        let select = sql!(
            "select id from identity_double where state = 'open' and (a = $1 or b = $1) order by weight desc, id limit $2"
        );
        for row in tx.query(select, &params![absorbed, PAIRS_HANDED_ON]).await? {
            let pair = self.double_in(tx, row.get(0)?).await?;
            let third = pair.other(absorbed);
            if third != kept {
                let weight = Weight { millibits: pair.millibits, model: pair.model, lines: Vec::new() };
                self.note_double(tx, (kept, third), pair.found, &weight).await?;
            }
        }
        Ok(())
    }

    async fn release(&self, tx: &mut Tx, (person, says): (Id, &Person), kept: Id) -> Result<(), Problem> {
        let stand = sql!(
            "update identity_person set state = 'registered', merged_into = null \
             where id = $1 and state = 'merged' and merged_into = $2"
        );
        if tx.execute(stand, &params![person, kept]).await? != 1 {
            return Err(problems::double_changed());
        }
        self.hand_back_pairs(tx, person, kept).await?;
        let mut changes = Changes::default();
        changes.add(says);
        Ok(counters::apply(tx, &changes).await?)
    }

    /// Whoever was found to be like the two while they were one may be like the one that is parted from it: the question that
    /// its spelling raised is asked of its own record.
    async fn hand_back_pairs(&self, tx: &mut Tx, parted: Id, kept: Id) -> Result<(), Problem> {
        let select = sql!(
            "select id from identity_double where state = 'open' and (a = $1 or b = $1) order by weight desc, id limit $2"
        );
        let rows = tx.query(select, &params![kept, PAIRS_HANDED_ON]).await?;
        let scales = self.scales(tx).await?;
        let said = self.said(tx, parted).await?;
        for row in rows {
            let pair = self.double_in(tx, row.get(0)?).await?;
            let third = pair.other(kept);
            if third == parted || tokens::merged_into(tx, third).await?.is_some() {
                continue;
            }
            let weight = scales.weigh_texts(&said, &self.said(tx, third).await?);
            if weight.is_candidate() {
                self.note_double(tx, (parted, third), pair.found, &weight).await?;
            }
        }
        Ok(())
    }

    /// The texts of every way in which somebody is written down.
    async fn said(&self, tx: &mut Tx, person: Id) -> Result<Vec<[String; 9]>, Problem> {
        let written = writings(&self.store, tx, person).await?;
        Ok(written.iter().flat_map(|one| texts(&one.version.document.person)).collect())
    }
}
