//! What partners ask, as JSON. Every request carries a token of the partner's own; nothing here opens to a person's session.

use super::ask::Asked;
use super::attribute::Attribute;
use super::card::Named;
use super::compare::{AGES, Claim};
use super::consent::{MAX_DAYS, Permission, Put, Wish};
use super::{RETRY_SECONDS, Token, Verifier};
use crate::number::CardNumber;
use crate::pages::search::place_code;
use crate::problems;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Most claims of one question: each attribute can stand once.
pub const MAX_CLAIMS: usize = Attribute::ALL.len();
/// Largest body of a partner's request, in bytes: that of every route. Nine claims in any script fit.
pub const BODY_BYTES: usize = daftar_http::route::DEFAULT_BODY_BYTES;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes
        .api("POST", "/api/v1/verify", Access::Partner, |cx| async move { shed(cx, verify).await })
        .doc("verification", "Ask whether what somebody claims is so. The person sees each question.")
        .takes::<VerifyQuestion>()
        .gives::<VerifyAnswers>(200, "One answer for each claim. A card of nobody gives unknown throughout.");
    routes
        .api("POST", "/api/v1/consents", Access::Partner, |cx| async move { shed(cx, ask).await })
        .doc("verification", "Ask a person to consent. Answers the code they open.")
        .idempotent()
        .takes::<ConsentWish>()
        .gives::<ConsentAsked>(201, "Asked; show the person the code or the link.");
    routes
        .api("GET", "/api/v1/consents/{consent}", Access::Partner, |cx| async move { shed(cx, state).await })
        .doc("verification", "How far a consent of yours is.")
        .example("consent", "$consent")
        .gives::<ConsentState>(200, "Its state.");
    routes
        .api("GET", "/api/v1/consents/{consent}/receipt", Access::Partner, |cx| async move {
            shed(cx, receipt).await
        })
        .doc("verification", "The signed receipt of a consent that was answered.")
        .example("consent", "$consent")
        .problem(409)
        .gives_bytes("application/jwt", "A JWT of type consent-receipt+jwt.");
    routes
        .api("POST", "/api/v1/kyc", Access::Partner, |cx| async move { shed(cx, kyc).await })
        .doc("verification", "What a consent covers, as a signed document for you alone.")
        .takes::<KycQuestion>()
        .problem(409)
        .gives_bytes("application/jwt", "A JWT of type kyc+jwt, to be believed for five minutes.");
    routes
        .api("POST", "/api/v1/card-status", Access::Partner, |cx| async move { shed(cx, card_status).await })
        .doc("verification", "Whether a card is valid now. The holder sees the question.")
        .takes::<CardQuestion>()
        .gives::<CardStatus>(200, "How the card stands.");
}

/// Works on at most [`MAX_AT_ONCE`](super::MAX_AT_ONCE) such requests at once, each with a token that is right.
async fn shed<A>(cx: Cx, work: impl FnOnce(Cx, Arc<Verifier>, Token) -> A) -> Result<Reply, Problem>
where
    A: Future<Output = Result<Reply, Problem>>,
{
    let verifier = cx.service::<Verifier>()?;
    let places = Arc::clone(&verifier);
    let Ok(_place) = places.places().try_acquire() else {
        return Err(problems::verify_busy().retry_after(RETRY_SECONDS));
    };
    let token = verifier.token(&cx.authorization).await?;
    work(cx, verifier, token).await
}

/// What somebody claims.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyClaim {
    /// `name`, `born`, `over_age`, `sex`, `birth_place`, `address_place`, `alive` or `card_valid`.
    #[schema(max_length = 20)]
    attribute: String,
    /// What is claimed; none for `alive` and `card_valid`.
    #[serde(default)]
    #[schema(max_length = 400)]
    value: String,
}

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "card": "4821 7730 9152 6",
    "consent": "0b0f2c6e-6a55-4d0b-9a37-2f6d3a1c9e10",
    "claims": [{"attribute": "name", "value": "Amina bint Salem"}, {"attribute": "over_age", "value": "18"}],
}))]
struct VerifyQuestion {
    /// The number of the card that was shown; never a national number.
    #[schema(max_length = 40)]
    card: String,
    /// The person's consent; needed unless your registration rests on law.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    consent: Option<String>,
    /// What is claimed, each attribute once.
    #[schema(min_items = 1, max_items = 9)]
    claims: Vec<VerifyClaim>,
}

