//! One short program for each thing that frontdesk's forms do: each module is one, with its tests.
//!
//! ```sh
//! cargo run -p example-forms --bin conflicts
//! ```
//!
//! Then open <http://127.0.0.1:3000>.

mod page;
#[cfg(test)]
mod visitor;

pub mod bots;
pub mod conditions;
pub mod conflicts;
pub mod double_submit;
pub mod drafts;
pub mod expiry;
pub mod languages;
pub mod layout;
pub mod live_checks;
pub mod one_rule;
pub mod policy;
pub mod records;
pub mod references;
pub mod styles;
pub mod sub_forms;
pub mod uploads;

use axum::Router;

/// Serves an example on port 3000 of this computer.
///
/// # Panics
/// If the port is taken.
pub async fn serve(app: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.expect("port 3000 is free");
    println!("listening on http://127.0.0.1:3000");
    axum::serve(listener, app).await.expect("the server runs until it is stopped");
}
