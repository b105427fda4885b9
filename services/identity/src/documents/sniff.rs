//! What a document's bytes are, whatever anybody says of them. Pictures are decoded and made anew, so that nothing hides in
//! them; a PDF cannot be made anew, so it is looked through, and whatever could act, carry other files or be another kind of
//! file at the same time is refused.

use flate2::read::ZlibDecoder;
use pdf_writing::photo::{PhotoFault, normalise_scan};
use std::io::Read;

/// The most bytes of a document: 5 MiB.
pub const DOCUMENT_BYTES_MAX: usize = 5 * 1024 * 1024;
/// The most bytes that packed objects of a PDF unpack to while it is looked through.
pub const UNPACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The most streams of a PDF.
pub const STREAMS_MAX: usize = 20_000;

/// A kind of file that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// A picture, made anew as JPEG.
    Jpeg,
    /// A PDF, as it came.
    Pdf,
}

impl Media {
    /// Its media type (RFC 6838).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }
    /// How the names of its files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Pdf => "pdf",
        }
    }
}

/// Why a file is no document that can be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DocumentFault {
    /// No byte.
    #[error("the file is empty")]
    Empty,
    /// More than [`DOCUMENT_BYTES_MAX`].
    #[error("the file has more than 5 MiB")]
    TooLarge,
    /// Neither JPEG nor PNG nor PDF, whatever its name says.
    #[error("the file is neither a JPEG, a PNG nor a PDF")]
    Unknown,
    /// A picture of more than 16 million pixels, or too small to read.
    #[error("the picture has too many pixels, or too few to read")]
    PictureSize,
    /// It begins like a picture or a PDF, and is broken or cut off.
    #[error("the file is damaged or cut off")]
    Damaged,
    /// It is, or carries, an archive or another file.
    #[error("the PDF is or carries another file")]
    Carries,
    /// It holds programs or actions.
    #[error("the PDF holds a program, a form or an action")]
    Acts,
    /// It is locked, or packed in a way nobody here can look through.
    #[error("the PDF is locked or cannot be looked through")]
    Locked,
}

impl DocumentFault {
    /// The message on pages.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Empty => "identity-fault-document-empty",
            Self::TooLarge => "identity-fault-document-large",
            Self::Unknown => "identity-fault-document-unknown",
            Self::PictureSize => "identity-fault-document-pixels",
            Self::Damaged => "identity-fault-document-damaged",
            Self::Carries => "identity-fault-document-carries",
            Self::Acts => "identity-fault-document-acts",
            Self::Locked => "identity-fault-document-locked",
        }
    }
}

/// What the bytes are, and the bytes to keep. It takes up to a second: call it off the threads that serve.
///
/// # Errors
/// [`DocumentFault`], for whatever is no such file.
pub fn clean(bytes: Vec<u8>) -> Result<(Media, Vec<u8>), DocumentFault> {
    if bytes.is_empty() {
        return Err(DocumentFault::Empty);
    }
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(DocumentFault::TooLarge);
    }
    if bytes.starts_with(b"%PDF-") {
        look_through(&bytes)?;
        return Ok((Media::Pdf, bytes));
    }
    match normalise_scan(&bytes) {
        Ok(scan) => Ok((Media::Jpeg, scan.jpeg)),
        Err(PhotoFault::TooManyPixels { .. } | PhotoFault::TooSmall { .. }) => {
            Err(DocumentFault::PictureSize)
        }
        Err(PhotoFault::TooManyBytes { .. }) => Err(DocumentFault::TooLarge),
        Err(PhotoFault::UnknownFormat) => Err(DocumentFault::Unknown),
        Err(PhotoFault::Damaged) => Err(DocumentFault::Damaged),
    }
}

/// Names (ISO 32000-2 §7.3.5) that mean a program or an action; long enough never to come about by chance in packed data.
const ACTS: [&[u8]; 6] = [b"JavaScript", b"Launch", b"RichMedia", b"SubmitForm", b"ImportData", b"Rendition"];
/// Names that mean another file inside.
const CARRIES: [&[u8]; 3] = [b"EmbeddedFile", b"EmbeddedFiles", b"GoToE"];
/// Short names that mean the same, looked for outside of packed data only.
const SHORT_ACTS: [&[u8]; 2] = [b"JS", b"XFA"];
const SHORT_CARRIES: [&[u8]; 1] = [b"EF"];
/// Beginnings of other kinds of files, long enough never to come about by chance.
const OTHERS: [&[u8]; 3] = [b"PK\x05\x06\0\0\0\0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"];