/// One answer.
#[derive(Serialize, ToSchema)]
struct VerifyAnswer {
    /// The attribute.
    attribute: &'static str,
    /// `yes`, `no` or `unknown`.
    answer: &'static str,
}

/// The answers.
#[derive(Serialize, ToSchema)]
struct VerifyAnswers {
    /// In the order of the claims.
    answers: Vec<VerifyAnswer>,
    /// When, RFC 3339.
    at: String,
}

/// The consent a body names.
fn consent_id(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|_| problems::verify_ask().field("consent", "identity-verify-fault-consent"))
}

/// The question in a body; every fault by its place.
fn asked(cx: &Cx, body: &VerifyQuestion) -> Result<Asked, Problem> {
    let mut problem = problems::verify_ask();
    let card = CardNumber::parse(&body.card);
    if let Err(fault) = &card {
        problem = problem.field("card", fault.message());
    }
    if body.claims.is_empty() || body.claims.len() > MAX_CLAIMS {
        problem = problem.field("claims", "identity-verify-fault-none");
    }
    let mut claims: Vec<Claim> = Vec::new();
    for (place, sent) in body.claims.iter().take(MAX_CLAIMS).enumerate() {
        let Some(attribute) = Attribute::from_word(&sent.attribute).filter(|a| *a != Attribute::Photo) else {
            problem = problem.field(format!("claims/{place}/attribute"), "identity-verify-fault-attribute");
            continue;
        };
        if claims.iter().any(|known| known.attribute() == attribute) {
            problem = problem.field(format!("claims/{place}/attribute"), "identity-verify-fault-twice");
            continue;
        }
        match Claim::parse(attribute, &sent.value, |typed| typed_place(cx, typed)) {
            Ok(claim) => claims.push(claim),
            Err(message) => problem = problem.field(format!("claims/{place}/value"), message),
        }
    }
    match card {
        Ok(card) if problem.fields.is_empty() => {
            Ok(Asked { card, consent: body.consent.as_deref().map(consent_id).transpose()?, claims })
        }
        _ => Err(problem),
    }
}

/// The code of a place that was sent as its code or its name.
fn typed_place(cx: &Cx, typed: &str) -> String {
    if cx.site.country().places.get(typed).is_some() { typed.to_string() } else { place_code(cx, typed) }
}

async fn verify(cx: Cx, verifier: Arc<Verifier>, token: Token) -> Result<Reply, Problem> {
    let asked = asked(&cx, &cx.json()?)?;
    let told = verifier.verify(&token, asked).await?;
    let answer = |(attribute, answer): &(Attribute, super::compare::Answer)| VerifyAnswer {
        attribute: attribute.word(),
        answer: answer.word(),
    };
    Reply::json(&VerifyAnswers {
        answers: told.answers.iter().map(answer).collect(),
        at: told.at.to_rfc3339(),
    })
}

/// What a person is asked to allow.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"attributes": ["name", "address_place"], "days": 90, "uses": 10}))]
struct ConsentWish {
    /// Words of attributes, each once.
    #[schema(min_items = 1, max_items = 9)]
    attributes: Vec<String>,
    /// For how many days from the person's yes.
    #[schema(minimum = 1, maximum = 365)]
    days: i64,
    /// For how many uses; without it as many as your quota allows.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    uses: Option<i64>,
}

/// A question that was put.
#[derive(Serialize, ToSchema)]
struct ConsentAsked {
    /// The consent, to be named from now on.
    #[schema(value_type = String)]
    consent: Id,
    /// What the person types under "What I allowed".
    code: String,
    /// The same as a link.
    link: String,
    /// Until when the person may answer, RFC 3339.
    answer_by: String,
}

async fn ask(cx: Cx, verifier: Arc<Verifier>, token: Token) -> Result<Reply, Problem> {
    let key = cx.idempotency()?.to_string();
    let ConsentWish { attributes, days, uses } = cx.json()?;
    if attributes.len() > MAX_CLAIMS {
        return Err(problems::verify_ask().field("attributes", "identity-verify-fault-twice"));
    }
    let Put { consent, code, answer_by } =
        verifier.ask_consent(&token, Wish { attributes, days, uses }, &key).await?;
    let link = format!("{}/me/permissions/asked/{code}", verifier.issuer()?);
    Ok(Reply::json(&ConsentAsked { consent, code, link, answer_by: answer_by.to_rfc3339() })?.status(201))
}

