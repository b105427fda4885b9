//! What must happen now and then while a country is served: expired rows go, keys are wrapped anew, and a version of the
//! country takes effect on its day.
//!
//! Every node does it. Sweeping and rotating twice is harmless (each is done on what is there), and the country in force is
//! each node's own.

use crate::cloud::Shop;
use crate::installation::{Installation, Places, live, permissions};
use daftar_cloud::Cloud;
use daftar_http::{Site, with_tx};
use daftar_identity::People;
use daftar_identity::openid::Provider;
use daftar_identity::verify::Verifier;
use daftar_kernel::settings::{Settings, SettingsError};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_packs::versions;
use daftar_store::{StoreError, idempotency};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How often a pass is made, when nothing is due sooner.
const EVERY: Duration = Duration::from_secs(180);
/// How often keys are looked after, in seconds: once a day.
const KEYS_SECONDS: i64 = 86_400;
/// How long the answer to an idempotency key is kept, in seconds: 7 days, so that a desk that was cut off for some days may
/// still send again what it is not sure about.
const ANSWERS_SECONDS: i64 = 7 * 86_400;
/// How often one pass repeats a bounded deletion that still finds something.
const MOST_ROUNDS: usize = 100;

/// How long keys live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// After how many days a new epoch begins.
    pub epoch_days: NonZeroU32,
    /// How many days a retired epoch's key is kept.
    pub keep_days: u32,
}

impl Rhythm {
    /// As the settings say.
    ///
    /// # Errors
    /// When they are no numbers of days.
    pub fn of(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            epoch_days: settings.parse("keys.epoch-days", "a whole number of days from 1")?,
            keep_days: settings.parse("keys.keep-days", "a whole number of days")?,
        })
    }

    /// Whether a new epoch is due when the one in use began then.
    #[must_use]
    pub fn epoch_due(self, began: Timestamp, now: Timestamp) -> bool {
        now >= began.plus_seconds(i64::from(self.epoch_days.get()) * 86_400)
    }
}

/// Whether keys are to be looked after: once a day, at the start, and when the clock was set back.
fn keys_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now < last || now >= last.plus_seconds(KEYS_SECONDS))
}

/// How long to wait for the next pass: until a version of the country takes effect, at least a second, at most [`EVERY`].
fn pause(now: Timestamp, next_change: Option<Timestamp>) -> Duration {
    let until = next_change.map_or(i64::MAX, |next| next.0.saturating_sub(now.0));
    let until = Duration::from_micros(u64::try_from(until).unwrap_or(0));
    until.clamp(Duration::from_secs(1), EVERY)
}

/// The one who does it, on one node.
pub struct Housekeeper {
    site: Arc<Site>,
    places: Places,
    shop: Shop,
    rhythm: Rhythm,
    keys_seen: Option<Timestamp>,
    version: Option<Id>,
}

impl Housekeeper {
    /// For an installation served as this site.
    ///
    /// # Errors
    /// When the settings about keys do not read.
    pub fn new(installation: &Installation, site: Arc<Site>) -> Result<Self, SettingsError> {
        let (places, rhythm) = (installation.places.clone(), Rhythm::of(&installation.settings)?);
        let shop = installation.shop.clone();
        Ok(Self { site, places, shop, rhythm, keys_seen: None, version: None })
    }

