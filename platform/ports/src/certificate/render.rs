//! How a certificate looks on paper: the card of two sides, and the sheet.

use super::{Certificate, CertificateFault, Line, Signed, dates};
use daftar_kernel::lang::Direction as LangDirection;
use pdf_writing::{
    Align, Block, Colour, Direction, Document, Flow, Fonts, Length, Margins, Qr, Rect, Role, Size, TextStyle,
};

const GRAY: Colour = Colour::rgb(85, 85, 85);
const HAIR: Length = Length::millipoints(500);

/// The paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// A card of the size ID-1 (85.60 x 53.98 mm), front and back as two pages.
    Card,
    /// A sheet of A4.
    A4,
    /// A sheet of US letter.
    Letter,
}

/// The PDF of a certificate with its signed code. The same input gives the same bytes.
///
/// # Errors
/// When a font is missing (the fault names the package), or a card's lines do not fit.
pub fn render(
    certificate: &Certificate,
    signed: &Signed,
    layout: Layout,
    fonts: &Fonts,
) -> Result<Vec<u8>, CertificateFault> {
    let qr = Qr::new(&signed.text)?;
    match layout {
        Layout::Card => Card::new(certificate, fonts).render(&qr),
        Layout::A4 => sheet(certificate, &qr, Size::A4, fonts),
        Layout::Letter => sheet(certificate, &qr, Size::LETTER, fonts),
    }
}

fn direction(certificate: &Certificate) -> Direction {
    match certificate.lang.direction() {
        LangDirection::Ltr => Direction::Ltr,
        LangDirection::Rtl => Direction::Rtl,
    }
}

/// A value may be a number or a name in another script: it runs its own way, but stands where the page begins.
fn value_style(style: TextStyle, certificate: &Certificate) -> TextStyle {
    let edge = if direction(certificate) == Direction::Rtl { Align::Right } else { Align::Left };
    style.direction(Direction::Auto).align(edge)
}

/// The dates and the number, below the content.
fn footing(certificate: &Certificate) -> Vec<(String, String)> {
    let words = &certificate.words;
    let issued = certificate.issued.to_local_date(&certificate.zone);
    let issued = issued.parse().map_or(issued, |date| dates::in_words(date, &certificate.lang));
    let mut out = vec![(words.number.clone(), certificate.serial.clone()), (words.issued.clone(), issued)];
    if let Some(date) = certificate.valid_until {
        out.push((words.valid_until.clone(), dates::in_words(date, &certificate.lang)));
    }
    out
}

const MARGIN: Length = Length::mm(4);
const BAND: Length = Length::mm(11);
/// Sizes of the values that are tried until all lines fit, in thousandths of a point.
const CARD_SIZES: [i32; 5] = [8_500, 7_800, 7_100, 6_400, 5_800];

struct Card<'a> {
    certificate: &'a Certificate,
    document: Document,
}

impl<'a> Card<'a> {
    fn new(certificate: &'a Certificate, fonts: &Fonts) -> Self {
        let (title, lang) = (&certificate.title, certificate.lang.tag());
        Self { certificate, document: Document::new(fonts, title, lang, direction(certificate)) }
    }

    fn render(mut self, qr: &Qr) -> Result<Vec<u8>, CertificateFault> {
        self.front()?;
        self.back(qr)?;
        Ok(self.document.finish()?)
    }

    /// A rectangle given as for a page that runs left to right.
    fn at(&self, rect: Rect) -> Rect {
        match direction(self.certificate) {
            Direction::Rtl => rect.mirrored(Size::ID_1.width),
            _ => rect,
        }
    }

    fn style(size: i32) -> TextStyle {
        let mut style = TextStyle::new(Length::millipoints(size));
        style.line_percent = 122;
        style.tight = true;
        style
    }

