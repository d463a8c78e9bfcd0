//! Columns of all types: read as values where there are such, and as text where there are none; and written back.

use frontdesk_data::{Db, DbOptions, Field, FieldType, Guard, Guarded, Row, Table, Values};

use crate::support::{Postgres, id, null};

/// A type, its field, what is written and what is read. The field is of the kind that its rules would have.
fn kinds() -> Vec<(&'static str, FieldType, &'static str, &'static str)> {
    use FieldType as F;
    let wide = F::Decimal { precision: 60, scale: 30 };
    vec![
        ("bool", F::Boolean, "true", "true"),
        ("int2", F::Integer, "-32768", "-32768"),
        ("int4", F::Integer, "2147483647", "2147483647"),
        ("int8", F::BigInt, "-9223372036854775808", "-9223372036854775808"),
        ("oid", F::BigInt, "4294967295", "4294967295"),
        ("float4", F::Double, "0.1", "0.1"),
        ("float8", F::Double, "1e300", "1e300"),
        ("numeric(10,2)", F::Decimal { precision: 10, scale: 2 }, "12345678.9", "12345678.90"),
        (
            "numeric(20,0)",
            F::Decimal { precision: 20, scale: 0 },
            "99999999999999999999",
            "99999999999999999999",
        ),
        (
            "numeric",
            wide.clone(),
            "123456789012345678901234567890.123456789012345678901234567891",
            "123456789012345678901234567890.123456789012345678901234567891",
        ),
        ("numeric", wide, "NaN", "NaN"),
        ("text", F::Text, "it's\r\n\"x\" ü 😀", "it's\r\n\"x\" ü 😀"),
        ("varchar(5)", F::String, "abc", "abc"),
        ("char(5)", F::String, "abc", "abc  "),
        ("name", F::String, "abc", "abc"),
        ("\"char\"", F::String, "a", "a"),
        ("xml", F::Text, "<a>ü</a>", "<a>ü</a>"),
        ("date", F::Date, "2024-02-29", "2024-02-29"),
        ("time", F::Time, "23:59:59.999999", "23:59:59.999999"),
        ("timestamp", F::DateTime, "1900-01-01 00:00:00.000001", "1900-01-01 00:00:00.000001"),
        ("timestamptz", F::Instant, "2024-06-01 12:00:00+02", "2024-06-01 10:00:00"),
        ("uuid", F::Uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("json", F::Json, r#"{"b": [1, null], "a": 1.5}"#, r#"{"b":[1,null],"a":1.5}"#),
        ("jsonb", F::Json, r#"{"a": {"ü": true}}"#, r#"{"a":{"ü":true}}"#),
        ("timetz", F::Text, "10:00:00+02", "10:00:00+02"),
        ("interval", F::Text, "1 year 2 mons 3 days 04:05:06.7", "1 year 2 mons 3 days 04:05:06.7"),
        ("inet", F::Text, "10.0.0.1/8", "10.0.0.1/8"),
        ("cidr", F::Text, "10.0.0.0/8", "10.0.0.0/8"),
        ("macaddr", F::Text, "08:00:2b:01:02:03", "08:00:2b:01:02:03"),
        ("int4range", F::Text, "[1,5)", "[1,5)"),
        ("tstzrange", F::Text, "[2024-01-01 00:00:00+00,)", "[\"2024-01-01 00:00:00+00\",)"),
        ("money", F::Text, "$12.34", "$12.34"),
        ("bit(4)", F::Text, "1010", "1010"),
        ("varbit", F::Text, "10101", "10101"),
        ("point", F::Text, "(1.5,2)", "(1.5,2)"),
        ("box", F::Text, "(2,2),(1,1)", "(2,2),(1,1)"),
        ("tsvector", F::Text, "'a' 'b'", "'a' 'b'"),
        ("pg_lsn", F::Text, "16/B374D848", "16/B374D848"),
        ("mood", F::String, "happy", "happy"),
        ("plate", F::String, "ABC", "ABC"),
        ("pair", F::Text, "(1,\"a b\")", "(1,\"a b\")"),
        ("text[]", F::ListString, r#"["a","b\"\\,c","NULL",""]"#, r#"["a","b\"\\,c","NULL",""]"#),
        ("int8[]", F::ListInteger, "[1,-2]", "[1,-2]"),
        ("int2[]", F::ListInteger, "[]", "[]"),
        ("mood[]", F::ListString, r#"["sad","happy"]"#, r#"["sad","happy"]"#),
        ("date[]", F::Text, "{2024-02-29,NULL}", "{2024-02-29,NULL}"),
        ("int4[]", F::Text, "{{1,2},{3,4}}", "{{1,2},{3,4}}"),
    ]
}

async fn made(server: &Postgres, db: &Db) -> std::sync::Arc<Table> {
    let columns: String =
        kinds().iter().enumerate().map(|(at, (kind, ..))| format!(", c{at} {kind}")).collect();
    server
        .run(&[
            "CREATE TYPE mood AS ENUM ('sad', 'happy')",
            "CREATE DOMAIN plate AS varchar(5) CHECK (VALUE ~ '^[A-Z]+$')",
            "CREATE TYPE pair AS (a int, b text)",
            &format!("CREATE TABLE t (id int PRIMARY KEY, bytes bytea{columns})"),
            "INSERT INTO t (id) VALUES (1)",
        ])
        .await;
    let table =
        kinds().into_iter().enumerate().fold(
            Table::new("t").field(Field::new("bytes", FieldType::Blob)),
            |table, (at, (_, kind, ..))| table.field(Field::new(format!("c{at}"), kind)),
        );
    db.define(table).await.unwrap()
}

fn written() -> Values {
    let mut values = Values::new().with("bytes", vec![0_u8, 255, 39]);
    for (at, (_, kind, text, _)) in kinds().into_iter().enumerate() {
        let json = || serde_json::from_str::<serde_json::Value>(text).unwrap();
        match kind.is_list() {
            true => values.set(format!("c{at}"), json()),
            false => values.set(format!("c{at}"), text),
        }
    }
    values
}

fn check(row: &Row) {
    assert_eq!(row["bytes"], vec![0_u8, 255, 39].into());
    for (at, (kind, field, _, read)) in kinds().into_iter().enumerate() {
        assert_eq!(row[&*format!("c{at}")].to_text(), read, "{kind} as {field}");
    }
}

#[tokio::test]
async fn crud_07_every_type_is_read_written_and_found() {
    let server = Postgres::new().await;
    let db = server.open().await;
    let table = made(&server, &db).await;
    db.update(&table, &id(1), written()).await.unwrap();
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    check(&row);
    let cut = db.set(&table).cut(1000).rows().await.unwrap();
    assert_eq!(cut[0]["c11"], row["c11"]);
    assert_eq!(cut[0].full_length("c11"), None);
    assert_eq!(db.set(&table).cut(4).rows().await.unwrap()[0]["c11"], "it's".into());
    assert_eq!(db.set(&table).cut(2).rows().await.unwrap()[0].full_length("bytes"), Some(3));
    let mut stream = db.set(&table).stream().await.unwrap();
    check(&stream.next().await.unwrap().unwrap());
    // What was read can be written, and changes nothing.
    db.update(&table, &id(1), row.to_values()).await.unwrap();
    check(&db.get(&table, &id(1)).await.unwrap().unwrap());
    // Each is found by its value, but for those that PostgreSQL cannot compare.
    let cannot = ["json", "xml", "point", "box", "pair"];
    for (at, (kind, field, text, _)) in kinds().into_iter().enumerate() {
        let name = format!("c{at}");
        if cannot.contains(&kind) || field.is_list() || text == "NaN" {
            continue;
        }
        let found = db.set(&table).filter(table.col(&name).eq(row[&*name].clone())).count().await;
        assert_eq!(found.unwrap(), 1, "{kind}");
        // A value that is none of the type finds nothing, and breaks nothing.
        let odd = db.set(&table).filter(table.col(&name).eq("\u{1}odd")).count().await;
        assert_eq!(odd.unwrap(), 0, "{kind}");
    }
    // Null, of each.
    let nothing: Values = row.to_values().into_iter().map(|(name, _)| (name, null())).collect();
    let mut nothing = nothing;
    nothing.remove("id");
    db.update(&table, &id(1), nothing).await.unwrap();
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    assert!(row.iter().all(|(name, value)| &**name == "id" || value.is_null()), "{row:?}");
}

#[tokio::test]
async fn lost_update_a_digest_holds_whatever_the_settings_are() {
    let server = Postgres::new().await;
    server
        .run(&[
            &format!("ALTER DATABASE {} SET TimeZone = 'Asia/Kathmandu'", server.name),
            &format!("ALTER DATABASE {} SET DateStyle = 'German'", server.name),
            &format!("ALTER DATABASE {} SET bytea_output = 'escape'", server.name),
            &format!("ALTER DATABASE {} SET extra_float_digits = -10", server.name),
            &format!("ALTER DATABASE {} SET IntervalStyle = 'iso_8601'", server.name),
        ])
        .await;
    let db = server.open().await;
    let table = made(&server, &db).await;
    db.update(&table, &id(1), written()).await.unwrap();
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    check(&row);
    let columns: Vec<_> = table.fields.iter().map(|field| field.name.clone()).collect();
    let guard = Guard::of(&row, columns.clone());
    // Through another pool of connections, and within a transaction.
    let other = server.open().await;
    let other_table = other.define(Table::clone(&table)).await.unwrap();
    let done = other.update_if(&other_table, &id(1), row.to_values(), &guard).await.unwrap();
    assert_eq!(done, Guarded::Done(id(1)));
    let transaction = db.begin().await.unwrap();
    let done = transaction.update_if(&table, &id(1), Values::new().with("c0", false), &guard).await.unwrap();
    assert_eq!(done, Guarded::Done(id(1)));
    transaction.commit().await.unwrap();
    assert_eq!(db.update_if(&table, &id(1), row.to_values(), &guard).await.unwrap(), Guarded::Changed);
    // Any of them counts.
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    let guard = Guard::of(&row, columns);
    for field in table.fields.iter().filter(|field| !table.is_key(&field.name)) {
        let transaction = db.begin().await.unwrap();
        transaction.update(&table, &id(1), Values::new().with(field.name.clone(), null())).await.unwrap();
        let changed = transaction.delete_if(&table, &id(1), &guard).await.unwrap();
        assert_eq!(changed, Guarded::Changed, "{}", field.name);
        transaction.rollback().await.unwrap();
    }
    assert_eq!(db.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Done(id(1)));
    assert_eq!(db.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Gone);
}

#[tokio::test]
async fn type_03_dates_beyond_the_calendar_are_shown_and_kept() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE TABLE t (id int PRIMARY KEY, day date, at timestamp, instant timestamptz, time time)",
            "INSERT INTO t VALUES (1, 'infinity', '-infinity', 'infinity', '24:00:00'), \
             (2, '0044-03-15 BC', '0044-03-15 12:00:00.5 BC', '99999-01-01 00:00:00+00', '00:00:00'), \
             (3, '5874897-12-31', '294276-12-31 23:59:59', '4713-01-01 00:00:00+00 BC', '00:00:00')",
        ])
        .await;
    let db = server.open().await;
    let table = Table::new("t")
        .field(Field::date("day"))
        .field(Field::datetime("at"))
        .field(Field::instant("instant"))
        .field(Field::new("time", FieldType::Time));
    let table = db.define(table).await.unwrap();
    let rows = db.set(&table).rows().await.unwrap();
    let texts: Vec<Vec<_>> =
        rows.iter().map(|row| row.values()[1..].iter().map(|value| value.to_text()).collect()).collect();
    assert_eq!(texts[0], ["infinity", "-infinity", "infinity", "24:00:00"]);
    assert_eq!(texts[1][..3], ["0044-03-15 BC", "0044-03-15 12:00:00.5 BC", "99999-01-01 00:00:00+00"]);
    assert_eq!(texts[2][..3], ["5874897-12-31", "294276-12-31 23:59:59", "4713-01-01 00:00:00+00 BC"]);
    // The rest of such a row can be changed, and it can be paged through.
    db.update(&table, &id(2), Values::new().with("time", "10:00")).await.unwrap();
    let next = db.set(&table).order_by("day").after(&id(2)).rows().await.unwrap();
    assert_eq!(next.iter().filter_map(Row::id).cloned().collect::<Vec<_>>(), [id(3), id(1)]);
}

#[tokio::test]
async fn without_prepared_statements_it_is_all_the_same() {
    let server = Postgres::new().await;
    let db = server.open_with(DbOptions::new().prepare(false)).await;
    let table = made(&server, &db).await;
    db.update(&table, &id(1), written()).await.unwrap();
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    check(&row);
    let guard = Guard::of(&row, ["c0", "c20"]);
    let done = db.update_if(&table, &id(1), Values::new().with("c0", false), &guard).await.unwrap();
    assert_eq!(done, Guarded::Done(id(1)));
    assert_eq!(
        db.set(&table).filter(table.col("c1").lt(0)).limit(5).offset(0).rows().await.unwrap().len(),
        1
    );
    // But for those by which tokio-postgres asks what a type of one's own is.
    let kept = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%\"t\"%'";
    assert_eq!(db.query(kept, []).await.unwrap().len(), 0);
}
