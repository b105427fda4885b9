//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1): code flow with PKCE, nothing else.
//!
//! It is read in two steps, because an error may go to the client only once it is certain whose address it goes to:
//! [`target`] finds the redirect URI, and what it refuses is said to the person; [`Request::parse`] reads the rest, and what it
//! refuses goes back to the client.

use crate::claims::ClaimsRequest;
use crate::pkce::Challenge;
use crate::scope::{Scope, Scopes};
use crate::{Client, ErrorCode, Params, Refusal};

/// Most signs of `state`.
pub const MAX_STATE: usize = 2000;
/// Most signs of `nonce`.
pub const MAX_NONCE: usize = 500;
/// Most signs of any other text parameter.
pub const MAX_TEXT: usize = 500;

/// What the client asks to be shown (§3.1.2.1 `prompt`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Prompt {
    /// `none`: nothing at all.
    pub none: bool,
    /// `login` or `select_account`: the person signs in again.
    pub login: bool,
    /// `consent`: the person consents again.
    pub consent: bool,
}

/// A valid request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What is asked for, as far as the client may.
    pub scopes: Scopes,
    /// Single claims asked for, as far as the client may.
    pub claims: ClaimsRequest,
    /// Given back as it is.
    pub state: Option<String>,
    /// Put into the ID token as it is.
    pub nonce: Option<String>,
    /// For the code's exchange.
    pub challenge: Challenge,
    /// What may or must be shown.
    pub prompt: Prompt,
    /// How long ago the person may have signed in, in seconds.
    pub max_age_seconds: Option<i64>,
    /// Who the client believes it is.
    pub login_hint: Option<String>,
    /// An ID token of who the client believes it is; not verified yet.
    pub id_token_hint: Option<String>,
    /// Languages the person reads, best first.
    pub ui_locales: Vec<String>,
    /// How the client wants the person to sign in.
    pub acr_values: Vec<String>,
}

/// The client and the redirect URI of a request, once they are certain.
///
/// # Errors
/// `invalid_request` or `unauthorized_client`, for the person and never for the client: nobody knows whose address it is.
pub fn target(params: &Params, client: Option<&Client>) -> Result<String, Refusal> {
    let client = client.ok_or(Refusal::new(ErrorCode::UnauthorizedClient, "no such client"))?;
    // OpenID Connect Core §3.1.2.1 asks for it even where there is only one.
    let uri = params.need("redirect_uri", "redirect_uri is missing or repeated")?;
    if !client.may_redirect(uri) {
        return Err(Refusal::request("redirect_uri is not registered for this client"));
    }
    Ok(uri.to_string())
}

/// `state` as it may be given back; `None` when there is none that could be.
#[must_use]
pub fn state(params: &Params) -> Option<String> {
    let printable = |text: &&str| text.len() <= MAX_STATE && text.bytes().all(|b| (0x20..0x7f).contains(&b));
    params.get("state").filter(printable).map(str::to_string)
}

impl Request {
    /// Reads the rest of a request whose target is certain.
    ///
    /// # Errors
    /// The standard's errors of the authorization endpoint, for the client.
    pub fn parse(params: &Params, client: &Client, redirect_uri: String) -> Result<Self, Refusal> {
        params.once_each()?;
        unsupported(params)?;
        match params.get("response_type") {
            None => return Err(Refusal::request("response_type is missing")),
            Some("code") => {}
            Some(_) => {
                return Err(Refusal::new(ErrorCode::UnsupportedResponseType, "only response_type=code"));
            }
        }
        if params.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Refusal::request("only response_mode=query"));
        }
        let state = state(params);
        if params.has("state") && state.is_none() {
            return Err(Refusal::request("state is too long or not printable ASCII"));
        }
        let asked = Scopes::parse(params.need("scope", "scope is missing")?);
        if !asked.has(Scope::OpenId) {
            return Err(Refusal::new(ErrorCode::InvalidScope, "scope lacks openid"));
        }
        let prompt = prompt(params.get("prompt").unwrap_or_default())?;
        Ok(Self {
            client_id: client.id.clone(),
            redirect_uri,
            scopes: scopes(&asked, client, prompt),
            claims: claims(params, client)?,
            state,
            nonce: text(params, "nonce", MAX_NONCE)?,
            challenge: challenge(params)?,
            prompt,
            max_age_seconds: max_age(params)?,
            login_hint: text(params, "login_hint", MAX_TEXT)?,
            id_token_hint: params.get("id_token_hint").map(str::to_string),
            ui_locales: words(params, "ui_locales")?,
            acr_values: words(params, "acr_values")?,
        })
    }
}

