//! The vault: what is known about a person is sealed under keys of that person, and erased by destroying them.
//!
//! Root key (a file) -> epoch keys (files, sealed under the root key) -> one key per person and class (rows of
//! `store_key`, wrapped under an epoch key) -> sealed data. Erasing a person empties their rows. Copies of those rows
//! live on in backups and log archives, but only wrapped under the epoch key of that time: every epoch the living
//! keys are wrapped anew, and the old epoch key is destroyed some days later, after which those copies open nothing.

mod cache;
mod epochs;
pub(crate) mod keyring;
pub(crate) mod sealed;
mod shared;

pub(crate) use cache::KeyCache;
pub use epochs::Rotation;
pub(crate) use epochs::open;
pub use shared::SharedKeys;

use crate::{StoreError, Tx, params, sql};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use daftar_kernel::{Id, Timestamp, World};
use keyring::Keyring;
use sealed::Key;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The longest plain text that is sealed at once, in bytes. Larger things are blobs of several parts.
pub const PLAIN_LIMIT: usize = 64 * 1024 * 1024;
/// The longest name of a class of data, in bytes.
pub const CLASS_LIMIT: usize = 64;

const INDEX_KEY: &str = "index";

/// Seals and opens personal data. Cheap to clone.
///
/// `subject` is the token by which the calling service knows the person; `class` the retention class of the data
/// (`core`, `contact`, ...); `context` names the place of the sealed bytes (table, column, row), so that bytes moved
/// to another row do not open.
#[derive(Clone)]
pub struct Vault {
    keyring: Arc<Keyring>,
    world: World,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    pub(crate) fn new(keyring: Keyring, world: World) -> Self {
        Self { keyring: Arc::new(keyring), world }
    }

    /// Seals `plain` for this person, class and place; makes the key at first use.
    ///
    /// # Errors
    /// [`StoreError::Erased`] for an erased person or class; the store's.
    pub async fn seal(
        &self,
        tx: &mut Tx,
        subject: Id,
        class: &str,
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        if plain.len() > PLAIN_LIMIT {
            return Err(StoreError::TooLarge { what: "data to seal", limit: PLAIN_LIMIT });
        }
        let key = match self.find_key(tx, subject, class).await? {
            Some(key) => key,
            None => self.create_key(tx, subject, class).await?,
        };
        sealed::seal(&key, self.world.bytes(), &bound(subject, class, context), plain)
    }

    /// Says that this subject was drawn at random for this very transaction: nothing was ever sealed for it, so
    /// its keys are made without looking for older ones. On PostgreSQL two transactions that look for what is not there
    /// and then write beside each other collide; on both engines it saves the look-ups.
    pub fn expect_new(&self, tx: &mut Tx, subject: Id) {
        tx.keys().mark_fresh(subject);
    }

    /// Opens what [`Vault::seal`] made for the same person, class and place.
    ///
    /// # Errors
    /// [`StoreError::Erased`] when the key was destroyed, [`StoreError::Sealed`] when the bytes do not belong here.
    pub async fn open(
        &self,
        tx: &mut Tx,
        subject: Id,
        class: &str,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let Some(key) = self.find_key(tx, subject, class).await? else {
            return Err(match is_erased(tx, subject).await? {
                true => StoreError::Erased,
                false => StoreError::Sealed("there is no key for it"),
            });
        };
        sealed::open(&key, &bound(subject, class, context), sealed)
    }

