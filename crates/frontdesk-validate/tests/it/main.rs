//! The rules as applications use them: against the published vectors, and against hostile input.

mod conformance;
mod divergences;
mod exceptions;
mod hostile;
mod outcome;
