//! From text to glyphs: a stretch of one paragraph is cut where direction, script or font change, and each
//! piece is shaped by HarfBuzz's algorithm (Arabic joining, Indic reordering, marks, ligatures, kerning).

use crate::fault::PdfFault;
use crate::fonts::Fonts;
use crate::length::Length;
use crate::scripts;
use harfrust::{Buffer, ClusterLevel, Direction, ShapeOptions, ShaperFont, unicode};
use std::ops::Range;

/// One glyph of a run, in the order in which it is drawn (left to right). Measures are in font units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glyph {
    pub(crate) id: u16,
    pub(crate) advance: i32,
    pub(crate) dx: i32,
    pub(crate) dy: i32,
    /// Byte offset in the paragraph of the first character that this glyph stands for.
    pub(crate) cluster: usize,
}

/// A stretch of one line with one font and one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) face: usize,
    pub(crate) rtl: bool,
    /// The bytes of the paragraph that it stands for.
    pub(crate) range: Range<usize>,
    pub(crate) glyphs: Vec<Glyph>,
    /// Sum of the advances, in font units.
    pub(crate) advance: i64,
    pub(crate) units_per_em: i32,
}

impl Run {
    /// Width at a font size.
    pub(crate) fn width(&self, size: Length) -> Length {
        size.scaled(self.advance, i64::from(self.units_per_em))
    }
}

/// Direction marks, embeddings and isolates: done with once the order is known, so neither drawn nor extracted.
pub(crate) fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character needs no glyph of its own: joiners, direction marks, variation selectors, soft hyphen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Shapes a range of a paragraph that has one direction. The runs come in reading order of the text.
pub(crate) fn shape_stretch(
    fonts: &Fonts,
    text: &str,
    range: Range<usize>,
    rtl: bool,
    bold: bool,
    lang: Option<&str>,
) -> Result<Vec<Run>, PdfFault> {
    let mut runs = Vec::new();
    for piece in itemise(fonts, text, range, bold)? {
        runs.push(shape_piece(fonts, text, piece, rtl, lang)?);
    }
    Ok(runs)
}

/// A stretch of one script and one font.
struct Piece {
    range: Range<usize>,
    face: usize,
    script: harfrust::Script,
}

fn itemise(fonts: &Fonts, text: &str, range: Range<usize>, bold: bool) -> Result<Vec<Piece>, PdfFault> {
    let stretch = text.get(range.clone()).ok_or(PdfFault::Internal("a range outside its text"))?;
    let mut pieces: Vec<Piece> = Vec::new();
    // Shared characters (spaces, digits, points) before the first letter join the letter's piece.
    let mut script = stretch.chars().find(|c| !scripts::is_shared(*c)).map(|c| unicode::script(u32::from(c)));
    for (offset, c) in stretch.char_indices() {
        if is_direction_control(c) {
            continue;
        }
        let start = range.start + offset;
        let end = start + c.len_utf8();
        if !scripts::is_shared(c) {
            script = Some(unicode::script(u32::from(c)));
        }
        let script = script.unwrap_or(harfrust::Script::COMMON);
        if let Some(last) = pieces.last_mut()
            && last.script == script
            && (is_invisible(c) || fonts.has(last.face, c))
        {
            last.range.end = end;
            continue;
        }
        let face = face_for(fonts, stretch.get(offset..).unwrap_or_default(), c, bold)?;
        pieces.push(Piece { range: start..end, face, script });
    }
    Ok(pieces)
}

/// The font for a piece that begins with `c`. A shared character asks for the font of the first letter after
/// it when that font has it, so that "(مثال" is drawn with one font.
fn face_for(fonts: &Fonts, rest: &str, c: char, bold: bool) -> Result<usize, PdfFault> {
    if scripts::is_shared(c) || is_invisible(c) {
        let letter = rest.chars().find(|l| !scripts::is_shared(*l));
        let face = letter.and_then(|l| fonts.best(l, bold));
        if let Some(face) = face.filter(|face| is_invisible(c) || fonts.has(*face, c)) {
            return Ok(face);
        }
    }
    let wanted = if is_invisible(c) { 'a' } else { c };
    fonts.best(wanted, bold).ok_or_else(|| {
        let (script, package) = scripts::describe(wanted);
        PdfFault::NoFont { script, code: u32::from(wanted), package }
    })
}

