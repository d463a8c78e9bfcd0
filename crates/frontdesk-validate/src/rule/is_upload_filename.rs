use super::IsFile;
use super::file_name::{LetterCase, Split};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, Pattern, RuleError,
    ValidationError, Validator, Value,
};

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
#[derive(Clone, Debug, Default)]
pub struct IsUploadFilename(IsFile);

impl IsUploadFilename {
    /// Any file.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the name before the dot has to match.
    #[must_use]
    pub fn filename(mut self, pattern: Pattern) -> Self {
        self.0.names = vec![pattern.into()];
        self
    }

    /// What the extension behind the dot has to match.
    #[must_use]
    pub fn extension(mut self, pattern: Pattern) -> Self {
        self.0.extensions = vec![pattern.into()];
        self
    }

    /// Splits at the first dot: `file.tar.gz` has the extension `tar.gz`. Default: at the last.
    #[must_use]
    pub fn first_dot(self) -> Self {
        Self(self.0.first_dot())
    }

    /// How the name is changed before it is looked at. Default: to lower case.
    #[must_use]
    pub fn letter_case(self, case: LetterCase) -> Self {
        Self(self.0.letter_case(case))
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(self, message: impl Into<Message>) -> Self {
        Self(self.0.error_message(message))
    }

    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, self.0.message(), Vec::new())
    }
}

impl Validator for IsUploadFilename {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        if self.0.accepts(&value) { Ok(value) } else { Err(self.error()) }.into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.looks_like(InputKind::File, self.error());
    }

    fn json_schema(&self, _: &mut JsonSchema) {}
}

impl FromArgs for IsUploadFilename {
    const NAME: &'static str = "is_upload_filename";
    const ARGS: &'static [&'static str] = IsFile::ARGS;

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut patterns =
            |name| Ok::<_, RuleError>(args.pattern(name)?.map(Into::into).into_iter().collect());
        let (names, extensions) = (patterns("filename")?, patterns("extension")?);
        let mut file = IsFile::new();
        (file.names, file.extensions, file.split) = (names, extensions, Split::from_args(args)?);
        Ok(Self(match args.message()? {
            Some(message) => file.error_message(message),
            None => file,
        }))
    }
}
