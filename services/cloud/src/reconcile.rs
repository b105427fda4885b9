//! The round: once a minute everything is looked at. Whatever is not as wanted gets its saga; whatever the engine has and nobody
//! wants is an orphan.

use crate::cloud::{Cloud, Health};
use crate::engine::{Inventory, State};
use crate::resource::{Kind, Observed, Wanted};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, Tx, lease, params, sql};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often the round is made.
pub const EVERY: Duration = Duration::from_secs(60);
/// How long the lease of a round holds, in seconds: another node makes the next when this one is gone.
const LEASE_SECONDS: i64 = 120;
/// A saga that was set going this long ago and is not done is taken up, in seconds.
const PATIENCE_SECONDS: i64 = 60;
/// How many sagas a round has under way at once.
const CONCURRENT: usize = 8;
/// Most rows one page of the round reads.
const PAGE: i64 = 1_000;

/// What one round did, for the log and for tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Resources whose saga was taken up.
    pub taken_up: usize,
    /// Resources found otherwise than wanted.
    pub drifted: usize,
    /// What nobody wants.
    pub orphans: usize,
}

/// A resource as the round needs it.
struct Known {
    agency: String,
    id: Id,
    kind: Kind,
    wanted: Wanted,
    under_way: bool,
    observed: String,
    addresses: String,
    changed_at: Timestamp,
    gone_at: Timestamp,
}

