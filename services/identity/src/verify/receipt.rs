//! The receipt of a consent that a program can read: a JWT signed with the provider's key, the same for the person and the partner.
//!
//! Field names are those of ISO/IEC TS 27560:2023 as public texts give them; the standard's own text is sold and was not read. They
//! were checked against the guide of the W3C Community Group on data privacy vocabularies, "Consent Records and Receipts as per
//! ISO/IEC TS 27560:2023 using DPV" (final report of 2024-08-01), section "ISO 27560:2023, EU GDPR, and DPV", which lists the fields
//! with clause numbers and says which are mandatory:
//!
//! * receipt metadata (6.4.5): `schema_version` and `receipt_id`, all that a receipt must have;
//! * record header (6.3.3): `record_id`, `pii_principal_id`;
//! * processing (6.3.4): `purposes`, each with `purpose`, `lawful_basis`, `pii_information`, `pii_controllers` (party ids), `services`,
//!   `withdrawal_method`;
//! * personal data (6.3.5): `pii_type`;
//! * parties (6.3.6): `party_id`, `party_name`, `party_role`;
//! * events (6.3.7): `event_time`, `validity_duration`, `entity_id`, `event_type`, `event_state`.
//!
//! The names of the containers (`pii_processing`, `parties`, `events`) differ between public texts; these are the most frequent. What
//! this register adds stands under `daftar`, so that no name of the standard is used for something of ours.

use super::Verifier;
use super::consent::{Permission, State};
use crate::problems;
use daftar_kernel::{Problem, Timestamp};
use daftar_store::Tx;
use openid::jws::{self, Claims};
use serde_json::{Value, json};

/// The header's type.
pub const TYP: &str = "consent-receipt+jwt";
/// Which form of receipt it is (6.4.5).
pub const SCHEMA: &str = "daftar-consent-receipt/2";

/// Fields that are mandatory in a consent *record* and that this register does not know, so that a receipt leaves them out.
pub const LEFT_OUT: [&str; 9] = [
    "privacy_notice",
    "language",
    "storage_locations",
    "retention_period",
    "jurisdiction",
    "recipient_third_parties",
    "party_address",
    "party_contact",
    "party_type",
];

/// The claims of a receipt.
fn claims(
    issuer: &str,
    permission: &Permission,
    sub: Option<String>,
    (now, basis): (Timestamp, &str),
) -> Claims {
    let Permission { consent, partner } = permission;
    // One fetched later may say something else: it is another receipt of the same record.
    let receipt_id = format!("{}.{}", consent.id, now.seconds());
    let document = json!({
        "iss": issuer,
        "aud": partner.client,
        "sub": sub,
        "iat": now.seconds(),
        "exp": consent.until.map(Timestamp::seconds),
        "jti": receipt_id,
        "schema_version": SCHEMA,
        "receipt_id": receipt_id,
        "record_id": consent.id,
        "pii_principal_id": sub,
        "pii_processing": { "purposes": [purpose(issuer, permission)] },
        "parties": [{
            "party_id": partner.client, "party_name": partner.organisation, "party_role": "pii_controller",
        }],
        "events": events(permission, sub.as_deref()),
        "daftar": {
            "state": consent.state_word(now),
            "law": basis,
            "valid_until": consent.until.map(Timestamp::to_rfc3339),
            "uses_allowed": consent.max_uses,
            "record_receipt": consent.receipt,
            "left_out": LEFT_OUT,
        },
    });
    document
        .as_object()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// The one purpose of a consent (6.3.4), with what it is about (6.3.5).
fn purpose(issuer: &str, Permission { consent, partner }: &Permission) -> Value {
    let about: Vec<Value> =
        consent.attributes.words().iter().map(|word| json!({ "pii_type": word })).collect();
    json!({
        "purpose": consent.purpose,
        "lawful_basis": "consent",
        "pii_information": about,
        "pii_controllers": [partner.client],
        "services": [partner.name],
        "withdrawal_method": format!("{issuer}/me/permissions"),
    })
}

/// What happened to a consent (6.3.7). Whoever it was, they expressed it themselves: the entity is the person. How long it holds goes
/// with the yes alone, as an ISO 8601 duration.
fn events(Permission { consent, .. }: &Permission, entity: Option<&str>) -> Vec<Value> {
    let event = |state: &str, at: Option<Timestamp>, days: Option<i64>| {
        let at = at?;
        let mut event = json!({
            "event_time": at.to_rfc3339(), "entity_id": entity, "event_type": "explicit", "event_state": state,
        });
        if let Some(days) = days {
            event["validity_duration"] = json!(format!("P{days}D"));
        }
        Some(event)
    };
    let answered = match consent.state {
        State::Declined => event("refused", consent.given_at, None),
        _ => event("given", consent.given_at, Some(consent.days)),
    };
    [answered, event("withdrawn", consent.ended_at, None)].into_iter().flatten().collect()
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
