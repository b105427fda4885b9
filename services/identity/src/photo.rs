//! Photos as they come from cameras and phones: checked, and freed of what a camera adds (place, device, time,
//! thumbnails), before they are sealed.

/// Largest photo taken, in bytes.
pub const MAX_PHOTO_BYTES: usize = 1 << 20;
/// Widest or highest photo taken, in pixels.
pub const MAX_PHOTO_SIDE: u32 = 4000;

/// What kind of picture it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhotoKind {
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG (W3C PNG, third edition).
    Png,
}

impl PhotoKind {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// A photo that can be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// What kind.
    pub kind: PhotoKind,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The picture, without metadata.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({:?}, {} x {})", self.kind, self.width, self.height)
    }
}

/// Why a file is no photo we keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPhoto {
    /// More than [`MAX_PHOTO_BYTES`].
    #[error("the photo is larger than one megabyte")]
    TooLarge,
    /// Neither JPEG nor PNG.
    #[error("the file is neither a JPEG nor a PNG picture")]
    Kind,
    /// The file breaks off or contradicts itself.
    #[error("the picture is damaged")]
    Damaged,
    /// No pixels, or more than [`MAX_PHOTO_SIDE`] on a side.
    #[error("the picture has no pixels, or more than 4000 on a side")]
    Size,
}

impl BadPhoto {
    /// The message for the person who sent it.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "identity-fault-photo-large",
            Self::Kind => "identity-fault-photo-kind",
            Self::Damaged => "identity-fault-photo-damaged",
            Self::Size => "identity-fault-photo-size",
        }
    }
}

/// Checks a photo and drops its metadata. The pixels are not decoded here.
///
/// # Errors
/// When it is too large, of another kind, or damaged.
pub fn clean(bytes: &[u8]) -> Result<Photo, BadPhoto> {
    if bytes.len() > MAX_PHOTO_BYTES {
        return Err(BadPhoto::TooLarge);
    }
    let photo = if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        clean_jpeg(bytes)
    } else if bytes.starts_with(PNG_SIGNATURE) {
        clean_png(bytes)
    } else {
        return Err(BadPhoto::Kind);
    }
    .ok_or(BadPhoto::Damaged)?;
    let side_ok = |side| (1..=MAX_PHOTO_SIDE).contains(&side);
    if side_ok(photo.width) && side_ok(photo.height) { Ok(photo) } else { Err(BadPhoto::Size) }
}

