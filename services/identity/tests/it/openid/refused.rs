//! What is refused, and how: see `table.rs`.

use super::bed::{BACK, Bed, Browser, ISSUER, Rp, VERIFIER, text};
use crate::country;
use axum::body::Body;
use axum::http::Request;
use daftar_identity::openid::keys::LEAD_SECONDS;
use daftar_testing::for_each_engine;
use openid::base64url;
use openid::client_auth::JWT_BEARER;
use openid::jwk::{Jwk, SigningKey};
use serde_json::{Value, json};
use std::pin::Pin;

/// What a case is run with: a person who allowed the clinic name and e-mail, and is signed in.
pub struct With<'b> {
    bed: &'b Bed,
    clinic: Rp<'b>,
    other: Rp<'b>,
    partner: Rp<'b>,
    key: SigningKey,
}

type Run = for<'w, 'b> fn(&'w With<'b>) -> Pin<Box<dyn Future<Output = String> + 'w>>;

/// One case.
pub struct Refused {
    /// Name of the conformance suite's module.
    pub module: &'static str,
    /// What is tried.
    pub tries: &'static str,
    /// What it gets: a status, the standard's error, or where it leads.
    pub gets: &'static str,
    run: Run,
}

impl<'b> With<'b> {
    async fn browser(&self) -> Browser<'b> {
        self.bed.signed_in(self.bed.amina).await
    }
    /// The outcome of an authorization request with these changes.
    async fn ask(&self, changes: &[(&str, &str)]) -> String {
        self.browser().await.get(&self.clinic.ask(changes)).await.outcome()
    }
    async fn code(&self) -> String {
        self.clinic.code(&mut self.browser().await, &[]).await
    }
    async fn exchange(&self, changes: &[(&str, &str)]) -> String {
        self.clinic.exchange_with(&self.code().await, changes).await.outcome()
    }
    async fn tokens(&self) -> Value {
        let asked = [("scope", "openid profile email offline_access"), ("prompt", "consent")];
        self.clinic.tokens(&mut self.browser().await, &asked).await
    }
    fn now(&self) -> i64 {
        self.bed.store.store().world().now().seconds()
    }
    /// The outcome of a client's own token, with an assertion whose claims and header are changed. Null removes.
    async fn assertion(&self, key: &SigningKey, changes: &[(&str, Value)]) -> String {
        let jwt = self.jwt(key, changes);
        self.assert(&jwt).await
    }
    fn jwt(&self, key: &SigningKey, changes: &[(&str, Value)]) -> String {
        let jti = hex(&self.bed.store.store().world().bytes::<8>());
        let mut claims = json!({"iss": self.partner.id, "sub": self.partner.id, "aud": ISSUER,
            "jti": jti, "iat": self.now(), "exp": self.now() + 60});
        for (name, value) in changes {
            match value {
                Value::Null => {
                    claims.as_object_mut().unwrap().remove(*name);
                }
                value => claims[*name] = value.clone(),
            }
        }
        openid::jws::sign(key, "JWT", claims.as_object().unwrap()).unwrap()
    }
    async fn assert(&self, jwt: &str) -> String {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", jwt),
        ];
        self.bed.call("/openid/token", &[], &fields).await.outcome()
    }
    async fn logout(&self, fields: &[(&str, &str)]) -> String {
        // Nobody is signed in: an address that is certain would be gone to at once.
        let path = format!("/openid/logout?{}", super::bed::form(fields));
        self.bed.browser().get(&path).await.outcome()
    }
}

fn hex(bytes: &[u8]) -> String {
    daftar_kernel::hex::encode(bytes)
}

/// A token with another header and no signature, or this one.
fn forged(token: &str, header: &Value, signature: &str) -> String {
    let body = token.split('.').nth(1).unwrap();
    format!("{}.{body}.{signature}", base64url::encode(header.to_string()))
}

/// The same token with one claim changed and the old signature.
fn tampered(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = openid::jws::peek(token).unwrap();
    claims.insert("exp".into(), json!(9_999_999_999_i64));
    format!("{}.{}.{}", parts[0], base64url::encode(Value::Object(claims).to_string()), parts[2])
}

