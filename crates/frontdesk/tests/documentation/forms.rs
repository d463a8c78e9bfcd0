//! The three kinds of forms, the constructor, a form without a database, one over a table, uploads.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use frontdesk::html::a;
use frontdesk::prelude::*;

use crate::browser::{Browser, Visitor, open, submit};
use crate::thing;

#[derive(Clone)]
struct App {
    db: Db,
    thing: Arc<Table>,
    desk: Desk,
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

type Answer = Result<Response, FormError>;

async fn app(folder: &std::path::Path) -> App {
    let (db, thing) = thing().await;
    App { db, thing, desk: Desk::new(Secret::random()).upload_folder(folder) }
}

/// `create_thing`.
#[tokio::test]
async fn crud_create_forms() {
    async fn create_thing(State(app): State<App>, mut request: FormRequest) -> Answer {
        let form = Form::for_table(&app.db, &app.thing).process(&mut request).await?;
        if form.accepted() {
            return Ok(redirect_with_flash(request.headers(), "/other_page", "record created", "success"));
        }
        Ok(form.respond(form.to_string()))
    }
    async fn other_page(flash: Flash) -> impl IntoResponse {
        let told = flash.message().map_or(String::new(), |flash| flash.message.clone());
        (flash, told)
    }

    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let routes =
        Router::new().route("/create_thing", any(create_thing)).route("/other_page", get(other_page));
    let mut browser = Browser::new(routes.with_state(app.clone()));

    let refused = browser.submit("/create_thing", "name=&color=red").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.one("#thing_name_error").contains("Enter a value"));

    let created = browser.submit("/create_thing", "name=Hulk&color=green").await;
    assert_eq!((created.status, created.location.as_deref()), (StatusCode::SEE_OTHER, Some("/other_page")));
    assert_eq!(browser.get("/other_page").await.body, "record created");
    let row = app.db.get(&app.thing, &RowId::from(1)).await.unwrap().unwrap();
    assert_eq!((row["name"].as_str(), row["color"].as_str()), (Some("Hulk"), Some("green")));
}

/// `update_thing/<thing_id:int>`.
#[tokio::test]
async fn crud_update_forms() {
    async fn update_thing(
        State(app): State<App>,
        Path(thing_id): Path<i64>,
        mut request: FormRequest,
    ) -> Answer {
        let form = Form::for_table(&app.db, &app.thing).record(thing_id).process(&mut request).await?;
        if form.accepted() {
            return Ok(redirect_with_flash(request.headers(), "/other_page", "record updated", "success"));
        }
        Ok(form.respond(form.to_string()))
    }

    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    app.db.insert(&app.thing, Values::new().with("name", "Hulk").with("color", "green")).await.unwrap();
    let routes = Router::new().route("/update_thing/{thing_id}", any(update_thing));
    let mut browser = Browser::new(routes.with_state(app.clone()));

    let page = browser.get("/update_thing/1").await;
    assert!(page.one("#thing_name").contains("value=\"Hulk\""));
    assert!(page.one("#thing_color option[selected]").contains("green"));
    assert_eq!(browser.submit("/update_thing/1", "name=Thor&color=red").await.status, StatusCode::SEE_OTHER);
    let row = app.db.get(&app.thing, &RowId::from(1)).await.unwrap().unwrap();
    assert_eq!(row["name"].as_str(), Some("Thor"));
    assert_eq!(browser.get("/update_thing/2").await.status, StatusCode::NOT_FOUND);
}

/// `some_form`: a list of fields.
#[tokio::test]
async fn non_crud_forms() {
    let fields = [
        Field::string("name").requires(IsNotEmpty::new()),
        Field::string("color").requires(IsInSet::new(["red", "blue", "green"])),
    ];
    let spec = Form::for_fields("some_form", fields);
    assert!(!open(&spec).await.submitted());
    let form = submit(&spec, "name=Hulk&color=green").await;
    assert!(form.accepted());
    assert_eq!(form.vars()["color"].as_str(), Some("green"));
}