/// Each of these has an error of its own (OpenID Connect Core §3.1.2.6).
fn unsupported(params: &Params) -> Result<(), Refusal> {
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if params.has(name) {
            return Err(Refusal::new(code, "this parameter is not supported"));
        }
    }
    Ok(())
}

/// What the client may ask for. `offline_access` counts only with consent (§11), for clients that may hold refresh tokens.
fn scopes(asked: &Scopes, client: &Client, prompt: Prompt) -> Scopes {
    let mut allowed = asked.and(&client.scopes.or(&Scopes::new([Scope::OpenId])));
    for own in Scope::OWN {
        // A person has nothing to say about what a client does in its own name.
        allowed = allowed.without(own);
    }
    if prompt.consent && client.refresh { allowed } else { allowed.without(Scope::OfflineAccess) }
}

fn claims(params: &Params, client: &Client) -> Result<ClaimsRequest, Refusal> {
    let Some(text) = params.get("claims") else { return Ok(ClaimsRequest::default()) };
    let mut request = ClaimsRequest::parse(text)?;
    let allowed = |name: &String| match Scope::of_claim(name) {
        Some(Scope::OpenId) | None => true,
        Some(scope) => client.scopes.has(scope),
    };
    request.id_token.retain(|name, _| allowed(name));
    request.userinfo.retain(|name, _| allowed(name));
    Ok(request)
}

fn prompt(text: &str) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt::default();
    let mut words = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        words += 1;
        match word {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => return Err(Refusal::request("prompt has an unknown value")),
        }
    }
    if prompt.none && words > 1 {
        return Err(Refusal::request("prompt=none goes with no other value"));
    }
    Ok(prompt)
}

fn challenge(params: &Params) -> Result<Challenge, Refusal> {
    let sent = params.need("code_challenge", "code_challenge is missing: PKCE is required")?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::request("only code_challenge_method=S256"));
    }
    Challenge::parse(sent).ok_or(Refusal::request("code_challenge is not base64url of a SHA-256"))
}

fn max_age(params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 10;
    let seconds = digits.then(|| text.parse().ok()).flatten();
    seconds.map(Some).ok_or(Refusal::request("max_age is not a number of seconds"))
}

fn text(params: &Params, name: &str, max: usize) -> Result<Option<String>, Refusal> {
    match params.get(name) {
        Some(text) if text.len() > max => Err(Refusal::request("a parameter is too long")),
        text => Ok(text.map(str::to_string)),
    }
}

