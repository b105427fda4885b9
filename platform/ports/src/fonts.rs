//! The fonts of this machine, read once for everybody who writes paper.

use pdf_writing::Fonts;
use std::sync::LazyLock;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::of_system(None));

/// The fonts of this machine.
#[must_use]
pub fn of_system() -> &'static Fonts {
    &FONTS
}
