//! Whether a table of ten million rows is as quick as one of ten thousand, in one run.
//!
//! Makes both tables, asks the ready server's pages for both, shows how the database finds the rows, and removes what it
//! made. `bench-rows ROWS` takes another number than ten million; `BENCH_DATA` names the folder for the databases.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use frontdesk_cli::{Site, SiteOptions, app, open_described};
use frontdesk_data::{Db, Field, Table, Values};
use http::Request;
use tower::ServiceExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The table that everything is compared with.
const FEW: u64 = 10_000;

/// How often a page is asked for; the middle of the times counts.
const TIMES: usize = 31;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let many = match std::env::args().nth(1) {
        Some(rows) => rows.replace('_', "").parse()?,
        None => 10_000_000,
    };
    let folder = match std::env::var_os("BENCH_DATA") {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    inserts().await?;
    let (few, many) = (Sample::make(folder.path(), FEW).await?, Sample::make(folder.path(), many).await?);
    println!("\n{:<44} {:>12} {:>12} {:>7}", "page", few.rows, many.rows, "ratio");
    for (name, path) in PAGES {
        let (one, other) = (few.time(path).await?, many.time(path).await?);
        let ratio = other.as_secs_f64() / one.as_secs_f64();
        println!("{name:<44} {:>12} {:>12} {ratio:>7.2}", shown(one), shown(other));
    }
    println!("\nhow the rows are found among {}:", many.rows);
    many.plans().await?;
    for sample in [few, many] {
        sample.db.close().await;
    }
    Ok(())
}

/// The pages, with the number of a row in the middle for `{row}`.
const PAGES: [(&str, &str); 9] = [
    ("list", "/tables/person/"),
    ("list, from the middle on", "/tables/person/?after={row}"),
    ("list, by an indexed column", "/tables/person/?sort=name"),
    ("list, by an indexed column, backward", "/tables/person/?sort=-name"),
    ("list, by it, from the middle on", "/tables/person/?sort=name&after={row}"),
    ("search, found by an index", "/tables/person/?q=person+{row}"),
    ("search, found nowhere", "/tables/person/?q=nobody"),
    ("rows that refer to one", "/tables/person/?field=team&is=7"),
    ("edit form", "/forms/person/{row}/"),
];

struct Sample {
    rows: u64,
    db: Db,
    app: Router,
}

impl Sample {
    async fn make(folder: &Path, rows: u64) -> Result<Self> {
        let begun = Instant::now();
        let path = folder.join(format!("{rows}.db"));
        let text = path.to_str().ok_or("the folder has an odd name")?;
        let db = Db::open(&format!("sqlite://{text}?mode=rwc")).await?;
        for sql in [
            "CREATE TABLE team (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL)".to_owned(),
            "CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, email VARCHAR(60) NOT NULL, \
             note TEXT, born DATE, team INTEGER REFERENCES team)"
                .to_owned(),
            format!("INSERT INTO team {} SELECT i, 'team ' || i FROM n", numbers(1000)),
        ] {
            db.execute(sql, []).await?;
        }
        // In parts, each well within the time that a statement may take.
        let part = 250_000;
        for from in (0..rows).step_by(part) {
            let count = (rows - from).min(part as u64);
            let sql = format!(
                "INSERT INTO person {} SELECT i + {from}, 'person ' || (i + {from}), 'p' || (i + {from}) || '@example.com', \
                 'a note of some length about person ' || i, date('1950-01-01', '+' || (i % 20000) || ' days'), i % 1000 + 1 \
                 FROM n",
                numbers(count)
            );
            db.execute(sql, []).await?;
        }
        db.close().await;
        // An index over all takes longer than a statement may.
        let patient = frontdesk_data::DbOptions::new().statement_timeout(Duration::from_hours(1));
        let db = Db::open_with(&format!("sqlite://{text}"), patient).await?;
        db.execute("CREATE INDEX person_name ON person (name)", []).await?;
        db.execute("CREATE UNIQUE INDEX person_email ON person (email)", []).await?;
        db.execute("CREATE INDEX person_team ON person (team)", []).await?;
        db.close().await;
        println!(
            "{rows} rows made in {:.1} s: {} MB",
            begun.elapsed().as_secs_f64(),
            std::fs::metadata(&path)?.len() >> 20
        );

        let db = open_described(text, None).await?.db;
        let app = app(Site::new(&db, SiteOptions::new("rows")));
        Ok(Self { rows, db, app })
    }

    /// How long a page takes: the middle of many times.
    async fn time(&self, path: &str) -> Result<Duration> {
        let mut times = Vec::with_capacity(TIMES);
        for at in 0..TIMES {
            // Another row each time, so that not only what is in memory anyway is looked at.
            let row = self.rows / 2 + (at as u64 * 97);
            let path = path.replace("{row}", &row.to_string());
            let request = Request::get(&path).header("host", "127.0.0.1").body(Body::empty())?;
            let begun = Instant::now();
            let response = self.app.clone().oneshot(request).await?;
            let status = response.status();
            let body = axum::body::to_bytes(response.into_body(), 16 << 20).await?;
            times.push(begun.elapsed());
            if !status.is_success() {
                return Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&body)).into());
            }
        }
        times.sort();
        Ok(times[TIMES / 2])
    }

    async fn plans(&self) -> Result<()> {
        let table = self.db.table("person").ok_or("the table is gone")?;
        let all = self.db.set(&table).limit(51);
        let row = frontdesk_data::RowId::from(i64::try_from(self.rows / 2)?);
        for (name, set) in [
            ("list", all.clone()),
            ("list, from the middle on", all.clone().after(&row)),
            ("list, by an indexed column", all.clone().order_by("name")),
            ("list, by it, from the middle on", all.clone().order_by("name").after(&row)),
            ("list, by a column without an index", all.clone().order_by("born")),
            ("rows that refer to one", all.clone().filter(table.col("team").eq(7))),
        ] {
            println!("  {name}: {}", set.explain().await?.join("; "));
        }
        if let Some(found) = all.search_by_index(&format!("person {}", self.rows / 2)).await? {
            println!("  search, found by an index: {}", found.explain().await?.join("; "));
        }
        Ok(())
    }
}

/// The numbers from 1 on, as a table `n (i)`.
fn numbers(count: u64) -> String {
    format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// One row after the other in a transaction, and many at once.
async fn inserts() -> Result<()> {
    const ROWS: i64 = 20_000;
    let row = |number: i64| Values::new().with("name", format!("person {number}")).with("age", number % 90);
    let rate = |begun: Instant| ROWS as f64 / begun.elapsed().as_secs_f64();
    let db = Db::open("sqlite::memory:").await?;
    let table = Table::new("t").field(Field::string("name").not_null()).field(Field::integer("age"));
    let table = db.define(table.create()).await?;
    for round in 0..2 {
        let begun = Instant::now();
        let transaction = db.begin().await?;
        for number in 0..ROWS {
            transaction.insert(&table, row(number)).await?;
        }
        transaction.commit().await?;
        let one = rate(begun);
        let begun = Instant::now();
        db.insert_many(&table, (0..ROWS).map(row)).await?;
        if round > 0 {
            let many = rate(begun);
            println!(
                "inserts in a transaction: {one:.0} a second one by one, {many:.0} by insert_many: {:.1} x",
                many / one
            );
        }
    }
    db.close().await;
    Ok(())
}
