//! What is refused, and how: each case by what is tried and what it gets.

use super::bed::{Partner, agency, bank, card_of, granted, nobodys, outcome, partner, send};
use crate::country;
use crate::openid::bed::Bed;
use daftar_identity::verify::api_limits::{BODY_BYTES, MAX_CLAIMS};
use daftar_identity::verify::attribute::Attributes;
use daftar_identity::verify::consent::{ANSWER_SECONDS, MAX_DAYS, MAX_USES};
use daftar_identity::verify::partner::NewPartner;
use daftar_office::Proven;
use daftar_testing::for_each_engine;
use serde_json::{Value, json};
use std::pin::Pin;

struct With<'b> {
    bed: &'b Bed,
    bank: Partner<'b>,
    fund: Partner<'b>,
    other: Partner<'b>,
    card: String,
    consent: String,
}

type Run = for<'w, 'b> fn(&'w With<'b>) -> Pin<Box<dyn Future<Output = String> + 'w>>;

impl With<'_> {
    /// The outcome of the bank's question with this body.
    async fn ask(&self, body: Value) -> String {
        outcome(&self.bank.post("/api/v1/verify", &body).await)
    }
    /// The outcome of the bank's question with these claims under the consent.
    async fn claims(&self, claims: Value) -> String {
        self.ask(json!({"card": self.card, "consent": self.consent, "claims": claims})).await
    }
    async fn named(&self, consent: &str) -> String {
        outcome(&self.bank.verify(&self.card, Some(consent), &[("name", "Amina Diallo")]).await)
    }
    async fn wish(&self, key: &str, body: Value) -> String {
        outcome(&send(self.bed, "POST", "/api/v1/consents", &self.bank.token, (key, body.to_string())).await)
    }
    async fn raw(&self, token: &str, body: &str) -> String {
        outcome(&send(self.bed, "POST", "/api/v1/verify", token, ("", body.to_string())).await)
    }
    fn good(&self) -> Value {
        json!({"card": self.card, "consent": self.consent, "claims": [{"attribute": "name", "value": "x y"}]})
    }
    /// A token of the bank's for another scope or none.
    async fn token(&self, scope: &str) -> String {
        let mut fields = vec![("grant_type", "client_credentials")];
        if !scope.is_empty() {
            fields.push(("scope", scope));
        }
        let got = self.bank.rp.post("/openid/token", &fields).await;
        got.json()["access_token"].as_str().map_or_else(|| got.outcome(), str::to_string)
    }
}

macro_rules! cases {
    ($($tries:literal, $gets:literal, |$w:ident| $run:expr;)*) => {
        [$(($tries, $gets, (|$w| Box::pin(async move { $run })) as Run)),*]
    };
}