fn look_through(pdf: &[u8]) -> Result<(), DocumentFault> {
    let version = pdf.get(5..8).ok_or(DocumentFault::Damaged)?;
    if !matches!(version, [b'1' | b'2', b'.', b'0'..=b'9']) {
        return Err(DocumentFault::Damaged);
    }
    check_end(pdf)?;
    if OTHERS.iter().any(|magic| find(pdf, magic, 0).is_some()) {
        return Err(DocumentFault::Carries);
    }
    // A reader may take for objects what looks packed here, so the long names are looked for everywhere.
    check_names(pdf, false)?;
    check_parts(pdf)
}

/// The end marker stands at the end, and the place it points to is in the file (§7.5.5).
fn check_end(pdf: &[u8]) -> Result<(), DocumentFault> {
    let body = pdf.trim_ascii_end();
    let tail = body.get(body.len().saturating_sub(1024)..).unwrap_or_default();
    let tail = tail.strip_suffix(b"%%EOF").ok_or(DocumentFault::Damaged)?;
    let at = rfind(tail, b"startxref").ok_or(DocumentFault::Damaged)?;
    let number = tail.get(at + b"startxref".len()..).unwrap_or_default().trim_ascii();
    let offset = std::str::from_utf8(number).ok().and_then(|digits| digits.parse::<usize>().ok());
    let table = offset.and_then(|offset| pdf.get(offset..)).ok_or(DocumentFault::Damaged)?.trim_ascii_start();
    let stands = table.starts_with(b"xref") || table.first().is_some_and(u8::is_ascii_digit);
    if stands { Ok(()) } else { Err(DocumentFault::Damaged) }
}

/// Goes through the file piece by piece: what stands between streams is read, packed objects are unpacked and read.
fn check_parts(pdf: &[u8]) -> Result<(), DocumentFault> {
    let (mut from, mut left) = (0, UNPACKED_BYTES_MAX);
    for _ in 0..STREAMS_MAX {
        let Some(at) = find(pdf, b"stream", from) else {
            return check_text(pdf.get(from..).unwrap_or_default());
        };
        let text = pdf.get(from..at).unwrap_or_default();
        check_text(text)?;
        let begin = at + b"stream".len();
        let data = match pdf.get(begin..) {
            Some([b'\r', b'\n', ..]) => begin + 2,
            Some([b'\n' | b'\r', ..]) => begin + 1,
            // The word alone, in a text.
            _ => {
                from = begin;
                continue;
            }
        };
        let end = find(pdf, b"endstream", data).ok_or(DocumentFault::Damaged)?;
        let dictionary = rfind(text, b" obj").map_or(text, |obj| text.get(obj..).unwrap_or_default());
        if names(dictionary).any(|name| name == b"ObjStm") {
            left = check_packed(dictionary, pdf.get(data..end).unwrap_or_default(), left)?;
        }
        from = end + b"endstream".len();
    }
    Err(DocumentFault::Locked)
}

/// Unpacks objects and reads them (§7.5.7); gives how many bytes may still be unpacked.
fn check_packed(dictionary: &[u8], data: &[u8], left: u64) -> Result<u64, DocumentFault> {
    let filters: Vec<Vec<u8>> = names(dictionary)
        .filter(|name| {
            name.ends_with(b"Decode") || matches!(&name[..], b"Fl" | b"LZW" | b"Crypt" | b"Predictor")
        })
        .collect();
    match &filters[..] {
        [] => check_text(data).map(|()| left),
        [only] if only == b"FlateDecode" => {
            let mut plain = Vec::new();
            // What comes before damage is read; a reader would do the same.
            let _ = ZlibDecoder::new(data).take(left + 1).read_to_end(&mut plain);
            let used = u64::try_from(plain.len()).unwrap_or(u64::MAX);
            let left = left.checked_sub(used).ok_or(DocumentFault::Locked)?;
            check_text(&plain).map(|()| left)
        }
        _ => Err(DocumentFault::Locked),
    }
}