fn words(params: &Params, name: &str) -> Result<Vec<String>, Refusal> {
    let text = text(params, name, MAX_TEXT)?.unwrap_or_default();
    Ok(text.split(' ').filter(|word| !word.is_empty()).map(str::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::clinic;

    const BACK: &str = "https://clinic.example/back";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// A whole request with these parameters changed; an empty value removes one.
    fn request(changes: &[(&str, &str)]) -> Params {
        let mut pairs: Vec<(String, String)> = [
            ("client_id", "clinic"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "s1"),
            ("nonce", "n1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
        .map(|(n, v)| (n.to_string(), v.to_string()))
        .into();
        for (name, value) in changes {
            pairs.retain(|(n, _)| n != name);
            pairs.push(((*name).into(), (*value).into()));
        }
        Params::new(pairs)
    }
    fn parse(changes: &[(&str, &str)]) -> Result<Request, &'static str> {
        Request::parse(&request(changes), &clinic(), BACK.into()).map_err(|refusal| refusal.code.name())
    }

    #[test]
    fn the_target_is_certain_or_nobody_is_sent_anywhere() {
        assert_eq!(target(&request(&[]), Some(&clinic())).unwrap(), BACK);
        assert_eq!(target(&request(&[]), None).unwrap_err().code, ErrorCode::UnauthorizedClient);
        for uri in ["", "https://evil.example/back", "https://clinic.example/back/"] {
            let refusal = target(&request(&[("redirect_uri", uri)]), Some(&clinic())).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidRequest, "{uri}");
        }
        let twice =
            Params::new([("redirect_uri", BACK), ("redirect_uri", BACK)].map(|(n, v)| (n.into(), v.into())));
        assert!(target(&twice, Some(&clinic())).is_err());
    }

    #[test]
    fn a_whole_request() {
        let got = parse(&[
            ("prompt", "login consent"),
            ("scope", "openid offline_access email phone"),
            ("max_age", "0"),
            ("ui_locales", "ar fr"),
            ("acr_values", "otp"),
            ("claims", r#"{"userinfo":{"phone_number":null,"email":null}}"#),
        ])
        .unwrap();
        assert_eq!(got.scopes.to_string(), "openid email offline_access", "phone is not the client's to ask");
        assert_eq!(got.claims.userinfo.keys().collect::<Vec<_>>(), ["email"]);
        assert_eq!(got.prompt, Prompt { none: false, login: true, consent: true });
        assert_eq!((got.max_age_seconds, got.ui_locales.len()), (Some(0), 2));
        assert_eq!((got.state.as_deref(), got.nonce.as_deref()), (Some("s1"), Some("n1")));
        let plain = parse(&[("scope", "openid offline_access"), ("state", ""), ("nonce", "")]).unwrap();
        assert_eq!(plain.scopes.to_string(), "openid", "no refresh token without consent");
        assert_eq!((plain.state, plain.nonce), (None, None));
    }

    #[test]
    fn each_wrong_request_has_its_error() {
        let long = |n: usize| "x".repeat(n);
        assert!(
            parse(&[("state", &long(MAX_STATE))]).is_ok() && parse(&[("nonce", &long(MAX_NONCE))]).is_ok()
        );
        for (name, value, error) in [
            ("response_type", "", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code id_token", "unsupported_response_type"),
            ("response_mode", "fragment", "invalid_request"),
            ("scope", "", "invalid_request"),
            ("scope", "profile", "invalid_scope"),
            ("prompt", "none login", "invalid_request"),
            ("prompt", "create", "invalid_request"),
            ("max_age", "-1", "invalid_request"),
            ("max_age", "99999999999", "invalid_request"),
            ("code_challenge", "", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("request", "x", "request_not_supported"),
            ("request_uri", "https://x", "request_uri_not_supported"),
            ("registration", "{}", "registration_not_supported"),
            ("claims", "{", "invalid_request"),
            ("state", &long(MAX_STATE + 1), "invalid_request"),
            ("state", "é", "invalid_request"),
            ("nonce", &long(MAX_NONCE + 1), "invalid_request"),
            ("login_hint", &long(MAX_TEXT + 1), "invalid_request"),
        ] {
            assert_eq!(parse(&[(name, value)]), Err(error), "{name}={value}");
        }
        let twice = Params::new(
            [("scope", "openid"), ("scope", "openid"), ("response_type", "code")]
                .map(|(n, v)| (n.into(), v.into())),
        );
        assert_eq!(
            Request::parse(&twice, &clinic(), BACK.into()).unwrap_err().code,
            ErrorCode::InvalidRequest
        );
    }
}
