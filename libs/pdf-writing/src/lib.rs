#![doc = include_str!("../README.md")]

mod document;
mod embed;
mod fault;
mod file;
mod flow;
mod fonts;
mod length;
mod paragraph;
pub mod photo;
mod qr;
mod scripts;
mod sfnt;
mod shape;
#[cfg(test)]
mod testing;

pub use document::{Align, Block, Colour, Document, MAX_PAGES, MAX_PARTS, Role, TextStyle};
pub use fault::PdfFault;
pub use flow::{Flow, Margins};
pub use fonts::{Fonts, MAX_FONT_BYTES, MAX_FONT_FILES, ScriptReport, USUAL_DIRECTORIES};
pub use length::{Length, Rect, Size};
pub use paragraph::{Direction, MAX_TEXT_BYTES};
pub use photo::{Photo, PhotoFault};
pub use qr::{Bar, Qr};
pub use scripts::{WRITING_SYSTEMS, WritingSystem};
