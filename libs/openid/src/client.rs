//! A client as an official registered it.

use crate::jwk::Jwk;
use crate::redirect;
use crate::scope::Scopes;

/// How a client proves who it is at the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// A secret, in the header or the body: `client_secret_basic`, `client_secret_post`.
    Secret,
    /// A signed assertion: `private_key_jwt`.
    PrivateKeyJwt,
    /// Not at all: a program on the person's own machine. PKCE alone protects its codes.
    Public,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Secret, Self::PrivateKeyJwt, Self::Public];
    /// The word in forms and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::PrivateKeyJwt => "private-key-jwt",
            Self::Public => "public",
        }
    }
    /// The method of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// How it proves who it is.
    pub method: Method,
    /// Whether it runs on the person's own machine, so that its loopback port may change (RFC 8252 §7.3).
    pub native: bool,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out.
    pub logout_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Whether it may hold refresh tokens.
    pub refresh: bool,
    /// Whether it may have tokens of its own, for no person (RFC 6749 §4.4).
    pub own_tokens: bool,
    /// Its public keys, for [`Method::PrivateKeyJwt`].
    pub keys: Vec<Jwk>,
}

impl Client {
    /// Whether people may be sent to this URI.
    #[must_use]
    pub fn may_redirect(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|registered| redirect::matches(registered, uri, self.native))
    }
    /// Whose people's tokens it shares (OpenID Connect Core §8.1): the host of its redirect URIs; a client on the person's own
    /// machine, which has no host of its own, shares with nobody.
    ///
    /// `None` when the hosts differ: then nobody could say which of them it is.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        let uris: Vec<redirect::Uri<'_>> =
            self.redirect_uris.iter().map(|uri| redirect::parse(uri)).collect::<Option<_>>()?;
        let first = uris.first()?;
        if uris.iter().any(|uri| uri.host != first.host) {
            return None;
        }
        Some(if first.is_loopback() { self.id.clone() } else { first.host.to_string() })
    }
    /// Whether the registration can stand. The text names what cannot.
    ///
    /// # Errors
    /// The first field that is wrong: `redirect_uris`, `logout_uris`, `keys`, `method`.
    pub fn check(&self) -> Result<(), &'static str> {
        let uris = |list: &[String]| {
            list.len() <= redirect::MAX_URIS && list.iter().all(|uri| redirect::may_register(uri))
        };
        if self.redirect_uris.is_empty() || !uris(&self.redirect_uris) || self.sector().is_none() {
            return Err("redirect_uris");
        }
        if !uris(&self.logout_uris) {
            return Err("logout_uris");
        }
        if (self.method == Method::PrivateKeyJwt) == self.keys.is_empty() {
            return Err("keys");
        }
        if self.method == Method::Public && self.own_tokens {
            return Err("method");
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn clinic() -> Client {
        Client {
            id: "clinic".into(),
            method: Method::Secret,
            native: false,
            redirect_uris: vec!["https://clinic.example/back".into()],
            logout_uris: vec!["https://clinic.example/bye".into()],
            scopes: Scopes::parse("openid profile email offline_access"),
            refresh: true,
            own_tokens: false,
            keys: Vec::new(),
        }
    }

    #[test]
    fn sectors() {
        assert_eq!(clinic().sector().as_deref(), Some("clinic.example"));
        let two = vec!["https://a.example/".to_string(), "https://b.example/".to_string()];
        assert_eq!(Client { redirect_uris: two, ..clinic() }.sector(), None);
        let local = vec!["http://127.0.0.1/".to_string()];
        assert_eq!(Client { redirect_uris: local, ..clinic() }.sector().as_deref(), Some("clinic"));
    }

    #[test]
    fn what_cannot_stand() {
        assert_eq!(clinic().check(), Ok(()));
        let list = |n: usize| vec!["https://clinic.example/back".to_string(); n];
        let max = redirect::MAX_URIS;
        assert_eq!(Client { redirect_uris: list(max), ..clinic() }.check(), Ok(()));
        for uris in [list(0), list(max + 1), vec!["http://clinic.example/".into()]] {
            assert_eq!(Client { redirect_uris: uris, ..clinic() }.check(), Err("redirect_uris"));
        }
        let logout = vec!["https://x.example/#a".into()];
        assert_eq!(Client { logout_uris: logout, ..clinic() }.check(), Err("logout_uris"));
        assert_eq!(Client { method: Method::PrivateKeyJwt, ..clinic() }.check(), Err("keys"));
        let keys = vec![crate::jws::tests::key(1).public().clone()];
        assert_eq!(Client { keys: keys.clone(), ..clinic() }.check(), Err("keys"));
        assert_eq!(Client { keys, method: Method::PrivateKeyJwt, ..clinic() }.check(), Ok(()));
        let own = Client { method: Method::Public, own_tokens: true, ..clinic() };
        assert_eq!(own.check(), Err("method"), "tokens of its own need a proof of who it is");
    }
}
