//! A form that is sent twice is written once.
//!
//! Press the button as fast as you can, or go back and send the form again: there is one new line, and each time the
//! first answer.
//!
//! Run with `cargo run -p example-forms --bin double_submit`.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use frontdesk::prelude::*;

use crate::page::{App, page};

/// The whole program: an order form, and the number of orders.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let order = Table::new("order").field(Field::string("what").requires(IsNotEmpty::new()));
    db.define(order.create()).await?;
    // What was sent is remembered in the same database, so that not even a crash makes two rows of one form. Without this
    // line it is remembered in memory.
    let desk = Desk::new(Secret::random()).remember_submissions(Ledger::database(&db));
    let routes = Router::new().route("/", any(order_form)).route("/orders", get(orders));
    Ok(routes.merge(desk.router()).with_state(App { desk, db }))
}

async fn order_form(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let order = app.db.table("order").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &order).process(&mut request).await?;
    if form.accepted() {
        if !form.repeated() {
            // Here is the place for what must happen once, such as sending a mail.
        }
        return Ok(Redirect::to("/orders").into_response());
    }
    let mut response = page(&app.desk, &request, "Order", &form);
    if !form.submitted() {
        // So that browsers keep it for the way back: a page that they ask for anew has a new form in it.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    Ok(response)
}

async fn orders(State(app): State<App>) -> Result<String, FormError> {
    let order = app.db.table("order").expect("it was defined at the start");
    Ok(format!("Orders: {}", app.db.set(&order).count().await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn twice_the_same_form_is_one_order_and_twice_the_same_answer() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let opened = visitor.get("/").await;
        for _ in 0..3 {
            let answer = visitor.send_form("/", &opened, &[("what", "Tea")]).await;
            assert_eq!(answer.location.as_deref(), Some("/orders"));
        }
        assert_eq!(visitor.get("/orders").await.html, "Orders: 1");
        // A new form is a new order.
        visitor.submit("/", &[("what", "Tea")]).await;
        assert_eq!(visitor.get("/orders").await.html, "Orders: 2");
    }
}
