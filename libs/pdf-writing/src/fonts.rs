//! The fonts of the system: found once by walking directories, each read only as far as is needed.
//!
//! No font travels with the program, so a page in a script for which the machine has no font is a fault that
//! names the script and the package to install; it is never a row of empty boxes on a certificate.

use crate::fault::PdfFault;
use crate::scripts::{self, WRITING_SYSTEMS};
use crate::sfnt::{self, Outline, Summary};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The most font files one scan looks at; a full Debian with every font has about 4,000.
pub const MAX_FONT_FILES: usize = 10_000;
/// The most bytes a font file may have to be used; the largest in Debian (Noto CJK) have 20 MB.
pub const MAX_FONT_BYTES: u64 = 64 * 1024 * 1024;
/// How deep below a font directory a scan goes.
const MAX_DEPTH: usize = 6;

/// Where Linux distributions keep their fonts.
pub const USUAL_DIRECTORIES: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];

/// The fonts that pages are written with. Cheap to clone; share one among all documents of a process.
#[derive(Clone)]
pub struct Fonts(Arc<Vec<Face>>);

/// One font of the system.
pub(crate) struct Face {
    source: FontSource,
    stem: String,
    summary: Summary,
    rank: u32,
    loaded: OnceLock<Option<Loaded>>,
}

enum FontSource {
    File(PathBuf),
    Memory(Arc<Vec<u8>>),
}

/// A font that has been read whole.
pub(crate) struct Loaded {
    pub(crate) data: Arc<Vec<u8>>,
    pub(crate) font: harfrust::Font,
}

/// What the fonts at hand can write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptReport {
    /// Code of ISO 15924, such as `Ethi`.
    pub script: &'static str,
    /// English name, such as `Ethiopic`.
    pub name: &'static str,
    /// File name without ending of the font that would be used; `None` when no font has the script's letters.
    pub font: Option<String>,
    /// Debian and Ubuntu package that brings one.
    pub package: &'static str,
}

impl Fonts {
    /// All usable fonts in the usual directories of the system and in one more, if given.
    #[must_use]
    pub fn of_system(extra: Option<&Path>) -> Self {
        let mut directories: Vec<PathBuf> = USUAL_DIRECTORIES.iter().map(PathBuf::from).collect();
        directories.extend(extra.map(Path::to_path_buf));
        Self::scan(&directories)
    }
    /// All usable fonts in these directories and below. Files that are no fonts, or damaged ones, are passed
    /// over: whoever misses a script learns of it from [`Fonts::coverage`] or from the fault.
    #[must_use]
    pub fn scan(directories: &[PathBuf]) -> Self {
        let mut files = Vec::new();
        for directory in directories {
            collect(directory, 0, &mut files);
        }
        files.sort();
        files.dedup();
        let faces = files.into_iter().filter_map(|path| {
            let summary = sfnt::read_file(&path)?;
            let stem = path.file_stem()?.to_string_lossy().into_owned();
            Some(Face::new(FontSource::File(path), stem, summary))
        });
        Self::sorted(faces.collect())
    }
    /// Fonts from memory, each with a name such as `NotoSans-Bold` by which the better ones are preferred.
    #[must_use]
    pub fn from_memory(fonts: Vec<(String, Vec<u8>)>) -> Self {
        let faces = fonts.into_iter().filter_map(|(stem, data)| {
            let summary = sfnt::read_bytes(&data)?;
            Some(Face::new(FontSource::Memory(Arc::new(data)), stem, summary))
        });
        Self::sorted(faces.collect())
    }
    fn sorted(mut faces: Vec<Face>) -> Self {
        faces.sort_by(|a, b| (a.rank, a.stem.len(), &a.stem).cmp(&(b.rank, b.stem.len(), &b.stem)));
        Self(Arc::new(faces))
    }
    /// Number of fonts found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether none was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// For each writing system in use today, which font would write it: for `daftar doctor`.
    #[must_use]
    pub fn coverage(&self) -> Vec<ScriptReport> {
        let report = |system: &scripts::WritingSystem| {
            let covers = |face: &&Face| system.sample.chars().all(|c| face.summary.has(c));
            let regular = self.0.iter().filter(|face| !face.summary.bold).find(covers);
            let font = regular.or_else(|| self.0.iter().find(covers)).map(|face| face.stem.clone());
            ScriptReport { script: system.code, name: system.name, font, package: system.package }
        };
        WRITING_SYSTEMS.iter().map(report).collect()
    }
    /// The best font for a character: a bold one if asked for and there is one.
    pub(crate) fn best(&self, c: char, bold: bool) -> Option<usize> {
        let covering = || self.0.iter().enumerate().filter(|(_, face)| face.summary.has(c));
        let chosen = covering().find(|(_, face)| face.summary.bold == bold).or_else(|| covering().next());
        chosen.map(|(index, _)| index)
    }
    /// Whether a font has a character.
    pub(crate) fn has(&self, face: usize, c: char) -> bool {
        self.0.get(face).is_some_and(|f| f.summary.has(c))
    }
    /// A font of this scan.
    pub(crate) fn face(&self, index: usize) -> Result<&Face, PdfFault> {
        self.0.get(index).ok_or(PdfFault::Internal("a font index outside the scan"))
    }
}

