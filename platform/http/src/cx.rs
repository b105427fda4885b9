//! One request as a handler sees it: limited, decoded, signed in and checked.

use crate::decode::{Fields, Upload};
use crate::pipeline::{LANG_COOKIE, SESSION_COOKIE, VISIT_COOKIE, Wire, negotiate};
use crate::route::RouteKind;
use crate::site::Site;
use crate::{Reply, decode};
use bytes::Bytes;
use daftar_kernel::problem::Kind;
use daftar_kernel::{Actor, Id, Lang, Official, Problem, Timestamp, hex};
use daftar_office::{Proven, Session};
use daftar_ui::{Frame, Texts};
use serde::de::DeserializeOwned;
use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Values of the path's parameters, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(pub Vec<(String, String)>);

/// One request.
#[derive(Clone)]
pub struct Cx {
    /// What every handler may use.
    pub site: Arc<Site>,
    /// Page, API or file.
    pub kind: RouteKind,
    /// Upper-case method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Path parameters.
    pub params: Params,
    /// Query.
    pub query: Fields,
    /// Fields of a submitted form.
    pub form: Fields,
    /// Files of a submitted form.
    pub uploads: Vec<Upload>,
    /// Body of an API or file route.
    pub body: Bytes,
    /// The session, when signed in.
    pub session: Option<Session>,
    /// Who acts.
    pub actor: Actor,
    /// Language of the answer.
    pub lang: Lang,
    /// `Idempotency-Key` as sent.
    pub idempotency_key: Option<String>,
    /// Whether the client takes gzip.
    pub accepts_gzip: bool,
    /// Address of the client, for throttling only; never stored with an act.
    pub address: IpAddr,
    /// What the browser says it is, for the holder's own list of sessions.
    pub browser: String,
    /// `Authorization` as sent, for file routes with a proof of their own; never logged.
    pub authorization: String,
    /// `Content-Type` as sent, for file routes.
    pub content_type: String,
    /// `Accept` as sent.
    pub accepts: String,
    /// The visitor's random id, which binds forms before sign-in.
    visit: String,
    raw_query: String,
    session_token: Option<String>,
    cookies: BTreeMap<String, String>,
    lang_cookie: Option<String>,
    pub(crate) new_visit: Option<String>,
    pub(crate) chosen_lang: Option<Lang>,
}

impl Cx {
    pub(crate) fn visitor(site: Arc<Site>, wire: &Wire, kind: RouteKind) -> Self {
        let cookies = decode::cookies(wire.header("cookie"));
        let known =
            cookies.get(VISIT_COOKIE).filter(|visit| hex::decode(visit).is_some_and(|b| b.len() == 16));
        // Only pages have forms to bind: programs and files get no cookie.
        let (visit, new_visit) = match known {
            Some(visit) => (visit.clone(), None),
            None if kind == RouteKind::Page => {
                let fresh = hex::encode(&site.store.world().bytes::<16>());
                (fresh.clone(), Some(fresh))
            }
            None => (String::new(), None),
        };
        let lang_cookie = cookies.get(LANG_COOKIE).cloned();
        let pages = site.live().pages;
        let offered = pages.languages.iter().map(|(lang, _)| lang);
        let lang = negotiate(lang_cookie.as_deref(), wire.header("accept-language"), offered);
        Self {
            kind,
            method: wire.method.to_string(),
            path: wire.path.clone(),
            params: Params::default(),
            query: Fields::default(),
            form: Fields::default(),
            uploads: Vec::new(),
            body: Bytes::new(),
            session: None,
            actor: Actor::Public,
            lang: lang.cloned().unwrap_or_else(Lang::english),
            idempotency_key: Some(wire.header("idempotency-key").to_string()).filter(|key| !key.is_empty()),
            accepts_gzip: wire.accepts_gzip(),
            address: wire.source,
            browser: wire.header("user-agent").chars().take(200).collect(),
            authorization: wire.header("authorization").to_string(),
            content_type: wire.header("content-type").to_string(),
            accepts: wire.header("accept").to_string(),
            visit,
            raw_query: wire.query.clone(),
            session_token: cookies.get(SESSION_COOKIE).cloned(),
            cookies,
            lang_cookie,
            new_visit,
            chosen_lang: None,
            site,
        }
    }

