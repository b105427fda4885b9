//! A font as one document uses it: the glyphs drawn so far, what text they stand for, and the subset that is
//! embedded at the end.
//!
//! Programs that read a PDF take the text from the codes, in the order in which they are drawn, and turn what
//! runs right to left around, code by code. So each *meaning* of a glyph gets a code of its own
//! (`CIDToGIDMap` leads back to the glyph), and a right-to-left code never means more than one character: the
//! second letter of a ligature such as lam-alef is carried by a glyph that draws nothing. This reads well in
//! poppler, PDFium, MuPDF and pdf.js alike, where codes of several letters do not. Where several glyphs share
//! a syllable from left to right (Indic scripts), `ActualText` says in addition what the word is.

use crate::fault::PdfFault;
use crate::fonts::Face;
use crate::length::{Length, thousandth};
use crate::sfnt::{Outline, Summary};
use crate::shape::{Glyph, Run, is_direction_control};
use harfrust::{GlyphId, ShaperFont};
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Finish, Name, Pdf, Ref, Str, TextStr};
use std::collections::BTreeMap;
use std::sync::Arc;
use subsetter::GlyphRemapper;

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// A font and the glyphs that a document uses of it.
pub(crate) struct FontUse {
    stem: String,
    summary: Summary,
    data: Arc<Vec<u8>>,
    font: harfrust::Font,
    glyphs: GlyphRemapper,
    /// By code: the glyph in the subset and the text it stands for there.
    codes: Vec<Code>,
    by_meaning: BTreeMap<(u16, String), u16>,
    /// A glyph that draws nothing, where the font has one.
    blank: Option<u16>,
}

/// What a code of the text draws and means.
struct Code {
    glyph: u16,
    advance: i32,
    text: String,
}

/// The name of a font in the pages' resources.
pub(crate) fn font_name(face: usize) -> String {
    format!("F{face}")
}

impl FontUse {
    pub(crate) fn new(face: &Face) -> Result<Self, PdfFault> {
        let loaded = face.load()?;
        let shaper = ShaperFont::new(&loaded.font);
        Ok(Self {
            stem: face.stem().to_string(),
            summary: face.summary().clone(),
            data: Arc::clone(&loaded.data),
            font: loaded.font.clone(),
            glyphs: GlyphRemapper::new(),
            // Code 0 is the glyph for what is missing, which every subset has.
            codes: vec![Code { glyph: 0, advance: 0, text: String::new() }],
            by_meaning: BTreeMap::new(),
            blank: blank_glyph(&shaper),
        })
    }

