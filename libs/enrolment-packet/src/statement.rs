//! Signed statements as small JSON files: a device's request, the registry's authorisation, the registry's acknowledgement.
//!
//! `{"format": "…", "signer": "<hex>", "signature": "<hex>", "statement": "<base64 of JSON>"}`: what was signed are the bytes
//! themselves with the format's name, so nobody needs a canonical form.

use crate::clock::Contact;
use crate::fault::Fault;
use crate::hex::fixed;
use crate::keys::{Signer, verifies};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Most bytes of a statement: an authorisation carries the codes of the country's places.
pub const STATEMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most operators of a kit.
pub const OPERATORS_MAX: usize = 20;
/// Most characters of names in statements.
pub const NAME_CHARS_MAX: usize = 80;

/// What kind of statement a type is.
pub trait Statement: Serialize + DeserializeOwned {
    /// Name of the format, which is signed along.
    const FORMAT: &'static str;
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    #[serde(with = "fixed")]
    signer: [u8; 32],
    #[serde(with = "fixed")]
    signature: [u8; 64],
    statement: String,
}

/// An operator of a kit: who signs packets with which key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The name they sign in with in the registry.
    pub login: String,
    /// Their public key on this device.
    #[serde(with = "fixed")]
    pub key: [u8; 32],
}

/// What a device asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What people call it: "Mobile unit 3".
    pub name: String,
    /// Its public key.
    #[serde(with = "fixed")]
    pub device: [u8; 32],
    /// Random bytes: the authorisation repeats them, so that an old one is not taken for this one's.
    #[serde(with = "fixed")]
    pub nonce: [u8; 16],
    /// Who shall work with it.
    pub operators: Vec<Operator>,
    /// What its clocks showed.
    pub made: crate::clock::Moment,
}

impl Statement for Request {
    const FORMAT: &'static str = "daftar-kit-request/1";
}

/// What the registry allows a device. Signed by the registry's statement key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorisation {
    /// The registry's name for the kit.
    pub kit: String,
    /// What people call it.
    pub name: String,
    /// The device's public key.
    #[serde(with = "fixed")]
    pub device: [u8; 32],
    /// The request's random bytes.
    #[serde(with = "fixed")]
    pub nonce: [u8; 16],
    /// Packets are sealed for this key (X25519).
    #[serde(with = "fixed")]
    pub registry: [u8; 32],
    /// Who may work with it.
    pub operators: Vec<Operator>,
    /// When it was given, by the registry, and what the device's clocks showed when it asked.
    pub since: Contact,
    /// Until when packets may be made, in microseconds since 1970.
    pub until: i64,
    /// The country's name.
    pub country: String,
    /// The country's time zone (tz database).
    pub zone: String,
    /// Codes of the country's places.
    pub places: Vec<String>,
    /// The files that describe the country, by path: its form and its words, for a kit that shows pages. May be empty.
    pub files: std::collections::BTreeMap<String, String>,
}

impl Statement for Authorisation {
    const FORMAT: &'static str = "daftar-kit-authorisation/1";
}

/// What became of a packet. Signed by the registry's statement key; only with [`Acknowledgement::kept`] the device lets go of
/// the packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// [`hash`](crate::hash) of the packet.
    #[serde(with = "fixed")]
    pub packet: [u8; 32],
    /// `merged`, `held` or `refused`.
    pub state: String,
    /// Why it is held or was refused: a stable word; empty for a merged one.
    pub reason: String,
    /// Whether the registry holds durably everything the packet said.
    pub kept: bool,
    /// When the registry took the packet, in microseconds since 1970.
    pub at: i64,
    /// When it answered, the same.
    pub answered_at: i64,
    /// Receipt of the act in the public record; empty when there is none.
    pub receipt: String,
}

impl Statement for Acknowledgement {
    const FORMAT: &'static str = "daftar-kit-acknowledgement/1";
}

/// Signs a statement; answers the file.
///
/// # Errors
/// [`Fault::Limit`] when it is too large.
pub fn sign<T: Statement>(statement: &T, signer: &Signer) -> Result<Vec<u8>, Fault> {
    let plain = serde_json::to_vec(statement).map_err(|_| Fault::Malformed("statement"))?;
    let envelope = Envelope {
        format: T::FORMAT.into(),
        signer: *signer.public(),
        signature: signer.sign(T::FORMAT, &plain),
        statement: STANDARD.encode(&plain),
    };
    let file = serde_json::to_vec(&envelope).map_err(|_| Fault::Malformed("statement"))?;
    if file.len() > STATEMENT_BYTES_MAX { Err(Fault::Limit("statement")) } else { Ok(file) }
}

