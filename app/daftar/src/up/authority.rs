//! The installation's own certificate authority: who trusts its public certificate knows that they speak with this country's
//! machines. It can sign for the names of this installation and for no others (RFC 5280, 4.2.1.10), so that trusting it gives
//! nobody else's names away.
//!
//! ```text
//! authority.key, authority.crt    ten years; the certificate is handed out
//! server.key, server.crt          ninety days; made anew thirty days before they end
//! ```

use anyhow::{Context, Result, anyhow, bail};
use daftar_kernel::{Timestamp, World};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, SerialNumber,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{RootCertStore, crypto::aws_lc_rs};
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use x509_cert::der::Decode;

const DAY: i64 = 86_400;
/// How long the authority lives, in days.
pub const AUTHORITY_DAYS: i64 = 3_650;
/// How long a machine's certificate lives, in days.
pub const SERVER_DAYS: i64 = 90;
/// How many days before its end a machine's certificate is made anew.
pub const RENEW_DAYS: i64 = 30;

/// A certificate with its private key, both PEM.
#[derive(Clone)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

/// What looking after the certificates came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They are good for a while.
    None,
    /// The machine has a new certificate, of the same authority.
    Renewed,
    /// There is a new authority: everybody who trusted the one before must be given this one.
    NewAuthority,
}

/// The authority in its folder.
pub struct Authority {
    folder: PathBuf,
    /// What the certificates call the country.
    label: String,
    names: Vec<String>,
}

impl Authority {
    /// In this folder, for an installation of this label, whose machines answer to these names and IP addresses.
    #[must_use]
    pub fn new(folder: PathBuf, label: String, names: Vec<String>) -> Self {
        Self { folder, label, names }
    }

    /// The names and addresses it vouches for.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The authority's public certificate (PEM).
    ///
    /// # Errors
    /// When it is not there: [`Self::look_after`] makes it.
    pub fn certificate(&self) -> Result<String> {
        read(&self.folder.join("authority.crt"))
    }

    /// The machine's certificate and key.
    ///
    /// # Errors
    /// When they are not there: [`Self::look_after`] makes them.
    pub fn pair(&self) -> Result<Pair> {
        Ok(Pair {
            certificate: read(&self.folder.join("server.crt"))?,
            key: read(&self.folder.join("server.key"))?,
        })
    }

    /// Makes what is missing, about to end, or of other names.
    ///
    /// # Errors
    /// When a name is none, or the folder cannot be written.
    pub fn look_after(&self, world: &World) -> Result<Change> {
        for name in &self.names {
            if ServerName::try_from(name.as_str()).is_err() {
                bail!("'{name}' is neither a host name nor an IP address. Next: mend http.names or --name");
            }
        }
        let soon = world.now().plus_seconds(RENEW_DAYS * DAY);
        if self.covers(world.now()) && self.covers(soon) {
            return Ok(Change::None);
        }
        fs::DirBuilder::new()
            .recursive(true)
            .create(&self.folder)
            .with_context(|| format!("making {}", self.folder.display()))?;
        if let (Ok(certificate), Ok(key)) = (self.certificate(), read(&self.folder.join("authority.key"))) {
            let authority = Pair { certificate, key };
            let pair = issue(&authority, &self.names, world)?;
            if covered(&authority.certificate, &pair.certificate, &self.names, soon) {
                self.keep("server", &pair)?;
                return Ok(Change::Renewed);
            }
            // It ends soon, or was made for other names.
            let past = format!("authority-{}.crt", world.now().to_rfc3339().replace(':', ""));
            fs::rename(self.folder.join("authority.crt"), self.folder.join(past))?;
        }
        let authority = found(&self.label, &self.names, world)?;
        let pair = issue(&authority, &self.names, world)?;
        self.keep("authority", &authority)?;
        self.keep("server", &pair)?;
        Ok(Change::NewAuthority)
    }

    /// Whether a browser that trusts the authority would be content with the machine's certificate then, by every name.
    fn covers(&self, at: Timestamp) -> bool {
        let (Ok(root), Ok(pair)) = (self.certificate(), self.pair()) else { return false };
        covered(&root, &pair.certificate, &self.names, at)
    }

