//! Taking out of images what was noted in them, without encoding them anew.
//!
//! What is known to be the image stays: everything else goes. Of what was noted only the orientation is kept, or
//! photographs would lie on their side. Memory is bounded, however large the file.

use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};

use crate::upload::content::Kind;

/// Whether [`strip`] knows such files.
pub(crate) fn is_strippable(kind: Kind) -> bool {
    matches!(kind, Kind::Jpeg | Kind::Png | Kind::Webp)
}

/// Writes an image without what was noted in it.
///
/// # Errors
/// Those of reading and writing; [`InvalidData`](io::ErrorKind::InvalidData) if the image is broken, so that its parts
/// cannot be told.
pub(crate) fn strip<R: BufRead + Seek, W: Write>(kind: Kind, mut from: R, mut to: W) -> io::Result<()> {
    let done = match kind {
        Kind::Jpeg => jpeg(&mut from, &mut to),
        Kind::Png => png(&mut from, &mut to),
        Kind::Webp => webp(&mut from, &mut to),
        _ => io::copy(&mut from, &mut to).map(drop),
    };
    match done {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(broken()),
        other => other.and_then(|()| to.flush()),
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the image is broken")
}

fn array<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Copies exactly so many bytes.
fn copy(from: &mut impl Read, to: &mut impl Write, length: u64) -> io::Result<()> {
    if io::copy(&mut from.by_ref().take(length), to)? == length { Ok(()) } else { Err(broken()) }
}

/// Segments up to the scan, the scan, and again, up to the end of the image; what is behind that is none of it.
fn jpeg<R: BufRead>(from: &mut R, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&array::<2>(from)?)?;
    let mut orientation = None;
    let mut has_scan = false;
    let mut segment = Vec::new();
    let mut behind_scan = None;
    loop {
        let marker = match behind_scan.take() {
            Some(marker) => marker,
            None => next_marker(from)?,
        };
        match marker {
            0xd9 => return if has_scan { to.write_all(&[0xff, 0xd9]) } else { Err(broken()) },
            0x01 | 0xd0..=0xd7 => {
                to.write_all(&[0xff, marker])?;
                continue;
            }
            0x00 | 0xd8 => return Err(broken()),
            _ => {}
        }
        let length = u16::from_be_bytes(array(from)?).checked_sub(2).ok_or_else(broken)?;
        segment.clear();
        segment.resize(length.into(), 0);
        from.read_exact(&mut segment)?;
        match marker {
            0xe0 if segment.starts_with(b"JFIF\0") && segment.len() >= 14 => {
                // It may hold a small picture, of what was to be seen before the image was cut.
                segment.truncate(14);
                segment[12..].fill(0);
            }
            0xe1 => {
                if let Some(exif) = segment.strip_prefix(b"Exif\0\0") {
                    orientation = orientation.or_else(|| orientation_of(exif));
                }
                continue;
            }
            // Colours are told by these.
            0xe2 if segment.starts_with(b"ICC_PROFILE\0") => {}
            0xee if segment.starts_with(b"Adobe") => {}
            0xe0..=0xef | 0xfe => continue,
            _ => {
                if let Some(orientation) = orientation.take().filter(|_| !has_scan) {
                    write_segment(to, 0xe1, &[&b"Exif\0\0"[..], &exif(orientation)].concat())?;
                }
            }
        }
        write_segment(to, marker, &segment)?;
        if marker == 0xda {
            has_scan = true;
            behind_scan = copy_scan(from, to)?;
            if behind_scan.is_none() {
                return Ok(()); // cut off: decoders show what there is
            }
        }
    }
}

/// The next marker; bytes that are none may stand before it, and decoders skip them.
fn next_marker(from: &mut impl BufRead) -> io::Result<u8> {
    while array::<1>(from)? != [0xff] {}
    loop {
        match array(from)? {
            [0xff] => {}
            [marker] => return Ok(marker),
        }
    }
}

fn write_segment(to: &mut impl Write, marker: u8, data: &[u8]) -> io::Result<()> {
    let length = u16::try_from(data.len() + 2).map_err(|_| broken())?;
    to.write_all(&[0xff, marker])?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(data)
}

