//! How Daftar's identifiers are called in the engine, and back.

use daftar_kernel::Id;

/// The prefix of each kind of name; whatever has it and an identifier after it is under our mark.
pub const PROJECT: &str = "d-";
pub const INSTANCE: &str = "i";
pub const VOLUME: &str = "v";
pub const SNAPSHOT: &str = "s";
pub const RULES: &str = "n";
/// Where a network keeps the whole identifier, and that of its project.
pub const ID_KEY: &str = "user.daftar.id";
pub const PROJECT_KEY: &str = "user.daftar.project";
/// Where an instance keeps what the agency ordered, head room apart.
pub const DISK_KEY: &str = "user.daftar.disk_mib";

/// Crockford's base 32: an identifier in 26 digits. The engine's names of project and instance together become part of a
/// socket's address, which Linux cuts at 107 bytes, so hexadecimal is too long where the engine's folder is deep.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The last so many digits of a number.
fn digits(number: u128, count: u32) -> String {
    let digit = |place: u32| DIGITS[usize::try_from(number >> (5 * place) & 31).unwrap_or(0)];
    (0..count).rev().map(|place| char::from(digit(place))).collect()
}

/// The name of something.
pub fn name(prefix: &str, id: Id) -> String {
    format!("{prefix}{}", digits(u128::from_be_bytes(*id.as_bytes()), 26))
}

/// Whose name this is; none when it is not under our mark.
pub fn read(prefix: &str, text: &str) -> Option<Id> {
    let written = text.strip_prefix(prefix)?;
    let number = written.bytes().try_fold(0_u128, |number, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        number.checked_mul(32)?.checked_add(u128::try_from(digit).ok()?)
    })?;
    let id = Id::from_bytes(number.to_be_bytes());
    // Only the one spelling we write.
    (name(prefix, id) == text).then_some(id)
}

/// A bridge's name: Linux takes 15 bytes at most, so 70 bits of the identifier, 62 of them random, must do. The whole
/// identifier stands in the network's configuration, and two that meet are found there.
pub fn bridge(id: Id) -> String {
    format!("d{}", digits(u128::from_be_bytes(*id.as_bytes()), 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_strangers_do_not() {
        let id = Id::from_parts(1_795_775_495_000, [7; 10]);
        assert_eq!(read(INSTANCE, &name(INSTANCE, id)), Some(id));
        assert_eq!(read(PROJECT, &name(PROJECT, id)), Some(id));
        for stranger in [
            "",
            "i",
            "web",
            "i00",
            "izzzzzzzzzzzzzzzzzzzzzzzzzz",
            &name(VOLUME, id),
            &name(INSTANCE, id).to_uppercase(),
        ] {
            assert_eq!(read(INSTANCE, stranger), None, "{stranger}");
        }
        let bridge = bridge(id);
        assert!(bridge.len() == 15 && bridge.bytes().all(|b| b.is_ascii_alphanumeric()), "{bridge}");
        assert_ne!(bridge, super::bridge(Id::from_parts(1_795_775_495_000, [8; 10])));
    }
}
