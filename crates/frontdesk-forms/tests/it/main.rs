//! Forms as a browser meets them: requests in, pages out.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod asking;
mod bot;
#[cfg(feature = "fault-points")]
mod crash;
mod csrf;
mod database;
mod drafts;
mod drawing;
mod escaping;
mod large;
mod ledger;
mod quarantine;
mod submitting;
mod uploads;
mod visitor;
mod widgets;
