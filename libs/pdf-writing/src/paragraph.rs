//! From a text to lines: the bidirectional algorithm (UAX #9) and wrapping.
//!
//! Lines break after white space and hyphens, between Chinese characters and kana, after the Ethiopic
//! wordspace, and at a zero-width space. A word that is longer than the line is cut between grapheme clusters
//! (UAX #29): scripts that write no spaces (Thai, Lao, Khmer, Burmese) break there too, without a dictionary.

use crate::fault::PdfFault;
use crate::fonts::Fonts;
use crate::length::Length;
use crate::shape::{Run, shape_stretch};
use std::ops::Range;
use unicode_bidi::{Level, ParagraphBidiInfo};
use unicode_segmentation::UnicodeSegmentation;

/// The most bytes of one text block.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Which way a text runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Direction {
    /// As the document runs.
    #[default]
    Inherit,
    /// By the first letter that has a direction; left to right without one (UAX #9 rules P2 and P3). Right for
    /// names, numbers and addresses that may be in any script, like `dir="auto"` in HTML.
    Auto,
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// One line, ready to draw.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The paragraph that the runs' ranges point into.
    pub(crate) paragraph: usize,
    /// In visual order, left to right.
    pub(crate) runs: Vec<Run>,
    pub(crate) width: Length,
    pub(crate) ascent: Length,
    pub(crate) descent: Length,
    /// Whether the paragraph runs right to left.
    pub(crate) rtl: bool,
}

/// The lines of a text and its paragraphs.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) paragraphs: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// How to lay out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) size: Length,
    pub(crate) bold: bool,
    pub(crate) direction: Direction,
    pub(crate) lang: Option<&'a str>,
}

/// Control characters have no place on paper: line ends begin a new paragraph, the rest becomes a space.
fn paragraphs_of(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    lines.map(|line| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()).collect()
}

/// Breaks a text into lines no wider than `width`.
pub(crate) fn lay_out(
    fonts: &Fonts,
    text: &str,
    width: Length,
    setting: Setting<'_>,
) -> Result<Layout, PdfFault> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(PdfFault::TooLong { what: "a text block, in bytes,", limit: MAX_TEXT_BYTES });
    }
    let mut layout = Layout { paragraphs: paragraphs_of(text), lines: Vec::new() };
    for (index, paragraph) in layout.paragraphs.iter().enumerate() {
        let composer = Composer::new(fonts, paragraph, setting);
        for range in composer.break_lines(width)? {
            layout.lines.push(composer.line(index, range)?);
        }
    }
    Ok(layout)
}

struct Composer<'a> {
    fonts: &'a Fonts,
    text: &'a str,
    setting: Setting<'a>,
    bidi: ParagraphBidiInfo<'a>,
}

impl<'a> Composer<'a> {
    fn new(fonts: &'a Fonts, text: &'a str, setting: Setting<'a>) -> Self {
        let level = match setting.direction {
            Direction::Auto | Direction::Inherit => None,
            Direction::Ltr => Some(Level::ltr()),
            Direction::Rtl => Some(Level::rtl()),
        };
        Self { fonts, text, setting, bidi: ParagraphBidiInfo::new(text, level) }
    }

