//! The packet: a clear header that says whose it is and where it stands in its chain, and a sealed content that two keys signed.

use crate::clock::Times;
use crate::fault::Fault;
use crate::hex::fixed;
use crate::hpke;
use crate::keys::{KEY_ID_BYTES, OpeningKey, SealingKey, Signer, verifies};
use crate::wire::{Reader, put};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// The first bytes of every packet.
pub const MAGIC: &[u8; 8] = b"daftarEP";
/// The one version of the format.
pub const VERSION: u16 = 1;
/// Most bytes of a packet.
pub const PACKET_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most bytes of what a form said.
pub const ENTRY_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a photo.
pub const PHOTO_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most bytes of one document.
pub const DOCUMENT_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Most documents.
pub const DOCUMENTS_MAX: usize = 8;
/// Most bytes of the times and the operator's name of key.
pub const META_BYTES_MAX: usize = 2 * 1024;
/// Most bytes of a document's kind.
pub const KIND_BYTES_MAX: usize = 40;
/// Bytes of the clear header.
pub const HEADER_BYTES: usize = 8 + 2 + 32 + 16 + 8 + 32 + KEY_ID_BYTES;
/// What precedes the first packet of an installation.
pub const BEGINNING: [u8; 32] = [0; 32];

const INFO: &[u8] = b"daftar enrolment packet 1";
const DEVICE: &str = "daftar enrolment packet 1, device";
const OPERATOR: &str = "daftar enrolment packet 1, operator";

/// What everybody can read of a packet. It is covered by both signatures and bound to the sealed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The device's public key, which is its name.
    pub device: [u8; 32],
    /// Which installation of the kit on that device; drawn anew with every reinstallation.
    pub installation: [u8; 16],
    /// Its number within the installation, from 1.
    pub sequence: u64,
    /// [`hash`] of the packet before; [`BEGINNING`] for the first.
    pub previous: [u8; 32],
    /// Short name of the registry's key it is sealed for.
    pub recipient: [u8; KEY_ID_BYTES],
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let (version, sequence) = (VERSION.to_be_bytes(), self.sequence.to_be_bytes());
        let parts: [&[u8]; 7] =
            [MAGIC, &version, &self.device, &self.installation, &sequence, &self.previous, &self.recipient];
        parts.concat()
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        // What is no packet at all is told apart from one that was cut short.
        let magic = reader.0.get(..MAGIC.len().min(reader.0.len())).unwrap_or_default();
        if !MAGIC.starts_with(magic) {
            return Err(Fault::NotAPacket);
        }
        reader.take(MAGIC.len())?;
        match reader.u16()? {
            VERSION => {}
            other => return Err(Fault::Version(other)),
        }
        let header = Self {
            device: reader.fixed()?,
            installation: reader.fixed()?,
            sequence: reader.u64()?,
            previous: reader.fixed()?,
            recipient: reader.fixed()?,
        };
        if header.sequence == 0 || (header.sequence == 1) != (header.previous == BEGINNING) {
            return Err(Fault::Malformed("sequence"));
        }
        Ok(header)
    }
}

/// A document that came with a person: what it is and its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A word of the country: letters, digits and hyphens.
    pub kind: String,
    /// The file as it was scanned.
    pub bytes: Vec<u8>,
}

/// What was enrolled.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// What the form said, as JSON; the registry knows its fields, this library does not.
    pub entry: Vec<u8>,
    /// The photo as it was taken.
    pub photo: Option<Vec<u8>>,
    /// Documents that came with it.
    pub documents: Vec<Attachment>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body(…)")
    }
}
impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({})", self.kind)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    #[serde(with = "fixed")]
    operator: [u8; 32],
    times: Times,
}

/// A packet about to be sealed.
pub struct Draft<'a> {
    /// See [`Header::installation`].
    pub installation: [u8; 16],
    /// See [`Header::sequence`].
    pub sequence: u64,
    /// See [`Header::previous`].
    pub previous: [u8; 32],
    /// What the device's clocks said.
    pub times: Times,
    /// What was enrolled.
    pub body: &'a Body,
}

/// A packet that was opened, and whose signatures hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Whose it is and where it stands.
    pub header: Header,
    /// Public key of the operator who signed it.
    pub operator: [u8; 32],
    /// What the device's clocks said.
    pub times: Times,
    /// What was enrolled.
    pub body: Body,
}

/// The name of a packet: the SHA-256 of all its bytes. It is a hash of sealed bytes and tells nothing of what they hold.
#[must_use]
pub fn hash(packet: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(digest(&SHA256, packet).as_ref()) {
        *to = *from;
    }
    out
}

/// Whether a text can be the kind of a document.
#[must_use]
pub fn is_kind(kind: &str) -> bool {
    let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=KIND_BYTES_MAX).contains(&kind.len()) && kind.bytes().all(sign)
}

/// A body in the layout it has within a packet, for whoever keeps it elsewhere.
///
/// # Errors
/// [`Fault::Limit`] and [`Fault::Malformed`].
pub fn pack(body: &Body) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put(&mut out, &body.entry, ENTRY_BYTES_MAX, "entry")?;
    out.push(u8::from(body.photo.is_some()));
    if let Some(photo) = &body.photo {
        put(&mut out, photo, PHOTO_BYTES_MAX, "photo")?;
    }
    if body.documents.len() > DOCUMENTS_MAX {
        return Err(Fault::Limit("documents"));
    }
    out.push(u8::try_from(body.documents.len()).map_err(|_| Fault::Limit("documents"))?);
    for document in &body.documents {
        if !is_kind(&document.kind) {
            return Err(Fault::Malformed("kind of a document"));
        }
        put(&mut out, document.kind.as_bytes(), KIND_BYTES_MAX, "kind of a document")?;
        put(&mut out, &document.bytes, DOCUMENT_BYTES_MAX, "document")?;
    }
    Ok(out)
}

