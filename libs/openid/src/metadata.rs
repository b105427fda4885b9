//! What the provider says of itself: one document for OpenID Connect Discovery 1.0 §3 and for RFC 8414 §2, so that the two
//! cannot disagree.

use crate::jws::ES256;
use crate::redirect;
use crate::scope::Scope;
use serde_json::{Value, json};

/// How a person can sign in here, as `acr` says it: password and one-time code.
pub const ACR_OTP: &str = "otp";
/// A passkey that asked who its holder is: phishing-resistant (OpenID Connect Extended Authentication Profile ACR Values 1.0 §2).
pub const ACR_PHR: &str = "phr";

/// Where the endpoints lie, below the issuer.
#[derive(Clone, Copy, Debug)]
pub struct Paths {
    /// `authorization_endpoint`.
    pub authorize: &'static str,
    /// `token_endpoint`.
    pub token: &'static str,
    /// `userinfo_endpoint`.
    pub userinfo: &'static str,
    /// `jwks_uri`.
    pub jwks: &'static str,
    /// `revocation_endpoint`.
    pub revoke: &'static str,
    /// `introspection_endpoint`.
    pub introspect: &'static str,
    /// `end_session_endpoint`.
    pub logout: &'static str,
}

/// Whether a text can be an issuer: `https`, or the loopback interface, without path, query or slash at its end (RFC 8414 §2;
/// we take none with a path, so that both well-known addresses lie where everybody looks).
#[must_use]
pub fn is_issuer(text: &str) -> bool {
    redirect::may_register(text) && redirect::parse(text).is_some_and(|uri| uri.rest.is_empty())
}

/// The document.
#[must_use]
pub fn document(issuer: &str, paths: &Paths, languages: &[String]) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let claims: Vec<&str> =
        ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash"]
            .into_iter()
            .chain(Scope::ALL.iter().flat_map(|scope| scope.claims().iter().copied()))
            .collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(paths.authorize),
        "token_endpoint": at(paths.token),
        "userinfo_endpoint": at(paths.userinfo),
        "jwks_uri": at(paths.jwks),
        "revocation_endpoint": at(paths.revoke),
        "introspection_endpoint": at(paths.introspect),
        "end_session_endpoint": at(paths.logout),
        "scopes_supported": Scope::ALL.map(Scope::word),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ES256],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": [ES256],
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": [ES256],
        "introspection_endpoint_auth_methods_supported": &methods[..3],
        "introspection_endpoint_auth_signing_alg_values_supported": [ES256],
        "acr_values_supported": [ACR_OTP, ACR_PHR],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": languages,
        "authorization_response_iss_parameter_supported": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers() {
        for good in
            ["https://id.example", "https://id.example:8443", "http://127.0.0.1:8080", "http://localhost:1"]
        {
            assert!(is_issuer(good), "{good}");
        }
        for bad in [
            "http://id.example",
            "https://id.example/",
            "https://id.example/x",
            "https://id.example?x",
            "id",
            "",
        ] {
            assert!(!is_issuer(bad), "{bad}");
        }
    }

    #[test]
    fn every_endpoint_is_below_the_issuer() {
        let paths = Paths {
            authorize: "/a",
            token: "/t",
            userinfo: "/u",
            jwks: "/j",
            revoke: "/r",
            introspect: "/i",
            logout: "/l",
        };
        let document = document("https://id.example", &paths, &["en".into()]);
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(value.as_str().unwrap().starts_with("https://id.example/"), "{name}");
            }
        }
        // Discovery §3 requires these.
        for name in [
            "issuer",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "authorization_endpoint",
            "token_endpoint",
        ] {
            assert!(document.get(name).is_some(), "{name}");
        }
    }
}
