//! A rule is written once, and holds in four places: on the server, in the browser's attributes, in the script, in a JSON
//! Schema.
//!
//! Look at the source of the page, type an age of 17 with JavaScript on and off, and open `/schema.json`. The client is
//! never stricter than the server.
//!
//! Run with `cargo run -p example-forms --bin one_rule`.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{any, get};
use axum::{Json, Router};
use frontdesk::prelude::*;
use serde_json::{Map, Value as JsonValue, json};

use crate::page::{App, page, saved};

/// The whole program: three fields with rules, as a form and as a JSON Schema.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let code = IsMatch::new("[A-Z]{2}[0-9]{4}")?.strict();
    let code = code.error_message("Enter two capital letters and four digits");
    let member = Table::new("member")
        .field(Field::string("name").requires(IsLength::max(20).min(2)))
        .field(Field::integer("age").widget("number").requires(IsIntInRange::new(18..=120)))
        .field(Field::string("code").comment("Such as AB1234").requires(code));
    db.define(member.create()).await?;
    let desk = Desk::new(Secret::random());
    let routes = Router::new().route("/", any(join)).route("/schema.json", get(schema));
    Ok(routes.merge(desk.router()).with_state(App { desk, db }))
}

async fn join(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let member = app.db.table("member").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &member).process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, "/"));
    }
    Ok(page(&app.desk, &request, "Join", &form))
}

/// What a client in another language checks before it sends anything.
async fn schema(State(app): State<App>) -> Json<JsonValue> {
    let member = app.db.table("member").expect("it was defined at the start");
    let fields = member.fields.iter().filter(|field| field.writable);
    let properties: Map<String, JsonValue> =
        fields.map(|field| (field.name.to_string(), field.rules().json_schema())).collect();
    Json(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
    }))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn the_same_rule_holds_in_all_four() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let form = visitor.get("/").await;
        // A browser counts in units of UTF-16, in which a character may be two; the script counts characters.
        for attribute in [
            "min=\"18\"",
            "max=\"120\"",
            "data-fd-error-max=\"Enter an integer between 18 and 120\"",
            "maxlength=\"40\"",
            "data-fd-maxchars=\"20\"",
            "pattern=\"",
            "required",
        ] {
            assert!(form.html.contains(attribute), "{attribute}: {}", form.html);
        }

        let schema: JsonValue = serde_json::from_str(&visitor.get("/schema.json").await.html).unwrap();
        assert_eq!(schema["properties"]["age"]["anyOf"][0]["minimum"], 18);

        let young = [("name", "Ada"), ("age", "17"), ("code", "AB1234")];
        let refused = visitor.submit("/", &young).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html.contains("Enter an integer between 18 and 120"));
        let adult = [("name", "Ada"), ("age", "18"), ("code", "AB1234")];
        assert_eq!(visitor.submit("/", &adult).await.status, StatusCode::SEE_OTHER);
    }
}