    /// The runs of a range in visual order.
    fn runs(&self, range: Range<usize>) -> Result<Vec<Run>, PdfFault> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let (levels, stretches) = self.bidi.visual_runs(range);
        let mut runs = Vec::new();
        for stretch in stretches {
            let rtl = levels.get(stretch.start).is_some_and(Level::is_rtl);
            let mut pieces =
                shape_stretch(self.fonts, self.text, stretch, rtl, self.setting.bold, self.setting.lang)?;
            if rtl {
                pieces.reverse();
            }
            runs.append(&mut pieces);
        }
        Ok(runs)
    }

    fn width(&self, range: Range<usize>) -> Result<Length, PdfFault> {
        Ok(self.runs(range)?.iter().map(|run| run.width(self.setting.size)).sum())
    }

    /// The end of a range without the white space there, which hangs over the edge.
    fn trimmed(&self, range: &Range<usize>) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        range.start..range.start + text.trim_end_matches(is_breaking_space).len()
    }

    fn break_lines(&self, width: Length) -> Result<Vec<Range<usize>>, PdfFault> {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut used = Length::ZERO;
        for segment in segments(self.text) {
            let solid = self.width(self.trimmed(&segment))?;
            if used + solid > width && segment.start > start {
                lines.push(start..segment.start);
                start = segment.start;
                used = Length::ZERO;
            }
            if solid > width {
                start = self.cut(&segment, width, &mut lines)?;
                used = self.width(start..segment.end)?;
            } else {
                used += self.width(segment)?;
            }
        }
        lines.push(start..self.text.len());
        Ok(lines.into_iter().map(|line| self.trimmed(&line)).collect())
    }

    /// Cuts a word that is wider than a line; returns where the last, incomplete line starts.
    fn cut(
        &self,
        word: &Range<usize>,
        width: Length,
        lines: &mut Vec<Range<usize>>,
    ) -> Result<usize, PdfFault> {
        let text = self.text.get(word.clone()).unwrap_or_default();
        let mut ends: Vec<usize> =
            text.grapheme_indices(true).map(|(at, g)| word.start + at + g.len()).collect();
        ends.dedup();
        let mut start = word.start;
        let mut first = 0;
        loop {
            let rest = ends.get(first..).unwrap_or_default();
            let end_of = |count: usize| rest.get(count - 1).copied().unwrap_or(word.end);
            let fits = |count: usize| Ok::<bool, PdfFault>(self.width(start..end_of(count))? <= width);
            // The most clusters that fit: doubling first, so that a long word costs no more than its lines, then
            // halving. At least one, so that this ends even where not a single letter fits.
            let (mut low, mut high) = (1, 1);
            while high < rest.len() && fits(high)? {
                (low, high) = (high, (high * 2).min(rest.len()));
            }
            while low < high {
                let middle = (low + high).div_ceil(2);
                if fits(middle)? {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            if low >= rest.len() {
                return Ok(start);
            }
            let end = end_of(low);
            lines.push(start..end);
            start = end;
            first += low;
        }
    }

    fn line(&self, paragraph: usize, range: Range<usize>) -> Result<Line, PdfFault> {
        let runs = self.runs(range)?;
        let size = self.setting.size;
        let width = runs.iter().map(|run| run.width(size)).sum();
        let mut ascent = size.scaled(8, 10);
        let mut descent = size.scaled(2, 10);
        for run in &runs {
            let face = self.fonts.face(run.face)?.summary();
            let unit = i64::from(face.units_per_em);
            ascent = ascent.max(size.scaled(i64::from(face.ascent), unit));
            descent = descent.max(size.scaled(-i64::from(face.descent), unit));
        }
        Ok(Line { paragraph, runs, width, ascent, descent, rtl: self.bidi.paragraph_level.is_rtl() })
    }
}

fn is_breaking_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}')
}