    /// Destroys all keys of a person, for good; answers how many. What was sealed under them can never be opened
    /// again, and nothing can be sealed for them any more. Afterwards call
    /// [`Store::scrub`](crate::Store::scrub), which clears what the engine still holds of the rows.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase(&self, tx: &mut Tx, subject: Id) -> Result<u64, StoreError> {
        tx.keys().clear();
        let now = tx.world().now();
        let mark =
            sql!("insert into store_erased (subject, erased_at) values ($1, $2) on conflict do nothing");
        tx.execute(mark, &params![subject, now]).await?;
        let destroy = sql!("delete from store_key where subject = $1");
        tx.execute(destroy, &params![subject]).await
    }

    /// Destroys the key of one class of a person's data, when its retention has ended; false when there is none.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase_class(&self, tx: &mut Tx, subject: Id, class: &str) -> Result<bool, StoreError> {
        tx.keys().clear();
        let destroy = sql!(
            "update store_key set wrapped = $3, epoch = 0 where subject = $1 and class = $2 and wrapped is not null"
        );
        Ok(tx.execute(destroy, &params![subject, class, None::<Vec<u8>>]).await? == 1)
    }

    /// A keyed digest (HMAC-SHA-256) of combined fields, for looking a person up without an index over plain text.
    /// `purpose` keeps indexes apart. Equal fields give equal digests: combine enough of them.
    ///
    /// # Errors
    /// When the index key cannot be read.
    pub fn blind_index(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], StoreError> {
        let key = self.keyring.find_or_create(INDEX_KEY)?;
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &**key));
        // Each part with its length, so that no two lists of parts look alike.
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().try_into().map_err(|_| StoreError::Sealed("the index key is not usable"))
    }

    /// The Ed25519 key pair of this name, made at first use and kept in a file under the root key.
    ///
    /// # Errors
    /// When the name is not plain (`a-z`, `0-9`, `-`, at most 59 bytes) or the file cannot be read or written.
    pub fn sign_key(&self, name: &str) -> Result<Ed25519KeyPair, StoreError> {
        let seed = self.sign_seed(name)?;
        Ed25519KeyPair::from_seed_unchecked(&*seed)
            .map_err(|_| StoreError::Sealed("a signing key is not usable"))
    }

    /// The 32-byte seed (RFC 8032 §5.1.5) of [`Vault::sign_key`], for libraries that take one.
    ///
    /// # Errors
    /// As [`Vault::sign_key`].
    pub fn sign_seed(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        Ok(Zeroizing::clone(&*self.keyring.find_or_create(&format!("sign-{name}"))?))
    }

    /// When a person was erased, if they were.
    ///
    /// # Errors
    /// The store's.
    pub async fn erased_at(&self, tx: &mut Tx, subject: Id) -> Result<Option<Timestamp>, StoreError> {
        let row = tx
            .query_opt(sql!("select erased_at from store_erased where subject = $1"), &params![subject])
            .await?;
        row.map(|row| row.get(0)).transpose()
    }

    async fn find_key(&self, tx: &mut Tx, subject: Id, class: &str) -> Result<Option<Arc<Key>>, StoreError> {
        if class.is_empty() || class.len() > CLASS_LIMIT {
            return Err(StoreError::TooLarge { what: "the name of a class of data", limit: CLASS_LIMIT });
        }
        if let Some(key) = tx.keys().get(subject, class) {
            return Ok(Some(key));
        }
        if tx.keys().is_fresh(subject) {
            return Ok(None);
        }
        let find = sql!("select epoch, wrapped from store_key where subject = $1 and class = $2");
        let Some(row) = tx.query_opt(find, &params![subject, class]).await? else { return Ok(None) };
        let Some(wrapped) = row.get::<Option<&[u8]>>(1)? else { return Err(StoreError::Erased) };
        let key = Arc::new(self.unwrap_key(row.get(0)?, subject, class, wrapped)?);
        tx.keys().put(subject, class, &key);
        Ok(Some(key))
    }

    async fn create_key(&self, tx: &mut Tx, subject: Id, class: &str) -> Result<Arc<Key>, StoreError> {
        if !tx.keys().is_fresh(subject) && is_erased(tx, subject).await? {
            return Err(StoreError::Erased);
        }
        let known = *tx.keys().epoch();
        let epoch = match known {
            Some(epoch) => epoch,
            None => epochs::current(tx).await?,
        };
        *tx.keys().epoch() = Some(epoch);
        let key = Arc::new(Zeroizing::new(self.world.bytes::<32>()));
        let wrapped = self.wrap_key(epoch, subject, class, &key)?;
        let insert = sql!("insert into store_key (subject, class, epoch, wrapped) values ($1, $2, $3, $4)");
        tx.execute(insert, &params![subject, class, epoch, wrapped]).await?;
        tx.keys().put(subject, class, &key);
        Ok(key)
    }

    fn epoch_key(&self, epoch: i64) -> Result<Arc<Key>, StoreError> {
        // A row that was copied from before a rotation long ago: its key is gone on purpose.
        self.keyring.find(&epoch_name(epoch))?.ok_or(StoreError::Erased)
    }

    fn wrap_key(&self, epoch: i64, subject: Id, class: &str, key: &Key) -> Result<Vec<u8>, StoreError> {
        let context = bound(subject, class, format!("epoch {epoch}").as_bytes());
        sealed::seal(&*self.epoch_key(epoch)?, self.world.bytes(), &context, &**key)
    }

    fn unwrap_key(&self, epoch: i64, subject: Id, class: &str, wrapped: &[u8]) -> Result<Key, StoreError> {
        let context = bound(subject, class, format!("epoch {epoch}").as_bytes());
        sealed::open_key(&*self.epoch_key(epoch)?, &context, wrapped)
    }

    /// The vault of a folder of keys whose database is not there yet.
    pub(crate) fn of_folder(data_dir: &Path, world: &World) -> Result<Self, StoreError> {
        Ok(Self::new(Keyring::open(&data_dir.join("keys"), world, false)?, world.clone()))
    }
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }
}

async fn is_erased(tx: &mut Tx, subject: Id) -> Result<bool, StoreError> {
    let row = tx.query_opt(sql!("select 1 from store_erased where subject = $1"), &params![subject]).await?;
    Ok(row.is_some())
}

fn epoch_name(epoch: i64) -> String {
    format!("epoch-{epoch:06}")
}

fn epoch_number(name: &str) -> Option<i64> {
    name.strip_prefix("epoch-")?.parse().ok()
}

/// The associated data: whose, of which class, and where; with lengths, so that no two look alike.
fn bound(subject: Id, class: &str, context: &[u8]) -> Vec<u8> {
    let mut out = b"daftar-seal/1\0".to_vec();
    out.extend_from_slice(subject.as_bytes());
    out.extend_from_slice(&(class.len() as u64).to_be_bytes());
    out.extend_from_slice(class.as_bytes());
    out.extend_from_slice(context);
    out
}
