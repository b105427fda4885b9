//! The model the register weighs people with: the one that comes with the program, until the register has taught one of
//! its own. A learned model holds values that several people bear; it is sealed like anything about them.

use crate::lookup::sample;
use crate::people::{CLASS, Desk, People, SERVICE};
use crate::weigh::{self, PEOPLE, RULE_VERSION, STARTING, Scales};
use crate::{problems, version};
use daftar_kernel::{Id, Problem};
use daftar_record::MachineRun;
use daftar_store::{Tx, params, sql};
use record_linkage::{Model, Options, link};
use std::sync::Arc;

/// People a model is learned from, at most.
pub const SAMPLE_MAX: usize = 20_000;
/// People a model is learned from, at least: fewer teach nothing that the starting model does not know.
pub const SAMPLE_LEAST: usize = 1_000;
/// Bytes of a kept model.
pub const MODEL_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Models that are kept, the newest among them: a node may still be weighing with the one before.
pub const KEPT: i64 = 3;
/// The purpose of learning, of sweeping and of looking at two records; every country pack has it.
pub const PURPOSE: &str = "duplicate-review";
/// People of one page of the sample.
const PAGE: usize = 200;

/// What learning gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The model's version.
    pub version: i64,
    /// People it was learned from.
    pub people: usize,
    /// Receipt of the run.
    pub receipt: Id,
}

fn context(id: Id) -> Vec<u8> {
    [b"identity_model.sealed/".as_slice(), id.as_bytes()].concat()
}

