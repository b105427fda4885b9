//! Taking a packet: opened, judged, and in one transaction either registered or held. The same packet gets the same answer for ever.

use super::kits::{self, Kit, Known};
use super::rules::{Facts, Hold, hold};
use super::{Carried, MAX_SEQUENCE, MAX_UNREADABLE};
use crate::bonds::{Checked, Ties};
use crate::documents::{Document, KeptDocument};
use crate::enroll::Newcomer;
use crate::people::{CLASS, Desk, People, SERVICE};
use crate::person::Person;
use crate::photos::Kept;
use crate::register::optional_text;
use crate::version::Cause;
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp, hex};
use daftar_office::account::State as AccountState;
use daftar_record::Act;
use daftar_store::{BlobId, Tx, params, sql};
use enrolment_packet::chain::{Around, Standing, stand};
use enrolment_packet::statement::{self, Acknowledgement};
use enrolment_packet::{
    Attachment, Body, Fault, Header, Packet, clock, hash, packet, read_header, reference,
};
use serde_json::json;

/// What becomes of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The person is registered.
    Merged,
    /// An official decides.
    Held,
    /// It was refused.
    Refused,
}

impl State {
    /// The word in the table and in acknowledgements.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }
    /// The state of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Merged, Self::Held, Self::Refused].into_iter().find(|state| state.word() == word)
    }
}

/// What became of a packet, and the signed answer for its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What became of it.
    pub state: State,
    /// Why it is held or was refused; empty for a merged one.
    pub reason: String,
    /// Whether everything it said is kept here.
    pub kept: bool,
    /// The number on the person's paper; empty when the packet does not even say that.
    pub reference: String,
    /// The acknowledgement, signed.
    pub statement: Vec<u8>,
}

/// What a transaction answers.
#[derive(Clone)]
struct Answer {
    state: State,
    reason: String,
    at: Timestamp,
    receipt: Option<Id>,
}

enum Outcome {
    Done(Answer, bool),
    /// It is to be held, or brought documents, and nothing is sealed for it yet.
    SealFirst,
}

/// What the form said, within the register's rules.
#[derive(Clone)]
struct Read {
    person: Person,
    evidence: String,
    beside: Ties,
}

/// A packet that opened, read as far as it goes.
#[derive(Clone)]
struct Arrived {
    header: Header,
    hash: [u8; 32],
    operator: [u8; 32],
    times: clock::Times,
    reference: String,
    documents: i64,
    has_photo: bool,
    /// The identifier the person has if they are registered.
    subject: Id,
    person: Option<Read>,
    photo: Option<String>,
    /// Documents that were looked through and sealed; all, or none.
    kept: Vec<KeptDocument>,
    content: Option<BlobId>,
}

impl People {
    /// Takes a packet. Answers after the commit; a packet that was taken before gets its answer again.
    ///
    /// # Errors
    /// The store's. What is wrong with a packet is no error but an answer.
    pub async fn take_packet(&self, bytes: Vec<u8>) -> Result<Taken, Problem> {
        let own = hash(&bytes);
        let header = match read_header(&bytes) {
            Ok(header) => header,
            Err(fault) => return self.refused(own, fault.word(), None),
        };
        let paper = reference::of(&header.installation, header.sequence);
        let (found, before) = self.known_packet(header.device, own).await?;
        let Some(kit) = found else {
            tracing::warn!(device = hex::encode(&header.device), "a packet of a device that nobody allowed");
            return self.refused(own, "unknown-device", Some(paper));
        };
        if let Some(answer) = before {
            return self.answered(own, &answer, paper);
        }
        let key = self.kit_opening_key()?;
        let size = bytes.len();
        let opened = tokio::task::spawn_blocking(move || packet::open(&bytes, &key)).await;
        let opened = opened.map_err(Problem::internal)?;
        let opened = opened.and_then(|opened| match opened.header.sequence <= MAX_SEQUENCE {
            true => Ok(opened),
            false => Err(Fault::Limit("sequence")),
        });
        match opened {
            Ok(opened) => self.take_opened(&kit, own, opened, paper).await,
            Err(fault) => {
                self.list_unreadable(kit.id, own, &header, (fault, size)).await?;
                self.refused(own, fault.word(), Some(paper))
            }
        }
    }

