//! What a citizen sees of their own: the record, who looked, the receipts, and everything at once as one
//! file. Reading one's own record is no look: the access register says what others did.

use crate::assist::Assistance;
use crate::bonds::Bond;
use crate::cards::{self, Card, HeldCard};
use crate::documents::Held;
use crate::enroll::number_of;
use crate::kit::list::MyPacket;
use crate::number::NationalNumber;
use crate::people::People;
use crate::version::{self, Version};
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::Principal;
use daftar_office::complaint::{Complaint, Outcome, Words};
use daftar_office::passkey::Passkey;
use daftar_office::session::SessionRow;
use daftar_record::person::{LookRow, Looks};
use daftar_record::{RecordError, receipt::ActRow};
use daftar_store::Tx;
use serde_json::{Value, json};

/// What the download is, and of which version.
pub const DOWNLOAD_FORMAT: &str = "daftar-my-data/1";
/// Looks and acts that a download lists at most; a person with more asks the desk for the rest.
pub const MAX_DOWNLOAD_ROWS: usize = 20_000;

/// One's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyRecord {
    /// The person, inside this service: never shown, it leads to the photo.
    pub(crate) person: Id,
    /// The newest version.
    pub version: Version,
    /// The valid card, if there is one.
    pub card: Option<Card>,
    /// When the person was registered.
    pub registered_at: Timestamp,
}

