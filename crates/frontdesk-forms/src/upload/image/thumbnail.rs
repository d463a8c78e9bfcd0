//! Small pictures of large ones.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::LazyLock;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::FileKey;
use crate::upload::content::Kind;
use crate::upload::serve::UploadError;
use crate::upload::store::UploadStore;

/// A small picture: JPEG, or PNG where parts of it are transparent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thumbnail {
    /// The media type: `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// The file.
    pub content: Vec<u8>,
}

/// What is decoded at the same time takes so many times [`MEMORY`].
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// The memory for decoding one image, in bytes: enough for one of 50 million pixels.
const MEMORY: u64 = 224 << 20;

/// The longest side of an image that is decoded, in pixels.
const LONGEST_SIDE: u32 = 30_000;

impl UploadStore {
    /// A small picture of a stored PNG, JPEG, GIF or WebP image, of `side` pixels at its longer side (1,024 at most); of
    /// an animation its first frame. Needs the feature `images`.
    ///
    /// Decoding happens on threads of its own, two images at a time, and within bounds of memory and size.
    ///
    /// # Errors
    /// [`UploadError::NotFound`] if there is no such file; [`UploadError::Image`] if it is no image of these kinds, is
    /// broken, or too large.
    pub async fn thumbnail(&self, key: &FileKey, side: u32) -> Result<Thumbnail, UploadError> {
        thumbnail(self.path(key), side).await
    }
}

/// A small picture of the image in a file.
pub(crate) async fn thumbnail(path: PathBuf, side: u32) -> Result<Thumbnail, UploadError> {
    // Nothing closes it.
    let place = PLACES.acquire().await;
    let drawn = spawn_blocking(move || {
        // It is taken until the work is done, even if the request has gone by then.
        let _place = place;
        if !std::fs::symlink_metadata(&path)?.is_file() {
            return Err(UploadError::NotFound);
        }
        draw(BufReader::new(File::open(path)?), side.clamp(1, 1024))
    });
    drawn.await.map_err(|error| UploadError::Io(error.into()))?
}

fn draw<R: Read + Seek>(mut file: BufReader<R>, side: u32) -> Result<Thumbnail, UploadError> {
    let mut head = [0; 16];
    let read = file.read(&mut head)?;
    file.rewind()?;
    let format = match Kind::of(&head[..read]) {
        Kind::Png => ImageFormat::Png,
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Gif => ImageFormat::Gif,
        Kind::Webp => ImageFormat::WebP,
        _ => return Err(UploadError::Image),
    };
    decode(file, format, side).map_err(|error| {
        tracing::debug!(%error, "an image cannot be made smaller");
        UploadError::Image
    })
}

fn decode<R: Read + Seek>(
    file: BufReader<R>,
    format: ImageFormat,
    side: u32,
) -> image::ImageResult<Thumbnail> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    let mut reader = ImageReader::with_format(file, format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let image = DynamicImage::from_decoder(decoder)?;
    let mut small = match image.width().max(image.height()) > side {
        true => image.thumbnail(side, side),
        false => image,
    };
    small.apply_orientation(orientation);
    let mut content = Vec::new();
    let media_type = if small.color().has_alpha() {
        small.to_rgba8().write_to(&mut Cursor::new(&mut content), ImageFormat::Png)?;
        "image/png"
    } else {
        small.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut content, 80))?;
        "image/jpeg"
    };
    Ok(Thumbnail { media_type, content })
}

