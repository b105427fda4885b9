//! Where a request comes from, coarse enough to hold a household or an office together.

use std::net::{IpAddr, Ipv6Addr};

/// A network prefix: /24 of IPv4, /48 of IPv6 (what one customer is given, so that an attacker does not change it at will).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Source([u8; 6]);

impl Source {
    /// The prefix of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let v4 = |octets: [u8; 4]| Self([0, 0, 4, octets[0], octets[1], octets[2]]);
        match address {
            IpAddr::V4(a) => v4(a.octets()),
            // ::ffff:a.b.c.d is the same machine as a.b.c.d: it must not get a second allowance.
            IpAddr::V6(a) => a.to_ipv4_mapped().map_or_else(|| Self::of_v6(a), |mapped| v4(mapped.octets())),
        }
    }
    fn of_v6(address: Ipv6Addr) -> Self {
        let [a, b, c, d, e, f, ..] = address.octets();
        Self([a, b, c, d, e, f])
    }
    /// The prefix's bytes, to be hashed with a key before they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_prefix() {
        let of = |text: &str| Source::of(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.200"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:ffff::1"));
        assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
    }
}
