//! The receipt of a consent that a program can read: a JWT signed with the provider's key, the same for the person and the partner.
//! Field names are those of ISO/IEC TS 27560 where it has one; times are RFC 3339, and seconds where JWT says so.

use super::Verifier;
use super::consent::{Permission, State};
use crate::problems;
use daftar_kernel::{Problem, Timestamp};
use daftar_store::Tx;
use openid::jws::{self, Claims};
use serde_json::{Value, json};

/// The header's type.
pub const TYP: &str = "consent-receipt+jwt";
/// Which form of receipt it is.
pub const SCHEMA: &str = "daftar-consent-receipt/1";

/// The claims of a receipt.
fn claims(
    issuer: &str,
    permission: &Permission,
    sub: Option<String>,
    (now, basis): (Timestamp, &str),
) -> Claims {
    let Permission { consent, partner } = permission;
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    let event = |state: &str, at: Option<Timestamp>| {
        at.map(|at| json!({
        "event_type": "explicit", "event_state": state, "event_time": at.to_rfc3339(), "entity_id": "pii_principal",
    }))
    };
    let events: Vec<Value> = [
        event(if consent.state == State::Declined { "refused" } else { "given" }, consent.given_at),
        event("withdrawn", consent.ended_at),
    ]
    .into_iter()
    .flatten()
    .collect();
    let document = json!({
        "iss": issuer,
        "aud": partner.client,
        "sub": sub,
        "iat": now.seconds(),
        "exp": consent.until.map(Timestamp::seconds),
        "jti": consent.id,
        "schema_version": SCHEMA,
        "record_id": consent.id,
        "pii_principal_id": sub,
        "pii_controller": partner.organisation,
        "recipient": partner.name,
        "purpose": consent.purpose,
        "lawful_basis": "consent",
        "purpose_basis": basis,
        "pii_attributes": consent.attributes.words(),
        "validity_from": time(consent.given_at),
        "validity_until": time(consent.until),
        "uses_allowed": consent.max_uses,
        "withdrawal_method": format!("{issuer}/me/permissions"),
        "consent_state": consent.state_word(now),
        "events": events,
        "record_receipt": consent.receipt,
    });
    document
        .as_object()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

impl Verifier {
    /// Signs the receipt of a consent that was answered.
    ///
    /// # Errors
    /// `identity-consent-waits` before the answer; `identity-openid-off`; the store's.
    pub async fn receipt(&self, permission: &Permission) -> Result<String, Problem> {
        let Some(person) = permission.consent.person else { return Err(problems::consent_waits()) };
        let service = permission.partner.token_service();
        let sub = self.store().read(move |tx: &mut Tx| {
            let service = service.clone();
            Box::pin(async move { crate::tokens::of(tx, person, &service).await })
        });
        let sub = sub.await?.map(|sub| sub.to_string());
        let roster = self.people().office.roster();
        let basis = roster.purpose(&permission.consent.purpose).map_or("", |purpose| purpose.basis.as_str());
        let (issuer, ring) = (self.provider.issuer()?, self.provider.keys().await?);
        let claims = claims(&issuer, permission, sub, (self.now(), basis));
        jws::sign(&ring.active, TYP, &claims)
            .ok_or_else(|| Problem::internal("a receipt could not be signed"))
    }
}
