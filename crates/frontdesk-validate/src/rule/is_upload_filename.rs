use super::file_name::{LetterCase, Split};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, Pattern, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Enter valid filename");

/// `IS_UPLOAD_FILENAME`: an uploaded file whose name and extension match expressions from their beginning. The older
/// form of [`IsFile`](crate::IsFile).
///
/// # Defaults
/// Any name, any extension; the name is changed to lower case before it is looked at.
///
/// # Errors
/// Code `is_upload_filename`, also if no file was uploaded.
///
/// ```
/// use frontdesk_validate::{FileValue, IsUploadFilename, Pattern, Rules};
///
/// let backup = IsUploadFilename::new()
///     .filename(Pattern::new("backup.*").unwrap())
///     .extension(Pattern::new(r"tar\.gz$").unwrap())
///     .first_dot();
/// let check = |name: &str| Rules::one(backup.clone()).check_now(FileValue::in_memory(name, *b"...").into());
/// assert!(check("backup2014.tar.gz").is_ok());
/// assert_eq!(check("mybackup.tar.gz").unwrap_err().text(), "Enter valid filename");
/// ```
#[derive(Clone, Debug)]
pub struct IsUploadFilename {
    name: Option<Pattern>,
    extension: Option<Pattern>,
    split: Split,
    message: Message,
}

impl Default for IsUploadFilename {
    fn default() -> Self {
        Self { name: None, extension: None, split: Split::default(), message: MESSAGE }
    }
}

impl IsUploadFilename {
    /// Any file.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the name before the dot has to match.
    #[must_use]
    pub fn filename(mut self, pattern: Pattern) -> Self {
        self.name = Some(pattern);
        self
    }

    /// What the extension behind the dot has to match.
    #[must_use]
    pub fn extension(mut self, pattern: Pattern) -> Self {
        self.extension = Some(pattern);
        self
    }

    /// Splits at the first dot: `file.tar.gz` has the extension `tar.gz`. Default: at the last.
    #[must_use]
    pub fn first_dot(mut self) -> Self {
        self.split.last_dot = false;
        self
    }

    /// How the name is changed before it is looked at. Default: to lower case.
    #[must_use]
    pub fn letter_case(mut self, case: LetterCase) -> Self {
        self.split.case = case;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl IsUploadFilename {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsUploadFilename {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let matches = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches_start(text))
        };
        let name = |name: &str| matches(&self.name, name);
        let extension = |extension: &str| matches(&self.extension, extension);
        match &value {
            Value::File(file) if self.split.accepts(file, name, extension) => Ok(value),
            _ => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.looks_like(InputKind::File, self.error());
    }

    fn json_schema(&self, _: &mut JsonSchema) {}
}

impl FromArgs for IsUploadFilename {
    const NAME: &'static str = "is_upload_filename";
    const ARGS: &'static [&'static str] = &["filename", "extension", "lastdot", "case", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            name: args.pattern("filename")?,
            extension: args.pattern("extension")?,
            split: Split::from_args(args)?,
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}
