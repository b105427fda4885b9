//! By which names and addresses this machine is reached.

use std::collections::BTreeSet;
use std::net::{IpAddr, UdpSocket};

/// What the setting `http.names` lists, by commas or spaces; without one the host name and the address it speaks to others
/// from. Then `localhost` and the loopback addresses.
#[must_use]
pub fn of_machine(given: &str) -> Vec<String> {
    let mut names: Vec<String> =
        given.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_lowercase).collect();
    if names.is_empty() {
        names.extend(host_name());
        names.extend(outward());
    }
    names.extend(["localhost", "127.0.0.1", "::1"].map(String::from));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The machine's host name, when it is one that a certificate can carry.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (!name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '.'])).then_some(name)
}

/// The address this machine speaks to others from. Nothing is sent: the system only chooses the way.
fn outward() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address of the documentation's (RFC 5737).
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    let real = matches!(address, IpAddr::V4(v4) if !v4.is_unspecified() && !v4.is_loopback());
    real.then(|| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_come_first_and_loopback_is_always_there() {
        let names = of_machine("registry.example, 10.0.0.7");
        assert_eq!(names[..2], ["registry.example", "10.0.0.7"]);
        assert_eq!(names[2..], ["localhost", "127.0.0.1", "::1"]);
        let guessed = of_machine("");
        assert!(guessed.contains(&"127.0.0.1".to_string()) && guessed.contains(&"localhost".to_string()));
    }
}
