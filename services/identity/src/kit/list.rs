//! What is known of packets without opening any: for the desk's pages, for erasure, and for the person they were about.

use super::kits::Kit;
use super::receive::State;
use crate::people::People;
use crate::permission;
use daftar_kernel::{Actor, Id, Problem, Timestamp, hex};
use daftar_store::{Row, StoreError, Tx, params, sql};
use enrolment_packet::chain::gaps;
use std::collections::BTreeMap;

/// Packets of one state that a page lists, the newest.
pub const MAX_LISTED: i64 = 200;
/// Stretches of missing numbers that a page lists for an installation.
pub const MAX_GAPS: usize = 50;

/// A packet, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketRow {
    /// Its identifier.
    pub id: Id,
    /// The kit it came from.
    pub kit: Id,
    /// Its number within its installation.
    pub sequence: i64,
    /// What became of it; `None` when the person was erased since.
    pub state: Option<State>,
    /// Why it was held.
    pub reason: String,
    /// The number on the person's paper.
    pub reference: String,
    /// Who enrolled the person.
    pub operator: Option<Id>,
    /// Their name.
    pub operator_name: String,
    /// The identifier its content is sealed under.
    pub(crate) subject: Id,
    /// The person it belongs to.
    pub person: Option<Id>,
    /// When it was made, as well as can be told.
    pub made_at: Timestamp,
    /// What is odd about that time: `early`, `late` or empty.
    pub time_odd: String,
    /// When it arrived.
    pub received_at: Timestamp,
    pub(crate) content: Option<String>,
    /// How many documents came with it.
    pub documents: i64,
    /// Receipt of its arrival.
    pub receipt: Id,
}

impl PacketRow {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get(0)?,
            kit: row.get(1)?,
            sequence: row.get(2)?,
            state: State::from_word(row.get(3)?),
            reason: row.get(4)?,
            reference: row.get(5)?,
            operator: row.get(6)?,
            operator_name: row.get(7)?,
            subject: row.get(8)?,
            person: row.get(9)?,
            made_at: row.get(10)?,
            time_odd: row.get(11)?,
            received_at: row.get(12)?,
            content: row.get(13)?,
            documents: row.get(14)?,
            receipt: row.get(15)?,
        })
    }
}

/// One life of the software on a kit's device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Its name, in hexadecimal.
    pub name: String,
    /// When its first packet arrived.
    pub first: Timestamp,
    /// How many packets arrived.
    pub packets: usize,
    /// The last number that arrived.
    pub last: u64,
    /// Numbers that have not arrived: first and last of each stretch.
    pub missing: Vec<(u64, u64)>,
}

/// A packet that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The number it claimed.
    pub sequence: i64,
    /// Why.
    pub reason: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// A kit with everything that came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitView {
    /// The kit.
    pub kit: Kit,
    /// Who works with it.
    pub operators: Vec<String>,
    /// Its installations, the oldest first.
    pub installations: Vec<Installation>,
    /// How many packets by state's word.
    pub counts: BTreeMap<String, i64>,
    /// Packets that wait for a decision.
    pub held: Vec<PacketRow>,
    /// The newest that were merged or refused.
    pub settled: Vec<PacketRow>,
    /// Those that could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl People {
    /// A kit with everything that came of it.
    ///
    /// # Errors
    /// 404 when the agency has none such; 403 without the permission; the store's.
    pub async fn kit_view(&self, actor: &Actor, id: Id) -> Result<KitView, Problem> {
        self.office.need(actor, permission::KIT)?;
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .read(move |tx| {
                let (people, actor) = (people.clone(), actor.clone());
                Box::pin(async move {
                    let kit = people.kit_in(tx, &actor, id).await?;
                    let names =
                        sql!("select distinct name from identity_kit_operator where kit = $1 order by name");
                    let names = tx.query(names, &params![id]).await?;
                    let operators = names.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
                    let counted =
                        sql!("select state, count(*) from identity_packet where kit = $1 group by state");
                    let counted = tx.query(counted, &params![id]).await?;
                    let counts = counted.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
                    Ok(KitView {
                        operators,
                        counts: counts.collect::<Result<_, StoreError>>()?,
                        installations: installations(tx, id).await?,
                        held: rows_in(tx, id, true).await?,
                        settled: rows_in(tx, id, false).await?,
                        unreadable: unreadable(tx, id).await?,
                        kit,
                    })
                })
            })
            .await
    }

    /// The packet with this number on the person's paper, among those of the actor's agency; the newest when there are several.
    ///
    /// # Errors
    /// 404 when there is none; 403 without the permission; the store's.
    pub async fn packet_of_reference(&self, actor: &Actor, typed: &str) -> Result<PacketRow, Problem> {
        self.office.need(actor, permission::KIT)?;
        let reference = enrolment_packet::reference::read(typed).ok_or_else(Problem::not_found)?;
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .read(move |tx| {
                let (people, actor, reference) = (people.clone(), actor.clone(), reference.clone());
                Box::pin(async move {
                    let one = sql!(
                        "select id, kit, sequence, state, reason, reference, operator, operator_name, subject, person, \
                         made_at, time_odd, received_at, content, documents, receipt from identity_packet \
                         where reference = $1 order by received_at desc limit 1"
                    );
                    let row = tx.query_opt(one, &params![&reference]).await?.ok_or_else(Problem::not_found)?;
                    let row = PacketRow::of(&row)?;
                    people.kit_in(tx, &actor, row.kit).await?;
                    Ok(row)
                })
            })
            .await
    }

    /// A packet of the actor's agency, without opening it.
    ///
    /// # Errors
    /// 404 when there is none; 403 without the permission; the store's.
    pub async fn packet(&self, actor: &Actor, id: Id) -> Result<(PacketRow, Kit), Problem> {
        self.office.need(actor, permission::KIT)?;
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .read(move |tx| {
                let (people, actor) = (people.clone(), actor.clone());
                Box::pin(async move {
                    let row = packet_row(tx, id).await?;
                    let kit = people.kit_in(tx, &actor, row.kit).await?;
                    Ok((row, kit))
                })
            })
            .await
    }
}

