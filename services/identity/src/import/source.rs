//! The file of an import, read twice: once to learn whether it is whole, once to bring it in. Between the two
//! nothing has changed in the register.

use super::csv::{CsvFault, Reader, Record};
use super::mapping::{BadMapping, Mapping, Plan};
use super::text::{Encoding, Seen, decode};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Unpacked bytes of one file; a gzip bomb ends here.
pub const MAX_FILE_BYTES: u64 = 1 << 36;

/// Why a file cannot be imported at all. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SourceFault {
    /// The file could not be opened or read.
    #[error("{path}: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Its structure is broken.
    #[error(transparent)]
    Csv(#[from] CsvFault),
    /// The mapping does not fit it.
    #[error(transparent)]
    Mapping(#[from] BadMapping),
    /// No header.
    #[error("the file is empty: its first row must name the columns")]
    Empty,
    /// The header is no text.
    #[error("row 1: the header is not {0}: save the file as UTF-8, or name its encoding in the mapping")]
    Header(&'static str),
    /// The keys of the register could not be used.
    #[error(transparent)]
    Store(#[from] daftar_store::StoreError),
    /// It changed between the two readings.
    #[error("the file changed while it was read: import a copy that nobody writes to")]
    Changed,
}

/// What the first reading learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// SHA-256 of the file as it lies on the disk.
    pub sha256: [u8; 32],
    /// Rows below the header.
    pub rows: u64,
    /// Its encodings.
    pub seen: Seen,
}

/// A file opened for reading, unpacked when it is gzip.
pub struct Source {
    reader: Reader<Box<dyn Read + Send>>,
    /// The columns, from the first row.
    pub header: Vec<String>,
}

impl Source {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// When it cannot be read or has no header.
    pub fn open(path: &Path, mapping: &Mapping) -> Result<Self, SourceFault> {
        let io = |error| SourceFault::Io { path: path.into(), error };
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        let packed = io::BufRead::fill_buf(&mut file).map_err(io)?.starts_with(&[0x1f, 0x8b]);
        let plain: Box<dyn Read + Send> =
            if packed { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut reader = Reader::new(
            Box::new(plain.take(MAX_FILE_BYTES)) as Box<dyn Read + Send>,
            mapping.separator_byte()?,
        );
        let mut record = Record::default();
        if !reader.next(&mut record)? {
            return Err(SourceFault::Empty);
        }
        let column = |bytes: &[u8]| {
            let name = decode(bytes, mapping.encoding)
                .map_err(|_| SourceFault::Header(encoding_name(mapping.encoding)))?;
            Ok(name.trim().to_string())
        };
        let header = record.fields().map(column).collect::<Result<_, SourceFault>>()?;
        Ok(Self { reader, header })
    }
    /// The mapping fitted to the file's columns.
    ///
    /// # Errors
    /// [`Mapping::bind`]'s.
    pub fn plan(&self, mapping: &Mapping) -> Result<Plan, SourceFault> {
        Ok(mapping.bind(&self.header)?)
    }
    /// The next row; `false` at the end.
    ///
    /// # Errors
    /// When the file is broken here.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, SourceFault> {
        Ok(self.reader.next(record)?)
    }
}

const fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Windows1252 => "Windows-1252",
    }
}

/// The first reading: is the file whole, how long is it, what is it encoded in?
///
/// # Errors
/// Everything that makes the file unfit as a whole.
pub fn inspect(path: &Path, mapping: &Mapping) -> Result<Inspection, SourceFault> {
    let sha256 = digest(path)?;
    let mut source = Source::open(path, mapping)?;
    source.plan(mapping)?;
    let (mut rows, mut seen, mut record) = (0, Seen::default(), Record::default());
    while source.next(&mut record)? {
        rows += 1;
        if mapping.encoding == Encoding::Utf8 {
            seen.note(record.row, record.fields());
        }
    }
    // Somebody who appends to the file between the readings is noticed at the end, by the same digest.
    if digest(path)? != sha256 { Err(SourceFault::Changed) } else { Ok(Inspection { sha256, rows, seen }) }
}

/// SHA-256 of a file.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> Result<[u8; 32], SourceFault> {
    let io = |error| SourceFault::Io { path: path.into(), error };
    let mut file = File::open(path).map_err(io)?;
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => context.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(io(e)),
        }
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const MAPPING: &str = "format = 1\nsource = 's'\nagency = 'a'\noffice = 'o'\npurpose = 'p'\nbasis = 'b'\n\
                           [field.name]\ncolumns = ['name']\n";

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }
    fn look(bytes: &[u8]) -> Result<Inspection, String> {
        inspect(file(bytes).path(), &Mapping::parse(MAPPING).unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn plain_and_packed_files_read_alike() {
        let text = "name\nAmina\nJosé\n".as_bytes();
        let plain = look(text).unwrap();
        assert_eq!((plain.rows, plain.seen.utf8, plain.seen.other), (2, 1, 0));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text).unwrap();
        let packed = look(&packed.finish().unwrap()).unwrap();
        assert_eq!(packed.rows, 2);
        assert_ne!(packed.sha256, plain.sha256);
    }

    #[test]
    fn broken_files_change_nothing_and_say_why() {
        assert!(look(b"").unwrap_err().contains("empty"));
        assert!(look(b"na\xe9me\n").unwrap_err().contains("header"));
        assert!(look(b"nom\n").unwrap_err().contains("no column 'name'"));
        assert!(look(b"name\nA\0\n").unwrap_err().contains("row 2: a NUL"));
        assert!(look(b"\x1f\x8bgarbage").unwrap_err().contains("could not be read"));
        let missing = inspect(Path::new("/no/such/file"), &Mapping::parse(MAPPING).unwrap());
        assert!(missing.unwrap_err().to_string().starts_with("/no/such/file"));
    }
}
