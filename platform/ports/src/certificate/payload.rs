//! What the code on a certificate says, signed, in as few bytes as a QR code likes.
//!
//! # The text
//! `DFT1:` and then base45 (RFC 9285) of an *envelope*: upper-case letters, digits and ` $%*+-./:` only, so that
//! the QR code takes 5.5 bits a character.
//!
//! # The envelope
//! | bytes | what |
//! | --- | --- |
//! | 0 to 63 | Ed25519 signature (RFC 8032) of exactly the bytes from 64 to the end |
//! | 64 to the end | the *payload* |
//!
//! # The payload
//! One CBOR map (RFC 8949) in deterministic encoding (§4.2.1), at most [`MAX_PAYLOAD_BYTES`]. A second spelling of
//! the same content, an unknown key and a missing one are refused.
//!
//! | key | type | what |
//! | --- | --- | --- |
//! | 0 | text | `DFT1`: this format, so that the key's signature on anything else is never taken for one on a certificate |
//! | 1 | 8 bytes | the key: the first eight bytes of the SHA-256 of its `SubjectPublicKeyInfo` in DER |
//! | 2 | text | kind of certificate, such as `identity-card` |
//! | 3 | text | serial number |
//! | 4 | text | issuer |
//! | 5 | unsigned | when it was issued, seconds since 1970-01-01T00:00:00Z |
//! | 6 | text, optional | the last day on which it is valid, `YYYY-MM-DD` |
//! | 7 | text | language of the fields (BCP 47) |
//! | 8 | array of arrays of two texts | the fields: name and value |
//!
//! The signature proves the words. It does not prove the photo, nor that the card has not been revoked since.

use super::base45;
use super::cbor::{self, Item};
use super::keys::{KeyId, PublicKey, SignKey};
use super::{Certificate, CertificateFault, CheckFault};
use daftar_kernel::{Lang, PartialDate, Timestamp};

/// The most bytes of a payload; its code has 125 modules on a side and is read from 4 cm of paper.
pub const MAX_PAYLOAD_BYTES: usize = 1_000;
/// The most characters of a text that is looked at: what the largest QR code holds.
pub const MAX_TEXT_CHARS: usize = 4_296;
/// The most fields.
pub const MAX_FIELDS: usize = 24;
const PREFIX: &str = "DFT1:";
const FORMAT: &str = "DFT1";
const SIGNATURE_BYTES: usize = 64;
/// The end of the year 2200.
const LAST_SECOND: u64 = 7_289_654_399;

/// A payload with its signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// The text of the QR code.
    pub text: String,
    /// The bytes that are signed.
    pub payload: Vec<u8>,
    /// Their Ed25519 signature.
    pub signature: [u8; 64],
    /// Which key signed.
    pub key: KeyId,
}

/// What a certificate says, once its signature has been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Kind, such as `identity-card`.
    pub kind: String,
    /// Serial number.
    pub serial: String,
    /// Issuer.
    pub issuer: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// The last day on which it is valid.
    pub valid_until: Option<PartialDate>,
    /// Language of the fields.
    pub lang: Lang,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// The key that signed.
    pub key: KeyId,
}

impl Checked {
    /// Whether its last day lies before a civil date.
    #[must_use]
    pub fn has_expired(&self, today: PartialDate) -> bool {
        self.valid_until.is_some_and(|last| last < today)
    }
}

/// Signs what a certificate's code says.
///
/// # Errors
/// When a text has control characters, a limit is exceeded, or the last day is no whole date.
pub fn sign(certificate: &Certificate, key: &dyn SignKey) -> Result<Signed, CertificateFault> {
    let fields: Vec<_> = certificate.lines.iter().filter(|line| line.in_code).collect();
    let texts = fields.iter().flat_map(|line| [&line.label, &line.value]);
    let mut all = texts.chain([&certificate.kind, &certificate.serial, &certificate.issuer]);
    if let Some(text) = all.find(|text| !is_printable(text)) {
        return Err(CertificateFault::Unprintable {
            text: text.chars().filter(|c| !c.is_control()).take(40).collect(),
        });
    }
    let issued = u64::try_from(certificate.issued.seconds()).ok().filter(|s| *s <= LAST_SECOND);
    let issued = issued.ok_or(CertificateFault::Date)?;
    if certificate.valid_until.is_some_and(|date| date.day().is_none()) {
        return Err(CertificateFault::Date);
    }
    let text = |text: &str| Item::Text(text.to_string());
    let mut pairs = vec![
        (0, text(FORMAT)),
        (1, Item::Bytes(key.key_id().0.to_vec())),
        (2, text(&certificate.kind)),
        (3, text(&certificate.serial)),
        (4, text(&certificate.issuer)),
        (5, Item::Unsigned(issued)),
    ];
    pairs.extend(certificate.valid_until.map(|date| (6, text(&date.to_string()))));
    pairs.push((7, text(certificate.lang.tag())));
    let field = |line: &&super::Line| Item::Array(vec![text(&line.label), text(&line.value)]);
    pairs.push((8, Item::Array(fields.iter().map(field).collect())));
    let payload = cbor::encode(&Item::Map(pairs));
    if payload.len() > MAX_PAYLOAD_BYTES || fields.len() > MAX_FIELDS {
        return Err(CertificateFault::TooLong { bytes: payload.len() });
    }
    let signature = key.sign(&payload);
    let text = format!("{PREFIX}{}", base45::encode(&[signature.as_slice(), &payload].concat()));
    Ok(Signed { text, payload, signature, key: key.key_id() })
}

