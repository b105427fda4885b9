//! Epochs: the living keys are wrapped anew, and what wrapped them before is destroyed later.

use super::keyring::Keyring;
use super::{SharedKeys, Vault, epoch_name, epoch_number};
use crate::database::Database;
use crate::{Row, Store, StoreError, Tx, params, sql};
use aws_lc_rs::hmac;
use daftar_kernel::{Id, Timestamp};
use std::path::Path;
use std::sync::Arc;

/// How many keys one transaction wraps anew.
const REWRAP_BATCH: i64 = 500;

/// What a rotation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The new epoch.
    pub epoch: i64,
    /// How many keys were wrapped anew.
    pub rewrapped: u64,
}

/// The newest epoch: new keys are wrapped under it.
pub(super) async fn current(tx: &mut Tx) -> Result<i64, StoreError> {
    let row =
        tx.query_one(sql!("select cast(coalesce(max(number), 0) as bigint) from store_epoch"), &[]).await?;
    match row.get(0)? {
        0 => Err(StoreError::Missing("an epoch key: the vault was not opened".into())),
        number => Ok(number),
    }
}

/// A value by which an epoch key is recognised without being shown.
fn fingerprint(keyring: &Keyring, epoch: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let key = keyring.find(&epoch_name(epoch))?;
    Ok(key.map(|key| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &**key), b"daftar-epoch-fingerprint/1");
        tag.as_ref()[..16].to_vec()
    }))
}

async fn known(tx: &mut Tx) -> Result<Vec<Row>, StoreError> {
    tx.query(sql!("select number, fingerprint, destroyed_at from store_epoch order by number"), &[]).await
}

/// Opens the vault of a store whose tables exist: makes the first keys for a new one, and refuses keys that are not
/// those of this database.
pub(crate) async fn open(
    database: &Database,
    data_dir: &Path,
    shared: Option<Arc<dyn SharedKeys>>,
) -> Result<Vault, StoreError> {
    let world = database.world().clone();
    let known = database.read(|tx| Box::pin(known(tx))).await?;
    let keyring = Keyring::open(&data_dir.join("keys"), &world, known.is_empty())?.shared_with(shared)?;
    for row in &known {
        let number: i64 = row.get(0)?;
        if row.get::<Option<Timestamp>>(2)?.is_none()
            && fingerprint(&keyring, number)?.as_deref() != Some(row.get(1)?)
        {
            return Err(StoreError::Open {
                reason: format!(
                    "the key file {}.key is missing or belongs to another database",
                    epoch_name(number)
                ),
                next: "put back the keys folder of this database, from its key export and root key".into(),
            });
        }
    }
    let vault = Vault::new(keyring, world);
    if known.is_empty() {
        // A new database: with new keys, or with those of a country that moves here.
        let files = vault.keyring().sealed_files()?;
        let mut epochs: Vec<i64> = files.iter().filter_map(|(name, _)| epoch_number(name)).collect();
        if epochs.is_empty() {
            epochs.push(1);
        }
        for epoch in epochs {
            vault.begin_epoch(database, epoch).await?;
        }
    }
    Ok(vault)
}

impl Vault {
    async fn begin_epoch(&self, database: &Database, number: i64) -> Result<(), StoreError> {
        // The file first: an epoch the database knows must have its key.
        self.keyring().find_or_create(&epoch_name(number))?;
        let fingerprint = fingerprint(self.keyring(), number)?.unwrap_or_default();
        database
            .write(move |tx| {
                let fingerprint = fingerprint.clone();
                Box::pin(async move {
                    let now = tx.world().now();
                    let text = sql!(
                        "insert into store_epoch (number, fingerprint, created_at) values ($1, $2, $3)
                         on conflict (number) do nothing"
                    );
                    tx.execute(text, &params![number, fingerprint, now]).await.map(|_| ())
                })
            })
            .await
    }

    /// When the epoch that is used now began.
    ///
    /// # Errors
    /// The store's.
    pub async fn epoch_began(&self, store: &Store) -> Result<Timestamp, StoreError> {
        store
            .read(|tx| {
                Box::pin(async move {
                    let text = sql!("select created_at from store_epoch order by number desc limit 1");
                    tx.query_one(text, &[]).await?.get(0)
                })
            })
            .await
    }

    /// Begins a new epoch and wraps every living key anew, some at a time, while others work on. If it is
    /// interrupted, [`Vault::finish_rotation`] carries on.
    ///
    /// # Errors
    /// The store's.
    pub async fn rotate_epoch(&self, store: &Store) -> Result<Rotation, StoreError> {
        let current = store.read(|tx| Box::pin(current(tx))).await?;
        self.begin_epoch(store.database(), current + 1).await?;
        self.finish_rotation(store).await
    }

