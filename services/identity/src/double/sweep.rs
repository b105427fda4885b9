//! Comparing the register with itself: bounded steps, each in a transaction with the place it has come to, so that a
//! sweep that was cut off goes on where it stopped.

use super::{FoundBy, Standing};
use crate::lookup::writings;
use crate::people::People;
use crate::person::Person;
use crate::tokens;
use daftar_kernel::{Id, Problem};
use daftar_record::MachineRun;
use daftar_store::{Tx, params, sql};
use std::ops::ControlFlow;

/// People compared in one transaction.
pub const SWEEP_BATCH: i64 = 50;

/// How far a sweep has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// People compared with everybody who shares a key with them.
    pub compared: u64,
    /// New pairs.
    pub found: u64,
    /// Receipt of the run; none while it is not at its end.
    pub receipt: Option<Id>,
}

/// A sweep as it is kept.
#[derive(Clone, Copy)]
struct Run {
    id: Id,
    next: Id,
    compared: i64,
    found: i64,
}

impl People {
    /// Compares everybody in the register with whoever shares a key with them, and notes the pairs. A sweep that was
    /// broken off goes on; `progress` is called after every batch and breaks it off with `Break`. At the end it is one
    /// act of the record with purpose, rule version and count.
    ///
    /// # Errors
    /// [`crate::problems::desk_unknown`]; the store's. What was found before stays.
    pub async fn sweep_doubles(
        &self,
        program: &'static str,
        office: &str,
        mut progress: impl FnMut(Swept) -> ControlFlow<()>,
    ) -> Result<Swept, Problem> {
        let (desk, run) = self.machine_run(program, office)?;
        loop {
            let (people, desk, run) = (self.clone(), desk.clone(), run.clone());
            let swept = self
                .store
                .write(move |tx| {
                    let (people, actor, run) = (people.clone(), desk.actor.clone(), run.clone());
                    Box::pin(async move {
                        let (sweep, over) = people.sweep_batch(tx).await?;
                        let compared = u64::try_from(sweep.compared).unwrap_or(0);
                        let receipt = if over {
                            let run = MachineRun { count: compared, ..run };
                            Some(people.record.machine_act(tx, &actor, &run).await?)
                        } else {
                            None
                        };
                        let end = sql!("update identity_sweep set receipt = $2 where id = $1");
                        tx.execute(end, &params![sweep.id, receipt]).await?;
                        Ok::<_, Problem>(Swept {
                            compared,
                            found: u64::try_from(sweep.found).unwrap_or(0),
                            receipt,
                        })
                    })
                })
                .await?;
            if progress(swept).is_break() || swept.receipt.is_some() {
                return Ok(swept);
            }
        }
    }

    async fn sweep_batch(&self, tx: &mut Tx) -> Result<(Run, bool), Problem> {
        let mut run = self.open_sweep(tx).await?;
        let model = self.scales(tx).await?.version;
        let select = sql!(
            "select id from identity_person where id > $1 and state = 'registered' order by id limit $2"
        );
        let rows = tx.query(select, &params![run.next, SWEEP_BATCH]).await?;
        for row in &rows {
            let person: Id = row.get(0)?;
            run.next = person;
            // By every way in which they are written down, those of records that they absorbed among them.
            let written = writings(&self.store, tx, person).await?;
            let says: Vec<&Person> = written.iter().map(|one| &one.version.document.person).collect();
            run.compared += 1;
            for one in self.matches_of(tx, &says, Some(person)).await? {
                // Each pair is met from both sides; once is enough, and the later one has everybody before it.
                if one.person < person
                    && !self.parted(tx, one.person, person).await?
                    && self.note_double(tx, (one.person, person), FoundBy::Sweep, &one.weight).await?
                {
                    run.found += 1;
                }
            }
        }
        let update = sql!(
            "update identity_sweep set model = $2, next_person = $3, compared = $4, found = $5, changed_at = $6 \
             where id = $1"
        );
        let now = self.store.world().now();
        tx.execute(update, &params![run.id, model, run.next, run.compared, run.found, now]).await?;
        Ok((run, i64::try_from(rows.len()).unwrap_or(0) < SWEEP_BATCH))
    }

    /// Whether two officials have found that a record of the one is not the other's: absorbing it since changed nothing of that.
    async fn parted(&self, tx: &mut Tx, one: Id, other: Id) -> Result<bool, Problem> {
        let (mine, theirs) = (tokens::absorbed(tx, one).await?, tokens::absorbed(tx, other).await?);
        if mine.is_empty() && theirs.is_empty() {
            return Ok(false);
        }
        for a in std::iter::once(one).chain(mine) {
            for b in std::iter::once(other).chain(theirs.iter().copied()) {
                let known = self.double_between(tx, a, b).await?;
                if known.is_some_and(|known| known.state == Standing::Different) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The sweep that was broken off, or a new one.
    async fn open_sweep(&self, tx: &mut Tx) -> Result<Run, Problem> {
        let select = sql!(
            "select id, next_person, compared, found from identity_sweep where receipt is null order by id limit 1"
        );
        if let Some(row) = tx.query_opt(select, &[]).await? {
            return Ok(Run { id: row.get(0)?, next: row.get(1)?, compared: row.get(2)?, found: row.get(3)? });
        }
        let (id, now) = (self.store.world().id(), self.store.world().now());
        let run = Run { id, next: Id::from_bytes([0; 16]), compared: 0, found: 0 };
        let insert = sql!(
            "insert into identity_sweep (id, model, next_person, compared, found, started_at, changed_at, receipt) \
             values ($1, 0, $2, 0, 0, $3, $3, null)"
        );
        tx.execute(insert, &params![id, run.next, now]).await?;
        Ok(run)
    }
}