/// How far a consent is.
#[derive(Serialize, ToSchema)]
struct ConsentState {
    /// The consent.
    #[schema(value_type = String)]
    consent: Id,
    /// `asked`, `given`, `declined`, `revoked`, `expired` or `used-up`.
    state: &'static str,
    /// What it covers.
    attributes: Vec<&'static str>,
    /// Until when, RFC 3339; none before the person has said yes.
    until: Option<String>,
    /// How often it was used.
    uses: i64,
    /// How often it may be used.
    uses_allowed: Option<i64>,
}

async fn named(cx: &Cx, verifier: &Verifier, token: &Token) -> Result<Permission, Problem> {
    let id = cx.param("consent").parse().map_err(|_| problems::consent_unknown())?;
    verifier.consent_of(token, id).await
}

async fn state(cx: Cx, verifier: Arc<Verifier>, token: Token) -> Result<Reply, Problem> {
    let Permission { consent, .. } = named(&cx, &verifier, &token).await?;
    Reply::json(&ConsentState {
        consent: consent.id,
        state: consent.state_word(cx.now()),
        attributes: consent.attributes.words(),
        until: consent.until.map(Timestamp::to_rfc3339),
        uses: consent.uses,
        uses_allowed: consent.max_uses,
    })
}

async fn receipt(cx: Cx, verifier: Arc<Verifier>, token: Token) -> Result<Reply, Problem> {
    let permission = named(&cx, &verifier, &token).await?;
    Ok(Reply::new("application/jwt", verifier.receipt(&permission).await?))
}

/// What is to be handed over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KycQuestion {
    /// The consent.
    #[schema(max_length = 40)]
    consent: String,
    /// Where the consent covers ages: whether the person is at least so old.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 120)]
    over_age: Option<u8>,
}

async fn kyc(cx: Cx, verifier: Arc<Verifier>, token: Token) -> Result<Reply, Problem> {
    let body: KycQuestion = cx.json()?;
    if body.over_age.is_some_and(|age| !(AGES.0..=AGES.1).contains(&age)) {
        return Err(problems::verify_ask().field("over_age", "identity-verify-fault-age"));
    }
    let country = cx.site.country();
    let place = |code: &str| country.places.full_name(code, &cx.lang);
    let document = verifier.kyc(&token, consent_id(&body.consent)?, body.over_age, &place).await?;
    Ok(Reply::new("application/jwt", document))
}

/// Which card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "DFT1:…"}))]
struct CardQuestion {
    /// The text of the code on the card.
    #[serde(default)]
    #[schema(max_length = 4296)]
    code: Option<String>,
    /// The number on the card; only where your registration rests on law.
    #[serde(default)]
    #[schema(max_length = 40)]
    card: Option<String>,
}

/// How a card stands.
#[derive(Serialize, ToSchema)]
struct CardStatus {
    /// `valid`, `replaced`, `ended` or `unknown`.
    status: &'static str,
    /// Since when it counts no more, RFC 3339, when an act ended it.
    since: Option<String>,
    /// When this was asked, RFC 3339.
    at: String,
}

async fn card_status(cx: Cx, verifier: Arc<Verifier>, token: Token) -> Result<Reply, Problem> {
    let body: CardQuestion = cx.json()?;
    let named = match (&body.code, &body.card) {
        (Some(code), None) => Named::Code(verifier.card_of_code(code)?),
        (None, Some(number)) => Named::Number(
            CardNumber::parse(number)
                .map_err(|fault| problems::verify_ask().field("card", fault.message()))?,
        ),
        _ => return Err(problems::verify_ask().field("card", "identity-verify-fault-one")),
    };
    let standing = verifier.card_status(&token, named).await?;
    Reply::json(&CardStatus {
        status: standing.status.word(),
        since: standing.since.map(Timestamp::to_rfc3339),
        at: standing.at.to_rfc3339(),
    })
}

// The schemas name these numbers; they must not drift from the limits.
const _: () = assert!(MAX_DAYS == 365 && MAX_CLAIMS == 9 && AGES.0 == 1 && AGES.1 == 120);
