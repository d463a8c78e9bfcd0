//! A form in a layout of your own, and what becomes of a field that the layout forgets.
//!
//! The page draws three of the four fields. Save it: the name changes, and the telephone number, which nobody could see,
//! stays. In a debug build the program also knows that a field was forgotten.
//!
//! Run with `cargo run -p example-forms --bin layout`.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, frame};

/// The whole program: one record, and a form with two columns.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let person = Table::new("person")
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::string("city"))
        .field(Field::boolean("newsletter"))
        .field(Field::string("phone"));
    let person = db.define(person.create()).await?;
    let ada = Values::new().with("name", "Ada").with("newsletter", true).with("phone", "020 7946 0000");
    db.insert(&person, ada).await?;
    let desk = Desk::new(Secret::random());
    Ok(Router::new().route("/", any(edit)).merge(desk.router()).with_state(App { desk, db }))
}

async fn edit(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let person = app.db.table("person").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &person).record(1).deletable(false).process(&mut request).await?;
    if form.accepted() {
        let row = app.db.get(&person, &RowId::from(1)).await?.ok_or(FormError::NotFound)?;
        // Empty in a release build: nobody looks for them there.
        let forgotten = form.forgotten_fields().join(", ");
        let saved = format!("Saved: {}, telephone {}. Forgotten: {forgotten}", row["name"], row["phone"]);
        return Ok(saved.into_response());
    }
    // Each piece is a text of HTML. `begin` has the form's signed state, which says what can be written at all; a field
    // that sends nothing and does not say that it was drawn stays as it is.
    let custom = form.custom();
    let piece = |name: &str| {
        let error = custom.errors.get(name).map_or("", |error| error.as_str());
        format!("<td>{}<br>{}{error}</td>", custom.labels[name], custom.widgets[name])
    };
    let table = format!(
        "{}<table><tr>{}{}</tr><tr>{}<td>{}</td></tr></table>{}",
        custom.begin,
        piece("name"),
        piece("city"),
        piece("newsletter"),
        custom.submit,
        custom.end,
    );
    Ok(form.respond(frame("en", &app.desk.head(), "A person", &table)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn a_field_that_was_not_drawn_stays_and_is_told_of() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let opened = visitor.get("/").await;
        assert!(!opened.html.contains("name=\"phone\""));
        let values = [("name", "Ada King"), ("city", "London"), ("_drawn", "newsletter")];
        let saved = visitor.send_form("/", &opened, &values).await;
        assert_eq!(saved.html, "Saved: Ada King, telephone 020 7946 0000. Forgotten: phone");
        // That was the newsletter unticked.
        assert!(!visitor.get("/").await.html.contains("checked"));
    }

    #[tokio::test]
    async fn what_is_wrong_stands_beside_its_field() {
        let app = app().await.unwrap();
        let refused = Visitor::new(&app).submit("/", &[("name", ""), ("city", "Turin")]).await;
        assert_eq!(refused.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html.contains("id=\"person_name_error\"") && refused.html.contains("Turin"));
    }
}