    fn front(&mut self) -> Result<(), CertificateFault> {
        let card = self.certificate;
        let Size { width, height } = Size::ID_1;
        self.document.add_page(Size::ID_1)?;
        self.document.fill(Rect::new(Length::ZERO, Length::ZERO, width, BAND), card.accent)?;
        let across = width - MARGIN - MARGIN;
        let issuer = Self::style(6_000).colour(Colour::WHITE);
        let title = Self::style(10_500).bold().colour(Colour::WHITE);
        let issuer = self.document.compose(&card.issuer, across, &issuer)?;
        let title = self.document.compose(&card.title, across, &title)?;
        let gap = Length::points(1);
        let top = (BAND - issuer.height() - title.height() - gap).scaled(1, 2);
        let y = self.document.place(&issuer, MARGIN, top, Role::Paragraph)? + gap;
        self.document.place(&title, MARGIN, y, Role::Heading1)?;
        let foot = self.foot(across)?;
        let top = BAND + Length::mm(3);
        let mut area = Rect::new(MARGIN, top, across, height - top - foot - Length::mm(4));
        if let Some(photo) = &card.photo {
            let frame = Rect::new(MARGIN, top, Length::mm(21), area.height.min(Length::mm(28)));
            let frame = self.at(frame);
            self.document.photo(frame, photo, &card.words.photo_description)?;
            area.x += Length::mm(24);
            area.width -= Length::mm(24);
        }
        let area = self.at(area);
        self.lines(area)
    }

    /// Number and dates along the lower edge; returns the height they take.
    fn foot(&mut self, across: Length) -> Result<Length, CertificateFault> {
        let items = footing(self.certificate);
        let count = i64::try_from(items.len()).unwrap_or(1);
        let column = across.scaled(1, count);
        let mut blocks = Vec::new();
        for (label, value) in &items {
            let width = column - Length::points(4);
            let label = self.document.compose(label, width, &Self::style(5_000).colour(GRAY))?;
            blocks.push((
                label,
                self.document.compose(
                    value,
                    width,
                    &value_style(Self::style(7_000).bold(), self.certificate),
                )?,
            ));
        }
        let height = blocks.iter().map(|(l, v)| l.height() + v.height()).max().unwrap_or_default();
        let baseline = blocks.iter().map(|(l, v)| l.height() + v.first_baseline()).max().unwrap_or_default();
        let top = Size::ID_1.height - Length::mm(3) - height;
        let line = Rect::new(MARGIN, top - Length::mm(1), across, HAIR);
        self.document.fill(line, self.certificate.accent)?;
        let mut x = MARGIN;
        for (label, value) in blocks {
            let cell = self.at(Rect::new(x, top, column - Length::points(4), height));
            self.document.place(&label, cell.x, top, Role::Paragraph)?;
            self.document.place(&value, cell.x, top + baseline - value.first_baseline(), Role::Paragraph)?;
            x += column;
        }
        Ok(height + Length::mm(4))
    }

    /// Labels above values, in the largest print that fits.
    fn lines(&mut self, area: Rect) -> Result<(), CertificateFault> {
        let lines = &self.certificate.lines;
        let gap = Length::millipoints(1_500);
        for size in CARD_SIZES {
            let mut blocks: Vec<(Block, Block)> = Vec::new();
            for Line { label, value, .. } in lines {
                let label_style = Self::style((size * 7 / 10).max(4_800)).colour(GRAY);
                let label = self.document.compose(label, area.width, &label_style)?;
                let value_style = value_style(Self::style(size).bold(), self.certificate);
                blocks.push((label, self.document.compose(value, area.width, &value_style)?));
            }
            let height: Length = blocks.iter().map(|(l, v)| l.height() + v.height() + gap).sum();
            if height - gap > area.height {
                continue;
            }
            let mut y = area.y;
            for (label, value) in blocks {
                y = self.document.place(&label, area.x, y, Role::Paragraph)?;
                y = self.document.place(&value, area.x, y, Role::Paragraph)? + gap;
            }
            return Ok(());
        }
        Err(CertificateFault::DoesNotFit { lines: lines.len() })
    }

