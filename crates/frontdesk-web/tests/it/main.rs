//! Behaviour of what the crates share of HTTP.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod catalogues;
mod csrf;
mod headers;
mod limits;
mod messages;
mod sources;