impl People {
    /// The record of the citizen whom the office floor knows by this token.
    ///
    /// # Errors
    /// [`problems::unknown`] when the token is nobody's or the data was erased; the store's.
    pub async fn my_record(&self, citizen: Id) -> Result<MyRecord, Problem> {
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let person = people.own_person(tx, citizen).await?;
                    let versions = version::all(&people.store, tx, person).await?;
                    let registered_at = versions.first().map_or(Timestamp(0), |first| first.at);
                    let version = versions.into_iter().next_back().ok_or_else(problems::unknown)?;
                    let card = cards::valid(&people, tx, person).await?;
                    Ok(MyRecord { person, version, card, registered_at })
                })
            })
            .await
    }

    /// Who looked at the citizen's data, newest first; `before` is [`Looks::next`] of the page before.
    ///
    /// # Errors
    /// [`problems::unknown`]; the record's.
    pub async fn my_looks(&self, citizen: Id, before: Option<u64>, limit: u32) -> Result<Looks, Problem> {
        self.looks_at_record(citizen, 0, before, limit).await
    }

    /// Who looked at one of the citizen's records: 0 is the one that stands, those after it were absorbed by it. Each has
    /// a list of its own, which is proven complete by itself.
    ///
    /// # Errors
    /// [`problems::unknown`], also for a record that is not there; the record's.
    pub async fn looks_at_record(
        &self,
        citizen: Id,
        record: usize,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Looks, Problem> {
        let subjects = self.own_subjects(citizen).await?;
        let subject = subjects.get(record).copied().ok_or_else(problems::unknown)?;
        self.record.looks_of(subject, before, limit).await.map_err(record_problem)
    }

    /// Acts about the citizen, newest first, those before the receipt `before`; of every record they have.
    ///
    /// # Errors
    /// [`problems::unknown`]; the record's.
    pub async fn my_acts(&self, citizen: Id, before: Option<Id>, limit: u32) -> Result<Vec<ActRow>, Problem> {
        let limit = limit.clamp(1, daftar_record::receipt::MAX_ACTS_PER_PAGE);
        let mut acts = Vec::new();
        for subject in self.own_subjects(citizen).await? {
            acts.extend(self.record.acts_of(subject, before, limit).await.map_err(record_problem)?);
        }
        acts.sort_unstable_by_key(|act| std::cmp::Reverse(act.id));
        acts.truncate(limit as usize);
        Ok(acts)
    }

    /// Whether a receipt is of an act or a look about the citizen: asked before it is handed out with its
    /// opening.
    ///
    /// # Errors
    /// [`problems::unknown`]; the record's.
    pub async fn is_my_receipt(&self, citizen: Id, receipt: Id) -> Result<bool, Problem> {
        for subject in self.own_subjects(citizen).await? {
            if self.is_about(subject, receipt).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) async fn is_about(&self, subject: Id, receipt: Id) -> Result<bool, Problem> {
        // Both lists are ordered: a page that ends just past the receipt tells.
        let next = next_id(receipt);
        let acts = self.record.acts_of(subject, Some(next), 1).await.map_err(record_problem)?;
        if acts.iter().any(|act| act.id == receipt) {
            return Ok(true);
        }
        let mut before = None;
        loop {
            let page = self
                .record
                .looks_of(subject, before, daftar_record::person::MAX_LOOKS_PER_PAGE)
                .await
                .map_err(record_problem)?;
            if page.rows.iter().any(|look| look.id == receipt) {
                return Ok(true);
            }
            match page.next {
                Some(next) => before = Some(next),
                None => return Ok(false),
            }
        }
    }

    /// The token under which the record knows the citizen: for the proof that no look is missing.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn own_subject(&self, citizen: Id) -> Result<Id, Problem> {
        self.own_subjects(citizen).await?.first().copied().ok_or_else(problems::unknown)
    }

    /// The tokens under which the record knows the citizen: of the record that stands, then of those it absorbed.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn own_subjects(&self, citizen: Id) -> Result<Vec<Id>, Problem> {
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let mut subjects = Vec::new();
                    for record in people.own_records(tx, citizen).await? {
                        subjects.extend(tokens::of(tx, record, tokens::RECORD).await?);
                    }
                    Ok(subjects)
                })
            })
            .await
    }

    /// The accounts of the citizen: of the record that stands, then of those it absorbed.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn own_accounts(&self, citizen: Id) -> Result<Vec<Id>, Problem> {
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let mut accounts = Vec::new();
                    for record in people.own_records(tx, citizen).await? {
                        accounts.extend(tokens::of(tx, record, tokens::OFFICE).await?);
                    }
                    Ok(accounts)
                })
            })
            .await
    }

    /// The record that stands for the holder of an account, and those it absorbed.
    pub(crate) async fn own_records(&self, tx: &mut Tx, citizen: Id) -> Result<Vec<Id>, Problem> {
        let person = self.own_person(tx, citizen).await?;
        let mut records = vec![person];
        records.extend(tokens::absorbed(tx, person).await?);
        Ok(records)
    }

    pub(crate) async fn own_person(&self, tx: &mut Tx, citizen: Id) -> Result<Id, Problem> {
        tokens::person(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)
    }

    /// Everything this service, the record and the office floor hold about a citizen.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's and the record's.
    pub async fn my_data(&self, citizen: Id) -> Result<MyData, Problem> {
        let people = self.clone();
        let mut data = self
            .store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let mut records = people.own_records(tx, citizen).await?.into_iter();
                    let person = records.next().ok_or_else(problems::unknown)?;
                    let mut data = people.held_of(tx, person).await?;
                    if data.versions.is_empty() {
                        return Err(problems::unknown());
                    }
                    for record in records {
                        let held = people.held_of(tx, record).await?;
                        data.cards.extend(held.cards);
                        data.sessions.extend(held.sessions);
                        data.passkeys.extend(held.passkeys);
                        data.complaints.extend(held.complaints);
                        data.bonds.extend(held.bonds);
                        data.guardianships.extend(held.guardianships);
                        data.documents.extend(held.documents);
                        data.packets.extend(held.packets);
                        data.assistances.extend(held.assistances);
                        data.absorbed.push(Absorbed { number: held.number, versions: held.versions });
                    }
                    Ok(data)
                })
            })
            .await?;
        for record in 0..=data.absorbed.len() {
            let (looks, sealed) = self.all_looks(citizen, record).await?;
            data.looks.extend(looks);
            data.looks_still_sealed += sealed;
        }
        data.looks.sort_by_key(|look| std::cmp::Reverse(look.at));
        data.acts = self.all_acts(citizen).await?;
        Ok(data)
    }

    /// What is held of one record, without looks and acts.
    async fn held_of(&self, tx: &mut Tx, person: Id) -> Result<MyData, Problem> {
        let account = tokens::of(tx, person, tokens::OFFICE).await?.ok_or_else(problems::unknown)?;
        Ok(MyData {
            made_at: self.store.world().now(),
            number: number_of(self, tx, person).await?,
            bonds: self.bonds_in(tx, person).await?,
            guardianships: self.guardianships_waiting(tx, person).await?,
            left_out: &[],
            documents: self.documents_in(tx, person).await?,
            packets: crate::kit::list::of_person(tx, person).await?,
            assistances: self.assistances_in(tx, person).await?,
            cards: cards::all(self, tx, person).await?,
            versions: version::all(&self.store, tx, person).await?,
            absorbed: Vec::new(),
            sessions: self.office.sessions_of(tx, Principal::Citizen(account)).await?,
            passkeys: self.office.passkeys(tx, Principal::Citizen(account)).await?,
            complaints: self.office.complaints_of(tx, account).await?,
            looks: Vec::new(),
            looks_still_sealed: 0,
            acts: Vec::new(),
        })
    }

    async fn all_looks(&self, citizen: Id, record: usize) -> Result<(Vec<LookRow>, u64), Problem> {
        let (mut looks, mut before) = (Vec::new(), None);
        loop {
            let page = self
                .looks_at_record(citizen, record, before, daftar_record::person::MAX_LOOKS_PER_PAGE)
                .await?;
            looks.extend(page.rows);
            match page.next {
                Some(next) if looks.len() < MAX_DOWNLOAD_ROWS => before = Some(next),
                _ => return Ok((looks, page.sealed)),
            }
        }
    }

    async fn all_acts(&self, citizen: Id) -> Result<Vec<ActRow>, Problem> {
        let (mut acts, mut before) = (Vec::new(), None);
        loop {
            let page = self.my_acts(citizen, before, daftar_record::receipt::MAX_ACTS_PER_PAGE).await?;
            let Some(last) = page.last() else { return Ok(acts) };
            before = Some(last.id);
            acts.extend(page);
            if acts.len() >= MAX_DOWNLOAD_ROWS {
                return Ok(acts);
            }
        }
    }
}

