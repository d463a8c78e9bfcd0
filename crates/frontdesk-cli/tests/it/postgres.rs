//! PostgreSQL databases, through the command and the site.

use http::StatusCode;

use crate::command::{Frontdesk, Server};
use crate::hostile::crawl;
use crate::postgres_server::{OwnServer, Scratch};
use crate::sample::{Sample, assert_same, data};
use crate::visitor::Visitor;

async fn hostile() -> Sample {
    Sample::postgres(&std::fs::read_to_string(data("hostile-postgres.sql")).unwrap()).await
}

fn chinook() -> String {
    std::fs::read_to_string(data("chinook-postgres.sql")).unwrap()
}

#[tokio::test]
async fn crud_10_crud_11_every_page_of_a_hostile_schema_answers_and_looking_changes_nothing() {
    let mut sample = hostile().await;
    let (rows, catalog) = {
        let server = sample.server.as_ref().unwrap();
        (server.dump(true).await, server.catalog().await)
    };
    let home = sample.visitor.get("/").await;
    assert_eq!(home.texts(".about h3").len(), sample.db.tables().len());
    // It divides by zero: the page says that the database cannot show it.
    let forms = crawl(&mut sample, &["/tables/failing/"]).await;
    assert!(forms.len() > 80, "{} forms", forms.len());
    let server = sample.server.as_ref().unwrap();
    assert_same(&rows, &server.dump(true).await);
    assert_same(&catalog, &server.catalog().await);
}

#[tokio::test]
async fn crud_11_every_form_of_a_hostile_schema_can_be_submitted_as_it_stands() {
    let mut sample = hostile().await;
    for address in crawl(&mut sample, &["/tables/failing/"]).await {
        let page = sample.visitor.get(&address).await;
        let Some(form) = page.form() else { continue };
        let page = sample.visitor.submit(&form).await;
        assert!(
            matches!(page.status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY),
            "{address} answers {}: {:?}",
            page.status,
            page.texts("h1, .trouble p, .fd-error"),
        );
        let told = page.texts(".flash-success, .flash-error, .fd-summary");
        assert!(!told.is_empty(), "{address} says nothing");
    }
}

#[tokio::test]
async fn crud_11_odd_values_that_nobody_touched_stay_as_they_are() {
    let mut sample = hostile().await;
    let before = sample.server.as_ref().unwrap().dump(false).await;
    let mut saved = 0;
    for address in crawl(&mut sample, &["/tables/failing/"]).await {
        if address.trim_matches('/').split('/').count() < 3 {
            continue;
        }
        let form = sample.visitor.form(&address).await;
        let page = sample.visitor.submit(&form).await;
        if page.status != StatusCode::OK {
            println!("{address}: {} {:?}", page.status, page.texts(".fd-error, .fd-summary, .trouble"));
        }
        saved += usize::from(page.status == StatusCode::OK);
    }
    assert!(saved > 40, "{saved} forms were saved");
    assert_same(&before, &sample.server.as_ref().unwrap().dump(false).await);
}

#[tokio::test]
async fn crud_13_what_is_not_possible_is_refused_and_the_page_says_why() {
    let mut sample = hostile().await;
    for (address, status, part) in [
        ("/tables/failing/", StatusCode::UNPROCESSABLE_ENTITY, "fails"),
        ("/forms/node_parents/", StatusCode::FORBIDDEN, "view"),
        ("/forms/node_list/", StatusCode::FORBIDDEN, "materialised"),
        ("/forms/no_key/1/", StatusCode::FORBIDDEN, "no key"),
        ("/forms/animal/1/", StatusCode::FORBIDDEN, "inherit"),
        ("/forms/empty/7/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/empty/x/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/empty/99999999999999999999/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/inet_key/x/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/uuid_key/x/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/date_key/x/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/composite/1/", StatusCode::NOT_FOUND, "no record"),
    ] {
        let page = sample.visitor.get(address).await;
        assert_eq!(page.status, status, "{address}: {:?}", page.texts(".trouble"));
        assert!(page.texts(".trouble p").concat().contains(part), "{address}: {:?}", page.texts(".trouble"));
    }
}

