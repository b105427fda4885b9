//! A document under construction: pages, and what is drawn on them, with its place in the structure tree.

use crate::embed::FontUse;
use crate::fault::PdfFault;
use crate::fonts::Fonts;
use crate::length::{Length, Rect, Size};
use crate::paragraph::{self, Direction, Layout, Line};
use crate::photo::Photo;
use crate::qr::Qr;
use pdf_writer::types::ArtifactType;
use pdf_writer::{Content, Name};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most pages of one document.
pub const MAX_PAGES: usize = 2_000;
/// The most parts (paragraphs, cells, rows) of one document.
pub const MAX_PARTS: usize = 200_000;

/// A colour of the sRGB space, 0 to 255 each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Colour {
    /// Black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self::rgb(255, 255, 255);

    /// A colour of these parts.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }
    /// The three parts as the file format wants them, 0 to 1.
    pub(crate) fn parts(self) -> [f32; 3] {
        [self.red, self.green, self.blue].map(|part| crate::length::thousandth(i64::from(part) * 1000 / 255))
    }
}

/// Which edge the lines of a text stand at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Align {
    /// Where lines begin: left, and right when the paragraph runs right to left.
    #[default]
    Start,
    /// In the middle.
    Centre,
    /// Where lines end.
    End,
    /// Left, whichever way the paragraph runs.
    Left,
    /// Right, whichever way the paragraph runs.
    Right,
}

/// How a text looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextStyle {
    /// Font size.
    pub size: Length,
    /// Bold, where the fonts have it.
    pub bold: bool,
    /// Colour.
    pub colour: Colour,
    /// Alignment.
    pub align: Align,
    /// Direction of the paragraphs.
    pub direction: Direction,
    /// Least height of a line in percent of the size; fonts that need more get it.
    pub line_percent: u16,
    /// Lines are exactly `line_percent` high, even where a font asks for more: for print on cards.
    pub tight: bool,
    /// Language (BCP 47) when it is not the document's.
    pub lang: Option<String>,
}

impl TextStyle {
    /// Regular black text of this size.
    #[must_use]
    pub fn new(size: Length) -> Self {
        Self {
            size,
            bold: false,
            colour: Colour::BLACK,
            align: Align::Start,
            direction: Direction::Inherit,
            line_percent: 130,
            tight: false,
            lang: None,
        }
    }
    /// The same in bold.
    #[must_use]
    pub fn bold(mut self) -> Self {
        self.bold = true;
        self
    }
    /// The same in another colour.
    #[must_use]
    pub fn colour(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }
    /// The same, aligned so.
    #[must_use]
    pub fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }
    /// The same, running so.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }
}

/// What a part of the document is, for screen readers and for text extraction (ISO 32000-1 §14.8.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A part that groups others.
    Section,
    /// A heading of level 1.
    Heading1,
    /// A heading of level 2.
    Heading2,
    /// A paragraph.
    Paragraph,
    /// A table.
    Table,
    /// A row of a table.
    Row,
    /// A cell that names its column.
    ColumnHeader,
    /// A cell that names its row.
    RowHeader,
    /// A cell.
    Cell,
    /// A picture with a description.
    Figure,
}

/// A text that has been broken into lines.
#[derive(Clone, Debug)]
pub struct Block {
    layout: Layout,
    style: TextStyle,
    width: Length,
}

impl Block {
    /// Height of all lines together.
    #[must_use]
    pub fn height(&self) -> Length {
        self.layout.lines.iter().map(|line| self.line_height(line)).sum()
    }
    /// Width of the widest line.
    #[must_use]
    pub fn widest_line(&self) -> Length {
        self.layout.lines.iter().map(|line| line.width).max().unwrap_or_default()
    }
    /// From the block's top to the baseline of its first line: blocks side by side are set on one baseline with it.
    #[must_use]
    pub fn first_baseline(&self) -> Length {
        self.layout.lines.first().map_or(Length::ZERO, |line| self.baseline(line))
    }
    /// From a line's top to its baseline: what is written stands in the middle of the line's height.
    fn baseline(&self, line: &Line) -> Length {
        (self.line_height(line) - line.ascent - line.descent).scaled(1, 2) + line.ascent
    }
    /// Number of lines.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.layout.lines.len()
    }
    /// How many lines from `first` on fit into a height.
    pub(crate) fn lines_fitting(&self, first: usize, height: Length) -> usize {
        let mut used = Length::ZERO;
        let fits = |line: &&Line| {
            used += self.line_height(line);
            used <= height
        };
        self.layout.lines.iter().skip(first).take_while(fits).count()
    }
    fn line_height(&self, line: &Line) -> Length {
        let wanted = self.style.size.scaled(i64::from(self.style.line_percent), 100);
        if self.style.tight { wanted } else { wanted.max(line.ascent + line.descent) }
    }
}

