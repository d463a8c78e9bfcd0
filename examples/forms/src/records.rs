//! Heroes as structs: a table that a struct describes, rows that are structs, and a struct out of an accepted form.
//!
//! Run with `cargo run -p example-forms --bin records`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use frontdesk::html::{li, ul};
use frontdesk::prelude::*;

use crate::page::{App, page};

/// Stored as `red` or `blue`, and a drop-down list in a form.
#[derive(Debug, FieldValue)]
enum Color {
    Red,
    #[field(label = "Navy blue")]
    Blue,
}

#[derive(Debug, Table)]
#[table(create, readable = "{name}")]
struct Team {
    id: Id,
    #[field(unique, requires = IsLength::max(30).min(2))]
    name: String,
}

#[derive(Debug, Table)]
#[table(create)]
struct Hero {
    id: Id,
    #[field(label = "Full name", placeholder = "Ada Lovelace")]
    name: String,
    color: Color,
    age: Option<u8>,
    team: Option<Ref<Team>>,
}

/// The whole program: a form for a new hero, and those who are of age.
///
/// # Errors
/// If the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    let teams = db.define_records::<Team>().await?;
    let heroes = db.define_records::<Hero>().await?;
    let team = teams.insert(&Team { id: Id::new(), name: "The Analysts".into() }).await?;
    let ada = Hero { id: Id::new(), name: "Ada".into(), color: Color::Red, age: Some(36), team: Some(team) };
    heroes.insert(&ada).await?;
    let desk = Desk::new(Secret::random());
    Ok(Router::new().route("/", any(heroes_page)).merge(desk.router()).with_state(App { desk, db }))
}

async fn heroes_page(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let heroes = app.db.records::<Hero>();
    let mut form = Form::for_table(&app.db, heroes.table()).process(&mut request).await?;
    if form.accepted() {
        let hero: Hero = form.to_record()?;
        let told = format!("{} is number {} and likes {:?}.", hero.name, hero.id, hero.color);
        return Ok(redirect_with_flash(request.headers(), "/", &told, "success"));
    }
    let of_age = heroes.list(|set| set.filter(Hero::AGE.gte(18)).order_by(Hero::NAME)).await?;
    form.set_sidecar(ul().children(of_age.iter().map(|hero| li().child(hero.name.clone()))));
    Ok(page(&app.desk, &request, "Heroes", &form))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn a_form_gives_a_struct_and_the_list_finds_it() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let first = visitor.get("/").await;
        for text in ["Full name", "Navy blue", "The Analysts", "<li>Ada</li>"] {
            assert!(first.html.contains(text), "{text}: {}", first.html);
        }
        let refused =
            visitor.submit("/", &[("name", "Eve"), ("color", "pink"), ("age", "256"), ("team", "7")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.html.matches("class=\"fd-error\"").count(), 3, "{}", refused.html);

        let saved =
            visitor.submit("/", &[("name", "Eve"), ("color", "blue"), ("age", "19"), ("team", "")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let list = visitor.get("/").await.html;
        assert!(list.contains("Eve is number 2 and likes Blue."), "{list}");
        assert!(list.contains("<li>Ada</li><li>Eve</li>"), "{list}");
    }
}
