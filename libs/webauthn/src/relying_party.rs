//! A site: one origin and the RP id that goes with it (§4 "Relying Party Identifier").

use crate::sha256;

/// A site whose passkeys are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    origin: String,
    id: String,
    id_hash: [u8; 32],
}

impl RelyingParty {
    /// The site at an origin as browsers write it: `https` and a host name in lower case, with a port unless it is 443; or
    /// `http://localhost`, for trying things out on one's own machine. `None` for anything else: a passkey belongs to a name,
    /// never to an IP address (§5.1.3 step 8), and only a secure context has any.
    #[must_use]
    pub fn of_origin(origin: &str) -> Option<Self> {
        let (scheme, rest) = origin.split_once("://")?;
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        };
        let usual = match scheme {
            "https" => "443",
            "http" if host == "localhost" => "80",
            _ => return None,
        };
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|p| p > 0 && p.to_string() == port);
        if !is_host(host) || port.is_some_and(|port| port == usual || !is_port(port)) {
            return None;
        }
        Some(Self { origin: origin.into(), id: host.into(), id_hash: sha256(host.as_bytes()) })
    }
    /// The origin, as browsers write it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// The RP id: the origin's host.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The SHA-256 of the RP id, as authenticators write it.
    #[must_use]
    pub const fn id_hash(&self) -> &[u8; 32] {
        &self.id_hash
    }
}

/// A host name in lower-case ASCII whose last label is no number, so that it is no IP address (WHATWG URL §3.5).
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    host.len() <= 253 && host.split('.').all(label) && !number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for good in
            ["https://id.example", "https://id.example:8443", "http://localhost:8080", "http://localhost"]
        {
            let site = RelyingParty::of_origin(good).unwrap();
            assert_eq!(site.origin(), good);
            assert!(good.contains(site.id()) && !site.id().contains(':'), "{good}");
        }
        for bad in [
            "http://id.example",
            "https://192.0.2.7",
            "http://127.0.0.1:8080",
            "https://[2001:db8::1]",
            "https://0x7f000001",
            "https://id.example/",
            "https://id.example:443",
            "http://localhost:80",
            "https://id.example:08443",
            "https://id.example:0",
            "https://id.example:65536",
            "https://Id.example",
            "https://user@id.example",
            "https://id..example",
            "https://-id.example",
            "https://",
            "id.example",
            "",
        ] {
            assert_eq!(RelyingParty::of_origin(bad), None, "{bad}");
        }
    }
}
