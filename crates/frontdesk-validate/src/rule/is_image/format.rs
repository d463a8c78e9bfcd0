//! Image formats: telling them by their content, and reading the size.
//!
//! Nothing is decoded. What is read is the structure of the file, as far as its head goes: a file that was cut off, or
//! is something else under a picture's first bytes, does not get through. Every read is checked, every step moves on.

use std::fmt;
use std::str::FromStr;

/// A format of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageFormat {
    /// Windows bitmap.
    Bmp,
    /// GIF, of 1987 and 1989.
    Gif,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// SVG. It is a document that may hold scripts: a browser must only get it as an attachment or under a sandbox
    /// policy.
    Svg,
    /// WebP.
    Webp,
}

impl ImageFormat {
    const ALL: [Self; 6] = [Self::Bmp, Self::Gif, Self::Jpeg, Self::Png, Self::Svg, Self::Webp];

    /// The format's name, which is its file extension too: `jpeg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Webp => "webp",
        }
    }

    /// The format's media type: `image/jpeg`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Webp => "image/webp",
        }
    }

    /// The image in a file of `size` bytes that begins with `head`; nothing if it is none of this format.
    pub(super) fn read(self, head: &[u8], size: u64) -> Option<Image> {
        let bytes = Bytes { head, size };
        let dimensions = match self {
            Self::Bmp => bmp(bytes)?,
            Self::Gif => gif(bytes)?,
            Self::Jpeg => jpeg(bytes)?,
            Self::Png => png(bytes)?,
            Self::Webp => webp(bytes)?,
            Self::Svg => return super::svg::read(head),
        };
        (dimensions.0 > 0 && dimensions.1 > 0).then_some(Image { dimensions: Some(dimensions) })
    }
}

impl FromStr for ImageFormat {
    type Err = UnknownImageFormat;

    /// Reads a name or file extension; `jpg` is JPEG.
    fn from_str(name: &str) -> Result<Self, UnknownImageFormat> {
        if name.eq_ignore_ascii_case("jpg") {
            return Ok(Self::Jpeg);
        }
        let known = Self::ALL.into_iter().find(|format| name.eq_ignore_ascii_case(format.as_str()));
        known.ok_or_else(|| UnknownImageFormat(name.chars().take(60).collect()))
    }
}

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name of an image format that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown image format `{0}`; known are bmp, gif, jpeg, png, svg, webp")]
pub struct UnknownImageFormat(String);

/// What was found out about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// Width and height in pixels; a drawing may have none.
    pub(super) dimensions: Option<(u32, u32)>,
}

/// The beginning of a file.
#[derive(Clone, Copy)]
struct Bytes<'b> {
    head: &'b [u8],
    size: u64,
}

