//! An application that lives on sqlx gets its forms from frontdesk: both use one SQLite database, each by connections of
//! its own. The page `docs/other-libraries.md` of the guide says what that means.
//!
//! Run it with `cargo run -p example-with-sqlx`, then open <http://127.0.0.1:3000>. The database is `shop.db` in the
//! current folder.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use frontdesk::prelude::*;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

/// What the application has of its own: its tables, made by sqlx.
///
/// The trigger writes the outbox in the transaction that writes the customer, whoever writes it.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS customer (
        id INTEGER PRIMARY KEY,
        name VARCHAR(80) NOT NULL,
        email VARCHAR(120) NOT NULL UNIQUE
    );
    CREATE TABLE IF NOT EXISTS orders (
        id INTEGER PRIMARY KEY,
        customer_id INTEGER NOT NULL REFERENCES customer (id),
        product VARCHAR(80) NOT NULL,
        pieces INTEGER NOT NULL DEFAULT 1 CHECK (pieces BETWEEN 1 AND 99)
    );
    CREATE TABLE IF NOT EXISTS stock (product VARCHAR(80) PRIMARY KEY NOT NULL, pieces INTEGER NOT NULL);
    INSERT OR IGNORE INTO stock VALUES ('ball', 10), ('cube', 2);
    CREATE TABLE IF NOT EXISTS outbox (
        id INTEGER PRIMARY KEY,
        customer_id INTEGER NOT NULL REFERENCES customer (id),
        done BOOLEAN NOT NULL DEFAULT 0
    );
    CREATE TRIGGER IF NOT EXISTS welcome AFTER INSERT ON customer BEGIN
        INSERT INTO outbox (customer_id) VALUES (NEW.id);
    END;
";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = App::open("shop.db").await?;
    let pool = app.pool.clone();
    tokio::spawn(async move {
        loop {
            match send_welcome(&pool, |mail| println!("mail to {mail}")).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => eprintln!("the outbox waits: {error}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://127.0.0.1:3000");
    axum::serve(listener, router(app)).await?;
    Ok(())
}

/// One database, by both libraries.
#[derive(Clone)]
struct App {
    pool: SqlitePool,
    db: Db,
    desk: Desk,
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

impl App {
    async fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        // WAL lets each of the two read while the other one writes. It is the application that sets it: frontdesk never
        // changes how a database is kept.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePool::connect_with(options).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;

        let options = DbOptions::new().busy_timeout(Duration::from_secs(5));
        let db = Db::open_with(&format!("sqlite://{path}"), options).await?;
        db.introspect().await?; // what the application has made is known, with its rules
        Ok(Self { pool, db, desk: Desk::new(Secret::random()) })
    }

    /// The form over a table of the application.
    fn form(&self, table: &str) -> FormSpec {
        let table = self.db.table(table).expect("the application made it");
        Form::for_table(&self.db, &table)
    }

    fn page(&self, title: &str, form: &Form) -> Response {
        let head = self.desk.head();
        form.respond(format!("<!DOCTYPE html><title>{title}</title>{head}<h1>{title}</h1>{form}"))
    }
}

fn router(app: App) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/customers", any(new_customer))
        .route("/orders", any(new_order))
        .merge(app.desk.router())
        .with_state(app)
}

/// What frontdesk wrote, sqlx reads: both see what is committed.
async fn home(State(app): State<App>) -> Result<Html<String>, Failure> {
    let customers: Vec<(String, i64)> = sqlx::query_as(
        "SELECT name, (SELECT count(*) FROM orders WHERE customer_id = customer.id) FROM customer ORDER BY name",
    )
    .fetch_all(&app.pool)
    .await?;
    let rows: String = customers
        .iter()
        .map(|(name, orders)| format!("<li>{}: {orders} orders</li>", Markup::escaped(name)))
        .collect();
    Ok(Html(format!(
        "<!DOCTYPE html><title>Shop</title><h1>Customers</h1><ul>{rows}</ul>\
         <a href=\"/customers\">New customer</a> <a href=\"/orders\">New order</a>"
    )))
}

/// A form that frontdesk writes by itself, in a transaction of its own. The trigger puts a task beside it, in the same
/// transaction, and [`send_welcome`] takes it from there by sqlx.
async fn new_customer(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let form = app.form("customer").process(&mut request).await?;
    if form.accepted() {
        return Ok(redirect_with_flash(request.headers(), "/", "Welcome!", "success"));
    }
    Ok(app.page("New customer", &form))
}

/// A form whose values the application writes itself: the order and the stock, in one transaction of sqlx. A transaction
/// of one library cannot hold what the other one writes.
async fn new_order(State(app): State<App>, mut request: FormRequest) -> Result<Response, Failure> {
    let form = app.form("orders").dbio(false).process(&mut request).await?;
    if !form.accepted() || form.repeated() {
        return Ok(app.page("New order", &form));
    }
    let order: Order = form.to_record().map_err(FormError::from)?;
    // IMMEDIATE: a transaction that reads first and writes later may be refused in between, without any waiting.
    let mut transaction = app.pool.begin_with("BEGIN IMMEDIATE").await?;
    let taken = sqlx::query("UPDATE stock SET pieces = pieces - ? WHERE product = ? AND pieces >= ?")
        .bind(order.pieces)
        .bind(&order.product)
        .bind(order.pieces)
        .execute(&mut *transaction)
        .await?;
    if taken.rows_affected() == 0 {
        return Ok(
            (StatusCode::CONFLICT, "There are not that many left; nothing was ordered.").into_response()
        );
    }
    sqlx::query("INSERT INTO orders (customer_id, product, pieces) VALUES (?, ?, ?)")
        .bind(order.customer_id)
        .bind(&order.product)
        .bind(order.pieces)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(redirect_with_flash(request.headers(), "/", "Ordered.", "success"))
}

/// What the form gives, as the application has it.
#[derive(Table)]
#[table(name = "orders")]
struct Order {
    id: Id,
    customer_id: i64,
    product: String,
    pieces: i64,
}

/// Does one task of the outbox, by sqlx; tells whether there was one. A task that is done and not yet noted is done again
/// after a crash, so it has to bear that, as a mail does.
async fn send_welcome(pool: &SqlitePool, send: impl Fn(&str)) -> Result<bool, sqlx::Error> {
    let task: Option<(i64, String)> = sqlx::query_as(
        "SELECT outbox.id, email FROM outbox JOIN customer ON customer.id = customer_id WHERE NOT done ORDER BY outbox.id",
    )
    .fetch_optional(pool)
    .await?;
    let Some((id, email)) = task else { return Ok(false) };
    send(&email);
    sqlx::query("UPDATE outbox SET done = 1 WHERE id = ?").bind(id).execute(pool).await?;
    Ok(true)
}

/// What can go wrong in a handler that uses both.
#[derive(Debug)]
enum Failure {
    Form(FormError),
    Sqlx(sqlx::Error),
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Form(error) => error.into_response(),
            Self::Sqlx(error) => {
                eprintln!("sqlx: {error}");
                (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a moment.").into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests;
