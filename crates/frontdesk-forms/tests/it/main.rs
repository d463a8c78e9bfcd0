//! Forms as a browser meets them: requests in, pages out.

mod csrf;
mod database;
mod drawing;
mod submitting;
mod uploads;
mod visitor;
