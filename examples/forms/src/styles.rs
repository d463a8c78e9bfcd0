//! The same form in five styles: `/?style=plain`, `bulma`, `bootstrap4`, `bootstrap5`, `tailwind`.
//!
//! The frameworks' stylesheets are yours to serve: put `bulma.css` and the others into the folder `assets` of the current
//! one. Without them the form works, and looks plain. `node tests/browser/stylesheets.mjs assets` collects them from npm.
//!
//! Run with `cargo run -p example-forms --bin styles`.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use frontdesk::prelude::*;

use crate::page::{App, frame};

type Named = (&'static str, fn() -> Style);

const STYLES: [Named; 5] = [
    ("plain", Style::plain),
    ("bulma", Style::bulma),
    ("bootstrap4", Style::bootstrap4),
    ("bootstrap5", Style::bootstrap5),
    ("tailwind", Style::tailwind),
];

/// The whole program: one form, five looks.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let desk = Desk::new(Secret::random());
    let routes = Router::new().route("/", any(paint)).route("/assets/{name}", get(stylesheet));
    Ok(routes.merge(desk.router()).with_state(App { desk, db }))
}

async fn paint(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
    mut request: FormRequest,
) -> Result<Response, FormError> {
    let wanted = query.get("style").map_or("plain", String::as_str);
    let (name, style) = STYLES.iter().find(|(name, _)| *name == wanted).ok_or(FormError::NotFound)?;
    let fields = [
        Field::string("name").requires(IsNotEmpty::new()),
        Field::string("color").requires(IsInSet::new(["red", "blue"])),
        Field::boolean("glossy"),
    ];
    // A style is a value: to change one class, or one widget, changes it for this form alone.
    let style = style().widget("color", RadioWidget::new());
    let form = Form::for_fields("paint", fields).formstyle(style).process(&mut request).await?;
    // Our own stylesheet, which comes with the script, is there for what the frameworks lack; theirs come after it.
    let mut head = app.desk.head().as_str().to_owned();
    if *name != "plain" {
        head += &format!("<link rel=\"stylesheet\" href=\"/assets/{name}.css\">");
    }
    let links = STYLES.map(|(name, _)| format!("<a href=\"/?style={name}\">{name}</a> ")).concat();
    let body = format!("<p>{links}</p>{form}");
    Ok(form.respond(frame("en", &Markup::trusted(head), "Paint", &body)))
}

async fn stylesheet(Path(name): Path<String>) -> Result<Response, StatusCode> {
    let known = STYLES.iter().any(|(style, _)| name.strip_suffix(".css") == Some(style));
    let css = if known { std::fs::read_to_string(format!("assets/{name}")).ok() } else { None };
    Ok(([(CONTENT_TYPE, "text/css")], css.ok_or(StatusCode::NOT_FOUND)?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn each_style_has_its_own_classes_and_the_same_form() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        for (name, style) in STYLES {
            let refused = visitor.submit(&format!("/?style={name}"), &[("name", "")]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            for slot in [Slot::Submit, Slot::Error] {
                let class = style().class_of(slot).to_owned();
                let class = Markup::escaped(&class);
                assert!(refused.html.contains(&format!("class=\"{class}\"")), "{name} {slot:?}");
            }
            assert!(refused.html.contains("type=\"radio\""), "{name}");
        }
        assert_eq!(visitor.get("/?style=none").await.status, StatusCode::NOT_FOUND);
    }
}
