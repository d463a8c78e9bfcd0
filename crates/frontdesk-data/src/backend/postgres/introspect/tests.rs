use tokio_postgres::NoTls;

use super::*;

const HOSTILE: &str = include_str!("../../../../../../tests/data/hostile-postgres.sql");
const CHINOOK: &str = include_str!("../../../../../../tests/data/chinook-postgres.sql");

/// A database of its own, dropped in the end.
struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    async fn new(sql: &str) -> Self {
        let server = std::env::var("FRONTDESK_TEST_POSTGRES").expect(
            "tests on PostgreSQL need a server: run eval \"$(scripts/setup-postgres start)\" before, or scripts/test",
        );
        let name = format!("fd_{}", uuid::Uuid::new_v4().simple());
        let scratch = Self { server, name };
        execute(&scratch.server, &format!("CREATE DATABASE {}", scratch.name)).await;
        execute(&scratch.url(), sql).await;
        scratch
    }

    fn url(&self) -> String {
        self.server.rsplit_once('/').expect("the address names a database").0.to_owned() + "/" + &self.name
    }

    async fn tables(&self) -> Vec<Table> {
        tables(&connect(&self.url()).await).await.unwrap()
    }

    async fn end(self) {
        execute(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?}"));
}

async fn of(sql: &str) -> Vec<Table> {
    let scratch = Scratch::new(sql).await;
    let tables = scratch.tables().await;
    scratch.end().await;
    tables
}

fn named<'t>(tables: &'t [Table], name: &str) -> &'t Table {
    tables.iter().find(|table| &*table.name == name).unwrap_or_else(|| panic!("there is no {name}"))
}

/// A table in words: one line each for (the first) fields, keys and constraints.
fn shown(table: &Table) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    if let Some(source) = &table.source {
        let _ = writeln!(out, "in {:?} {:?}", source.schema, source.name);
    }
    if let Some(comment) = &table.comment {
        let _ = writeln!(out, "// {comment}");
    }
    let most = if &*table.name == "wide" { 3 } else { usize::MAX };
    for field in table.fields.iter().take(most) {
        let _ = write!(out, "{:?} {}", field.name, field.kind);
        if let Some(length) = field.length {
            let _ = write!(out, " [{length}]");
        }
        if let Some(native) = &field.native {
            let _ = write!(out, " <{native}>");
        }
        for (word, applies) in [
            ("not null", !field.null),
            ("unique", field.unique),
            ("generated", field.generated),
            ("by text", field.compared_as_text),
            ("read-only", !field.writable && !field.generated && field.kind != FieldType::Id),
            ("unreadable", !field.readable),
        ] {
            if applies {
                let _ = write!(out, " {word}");
            }
        }
        if let Some(values) = &field.one_of {
            let values: Vec<_> = values.iter().map(|value| value.to_text()).collect();
            let _ = write!(out, " of {values:?}");
        }
        match &field.default {
            DefaultValue::None => {}
            default => {
                let _ = write!(out, " = {default:?}");
            }
        }
        if let Some(comment) = &field.comment {
            let _ = write!(out, " // {comment}");
        }
        out.push('\n');
    }
    let _ = writeln!(out, "key {:?}", table.key);
    for unique in &table.uniques {
        let _ = writeln!(out, "unique {:?} {:?}", unique.name, unique.fields);
    }
    for key in &table.foreign_keys {
        let _ = writeln!(out, "{:?} -> {:?} {:?}", key.fields, key.table, key.columns);
    }
    for check in &table.checks {
        let _ = writeln!(out, "check {:?} {} {:?}", check.name, check.expression, check.fields);
    }
    for (action, reason) in &table.impossible {
        let _ = writeln!(out, "no {action:?}: {reason}");
    }
    if let Some(label) = &table.readable {
        let _ = writeln!(out, "label {label}");
    }
    out
}

fn snapshot(tables: &[Table]) -> String {
    tables.iter().map(|table| format!("## {:?} {:?}\n{}\n", table.name, table.kind, shown(table))).collect()
}

#[tokio::test]
async fn crud_11_a_hostile_schema_is_described() {
    insta::assert_snapshot!(snapshot(&of(HOSTILE).await));
}

#[tokio::test]
async fn crud_11_chinook_is_described() {
    insta::assert_snapshot!(snapshot(&of(CHINOOK).await));
}

#[tokio::test]
async fn an_empty_database_has_no_tables() {
    assert!(of("").await.is_empty());
    assert!(of("DROP SCHEMA public").await.is_empty());
}

