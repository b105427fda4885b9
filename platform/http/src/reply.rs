//! Answers.

use daftar_kernel::Problem;
use serde::Serialize;

/// An answer on its way out. Bodies are whole in memory: no page or file of ours is large.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beyond those every answer gets.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// `Content-Type` of our pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// `Content-Type` of our API.
pub const JSON: &str = "application/json";

impl Reply {
    /// A body of this type, status 200.
    #[must_use]
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![("content-type", content_type.to_string())], body: body.into() }
    }
    /// A page.
    #[must_use]
    pub fn html(page: impl Into<String>) -> Self {
        Self::new(HTML, page.into().into_bytes())
    }
    /// A page from its template.
    ///
    /// # Errors
    /// 500 when the template cannot be written, which only a fault of ours can cause.
    pub fn page(template: &impl askama::Template) -> Result<Self, Problem> {
        template.render().map(Self::html).map_err(Problem::internal)
    }
    /// A JSON document.
    ///
    /// # Errors
    /// 500 when the value has no JSON form, which only a fault of ours can cause.
    pub fn json(value: &impl Serialize) -> Result<Self, Problem> {
        serde_json::to_vec(value).map(|body| Self::new(JSON, body)).map_err(Problem::internal)
    }
    /// 303 to another page of ours (Post/Redirect/Get). Anything but a local path leads to the start page, so that
    /// no answer of ours can send people elsewhere.
    #[must_use]
    pub fn redirect(path: &str) -> Self {
        let path = if is_local(path) { path } else { "/" };
        Self { status: 303, headers: vec![("location", path.to_string())], body: Vec::new() }
    }
    /// 303 to an address elsewhere. The caller has checked that it is one people may be sent to; a control character in it
    /// is dropped.
    #[must_use]
    pub fn redirect_away(address: &str) -> Self {
        Self { status: 303, headers: Vec::new(), body: Vec::new() }.header("location", address)
    }
    /// With the forms of this page allowed to lead to one more origin: browsers check `form-action` on the redirect that follows
    /// a form too (CSP level 3 §6.3.1).
    #[must_use]
    pub fn forms_lead_to(self, origin: &str) -> Self {
        let policy = crate::headers::CONTENT_SECURITY_POLICY;
        self.header(
            "content-security-policy",
            policy.replace("form-action 'self'", &format!("form-action 'self' {origin}")),
        )
    }
    /// A download under this name.
    #[must_use]
    pub fn file(content_type: &str, name: &str, body: impl Into<Vec<u8>>) -> Self {
        let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
        Self::new(content_type, body)
            .header("content-disposition", format!("attachment; filename=\"{safe}\""))
    }
    /// With another status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    /// With a header. Control characters are dropped: no value can start a second header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value: String = value.into().chars().filter(|c| !c.is_control()).collect();
        self.headers.push((name, value));
        self
    }
    /// With a cookie that scripts cannot read and other sites cannot send along with a change. `max_age_seconds`
    /// of 0 forgets it, `None` keeps it until the browser closes.
    #[must_use]
    pub fn cookie(self, name: &str, value: &str, max_age_seconds: Option<u32>, secure: bool) -> Self {
        let age = max_age_seconds.map_or_else(String::new, |age| format!("; Max-Age={age}"));
        let secure = if secure { "; Secure" } else { "" };
        self.header("set-cookie", format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"))
    }
}

/// Whether a path stays on this site: one leading slash, no backslash, no control character.
#[must_use]
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| (0x21..0x7f).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_at_home() {
        for bad in ["//evil.example", "https://evil.example", "/\\evil", "", "/a\r\nset-cookie: x=1", "/ x"] {
            assert_eq!(Reply::redirect(bad).headers, [("location", "/".to_string())], "{bad:?}");
        }
        assert_eq!(Reply::redirect("/me?x=1").headers[0].1, "/me?x=1");
    }

    #[test]
    fn one_page_may_lead_its_forms_to_one_more_origin() {
        let reply = Reply::html("x").forms_lead_to("https://clinic.example");
        let policy = &reply.headers[1].1;
        assert!(
            policy.contains("form-action 'self' https://clinic.example;")
                && policy.contains("default-src 'none'")
        );
        assert_eq!(Reply::redirect_away("https://a.example/\r\nx: y").headers[0].1, "https://a.example/x: y");
    }

    #[test]
    fn headers_cannot_be_split() {
        let reply = Reply::file("text/csv", "a\"\r\nx: y/..\\b.csv", "").header("x-a", "1\r\nx-b: 2");
        assert_eq!(reply.headers[1].1, "attachment; filename=\"axy..b.csv\"");
        assert_eq!(reply.headers[2].1, "1x-b: 2");
    }
}
