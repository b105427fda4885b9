//! An authenticator and a browser in software, for tests: honest unless a field says otherwise.
#![allow(clippy::unwrap_used, missing_docs, dead_code, reason = "test support, shared: it fails as tests do")]

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret key.
pub enum Secret {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

/// Everything that goes into an answer. Tests change what they want to be wrong.
pub struct Authenticator {
    pub origin: String,
    pub rp_id: String,
    pub create_type: String,
    pub get_type: String,
    pub cross_origin: bool,
    pub top_origin: Option<String>,
    pub present: bool,
    pub verified: bool,
    pub backup_eligible: bool,
    pub backed_up: bool,
    pub counter: u32,
    pub format: &'static str,
    pub statement: Vec<u8>,
    pub own_signature: bool,
    pub extensions: Option<Vec<u8>>,
    pub trailing: Vec<u8>,
    pub id: Vec<u8>,
    pub user: Vec<u8>,
    pub secret: Secret,
}

/// What a browser hands over when a passkey is made.
#[derive(Clone)]
pub struct Made {
    pub client_data: Vec<u8>,
    pub attestation_object: Vec<u8>,
}

/// What it hands over when one is used.
#[derive(Clone)]
pub struct Used {
    pub id: Vec<u8>,
    pub client_data: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
    pub user: Vec<u8>,
}

fn head(major: u8, n: usize) -> Vec<u8> {
    match n {
        0..24 => vec![major << 5 | u8::try_from(n).unwrap()],
        24..256 => vec![major << 5 | 24, u8::try_from(n).unwrap()],
        _ => [vec![major << 5 | 25], u16::try_from(n).unwrap().to_be_bytes().to_vec()].concat(),
    }
}
pub fn bytes(b: &[u8]) -> Vec<u8> {
    [head(2, b.len()), b.to_vec()].concat()
}
pub fn text(t: &str) -> Vec<u8> {
    [head(3, t.len()), t.as_bytes().to_vec()].concat()
}

impl Secret {
    pub fn es256() -> Self {
        Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }
    pub fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (bytes(&point[1..33]), bytes(&point[33..]));
                [vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21], x, vec![0x22], y].concat()
            }
            Self::Ed25519(pair) => {
                [vec![0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21], bytes(pair.public_key().as_ref())].concat()
            }
            Self::Rs256(pair) => {
                let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
                [vec![0xa4, 1, 3, 3, 0x39, 1, 0, 0x20], bytes(&n), vec![0x21], bytes(&[1, 0, 1])].concat()
            }
        }
    }
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }
}

impl Authenticator {
    /// One at a site, with a key of its own and this user handle.
    pub fn at(origin: &str, id: &[u8], user: &[u8]) -> Self {
        let host = origin.split("://").nth(1).unwrap().split(':').next().unwrap();
        Self {
            origin: origin.into(),
            rp_id: host.into(),
            create_type: "webauthn.create".into(),
            get_type: "webauthn.get".into(),
            cross_origin: false,
            top_origin: None,
            present: true,
            verified: true,
            backup_eligible: false,
            backed_up: false,
            counter: 0,
            format: "none",
            statement: vec![0xa0],
            own_signature: false,
            extensions: None,
            trailing: Vec::new(),
            id: id.to_vec(),
            user: user.to_vec(),
            secret: Secret::es256(),
        }
    }
    pub fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let top =
            self.top_origin.as_ref().map_or_else(String::new, |top| format!(",\"topOrigin\":\"{top}\""));
        format!(
            "{{\"type\":\"{kind}\",\"challenge\":\"{challenge}\",\"origin\":\"{}\",\"crossOrigin\":{}{top},\"more\":[1]}}",
            self.origin, self.cross_origin
        )
        .into_bytes()
    }
    pub fn auth_data(&self, attested: bool) -> Vec<u8> {
        let bit = |on: bool, bit: u8| if on { 1 << bit } else { 0u8 };
        let flags = bit(self.present, 0)
            | bit(self.verified, 2)
            | bit(self.backup_eligible, 3)
            | bit(self.backed_up, 4)
            | bit(attested, 6)
            | bit(self.extensions.is_some(), 7);
        let mut out = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        out.push(flags);
        out.extend(self.counter.to_be_bytes());
        if attested {
            out.extend([0; 16]);
            out.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            out.extend(&self.id);
            out.extend(self.secret.cose());
        }
        out.extend(self.extensions.iter().flatten());
        out.extend(&self.trailing);
        out
    }
    /// Makes a passkey for this challenge, as options write it.
    pub fn make(&self, challenge: &str) -> Made {
        let client_data = self.client_data(&self.create_type, challenge);
        let data = self.auth_data(true);
        let statement = if self.own_signature {
            let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
            let signature = bytes(&self.secret.sign(&signed));
            [vec![0xa2], text("alg"), vec![0x26], text("sig"), signature].concat()
        } else {
            self.statement.clone()
        };
        let attestation_object = [
            vec![0xa3],
            text("fmt"),
            text(self.format),
            text("attStmt"),
            statement,
            text("authData"),
            bytes(&data),
        ]
        .concat();
        Made { client_data, attestation_object }
    }
    /// Uses it.
    pub fn sign(&self, challenge: &str) -> Used {
        let client_data = self.client_data(&self.get_type, challenge);
        let authenticator_data = self.auth_data(false);
        let signed = [authenticator_data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.secret.sign(&signed);
        Used { id: self.id.clone(), client_data, authenticator_data, signature, user: self.user.clone() }
    }
}

/// A challenge as options write it.
pub fn challenge(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
