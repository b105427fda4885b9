//! A browser as far as the story needs one: pages, cookies, redirects, and the hidden token of forms.

use anyhow::{Context, Result, bail, ensure};
use daftar_kernel::{World, hex};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// Longest time one answer may take.
const ANSWER_SECONDS: u64 = 30;
/// Longest answer read.
const ANSWER_BYTES: u64 = 16 * 1024 * 1024;
/// Most redirects followed.
const REDIRECTS: usize = 5;

/// An answer, read whole, after all redirects.
pub struct Page {
    /// Status.
    pub status: u16,
    /// Path it came from.
    pub path: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Page {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    /// Whether the body holds these words.
    #[must_use]
    pub fn has(&self, words: &str) -> bool {
        self.text().contains(words)
    }
    /// What stands between two marks, the first time.
    ///
    /// # Errors
    /// When the marks are not there.
    pub fn between(&self, before: &str, after: &str) -> Result<String> {
        let text = self.text();
        let (_, rest) =
            text.split_once(before).with_context(|| format!("{} has no '{before}'", self.path))?;
        Ok(rest.split(after).next().unwrap_or_default().to_string())
    }
    /// The same page, if it is one.
    ///
    /// # Errors
    /// When it has another status.
    pub fn good(self) -> Result<Self> {
        ensure!(self.status == 200, "{} answered {}", self.path, self.status);
        Ok(self)
    }
}

/// A browser.
pub struct Browser {
    agent: Agent,
    base: String,
    cookies: BTreeMap<String, String>,
    csrf: String,
}

impl Browser {
    /// A fresh one.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(ANSWER_SECONDS)))
            .user_agent("daftar demo --check")
            .build();
        let (cookies, csrf) = (BTreeMap::new(), String::new());
        Self { agent: config.new_agent(), base: base.into(), cookies, csrf }
    }

    /// Where the country is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The country has another address now.
    pub fn moved(&mut self, base: &str) {
        self.base = base.into();
    }

    /// Opens a page.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn get(&mut self, path: &str) -> Result<Page> {
        let request = self.request("GET", path).body(())?;
        let response = self.agent.run(request).with_context(|| format!("GET {path}"))?;
        self.arrive(path, response)
    }

    /// Sends a form, with the token of the page that was read last.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let mut body = format!("csrf={}", self.csrf);
        for (name, value) in fields {
            body.push_str(&format!("&{}={}", escape(name), escape(value)));
        }
        let request = self
            .request("POST", path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into_bytes())?;
        let response = self.agent.run(request).with_context(|| format!("POST {path}"))?;
        self.arrive(path, response)
    }

    /// Becomes somebody with a click on the start page.
    ///
    /// # Errors
    /// When that leads nowhere.
    pub fn be(&mut self, who: &str, next: &str) -> Result<Page> {
        self.get("/demo")?.good()?;
        let page = self.post(&format!("/demo/be/{who}"), &[("next", next)])?.good()?;
        ensure!(page.path.starts_with(next), "{who} was led to {} instead of {next}", page.path);
        Ok(page)
    }

    /// Asks as a program does: JSON, a token of its own, no cookies. Answers the status and the JSON.
    ///
    /// # Errors
    /// When nobody answers, or not in JSON.
    pub fn api(&self, path: &str, bearer: &str, body: &Value) -> Result<(u16, Value)> {
        let key = hex::encode(&World::system().bytes::<16>());
        let request = Request::builder()
            .method("POST")
            .uri(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {bearer}"))
            .header("idempotency-key", key)
            .body(body.to_string().into_bytes())?;
        self.answer(path, request)
    }

    /// A token by which a program asks in its own name (RFC 6749 section 4.4).
    ///
    /// # Errors
    /// When it is given none.
    pub fn own_token(&self, id: &str, secret: &str, scope: &str) -> Result<String> {
        const PATH: &str = "/openid/token";
        let body = format!(
            "grant_type=client_credentials&scope={scope}&client_id={}&client_secret={}",
            escape(id),
            escape(secret)
        );
        let request = Request::builder()
            .method("POST")
            .uri(format!("{}{PATH}", self.base))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into_bytes())?;
        let (status, answer) = self.answer(PATH, request)?;
        let token = answer["access_token"].as_str();
        Ok(token.with_context(|| format!("{PATH} answered {status}: {answer}"))?.to_string())
    }

    fn answer(&self, path: &str, request: Request<Vec<u8>>) -> Result<(u16, Value)> {
        let mut response = self.agent.run(request).with_context(|| format!("POST {path}"))?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
        let json = serde_json::from_slice(&body).with_context(|| format!("{path} answers no JSON"))?;
        Ok((response.status().as_u16(), json))
    }

    fn request(&self, method: &str, path: &str) -> ureq::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(COOKIE, cookies.join("; "))
    }

    fn arrive(&mut self, path: &str, mut response: Response<Body>) -> Result<Page> {
        let mut path = path.to_string();
        for _ in 0..REDIRECTS {
            self.keep_cookies(&response);
            if response.status().as_u16() != 303 {
                let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
                let page = Page { status: response.status().as_u16(), path, body };
                if let Ok(csrf) = page.between("name=\"csrf\" value=\"", "\"") {
                    self.csrf = csrf;
                }
                return Ok(page);
            }
            let to = response.headers().get(LOCATION).context("a redirect to nowhere")?.to_str()?;
            // Services send people about by whole addresses; the story stays in one country.
            path = to.strip_prefix(&self.base).unwrap_or(to).to_string();
            let request = self.request("GET", &path).body(())?;
            response = self.agent.run(request).with_context(|| format!("GET {path}"))?;
        }
        bail!("{path} leads round and round")
    }

    fn keep_cookies(&mut self, response: &Response<Body>) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap_or_default();
            let (pair, rest) = text.split_once(';').unwrap_or((text, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
    }
}

/// Percent-encodes everything but letters and digits.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
