//! Redirect URIs: what may be registered, and whether a request's is one of them (RFC 6749 §3.1.2, RFC 9700 §4.1).
//!
//! They match as whole texts. The one exception is a native client's loopback address, whose port is chosen when it starts
//! (RFC 8252 §7.3).

/// Longest URI, in bytes.
pub const MAX_URI_BYTES: usize = 500;
/// Most URIs of one client.
pub const MAX_URIS: usize = 10;

/// The parts of an `http` or `https` URI that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The host; brackets of an IPv6 address included.
    pub host: &'a str,
    /// The port as written, without the colon; empty when there is none.
    pub port: &'a str,
    /// Path and query.
    pub rest: &'a str,
}

/// Reads an absolute `http` or `https` URI (RFC 3986 §4.3).
///
/// `None` for anything that two programs might read differently: user names, fragments, upper-case hosts, signs that must be
/// escaped, dot segments.
#[must_use]
pub fn parse(text: &str) -> Option<Uri<'_>> {
    let plain = |b: u8| (0x21..0x7f).contains(&b) && !b"\"<>\\^`{|}#*".contains(&b);
    if text.len() > MAX_URI_BYTES || !text.bytes().all(plain) {
        return None;
    }
    let (scheme, after) = text.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let end = after.find(['/', '?']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    let (host, port) = split_port(authority)?;
    let path = rest.split('?').next().unwrap_or_default();
    let dotted = path.split('/').any(|part| matches!(part, "." | ".."));
    let good_port = port.is_empty() || port.parse::<u16>().is_ok_and(|n| n > 0 && port == n.to_string());
    let colon_alone = authority.ends_with(':');
    (is_host(host) && good_port && !colon_alone && !dotted).then_some(Uri { scheme, host, port, rest })
}

fn split_port(authority: &str) -> Option<(&str, &str)> {
    if authority.starts_with('[') {
        let close = authority.find(']')? + 1;
        let (host, after) = authority.split_at(close);
        return match after {
            "" => Some((host, "")),
            _ => after.strip_prefix(':').map(|port| (host, port)),
        };
    }
    Some(authority.split_once(':').unwrap_or((authority, "")))
}

fn is_host(host: &str) -> bool {
    if let Some(inside) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return inside.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !host.ends_with(['.', '-'])
        && !host.contains("..")
        && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
}

impl Uri<'_> {
    /// Whether it never leaves the machine: an address of the loopback interface, or `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback_address() || self.host == "localhost"
    }
    /// Whether it is a loopback IP literal, for which alone the port may differ (RFC 8252 §8.3).
    #[must_use]
    pub fn is_loopback_address(&self) -> bool {
        matches!(self.host, "127.0.0.1" | "[::1]")
    }
    /// Scheme, host and port (RFC 6454 §6.2).
    #[must_use]
    pub fn origin(&self) -> String {
        let colon = if self.port.is_empty() { "" } else { ":" };
        format!("{}://{}{colon}{}", self.scheme, self.host, self.port)
    }
}

/// Whether a URI may be registered: `https`, or the loopback interface of the person's own machine.
#[must_use]
pub fn may_register(text: &str) -> bool {
    parse(text).is_some_and(|uri| uri.scheme == "https" || uri.is_loopback())
}

/// Whether a request's URI is the registered one. `native` clients may bring any port of a loopback address.
#[must_use]
pub fn matches(registered: &str, asked: &str, native: bool) -> bool {
    if registered == asked {
        return true;
    }
    let (Some(one), Some(two)) = (parse(registered), parse(asked)) else { return false };
    native
        && one.scheme == "http"
        && one.is_loopback_address()
        && Uri { port: "", ..one } == Uri { port: "", ..two }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_registered() {
        for good in [
            "https://clinic.example/back",
            "https://clinic.example:8443/back?x=1",
            "https://clinic.example",
            "http://127.0.0.1:8080/back",
            "http://[::1]/back",
            "http://localhost:3000/",
        ] {
            assert!(may_register(good), "{good}");
        }
        for bad in [
            "http://clinic.example/back",
            "https://clinic.example/back#x",
            "https://*.clinic.example/back",
            "https://a@clinic.example/back",
            "https://clinic.example/a/../back",
            "https://Clinic.example/back",
            "https://clinic.example:0/",
            "https://clinic.example:/",
            "https://clinic.example:70000/",
            "https://clinic.example:08/",
            "https:///back",
            "https://clinic..example/",
            "https://clinic.example/ back",
            "https://clinic.example/\\evil",
            "https://[::1",
            "com.example.app:/back",
            "javascript:alert(1)",
            "/back",
            "",
        ] {
            assert!(!may_register(bad), "{bad}");
        }
        let long = |n: usize| format!("https://a.example/{}", "x".repeat(n - 18));
        assert!(may_register(&long(MAX_URI_BYTES)) && !may_register(&long(MAX_URI_BYTES + 1)));
    }

    #[test]
    fn whole_texts_match_and_nothing_else() {
        let one = "https://clinic.example/back";
        assert!(matches(one, one, false));
        for other in [
            "https://clinic.example/back/",
            "https://clinic.example/back?x=1",
            "https://clinic.example/",
            "https://clinic.example:443/back",
            "https://clinic.example.evil.example/back",
            "http://clinic.example/back",
        ] {
            assert!(!matches(one, other, false) && !matches(one, other, true), "{other}");
        }
    }

    #[test]
    fn only_native_clients_choose_a_loopback_port() {
        let one = "http://127.0.0.1/back";
        assert!(matches(one, "http://127.0.0.1:51004/back", true));
        assert!(!matches(one, "http://127.0.0.1:51004/back", false));
        assert!(!matches(one, "http://127.0.0.1:51004/other", true));
        assert!(!matches(one, "http://localhost:51004/back", true));
        assert!(!matches(one, "http://127.0.0.1.evil.example/back", true));
        assert!(!matches("http://localhost/back", "http://localhost:9/back", true));
        assert!(matches("http://[::1]/back", "http://[::1]:9/back", true));
        assert!(!matches("https://a.example/back", "https://a.example:9/back", true));
    }
}