    /// The kit of a device, and what was answered to this packet before.
    async fn known_packet(
        &self,
        device: [u8; 32],
        own: [u8; 32],
    ) -> Result<(Option<Kit>, Option<Answer>), Problem> {
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let kit = kits::kit_of_device(tx, &device).await?;
                    let before = if kit.is_some() { answer_of(tx, &own).await? } else { None };
                    Ok((kit, before))
                })
            })
            .await
    }

    async fn take_opened(
        &self,
        kit: &Kit,
        own: [u8; 32],
        opened: Packet,
        paper: String,
    ) -> Result<Taken, Problem> {
        let Packet { header, operator, times, body } = opened;
        let subject = self.store.world().id();
        let person = self.read_entry(&body, kit, &paper);
        let photo = match (&person, &body.photo) {
            (Some(_), Some(photo)) => self.keep_if_photo(subject, photo.clone()).await?,
            _ => None,
        };
        let kept = match &person {
            Some(_) => self.keep_if_documents(subject, &body).await?,
            None => Vec::new(),
        };
        let mut arrived = Arrived {
            header,
            hash: own,
            operator,
            times,
            reference: paper.clone(),
            documents: i64::try_from(body.documents.len()).unwrap_or(0),
            has_photo: body.photo.is_some(),
            subject,
            person,
            photo: photo.map(Kept::name),
            kept: kept.clone(),
            content: None,
        };
        let outcome = self.judge_and_seal(kit.id, &mut arrived, &body).await;
        let used = matches!(&outcome, Ok((_, true)));
        let merged = matches!(&outcome, Ok((answer, true)) if answer.state == State::Merged);
        if !merged {
            self.drop_documents(&kept).await;
            if let Some(photo) = photo {
                self.drop_photo(photo).await;
            }
        }
        if let (Some(content), false) = (arrived.content, used) {
            self.drop_content(content).await;
        }
        let (answer, _) = outcome?;
        self.answered(own, &answer, paper)
    }

    /// Keeps a photo; `None` when the file is none that can be kept. A store that fails is no fault of the photo.
    pub(super) async fn keep_if_photo(&self, person: Id, bytes: Vec<u8>) -> Result<Option<Kept>, Problem> {
        match self.keep_photo(person, bytes).await {
            Ok(kept) => Ok(Some(kept)),
            Err(problem) if problem.code == problems::photo().code => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Looks the documents of a packet through and seals them; none when one of them cannot be kept.
    async fn keep_if_documents(&self, person: Id, body: &Body) -> Result<Vec<KeptDocument>, Problem> {
        let documents = body.documents.iter().map(document_of).collect();
        match self.keep_documents(person, documents).await {
            Ok(kept) => Ok(kept),
            Err(problem) if problem.code == problems::document().code => Ok(Vec::new()),
            Err(problem) => Err(problem),
        }
    }

    /// Tries to register; seals what the packet said first when it is to be held.
    async fn judge_and_seal(
        &self,
        kit: Id,
        arrived: &mut Arrived,
        body: &Body,
    ) -> Result<(Answer, bool), Problem> {
        loop {
            let (people, tried) = (self.clone(), arrived.clone());
            let outcome = self.store.write(move |tx| {
                let (people, tried) = (people.clone(), tried.clone());
                Box::pin(async move { people.judge(tx, kit, &tried).await })
            });
            match outcome.await? {
                Outcome::Done(answer, ours) => return Ok((answer, ours)),
                // The second time round it is there, so this ends.
                Outcome::SealFirst => {
                    let plain = packet::pack(body).map_err(Problem::internal)?;
                    let sealed = self.store.blobs().put_sealed(arrived.subject, CLASS, &plain).await?;
                    arrived.content = Some(sealed);
                }
            }
        }
    }

    /// The person of the form, with what it rests on; `None` when the entry does not read or breaks the rules.
    fn read_entry(&self, body: &Body, kit: &Kit, paper: &str) -> Option<Read> {
        let carried: Carried = serde_json::from_slice(&body.entry).ok()?;
        let evidence = optional_text(&carried.evidence, problems::evidence_text).ok()?;
        let person = self.check(&crate::person::Entry { photo: String::new(), ..carried.person }).ok()?;
        let evidence = evidence_of(&[&evidence, &kit.name, paper]);
        Some(Read { person, evidence, beside: carried.beside })
    }

    async fn judge(&self, tx: &mut Tx, kit: Id, arrived: &Arrived) -> Result<Outcome, Problem> {
        if let Some(before) = answer_of(tx, &arrived.hash).await? {
            return Ok(Outcome::Done(before, false));
        }
        let kit = self.kit_in(tx, &Actor::System("kit"), kit).await?;
        let operator = kits::operator_by_key(tx, kit.id, &arrived.operator).await?;
        let (facts, made, beside) = self.facts(tx, (&kit, operator.as_ref()), arrived).await?;
        let held = hold(&facts);
        if arrived.content.is_none() && held.is_some() {
            return Ok(Outcome::SealFirst);
        }
        match (held, &arrived.person) {
            (None, Some(read)) => {
                let desk = desk_of(&kit, operator.as_ref());
                self.enroll_arrived(tx, &desk, arrived, (read, &beside)).await?;
            }
            _ => {
                let (record, office) = (tokens::draw(tx.world()), tokens::draw(tx.world()));
                tokens::add(tx, arrived.subject, record, office).await?;
            }
        }
        let state = if held.is_none() { State::Merged } else { State::Held };
        let reason = held.map_or("", Hold::word);
        let receipt = self.taken_act(tx, (&kit, operator.as_ref()), arrived, (state, reason, made)).await?;
        let at = self.store.world().now();
        let answer = Answer { state, reason: reason.into(), at, receipt: Some(receipt) };
        let branch = branch(tx, kit.id, &arrived.header, facts.standing).await?;
        self.write_packet(tx, (kit.id, branch), (arrived, operator.as_ref()), (&answer, receipt, made))
            .await?;
        if held == Some(Hold::Fork) {
            let sequence = arrived.header.sequence;
            tracing::warn!(kit = %kit.id, sequence, "two packets in one place: a kit was copied or set back");
        }
        Ok(Outcome::Done(answer, true))
    }

    /// What is known of a packet, when it was made, and who stands beside the person.
    async fn facts(
        &self,
        tx: &mut Tx,
        (kit, operator): (&Kit, Option<&Known>),
        arrived: &Arrived,
    ) -> Result<(Facts, clock::Estimate, Checked), Problem> {
        let (now, header) = (self.store.world().now(), &arrived.header);
        let (around, earlier) = around(tx, kit.id, header).await?;
        let made = clock::estimate(&arrived.times, earlier, now.0);
        let operator_may = match operator {
            Some(operator) => self.operator_may(tx, operator).await?,
            None => false,
        };
        let mut facts = Facts {
            standing: stand(header.sequence, &arrived.hash, &header.previous, &around),
            withdrawn: kit.withdrawn_at.is_some(),
            ended: Timestamp(made.at) > kit.until,
            operator_known: operator.is_some(),
            operator_may,
            entry_good: arrived.person.is_some(),
            photo_good: arrived.photo.is_some() || !arrived.has_photo,
            documents_good: usize::try_from(arrived.documents) == Ok(arrived.kept.len()),
            alike: 0,
            guarded: true,
        };
        let mut beside = Checked::default();
        // Somebody who cannot be registered anyway is not searched for, and no introduction is counted for them.
        if let (None, Some(read)) = (hold(&facts), &arrived.person) {
            facts.alike = self.matches(tx, &read.person).await?.len();
            if facts.alike == 0 {
                match self.check_ties(tx, &read.person, &read.beside).await {
                    Ok(checked) => beside = checked,
                    Err(problem) if problem.kind.status() < 500 => facts.guarded = false,
                    Err(problem) => return Err(problem),
                }
            }
        }
        Ok((facts, made, beside))
    }

    async fn write_packet(
        &self,
        tx: &mut Tx,
        (kit, branch): (Id, i64),
        (arrived, operator): (&Arrived, Option<&Known>),
        (answer, receipt, made): (&Answer, Id, clock::Estimate),
    ) -> Result<(), Problem> {
        let insert = sql!(
            "insert into identity_packet (id, kit, installation, sequence, branch, hash, previous, state, reason, \
             reference, operator, operator_name, subject, person, made_at, time_odd, received_at, content, \
             documents, receipt, decided_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, null)"
        );
        let header = &arrived.header;
        tx.execute(
            insert,
            &params![
                self.store.world().id(),
                kit,
                header.installation.as_slice(),
                number(header.sequence),
                branch,
                arrived.hash,
                header.previous,
                answer.state.word(),
                &answer.reason,
                &arrived.reference,
                operator.map(|one| one.official),
                operator.map_or("", |one| one.name.as_str()),
                arrived.subject,
                (answer.state == State::Merged).then_some(arrived.subject),
                made.at,
                made.odd.map_or("", clock::Odd::word),
                answer.at,
                arrived.content.map(|blob| blob.to_string()),
                arrived.documents,
                receipt
            ],
        )
        .await?;
        Ok(())
    }

    async fn enroll_arrived(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        arrived: &Arrived,
        (read, beside): (&Read, &Checked),
    ) -> Result<(), Problem> {
        let person = Person { photo: arrived.photo.clone(), ..read.person.clone() };
        let evidence = evidence_of(&[&read.evidence, &beside.alone]);
        let made = self.newcomer(person, Cause::Offline, "", &evidence)?;
        let known_before = arrived.content.is_some();
        let newcomer =
            Newcomer { id: arrived.subject, documents: arrived.kept.clone(), known_before, ..made };
        let enrolled = self.enroll(tx, desk, std::slice::from_ref(&newcomer)).await?;
        let one = enrolled.first().ok_or_else(|| Problem::internal("nobody was enrolled"))?;
        self.write_ties(tx, desk, (one.person, one.receipt), &newcomer.person, beside).await
    }

    /// Whether an operator may register people today, in the office and role the kit was allowed with.
    async fn operator_may(&self, tx: &mut Tx, operator: &Known) -> Result<bool, Problem> {
        let account = self.office.official(tx, operator.official).await?;
        let roster = self.office.roster();
        let held = self.office.assignments_of(tx, operator.official).await?;
        let fits = held.iter().any(|one| one.office == operator.office && one.role == operator.role);
        let allowed = roster.allows(&operator.role, permission::REGISTER);
        Ok(account.state != AccountState::Suspended && allowed && fits)
    }

    /// The act that a packet arrived: so no packet can be dropped unnoticed.
    async fn taken_act(
        &self,
        tx: &mut Tx,
        (kit, operator): (&Kit, Option<&Known>),
        arrived: &Arrived,
        (state, reason, made): (State, &str, clock::Estimate),
    ) -> Result<Id, Problem> {
        let act = Act {
            kind: "identity.packet-taken",
            service: SERVICE,
            agency: kit.agency.clone(),
            office: operator.map(|one| one.office.clone()).unwrap_or_default(),
            subject: tokens::of(tx, arrived.subject, tokens::RECORD).await?,
            public: json!({
                "kit": kit.id, "installation": hex::encode(&arrived.header.installation),
                "sequence": arrived.header.sequence, "state": state.word(), "reason": reason,
            }),
            private: Some(json!({
                "kit": kit.name, "operator": operator.map(|one| &one.name), "reference": arrived.reference,
                "made_at": Timestamp(made.at).to_rfc3339(), "packet": hex::encode(&arrived.hash),
            })),
        };
        Ok(self.record.act(tx, &Actor::System("kit"), &act).await?)
    }

    /// Notes a packet that could not be read: its sender proved nothing, so the list is short and nothing else is kept.
    async fn list_unreadable(
        &self,
        kit: Id,
        own: [u8; 32],
        header: &Header,
        (fault, size): (Fault, usize),
    ) -> Result<(), Problem> {
        let (now, header) = (self.store.world().now(), header.clone());
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        self.store
            .write(move |tx| {
                let header = header.clone();
                Box::pin(async move {
                    let count = sql!("select count(*) from identity_packet_refused where kit = $1");
                    if tx.query_one(count, &params![kit]).await?.get::<i64>(0)? >= MAX_UNREADABLE {
                        return Ok(());
                    }
                    let insert = sql!(
                        "insert into identity_packet_refused (kit, hash, installation, sequence, reason, bytes, \
                         received_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (kit, hash) do nothing"
                    );
                    let (installation, sequence) = (header.installation.as_slice(), number(header.sequence));
                    tx.execute(insert, &params![kit, own, installation, sequence, fault.word(), size, now])
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    fn refused(&self, own: [u8; 32], reason: &str, paper: Option<String>) -> Result<Taken, Problem> {
        let (at, receipt) = (self.store.world().now(), None);
        let answer = Answer { state: State::Refused, reason: reason.into(), at, receipt };
        self.answer(own, &answer, false, paper.unwrap_or_default())
    }

    fn answered(&self, own: [u8; 32], answer: &Answer, paper: String) -> Result<Taken, Problem> {
        self.answer(own, answer, true, paper)
    }

    fn answer(&self, own: [u8; 32], answer: &Answer, kept: bool, paper: String) -> Result<Taken, Problem> {
        let acknowledgement = Acknowledgement {
            packet: own,
            state: answer.state.word().into(),
            reason: answer.reason.clone(),
            kept,
            at: answer.at.0,
            answered_at: self.store.world().now().0,
            receipt: answer.receipt.map(|id| id.to_string()).unwrap_or_default(),
        };
        let statement =
            statement::sign(&acknowledgement, &self.kit_statement_key()?).map_err(Problem::internal)?;
        Ok(Taken { state: answer.state, reason: answer.reason.clone(), kept, reference: paper, statement })
    }

    pub(super) async fn drop_content(&self, content: BlobId) {
        if let Err(error) = self.store.blobs().delete(content).await {
            tracing::warn!(%error, "the sealed content of a packet stays in the blob store");
        }
    }
}

/// What a record rests on that came with a kit: the papers seen, the kit, the number on the person's paper.
pub(super) fn evidence_of(parts: &[&str]) -> String {
    let said: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    said.join(" · ")
}

/// A document of a packet, as it is handed in.
pub(super) fn document_of(one: &Attachment) -> Document {
    Document { kind: one.kind.clone(), bytes: one.bytes.clone() }
}

/// Where an operator sat: the acts are theirs, as at a desk.
fn desk_of(kit: &Kit, operator: Option<&Known>) -> Desk {
    let Some(operator) = operator else { return Desk::program("kit", &kit.agency, "") };
    let Known { official, name, office, role } = operator.clone();
    Desk::of(&Actor::Official(Official { id: official, name, agency: kit.agency.clone(), office, role }))
}

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

async fn answer_of(tx: &mut Tx, own: &[u8; 32]) -> Result<Option<Answer>, Problem> {
    let one = sql!("select state, reason, received_at, receipt from identity_packet where hash = $1");
    let Some(row) = tx.query_opt(one, &params![own]).await? else { return Ok(None) };
    // A packet about somebody who was erased is still the packet of somebody who was registered.
    let state = State::from_word(row.get(0)?).unwrap_or(State::Merged);
    Ok(Some(Answer { state, reason: row.get(1)?, at: row.get(2)?, receipt: Some(row.get(3)?) }))
}

/// What lies around a packet's place, and when the one before it was made.
async fn around(tx: &mut Tx, kit: Id, header: &Header) -> Result<(Around, Option<i64>), Problem> {
    let near = sql!(
        "select sequence, hash, previous, made_at from identity_packet \
         where kit = $1 and installation = $2 and branch = 0 and sequence >= $3 and sequence <= $4"
    );
    let own = number(header.sequence);
    let (mut around, mut earlier) = (Around::default(), None);
    for row in tx.query(near, &params![kit, header.installation.as_slice(), own - 1, own + 1]).await? {
        match row.get::<i64>(0)? - own {
            0 => around.here = Some(row.get(1)?),
            1 => around.after = Some(row.get(2)?),
            _ => {
                around.before = Some(row.get(1)?);
                earlier = Some(row.get(3)?);
            }
        }
    }
    Ok((around, earlier))
}

/// 0 for a packet in its chain; a fork lies beside it under the next free number.
async fn branch(tx: &mut Tx, kit: Id, header: &Header, standing: Standing) -> Result<i64, Problem> {
    if standing != Standing::Fork {
        return Ok(0);
    }
    let last = sql!(
        "select cast(coalesce(max(branch), 0) as bigint) from identity_packet \
         where kit = $1 and installation = $2 and sequence = $3"
    );
    let place = params![kit, header.installation.as_slice(), number(header.sequence)];
    Ok(tx.query_one(last, &place).await?.get::<i64>(0)? + 1)
}