/// Takes the text of a code apart without believing it: the signature and the bytes that it signs.
///
/// # Errors
/// When the text is no certificate's.
pub fn take_apart(text: &str) -> Result<([u8; 64], Vec<u8>), CheckFault> {
    let text = text.trim_end_matches(['\r', '\n']);
    let body = text.strip_prefix(PREFIX).ok_or(CheckFault::NotACertificate)?;
    if text.len() > MAX_TEXT_CHARS {
        return Err(CheckFault::Damaged);
    }
    let envelope = base45::decode(body).ok_or(CheckFault::Damaged)?;
    let (signature, payload) = envelope.split_at_checked(SIGNATURE_BYTES).ok_or(CheckFault::Damaged)?;
    let signature = signature.try_into().map_err(|_| CheckFault::Damaged)?;
    Ok((signature, payload.to_vec()))
}

/// Checks the text of a code with the issuer's public keys, without any network.
///
/// # Errors
/// When the text is no certificate, is damaged, signed by a key that is not among these, or not signed by it.
pub fn check(text: &str, keys: &[PublicKey]) -> Result<Checked, CheckFault> {
    let (signature, payload) = take_apart(text)?;
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(CheckFault::Damaged);
    }
    let checked = read(&payload).ok_or(CheckFault::Damaged)?;
    let key = keys.iter().find(|key| key.key_id() == checked.key);
    let key = key.ok_or(CheckFault::UnknownKey { key: checked.key })?;
    if !key.verifies(&payload, &signature) {
        return Err(CheckFault::Forged { key: checked.key });
    }
    Ok(checked)
}

fn read(payload: &[u8]) -> Option<Checked> {
    let Item::Map(pairs) = cbor::decode(payload)? else { return None };
    let mut items = pairs.into_iter().peekable();
    let mut next = |wanted: u64| items.next_if(|(key, _)| *key == wanted).map(|(_, item)| item);
    if text(next(0)?)? != FORMAT {
        return None;
    }
    let Item::Bytes(key) = next(1)? else { return None };
    let (kind, serial, issuer) = (text(next(2)?)?, text(next(3)?)?, text(next(4)?)?);
    let Item::Unsigned(issued) = next(5)? else { return None };
    let issued = i64::try_from(issued).ok().filter(|_| issued <= LAST_SECOND)?;
    let valid_until = match next(6) {
        Some(date) => Some(text(date)?.parse::<PartialDate>().ok().filter(|date| date.day().is_some())?),
        None => None,
    };
    let lang = Lang::parse(&text(next(7)?)?)?;
    let Item::Array(fields) = next(8)? else { return None };
    if items.next().is_some() || fields.len() > MAX_FIELDS {
        return None;
    }
    let pair = |item: Item| match item {
        Item::Array(two) => {
            <[Item; 2]>::try_from(two).ok().and_then(|[name, value]| Some((text(name)?, text(value)?)))
        }
        _ => None,
    };
    let fields = fields.into_iter().map(pair).collect::<Option<Vec<_>>>()?;
    let key = KeyId(key.try_into().ok()?);
    Some(Checked {
        kind,
        serial,
        issuer,
        issued: Timestamp::from_seconds(issued),
        valid_until,
        lang,
        fields,
        key,
    })
}

fn text(item: Item) -> Option<String> {
    match item {
        Item::Text(text) if is_printable(&text) => Some(text),
        _ => None,
    }
}

