//! Photos of people: whatever a phone or a scanner sends, made small, upright and free of metadata.
//!
//! The bytes come from strangers. They are decoded by two memory-safe decoders within named limits, and what
//! is kept is a new JPEG file of the pixels alone: no EXIF, no GPS position, no thumbnail, no comment, no
//! colour profile, nothing hidden behind the end of the image.

use jpeg_encoder::{ColorType as JpegColour, Encoder};
use png::Transformations;
use std::io::Cursor;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// The most bytes of a file that is looked at: 10 MiB.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The most pixels: 16 million, a little above what common phones take.
pub const MAX_PIXELS: u64 = 16 * 1024 * 1024;
/// The most pixels on one side.
pub const MAX_SIDE: u32 = 16_384;
/// The least pixels on each side: below, nobody is recognised.
pub const MIN_SIDE: u32 = 48;
/// The longer side of a normalised photo, in pixels.
pub const MAX_EDGE: u16 = 480;
/// The longer side of a normalised scan, in pixels: a page of A4 stays readable at some 200 dots an inch.
pub const MAX_SCAN_EDGE: u16 = 2_400;
/// Quality of the JPEG that is kept, 1 to 100.
const QUALITY: u8 = 85;

/// A normalised photo: a baseline JPEG in RGB without any metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Photo {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
}

/// Why a file is no photo that can be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoFault {
    /// More bytes than [`MAX_BYTES`].
    #[error("the file has {bytes} bytes; at most {MAX_BYTES} are taken: choose a smaller picture")]
    TooManyBytes {
        /// Its size.
        bytes: usize,
    },
    /// More pixels than [`MAX_PIXELS`] or [`MAX_SIDE`].
    #[error(
        "the picture has {width} x {height} pixels; at most 16 million are taken: choose a smaller picture"
    )]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Fewer pixels than [`MIN_SIDE`] on a side.
    #[error("the picture has {width} x {height} pixels; at least {MIN_SIDE} on each side are needed")]
    TooSmall {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Neither a JPEG nor a PNG file.
    #[error("the file is neither a JPEG nor a PNG picture: save the picture as JPEG and try again")]
    UnknownFormat,
    /// It begins like a picture, but is damaged or of a kind that cannot be read.
    #[error("the picture cannot be read, it may be damaged: save it as JPEG and try again")]
    Damaged,
}

/// Pixels, three bytes each.
struct Pixels {
    bytes: Vec<u8>,
    /// RGB or, as most JPEG files hold them, YCbCr: to go over RGB would cost time and gain nothing.
    colour: JpegColour,
    width: u32,
    height: u32,
}

/// Makes a photo of a JPEG or PNG file: upright as EXIF says, at most [`MAX_EDGE`] pixels on the longer side,
/// transparent parts on white, no metadata. The same file gives the same bytes.
///
/// It takes up to a second and 150 MB at the limits: call it off the threads that serve requests.
///
/// # Errors
/// [`PhotoFault`], for whatever is no such picture.
pub fn normalise(bytes: &[u8]) -> Result<Photo, PhotoFault> {
    made_anew(bytes, MAX_EDGE)
}

/// As [`normalise`], for pictures of papers: at most [`MAX_SCAN_EDGE`] pixels on the longer side.
///
/// # Errors
/// As [`normalise`].
pub fn normalise_scan(bytes: &[u8]) -> Result<Photo, PhotoFault> {
    made_anew(bytes, MAX_SCAN_EDGE)
}

fn made_anew(bytes: &[u8], edge: u16) -> Result<Photo, PhotoFault> {
    if bytes.len() > MAX_BYTES {
        return Err(PhotoFault::TooManyBytes { bytes: bytes.len() });
    }
    let (pixels, turn) = if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        decode_jpeg(bytes)?
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (decode_png(bytes)?, 1)
    } else {
        return Err(PhotoFault::UnknownFormat);
    };
    let small = turned(shrunk(pixels, edge), turn);
    let width = u16::try_from(small.width).map_err(|_| PhotoFault::Damaged)?;
    let height = u16::try_from(small.height).map_err(|_| PhotoFault::Damaged)?;
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY)
        .encode(&small.bytes, width, height, small.colour)
        .map_err(|_| PhotoFault::Damaged)?;
    Ok(Photo { jpeg, width, height })
}

fn check_size(width: u32, height: u32) -> Result<(), PhotoFault> {
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoFault::TooManyPixels { width, height });
    }
    if width.min(height) < MIN_SIDE {
        return Err(PhotoFault::TooSmall { width, height });
    }
    Ok(())
}

