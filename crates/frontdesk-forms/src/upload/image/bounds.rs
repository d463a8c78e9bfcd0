//! How many pixels and frames an image says that it has.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use frontdesk_data::UploadOptions;
use frontdesk_validate::{FileValue, Message, ValidationError, Value};

use crate::upload::content::Kind;
use crate::upload::spool::SpooledFile;

/// Whether an image (of whatever name) has no more pixels and frames than the options allow. What is no PNG, JPEG, GIF,
/// WebP or BMP passes.
///
/// Only the structure is read, of which almost always the head is enough; where a camera noted more than that before
/// the size, a few bytes here and there are read from the disk.
pub(crate) fn check_image_bounds(file: &FileValue, options: &UploadOptions) -> Result<(), ValidationError> {
    let Some(found) = measure(file) else { return Ok(()) };
    let unreadable = || ValidationError::new("upload.image", "This image cannot be read");
    let Bounds { width, height, frames } = found.ok_or_else(unreadable)?;
    let refuse = |code, message: &Message, max: u64| {
        let max = Value::Int(i64::try_from(max).unwrap_or(i64::MAX));
        Err(ValidationError::with_params(code, message, vec![("max", max)]))
    };
    if u64::from(width) * u64::from(height) > options.max_pixels {
        const MESSAGE: Message =
            Message::new("The image has too many pixels: %(max)s at most (width times height)");
        return refuse("upload.pixels", &MESSAGE, options.max_pixels);
    }
    if frames > options.max_frames {
        const MESSAGE: Message = Message::new("The animation has too many frames: %(max)s at most");
        return refuse("upload.frames", &MESSAGE, u64::from(options.max_frames));
    }
    Ok(())
}

/// What an image says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) width: u32,
    pub(super) height: u32,
    /// As many as were found in what was looked at.
    pub(super) frames: u32,
}

/// What the image in a file says about itself: nothing if it is no image, and nothing inside if it is a broken one.
pub(super) fn measure(file: &FileValue) -> Option<Option<Bounds>> {
    let mut bytes = Bytes { head: file.head(), size: file.size(), rest: Rest::of(file), steps: 0 };
    Some(match Kind::of(file.head()) {
        Kind::Png => png(&mut bytes),
        Kind::Jpeg => jpeg(&mut bytes),
        Kind::Gif => gif(&bytes),
        Kind::Webp => webp(&mut bytes),
        Kind::Bmp => bmp(&bytes),
        _ => return None,
    })
}

/// The bytes of a file: the head from memory, what is behind it from the disk.
struct Bytes<'b> {
    head: &'b [u8],
    size: u64,
    rest: Rest,
    steps: u32,
}

/// The part of a file behind its head.
enum Rest {
    Unopened(std::path::PathBuf),
    Open(File),
    None,
}

impl Rest {
    fn of(file: &FileValue) -> Self {
        SpooledFile::of(file).map_or(Self::None, |spooled| Self::Unopened(spooled.path()))
    }
}

/// How often a file is looked into behind its head. Real images need a handful.
const MOST_STEPS: u32 = 4000;

impl Bytes<'_> {
    /// Bytes from the head alone.
    fn near<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        let at = usize::try_from(at).ok()?;
        self.head.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    /// Bytes from anywhere.
    fn array<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        if let Some(near) = self.near(at) {
            return Some(near);
        }
        self.steps += 1;
        if at.checked_add(N as u64)? > self.size || self.steps > MOST_STEPS {
            return None;
        }
        if let Rest::Unopened(path) = &self.rest {
            self.rest = Rest::Open(File::open(path).ok()?);
        }
        let Rest::Open(file) = &mut self.rest else { return None };
        let mut bytes = [0; N];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Chunks of length, type, data and check sum; the number of frames stands before the image's data.
fn png(bytes: &mut Bytes<'_>) -> Option<Bounds> {
    let size = |at, bytes: &Bytes<'_>| bytes.near(at).map(u32::from_be_bytes);
    let (width, height) = (size(16, bytes)?, size(20, bytes)?);
    let mut frames = 1;
    let mut at: u64 = 8;
    loop {
        let [a, b, c, d, kind @ ..]: [u8; 8] = bytes.array(at)?;
        match &kind {
            b"acTL" => frames = u32::from_be_bytes(bytes.array(at + 8)?),
            b"IDAT" => return Some(Bounds { width, height, frames }),
            _ => {}
        }
        at = at.checked_add(12 + u64::from(u32::from_be_bytes([a, b, c, d])))?;
    }
}