    /// Draws a run with its origin at `at` (from the page's bottom left corner).
    pub(crate) fn draw(
        &mut self,
        content: &mut Content,
        run: &Run,
        paragraph: &str,
        at: (Length, Length),
        size: Length,
    ) -> Result<(), PdfFault> {
        content.begin_text();
        content.set_font(Name(font_name(run.face).as_bytes()), size.pt());
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, at.0.pt(), at.1.pt()]);
        let mut line = Pencil { pen: 0, shown: 0, rise: 0, units: i64::from(run.units_per_em), size };
        for (glyphs, text) in words(run, paragraph) {
            let mut shown = Vec::new();
            let mut together = false;
            for cluster in glyphs.chunk_by(|a, b| a.cluster == b.cluster) {
                let parts = self.shared_out(cluster, &cluster_text(run, paragraph, cluster), run.rtl);
                together |= parts.iter().any(|(_, part)| part.is_empty()) || (!run.rtl && parts.len() > 1);
                for (glyph, part) in parts {
                    let code = self.code(glyph.id, part)?;
                    shown.push((glyph, code, self.codes.get(usize::from(code)).map_or(0, |c| c.advance)));
                }
            }
            if together {
                let mut span = content.begin_marked_content_with_properties(Name(b"Span"));
                span.properties().actual_text(TextStr(&text));
            }
            line.show(content, &shown);
            if together {
                content.end_marked_content();
            }
        }
        if line.rise != 0 {
            content.set_rise(0.0);
        }
        content.end_text();
        Ok(())
    }

    /// Which glyph of a cluster means which part of its text, in the order of drawing. Readers see a gap where
    /// a wide glyph means nothing, so the letters are shared out among all glyphs, even where a sign is drawn
    /// before the consonant that it follows.
    fn shared_out(&self, cluster: &[Glyph], text: &str, rtl: bool) -> Vec<(Glyph, String)> {
        let mut letters: Vec<char> = text.chars().collect();
        if rtl {
            letters.reverse();
        }
        let surplus = letters.len().saturating_sub(cluster.len());
        // Left to right, a code may mean several letters: those that are too many go with the first.
        let first = if rtl { 1 } else { 1 + surplus };
        let mut letters = letters.into_iter();
        let mut out: Vec<(Glyph, String)> = Vec::with_capacity(cluster.len());
        for (index, glyph) in cluster.iter().enumerate() {
            let count = if index == 0 { first } else { 1 };
            out.push((glyph.clone(), letters.by_ref().take(count).collect()));
        }
        for letter in letters {
            match (self.blank, out.last_mut()) {
                (Some(id), Some((last, _))) => {
                    let cluster = last.cluster;
                    out.push((Glyph { id, advance: 0, dx: 0, dy: 0, cluster }, letter.into()));
                }
                (None, Some((_, last))) => last.insert(0, letter),
                (_, None) => {}
            }
        }
        out
    }

    /// The code for a glyph with a meaning.
    fn code(&mut self, id: u16, text: String) -> Result<u16, PdfFault> {
        let glyph = self.glyphs.remap(id);
        // A CFF font has no map from codes to glyphs: there, a glyph keeps the first meaning it had.
        let key =
            if self.summary.outline == Outline::Cff { (glyph, String::new()) } else { (glyph, text.clone()) };
        if let Some(code) = self.by_meaning.get(&key) {
            return Ok(*code);
        }
        let too_many =
            PdfFault::TooLong { what: "the document, in different glyphs of one font,", limit: 65_535 };
        let next = u16::try_from(self.codes.len()).map_err(|_| too_many)?;
        let advance = ShaperFont::new(&self.font).glyph_h_advance(GlyphId::from(id));
        self.codes.push(Code { glyph, advance, text });
        self.by_meaning.insert(key, next);
        Ok(next)
    }

    /// Writes the font's objects.
    pub(crate) fn write(&self, pdf: &mut Pdf, id: Ref, next: &mut Ref) -> Result<(), PdfFault> {
        let unreadable = || PdfFault::FontUnreadable { font: self.stem.clone() };
        let subset = subsetter::subset(&self.data, 0, &self.glyphs).map_err(|_| unreadable())?;
        let (cid, descriptor, file) = (next.bump(), next.bump(), next.bump());
        let (unicode, map) = (next.bump(), next.bump());
        let name = self.subset_name();
        let base = Name(name.as_bytes());
        pdf.type0_font(id)
            .base_font(base)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let cff = self.summary.outline == Outline::Cff;
        let mut font = pdf.cid_font(cid);
        font.subtype(if cff { CidFontType::Type0 } else { CidFontType::Type2 })
            .base_font(base)
            .system_info(IDENTITY)
            .font_descriptor(descriptor)
            .default_width(0.0);
        if !cff {
            font.cid_to_gid_map_stream(map);
        }
        let mut widths = font.widths();
        for (code, entry) in (0_u16..).zip(&self.codes) {
            widths.consecutive(code, [self.thousandths(entry.advance)]);
        }
        widths.finish();
        font.finish();
        self.write_descriptor(pdf, descriptor, file, base, cff);
        let packed = crate::file::deflate(&subset);
        let mut stream = pdf.stream(file, &packed);
        stream.filter(pdf_writer::Filter::FlateDecode);
        if cff {
            stream.pair(Name(b"Subtype"), Name(b"OpenType"));
        } else {
            stream.pair(Name(b"Length1"), i32::try_from(subset.len()).map_err(|_| unreadable())?);
        }
        stream.finish();
        if !cff {
            let glyphs: Vec<u8> = self.codes.iter().flat_map(|code| code.glyph.to_be_bytes()).collect();
            let packed = crate::file::deflate(&glyphs);
            pdf.stream(map, &packed).filter(pdf_writer::Filter::FlateDecode);
        }
        let mut meaning = UnicodeCmap::new(Name(b"Daftar-UCS"), IDENTITY);
        for (code, entry) in (0_u16..).zip(&self.codes).filter(|(_, entry)| !entry.text.is_empty()) {
            meaning.pair_with_multiple(code, entry.text.chars());
        }
        let packed = crate::file::deflate(meaning.finish().as_slice());
        pdf.cmap(unicode, &packed).filter(pdf_writer::Filter::FlateDecode);
        Ok(())
    }

    fn write_descriptor(&self, pdf: &mut Pdf, id: Ref, file: Ref, name: Name<'_>, cff: bool) {
        let [x_min, y_min, x_max, y_max] = self.summary.bounds.map(|b| self.thousandths(b));
        let mut descriptor = pdf.font_descriptor(id);
        let slanted = if self.summary.italic { -12.0 } else { 0.0 };
        descriptor
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(pdf_writer::Rect::new(x_min, y_min, x_max, y_max))
            .italic_angle(slanted)
            .ascent(self.thousandths(self.summary.ascent))
            .descent(self.thousandths(self.summary.descent))
            .cap_height(self.thousandths(self.summary.cap_height))
            .stem_v(if self.summary.bold { 140.0 } else { 80.0 });
        if cff {
            descriptor.font_file3(file);
        } else {
            descriptor.font_file2(file);
        }
    }

    /// Font units as thousandths of the font size (ISO 32000-1 §9.2.4).
    fn thousandths(&self, units: i32) -> f32 {
        thousandth(i64::from(units) * 1_000_000 / i64::from(self.summary.units_per_em))
    }

    /// `ABCDEF+Name` (ISO 32000-1 §9.6.4). The tag comes from the glyphs, so equal subsets have equal names.
    fn subset_name(&self) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for glyph in self.glyphs.remapped_gids() {
            hash = (hash ^ u64::from(glyph)).wrapping_mul(0x0100_0000_01b3);
        }
        let letters =
            (0..6_u32).map(|i| char::from(b'A' + u8::try_from((hash >> (i * 10)) % 26).unwrap_or(0)));
        let plain: String = self.stem.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
        let tag: String = letters.collect();
        format!("{tag}+{plain}")
    }
}

