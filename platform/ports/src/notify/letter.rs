//! A message as a letter on A4, its address where the window of an envelope is.

use super::{Message, check};
use crate::certificate::dates;
use daftar_kernel::lang::Direction as LangDirection;
use daftar_kernel::{Lang, PartialDate};
use pdf_writing::{
    Align, Colour, Direction, Flow, Fonts, Length, Margins, PdfFault, Rect, Role, Size, TextStyle,
};

/// On which side of the sheet the envelope has its window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// Left (DIN 5008 form B): most countries.
    Left,
    /// Right (AFNOR NF Z 11-001): France and countries that took its forms.
    Right,
}

/// What stands on every letter of an office.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letterhead {
    /// Name of the office.
    pub office: String,
    /// Its address, one line, for the envelope's window.
    pub return_address: String,
    /// A line at the foot of every page; `{page}` and `{pages}` are filled in.
    pub footer: String,
    /// Envelope window.
    pub window: Window,
    /// Time zone in which the day is printed.
    pub zone: String,
}

/// Why a letter could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterFault {
    /// There is no postal address to send it to.
    #[error("the recipient has no postal address")]
    NoAddress,
    /// The message is malformed.
    #[error(transparent)]
    Message(#[from] super::DeliveryFault),
    /// The page could not be written.
    #[error(transparent)]
    Pdf(#[from] PdfFault),
}

/// The letter as PDF. The same message gives the same bytes.
///
/// # Errors
/// Without an address, or when a font is missing (the fault names the package).
pub fn render(message: &Message, head: &Letterhead, fonts: &Fonts) -> Result<Vec<u8>, LetterFault> {
    render_all(&[(message, head)], fonts)
}

/// Letters in one file, to be printed at once: each begins a page and has its own page numbers, language and direction.
/// Nothing to print gives a file without text.
///
/// # Errors
/// As [`render`], for the first letter that cannot be made.
pub fn render_all(letters: &[(&Message, &Letterhead)], fonts: &Fonts) -> Result<Vec<u8>, LetterFault> {
    for (message, _) in letters {
        check(message)?;
        if message.to.address.iter().all(|line| line.trim().is_empty()) {
            return Err(LetterFault::NoAddress);
        }
    }
    let first = letters.first().map(|(message, _)| *message);
    let about = first.map_or(("", "en", Direction::Ltr), |message| {
        (message.subject.as_str(), message.lang.tag(), way(&message.lang))
    });
    let margins = Margins { top: Length::mm(20), bottom: Length::mm(25), side: Length::mm(20) };
    let mut flow = Flow::new(fonts, about, Size::A4, margins)?;
    for (index, (message, head)) in letters.iter().enumerate() {
        if index > 0 {
            flow.new_part()?;
        }
        one(&mut flow, message, head)?;
    }
    Ok(flow.finish()?)
}

fn way(lang: &Lang) -> Direction {
    match lang.direction() {
        LangDirection::Ltr => Direction::Ltr,
        LangDirection::Rtl => Direction::Rtl,
    }
}

fn one(flow: &mut Flow, message: &Message, head: &Letterhead) -> Result<(), PdfFault> {
    // What stands in one file may be in several languages: each text says its own.
    let in_its_language = |style: TextStyle| TextStyle {
        lang: Some(message.lang.tag().to_string()),
        ..style.direction(way(&message.lang))
    };
    flow.footer(&head.footer, in_its_language(TextStyle::footer()));
    let heading = in_its_language(TextStyle::new(Length::points(13)).bold());
    flow.text(&head.office, &heading, Role::Paragraph)?;
    address(flow, message, head)?;
    flow.space(Length::mm(103) - flow.y());
    let style = in_its_language(TextStyle::new(Length::points(11)));
    let today = message.at.to_local_date(&head.zone);
    flow.text(&in_words(&today, &message.lang), &style.clone().align(Align::End), Role::Paragraph)?;
    flow.space(Length::mm(6));
    let subject = in_its_language(TextStyle::new(Length::points(12)).bold());
    flow.text(&message.subject, &subject, Role::Heading1)?;
    flow.space(Length::mm(5));
    for paragraph in message.body.replace("\r\n", "\n").trim_end().split("\n\n") {
        flow.text(paragraph, &style, Role::Paragraph)?;
        flow.space(Length::points(8));
    }
    Ok(())
}

fn in_words(iso: &str, lang: &Lang) -> String {
    iso.parse::<PartialDate>().map_or_else(|_| iso.to_string(), |date| dates::in_words(date, lang))
}

/// The address field of 85 x 45 mm, 45 mm below the upper edge, with the return address above a thin line.
fn address(flow: &mut Flow, message: &Message, head: &Letterhead) -> Result<(), PdfFault> {
    let (width, top) = (Length::mm(80), Length::mm(45));
    let left = match head.window {
        Window::Left => Length::mm(25),
        Window::Right => Size::A4.width - Length::mm(20) - width,
    };
    let small = TextStyle::new(Length::points(7)).colour(Colour::rgb(85, 85, 85));
    let document = flow.document();
    let mut y = document.text(&head.return_address, (left, top, width), &small, Role::Paragraph)?;
    document.fill(Rect::new(left, y, width, Length::millipoints(400)), Colour::rgb(150, 150, 150))?;
    y += Length::mm(4);
    // Names and places run their own way, whatever the letter's language, but stand at one edge.
    let edge = if message.lang.direction() == LangDirection::Rtl { Align::Right } else { Align::Left };
    let style = TextStyle::new(Length::points(11)).direction(Direction::Auto).align(edge);
    let lines = std::iter::once(&message.to.name).chain(&message.to.address);
    let lines: Vec<&str> = lines.map(String::as_str).filter(|line| !line.trim().is_empty()).collect();
    document.text(&lines.join("\n"), (left, y, width), &style, Role::Paragraph)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use std::path::Path;
    use std::process::Command;

    fn head() -> Letterhead {
        Letterhead {
            office: "Civil Registry".into(),
            return_address: "Civil Registry · PO Box 12 · Capital".into(),
            footer: "Page {page} of {pages}".into(),
            window: Window::Left,
            zone: "UTC".into(),
        }
    }

    fn kept(name: &str, pdf: &[u8]) -> Option<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/certificates");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, pdf).unwrap();
        let output = Command::new("pdftotext").arg(file).arg("-").output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn a_letter_in_english_and_in_arabic() {
        let fonts = Fonts::of_system(None);
        let pdf = render(&sample(), &head(), &fonts).unwrap();
        assert_eq!(pdf, render(&sample(), &head(), &fonts).unwrap());
        if let Some(text) = kept("note-en.pdf", &pdf) {
            for part in ["Abeba Tesfaye", "Debre Markos", "1 July 2026", "4711-0815", "Page 1 of 1"] {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
        let mut arabic = sample();
        arabic.lang = Lang::parse("ar").unwrap();
        arabic.subject = "رمز التفعيل الخاص بك".into();
        arabic.body = "السيدة المحترمة،\n\nرمز التفعيل هو\n4711-0815\n\nمع فائق الاحترام\n".repeat(8);
        arabic.to.name = "لالة مريم الأندلسي".into();
        let pdf = render(&arabic, &Letterhead { window: Window::Right, ..head() }, &fonts).unwrap();
        if let Some(text) = kept("note-ar.pdf", &pdf) {
            assert!(text.contains("المحترمة"), "{text}");
            assert!(text.contains("Page 2 of 2"), "{text}");
        }
    }

    #[test]
    fn letters_in_one_file_count_their_own_pages() {
        let fonts = Fonts::of_system(None);
        let mut long = sample();
        long.body = "A line that fills the page.\n\n".repeat(60);
        long.to.name = "Bilal Ould Cheikh".into();
        let (head, short) = (head(), sample());
        let pdf = render_all(&[(&short, &head), (&long, &head), (&short, &head)], &fonts).unwrap();
        assert_eq!(render_all(&[(&short, &head)], &fonts).unwrap(), render(&short, &head, &fonts).unwrap());
        if let Some(text) = kept("notes.pdf", &pdf) {
            assert_eq!(text.matches("Page 1 of 1").count(), 2, "{text}");
            assert_eq!(
                text.matches("Page 1 of 2").count() + text.matches("Page 1 of 3").count(),
                1,
                "{text}"
            );
            assert!(text.contains("Bilal Ould Cheikh") && text.contains("Abeba Tesfaye"), "{text}");
        }
    }

    #[test]
    fn no_letter_without_an_address() {
        let mut message = sample();
        message.to.address = vec![" ".into()];
        assert_eq!(render(&message, &head(), &Fonts::scan(&[])), Err(LetterFault::NoAddress));
    }
}