/// Segments of marker and length, up to the frame.
fn jpeg(bytes: &mut Bytes<'_>) -> Option<Bounds> {
    let mut at = 2;
    loop {
        let [first, marker, a, b]: [u8; 4] = bytes.array(at)?;
        if first != 0xff {
            return None;
        }
        match marker {
            // Any number of these may stand before a marker.
            0xff => {
                at += 1;
                continue;
            }
            0x01 | 0xd0..=0xd7 => {
                at += 2;
                continue;
            }
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [a, b, c, d] = bytes.array(at + 5)?;
                let (height, width) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                return Some(Bounds { width: width.into(), height: height.into(), frames: 1 });
            }
            0x00 | 0xd8..=0xda => return None,
            _ => at += 2 + u64::from(u16::from_be_bytes([a, b]).max(2)),
        }
    }
}

/// The screen, and frames that may be larger than it; those in the head count.
fn gif(bytes: &Bytes<'_>) -> Option<Bounds> {
    let word = |at| bytes.near(at).map(u16::from_le_bytes).map(u32::from);
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let byte = |at| bytes.near(at).map(|[byte]: [u8; 1]| byte);
    let mut bounds = Bounds { width: word(6)?, height: word(8)?, frames: 0 };
    let mut at: u64 = 13 + table(byte(10)?);
    // Each step moves on; what is behind the head is not looked at.
    loop {
        match byte(at) {
            Some(0x21) => at += 2,
            Some(0x2c) => {
                let (Some(width), Some(height), Some(flags)) = (word(at + 5), word(at + 7), byte(at + 9))
                else {
                    break;
                };
                bounds.frames += 1;
                bounds.width = bounds.width.max(width);
                bounds.height = bounds.height.max(height);
                at += 11 + table(flags);
            }
            // The end, or what decoders take for it.
            _ => break,
        }
        while let Some(length @ 1..) = byte(at) {
            at += 1 + u64::from(length);
        }
        at += 1;
    }
    Some(bounds)
}

/// One of three first chunks; the extended one has frames behind it.
fn webp(bytes: &mut Bytes<'_>) -> Option<Bounds> {
    let kind: [u8; 4] = bytes.near(12)?;
    let three = |[a, b, c]: [u8; 3]| u32::from_le_bytes([a, b, c, 0]) + 1;
    let (width, height) = match &kind {
        b"VP8 " => {
            let word = |at| bytes.near(at).map(u16::from_le_bytes).map(u32::from);
            (word(26)? & 0x3fff, word(28)? & 0x3fff)
        }
        b"VP8L" => {
            let size = u32::from_le_bytes(bytes.near(21)?);
            ((size & 0x3fff) + 1, (size >> 14 & 0x3fff) + 1)
        }
        b"VP8X" => (three(bytes.near(24)?), three(bytes.near(27)?)),
        _ => return None,
    };
    let mut frames = 0;
    let mut at = 12;
    while kind == *b"VP8X"
        && let Some([a, b, c, d, e, f, g, h]) = bytes.array(at)
    {
        frames += u32::from([a, b, c, d] == *b"ANMF");
        let length = u64::from(u32::from_le_bytes([e, f, g, h]));
        at += 8 + length + length % 2;
    }
    Some(Bounds { width, height, frames: frames.max(1) })
}

