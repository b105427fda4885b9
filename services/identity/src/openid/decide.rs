//! What a sign-in needs next (OpenID Connect Core §3.1.2.3, §3.1.2.4). Pure.

use super::items::Items;
use daftar_kernel::{Id, Timestamp};
use daftar_office::session::Way;
use openid::authorize::Request;
use openid::id_token::Hint;
use openid::metadata::{ACR_OTP, ACR_PHR};
use openid::{ErrorCode, Refusal};
use serde_json::Value;

/// What is known of the citizen at the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The person.
    pub person: Id,
    /// The token the client's sector knows them by; none before the first consent.
    pub sub: Option<Id>,
    /// What they have consented to.
    pub items: Items,
    /// Whether they locked signing in to services.
    pub locked: bool,
    /// Whether the register believes them alive.
    pub alive: bool,
    /// When they signed in.
    pub signed_in_at: Timestamp,
    /// How they signed in.
    pub way: Way,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the client can have its code.
    Answer,
    /// The person signs in, or signs in again.
    SignIn,
    /// The person reads and consents.
    Consent,
    /// The person signs in in this other way: the client takes no other.
    Otherwise(Way),
    /// The person has locked this, and may unlock it.
    Locked,
    /// It ends with this error.
    Refuse(Refusal),
}

/// Decides. `began` is when the request came: a sign-in after it is always fresh enough.
#[must_use]
pub fn next(request: &Request, known: Option<&Known>, hint: Option<&Hint>, began: Timestamp) -> Next {
    let taken = taken(request);
    if taken.is_empty() {
        return Next::Refuse(Refusal::new(ErrorCode::AccessDenied, "nobody can sign in here in such a way"));
    }
    let asks = |next: Next, code: ErrorCode| match request.prompt.none {
        true => Next::Refuse(Refusal::new(code, "prompt=none, and the person must do something")),
        false => next,
    };
    let Some(known) = known else { return asks(Next::SignIn, ErrorCode::LoginRequired) };
    if is_stale(request, known.signed_in_at, began) {
        return asks(Next::SignIn, ErrorCode::LoginRequired);
    }
    if !is_meant(request, known, hint) {
        return Next::Refuse(Refusal::new(ErrorCode::LoginRequired, "somebody else is signed in"));
    }
    if !known.alive {
        return Next::Refuse(Refusal::new(ErrorCode::AccessDenied, "nobody can sign in for this person"));
    }
    if !taken.contains(&known.way) {
        return asks(Next::Otherwise(taken[0]), ErrorCode::LoginRequired);
    }
    if known.locked {
        return asks(Next::Locked, ErrorCode::InteractionRequired);
    }
    if known.sub.is_none() || request.prompt.consent || !Items::of(request).within(&known.items) {
        return asks(Next::Consent, ErrorCode::ConsentRequired);
    }
    Next::Answer
}

/// How `acr` says a way of signing in.
#[must_use]
pub const fn acr(way: Way) -> &'static str {
    match way {
        Way::Code => ACR_OTP,
        Way::Passkey => ACR_PHR,
    }
}

/// How `amr` says it (RFC 8176 §2). Of a passkey we know that a key was proven, that somebody was there, and that the authenticator
/// asked who it is; not what it asked for, nor where the key lies.
#[must_use]
pub fn amr(way: Way) -> Vec<String> {
    let words: &[&str] = match way {
        Way::Code => &["pwd", "otp", "mfa"],
        Way::Passkey => &["pop", "user", "mfa"],
    };
    words.iter().map(|word| (*word).to_string()).collect()
}

/// The ways the client takes: all, unless it asks for some as essential (OpenID Connect Core §5.5.1.1). `acr_values` is a wish,
/// and so is `acr` without `essential` (§3.1.2.1).
fn taken(request: &Request) -> Vec<Way> {
    let wish = request.claims.id_token.get("acr").filter(|wish| wish.essential && !wish.values.is_empty());
    let takes = |way: &Way| wish.is_none_or(|wish| wish.values.contains(&Value::from(acr(*way))));
    [Way::Code, Way::Passkey].into_iter().filter(takes).collect()
}

/// Whether a sign-in is too old for what the client asks.
fn is_stale(request: &Request, signed_in_at: Timestamp, began: Timestamp) -> bool {
    if signed_in_at >= began {
        return false;
    }
    let too_old = |max: i64| signed_in_at.plus_seconds(max) < began;
    request.prompt.login || request.max_age_seconds.is_some_and(too_old)
}

