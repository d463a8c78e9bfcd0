//! Sign-in as those who use it meet it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod guards;
mod jwt;
mod sessions;
mod support;
mod tokens;
mod users;