#[tokio::test]
async fn crud_11_what_the_database_refuses_is_told_beside_the_field() {
    let mut sample = hostile().await;
    let by_code = format!("/forms/unique_key/{}/", frontdesk_data::RowId::from("A/1"));
    for (address, field, value, part) in [
        ("/forms/every_type/2/", "c_inet", "no address", "not of the right kind"),
        ("/forms/every_type/2/", "c_int4range", "[1,", "not of the right kind"),
        ("/forms/every_type/2/", "c_postal", "1234", "not allowed"),
        ("/forms/every_type/2/", "c_percent", "101", "100"),
        ("/forms/every_type/2/", "c_smallint", "40000", "32767"),
        ("/forms/rules/1/", "price", "0", ""),
        ("/forms/rules/1/", "age", "150", ""),
        ("/forms/rules/1/", "code", "ABCDE", ""),
        ("/forms/rules/1/", "code", "abc", ""),
        ("/forms/partly_unique/2/", "email", "a@B.example", ""),
        ("/forms/guarded/1/", "name", "no", "not wanted"),
        ("/forms/ignored/1/", "name", "b", "did not take"),
        ("/forms/room/2/", "taken", "[2024-01-01 10:30+00,2024-01-01 12:00+00)", ""),
        (&*by_code, "code", "A%1", ""),
    ] {
        let form = sample.visitor.form(address).await;
        let page = sample.visitor.submit(&form.set(field, value)).await;
        assert_eq!(
            page.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{address} {field}: {:?}",
            page.texts("h1, .flash-success")
        );
        let told = page.texts(".fd-error, .fd-summary").concat();
        assert!(!told.is_empty() && told.contains(part), "{address} {field}: {told:?}");
    }
    let page = sample.visitor.get("/forms/rules/1/").await;
    assert_eq!(page.texts("select[name=status] option"), ["", "new", "open", "done"]);
    assert_eq!(page.texts("select[name=mood] option:not([value=''])").len(), 4);
    assert_eq!(page.texts("#rules_price_help"), ["In euros, <b>without</b> taxes"]);
}

#[tokio::test]
async fn crud_11_chinook_opens_edits_and_round_trips() {
    let mut sample = Sample::postgres(&chinook()).await;
    let (rows, before) = {
        let server = sample.server.as_ref().unwrap();
        (server.dump(true).await, server.dump(false).await)
    };
    let tables: Vec<_> = sample.db.tables().iter().map(|table| table.name.to_string()).collect();
    assert_eq!(tables.len(), 11);
    let mut forms = Vec::new();
    for table in &tables {
        for address in ["?q=a", "?q=a+b", "?q=%25", "?columns=all", ""] {
            let page = sample.visitor.get(&format!("/tables/{table}/{address}")).await;
            assert_eq!(page.status, StatusCode::OK, "{table} {address}");
            forms.extend(page.links(".open a").first().cloned());
        }
        assert!(sample.visitor.get(&format!("/forms/{table}/")).await.form().is_some(), "{table}");
    }
    forms.sort();
    forms.dedup();
    assert!(forms.len() >= 11);
    assert_same(&rows, &sample.server.as_ref().unwrap().dump(true).await);
    for address in &forms {
        let form = sample.visitor.form(address).await;
        let page = sample.visitor.submit(&form).await;
        assert_eq!(page.status, StatusCode::OK, "{address}: {:?}", page.texts(".fd-error, h1"));
        assert!(page.texts(".flash-success")[0].starts_with("Saved"), "{address}");
    }
    assert_same(&before, &sample.server.as_ref().unwrap().dump(false).await);

    let page = sample.visitor.get("/forms/album/1/").await;
    assert_eq!(page.texts("select[name=artist_id] option[selected]"), ["AC/DC"]);
    let form = sample.visitor.form("/forms/artist/").await.set("name", "Nina Simone");
    let page = sample.visitor.submit(&form).await;
    assert!(page.texts(".flash-success")[0].contains("Nina Simone"), "{:?}", page.texts(".fd-error, h1"));
    let server = sample.server.as_ref().unwrap();
    assert_eq!(server.ask("SELECT artist_id FROM artist WHERE name = 'Nina Simone'").await, ["276"]);
    let form = sample.visitor.form("/forms/artist/276/").await.set("_delete", "ON");
    let page = sample.visitor.submit(&form).await;
    assert!(page.texts(".flash-success")[0].starts_with("Deleted"), "{}", page.text());
    let form = sample.visitor.form("/forms/artist/1/").await.set("_delete", "ON");
    let page = sample.visitor.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "others refer to it");
    assert_same(&before, &sample.server.as_ref().unwrap().dump(false).await);
}