/// A child of a structure element.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kid {
    /// Marked content: page and number on the page.
    Content { page: usize, mark: i32 },
    /// Another element.
    Element(usize),
}

/// An element of the structure tree.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) role: Role,
    pub(crate) parent: Option<usize>,
    pub(crate) kids: Vec<Kid>,
    pub(crate) alt: Option<String>,
    pub(crate) lang: Option<String>,
}

/// A page under construction.
pub(crate) struct Page {
    pub(crate) size: Size,
    pub(crate) content: Content,
    /// The structure element of each marked content, by its number.
    pub(crate) marks: Vec<usize>,
    pub(crate) fonts: BTreeSet<usize>,
    pub(crate) photos: BTreeSet<usize>,
}

/// A document under construction. The same calls give the same bytes: no clock, no random number.
pub struct Document {
    pub(crate) fonts: Fonts,
    pub(crate) title: String,
    pub(crate) lang: String,
    pub(crate) direction: Direction,
    pub(crate) pages: Vec<Page>,
    pub(crate) used: BTreeMap<usize, FontUse>,
    pub(crate) photos: Vec<Photo>,
    pub(crate) elements: Vec<Element>,
    open: Vec<usize>,
}

impl Document {
    /// An empty document with a title and a language (BCP 47), which readers show and screen readers speak.
    #[must_use]
    pub fn new(fonts: &Fonts, title: &str, lang: &str, direction: Direction) -> Self {
        Self {
            fonts: fonts.clone(),
            title: title.to_string(),
            lang: lang.to_string(),
            direction,
            pages: Vec::new(),
            used: BTreeMap::new(),
            photos: Vec::new(),
            elements: Vec::new(),
            open: Vec::new(),
        }
    }
    /// Begins a page; what is drawn from now on stands on it.
    ///
    /// # Errors
    /// Beyond [`MAX_PAGES`].
    pub fn add_page(&mut self, size: Size) -> Result<(), PdfFault> {
        if self.pages.len() >= MAX_PAGES {
            return Err(PdfFault::TooLong { what: "the document, in pages,", limit: MAX_PAGES });
        }
        self.pages.push(Page {
            size,
            content: Content::new(),
            marks: Vec::new(),
            fonts: BTreeSet::new(),
            photos: BTreeSet::new(),
        });
        Ok(())
    }
    /// Number of pages begun.
    #[must_use]
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }
    /// Opens a part that groups what follows until [`Document::end`].
    ///
    /// # Errors
    /// Beyond [`MAX_PARTS`].
    pub fn begin(&mut self, role: Role) -> Result<(), PdfFault> {
        let element = self.add_element(role, None, None)?;
        self.open.push(element);
        Ok(())
    }
    /// Closes the part opened last.
    pub fn end(&mut self) {
        self.open.pop();
    }
    /// Breaks a text into lines no wider than `width`.
    ///
    /// # Errors
    /// When no font has a character, or the text is too long.
    pub fn compose(&self, text: &str, width: Length, style: &TextStyle) -> Result<Block, PdfFault> {
        let direction = if style.direction == Direction::Inherit { self.direction } else { style.direction };
        let lang = style.lang.as_deref().unwrap_or(&self.lang);
        let setting = paragraph::Setting { size: style.size, bold: style.bold, direction, lang: Some(lang) };
        let layout = paragraph::lay_out(&self.fonts, text, width, setting)?;
        Ok(Block { layout, style: style.clone(), width })
    }
    /// Draws a block with its top left corner at `x`, `y`; returns the `y` below it.
    ///
    /// # Errors
    /// When there is no page, or a font has become unreadable.
    pub fn place(&mut self, block: &Block, x: Length, y: Length, role: Role) -> Result<Length, PdfFault> {
        let element = self.add_element(role, None, block.style.lang.clone())?;
        self.place_lines(block, 0..block.line_count(), x, y, element)
    }
    /// Breaks a text into lines and draws it in one go; returns the `y` below it.
    ///
    /// # Errors
    /// As [`Document::compose`] and [`Document::place`].
    pub fn text(
        &mut self,
        text: &str,
        (x, y, width): (Length, Length, Length),
        style: &TextStyle,
        role: Role,
    ) -> Result<Length, PdfFault> {
        let block = self.compose(text, width, style)?;
        self.place(&block, x, y, role)
    }
    /// Draws some lines of a block as (a part of) a structure element.
    pub(crate) fn place_lines(
        &mut self,
        block: &Block,
        lines: Range<usize>,
        x: Length,
        y: Length,
        element: usize,
    ) -> Result<Length, PdfFault> {
        let role = self.elements.get(element).map_or(Role::Paragraph, |e| e.role);
        self.mark(element, role)?;
        let page = self.pages.len().saturating_sub(1);
        let below = self.draw_lines(page, block, lines, (x, y))?;
        self.end_mark(page)?;
        Ok(below)
    }
    /// Writes `text` on every page as its footer, with `{page}` and `{pages}` filled in: pagination, which
    /// screen readers pass over.
    pub(crate) fn footers(
        &mut self,
        range: Range<usize>,
        (x, y, width): (Length, Length, Length),
        text: &str,
        style: &TextStyle,
    ) -> Result<(), PdfFault> {
        let (first, pages) = (range.start, range.len().to_string());
        for page in range {
            let text = text.replace("{pages}", &pages).replace("{page}", &(page - first + 1).to_string());
            let block = self.compose(&text, width, style)?;
            if let Some(page) = self.pages.get_mut(page) {
                begin_artifact(&mut page.content, ArtifactType::Pagination);
            }
            self.draw_lines(page, &block, 0..block.line_count(), (x, y))?;
            self.end_mark(page)?;
        }
        Ok(())
    }
    fn end_mark(&mut self, page: usize) -> Result<(), PdfFault> {
        self.pages.get_mut(page).ok_or(PdfFault::NoPage)?.content.end_marked_content();
        Ok(())
    }
    fn draw_lines(
        &mut self,
        page: usize,
        block: &Block,
        lines: Range<usize>,
        (x, y): (Length, Length),
    ) -> Result<Length, PdfFault> {
        let (page, used) = (self.pages.get_mut(page).ok_or(PdfFault::NoPage)?, &mut self.used);
        let [r, g, b] = block.style.colour.parts();
        page.content.set_fill_rgb(r, g, b);
        let mut top = y;
        for line in block.layout.lines.iter().take(lines.end).skip(lines.start) {
            let height = block.line_height(line);
            let baseline = top + block.baseline(line);
            let mut pen = x + offset(&block.style, line, block.width);
            let paragraph = block.layout.paragraphs.get(line.paragraph).map_or("", String::as_str);
            for run in &line.runs {
                page.fonts.insert(run.face);
                let font = match used.entry(run.face) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => entry.insert(FontUse::new(self.fonts.face(run.face)?)?),
                };
                let at = (pen, page.size.height - baseline);
                font.draw(&mut page.content, run, paragraph, at, block.style.size)?;
                pen += run.width(block.style.size);
            }
            top += height;
        }
        Ok(top)
    }
    /// Fills a rectangle: decoration, which screen readers pass over.
    ///
    /// # Errors
    /// When there is no page.
    pub fn fill(&mut self, rect: Rect, colour: Colour) -> Result<(), PdfFault> {
        let page = self.pages.last_mut().ok_or(PdfFault::NoPage)?;
        begin_artifact(&mut page.content, ArtifactType::Layout);
        let [r, g, b] = colour.parts();
        page.content.set_fill_rgb(r, g, b);
        let bottom = page.size.height - rect.y - rect.height;
        page.content.rect(rect.x.pt(), bottom.pt(), rect.width.pt(), rect.height.pt());
        page.content.fill_nonzero();
        page.content.end_marked_content();
        Ok(())
    }
    /// Draws the outline of a rectangle: decoration.
    ///
    /// # Errors
    /// When there is no page.
    pub fn frame(&mut self, rect: Rect, line_width: Length, colour: Colour) -> Result<(), PdfFault> {
        let page = self.pages.last_mut().ok_or(PdfFault::NoPage)?;
        begin_artifact(&mut page.content, ArtifactType::Layout);
        let [r, g, b] = colour.parts();
        page.content.set_stroke_rgb(r, g, b);
        page.content.set_line_width(line_width.pt());
        let bottom = page.size.height - rect.y - rect.height;
        page.content.rect(rect.x.pt(), bottom.pt(), rect.width.pt(), rect.height.pt());
        page.content.stroke();
        page.content.end_marked_content();
        Ok(())
    }
    /// Draws a photo into a rectangle, as large as it fits, in the middle, with a description for those who
    /// do not see it.
    ///
    /// # Errors
    /// When there is no page.
    pub fn photo(&mut self, rect: Rect, photo: &Photo, description: &str) -> Result<(), PdfFault> {
        let index = self.photos.iter().position(|p| p == photo).unwrap_or(self.photos.len());
        if index == self.photos.len() {
            self.photos.push(photo.clone());
        }
        let element = self.add_element(Role::Figure, Some(description.to_string()), None)?;
        self.mark(element, Role::Figure)?;
        let page = self.pages.last_mut().ok_or(PdfFault::NoPage)?;
        page.photos.insert(index);
        let (w, h) = (i64::from(photo.width), i64::from(photo.height));
        let by_width = rect.width.scaled(h, w);
        let (width, height) = if by_width <= rect.height {
            (rect.width, by_width)
        } else {
            (rect.height.scaled(w, h), rect.height)
        };
        let left = rect.x + (rect.width - width).scaled(1, 2);
        let bottom = page.size.height - rect.y - (rect.height + height).scaled(1, 2);
        page.content.save_state();
        page.content.transform([width.pt(), 0.0, 0.0, height.pt(), left.pt(), bottom.pt()]);
        page.content.x_object(Name(photo_name(index).as_bytes()));
        page.content.restore_state();
        page.content.end_marked_content();
        Ok(())
    }
    /// Draws a QR code as black squares with its quiet zone of four modules inside the square of this side.
    ///
    /// # Errors
    /// When there is no page.
    pub fn qr(
        &mut self,
        x: Length,
        y: Length,
        side: Length,
        qr: &Qr,
        description: &str,
    ) -> Result<(), PdfFault> {
        self.fill(Rect::new(x, y, side, side), Colour::WHITE)?;
        let element = self.add_element(Role::Figure, Some(description.to_string()), None)?;
        self.mark(element, Role::Figure)?;
        let page = self.pages.last_mut().ok_or(PdfFault::NoPage)?;
        page.content.set_fill_rgb(0.0, 0.0, 0.0);
        let modules = i64::from(qr.side()) + 8;
        let edge = |n: i64| side.scaled(n, modules);
        for bar in qr.bars() {
            let (row, first, last) =
                (i64::from(bar.row) + 4, i64::from(bar.first) + 4, i64::from(bar.end) + 4);
            let (left, right) = (x + edge(first), x + edge(last));
            let (top, bottom) = (y + edge(row), y + edge(row + 1));
            let base = page.size.height - bottom;
            page.content.rect(left.pt(), base.pt(), (right - left).pt(), (bottom - top).pt());
        }
        page.content.fill_nonzero();
        page.content.end_marked_content();
        Ok(())
    }
    /// The finished file.
    ///
    /// # Errors
    /// When a font cannot be embedded.
    pub fn finish(self) -> Result<Vec<u8>, PdfFault> {
        crate::file::write(self)
    }

    /// A new element below the part that is open.
    pub(crate) fn add_element(
        &mut self,
        role: Role,
        alt: Option<String>,
        lang: Option<String>,
    ) -> Result<usize, PdfFault> {
        if self.elements.len() >= MAX_PARTS {
            return Err(PdfFault::TooLong { what: "the document, in parts,", limit: MAX_PARTS });
        }
        let index = self.elements.len();
        let parent = self.open.last().copied();
        self.elements.push(Element { role, parent, kids: Vec::new(), alt, lang });
        if let Some(parent) = parent.and_then(|p| self.elements.get_mut(p)) {
            parent.kids.push(Kid::Element(index));
        }
        Ok(index)
    }

    /// Begins marked content that belongs to an element.
    fn mark(&mut self, element: usize, role: Role) -> Result<(), PdfFault> {
        let number = self.pages.len().checked_sub(1).ok_or(PdfFault::NoPage)?;
        let page = self.pages.last_mut().ok_or(PdfFault::NoPage)?;
        let mark =
            i32::try_from(page.marks.len()).map_err(|_| PdfFault::Internal("too many marks on a page"))?;
        page.marks.push(element);
        page.content
            .begin_marked_content_with_properties(Name(crate::file::tag(role).as_bytes()))
            .properties()
            .identify(mark);
        if let Some(element) = self.elements.get_mut(element) {
            element.kids.push(Kid::Content { page: number, mark });
        }
        Ok(())
    }
}

/// Where a line begins within the width of its block.
fn offset(style: &TextStyle, line: &Line, width: Length) -> Length {
    let spare = width - line.width;
    match (style.align, line.rtl) {
        (Align::Left, _) | (Align::Start, false) | (Align::End, true) => Length::ZERO,
        (Align::Centre, _) => spare.scaled(1, 2),
        (Align::Right, _) | (Align::Start, true) | (Align::End, false) => spare,
    }
}

fn begin_artifact(content: &mut Content, kind: ArtifactType) {
    content.begin_marked_content_with_properties(Name(b"Artifact")).properties().artifact().kind(kind);
}

/// The name of a photo in the pages' resources.
pub(crate) fn photo_name(index: usize) -> String {
    format!("P{index}")
}
