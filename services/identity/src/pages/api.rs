//! The same for programs: `/api/v1`. Every change carries an idempotency key, every read its reason.

use crate::bonds::Ties;
use crate::correct::{Correction, PhotoChange};
use crate::documents::Document;
use crate::people::People;
use crate::permission::{CORRECT, READ, REGISTER};
use crate::person::{Entry, FIELDS};
use crate::read::{CARD, HISTORY, NUMBER};
use crate::register::Registration;
use crate::search::Query;
use crate::verify::Verifier;
use base64::Engine as _;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::permit::{Ask, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Largest body of a registration, in bytes: one document at its limit in base64, and the rest.
const REGISTER_BODY_BYTES: usize = 8 * 1024 * 1024;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes
        .api("POST", "/api/v1/people", Access::Official(REGISTER), register)
        .doc("people", "Register a person.")
        .idempotent()
        .body_up_to(REGISTER_BODY_BYTES)
        .takes::<RegisterBody>()
        .gives::<Done>(201, "Registered; the receipt becomes final within seconds.");
    routes
        .api("POST", "/api/v1/people/search", Access::Official(READ), search)
        .doc("people", "Find people by two attributes at least. Every result is a look the person will see.")
        .takes::<SearchBody>()
        .gives::<Vec<FoundBody>>(200, "At most 20 people.");
    routes
        .api("POST", "/api/v1/people/{person}/look", Access::Official(READ), look)
        .doc("people", "Read the fields of a person that the work needs. A look the person will see.")
        .example("person", "$person")
        .takes::<LookBody>()
        .gives::<ShownBody>(200, "The fields asked for, with the receipt of the look.");
    routes
        .api("POST", "/api/v1/people/{person}/corrections", Access::Official(CORRECT), correct)
        .doc("people", "Correct a record: writes a new version, the old one stays.")
        .example("person", "$person")
        .idempotent()
        .takes::<CorrectBody>()
        .gives::<Done>(201, "Corrected.");
    routes
        .api("GET", "/api/v1/me", Access::Citizen, me)
        .doc("me", "Everything held about the citizen who is signed in.")
        .gives_bytes("application/json", "One JSON document, format daftar-my-data/1.");
    routes
        .api("GET", "/api/v1/me/looks/proof", Access::Citizen, proof)
        .doc("me", "The proof that the list of looks is complete; it verifies offline.")
        .gives_bytes("application/json", "Format daftar-person-proof/1.");
    routes
        .api("GET", "/api/v1/receipts/{receipt}", Access::SignedIn, receipt)
        .doc("receipts", "How far a receipt is.")
        .example("receipt", "$receipt")
        .gives::<ReceiptBody>(200, "Its state.");
}

/// A person's entry. Empty text means "not known".
#[derive(Deserialize, Serialize, ToSchema, Default, Clone)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EntryBody {
    /// The whole name, in any script.
    #[schema(max_length = 200)]
    name: String,
    /// The given part, when the naming has one.
    #[schema(max_length = 200)]
    given: String,
    /// The family part, when the naming has one.
    #[schema(max_length = 200)]
    family: String,
    /// Former names, and the name in other scripts.
    #[schema(max_items = 6)]
    other_names: Vec<String>,
    /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
    #[schema(max_length = 10)]
    born: String,
    /// Code of the place of birth in the country pack.
    birth_place: String,
    /// The place of birth in words.
    birth_place_text: String,
    /// `female`, `male`, `other` or `unknown`.
    sex: String,
    /// The mother's name.
    mother: String,
    /// The father's name.
    father: String,
    /// Code of the place the person lives in.
    address_place: String,
    /// Free lines of the address.
    #[schema(max_items = 5)]
    address_lines: Vec<String>,
    /// Telephone.
    phone: String,
    /// E-mail address.
    email: String,
    /// Language of letters, a BCP 47 tag.
    language: String,
    /// `citizen`, `foreigner`, `refugee`, `stateless` or `unknown`.
    standing: String,
    /// Date of death, as `born`.
    died: String,
}

