//! What a file is, by its first bytes, and whether its name says the same.

use frontdesk_data::UploadOptions;
use frontdesk_validate::{FileValue, Message, ValidationError, Value};

use super::FileKey;
use super::image::check_image_bounds;

/// Whether a file may be taken: its name, its content, and, of an image, its pixels and frames. Nothing is decoded.
fn check_file(file: &FileValue, options: &UploadOptions) -> Result<(), ValidationError> {
    let key = FileKey::generate(file.name(), options)?;
    if options.match_content {
        check_content(&key.extension(), file)?;
    }
    check_image_bounds(file, options)
}

/// [Checks](check_file) the files among a field's values.
pub(crate) fn check_files(value: Value, options: &UploadOptions) -> Result<Value, ValidationError> {
    let values = match &value {
        Value::List(values) => &values[..],
        single => std::slice::from_ref(single),
    };
    for value in values {
        if let Value::File(file) = value {
            check_file(file, options)?;
        }
    }
    Ok(value)
}

/// A kind of files that can be told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
    Bmp,
    Tiff,
    Pdf,
    Rtf,
    Mp3,
    Wav,
    Ogg,
    Flac,
    /// MP4 and QuickTime, and images in their container (HEIC, AVIF).
    IsoMedia,
    /// Matroska and WebM.
    Matroska,
    /// ZIP, and what is one inside: office documents, books, Java archives.
    Zip,
    Gzip,
    SevenZip,
    /// Programs: of Windows, Linux, macOS, Java.
    Program,
    /// None of the above.
    Other,
}

impl Kind {
    /// Tells a kind by the first bytes of a file.
    pub(crate) fn of(head: &[u8]) -> Self {
        let starts = |magic: &[u8]| head.starts_with(magic);
        let at = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
        match head {
            _ if starts(b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if starts(b"\xff\xd8\xff") => Self::Jpeg,
            _ if starts(b"GIF87a") || starts(b"GIF89a") => Self::Gif,
            _ if starts(b"RIFF") && at(8, b"WEBP") => Self::Webp,
            _ if starts(b"RIFF") && at(8, b"WAVE") => Self::Wav,
            // The reserved bytes tell it from a text that begins with these letters.
            _ if starts(b"BM") && at(6, &[0; 4]) => Self::Bmp,
            _ if starts(b"II*\0") || starts(b"MM\0*") => Self::Tiff,
            _ if starts(b"%PDF-") => Self::Pdf,
            _ if starts(b"{\\rtf") => Self::Rtf,
            _ if starts(b"OggS") => Self::Ogg,
            _ if starts(b"fLaC") => Self::Flac,
            _ if starts(b"\x1a\x45\xdf\xa3") => Self::Matroska,
            _ if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => Self::Zip,
            _ if starts(b"\x1f\x8b") => Self::Gzip,
            _ if starts(b"7z\xbc\xaf\x27\x1c") => Self::SevenZip,
            _ if starts(b"\x7fELF") || starts(b"\xca\xfe\xba\xbe") || starts(b"\xcf\xfa\xed\xfe") => {
                Self::Program
            }
            // A program of Windows has the place of its header at byte 60; a text has letters there.
            _ if starts(b"MZ") && (at(62, &[0, 0]) || head.len() < 64) => Self::Program,
            _ if [&b"ftyp"[..], b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"]
                .iter()
                .any(|box_| at(4, box_)) =>
            {
                Self::IsoMedia
            }
            _ if starts(b"ID3") => Self::Mp3,
            // A frame of layer III.
            [0xff, second, ..] if second & 0xe6 == 0xe2 => Self::Mp3,
            _ => Self::Other,
        }
    }

    /// The media type of images that a browser may show in place.
    pub(crate) fn raster_type(self) -> Option<&'static str> {
        match self {
            Self::Png => Some("image/png"),
            Self::Jpeg => Some("image/jpeg"),
            Self::Gif => Some("image/gif"),
            Self::Webp => Some("image/webp"),
            Self::Bmp => Some("image/bmp"),
            _ => None,
        }
    }
}

/// What an extension promises.
enum Promise {
    Kind(Kind),
    Text,
}

fn promise(extension: &str) -> Option<Promise> {
    Some(Promise::Kind(match extension {
        "png" | "apng" => Kind::Png,
        "jpg" | "jpeg" | "jpe" | "jfif" => Kind::Jpeg,
        "gif" => Kind::Gif,
        "webp" => Kind::Webp,
        "bmp" => Kind::Bmp,
        "tif" | "tiff" => Kind::Tiff,
        "pdf" => Kind::Pdf,
        "rtf" => Kind::Rtf,
        "mp3" => Kind::Mp3,
        "wav" => Kind::Wav,
        "ogg" | "oga" | "ogv" | "opus" => Kind::Ogg,
        "flac" => Kind::Flac,
        "mp4" | "m4a" | "m4v" | "mov" | "heic" | "heif" | "avif" => Kind::IsoMedia,
        "webm" | "mkv" => Kind::Matroska,
        "zip" | "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "odg" | "epub" => Kind::Zip,
        "gz" | "tgz" => Kind::Gzip,
        "7z" => Kind::SevenZip,
        "txt" | "csv" | "tsv" | "md" | "log" | "json" | "ics" | "vcf" => return Some(Promise::Text),
        _ => return None,
    }))
}

/// Whether the content is what the extension promises. Extensions that are not known promise nothing.
fn check_content(extension: &str, file: &FileValue) -> Result<(), ValidationError> {
    let kept = match promise(extension) {
        None => true,
        Some(Promise::Kind(kind)) => Kind::of(file.head()) == kind,
        Some(Promise::Text) => is_text(file.head()),
    };
    if kept {
        return Ok(());
    }
    const MESSAGE: Message =
        Message::new("This is not the kind of file that its ending (.%(extension)s) says");
    Err(ValidationError::with_params("upload.content", &MESSAGE, vec![("extension", extension.into())]))
}

/// Whether it can be a text: none of the known kinds, and without NUL unless it is UTF-16.
fn is_text(head: &[u8]) -> bool {
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    // These begin with letters, as a text may.
    let is_known = !matches!(Kind::of(head), Kind::Other | Kind::Mp3 | Kind::IsoMedia | Kind::Bmp);
    is_wide || (!is_known && !head.contains(&0))
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