/// The stretches between two places where a line may break, white space at their ends.
fn segments(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, n)| *n);
        let before_space = next.is_some_and(is_breaking_space);
        let breaks = is_breaking_space(c)
            || matches!(c, '\u{200b}' | '\u{1361}'..='\u{1368}' | '\u{f0b}')
            || (matches!(c, '-' | '\u{2010}') && next.is_some_and(char::is_alphabetic))
            || (is_ideograph(c) && next.is_some_and(is_ideograph));
        if breaks && !before_space && next.is_some() {
            out.push(start..end);
            start = end;
        }
    }
    if start < text.len() {
        out.push(start..text.len());
    }
    out
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fonts;

    fn setting() -> Setting<'static> {
        Setting { size: Length::points(10), bold: false, direction: Direction::Auto, lang: None }
    }
    fn lines(text: &str, width: i32) -> Vec<String> {
        let layout = lay_out(&fonts(), text, Length::points(width), setting()).unwrap();
        let of = |line: &Line| {
            let start = line.runs.iter().map(|r| r.range.start).min().unwrap_or(0);
            let end = line.runs.iter().map(|r| r.range.end).max().unwrap_or(0);
            assert!(line.width <= Length::points(width) || end - start <= 4, "{text:?} is too wide");
            layout.paragraphs[line.paragraph][start..end].to_string()
        };
        layout.lines.iter().map(of).collect()
    }

    #[test]
    fn wraps_at_spaces_and_loses_nothing_but_them() {
        let text = "A record of every look at a person's data, for as long as the law says.";
        let out = lines(text, 120);
        assert!(out.len() > 2);
        assert_eq!(out.join(" "), text);
    }

    #[test]
    fn a_word_longer_than_the_line_is_cut_between_letters_with_their_marks() {
        let word = "e\u{301}".repeat(50);
        let out = lines(&word, 40);
        assert!(out.len() > 3);
        assert_eq!(out.concat(), word);
        assert!(out.iter().all(|line| line.starts_with('e')));
        // Even when not a single letter fits, it ends.
        assert_eq!(lines("abc", 1).concat(), "abc");
    }

    proptest::proptest! {
        #[test]
        fn any_text_of_known_scripts_is_laid_out_whole(
            text in "[a-zé ا-ي٠-٩ሀ-ሸक-ह्ािीא-ת0-9(){}./\\-\u{200d}\u{200f}\u{2066}\u{2069}\n]{0,60}",
            width in 1_i32..200,
        ) {
            let layout = lay_out(&fonts(), &text, Length::points(width), setting()).unwrap();
            // Every character that is not white space or a direction mark stands in exactly one line.
            for (index, paragraph) in layout.paragraphs.iter().enumerate() {
                let mut drawn = vec![0; paragraph.len()];
                for line in layout.lines.iter().filter(|line| line.paragraph == index) {
                    for run in &line.runs {
                        run.range.clone().for_each(|at| drawn[at] += 1);
                    }
                }
                for (at, c) in paragraph.char_indices() {
                    let blank = c.is_whitespace() || crate::shape::is_direction_control(c);
                    proptest::prop_assert!(drawn[at] == 1 || (blank && drawn[at] == 0), "{c:?} in {text:?}");
                }
            }
        }
    }

    #[test]
    fn a_word_of_the_greatest_length_is_cut_in_time_that_grows_with_it() {
        let layout = lay_out(&fonts(), &"x".repeat(MAX_TEXT_BYTES), Length::points(400), setting()).unwrap();
        assert!(layout.lines.len() > 500);
    }

    #[test]
    fn ideographs_break_anywhere_and_ethiopic_after_its_wordspace() {
        assert_eq!(segments("ሰላም፡ለአለም").len(), 2);
        assert_eq!(segments("漢字漢字").len(), 4);
        assert_eq!(segments("a\u{a0}b c").len(), 2);
        assert_eq!(segments("  ").len(), 1);
        assert_eq!(segments("").len(), 0);
    }

    #[test]
    fn numbers_inside_arabic_stay_left_to_right() {
        let layout = lay_out(&fonts(), "رقم 123 هنا", Length::points(300), setting()).unwrap();
        let line = &layout.lines[0];
        assert!(line.rtl);
        let number = line.runs.iter().find(|r| !r.rtl).unwrap();
        assert!(number.glyphs.windows(2).all(|w| w[0].cluster < w[1].cluster));
        assert!(
            line.runs
                .iter()
                .filter(|r| r.rtl)
                .all(|r| r.glyphs.windows(2).all(|w| w[0].cluster >= w[1].cluster))
        );
    }

    #[test]
    fn control_characters_and_line_ends_are_tamed() {
        assert_eq!(paragraphs_of("a\r\nb\u{0}c\u{2029}d\te"), ["a", "b c", "d e"]);
        let too_long = "x".repeat(MAX_TEXT_BYTES + 1);
        assert!(lay_out(&fonts(), &too_long, Length::points(100), setting()).is_err());
    }

    #[test]
    fn empty_text_is_one_empty_line() {
        let layout = lay_out(&fonts(), "", Length::points(100), setting()).unwrap();
        assert_eq!(layout.lines.len(), 1);
        assert_eq!(layout.lines[0].width, Length::ZERO);
    }
}