/// Reads a statement and checks its signature; answers who signed, which the caller must know and trust.
///
/// # Errors
/// [`Fault::Malformed`], [`Fault::Signature`], [`Fault::Limit`].
pub fn read<T: Statement>(file: &[u8]) -> Result<(T, [u8; 32]), Fault> {
    if file.len() > STATEMENT_BYTES_MAX {
        return Err(Fault::Limit("statement"));
    }
    let envelope: Envelope = serde_json::from_slice(file).map_err(|_| Fault::Malformed("statement"))?;
    if envelope.format != T::FORMAT {
        return Err(Fault::Malformed("format of the statement"));
    }
    let plain = STANDARD.decode(&envelope.statement).map_err(|_| Fault::Malformed("statement"))?;
    if !verifies(&envelope.signer, T::FORMAT, &plain, &envelope.signature) {
        return Err(Fault::Signature);
    }
    let statement = serde_json::from_slice(&plain).map_err(|_| Fault::Malformed("statement"))?;
    Ok((statement, envelope.signer))
}

/// As [`read`], signed by this key.
///
/// # Errors
/// [`Fault::Signature`] when another key signed; as [`read`].
pub fn read_by<T: Statement>(file: &[u8], signer: &[u8; 32]) -> Result<T, Fault> {
    let (statement, by) = read(file)?;
    if by == *signer { Ok(statement) } else { Err(Fault::Signature) }
}

/// A device's request: signed by the very device it names, with a name that prints and at least one operator.
///
/// # Errors
/// [`Fault::Signature`], [`Fault::Malformed`], [`Fault::Limit`].
pub fn read_request(file: &[u8]) -> Result<Request, Fault> {
    let (request, by): (Request, _) = read(file)?;
    if by != request.device {
        return Err(Fault::Signature);
    }
    if request.operators.len() > OPERATORS_MAX {
        return Err(Fault::Limit("operators"));
    }
    let prints = |text: &str| {
        !text.trim().is_empty()
            && text.chars().count() <= NAME_CHARS_MAX
            && !text.chars().any(char::is_control)
    };
    let distinct = |at: usize, one: &Operator| {
        request.operators.iter().take(at).all(|other| other.key != one.key && other.login != one.login)
    };
    let operators = request.operators.iter().enumerate();
    let good = operators.clone().all(|(at, one)| prints(&one.login) && distinct(at, one));
    if !prints(&request.name)
        || request.operators.is_empty()
        || !good
        || request.made.boot.len() > crate::clock::BOOT_BYTES_MAX
    {
        return Err(Fault::Malformed("names in the request"));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(byte: u8) -> Signer {
        Signer::from_seed(&[byte; 32]).unwrap()
    }
    fn request(operators: usize) -> Request {
        let operator = |n: usize| Operator {
            login: format!("op{n}"),
            key: *signer(u8::try_from(n).unwrap() + 100).public(),
        };
        Request {
            name: "Mobile unit 3".into(),
            device: *signer(1).public(),
            nonce: [4; 16],
            operators: (0..operators).map(operator).collect(),
            made: crate::clock::Moment::default(),
        }
    }

    #[test]
    fn a_request_is_signed_by_the_device_it_names() {
        let good = sign(&request(1), &signer(1)).unwrap();
        assert_eq!(read_request(&good), Ok(request(1)));
        assert_eq!(read_request(&sign(&request(1), &signer(2)).unwrap()), Err(Fault::Signature));
        assert!(read_request(&sign(&request(OPERATORS_MAX), &signer(1)).unwrap()).is_ok());
        let many = read_request(&sign(&request(OPERATORS_MAX + 1), &signer(1)).unwrap());
        assert_eq!(many, Err(Fault::Limit("operators")));
        for bad in [
            Request { name: " ".into(), ..request(1) },
            Request { name: "a\nb".into(), ..request(1) },
            Request { name: "x".repeat(NAME_CHARS_MAX + 1), ..request(1) },
            request(0),
            Request { operators: [request(1).operators, request(1).operators].concat(), ..request(1) },
        ] {
            assert!(matches!(read_request(&sign(&bad, &signer(1)).unwrap()), Err(Fault::Malformed(_))));
        }
    }

    #[test]
    fn one_kind_of_statement_is_never_taken_for_another() {
        let ack = Acknowledgement {
            packet: [1; 32],
            state: "held".into(),
            reason: "double".into(),
            kept: true,
            at: 5,
            answered_at: 6,
            receipt: String::new(),
        };
        let file = sign(&ack, &signer(3)).unwrap();
        assert_eq!(read_by::<Acknowledgement>(&file, signer(3).public()), Ok(ack));
        assert_eq!(read_by::<Acknowledgement>(&file, signer(4).public()), Err(Fault::Signature));
        assert!(matches!(read::<Request>(&file), Err(Fault::Malformed(_))));
        let renamed = String::from_utf8(file).unwrap().replace("acknowledgement", "request");
        assert_eq!(read::<Request>(renamed.as_bytes()), Err(Fault::Signature));
    }

    #[test]
    fn limits_and_garbage() {
        assert_eq!(read::<Request>(&vec![b' '; STATEMENT_BYTES_MAX + 1]), Err(Fault::Limit("statement")));
        assert!(matches!(read::<Request>(&vec![b' '; STATEMENT_BYTES_MAX]), Err(Fault::Malformed(_))));
        assert!(matches!(read::<Request>(b"{}"), Err(Fault::Malformed(_))));
        let file = sign(&request(1), &signer(1)).unwrap();
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert_ne!(read_request(&changed), Ok(request(1)), "byte {at}");
        }
    }
}