impl From<EntryBody> for Entry {
    fn from(body: EntryBody) -> Self {
        Self {
            name: body.name,
            given: body.given,
            family: body.family,
            other_names: body.other_names,
            born: body.born,
            birth_place: body.birth_place,
            birth_place_text: body.birth_place_text,
            sex: body.sex,
            mother: body.mother,
            father: body.father,
            address_place: body.address_place,
            address_lines: body.address_lines,
            phone: body.phone,
            email: body.email,
            language: body.language,
            standing: body.standing,
            died: body.died,
            photo: String::new(),
        }
    }
}

/// Why somebody looks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhyBody {
    /// A purpose of the role.
    purpose: String,
    /// Number of an open case of the agency, when the purpose needs one.
    #[serde(default)]
    case: Option<String>,
    /// A court's order that keeps the look from the person for a while.
    #[serde(default)]
    order: Option<OrderBody>,
}

/// A court's order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    /// The court's reference.
    reference: String,
    /// When the person learns of the look: seconds since 1970, at most 12 months ahead.
    #[schema(minimum = 0, maximum = 253_402_300_799_i64)]
    unseal: i64,
}

impl From<WhyBody> for Ask {
    fn from(body: WhyBody) -> Self {
        let order = |order: OrderBody| Order {
            reference: order.reference,
            unseal: Timestamp::from_seconds(order.unseal),
        };
        Self { purpose: body.purpose, case: body.case, order: body.order.map(order) }
    }
}

/// A registration.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "person": {"name": "Selam Haile", "born": "1991-07", "sex": "female", "standing": "citizen"},
    "evidence": "Birth notice 118 of 1991",
}))]
struct RegisterBody {
    /// The person.
    person: EntryBody,
    /// Papers seen or who vouches; may be empty.
    #[serde(default)]
    evidence: String,
    /// Why, although somebody alike is in the register.
    #[serde(default)]
    despite: String,
    /// Who stands beside the person; a child needs a guardian, or a sentence that says why there is none.
    #[serde(default)]
    beside: BesideBody,
    /// Documents that support the entry, kept in the same act; nobody needs one. A body has at most 8 MiB.
    #[serde(default)]
    #[schema(max_items = 10)]
    documents: Vec<DocumentBody>,
}

/// A document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "birth-certificate", "content": "JVBERi0xLjQK"}))]
struct DocumentBody {
    /// Code of its kind, one of the country's.
    kind: String,
    /// The file in base64 (RFC 4648 §4): JPEG, PNG or PDF, at most 5 MiB. Pictures are made anew; a PDF that holds a program or
    /// another file is refused.
    #[schema(max_length = 6_990_508)]
    content: String,
}

impl DocumentBody {
    fn read((place, body): (usize, Self)) -> Result<Document, Problem> {
        let Self { kind, content } = body;
        let bytes = base64::engine::general_purpose::STANDARD.decode(&content).map_err(|_| {
            let field = format!("documents.{place}.content");
            crate::problems::document().field(field, "identity-fault-document-base64")
        })?;
        Ok(Document { kind, bytes })
    }
}

/// Who stands beside somebody, by the numbers of their cards.
#[derive(Deserialize, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
struct BesideBody {
    /// Guardians of a child.
    #[schema(max_items = 4)]
    guardians: Vec<String>,
    /// The mother.
    mother: String,
    /// The father.
    father: String,
    /// A registered adult who vouches for somebody without papers.
    introducer: String,
    /// Why a child has no guardian, and who or which agency brings it.
    #[schema(max_length = 500)]
    without_guardian: String,
}

impl From<BesideBody> for Ties {
    fn from(body: BesideBody) -> Self {
        let BesideBody { guardians, mother, father, introducer, without_guardian } = body;
        Self { guardians, mother, father, introducer, without_guardian }
    }
}

/// An act that was done.
#[derive(Serialize, ToSchema)]
struct Done {
    /// The person.
    #[schema(value_type = String)]
    person: Id,
    /// The act's receipt.
    #[schema(value_type = String)]
    receipt: Id,
    /// The version written.
    version: i64,
}