impl Cloud {
    /// Makes rounds and counts minutes until `shutdown` ends. Does nothing where there is no cloud.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        if !self.is_on() {
            return;
        }
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let told = async {
            shutdown.await;
            // Both listen until then.
            let _ = stop.send(true);
        };
        tokio::join!(self.make_rounds(stopped.clone()), self.sample_each_minute(stopped), told);
    }

    async fn make_rounds(&self, mut stop: tokio::sync::watch::Receiver<bool>) {
        // What a process left that was killed is taken up at once, not after its claims have passed.
        let mut first = true;
        loop {
            match self.round(first).await {
                Ok(Some(round)) if round != Round::default() => {
                    tracing::info!(?round, "a round of the cloud")
                }
                Ok(_) => {}
                Err(problem) => tracing::warn!(%problem, "a round of the cloud failed"),
            }
            first = false;
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// One round; none while another node makes it, or while the engine does not answer. The `first` of a process waits for
    /// nobody and takes up everything that is under way.
    ///
    /// # Errors
    /// The store's.
    pub async fn round(&self, first: bool) -> Result<Option<Round>, Problem> {
        let (holder, now) = (self.holder(), self.now());
        let mine = self.store().write(move |tx| {
            Box::pin(async move { lease::acquire(tx, "cloud-round", holder, LEASE_SECONDS, now).await })
        });
        // The lease of a process that was killed still holds; taking up twice what is under way ends the same.
        if (mine.await?.is_none() && !first) || matches!(self.look_at_engine().await?, Health::Gone(_)) {
            return Ok(None);
        }
        let mut round = Round::default();
        let mut rooms: BTreeSet<Id> = match self.engine()?.projects().await {
            Ok(rooms) => rooms.into_iter().collect(),
            Err(error) => return self.not_now(&error).map(|()| None),
        };
        for (agency, project, closed) in self.all_projects().await? {
            let there = rooms.remove(&project);
            self.visit(&mut round, (&agency, project), (there, closed, first)).await?;
        }
        for stranger in rooms {
            self.visit_stranger(&mut round, stranger).await?;
        }
        self.forget_orphans(now).await?;
        Ok(Some(round))
    }

    fn not_now(&self, error: &crate::engine::EngineError) -> Result<(), Problem> {
        tracing::warn!(%error, "the cloud's engine did not answer");
        Ok(())
    }

    /// Every project with its agency, and whether it is closed.
    async fn all_projects(&self) -> Result<Vec<(String, Id, bool)>, Problem> {
        let mut all = Vec::new();
        let mut after = Id::from_bytes([0; 16]);
        loop {
            let page: Vec<(String, Id, bool)> = self
                .store()
                .read(move |tx| {
                    Box::pin(async move {
                        let text = sql!(
                            "select agency_id, id, closed_at from cloud_project where id > $1 order by id limit $2"
                        );
                        let read = |row: &Row| {
                            Ok::<_, Problem>((row.get(0)?, row.get(1)?, row.get::<i64>(2)? != 0))
                        };
                        tx.query(text, &params![after, PAGE]).await?.iter().map(read).collect()
                    })
                })
                .await?;
            let Some((_, last, _)) = page.last() else { return Ok(all) };
            after = *last;
            all.extend(page);
        }
    }

    /// Compares one project with the engine's room, which may not be there yet.
    async fn visit(
        &self,
        round: &mut Round,
        (agency, project): (&str, Id),
        (there, closed, first): (bool, bool, bool),
    ) -> Result<(), Problem> {
        let looked_at = self.now();
        let seen = match there {
            false => Inventory::default(),
            true => match self.engine()?.inventory(project).await {
                Ok(seen) => seen,
                Err(error) => return self.not_now(&error),
            },
        };
        // Read after the engine: whatever it had then was written down before.
        let known = self.known(agency, project).await?;
        let mut to_settle = Vec::new();
        for one in &known {
            if one.gone_at != Timestamp(0) {
                continue;
            }
            let patient = !first && one.changed_at.plus_seconds(PATIENCE_SECONDS) > looked_at;
            if one.under_way {
                if !patient {
                    round.taken_up += 1;
                    to_settle.push((one.agency.clone(), project, one.id));
                }
                continue;
            }
            let (observed, addresses) = observe(one, &seen);
            if observed.word() != one.observed || addresses != one.addresses {
                self.note_observed((agency, project, one.id), observed, addresses).await?;
            }
            let drifted = matches!(
                (one.wanted, observed),
                (Wanted::Running, Observed::Stopped | Observed::Missing | Observed::Broken)
                    | (Wanted::Stopped, Observed::Running | Observed::Missing)
                    | (Wanted::Present, Observed::Missing)
            );
            if drifted {
                round.drifted += 1;
                to_settle.push((one.agency.clone(), project, one.id));
            }
        }
        let orphans = orphans(&known, &seen, looked_at);
        round.orphans += orphans.len();
        self.note_orphans(agency, project, &orphans).await?;
        self.settle_all(to_settle).await;
        if closed && there && seen == Inventory::default() {
            let gone = self.engine()?.remove_project(project).await;
            gone.or_else(|error| self.not_now(&error))?;
        }
        Ok(())
    }

    async fn settle_all(&self, keys: Vec<(String, Id, Id)>) {
        use futures_util::StreamExt;
        let mut sagas = futures_util::stream::iter(keys)
            .map(|key| async move { (key.2, self.settle(key, true).await) })
            .buffer_unordered(CONCURRENT);
        while let Some((resource, done)) = sagas.next().await {
            if let Err(problem) = done {
                tracing::warn!(%problem, %resource, "a saga of the cloud failed");
            }
        }
    }

    /// A room under our mark that no project has: all that is in it is an orphan, and so is the room.
    async fn visit_stranger(&self, round: &mut Round, room: Id) -> Result<(), Problem> {
        let mut found = match self.engine()?.inventory(room).await {
            Ok(seen) => orphans(&[], &seen, self.now()),
            Err(error) => return self.not_now(&error),
        };
        found.push(Orphaned { id: room, kind: ROOM, of: room });
        round.orphans += found.len();
        self.note_orphans("", room, &found).await
    }

    async fn known(&self, agency: &str, project: Id) -> Result<Vec<Known>, Problem> {
        let agency = agency.to_string();
        self.store()
            .read(move |tx| {
                let agency = agency.clone();
                Box::pin(async move {
                    let text = sql!(
                        "select id, kind, wanted, generation, settled, observed, addresses, changed_at, gone_at \
                         from cloud_resource where agency_id = $1 and project = $2 order by gone_at, id desc limit $3"
                    );
                    let rows = tx.query(text, &params![&agency, project, 10 * PAGE]).await?;
                    rows.iter().map(|row| known(&agency, row)).collect()
                })
            })
            .await
    }

    async fn note_observed(
        &self,
        (agency, project, id): (&str, Id, Id),
        observed: Observed,
        addresses: String,
    ) -> Result<(), Problem> {
        let agency = agency.to_string();
        self.store()
            .write(move |tx| {
                let (agency, addresses) = (agency.clone(), addresses.clone());
                Box::pin(async move {
                    // What somebody has changed meanwhile, its saga will observe.
                    let text = sql!(
                        "update cloud_resource set observed = $4, addresses = $5 where agency_id = $1 \
                         and project = $2 and id = $3 and settled = generation and gone_at = 0"
                    );
                    tx.execute(text, &params![&agency, project, id, observed.word(), addresses]).await?;
                    Ok(())
                })
            })
            .await
    }
}

fn known(agency: &str, row: &Row) -> Result<Known, Problem> {
    let (kind, wanted): (&str, &str) = (row.get(1)?, row.get(2)?);
    let torn = || Problem::internal("a resource does not read");
    Ok(Known {
        agency: agency.into(),
        id: row.get(0)?,
        kind: Kind::from_word(kind).ok_or_else(torn)?,
        wanted: Wanted::ALL.into_iter().find(|one| one.word() == wanted).ok_or_else(torn)?,
        under_way: row.get::<i64>(4)? < row.get::<i64>(3)?,
        observed: row.get(5)?,
        addresses: row.get(6)?,
        changed_at: row.get(7)?,
        gone_at: row.get(8)?,
    })
}

/// How a settled resource is, by the engine's list.
fn observe(one: &Known, seen: &Inventory) -> (Observed, String) {
    let refused = one.observed == Observed::Refused.word();
    let here = |there: bool| if there { Observed::Present } else { Observed::Missing };
    let found = match one.kind {
        Kind::Instance => match seen.instances.iter().find(|(id, ..)| *id == one.id) {
            None => Observed::Missing,
            Some((_, State::Running, addresses)) => return (Observed::Running, addresses.join(" ")),
            Some((_, State::Stopped, _)) => Observed::Stopped,
            Some((_, State::Broken, _)) => Observed::Broken,
        },
        Kind::Network => here(seen.networks.contains(&one.id)),
        Kind::Volume => here(seen.volumes.contains(&one.id)),
        Kind::Snapshot => here(seen.snapshots.iter().any(|(id, _)| *id == one.id)),
    };
    // What was refused is not asked for again by itself.
    if refused { (Observed::Refused, String::new()) } else { (found, String::new()) }
}

/// What the room itself is called among orphans.
pub const ROOM: &str = "room";

/// Something the engine has and nobody wants.
struct Orphaned {
    id: Id,
    kind: &'static str,
    of: Id,
}

/// What is on the engine's list and not among what is there, or was when it was looked.
fn orphans(known: &[Known], seen: &Inventory, looked_at: Timestamp) -> Vec<Orphaned> {
    let nobody = Id::from_bytes([0; 16]);
    let wanted: BTreeMap<Id, Kind> = known
        .iter()
        .filter(|one| one.gone_at == Timestamp(0) || one.gone_at >= looked_at)
        .map(|one| (one.id, one.kind))
        .collect();
    let listed = seen.instances.iter().map(|(id, ..)| (*id, Kind::Instance, nobody));
    let listed = listed.chain(seen.networks.iter().map(|id| (*id, Kind::Network, nobody)));
    let listed = listed.chain(seen.volumes.iter().map(|id| (*id, Kind::Volume, nobody)));
    let listed = listed.chain(seen.snapshots.iter().map(|(id, of)| (*id, Kind::Snapshot, *of)));
    listed
        .filter(|(id, kind, _)| wanted.get(id) != Some(kind))
        .map(|(id, kind, of)| Orphaned { id, kind: kind.word(), of })
        .collect()
}

impl Cloud {
    async fn note_orphans(&self, agency: &str, project: Id, found: &[Orphaned]) -> Result<(), Problem> {
        if found.is_empty() {
            return Ok(());
        }
        let rows: Vec<(Id, &'static str, Id)> = found.iter().map(|one| (one.id, one.kind, one.of)).collect();
        let (agency, now) = (agency.to_string(), self.now());
        self.store()
            .write(move |tx| {
                let (agency, rows) = (agency.clone(), rows.clone());
                Box::pin(async move {
                    for (id, kind, of) in rows {
                        note_orphan(tx, (&agency, project), (id, kind, of), now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// What was not seen in this round is nobody's orphan any more.
    async fn forget_orphans(&self, before: Timestamp) -> Result<(), Problem> {
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(sql!("delete from cloud_orphan where seen_at < $1"), &params![before]).await?;
                    Ok(())
                })
            })
            .await
    }
}

async fn note_orphan(
    tx: &mut Tx,
    (agency, project): (&str, Id),
    (id, kind, of): (Id, &str, Id),
    now: Timestamp,
) -> Result<(), Problem> {
    let text = sql!(
        "insert into cloud_orphan (agency_id, project, id, kind, part_of, seen_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict (agency_id, project, id) do update set seen_at = excluded.seen_at"
    );
    tx.execute(text, &params![agency, project, id, kind, of, now]).await?;
    Ok(())
}