impl Face {
    fn new(source: FontSource, stem: String, summary: Summary) -> Self {
        let rank = rank(&stem, &summary);
        Self { source, stem, summary, rank, loaded: OnceLock::new() }
    }
    /// Measures and flags.
    pub(crate) fn summary(&self) -> &Summary {
        &self.summary
    }
    /// File name without ending.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }
    /// The whole font, read at the first call.
    pub(crate) fn load(&self) -> Result<&Loaded, PdfFault> {
        let read = || {
            let data = match &self.source {
                FontSource::File(path) => Arc::new(std::fs::read(path).ok()?),
                FontSource::Memory(data) => Arc::clone(data),
            };
            let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = data.clone();
            let font = harfrust::Font::new(shared, 0)?;
            Some(Loaded { data, font })
        };
        let loaded = self.loaded.get_or_init(read).as_ref();
        loaded.ok_or_else(|| PdfFault::FontUnreadable { font: self.stem.clone() })
    }
}

/// Font files below a directory. Symbolic links are followed (font directories have them); depth and number
/// are bounded, so a ring of links ends.
fn collect(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if files.len() >= MAX_FONT_FILES {
            return;
        }
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let is_font = matches!(ending.as_deref(), Some("ttf" | "otf" | "ttc" | "otc"));
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_dir() && depth < MAX_DEPTH => collect(&path, depth + 1, files),
            Ok(meta) if meta.is_file() && is_font && meta.len() <= MAX_FONT_BYTES => files.push(path),
            _ => {}
        }
    }
}

/// Lower is better: upright text fonts of one large, kept family first, so that scripts sit well beside each
/// other; then what Debian installs by default; faces for headlines, code and mathematics last.
fn rank(stem: &str, summary: &Summary) -> u32 {
    const SPECIAL: [&str; 13] = [
        "Mono",
        "Display",
        "Looped",
        "Unjoined",
        "Symbol",
        "Math",
        "Music",
        "Kufi",
        "Rashi",
        "Condensed",
        "Narrow",
        "Emoji",
        "Light",
    ];
    let family = match stem {
        s if s.starts_with("NotoSans") => 0,
        s if s.starts_with("DejaVuSans") => 10,
        s if s.starts_with("LiberationSans") => 20,
        s if s.starts_with("NotoNaskh") => 25,
        s if s.contains("Sans") => 30,
        s if s.contains("Serif") => 50,
        s if s.contains("Nastaliq") => 60,
        _ => 40,
    };
    let special = if SPECIAL.iter().any(|word| stem.contains(word)) { 100 } else { 0 };
    let slanted = if summary.italic { 1000 } else { 0 };
    let width = if summary.normal_width { 0 } else { 100 };
    // Between the usual weights and the extremes, and no outline at all is no font for print.
    let weight = if summary.bold || (300..=500).contains(&summary.weight) { 0 } else { 200 };
    let outline = if summary.outline == Outline::None { 100_000 } else { 0 };
    family + special + slanted + width + weight + outline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_fonts_says_what_to_install() {
        let fonts = Fonts::scan(&[PathBuf::from("/nowhere")]);
        assert!(fonts.is_empty());
        let report = fonts.coverage();
        assert_eq!(report.len(), WRITING_SYSTEMS.len());
        assert!(report.iter().all(|r| r.font.is_none()));
        assert!(report.iter().any(|r| r.script == "Ethi" && r.package == "fonts-noto-core"));
    }

    #[test]
    fn what_is_no_font_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.ttf"), b"not a font at all").unwrap();
        std::fs::write(dir.path().join("empty.otf"), b"").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("ring")).unwrap();
        assert!(Fonts::scan(&[dir.path().to_path_buf()]).is_empty());
        assert!(Fonts::from_memory(vec![("x".into(), vec![0; 400])]).is_empty());
    }

    #[test]
    fn the_system_writes_the_demo_countrys_scripts_in_plain_upright_faces() {
        let fonts = crate::testing::fonts();
        for report in fonts.coverage() {
            if ["Latn", "Arab", "Ethi", "Deva"].contains(&report.script) {
                let font =
                    report.font.unwrap_or_else(|| panic!("{}: apt install {}", report.name, report.package));
                assert!(!font.contains("Italic") && !font.contains("Mono"), "{font}");
            }
        }
        let plain = fonts.best('a', false).unwrap();
        let bold = fonts.best('a', true).unwrap();
        assert!(!fonts.face(plain).unwrap().summary().bold);
        assert!(fonts.face(bold).unwrap().summary().bold);
        assert_eq!(fonts.best('\u{10ffff}', false), None);
    }
}
