//! Partners and what they ask.

use crate::openid::bed::{Bed, Got, Rp};
use axum::body::Body;
use axum::http::Request;
use daftar_identity::verify::attribute::Attributes;
use daftar_identity::verify::partner::NewPartner;
use daftar_kernel::Id;
use daftar_office::Proven;
use serde_json::{Value, json};

/// Everything that can be granted.
pub const ALL: &str = "name born over_age sex birth_place address_place alive card_valid photo";

/// What most partners here are granted.
pub fn granted(consent: bool) -> NewPartner {
    let attributes = if consent { ALL.to_string() } else { ALL.replace(" photo", "") };
    NewPartner {
        purpose: "registration".into(),
        consent,
        attributes: Attributes::parse(&attributes),
        per_minute: 1_000,
        per_day: 1_500,
    }
}

/// A partner with a token.
pub struct Partner<'b> {
    pub bed: &'b Bed,
    pub rp: Rp<'b>,
    pub token: String,
}

/// A partner whose questions need consent.
pub async fn bank(bed: &Bed) -> Partner<'_> {
    partner(bed, "Bank of the North", granted(true)).await
}

/// A partner whose questions rest on law.
pub async fn agency(bed: &Bed) -> Partner<'_> {
    partner(bed, "Pension Fund", granted(false)).await
}

pub async fn partner<'b>(bed: &'b Bed, name: &str, new: NewPartner) -> Partner<'b> {
    let rp = bed
        .rp(|client| {
            client.name = name.into();
            let host = name.to_lowercase().replace(' ', "-");
            client.redirect_uris = vec![format!("https://{host}.example/back")];
            client.logout_uris = Vec::new();
        })
        .await;
    bed.verifier.set_partner(&Proven::system("test"), &rp.id, &new).await.unwrap();
    let mut made = Partner { bed, rp, token: String::new() };
    made.renew().await;
    made
}

/// What came of a request, in one line: the status, and the problem's code.
pub fn outcome(got: &Got) -> String {
    match serde_json::from_str::<Value>(&got.body)
        .ok()
        .and_then(|body| body["code"].as_str().map(str::to_string))
    {
        Some(code) if got.status >= 400 => format!("{} {code}", got.status),
        _ => got.status.to_string(),
    }
}

/// A request of a program as it is.
pub async fn send(bed: &Bed, method: &str, path: &str, token: &str, (key, body): (&str, String)) -> Got {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    if method == "POST" {
        request = request.header("content-type", "application/json");
    }
    bed.send(request.body(Body::from(body)).unwrap()).await
}

impl Partner<'_> {
    /// A fresh token of its own.
    pub async fn renew(&mut self) {
        let fields = [("grant_type", "client_credentials"), ("scope", "verify")];
        let got = self.rp.post("/openid/token", &fields).await;
        assert_eq!(got.status, 200, "{}", got.body);
        assert_eq!(got.json()["scope"], "verify");
        self.token = got.json()["access_token"].as_str().unwrap().to_string();
    }
    pub async fn post(&self, path: &str, body: &Value) -> Got {
        send(self.bed, "POST", path, &self.token, ("", body.to_string())).await
    }
    pub async fn get(&self, path: &str) -> Got {
        send(self.bed, "GET", path, &self.token, ("", String::new())).await
    }
    /// A question about the holder of a card.
    pub async fn verify(&self, card: &str, consent: Option<&str>, claims: &[(&str, &str)]) -> Got {
        let claims: Vec<Value> = claims.iter().map(|(a, v)| json!({"attribute": a, "value": v})).collect();
        let mut body = json!({ "card": card, "claims": claims });
        if let Some(consent) = consent {
            body["consent"] = json!(consent);
        }
        self.post("/api/v1/verify", &body).await
    }
    /// The answers to a question, in the order of the claims.
    pub async fn answers(&self, card: &str, consent: Option<&str>, claims: &[(&str, &str)]) -> String {
        let got = self.verify(card, consent, claims).await;
        assert_eq!(got.status, 200, "{}", got.body);
        let answers = got.json()["answers"].as_array().unwrap().clone();
        answers.iter().map(|one| one["answer"].as_str().unwrap().to_string()).collect::<Vec<_>>().join(" ")
    }
    /// Asks for a consent; the consent and its code.
    pub async fn ask(&self, key: &str, body: &Value) -> (String, String) {
        let got = send(self.bed, "POST", "/api/v1/consents", &self.token, (key, body.to_string())).await;
        assert_eq!(got.status, 201, "{}", got.body);
        let text = |name: &str| got.json()[name].as_str().unwrap().to_string();
        (text("consent"), text("code"))
    }
    /// A consent that the citizen has given.
    pub async fn consent(&self, citizen: Id, body: &Value) -> String {
        let key = daftar_kernel::hex::encode(&self.bed.store.store().world().bytes::<8>());
        let (consent, code) = self.ask(&key, body).await;
        self.bed.verifier.answer(citizen, &code, true).await.unwrap();
        consent
    }
}

/// The number of a citizen's card.
pub async fn card_of(bed: &Bed, citizen: Id) -> String {
    bed.people.my_record(citizen).await.unwrap().card.unwrap().number.plain()
}

/// A number that could be a card's, and is nobody's.
pub fn nobodys(bed: &Bed) -> String {
    daftar_identity::number::CardNumber::draw(bed.store.store().world()).grouped()
}

/// The purposes, bases and fields of the looks at a citizen, newest first.
pub async fn looks(bed: &Bed, citizen: Id) -> Vec<String> {
    let looks = bed.people.my_looks(citizen, None, 50).await.unwrap();
    let said = |content: &daftar_record::LookContent| {
        format!("{}/{}/{}/{}", content.reader, content.purpose, content.basis, content.fields.join(","))
    };
    looks.rows.iter().filter_map(|row| row.content.as_ref()).map(said).collect()
}