/// Everything that is held about a citizen, for them alone.
#[derive(Clone)]
pub struct MyData {
    /// When it was put together.
    pub made_at: Timestamp,
    /// The national number.
    pub number: Option<NationalNumber>,
    /// Cards, newest first.
    pub cards: Vec<HeldCard>,
    /// Who answers for whom: the citizen's sides, oldest first.
    pub bonds: Vec<Bond>,
    /// Decisions of a court about who answers for the citizen that wait for two officials.
    pub guardianships: Vec<Value>,
    /// Documents, oldest first.
    pub documents: Vec<Held>,
    /// Versions of the record, oldest first.
    pub versions: Vec<Version>,
    /// Records that this one absorbed.
    pub absorbed: Vec<Absorbed>,
    /// Passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Open sessions.
    pub sessions: Vec<SessionRow>,
    /// Complaints with what was said, newest first.
    pub complaints: Vec<(Complaint, Words)>,
    /// Packets of kits about the citizen, oldest first.
    pub packets: Vec<MyPacket>,
    /// What others did for the citizen, newest first.
    pub assistances: Vec<Assistance>,
    /// Looks, newest first.
    pub looks: Vec<LookRow>,
    /// How many looks a court keeps sealed still.
    pub looks_still_sealed: u64,
    /// Acts, newest first.
    pub acts: Vec<ActRow>,
    /// What a guardian's file of a child leaves out, by the words of the file; empty in one's own.
    pub left_out: &'static [&'static str],
}

/// A record that was found to be of the same person and points to the one that stands.
#[derive(Clone)]
pub struct Absorbed {
    /// The national number it was given.
    pub number: Option<NationalNumber>,
    /// Its versions, oldest first.
    pub versions: Vec<Version>,
}

