use std::fmt;

use frontdesk_data::{DbError, SchemaFileError};

/// Why a command did not do what it was asked for: a text for the one who typed it, and the program's exit code.
///
/// The text says what is wrong and what to do about it.
#[derive(Debug)]
pub struct CliError {
    failure: Failure,
    text: String,
}

/// What kind of failure it is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// It was asked for rightly, and did not work: exit code 1.
    Failed,
    /// It was asked for wrongly: exit code 2.
    Usage,
    /// Ctrl-C was pressed: exit code 130, as shells have it.
    Interrupted,
}

impl CliError {
    /// The exit code of a program that Ctrl-C has ended.
    pub(crate) const INTERRUPTED: u8 = 130;

    /// Ctrl-C was pressed.
    pub fn interrupted(text: impl Into<String>) -> Self {
        Self { failure: Failure::Interrupted, text: text.into() }
    }

    /// Something did not work.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { failure: Failure::Failed, text: text.into() }
    }

    /// Something was asked for wrongly.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { failure: Failure::Usage, text: text.into() }
    }

    /// A failure of which everything has been said already.
    pub fn silent() -> Self {
        Self::failed("")
    }

    /// Whether there is nothing more to say.
    pub fn is_silent(&self) -> bool {
        self.text.is_empty()
    }

    /// What kind of failure it is.
    pub fn failure(&self) -> Failure {
        self.failure
    }

    /// The program's exit code: 1 for what failed, 2 for wrong usage, 130 for what Ctrl-C has ended.
    pub fn exit_code(&self) -> u8 {
        match self.failure {
            Failure::Failed => 1,
            Failure::Usage => 2,
            Failure::Interrupted => Self::INTERRUPTED,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for CliError {}

impl From<DbError> for CliError {
    fn from(error: DbError) -> Self {
        Self::failed(error.to_string())
    }
}

/// All mistakes of the file, one a line.
impl From<SchemaFileError> for CliError {
    fn from(error: SchemaFileError) -> Self {
        let count = error.problems().len();
        let heading = if count == 1 {
            "the schema file has a mistake".to_owned()
        } else {
            format!("the schema file has {count} mistakes")
        };
        Self::failed(format!("{heading}:\n{error}"))
    }
}