impl<'b> Bytes<'b> {
    fn array<const N: usize>(self, at: u64) -> Option<[u8; N]> {
        let at = usize::try_from(at).ok()?;
        self.head.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn byte(self, at: u64) -> Option<u8> {
        self.array(at).map(u8::from_le_bytes)
    }

    fn le16(self, at: u64) -> Option<u32> {
        self.array(at).map(u16::from_le_bytes).map(u32::from)
    }

    fn be16(self, at: u64) -> Option<u32> {
        self.array(at).map(u16::from_be_bytes).map(u32::from)
    }

    fn le24(self, at: u64) -> Option<u32> {
        let [a, b, c] = self.array(at)?;
        Some(u32::from_le_bytes([a, b, c, 0]))
    }

    fn le32(self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn be32(self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    /// Whether what lies `at` this place is in the file, but no more in its head.
    fn is_beyond(self, at: u64) -> bool {
        at >= self.head.len() as u64 && at < self.size
    }
}

/// <https://www.w3.org/TR/png-3/>: chunks of length, type, data and check sum.
fn png(bytes: Bytes<'_>) -> Option<(u32, u32)> {
    if !bytes.head.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR") {
        return None;
    }
    let dimensions = (bytes.be32(16)?, bytes.be32(20)?);
    let mut at = 33;
    let mut has_data = false;
    loop {
        if bytes.is_beyond(at + 7) {
            return Some(dimensions);
        }
        let kind: [u8; 4] = bytes.array(at + 4)?;
        at += 12 + u64::from(bytes.be32(at)?);
        if at > bytes.size {
            return None;
        }
        match &kind {
            b"IDAT" => has_data = true,
            b"IEND" => return has_data.then_some(dimensions),
            _ => {}
        }
    }
}

/// <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>: blocks, whose data is in pieces with a length each.
fn gif(bytes: Bytes<'_>) -> Option<(u32, u32)> {
    if !bytes.head.starts_with(b"GIF87a") && !bytes.head.starts_with(b"GIF89a") {
        return None;
    }
    let color_table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let dimensions = (bytes.le16(6)?, bytes.le16(8)?);
    let mut at = 13 + color_table(bytes.byte(10)?);
    loop {
        if bytes.is_beyond(at) {
            return Some(dimensions);
        }
        let is_image = match bytes.byte(at)? {
            0x21 => {
                at += 2;
                false
            }
            0x2c => {
                if bytes.is_beyond(at + 9) {
                    return Some(dimensions);
                }
                // The descriptor, the colours, and the size of the first code.
                at += 10 + color_table(bytes.byte(at + 9)?) + 1;
                true
            }
            _ => return None,
        };
        loop {
            if bytes.is_beyond(at) {
                return Some(dimensions);
            }
            let length = u64::from(bytes.byte(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
        if is_image {
            return Some(dimensions);
        }
    }
}

/// <https://www.w3.org/Graphics/JPEG/itu-t81.pdf>, annex B: segments with a marker each, up to the scan.
fn jpeg(bytes: Bytes<'_>) -> Option<(u32, u32)> {
    if !bytes.head.starts_with(b"\xff\xd8\xff") {
        return None;
    }
    let mut at = 2;
    let mut dimensions = None;
    loop {
        if bytes.byte(at)? != 0xff {
            return None;
        }
        let marker = bytes.byte(at + 1)?;
        match marker {
            // Any number of these may stand before a marker.
            0xff => {
                at += 1;
                continue;
            }
            // Markers alone.
            0x01 | 0xd0..=0xd7 => {
                at += 2;
                continue;
            }
            0x00 | 0xd8 | 0xd9 => return None,
            _ => {}
        }
        let length = u64::from(bytes.be16(at + 2)?);
        let end = at + 2 + length;
        if length < 2 || end >= bytes.size {
            return None;
        }
        match marker {
            0xda => return dimensions,
            // The frames: all of C0 to CF that are no tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                dimensions = Some((bytes.be16(at + 7)?, bytes.be16(at + 5)?));
            }
            _ => {}
        }
        at = end;
        // The size is known, and the scan is somewhere behind the head.
        if dimensions.is_some() && bytes.is_beyond(at + 3) {
            return dimensions;
        }
    }
}

/// <https://learn.microsoft.com/en-us/windows/win32/gdi/bitmap-storage>: two headers, colours, rows.
fn bmp(bytes: Bytes<'_>) -> Option<(u32, u32)> {
    if !bytes.head.starts_with(b"BM") {
        return None;
    }
    let (data, header) = (u64::from(bytes.le32(10)?), bytes.le32(14)?);
    let (width, height, bits, compression) = match header {
        12 => (bytes.le16(18)?, bytes.le16(20)?, bytes.le16(24)?, 0),
        40..=256 => {
            let signed = |at| bytes.array(at).map(i32::from_le_bytes);
            // A negative height says that the rows begin at the top.
            let width = u32::try_from(signed(18)?).ok()?;
            (width, signed(22)?.unsigned_abs(), bytes.le16(28)?, bytes.le32(30)?)
        }
        _ => return None,
    };
    let rows = match (compression, bits) {
        (0 | 3 | 6, 1 | 2 | 4 | 8 | 16 | 24 | 32) => {
            let row = (u64::from(width) * u64::from(bits)).div_ceil(32) * 4;
            row.checked_mul(u64::from(height))?
        }
        // Run-length encoded: of any length.
        (1 | 2, 4 | 8) => 1,
        _ => return None,
    };
    let fits = data >= 14 + u64::from(header) && data.checked_add(rows)? <= bytes.size;
    fits.then_some((width, height))
}

/// <https://developers.google.com/speed/webp/docs/riff_container>: one of three chunks comes first.
fn webp(bytes: Bytes<'_>) -> Option<(u32, u32)> {
    let length = u64::from(bytes.le32(4)?);
    let first = u64::from(bytes.le32(16)?);
    let fits = 8 + length <= bytes.size && 12 + first <= length;
    if !bytes.head.starts_with(b"RIFF") || bytes.array(8)? != *b"WEBP" || !fits {
        return None;
    }
    match &bytes.array(12)? {
        b"VP8 " => {
            let size = (bytes.le16(26)? & 0x3fff, bytes.le16(28)? & 0x3fff);
            (bytes.array(23)? == [0x9d, 0x01, 0x2a]).then_some(size)
        }
        b"VP8L" => {
            let size = bytes.le32(21)?;
            (bytes.byte(20)? == 0x2f).then_some(((size & 0x3fff) + 1, (size >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((bytes.le24(24)? + 1, bytes.le24(27)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dimensions(format: ImageFormat, content: &[u8]) -> Option<(u32, u32)> {
        format.read(content, content.len() as u64)?.dimensions
    }

    #[test]
    fn webp_of_each_kind() {
        let file = |chunk: &[u8], data: &[u8]| {
            let mut content = b"RIFF\0\0\0\0WEBP".to_vec();
            content.extend_from_slice(chunk);
            content.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
            content.extend_from_slice(data);
            let length = u32::try_from(content.len() - 8).unwrap();
            content[4..8].copy_from_slice(&length.to_le_bytes());
            content
        };
        let lossy = file(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 5, 0, 10, 0, 0, 0]);
        let lossless = file(b"VP8L", &[0x2f, 4, 0x40, 2, 0, 0]);
        let extended = file(b"VP8X", &[0, 0, 0, 0, 4, 0, 0, 9, 0, 0]);
        for content in [lossy, lossless, extended] {
            assert_eq!(dimensions(ImageFormat::Webp, &content), Some((5, 10)));
            assert_eq!(dimensions(ImageFormat::Webp, &content[..content.len() - 1]), None);
        }
    }

    #[test]
    fn a_long_jpeg_is_judged_by_its_head() {
        let mut head =
            b"\xff\xd8\xff\xe1\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x0a\x00\x05\x01\x01\x11\x00".to_vec();
        head.extend_from_slice(b"\xff\xe2\xff\xff");
        assert_eq!(ImageFormat::Jpeg.read(&head, 100_000).unwrap().dimensions, Some((5, 10)));
        assert_eq!(ImageFormat::Jpeg.read(&head, head.len() as u64), None, "cut off");
    }

    proptest! {
        #[test]
        fn no_content_panics(
            begin in prop::sample::select(vec![
                &b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], b"GIF89a", b"\xff\xd8\xff", b"BM", b"RIFF\x20\0\0\0WEBPVP8 ", b"<svg ",
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
            more in 0u64..1000,
        ) {
            let content = [begin, &rest].concat();
            for format in ImageFormat::ALL {
                let _ = format.read(&content, content.len() as u64 + more);
                let _ = format.read(&rest, rest.len() as u64 + more);
            }
        }
    }

    #[test]
    fn hostile_content_takes_no_time() {
        let start = std::time::Instant::now();
        let mut gif = b"GIF89a\x05\0\x0a\0\0\0\0".to_vec();
        gif.extend(b"\x21\xfe\0".repeat(400_000));
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x05\0\0\0\x0a\0\0\0\0\0\0\0\0\0".to_vec();
        png.extend(b"\0\0\0\0tEXt\0\0\0\0".repeat(100_000));
        let jpeg = [&b"\xff\xd8"[..], &vec![0xff; 1 << 20]].concat();
        let svg = [&b"<svg "[..], &b"<!--".repeat(1 << 18)].concat();
        for content in [gif, png, jpeg, svg] {
            for format in ImageFormat::ALL {
                assert_eq!(format.read(&content, content.len() as u64), None);
            }
        }
        // Quadratic time would be minutes; a busy machine may need seconds.
        assert!(start.elapsed().as_secs() < 20);
    }
}
