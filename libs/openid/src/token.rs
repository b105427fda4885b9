//! The token endpoint's requests and answers (RFC 6749 §4.1.3, §4.4.2, §5, §6), and those of revocation and introspection.

use crate::scope::{Scope, Scopes};
use crate::{Client, ErrorCode, Params, Refusal};
use serde::Serialize;
use serde_json::{Value, json};

/// What a client asks the token endpoint for.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// Tokens for a code (§4.1.3).
    Code {
        /// The code.
        code: String,
        /// The redirect URI of the authorization request.
        redirect_uri: String,
        /// The verifier (RFC 7636 §4.5).
        verifier: String,
    },
    /// Fresh tokens for a refresh token (§6).
    Refresh {
        /// The refresh token.
        token: String,
        /// Fewer scopes than were granted, when asked.
        scopes: Option<Scopes>,
    },
    /// A token for the client itself (§4.4).
    Own {
        /// The scopes.
        scopes: Scopes,
    },
}

// Codes and tokens must not slip into a log through a debug print.
impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Code { .. } => "Ask::Code",
            Self::Refresh { .. } => "Ask::Refresh",
            Self::Own { .. } => "Ask::Own",
        })
    }
}

impl Ask {
    /// Reads the request of a client that has proven who it is.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_grant_type`, `unauthorized_client`, `invalid_scope`.
    pub fn parse(params: &Params, client: &Client) -> Result<Self, Refusal> {
        params.once_each()?;
        let may = |allowed: bool| match allowed {
            true => Ok(()),
            false => Err(Refusal::new(ErrorCode::UnauthorizedClient, "not registered for this grant")),
        };
        let text = |name: &str, words: &'static str| params.need(name, words).map(str::to_string);
        match params.need("grant_type", "grant_type is missing")? {
            "authorization_code" => Ok(Self::Code {
                code: text("code", "code is missing")?,
                redirect_uri: text("redirect_uri", "redirect_uri is missing")?,
                verifier: text("code_verifier", "code_verifier is missing")?,
            }),
            "refresh_token" => {
                may(client.refresh)?;
                let token = text("refresh_token", "refresh_token is missing")?;
                Ok(Self::Refresh { token, scopes: params.get("scope").map(Scopes::parse) })
            }
            "client_credentials" => {
                may(client.own_tokens)?;
                let scopes = match params.has("scope") {
                    true => own_scopes(params.get("scope").unwrap_or_default(), client)?,
                    false => Scopes::default(),
                };
                Ok(Self::Own { scopes })
            }
            _ => Err(Refusal::new(ErrorCode::UnsupportedGrantType, "no such grant type here")),
        }
    }
}

/// The scopes of a client's own token. One for no person opens no person's claims, so only [`Scope::OWN`] can be among them, and
/// a word we do not know is refused: the client would believe it has it.
fn own_scopes(text: &str, client: &Client) -> Result<Scopes, Refusal> {
    let asked = Scopes::parse(text);
    let words = text.split(' ').filter(|word| !word.is_empty()).count();
    let all_known = asked.iter().count() == words && words > 0;
    if all_known && asked.within(&Scopes::new(Scope::OWN)) && asked.within(&client.scopes) {
        Ok(asked)
    } else {
        Err(Refusal::new(ErrorCode::InvalidScope, "not a scope this client may have for itself"))
    }
}

/// Tokens on their way to the client (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Clone, Default)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// How long it is valid, in seconds.
    pub expires_in: i64,
    /// The ID token, when there is one.
    pub id_token: Option<String>,
    /// The refresh token, when there is one.
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scopes: Scopes,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issued({})", self.scopes)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

impl Issued {
    /// The body of the answer.
    #[must_use]
    pub fn body(&self) -> impl Serialize {
        Body {
            access_token: &self.access_token,
            token_type: "Bearer",
            expires_in: self.expires_in,
            scope: (!self.scopes.is_empty()).then(|| self.scopes.to_string()),
            id_token: self.id_token.as_deref(),
            refresh_token: self.refresh_token.as_deref(),
        }
    }
}

/// The token of a revocation (RFC 7009 §2.1) or introspection request (RFC 7662 §2.1). The hint is not needed: our tokens tell
/// themselves apart.
///
/// # Errors
/// `invalid_request` when there is none.
pub fn named(params: &Params) -> Result<&str, Refusal> {
    params.once_each()?;
    params.need("token", "token is missing")
}

/// The answer about a token that is not active (RFC 7662 §2.2): nothing but that.
#[must_use]
pub fn inactive() -> Value {
    json!({ "active": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::clinic;

    fn ask(pairs: &[(&str, &str)], client: &Client) -> Result<Ask, &'static str> {
        let params = Params::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())));
        Ask::parse(&params, client).map_err(|refusal| refusal.code.name())
    }

    #[test]
    fn whole_requests() {
        let code = [
            ("grant_type", "authorization_code"),
            ("code", "c"),
            ("redirect_uri", "u"),
            ("code_verifier", "v"),
        ];
        let want = Ask::Code { code: "c".into(), redirect_uri: "u".into(), verifier: "v".into() };
        assert_eq!(ask(&code, &clinic()), Ok(want));
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", "r"), ("scope", "openid")];
        let got = ask(&refresh, &clinic()).unwrap();
        assert_eq!(format!("{got:?}"), "Ask::Refresh");
        let own = Client { own_tokens: true, ..clinic() };
        assert_eq!(
            ask(&[("grant_type", "client_credentials")], &own),
            Ok(Ask::Own { scopes: Scopes::default() })
        );
    }

    #[test]
    fn what_is_refused_and_how() {
        let mine = clinic();
        assert_eq!(ask(&[], &mine), Err("invalid_request"));
        assert_eq!(ask(&[("grant_type", "password")], &mine), Err("unsupported_grant_type"));
        assert_eq!(ask(&[("grant_type", "client_credentials")], &mine), Err("unauthorized_client"));
        let without = Client { refresh: false, ..clinic() };
        assert_eq!(ask(&[("grant_type", "refresh_token")], &without), Err("unauthorized_client"));
        let own = Client { own_tokens: true, ..clinic() };
        let partner = Client { scopes: Scopes::parse("openid profile verify"), ..own.clone() };
        let scoped = |scope| [("grant_type", "client_credentials"), ("scope", scope)];
        for scope in ["profile", "verify profile", "verify other", "verify verify", " ", "openid"] {
            assert_eq!(ask(&scoped(scope), &partner), Err("invalid_scope"), "{scope:?}");
        }
        assert_eq!(ask(&scoped("verify"), &own), Err("invalid_scope"), "not registered for it");
        assert_eq!(ask(&scoped("verify"), &partner), Ok(Ask::Own { scopes: Scopes::new(Scope::OWN) }));
        let whole = [("code", "c"), ("redirect_uri", "u"), ("code_verifier", "v")];
        for missing in 0..whole.len() {
            let mut pairs = vec![("grant_type", "authorization_code")];
            pairs.extend(whole.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, pair)| *pair));
            assert_eq!(ask(&pairs, &mine), Err("invalid_request"), "without {}", whole[missing].0);
        }
    }

    fn body(issued: &Issued) -> Value {
        serde_json::to_value(issued.body()).unwrap()
    }

    #[test]
    fn answers() {
        let issued = Issued { access_token: "a".into(), expires_in: 60, ..Issued::default() };
        assert_eq!(body(&issued), json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60}));
    }
}