fn shape_piece(
    fonts: &Fonts,
    text: &str,
    piece: Piece,
    rtl: bool,
    lang: Option<&str>,
) -> Result<Run, PdfFault> {
    let face = fonts.face(piece.face)?;
    let unreadable = || PdfFault::FontUnreadable { font: face.stem().to_string() };
    let loaded = face.load()?;
    let mut buffer = Buffer::new();
    // Right to left, marks keep clusters of their own, since readers turn the text around letter by letter.
    let level = if rtl { ClusterLevel::MonotoneCharacters } else { ClusterLevel::MonotoneGraphemes };
    buffer.set_cluster_level(level);
    let characters = text.get(piece.range.clone()).unwrap_or_default().char_indices();
    for (offset, c) in characters.filter(|(_, c)| !is_direction_control(*c)) {
        let cluster = u32::try_from(piece.range.start + offset).map_err(|_| unreadable())?;
        buffer.push(u32::from(c), cluster);
    }
    buffer.set_direction(if rtl { Direction::RightToLeft } else { Direction::LeftToRight });
    buffer.set_script(Some(piece.script));
    buffer.set_language(lang.and_then(harfrust::Language::new));
    harfrust::shape(&ShaperFont::new(&loaded.font), &mut buffer, ShapeOptions::new())
        .map_err(|_| unreadable())?;
    let mut glyphs = Vec::with_capacity(buffer.len());
    let mut advance = 0_i64;
    for (info, position) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
        let id = u16::try_from(info.glyph_id).map_err(|_| unreadable())?;
        let cluster = usize::try_from(info.cluster).map_err(|_| unreadable())?;
        advance += i64::from(position.x_advance);
        let (dx, dy) = (position.x_offset, position.y_offset);
        glyphs.push(Glyph { id, advance: position.x_advance, dx, dy, cluster });
    }
    let units_per_em = face.summary().units_per_em;
    Ok(Run { face: piece.face, rtl, range: piece.range, glyphs, advance, units_per_em })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fonts;

    fn shaped(text: &str, rtl: bool) -> Vec<Run> {
        shape_stretch(&fonts(), text, 0..text.len(), rtl, false, None).unwrap()
    }

    #[test]
    fn arabic_letters_join_and_lam_alef_becomes_one_glyph() {
        let alone: Vec<u16> = ["س", "ل", "ا", "م"].iter().map(|l| shaped(l, true)[0].glyphs[0].id).collect();
        let word = shaped("سلام", true);
        assert_eq!(word.len(), 1);
        assert!(
            word[0].glyphs.iter().all(|g| !alone[..2].contains(&g.id)),
            "letters did not take joined forms"
        );
        assert!(
            word[0].glyphs.first().unwrap().cluster > word[0].glyphs.last().unwrap().cluster,
            "not right to left"
        );
    }

    #[test]
    fn devanagari_vowel_sign_i_moves_before_its_consonant() {
        let run = &shaped("कि", false)[0];
        let i_sign = shaped("ि", false)[0].glyphs.iter().map(|g| g.id).collect::<Vec<_>>();
        assert_eq!(run.glyphs.len(), 2);
        assert!(run.glyphs.iter().all(|g| g.cluster == 0), "one cluster");
        let k = shaped("क", false)[0].glyphs[0].id;
        assert_eq!(run.glyphs[1].id, k, "the sign {i_sign:?} stands first");
    }

    #[test]
    fn scripts_and_fonts_split_runs_but_shared_characters_do_not() {
        assert_eq!(shaped("Abeba, 42 (ok)", false).len(), 1);
        let mixed = shaped("Abeba አበባ", false);
        assert_eq!(mixed.len(), 2);
        assert_eq!(mixed[0].range.end, mixed[1].range.start);
    }

    #[test]
    fn a_script_without_font_is_named_with_its_package() {
        let latin_only = crate::testing::only("DejaVuSans.ttf");
        let fault = shape_stretch(&latin_only, "አበባ", 0..9, false, false, None).unwrap_err();
        let PdfFault::NoFont { script, package, .. } = fault else { panic!("{fault}") };
        assert_eq!((script.as_str(), package.as_str()), ("Ethiopic", "fonts-noto-core"));
    }

    #[test]
    fn joiners_and_direction_marks_need_no_font() {
        let run = &shaped("a\u{200f}\u{200d}b", false);
        assert_eq!(run.len(), 1);
    }
}