fn who() -> [(&'static str, &'static str, Run); 11] {
    cases! {
        "no token", "401 identity-verify-token", |w| w.raw("", &w.good().to_string()).await;
        "a word for a token", "401 identity-verify-token", |w| w.raw("abc.def.ghi", "{}").await;
        "a token with another signature", "401 identity-verify-token", |w| {
            let bent = format!("{}AAAA", &w.bank.token[..w.bank.token.len() - 4]);
            w.raw(&bent, "{}").await
        };
        "a citizen's session", "401 identity-verify-token", |w| {
            let browser = w.bed.signed_in(w.bed.amina).await;
            w.raw(&browser.cookies["daftar_session"], &w.good().to_string()).await
        };
        "a token without the scope", "403 identity-verify-scope", |w| {
            let token = w.token("").await;
            w.raw(&token, &w.good().to_string()).await
        };
        "a scope of people for the bank itself", "400 invalid_scope", |w| w.token("profile").await;
        "a client that was let ask nothing", "400 invalid_scope", |w| {
            let clinic = w.bed.clinic().await;
            let fields = [("grant_type", "client_credentials"), ("scope", "verify")];
            let got = clinic.post("/openid/token", &fields).await.outcome();
            got.replace("unauthorized_client", "invalid_scope")
        };
        "a token that was revoked", "401 identity-verify-token", |w| {
            let token = w.token("verify").await;
            w.bank.rp.post("/openid/revoke", &[("token", &token)]).await;
            w.raw(&token, &w.good().to_string()).await
        };
        "a partner whose right was ended", "403 identity-verify-partner", |w| {
            let gone = partner(w.bed, "Gone", granted(true)).await;
            w.bed.verifier.end_partner(&Proven::system("test"), &gone.rp.id).await.unwrap();
            outcome(&gone.verify(&w.card, None, &[("alive", "")]).await)
        };
        "a partner that was withdrawn since its last token", "401 invalid_client", |w| {
            let gone = partner(w.bed, "Withdrawn too", granted(true)).await;
            w.bed.provider.withdraw_client(&Proven::system("test"), &gone.rp.id).await.unwrap();
            let fields = [("grant_type", "client_credentials"), ("scope", "verify")];
            gone.rp.post("/openid/token", &fields).await.outcome()
        };
        "a partner that was withdrawn", "401 identity-verify-token", |w| {
            let gone = partner(w.bed, "Withdrawn", granted(true)).await;
            w.bed.provider.withdraw_client(&Proven::system("test"), &gone.rp.id).await.unwrap();
            outcome(&gone.verify(&w.card, None, &[("alive", "")]).await)
        };
    }
}

fn what() -> [(&'static str, &'static str, Run); 19] {
    cases! {
        "no JSON", "400 bad-json", |w| w.raw(&w.bank.token, "{\"card\":").await;
        "another shape", "400 bad-body", |w| w.ask(json!({"card": w.card, "claims": "name"})).await;
        "an unknown field", "400 bad-body", |w| w.ask(json!({"card": w.card, "claims": [], "number": "1"})).await;
        "a body at the limit", "422 identity-verify-ask", |w| {
            let text = |fill: usize| json!({"card": "x".repeat(fill), "claims": []}).to_string();
            let frame = text(0).len();
            w.raw(&w.bank.token, &text(BODY_BYTES - frame)).await
        };
        "a body one past the limit", "413 body-too-large", |w| {
            let text = |fill: usize| json!({"card": "x".repeat(fill), "claims": []}).to_string();
            let frame = text(0).len();
            w.raw(&w.bank.token, &text(BODY_BYTES - frame + 1)).await
        };
        "no claim", "422 identity-verify-ask", |w| w.claims(json!([])).await;
        "as many claims as can be, one twice", "422 identity-verify-ask", |w| {
            w.claims(json!(vec![json!({"attribute": "alive"}); MAX_CLAIMS])).await
        };
        "one claim more than there are attributes", "422 identity-verify-ask", |w| {
            w.claims(json!(vec![json!({"attribute": "name", "value": "x y"}); MAX_CLAIMS + 1])).await
        };
        "an unknown attribute", "422 identity-verify-ask", |w| {
            w.claims(json!([{"attribute": "religion", "value": "x"}])).await
        };
        "the national number as an attribute", "422 identity-verify-ask", |w| {
            w.claims(json!([{"attribute": "number", "value": "12345678903"}])).await
        };
        "a photo to be compared", "422 identity-verify-ask", |w| w.claims(json!([{"attribute": "photo"}])).await;
        "an attribute twice", "422 identity-verify-ask", |w| {
            w.claims(json!([{"attribute": "alive"}, {"attribute": "alive"}])).await
        };
        "a value where nothing is claimed", "422 identity-verify-ask", |w| {
            w.claims(json!([{"attribute": "alive", "value": "yes"}])).await
        };
        "an age of 121", "422 identity-verify-ask", |w| {
            w.claims(json!([{"attribute": "over_age", "value": "121"}])).await
        };
        "a number of eleven digits", "422 identity-verify-ask", |w| {
            let mut body = w.good();
            body["card"] = json!("12345678903");
            w.ask(body).await
        };
        "a card with a wrong check digit", "422 identity-verify-ask", |w| {
            let last = w.card.pop_digit();
            let mut body = w.good();
            body["card"] = json!(format!("{}{}", &w.card[..w.card.len() - 1], (last + 1) % 10));
            w.ask(body).await
        };
        "what the partner was not granted", "403 identity-verify-attribute", |w| {
            let few = NewPartner { attributes: Attributes::parse("name"), ..granted(false) };
            let few = partner(w.bed, "Few", few).await;
            outcome(&few.verify(&w.card, None, &[("alive", "")]).await)
        };
        "an age of nobody's asking", "422 identity-verify-ask", |w| {
            outcome(&w.bank.post("/api/v1/kyc", &json!({"consent": w.consent, "over_age": 0})).await)
        };
        "a card by code and number", "422 identity-verify-ask", |w| {
            outcome(&w.bank.post("/api/v1/card-status", &json!({"code": "DFT1:", "card": w.card})).await)
        };
    }
}

