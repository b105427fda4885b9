//! The provider's signing keys: ES256, sealed like other secrets of the installation, each published before it signs and kept
//! published after.

use super::Provider;
use daftar_kernel::{Problem, Timestamp};
use daftar_record::act::INSTALLATION;
use daftar_store::{Tx, params, sql};
use openid::jwk::{Jwk, SigningKey};
use std::sync::{Arc, PoisonError};

/// Retention class of the sealed keys.
const CLASS: &str = "openid-key";
/// How long a key signs, in seconds: 30 days.
pub const SIGNS_SECONDS: i64 = 30 * 86_400;
/// How long it is published before it signs, so that clients know it by then, in seconds: a day.
pub const LEAD_SECONDS: i64 = 86_400;
/// How long it stays published after another signs, in seconds: a day, longer than anything it signed is valid.
pub const KEEP_SECONDS: i64 = 86_400;
/// How long a node believes what it knows of the keys, in seconds.
const FRESH_SECONDS: i64 = 60;
/// Most draws for a key; one in 2^32 is no key.
const DRAWS: usize = 8;

/// The keys as one node knows them.
#[derive(Debug)]
pub struct Ring {
    /// The one that signs.
    pub active: Arc<SigningKey>,
    /// All that are published: next, active and retired.
    pub public: Vec<Jwk>,
    read_at: Timestamp,
}

/// When the next key begins to sign, if it is to be made now. `begins` are the beginnings of the keys there are.
#[must_use]
pub fn next_begin(begins: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let Some(last) = begins.iter().max() else { return Some(now) };
    let due = last.plus_seconds(SIGNS_SECONDS);
    (now >= due.plus_seconds(-LEAD_SECONDS)).then(|| due.max(now.plus_seconds(LEAD_SECONDS)))
}

/// Whether a key may go: another has been signing for [`KEEP_SECONDS`].
#[must_use]
pub fn is_over(begin: Timestamp, begins: &[Timestamp], now: Timestamp) -> bool {
    begins.iter().any(|other| *other > begin && other.plus_seconds(KEEP_SECONDS) <= now)
}

fn context(kid: &str) -> Vec<u8> {
    [b"identity_openid_key.sealed/".as_slice(), kid.as_bytes()].concat()
}

impl Provider {
    /// The keys; the first is made when there is none.
    ///
    /// # Errors
    /// The store's.
    pub async fn keys(&self) -> Result<Arc<Ring>, Problem> {
        let now = self.now();
        let known = self.shared.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ring) =
            known.filter(|ring| ring.read_at <= now && now < ring.read_at.plus_seconds(FRESH_SECONDS))
        {
            return Ok(ring);
        }
        self.renew_keys().await
    }

    /// Makes the next key and drops what is over, as far as due, and reads the keys anew.
    ///
    /// # Errors
    /// The store's.
    pub async fn renew_keys(&self) -> Result<Arc<Ring>, Problem> {
        let provider = self.clone();
        let (active, public) = self
            .store()
            .write(move |tx| {
                let provider = provider.clone();
                Box::pin(async move { provider.turn(tx).await })
            })
            .await?;
        let ring = Arc::new(Ring { active: Arc::new(active), public, read_at: self.now() });
        *self.shared.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&ring));
        Ok(ring)
    }

    async fn turn(&self, tx: &mut Tx) -> Result<(SigningKey, Vec<Jwk>), Problem> {
        let now = self.now();
        let select = sql!("select kid, sealed, active from identity_openid_key order by active, kid");
        let mut keys = Vec::new();
        for row in tx.query(select, &[]).await? {
            let (kid, begin): (String, Timestamp) = (row.get(0)?, row.get(2)?);
            let plain =
                self.store().vault().open(tx, INSTALLATION, CLASS, &context(&kid), row.get(1)?).await?;
            let secret = plain.as_slice().try_into().ok().and_then(SigningKey::from_secret);
            keys.push((begin, secret.ok_or_else(|| Problem::internal("a signing key does not read"))?));
        }
        let mut begins: Vec<Timestamp> = keys.iter().map(|(begin, _)| *begin).collect();
        if let Some(begin) = next_begin(&begins, now) {
            keys.push((begin, self.make_key(tx, begin).await?));
            begins.push(begin);
        }
        let (over, kept): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|(begin, _)| is_over(*begin, &begins, now));
        for (_, key) in over {
            let gone = sql!("delete from identity_openid_key where kid = $1");
            tx.execute(gone, &params![&key.public().kid]).await?;
        }
        let public = kept.iter().map(|(_, key)| key.public().clone()).collect();
        let signs = kept.into_iter().filter(|(begin, _)| *begin <= now).max_by_key(|(begin, _)| *begin);
        let (_, active) = signs.ok_or_else(|| Problem::internal("no key signs: the clock was set back"))?;
        Ok((active, public))
    }

    async fn make_key(&self, tx: &mut Tx, begin: Timestamp) -> Result<SigningKey, Problem> {
        let world = self.store().world();
        for _ in 0..DRAWS {
            let secret = world.bytes::<32>();
            let Some(key) = SigningKey::from_secret(&secret) else { continue };
            let kid = key.public().kid.clone();
            let sealed = self.store().vault().seal(tx, INSTALLATION, CLASS, &context(&kid), &secret).await?;
            let insert = sql!(
                "insert into identity_openid_key (kid, sealed, created, active) values ($1, $2, $3, $4)"
            );
            tx.execute(insert, &params![kid, sealed, world.now(), begin]).await?;
            return Ok(key);
        }
        Err(Problem::internal("no signing key could be drawn"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn a_key_is_made_a_day_before_it_signs() {
        assert_eq!(next_begin(&[], NOW), Some(NOW), "the first signs at once");
        let began = |days: i64, seconds: i64| NOW.plus_seconds(-days * 86_400 + seconds);
        assert_eq!(next_begin(&[NOW], NOW), None);
        assert_eq!(next_begin(&[began(29, 1)], NOW), None);
        assert_eq!(next_begin(&[began(29, 0)], NOW), Some(NOW.plus_seconds(LEAD_SECONDS)));
        assert_eq!(
            next_begin(&[began(100, 0)], NOW),
            Some(NOW.plus_seconds(LEAD_SECONDS)),
            "after a long sleep"
        );
        assert_eq!(next_begin(&[began(40, 0), NOW.plus_seconds(5)], NOW), None, "the next is there");
    }

    #[test]
    fn a_key_goes_a_day_after_another_signs() {
        let old = NOW.plus_seconds(-40 * 86_400);
        let new = |ago: i64| [old, NOW.plus_seconds(-ago)];
        assert!(!is_over(old, &new(KEEP_SECONDS - 1), NOW));
        assert!(is_over(old, &new(KEEP_SECONDS), NOW));
        assert!(!is_over(old, &[old], NOW), "the only key stays, however old");
        assert!(!is_over(NOW, &new(KEEP_SECONDS), NOW));
    }
}
