//! Base45 (RFC 9285): two bytes as three characters of the alphabet that QR codes pack into 5.5 bits each.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The text of some bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let digit = |n: u32| char::from(ALPHABET[usize::try_from(n % 45).unwrap_or(0)]);
    let mut out = String::with_capacity(bytes.len() * 3 / 2 + 2);
    for pair in bytes.chunks(2) {
        match *pair {
            [high, low] => {
                let n = u32::from(high) * 256 + u32::from(low);
                out.extend([digit(n), digit(n / 45), digit(n / 2025)]);
            }
            [last] => out.extend([digit(u32::from(last)), digit(u32::from(last) / 45)]),
            _ => {}
        }
    }
    out
}

/// The bytes of a text; `None` unless it is exactly what [`encode`] writes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let value = |c: &u8| ALPHABET.iter().position(|a| a == c).and_then(|at| u32::try_from(at).ok());
    let mut out = Vec::with_capacity(text.len() * 2 / 3 + 1);
    for group in text.as_bytes().chunks(3) {
        match group {
            [a, b, c] => {
                let n = value(a)? + value(b)? * 45 + value(c)? * 2025;
                out.extend(u16::try_from(n).ok()?.to_be_bytes());
            }
            [a, b] => out.push(u8::try_from(value(a)? + value(b)? * 45).ok()?),
            _ => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_9285() {
        for (plain, text) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn what_encode_never_writes_is_refused() {
        for bad in ["A", "GGW", ":::", "ab1", "BB8A", "::", "é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(decode("FGW"), Some(vec![0xff, 0xff]));
    }
}