    fn keep(&self, name: &str, pair: &Pair) -> Result<()> {
        // The key first: a certificate without its key would be of no use after a power cut.
        write(&self.folder.join(format!("{name}.key")), &pair.key, 0o600)?;
        write(&self.folder.join(format!("{name}.crt")), &pair.certificate, 0o644)
    }
}

/// When a certificate (PEM) ends.
///
/// # Errors
/// When it does not read.
pub fn ends(certificate: &str) -> Result<Timestamp> {
    let der = first(certificate)?;
    let parsed = x509_cert::Certificate::from_der(&der).context("the certificate does not read")?;
    let seconds = parsed.tbs_certificate().validity().not_after.to_unix_duration().as_secs();
    Ok(Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

/// The SHA-256 of a certificate (PEM) as people compare it: `AB:CD:…`
///
/// # Errors
/// When it does not read.
pub fn fingerprint(certificate: &str) -> Result<String> {
    let der = first(certificate)?;
    let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, &der);
    Ok(digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

fn first(certificate: &str) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(certificate.as_bytes())
        .map_err(|error| anyhow!("the certificate does not read: {error}"))
}

/// Whether this authority's certificate makes that machine's certificate good at a time, for every name.
fn covered(authority: &str, certificate: &str, names: &[String], at: Timestamp) -> bool {
    let verify = || -> Result<()> {
        let until = ends(authority)?;
        anyhow::ensure!(at < until, "the authority has ended by then");
        let mut roots = RootCertStore::empty();
        roots.add(first(authority)?)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.seconds())?));
        for name in names {
            let name = ServerName::try_from(name.clone())?;
            verifier.verify_server_cert(&first(certificate)?, &[], &name, &[], at)?;
        }
        Ok(())
    };
    verify().is_ok()
}

/// Makes a new authority for these names.
fn found(label: &str, names: &[String], world: &World) -> Result<Pair> {
    let key = KeyPair::generate().context("making the authority's key")?;
    let params = authority_params(label, names, world)?;
    let certificate = params.self_signed(&key).context("making the authority's certificate")?;
    Ok(Pair { certificate: certificate.pem(), key: key.serialize_pem() })
}

fn authority_params(label: &str, names: &[String], world: &World) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    let mark = daftar_kernel::hex::encode(&world.bytes::<4>());
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Daftar authority {label} {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted_subtrees = names
        .iter()
        .map(|name| match name.parse::<IpAddr>() {
            Ok(address) => {
                let bits = if address.is_ipv4() { 32 } else { 128 };
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
            }
            Err(_) => GeneralSubtree::DnsName(name.clone()),
        })
        .collect();
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    lives(&mut params, world, world.now().plus_seconds(AUTHORITY_DAYS * DAY));
    Ok(params)
}

/// Signs a new certificate for a machine of these names.
fn issue(authority: &Pair, names: &[String], world: &World) -> Result<Pair> {
    let signer = KeyPair::from_pem(&authority.key).context("the authority's key does not read")?;
    let parsed = x509_cert::Certificate::from_der(&first(&authority.certificate)?)?;
    let mut of_authority = CertificateParams::default();
    of_authority.distinguished_name = DistinguishedName::new();
    let subject = parsed.tbs_certificate().subject().to_string();
    let name = subject.strip_prefix("CN=").context("the authority's certificate has another form")?;
    of_authority.distinguished_name.push(DnType::CommonName, name.to_string());
    let issuer = Issuer::new(of_authority, signer);

    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let first_name = names.first().context("a certificate needs a name")?;
    params.distinguished_name.push(DnType::CommonName, first_name.clone());
    params.subject_alt_names = names.iter().map(|name| subject_name(name)).collect::<Result<_>>()?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let until = world.now().plus_seconds(SERVER_DAYS * DAY).min(ends(&authority.certificate)?);
    lives(&mut params, world, until);
    let key = KeyPair::generate().context("making the machine's key")?;
    let certificate = params.signed_by(&key, &issuer).context("signing the machine's certificate")?;
    Ok(Pair { certificate: certificate.pem(), key: key.serialize_pem() })
}

fn subject_name(name: &str) -> Result<SanType> {
    Ok(match name.parse::<IpAddr>() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(
            name.try_into().map_err(|_| anyhow!("'{name}' is neither a host name nor an IP address"))?,
        ),
    })
}

