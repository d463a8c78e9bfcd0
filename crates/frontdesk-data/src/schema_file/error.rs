use std::fmt;

/// What is wrong with a schema file: every mistake that was found, with its line.
///
/// It reads one line each, as compilers write them: `frontdesk.toml:12: [tables.thing.fields.name] unknown key …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFileError {
    pub(super) file: String,
    pub(super) problems: Vec<SchemaProblem>,
}

/// One mistake in a schema file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaProblem {
    /// The line, from 1.
    pub line: usize,
    /// The part of the file, such as `[tables.thing.fields.name]`; empty for mistakes of syntax.
    pub part: String,
    /// What is wrong, and where it can be told what was meant.
    pub text: String,
}

impl SchemaFileError {
    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The mistakes, in the order of their lines. There is at least one.
    pub fn problems(&self) -> &[SchemaProblem] {
        &self.problems
    }
}

impl fmt::Display for SchemaFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{}: ", self.file, problem.line)?;
            if !problem.part.is_empty() {
                write!(f, "{} ", problem.part)?;
            }
            f.write_str(&problem.text)?;
        }
        Ok(())
    }
}

impl std::error::Error for SchemaFileError {}

/// `; did you mean …?`, where one of `known` is near to `wrong`.
pub(crate) fn did_you_mean<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(wrong, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The name nearest to `wrong`, if one is near enough to be meant.
pub(super) fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if wrong.len() > 128 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
