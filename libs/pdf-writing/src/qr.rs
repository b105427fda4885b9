//! QR codes (ISO/IEC 18004) as rows of bars, so that they are drawn as shapes and stay sharp at any size.

use crate::fault::PdfFault;
use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code with error correction level M (15 % of the code may be damaged).
#[derive(Clone)]
pub struct Qr(QrCode);

/// A horizontal bar of dark modules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bar {
    /// Row, from the top.
    pub row: i32,
    /// First dark module of the row.
    pub first: i32,
    /// One past the last dark module.
    pub end: i32,
}

impl Qr {
    /// The code for a text. Text of capital letters, digits and ` $%*+-./:` takes 5.5 bits a character, any
    /// other 8 or more.
    ///
    /// # Errors
    /// When it does not fit (at level M: 3,391 capital letters and digits, or 2,331 bytes).
    pub fn new(text: &str) -> Result<Self, PdfFault> {
        QrCode::encode_text(text, QrCodeEcc::Medium)
            .map(Self)
            .map_err(|_| PdfFault::QrTooLong { bytes: text.len() })
    }
    /// Modules on a side, without the quiet zone of four around it: 21 to 177.
    #[must_use]
    pub fn side(&self) -> i32 {
        self.0.size()
    }
    /// The dark modules, from the top left.
    #[must_use]
    pub fn bars(&self) -> Vec<Bar> {
        let mut bars = Vec::new();
        for row in 0..self.side() {
            let mut first = None;
            for x in 0..=self.side() {
                // Outside the code every module is light, which closes the last bar.
                match (self.0.get_module(x, row), first) {
                    (true, None) => first = Some(x),
                    (false, Some(start)) => {
                        bars.push(Bar { row, first: start, end: x });
                        first = None;
                    }
                    _ => {}
                }
            }
        }
        bars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finder_pattern_is_where_the_standard_puts_it() {
        let qr = Qr::new("DFT1:AB").unwrap();
        assert_eq!(qr.side(), 21);
        let top = qr.bars()[0];
        assert_eq!((top.row, top.first, top.end), (0, 0, 7));
    }

    #[test]
    fn the_limit_of_level_m_and_one_past_it() {
        assert!(Qr::new(&"A".repeat(3391)).is_ok());
        assert_eq!(Qr::new(&"A".repeat(3392)).err(), Some(PdfFault::QrTooLong { bytes: 3392 }));
    }
}
