//! Forms that need a passkey. They are hidden until the script finds that this browser has passkeys and that the page is open at
//! the address to which they belong; until then a sentence stands in their place.

use crate::frame::CSRF_FIELD;
use crate::{Frame, Html};

/// The button that leads to a passkey.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The one origin at which passkeys work.
    pub origin: String,
    /// Where the form is sent (POST).
    pub action: String,
    /// Values sent along unseen.
    pub hidden: Vec<(&'static str, String)>,
    /// Text of the button.
    pub button: String,
}

/// What a new passkey is made of.
#[derive(Clone, Debug, Default)]
pub struct NewKey {
    /// The country's name.
    pub rp_name: String,
    /// The user handle, base64url.
    pub user: String,
    /// What the authenticator shows of the account.
    pub user_name: String,
    /// Algorithms, best first (IANA COSE).
    pub algorithms: Vec<i64>,
}

/// The form in which the browser asks for a passkey, or makes one.
#[derive(Clone, Debug, Default)]
pub struct Ceremony {
    /// Action, origin, unseen values and the button to try again.
    pub form: Offer,
    /// The RP id.
    pub rp_id: String,
    /// The challenge, base64url.
    pub challenge: String,
    /// Ids of passkeys, base64url: the only ones that may answer, or those that must not be made again.
    pub known: Vec<String>,
    /// How long the browser waits, in seconds.
    pub seconds: i64,
    /// What a new one is made of; none to use one.
    pub new: Option<NewKey>,
    /// What to say when the browser was told no.
    pub failed: String,
    /// What to say where there are no passkeys.
    pub none: String,
}

/// Fields the script fills in.
const ANSWER: [&str; 5] = ["id", "client", "data", "signature", "user"];

fn attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", Html::text(value))
}

impl Offer {
    fn open(&self, f: &Frame, more: &str) -> String {
        let mut out = String::from("<form method=\"post\" novalidate hidden");
        out.push_str(&attribute("action", &self.action));
        out.push_str(&attribute("data-origin", &self.origin));
        out.push_str(more);
        out.push('>');
        let csrf = (CSRF_FIELD, f.csrf.clone());
        for (name, value) in std::iter::once(&csrf).chain(&self.hidden) {
            out.push_str(&format!("<input type=\"hidden\" name=\"{name}\"{}>", attribute("value", value)));
        }
        out
    }
    fn close(&self, kind: &str) -> String {
        let class = if kind.is_empty() { String::new() } else { attribute("class", kind) };
        format!("<button{class}>{}</button></form>", Html::text(&self.button))
    }
    /// The markup.
    #[must_use]
    pub fn html(&self, f: &Frame) -> Html {
        Html::trusted(self.open(f, "") + &self.close("second"))
    }
}

impl Ceremony {
    /// The markup.
    #[must_use]
    pub fn html(&self, f: &Frame) -> Html {
        let kind = if self.new.is_some() { "create" } else { "get" };
        let mut more = [
            attribute("data-passkey", kind),
            attribute("data-rp", &self.rp_id),
            attribute("data-challenge", &self.challenge),
            attribute("data-known", &self.known.join(" ")),
            attribute("data-timeout", &(self.seconds * 1000).to_string()),
        ]
        .concat();
        if let Some(new) = &self.new {
            let algorithms: Vec<String> = new.algorithms.iter().map(i64::to_string).collect();
            more.push_str(&attribute("data-rp-name", &new.rp_name));
            more.push_str(&attribute("data-user", &new.user));
            more.push_str(&attribute("data-user-name", &new.user_name));
            more.push_str(&attribute("data-algorithms", &algorithms.join(" ")));
        }
        let mut out = self.form.open(f, &more);
        for name in ANSWER {
            out.push_str(&format!("<input type=\"hidden\" name=\"{name}\">"));
        }
        out.push_str(&format!(
            "<p class=\"error\" role=\"alert\" data-passkey-failed hidden>{}</p>",
            Html::text(&self.failed)
        ));
        out.push_str(&self.form.close(""));
        out.push_str(&format!("<p data-passkey-none>{}</p>", Html::text(&self.none)));
        Html::trusted(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Site};
    use std::sync::Arc;

    #[test]
    fn hidden_until_the_script_comes_and_safe_in_every_attribute() {
        let catalog = Catalog::new(&crate::BUNDLES).unwrap();
        let f = Frame::new(catalog.english(), Arc::new(Site::default()), "x");
        let bad = "\"><script>x</script>".to_string();
        let form = Offer {
            origin: bad.clone(),
            action: bad.clone(),
            hidden: vec![("next", bad.clone())],
            button: bad.clone(),
        };
        let new = NewKey {
            rp_name: bad.clone(),
            user: bad.clone(),
            user_name: bad.clone(),
            algorithms: vec![-8, -7],
        };
        let ceremony = Ceremony {
            form: form.clone(),
            rp_id: bad.clone(),
            challenge: bad.clone(),
            known: vec![bad.clone()],
            seconds: 300,
            new: Some(new),
            failed: bad.clone(),
            none: bad.clone(),
        };
        for html in [form.html(&f), ceremony.html(&f)] {
            assert!(!html.as_str().contains("<script>"), "{}", html.as_str());
            assert!(html.as_str().starts_with("<form method=\"post\" novalidate hidden"));
        }
        let html = ceremony.html(&f);
        for part in [
            "data-timeout=\"300000\"",
            "data-passkey=\"create\"",
            "data-algorithms=\"-8 -7\"",
            "data-passkey-none",
        ] {
            assert!(html.as_str().contains(part), "{part}");
        }
    }
}