/// The pixels and the EXIF orientation, 1 to 8.
fn decode_jpeg(bytes: &[u8]) -> Result<(Pixels, u8), PhotoFault> {
    let side = usize::try_from(MAX_SIDE).map_err(|_| PhotoFault::Damaged)?;
    let options = DecoderOptions::new_safe()
        .set_max_width(side * 4)
        .set_max_height(side * 4)
        .jpeg_set_max_scans(64)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| PhotoFault::Damaged)?;
    let (width, height) = decoder.dimensions().ok_or(PhotoFault::Damaged)?;
    let width = u32::try_from(width).map_err(|_| PhotoFault::Damaged)?;
    let height = u32::try_from(height).map_err(|_| PhotoFault::Damaged)?;
    check_size(width, height)?;
    let turn = decoder.exif().map_or(1, |exif| orientation(exif));
    let mut colour = JpegColour::Rgb;
    if decoder.input_colorspace() == Some(ColorSpace::YCbCr) {
        colour = JpegColour::Ycbcr;
        decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::YCbCr));
    }
    let bytes = decoder.decode().map_err(|_| PhotoFault::Damaged)?;
    Ok((whole(bytes, colour, (width, height))?, turn))
}

fn decode_png(bytes: &[u8]) -> Result<Pixels, PhotoFault> {
    // Enough for the largest picture in four channels of 16 bits, and no more.
    let limits = png::Limits { bytes: 160 * 1024 * 1024 };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(|_| PhotoFault::Damaged)?;
    let (width, height) = (header.width, header.height);
    check_size(width, height)?;
    let mut reader = decoder.read_info().map_err(|_| PhotoFault::Damaged)?;
    let size = reader.output_buffer_size().ok_or(PhotoFault::Damaged)?;
    let mut raw = vec![0; size];
    reader.next_frame(&mut raw).map_err(|_| PhotoFault::Damaged)?;
    let (colour, _) = reader.output_color_type();
    let rgb = match colour {
        png::ColorType::Rgb => raw,
        png::ColorType::Rgba => raw.chunks_exact(4).flat_map(over_white).collect(),
        png::ColorType::Grayscale => raw.iter().flat_map(|g| [*g; 3]).collect(),
        png::ColorType::GrayscaleAlpha => {
            raw.chunks_exact(2).flat_map(|p| over_white(&[p[0], p[0], p[0], p[1]])).collect()
        }
        // EXPAND has made palettes into RGB.
        png::ColorType::Indexed => return Err(PhotoFault::Damaged),
    };
    whole(rgb, JpegColour::Rgb, (width, height))
}

