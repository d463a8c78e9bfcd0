//! A form in the visitor's language: its words, its messages, its numbers and dates.
//!
//! It follows the browser; `/language/de` and `/language/pt` choose. Type `1.234,5` as the price in German.
//!
//! Run with `cargo run -p example-forms --bin languages`.

use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use frontdesk::prelude::*;
use frontdesk::web::{CookieScope, LANGUAGE_COOKIE};

use crate::page::{App, frame};

// Our own words, besides those that come along. An application has them in files: `Languages::add_folder`.
const ENGLISH: &str = "new-offer = A new offer";
const GERMAN: &str = "
new-offer = Ein neues Angebot
field-offer-what = Was
field-offer-price = Preis
    .comment = In Euro
field-offer-until = Gültig bis
is-not-empty = Das fehlt noch
";
const PORTUGUESE: &str = "
new-offer = Uma nova oferta
field-offer-what = O quê
field-offer-price = Preço
field-offer-until = Válida até
";

/// The whole program: an offer, in three languages.
///
/// # Errors
/// [`DbError`], if the database cannot be opened; a catalogue with a mistake in it.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let offer = Table::new("offer")
        .field(Field::string("what").requires(IsNotEmpty::new()))
        .field(Field::double("price"))
        .field(Field::date("until"));
    db.define(offer.create()).await?;
    let languages = Languages::new().add("en", ENGLISH)?.add("de", GERMAN)?.add("pt", PORTUGUESE)?;
    let desk = Desk::new(Secret::random()).speak(languages.clone());
    Ok(Router::new()
        .route("/", any(offer_form))
        .route("/language/{tag}", get(choose))
        .merge(desk.router())
        .layer(Extension(languages)) // for handlers that take a `Language`
        .with_state(App { desk, db }))
}

async fn offer_form(
    State(app): State<App>,
    language: Language,
    mut request: FormRequest,
) -> Result<Response, FormError> {
    let offer = app.db.table("offer").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &offer).process(&mut request).await?;
    if form.accepted() {
        return Ok(format!("{}: {}", form.vars()["what"], form.vars()["price"]).into_response());
    }
    let title = language.t("new-offer");
    Ok(form.respond(frame(language.tag(), &app.desk.head(), &title, &form.to_string())))
}

/// Keeps what a visitor chose.
async fn choose(
    State(app): State<App>,
    Path(tag): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let language = app.desk.languages().get(&tag).ok_or(StatusCode::NOT_FOUND)?;
    let cookie = CookieScope::of(&headers).session(LANGUAGE_COOKIE, language.tag());
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn words_messages_and_numbers_are_the_visitors() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        assert!(visitor.get("/").await.html.contains("A new offer"));
        visitor.get("/language/de").await;
        let refused = visitor.submit("/", &[("what", ""), ("price", "1.234,5"), ("until", "")]).await;
        for text in ["lang=\"de\"", "Gültig bis", "Das fehlt noch", "1.234,5"] {
            assert!(refused.html.contains(text), "{text}: {}", refused.html);
        }
        let saved = visitor.send_form(
            "/",
            &refused,
            &[("what", "Tee"), ("price", "1.234,5"), ("until", "24.12.2026")],
        );
        assert_eq!(saved.await.html, "Tee: 1234.5");

        visitor.get("/language/pt").await;
        assert!(visitor.get("/").await.html.contains("Válida até"));
        assert_eq!(visitor.get("/language/xx").await.status, StatusCode::NOT_FOUND);
    }
}
