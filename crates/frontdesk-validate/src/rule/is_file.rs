use serde_json::Value as Json;

use super::file_name::{LetterCase, NamePattern, Split};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, Pattern, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Enter valid filename");

/// `IS_FILE`: an uploaded file whose name and extension are among the given ones. What is in the file is not looked at;
/// see [`IsImage`](crate::IsImage).
///
/// Where there is no dot, the extension is empty. A name is compared in lower case, unless
/// [`letter_case`](Self::letter_case) says otherwise; the texts to compare it with are taken as they are.
///
/// # Defaults
/// Any name, any extension.
///
/// # Errors
/// Code `is_file`, also if no file was uploaded.
///
/// ```
/// use frontdesk_validate::{FileValue, IsFile, Rules, Value};
///
/// let thumbnail = Rules::one(IsFile::new().filename("thumbnail").extension("jpg").extension("png"));
/// let file = |name: &str| Value::File(FileValue::in_memory(name, *b"..."));
/// assert!(thumbnail.check_now(file("Thumbnail.PNG")).is_ok());
/// assert_eq!(thumbnail.check_now(file("thumbnail.gif")).unwrap_err().text(), "Enter valid filename");
/// ```
#[derive(Clone, Debug)]
pub struct IsFile {
    pub(super) names: Vec<NamePattern>,
    pub(super) extensions: Vec<NamePattern>,
    pub(super) split: Split,
    message: Message,
}

impl Default for IsFile {
    fn default() -> Self {
        Self { names: Vec::new(), extensions: Vec::new(), split: Split::default(), message: MESSAGE }
    }
}

impl IsFile {
    /// Any file.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name before the dot: a text, or a [`Pattern`] that matches from its beginning. Called again, that one passes
    /// too.
    #[must_use]
    pub fn filename(mut self, name: impl Into<NamePattern>) -> Self {
        self.names.push(name.into());
        self
    }

    /// The extension behind the dot, as for [`filename`](Self::filename). The empty text asks for none.
    #[must_use]
    pub fn extension(mut self, extension: impl Into<NamePattern>) -> Self {
        self.extensions.push(extension.into());
        self
    }

    /// Splits at the first dot: `file.tar.gz` has the extension `tar.gz`. Default: at the last.
    #[must_use]
    pub fn first_dot(mut self) -> Self {
        self.split.last_dot = false;
        self
    }

    /// How the name is changed before it is compared. Default: to lower case.
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

impl IsFile {
    pub(super) fn accepts(&self, value: &Value) -> bool {
        let one_of =
            |all: &[NamePattern], text: &str| all.is_empty() || all.iter().any(|one| one.matches(text));
        match value {
            Value::File(file) => self.split.accepts(
                file,
                |name| one_of(&self.names, name),
                |extension| one_of(&self.extensions, extension),
            ),
            _ => false,
        }
    }

    pub(super) fn message(&self) -> &Message {
        &self.message
    }

    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsFile {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        if self.accepts(&value) { Ok(value) } else { Err(self.error()) }.into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.looks_like(InputKind::File, self.error());
        let extensions: Option<Vec<_>> = self.extensions.iter().map(NamePattern::as_extension).collect();
        // Browsers look at the end of the name, in any case, wherever the extension begins.
        if let Some(extensions) = extensions.filter(|extensions| !extensions.is_empty()) {
            out.accept_files(extensions.join(","), self.error());
        }
    }

    fn json_schema(&self, _: &mut JsonSchema) {}
}

/// The argument `name`: a text, a `{"$regex": …}`, or a list of these.
fn patterns(args: &mut Args<'_>, name: &str) -> Result<Vec<NamePattern>, RuleError> {
    let json = match args.take(name) {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::Array(items)) => items,
        Some(one) => vec![one],
    };
    let pattern = |json: &Json| match json {
        Json::String(text) => Ok(NamePattern::from(&**text)),
        Json::Object(object) if object.len() == 1 => match object.get("$regex").and_then(Json::as_str) {
            Some(source) => match Pattern::new(source) {
                Ok(pattern) => Ok(pattern.into()),
                Err(error) => Err(args.bad_pattern(name, &error)),
            },
            None => Err(args.wrong(name, "a text or {\"$regex\": …}", json)),
        },
        other => Err(args.wrong(name, "a text, {\"$regex\": …}, or a list of these", other)),
    };
    json.iter().map(pattern).collect()
}

impl FromArgs for IsFile {
    const NAME: &'static str = "is_file";
    const ARGS: &'static [&'static str] = &["filename", "extension", "lastdot", "case", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            names: patterns(args, "filename")?,
            extensions: patterns(args, "extension")?,
            split: Split::from_args(args)?,
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{FileValue, Registry, Rules};

    #[test]
    fn an_empty_extension_asks_for_none() {
        let rule = Rules::one(IsFile::new().filename("README").extension("").letter_case(LetterCase::Keep));
        let check = |name: &str| rule.check_now(FileValue::in_memory(name, *b"x").into());
        assert!(check("README").is_ok());
        assert!(check("README.txt").is_err());
    }

    #[test]
    fn a_file_without_a_name_was_not_uploaded() {
        assert!(Rules::one(IsFile::new()).check_now(FileValue::in_memory("", *b"").into()).is_err());
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (argument, wrong) in [
            ("filename", json!({"$regex": "("})),
            ("filename", json!({"regex": "x"})),
            ("extension", json!([7])),
            ("case", json!(3)),
        ] {
            let error = Registry::standard().rules(&json!({"rule": "is_file", argument: wrong})).unwrap_err();
            assert!(error.to_string().contains(&format!("argument `{argument}`")), "{error}");
        }
    }
}
