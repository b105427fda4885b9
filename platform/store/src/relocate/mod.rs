//! A live SQLite store moves to PostgreSQL: copied while it is written to, then followed by what changed, then, in a pause
//! of writes that is as long as the last changes are many, compared and sealed.
//!
//! Who dies when: until the seal the old store is the country's, whatever else happened, and the new one refuses to open.
//! The seal is one commit in the old file. From then on the old one refuses every write, and [`settle`] opens the new one to
//! whoever can show the seal's token.

mod digest;
mod rows;
mod source;
mod target;

pub(crate) use source::{SEALED, seal_of};
pub(crate) use target::unsettled;
pub use target::{has_arrived, settle};

use crate::database::{Address, address};
use crate::migrate::Migrations;
use crate::schema::Table;
use crate::tx::Tx;
use crate::value::{Row, Value};
use crate::{BoxFuture, StoreError};
use daftar_kernel::World;
use digest::{Sum, difference};
use source::Source;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use target::Target;

/// Notes of what changed, in the old file while it is followed.
const NOTES: &str = "store_move_note";
/// The seal, in the old file.
const SEAL: &str = "store_move_seal";
/// What is never carried: what was applied is the target's own, and a lease is of the moment.
const STAYS: [&str; 3] = ["store_migration", "store_schema", "store_lease"];
/// Writes are stopped when what changed in a round could be followed so quickly: the pause has about as much to do.
const BRIEF: Duration = Duration::from_secs(1);
/// Rounds after which writers are slowed down, when the rounds do not become brief by themselves.
const FREE_ROUNDS: usize = 3;
/// How long they are held then, again and again, and how long they are let in between.
const HELD: Duration = Duration::from_millis(1600);
const LET_IN: Duration = Duration::from_millis(400);
/// How often what changed is followed before the store counts as too busy to be moved.
const ROUNDS: usize = 60;
/// The longest pause: a move that is not done by then is given up, and the old store goes on.
const PAUSE_LIMIT: Duration = Duration::from_secs(9);
/// A whole comparison that took less than this is made again while writes are stopped.
const QUICK: Duration = Duration::from_secs(2);

/// The token under which the SQLite store of this address was sealed; none when it was not moved, or is not there yet.
///
/// # Errors
/// When the file cannot be read.
pub async fn seal(url: &str, world: &World) -> Result<Option<String>, StoreError> {
    let Address::Sqlite(path) = address(url)? else { return Ok(None) };
    // A store that is yet to be made has not moved.
    if !path.exists() {
        return Ok(None);
    }
    let session = crate::sqlite::SqliteSession::open(path, crate::sqlite::Role::Reader)?;
    let mut tx = Tx::new(crate::tx::Engine::Sqlite(session), world.clone());
    seal_of(&mut tx).await
}

const TOO_BUSY: StoreError =
    StoreError::Busy("the store changes faster than it can be followed: move it at a quieter hour");

fn is_carried(table: &str) -> bool {
    !STAYS.contains(&table) && !table.starts_with("store_move")
}

/// A table that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// The sum, modulo 2^256, of the SHA-256 of its rows, in hexadecimal: of the old store and, compared with it, of the new.
    pub sum: String,
}

/// What a move came to.
#[derive(Clone, Debug)]
pub struct Relocated {
    /// Every table.
    pub tables: Vec<MovedTable>,
    /// How long nobody could write.
    pub pause: Duration,
    /// How many rows changed while the store was copied, and were followed.
    pub followed: usize,
    /// How many of them in the pause.
    pub in_pause: usize,
    /// Whether every row was compared again in the pause; if not, all were compared before it, and those that changed since.
    pub compared_whole: bool,
}

/// Where a move stands, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A table was copied.
    Copied {
        /// Its name.
        table: String,
        /// How many rows.
        rows: u64,
    },
    /// So many changed rows were followed.
    Followed(usize),
    /// Every row was compared.
    Compared(Duration),
    /// Writes are stopped.
    Stopped,
}

