//! Uploaded images.

mod format;
mod svg;

use serde_json::Value as Json;

pub use self::format::{ImageFormat, UnknownImageFormat};
use crate::{
    Args, Checked, Constraints, Context, FileValue, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Invalid image");

/// `IS_IMAGE`: an uploaded image in one of the given formats, of a size within bounds.
///
/// The format has to be that of the file's extension (`jpg` is JPEG) *and* that of its content. Of a file that is not in
/// memory only the [head](FileValue::HEAD) is read; nothing is decoded. The size of the file itself is for
/// [`IsLength`](crate::IsLength).
///
/// # Defaults
/// BMP, GIF, JPEG and PNG; up to 10,000 by 10,000 pixels; any proportion. SVG is a document that may hold scripts: it
/// passes only where it is named.
///
/// # Errors
/// Code `is_image` if there is no image of these formats, and `is_image.size` or `is_image.aspectratio` with `width` and
/// `height` of the image that was sent.
///
/// ```
/// use frontdesk_validate::{FileValue, ImageFormat, IsImage, Rules};
///
/// let icon = Rules::one(IsImage::new().formats([ImageFormat::Gif, ImageFormat::Png]).max_size(64, 64));
/// let gif = *b"GIF89a\x05\0\x0a\0\0\0\0,\0\0\0\0\x05\0\x0a\0\0\x02\x01\0\0;";
/// assert!(icon.check_now(FileValue::in_memory("a.gif", gif).into()).is_ok());
/// assert_eq!(
///     icon.check_now(FileValue::in_memory("a.png", gif).into()).unwrap_err().text(),
///     "Invalid image",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct IsImage {
    formats: Vec<ImageFormat>,
    sizes: Option<[(u32, u32); 2]>,
    ratio: Option<(u32, u32)>,
    message: Message,
}

const LEAST: (u32, u32) = (0, 0);
const GREATEST: (u32, u32) = (10_000, 10_000);

impl Default for IsImage {
    fn default() -> Self {
        Self {
            formats: vec![ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::Png],
            sizes: Some([LEAST, GREATEST]),
            ratio: None,
            message: MESSAGE,
        }
    }
}

impl IsImage {
    /// An image in one of the usual formats.
    pub fn new() -> Self {
        Self::default()
    }

    /// The formats that pass.
    #[must_use]
    pub fn formats(mut self, formats: impl IntoIterator<Item = ImageFormat>) -> Self {
        self.formats = formats.into_iter().collect();
        self
    }

    /// The greatest width and height in pixels.
    #[must_use]
    pub fn max_size(mut self, width: u32, height: u32) -> Self {
        self.sizes.get_or_insert([LEAST, GREATEST])[1] = (width, height);
        self
    }

    /// The least width and height in pixels.
    #[must_use]
    pub fn min_size(mut self, width: u32, height: u32) -> Self {
        self.sizes.get_or_insert([LEAST, GREATEST])[0] = (width, height);
        self
    }

    /// Images of any size.
    ///
    /// # Warnings
    /// A small file can be an image of billions of pixels, which takes whoever decodes it gigabytes of memory.
    #[must_use]
    pub fn any_size(mut self) -> Self {
        self.sizes = None;
        self
    }

    /// The proportion of width to height, exactly: 16 to 9 for `aspect_ratio(16, 9)`.
    #[must_use]
    pub fn aspect_ratio(mut self, width: u32, height: u32) -> Self {
        self.ratio = Some((width, height));
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn error(&self, code: &'static str, dimensions: Option<(u32, u32)>) -> ValidationError {
        let params = match dimensions {
            Some((width, height)) => vec![("width", width.into()), ("height", height.into())],
            None => Vec::new(),
        };
        ValidationError::with_params(code, &self.message, params)
    }

    fn look_at(&self, file: &FileValue) -> Result<(), ValidationError> {
        let image = file
            .name()
            .rsplit_once('.')
            .and_then(|(_, extension)| extension.parse().ok())
            .filter(|format| self.formats.contains(format))
            .and_then(|format: ImageFormat| format.read(file.head(), file.size()))
            .ok_or_else(|| self.error(Self::NAME, None))?;
        if let Some([least, greatest]) = self.sizes {
            let fits = image.dimensions.is_some_and(|(width, height)| {
                (least.0..=greatest.0).contains(&width) && (least.1..=greatest.1).contains(&height)
            });
            if !fits {
                return Err(self.error("is_image.size", image.dimensions));
            }
        }
        if let Some(ratio) = self.ratio {
            let fits = image.dimensions.is_some_and(|(width, height)| {
                u64::from(width) * u64::from(ratio.1) == u64::from(height) * u64::from(ratio.0)
            });
            if !fits {
                return Err(self.error("is_image.aspectratio", image.dimensions));
            }
        }
        Ok(())
    }
}

impl Validator for IsImage {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let found = match &value {
            Value::File(file) => self.look_at(file),
            _ => Err(self.error(Self::NAME, None)),
        };
        found.map(|()| value).into()
    }