/// What is wrong with a document, by the names of the body.
fn in_body(mut problem: Problem) -> Problem {
    for fault in problem.fields.iter_mut().filter(|_| problem.code == crate::problems::document().code) {
        let which = fault.field.strip_prefix("documents.").unwrap_or(&fault.field);
        let (place, field) = which.split_once('.').unwrap_or(("0", which));
        let field = if field == "document" { "content" } else { field };
        fault.field = format!("documents.{place}.{field}");
    }
    problem
}

async fn register(cx: Cx) -> Result<Reply, Problem> {
    let body: RegisterBody = cx.json()?;
    let registration = Registration {
        entry: body.person.into(),
        evidence: body.evidence,
        despite: body.despite,
        photo: None,
        documents: body
            .documents
            .into_iter()
            .enumerate()
            .map(DocumentBody::read)
            .collect::<Result<_, _>>()?,
        ties: body.beside.into(),
        preregistration: None,
        idempotency_key: cx.idempotency()?.into(),
    };
    let done = cx.service::<People>()?.register(&cx.actor, registration).await.map_err(in_body)?;
    Ok(Reply::json(&Done { person: done.person, receipt: done.receipt, version: done.version })?.status(201))
}

/// A search.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"why": {"purpose": "correction"}, "name": "Amina bint Salem", "born": "1991"}))]
struct SearchBody {
    /// Why.
    why: WhyBody,
    /// A national number or a card number.
    #[serde(default)]
    number: String,
    /// The name, or two parts of it.
    #[serde(default)]
    name: String,
    /// Date of birth, as exact as it is known.
    #[serde(default)]
    born: String,
    /// Place of birth: code or words.
    #[serde(default)]
    birth_place: String,
}

/// A result.
#[derive(Serialize, ToSchema)]
struct FoundBody {
    /// The person.
    #[schema(value_type = String)]
    person: Id,
    /// Name.
    name: String,
    /// Date of birth.
    born: String,
    /// Place of birth.
    birth_place: String,
    /// Sex.
    sex: &'static str,
    /// How a record that was found to be the same person's writes them, where only that is like what was looked for. A look at
    /// that record, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<EarlierBody>,
}

/// An earlier spelling.
#[derive(Serialize, ToSchema)]
struct EarlierBody {
    /// Name.
    name: String,
    /// Date of birth.
    born: String,
}

async fn search(cx: Cx) -> Result<Reply, Problem> {
    let body: SearchBody = cx.json()?;
    let query =
        Query { number: body.number, name: body.name, born: body.born, birth_place: body.birth_place };
    let found = cx.service::<People>()?.search(cx.official()?, &body.why.into(), &query).await?;
    let found: Vec<FoundBody> = found
        .into_iter()
        .map(|one| FoundBody {
            person: one.person,
            name: one.name,
            born: one.born.to_string(),
            birth_place: one.birth_place,
            sex: one.sex.word(),
            earlier: one
                .earlier
                .map(|earlier| EarlierBody { name: earlier.name, born: earlier.born.to_string() }),
        })
        .collect();
    Reply::json(&found)
}

/// A look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"why": {"purpose": "correction"}, "fields": ["name", "born", "card", "history"]}))]
struct LookBody {
    /// Why.
    why: WhyBody,
    /// The fields the work needs: of a record, `number`, `card` or `history`.
    #[schema(min_items = 1, max_items = 30)]
    fields: Vec<String>,
}

/// What a look showed.
#[derive(Serialize, ToSchema)]
struct ShownBody {
    /// The person.
    #[schema(value_type = String)]
    person: Id,
    /// The version, to be named by a correction.
    version: i64,
    /// The fields that were asked for.
    record: EntryBody,
    /// The national number, when asked for.
    number: Option<String>,
    /// The card's number, when asked for.
    card: Option<String>,
    /// Receipt of the look.
    #[schema(value_type = String)]
    receipt: Id,
}