    /// Wraps anew what is still wrapped under older epochs, and marks those as retired.
    ///
    /// # Errors
    /// The store's.
    pub async fn finish_rotation(&self, store: &Store) -> Result<Rotation, StoreError> {
        let epoch = store.read(|tx| Box::pin(current(tx))).await?;
        let mut rewrapped = 0;
        let mut after = (Id::from_bytes([0; 16]), String::new());
        loop {
            let (vault, from) = (self.clone(), after.clone());
            let batch = store.write(move |tx| {
                let (vault, from) = (vault.clone(), from.clone());
                Box::pin(async move { vault.rewrap_batch(tx, epoch, from).await })
            });
            let (count, last) = batch.await?;
            rewrapped += count;
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
        store
            .write(move |tx| {
                Box::pin(async move {
                    let now = tx.world().now();
                    let retire = sql!(
                        "update store_epoch set retired_at = $2 where number < $1 and retired_at is null
                         and not exists (select 1 from store_key where store_key.epoch = store_epoch.number)"
                    );
                    tx.execute(retire, &params![epoch, now]).await
                })
            })
            .await
            .map(|_: u64| Rotation { epoch, rewrapped })
    }

    /// Wraps the next keys of older epochs anew; answers how many and where to go on.
    async fn rewrap_batch(
        &self,
        tx: &mut Tx,
        epoch: i64,
        after: (Id, String),
    ) -> Result<(u64, Option<(Id, String)>), StoreError> {
        let text = sql!(
            "select subject, class, epoch, wrapped from store_key
             where epoch < $1 and wrapped is not null and (subject, class) > ($2, $3)
             order by subject, class limit $4"
        );
        let rows = tx.query(text, &params![epoch, after.0, after.1, REWRAP_BATCH]).await?;
        let mut last = None;
        for row in &rows {
            let (subject, class) = (row.get::<Id>(0)?, row.get::<String>(1)?);
            let key = self.unwrap_key(row.get(2)?, subject, &class, row.get(3)?)?;
            let wrapped = self.wrap_key(epoch, subject, &class, &key)?;
            let text =
                sql!("update store_key set epoch = $3, wrapped = $4 where subject = $1 and class = $2");
            tx.execute(text, &params![subject, &class, epoch, wrapped]).await?;
            last = Some((subject, class));
        }
        Ok((rows.len() as u64, last))
    }

    /// Destroys the keys of epochs that were retired at least `keep_days` ago; answers which. After this no backup
    /// from their time can give an erased person back, and living persons need the current key export to be
    /// restored.
    ///
    /// # Errors
    /// The store's.
    pub async fn destroy_old_epochs(
        &self,
        store: &Store,
        now: Timestamp,
        keep_days: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let before = now.plus_seconds(-i64::from(keep_days) * 86_400);
        let doomed: Vec<i64> = store
            .write(move |tx| {
                Box::pin(async move {
                    let text = sql!(
                        "update store_epoch set destroyed_at = $2
                         where retired_at is not null and retired_at <= $1 and destroyed_at is null
                           and not exists (select 1 from store_key where store_key.epoch = store_epoch.number)
                         returning number"
                    );
                    let rows = tx.query(text, &params![before, now]).await?;
                    rows.iter().map(|row| row.get(0)).collect::<Result<_, StoreError>>()
                })
            })
            .await?;
        // Also files of epochs marked by a run that was interrupted here.
        let destroyed = store
            .read(|tx| {
                Box::pin(async move {
                    let text =
                        sql!("select number from store_epoch where destroyed_at is not null order by number");
                    let rows = tx.query(text, &[]).await?;
                    rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, StoreError>>()
                })
            })
            .await?;
        for number in destroyed {
            self.keyring().destroy(&epoch_name(number))?;
        }
        Ok(doomed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::World;

    #[test]
    fn a_fingerprint_tells_keys_apart() {
        let dir = tempfile::tempdir().unwrap();
        let ring = Keyring::open(&dir.path().join("keys"), &World::system(), true).unwrap();
        assert_eq!(fingerprint(&ring, 1).unwrap(), None);
        ring.find_or_create(&epoch_name(1)).unwrap();
        ring.find_or_create(&epoch_name(2)).unwrap();
        let (one, two) = (fingerprint(&ring, 1).unwrap(), fingerprint(&ring, 2).unwrap());
        assert!(one.is_some() && one != two);
        assert_eq!(fingerprint(&ring, 1).unwrap(), one);
    }
}
