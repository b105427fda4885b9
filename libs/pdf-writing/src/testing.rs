//! Fonts for this crate's tests.

use crate::fonts::Fonts;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The system's fonts, scanned once.
pub(crate) fn fonts() -> Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| Fonts::of_system(None)).clone();
    assert!(!fonts.is_empty(), "these tests need fonts: apt install fonts-noto-core fonts-dejavu-core");
    fonts
}

/// The path of a font of the package fonts-dejavu-core or fonts-noto-core.
pub(crate) fn font_file(name: &str) -> PathBuf {
    let folders = ["/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/noto"];
    let found = folders.iter().map(|f| Path::new(f).join(name)).find(|p| p.exists());
    found.unwrap_or_else(|| panic!("{name} is missing: apt install fonts-noto-core fonts-dejavu-core"))
}

/// A machine with just this font.
pub(crate) fn only(name: &str) -> Fonts {
    Fonts::from_memory(vec![(
        name.trim_end_matches(".ttf").to_string(),
        std::fs::read(font_file(name)).unwrap(),
    )])
}