/// Copies the data of a scan. Gives the marker behind it, if any comes.
fn copy_scan(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<Option<u8>> {
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let plain = buffer.iter().position(|&byte| byte == 0xff);
        let length = plain.unwrap_or(buffer.len());
        to.write_all(&buffer[..length])?;
        from.consume(length);
        if plain.is_none() {
            continue;
        }
        // The byte behind it tells: 0xFF as data, a mark within the scan, or the end of the scan.
        from.consume(1);
        loop {
            let Some(&second) = from.fill_buf()?.first() else { return Ok(None) };
            from.consume(1);
            match second {
                0xff => {}
                0x00 | 0xd0..=0xd7 => {
                    to.write_all(&[0xff, second])?;
                    break;
                }
                marker => return Ok(Some(marker)),
            }
        }
    }
}

/// The chunks of a PNG that are the image: its data, colours, transparency, size in print, and animation.
const PNG_KEPT: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

/// Chunks of length, type, data and check sum, up to the one that ends the image.
fn png<R: BufRead + Seek>(from: &mut R, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&array::<8>(from)?)?;
    let mut orientation = None;
    loop {
        let length: [u8; 4] = array(from)?;
        let kind: [u8; 4] = array(from)?;
        let size = u64::from(u32::from_be_bytes(length));
        if size > i32::MAX.unsigned_abs().into() {
            return Err(broken());
        }
        if kind == *b"eXIf" && size <= 65536 {
            let mut data = Vec::new();
            from.by_ref().take(size).read_to_end(&mut data)?;
            array::<4>(from)?;
            orientation = orientation.or_else(|| orientation_of(&data));
            continue;
        }
        if !PNG_KEPT.contains(&&kind) {
            skip(from, size + 4)?;
            continue;
        }
        if kind == *b"IDAT"
            && let Some(orientation) = orientation.take()
        {
            let data = exif(orientation);
            to.write_all(&u32::try_from(data.len()).map_err(|_| broken())?.to_be_bytes())?;
            let named = [&b"eXIf"[..], &data].concat();
            to.write_all(&named)?;
            to.write_all(&crc(&named).to_be_bytes())?;
        }
        to.write_all(&length)?;
        to.write_all(&kind)?;
        copy(from, to, size + 4)?;
        if kind == *b"IEND" {
            return Ok(());
        }
    }
}

/// Moves on, within the file.
fn skip<R: BufRead + Seek>(from: &mut R, length: u64) -> io::Result<()> {
    from.seek_relative(i64::try_from(length).map_err(|_| broken())?)
}

/// The check sum of PNG: CRC-32, bit by bit, since little is summed.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(
            sum ^ u32::from(byte),
            |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 },
        )
    })
}

