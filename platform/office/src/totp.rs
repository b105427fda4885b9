//! One-time codes by time (RFC 6238): SHA-1, 30 seconds, 6 digits, because that is what every authenticator app does.

use aws_lc_rs::hmac;
use daftar_kernel::{Timestamp, World};
use zeroize::Zeroizing;

/// Seconds of one step (RFC 6238 §4.1).
pub const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one that are taken too, for clocks that differ (RFC 6238 §5.2).
pub const DRIFT_STEPS: i64 = 1;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Bytes of a secret: the length of a SHA-1 digest (RFC 4226 §4, R6).
pub const SECRET_BYTES: usize = 20;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret an authenticator app and this program share. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; SECRET_BYTES]>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A new random secret.
    #[must_use]
    pub fn random(world: &World) -> Self {
        Self(Zeroizing::new(world.bytes()))
    }
    /// The secret of stored bytes; `None` unless there are twenty.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }
    /// The bytes to seal.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
    /// As a person types it into an app: base32 (RFC 4648 §6) in groups of four. Twenty bytes are 32 signs, no padding.
    #[must_use]
    pub fn grouped(&self) -> String {
        let text = self.base32();
        let groups: Vec<&str> = (0..text.len()).step_by(4).filter_map(|at| text.get(at..at + 4)).collect();
        groups.join(" ")
    }
    fn base32(&self) -> String {
        let sign = |five: u64| char::from(BASE32[usize::try_from(five & 31).unwrap_or(0)]);
        let word =
            |five_bytes: &[u8]| five_bytes.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        self.0.chunks_exact(5).map(word).flat_map(|w| (0..8).rev().map(move |i| sign(w >> (i * 5)))).collect()
    }
    /// The address for the QR code that apps scan (Google's key URI format, which all of them read).
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent(issuer), percent(account));
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}\
             &algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        )
    }
    /// The code of a step.
    #[must_use]
    pub fn code(&self, step: i64) -> String {
        let number = hotp(self.as_bytes(), u64::try_from(step).unwrap_or(0)) % 1_000_000;
        format!("{number:06}")
    }
    /// The step whose code this is, when it lies within the drift and after `last_used`, the newest step that was
    /// accepted before: a code that somebody read over a shoulder is worth nothing a second time (RFC 6238 §5.2).
    #[must_use]
    pub fn verify(&self, typed: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
        let typed = read(typed)?;
        let present = step_at(now);
        let mut found = None;
        // All steps are compared, each in constant time: how long it takes says nothing about the code.
        for step in present - DRIFT_STEPS..=present + DRIFT_STEPS {
            let fits = same(self.code(step).as_bytes(), typed.as_bytes());
            if fits && step >= 0 && last_used.is_none_or(|last| step > last) && found.is_none() {
                found = Some(step);
            }
        }
        found
    }
}

/// The step of a time.
#[must_use]
pub const fn step_at(now: Timestamp) -> i64 {
    now.seconds().div_euclid(STEP_SECONDS)
}

/// The six digits of a typed code; blanks between them and digits of other scripts are fine.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let digits: String = crate::text::ascii_digits(typed).chars().filter(|c| !c.is_whitespace()).collect();
    (digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// The 31-bit number of a counter (RFC 4226 §5.3, dynamic truncation).
fn hotp(secret: &[u8], counter: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let digest = tag.as_ref();
    let offset = digest.last().map_or(0, |last| usize::from(last & 0x0f));
    let four = digest.get(offset..offset + 4).unwrap_or_default();
    four.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff
}

fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Percent-encoding of everything but unreserved characters (RFC 3986 §2.3).
fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> Secret {
        Secret::from_slice(b"12345678901234567890").unwrap()
    }

    #[test]
    fn rfc_4226_appendix_d() {
        let expected = [
            1_284_755_224,
            1_094_287_082,
            137_359_152,
            1_726_969_429,
            1_640_338_314,
            868_254_676,
            1_918_287_922,
            82_162_583,
            673_399_871,
            645_520_489,
        ];
        for (counter, number) in (0u64..).zip(expected) {
            assert_eq!(hotp(rfc().as_bytes(), counter), number, "counter {counter}");
        }
    }

    #[test]
    fn rfc_6238_appendix_b() {
        // The appendix has eight digits; six-digit codes are their last six.
        let vectors = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, code) in vectors {
            assert_eq!(rfc().code(step_at(Timestamp::from_seconds(seconds))), code[2..], "{seconds}");
        }
    }

    #[test]
    fn one_step_of_drift_and_no_replay() {
        let (secret, now) = (rfc(), Timestamp::from_seconds(1_234_567_890));
        let present = step_at(now);
        for step in present - 1..=present + 1 {
            assert_eq!(secret.verify(&secret.code(step), now, None), Some(step));
        }
        for step in [present - 2, present + 2] {
            assert_eq!(secret.verify(&secret.code(step), now, None), None);
        }
        assert_eq!(secret.verify(&secret.code(present), now, Some(present)), None, "used before");
        assert_eq!(
            secret.verify(&secret.code(present - 1), now, Some(present)),
            None,
            "older than a used one"
        );
        assert_eq!(secret.verify(&secret.code(present + 1), now, Some(present)), Some(present + 1));
    }

    #[test]
    fn typed_in_every_way() {
        assert_eq!(read(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(read("١٢٣٤٥٦").as_deref(), Some("123456"));
        for bad in ["", "12345", "1234567", "12345a", "12345\u{0}", &"1".repeat(100)] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_apps_scan() {
        assert_eq!(rfc().grouped(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(
            rfc().uri("République démo", "amal@x"),
            "otpauth://totp/R%C3%A9publique%20d%C3%A9mo:amal%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=R%C3%A9publique%20d%C3%A9mo&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{:?}", rfc()), "Secret");
    }
}
