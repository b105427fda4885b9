//! The map of persons' heads in the database. Nodes that a batch replaces are kept until the batch is
//! cosigned, so that a person can always be shown a proof that witnesses have seen.

use crate::error::{OfLog as _, RecordError};
use crate::log::Log;
use crate::tree::column;
use daftar_store::{Row, StoreError, Tx, Value, params, sql};
use std::collections::BTreeMap;
use transparency_log::Hash;
use transparency_log::map::{Change, Node, NodeId, View};

/// How many batches back replaced nodes are kept while no quorum cosigns. Past it a proof leads to a root
/// that is signed but not cosigned, instead of the database growing for as long as the witnesses are away.
pub const MAX_KEPT_EPOCHS: u64 = 120;

/// Ids in one statement.
const CHUNK: usize = 32;

/// Sets these persons' values and gives the new root.
pub(crate) async fn update(
    tx: &mut Tx,
    root: Hash,
    persons: &[(Hash, Hash)],
    epoch: u64,
    cosigned_epoch: u64,
) -> Result<Hash, RecordError> {
    let view = view(tx, root, persons.iter().map(|(person, _)| *person), None).await?;
    let changes: Vec<Change> = persons.iter().map(|(person, value)| Change::put(*person, *value)).collect();
    let update = view.update(&changes).of(Log::Access)?;
    let ids: Vec<NodeId> = update.nodes.iter().map(|(id, _)| *id).collect();
    for chunk in ids.chunks(CHUNK) {
        let mut params = padded(chunk);
        params.push(column(epoch).into());
        tx.execute(
            sql!(
                "insert into record_map_old (node, until_epoch, body) select node, cast($33 as bigint), \
                 body from record_map_node where node in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
                 $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, \
                 $30, $31, $32)"
            ),
            &params,
        )
        .await?;
    }
    for (id, node) in &update.nodes {
        tx.execute(
            sql!(
                "insert into record_map_node (node, epoch, body) values ($1, $2, $3) \
                 on conflict (node) do update set epoch = excluded.epoch, body = excluded.body"
            ),
            &params![id.to_bytes(), column(epoch), node.as_ref().map(Node::to_bytes)],
        )
        .await?;
    }
    let needless = cosigned_epoch.max(epoch.saturating_sub(MAX_KEPT_EPOCHS));
    tx.execute(sql!("delete from record_map_old where until_epoch <= $1"), &params![column(needless)])
        .await?;
    Ok(update.root)
}

/// The map along the paths of these keys: as it is now, or as it was after batch `epoch`.
pub(crate) async fn view(
    tx: &mut Tx,
    root: Hash,
    keys: impl IntoIterator<Item = Hash>,
    epoch: Option<u64>,
) -> Result<View, RecordError> {
    let mut view = View::new(root, keys);
    loop {
        let wanted = view.wanted();
        if wanted.is_empty() {
            return Ok(view);
        }
        let mut found = Vec::with_capacity(wanted.len());
        for chunk in wanted.chunks(CHUNK) {
            for (id, body) in bodies(tx, chunk, epoch).await? {
                let id = NodeId::from_bytes(&id).of(Log::Access)?;
                found.push((id, Node::from_bytes(&body).of(Log::Access)?));
            }
        }
        view.supply(found).of(Log::Access)?;
    }
}

/// The bodies of up to [`CHUNK`] nodes.
async fn bodies(
    tx: &mut Tx,
    ids: &[NodeId],
    epoch: Option<u64>,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
    let mut params = padded(ids);
    let now = tx
        .query(
            sql!(
                "select node, epoch, body from record_map_node where node in ($1, $2, $3, $4, $5, $6, $7, \
                 $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, \
                 $26, $27, $28, $29, $30, $31, $32)"
            ),
            &params,
        )
        .await?;
    let read = |row: &Row| Ok::<_, StoreError>((row.get::<Vec<u8>>(0)?, row.get::<i64>(1)?, row.get(2)?));
    let mut bodies: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
    let Some(epoch) = epoch.map(column) else {
        for row in &now {
            let (node, _, body) = read(row)?;
            bodies.insert(node, body);
        }
        return Ok(present(bodies));
    };
    for row in &now {
        let (node, since, body) = read(row)?;
        if since <= epoch {
            bodies.insert(node, body);
        }
    }
    params.push(epoch.into());
    let old = tx
        .query(
            sql!(
                "select node, until_epoch, body from record_map_old where node in ($1, $2, $3, $4, $5, $6, \
                 $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
                 $25, $26, $27, $28, $29, $30, $31, $32) and until_epoch > $33 order by until_epoch desc"
            ),
            &params,
        )
        .await?;
    // Descending: what was replaced soonest after the epoch comes last and stands.
    for row in &old {
        let (node, _, body) = read(row)?;
        bodies.insert(node, body);
    }
    Ok(present(bodies))
}

fn present(bodies: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Vec<(Vec<u8>, Vec<u8>)> {
    bodies.into_iter().filter_map(|(node, body)| Some((node, body?))).collect()
}

/// Exactly [`CHUNK`] parameters: the last id again for those that are missing, which `in` does not mind.
fn padded(ids: &[NodeId]) -> Vec<Value> {
    let mut params: Vec<Value> = ids.iter().map(|id| id.to_bytes().into()).collect();
    if let Some(last) = params.last().cloned() {
        params.resize(CHUNK, last);
    }
    params
}