/// The constructor's arguments, each with an effect.
#[tokio::test]
async fn the_form_constructor() {
    let (db, table) = thing().await;
    let id =
        db.insert(&table, Values::new().with("name", "Hulk").with("color", "green")).await.unwrap().unwrap();
    let form = || Form::for_table(&db, &table);

    let record = db.get(&table, &id).await.unwrap().unwrap();
    assert!(open(&form().record(id.clone())).await.to_string().contains("value=\"Hulk\""), "a record's id");
    assert!(open(&form().record_row(record)).await.to_string().contains("value=\"Hulk\""), "a record");
    let readonly = open(&form().record(id.clone()).readonly(true)).await.to_string();
    assert!(readonly.contains("Hulk") && !readonly.contains("<input"), "{readonly}");
    assert!(open(&form().record(id.clone())).await.to_string().contains("name=\"_delete\""));
    assert!(
        !open(&form().record(id.clone()).deletable(false)).await.to_string().contains("name=\"_delete\"")
    );
    assert!(
        open(&form().formstyle(Style::bulma())).await.to_string().contains("class=\"button is-success\"")
    );
    assert!(submit(&form().dbio(false), "name=Thor&color=red").await.accepted());
    assert_eq!(db.set(&table).count().await.unwrap(), 1, "dbio=False writes nothing");
    let kept = submit(&form().dbio(false).keep_values(true), "name=Thor&color=red").await;
    assert!(kept.to_string().contains("value=\"Thor\""));
    assert!(
        open(&form().form_name("second")).await.to_string().contains("name=\"_formname\" value=\"second\"")
    );
    assert!(
        open(&form().hidden("next", "/a&b")).await.to_string().contains("name=\"next\" value=\"/a&amp;b\"")
    );
    let checked = submit(&form().validation(|form| form.refuse("name", "no")), "name=Thor&color=red").await;
    assert_eq!(checked.error_of("name").unwrap().text(), "no");

    assert!(
        submit(&form().dbio(false).csrf_session("a session's id"), "name=Thor&color=red").await.accepted()
    );
    assert!(!open(&form().csrf_protection(false)).await.to_string().contains("_formkey"));
    assert!(
        submit(&form().dbio(false).lifespan(Duration::from_secs(3600)), "name=Thor&color=red")
            .await
            .accepted()
    );
    let (before, now) = (form().signing_info("price 10"), form().signing_info("price 12"));
    let changed = Visitor::new().submit_drawn(&before, &now, "name=Thor&color=red").await;
    assert_eq!(changed.form_errors()[0].code(), "form_token");
    assert!(changed.to_string().contains("value=\"Thor\""), "what was typed is kept");
}