macro_rules! cases {
    ($($module:literal, $tries:literal, $gets:literal, |$w:ident| $run:expr;)*) => {
        vec![$(Refused { module: $module, tries: $tries, gets: $gets, run: |$w| Box::pin(async move { $run }) }),*]
    };
}

/// All cases.
pub fn cases() -> Vec<Refused> {
    let mut all = at_the_authorization_endpoint();
    all.extend(at_the_token_endpoint());
    all.extend(with_assertions());
    all.extend(with_tokens());
    all.extend(at_logout());
    all
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn at_the_authorization_endpoint() -> Vec<Refused> {
    cases! {
        "oidcc-server", "a client nobody registered", "400", |w| w.ask(&[("client_id", "0123456789ab")]).await;
        "oidcc-ensure-redirect-uri-in-authorization-request", "no redirect_uri", "400", |w| w.ask(&[("redirect_uri", "")]).await;
        "oidcc-ensure-registered-redirect-uri", "a redirect_uri of another host", "400",
            |w| w.ask(&[("redirect_uri", "https://evil.example/back")]).await;
        "fapi2-security-profile-final-ensure-registered-redirect-uri", "a redirect_uri with a slash more", "400",
            |w| w.ask(&[("redirect_uri", "https://clinic.example/back/")]).await;
        "oidcc-redirect-uri-query-added", "a redirect_uri with a query more", "400",
            |w| w.ask(&[("redirect_uri", "https://clinic.example/back?x=1")]).await;
        "oidcc-redirect-uri-query-mismatch", "a redirect_uri with another query than registered", "400", |w| {
            let rp = w.bed.rp(|new| new.redirect_uris = vec![format!("{BACK}?foo=bar")]).await;
            w.browser().await.get(&rp.ask(&[("redirect_uri", "https://clinic.example/back?foo=baz")])).await.outcome()
        };
        "oidcc-redirect-uri-regfrag", "registering a redirect_uri with a fragment", "identity-openid-client",
            |w| w.bed.register(|new| new.redirect_uris = vec![format!("{BACK}#x")]).await.unwrap_err().code.into();
        "oidcc-registration-sector-bad", "registering redirect_uris of two hosts", "identity-openid-client",
            |w| w.bed.register(|new| new.redirect_uris.push("https://other.example/".into())).await.unwrap_err().code.into();
        "fapi2-security-profile-final-par-without-duplicate-parameters", "redirect_uri sent twice", "400", |w| {
            let path = format!("{}&redirect_uri={}", w.clinic.ask(&[]), "https%3A%2F%2Fclinic.example%2Fback");
            w.browser().await.get(&path).await.outcome()
        };
        "fapi2-security-profile-final-par-without-duplicate-parameters", "scope sent twice", "redirect invalid_request", |w| {
            w.browser().await.get(&format!("{}&scope=openid", w.clinic.ask(&[]))).await.outcome()
        };
        "oidcc-response-type-missing", "no response_type", "redirect invalid_request", |w| w.ask(&[("response_type", "")]).await;
        "fapi2-security-profile-final-ensure-response-type-token-fails", "response_type=token", "redirect unsupported_response_type",
            |w| w.ask(&[("response_type", "token")]).await;
        "fapi2-security-profile-final-ensure-response-type-code-idtoken-fails", "response_type=code id_token",
            "redirect unsupported_response_type", |w| w.ask(&[("response_type", "code id_token")]).await;
        "fapi1-advanced-final-ensure-response-mode-query", "response_mode=fragment", "redirect invalid_request",
            |w| w.ask(&[("response_mode", "fragment")]).await;
        "oidcc-scope-all", "a scope without openid", "redirect invalid_scope", |w| w.ask(&[("scope", "profile")]).await;
        "oidcc-claims-essential", "claims that are no JSON object", "redirect invalid_request", |w| w.ask(&[("claims", "[]")]).await;
        "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", "a request object",
            "redirect request_not_supported", |w| w.ask(&[("request", "eyJhbGciOiJub25lIn0.e30.")]).await;
        "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", "a request_uri",
            "redirect request_uri_not_supported", |w| w.ask(&[("request_uri", "https://clinic.example/r")]).await;
        "oidcc-registration-jwks-uri", "registering with the request itself", "redirect registration_not_supported",
            |w| w.ask(&[("registration", "{}")]).await;
        "fapi2-security-profile-final-par-ensure-pkce-required", "no code_challenge", "redirect invalid_request",
            |w| w.ask(&[("code_challenge", "")]).await;
        "fapi2-security-profile-final-par-plain-pkce-rejected", "code_challenge_method=plain", "redirect invalid_request",
            |w| w.ask(&[("code_challenge_method", "plain")]).await;
        "fapi1-advanced-final-par-plain-pkce-rejected", "no code_challenge_method, which means plain", "redirect invalid_request",
            |w| w.ask(&[("code_challenge_method", "")]).await;
        "oidcc-prompt-none-not-logged-in", "prompt=none with nobody signed in", "redirect login_required",
            |w| w.bed.browser().get(&w.clinic.ask(&[("prompt", "none")])).await.outcome();
        "oidcc-prompt-none-logged-in", "prompt=none with prompt=login", "redirect invalid_request",
            |w| w.ask(&[("prompt", "none login")]).await;
        "fapi2-security-profile-final-test-claims-parameter-identity-claims", "prompt=none for more than was allowed",
            "redirect consent_required", |w| w.ask(&[("prompt", "none"), ("scope", "openid phone")]).await;
        "oidcc-prompt-login", "prompt=login with somebody signed in: no code before they sign in again", "page /sign-in", |w| {
            let mut browser = w.browser().await;
            w.bed.later(1);
            let question = browser.get(&w.clinic.ask(&[("prompt", "login")])).await.header("location").to_string();
            browser.get(&question).await.outcome()
        };
        "oidcc-prompt-login", "prompt=login and the consent form sent without signing in again", "page /openid/authorization", |w| {
            let mut browser = w.browser().await;
            w.bed.later(1);
            let question = browser.get(&w.clinic.ask(&[("prompt", "login")])).await.header("location").to_string();
            let got = browser.post(&question, &[]).await.outcome();
            got.rsplit_once('/').map_or(got.clone(), |(path, _)| path.to_string())
        };
        "oidcc-max-age-1", "max_age=1 two seconds after signing in", "redirect login_required", |w| {
            let mut browser = w.browser().await;
            w.bed.later(2);
            browser.get(&w.clinic.ask(&[("max_age", "1"), ("prompt", "none")])).await.outcome()
        };
        "oidcc-max-age-10000", "a max_age that is no number", "redirect invalid_request", |w| w.ask(&[("max_age", "soon")]).await;
        "oidcc-id-token-hint", "an id_token_hint of another client", "redirect login_required", |w| {
            let tokens = w.other.tokens(&mut w.browser().await, &[]).await;
            w.ask(&[("id_token_hint", &text(&tokens, "id_token"))]).await
        };
        "oidcc-id-token-hint", "an id_token_hint nobody here signed", "redirect invalid_request",
            |w| w.ask(&[("id_token_hint", &w.jwt(&w.key, &[]))]).await;
        "fapi2-security-profile-final-test-essential-acr-sca-claim", "an essential acr that nobody can have", "redirect access_denied",
            |w| w.ask(&[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"urn:sca"}}}"#)]).await;
        "fapi2-security-profile-final-user-rejects-authentication", "the person declines", "redirect access_denied", |w| {
            let mut browser = w.browser().await;
            let question = browser.get(&w.clinic.ask(&[("prompt", "consent")])).await.header("location").to_string();
            browser.post(&format!("{question}/decline"), &[]).await.outcome()
        };
        "fapi2-security-profile-final-ensure-authorization-request-with-long-state", "a state of 2001 signs",
            "redirect invalid_request", |w| w.ask(&[("state", &"s".repeat(2001))]).await;
        "fapi2-security-profile-final-ensure-authorization-request-with-long-nonce", "a nonce of 501 signs",
            "redirect invalid_request", |w| w.ask(&[("nonce", &"n".repeat(501))]).await;
        "oidcc-ensure-post-request-succeeds", "a request by POST from another client's address", "400", |w| {
            let fields = w.clinic.fields(&[("redirect_uri", "https://evil.example/")]);
            w.bed.call("/openid/authorize", &[], &fields).await.outcome()
        };
        "oidcc-server", "somebody else's browser goes on with a sign-in under way", "404", |w| {
            let question = w.browser().await.get(&w.clinic.ask(&[("prompt", "consent")])).await.header("location").to_string();
            w.browser().await.get(&question).await.outcome()
        };
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn at_the_token_endpoint() -> Vec<Refused> {
    cases! {
        "oidcc-codereuse", "a code used twice", "400 invalid_grant", |w| {
            let code = w.code().await;
            assert_eq!(w.clinic.exchange(&code).await.status, 200);
            w.clinic.exchange(&code).await.outcome()
        };
        "oidcc-codereuse-30seconds", "a code used again after 30 seconds: what it gave is dead", "401 invalid_token", |w| {
            let code = w.code().await;
            let access = text(&w.clinic.exchange(&code).await.json(), "access_token");
            w.bed.later(30);
            assert_eq!(w.bed.userinfo(&access).await.status, 200);
            assert_eq!(w.clinic.exchange(&code).await.outcome(), "400 invalid_grant");
            w.bed.userinfo(&access).await.outcome()
        };
        "fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code", "a code after 60 seconds",
            "400 invalid_grant", |w| {
            let code = w.code().await;
            w.bed.later(60);
            w.clinic.exchange(&code).await.outcome()
        };
        "fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client", "another client's code", "400 invalid_grant",
            |w| w.other.exchange(&w.code().await).await.outcome();
        "fapi2-security-profile-final-ensure-pkce-code-verifier-required", "no code_verifier", "400 invalid_request",
            |w| w.exchange(&[("code_verifier", "")]).await;
        "fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected", "another code_verifier", "400 invalid_grant",
            |w| w.exchange(&[("code_verifier", &VERIFIER.replace('d', "e"))]).await;
        "fapi1-advanced-final-incorrect-pkce-code-verifier-rejected", "the challenge as its own verifier", "400 invalid_grant",
            |w| w.exchange(&[("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]).await;
        "fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected", "the right code_verifier after a wrong one",
            "400 invalid_grant", |w| {
            let code = w.code().await;
            w.clinic.exchange_with(&code, &[("code_verifier", &"x".repeat(43))]).await;
            w.clinic.exchange(&code).await.outcome()
        };
        "oidcc-redirect-uri-query-added", "another redirect_uri at the token endpoint", "400 invalid_grant",
            |w| w.exchange(&[("redirect_uri", "https://clinic.example/back?x=1")]).await;
        "oidcc-server", "no grant_type", "400 invalid_request", |w| w.exchange(&[("grant_type", "")]).await;
        "oidcc-server", "a password for a token", "400 unsupported_grant_type", |w| w.exchange(&[("grant_type", "password")]).await;
        "oidcc-server", "a token of its own for a client not registered for one", "400 unauthorized_client",
            |w| w.clinic.post("/openid/token", &[("grant_type", "client_credentials")]).await.outcome();
        "oidcc-server", "a body that is no form", "400 invalid_request", |w| {
            let request = Request::builder().method("POST").uri("/openid/token").header("content-type", "application/json");
            w.bed.send(request.body(Body::from("{}")).unwrap()).await.outcome()
        };
        "oidcc-server", "a wrong client secret in the header", "401 invalid_client", |w| {
            let wrong = Rp { bed: w.bed, id: w.clinic.id.clone(), secret: "wrong".into(), back: BACK.into() };
            wrong.exchange(&w.code().await).await.outcome()
        };
        "oidcc-server-client-secret-post", "a wrong client secret in the body", "401 invalid_client", |w| {
            let fields = [("grant_type", "refresh_token"), ("client_id", &w.clinic.id), ("client_secret", "wrong")];
            w.bed.call("/openid/token", &[], &fields).await.outcome()
        };
        "oidcc-server-client-secret-post", "the secret in header and body at once", "400 invalid_request",
            |w| w.exchange(&[("client_id", &w.clinic.id), ("client_secret", &w.clinic.secret)]).await;
        "oidcc-server-client-secret-post", "a client with a secret that shows none", "401 invalid_client", |w| {
            let fields = [("grant_type", "authorization_code"), ("client_id", w.clinic.id.as_str())];
            w.bed.call("/openid/token", &[], &fields).await.outcome()
        };
        "fapi2-security-profile-final-ensure-client-id-in-token-endpoint", "another client_id in the body than in the header",
            "401 invalid_client", |w| w.exchange(&[("client_id", &w.other.id)]).await;
        "oidcc-refresh-token", "a refresh token used twice", "400 invalid_grant", |w| {
            let token = text(&w.tokens().await, "refresh_token");
            assert_eq!(w.clinic.refresh(&token).await.status, 200);
            w.clinic.refresh(&token).await.outcome()
        };
        "fapi2-security-profile-final-refresh-token", "another client's refresh token", "400 invalid_grant",
            |w| w.other.refresh(&text(&w.tokens().await, "refresh_token")).await.outcome();
        "oidcc-refresh-token", "more scope at refresh than was granted", "400 invalid_scope", |w| {
            let token = text(&w.tokens().await, "refresh_token");
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &*token), ("scope", "openid phone")];
            w.clinic.post("/openid/token", &fields).await.outcome()
        };
        "oidcc-refresh-token", "a refresh token that was revoked", "400 invalid_grant", |w| {
            let token = text(&w.tokens().await, "refresh_token");
            assert_eq!(w.clinic.post("/openid/revoke", &[("token", &token)]).await.status, 200);
            w.clinic.refresh(&token).await.outcome()
        };
        "oidcc-server", "revoking another client's token", "400 invalid_grant", |w| {
            let token = text(&w.tokens().await, "refresh_token");
            w.other.post("/openid/revoke", &[("token", &token)]).await.outcome()
        };
        "oidcc-server", "asking about another client's token", "inactive", |w| {
            let token = text(&w.tokens().await, "access_token");
            let got = w.other.post("/openid/introspect", &[("token", &token)]).await;
            if got.json() == json!({"active": false}) { "inactive".into() } else { got.body }
        };
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn with_assertions() -> Vec<Refused> {
    cases! {
        "fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint", "no client assertion", "401 invalid_client", |w| {
            let fields = [("grant_type", "client_credentials"), ("client_id", w.partner.id.as_str())];
            w.bed.call("/openid/token", &[], &fields).await.outcome()
        };
        "fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
            "an assertion that expired 5 minutes ago", "401 invalid_client",
            |w| w.assertion(&w.key, &[("exp", json!(w.now() - 300))]).await;
        "fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails", "an assertion without sub", "401 invalid_client",
            |w| w.assertion(&w.key, &[("sub", Value::Null)]).await;
        "fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails", "an assertion for another server",
            "401 invalid_client", |w| w.assertion(&w.key, &[("aud", json!("https://other.example"))]).await;
        "fapi2-security-profile-final-par-test-array-as-audience-fails", "an assertion for us and another server",
            "401 invalid_client", |w| w.assertion(&w.key, &[("aud", json!([ISSUER, "https://other.example"]))]).await;
        "fapi1-advanced-final-ensure-client-assertion-with-wrong-iss-fails", "an assertion by another issuer", "401 invalid_client",
            |w| w.assertion(&w.key, &[("iss", json!(w.clinic.id))]).await;
        "fapi1-advanced-final-ensure-client-assertion-with-wrong-sub-fails", "an assertion about another client",
            "401 invalid_client", |w| w.assertion(&w.key, &[("sub", json!(w.clinic.id))]).await;
        "fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
            "an assertion not valid for another 61 seconds", "401 invalid_client",
            |w| w.assertion(&w.key, &[("nbf", json!(w.now() + 61))]).await;
        "fapi1-advanced-final-client-test-iat-is-week-in-past", "an assertion made a week from now", "401 invalid_client",
            |w| w.assertion(&w.key, &[("iat", json!(w.now() + 7 * 86_400))]).await;
        "fapi-ciba-id1-ensure-request-object-missing-jti-fails", "an assertion without jti", "401 invalid_client",
            |w| w.assertion(&w.key, &[("jti", Value::Null)]).await;
        "fapi1-advanced-final-ensure-client-assertion-in-token-endpoint", "an assertion sent twice", "401 invalid_client", |w| {
            let jwt = w.jwt(&w.key, &[]);
            assert_eq!(w.assert(&jwt).await, "200");
            w.assert(&jwt).await
        };
        "fapi1-advanced-final-ensure-matching-key-in-authorization-request", "an assertion signed with another key",
            "401 invalid_client", |w| w.assertion(&SigningKey::from_secret(&[8; 32]).unwrap(), &[]).await;
        "oidcc-client-test-idtoken-sig-none", "an assertion with alg none", "401 invalid_client",
            |w| w.assert(&forged(&w.jwt(&w.key, &[]), &json!({"alg": "none"}), "")).await;
        "oidcc-client-test-invalid-sig-hs256", "an assertion with HS256 and the public key as the secret", "401 invalid_client", |w| {
            let jwt = w.jwt(&w.key, &[]);
            let header = base64url::encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
            let message = format!("{header}.{}", jwt.split('.').nth(1).unwrap());
            let public = w.key.public().json().to_string();
            let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
            let mac = aws_lc_rs::hmac::sign(&secret, message.as_bytes());
            w.assert(&format!("{message}.{}", base64url::encode(mac))).await
        };
        "oidcc-client-test-invalid-sig-es256", "an assertion whose claims were changed", "401 invalid_client",
            |w| w.assert(&tampered(&w.jwt(&w.key, &[]))).await;
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn with_tokens() -> Vec<Refused> {
    cases! {
        "oidcc-userinfo-get", "no access token", "401", |w| {
            let got = w.bed.send(Request::builder().uri("/openid/userinfo").body(Body::empty()).unwrap()).await;
            assert_eq!(got.header("www-authenticate"), "Bearer realm=\"Daftar\"");
            got.outcome()
        };
        "oidcc-userinfo-get", "the access token in the address", "401", |w| {
            let path = format!("/openid/userinfo?access_token={}", text(&w.tokens().await, "access_token"));
            w.bed.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await.outcome()
        };
        "oidcc-userinfo-post-body", "the access token in header and body at once", "400 invalid_request", |w| {
            let access = text(&w.tokens().await, "access_token");
            let bearer = format!("Bearer {access}");
            w.bed.call("/openid/userinfo", &[("authorization", &bearer)], &[("access_token", &access)]).await.outcome()
        };
        "oidcc-userinfo-post-header", "an access token after ten minutes", "401 invalid_token", |w| {
            let access = text(&w.tokens().await, "access_token");
            w.bed.later(600);
            w.bed.userinfo(&access).await.outcome()
        };
        "fapi2-security-profile-final-client-test-invalid-expired-exp", "an access token made to last longer", "401 invalid_token",
            |w| w.bed.userinfo(&tampered(&text(&w.tokens().await, "access_token"))).await.outcome();
        "fapi2-security-profile-final-client-test-invalid-null-alg", "an access token with alg none", "401 invalid_token", |w| {
            let access = text(&w.tokens().await, "access_token");
            w.bed.userinfo(&forged(&access, &json!({"alg": "none", "typ": "at+jwt"}), "")).await.outcome()
        };
        "fapi2-security-profile-final-client-test-invalid-alternate-alg", "an access token that says RS256", "401 invalid_token", |w| {
            let access = text(&w.tokens().await, "access_token");
            let signature = access.rsplit('.').next().unwrap().to_string();
            w.bed.userinfo(&forged(&access, &json!({"alg": "RS256", "typ": "at+jwt"}), &signature)).await.outcome()
        };
        "fapi2-security-profile-final-client-test-invalid-iss", "an access token signed by somebody else", "401 invalid_token", |w| {
            let claims = openid::jws::peek(&text(&w.tokens().await, "access_token")).unwrap();
            w.bed.userinfo(&openid::jws::sign(&w.key, "at+jwt", &claims).unwrap()).await.outcome()
        };
        "oidcc-idtoken-signature", "an ID token as an access token", "401 invalid_token",
            |w| w.bed.userinfo(&text(&w.tokens().await, "id_token")).await.outcome();
        "oidcc-refresh-token", "a refresh token as an access token", "401 invalid_token",
            |w| w.bed.userinfo(&text(&w.tokens().await, "refresh_token")).await.outcome();
        "oidcc-userinfo-post-header", "an access token that was revoked", "401 invalid_token", |w| {
            let access = text(&w.tokens().await, "access_token");
            assert_eq!(w.clinic.post("/openid/revoke", &[("token", &access)]).await.status, 200);
            w.bed.userinfo(&access).await.outcome()
        };
        "oidcc-server-rotate-keys", "an access token whose key is no longer published", "401 invalid_token", |w| {
            let access = text(&w.tokens().await, "access_token");
            w.bed.later(40 * LEAD_SECONDS);
            w.bed.provider.sweep().await.unwrap();
            w.bed.later(3 * LEAD_SECONDS);
            w.bed.provider.sweep().await.unwrap();
            w.bed.userinfo(&access).await.outcome()
        };
    }
}

fn at_logout() -> Vec<Refused> {
    cases! {
        "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", "an address that is not registered", "200", |w| {
            let hint = text(&w.tokens().await, "id_token");
            w.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://evil.example/")]).await
        };
        "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", "an address with a query more", "200", |w| {
            let hint = text(&w.tokens().await, "id_token");
            w.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://clinic.example/bye?x=1")]).await
        };
        "oidcc-rp-initiated-logout-no-id-token-hint", "a registered address without a hint", "200",
            |w| w.logout(&[("client_id", &w.clinic.id), ("post_logout_redirect_uri", "https://clinic.example/bye")]).await;
        "oidcc-rp-initiated-logout-bad-id-token-hint", "a hint nobody here signed", "200", |w| {
            let hint = w.jwt(&w.key, &[]);
            w.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://clinic.example/bye")]).await
        };
        "oidcc-rp-initiated-logout-modified-id-token-hint", "a hint that was changed", "200", |w| {
            let hint = tampered(&text(&w.tokens().await, "id_token"));
            w.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://clinic.example/bye")]).await
        };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_is_refused_with_the_standards_error() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let key = SigningKey::from_secret(&[9; 32]).unwrap();
        let partner = bed
            .rp(|new| {
                new.method = openid::Method::PrivateKeyJwt;
                new.own_tokens = true;
                new.keys = Jwk::set(&[key.public().clone()]).to_string();
            })
            .await;
        let with = With { bed: &bed, clinic: bed.clinic().await, other: bed.clinic().await, partner, key };
        // The right ways work: what is refused below is refused for the one thing that is wrong with it.
        assert_eq!(with.exchange(&[]).await, "200");
        assert_eq!(with.ask(&[]).await, "redirect code");
        assert_eq!(with.assertion(&with.key, &[]).await, "200");
        assert_eq!(bed.userinfo(&text(&with.tokens().await, "access_token")).await.status, 200);
        let hint = text(&with.tokens().await, "id_token");
        assert_eq!(with.ask(&[("id_token_hint", &hint)]).await, "redirect code");
        let bye =
            [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://clinic.example/bye")];
        assert_eq!(with.logout(&bye).await, "away https://clinic.example/bye");
        let mut wrong = Vec::new();
        for case in cases() {
            let got = (case.run)(&with).await;
            if got != case.gets {
                wrong.push(format!("{} ({}): {got}, not {}", case.module, case.tries, case.gets));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    })
    .await;
}