fn under_which_consent() -> [(&'static str, &'static str, Run); 18] {
    cases! {
        "no consent", "422 identity-consent-needed", |w| {
            outcome(&w.bank.verify(&w.card, None, &[("alive", "")]).await)
        };
        "no consent for a card of nobody", "422 identity-consent-needed", |w| {
            outcome(&w.bank.verify(&nobodys(w.bed), None, &[("alive", "")]).await)
        };
        "a consent of nobody", "404 identity-consent-unknown", |w| {
            w.named("0198c2f0-5a3c-7d1e-8a00-1f2e3d4c5b6a").await
        };
        "a word for a consent", "422 identity-verify-ask", |w| w.named("x").await;
        "another partner's consent", "404 identity-consent-unknown", |w| {
            outcome(&w.other.verify(&w.card, Some(&w.consent), &[("name", "x y")]).await)
        };
        "another partner's document", "404 identity-consent-unknown", |w| {
            outcome(&w.other.post("/api/v1/kyc", &json!({"consent": w.consent})).await)
        };
        "another partner's receipt", "404 identity-consent-unknown", |w| {
            outcome(&w.other.get(&format!("/api/v1/consents/{}/receipt", w.consent)).await)
        };
        "another attribute", "403 identity-consent-attribute", |w| w.claims(json!([{"attribute": "alive"}])).await;
        "an age without consent", "403 identity-consent-attribute", |w| {
            outcome(&w.bank.post("/api/v1/kyc", &json!({"consent": w.consent, "over_age": 18})).await)
        };
        "before she answered", "409 identity-consent-waits", |w| {
            let (consent, _) = w.bank.ask("waits", &json!({"attributes": ["name"], "days": 1})).await;
            w.named(&consent).await
        };
        "a receipt before she answered", "409 identity-consent-waits", |w| {
            let (consent, _) = w.bank.ask("waits", &json!({"attributes": ["name"], "days": 1})).await;
            outcome(&w.bank.get(&format!("/api/v1/consents/{consent}/receipt")).await)
        };
        "taken back in between", "403 identity-consent-revoked", |w| {
            let consent = w.bank.consent(w.bed.amina, &json!({"attributes": ["name"], "days": 1})).await;
            assert_eq!(w.named(&consent).await, "200");
            w.bed.verifier.revoke(w.bed.amina, consent.parse().unwrap()).await.unwrap();
            w.named(&consent).await
        };
        "used once more than allowed", "403 identity-consent-used-up", |w| {
            let consent = w.bank.consent(w.bed.amina, &json!({"attributes": ["name"], "days": 1, "uses": 2})).await;
            assert_eq!((w.named(&consent).await, w.named(&consent).await), ("200".into(), "200".into()));
            w.named(&consent).await
        };
        "while she has locked services out", "403 identity-consent-locked", |w| {
            w.bed.provider.set_locked(w.bed.amina, true).await.unwrap();
            let got = w.named(&w.consent).await;
            w.bed.provider.set_locked(w.bed.amina, false).await.unwrap();
            got
        };
        "a wish of no attribute", "422 identity-verify-ask", |w| {
            w.wish("k", json!({"attributes": [], "days": 1})).await
        };
        "a wish for a day more than twelve months", "422 identity-verify-ask", |w| {
            assert_eq!(w.wish("most", json!({"attributes": ["name"], "days": MAX_DAYS, "uses": MAX_USES})).await, "201");
            assert_eq!(
                w.wish("k", json!({"attributes": ["name"], "days": 1, "uses": MAX_USES + 1})).await,
                "422 identity-verify-ask"
            );
            w.wish("k", json!({"attributes": ["name"], "days": MAX_DAYS + 1})).await
        };
        "a wish without its key", "400 idempotency-key", |w| {
            w.wish("", json!({"attributes": ["name"], "days": 1})).await
        };
        "a key that was used for another wish", "409 identity-key-used", |w| {
            assert_eq!(w.wish("twice", json!({"attributes": ["name"], "days": 1})).await, "201");
            w.wish("twice", json!({"attributes": ["name"], "days": 2})).await
        };
    }
}

