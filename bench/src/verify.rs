//! What a partner asks: a registered program by law, with token, quota, look and record on.

use crate::country::Country;
use crate::load::{self, Measured, Requests};
use crate::report::{Goal, Report, median};
use anyhow::{Context, Result, anyhow};
use daftar_identity::openid::client::NewClient;
use daftar_identity::verify::Verifier;
use daftar_identity::verify::attribute::Attributes;
use daftar_identity::verify::partner::NewPartner;
use daftar_identity::verify::quota::{MAX_PER_DAY, MAX_PER_MINUTE};
use daftar_kernel::Id;
use daftar_office::Proven;
use daftar_office::roster::Label;
use openid::token::Ask;
use openid::{Method, Scope, Scopes};
use serde_json::json;
use std::sync::Arc;

/// Questions a second that are offered.
pub const OFFERED: u64 = 1000;
/// Longest time that 99 of 100 of them may take, in microseconds.
const P99: u64 = 50_000;

/// A partner's questions about these people, each with a name, an age and whether they live.
///
/// # Errors
/// When the country refuses the partner.
pub async fn questions(country: &Country, people: &[Id]) -> Result<Requests> {
    let (provider, register) = (&country.installation.openid, &country.installation.people);
    provider.set_issuer("https://bench.example")?;
    let by = Proven::system("bench");
    let client = NewClient {
        name: "Bench Fund".into(),
        organisation: "Bench".into(),
        agency: String::new(),
        why: Label::english("To measure."),
        method: Method::Secret,
        native: false,
        refresh: false,
        own_tokens: true,
        scopes: Scopes::new([Scope::OpenId]),
        redirect_uris: vec!["https://fund.example/back".into()],
        logout_uris: Vec::new(),
        keys: String::new(),
    };
    let made = provider.register_client(&by, &client).await?;
    let new = NewPartner {
        purpose: "benefit-entitlement".into(),
        consent: false,
        attributes: Attributes::parse("name over_age alive"),
        per_minute: MAX_PER_MINUTE,
        per_day: MAX_PER_DAY,
    };
    Verifier::new(provider.clone()).set_partner(&by, &made.id, &new).await?;
    let client = provider.client(&made.id).await?.context("the partner is gone")?;
    let own = Ask::Own { scopes: Scopes::new(Scope::OWN) };
    let token = provider.answer(Arc::new(client), own).await?.map_err(|refusal| anyhow!("{refusal:?}"))?;
    let token = token.context("the client changed meanwhile")?.access_token;
    let mut bodies = Vec::new();
    for person in people {
        let mine = register.my_record(register.office_token(*person).await?).await?;
        let card = mine.card.context("a person without a card")?.number.plain();
        let name = mine.version.document.person.name.to_string();
        let claims = json!([
            {"attribute": "name", "value": name}, {"attribute": "over_age", "value": "18"}, {"attribute": "alive"},
        ]);
        bodies.push(json!({"card": card, "claims": claims}).to_string());
    }
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    Ok(Arc::new(move |number| {
        let at = usize::try_from(number).unwrap_or(0) % bodies.len().max(1);
        let body = bodies.get(at).map(String::as_str).unwrap_or_default();
        load::request("POST", "/api/v1/verify", &headers, body)
    }))
}

/// Closed loop, and so many offered.
pub fn say(report: &Report, closed: &[Measured], offered: &[Measured]) {
    let of = |stretches: &[Measured], what: fn(&Measured) -> u64| {
        median(&stretches.iter().map(what).collect::<Vec<_>>())
    };
    let words = |what: &str| format!("verification, {OFFERED}/s offered, {what}");
    report.alone(
        "verification, 64 connections",
        of(closed, |m| m.per_second),
        Goal::AtLeast(OFFERED),
        "answers/s",
    );
    report.alone("verification, processor time", of(closed, |m| m.cpu), Goal::None, "µs/answer");
    report.alone(&words("answered"), of(offered, |m| m.per_second), Goal::None, "answers/s");
    report.alone(&words("p50"), of(offered, |m| m.p50), Goal::None, "µs");
    report.alone(&words("p99"), of(offered, |m| m.p99), Goal::AtMost(P99), "µs");
}