/// `form_minimal`: a form without a database, and its template.
#[tokio::test]
async fn a_minimal_form_example_without_a_database() {
    async fn index(State(desk): State<Desk>, mut request: FormRequest) -> Answer {
        let _ = desk;
        let fields = [
            Field::string("name").requires(IsNotEmpty::new()),
            Field::string("color").requires(IsInSet::new(["red", "blue", "green"])),
        ];
        let form = Form::for_fields("index", fields).process(&mut request).await?;
        if form.accepted() {
            // Do something with form.vars()["name"] and form.vars()["color"].
            return Ok(Redirect::to("/accepted").into_response());
        }
        if form.errors().next().is_some() {
            // Do something.
        }
        let mut templates = minijinja::Environment::new();
        templates.set_formatter(frontdesk::forms::form_formatter);
        templates.add_template("form_minimal.html", "<h1>Form</h1>{{ form }}").unwrap();
        let context = minijinja::context! { form => form.for_template() };
        Ok(form.respond(templates.get_template("form_minimal.html").unwrap().render(context).unwrap()))
    }

    let routes = Router::new()
        .route("/form_minimal", any(index))
        .route("/accepted", get(async || "form_example accepted"))
        .with_state(Desk::new(Secret::random()));
    let mut browser = Browser::new(routes);
    let page = browser.get("/form_minimal").await;
    assert!(page.body.starts_with("<h1>Form</h1><form"), "{}", page.body);
    page.one("form select#index_color[name=color] option[value=blue]");
    assert_eq!(browser.submit("/form_minimal", "name=Hulk").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let accepted = browser.submit("/form_minimal", "name=Hulk&color=green").await;
    assert_eq!(accepted.location.as_deref(), Some("/accepted"));
    assert_eq!(browser.get("/accepted").await.body, "form_example accepted");
}

/// `form_basic`: the form above, the rows below; and the same page for a record.
#[tokio::test]
async fn basic_form_example() {
    const TEMPLATE: &str = "<h2>Form Basic example: My Things</h2>{{ form }}<h2>Rows</h2><ul>\
        {% for row in rows %}<li>{{ row.id }}: {{ row.name }} has color {{ row.color }}</li>{% endfor %}</ul>";

    async fn page(app: &App, form: Form) -> Answer {
        let rows = app.db.set(&app.thing).rows().await?;
        let rows = rows.iter().map(|row| {
            minijinja::context! { id => row["id"].to_text(), name => row["name"].to_text(), color => row["color"].to_text() }
        });
        let mut templates = minijinja::Environment::new();
        templates.set_formatter(frontdesk::forms::form_formatter);
        templates.add_template("form_basic.html", TEMPLATE).unwrap();
        let context = minijinja::context! { form => form.for_template(), rows => rows.collect::<Vec<_>>() };
        Ok(form.respond(templates.get_template("form_basic.html").unwrap().render(context).unwrap()))
    }
    async fn create_form(State(app): State<App>, mut request: FormRequest) -> Answer {
        let form = Form::for_table(&app.db, &app.thing).process(&mut request).await?;
        page(&app, form).await
    }
    async fn update_form(
        State(app): State<App>,
        Path(thing_id): Path<i64>,
        mut request: FormRequest,
    ) -> Answer {
        let form = Form::for_table(&app.db, &app.thing).record(thing_id).process(&mut request).await?;
        page(&app, form).await
    }

    let folder = tempfile::tempdir().unwrap();
    let routes =
        Router::new().route("/create_form", any(create_form)).route("/update_form/{id}", any(update_form));
    let mut browser = Browser::new(routes.with_state(app(folder.path()).await));
    let created = browser.submit("/create_form", "name=Hulk&color=green").await;
    assert_eq!(created.status, StatusCode::OK);
    assert!(created.one("li").contains("1: Hulk has color green"));
    assert!(created.one("#thing_name").contains("value=\"\""), "the form is empty again");
    let updated = browser.submit("/update_form/1", "name=Hulk&color=red").await;
    assert!(updated.one("li").contains("1: Hulk has color red"));
    assert!(updated.one("#thing_name").contains("value=\"Hulk\""));
}

/// A green dot.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\
    \0\0\0\x0cIDATx\x9cc`h`\0\0\x01\x04\0\x81p\xf6\xc7\xa5\0\0\0\0IEND\xaeB`\x82";

/// The upload field: a picture comes in, is shown by its address, and is stored under a name of its own.
#[tokio::test]
async fn file_upload_field() {
    async fn create_form(State(app): State<App>, mut request: FormRequest) -> Answer {
        let form = Form::for_table(&app.db, &app.thing).process(&mut request).await?;
        let rows = app.db.set(&app.thing).rows().await?;
        let pictures = rows.iter().map(|row| format!("<img alt=\"\" src=\"/download/{}\">", row["image"]));
        Ok(respond_all(format!("{form}<ul>{}</ul>", pictures.collect::<String>()), [&form]))
    }
    async fn download(State(app): State<App>, Path(name): Path<String>) -> impl IntoResponse {
        serve_upload(app.desk.uploads(), &name).await
    }

    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let routes =
        Router::new().route("/create_form", any(create_form)).route("/download/{name}", get(download));
    let mut browser = Browser::new(routes.with_state(app.clone()));
    assert!(browser.get("/create_form").await.one("form").contains("enctype=\"multipart/form-data\""));

    let page =
        browser.upload("/create_form", &[("name", "Hulk"), ("color", "green")], "hulk.png", PICTURE).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let row = app.db.get(&app.thing, &RowId::from(1)).await.unwrap().unwrap();
    let key = row["image"].as_str().unwrap().to_owned();
    assert!(
        key.starts_with("hulk-") && key.ends_with(".png") && key.len() == "hulk-.png".len() + 36,
        "{key}"
    );
    assert!(page.one("img").contains(&format!("/download/{key}")));
    assert_eq!(browser.get(&format!("/download/{key}")).await.body, String::from_utf8_lossy(PICTURE));
    assert_eq!(std::fs::read(folder.path().join(&key)).unwrap(), PICTURE);
    // `download_url` gives the form the address.
    let spec =
        Form::for_table(&app.db, &app.thing).record(1).sidecar(a().href("/create_form").child("Cancel"));
    assert!(open(&spec).await.to_string().contains(&format!("src=\"/download/{key}\"")));
}