/// From a day ago, since other machines' clocks may be behind, until then; under a serial number nobody can guess.
fn lives(params: &mut CertificateParams, world: &World, until: Timestamp) {
    let mut serial = world.bytes::<16>();
    // A positive number (RFC 5280, 4.1.2.2).
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    let day = |at: Timestamp| {
        let date = jiff::Timestamp::from_second(at.seconds())
            .unwrap_or(jiff::Timestamp::MAX)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        let month = u8::try_from(date.month()).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), month, u8::try_from(date.day()).unwrap_or(1))
    };
    params.not_before = day(world.now().plus_seconds(-DAY));
    params.not_after = day(until);
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// Whole or not at all.
fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let draft = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        let _ = fs::remove_file(&draft);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    written().with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::time::ManualClock;
    use daftar_kernel::world::SystemRandom;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn bed(names: &[&str]) -> (tempfile::TempDir, ManualClock, World, Authority) {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(START);
        let world = World::new(clock.clone(), SystemRandom);
        let names = names.iter().map(ToString::to_string).collect();
        let authority = Authority::new(dir.path().join("tls"), "test.example".into(), names);
        (dir, clock, world, authority)
    }

    #[test]
    fn what_is_made_is_kept_until_thirty_days_before_its_end() {
        let (_dir, clock, world, authority) = bed(&["registry.example", "127.0.0.1", "::1"]);
        assert_eq!(authority.look_after(&world).unwrap(), Change::NewAuthority);
        let (root, first) = (authority.certificate().unwrap(), authority.pair().unwrap());
        daftar_http::tls::Tls::new(first.certificate.as_bytes(), first.key.as_bytes()).unwrap();
        clock.advance_seconds((SERVER_DAYS - RENEW_DAYS - 2) * DAY);
        assert_eq!(authority.look_after(&world).unwrap(), Change::None);
        clock.advance_seconds(2 * DAY);
        assert_eq!(authority.look_after(&world).unwrap(), Change::Renewed);
        assert_eq!(authority.certificate().unwrap(), root, "whoever trusts it need not do anything");
        assert_ne!(authority.pair().unwrap().certificate, first.certificate);
    }

    #[test]
    fn another_name_needs_another_authority_since_the_first_cannot_sign_for_it() {
        let (dir, _clock, world, authority) = bed(&["registry.example", "127.0.0.1"]);
        authority.look_after(&world).unwrap();
        let root = authority.certificate().unwrap();
        let pair =
            Pair { certificate: root.clone(), key: read(&dir.path().join("tls/authority.key")).unwrap() };
        let foreign = ["bank.example".to_string()];
        let forged = issue(&pair, &foreign, &world).unwrap();
        assert!(
            !covered(&root, &forged.certificate, &foreign, START),
            "outside its names nobody believes it"
        );

        let names = vec!["registry.example".into(), "127.0.0.1".into(), "10.1.2.3".into()];
        let wider = Authority::new(dir.path().join("tls"), "test.example".into(), names);
        assert_eq!(wider.look_after(&world).unwrap(), Change::NewAuthority);
        assert_ne!(wider.certificate().unwrap(), root);
    }

    #[test]
    fn an_authority_near_its_end_is_followed_by_another() {
        let (_dir, clock, world, authority) = bed(&["registry.example"]);
        authority.look_after(&world).unwrap();
        clock.advance_seconds((AUTHORITY_DAYS - RENEW_DAYS + 1) * DAY);
        assert_eq!(authority.look_after(&world).unwrap(), Change::NewAuthority);
    }

    #[test]
    fn keys_are_their_owners_alone_and_a_name_that_is_none_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, _clock, world, authority) = bed(&["registry.example"]);
        authority.look_after(&world).unwrap();
        for key in ["authority.key", "server.key"] {
            let mode = fs::metadata(dir.path().join("tls").join(key)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
        assert_eq!(fingerprint(&authority.certificate().unwrap()).unwrap().len(), 95);
        for name in ["no name", "caf\u{e9}.example", "", "a..b"] {
            let (_dir, _clock, world, bad) = bed(&[name]);
            assert!(bad.look_after(&world).is_err(), "{name}");
        }
    }
}
