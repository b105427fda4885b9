//! What a photo may be, before anybody stores it.

use super::AnswerFault;

/// The largest photo, in bytes: a telephone's picture at moderate quality, and thirty seconds on a slow line.
pub const PHOTO_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The media type of a photo that may be stored: JPEG or PNG, by its first bytes and not by its name.
///
/// # Errors
/// When it is too large, or something else.
pub fn check_photo(field: &str, bytes: &[u8]) -> Result<&'static str, AnswerFault> {
    if bytes.len() > PHOTO_BYTES_MAX {
        return Err(
            AnswerFault::new(field, "ports-form-photo-large").arg("max", PHOTO_BYTES_MAX / (1024 * 1024))
        );
    }
    // ITU-T T.81 §B.1.1.3 SOI and a marker; W3C PNG §5.2.
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Ok("image/jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Ok("image/png")
    } else {
        Err(AnswerFault::new(field, "ports-form-photo-type"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_limit_and_one_past() {
        let mut photo = vec![0; PHOTO_BYTES_MAX];
        photo[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
        assert_eq!(check_photo("p", &photo), Ok("image/jpeg"));
        photo.push(0);
        assert_eq!(check_photo("p", &photo).map_err(|fault| fault.key), Err("ports-form-photo-large"));
        assert_eq!(check_photo("p", b"\x89PNG\r\n\x1a\n..."), Ok("image/png"));
        for other in [&b""[..], b"GIF89a", b"<svg", b"\xff\xd8", b"%PDF-1.7"] {
            assert_eq!(check_photo("p", other).map_err(|fault| fault.key), Err("ports-form-photo-type"));
        }
    }
}
