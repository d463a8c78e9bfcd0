//! Who may do what on the server: roles that only read, and databases that are opened so.

use frontdesk_data::{Db, DbErrorKind, DbOptions, Values};

use crate::support::{Postgres, heroes, id};

fn named(name: &str) -> Values {
    Values::new().with("name", name)
}

#[tokio::test]
async fn crud_10_a_role_that_may_only_select_reads_and_is_told_that_it_may_not_write() {
    let server = Postgres::new().await;
    let role = format!("{}_reader", server.name);
    let owner = server.open().await;
    let table = heroes(&owner, &["Ada", "Eve"]).await;
    server.run(&[&format!("CREATE ROLE {role} LOGIN"), &format!("GRANT SELECT ON hero TO {role}")]).await;
    let url = server.url().replacen("postgres@", &format!("{role}@"), 1);
    let db = Db::open(&url).await.unwrap();
    let table = db.define(frontdesk_data::Table::clone(&table)).await.unwrap();
    assert_eq!(db.set(&table).search("ad").rows().await.unwrap().len(), 1);
    assert_eq!(db.get(&table, &id(2)).await.unwrap().unwrap()["name"], "Eve".into());
    for error in [
        db.insert(&table, named("Bob")).await.unwrap_err(),
        db.update(&table, &id(1), named("Bob")).await.unwrap_err(),
        db.delete(&table, &id(1)).await.unwrap_err(),
        db.set(&table).delete().await.unwrap_err(),
    ] {
        assert_eq!(error.db_kind(), Some(DbErrorKind::ReadOnly), "{error}");
    }
    // Within a transaction, what may be read can be read on.
    let transaction = db.begin().await.unwrap();
    assert!(transaction.insert(&table, named("Bob")).await.is_err());
    assert_eq!(transaction.set(&table).count().await.unwrap(), 2);
    transaction.rollback().await.unwrap();
    db.close().await;
    server.run(&[&format!("DROP OWNED BY {role}"), &format!("DROP ROLE {role}")]).await;
}

#[tokio::test]
async fn a_database_that_is_opened_for_reading_takes_no_writes() {
    let server = Postgres::new().await;
    heroes(&server.open().await, &["Ada"]).await;
    let db = server.open_with(DbOptions::new().read_only(true)).await;
    let table = heroes(&db, &[]).await;
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
    assert_eq!(db.insert(&table, named("Bob")).await.unwrap_err().db_kind(), Some(DbErrorKind::ReadOnly));
    assert_eq!(db.begin().await.unwrap_err().kind(), DbErrorKind::ReadOnly);
}

#[tokio::test]
async fn sql_of_the_applications_own_reads_only_where_it_says_so() {
    let server = Postgres::new().await;
    let db = server.open().await;
    let table = heroes(&db, &["Ada"]).await;
    for sql in ["DELETE FROM hero", "INSERT INTO hero (name) VALUES ('x') RETURNING id", "DROP TABLE hero"] {
        assert_eq!(db.query(sql, []).await.unwrap_err().kind(), DbErrorKind::ReadOnly, "{sql}");
    }
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
    assert_eq!(
        db.query("SELECT ? + 1, '?'", [41.into()]).await.unwrap()[0].values(),
        [42.into(), "?".into()]
    );
    for (sql, params) in [("SELECT ?", vec![]), ("SELECT 1", vec![1.into()]), ("SELEC", vec![])] {
        assert_eq!(db.query(sql, params).await.unwrap_err().kind(), DbErrorKind::Refused, "{sql}");
    }
    let error = db.query("SELECT * FROM nowhere", []).await.unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::NotFound("nowhere".into()));
    assert_eq!(
        db.execute("UPDATE hero SET age = ? WHERE name = ?", [7.into(), "Ada".into()]).await.unwrap(),
        1
    );
}

#[tokio::test]
async fn a_url_that_leads_nowhere_is_told_without_the_password() {
    let server = std::env::var("FRONTDESK_TEST_POSTGRES").unwrap();
    let missing =
        server.rsplit_once('/').unwrap().0.replacen("postgres@", "postgres:s3cret@", 1) + "/no_such_database";
    for url in ["postgres://ada:s3cret@127.0.0.1:1/shop", &missing] {
        let error = Db::open(url).await.unwrap_err();
        assert_eq!(error.kind(), DbErrorKind::Unavailable);
        let text = format!("{error} {error:?}");
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains("127.0.0.1"), "{text}");
    }
    for url in ["mysql://root@localhost/shop", "mariadb://localhost/shop"] {
        let error = Db::open(url).await.unwrap_err();
        assert_eq!(error.kind(), DbErrorKind::Unsupported);
        assert!(error.to_string().contains("postgres://"));
    }
}

#[tokio::test]
async fn a_connection_is_encrypted_and_checked_as_the_url_says() {
    let server = Postgres::new().await;
    let Ok(folder) = std::env::var("FRONTDESK_TEST_POSTGRES_FOLDER") else {
        panic!("the tests' server is one of `scripts/setup-postgres`, which has a certificate")
    };
    let certificate = format!("{folder}/server.crt");
    let encrypted = async |url: String| {
        let db = Db::open(&url).await?;
        let rows = db.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", []).await?;
        db.close().await;
        Ok::<_, frontdesk_data::DbError>(rows[0].values()[0] == true.into())
    };
    let url = server.url();
    let by_name = url.replacen("127.0.0.1", "localhost", 1);
    assert!(!encrypted(format!("{url}?sslmode=disable")).await.unwrap());
    for options in [
        "",
        "?sslmode=prefer",
        "?sslmode=require",
        &format!("?sslmode=require&sslrootcert={certificate}"),
        &format!("?sslmode=verify-ca&sslrootcert={certificate}"),
        &format!("?sslmode=verify-full&sslrootcert={certificate}"),
    ] {
        assert!(encrypted(format!("{url}{options}")).await.unwrap(), "{options}");
        assert!(encrypted(format!("{by_name}{options}")).await.unwrap(), "{options}");
    }
    // An authority that is not trusted, and a file that is not there.
    for options in
        ["?sslmode=verify-full", "?sslmode=verify-ca", "?sslmode=verify-ca&sslrootcert=/nowhere.crt"]
    {
        let error = encrypted(format!("{url}{options}")).await.unwrap_err();
        assert_eq!(error.kind(), DbErrorKind::Unavailable, "{options}: {error}");
    }
    let odd = encrypted(format!("{url}?sslmode=maybe")).await.unwrap_err();
    assert_eq!(odd.kind(), DbErrorKind::Unsupported);
}
