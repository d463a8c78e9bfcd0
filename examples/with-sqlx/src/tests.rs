use std::sync::Mutex;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Method, Request};
use frontdesk::data::{DbErrorKind, WriteError};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;

async fn shop() -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(folder.path().join("shop.db").to_str().unwrap()).await.unwrap();
    (app, folder)
}

async fn call(app: &App, request: Request<Body>) -> (StatusCode, String, Option<String>) {
    let response = router(app.clone()).oneshot(request).await.unwrap();
    let cookie = response.headers().get(SET_COOKIE);
    let cookie = cookie.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap(), cookie)
}

async fn get_page(app: &App, path: &str) -> (String, Option<String>) {
    let (status, page, cookie) = call(app, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    (page, cookie)
}

/// Opens a form and sends it, filled in.
async fn submit(app: &App, path: &str, values: &str) -> (StatusCode, String) {
    let (page, cookie) = get_page(app, path).await;
    let hidden = |name: &str| {
        let rest = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
        rest.split_once('"').unwrap().0.to_owned()
    };
    let body = format!("_formname={}&_formkey={}&{values}", hidden("_formname"), hidden("_formkey"));
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(COOKIE, cookie.unwrap())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    let (status, page, _) = call(app, request).await;
    (status, page)
}

async fn pieces(app: &App, product: &str) -> i64 {
    let found = sqlx::query_scalar("SELECT pieces FROM stock WHERE product = ?").bind(product);
    found.fetch_one(&app.pool).await.unwrap()
}

#[tokio::test]
async fn what_one_library_commits_the_other_one_sees() {
    let (app, _folder) = shop().await;
    assert_eq!(submit(&app, "/customers", "name=Ada&email=ada%40example.org").await.0, StatusCode::SEE_OTHER);
    assert!(get_page(&app, "/").await.0.contains("Ada: 0 orders"));

    sqlx::query("INSERT INTO customer (name, email) VALUES ('Eve', 'eve@example.org')")
        .execute(&app.pool)
        .await
        .unwrap();
    let customers = app.db.table("customer").unwrap();
    assert_eq!(app.db.set(&customers).count().await.unwrap(), 2);

    // What the database enforces, whoever wrote the other row, is an error beside the field.
    let (status, page) = submit(&app, "/customers", "name=Mallory&email=eve%40example.org").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("customer_email_error"), "{page}");
}

#[tokio::test]
async fn a_form_is_written_by_sqlx_in_one_transaction() {
    let (app, _folder) = shop().await;
    submit(&app, "/customers", "name=Ada&email=ada%40example.org").await;
    let (status, page) = submit(&app, "/orders", "customer_id=1&product=cube&pieces=2").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    assert_eq!(pieces(&app, "cube").await, 0);
    assert!(get_page(&app, "/").await.0.contains("Ada: 1 orders"));

    // All or nothing.
    assert_eq!(submit(&app, "/orders", "customer_id=1&product=cube&pieces=1").await.0, StatusCode::CONFLICT);
    assert_eq!(pieces(&app, "cube").await, 0);
    assert!(get_page(&app, "/").await.0.contains("Ada: 1 orders"));
    // The rules are those of the CHECK constraint and the reference.
    let (status, _) = submit(&app, "/orders", "customer_id=7&product=ball&pieces=100").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_task_is_noted_with_the_row_and_done_by_the_other_library() {
    let (app, _folder) = shop().await;
    let sent = Mutex::new(Vec::new());
    let send = |mail: &str| sent.lock().unwrap().push(mail.to_owned());
    assert!(!send_welcome(&app.pool, send).await.unwrap());
    submit(&app, "/customers", "name=Ada&email=ada%40example.org").await;

    // A transaction that is rolled back leaves no task.
    let transaction = app.db.begin().await.unwrap();
    let customers = app.db.table("customer").unwrap();
    let eve = Values::new().with("name", "Eve").with("email", "eve@example.org");
    transaction.insert(&customers, eve).await.unwrap();
    transaction.rollback().await.unwrap();

    assert!(send_welcome(&app.pool, send).await.unwrap());
    assert!(!send_welcome(&app.pool, send).await.unwrap());
    assert_eq!(*sent.lock().unwrap(), ["ada@example.org"]);
}

#[tokio::test]
async fn the_application_s_tables_can_be_written_in_a_transaction_of_frontdesk() {
    let (app, _folder) = shop().await;
    let customers = app.db.table("customer").unwrap();
    let transaction = app.db.begin().await.unwrap();
    let ada = Values::new().with("name", "Ada").with("email", "ada@example.org");
    transaction.insert(&customers, ada).await.unwrap();
    let sql = "UPDATE stock SET pieces = pieces - ? WHERE product = ?";
    assert_eq!(transaction.execute(sql, [3.into(), "ball".into()]).await.unwrap(), 1);
    assert_eq!(pieces(&app, "ball").await, 10);
    transaction.commit().await.unwrap();
    assert_eq!(pieces(&app, "ball").await, 7);
}

/// Two libraries are two connections: while one writes, the other one waits, up to its own time-out.
#[tokio::test]
async fn a_writer_waits_for_the_other_library_and_then_says_so() {
    let (app, folder) = shop().await;
    let url = format!("sqlite://{}", folder.path().join("shop.db").display());
    let impatient = DbOptions::new().busy_timeout(Duration::from_millis(50));
    let impatient = Db::open_with(&url, impatient).await.unwrap();
    impatient.introspect().await.unwrap();
    let customers = impatient.table("customer").unwrap();
    let ada = || Values::new().with("name", "Ada").with("email", "ada@example.org");

    let mut theirs = app.pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query("UPDATE stock SET pieces = 5 WHERE product = 'ball'").execute(&mut *theirs).await.unwrap();
    match impatient.insert(&customers, ada()).await {
        Err(WriteError::Db(error)) => assert_eq!(error.kind(), DbErrorKind::Busy),
        other => panic!("{other:?}"),
    }
    // Reading goes on, and sees what was before.
    let stock = impatient.table("stock").unwrap();
    assert_eq!(impatient.get(&stock, &"ball".into()).await.unwrap().unwrap()["pieces"], 10.into());

    // A patient writer gets its turn when the other one is done.
    let (written, committed) = tokio::join!(app.db.insert(&customers, ada()), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        theirs.commit().await
    });
    committed.unwrap();
    written.unwrap();

    // The other way round, it is sqlx that waits, and says so.
    let ours = app.db.begin().await.unwrap();
    ours.insert(&customers, ada().with("email", "other@example.org")).await.unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("shop.db"));
    let pool = SqlitePool::connect_with(options.busy_timeout(Duration::from_millis(50))).await.unwrap();
    let refused = sqlx::query("UPDATE stock SET pieces = 1").execute(&pool).await.unwrap_err();
    let code = refused.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
    assert_eq!(code.as_deref(), Some("5"), "SQLITE_BUSY: {refused}");
    ours.commit().await.unwrap();
    sqlx::query("UPDATE stock SET pieces = 1").execute(&pool).await.unwrap();
}