fn check_text(text: &[u8]) -> Result<(), DocumentFault> {
    if find(text, b"PK\x03\x04", 0).is_some() {
        return Err(DocumentFault::Carries);
    }
    let lower = text.to_ascii_lowercase();
    if [&b"<script"[..], b"<html"].iter().any(|tag| find(&lower, tag, 0).is_some()) {
        return Err(DocumentFault::Carries);
    }
    check_names(text, true)
}

fn check_names(bytes: &[u8], short: bool) -> Result<(), DocumentFault> {
    for name in names(bytes) {
        let is = |list: &[&[u8]]| list.contains(&&name[..]);
        if name == b"Encrypt" {
            return Err(DocumentFault::Locked);
        }
        if is(&CARRIES) || short && is(&SHORT_CARRIES) {
            return Err(DocumentFault::Carries);
        }
        if is(&ACTS) || short && is(&SHORT_ACTS) {
            return Err(DocumentFault::Acts);
        }
    }
    Ok(())
}

/// The names in some bytes, with `#61` read as `a`.
fn names(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1);
    starts.map(|at| name_at(bytes.get(at..).unwrap_or_default()))
}

/// The name that begins here, at most as long as any that is looked for, and one byte.
fn name_at(bytes: &[u8]) -> Vec<u8> {
    const LONGEST: usize = 14;
    let mut name = Vec::new();
    let mut rest = bytes;
    while let [first, after @ ..] = rest
        && name.len() < LONGEST
    {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, after) {
            (b'#', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                name.push(hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0));
                rest = after;
            }
            // Delimiters and blanks end a name (§7.2.3).
            (b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%' | 0..=b' ', _) => break,
            _ => {
                name.push(*first);
                rest = after;
            }
        }
    }
    name
}

fn find(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let first = *word.first()?;
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        let next = at + rest.iter().position(|byte| *byte == first)?;
        if bytes.get(next..)?.starts_with(word) {
            return Some(next);
        }
        at = next + 1;
    }
}

