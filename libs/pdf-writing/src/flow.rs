//! Text that flows down pages: headings, paragraphs, lists of labels and values, tables, and a footer.

use crate::document::{Align, Block, Colour, Document, Role, TextStyle};
use crate::fault::PdfFault;
use crate::fonts::Fonts;
use crate::length::{Length, Rect, Size};
use crate::paragraph::Direction;

/// The free edges of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Margins {
    /// Above the text.
    pub top: Length,
    /// Below the text, with room for the footer.
    pub bottom: Length,
    /// Left and right of it.
    pub side: Length,
}

impl Default for Margins {
    fn default() -> Self {
        Self { top: Length::mm(20), bottom: Length::mm(22), side: Length::mm(20) }
    }
}

/// The line that separates rows.
const HAIRLINE: Length = Length::millipoints(500);
const GRAY: Colour = Colour::rgb(150, 150, 150);

/// Pages that are numbered by themselves.
#[derive(Default)]
struct Part {
    first_page: usize,
    footer: Option<(String, TextStyle)>,
}

/// A document whose text flows down as many pages as it needs.
pub struct Flow {
    document: Document,
    size: Size,
    margins: Margins,
    y: Length,
    parts: Vec<Part>,
    frame: Option<(Length, Length, Colour)>,
    rtl: bool,
}

