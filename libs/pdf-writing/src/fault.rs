//! What can go wrong while pages are written.

/// Why a page could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfFault {
    /// No font of this machine has a character of the text.
    #[error(
        "no font for the {script} script (character U+{code:04X}): install the package {package}, then try again"
    )]
    NoFont {
        /// English name of the script.
        script: String,
        /// The character's code point.
        code: u32,
        /// Debian or Ubuntu package that brings a font.
        package: String,
    },
    /// A font that was there during the scan cannot be read or shaped now.
    #[error("the font {font} cannot be used: reinstall its package")]
    FontUnreadable {
        /// File name without ending.
        font: String,
    },
    /// A text block, or the document, is longer than the named limit.
    #[error("{what} is longer than {limit}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// The limit and its unit.
        limit: usize,
    },
    /// The data does not fit into a QR code of the wanted error correction.
    #[error("{bytes} bytes do not fit into one QR code: shorten the certificate's fields")]
    QrTooLong {
        /// Length of the text.
        bytes: usize,
    },
    /// There is no page yet to draw on.
    #[error("nothing can be drawn before the first page is begun")]
    NoPage,
    /// A fault of this library.
    #[error("fault in pdf-writing: {0}; please report it")]
    Internal(&'static str),
}
