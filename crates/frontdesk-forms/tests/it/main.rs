//! Forms as a browser meets them: requests in, pages out.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod answers;
mod as_json;
mod asking;
mod booleans;
mod bot;
mod captcha;
mod conflict;
#[cfg(feature = "fault-points")]
mod crash;
mod csrf;
mod database;
mod drafts;
mod drawing;
mod escaping;
mod kept;
mod large;
mod layout;
mod ledger;
mod limits;
mod policy;
mod quarantine;
mod repeat;
mod required;
mod rows;
mod speaking;
mod state;
mod submitting;
mod typing;
mod unconfirmed;
mod uploads;
mod visitor;
mod widgets;