/// Whether it is who the client means (`id_token_hint`, or `sub` in the claims request, §5.5.1).
fn is_meant(request: &Request, known: &Known, hint: Option<&Hint>) -> bool {
    let sub = known.sub.map(|sub| sub.to_string());
    let hinted = hint.is_none_or(|hint| hint.aud == request.client_id && Some(&hint.sub) == sub.as_ref());
    let wished = request.claims.id_token.get("sub").or_else(|| request.claims.userinfo.get("sub"));
    let same = |value: &Value| value.as_str().is_some() && value.as_str() == sub.as_deref();
    hinted && wished.is_none_or(|wish| wish.values.is_empty() || wish.values.iter().any(same))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openid::{Client, Method, Params, Scopes};

    const BEGAN: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn request(changes: &[(&str, &str)]) -> Request {
        let client = Client {
            id: "c".into(),
            method: Method::Secret,
            native: false,
            redirect_uris: vec!["https://c.example/".into()],
            logout_uris: Vec::new(),
            scopes: Scopes::parse("openid profile email"),
            refresh: false,
            own_tokens: false,
            keys: Vec::new(),
        };
        let whole = [
            ("response_type", "code"),
            ("scope", "openid email"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let sent = whole.iter().chain(changes).map(|(n, v)| ((*n).to_string(), (*v).to_string()));
        Request::parse(&Params::new(sent), &client, "https://c.example/".into()).unwrap()
    }
    fn known() -> Known {
        Known {
            person: Id::from_bytes([1; 16]),
            sub: Some(Id::from_bytes([2; 16])),
            items: Items::parse("email email_verified"),
            locked: false,
            alive: true,
            signed_in_at: BEGAN.plus_seconds(-100),
            way: Way::Code,
        }
    }
    fn refused(next: Next) -> &'static str {
        match next {
            Next::Refuse(refusal) => refusal.code.name(),
            _ => "not refused",
        }
    }

    #[test]
    fn answers_at_once_when_nothing_is_missing() {
        assert_eq!(next(&request(&[]), Some(&known()), None, BEGAN), Next::Answer);
        assert_eq!(next(&request(&[("prompt", "none")]), Some(&known()), None, BEGAN), Next::Answer);
        assert_eq!(next(&request(&[("max_age", "100")]), Some(&known()), None, BEGAN), Next::Answer);
    }

    #[test]
    fn asks_for_what_is_missing_and_with_prompt_none_says_so() {
        let cases = [
            (None, vec![], Next::SignIn, "login_required"),
            (Some(known()), vec![("max_age", "99")], Next::SignIn, "login_required"),
            (
                Some(known()),
                vec![("claims", r#"{"userinfo":{"name":null}}"#)],
                Next::Consent,
                "consent_required",
            ),
            (Some(Known { sub: None, ..known() }), vec![], Next::Consent, "consent_required"),
            (Some(Known { items: Items::default(), ..known() }), vec![], Next::Consent, "consent_required"),
            (Some(Known { locked: true, ..known() }), vec![], Next::Locked, "interaction_required"),
        ];
        for (known, mut changes, want, error) in cases {
            assert_eq!(next(&request(&changes), known.as_ref(), None, BEGAN), want);
            changes.push(("prompt", "none"));
            assert_eq!(refused(next(&request(&changes), known.as_ref(), None, BEGAN)), error);
        }
        assert_eq!(next(&request(&[("prompt", "login")]), Some(&known()), None, BEGAN), Next::SignIn);
        assert_eq!(next(&request(&[("prompt", "consent")]), Some(&known()), None, BEGAN), Next::Consent);
    }

    #[test]
    fn nobody_signs_in_for_the_dead() {
        let dead = Known { alive: false, ..known() };
        assert_eq!(refused(next(&request(&[]), Some(&dead), None, BEGAN)), "access_denied");
    }

    #[test]
    fn who_signed_in_after_the_request_is_fresh() {
        let fresh = Known { signed_in_at: BEGAN, ..known() };
        assert_eq!(next(&request(&[("prompt", "login")]), Some(&fresh), None, BEGAN), Next::Answer);
        assert_eq!(next(&request(&[("max_age", "0")]), Some(&fresh), None, BEGAN), Next::Answer);
        assert_eq!(next(&request(&[("max_age", "0")]), Some(&known()), None, BEGAN), Next::SignIn);
    }

    #[test]
    fn somebody_else_is_not_who_was_meant() {
        let mine = known().sub.unwrap().to_string();
        let hint = |sub: &str, aud: &str| Hint { sub: sub.into(), aud: aud.into() };
        let with = |hint: &Hint| next(&request(&[]), Some(&known()), Some(hint), BEGAN);
        assert_eq!(with(&hint(&mine, "c")), Next::Answer);
        assert_eq!(refused(with(&hint("other", "c"))), "login_required");
        assert_eq!(refused(with(&hint(&mine, "other"))), "login_required");
        let asked = |value: &str| {
            let claims = format!(r#"{{"id_token":{{"sub":{{"value":"{value}"}}}}}}"#);
            next(&request(&[("claims", &claims)]), Some(&known()), None, BEGAN)
        };
        assert_eq!(asked(&mine), Next::Answer);
        assert_eq!(refused(asked("other")), "login_required");
    }

    #[test]
    fn an_essential_way_of_signing_in_that_we_do_not_have() {
        let claims = |acr: &str, essential: bool| {
            let text = format!(r#"{{"id_token":{{"acr":{{"essential":{essential},"values":["{acr}"]}}}}}}"#);
            next(&request(&[("claims", &text)]), Some(&known()), None, BEGAN)
        };
        assert_eq!(claims("otp", true), Next::Answer);
        assert_eq!(claims("iris", false), Next::Answer);
        assert_eq!(refused(claims("iris", true)), "access_denied");
        assert_eq!(claims("phr", true), Next::Otherwise(Way::Passkey));
        assert_eq!(claims("phr", false), Next::Answer);
    }

    #[test]
    fn an_essential_way_that_the_person_did_not_take() {
        let ask = |values: &str, way: Way, more: &[(&str, &str)]| {
            let text = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":[{values}]}}}}}}"#);
            let changes = [&[("claims", text.as_str())], more].concat();
            next(&request(&changes), Some(&Known { way, ..known() }), None, BEGAN)
        };
        assert_eq!(ask(r#""phr""#, Way::Passkey, &[]), Next::Answer);
        assert_eq!(ask(r#""otp""#, Way::Passkey, &[]), Next::Otherwise(Way::Code));
        assert_eq!(ask(r#""iris","phr","otp""#, Way::Code, &[]), Next::Answer);
        assert_eq!(refused(ask(r#""phr""#, Way::Code, &[("prompt", "none")])), "login_required");
        assert_eq!((acr(Way::Code), acr(Way::Passkey)), ("otp", "phr"));
        assert_eq!(amr(Way::Passkey), ["pop", "user", "mfa"]);
    }
}
