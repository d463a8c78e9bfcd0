//! Fields that depend on others: shown, needed, or with other choices, by what was entered so far.
//!
//! Choose a country and a way of delivery, with JavaScript on and off. Without it, the form comes back with what belongs
//! to it now, and nothing is saved until that was filled in.
//!
//! Run with `cargo run -p example-forms --bin conditions`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: an order that asks for what it needs to know.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let order = Table::new("order")
        .field(Field::string("country").requires(IsInSet::new(["DE", "PT", "US"])))
        // Neither checked nor written unless it is shown, whatever is sent.
        .field(Field::string("state").requires(IsLength::max(2).min(2)).show_when("country == 'US'".parse()?))
        .field(
            Field::string("delivery")
                .requires(IsInSet::new(["post", "courier", "pickup"]))
                .choices_when("country != 'DE'".parse()?, ["post", "courier"]),
        )
        .field(Field::string("phone").require_when("delivery == 'courier'".parse()?));
    db.define(order.create()).await?;
    let desk = Desk::new(Secret::random());
    Ok(Router::new().route("/", any(order_form)).merge(desk.router()).with_state(App { desk, db }))
}

async fn order_form(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let order = app.db.table("order").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &order).process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, "/"));
    }
    Ok(page(&app.desk, &request, "An order", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn without_a_script_the_form_comes_back_with_what_belongs_to_it_now() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let more = visitor.submit("/", &[("country", "US"), ("delivery", "post"), ("phone", "")]).await;
        assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(more.html.contains("There are more fields now"), "{}", more.html);
        let whole = [("country", "US"), ("state", "NY"), ("delivery", "post"), ("phone", "")];
        assert_eq!(visitor.send_form("/", &more, &whole).await.status, StatusCode::SEE_OTHER);
    }

    #[tokio::test]
    async fn what_is_needed_and_what_can_be_chosen_follow_the_other_fields() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        for (country, delivery, phone, refused) in [
            ("DE", "pickup", "", None),
            ("PT", "pickup", "", Some("order_delivery_error")),
            ("PT", "courier", "", Some("order_phone_error")),
            ("PT", "courier", "21 123", None),
        ] {
            // A state is sent as well, and is nobody's business.
            let values = [("country", country), ("state", "xyz"), ("delivery", delivery), ("phone", phone)];
            let answer = visitor.submit("/", &values).await;
            match refused {
                Some(id) => assert!(answer.html.contains(id), "{country} {delivery}: {}", answer.html),
                None => assert_eq!(answer.status, StatusCode::SEE_OTHER, "{country} {delivery}"),
            }
        }
    }
}