/// Moves a SQLite store to an empty PostgreSQL database. Other programs go on reading and writing the old one; they are
/// kept waiting in the pause. `in_pause` is called in it, last: what else must be carried, such as blobs. When this returns
/// `Ok` the old store is sealed; call [`settle`] next.
///
/// # Errors
/// When the target is not empty, something differs, or the store changes faster than it can be followed; the stores'.
/// Nothing has changed in the old store then, and the target must be made anew.
pub async fn relocate(
    from: &str,
    to: &str,
    token: &str,
    world: &World,
    migrations: &[Migrations],
    watch: &mut (dyn FnMut(Step) + Send),
    in_pause: impl FnOnce() -> BoxFuture<'static, Result<(), StoreError>>,
) -> Result<Relocated, StoreError> {
    let Address::Sqlite(path) = address(from)? else {
        return Err(StoreError::Open {
            reason: "this installation does not use SQLite".into(),
            next: "move PostgreSQL with its own tools: pg_basebackup, or replication".into(),
        });
    };
    let mut source = Source::open(path, world).await?;
    let target = Target::open(to, token, world, migrations, source.reader()).await?;
    source.watch().await?;
    let mut mover = Mover { source, target, sums: Vec::new(), followed: 0, world: world.clone() };
    let done = mover.carry(token, watch, in_pause).await;
    if done.is_err() {
        // Best effort: the next move, or the next start, takes it away otherwise.
        let _ = mover.source.let_write();
        mover.source.forget_all().await?;
    }
    mover.target.close().await;
    done
}

struct Mover {
    source: Source,
    target: Target,
    /// Of each table, as far as it was copied and followed.
    sums: Vec<Sum>,
    followed: usize,
    world: World,
}

impl Mover {
    fn tables(&self) -> Arc<Vec<Table>> {
        Arc::new(self.source.tables.clone())
    }

    async fn carry(
        &mut self,
        token: &str,
        watch: &mut (dyn FnMut(Step) + Send),
        in_pause: impl FnOnce() -> BoxFuture<'static, Result<(), StoreError>>,
    ) -> Result<Relocated, StoreError> {
        self.copy(watch).await?;
        self.follow_until_few(watch).await?;
        let took = self.compare_beside(watch).await?;
        self.follow_until_few(watch).await?;
        self.source.stop_writes()?;
        watch(Step::Stopped);
        let stopped = self.world.now();
        let before = self.followed;
        let upto = Source::last_note(self.source.writer()).await?;
        let tables = self.tables();
        let changes = changes(self.source.writer(), &tables, upto).await?;
        self.apply(changes).await?;
        let compared_whole = took <= QUICK;
        if compared_whole {
            let old = sums(self.source.writer(), &tables).await?;
            self.check(&tables, &old).await?;
        }
        in_pause().await?;
        if since(&self.world, stopped) > PAUSE_LIMIT {
            return Err(TOO_BUSY);
        }
        self.target.set_ready(token).await?;
        self.source.seal(token).await?;
        let pause = since(&self.world, stopped);
        let moved = |(table, sum): (&Table, &Sum)| MovedTable {
            name: table.name.clone(),
            rows: sum.rows,
            sum: sum.hex(),
        };
        let tables = tables.iter().zip(&self.sums).map(moved).collect();
        Ok(Relocated {
            tables,
            pause,
            followed: self.followed,
            in_pause: self.followed - before,
            compared_whole,
        })
    }

    /// One snapshot of everything.
    async fn copy(&mut self, watch: &mut (dyn FnMut(Step) + Send)) -> Result<(), StoreError> {
        self.source.begin_reading()?;
        let upto = Source::last_note(self.source.reader()).await?;
        for table in self.tables().iter() {
            let (mut sum, mut after) = (Sum::default(), None::<Vec<Value>>);
            loop {
                let rows = rows::page(self.source.reader(), table, after.as_deref()).await?;
                let Some(last) = rows.last() else { break };
                after = Some(rows::key_of(table, last)?);
                rows.iter().for_each(|row| sum.add(row));
                self.target.insert(table, rows).await?;
            }
            self.sums.push(sum);
            watch(Step::Copied { table: table.name.clone(), rows: sum.rows });
        }
        self.source.end_reading()?;
        self.source.drop_notes(upto).await
    }

    async fn follow_until_few(&mut self, watch: &mut (dyn FnMut(Step) + Send)) -> Result<(), StoreError> {
        for round in 0..ROUNDS {
            let begun = self.world.now();
            let count = self.follow(round >= FREE_ROUNDS).await?;
            watch(Step::Followed(count));
            if since(&self.world, begun) <= BRIEF {
                return Ok(());
            }
        }
        Err(TOO_BUSY)
    }