pub(super) async fn packet_row(tx: &mut Tx, id: Id) -> Result<PacketRow, Problem> {
    let one = sql!(
        "select id, kit, sequence, state, reason, reference, operator, operator_name, subject, person, made_at, \
         time_odd, received_at, content, documents, receipt from identity_packet where id = $1"
    );
    let row = tx.query_opt(one, &params![id]).await?.ok_or_else(Problem::not_found)?;
    Ok(PacketRow::of(&row)?)
}

async fn rows_in(tx: &mut Tx, kit: Id, held: bool) -> Result<Vec<PacketRow>, StoreError> {
    let rows = if held {
        let waiting = sql!(
            "select id, kit, sequence, state, reason, reference, operator, operator_name, subject, person, made_at, \
             time_odd, received_at, content, documents, receipt from identity_packet \
             where kit = $1 and state = 'held' order by received_at, id limit $2"
        );
        tx.query(waiting, &params![kit, MAX_LISTED]).await?
    } else {
        let settled = sql!(
            "select id, kit, sequence, state, reason, reference, operator, operator_name, subject, person, made_at, \
             time_odd, received_at, content, documents, receipt from identity_packet \
             where kit = $1 and state <> 'held' order by received_at desc, id desc limit $2"
        );
        tx.query(settled, &params![kit, MAX_LISTED]).await?
    };
    rows.iter().map(PacketRow::of).collect()
}

async fn installations(tx: &mut Tx, kit: Id) -> Result<Vec<Installation>, StoreError> {
    let all = sql!(
        "select installation, sequence, received_at from identity_packet where kit = $1 and branch = 0 \
         order by installation, sequence"
    );
    let mut found: BTreeMap<Vec<u8>, (Timestamp, Vec<u64>)> = BTreeMap::new();
    for row in tx.query(all, &params![kit]).await? {
        let at: Timestamp = row.get(2)?;
        let one = found.entry(row.get(0)?).or_insert((at, Vec::new()));
        one.0 = one.0.min(at);
        one.1.push(u64::try_from(row.get::<i64>(1)?).unwrap_or(0));
    }
    let mut list: Vec<Installation> = found
        .into_iter()
        .map(|(name, (first, sequences))| Installation {
            name: hex::encode(&name),
            first,
            packets: sequences.len(),
            last: sequences.last().copied().unwrap_or(0),
            missing: gaps(sequences, MAX_GAPS),
        })
        .collect();
    list.sort_by_key(|one| one.first);
    Ok(list)
}

async fn unreadable(tx: &mut Tx, kit: Id) -> Result<Vec<Unreadable>, StoreError> {
    let all = sql!(
        "select sequence, reason, bytes, received_at from identity_packet_refused where kit = $1 \
         order by received_at desc, hash limit $2"
    );
    let rows = tx.query(all, &params![kit, MAX_LISTED]).await?;
    let read = |row: &Row| {
        Ok(Unreadable {
            sequence: row.get(0)?,
            reason: row.get(1)?,
            bytes: row.get(2)?,
            received_at: row.get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// A packet about a person, as the person may know it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MyPacket {
    /// The number on the paper.
    pub reference: String,
    /// What the kit is called.
    pub kit: String,
    /// Who enrolled the person.
    pub operator: String,
    /// When it was made, as well as can be told.
    pub made_at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// How many documents of it are kept.
    pub documents: i64,
    /// Receipt of its arrival.
    pub receipt: Id,
}

/// The packets about a person, the oldest first.
pub(crate) async fn of_person(tx: &mut Tx, person: Id) -> Result<Vec<MyPacket>, StoreError> {
    let all = sql!(
        "select p.reference, k.name, p.operator_name, p.made_at, p.received_at, p.documents, p.receipt \
         from identity_packet p join identity_kit k on k.id = p.kit where p.person = $1 \
         order by p.received_at, p.id limit $2"
    );
    let rows = tx.query(all, &params![person, MAX_LISTED]).await?;
    let read = |row: &Row| {
        Ok(MyPacket {
            reference: row.get(0)?,
            kit: row.get(1)?,
            operator: row.get(2)?,
            made_at: row.get(3)?,
            received_at: row.get(4)?,
            documents: row.get(5)?,
            receipt: row.get(6)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Takes a person out of their packets; answers the blobs that are to be removed. That such a packet came stays, so that the
/// same packet, sent again, does not register somebody who was erased.
pub(crate) async fn erase(tx: &mut Tx, person: Id) -> Result<Vec<String>, StoreError> {
    let blobs = sql!("select content from identity_packet where person = $1 and content is not null");
    let rows = tx.query(blobs, &params![person]).await?;
    let blobs = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    let clear = sql!(
        "update identity_packet set state = 'erased', person = null, content = null, documents = 0, \
         reference = '' where person = $1"
    );
    tx.execute(clear, &params![person]).await?;
    Ok(blobs)
}
