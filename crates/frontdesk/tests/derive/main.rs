//! The derives: the same table from all sources, records out of forms, and what the compiler says of mistakes.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod forms;
mod sources;
mod ui;