    fn back(&mut self, qr: &Qr) -> Result<(), CertificateFault> {
        let card = self.certificate;
        let Size { width, height } = Size::ID_1;
        self.document.add_page(Size::ID_1)?;
        let side = Length::mm(46);
        let code = self.at(Rect::new(Length::mm(2), (height - side).scaled(1, 2), side, side));
        self.document.qr(code.x, code.y, side, qr, &card.words.code_description)?;
        let x = Length::mm(50);
        let text = self.at(Rect::new(x, Length::mm(5), width - x - MARGIN, height));
        let mut y = text.y;
        let parts = [
            (card.title.as_str(), Self::style(8_000).bold()),
            (card.issuer.as_str(), Self::style(6_500).colour(GRAY)),
            (card.words.how_to_check.as_str(), Self::style(6_000)),
        ];
        for (words, style) in parts {
            let at = (text.x, y, text.width);
            y = self.document.text(words, at, &style, Role::Paragraph)? + Length::mm(2);
        }
        let at = (text.x, height - Length::mm(8), text.width);
        let style = value_style(Self::style(7_500).bold(), card);
        self.document.text(&card.serial, at, &style, Role::Paragraph)?;
        Ok(())
    }
}

fn sheet(certificate: &Certificate, qr: &Qr, size: Size, fonts: &Fonts) -> Result<Vec<u8>, CertificateFault> {
    let way = direction(certificate);
    let margins = Margins { top: Length::mm(24), bottom: Length::mm(24), side: Length::mm(24) };
    let about = (certificate.title.as_str(), certificate.lang.tag(), way);
    let mut flow = Flow::new(fonts, about, size, margins)?;
    let style = |size: i32| TextStyle::new(Length::points(size));
    flow.frame(Length::mm(10), Length::millipoints(1_500), certificate.accent)?;
    let issuer = style(12).colour(GRAY).align(Align::Centre);
    flow.text(&certificate.issuer, &issuer, Role::Paragraph)?;
    flow.space(Length::mm(4));
    let title = style(24).bold().align(Align::Centre).colour(certificate.accent);
    flow.text(&certificate.title, &title, Role::Heading1)?;
    flow.space(Length::mm(8));
    if let Some(photo) = &certificate.photo {
        let (width, height) = (Length::mm(35), Length::mm(45));
        let place = Rect::new((size.width - width).scaled(1, 2), flow.y(), width, height);
        flow.document().photo(place, photo, &certificate.words.photo_description)?;
        flow.space(height + Length::mm(8));
    }
    let mut pairs: Vec<(String, String)> =
        certificate.lines.iter().map(|line| (line.label.clone(), line.value.clone())).collect();
    pairs.extend(footing(certificate));
    flow.pairs(&pairs, &style(10).colour(GRAY), &value_style(style(12), certificate))?;
    flow.space(Length::mm(8));
    code_and_words(&mut flow, certificate, qr, size, way)?;
    Ok(flow.finish()?)
}