    /// What must be left of a request whose handler has the whole, to tell of a problem: for a page everything, because its
    /// frame shows who is signed in; for programs their language.
    pub(crate) fn for_problems(&self) -> Self {
        if self.kind == RouteKind::Page {
            return self.clone();
        }
        Self {
            site: Arc::clone(&self.site),
            kind: self.kind,
            method: String::new(),
            path: self.path.clone(),
            params: Params::default(),
            query: Fields::default(),
            form: Fields::default(),
            uploads: Vec::new(),
            body: Bytes::new(),
            session: None,
            actor: Actor::Public,
            lang: self.lang.clone(),
            idempotency_key: None,
            accepts_gzip: self.accepts_gzip,
            address: self.address,
            browser: String::new(),
            authorization: String::new(),
            content_type: String::new(),
            accepts: String::new(),
            visit: String::new(),
            raw_query: String::new(),
            session_token: None,
            cookies: BTreeMap::new(),
            lang_cookie: None,
            new_visit: self.new_visit.clone(),
            chosen_lang: self.chosen_lang.clone(),
        }
    }

    /// `?lang=xx` on any page chooses the language from there on.
    pub(crate) fn choose_language(&mut self) {
        let asked = self.query.get("lang");
        if asked.is_empty() || self.lang_cookie.as_deref() == Some(asked) {
            return;
        }
        let pages = self.site.live().pages;
        if let Some((lang, _)) = pages.languages.iter().find(|(lang, _)| lang.tag() == asked) {
            self.lang = lang.clone();
            self.chosen_lang = Some(lang.clone());
        }
    }

