//! What was typed so far is kept on the server, encrypted, and offered again when the visitor comes back.
//!
//! Begin a letter, wait a moment (or press *Save draft*), close the tab, and open it again.
//!
//! Run with `cargo run -p example-forms --bin drafts`.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: a letter that nobody has to write twice.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let letter = Table::new("letter")
        .field(Field::string("to").requires(IsEmail::new()))
        .field(Field::text("text").requires(IsNotEmpty::new()));
    db.define(letter.create()).await?;
    // Two days, in a table of the same database; without this line a week, in memory. With `Secret::random` drafts end
    // with the program: a real one reads its secret from somewhere.
    let drafts = Drafts::database(&db).keep_for(Duration::from_hours(48));
    let desk = Desk::new(Secret::random()).keep_drafts(drafts);
    Ok(Router::new().route("/", any(write)).merge(desk.router()).with_state(App { desk, db }))
}

async fn write(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let letter = app.db.table("letter").expect("it was defined at the start");
    // For whoever has the browser's cookie; `drafts_of(user)` is for those who are signed in.
    let form = Form::for_table(&app.db, &letter).drafts().process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, "/")); // the draft has ended
    }
    Ok(page(&app.desk, &request, "A letter", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn a_draft_is_offered_to_the_one_who_typed_it_and_ends_when_the_letter_is_sent() {
        let app = app().await.unwrap();
        let (mut ada, mut eve) = (Visitor::new(&app), Visitor::new(&app));
        ada.submit("/", &[("to", ""), ("text", "Dear Charles"), ("_draft", "save")]).await;
        assert!(!eve.get("/").await.html.contains("_draft\" value=\"restore"));

        let back = ada.get("/").await;
        assert!(
            back.html.contains("There is a draft") && !back.html.contains("Dear Charles"),
            "{}",
            back.html
        );
        let restored = ada.send_form("/", &back, &[("to", ""), ("text", ""), ("_draft", "restore")]).await;
        assert!(restored.html.contains("Dear Charles"), "{}", restored.html);

        let sent = [("to", "charles@example.com"), ("text", "Dear Charles")];
        assert_eq!(ada.send_form("/", &restored, &sent).await.status, StatusCode::SEE_OTHER);
        assert!(!ada.get("/").await.html.contains("There is a draft"));
    }
}
