//! Headers every answer carries, and compression.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Only our own files, no inline script or style, no framing, forms only to us (CSP level 3).
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    font-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'";

/// On every answer. Pages may hold personal data, so nothing is kept unless a route says otherwise.
const ALWAYS: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(self), geolocation=(), microphone=(), payment=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];
/// Two years, for installations behind HTTPS (RFC 6797).
const STRICT_TRANSPORT: &str = "max-age=63072000";
/// Most answers carry fewer: what every one has, and its own.
const USUAL_HEADERS: usize = 16;
/// Bodies below this gain nothing from compression.
const COMPRESS_FROM_BYTES: usize = 700;

/// Writes the answer for the wire.
#[must_use]
pub fn finish(reply: crate::Reply, accepts_gzip: bool, secure: bool, head_only: bool) -> Response<Body> {
    let crate::Reply { status, headers, mut body } = reply;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = HeaderMap::with_capacity(USUAL_HEADERS);
    let out = response.headers_mut();
    for (name, value) in ALWAYS {
        out.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if secure {
        out.insert("strict-transport-security", HeaderValue::from_static(STRICT_TRANSPORT));
    }
    let mut compressible = false;
    for (name, value) in headers {
        let Ok(value) = HeaderValue::try_from(value) else { continue };
        compressible |= name == "content-type" && is_text(value.as_bytes());
        if name == "set-cookie" {
            out.append(name, value);
        } else {
            out.insert(name, value);
        }
    }
    if compressible && !out.contains_key("content-encoding") {
        out.insert("vary", HeaderValue::from_static("accept-encoding"));
        if accepts_gzip
            && body.len() >= COMPRESS_FROM_BYTES
            && let Some(small) = gzip(&body)
        {
            out.insert("content-encoding", HeaderValue::from_static("gzip"));
            body = small;
        }
    }
    out.insert("content-length", HeaderValue::from(body.len()));
    if !head_only {
        *response.body_mut() = Body::from(body);
    }
    response
}

fn is_text(content_type: &[u8]) -> bool {
    [b"text/".as_slice(), b"application/json", b"application/problem+json", b"image/svg"]
        .iter()
        .any(|prefix| content_type.starts_with(prefix))
}

/// The body in gzip (RFC 1952); `None` if compression fails, which only a lack of memory can cause.
#[must_use]
pub fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::new(6));
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reply;

    #[test]
    fn every_answer_is_locked_down() {
        let response = finish(Reply::html("x".repeat(5000)), true, true, false);
        let header =
            |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_string();
        assert!(!header("content-security-policy").contains("unsafe-inline"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-encoding"), "gzip");
        assert_eq!(header("cache-control"), "no-store");
        assert!(header("strict-transport-security").contains("max-age"));
        assert!(header("content-length").parse::<usize>().unwrap() < 200);
    }

    #[test]
    fn small_or_unwilling_stays_plain() {
        assert!(finish(Reply::html("x"), true, false, false).headers().get("content-encoding").is_none());
        assert!(
            finish(Reply::html("x".repeat(5000)), false, false, false)
                .headers()
                .get("content-encoding")
                .is_none()
        );
    }
}
