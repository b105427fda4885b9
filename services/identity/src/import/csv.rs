//! A streaming CSV reader (RFC 4180, any single-byte separator) that holds one row at a time and trusts
//! nothing: every length has a limit, and what breaks the file's structure is named with its row before
//! anything is kept.

use std::io::{self, Read};

/// Bytes of one row, its line ends inside quotes included.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
/// Fields of one row.
pub const MAX_FIELDS: usize = 256;
/// Rows of one file; a register of a billion people comes in several files.
pub const MAX_ROWS: u64 = 200_000_000;

/// What makes a file unreadable as a whole.
#[derive(Debug, thiserror::Error)]
pub enum CsvFault {
    /// A NUL byte: the file is binary, or UTF-16.
    #[error("row {row}: a NUL byte. The file is not plain text: save it as CSV in UTF-8")]
    Nul {
        /// The row, the header being row 1.
        row: u64,
    },
    /// The file begins with a UTF-16 byte order mark.
    #[error("the file is in UTF-16: save it as CSV in UTF-8")]
    Utf16,
    /// A row longer than [`MAX_ROW_BYTES`].
    #[error(
        "row {row}: longer than 65536 bytes. A quotation mark opened in this row and never closed does that: \
         look at the row, and at the separator in the mapping"
    )]
    RowTooLong {
        /// The row.
        row: u64,
    },
    /// More than [`MAX_FIELDS`] fields.
    #[error("row {row}: more than 256 fields. Look at the separator in the mapping")]
    TooManyFields {
        /// The row.
        row: u64,
    },
    /// More than [`MAX_ROWS`] rows.
    #[error("more than 200 million rows: split the file")]
    TooManyRows,
    /// The file ends inside quotes.
    #[error(
        "row {row}: the file ends inside a quoted field. It was cut off, or a quotation mark is not closed"
    )]
    OpenQuote {
        /// The row.
        row: u64,
    },
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
}

/// One row: the bytes of its fields, unquoted.
#[derive(Default, Debug, Clone)]
pub struct Record {
    /// The row's number, the header being row 1, blank lines counted: what a spreadsheet shows.
    pub row: u64,
    /// Whether a quoted field is followed by something other than a separator.
    pub stray_quote: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    /// How many fields the row has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }
    /// Whether the row has no field.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
    /// The bytes of a field; `None` past the last one.
    #[must_use]
    pub fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(&self.bytes[start..end])
    }
    /// The fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.field(index))
    }
    fn clear(&mut self, row: u64) {
        self.row = row;
        self.stray_quote = false;
        self.bytes.clear();
        self.ends.clear();
    }
    const fn is_blank(&self) -> bool {
        self.ends.len() == 1 && self.bytes.is_empty()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Bare,
    Quoted,
    QuoteInQuoted,
}

/// The reader.
pub struct Reader<R> {
    source: R,
    separator: u8,
    buffer: Box<[u8]>,
    at: usize,
    filled: usize,
    row: u64,
    started: bool,
    ended: bool,
    skip_line_feed: bool,
    bytes_read: u64,
}