    fn constraints(&self, out: &mut Constraints) {
        let error = self.error(Self::NAME, None);
        out.looks_like(InputKind::File, error.clone());
        let mut names: Vec<String> =
            self.formats.iter().map(|format| format!(".{}", format.as_str())).collect();
        if self.formats.contains(&ImageFormat::Jpeg) {
            names.push(".jpg".to_owned());
        }
        if !names.is_empty() {
            out.accept_files(names.join(","), error);
        }
    }

    fn json_schema(&self, _: &mut JsonSchema) {}
}

/// The argument `name`: two whole numbers.
fn pair(args: &mut Args<'_>, name: &str) -> Result<Option<(i64, i64)>, RuleError> {
    let Some(json) = args.take(name).filter(|json| !json.is_null()) else { return Ok(None) };
    let numbers: Option<Vec<i64>> =
        json.as_array().and_then(|items| items.iter().map(Json::as_i64).collect());
    match numbers.as_deref() {
        Some(&[a, b]) if a <= i64::from(u32::MAX) && b <= i64::from(u32::MAX) => Ok(Some((a, b))),
        _ => Err(args.wrong(name, "two whole numbers, such as [200, 200]", &json)),
    }
}

impl FromArgs for IsImage {
    const NAME: &'static str = "is_image";
    const ARGS: &'static [&'static str] =
        &["extensions", "maxsize", "minsize", "aspectratio", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let positive = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        let mut rule = Self::new();
        if let Some(names) = args.texts("extensions")? {
            let formats: Result<_, _> = names.iter().map(|name| name.parse()).collect();
            rule.formats = formats.map_err(|error: UnknownImageFormat| {
                args.senseless("extensions", format!("names an {error}"))
            })?;
        }
        if let Some((width, height)) = pair(args, "maxsize")? {
            rule = rule.max_size(positive(width), positive(height));
        }
        rule = match pair(args, "minsize")? {
            None => rule,
            Some((-1, -1)) => rule.any_size(),
            Some((width, height)) => rule.min_size(positive(width), positive(height)),
        };
        rule.ratio = match pair(args, "aspectratio")? {
            None | Some((-1, -1)) => None,
            Some((width, height)) if width > 0 && height > 0 => Some((positive(width), positive(height))),
            Some(_) => return Err(args.senseless("aspectratio", "wants two numbers from 1, such as [16, 9]")),
        };
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Registry, Rules};

    const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='16' height='9'/>";

    #[test]
    fn svg_passes_only_where_it_is_named() {
        let check = |rule: IsImage| Rules::one(rule).check_now(FileValue::in_memory("x.svg", SVG).into());
        assert!(check(IsImage::new()).is_err());
        assert!(check(IsImage::new().formats([ImageFormat::Svg]).aspect_ratio(16, 9)).is_ok());
    }

    #[test]
    fn the_error_says_how_large_the_image_is() {
        let rule = IsImage::new()
            .formats([ImageFormat::Svg])
            .max_size(10, 10)
            .error_message("%(width)s px is too much");
        let error = Rules::one(rule).check_now(FileValue::in_memory("x.svg", SVG).into()).unwrap_err();
        assert_eq!((error.code(), error.text()), ("is_image.size", "16 px is too much"));
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (argument, wrong) in [
            ("extensions", json!(["exe"])),
            ("extensions", json!(7)),
            ("maxsize", json!([1])),
            ("minsize", json!("1x1")),
            ("aspectratio", json!([0, 1])),
        ] {
            let error =
                Registry::standard().rules(&json!({"rule": "is_image", argument: wrong})).unwrap_err();
            assert!(error.to_string().contains(&format!("argument `{argument}`")), "{error}");
        }
    }
}
