//! Text in many scripts, extracted again by poppler, and pages that turn.

use pdf_writing::{
    Align, Direction, Document, Flow, Fonts, Length, Margins, PdfFault, Role, Size, TextStyle,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

fn fonts() -> Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::of_system(None)).clone()
}

/// Writes a file into the target folder, where people can look at it after the test.
fn kept(name: &str, pdf: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pdf-writing");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name).with_extension("pdf");
    std::fs::write(&file, pdf).unwrap();
    file
}

/// Runs a program of poppler-utils on a file; `None` where poppler is not installed.
fn poppler(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    if program == "pdftotext" {
        command.arg("-");
    }
    let Ok(output) = command.output() else {
        eprintln!("skipped: {program} is missing (apt install poppler-utils)");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "poppler complains: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn one_page(lang: &str, direction: Direction, texts: &[&str]) -> Vec<u8> {
    let mut document = Document::new(&fonts(), "Test", lang, direction);
    document.add_page(Size::A4).unwrap();
    let mut y = Length::mm(20);
    for text in texts {
        let style = TextStyle::new(Length::points(16));
        y = document.text(text, (Length::mm(20), y, Length::mm(170)), &style, Role::Paragraph).unwrap();
    }
    document.finish().unwrap()
}
fn words(text: &str) -> Vec<String> {
    // poppler wraps what runs against the line in marks and puts the space on their other side.
    let plain = |c: char| match c {
        '\u{202c}' => Some(' '),
        '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2069}' => None,
        c => Some(c),
    };
    text.chars().filter_map(plain).collect::<String>().split_whitespace().map(str::to_string).collect()
}

const LATIN: &str = "Identity card of Éloïse Ñandú-Łukasz, Şırnak: office fi ffi 42.";
const ARABIC: &str = "بطاقة الهوية الوطنية للسيدة لالة مريم الأندلسي";
const ARABIC_MIXED: &str = "رقم البطاقة \u{2066}7042-1189\u{2069} صالحة حتى 2031";
const ETHIOPIC: &str = "የኢትዮጵያ ብሔራዊ መታወቂያ አበበ በቂላ";
const DEVANAGARI: &str = "राष्ट्रीय पहचान पत्र श्री विक्रम हिन्दी क्षेत्र";
const BENGALI: &str = "জাতীয় পরিচয়পত্র শ্রী কৃষ্ণেন্দু";
const TAMIL: &str = "தேசிய அடையாள அட்டை கொழும்பு";

#[test]
fn pdftotext_gives_the_logical_text_back() {
    let cases: [(&str, Direction, &[&str]); 6] = [
        ("fr", Direction::Ltr, &[LATIN]),
        ("ar", Direction::Rtl, &[ARABIC, ARABIC_MIXED]),
        ("am", Direction::Ltr, &[ETHIOPIC]),
        ("hi", Direction::Ltr, &[DEVANAGARI]),
        ("bn", Direction::Ltr, &[BENGALI]),
        ("ta", Direction::Ltr, &[TAMIL]),
    ];
    for (lang, direction, texts) in cases {
        let pdf = one_page(lang, direction, texts);
        let Some(read) = poppler("pdftotext", &[], &kept(lang, &pdf)) else { return };
        let wanted: Vec<String> = texts.iter().flat_map(|t| words(t)).collect();
        assert_eq!(words(&read), wanted, "{lang}: {read:?}");
    }
}

#[test]
fn every_font_is_embedded_as_a_subset_with_its_text() {
    let pdf = one_page("en", Direction::Ltr, &[LATIN, ARABIC, ETHIOPIC, DEVANAGARI]);
    assert!(pdf.len() < 120_000, "{} bytes: fonts must be cut down", pdf.len());
    let Some(table) = poppler("pdffonts", &[], &kept("scripts", &pdf)) else { return };
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert!(rows.len() >= 4, "{table}");
    assert!(rows.iter().all(|row| row.contains(" yes yes yes ")), "{table}");
}

#[test]
fn the_same_calls_give_the_same_bytes_and_no_date() {
    let pdf = one_page("ar", Direction::Rtl, &[ARABIC, LATIN]);
    assert_eq!(pdf, one_page("ar", Direction::Rtl, &[ARABIC, LATIN]));
    for date in ["CreationDate", "ModDate"] {
        assert!(!pdf.windows(date.len()).any(|w| w == date.as_bytes()));
    }
}

#[test]
fn tables_turn_pages_repeat_their_header_and_number_them() {
    let head = ("Register", "en", Direction::Ltr);
    let mut flow = Flow::new(&fonts(), head, Size::A4, Margins::default()).unwrap();
    flow.footer("Page {page} of {pages}", TextStyle::footer());
    let style = TextStyle::new(Length::points(11));
    flow.text("Who looked", &TextStyle::new(Length::points(20)).bold(), Role::Heading1).unwrap();
    let rows: Vec<Vec<String>> = (0..60)
        .map(|i| vec![format!("row-{i}"), "A long reason that wraps. ".repeat(4), "Office".into()])
        .collect();
    flow.table(&["When".into(), "Why".into(), "Who".into()], &rows, &[20, 55, 25], &style).unwrap();
    flow.text(&"Very long paragraph. ".repeat(400), &style, Role::Paragraph).unwrap();
    // A single cell higher than two pages.
    flow.pairs(&[("Label".into(), "Value that goes on. ".repeat(900))], &style.clone().bold(), &style)
        .unwrap();
    let pdf = flow.finish().unwrap();
    let Some(text) = poppler("pdftotext", &["-layout"], &kept("pages", &pdf)) else { return };
    let pages: Vec<&str> = text.split('\u{c}').filter(|p| !p.trim().is_empty()).collect();
    assert!(pages.len() > 6, "{}", pages.len());
    for (number, page) in pages.iter().enumerate() {
        assert!(
            page.contains(&format!("Page {} of {}", number + 1, pages.len())),
            "footer of page {}",
            number + 1
        );
        assert_eq!(page.contains("row-"), page.contains("When"), "header of page {}", number + 1);
    }
    assert!((0..60).all(|i| text.contains(&format!("row-{i} "))));
    assert_eq!(text.matches("goes on.").count(), 900);
}

#[test]
fn structure_tells_headings_tables_and_pictures_apart() {
    let mut flow = Flow::new(&fonts(), ("Card", "en", Direction::Ltr), Size::A4, Margins::default()).unwrap();
    let style = TextStyle::new(Length::points(11));
    flow.text("Title", &style, Role::Heading1).unwrap();
    flow.pairs(&[("Name".into(), "Abeba".into())], &style, &style).unwrap();
    let qr = pdf_writing::Qr::new("DFT1:TEST").unwrap();
    flow.document().qr(Length::mm(20), Length::mm(80), Length::mm(30), &qr, "Signed code").unwrap();
    let pdf = flow.finish().unwrap();
    let Some(info) = poppler("pdfinfo", &["-struct-text"], &kept("structure", &pdf)) else { return };
    for part in ["H1", "Table", "TR", "TH", "TD", "Figure"] {
        assert!(info.contains(part), "{part} in {info}");
    }
    assert!(info.contains("\"Abeba\""), "{info}");
}

#[test]
fn nothing_can_be_drawn_before_a_page_and_nothing_finished_without_one() {
    let mut document = Document::new(&fonts(), "x", "en", Direction::Ltr);
    let style = TextStyle::new(Length::points(10)).align(Align::End);
    let at = (Length::ZERO, Length::ZERO, Length::mm(10));
    assert_eq!(document.text("x", at, &style, Role::Paragraph), Err(PdfFault::NoPage));
    assert_eq!(Document::new(&fonts(), "x", "en", Direction::Ltr).finish(), Err(PdfFault::NoPage));
}