#[tokio::test]
async fn crud_11_names_are_those_of_the_schema_that_is_looked_in_first() {
    let scratch = Scratch::new(
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (id int PRIMARY KEY); CREATE TABLE b.t (id int PRIMARY KEY);
         CREATE TABLE public.\"b.t\" (id int); CREATE TABLE public.c (id int REFERENCES b.t); CREATE TEMP TABLE gone (id int)",
    )
    .await;
    let names = |tables: Vec<Table>| tables.iter().map(|table| table.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(scratch.tables().await), ["a.t", "b.t", "b.t'", "c"]);
    let client = connect(&scratch.url()).await;
    client.batch_execute("SET search_path = b, a").await.unwrap();
    let found = tables(&client).await.unwrap();
    assert_eq!(&*named(&found, "public.c").foreign_keys[0].table, "t");
    assert_eq!(names(found), ["a.t", "public.b.t", "public.c", "t"]);
    scratch.end().await;
}

#[tokio::test]
async fn crud_13_what_the_role_may_not_do_is_impossible_and_the_reason_says_so() {
    let scratch = Scratch::new(
        "CREATE SCHEMA closed; CREATE TABLE closed.t (id int);
         CREATE TABLE reads (id int PRIMARY KEY, name text);
         CREATE TABLE nothing (id int PRIMARY KEY, name text);
         CREATE TABLE parts (id int PRIMARY KEY, name text, secret text NOT NULL DEFAULT '', note text CHECK (note <> secret));
         CREATE TABLE adds (id serial PRIMARY KEY, name text);
         CREATE TABLE no_key (id int PRIMARY KEY, name text);
         CREATE TABLE needs (id int PRIMARY KEY, name text, hidden text NOT NULL);
         CREATE TABLE no_sequence (id serial PRIMARY KEY, name text);
         CREATE TABLE all_of_it (id serial PRIMARY KEY, name text)",
    )
    .await;
    let role = scratch.name.replace("fd_", "fd_role_");
    let grants = format!(
        "CREATE ROLE {role} LOGIN;
         GRANT SELECT ON reads TO {role};
         GRANT SELECT (id, name, note), UPDATE (name) ON parts TO {role};
         GRANT INSERT ON adds TO {role}; GRANT USAGE ON SEQUENCE adds_id_seq TO {role};
         GRANT SELECT (name), INSERT, UPDATE, DELETE ON no_key TO {role};
         GRANT SELECT (id, name), INSERT ON needs TO {role};
         GRANT ALL ON no_sequence, all_of_it TO {role}; GRANT ALL ON SEQUENCE all_of_it_id_seq TO {role}"
    );
    execute(&scratch.url(), &grants).await;
    let (_, place) = scratch.server.split_once('@').unwrap();
    let own = format!("postgres://{role}@{}/{}", place.rsplit_once('/').unwrap().0, scratch.name);
    let described = tables(&connect(&own).await).await.unwrap();
    execute(&scratch.url(), &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    scratch.end().await;

    let reason = |table: &str, action| {
        named(&described, table).impossible(action).map(|reason| reason.replace(&role, "ROLE"))
    };
    let may_not = |what: &str| Some(format!("The database role `ROLE` may not {what}"));
    assert!(described.iter().all(|table| &*table.name != "closed.t"));
    assert_eq!(reason("reads", Action::Read), None);
    assert_eq!(reason("reads", Action::Create), may_not("add rows to it"));
    assert_eq!(reason("reads", Action::Update), may_not("change its rows"));
    assert_eq!(reason("reads", Action::Delete), may_not("delete its rows"));
    assert_eq!(reason("nothing", Action::Read), may_not("read it"));
    let parts = named(&described, "parts");
    assert_eq!(parts.fields.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["id", "name", "note"]);
    assert_eq!(parts.fields.iter().map(|field| field.writable).collect::<Vec<_>>(), [false, true, false]);
    assert!(parts.comment.as_deref().unwrap().contains("secret"));
    assert!(parts.checks.is_empty());
    assert_eq!(reason("parts", Action::Update), None);
    assert_eq!(reason("parts", Action::Create), may_not("add rows to it"));
    let adds = named(&described, "adds");
    assert_eq!((reason("adds", Action::Read), reason("adds", Action::Create)), (may_not("read it"), None));
    assert!(adds.key.is_empty() && adds.fields.iter().any(|field| field.writable));
    assert!(reason("no_key", Action::Update).unwrap().contains("no key"));
    assert!(reason("needs", Action::Create).unwrap().contains("`hidden`"));
    assert!(reason("no_sequence", Action::Create).unwrap().contains("sequence"));
    assert_eq!(reason("all_of_it", Action::Create), None);
}

#[tokio::test]
async fn crud_10_looking_changes_nothing_and_hundreds_of_tables_take_one_question() {
    let many = "DO $$ BEGIN FOR n IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, a text NOT NULL,
        b int CHECK (b > 0), c varchar(20) UNIQUE, d int REFERENCES t%s)', n, greatest(1, n - 1)); END LOOP; END $$";
    let scratch = Scratch::new(many).await;
    let client = connect(&scratch.url()).await;
    client.batch_execute("BEGIN READ ONLY").await.unwrap();
    let began = std::time::Instant::now();
    let found = tables(&client).await.unwrap();
    assert_eq!(found.len(), 300);
    assert_eq!(&*named(&found, "t300").foreign_keys[0].table, "t299");
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    scratch.end().await;
}