impl MyData {
    /// As one JSON document of the format [`DOWNLOAD_FORMAT`].
    #[must_use]
    pub fn json(&self) -> Value {
        let card = |held: &HeldCard| {
            json!({"number": held.card.number.plain(), "issued_at": held.card.issued_at.to_rfc3339(),
                "state": held.state, "ended_at": held.ended_at.map(Timestamp::to_rfc3339)})
        };
        let look = |row: &LookRow| json!({"receipt": row.id, "number": row.seq, "at": row.at.to_rfc3339(), "look": row.content});
        let act = |act: &ActRow| json!({"receipt": act.id, "at": act.at.to_rfc3339(), "kind": act.entry.kind, "opening": act.opening});
        let absorbed = |record: &Absorbed| {
            json!({"national_number": record.number.map(|n| n.plain()),
                "versions": record.versions.iter().map(version_json).collect::<Vec<_>>()})
        };
        let valid = self.cards.iter().find(|held| held.state == "valid");
        json!({
            "format": DOWNLOAD_FORMAT,
            "made_at": self.made_at.to_rfc3339(),
            "national_number": self.number.map(|n| n.plain()),
            "card": valid.map(card),
            "cards": self.cards.iter().map(card).collect::<Vec<_>>(),
            "bonds": self.bonds.iter().map(Bond::json).collect::<Vec<_>>(),
            "guardianships_waiting": self.guardianships,
            "documents": self.documents.iter().map(Held::json).collect::<Vec<_>>(),
            "versions": self.versions.iter().map(version_json).collect::<Vec<_>>(),
            "absorbed_records": self.absorbed.iter().map(absorbed).collect::<Vec<_>>(),
            "sessions": self.sessions.iter().map(session_json).collect::<Vec<_>>(),
            "passkeys": self.passkeys.iter().map(passkey_json).collect::<Vec<_>>(),
            "complaints": self.complaints.iter().map(complaint_json).collect::<Vec<_>>(),
            "assistances": self.assistances.iter().map(Assistance::json).collect::<Vec<_>>(),
            "packets": self.packets.iter().map(packet_json).collect::<Vec<_>>(),
            "looks": self.looks.iter().map(look).collect::<Vec<_>>(),
            "looks_still_sealed": self.looks_still_sealed,
            "acts": self.acts.iter().map(act).collect::<Vec<_>>(),
            "left_out": self.left_out,
        })
    }
}

pub(crate) fn version_json(version: &Version) -> Value {
    json!({
        "version": version.version,
        "at": version.at.to_rfc3339(),
        "receipt": version.receipt,
        "document": version.document,
    })
}

fn packet_json(packet: &MyPacket) -> Value {
    json!({
        "reference": packet.reference,
        "kit": packet.kit,
        "operator": packet.operator,
        "made_at": packet.made_at.to_rfc3339(),
        "received_at": packet.received_at.to_rfc3339(),
        "documents": packet.documents,
        "receipt": packet.receipt,
    })
}

fn session_json(session: &SessionRow) -> Value {
    json!({"device": session.device, "created": session.created.to_rfc3339(), "seen": session.seen.to_rfc3339()})
}

fn passkey_json(passkey: &Passkey) -> Value {
    json!({
        "name": passkey.name,
        "several_devices": passkey.copied,
        "created": passkey.created.to_rfc3339(),
        "used": passkey.used.map(Timestamp::to_rfc3339),
        "blocked": passkey.blocked.map(Timestamp::to_rfc3339),
    })
}

fn complaint_json((complaint, words): &(Complaint, Words)) -> Value {
    json!({
        "reference": complaint.reference,
        "about": complaint.about.word(),
        "about_receipt": complaint.about.receipt(),
        "agency": complaint.agency,
        "office": complaint.office,
        "desk": complaint.desk,
        "opened": complaint.opened.to_rfc3339(),
        "due": complaint.due.to_rfc3339(),
        "words": words.complaint,
        "answered": complaint.answered.map(Timestamp::to_rfc3339),
        "outcome": complaint.outcome.map(Outcome::word),
        "answer": words.answer,
    })
}

/// The identifier just above this one, so that `before` includes it.
fn next_id(id: Id) -> Id {
    Id::from_bytes(u128::from_be_bytes(*id.as_bytes()).saturating_add(1).to_be_bytes())
}

pub(crate) fn record_problem(error: RecordError) -> Problem {
    match error {
        RecordError::Store(error) => error.into(),
        other => Problem::internal(other),
    }
}
