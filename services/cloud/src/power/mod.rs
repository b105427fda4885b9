//! Electricity and heat: what the supply says, and what rests by law when it is short.
//!
//! Each machine watches its own supply (setting `power.supply`) and lets rest what *its* power cannot carry. The order is the
//! country's (`power.toml` of the pack): alerts and checks of who somebody is rest last.

pub mod brownout;
pub mod nut;
pub mod page;
pub mod reading;

use brownout::{Cause, Level};
use daftar_http::Site;
use daftar_kernel::{Actor, Problem, Timestamp};
use daftar_packs::PowerLaw;
use daftar_record::{Act, Record};
use daftar_store::{Store, params, sql};
use nut::Supply;
use reading::Reading;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the supply is asked.
const EVERY: Duration = Duration::from_secs(5);
/// After how many seconds without an answer a reading no longer counts as known.
pub const STALE_SECONDS: i64 = 60;

/// The watch over one machine's supply. Cheap to clone.
#[derive(Clone)]
pub struct Power {
    store: Store,
    record: Record,
    /// As the setting writes it; the key of its row.
    address: String,
    supply: Supply,
    state: Arc<Mutex<State>>,
}

/// What the watch knows.
#[derive(Clone, Debug)]
pub struct State {
    /// How much rests.
    pub level: Level,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The last reading and when it came.
    pub seen: Option<(Reading, Timestamp)>,
    /// The level that the store and the public record know of; none until it was read.
    written: Option<Level>,
    /// Whether the supply answered the last time, so that the log tells a change and not every try.
    answers: bool,
}

impl State {
    /// The last reading, when it is not older than [`STALE_SECONDS`].
    #[must_use]
    pub fn fresh(&self, now: Timestamp) -> Option<&Reading> {
        self.seen
            .as_ref()
            .filter(|(_, at)| now.seconds() - at.seconds() <= STALE_SECONDS)
            .map(|(reading, _)| reading)
    }
}

impl Power {
    /// A watch over the supply at this address, `name@host:port`.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn new(record: Record, address: &str) -> Result<Self, nut::NutError> {
        let state = State { level: Level::NONE, since: None, seen: None, written: None, answers: true };
        Ok(Self {
            store: record.store().clone(),
            record,
            address: address.to_string(),
            supply: Supply::parse(address)?,
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// What it knows now.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Watches until `shutdown` ends.
    pub async fn run(&self, site: &Site, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            self.pass(site).await;
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Asks the supply once and does what the law says. A supply that does not answer changes nothing: what rests goes on
    /// resting, what works goes on working.
    pub async fn pass(&self, site: &Site) {
        let mut state = self.state();
        if state.written.is_none() {
            match self.read().await {
                Ok((level, since)) => {
                    state.level = level;
                    state.since = since;
                    state.written = Some(level);
                }
                Err(problem) => tracing::warn!(%problem, "how much rests cannot be read"),
            }
        }
        let law = site.country().power.clone();
        self.ask(&mut state, law.as_ref()).await;
        if let Some(law) = &law {
            // First rest, then write: a store that is in the way must not keep the battery busy.
            site.set_resting(law.resting(state.level.steps).map(str::to_string).collect());
            if state.written != Some(state.level) {
                match self.write(state.level, law).await {
                    Ok(at) => (state.written, state.since) = (Some(state.level), Some(at)),
                    Err(problem) => {
                        tracing::warn!(%problem, "how much rests cannot be written; it rests all the same")
                    }
                }
            }
        }
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    async fn ask(&self, state: &mut State, law: Option<&PowerLaw>) {
        let answer = self.supply.variables().await.map_err(|error| error.to_string());
        let reading = answer.and_then(|variables| Reading::of(&variables).map_err(|error| error.to_string()));
        match reading {
            Ok(reading) => {
                let before = state.level;
                state.level = law.map_or(Level::NONE, |law| brownout::next(law, before, &reading));
                if before.steps != state.level.steps {
                    tracing::warn!(
                        steps = state.level.steps,
                        cause = state.level.cause.code(),
                        charge_percent = reading.charge_percent,
                        celsius_tenths = reading.celsius_tenths,
                        "another part of the services rests"
                    );
                }
                state.seen = Some((reading, self.store.world().now()));
                state.answers = true;
            }
            Err(error) => {
                if state.answers {
                    tracing::warn!(error, "the power supply gives no reading; what rests stays as it is");
                }
                state.answers = false;
            }
        }
    }

    async fn read(&self) -> Result<(Level, Option<Timestamp>), Problem> {
        let address = self.address.clone();
        self.store
            .read(move |tx| {
                let address = address.clone();
                Box::pin(async move {
                    let found = tx
                        .query_opt(
                            sql!("select steps, cause, since from cloud_power where supply = $1"),
                            &params![address],
                        )
                        .await?;
                    let Some(row) = found else { return Ok((Level::NONE, None)) };
                    let steps = usize::try_from(row.get::<i64>(0)?).unwrap_or(0);
                    let cause = Cause::of(&row.get::<String>(1)?).unwrap_or(Cause::Enough);
                    Ok((Level { steps, cause }, Some(row.get(2)?)))
                })
            })
            .await
    }

    /// Writes how much rests, and the act for the public record, in one transaction.
    async fn write(&self, level: Level, law: &PowerLaw) -> Result<Timestamp, Problem> {
        let act = Act {
            kind: "cloud.power-changed",
            service: crate::SERVICE,
            agency: String::new(),
            office: String::new(),
            subject: None,
            public: json!({
                "basis": law.basis,
                "cause": level.cause.code(),
                "resting": law.resting(level.steps).collect::<Vec<_>>(),
            }),
            private: None,
        };
        let (record, address) = (self.record.clone(), self.address.clone());
        let now = self.store.world().now();
        self.store
            .write(move |tx| {
                let (record, address, act) = (record.clone(), address.clone(), act.clone());
                Box::pin(async move {
                    let steps = i64::try_from(level.steps).unwrap_or(i64::MAX);
                    tx.execute(
                        sql!(
                            "insert into cloud_power (supply, steps, cause, since) values ($1, $2, $3, $4) \
                             on conflict (supply) do update set steps = excluded.steps, cause = excluded.cause, since = excluded.since"
                        ),
                        &params![address, steps, level.cause.code(), now],
                    )
                    .await?;
                    record.act(tx, &Actor::System("power"), &act).await?;
                    Ok(now)
                })
            })
            .await
    }
}
