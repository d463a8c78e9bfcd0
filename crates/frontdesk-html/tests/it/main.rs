//! What the crate promises, checked against a real HTML parser and another user of CSS selectors.

mod deep;
mod reads_back;
mod searching;
mod selectors_agree;
mod sinks_agree;
mod trees;