/// A glyph that draws nothing, best one of no width. Characters that are invisible in text are no good guess: many
/// fonts draw their joiners as thin lines, for editors to show.
fn blank_glyph(shaper: &ShaperFont<'_, '_>) -> Option<u16> {
    let draws_nothing = |glyph: &GlyphId| {
        shaper.glyph_extents(*glyph).is_some_and(|extents| extents.width == 0 && extents.height == 0)
    };
    let candidates = [0x200b, 0x2060, 0xfeff, 0x200c, 0x200d, 0x20].into_iter();
    let mut blanks: Vec<GlyphId> =
        candidates.filter_map(|code| shaper.nominal_glyph(code)).filter(draws_nothing).collect();
    blanks.sort_by_key(|glyph| shaper.glyph_h_advance(*glyph));
    blanks.first().and_then(|glyph| u16::try_from(glyph.to_u32()).ok())
}

/// The words of a run, each with its glyphs in the order of drawing and its text, white space apart.
fn words<'a>(run: &'a Run, paragraph: &str) -> Vec<(&'a [Glyph], String)> {
    let is_space = |glyph: &Glyph| {
        paragraph.get(glyph.cluster..).and_then(|rest| rest.chars().next()).is_some_and(char::is_whitespace)
    };
    let text_of = |glyphs: &[Glyph]| {
        let start = glyphs.iter().map(|glyph| glyph.cluster).min().unwrap_or(0);
        let last = glyphs.iter().map(|glyph| glyph.cluster).max().unwrap_or(0);
        let end = run.glyphs.iter().map(|glyph| glyph.cluster).filter(|c| *c > last).min();
        plain(paragraph.get(start..end.unwrap_or(run.range.end)).unwrap_or_default())
    };
    let chunks = run.glyphs.chunk_by(move |a, b| is_space(a) == is_space(b));
    chunks.map(|glyphs| (glyphs, text_of(glyphs))).collect()
}

