//! Enrolling somebody: the register's own rules over the entry, then one sealed packet on the disk.

use super::folder::{Kit, write};
use crate::installation::permissions;
use anyhow::{Context, Result, anyhow, ensure};
use daftar_identity::age::Civil;
use daftar_identity::documents::sniff;
use daftar_identity::kit::Carried;
use daftar_identity::person::Rules;
use daftar_kernel::{PartialDate, Timestamp};
use daftar_packs::{Country, Source};
use enrolment_packet::packet::{DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, is_kind};
use enrolment_packet::statement::Authorisation;
use enrolment_packet::{Attachment, Body, Draft, SealingKey, hash, reference, seal};
use std::collections::BTreeSet;

/// What an operator enrols somebody with.
#[derive(Clone, Default)]
pub struct Enrolment {
    /// The body of a registration: `{"person": {…}, "evidence": "…"}`.
    pub entry: Vec<u8>,
    /// The photo, JPEG or PNG.
    pub photo: Option<Vec<u8>>,
    /// Documents, each with its kind.
    pub documents: Vec<(String, Vec<u8>)>,
}

/// What the person is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The number on the person's paper.
    pub reference: String,
    /// The packet's number.
    pub sequence: u64,
    /// Bytes of the packet.
    pub bytes: usize,
}

impl Kit {
    /// Writes one packet. When this answers, it is on the disk whole; when it fails, there is nothing of it and the number is free.
    ///
    /// # Errors
    /// When the entry breaks the register's rules, a file is too large, the PIN does not fit, the kit's time has ended, or the disk
    /// is full; each says the next step.
    pub fn enrol(&self, (login, pin): (&str, &str), enrolment: &Enrolment) -> Result<Enrolled> {
        let allowed = self.authorisation()?;
        let now = self.now()?;
        ensure!(
            now <= allowed.until,
            "this kit was allowed until {}. Next: daftar kit request, and an official allows it anew",
            Timestamp(allowed.until).to_rfc3339()
        );
        let operator = self.operator(login, pin)?;
        let body = body_of(enrolment, &allowed, now)?;
        let tail = self.tail()?;
        let draft = Draft {
            installation: self.installation()?,
            sequence: tail.sequence + 1,
            previous: self.previous()?,
            times: self.times()?,
            body: &body,
        };
        let keys = (&self.device()?, &operator);
        let packet =
            seal(&draft, keys, &SealingKey(allowed.registry), &self.world().bytes()).map_err(|fault| {
                anyhow!("the packet cannot be made: {fault}. Next: leave a document out, or scan it smaller")
            })?;
        write(&self.packet_file(draft.sequence)?, &packet)?;
        self.write_tail(draft.sequence, &hash(&packet))?;
        let reference = reference::of(&draft.installation, draft.sequence);
        Ok(Enrolled { reference, sequence: draft.sequence, bytes: packet.len() })
    }
}

/// The body of a packet, checked as the register will check it.
fn body_of(enrolment: &Enrolment, allowed: &Authorisation, now: i64) -> Result<Body> {
    let carried: Carried = serde_json::from_slice(&enrolment.entry).map_err(|error| {
        anyhow!("the entry does not read: {error}. Next: write {{\"person\": {{…}}, \"evidence\": \"…\"}}")
    })?;
    let places: BTreeSet<&str> = allowed.places.iter().map(String::as_str).collect();
    let today = Timestamp(now).to_local_date(&allowed.zone);
    let today = today.parse().with_context(|| format!("the kit's clock shows {today}. Next: set it"))?;
    let knows = |code: &str| places.contains(code);
    let rules = Rules { today, knows_place: &knows };
    let person = carried.person.check(&rules).map_err(|faults| {
        let words: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect();
        anyhow!("the entry breaks the register's rules: {}. Next: mend these fields", words.join(", "))
    })?;
    // A kit without the country's files leaves these to the registry.
    let country = Country::from_source(&Source::of(allowed.files.clone()), &permissions()).ok();
    let beside = &carried.beside;
    let alone =
        beside.guardians.iter().all(|card| card.trim().is_empty()) && beside.without_guardian.is_empty();
    ensure!(
        !(alone && country.as_ref().is_some_and(|country| is_child(country, person.born, today))),
        "a child needs somebody who answers for it. Next: give a guardian's card number, or say why there is none"
    );
    ensure!(
        carried.person.photo.is_empty(),
        "the photo comes as a file. Next: leave the field out and give --photo"
    );
    let photo = match &enrolment.photo {
        Some(bytes) => {
            let photo = pdf_writing::photo::normalise(bytes);
            Some(
                photo
                    .map_err(|fault| anyhow!("the photo cannot be kept: {fault}. Next: take it again"))?
                    .jpeg,
            )
        }
        None => None,
    };
    ensure!(
        enrolment.documents.len() <= DOCUMENTS_MAX,
        "a packet takes {DOCUMENTS_MAX} documents. Next: leave one out"
    );
    let mut documents = Vec::new();
    for (kind, bytes) in &enrolment.documents {
        ensure!(
            is_kind(kind) && country.as_ref().is_none_or(|country| country.civil.document(kind).is_some()),
            "'{kind}' is no kind of document this country keeps. Next: choose one such as {}",
            kinds_of(country.as_ref())
        );
        ensure!(
            bytes.len() <= DOCUMENT_BYTES_MAX,
            "the document '{kind}' has more than {DOCUMENT_BYTES_MAX} bytes. Next: scan it smaller"
        );
        let cleaned = sniff::clean(bytes.clone());
        let (_, bytes) = cleaned.map_err(|fault| {
            anyhow!("the document '{kind}' cannot be kept: {fault}. Next: scan or photograph it again as JPEG, PNG or PDF")
        })?;
        documents.push(Attachment { kind: kind.clone(), bytes });
    }
    Ok(Body { entry: serde_json::to_vec(&carried)?, photo, documents })
}

/// Whether the country's law calls this person a child.
fn is_child(country: &Country, born: PartialDate, today: jiff::civil::Date) -> bool {
    let age_of_majority = country.civil.age_of_majority;
    Civil { age_of_majority, introductions_a_year: 0, documents: Vec::new() }.is_child(born, today)
}

fn kinds_of(country: Option<&Country>) -> String {
    let known = country.into_iter().flat_map(|country| &country.civil.documents);
    let kinds: Vec<&str> = known.map(|one| one.kind.as_str()).collect();
    if kinds.is_empty() { "birth-certificate".into() } else { kinds.join(", ") }
}