impl<R: Read> Reader<R> {
    /// Reads rows separated by this byte from a source.
    pub fn new(source: R, separator: u8) -> Self {
        Self {
            source,
            separator,
            buffer: vec![0; 64 * 1024].into_boxed_slice(),
            at: 0,
            filled: 0,
            row: 0,
            started: false,
            ended: false,
            skip_line_feed: false,
            bytes_read: 0,
        }
    }
    /// Bytes taken from the source so far.
    #[must_use]
    pub const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }
    /// The next row that is not blank, into `record`; `false` at the end of the file.
    ///
    /// # Errors
    /// When the file's structure is broken here, or it cannot be read.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, CsvFault> {
        loop {
            if self.row >= MAX_ROWS {
                return Err(CsvFault::TooManyRows);
            }
            record.clear(self.row + 1);
            if !self.read_row(record)? {
                return Ok(false);
            }
            self.row += 1;
            if !record.is_blank() {
                return Ok(true);
            }
        }
    }

    fn read_row(&mut self, record: &mut Record) -> Result<bool, CsvFault> {
        let row = record.row;
        let mut state = State::FieldStart;
        let mut length = 0_usize;
        loop {
            let Some(byte) = self.byte()? else {
                return match state {
                    State::Quoted => Err(CsvFault::OpenQuote { row }),
                    State::FieldStart if record.ends.is_empty() && length == 0 => Ok(false),
                    _ => {
                        end_field(record)?;
                        Ok(true)
                    }
                };
            };
            if std::mem::take(&mut self.skip_line_feed) && byte == b'\n' {
                continue;
            }
            length += 1;
            if length > MAX_ROW_BYTES {
                return Err(CsvFault::RowTooLong { row });
            }
            if byte == 0 {
                return Err(CsvFault::Nul { row });
            }
            state = match (state, byte) {
                (State::Quoted, b'"') => State::QuoteInQuoted,
                (State::Quoted, _) => {
                    record.bytes.push(byte);
                    State::Quoted
                }
                (_, b'\n' | b'\r') => {
                    self.skip_line_feed = byte == b'\r';
                    end_field(record)?;
                    return Ok(true);
                }
                (_, b) if b == self.separator => {
                    end_field(record)?;
                    State::FieldStart
                }
                (State::FieldStart, b'"') => State::Quoted,
                (State::QuoteInQuoted, b'"') => {
                    record.bytes.push(b'"');
                    State::Quoted
                }
                (State::QuoteInQuoted, _) => {
                    record.stray_quote = true;
                    record.bytes.push(byte);
                    State::Bare
                }
                (State::FieldStart | State::Bare, _) => {
                    record.bytes.push(byte);
                    State::Bare
                }
            };
        }
    }

    fn byte(&mut self) -> Result<Option<u8>, CsvFault> {
        if self.at == self.filled && !self.fill()? {
            return Ok(None);
        }
        let byte = self.buffer[self.at];
        self.at += 1;
        Ok(Some(byte))
    }

    fn fill(&mut self) -> Result<bool, CsvFault> {
        if self.ended {
            return Ok(false);
        }
        let mut filled = 0;
        // The first bytes are read together, so that a byte order mark is seen whole.
        let enough = if self.started { 1 } else { 4 };
        while filled < enough {
            match self.source.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(more) => filled += more,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        self.bytes_read += filled as u64;
        self.filled = filled;
        self.at = 0;
        if !self.started {
            self.started = true;
            let head = &self.buffer[..filled];
            if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
                return Err(CsvFault::Utf16);
            }
            if head.starts_with(b"\xef\xbb\xbf") {
                self.at = 3;
            }
        }
        Ok(self.at < self.filled)
    }
}

fn end_field(record: &mut Record) -> Result<(), CsvFault> {
    if record.ends.len() == MAX_FIELDS {
        return Err(CsvFault::TooManyFields { row: record.row });
    }
    record.ends.push(record.bytes.len());
    Ok(())
}

/// A field for a CSV file that people open in a spreadsheet: always quoted, and with an apostrophe in front
/// of what a spreadsheet would take for a formula (OWASP, *CSV Injection*).
pub fn push_safe_field(line: &mut String, text: &str) {
    line.push('"');
    // Full-width forms are folded to the ASCII ones by some spreadsheets before they look.
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '|', '%']) {
        line.push('\'');
    }
    for c in text.chars() {
        match c {
            '"' => line.push_str("\"\""),
            // A line end or a NUL inside a field is legal CSV and a trap for every line-based tool.
            '\r' | '\n' | '\0' => line.push(' '),
            c => line.push(c),
        }
    }
    line.push('"');
}

