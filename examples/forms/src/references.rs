//! A reference to a table with too many rows for a drop-down list: it is searched, and what is missing is added.
//!
//! Type `par` into the city and press Search; with the script, just type. A city that there is not yet can be added from
//! the same input.
//!
//! Run with `cargo run -p example-forms --bin references`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: people, and 2,000 places where they live.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let city = Table::new("city")
        .field(Field::string("name").unique().requires(IsLength::max(40).min(2)))
        .readable("{name}".parse()?);
    let city = db.define(city.create()).await?;
    let transaction = db.begin().await?;
    for name in ["Lisbon", "Paris", "Prague"] {
        transaction.insert(&city, Values::new().with("name", name)).await?;
    }
    for number in 1..=1997 {
        transaction.insert(&city, Values::new().with("name", format!("Village {number}"))).await?;
    }
    transaction.commit().await?;
    // More than 500 rows are searched; `most_choices` says otherwise. Adding one is for those who may: here, everyone.
    let place = IsInDb::new(&db, "city").create_with("name");
    let person = Table::new("person")
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::reference("city", "city").requires(place));
    db.define(person.create()).await?;
    let desk = Desk::new(Secret::random());
    Ok(Router::new().route("/", any(add)).merge(desk.router()).with_state(App { desk, db }))
}

async fn add(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let person = app.db.table("person").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &person).process(&mut request).await?;
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
    async fn a_place_is_searched_without_a_script() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let found = visitor.submit("/", &[("name", "Ada"), ("_find_city", "par"), ("_lookup", "city")]).await;
        assert!(found.html.contains(">Paris</option>") && !found.html.contains("Lisbon"), "{}", found.html);
        assert!(found.html.contains("value=\"Ada\""), "what was typed is kept");
        let saved = visitor.send_form("/", &found, &[("name", "Ada"), ("city", "2")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    }

    #[tokio::test]
    async fn the_script_asks_the_same_page() {
        let app = app().await.unwrap();
        let answer = Visitor::new(&app).get("/?_search=city&q=par").await;
        assert_eq!(answer.html, r#"{"choices":[{"value":"2","label":"Paris"}],"more":false}"#);
    }

    #[tokio::test]
    async fn a_place_that_is_missing_is_added_and_chosen() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let made =
            visitor.submit("/", &[("name", "Ada"), ("_find_city", "Turin"), ("_create", "city")]).await;
        assert!(made.html.contains("value=\"2001\" selected"), "{}", made.html);
        // By the rules of its own table.
        let refused = visitor.submit("/", &[("_find_city", "x"), ("_create", "city")]).await;
        assert!(refused.html.contains("Enter from 2 to 40 characters"), "{}", refused.html);
    }
}