impl Flow {
    /// A document with its first page begun.
    ///
    /// # Errors
    /// None in practice; the page limit of [`Document::add_page`].
    pub fn new(
        fonts: &Fonts,
        (title, lang, direction): (&str, &str, Direction),
        size: Size,
        margins: Margins,
    ) -> Result<Self, PdfFault> {
        let mut document = Document::new(fonts, title, lang, direction);
        document.add_page(size)?;
        let rtl = direction == Direction::Rtl;
        Ok(Self { document, size, margins, y: margins.top, parts: vec![Part::default()], frame: None, rtl })
    }
    /// A line at the foot of every page of this part. `{page}` and `{pages}` become the numbers.
    pub fn footer(&mut self, text: &str, style: TextStyle) {
        if let Some(part) = self.parts.last_mut() {
            part.footer = Some((text.to_string(), style));
        }
    }
    /// Begins a new page, a new count of pages and a footer of its own: letters in one file, each numbered by itself.
    ///
    /// # Errors
    /// Beyond the page limit.
    pub fn new_part(&mut self) -> Result<(), PdfFault> {
        self.new_page()?;
        self.parts.push(Part { first_page: self.document.page_count() - 1, footer: None });
        Ok(())
    }
    /// A frame around every page from this one on, `inset` from its edges.
    ///
    /// # Errors
    /// None in practice.
    pub fn frame(&mut self, inset: Length, line_width: Length, colour: Colour) -> Result<(), PdfFault> {
        self.frame = Some((inset, line_width, colour));
        self.draw_frame()
    }
    fn draw_frame(&mut self) -> Result<(), PdfFault> {
        let Some((inset, line_width, colour)) = self.frame else { return Ok(()) };
        let Size { width, height } = self.size;
        let rect = Rect::new(inset, inset, width - inset - inset, height - inset - inset);
        self.document.frame(rect, line_width, colour)
    }
    /// Width of the text.
    #[must_use]
    pub fn width(&self) -> Length {
        self.size.width - self.margins.side - self.margins.side
    }
    /// Where the next line goes, from the top of the page.
    #[must_use]
    pub const fn y(&self) -> Length {
        self.y
    }
    /// Left edge of the text.
    #[must_use]
    pub const fn left(&self) -> Length {
        self.margins.side
    }
    /// The document below, to draw on the current page.
    pub const fn document(&mut self) -> &mut Document {
        &mut self.document
    }
    fn bottom(&self) -> Length {
        self.size.height - self.margins.bottom
    }
    /// Leaves room.
    pub fn space(&mut self, height: Length) {
        self.y += height;
    }
    /// Continues on a new page.
    ///
    /// # Errors
    /// Beyond the page limit.
    pub fn new_page(&mut self) -> Result<(), PdfFault> {
        self.document.add_page(self.size)?;
        self.y = self.margins.top;
        self.draw_frame()
    }
    /// Begins a new page when less than this is left on the current one.
    ///
    /// # Errors
    /// Beyond the page limit.
    pub fn keep(&mut self, height: Length) -> Result<(), PdfFault> {
        if self.y + height > self.bottom() && self.y > self.margins.top {
            self.new_page()?;
        }
        Ok(())
    }
    /// A horizontal line across the text.
    ///
    /// # Errors
    /// Beyond the page limit.
    pub fn rule(&mut self, thickness: Length, colour: Colour) -> Result<(), PdfFault> {
        self.keep(thickness)?;
        let rect = Rect::new(self.left(), self.y, self.width(), thickness);
        self.document.fill(rect, colour)?;
        self.y += thickness;
        Ok(())
    }
    /// A paragraph or heading; a heading stays with two lines of what follows.
    ///
    /// # Errors
    /// When a font is missing or a limit is reached.
    pub fn text(&mut self, text: &str, style: &TextStyle, role: Role) -> Result<(), PdfFault> {
        let block = self.document.compose(text, self.width(), style)?;
        if matches!(role, Role::Heading1 | Role::Heading2) {
            self.keep(block.height() + style.size.scaled(4, 1))?;
        }
        let element = self.document.add_element(role, None, style.lang.clone())?;
        let x = self.left();
        let mut next = 0;
        while next < block.line_count() {
            let mut count = block.lines_fitting(next, self.bottom() - self.y);
            if count == 0 {
                if self.y > self.margins.top {
                    self.new_page()?;
                    continue;
                }
                // A line higher than the page: draw it where it is rather than turn pages for ever.
                count = 1;
            }
            let end = (next + count).min(block.line_count());
            self.y = self.document.place_lines(&block, next..end, x, self.y, element)?;
            next = end;
        }
        Ok(())
    }
    /// Labels and values, one row each with a hairline between; rows are not torn apart when they fit a page.
    ///
    /// # Errors
    /// When a font is missing or a limit is reached.
    pub fn pairs(
        &mut self,
        pairs: &[(String, String)],
        label: &TextStyle,
        value: &TextStyle,
    ) -> Result<(), PdfFault> {
        let widths = [Column { percent: 35, header: true }, Column { percent: 65, header: false }];
        self.document.begin(Role::Table)?;
        for (index, (name, content)) in pairs.iter().enumerate() {
            let cells = [(name.as_str(), label), (content.as_str(), value)];
            self.row(&cells, &widths, index > 0, Role::RowHeader)?;
        }
        self.document.end();
        Ok(())
    }
    /// A table; its header row is repeated on every page. Columns share the width in percent.
    ///
    /// # Errors
    /// When a font is missing or a limit is reached.
    pub fn table(
        &mut self,
        header: &[String],
        rows: &[Vec<String>],
        percents: &[u16],
        style: &TextStyle,
    ) -> Result<(), PdfFault> {
        let bold = style.clone().bold();
        let columns: Vec<Column> = percents.iter().map(|p| Column { percent: *p, header: true }).collect();
        let head: Vec<(&str, &TextStyle)> = header.iter().map(|h| (h.as_str(), &bold)).collect();
        let plain: Vec<Column> = percents.iter().map(|p| Column { percent: *p, header: false }).collect();
        self.document.begin(Role::Table)?;
        self.row(&head, &columns, false, Role::ColumnHeader)?;
        for cells in rows {
            let cells: Vec<(&str, &TextStyle)> = cells.iter().map(|c| (c.as_str(), style)).collect();
            let page = self.document.page_count();
            let height = self.row_height(&cells, &plain)?;
            self.keep(height)?;
            if self.document.page_count() > page {
                self.row(&head, &columns, false, Role::ColumnHeader)?;
            }
            self.row(&cells, &plain, true, Role::Cell)?;
        }
        self.document.end();
        Ok(())
    }

    fn blocks(&self, cells: &[(&str, &TextStyle)], columns: &[Column]) -> Result<Vec<Block>, PdfFault> {
        let compose = |((text, style), column): (&(&str, &TextStyle), &Column)| {
            let width = self.width().scaled(i64::from(column.percent), 100) - GAP;
            self.document.compose(text, width, style)
        };
        cells.iter().zip(columns).map(compose).collect()
    }

