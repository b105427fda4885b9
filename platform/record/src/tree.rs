//! The trees in the database: growing them at the right edge, reading tiles for proofs.

use crate::error::{OfLog as _, RecordError};
use crate::log::Volume;
use daftar_kernel::Timestamp;
use daftar_store::{Row, StoreError, Tx, params, sql};
use transparency_log::Hash;
use transparency_log::checkpoint::Checkpoint;
use transparency_log::merkle::{self, EMPTY_ROOT, TileSet};
use transparency_log::note::Signer;
use transparency_log::tile::{Bundle, HASH_BYTES, Tile, push_entry};
use transparency_log::tree::{Appender, edge_tiles};

/// One log's row.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub size: u64,
    pub root: Hash,
    pub checkpoint: String,
    pub signed_at: Timestamp,
    pub cosigned: Option<String>,
    pub cosigned_size: Option<u64>,
    pub cosigned_at: Option<Timestamp>,
    pub frozen: Option<String>,
}

impl Head {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            size: row.get::<i64>(0)?.unsigned_abs(),
            root: row.get(1)?,
            checkpoint: row.get(2)?,
            signed_at: row.get(3)?,
            cosigned: row.get(4)?,
            cosigned_size: row.get::<Option<i64>>(5)?.map(i64::unsigned_abs),
            cosigned_at: row.get(6)?,
            frozen: row.get(7)?,
        })
    }
    /// The checkpoint to publish, with its size: the newest cosigned one, or the newest at all while none is.
    pub(crate) fn published(&self) -> (u64, &str) {
        match (&self.cosigned, self.cosigned_size) {
            (Some(text), Some(size)) => (size, text),
            _ => (self.size, &self.checkpoint),
        }
    }
}

/// A number as a column holds it. Sizes and indexes stay far below 2^63 (the tree refuses to grow past it).
pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The log's row; `None` before its first checkpoint.
pub(crate) async fn head(tx: &mut Tx, volume: Volume) -> Result<Option<Head>, StoreError> {
    tx.query_opt(
        sql!(
            "select size, root, checkpoint, signed_at, cosigned, cosigned_size, cosigned_at, frozen \
             from record_log where log = $1"
        ),
        &params![volume.code()],
    )
    .await?
    .as_ref()
    .map(Head::from_row)
    .transpose()
}

/// Size and root now; the empty tree before the first checkpoint.
pub(crate) fn size_and_root(head: Option<&Head>) -> (u64, Hash) {
    head.map_or((0, EMPTY_ROOT), |head| (head.size, head.root))
}

/// Appends leaves to the tree, stores the changed tiles, signs the new checkpoint and stores it. Reads only
/// the right edge. The caller publishes nothing before the transaction has committed.
pub(crate) async fn grow(
    tx: &mut Tx,
    volume: Volume,
    signer: &Signer,
    head: Option<&Head>,
    leaves: &[Hash],
    now: Timestamp,
) -> Result<u64, RecordError> {
    let (size, root) = size_and_root(head);
    let mut appender = edge(tx, volume, size).await?;
    if appender.root() != root {
        return Err(RecordError::damaged(
            volume.log,
            format!("the tiles of size {size} do not have the signed root"),
        ));
    }
    let grown = appender.append(leaves).of(volume.log)?;
    for changed in &grown.tiles {
        tx.execute(
            sql!(
                "insert into record_tile (log, level, tile, width, bytes) values ($1, $2, $3, $4, $5) \
                 on conflict (log, level, tile) do update set width = excluded.width, bytes = excluded.bytes"
            ),
            &params![
                volume.code(),
                i64::from(changed.tile.level),
                column(changed.tile.index),
                i64::from(changed.tile.width),
                &changed.bytes
            ],
        )
        .await?;
    }
    let origin = signer.verifier_key().name().to_string();
    let checkpoint =
        Checkpoint::new(&origin, grown.size, grown.root).sign(signer).of(volume.log)?.to_string();
    tx.execute(
        sql!(
            "insert into record_log (log, size, root, checkpoint, signed_at) values ($1, $2, $3, $4, $5) \
             on conflict (log) do update set size = excluded.size, root = excluded.root, \
             checkpoint = excluded.checkpoint, signed_at = excluded.signed_at"
        ),
        &params![volume.code(), column(grown.size), grown.root, checkpoint, now],
    )
    .await?;
    Ok(grown.size)
}

