//! The few facts about a font file that choosing and embedding need, read from its table directory
//! (ISO/IEC 14496-22, "Open Font Format") without reading the outlines.

use harfrust::font::{Font, Source};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// The most bytes one table may have during a scan; the largest character map in Debian has 1 MB.
const MAX_TABLE_BYTES: u32 = 8 * 1024 * 1024;
/// The most tables a font may have; real ones have about twenty.
const MAX_TABLES: u16 = 256;

/// How a font draws its letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outline {
    /// Quadratic curves in `glyf`.
    TrueType,
    /// Cubic curves in `CFF `.
    Cff,
    /// Neither (bitmaps, CFF2): not usable here.
    None,
}

/// What a scan keeps of a font. Measures are in font units.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) units_per_em: i32,
    pub(crate) ascent: i32,
    pub(crate) descent: i32,
    pub(crate) cap_height: i32,
    pub(crate) bounds: [i32; 4],
    pub(crate) weight: u16,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) normal_width: bool,
    pub(crate) outline: Outline,
    /// Ranges of code points with a glyph, sorted, both ends included.
    coverage: Vec<(u32, u32)>,
}

impl Summary {
    /// Whether the font has a glyph for the character.
    pub(crate) fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        let at = self.coverage.partition_point(|(_, last)| *last < code);
        self.coverage.get(at).is_some_and(|(first, _)| *first <= code)
    }
}

/// Reads the summary of a font in a file; `None` when it is no font this library can use.
pub(crate) fn read_file(path: &Path) -> Option<Summary> {
    let mut file = File::open(path).ok()?;
    summarise(&mut |offset, length| {
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        file.seek(SeekFrom::Start(u64::from(offset))).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    })
}

/// Reads the summary of a font in memory.
pub(crate) fn read_bytes(data: &[u8]) -> Option<Summary> {
    summarise(&mut |offset, length| {
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        data.get(start..end).map(<[u8]>::to_vec)
    })
}

/// Reads so many bytes at an offset.
type ReadAt<'a> = dyn FnMut(u32, u32) -> Option<Vec<u8>> + 'a;

fn summarise(read: &mut ReadAt<'_>) -> Option<Summary> {
    let mut start = 0;
    let magic = read(0, 4)?;
    if magic == b"ttcf" {
        // A collection: its first font.
        start = be32(&read(12, 4)?, 0)?;
    }
    let head = read(start, 12)?;
    let kind = be32(&head, 0)?;
    let count = be16(&head, 4)?;
    if !matches!(kind, 0x0001_0000 | 0x4f54_544f | 0x7472_7565) || count > MAX_TABLES {
        return None;
    }
    let directory = read(start.checked_add(12)?, u32::from(count) * 16)?;
    let mut tables: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    let mut outline = Outline::None;
    for entry in directory.chunks_exact(16) {
        let tag: [u8; 4] = entry.get(..4)?.try_into().ok()?;
        match &tag {
            b"glyf" => outline = Outline::TrueType,
            b"CFF " => outline = Outline::Cff,
            b"head" | b"hhea" | b"OS/2" | b"cmap" | b"maxp" => {
                let length = be32(entry, 12)?;
                if length > MAX_TABLE_BYTES {
                    return None;
                }
                tables.push((tag, read(be32(entry, 8)?, length)?));
            }
            _ => {}
        }
    }
    let coverage = coverage(&tables)?;
    let table = |tag: &[u8; 4]| tables.iter().find(|(t, _)| t == tag).map(|(_, bytes)| bytes.as_slice());
    describe(table(b"head")?, table(b"hhea")?, table(b"OS/2"), outline, coverage)
}

fn describe(
    head: &[u8],
    hhea: &[u8],
    os2: Option<&[u8]>,
    outline: Outline,
    coverage: Vec<(u32, u32)>,
) -> Option<Summary> {
    let units_per_em = i32::from(be16(head, 18)?);
    if !(16..=16384).contains(&units_per_em) || coverage.is_empty() {
        return None;
    }
    let mac_style = be16(head, 44)?;
    let os2 = os2.unwrap_or_default();
    let weight = be16(os2, 4).unwrap_or(if mac_style & 1 == 0 { 400 } else { 700 });
    let selection = be16(os2, 62).unwrap_or(0);
    let ascent = i32::from(signed(hhea, 4)?);
    let cap_height = if be16(os2, 0).unwrap_or(0) >= 2 { signed(os2, 88).map(i32::from) } else { None };
    Some(Summary {
        units_per_em,
        ascent,
        // Some fonts write the descent as a positive number.
        descent: -i32::from(signed(hhea, 6)?).abs(),
        cap_height: cap_height.filter(|h| *h > 0).unwrap_or(ascent),
        bounds: [36, 38, 40, 42].map(|at| signed(head, at).map_or(0, i32::from)),
        weight,
        bold: (600..=800).contains(&weight),
        italic: mac_style & 2 != 0 || selection & 0x201 != 0,
        normal_width: be16(os2, 6).is_none_or(|w| w == 5 || w == 0),
        outline,
        coverage,
    })
}

/// The code points of the character map, as ranges.
fn coverage(tables: &[([u8; 4], Vec<u8>)]) -> Option<Vec<(u32, u32)>> {
    let tables: Vec<([u8; 4], Vec<u8>)> = tables.to_vec();
    let by_tag = move |tag: harfrust::Tag| {
        let wanted = tag.to_be_bytes();
        tables.iter().find(|(t, _)| *t == wanted).map(|(_, bytes)| bytes.clone().into())
    };
    let by_tag: Arc<dyn Fn(harfrust::Tag) -> Option<_> + Send + Sync> = Arc::new(by_tag);
    let font = Font::new(Source::from(by_tag), 0)?;
    let mut codes: Vec<u32> = font.charmap().unicodes().map(|(code, _)| code).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for code in codes {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(code) => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    Some(ranges)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
fn signed(bytes: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_and_every_flipped_byte_of_a_header_is_survived() {
        let path = crate::testing::font_file("DejaVuSans.ttf");
        let data = std::fs::read(&path).unwrap();
        let whole = read_bytes(&data).unwrap();
        assert!(whole.has('é') && !whole.has('ሀ'));
        assert_eq!(read_file(&path).unwrap().units_per_em, whole.units_per_em);
        for cut in (0..2000).step_by(37) {
            assert!(read_bytes(&data[..cut]).is_none());
        }
        for at in 0..300 {
            let mut bent = data.clone();
            bent[at] ^= 0xff;
            let _ = read_bytes(&bent);
        }
    }
}