/// The code with how to check it beside, at the lower edge of the sheet.
fn code_and_words(
    flow: &mut Flow,
    certificate: &Certificate,
    qr: &Qr,
    size: Size,
    way: Direction,
) -> Result<(), CertificateFault> {
    let side = Length::mm(48);
    flow.keep(side)?;
    let top = (size.height - Length::mm(24) - side).max(flow.y());
    let turn = |rect: Rect| if way == Direction::Rtl { rect.mirrored(size.width) } else { rect };
    let left = flow.left();
    let code = turn(Rect::new(left, top, side, side));
    let words = &certificate.words;
    flow.document().qr(code.x, code.y, side, qr, &words.code_description)?;
    let x = left + side + Length::mm(5);
    let beside = turn(Rect::new(x, top, flow.width() - side - Length::mm(5), side));
    let style = TextStyle::new(Length::points(9)).colour(GRAY);
    let block = flow.document().compose(&words.how_to_check, beside.width, &style)?;
    let middle = top + (side - block.height()).scaled(1, 2);
    flow.document().place(&block, beside.x, middle, Role::Paragraph)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, arabic, photo, sample};
    use super::super::{check, sign};
    use super::*;
    use std::path::Path;
    use std::process::Command;

    /// Writes a file where people can look at it and `judges/portal/qr_check.py` can read it.
    fn kept(name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/certificates");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    }

    fn made(name: &str, certificate: &Certificate, layout: Layout) -> std::path::PathBuf {
        let key = testing::key();
        let fonts = Fonts::of_system(None);
        let signed = sign(certificate, &key).unwrap();
        assert!(check(&signed.text, &[testing::public()]).is_ok());
        let pdf = render(certificate, &signed, layout, &fonts).unwrap();
        assert_eq!(pdf, render(certificate, &signed, layout, &fonts).unwrap(), "same input, same bytes");
        kept("key.pem", testing::public().to_pem().as_bytes());
        kept(name, &pdf)
    }

    fn text_of(file: &Path) -> Option<String> {
        let output = Command::new("pdftotext").arg(file).arg("-").output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn cards_and_sheets_in_latin_arabic_ethiopic_and_devanagari() {
        let with_photo = |certificate: Certificate| Certificate { photo: Some(photo()), ..certificate };
        let named = |lang: &str, title: &str, label: &str, name: &str| Certificate {
            title: title.into(),
            issuer: title.into(),
            lines: vec![Line::proved(label, name), Line::proved("Name", "Abeba Tesfaye")],
            lang: daftar_kernel::Lang::parse(lang).unwrap(),
            ..sample()
        };
        let ethiopic = named("am", "የኢትዮጵያ ብሔራዊ መታወቂያ", "ሙሉ ስም", "አበበ ተስፋዬ ገብረ ማርያም");
        let devanagari = named("hi", "राष्ट्रीय पहचान पत्र", "पूरा नाम", "विक्रम क्षेत्री श्रेष्ठ");
        let cases = [
            ("latin", with_photo(sample()), "Abeba Tesfaye"),
            ("arabic", with_photo(arabic()), "الأندلسي"),
            ("ethiopic", with_photo(ethiopic), "ተስፋዬ"),
            ("devanagari", devanagari, "क्षेत्री"),
        ];
        for (name, certificate, word) in cases {
            for (layout, paper) in [(Layout::Card, "card"), (Layout::A4, "a4"), (Layout::Letter, "letter")] {
                let file = made(&format!("{name}-{paper}.pdf"), &certificate, layout);
                if let Some(text) = text_of(&file) {
                    assert!(text.contains(word), "{name} {paper}: {text}");
                    assert!(text.contains("7042-1189-3"), "{name} {paper}: {text}");
                }
            }
        }
    }

    #[test]
    fn long_content_shrinks_on_the_card_then_is_refused_and_flows_on_the_sheet() {
        let mut long = sample();
        let line = Line::printed("Address", "House 12, behind the old mill on the road to the lake");
        long.lines.extend(std::iter::repeat_n(line.clone(), 1));
        made("long-card.pdf", &long, Layout::Card);
        long.lines.extend(std::iter::repeat_n(line, 60));
        let signed = sign(&long, &testing::key()).unwrap();
        let fonts = Fonts::of_system(None);
        let refused = render(&long, &signed, Layout::Card, &fonts);
        assert_eq!(refused, Err(CertificateFault::DoesNotFit { lines: 64 }));
        let file = made("long-a4.pdf", &long, Layout::A4);
        if let Some(text) = text_of(&file) {
            assert!(text.matches('\u{c}').count() >= 2, "several pages");
        }
    }

    #[test]
    fn openssl_accepts_the_signature_and_refuses_a_changed_payload() {
        let dir = tempfile::tempdir().unwrap();
        let key = testing::key();
        let signed = sign(&arabic(), &key).unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("key.pem"), testing::public().to_pem()).unwrap();
        std::fs::write(path("signature"), signed.signature).unwrap();
        let verify = |payload: &[u8]| {
            std::fs::write(path("payload"), payload).unwrap();
            let mut openssl = Command::new("openssl");
            openssl.args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey"]).arg(path("key.pem"));
            openssl.arg("-sigfile").arg(path("signature")).arg("-in").arg(path("payload")).output()
        };
        let Ok(good) = verify(&signed.payload) else { return };
        assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
        let mut bent = signed.payload.clone();
        bent[40] ^= 1;
        assert!(!verify(&bent).unwrap().status.success());
    }

    #[test]
    fn a_machine_without_the_font_says_so() {
        let signed = sign(&arabic(), &testing::key()).unwrap();
        let fault = render(&arabic(), &signed, Layout::A4, &Fonts::scan(&[])).unwrap_err();
        assert!(fault.to_string().contains("fonts-noto-core"), "{fault}");
    }
}
