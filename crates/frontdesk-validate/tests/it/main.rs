//! The rules as applications use them: against the published vectors, and against hostile input.

mod agreement;
mod conditions;
mod conformance;
mod data_file;
mod divergences;
mod exceptions;
mod hostile;
mod outcome;