fn rfind(bytes: &[u8], word: &[u8]) -> Option<usize> {
    (0..=bytes.len().checked_sub(word.len())?).rev().find(|at| bytes[*at..].starts_with(word))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    /// A small PDF with these objects.
    pub(crate) fn pdf(objects: &[&[u8]]) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        for (number, object) in objects.iter().enumerate() {
            out.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
            out.extend_from_slice(object);
            out.extend_from_slice(b"\nendobj\n");
        }
        let at = out.len();
        out.extend_from_slice(
            format!(
                "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"
            )
            .as_bytes(),
        );
        out
    }
    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }
    fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
        [format!("<< {dictionary} /Length {} >>\nstream\n", data.len()).as_bytes(), data, b"\nendstream"]
            .concat()
    }
    fn fault(bytes: Vec<u8>) -> DocumentFault {
        clean(bytes).unwrap_err()
    }

    #[test]
    fn an_honest_pdf_is_kept_as_it_is() {
        let page = stream("/Filter /FlateDecode", &packed(b"BT (Birth certificate) Tj ET"));
        let objects =
            stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &packed(b"5 0 << /Type /Page >>"));
        let plain = pdf(&[b"<< /Type /Catalog /Pages 2 0 R >>", &page, &objects]);
        assert_eq!(clean(plain.clone()), Ok((Media::Pdf, plain)));
    }

    #[test]
    fn what_acts_is_refused_however_it_is_written() {
        for object in [
            &b"<< /S /JavaScript /JS (app.alert(1)) >>"[..],
            b"<< /S /J#61va#53cript >>",
            b"<< /JS 4 0 R >>",
            b"<< /AcroForm << /XFA [] >> >>",
            b"<< /S /Launch /F (calc.exe) >>",
            b"<< /S /SubmitForm >>",
            b"<< /Type /RichMedia >>",
        ] {
            assert_eq!(fault(pdf(&[object])), DocumentFault::Acts, "{}", String::from_utf8_lossy(object));
        }
        let hidden = stream("/Type /ObjStm /Filter /FlateDecode", &packed(b"<< /S /JavaScript /JS (x) >>"));
        assert_eq!(fault(pdf(&[&hidden])), DocumentFault::Acts, "in packed objects");
        let comment = b"% stream\n<< /S /JavaScript >>\n% endstream";
        assert_eq!(fault(pdf(&[comment])), DocumentFault::Acts, "between words that only look like a stream");
    }

    #[test]
    fn what_is_or_carries_another_file_is_refused() {
        let zip = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
        let end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
        for object in [
            &b"<< /Type /EmbeddedFile >>"[..],
            b"<< /Names << /EmbeddedFiles 3 0 R >> >>",
            b"<< /Type /Filespec /EF << /F 3 0 R >> >>",
            &zip,
            &stream("", &[&zip[..], &end].concat()),
            b"<script>alert(1)</script>",
            &stream("", b"7z\xbc\xaf\x27\x1c"),
        ] {
            assert_eq!(fault(pdf(&[object])), DocumentFault::Carries, "{}", String::from_utf8_lossy(object));
        }
        // A zip behind the end: what archive programs open is the end of a file.
        let after = [pdf(&[]), zip, end].concat();
        assert_eq!(fault(after), DocumentFault::Damaged);
    }

    #[test]
    fn what_cannot_be_looked_through_is_refused() {
        assert_eq!(fault(pdf(&[b"<< /Encrypt 3 0 R >>"])), DocumentFault::Locked);
        for filters in [
            "/Filter /LZWDecode",
            "/Filter [/ASCII85Decode /FlateDecode]",
            "/Filter /FlateDecode /DecodeParms << /Predictor 12 >>",
        ] {
            let hidden = stream(&format!("/Type /ObjStm {filters}"), b"x");
            assert_eq!(fault(pdf(&[&hidden])), DocumentFault::Locked, "{filters}");
        }
        // A bomb: at the limit it is read, one past it refused.
        let limit = usize::try_from(UNPACKED_BYTES_MAX).unwrap();
        for (size, ok) in [(limit, true), (limit + 1, false)] {
            let bomb = stream("/Type /ObjStm /Filter /FlateDecode", &packed(&vec![b' '; size]));
            assert_eq!(clean(pdf(&[&bomb])).is_ok(), ok, "{size}");
        }
        let many = |count: usize| pdf(&[&b"stream\nendstream ".repeat(count)]);
        assert!(clean(many(STREAMS_MAX - 1)).is_ok());
        assert_eq!(fault(many(STREAMS_MAX)), DocumentFault::Locked);
    }

    #[test]
    fn what_is_cut_off_or_of_another_kind_is_refused() {
        let whole = pdf(&[b"<< /Type /Catalog >>"]);
        assert_eq!(fault(whole[..whole.len() - 8].to_vec()), DocumentFault::Damaged);
        assert_eq!(fault(b"%PDF-9.9\n%%EOF".to_vec()), DocumentFault::Damaged);
        assert_eq!(
            fault([b" ".as_slice(), &whole].concat()),
            DocumentFault::Unknown,
            "a PDF begins with its name"
        );
        for magic in [&b"GIF89a"[..], b"PK\x03\x04", b"MZ\x90", b"<svg xmlns=''/>", b"BM6", b"hello"] {
            assert_eq!(fault(magic.to_vec()), DocumentFault::Unknown);
        }
        assert_eq!(fault(Vec::new()), DocumentFault::Empty);
        assert_eq!(fault(b"\x89PNG\r\n\x1a\n".to_vec()), DocumentFault::Damaged);
        assert_eq!(fault(vec![0xff, 0xd8, 0xff, 0xe0]), DocumentFault::Damaged);
    }

    #[test]
    fn so_many_bytes_and_no_more() {
        let padded = |size: usize| {
            let small = pdf(&[b""]).len();
            let mut out = pdf(&[&vec![b' '; size - small]]);
            // The place of the table has more digits now.
            while out.len() > size {
                out = pdf(&[&vec![b' '; size - small - (out.len() - size)]]);
            }
            out
        };
        let most = padded(DOCUMENT_BYTES_MAX);
        assert_eq!(most.len(), DOCUMENT_BYTES_MAX);
        assert!(clean(most.clone()).is_ok());
        assert_eq!(fault([most, b"\n".to_vec()].concat()), DocumentFault::TooLarge);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = clean(bytes.clone());
            let _ = clean([b"%PDF-1.4\n".to_vec(), bytes.clone(), b"\nstartxref\n0\n%%EOF".to_vec()].concat());
            let _ = clean(pdf(&[&bytes]));
        }
    }
}