/// Walks the segments up to the first scan, keeping those that a decoder needs: JFIF (APP0) and Adobe (APP14)
/// say how colours are meant; all other APPn and comments go. `None` when damaged.
fn clean_jpeg(bytes: &[u8]) -> Option<Photo> {
    let mut out = vec![0xff, 0xd8];
    let mut rest = bytes.get(2..)?;
    let mut size = None;
    loop {
        let [0xff, marker, ..] = *rest else { return None };
        if marker == 0xff {
            rest = &rest[1..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        let segment = rest.get(..2 + length).filter(|_| length >= 2)?;
        match marker {
            // The scan begins: everything up to the end marker is picture. What follows the end marker goes.
            0xda => {
                let (width, height) = size?;
                let end = rest.windows(2).rposition(|pair| pair == [0xff, 0xd9])?;
                out.extend_from_slice(&rest[..end + 2]);
                return Some(Photo { kind: PhotoKind::Jpeg, width, height, bytes: out });
            }
            0xc0..=0xc2 => {
                let side = |at: usize| {
                    Some(u32::from(u16::from_be_bytes([*segment.get(at)?, *segment.get(at + 1)?])))
                };
                size = Some((side(7)?, side(5)?));
                out.extend_from_slice(segment);
            }
            0xe0 | 0xee | 0xc4 | 0xdb | 0xdd => out.extend_from_slice(segment),
            0xe1..=0xef | 0xfe => {}
            _ => return None,
        }
        rest = &rest[2 + length..];
    }
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Keeps the chunks a decoder needs. `None` when damaged.
fn clean_png(bytes: &[u8]) -> Option<Photo> {
    let mut out = PNG_SIGNATURE.to_vec();
    let mut rest = bytes.get(PNG_SIGNATURE.len()..)?;
    let mut size = None;
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk::<4>()?)).ok()?;
        let chunk = rest.get(..length.checked_add(12)?)?;
        let name = chunk.get(4..8)?;
        match name {
            b"IHDR" => {
                let side = |at: usize| Some(u32::from_be_bytes(*chunk.get(at..)?.first_chunk::<4>()?));
                size = Some((side(8)?, side(12)?));
                out.extend_from_slice(chunk);
            }
            b"PLTE" | b"IDAT" | b"tRNS" | b"sRGB" | b"gAMA" if size.is_some() => out.extend_from_slice(chunk),
            b"IEND" => {
                out.extend_from_slice(chunk);
                let (width, height) = size?;
                return Some(Photo { kind: PhotoKind::Png, width, height, bytes: out });
            }
            _ => {}
        }
        rest = &rest[chunk.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jpeg() -> Vec<u8> {
        let mut out = vec![0xff, 0xd8];
        out.extend([0xff, 0xe0, 0, 4, 1, 2]);
        out.extend([0xff, 0xe1, 0, 8]);
        out.extend(b"GPS 36");
        out.extend([0xff, 0xc0, 0, 8, 8, 0, 16, 0, 32, 0]);
        out.extend([0xff, 0xda, 0, 2, 9, 9, 9, 0xff, 0xd9]);
        out.extend(b"trailing thumbnail");
        out
    }

    fn png() -> Vec<u8> {
        let chunk = |name: &[u8], body: &[u8]| {
            let mut c = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
            c.extend(name);
            c.extend(body);
            c.extend([0; 4]);
            c
        };
        let mut out = PNG_SIGNATURE.to_vec();
        out.extend(chunk(b"IHDR", &[0, 0, 0, 32, 0, 0, 0, 16, 8, 2, 0, 0, 0]));
        out.extend(chunk(b"eXIf", b"GPS 36"));
        out.extend(chunk(b"IDAT", &[1, 2, 3]));
        out.extend(chunk(b"IEND", b""));
        out
    }

    #[test]
    fn metadata_goes_and_the_picture_stays() {
        for (bytes, kind) in [(jpeg(), PhotoKind::Jpeg), (png(), PhotoKind::Png)] {
            let photo = clean(&bytes).unwrap();
            assert_eq!((photo.kind, photo.width, photo.height), (kind, 32, 16));
            assert!(!photo.bytes.windows(3).any(|w| w == b"GPS"), "{kind:?}");
            assert_eq!(clean(&photo.bytes).as_ref(), Ok(&photo), "cleaning twice changes nothing");
        }
        assert!(!clean(&jpeg()).unwrap().bytes.ends_with(b"thumbnail"));
    }

    #[test]
    fn limits() {
        assert_eq!(clean(&vec![0; MAX_PHOTO_BYTES + 1]), Err(BadPhoto::TooLarge));
        assert_eq!(clean(b"GIF89a"), Err(BadPhoto::Kind));
        assert_eq!(clean(b""), Err(BadPhoto::Kind));
        let mut wide = png();
        wide[16..20].copy_from_slice(&(MAX_PHOTO_SIDE + 1).to_be_bytes());
        assert_eq!(clean(&wide), Err(BadPhoto::Size));
    }

    proptest! {
        #[test]
        fn damage_is_answered(cut in 3_usize..60, at in 3_usize..60, with: u8) {
            for whole in [jpeg(), png()] {
                let _ = clean(&whole[..cut.min(whole.len())]);
                let mut hurt = whole.clone();
                let at = at.min(hurt.len() - 1);
                hurt[at] = with;
                let _ = clean(&hurt);
            }
        }
    }
}
