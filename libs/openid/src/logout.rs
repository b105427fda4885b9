//! Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0).

use crate::authorize::MAX_STATE;
use crate::id_token::Hint;
use crate::{Client, Params, answer};

/// A request to sign out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logout {
    /// An ID token of the session; not verified yet.
    pub id_token_hint: Option<String>,
    /// Who asks.
    pub client_id: Option<String>,
    /// Where to send the person afterwards.
    pub redirect_uri: Option<String>,
    /// Given back as it is.
    pub state: Option<String>,
}

impl Logout {
    /// Reads the request (§2). What is repeated counts as not sent: signing out is never refused for it.
    #[must_use]
    pub fn parse(params: &Params) -> Self {
        let text = |name: &str| params.get(name).map(str::to_string);
        Self {
            id_token_hint: text("id_token_hint"),
            client_id: text("client_id"),
            redirect_uri: text("post_logout_redirect_uri"),
            state: text("state").filter(|state| state.len() <= MAX_STATE),
        }
    }
    /// Where the person may be sent: only to an address registered for a client that is certain, by a hint that was verified
    /// (§3). `None` leaves them with us.
    #[must_use]
    pub fn destination(&self, hint: Option<&Hint>, client: Option<&Client>) -> Option<String> {
        let (hint, client, uri) = (hint?, client?, self.redirect_uri.as_deref()?);
        let same = self.client_id.as_ref().is_none_or(|id| *id == hint.aud) && client.id == hint.aud;
        // Whole texts, always (§2).
        let registered = client.logout_uris.iter().any(|one| one == uri);
        (same && registered).then(|| answer::with_query(uri, &[("state", self.state.as_deref())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::clinic;

    #[test]
    fn only_where_the_client_registered_it() {
        let ask = |pairs: &[(&str, &str)]| {
            Logout::parse(&Params::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into()))))
        };
        let hint = Hint { sub: "s".into(), aud: "clinic".into() };
        let client = clinic();
        let whole = ask(&[("post_logout_redirect_uri", "https://clinic.example/bye"), ("state", "x")]);
        let go = |logout: &Logout, hint: Option<&Hint>| logout.destination(hint, Some(&client));
        assert_eq!(go(&whole, Some(&hint)).as_deref(), Some("https://clinic.example/bye?state=x"));
        assert_eq!(go(&whole, None), None, "without a hint nobody is certain");
        assert_eq!(go(&ask(&[]), Some(&hint)), None);
        let evil = ask(&[("post_logout_redirect_uri", "https://evil.example/")]);
        assert_eq!(go(&evil, Some(&hint)), None);
        let other = Logout { client_id: Some("other".into()), ..whole.clone() };
        assert_eq!(go(&other, Some(&hint)), None, "the hint is another client's");
        assert_eq!(go(&whole, Some(&Hint { aud: "other".into(), ..hint })), None);
    }
}
