//! The corner of CBOR (RFC 8949) that the signed payload uses: unsigned integers, byte and text strings, arrays
//! and maps of definite length, each in its one deterministic spelling (§4.2.1).

/// The deepest nesting that is read.
const MAX_DEPTH: u8 = 4;

/// A CBOR item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Item {
    /// Major type 0.
    Unsigned(u64),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3.
    Text(String),
    /// Major type 4.
    Array(Vec<Item>),
    /// Major type 5; keys are unsigned and ascend.
    Map(Vec<(u64, Item)>),
}

/// The deterministic bytes of an item. Keys of maps must ascend.
pub(super) fn encode(item: &Item) -> Vec<u8> {
    let mut out = Vec::new();
    write(item, &mut out);
    out
}

fn head(major: u8, value: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    let bytes = value.to_be_bytes();
    match value {
        0..=23 => out.push(major | bytes[7]),
        24..=0xff => out.extend([major | 24, bytes[7]]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend(&bytes[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend(&bytes[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend(bytes);
        }
    }
}

fn length(major: u8, count: usize, out: &mut Vec<u8>) {
    head(major, u64::try_from(count).unwrap_or(u64::MAX), out);
}

fn write(item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::Unsigned(n) => head(0, *n, out),
        Item::Bytes(bytes) => {
            length(2, bytes.len(), out);
            out.extend(bytes);
        }
        Item::Text(text) => {
            length(3, text.len(), out);
            out.extend(text.as_bytes());
        }
        Item::Array(items) => {
            length(4, items.len(), out);
            items.iter().for_each(|item| write(item, out));
        }
        Item::Map(pairs) => {
            length(5, pairs.len(), out);
            for (key, value) in pairs {
                head(0, *key, out);
                write(value, out);
            }
        }
    }
}

/// The item that these bytes are, all of them; `None` when they are anything else or another spelling of it.
pub(super) fn decode(bytes: &[u8]) -> Option<Item> {
    let mut reader = Reader { bytes };
    let item = reader.item(0)?;
    (reader.bytes.is_empty() && encode(&item) == bytes).then_some(item)
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }
    fn head(&mut self) -> Option<(u8, u64)> {
        let first = *self.take(1)?.first()?;
        let extra = match first & 0x1f {
            small @ 0..=23 => return Some((first >> 5, u64::from(small))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return None,
        };
        let value = self.take(extra)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Some((first >> 5, value))
    }
    fn item(&mut self, depth: u8) -> Option<Item> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (major, value) = self.head()?;
        let count = usize::try_from(value).ok();
        // Every element takes at least a byte: a length beyond that is a lie, found before memory is taken.
        let elements = count.filter(|n| *n <= self.bytes.len());
        match major {
            0 => Some(Item::Unsigned(value)),
            2 => Some(Item::Bytes(self.take(count?)?.to_vec())),
            3 => String::from_utf8(self.take(count?)?.to_vec()).ok().map(Item::Text),
            4 => (0..elements?).map(|_| self.item(depth + 1)).collect::<Option<_>>().map(Item::Array),
            5 => {
                let mut pairs: Vec<(u64, Item)> = Vec::new();
                for _ in 0..elements? {
                    let (0, key) = self.head()? else { return None };
                    if pairs.last().is_some_and(|(last, _)| *last >= key) {
                        return None;
                    }
                    pairs.push((key, self.item(depth + 1)?));
                }
                Some(Item::Map(pairs))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_8949_appendix_a() {
        for (n, hex) in [(0, "00"), (23, "17"), (24, "1818"), (1000, "1903e8"), (1_000_000, "1a000f4240")] {
            assert_eq!(daftar_kernel::hex::encode(&encode(&Item::Unsigned(n))), hex);
        }
        let item = Item::Map(vec![(1, Item::Unsigned(2)), (3, Item::Unsigned(4))]);
        assert_eq!(daftar_kernel::hex::encode(&encode(&item)), "a201020304");
        assert_eq!(encode(&Item::Text("ü".into())), [0x62, 0xc3, 0xbc]);
    }

    #[test]
    fn other_spellings_and_lies_are_refused() {
        let bad = [
            "1800",
            "190001",
            "a203040102",
            "a201020102",
            "5f41ff",
            "62c328",
            "1b",
            "9bffffffffffffffff",
            "0000",
            "f5",
        ];
        for hex in bad {
            assert_eq!(decode(&daftar_kernel::hex::decode(hex).unwrap()), None, "{hex}");
        }
        assert_eq!(decode(&[0x81; 5000]), None, "endless nesting");
        assert_eq!(decode(&[]), None);
    }
}