/// A text without what only directs.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !is_direction_control(*c)).collect()
}

/// The text that a cluster of glyphs stands for.
fn cluster_text(run: &Run, paragraph: &str, cluster: &[Glyph]) -> String {
    let start = cluster.first().map_or(run.range.start, |glyph| glyph.cluster);
    let later = run.glyphs.iter().map(|glyph| glyph.cluster).filter(|c| *c > start).min();
    plain(paragraph.get(start..later.unwrap_or(run.range.end)).unwrap_or_default())
}

/// Where the pen is, in font units, and where the file format believes it to be.
struct Pencil {
    pen: i64,
    shown: i64,
    rise: i32,
    units: i64,
    size: Length,
}

impl Pencil {
    /// Shows glyphs, each with its code and the advance that the file format gives it.
    fn show(&mut self, content: &mut Content, glyphs: &[(Glyph, u16, i32)]) {
        for stretch in glyphs.chunk_by(|a, b| a.0.dy == b.0.dy) {
            self.show_level(content, stretch);
        }
    }

    /// Shows glyphs that stand equally high.
    fn show_level(&mut self, content: &mut Content, stretch: &[(Glyph, u16, i32)]) {
        let rise = stretch.first().map_or(0, |(glyph, ..)| glyph.dy);
        if rise != self.rise {
            self.rise = rise;
            content.set_rise(self.size.scaled(i64::from(rise), self.units).pt());
        }
        let mut show = content.show_positioned();
        let mut items = show.items();
        let mut codes = Vec::new();
        for (glyph, code, advance) in stretch {
            let shift = self.pen + i64::from(glyph.dx) - self.shown;
            if shift != 0 {
                if !codes.is_empty() {
                    items.show(Str(&std::mem::take(&mut codes)));
                }
                items.adjust(thousandth(-shift * 1_000_000 / self.units));
            }
            codes.extend(code.to_be_bytes());
            self.pen += i64::from(glyph.advance);
            self.shown += shift + i64::from(*advance);
        }
        if !codes.is_empty() {
            items.show(Str(&codes));
        }
        items.finish();
        show.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fonts;

    #[test]
    fn the_carrier_of_a_ligatures_second_letter_draws_nothing() {
        for letter in ['ل', 'ש', 'a'] {
            for bold in [false, true] {
                let face = fonts().best(letter, bold).unwrap();
                let fonts = fonts();
                let font = FontUse::new(fonts.face(face).unwrap()).unwrap();
                let blank = font.blank.unwrap_or_else(|| panic!("{} has no blank glyph", font.stem));
                let extents = ShaperFont::new(&font.font).glyph_extents(GlyphId::from(blank)).unwrap();
                assert_eq!((extents.width, extents.height), (0, 0), "{}", font.stem);
            }
        }
    }

    #[test]
    fn a_ligature_right_to_left_gives_each_letter_a_code() {
        let fonts = fonts();
        let run = crate::shape::shape_stretch(&fonts, "لا", 0..4, true, false, None).unwrap().remove(0);
        let mut font = FontUse::new(fonts.face(run.face).unwrap()).unwrap();
        font.draw(&mut Content::new(), &run, "لا", (Length::ZERO, Length::ZERO), Length::points(10)).unwrap();
        let texts: Vec<&str> = font.codes.iter().skip(1).map(|code| code.text.as_str()).collect();
        assert_eq!(texts, ["ا", "ل"], "in the order of drawing");
    }
}