/// Two kinds of headers.
fn bmp(bytes: &Bytes<'_>) -> Option<Bounds> {
    let (width, height) = match u32::from_le_bytes(bytes.near(14)?) {
        12 => {
            let word = |at| bytes.near(at).map(u16::from_le_bytes).map(u32::from);
            (word(18)?, word(20)?)
        }
        _ => {
            let signed = |at| bytes.near(at).map(i32::from_le_bytes).map(i32::unsigned_abs);
            (signed(18)?, signed(22)?)
        }
    };
    Some(Bounds { width, height, frames: 1 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::UploadStore;
    use crate::upload::Owner;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
    }

    fn a_png(width: u32, height: u32, more: &[u8]) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [
            &b"\x89PNG\r\n\x1a\n"[..],
            &chunk(b"IHDR", &header),
            more,
            &chunk(b"IDAT", b"x"),
            &chunk(b"IEND", b""),
        ]
        .concat()
    }

    fn a_jpeg(width: u16, height: u16, noted: usize) -> Vec<u8> {
        let note = [&b"\xff\xe1\xff\xff"[..], &[b'x'; 65533]].concat().repeat(noted);
        let (w, h) = (width.to_be_bytes(), height.to_be_bytes());
        [
            &b"\xff\xd8"[..],
            &note,
            b"\xff\xc0\x00\x0b\x08",
            &h,
            &w,
            b"\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00x\xff\xd9",
        ]
        .concat()
    }

    fn a_gif(screen: u16, frame: u16, frames: usize) -> Vec<u8> {
        let (s, f) = (screen.to_le_bytes(), frame.to_le_bytes());
        let image = [&b"\x2c\0\0\0\0"[..], &f, &f, b"\0\x02\x01\0\0"].concat().repeat(frames);
        [&b"GIF89a"[..], &s, &s, b"\0\0\0", &image, b";"].concat()
    }

    fn a_webp(width: u32, height: u32, frames: usize) -> Vec<u8> {
        let three = |number: u32| (number - 1).to_le_bytes()[..3].to_vec();
        let frame = [&b"ANMF\x02\0\0\0"[..], b"xx"].concat().repeat(frames);
        let body = [&b"WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &three(width), &three(height), &frame].concat();
        [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
    }

    fn a_bmp(width: i32, height: i32) -> Vec<u8> {
        [
            &b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"[..],
            &width.to_le_bytes(),
            &height.to_le_bytes(),
            &[0; 28],
        ]
        .concat()
    }

    fn code(content: &[u8], options: &UploadOptions) -> Option<String> {
        let file = FileValue::in_memory("a", content);
        check_image_bounds(&file, options).err().map(|error| error.code().to_owned())
    }

    #[test]
    fn upld_05_pixels_and_frames_are_bounded_before_anything_is_decoded() {
        let options = UploadOptions::default().max_pixels(10_000).max_frames(5);
        let frames = |number: u32| chunk(b"acTL", &[number.to_be_bytes(), [0; 4]].concat());
        for fits in [
            a_png(100, 100, b""),
            a_png(1, 1, &frames(5)),
            a_jpeg(100, 100, 0),
            a_gif(100, 100, 5),
            a_webp(100, 100, 5),
            a_bmp(100, -100),
            b"no image".to_vec(),
            b"".to_vec(),
        ] {
            assert_eq!(code(&fits, &options), None);
        }
        let large = [
            a_png(101, 100, b""),
            a_png(u32::MAX, u32::MAX, b""),
            a_jpeg(u16::MAX, u16::MAX, 0),
            a_gif(101, 100, 1),
            a_gif(1, u16::MAX, 1),
            a_webp(16_777_216, 16_777_216, 1),
            a_bmp(i32::MIN, i32::MAX),
        ];
        for content in large {
            assert_eq!(code(&content, &options).as_deref(), Some("upload.pixels"));
        }
        for content in [a_png(1, 1, &frames(6)), a_gif(1, 1, 6), a_webp(1, 1, 6)] {
            assert_eq!(code(&content, &options).as_deref(), Some("upload.frames"));
        }
        for content in
            [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF89a", b"RIFF....WEBP", b"BM\0\0\0\0\0\0\0\0"]
        {
            assert_eq!(code(content, &options).as_deref(), Some("upload.image"), "{content:?}");
        }
    }

    #[tokio::test]
    async fn upld_05_a_size_behind_long_notes_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        for (size, code) in [(100, None), (200, Some("upload.pixels"))] {
            let mut spool = store.receive(Owner::of("ada")).await.unwrap();
            spool.write(&a_jpeg(size, 100, 10)).await.unwrap();
            let file = spool.finish("a.jpg").await.unwrap();
            let found = check_image_bounds(&file, &UploadOptions::default().max_pixels(10_000));
            assert_eq!(found.err().as_ref().map(ValidationError::code), code);
        }
        // What would take for ever is given up.
        let mut spool = store.receive(Owner::of("ada")).await.unwrap();
        spool.write(&[&b"\xff\xd8"[..], &b"\xff\xe1\x00\x02".repeat(1_000_000)].concat()).await.unwrap();
        let file = spool.finish("a.jpg").await.unwrap();
        let start = std::time::Instant::now();
        assert!(check_image_bounds(&file, &UploadOptions::default()).is_err());
        assert!(start.elapsed().as_secs() < 5);
    }

    proptest! {
        #[test]
        fn upld_05_no_content_panics(
            begin in prop::sample::select(vec![
                &b"\x89PNG\r\n\x1a\n"[..], b"GIF89a", b"\xff\xd8\xff", b"BM\0\0\0\0\0\0\0\0", b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0",
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = code(&[begin, &rest].concat(), &UploadOptions::default());
        }
    }
}
