//! What is photographed and scanned in the field: pictures with text and grain, so that they are as large as real ones.

use anyhow::Result;
use jpeg_encoder::{ColorType, Encoder};

/// A page of A4 at 200 dots an inch.
const PAGE: (u16, u16) = (1_654, 2_339);
/// A picture of a face, as a phone's camera gives it at its smaller setting.
const PHOTO: (u16, u16) = (1_500, 2_000);
/// Quality of what cameras and scanners write.
const QUALITY: u8 = 90;
/// How far a pixel of paper strays from white.
const GRAIN: u64 = 6;
/// Pixels of a letter and of a line with the space under it.
const LETTER: usize = 16;
const LINE: usize = 40;

/// Numbers that look random (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    /// A shade with grain.
    fn shade(&mut self, light: u64) -> u8 {
        let shade = light + self.next() % GRAIN;
        u8::try_from(shade.saturating_sub(GRAIN / 2).min(255)).unwrap_or(255)
    }
}

fn picture((width, height): (u16, u16), mut pixel: impl FnMut(usize, usize) -> [u8; 3]) -> Result<Vec<u8>> {
    let mut rgb = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..usize::from(height) {
        for x in 0..usize::from(width) {
            rgb.extend(pixel(x, y));
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY).encode(&rgb, width, height, ColorType::Rgb)?;
    Ok(jpeg)
}

/// A scanned page of small print, another one for each number.
///
/// # Errors
/// When it cannot be written as JPEG.
pub fn page(number: u64) -> Result<Vec<u8>> {
    let mut dice = Dice(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    picture(PAGE, |x, y| {
        let (column, row) = (x / LETTER, y / LINE);
        let mut letter = Dice(
            (number * 1_000_003 + (row * 1_009 + column) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        );
        letter.next();
        // Four by four strokes a letter, a margin, and space between lines and words.
        let stroke = (y % LINE / 4) * 4 + x % LETTER / 4;
        let printed = (8..95).contains(&column) && (3..55).contains(&row) && y % LINE < LETTER;
        let dark = printed && !letter.next().is_multiple_of(6) && letter.next() >> (stroke % 16) & 1 == 1;
        let shade = dice.shade(if dark { 50 } else { 235 });
        [shade, shade, shade.saturating_sub(8)]
    })
}

/// A face before a wall, more or less.
///
/// # Errors
/// When it cannot be written as JPEG.
pub fn photo(number: u64) -> Result<Vec<u8>> {
    let mut dice = Dice(number.wrapping_mul(0xD129_42F7_7A3C_5B8D) | 1);
    let (width, height) = (usize::from(PHOTO.0), usize::from(PHOTO.1));
    picture(PHOTO, |x, y| {
        let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
        let is_face = dx * dx * 2 + dy * dy < width * width / 4;
        let light = if is_face { 90 + (x * 80 / width) as u64 } else { 180 + (y * 40 / height) as u64 };
        let shade = dice.shade(light);
        [shade, shade.saturating_sub(20), shade.saturating_sub(40)]
    })
}

/// A PDF of one page that holds a scan, as scanners write it.
#[must_use]
pub fn pdf(jpeg: &[u8]) -> Vec<u8> {
    let (width, height) = PAGE;
    let draw = "q 595 0 0 842 0 0 cm /Im0 Do Q";
    let objects: [Vec<u8>; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /XObject << /Im0 4 0 R >> >> >>"
            .to_vec(),
        [
            format!(
                "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB \
                 /BitsPerComponent 8 /Filter /DCTDecode /Length {} >>\nstream\n",
                jpeg.len()
            )
            .as_bytes(),
            jpeg,
            b"\nendstream",
        ]
        .concat(),
        format!("<< /Length {} >>\nstream\n{draw}\nendstream", draw.len()).into_bytes(),
    ];
    let (mut out, mut places) = (b"%PDF-1.4\n".to_vec(), Vec::new());
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(b"xref\n0 6\n0000000000 65535 f \n");
    places.iter().for_each(|at| out.extend(format!("{at:010} 00000 n \n").bytes()));
    out.extend(format!("trailer\n<< /Root 1 0 R /Size 6 >>\nstartxref\n{table}\n%%EOF\n").bytes());
    out
}