async fn look(cx: Cx) -> Result<Reply, Problem> {
    let body: LookBody = cx.json()?;
    let known = FIELDS.iter().copied().chain([NUMBER, CARD, HISTORY]);
    let fields: Vec<&'static str> =
        known.filter(|field| body.fields.iter().any(|asked| asked == field)).collect();
    if fields.is_empty() || fields.len() != body.fields.len() {
        return Err(Problem::refused("identity-fields-unknown"));
    }
    let id = cx.param_id("person")?;
    let shown = cx.service::<People>()?.read(cx.official()?, &body.why.into(), id, &fields).await?;
    let entry = shown.record.entry();
    Reply::json(&ShownBody {
        person: shown.person,
        version: shown.version,
        record: EntryBody {
            name: entry.name,
            given: entry.given,
            family: entry.family,
            other_names: entry.other_names,
            born: entry.born,
            birth_place: entry.birth_place,
            birth_place_text: entry.birth_place_text,
            sex: entry.sex,
            mother: entry.mother,
            father: entry.father,
            address_place: entry.address_place,
            address_lines: entry.address_lines,
            phone: entry.phone,
            email: entry.email,
            language: entry.language,
            standing: entry.standing,
            died: entry.died,
        },
        number: shown.number.map(|number| number.plain()),
        card: shown.card.map(|card| card.number.plain()),
        receipt: shown.receipt,
    })
}

/// A correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "expected_version": 1,
    "person": {"name": "Rahul Verma", "born": "1979-03", "sex": "male", "standing": "foreigner"},
    "reason": "The passport names the month.",
    "evidence": "Passport seen at the office",
}))]
struct CorrectBody {
    /// The version that was looked at.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    expected_version: i64,
    /// The whole record as it is to be.
    person: EntryBody,
    /// Why.
    reason: String,
    /// What it rests on.
    evidence: String,
}

async fn correct(cx: Cx) -> Result<Reply, Problem> {
    let body: CorrectBody = cx.json()?;
    let correction = Correction {
        person: cx.param_id("person")?,
        expected_version: body.expected_version,
        entry: body.person.into(),
        photo: PhotoChange::Keep,
        reason: body.reason,
        evidence: body.evidence,
        idempotency_key: cx.idempotency()?.into(),
    };
    let done = cx.service::<People>()?.correct(&cx.actor, correction).await?;
    Ok(Reply::json(&Done { person: done.person, receipt: done.receipt, version: done.version })?.status(201))
}

async fn me(cx: Cx) -> Result<Reply, Problem> {
    let citizen = cx.citizen()?;
    let mut data = cx.service::<People>()?.my_data(citizen).await?.json();
    data["permissions"] = cx.service::<Verifier>()?.my_data(citizen).await?;
    Reply::json(&data)
}

async fn proof(cx: Cx) -> Result<Reply, Problem> {
    let subject = cx.service::<People>()?.own_subject(cx.citizen()?).await?;
    let found = cx.site.record.person_proof(subject).await?;
    let (_, proof) = found.ok_or_else(|| Problem::unavailable("identity-proof-wait").retry_after(5))?;
    Reply::json(&proof)
}

/// A receipt's state.
#[derive(Serialize, ToSchema)]
struct ReceiptBody {
    /// The receipt.
    #[schema(value_type = String)]
    receipt: Id,
    /// `pending`, `signed` or `cosigned`.
    state: &'static str,
    /// Kind of the act.
    kind: String,
}

async fn receipt(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("receipt")?;
    if let Some(citizen) = cx.actor.citizen()
        && !cx.service::<People>()?.is_my_receipt(citizen, id).await?
    {
        return Err(Problem::not_found());
    }
    let found = cx.site.record.public_receipt(id).await?;
    let state = match found.state {
        daftar_record::State::Pending => "pending",
        daftar_record::State::Signed => "signed",
        daftar_record::State::Cosigned => "cosigned",
    };
    Reply::json(&ReceiptBody { receipt: id, state, kind: found.kind })
}