impl From<io::Error> for UploadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use image::{GrayImage, RgbImage, RgbaImage};

    use super::*;
    use crate::upload::image::strip;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut content = Vec::new();
        image.write_to(&mut Cursor::new(&mut content), format).unwrap();
        content
    }

    fn drawn(content: &[u8], side: u32) -> Result<(DynamicImage, &'static str), UploadError> {
        let small = draw(BufReader::new(Cursor::new(content)), side)?;
        Ok((image::load_from_memory(&small.content).unwrap(), small.media_type))
    }

    /// Left half red, right half blue.
    fn halves(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| {
            image::Rgb(if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] })
        })
    }

    #[tokio::test]
    async fn a_request_that_breaks_off_makes_no_room_for_another_image_before_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.png");
        std::fs::write(&path, encoded(&DynamicImage::from(halves(3000, 3000)), ImageFormat::Png)).unwrap();
        let mut asking = Box::pin(thumbnail(path, 100));
        let polled = asking.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        drop(asking);
        assert!(PLACES.available_permits() < 2);
    }

    #[test]
    fn each_format_is_drawn_small() {
        let image = DynamicImage::from(halves(600, 300));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let (small, _) = drawn(&encoded(&image, format), 192).unwrap();
            assert_eq!((small.width(), small.height()), (192, 96), "{format:?}");
            let small = small.to_rgb8();
            assert!(small.get_pixel(10, 50)[0] > 200 && small.get_pixel(180, 50)[2] > 200, "{format:?}");
        }
        let clear = DynamicImage::from(RgbaImage::new(10, 20));
        let (small, kind) = drawn(&encoded(&clear, ImageFormat::Png), 192).unwrap();
        assert_eq!(
            (small.width(), small.height(), kind),
            (10, 20, "image/png"),
            "a small one stays as it is"
        );
        let grey = DynamicImage::from(GrayImage::new(10, 20));
        assert_eq!(drawn(&encoded(&grey, ImageFormat::Png), 192).unwrap().1, "image/jpeg");
    }

    #[test]
    fn upld_05_an_image_without_its_notes_is_the_same_image_the_right_way_up() {
        let plain = encoded(&DynamicImage::from(halves(64, 32)), ImageFormat::Jpeg);
        let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let note = b"\xff\xfe\0\x08SECRET";
        let noted = [&plain[..2], exif, note, &plain[2..]].concat();
        let mut out = Vec::new();
        strip(Kind::Jpeg, Cursor::new(&noted), &mut out).unwrap();
        assert!(!out.windows(6).any(|part| part == b"SECRET"));
        let before = image::load_from_memory(&noted).unwrap();
        assert_eq!(before, image::load_from_memory(&out).unwrap(), "no pixel is another");
        let (small, _) = drawn(&out, 16).unwrap();
        assert_eq!((small.width(), small.height()), (8, 16), "turned");
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let plain = encoded(&before, format);
            let mut out = Vec::new();
            let kind = if format == ImageFormat::Png { Kind::Png } else { Kind::Webp };
            strip(kind, Cursor::new(&plain), &mut out).unwrap();
            assert_eq!(image::load_from_memory(&out).unwrap(), before);
        }
    }

    #[test]
    fn upld_05_bombs_are_not_decoded() {
        let start = std::time::Instant::now();
        let mut png = encoded(&DynamicImage::from(GrayImage::new(1, 1)), ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let mut sum = u32::MAX;
        for &byte in &png[12..29] {
            sum ^= u32::from(byte);
            for _ in 0..8 {
                sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
            }
        }
        png[29..33].copy_from_slice(&(!sum).to_be_bytes());
        let mut gif = encoded(&DynamicImage::from(halves(2, 2)), ImageFormat::Gif);
        gif[6..10].copy_from_slice(&[0xff; 4]);
        for content in
            [&png[..], &gif, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"\xff\xd8\xff", b"GIF89a"]
        {
            assert!(matches!(drawn(content, 192), Err(UploadError::Image)), "{content:?}");
        }
        assert!(start.elapsed().as_secs() < 10);
    }

    #[tokio::test]
    async fn a_stored_image_is_found_by_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        std::fs::write(
            folder.path().join("a.png"),
            encoded(&DynamicImage::from(halves(4, 4)), ImageFormat::Png),
        )
        .unwrap();
        assert_eq!(
            store.thumbnail(&FileKey::parse("a.png").unwrap(), 192).await.unwrap().media_type,
            "image/jpeg"
        );
        let none = store.thumbnail(&FileKey::parse("b.png").unwrap(), 192).await;
        assert!(matches!(none, Err(UploadError::NotFound)));
    }
}
