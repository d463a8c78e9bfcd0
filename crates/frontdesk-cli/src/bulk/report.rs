//! What is wrong with rows, a line each on standard output.

use std::fmt::Write as _;
use std::io::Write as _;

use frontdesk_data::Violation;

use super::{number, progress::Progress};
use crate::CliError;

/// What is wrong with the rows of a file. The first of it is printed, all is counted.
pub(super) struct Report {
    file: String,
    most: u64,
    /// How many things are wrong, and in how many rows.
    problems: u64,
    pub(super) refused: u64,
    /// Those of the rows at hand, by line.
    waiting: Vec<(u64, String)>,
}

impl Report {
    pub(super) fn new(file: &str, most: u64) -> Self {
        Self { file: file.to_owned(), most, problems: 0, refused: 0, waiting: Vec::new() }
    }

    /// Notes what is wrong with a row.
    pub(super) fn refuse(&mut self, line: u64, violations: &[Violation]) {
        self.refused += 1;
        for violation in violations {
            let mut text = String::new();
            if !violation.fields.is_empty() {
                let _ = write!(text, "{}: ", violation.fields.join(", "));
            }
            text.push_str(violation.error.text());
            self.note(line, text);
        }
    }

    /// Notes what is wrong with a line, or with cells in it.
    pub(super) fn refuse_line(&mut self, line: u64, problems: Vec<String>) {
        self.refused += 1;
        problems.into_iter().for_each(|text| self.note(line, text));
    }

    /// Notes what is wrong with no certain row.
    pub(super) fn refuse_all(&mut self, violations: &[Violation]) {
        for violation in violations {
            let text = frontdesk_data::WriteError::Refused(vec![violation.clone()]).to_string();
            self.note(0, text);
        }
    }

    fn note(&mut self, line: u64, text: String) {
        self.problems += 1;
        if self.problems <= self.most {
            self.waiting.push((line, text));
        }
    }

    /// Whether more is wrong than is printed.
    pub(super) fn is_full(&self) -> bool {
        self.problems >= self.most
    }

    pub(super) fn is_clean(&self) -> bool {
        self.problems == 0
    }

    /// Prints what was noted, in the order of the lines.
    pub(super) fn print(&mut self, progress: &mut Progress) -> Result<(), CliError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        progress.clear();
        self.waiting.sort_by_key(|(line, _)| *line);
        let mut out = std::io::stdout().lock();
        for (line, text) in self.waiting.drain(..) {
            // One line a problem, whatever is quoted in it.
            let text = text.replace(['\n', '\r'], " ");
            let written = match line {
                0 => writeln!(out, "{}: {text}", self.file),
                _ => writeln!(out, "{}:{line}: {text}", self.file),
            };
            written.map_err(|_| CliError::silent())?;
        }
        Ok(())
    }

    /// `; of 1,234 problems the first 100 are shown`, where that is so.
    pub(super) fn left_out(&self) -> String {
        if self.problems <= self.most {
            return String::new();
        }
        format!("; of {} problems the first {} are shown", number(self.problems), number(self.most))
    }
}
