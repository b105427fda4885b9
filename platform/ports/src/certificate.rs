//! Certificates and cards: a PDF in any script, with a signed QR code that verifies offline.
//!
//! A service fills in a [`Certificate`], [`sign`]s what its code says and [`render`]s it. Whoever is shown the
//! paper reads the code with any QR reader and gives its text to `daftar certificate check`, or takes it apart
//! with twenty lines of any language: the format is written down, byte by byte, in [`payload`], and the
//! signature is plain Ed25519 over plain bytes, which `openssl pkeyutl -verify -rawin` accepts.

mod base45;
mod cbor;
pub mod dates;
mod keys;
pub mod payload;
mod render;
#[cfg(test)]
mod testing;

use daftar_kernel::{Lang, PartialDate, Timestamp};
use pdf_writing::{Colour, PdfFault, Photo};

pub use keys::{KeyId, MAX_KEYS, PublicKey, SignKey, keys_from_pem};
pub use payload::{Checked, MAX_FIELDS, MAX_PAYLOAD_BYTES, MAX_TEXT_CHARS, Signed, check, sign, take_apart};
pub use render::{Layout, render};

/// One line of a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it is, in the certificate's language.
    pub label: String,
    /// What it says. Dates are printed with [`dates::in_words`] by whoever fills this in.
    pub value: String,
    /// Whether the signed code says it too. What only stands on paper is not proved.
    pub in_code: bool,
}

impl Line {
    /// A line that the code proves.
    #[must_use]
    pub fn proved(label: &str, value: &str) -> Self {
        Self { label: label.to_string(), value: value.to_string(), in_code: true }
    }
    /// A line that only stands on paper.
    #[must_use]
    pub fn printed(label: &str, value: &str) -> Self {
        Self { label: label.to_string(), value: value.to_string(), in_code: false }
    }
}

/// The words around a certificate's content, in its language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    /// "Number".
    pub number: String,
    /// "Issued on".
    pub issued: String,
    /// "Valid until".
    pub valid_until: String,
    /// How to check the code, in one or two sentences.
    pub how_to_check: String,
    /// What the code is, for those who do not see it.
    pub code_description: String,
    /// What the photo is, for those who do not see it.
    pub photo_description: String,
}

/// A certificate or card before it is signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Kind for machines, such as `identity-card`.
    pub kind: String,
    /// Serial number, as printed.
    pub serial: String,
    /// Title, such as "Identity card".
    pub title: String,
    /// The office that answers for it.
    pub issuer: String,
    /// Content.
    pub lines: Vec<Line>,
    /// Photo; nobody needs one.
    pub photo: Option<Photo>,
    /// When it was issued.
    pub issued: Timestamp,
    /// Time zone of the tz database in which the day of issue is printed.
    pub zone: String,
    /// The last day on which it is valid.
    pub valid_until: Option<PartialDate>,
    /// Language; it also says which way the page runs.
    pub lang: Lang,
    /// The words around the content.
    pub words: Words,
    /// Colour of the band and the frame; white text stands on it.
    pub accent: Colour,
}

/// Why a certificate could not be made, or a key file not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Characters that cannot be printed, or that change the order of others.
    #[error("'{text}' holds control characters: remove them")]
    Unprintable {
        /// The text without them.
        text: String,
    },
    /// The code would become too large to be read from paper.
    #[error(
        "the signed content has {bytes} bytes; at most {MAX_PAYLOAD_BYTES} and {MAX_FIELDS} fields fit the code"
    )]
    TooLong {
        /// Size of the payload.
        bytes: usize,
    },
    /// Issued before 1970 or after 2200, or valid until a day that is not whole.
    #[error("the date of issue must lie between 1970 and 2200, and the last valid day must be a whole date")]
    Date,
    /// The lines do not fit the card even in the smallest print.
    #[error("{lines} lines do not fit on the card: print fewer, or use the certificate")]
    DoesNotFit {
        /// Their number.
        lines: usize,
    },
    /// No file of public keys.
    #[error("line {line}: not an Ed25519 public key in PEM ('-----BEGIN PUBLIC KEY-----')")]
    KeyFile {
        /// Where the block begins, from 1.
        line: usize,
    },
    /// The page could not be written.
    #[error(transparent)]
    Pdf(#[from] PdfFault),
}

/// Why the text of a code is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckFault {
    /// It does not begin with `DFT1:`.
    #[error("this is not the code of a certificate: its text begins with 'DFT1:'")]
    NotACertificate,
    /// It begins so, but what follows is not what a certificate's code holds.
    #[error("the code is damaged or was not made by this system: read it again, closer and in good light")]
    Damaged,
    /// Signed by a key that the file of keys does not hold.
    #[error("the key {key} is not among the issuer's keys you gave: get the newest list from the issuer")]
    UnknownKey {
        /// The key the code names.
        key: KeyId,
    },
    /// The signature does not belong to the content.
    #[error("FORGED: the content was not signed by the key {key} that it names")]
    Forged {
        /// The key the code names.
        key: KeyId,
    },
}