    /// Pages by cookie, API by bearer: neither opens the other's door.
    pub(crate) async fn sign_in_by(&mut self, wire: &Wire, kind: RouteKind) -> Result<(), Problem> {
        let token = match kind {
            RouteKind::Api => wire.header("authorization").strip_prefix("Bearer ").map(str::to_string),
            _ => self.session_token.clone(),
        };
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(()) };
        if let Some(session) = self.site.office.session(&token).await? {
            self.actor = session.actor.clone();
            self.session_token = Some(token);
            self.session = Some(session);
        }
        Ok(())
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.site.store.world().now()
    }
    /// The session's secret token as the client holds it, for signing out.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session.as_ref().and(self.session_token.as_deref())
    }
    /// A service's own handle.
    ///
    /// # Errors
    /// 500 when the program was put together without it.
    pub fn service<T: Any + Send + Sync>(&self) -> Result<Arc<T>, Problem> {
        self.site.service::<T>().ok_or_else(|| Problem::internal(format!("no {} is wired", type_name::<T>())))
    }
    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }
    /// The value of a path parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
    /// A path parameter that is an identifier.
    ///
    /// # Errors
    /// 404 when it is none: there is nothing at such an address.
    pub fn param_id(&self, name: &str) -> Result<Id, Problem> {
        self.param(name).parse().map_err(|_| Problem::not_found())
    }
    /// The official who acts.
    ///
    /// # Errors
    /// 403 for anybody else.
    pub fn official(&self) -> Result<&Official, Problem> {
        self.actor.official().ok_or_else(|| Problem::forbidden("for-officials"))
    }
    /// The account token of the citizen who acts.
    ///
    /// # Errors
    /// 403 for anybody else.
    pub fn citizen(&self) -> Result<Id, Problem> {
        self.actor.citizen().ok_or_else(|| Problem::forbidden("for-citizens"))
    }
    /// Whether the actor's role holds a permission.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.actor.official().is_some_and(|official| self.site.roster().allows(&official.role, permission))
    }
    /// Refuses unless the actor's role holds a permission.
    ///
    /// # Errors
    /// 403.
    pub fn need(&self, permission: &str) -> Result<(), Problem> {
        if self.may(permission) { Ok(()) } else { Err(Problem::forbidden("permission")) }
    }
    /// Whether a second factor was given within the last minutes.
    #[must_use]
    pub fn stepped_up(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.stepped_up(self.now()))
    }
    /// The actor, for dangerous acts.
    ///
    /// # Errors
    /// `step-up` when no second factor was given within the last minutes.
    pub fn proven(&self) -> Result<Proven, Problem> {
        let session = self.session.as_ref().ok_or_else(Problem::sign_in)?;
        session.proven(self.now()).map_err(|_| Problem::forbidden("step-up"))
    }
    /// The token every form of this visitor or session must carry.
    #[must_use]
    pub fn csrf(&self) -> String {
        let binding = self.session.as_ref().map_or(self.visit.as_bytes(), |session| session.id.as_bytes());
        // A vault that cannot be read, or nothing to bind to, leaves a token nobody knows: forms are refused, and
        // nothing is let through.
        let keyed = self.site.store.vault().blind_index("http-csrf", &[binding]);
        let keyed = keyed.ok().filter(|_| !binding.is_empty());
        hex::encode(&keyed.unwrap_or_else(|| self.site.world().bytes())[..16])
    }
    /// Whether a submitted token is the right one. Compared without leaking where it differs.
    #[must_use]
    pub(crate) fn csrf_matches(&self, given: &str) -> bool {
        let right = self.csrf();
        given.len() == right.len()
            && given.bytes().zip(right.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
    }
    /// The JSON body.
    ///
    /// # Errors
    /// `bad-json` (400) when it is not JSON in UTF-8, `bad-body` (400) when it is JSON of another shape than the
    /// OpenAPI document gives. 422 is for what has the shape and breaks a rule.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut value: serde_json::Value = serde_json::from_slice(&self.body)
            .map_err(|e| Problem::malformed("bad-json").arg("line", e.line()))?;
        whole_numbers(&mut value);
        // The parser's words name fields and types, never values, so they may be shown.
        serde_json::from_value(value).map_err(|e| Problem::malformed("bad-body").detail(e))
    }
    /// The idempotency key of a change.
    ///
    /// # Errors
    /// 400 when there is none, or it is longer than 100 visible ASCII characters.
    pub fn idempotency(&self) -> Result<&str, Problem> {
        self.idempotency_key
            .as_deref()
            .filter(|key| key.len() <= 100 && key.bytes().all(|b| (0x21..0x7f).contains(&b)))
            .ok_or_else(|| Problem::malformed("idempotency-key"))
    }
    /// What the layout of a page needs; the title is a message key.
    #[must_use]
    pub fn frame(&self, title_key: &str) -> Frame {
        let title = self.site.texts(&self.lang).get(title_key).into_owned();
        self.site.frame(self, title)
    }
    /// The texts of the reader's language.
    #[must_use]
    pub fn texts(&self) -> Texts {
        self.site.texts(&self.lang)
    }
    /// Path and query as sent, for links back to this page.
    #[must_use]
    pub fn here(&self) -> String {
        if self.raw_query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.raw_query)
        }
    }
    /// 413 unless an upload is at most so many bytes.
    ///
    /// # Errors
    /// 413.
    pub fn upload(&self, field: &str, max_bytes: usize) -> Result<Option<&[u8]>, Problem> {
        match self.uploads.iter().find(|upload| upload.field == field) {
            Some(upload) if upload.bytes.len() > max_bytes => {
                Err(Problem::new(Kind::TooLarge, "file-too-large").arg("limit", max_bytes))
            }
            Some(upload) => Ok(Some(&upload.bytes)),
            None => Ok(None),
        }
    }
    /// 303 to a page, keeping nothing of the form.
    ///
    /// # Errors
    /// Never; the type fits handlers.
    pub fn go(&self, path: &str) -> Result<Reply, Problem> {
        Ok(Reply::redirect(path))
    }
}

/// JSON has one kind of number, and `3.0` is an integer of it (JSON Schema 2020-12, core §4.2.3): some clients write them so.
fn whole_numbers(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Number(number) => {
            let written = number.to_string();
            let whole = written.strip_suffix(".0").filter(|digits| digits.len() <= WHOLE_DIGITS);
            if let Some(whole) = whole.and_then(|digits| digits.parse::<i64>().ok()) {
                *number = whole.into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// So many digits, with a sign, are still exactly the number that was sent; versions and seconds have fewer.
const WHOLE_DIGITS: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let sent = r#"{"a": [3.0, -1e3, 3.5, 999999999999999.0, 1000000000000000.0], "b": 7}"#;
        let mut value: serde_json::Value = serde_json::from_str(sent).unwrap();
        whole_numbers(&mut value);
        assert_eq!(value, json!({"a": [3, -1000, 3.5, 999_999_999_999_999_i64, 1e15], "b": 7}));
    }
}