impl People {
    /// The newest scales; read anew when another node has learned since.
    pub(crate) async fn scales(&self, tx: &mut Tx) -> Result<Arc<Scales>, Problem> {
        let newest = tx.query_opt(sql!("select max(version) from identity_model"), &[]).await?;
        let newest: Option<i64> = newest.map(|row| row.get(0)).transpose()?.flatten();
        let newest = newest.unwrap_or(STARTING);
        let held = self.scales.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some(held) = held.filter(|held| held.version == newest) {
            return Ok(held);
        }
        let scales = Arc::new(if newest == STARTING {
            Scales::starting()?
        } else {
            self.open_model(tx, newest).await?
        });
        *self.scales.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Arc::clone(&scales));
        Ok(scales)
    }

    async fn open_model(&self, tx: &mut Tx, version: i64) -> Result<Scales, Problem> {
        let row = tx
            .query_one(sql!("select id, sealed from identity_model where version = $1"), &params![version])
            .await?;
        let id: Id = row.get(0)?;
        let plain = self.store.vault().open(tx, id, CLASS, &context(id), row.get(1)?).await?;
        let model: Model = serde_json::from_slice(&plain).map_err(Problem::internal)?;
        Ok(Scales { version, model })
    }

    /// Learns the model anew from a sample of the register, and keeps it: one act of the record with purpose, rule
    /// version and count. All nodes weigh with it from the next weighing on.
    ///
    /// # Errors
    /// [`problems::learn_few`] for a register of fewer than [`SAMPLE_LEAST`] people; [`problems::desk_unknown`] when the
    /// country has no such office or no purpose `duplicate-review`; the store's.
    pub async fn learn(&self, program: &'static str, office: &str) -> Result<Learned, Problem> {
        let (desk, run) = self.machine_run(program, office)?;
        let rows = self.sample_texts().await?;
        if rows.len() < SAMPLE_LEAST {
            return Err(problems::learn_few());
        }
        let people = rows.len();
        let schema = weigh::schema()?;
        // Comparing twenty thousand people takes some seconds of one core.
        let made =
            tokio::task::spawn_blocking(move || link(&schema, &rows, &Options::default(), |_| {})).await;
        let model = made.map_err(Problem::internal)?.map_err(Problem::internal)?.model;
        // A value is never rarer than one in the sample: in a small one, less speaks against chance.
        let model = model.for_people(PEOPLE.min(u32::try_from(people).unwrap_or(PEOPLE)));
        let plain = serde_json::to_vec(&model).map_err(Problem::internal)?;
        if plain.len() > MODEL_MAX_BYTES {
            return Err(Problem::internal("a learned model is larger than it may be"));
        }
        let run = MachineRun { count: people as u64, ..run };
        let people_of = self.clone();
        self.store
            .write(move |tx| {
                let (people_of, desk, run, plain) =
                    (people_of.clone(), desk.clone(), run.clone(), plain.clone());
                Box::pin(async move { people_of.keep_model(tx, &desk, &run, (people, &plain)).await })
            })
            .await
    }

    async fn keep_model(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        run: &MachineRun,
        (people, plain): (usize, &[u8]),
    ) -> Result<Learned, Problem> {
        let receipt = self.record.machine_act(tx, &desk.actor, run).await?;
        let newest = tx.query_one(sql!("select coalesce(max(version), 0) from identity_model"), &[]).await?;
        let version = newest.get::<i64>(0)? + 1;
        let (id, now) = (self.store.world().id(), self.store.world().now());
        let sealed = self.store.vault().seal(tx, id, CLASS, &context(id), plain).await?;
        let insert = sql!(
            "insert into identity_model (version, id, people, made_at, receipt, sealed) \
             values ($1, $2, $3, $4, $5, $6)"
        );
        let counted = i64::try_from(people).map_err(Problem::internal)?;
        tx.execute(insert, &params![version, id, counted, now, receipt, sealed]).await?;
        let old = sql!("select id from identity_model where version <= $1");
        for row in tx.query(old, &params![version - KEPT]).await? {
            self.store.vault().erase(tx, row.get(0)?).await?;
        }
        tx.execute(sql!("delete from identity_model where version <= $1"), &params![version - KEPT]).await?;
        Ok(Learned { version, people, receipt })
    }

    /// The texts of a sample of people, each under their main name.
    async fn sample_texts(&self) -> Result<Vec<Vec<String>>, Problem> {
        let mut chosen = std::collections::BTreeSet::new();
        // Keyed hashes lie evenly: whoever stands behind a random place of the index is anybody. A register of fewer
        // people than the sample is found whole before the tries end.
        for _ in 0..4 * SAMPLE_MAX / PAGE {
            let from = self.store.world().bytes::<32>();
            let found = self.store.read(move |tx| Box::pin(sample(tx, from, PAGE))).await?;
            chosen.extend(found);
            if chosen.len() >= SAMPLE_MAX {
                break;
            }
        }
        let chosen: Vec<Id> = chosen.into_iter().take(SAMPLE_MAX).collect();
        let mut rows = Vec::with_capacity(chosen.len());
        for page in chosen.chunks(PAGE) {
            let (people, page) = (self.clone(), page.to_vec());
            let read = self.store.read(move |tx| {
                let (people, page) = (people.clone(), page.clone());
                Box::pin(async move {
                    let mut rows = Vec::with_capacity(page.len());
                    for person in page {
                        if let Some(current) = version::current(&people.store, tx, person).await? {
                            rows.extend(
                                weigh::texts(&current.document.person).into_iter().next().map(Vec::from),
                            );
                        }
                    }
                    Ok::<_, Problem>(rows)
                })
            });
            rows.extend(read.await?);
        }
        Ok(rows)
    }

    /// In whose name a program compares people, and what its act says; the count is 0 still.
    pub(crate) fn machine_run(
        &self,
        program: &'static str,
        office: &str,
    ) -> Result<(Desk, MachineRun), Problem> {
        let roster = self.office.roster();
        let agency = roster.office(office).map(|found| found.agency.clone());
        let basis = roster.purpose(PURPOSE).map(|purpose| purpose.basis.clone());
        let (Some(agency), Some(basis)) = (agency, basis) else { return Err(problems::desk_unknown()) };
        let run = MachineRun {
            service: SERVICE,
            agency: agency.clone(),
            office: office.into(),
            purpose: PURPOSE.into(),
            basis,
            rule_version: format!("identity-weigh/{RULE_VERSION}"),
            count: 0,
        };
        Ok((Desk::program(program, &agency, office), run))
    }
}