/// No control characters, and none that reorder what stands around them: a checked certificate is shown on a
/// terminal and believed.
fn is_printable(text: &str) -> bool {
    let reorders = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || reorders(c) || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, KEY_PUBLIC, arabic, sample};
    use super::*;

    #[test]
    fn what_is_signed_is_read_back() {
        let key = testing::key();
        let signed = sign(&sample(), &key).unwrap();
        assert!(signed.text.starts_with("DFT1:"));
        let checked = check(&format!("{}\n", signed.text), &[testing::public()]).unwrap();
        assert_eq!(
            checked.fields,
            [("Name".to_string(), "Abeba Tesfaye".to_string()), ("Born".into(), "1991".into())]
        );
        assert_eq!((checked.kind.as_str(), checked.serial.as_str()), ("identity-card", "7042-1189-3"));
        assert_eq!(checked.valid_until, Some("2031-06-30".parse().unwrap()));
        assert!(!checked.has_expired("2031-06-30".parse().unwrap()));
        assert!(checked.has_expired("2031-07-01".parse().unwrap()));
        assert_eq!(checked.lang.tag(), "en");
        let arabic = sign(&arabic(), &key).unwrap();
        assert!(check(&arabic.text, &[testing::public()]).is_ok());
        assert_eq!(testing::public().to_pem(), KEY_PUBLIC);
    }

    #[test]
    fn the_format_does_not_drift() {
        let signed = sign(&sample(), &testing::key()).unwrap();
        let key = testing::key().key_id();
        let parts: [&[u8]; 10] = [
            b"\xa9\x00\x64DFT1\x01\x48",
            &key.0,
            b"\x02\x6didentity-card\x03\x6b7042-1189-3\x04\x76Civil Registry of Demo",
            b"\x05\x1a\x6a\x44\xe5\x20",
            b"\x06\x6a2031-06-30",
            b"\x07\x62en",
            b"\x08\x82",
            b"\x82\x64Name\x6dAbeba Tesfaye",
            b"\x82\x64Born\x641991",
            b"",
        ];
        assert_eq!(signed.payload, parts.concat());
        assert_eq!(signed, sign(&sample(), &testing::key()).unwrap(), "Ed25519 is deterministic");
        assert!(signed.text.len() < 330, "{} characters", signed.text.len());
    }

    #[test]
    fn one_changed_bit_anywhere_is_found() {
        let key = testing::key();
        let signed = sign(&sample(), &key).unwrap();
        let envelope = [signed.signature.as_slice(), &signed.payload].concat();
        for at in 0..envelope.len() {
            for bit in [1, 0x80] {
                let mut bent = envelope.clone();
                bent[at] ^= bit;
                let text = format!("DFT1:{}", base45::encode(&bent));
                assert!(check(&text, &[testing::public()]).is_err(), "byte {at}");
            }
        }
        for cut in 0..signed.text.len() {
            assert!(check(&signed.text[..cut], &[testing::public()]).is_err());
        }
    }

    #[test]
    fn the_right_fault_for_each_case() {
        let key = testing::key();
        let signed = sign(&sample(), &key).unwrap();
        assert_eq!(check("https://example.org", &[]), Err(CheckFault::NotACertificate));
        assert_eq!(check("DFT1:", &[]), Err(CheckFault::Damaged));
        assert_eq!(
            check(&signed.text.to_lowercase().replace("dft1:", "DFT1:"), &[]),
            Err(CheckFault::Damaged)
        );
        assert_eq!(check(&format!("DFT1:{}", "A".repeat(5000)), &[]), Err(CheckFault::Damaged));
        assert_eq!(check(&signed.text, &[]), Err(CheckFault::UnknownKey { key: key.key_id() }));
        let mut forged = signed.signature;
        forged[3] ^= 1;
        let text = format!("DFT1:{}", base45::encode(&[forged.as_slice(), &signed.payload].concat()));
        assert_eq!(check(&text, &[testing::public()]), Err(CheckFault::Forged { key: key.key_id() }));
    }

    #[test]
    fn a_valid_signature_over_anything_else_is_no_certificate() {
        let key = testing::key();
        let others: [&[u8]; 4] =
            [b"", b"daftar.example/acts\n17\nabc=\n", &[0xa0], &[0xa1, 0, 0x64, b'D', b'F', b'T', b'1']];
        for payload in others {
            let text = format!(
                "DFT1:{}",
                base45::encode(&[SignKey::sign(&key, payload).as_slice(), payload].concat())
            );
            assert_eq!(check(&text, &[testing::public()]), Err(CheckFault::Damaged));
        }
    }

    #[test]
    fn limits_and_what_cannot_be_printed() {
        let key = testing::key();
        let mut long = sample();
        long.lines[0].value = "x".repeat(MAX_PAYLOAD_BYTES);
        assert!(matches!(sign(&long, &key), Err(CertificateFault::TooLong { .. })));
        long.lines[0].value = "x".repeat(MAX_PAYLOAD_BYTES - 150);
        let fits = sign(&long, &key).unwrap();
        let spare = MAX_PAYLOAD_BYTES - fits.payload.len();
        long.lines[0].value.push_str(&"x".repeat(spare));
        assert_eq!(sign(&long, &key).unwrap().payload.len(), MAX_PAYLOAD_BYTES);
        long.lines[0].value.push('x');
        assert!(sign(&long, &key).is_err());
        for bad in ["a\u{1b}[2Jb", "a\nb", "abc\u{202e}321"] {
            let mut bent = sample();
            bent.lines[0].value = bad.into();
            assert!(matches!(sign(&bent, &key), Err(CertificateFault::Unprintable { .. })), "{bad:?}");
        }
        let mut vague = sample();
        vague.valid_until = Some("2031-06".parse().unwrap());
        assert_eq!(sign(&vague, &key), Err(CertificateFault::Date));
    }
}