#[tokio::test]
async fn inspect_prints_a_schema_file_that_serves_the_same_database() {
    let server = Scratch::new(&std::fs::read_to_string(data("hostile-postgres.sql")).unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let url = server.url();
    let output = Frontdesk::new(folder.path()).args(["inspect", &url]).output();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(folder.path().join("shop.toml"), &output.stdout).unwrap();
    let serve = ["serve", &*url, "--schema", "shop.toml", "--listen", "127.0.0.1:0"];
    let served = Server::start(Frontdesk::new(folder.path()).args(serve));
    assert!(served.get("/tables/every_type/").contains("12345678.90"));
    assert!(served.get("/forms/every_type/2/").contains("192.168.0.1/24"));
    served.stop();
}

#[tokio::test]
async fn the_state_lives_in_a_schema_of_its_own_when_told_so() {
    let server = Scratch::new(
        "CREATE TABLE thing (id serial PRIMARY KEY, name text); INSERT INTO thing (name) VALUES ('a')",
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let url = server.url();
    let own = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'frontdesk'::regnamespace ORDER BY 1";
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'frontdesk'";
    for (state, told) in [("same", "in the schema `frontdesk`"), ("memory", "in memory")] {
        let args = ["serve", &url, "--listen", "127.0.0.1:0", "--state", state];
        let served = Server::start(Frontdesk::new(folder.path()).args(args));
        assert!(served.said.contains(told), "{}", served.said);
        assert!(served.get("/forms/thing/1/").contains("_formkey"));
        served.stop();
        assert_eq!(server.ask(schemas).await, ["0"], "nothing is made before it is needed");
    }

    let described = frontdesk_cli::open_described(&url, None).await.unwrap();
    let options = frontdesk_cli::SiteOptions::new("x").state(&described.db);
    let mut visitor = Visitor::new(frontdesk_cli::app(frontdesk_cli::Site::new(&described.db, options)));
    let form = visitor.form("/forms/thing/1/").await;
    let page = visitor.submit(&form.clone().set("name", "b")).await;
    assert_eq!(page.texts(".flash-success"), ["Saved “b”."]);
    assert_eq!(server.ask(own).await, ["frontdesk_submissions", "frontdesk_versions"]);
    assert_eq!(
        server
            .ask(
                "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            .await,
        ["1"]
    );
    // The same form again is the same submission.
    let page = visitor.submit(&form.set("name", "b")).await;
    assert_eq!(page.status, StatusCode::OK);

    // Another one finds what is there, and lists none of it.
    let described = frontdesk_cli::open_described(&url, None).await.unwrap();
    let options = frontdesk_cli::SiteOptions::new("x").state(&described.db);
    let mut visitor = Visitor::new(frontdesk_cli::app(frontdesk_cli::Site::new(&described.db, options)));
    assert_eq!(visitor.get("/").await.links(".about a"), ["/tables/thing/"]);
    let form = visitor.form("/forms/thing/1/").await.set("name", "c");
    assert_eq!(visitor.submit(&form).await.texts(".flash-success"), ["Saved “c”."]);
}

#[tokio::test]
async fn a_role_that_may_only_select_is_served() {
    let server = Scratch::new(
        "CREATE TABLE thing (id serial PRIMARY KEY, name text); INSERT INTO thing (name) VALUES ('a')",
    )
    .await;
    let role = server.name().replace("fd_", "fd_role_");
    server.execute(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON thing TO {role}")).await;
    let described = frontdesk_cli::open_described(&server.url_of(&role), None).await.unwrap();
    let options = frontdesk_cli::SiteOptions::new("x");
    let mut visitor = Visitor::new(frontdesk_cli::app(frontdesk_cli::Site::new(&described.db, options)));
    let page = visitor.get("/tables/thing/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.texts(".note").concat().contains("may not add rows"), "{:?}", page.texts(".note"));
    let page = visitor.get("/forms/thing/1/").await;
    assert!(!page.texts("button, input").iter().any(|text| text == "Save"), "there is nothing to be sent");
    assert!(page.text().contains("may not change its rows"), "{}", page.text());
    described.db.close().await;
    server.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in_is_told_with_what_to_do_and_without_the_password() {
    let server = Scratch::new("").await;
    let role = server.name().replace("fd_", "fd_role_");
    server.execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'right' IN ROLE with_password")).await;
    let folder = tempfile::tempdir().unwrap();
    let good = server.url_of(&format!("{role}:right"));
    let missing = format!("{}_none", server.url());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, code, part) in [
        (server.url_of(&format!("{role}:s3cret")), 1, "the password"),
        (missing, 1, "does not exist"),
        (format!("postgres://ada:s3cret@{free}/shop"), 1, "cannot be reached"),
        ("postgres://ada:s3cret@no-such-host.invalid/shop".to_owned(), 1, "cannot be reached"),
        (format!("{good}?sslmode=verify-full"), 1, "certificate"),
        (format!("{good}?sslmode=maybe"), 2, "sslmode"),
        ("postgres://ada:s3cret@host:port/shop".to_owned(), 2, "not understood"),
        ("mysql://ada:s3cret@host/shop".to_owned(), 2, "MySQL"),
    ] {
        for command in ["serve", "inspect"] {
            let started =
                Frontdesk::new(folder.path()).env("FRONTDESK_LISTEN", "127.0.0.1:0").args([command, &url]);
            let (exit, said) = started.fails();
            assert_eq!(exit, code, "{command} {url}: {said}");
            assert!(said.contains(part), "{command} {url}: {said}");
            assert!(said.starts_with("frontdesk: "), "{said}");
            assert!(!said.contains("s3cret") && !said.contains("right@"), "{said}");
        }
    }
    let started =
        Frontdesk::new(folder.path()).args(["serve", &good, "--listen", "127.0.0.1:0", "--state", &good]);
    let served = Server::start(started);
    assert!(!served.said.contains("right"), "{}", served.said);
    served.stop();
    server.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_server_that_is_down_is_answered_with_503_and_nothing_is_half_done() {
    let own = OwnServer::start();
    let server = own
        .database(
            "CREATE TABLE thing (id serial PRIMARY KEY, name text); INSERT INTO thing (name) VALUES ('a')",
        )
        .await;
    let described = frontdesk_cli::open_described(&server.url(), None).await.unwrap();
    let site = frontdesk_cli::Site::new(&described.db, frontdesk_cli::SiteOptions::new("x"));
    let mut visitor = Visitor::new(frontdesk_cli::app(site));
    assert_eq!(visitor.get("/readyz").await.status, StatusCode::OK);
    let form = visitor.form("/forms/thing/1/").await.set("name", "changed");

    own.crash();
    let page = visitor.get("/readyz").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    let page = visitor.get("/tables/thing/").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert!(page.texts(".trouble")[0].contains("try again"), "{:?}", page.texts(".trouble"));
    let page = visitor.submit(&form).await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert!(!page.text().contains("127.0.0.1") && !page.text().contains("postgres"), "{}", page.text());
    assert_eq!(visitor.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(visitor.get("/").await.status, StatusCode::OK, "the first page needs no rows");

    own.again();
    assert_eq!(server.ask("SELECT name FROM thing").await, ["a"]);
    let page = visitor.submit(&form).await;
    assert_eq!(page.texts(".flash-success"), ["Saved “changed”."]);
    assert_eq!(visitor.get("/readyz").await.status, StatusCode::OK);
    described.db.close().await;
}