/// One line of such a file.
#[must_use]
pub fn safe_line(fields: &[&str]) -> String {
    let mut line = String::new();
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        push_safe_field(&mut line, field);
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, CsvFault> {
        let mut reader = Reader::new(bytes, b',');
        let mut record = Record::default();
        let mut rows = Vec::new();
        while reader.next(&mut record)? {
            let fields = record.fields().map(|f| String::from_utf8_lossy(f).into_owned()).collect();
            rows.push((record.row, fields));
        }
        Ok(rows)
    }
    fn texts(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).unwrap().into_iter().map(|(_, fields)| fields).collect()
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        assert_eq!(texts(b"a,b\r\nc,\"d \"\"x\"\",\ne\"\r\n"), [vec!["a", "b"], vec!["c", "d \"x\",\ne"]]);
        assert_eq!(texts(b"a\rb\r\rc"), [["a"], ["b"], ["c"]]);
        assert_eq!(
            read(b"h\n\n\nx\n").unwrap()[1],
            (4, vec!["x".to_string()]),
            "rows count as a spreadsheet shows"
        );
        assert_eq!(texts(b"a,\n,b\n\"\"\n"), [vec!["a", ""], vec!["", "b"]]);
        assert_eq!(texts(b"\xef\xbb\xbfa,b"), [["a", "b"]]);
        assert_eq!(texts(b"a\"b,c"), [["a\"b", "c"]]);
        assert!(texts(b"").is_empty() && texts(b"\n\n").is_empty() && texts(b"\xef\xbb\xbf").is_empty());
    }

    #[test]
    fn stray_quotes_are_marked() {
        let mut reader = Reader::new(&b"\"a\"b,c\nd\n"[..], b',');
        let mut record = Record::default();
        assert!(reader.next(&mut record).unwrap() && record.stray_quote);
        assert!(reader.next(&mut record).unwrap() && !record.stray_quote);
    }

    #[test]
    fn broken_files_are_named_with_their_row() {
        let fault = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(fault(b"a\nb\0").starts_with("row 2: a NUL"));
        assert!(fault(b"\xff\xfea\0").contains("UTF-16"));
        assert!(fault(b"a\n\"b\nc").starts_with("row 2: the file ends inside"));
    }

    #[test]
    fn limits_hold_at_the_edge() {
        let row = |length: usize| [vec![b'x'; length], b"\n".to_vec()].concat();
        assert!(read(&row(MAX_ROW_BYTES - 1)).is_ok());
        assert!(matches!(read(&row(MAX_ROW_BYTES)), Err(CsvFault::RowTooLong { row: 1 })));
        assert!(read(&vec![b','; MAX_FIELDS - 1]).is_ok());
        assert!(matches!(read(&vec![b','; MAX_FIELDS]), Err(CsvFault::TooManyFields { row: 1 })));
    }

    /// A source that never ends must be given up on, not read into memory.
    #[test]
    fn an_endless_line_is_given_up() {
        let mut reader = Reader::new(io::repeat(b'x'), b',');
        assert!(matches!(reader.next(&mut Record::default()), Err(CsvFault::RowTooLong { row: 1 })));
        assert!(reader.bytes_read() <= 2 * MAX_ROW_BYTES as u64);
    }

    #[test]
    fn formulas_are_disarmed() {
        assert_eq!(safe_line(&["=1+1", "a\"b", "-3", "ok\r\nx"]), "\"'=1+1\",\"a\"\"b\",\"'-3\",\"ok  x\"\n");
        assert_eq!(safe_line(&["＝x"]), "\"'＝x\"\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in prop::collection::vec(prop::collection::vec("[a-z\",é ]{1,9}", 2..5), 1..6)) {
            let text: String = rows.iter().map(|row| safe_line(&row.iter().map(String::as_str).collect::<Vec<_>>())).collect();
            prop_assert_eq!(texts(text.as_bytes()), rows);
        }
        #[test]
        fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }
        #[test]
        fn chunks_do_not_matter(text in "[a\",\r\n]{0,60}", size in 1_usize..5) {
            struct Slow<'a>(&'a [u8], usize);
            impl Read for Slow<'_> {
                fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                    let n = self.1.min(self.0.len()).min(out.len());
                    out[..n].copy_from_slice(&self.0[..n]);
                    self.0 = &self.0[n..];
                    Ok(n)
                }
            }
            let mut slow = Reader::new(Slow(text.as_bytes(), size), b',');
            let mut whole = Reader::new(text.as_bytes(), b',');
            let (mut a, mut b) = (Record::default(), Record::default());
            loop {
                let (x, y) = (slow.next(&mut a), whole.next(&mut b));
                match (x, y) {
                    (Ok(x), Ok(y)) => {
                        prop_assert_eq!(x, y);
                        prop_assert!(a.fields().eq(b.fields()));
                        if !x { break; }
                    }
                    (Err(x), Err(y)) => { prop_assert_eq!(x.to_string(), y.to_string()); break; }
                    _ => prop_assert!(false, "one reader failed and the other did not"),
                }
            }
        }
    }
}