    fn row_height(&self, cells: &[(&str, &TextStyle)], columns: &[Column]) -> Result<Length, PdfFault> {
        Ok(row_height(&self.blocks(cells, columns)?))
    }

    fn row(
        &mut self,
        cells: &[(&str, &TextStyle)],
        columns: &[Column],
        ruled: bool,
        header: Role,
    ) -> Result<(), PdfFault> {
        let blocks = self.blocks(cells, columns)?;
        self.keep(row_height(&blocks))?;
        if ruled && self.y > self.margins.top {
            let rect = Rect::new(self.left(), self.y, self.width(), HAIRLINE);
            self.document.fill(rect, GRAY)?;
        }
        self.document.begin(Role::Row)?;
        let elements = columns
            .iter()
            .zip(&blocks)
            .map(|(column, _)| {
                let role = if column.header { header } else { Role::Cell };
                self.document.add_element(role, None, None)
            })
            .collect::<Result<Vec<_>, _>>()?;
        self.document.end();
        self.y += PADDING;
        let mut next = vec![0; blocks.len()];
        let baseline = lowest_baseline(&blocks);
        // A row higher than a page goes on over the next ones, cell beside cell.
        loop {
            let top = self.y;
            let mut lowest = top;
            let mut x = Length::ZERO;
            for (index, (block, column)) in blocks.iter().zip(columns).enumerate() {
                let width = self.width().scaled(i64::from(column.percent), 100);
                let left = if self.rtl { self.width() - x - width + GAP } else { x };
                x += width;
                let (Some(done), Some(element)) = (next.get_mut(index), elements.get(index)) else {
                    continue;
                };
                // The first lines of all cells stand on one baseline.
                let drop = if *done == 0 { baseline - block.first_baseline() } else { Length::ZERO };
                let top = top + drop;
                let mut count = block.lines_fitting(*done, self.bottom() - top);
                if count == 0 && top <= self.margins.top + PADDING + drop {
                    count = 1;
                }
                let end = (*done + count).min(block.line_count());
                if end > *done {
                    let at = self.margins.side + left;
                    lowest = lowest.max(self.document.place_lines(block, *done..end, at, top, *element)?);
                    *done = end;
                }
            }
            self.y = lowest;
            if next.iter().zip(&blocks).all(|(done, block)| *done >= block.line_count()) {
                break;
            }
            self.new_page()?;
        }
        self.y += PADDING;
        Ok(())
    }

    /// The finished file, with the footers.
    ///
    /// # Errors
    /// When a font is missing or cannot be embedded.
    pub fn finish(mut self) -> Result<Vec<u8>, PdfFault> {
        let y = self.size.height - self.margins.bottom + Length::mm(8);
        let (x, width) = (self.left(), self.width());
        let mut end = self.document.page_count();
        for part in self.parts.iter().rev() {
            if let Some((text, style)) = &part.footer {
                self.document.footers(part.first_page..end, (x, y, width), text, style)?;
            }
            end = part.first_page;
        }
        self.document.finish()
    }
}

fn lowest_baseline(blocks: &[Block]) -> Length {
    blocks.iter().map(Block::first_baseline).max().unwrap_or_default()
}

fn row_height(blocks: &[Block]) -> Length {
    let baseline = lowest_baseline(blocks);
    let height = |block: &Block| baseline - block.first_baseline() + block.height();
    blocks.iter().map(height).max().unwrap_or_default() + PADDING + PADDING
}

/// Between two columns.
const GAP: Length = Length::points(8);
/// Above and below the text of a row.
const PADDING: Length = Length::points(4);

#[derive(Clone, Copy)]
struct Column {
    percent: u16,
    header: bool,
}

/// The usual style of a footer.
impl TextStyle {
    /// Small gray text in the middle.
    #[must_use]
    pub fn footer() -> Self {
        Self::new(Length::points(8)).colour(Colour::rgb(90, 90, 90)).align(Align::Centre)
    }
}