    /// Follows what changed up to now, if need be while writers are slowed down; gives how many rows.
    async fn follow(&mut self, slowly: bool) -> Result<usize, StoreError> {
        let before = self.followed;
        self.source.begin_reading()?;
        let upto = Source::last_note(self.source.reader()).await?;
        let tables = self.tables();
        let changes = changes(self.source.reader(), &tables, upto).await?;
        self.source.end_reading()?;
        if slowly {
            self.apply_slowly(changes).await?;
        } else {
            self.apply(changes).await?;
        }
        self.source.drop_notes(upto).await?;
        Ok(self.followed - before)
    }

    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.followed += changes.iter().map(|change| change.keys.len()).sum::<usize>();
        let work = self.target.follow(self.tables(), Arc::new(changes), self.sums.clone());
        self.sums = work.await?;
        Ok(())
    }

    /// The same, while writers wait most of the time: never longer than [`HELD`], but the store changes less meanwhile.
    async fn apply_slowly(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.followed += changes.iter().map(|change| change.keys.len()).sum::<usize>();
        let tables = self.tables();
        let mut work = Box::pin(self.target.follow(tables, Arc::new(changes), self.sums.clone()));
        let sums = loop {
            self.source.stop_writes()?;
            let done = tokio::time::timeout(HELD, &mut work).await;
            self.source.let_write()?;
            if let Ok(sums) = done {
                break sums;
            }
            if let Ok(sums) = tokio::time::timeout(LET_IN, &mut work).await {
                break sums;
            }
        };
        drop(work);
        self.sums = sums?;
        Ok(())
    }

    /// Compares every row of both, of one moment, while others work on; gives how long it took.
    async fn compare_beside(&mut self, watch: &mut (dyn FnMut(Step) + Send)) -> Result<Duration, StoreError> {
        let begun = self.world.now();
        let tables = self.tables();
        self.source.begin_reading()?;
        let upto = Source::last_note(self.source.reader()).await?;
        let changes = changes(self.source.reader(), &tables, upto).await?;
        self.apply(changes).await?;
        let old = sums(self.source.reader(), &tables).await?;
        self.source.end_reading()?;
        self.check(&tables, &old).await?;
        self.source.drop_notes(upto).await?;
        let took = since(&self.world, begun);
        watch(Step::Compared(took));
        Ok(took)
    }

    async fn check(&self, tables: &Arc<Vec<Table>>, old: &[Sum]) -> Result<(), StoreError> {
        let new = self.target.sums(Arc::clone(tables)).await?;
        let differs = difference(tables, old, &new).or_else(|| difference(tables, old, &self.sums));
        match differs {
            None => Ok(()),
            Some(table) => {
                Err(StoreError::malformed(format!("table {table}"), "the copy differs; nothing was moved"))
            }
        }
    }
}

/// What changed in one table: the keys, and the rows that are there now.
struct Change {
    keys: Vec<Vec<Value>>,
    rows: Vec<Row>,
}

async fn changes(tx: &mut Tx, tables: &[Table], upto: i64) -> Result<Vec<Change>, StoreError> {
    let mut noted = Source::noted(tx, upto).await?;
    let mut found = Vec::with_capacity(tables.len());
    for table in tables {
        let kinds: Vec<_> = table
            .key
            .iter()
            .filter_map(|name| {
                table.columns.iter().find(|column| column.name == *name).map(|column| column.kind)
            })
            .collect();
        let mut seen = HashSet::new();
        let mut keys: Vec<Vec<Value>> = Vec::new();
        for cells in noted.remove(&table.name).unwrap_or_default() {
            let key = cells.iter().zip(&kinds).map(|(cell, kind)| rows::value(cell, *kind));
            let key = key.collect::<Result<Vec<Value>, StoreError>>()?;
            if seen.insert(rows::print(&key)) {
                keys.push(key);
            }
        }
        let rows = rows::with_keys(tx, table, &keys).await?;
        found.push(Change { keys, rows });
    }
    Ok(found)
}

async fn sums(tx: &mut Tx, tables: &[Table]) -> Result<Vec<Sum>, StoreError> {
    let mut sums = Vec::with_capacity(tables.len());
    for table in tables {
        sums.push(rows::sum(tx, table).await?);
    }
    Ok(sums)
}

fn since(world: &World, begun: daftar_kernel::Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(world.now().0 - begun.0).unwrap_or(0))
}
