//! A form that was open for too long comes back, with everything that was typed and the reason.
//!
//! Type something, get a coffee, and send it after a minute: nothing is saved yet and nothing is lost. Send it once more.
//!
//! Run with `cargo run -p example-forms --bin expiry`.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: a note, and a minute to write it.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    with_lifespan(Duration::from_secs(60)).await
}

async fn with_lifespan(lifespan: Duration) -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let note = Table::new("note").field(Field::text("text").requires(IsNotEmpty::new()));
    db.define(note.create()).await?;
    let desk = Desk::new(Secret::random());
    let handler = move |app, request| note_form(app, request, lifespan);
    Ok(Router::new().route("/", any(handler)).merge(desk.router()).with_state(App { desk, db }))
}

async fn note_form(
    State(app): State<App>,
    mut request: FormRequest,
    lifespan: Duration,
) -> Result<Response, FormError> {
    let note = app.db.table("note").expect("it was defined at the start");
    // The age is part of what is signed. A form that comes back is a new one: its time begins again.
    let form = Form::for_table(&app.db, &note).lifespan(lifespan).process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, "/"));
    }
    Ok(page(&app.desk, &request, "A note", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn a_form_that_expired_comes_back_with_the_text_and_can_be_sent_again() {
        let app = with_lifespan(Duration::from_secs(2)).await.unwrap();
        let mut visitor = Visitor::new(&app);
        let opened = visitor.get("/").await;
        tokio::time::sleep(Duration::from_millis(3100)).await;
        let late = visitor.send_form("/", &opened, &[("text", "Buy milk")]).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.html.contains("open for too long") && late.html.contains("Buy milk"), "{}", late.html);

        let again = visitor.send_form("/", &late, &[("text", "Buy milk")]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
    }
}
