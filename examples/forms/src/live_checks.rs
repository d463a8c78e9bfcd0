//! A field that is checked while it is filled in, and what the database refuses told beside its field.
//!
//! Type `ada` as the name and go on to the next field: it is taken. Then book the desk `window` for today: the rule is the
//! database's own, and its refusal stands beside the field all the same.
//!
//! Run with `cargo run -p example-forms --bin live_checks`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: names that are taken once, and desks that are.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let free = IsNotInDb::new(&db, "booking.name").error_message("This name is taken");
    let booking = Table::new("booking")
        .field(Field::string("name").requires(Rules::one(IsNotEmpty::new()).and(free)))
        .field(Field::string("desk").comment("window, door, or any other"));
    let booking = db.define(booking.create()).await?;
    // No rule knows of this.
    db.execute("CREATE UNIQUE INDEX one_desk ON booking (desk)", []).await?;
    db.insert(&booking, Values::new().with("name", "ada").with("desk", "window")).await?;
    let desk = Desk::new(Secret::random());
    Ok(Router::new().route("/", any(book)).merge(desk.router()).with_state(App { desk, db }))
}

async fn book(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let booking = app.db.table("booking").expect("it was defined at the start");
    // Asked by the rules that decide when the form is sent; nothing is written. Whoever sees the form can ask, so do not
    // let it tell who is registered.
    let form = Form::for_table(&app.db, &booking).live_check("name").process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, "/"));
    }
    Ok(page(&app.desk, &request, "Book a desk", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn a_name_is_checked_while_the_form_is_filled_in() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let taken = visitor.submit("/", &[("name", "ada"), ("_check", "name")]).await;
        assert_eq!(taken.html, r#"{"field":"name","ok":false,"text":"This name is taken"}"#);
        let free = visitor.submit("/", &[("name", "eve"), ("_check", "name")]).await;
        assert!(free.html.contains(r#""ok":true"#), "{}", free.html);
        // That was all: nothing was saved, and no other field is told of.
        assert_eq!(
            visitor.submit("/", &[("desk", "x"), ("_check", "desk")]).await.status,
            StatusCode::NOT_FOUND
        );
        assert!(visitor.submit("/", &[("name", "eve"), ("_check", "name")]).await.html.contains("true"));
    }

    #[tokio::test]
    async fn what_the_database_refuses_is_told_beside_the_field() {
        let app = app().await.unwrap();
        let refused = Visitor::new(&app).submit("/", &[("name", "eve"), ("desk", "window")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html.contains("id=\"booking_desk_error\""), "{}", refused.html);
    }
}
