//! From keyed hashes to people.

use crate::enroll::HASH_BYTES;
use crate::keys::KeyKind;
use crate::version::Version;
use crate::{tokens, version};
use daftar_kernel::Id;
use daftar_store::{Store, StoreError, Tx, Value, params, sql};

/// Hashes that one statement asks for.
const HASHES_AT_ONCE: usize = 16;
/// Rows one statement may give.
const ROWS_AT_ONCE: i64 = 2_000;

/// The parameters of `hash in (...)`: the last one repeated where there are fewer.
fn padded(hashes: &[[u8; 32]]) -> impl Iterator<Item = Value> {
    let last = hashes.len().saturating_sub(1);
    (0..HASHES_AT_ONCE)
        .filter_map(move |i| hashes.get(i.min(last)))
        .map(|hash| Value::from(&hash[..HASH_BYTES]))
}

/// The records found under any of these hashes, without repetitions, at most `limit`; a hash that stands
/// earlier is asked for earlier, so strong ones should come first. A record may have been absorbed: see [`writing`].
pub(crate) async fn records_with(
    tx: &mut Tx,
    hashes: &[[u8; 32]],
    limit: usize,
) -> Result<Vec<Id>, StoreError> {
    let select = sql!(
        "select distinct person from identity_index where hash in \
         ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) order by person limit $17"
    );
    let mut people: Vec<Id> = Vec::new();
    for chunk in hashes.chunks(HASHES_AT_ONCE) {
        if people.len() >= limit {
            break;
        }
        let mut parameters: Vec<Value> = padded(chunk).collect();
        parameters.push(i64::try_from(limit).unwrap_or(ROWS_AT_ONCE).into());
        for row in tx.query(select, &parameters).await? {
            let person = row.get(0)?;
            if people.len() < limit && !people.contains(&person) {
                people.push(person);
            }
        }
    }
    Ok(people)
}

/// One way in which somebody is written down: the newest version of a record, and the person it speaks of.
#[derive(Clone, Debug)]
pub(crate) struct Writing {
    /// The record that stands for the person now.
    pub(crate) person: Id,
    /// The record that says it: the same, or one that was absorbed.
    pub(crate) record: Id,
    /// What it says.
    pub(crate) version: Version,
}

impl Writing {
    /// Whether the record that says it is the one that stands.
    pub(crate) fn is_own(&self) -> bool {
        self.person == self.record
    }
}

/// What a record that was found says, and of whom; `None` when it was erased. For a record that stands it costs one read.
pub(crate) async fn writing(store: &Store, tx: &mut Tx, record: Id) -> Result<Option<Writing>, StoreError> {
    if let Some(version) = version::current(store, tx, record).await? {
        return Ok(Some(Writing { person: record, record, version }));
    }
    let Some(version) = version::newest(store, tx, record).await? else { return Ok(None) };
    Ok(Some(Writing { person: tokens::living(tx, record).await?, record, version }))
}

/// Every way in which a person is written down: the record that stands first, then those it absorbed.
pub(crate) async fn writings(store: &Store, tx: &mut Tx, person: Id) -> Result<Vec<Writing>, StoreError> {
    let mut all = Vec::new();
    for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
        if let Some(version) = version::newest(store, tx, record).await? {
            all.push(Writing { person, record, version });
        }
    }
    Ok(all)
}

/// Who stands behind the next keys from a place of the index on, without repetitions.
pub(crate) async fn sample(tx: &mut Tx, from: [u8; 32], rows: usize) -> Result<Vec<Id>, StoreError> {
    let select = sql!("select person from identity_index where hash >= $1 order by hash limit $2");
    let rows = i64::try_from(rows).unwrap_or(ROWS_AT_ONCE);
    let mut people: Vec<Id> = Vec::new();
    for row in tx.query(select, &params![&from[..HASH_BYTES], rows]).await? {
        let person = row.get(0)?;
        if !people.contains(&person) {
            people.push(person);
        }
    }
    Ok(people)
}

/// The person of a national number, by its hash: whoever absorbed the record it was given to, if somebody did.
pub(crate) async fn of_number(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<Id>, StoreError> {
    let select = sql!("select person from identity_number where hash = $1 and person is not null");
    match tx.query_opt(select, &params![hash]).await? {
        Some(row) => tokens::living(tx, row.get(0)?).await.map(Some),
        None => Ok(None),
    }
}

/// For an import: who is in the register already, apart from what this import brought, for each hash.
pub(crate) async fn known_before(
    tx: &mut Tx,
    import: Id,
    hashes: &[(KeyKind, [u8; 32])],
) -> Result<std::collections::HashMap<[u8; HASH_BYTES], Vec<Id>>, StoreError> {
    let select = sql!(
        "select i.hash, i.person, p.merged_into from identity_index i join identity_person p on p.id = i.person \
         where i.hash in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         and (p.import is null or p.import <> $17) order by i.hash, i.person limit $18"
    );
    let mut known: std::collections::HashMap<_, Vec<Id>> = std::collections::HashMap::new();
    let bare: Vec<[u8; 32]> = hashes.iter().map(|(_, hash)| *hash).collect();
    for chunk in bare.chunks(HASHES_AT_ONCE) {
        let mut parameters: Vec<Value> = padded(chunk).collect();
        parameters.push(import.into());
        parameters.push(ROWS_AT_ONCE.into());
        for row in tx.query(select, &parameters).await? {
            let Some(hash) = row.get::<&[u8]>(0)?.first_chunk::<HASH_BYTES>().copied() else { continue };
            let (record, absorbed): (Id, Option<Id>) = (row.get(1)?, row.get(2)?);
            let person = if absorbed.is_some() { tokens::living(tx, record).await? } else { record };
            let people: &mut Vec<Id> = known.entry(hash).or_default();
            if people.len() < MAX_TWINS && !people.contains(&person) {
                people.push(person);
            }
        }
    }
    Ok(known)
}

/// People listed for one row and one key.
pub(crate) const MAX_TWINS: usize = 3;