fn content(meta: &Meta, body: &Body) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    let meta = serde_json::to_vec(meta).map_err(|_| Fault::Malformed("times"))?;
    put(&mut out, &meta, META_BYTES_MAX, "times")?;
    out.extend(pack(body)?);
    Ok(out)
}

fn read_content(bytes: &[u8]) -> Result<(Meta, Body), Fault> {
    let mut reader = Reader(bytes);
    let meta = reader.part(META_BYTES_MAX, "times")?;
    let meta = serde_json::from_slice(meta).map_err(|_| Fault::Malformed("times"))?;
    Ok((meta, unpack(reader.0)?))
}

/// What [`pack`] made.
///
/// # Errors
/// When it is not laid out so, or something follows.
pub fn unpack(bytes: &[u8]) -> Result<Body, Fault> {
    let mut reader = Reader(bytes);
    let entry = reader.part(ENTRY_BYTES_MAX, "entry")?.to_vec();
    let photo = match reader.u8()? {
        0 => None,
        1 => Some(reader.part(PHOTO_BYTES_MAX, "photo")?.to_vec()),
        _ => return Err(Fault::Malformed("photo")),
    };
    let count = usize::from(reader.u8()?);
    if count > DOCUMENTS_MAX {
        return Err(Fault::Limit("documents"));
    }
    let mut documents = Vec::with_capacity(count);
    for _ in 0..count {
        let kind = reader.part(KIND_BYTES_MAX, "kind of a document")?;
        let kind = std::str::from_utf8(kind).ok().filter(|kind| is_kind(kind));
        let kind = kind.ok_or(Fault::Malformed("kind of a document"))?.to_string();
        documents.push(Attachment { kind, bytes: reader.part(DOCUMENT_BYTES_MAX, "document")?.to_vec() });
    }
    reader.end()?;
    Ok(Body { entry, photo, documents })
}

/// What both keys sign: the header with all of the content.
fn signed(header: &[u8], content: &[u8]) -> Vec<u8> {
    [header, &hash(content)].concat()
}

/// Signs, then seals. `ephemeral` must be 32 bytes that nobody can guess and that are used once.
///
/// # Errors
/// [`Fault::Limit`] and [`Fault::TooLarge`] beyond the named limits, [`Fault::Malformed`] for a sequence that cannot be.
pub fn seal(
    draft: &Draft<'_>,
    (device, operator): (&Signer, &Signer),
    registry: &SealingKey,
    ephemeral: &[u8; 32],
) -> Result<Vec<u8>, Fault> {
    let header = Header {
        device: *device.public(),
        installation: draft.installation,
        sequence: draft.sequence,
        previous: draft.previous,
        recipient: registry.id(),
    };
    let clear = header.bytes();
    Header::read(&mut Reader(&clear))?;
    let meta = Meta { operator: *operator.public(), times: draft.times.clone() };
    let content = content(&meta, draft.body)?;
    let message = signed(&clear, &content);
    let plain =
        [&device.sign(DEVICE, &message)[..], &operator.sign(OPERATOR, &message)[..], &content].concat();
    let (enc, sealed) = hpke::seal(&registry.0, ephemeral, INFO, &clear, plain)?;
    let mut packet = [&clear[..], &enc[..]].concat();
    put(&mut packet, &sealed, PACKET_BYTES_MAX, "packet").map_err(|_| Fault::TooLarge)?;
    if packet.len() > PACKET_BYTES_MAX { Err(Fault::TooLarge) } else { Ok(packet) }
}

/// What everybody can read. It proves nothing: only [`open`] checks the signatures.
///
/// # Errors
/// When it is no packet, or one of another version.
pub fn read_header(packet: &[u8]) -> Result<Header, Fault> {
    frame(packet).map(|frame| frame.header)
}

struct Frame<'a> {
    header: Header,
    clear: &'a [u8],
    enc: [u8; 32],
    sealed: &'a [u8],
}

fn frame(packet: &[u8]) -> Result<Frame<'_>, Fault> {
    if packet.len() > PACKET_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    let mut reader = Reader(packet);
    let header = Header::read(&mut reader)?;
    let enc = reader.fixed()?;
    let sealed = reader.part(PACKET_BYTES_MAX, "packet")?;
    reader.end()?;
    Ok(Frame { header, clear: packet.get(..HEADER_BYTES).unwrap_or_default(), enc, sealed })
}

/// Opens a packet and checks both signatures.
///
/// # Errors
/// The first fault that is found; nothing of the content is given then.
pub fn open(packet: &[u8], key: &OpeningKey) -> Result<Packet, Fault> {
    let Frame { header, clear, enc, sealed } = frame(packet)?;
    if header.recipient != key.public().id() {
        return Err(Fault::OtherKey);
    }
    let pair = (key.private(), &key.public().0);
    let plain = hpke::open(pair, &enc, INFO, clear, sealed.to_vec())?;
    let mut reader = Reader(&plain);
    let (by_device, by_operator) = (reader.fixed()?, reader.fixed()?);
    let message = signed(clear, reader.0);
    if !verifies(&header.device, DEVICE, &message, &by_device) {
        return Err(Fault::DeviceSignature);
    }
    let (meta, body) = read_content(reader.0)?;
    if !verifies(&meta.operator, OPERATOR, &message, &by_operator) {
        return Err(Fault::OperatorSignature);
    }
    Ok(Packet { header, operator: meta.operator, times: meta.times, body })
}
