//! Notes that belong to those who write them, seen by several people: one policy, and a form, a list and a search that ask it.
//!
//! Choose at the top who you are. A note is its author's; who is of the house sees all of them, and the column that nobody
//! else knows of; who is not signed in sees what is published.
//!
//! Run with `cargo run -p example-forms --bin policy`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use frontdesk::prelude::*;

use crate::page::{frame, page, saved};

/// What handlers need.
#[derive(Clone)]
struct Notes {
    desk: Desk,
    db: Db,
    note: Arc<Table>,
    policy: Policy,
}

impl FromRef<Notes> for Desk {
    fn from_ref(notes: &Notes) -> Self {
        notes.desk.clone()
    }
}

/// The whole program: a list and a form.
///
/// # Errors
/// [`DbError`], if the database cannot be opened; [`PolicyError`] if the policy does not fit the table.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let note = Table::new("note")
        .field(Field::string("title").requires(IsNotEmpty::new()))
        .field(Field::boolean("published"))
        .field(Field::string("author"))
        .field(Field::string("verdict").comment("Only people of the house know of this field."));
    let note = db.define(note.create()).await?;
    for (title, author, published) in
        [("Roses", "ada", true), ("Diary", "ada", false), ("Plans", "eve", false)]
    {
        let values = Values::new().with("title", title).with("author", author).with("published", published);
        db.insert(&note, values.with("verdict", "good")).await?;
    }
    let rules = TableRules::new()
        .read("public")
        .create("user")
        .update("user")
        .delete("user")
        .rows_for(Action::Read, "row.published == true or row.author == actor.id or actor is staff")?
        .rows_for(Action::Create, "row.author == actor.id")?
        .rows_for(Action::Update, "row.author == actor.id or actor is staff")?
        .rows_for(Action::Delete, "row.author == actor.id or actor is staff")?
        .readable("verdict", "staff")
        .writable("author", "nobody");
    let policy = Policy::new().table("note", rules);
    policy.check(&db.tables())?;
    let desk = Desk::new(Secret::random());
    let router = Router::new()
        .route("/{who}/", get(list))
        .route("/{who}/new", any(new))
        .route("/{who}/{id}", any(edit))
        .route("/", get(async || axum::response::Redirect::to("/public/")))
        .merge(desk.router());
    Ok(router.with_state(Notes { desk, db, note, policy }))
}

/// Who asks. A real application takes it from its session.
fn actor(who: &str) -> Actor {
    match who {
        "public" => Actor::anonymous(),
        "staff" => Actor::staff("staff"),
        name => Actor::user(name),
    }
}

async fn list(
    State(app): State<Notes>,
    Path(who): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, FormError> {
    let notes = app.policy.access(&actor(&who), &app.note);
    let search = query.get("q").map_or("", String::as_str);
    let set = notes.set(&app.db).search(search).order_by("title").limit(50);
    let mut body = String::from("<p>You are: ");
    for name in ["public", "ada", "eve", "staff"] {
        body.push_str(&format!("<a href=\"/{name}/\">{name}</a> "));
    }
    body.push_str("</p><ul>");
    for row in set.rows().await? {
        let id = row.id().map(ToString::to_string).unwrap_or_default();
        let (who, title) = (Markup::escaped(&who), Markup::escaped(&row["title"].to_text()));
        body.push_str(&format!(
            "<li><a href=\"/{who}/{id}\">{title}</a> {}</li>",
            Markup::escaped(&row["verdict"].to_text())
        ));
    }
    body.push_str("</ul>");
    if notes.can(Action::Create) {
        body.push_str(&format!("<p><a href=\"/{}/new\">A new note</a></p>", Markup::escaped(&who)));
    }
    Ok(Html(frame("en", &app.desk.head(), "Notes", &body)).into_response())
}

async fn new(
    State(app): State<Notes>,
    Path(who): Path<String>,
    mut request: FormRequest,
) -> Result<Response, FormError> {
    let spec = Form::for_table(&app.db, &app.note).policy(&app.policy, &actor(&who));
    let form = spec.process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, &format!("/{who}/")));
    }
    Ok(page(&app.desk, &request, "A new note", &form))
}

async fn edit(
    State(app): State<Notes>,
    Path((who, id)): Path<(String, String)>,
    mut request: FormRequest,
) -> Result<Response, FormError> {
    let id: RowId = id.parse().map_err(|_| FormError::NotFound)?;
    // A note out of reach answers as one that there is not.
    let spec = Form::for_table(&app.db, &app.note).record(id).policy(&app.policy, &actor(&who));
    let form = spec.process(&mut request).await?;
    if form.accepted() {
        return Ok(saved(&request, &format!("/{who}/")));
    }
    Ok(page(&app.desk, &request, "A note", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn crud_02_everybody_sees_what_is_theirs() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        for (who, sees, opens) in [
            ("public", "Roses", [200, 404, 404]),
            ("ada", "Diary Roses", [200, 200, 404]),
            ("eve", "Plans Roses", [200, 404, 200]),
            ("staff", "Diary Plans Roses", [200, 200, 200]),
        ] {
            let list = visitor.get(&format!("/{who}/")).await;
            let titles = ["Diary", "Plans", "Roses"].into_iter().filter(|title| list.html.contains(title));
            assert_eq!(titles.collect::<Vec<_>>().join(" "), sees, "{who}");
            assert_eq!(list.html.contains("good"), who == "staff");
            for (id, status) in (1..).zip(opens) {
                let page = visitor.get(&format!("/{who}/{id}")).await;
                assert_eq!(page.status.as_u16(), status, "{who} {id}");
                assert_eq!(page.html.contains("verdict"), who == "staff", "{who} {id}");
            }
        }
        assert_eq!(visitor.get("/public/new").await.status, StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn crud_02_a_new_note_is_its_authors() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let sent = visitor.submit("/eve/new", &[("title", "Mine"), ("author", "ada")]).await;
        assert_eq!(sent.location.as_deref(), Some("/eve/"), "{}", sent.html);
        assert!(visitor.get("/eve/").await.html.contains("Mine"));
        assert!(!visitor.get("/ada/").await.html.contains("Mine"));
    }
}