/// The chunks of a WebP that are the image.
const WEBP_KEPT: &[&[u8; 4]] = &[b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// How many chunks a WebP may have: far more than any animation.
const MOST_CHUNKS: usize = 100_000;

/// A length for all, then chunks of type, length and data; what was noted stands behind the image. So it is read twice.
fn webp<R: BufRead + Seek>(from: &mut R, to: &mut impl Write) -> io::Result<()> {
    let [.., a, b, c, d, _, _, _, _]: [u8; 12] = array(from)?;
    let end = 8 + u64::from(u32::from_le_bytes([a, b, c, d]));
    let mut kept = Vec::new();
    let mut orientation = None;
    let mut at = 12;
    while at + 8 <= end {
        let [a, b, c, d, length @ ..]: [u8; 8] = array(from)?;
        let (kind, size) = ([a, b, c, d], u64::from(u32::from_le_bytes(length)));
        let padded = size + size % 2;
        if at + 8 + size > end || kept.len() >= MOST_CHUNKS {
            return Err(broken());
        }
        if kind == *b"EXIF" && size <= 65536 {
            let mut data = Vec::new();
            from.by_ref().take(size).read_to_end(&mut data)?;
            orientation =
                orientation.or_else(|| orientation_of(data.strip_prefix(b"Exif\0\0").unwrap_or(&data)));
        } else if WEBP_KEPT.contains(&&kind) {
            kept.push((kind, at + 8, size));
        }
        at += 8 + padded;
        from.seek(SeekFrom::Start(at))?;
    }
    let is_extended = kept.first().is_some_and(|(kind, ..)| kind == b"VP8X");
    let note = orientation.filter(|_| is_extended).map(exif);
    let chunks = kept.iter().map(|(_, _, size)| 8 + size + size % 2).sum::<u64>();
    let noted = note.as_ref().map_or(0, |note| 8 + note.len() as u64);
    let length = u32::try_from(4 + chunks + noted).map_err(|_| broken())?;
    to.write_all(b"RIFF")?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(b"WEBP")?;
    for (kind, at, size) in kept {
        from.seek(SeekFrom::Start(at))?;
        to.write_all(&kind)?;
        to.write_all(&u32::try_from(size).map_err(|_| broken())?.to_le_bytes())?;
        let mut left = size;
        if kind == *b"VP8X" && size > 0 {
            // Bits that tell what was noted.
            let [flags] = array(from)?;
            to.write_all(&[flags & !0x0c | if note.is_some() { 0x08 } else { 0 }])?;
            left -= 1;
        }
        copy(from, to, left)?;
        to.write_all(&[0][..(size % 2) as usize])?;
    }
    if let Some(note) = note {
        to.write_all(b"EXIF")?;
        to.write_all(&u32::try_from(note.len()).map_err(|_| broken())?.to_le_bytes())?;
        to.write_all(&note)?;
    }
    Ok(())
}

/// How an image has to be turned to be the right way up: 2 to 8, as Exif says; none if it is already.
fn orientation_of(exif: &[u8]) -> Option<u8> {
    let is_little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let word = |at: usize| {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let first = usize::try_from(long(4)?).ok()?;
    let entries = usize::from(word(first)?);
    let tag = (0..entries)
        .map(|index| first.saturating_add(2 + 12 * index))
        .find(|&at| word(at) == Some(0x0112))?;
    let value = word(tag + 8).filter(|_| word(tag + 2) == Some(3))?;
    u8::try_from(value).ok().filter(|value| (2..=8).contains(value))
}

/// Exif data that says an orientation and nothing else.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
    exif[19] = orientation;
    exif
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    const NOTED: [&[u8]; 6] =
        [b"SECRET", b"GPS", b"http://ns.adobe.com/xap", b"Photoshop", b"author", b"MPF"];

    fn stripped(kind: Kind, content: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        strip(kind, Cursor::new(content), &mut out).map(|()| out)
    }

    fn says_nothing(content: &[u8]) {
        for noted in NOTED {
            assert!(!content.windows(noted.len()).any(|part| part == noted), "{:?}", str::from_utf8(noted));
        }
    }

    /// Exif data of either byte order, with an orientation and what nobody should see.
    fn a_note(is_little: bool, orientation: u16) -> Vec<u8> {
        let (mark, first, count, tag, kind, one, value) = if is_little {
            (
                b"II*\0",
                8u32.to_le_bytes(),
                2u16.to_le_bytes(),
                0x0112u16.to_le_bytes(),
                3u16.to_le_bytes(),
                1u32.to_le_bytes(),
                orientation.to_le_bytes(),
            )
        } else {
            (
                b"MM\0*",
                8u32.to_be_bytes(),
                2u16.to_be_bytes(),
                0x0112u16.to_be_bytes(),
                3u16.to_be_bytes(),
                1u32.to_be_bytes(),
                orientation.to_be_bytes(),
            )
        };
        [&mark[..], &first, &count, &[0; 12], &tag, &kind, &one, &value, &[0; 2], &[0; 4], b"GPS SECRET"]
            .concat()
    }

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], data].concat()
    }

    #[test]
    fn upld_05_a_jpeg_loses_what_was_noted_and_keeps_its_colours_and_its_orientation() {
        for is_little in [true, false] {
            let icc = segment(0xe2, b"ICC_PROFILE\0\x01\x01colours");
            let scan = b"x\xff\x00y\xff\xd0z";
            let parts = [
                b"\xff\xd8".to_vec(),
                segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01SECRET"),
                segment(0xe1, &[&b"Exif\0\0"[..], &a_note(is_little, 6)].concat()),
                segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0SECRET"),
                icc.clone(),
                segment(0xe2, b"MPF\0SECRET"),
                segment(0xed, b"Photoshop 3.0\0SECRET"),
                segment(0xee, b"Adobe\0\0\0"),
                segment(0xfe, b"author"),
                b"junk\xff".to_vec(),
                segment(0xdb, &[7; 65]),
                segment(0xc2, &[8; 9]),
                segment(0xda, &[9; 6]),
                scan.to_vec(),
                segment(0xfe, b"SECRET between scans"),
                segment(0xda, &[9; 6]),
                scan.to_vec(),
                b"\xff\xd9\0\0\0\x18ftypmp42 GPS SECRET behind the image".to_vec(),
            ];
            let out = stripped(Kind::Jpeg, &parts.concat()).unwrap();
            says_nothing(&out);
            let expected = [
                b"\xff\xd8".to_vec(),
                segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
                icc,
                segment(0xee, b"Adobe\0\0\0"),
                segment(0xe1, &[&b"Exif\0\0"[..], &exif(6)].concat()),
                segment(0xdb, &[7; 65]),
                segment(0xc2, &[8; 9]),
                segment(0xda, &[9; 6]),
                scan.to_vec(),
                segment(0xda, &[9; 6]),
                scan.to_vec(),
                b"\xff\xd9".to_vec(),
            ];
            assert_eq!(out, expected.concat());
            assert_eq!(stripped(Kind::Jpeg, &out).unwrap(), out, "there is nothing left to take out");
        }
    }

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let named = [&kind[..], data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
    }

    #[test]
    fn upld_05_a_png_loses_what_was_noted() {
        let png = |more: &[Vec<u8>]| {
            let header = chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0");
            let body = [more.concat(), chunk(b"IDAT", b"data"), chunk(b"IEND", b"")].concat();
            [&b"\x89PNG\r\n\x1a\n"[..], &header, &body].concat()
        };
        let colours = chunk(b"gAMA", &[0, 0, 0xb1, 0x8f]);
        let noted = png(&[
            chunk(b"tEXt", b"author\0SECRET"),
            chunk(b"zTXt", b"author\0\0SECRET"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0SECRET"),
            colours.clone(),
            chunk(b"eXIf", &a_note(false, 8)),
            chunk(b"tIME", b"\x07\xe8\x01\x01\0\0\0"),
            chunk(b"caNv", b"SECRET"),
        ]);
        let out = stripped(Kind::Png, &[&noted[..], b"PK\x03\x04 SECRET"].concat()).unwrap();
        says_nothing(&out);
        assert_eq!(out, png(&[colours, chunk(b"eXIf", &exif(8))]));
        // The check sum of an empty chunk IEND, as everywhere.
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn upld_05_a_webp_loses_what_was_noted() {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            let pad = &[0][..data.len() % 2];
            [&kind[..], &u32::try_from(data.len()).unwrap().to_le_bytes(), data, pad].concat()
        };
        let file = |chunks: &[Vec<u8>]| {
            let body = [b"WEBP".to_vec(), chunks.concat()].concat();
            [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
        };
        let head = |flags: u8| chunk(b"VP8X", &[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let (icc, image) = (chunk(b"ICCP", b"colours"), chunk(b"VP8 ", b"image"));
        let note = chunk(b"EXIF", &a_note(true, 3));
        let noted = file(&[
            head(0x2c),
            icc.clone(),
            image.clone(),
            note,
            chunk(b"XMP ", b"SECRET"),
            chunk(b"abcd", b"GPS"),
        ]);
        let out = stripped(Kind::Webp, &[&noted[..], b"SECRET"].concat()).unwrap();
        says_nothing(&out);
        assert_eq!(out, file(&[head(0x28), icc, image.clone(), chunk(b"EXIF", &exif(3))]));
        assert_eq!(stripped(Kind::Webp, &out).unwrap(), out);
        let simple = file(&[image]);
        assert_eq!(stripped(Kind::Webp, &simple).unwrap(), simple);
    }

    #[test]
    fn what_is_broken_is_told() {
        for (kind, content) in [
            (Kind::Jpeg, &b"\xff\xd8\xff\xe1\xff\xff"[..]),
            (Kind::Jpeg, b"\xff\xd8\xff\xd9"),
            (Kind::Jpeg, b"\xff\xd8"),
            (Kind::Png, b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt"),
            (Kind::Png, b"\x89PNG\r\n\x1a\n"),
            (Kind::Webp, b"RIFF\xff\xff\0\0WEBPVP8 \xff\xff\xff\xff"),
        ] {
            assert_eq!(
                stripped(kind, content).unwrap_err().kind(),
                io::ErrorKind::InvalidData,
                "{content:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn upld_05_stripping_ends_whatever_the_content(
            begin in prop::sample::select(vec![
                (Kind::Png, &b"\x89PNG\r\n\x1a\n\0\0\0\x04eXIf"[..]), (Kind::Jpeg, b"\xff\xd8\xff\xe1\x00\x20Exif\0\0"),
                (Kind::Webp, b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0"),
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let (kind, begin) = begin;
            let content = [begin, &rest].concat();
            if let Ok(out) = stripped(kind, &content) {
                // What it adds is an orientation at most.
                prop_assert!(out.len() <= content.len() + 60);
            }
        }

        #[test]
        fn an_orientation_reads_back(orientation in 2u8..=8) {
            prop_assert_eq!(orientation_of(&exif(orientation)), Some(orientation));
        }
    }
}
