//! What was done for somebody by others, for their own eyes.

use super::{Stored, Way, What};
use crate::people::People;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Tx, params, sql};
use serde_json::{Value, json};

/// Things done for one record that a list shows at most, the newest.
pub const MAX_LISTED: i64 = 200;

/// Something that was asked of a person at a counter, or done for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assistance {
    /// The number on the slip.
    pub reference: String,
    /// Which thing.
    pub what: What,
    /// By which way they agreed; none while they have not.
    pub way: Option<Way>,
    /// The official's name.
    pub official: String,
    /// Code of the official's agency.
    pub agency: String,
    /// Code of the official's office.
    pub office: String,
    /// Who saw the slip signed; empty when a code was typed.
    pub witness: String,
    /// When it was done, or asked when it is not done.
    pub at: Timestamp,
    /// The receipt; none when it is not done.
    pub receipt: Option<Id>,
    /// The receipt of the look that was needed: a complaint names it.
    pub look: Option<Id>,
    /// The number of the complaint that was made.
    pub complaint: Option<String>,
    /// What the person says in a complaint that is not made yet.
    pub words: String,
    /// The service whose consent was taken back; empty for other things.
    pub service: String,
}

impl Assistance {
    fn of(stored: Stored) -> Self {
        let Stored { what, way, asked_at, used_at, receipt, look, said, .. } = stored;
        Self {
            reference: said.reference,
            what,
            way,
            official: said.official,
            agency: said.agency,
            office: said.office,
            witness: said.witness,
            at: used_at.unwrap_or(asked_at),
            receipt,
            look,
            complaint: said.complaint,
            words: said.words,
            service: said.service,
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "reference": self.reference, "what": self.what.word(), "way": self.way.map(Way::word),
            "official": self.official, "agency": self.agency, "office": self.office, "witness": self.witness,
            "at": self.at.to_rfc3339(), "receipt": self.receipt, "look": self.look, "complaint": self.complaint,
            "words": self.words, "service": self.service,
        })
    }
}

impl People {
    /// What others did for the citizen, newest first; of every record they have.
    ///
    /// # Errors
    /// [`problems::unknown`](crate::problems::unknown); the store's.
    pub async fn my_assistances(&self, citizen: Id) -> Result<Vec<Assistance>, Problem> {
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let mut all = Vec::new();
                    for record in people.own_records(tx, citizen).await? {
                        all.extend(people.assistances_in(tx, record).await?);
                    }
                    all.retain(|one| one.receipt.is_some());
                    all.sort_by_key(|one| std::cmp::Reverse(one.at));
                    Ok(all)
                })
            })
            .await
    }

    /// What is held of one record, newest first, also what was only asked.
    pub(crate) async fn assistances_in(&self, tx: &mut Tx, person: Id) -> Result<Vec<Assistance>, Problem> {
        let select = sql!(
            "select id, person, what, way, state, asked_at, used_at, receipt, look, sealed \
             from identity_assistance where person = $1 order by asked_at desc, id desc limit $2"
        );
        let mut list = Vec::new();
        for row in tx.query(select, &params![person, MAX_LISTED]).await? {
            list.push(Assistance::of(self.stored_of(tx, &row).await?));
        }
        Ok(list)
    }
}
