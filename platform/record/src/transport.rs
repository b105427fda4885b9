//! How this crate reaches other machines: witnesses, and the logs it is asked to verify by URL.

use std::sync::Arc;
use std::time::Duration;

/// Longest answer of a witness (C2SP: a handful of signature lines, or one checkpoint).
pub const MAX_WITNESS_ANSWER_BYTES: usize = 1 << 20;
/// How long one exchange may take before it counts as no answer.
pub const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take to be made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// The content type without parameters; empty when there was none.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The URL is neither `http://` nor `https://`.
    #[error("'{0}' is not an http:// or https:// address")]
    Url(String),
    /// No answer: name, connection, certificate or time ran out.
    #[error("no answer from {url}: {reason}")]
    NoAnswer {
        /// Who was asked.
        url: String,
        /// What the system says.
        reason: String,
    },
    /// The answer is longer than this caller can use.
    #[error("the answer of {url} is longer than {limit_bytes} bytes")]
    TooLong {
        /// Who was asked.
        url: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// The list of certificate authorities does not read.
    #[error("the certificate authorities do not read: {0}")]
    Authorities(String),
}

/// Sends one request and waits for its answer. Implementations block: callers put them on a blocking thread.
pub trait Transport: Send + Sync {
    /// POST with this body.
    ///
    /// # Errors
    /// When nothing came back; any HTTP status is an [`Answer`].
    fn post(&self, url: &str, body: &[u8], limit_bytes: usize) -> Result<Answer, TransportError>;
    /// GET.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    fn get(&self, url: &str, limit_bytes: usize) -> Result<Answer, TransportError>;
}

/// HTTP and HTTPS. No redirects and no proxy: an operator names exactly whom the machine talks to.
#[derive(Clone)]
pub struct HttpTransport(ureq::Agent);

impl HttpTransport {
    /// A client that trusts the authorities of this PEM text for `https://`; with an empty text only
    /// `http://` addresses answer.
    ///
    /// # Errors
    /// When the text is no PEM.
    pub fn new(authorities_pem: &[u8]) -> Result<Self, TransportError> {
        Self::patient(authorities_pem, EXCHANGE_TIMEOUT)
    }

    /// As [`HttpTransport::new`], waiting so long for a whole exchange: for large bodies over slow lines.
    ///
    /// # Errors
    /// When the text is no PEM.
    pub fn patient(authorities_pem: &[u8], exchange: Duration) -> Result<Self, TransportError> {
        let mut roots = Vec::new();
        for item in ureq::tls::parse_pem(authorities_pem) {
            match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(TransportError::Authorities(error.to_string())),
            }
        }
        let tls = ureq::tls::TlsConfig::builder()
            .provider(ureq::tls::TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .root_certs(ureq::tls::RootCerts::from(roots))
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(exchange))
            .user_agent("daftar")
            .build();
        Ok(Self(config.new_agent()))
    }
}

impl Transport for HttpTransport {
    fn post(&self, url: &str, body: &[u8], limit_bytes: usize) -> Result<Answer, TransportError> {
        check(url)?;
        let request = self.0.post(url).content_type("text/plain; charset=utf-8");
        receive(url, request.send(body), limit_bytes)
    }
    fn get(&self, url: &str, limit_bytes: usize) -> Result<Answer, TransportError> {
        check(url)?;
        receive(url, self.0.get(url).call(), limit_bytes)
    }
}

fn check(url: &str) -> Result<(), TransportError> {
    if url.starts_with("http://") || url.starts_with("https://") {
        Ok(())
    } else {
        Err(TransportError::Url(url.into()))
    }
}

fn receive(
    url: &str,
    result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    limit_bytes: usize,
) -> Result<Answer, TransportError> {
    let none = |error: ureq::Error| match error {
        ureq::Error::BodyExceedsLimit(_) => TransportError::TooLong { url: url.into(), limit_bytes },
        other => TransportError::NoAnswer { url: url.into(), reason: other.to_string() },
    };
    let mut response = result.map_err(none)?;
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_string();
    let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX);
    let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(none)?;
    Ok(Answer { status: response.status().as_u16(), content_type, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    /// A server for one exchange on a port of the system's choice; gives its URL and what it was sent.
    fn serve(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/add-checkpoint", listener.local_addr().unwrap());
        let handle = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut chunk = [0; 1024];
            // Head and body may arrive apart: the head alone ends a GET, a POST here ends with its body.
            let whole = |request: &str| {
                request.ends_with("old 0\n") || (request.starts_with("GET") && request.ends_with("\r\n\r\n"))
            };
            while !whole(&request) {
                let read = stream.read(&mut chunk).unwrap();
                assert!(read > 0, "the client hung up: {request}");
                request.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        (url, handle)
    }

    #[test]
    fn any_status_is_an_answer() {
        let (url, server) = serve(
            "HTTP/1.1 409 Conflict\r\ncontent-type: text/x.tlog.size; q=1\r\ncontent-length: 5\r\n\r\n1500\n",
        );
        let answer = HttpTransport::new(b"").unwrap().post(&url, b"old 0\n", 100).unwrap();
        assert_eq!((answer.status, answer.content_type.as_str()), (409, "text/x.tlog.size"));
        assert_eq!(answer.body, b"1500\n");
        assert!(server.join().unwrap().ends_with("old 0\n"));
    }

    #[test]
    fn too_long_and_not_there_are_errors() {
        let (url, server) = serve("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n123456");
        let client = HttpTransport::new(b"").unwrap();
        assert!(matches!(client.get(&url, 5), Err(TransportError::TooLong { .. })));
        server.join().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(client.get(&format!("http://{free}/"), 5), Err(TransportError::NoAnswer { .. })));
        assert!(matches!(client.get("file:///etc/passwd", 5), Err(TransportError::Url(_))));
    }

    #[test]
    fn redirects_are_answers_and_not_followed() {
        let (url, server) =
            serve("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(HttpTransport::new(b"").unwrap().get(&url, 5).unwrap().status, 302);
        server.join().unwrap();
    }
}
