//! Errors with exactly the standards' names and statuses.

/// An error of OAuth 2.0 or OpenID Connect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorCode {
    /// RFC 6749 §4.1.2.1 and §5.2: a parameter is missing, repeated, malformed or not allowed.
    InvalidRequest,
    /// RFC 6749 §5.2: the client did not prove who it is.
    InvalidClient,
    /// RFC 6749 §5.2: the code or refresh token is not valid, or another client's.
    InvalidGrant,
    /// RFC 6749 §5.2: the client is not registered for this.
    UnauthorizedClient,
    /// RFC 6749 §5.2: no such grant type here.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1: no such response type here.
    UnsupportedResponseType,
    /// RFC 6749 §5.2: the scope is unknown, malformed or too much.
    InvalidScope,
    /// RFC 6749 §4.1.2.1: the person, or a lock of theirs, said no.
    AccessDenied,
    /// RFC 6749 §4.1.2.1: our fault.
    ServerError,
    /// RFC 6749 §4.1.2.1: not now.
    TemporarilyUnavailable,
    /// OpenID Connect Core §3.1.2.6: somebody must sign in, and `prompt=none` forbids to ask.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6: the person must consent, and `prompt=none` forbids to ask.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6: the person must do something, and `prompt=none` forbids to ask.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6: request objects are not taken.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6: request objects by reference are not taken.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6: clients do not register themselves.
    RegistrationNotSupported,
    /// RFC 6750 §3.1: the access token is expired, revoked, malformed or for somebody else.
    InvalidToken,
    /// RFC 6750 §3.1: the access token does not reach so far.
    InsufficientScope,
    /// RFC 7009 §2.2.1: not a kind of token that can be revoked.
    UnsupportedTokenType,
}

impl ErrorCode {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }
    /// The HTTP status where the error is the body of an answer (RFC 6749 §5.2, RFC 6750 §3.1).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// A request refused: the standard's code, and words for the developer of the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {description}", .code.name())]
pub struct Refusal {
    /// The standard's code.
    pub code: ErrorCode,
    /// What to mend. Only signs that RFC 6749 §5.2 allows: printable ASCII without `"` and `\`.
    pub description: &'static str,
}

impl Refusal {
    /// A refusal with this code.
    #[must_use]
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }
    /// `invalid_request`.
    #[must_use]
    pub const fn request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }
    /// `invalid_client`.
    #[must_use]
    pub const fn client(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidClient, description)
    }
    /// `invalid_grant`.
    #[must_use]
    pub const fn grant(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }
    /// The body of the answer (RFC 6749 §5.2).
    #[must_use]
    pub fn body(&self) -> serde_json::Value {
        serde_json::json!({ "error": self.code.name(), "error_description": self.description })
    }
}