/// The right edge of the tree at a size up to the present one.
pub(crate) async fn edge(tx: &mut Tx, volume: Volume, size: u64) -> Result<Appender, RecordError> {
    let mut edge = Vec::new();
    for tile in edge_tiles(size) {
        edge.push((tile, tile_bytes(tx, volume, tile).await?.unwrap_or_default()));
    }
    Appender::resume(size, &edge).of(volume.log)
}

/// The first `tile.width` hashes of a tile; `None` when the log has fewer.
pub(crate) async fn tile_bytes(
    tx: &mut Tx,
    volume: Volume,
    tile: Tile,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx
        .query_opt(
            sql!("select bytes from record_tile where log = $1 and level = $2 and tile = $3"),
            &params![volume.code(), i64::from(tile.level), column(tile.index)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut bytes: Vec<u8> = row.get(0)?;
    let wanted = usize::from(tile.width) * HASH_BYTES;
    if bytes.len() < wanted {
        return Ok(None);
    }
    // A tile only ever grows at its end, so that a narrower one is a prefix.
    bytes.truncate(wanted);
    Ok(Some(bytes))
}

/// The tiles, ready for a proof.
pub(crate) async fn tile_set(tx: &mut Tx, volume: Volume, tiles: Vec<Tile>) -> Result<TileSet, RecordError> {
    let mut set = TileSet::new();
    for tile in tiles {
        if let Some(bytes) = tile_bytes(tx, volume, tile).await? {
            set.insert(tile, &bytes).of(volume.log)?;
        }
    }
    Ok(set)
}

/// The way from entry `index` to the root of the tree of `size` entries.
pub(crate) async fn inclusion(
    tx: &mut Tx,
    volume: Volume,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, RecordError> {
    let tiles = tile_set(tx, volume, merkle::tiles_for_inclusion(index, size)).await?;
    merkle::prove_inclusion(index, size, &tiles).of(volume.log)
}

/// The proof that the tree of `old` entries is the beginning of that of `size` entries.
pub(crate) async fn consistency(
    tx: &mut Tx,
    volume: Volume,
    old: u64,
    size: u64,
) -> Result<Vec<Hash>, RecordError> {
    let tiles = tile_set(tx, volume, merkle::tiles_for_consistency(old, size)).await?;
    merkle::prove_consistency(old, size, &tiles).of(volume.log)
}

/// The root the tree had at an earlier size.
pub(crate) async fn root_at(tx: &mut Tx, volume: Volume, size: u64) -> Result<Hash, RecordError> {
    Ok(edge(tx, volume, size).await?.root())
}

/// A bundle's bytes, made from the entries themselves; `None` when one of them is missing.
pub(crate) async fn bundle_bytes(
    tx: &mut Tx,
    volume: Volume,
    bundle: Bundle,
) -> Result<Option<Vec<u8>>, RecordError> {
    let entries = entries(tx, volume, bundle).await?;
    if entries.len() != usize::from(bundle.width) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for (_, entry) in &entries {
        push_entry(&mut bytes, entry).map_err(|error| RecordError::damaged(volume.log, error))?;
    }
    Ok(Some(bytes))
}

/// The entries of a bundle that are there, with their indexes, in order.
pub(crate) async fn entries(
    tx: &mut Tx,
    volume: Volume,
    bundle: Bundle,
) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let first = column(bundle.index.saturating_mul(256));
    tx.query(
        sql!("select idx, body from record_entry where log = $1 and idx >= $2 and idx < $3 order by idx"),
        &params![volume.code(), first, first.saturating_add(i64::from(bundle.width))],
    )
    .await?
    .iter()
    .map(|row| Ok((row.get::<i64>(0)?.unsigned_abs(), row.get(1)?)))
    .collect()
}
