//! The country's mail server, as the settings say.

use anyhow::{Context, Result, bail};
use daftar_kernel::settings::Settings;
use daftar_ports::notify::smtp::{Security, Smtp, SmtpSettings};
use std::net::IpAddr;

/// The port where TLS begins with the first byte (RFC 8314 §7.3); on all others it begins with STARTTLS.
const TLS_PORT: u16 = 465;

/// The mail server; none when the country sends letters only.
///
/// # Errors
/// When a setting cannot be used; the error names it.
pub fn server(settings: &Settings) -> Result<Option<Smtp>> {
    let address = settings.get("mail.server");
    if address.is_empty() {
        return Ok(None);
    }
    Smtp::new(&read(address, settings)?).map(Some).context("mail settings")
}

fn read(address: &str, settings: &Settings) -> Result<SmtpSettings> {
    let parts = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    let Some((host, port)) = parts.filter(|(host, _)| !host.is_empty()) else {
        bail!("mail.server '{address}' is no host:port. Next: write it as mail.example.org:465")
    };
    let host = host.trim_matches(['[', ']']);
    let from = settings.get("mail.from");
    if from.is_empty() {
        bail!("mail.server is set and mail.from is not. Next: set mail.from to 'Name <box@example.org>'")
    }
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let security = match port {
        TLS_PORT => Security::Tls,
        _ if here => Security::None,
        _ => Security::StartTls,
    };
    let credentials = match (settings.get("mail.user"), settings.get("mail.password-file")) {
        ("", "") => None,
        ("", _) | (_, "") => {
            bail!("mail.user and mail.password-file belong together. Next: set both, or neither")
        }
        (user, file) => {
            let password = std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
            Some((user.to_string(), password.trim_end_matches(['\r', '\n']).to_string()))
        }
    };
    // The name we greet with: the domain in whose name we write.
    let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain.trim_end_matches(['>', ' ']));
    Ok(SmtpSettings {
        host: host.into(),
        port,
        security,
        credentials,
        from: from.into(),
        hello: domain.into(),
        roots_pem: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let named = pairs.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string()));
        Settings::read(crate::settings::KNOWN, None, named.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn protected_unless_it_is_this_machine() {
        let of = |address: &str| {
            let set = settings(&[("DAFTAR_MAIL_FROM", "Registry <registry@example.gov>")]);
            let read = read(address, &set).unwrap();
            (read.host, read.port, read.security, read.hello)
        };
        let hello = || "example.gov".to_string();
        assert_eq!(of("mail.example.gov:465"), ("mail.example.gov".into(), 465, Security::Tls, hello()));
        assert_eq!(of("mail.example.gov:587"), ("mail.example.gov".into(), 587, Security::StartTls, hello()));
        assert_eq!(of("127.0.0.1:25"), ("127.0.0.1".into(), 25, Security::None, hello()));
        assert_eq!(of("[::1]:25"), ("::1".into(), 25, Security::None, hello()));
    }

    #[test]
    fn what_cannot_be_used_is_said_at_the_start() {
        assert!(server(&settings(&[])).unwrap().is_none());
        let refused =
            |pairs: &[(&str, &str)]| server(&settings(pairs)).err().map(|e| format!("{e:#}")).unwrap();
        assert!(refused(&[("DAFTAR_MAIL_SERVER", "mail.example.gov")]).contains("host:port"));
        assert!(refused(&[("DAFTAR_MAIL_SERVER", "mail.example.gov:465")]).contains("mail.from"));
        let from = ("DAFTAR_MAIL_FROM", "x@example.gov");
        let server = ("DAFTAR_MAIL_SERVER", "mail.example.gov:465");
        assert!(refused(&[server, from, ("DAFTAR_MAIL_USER", "u")]).contains("belong together"));
        let nowhere = ("DAFTAR_MAIL_PASSWORD_FILE", "/nowhere/password");
        assert!(refused(&[server, from, ("DAFTAR_MAIL_USER", "u"), nowhere]).contains("/nowhere/password"));
        assert!(refused(&[server, ("DAFTAR_MAIL_FROM", "nobody")]).contains("no sender"));
    }
}
