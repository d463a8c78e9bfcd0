//! The rows, by two drivers. Statements are prepared once a connection, and a connection is not asked whether it lives.

use std::error::Error;
use std::future::Future;

use jiff::civil::DateTime;
use serde::Serialize;
use sqlx::Row as _;

pub(crate) type StoreError = Box<dyn Error + Send + Sync>;

/// As many as `frontdesk` opens.
const CONNECTIONS: usize = 8;

#[derive(Serialize)]
pub(crate) struct Thing {
    id: i64,
    name: String,
    color: String,
    created: String,
}

pub(crate) trait Store: Send + Sync + 'static {
    fn insert(&self, name: &str, color: &str) -> impl Future<Output = Result<i64, StoreError>> + Send;
    fn list(&self) -> impl Future<Output = Result<Vec<Thing>, StoreError>> + Send;
    fn one(&self, id: i64) -> impl Future<Output = Result<Option<Thing>, StoreError>> + Send;
}

const INSERT: &str = "INSERT INTO thing (name, color, created) VALUES ($1, $2, $3) RETURNING id";
const LIST: &str = "SELECT id, name, color, created FROM thing ORDER BY id LIMIT 15";
const ONE: &str = "SELECT id, name, color, created FROM thing WHERE id = $1";

pub(crate) struct ByTokioPostgres(deadpool_postgres::Pool);

impl ByTokioPostgres {
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let manager = deadpool_postgres::Manager::from_config(
            url.parse()?,
            tokio_postgres::NoTls,
            deadpool_postgres::ManagerConfig { recycling_method: deadpool_postgres::RecyclingMethod::Fast },
        );
        Ok(Self(deadpool_postgres::Pool::builder(manager).max_size(CONNECTIONS).build()?))
    }
}

fn thing(row: &tokio_postgres::Row) -> Thing {
    let created: DateTime = row.get(3);
    Thing { id: row.get(0), name: row.get(1), color: row.get(2), created: created.to_string() }
}

impl Store for ByTokioPostgres {
    async fn insert(&self, name: &str, color: &str) -> Result<i64, StoreError> {
        let client = self.0.get().await?;
        let insert = client.prepare_cached(INSERT).await?;
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        Ok(client.query_one(&insert, &[&name, &color, &now]).await?.get(0))
    }

    async fn list(&self) -> Result<Vec<Thing>, StoreError> {
        let client = self.0.get().await?;
        let list = client.prepare_cached(LIST).await?;
        Ok(client.query(&list, &[]).await?.iter().map(thing).collect())
    }

    async fn one(&self, id: i64) -> Result<Option<Thing>, StoreError> {
        let client = self.0.get().await?;
        let one = client.prepare_cached(ONE).await?;
        Ok(client.query_opt(&one, &[&id]).await?.as_ref().map(thing))
    }
}

pub(crate) struct BySqlx(sqlx::PgPool);

impl BySqlx {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let options = sqlx::postgres::PgPoolOptions::new().max_connections(CONNECTIONS as u32);
        Ok(Self(options.test_before_acquire(false).connect(url).await?))
    }
}

fn sqlx_thing(row: &sqlx::postgres::PgRow) -> Result<Thing, sqlx::Error> {
    let created: sqlx::types::time::PrimitiveDateTime = row.try_get(3)?;
    Ok(Thing {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        color: row.try_get(2)?,
        created: created.to_string(),
    })
}

impl Store for BySqlx {
    async fn insert(&self, name: &str, color: &str) -> Result<i64, StoreError> {
        let now = sqlx::types::time::OffsetDateTime::now_utc();
        let now = sqlx::types::time::PrimitiveDateTime::new(now.date(), now.time());
        let insert = sqlx::query(INSERT).bind(name).bind(color).bind(now);
        Ok(insert.fetch_one(&self.0).await?.try_get(0)?)
    }

    async fn list(&self) -> Result<Vec<Thing>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(&self.0).await?;
        Ok(rows.iter().map(sqlx_thing).collect::<Result<_, _>>()?)
    }

    async fn one(&self, id: i64) -> Result<Option<Thing>, StoreError> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.0).await?;
        Ok(row.as_ref().map(sqlx_thing).transpose()?)
    }
}