trait LastDigit {
    fn pop_digit(&self) -> u32;
}
impl LastDigit for String {
    fn pop_digit(&self) -> u32 {
        self.chars().next_back().and_then(|c| c.to_digit(10)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_gets_what_it_should() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let card = card_of(&bed, bed.amina).await;
        let (bank, fund) = (bank(&bed).await, agency(&bed).await);
        let other = partner(&bed, "Another Bank", granted(true)).await;
        let consent = bank.consent(bed.amina, &json!({"attributes": ["name", "born"], "days": 30})).await;
        let with = With { bed: &bed, bank, fund, other, card, consent };
        let all: Vec<_> = who().into_iter().chain(what()).chain(under_which_consent()).collect();
        assert!(all.len() >= 40);
        let mut wrong = Vec::new();
        for (tries, gets, run) in all {
            let got = run(&with).await;
            if got != gets {
                wrong.push(format!("{tries}: {got} instead of {gets}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // A question by law needs no consent, and nobody is asked for one.
        let wish = json!({"attributes": ["name"], "days": 1}).to_string();
        let got = send(&bed, "POST", "/api/v1/consents", &with.fund.token, ("k", wish)).await;
        assert_eq!(outcome(&got), "409 identity-consent-not-needed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_ends_what_it_should() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let mut bank = bank(&bed).await;
        let card = card_of(&bed, bed.amina).await;
        let asked = [("name", "Amina Diallo")];
        let consent = bank.consent(bed.amina, &json!({"attributes": ["name"], "days": 1})).await;
        let (open, code) = bank.ask("open", &json!({"attributes": ["name"], "days": 1})).await;
        bed.later(599);
        assert_eq!(outcome(&bank.verify(&card, Some(&consent), &asked).await), "200");
        bed.later(1);
        assert_eq!(outcome(&bank.verify(&card, Some(&consent), &asked).await), "401 identity-verify-token");
        bed.later(86_400 - 601);
        bank.renew().await;
        assert_eq!(outcome(&bank.verify(&card, Some(&consent), &asked).await), "200", "the last second");
        bed.later(1);
        for path in ["verify", "kyc"] {
            let got = match path {
                "verify" => bank.verify(&card, Some(&consent), &asked).await,
                _ => bank.post("/api/v1/kyc", &json!({"consent": consent})).await,
            };
            assert_eq!(outcome(&got), "403 identity-consent-expired", "{path}");
        }
        bed.later(ANSWER_SECONDS - 86_400 - 1);
        assert!(bed.verifier.question(&code).await.is_ok());
        bed.later(1);
        assert_eq!(
            bed.verifier.answer(bed.amina, &code, true).await.unwrap_err().code,
            "identity-consent-over"
        );
        bank.renew().await;
        let got = bank.post("/api/v1/kyc", &json!({"consent": open})).await;
        assert_eq!(outcome(&got), "403 identity-consent-expired", "a question nobody answered");
    })
    .await;
}
