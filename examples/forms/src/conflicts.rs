//! Two people edit the same record, and nobody's change is overwritten.
//!
//! Open the form in two tabs, change the name in both, and save both: the second one is shown what the first one wrote,
//! and chooses. No column is added to the table for it.
//!
//! Run with `cargo run -p example-forms --bin conflicts`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: one record, and the form that edits it.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let person = Table::new("person").field(Field::string("name")).field(Field::string("city"));
    let person = db.define(person.create()).await?;
    db.insert(&person, Values::new().with("name", "Ada").with("city", "London")).await?;
    let desk = Desk::new(Secret::random());
    Ok(Router::new().route("/", any(edit)).merge(desk.router()).with_state(App { desk, db }))
}

async fn edit(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let person = app.db.table("person").expect("it was defined at the start");
    // That somebody else changed the record is noticed by itself: the form carries a digest of what it showed.
    let form = Form::for_table(&app.db, &person).record(1).deletable(false).process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, "/"));
    }
    Ok(page(&app.desk, &request, "A person", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn the_second_one_is_shown_what_the_first_one_wrote() {
        let app = app().await.unwrap();
        let (mut ada, mut eve) = (Visitor::new(&app), Visitor::new(&app));
        let seen = eve.get("/").await;
        let saved = ada.submit("/", &[("name", "Ada King"), ("city", "London")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);

        let conflict = eve.send_form("/", &seen, &[("name", "Countess Ada"), ("city", "London")]).await;
        assert_eq!(conflict.status, StatusCode::CONFLICT);
        for text in ["Ada King", "Countess Ada", "_take_name"] {
            assert!(conflict.html.contains(text), "{text}: {}", conflict.html);
        }
        let mine = [("name", "Countess Ada"), ("city", "London"), ("_take_name", "mine")];
        assert_eq!(eve.send_form("/", &conflict, &mine).await.status, StatusCode::SEE_OTHER);
        assert!(eve.get("/").await.html.contains("Countess Ada"));
    }
}
