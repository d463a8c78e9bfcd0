//! What the rules over names of uploaded files share.

use crate::{Args, FileValue, Pattern, RuleError};

/// How a rule over file names changes the letters of a name before it looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterCase {
    /// Not at all.
    Keep,
    /// To lower case.
    #[default]
    Lower,
    /// To upper case.
    Upper,
}

/// Where a name ends and its extension begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub(super) last_dot: bool,
    pub(super) case: LetterCase,
}

impl Default for Split {
    fn default() -> Self {
        Self { last_dot: true, case: LetterCase::default() }
    }
}

impl Split {
    /// Whether the name and the extension of `file`, which is empty where there is no dot, both pass. A file without a
    /// name was not uploaded at all.
    pub(super) fn accepts(
        self,
        file: &FileValue,
        name_passes: impl FnOnce(&str) -> bool,
        extension_passes: impl FnOnce(&str) -> bool,
    ) -> bool {
        let full = match self.case {
            LetterCase::Keep => file.name().into(),
            LetterCase::Lower => file.name().to_lowercase(),
            LetterCase::Upper => file.name().to_uppercase(),
        };
        let parts = if self.last_dot { full.rsplit_once('.') } else { full.split_once('.') };
        let (name, extension) = parts.unwrap_or((&full, ""));
        !full.is_empty() && name_passes(name) && extension_passes(extension)
    }

    /// The arguments `lastdot` and `case`.
    pub(super) fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let case = match args.int("case")? {
            Some(0) => LetterCase::Keep,
            None | Some(1) => LetterCase::Lower,
            Some(2) => LetterCase::Upper,
            Some(other) => return Err(args.wrong("case", "0 (keep), 1 (lower) or 2 (upper)", &other.into())),
        };
        Ok(Self { last_dot: args.flag("lastdot")?.unwrap_or(true), case })
    }
}

/// What [`IsFile`](crate::IsFile) compares a name or an extension with.
#[derive(Clone, Debug)]
pub enum NamePattern {
    /// It has to be this text.
    Text(String),
    /// It has to match this expression from its beginning.
    Pattern(Pattern),
}

impl NamePattern {
    /// The extension as an input's `accept` says it, where it is one text of letters, digits and dots.
    pub(super) fn as_extension(&self) -> Option<String> {
        match self {
            Self::Text(text)
                if !text.is_empty()
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') =>
            {
                Some(format!(".{text}"))
            }
            _ => None,
        }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => wanted == text,
            Self::Pattern(pattern) => pattern.matches_start(text),
        }
    }
}

impl From<&str> for NamePattern {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for NamePattern {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Pattern> for NamePattern {
    fn from(pattern: Pattern) -> Self {
        Self::Pattern(pattern)
    }
}
