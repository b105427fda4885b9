//! What went wrong, for a person: what happened, why, and the next step; for a program: a stable code (RFC 9457).

use std::fmt;

/// Kinds of failure that a client can tell apart; each has one HTTP status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// 400: the request is malformed.
    Malformed,
    /// 401: sign in first.
    SignIn,
    /// 403: signed in, but not allowed.
    Forbidden,
    /// 404: there is nothing here, or nothing you may know of.
    NotFound,
    /// 405: this address does not answer to this method.
    Method,
    /// 409: the state has changed meanwhile, or the key was used for something else.
    Conflict,
    /// 413: too large.
    TooLarge,
    /// 415: not a content type this address takes.
    MediaType,
    /// 422: well formed, but refused by a rule.
    Refused,
    /// 429: too often.
    TooMany,
    /// 500: our fault.
    Internal,
    /// 503: not now.
    Unavailable,
}

impl Kind {
    /// The HTTP status code (RFC 9110 §15).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::SignIn => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Method => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::Refused => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// One field's fault in a form or a JSON body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name in the form or the JSON pointer in the body.
    pub field: String,
    /// The message key of what is wrong and how to mend it.
    pub message: String,
}

/// A failure on its way to whoever asked. It never carries personal data or secrets: `detail` is for the
/// operator's log only.
///
/// `code` is a stable kebab-case word, unique in the house. People read the message keys `problem-<code>`
/// (what happened and why) and `problem-<code>-next` (the next step) in their language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind, and so which status.
    pub kind: Kind,
    /// Stable code.
    pub code: &'static str,
    /// Faults of single fields.
    pub fields: Vec<FieldFault>,
    /// Values for the message's placeables, never personal.
    pub args: Vec<(&'static str, String)>,
    /// For the operator's log, never shown to whoever asked.
    pub detail: Option<String>,
    /// When to try again, in seconds (RFC 9110 §10.2.3).
    pub retry_after_seconds: Option<u32>,
}

/// The problems of a crate, each as a function with its stable code, and all of them as a list:
/// `problems! { busy Unavailable "office-busy" "Too many at once."; }`.
#[macro_export]
macro_rules! problems {
    ($($name:ident $kind:ident $code:literal $meaning:literal;)*) => {
        /// Every code and what it means, for the README and the tests.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
        $(
            #[doc = $meaning]
            #[must_use]
            pub const fn $name() -> $crate::Problem {
                $crate::Problem::new($crate::problem::Kind::$kind, $code)
            }
        )*
    };
}

impl Problem {
    /// A failure of this kind with this code.
    #[must_use]
    pub const fn new(kind: Kind, code: &'static str) -> Self {
        Self { kind, code, fields: Vec::new(), args: Vec::new(), detail: None, retry_after_seconds: None }
    }
    /// 400.
    #[must_use]
    pub const fn malformed(code: &'static str) -> Self {
        Self::new(Kind::Malformed, code)
    }
    /// 401.
    #[must_use]
    pub const fn sign_in() -> Self {
        Self::new(Kind::SignIn, "sign-in")
    }
    /// 403.
    #[must_use]
    pub const fn forbidden(code: &'static str) -> Self {
        Self::new(Kind::Forbidden, code)
    }
    /// 404.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(Kind::NotFound, "not-found")
    }
    /// 409.
    #[must_use]
    pub const fn conflict(code: &'static str) -> Self {
        Self::new(Kind::Conflict, code)
    }
    /// 422.
    #[must_use]
    pub const fn refused(code: &'static str) -> Self {
        Self::new(Kind::Refused, code)
    }
    /// 500; the detail goes to the log.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new(Kind::Internal, "internal").detail(detail)
    }
    /// 503.
    #[must_use]
    pub const fn unavailable(code: &'static str) -> Self {
        Self::new(Kind::Unavailable, code)
    }
    /// With a note for the operator's log.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }
    /// With a value for the message.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// With a field's fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push(FieldFault { field: field.into(), message: message.into() });
        self
    }
    /// With a time to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code, self.kind.status())?;
        for fault in &self.fields {
            write!(f, "; {}: {}", fault.field, fault.message)?;
        }
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}
impl std::error::Error for Problem {}
