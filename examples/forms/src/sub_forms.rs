//! A record with rows that belong to it, in one form and one transaction: an invoice and its items.
//!
//! Add rows, move them up and down, take some away, and save. Switch JavaScript off and do it again.
//!
//! Run with `cargo run -p example-forms --bin sub_forms`.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: invoices of one to five items.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let invoice = Table::new("invoice").field(Field::string("customer").requires(IsNotEmpty::new()));
    db.define(invoice.create()).await?;
    let item = Table::new("item")
        .field(Field::reference("invoice", "invoice").not_null())
        .field(Field::string("what").requires(IsNotEmpty::new()))
        .field(Field::integer("count").default(1).requires(IsIntInRange::new(1..=999)))
        .field(Field::integer("place"));
    db.define(item.create()).await?;
    let desk = Desk::new(Secret::random());
    let routes = Router::new().route("/", any(create)).route("/invoice/{id}", any(edit));
    Ok(routes.merge(desk.router()).with_state(App { desk, db }))
}

fn invoice_form(app: &App) -> FormSpec {
    let invoice = app.db.table("invoice").expect("it was defined at the start");
    let item = app.db.table("item").expect("it was defined at the start");
    let items = Children::of(&app.db, &item, "invoice").expect("items refer to invoices");
    let items = items.named("items").label("Items").rows(1..=5).order_by("place");
    Form::for_table(&app.db, &invoice).children(items)
}

async fn create(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let form = invoice_form(&app).process(&mut request).await?;
    if let (true, Some(id)) = (form.accepted(), form.id()) {
        return Ok(saved(&request, &format!("/invoice/{id}")));
    }
    Ok(page(&app.desk, &request, "A new invoice", &form))
}

async fn edit(
    State(app): State<App>,
    Path(id): Path<String>,
    mut request: FormRequest,
) -> Result<Response, FormError> {
    let id: RowId = id.parse().map_err(|_| FormError::NotFound)?;
    let form = invoice_form(&app).record(id.clone()).deletable(false).process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, &format!("/invoice/{id}")));
    }
    Ok(page(&app.desk, &request, "An invoice", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn rows_are_written_with_their_record_and_in_their_order() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let more =
            visitor.submit("/", &[("customer", "Ada"), ("items[0].what", "Ink"), ("_rows", "add:items")]);
        let more = more.await;
        assert!(more.html.contains("items[1].what") && more.html.contains("value=\"Ink\""), "{}", more.html);

        let two = [
            ("customer", "Ada"),
            ("items[0].what", "Ink"),
            ("items[0].count", "2"),
            ("items[1].what", "Pen"),
        ];
        let saved = visitor.send_form("/", &more, &[&two[..], &[("items[1].count", "1")]].concat()).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);

        let address = saved.location.unwrap();
        let opened = visitor.get(&address).await;
        let moved = visitor.send_form(&address, &opened, &[("_rows", "up:items[1]")]).await;
        assert!(moved.html.find("value=\"Pen\"") < moved.html.find("value=\"Ink\""), "{}", moved.html);
    }

    #[tokio::test]
    async fn an_invoice_has_an_item() {
        let app = app().await.unwrap();
        let refused = Visitor::new(&app).submit("/", &[("customer", "Ada")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html.contains("value=\"Ada\""));
    }
}