    /// Makes passes until `shutdown` ends.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let wait = self.pass().await;
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Does what is due now, and tells how long to wait for the next pass. What fails is tried again then.
    pub async fn pass(&mut self) -> Duration {
        let now = self.site.world().now();
        if let Err(error) = self.sweep(now).await {
            tracing::warn!(%error, "expired rows could not be deleted");
        }
        if keys_due(self.keys_seen, now) {
            match self.look_after_keys(now).await {
                Ok(()) => self.keys_seen = Some(now),
                Err(error) => tracing::warn!(%error, "keys could not be looked after"),
            }
        }
        // Doing it on several nodes does it once.
        if let Some(people) = self.site.service::<People>()
            && let Err(problem) = people.end_childhoods().await
        {
            tracing::warn!(%problem, "who came of age could not be noted");
        }
        let next_change = self.follow_country(now).await.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "the country's version could not be read; the one before stays in force");
            None
        });
        pause(now, next_change)
    }

    async fn sweep(&self, now: Timestamp) -> Result<(), Problem> {
        let (store, office) = (self.site.store.clone(), self.site.office.clone());
        let before = now.plus_seconds(-ANSWERS_SECONDS);
        for _ in 0..MOST_ROUNDS {
            let swept = with_tx!(store.write, tx, [office] { office.sweep(tx).await })?;
            let forgotten =
                store.write(move |tx| Box::pin(async move { idempotency::forget_before(tx, before).await }));
            if swept + forgotten.await? == 0 {
                break;
            }
        }
        if let Some(openid) = self.site.service::<Provider>() {
            openid.sweep().await?;
        }
        if let Some(verifier) = self.site.service::<Verifier>() {
            verifier.sweep().await?;
        }
        if let Some(cloud) = self.site.service::<Cloud>() {
            cloud.sweep_tokens().await?;
        }
        if let Some(people) = self.site.service::<People>() {
            people.sweep_preregistrations().await?;
            people.sweep_draft_documents().await?;
            people.sweep_assistances().await?;
            people.sweep_guardianships().await?;
        }
        Ok(())
    }

    async fn look_after_keys(&self, now: Timestamp) -> Result<(), StoreError> {
        let (store, vault) = (&self.site.store, self.site.store.vault());
        let began = vault.epoch_began(store).await?;
        if self.rhythm.epoch_due(began, now) {
            let rotation = vault.rotate_epoch(store).await?;
            tracing::info!(epoch = rotation.epoch, rewrapped = rotation.rewrapped, "a new epoch of keys");
        } else {
            // What an interrupted rotation left.
            vault.finish_rotation(store).await?;
        }
        let destroyed = vault.destroy_old_epochs(store, now, self.rhythm.keep_days).await?;
        if !destroyed.is_empty() {
            tracing::info!(epochs = ?destroyed, "old keys destroyed. Next: daftar backup, for a new key export");
        }
        Ok(())
    }

    /// Puts the version in force into effect, when it is another than before; gives when the next one is due.
    async fn follow_country(&mut self, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let (store, known, before) = (self.site.store.clone(), permissions(), self.version);
        let (found, next) = with_tx!(store.read, tx, [known] {
            let next = versions::next_change(tx, now).await?;
            let same = versions::in_force(tx, now).await?.is_none_or(|version| Some(version.id) == before);
            let found = if same { None } else { versions::load(tx, now, &known).await? };
            Ok::<_, Problem>((found, next))
        })?;
        if let Some((version, country)) = found {
            let live = live(country).map_err(Problem::internal)?;
            self.site.office.set_roster(Arc::clone(&live.country.roster));
            self.places.set(Arc::clone(&live.country));
            self.shop.set(&live.country).map_err(Problem::internal)?;
            self.site.set_live(live);
            self.version = Some(version.id);
            tracing::info!(version = %version.label, "the country's version in force");
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const DAY: i64 = 86_400;

    #[test]
    fn an_epoch_ends_when_its_days_are_over() {
        let rhythm = Rhythm { epoch_days: NonZeroU32::new(7).unwrap(), keep_days: 30 };
        assert!(!rhythm.epoch_due(NOW, NOW));
        assert!(!rhythm.epoch_due(NOW.plus_seconds(-7 * DAY + 1), NOW));
        assert!(rhythm.epoch_due(NOW.plus_seconds(-7 * DAY), NOW));
        assert!(!rhythm.epoch_due(NOW.plus_seconds(DAY), NOW), "a clock set back begins nothing");
    }

    #[test]
    fn keys_are_looked_after_once_a_day() {
        assert!(keys_due(None, NOW));
        assert!(!keys_due(Some(NOW), NOW));
        assert!(!keys_due(Some(NOW.plus_seconds(1 - DAY)), NOW));
        assert!(keys_due(Some(NOW.plus_seconds(-DAY)), NOW));
        assert!(keys_due(Some(NOW.plus_seconds(1)), NOW), "the clock was set back");
    }

    #[test]
    fn a_pass_comes_with_the_day_a_version_takes_effect() {
        assert_eq!(pause(NOW, None), EVERY);
        assert_eq!(pause(NOW, Some(NOW.plus_seconds(10 * DAY))), EVERY);
        assert_eq!(pause(NOW, Some(NOW.plus_seconds(20))), Duration::from_secs(20));
        assert_eq!(pause(NOW, Some(NOW)), Duration::from_secs(1), "never without a rest");
        assert_eq!(pause(NOW, Some(NOW.plus_seconds(-5))), Duration::from_secs(1));
    }

    #[test]
    fn the_usual_settings_read() {
        let settings = Settings::read(crate::settings::KNOWN, None, []).unwrap();
        let rhythm = Rhythm::of(&settings).unwrap();
        assert_eq!((rhythm.epoch_days.get(), rhythm.keep_days), (7, 30));
        let none = [("DAFTAR_KEYS_EPOCH_DAYS".to_string(), "0".to_string())];
        assert!(Rhythm::of(&Settings::read(crate::settings::KNOWN, None, none).unwrap()).is_err());
    }
}