fn over_white(pixel: &[u8]) -> [u8; 3] {
    let at = |i: usize| u32::from(pixel.get(i).copied().unwrap_or(255));
    let alpha = at(3);
    [0, 1, 2].map(|i| u8::try_from((at(i) * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255))
}

fn whole(bytes: Vec<u8>, colour: JpegColour, (width, height): (u32, u32)) -> Result<Pixels, PhotoFault> {
    let expected = u64::from(width) * u64::from(height) * 3;
    if u64::try_from(bytes.len()).ok() != Some(expected) {
        return Err(PhotoFault::Damaged);
    }
    Ok(Pixels { bytes, colour, width, height })
}

/// Shrinks to this longer side by averaging the pixels that fall into each new one; small pictures stay as they are.
fn shrunk(from: Pixels, edge: u16) -> Pixels {
    let edge = u32::from(edge);
    let longer = from.width.max(from.height);
    if longer <= edge {
        return from;
    }
    let side =
        |n: u32| u32::try_from((u64::from(n) * u64::from(edge) / u64::from(longer)).max(1)).unwrap_or(edge);
    let (width, height) = (side(from.width), side(from.height));
    let span = |i: u32, new: u32, old: u32| {
        let first = u64::from(i) * u64::from(old) / u64::from(new);
        let end = (u64::from(i) + 1) * u64::from(old) / u64::from(new);
        (usize::try_from(first).unwrap_or(0), usize::try_from(end.max(first + 1)).unwrap_or(0))
    };
    let stride = usize::try_from(from.width).unwrap_or(0) * 3;
    let mut bytes = Vec::with_capacity(usize::try_from(width * height * 3).unwrap_or(0));
    for row in 0..height {
        let (top, bottom) = span(row, height, from.height);
        for column in 0..width {
            let (left, right) = span(column, width, from.width);
            let mut sum = [0_u64; 3];
            for y in top..bottom {
                let line = from.bytes.get(y * stride + left * 3..y * stride + right * 3).unwrap_or_default();
                for pixel in line.chunks_exact(3) {
                    for (total, part) in sum.iter_mut().zip(pixel) {
                        *total += u64::from(*part);
                    }
                }
            }
            let count = u64::try_from((bottom - top) * (right - left)).unwrap_or(1).max(1);
            bytes.extend(sum.map(|s| u8::try_from((s + count / 2) / count).unwrap_or(255)));
        }
    }
    Pixels { bytes, width, height, ..from }
}

/// Turns and mirrors as EXIF's orientation says (CIPA DC-008 tag 0x0112).
fn turned(from: Pixels, orientation: u8) -> Pixels {
    if !(2..=8).contains(&orientation) {
        return from;
    }
    let swaps = orientation >= 5;
    let (width, height) = if swaps { (from.height, from.width) } else { (from.width, from.height) };
    let mut bytes = Vec::with_capacity(from.bytes.len());
    for y in 0..height {
        for x in 0..width {
            let (right, bottom) = (width - 1 - x, height - 1 - y);
            let (sx, sy) = match orientation {
                2 => (right, y),
                3 => (right, bottom),
                4 => (x, bottom),
                5 => (y, x),
                6 => (y, right),
                7 => (bottom, right),
                _ => (bottom, x),
            };
            let at = usize::try_from((sy * from.width + sx) * 3).unwrap_or(0);
            bytes.extend_from_slice(from.bytes.get(at..at + 3).unwrap_or(&[255; 3]));
        }
    }
    Pixels { bytes, width, height, ..from }
}

/// The orientation in EXIF data (a TIFF header and its first directory); 1, upright, when there is none.
fn orientation(exif: &[u8]) -> u8 {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    find_orientation(exif).filter(|o| (1..=8).contains(o)).unwrap_or(1)
}

fn find_orientation(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let bytes: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let offset = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let directory = usize::try_from(offset).ok()?;
    let entries = usize::from(u16_at(directory)?);
    for entry in 0..entries.min(200) {
        let at = directory.checked_add(2 + entry * 12)?;
        if u16_at(at)? == 0x0112 {
            return u8::try_from(u16_at(at.checked_add(8)?)?).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose left half is red and right half blue, its top quarter brighter.
    fn sample(width: u32, height: u32) -> Vec<u8> {
        let mut rgb = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let light = if y < height / 4 { 90 } else { 0 };
                rgb.extend(if x < width / 2 { [160 + light, 0, 0] } else { [0, 0, 160 + light] });
            }
        }
        rgb
    }
    fn jpeg(width: u16, height: u16, exif: Option<&[u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 95);
        if let Some(exif) = exif {
            encoder.add_exif_metadata(exif).unwrap();
        }
        encoder.encode(&sample(width.into(), height.into()), width, height, JpegColour::Rgb).unwrap();
        out
    }
    fn png(width: u32, height: u32, colour: png::ColorType, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        out
    }
    fn pixel(photo: &Photo, x: usize, y: usize) -> [u8; 3] {
        let options = DecoderOptions::new_safe().jpeg_set_out_colorspace(ColorSpace::RGB);
        let rgb = JpegDecoder::new_with_options(ZCursor::new(&photo.jpeg), options).decode().unwrap();
        let at = (y * usize::from(photo.width) + x) * 3;
        rgb[at..at + 3].try_into().unwrap()
    }
    fn exif(orientation: u8) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
        // A GPS directory pointer, as phones write it.
        tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        tiff.extend(b"GPSSECRET");
        tiff
    }

    #[test]
    fn large_pictures_shrink_and_keep_their_shape() {
        let photo = normalise(&jpeg(1600, 1200, None)).unwrap();
        assert_eq!((photo.width, photo.height), (480, 360));
        let [r, _, b] = pixel(&photo, 100, 200);
        assert!(r > 140 && b < 40, "left is red");
        assert_eq!(photo, normalise(&jpeg(1600, 1200, None)).unwrap(), "deterministic");
    }

    #[test]
    fn colours_stay_what_they_were_and_grey_stays_grey() {
        for size in [(160, 120), (1600, 1200)] {
            let photo = normalise(&jpeg(size.0, size.1, None)).unwrap();
            let (x, y) = (usize::from(photo.width), usize::from(photo.height));
            for (at, expected) in [((x / 4, y / 2), [160, 0, 0]), ((x * 3 / 4, y / 8), [0, 0, 250])] {
                for (found, expected) in pixel(&photo, at.0, at.1).iter().zip(expected) {
                    assert!(found.abs_diff(expected) < 8, "{size:?}: {:?}", pixel(&photo, at.0, at.1));
                }
            }
        }
        let mut grey = Vec::new();
        Encoder::new(&mut grey, 95).encode(&[90; 64 * 64], 64, 64, JpegColour::Luma).unwrap();
        let photo = normalise(&grey).unwrap();
        assert!(pixel(&photo, 30, 30).iter().all(|part| part.abs_diff(90) < 4));
    }

    #[test]
    fn scans_stay_readable_and_no_larger() {
        let scan = normalise_scan(&jpeg(1600, 1200, None)).unwrap();
        assert_eq!((scan.width, scan.height), (1600, 1200));
        let scan = normalise_scan(&jpeg(MAX_SCAN_EDGE + 1, 1000, None)).unwrap();
        assert_eq!(scan.width, MAX_SCAN_EDGE);
        assert_eq!(normalise_scan(b"%PDF-1.7"), Err(PhotoFault::UnknownFormat));
    }

    #[test]
    fn metadata_is_gone_and_the_picture_stands_upright() {
        for (orientation, size, red) in [
            (1, (160, 120), (20, 100)),
            (3, (160, 120), (140, 20)),
            (6, (120, 160), (20, 20)),
            (8, (120, 160), (100, 140)),
        ] {
            let file = jpeg(160, 120, Some(&exif(orientation)));
            assert!(file.windows(9).any(|w| w == b"GPSSECRET"));
            let photo = normalise(&file).unwrap();
            assert!(!photo.jpeg.windows(9).any(|w| w == b"GPSSECRET"));
            assert!(!photo.jpeg.windows(4).any(|w| w == b"Exif"));
            assert_eq!((photo.width, photo.height), size, "orientation {orientation}");
            let [r, _, b] = pixel(&photo, red.0, red.1);
            assert!(r > 120 && b < 60, "orientation {orientation}: {r} {b}");
        }
    }

    #[test]
    fn png_of_every_colour_type_and_transparency_on_white() {
        let n = 64 * 64;
        let rgb = normalise(&png(64, 64, png::ColorType::Rgb, &sample(64, 64))).unwrap();
        assert_eq!((rgb.width, rgb.height), (64, 64));
        let clear = normalise(&png(64, 64, png::ColorType::Rgba, &vec![0; n * 4])).unwrap();
        assert!(pixel(&clear, 5, 5).iter().all(|p| *p > 250));
        let gray = normalise(&png(64, 64, png::ColorType::GrayscaleAlpha, &vec![255; n * 2])).unwrap();
        assert!(pixel(&gray, 5, 5).iter().all(|p| *p > 250));
        assert!(normalise(&png(64, 64, png::ColorType::Grayscale, &vec![7; n])).is_ok());
    }

    #[test]
    fn limits_at_the_edge_and_one_past_it() {
        assert_eq!(
            normalise(&vec![0; MAX_BYTES + 1]).unwrap_err(),
            PhotoFault::TooManyBytes { bytes: MAX_BYTES + 1 }
        );
        assert_eq!(normalise(&vec![0; MAX_BYTES]).unwrap_err(), PhotoFault::UnknownFormat);
        assert!(normalise(&jpeg(48, 48, None)).is_ok());
        assert!(matches!(normalise(&jpeg(47, 48, None)), Err(PhotoFault::TooSmall { .. })));
        assert!(check_size(4096, 4096).is_ok());
        assert!(check_size(4096, 4097).is_err());
        assert!(check_size(16_385, 100).is_err());
    }

    #[test]
    fn a_bomb_is_refused_by_its_header_before_it_is_unpacked() {
        // 30000 x 30000 pixels of zeros in a few kilobytes.
        let mut bomb = Vec::new();
        let mut encoder = png::Encoder::new(&mut bomb, 30_000, 30_000);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        drop(encoder.write_header().unwrap());
        assert!(matches!(normalise(&bomb), Err(PhotoFault::TooManyPixels { width: 30_000, .. })));
    }

    #[test]
    fn cut_and_bent_files_are_refused_or_decoded_but_never_panic() {
        let files = [jpeg(96, 64, Some(&exif(6))), png(64, 64, png::ColorType::Rgb, &sample(64, 64))];
        for file in files {
            for cut in (0..file.len()).step_by(file.len() / 60 + 1) {
                let _ = normalise(&file[..cut]);
            }
            for at in (0..file.len()).step_by(7) {
                let mut bent = file.clone();
                bent[at] = bent[at].wrapping_add(85);
                let _ = normalise(&bent);
            }
        }
        for nothing in [&b""[..], b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"II*\0"] {
            assert!(normalise(nothing).is_err());
        }
        for cut in 0..exif(6).len() {
            let _ = orientation(&exif(6)[..cut]);
        }
        assert_eq!(orientation(&exif(9)), 1);
    }
}
