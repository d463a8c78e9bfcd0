//! The site as several people have it: who sees what on every page.

use std::collections::BTreeMap;

use frontdesk_data::{Actor, RowId, Values};
use http::{Method, StatusCode};

use crate::command::Frontdesk;
use crate::sample::Sample;
use crate::sign_in::{behind_sign_in, token};
use crate::users::{add, run};
use crate::visitor::Page;

const SQL: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, email TEXT, tenant INTEGER);
    INSERT INTO person VALUES (1, 'Ada', 'ada@secret.example', 1), (2, 'Bob', 'bob@secret.example', 1),
        (3, 'Eve', 'eve@secret.example', 2);
    CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, owner INTEGER REFERENCES person, public BOOLEAN, margin INTEGER,
        paper TEXT);
    INSERT INTO note VALUES (1, 'alpha', 1, 0, 771, NULL), (2, 'beta', 1, 1, 772, NULL), (3, 'gamma', 2, 0, 773, NULL),
        (4, 'delta', 3, 0, 774, NULL);
    CREATE TABLE vault (id INTEGER PRIMARY KEY, gold TEXT, note_id INTEGER REFERENCES note);
    INSERT INTO vault VALUES (1, 'bullion', 1);
    CREATE TABLE inbox (id INTEGER PRIMARY KEY, message TEXT);
    INSERT INTO inbox VALUES (1, 'hush');
";

const SCHEMA: &str = r#"
[access]
attributes = ["tenant"]

[tables.person]
readable = "{name} {email}"
access = { read = "user", update = "staff", rows = "row.tenant == actor.tenant or actor is staff" }
fields.email.access = { read = "staff" }

[tables.note]
readable = "{title}"
[tables.note.access]
read = "public"
create = "user"
update = "user"
delete = "staff"
rows = { read = "row.public == true or row.owner == actor.id or actor is staff", create = "row.owner == actor.id", update = "row.owner == actor.id or actor is staff" }
[tables.note.fields]
margin = { access = { read = "staff" } }
owner = { access = { write = "staff" } }
paper = { type = "upload" }

[tables.inbox]
access = { read = "staff", create = "public" }
"#;

fn actors() -> BTreeMap<&'static str, Actor> {
    BTreeMap::from([
        ("public", Actor::anonymous()),
        ("ada", Actor::user(1).attribute("tenant", 1)),
        ("eve", Actor::user(3).attribute("tenant", 2)),
        ("staff", Actor::staff(2)),
        ("admin", Actor::admin()),
    ])
}

async fn served_to(name: &str) -> Sample {
    let mut sample = Sample::described(SQL, Some(SCHEMA)).await;
    sample.visitor.actor = Some(actors()[name].clone());
    sample
}

/// What no page may show, by who looks at it.
fn hidden(name: &str) -> &'static [&'static str] {
    match name {
        "public" => {
            &["alpha", "gamma", "delta", "77", "Ada", "Eve", "secret", "bullion", "Vault", "Person", "hush"]
        }
        "ada" => &["gamma", "delta", "77", "Eve", "secret", "bullion", "Vault", "hush"],
        "eve" => &["alpha", "gamma", "77", "Ada", "Bob", "secret", "bullion", "Vault", "hush"],
        "staff" => &["bullion", "Vault"],
        _ => &[],
    }
}

fn shows_nothing_hidden(name: &str, page: &Page) {
    let text = page.text();
    for hidden in hidden(name) {
        // Stylesheets and tokens may hold any digits.
        let shown = page.texts("body").join(" ");
        assert!(!shown.contains(hidden), "{name} reads {hidden} at {}: {shown}", page.address);
        assert!(
            *hidden == "77" || !text.contains(&format!(">{hidden}<")),
            "{name} {} {hidden}",
            page.address
        );
    }
}

/// The same people, as users who have signed in.
async fn signed_in(name: &str) -> Sample {
    let (mut sample, state) = behind_sign_in(Sample::described(SQL, Some(SCHEMA)).await, Some(SCHEMA)).await;
    let here = sample.folder.path().to_path_buf();
    std::fs::write(here.join("people.toml"), SCHEMA).unwrap();
    // In the order of what the policy knows them by.
    for (user, more, roles) in [
        ("ada", &[][..], &["tenant=1"][..]),
        ("staff", &[], &["staff"]),
        ("eve", &[], &["tenant=2"]),
        ("admin", &["--admin"], &[]),
    ] {
        add(&here, user, more);
        if !roles.is_empty() {
            let args: Vec<&str> = ["user", "role", user].into_iter().chain(roles.iter().copied()).collect();
            let args: Vec<&str> = args.into_iter().chain(["--schema", "people.toml"]).collect();
            let (code, _, error) = run(&here, &args, "");
            assert_eq!(code, 0, "{error}");
        }
    }
    if name != "public" {
        sample.visitor.set_cookie("id", &token(&state, name).await);
    }
    sample
}

#[tokio::test]
async fn crud_02_roles_pages_and_rows_of_each() {
    for name in actors().keys() {
        roles_pages_and_rows(name, served_to(name).await).await;
    }
}

#[tokio::test]
async fn crud_02_auth_12_roles_pages_and_rows_of_each_who_has_signed_in() {
    for name in actors().keys() {
        roles_pages_and_rows(name, signed_in(name).await).await;
    }
}

async fn roles_pages_and_rows(name: &str, mut sample: Sample) {
    {
        let can = |yes: &[&str]| yes.contains(&name);
        let everybody = ["public", "ada", "eve", "staff", "admin"];
        for (address, who) in [
            ("/", &everybody[..]),
            ("/tables/note/", &everybody),
            ("/tables/note/?q=a", &everybody),
            ("/tables/note/?sort=-title", &everybody),
            ("/tables/person/", &["ada", "eve", "staff", "admin"]),
            ("/tables/vault/", &["admin"]),
            ("/tables/inbox/", &["staff", "admin"]),
            ("/forms/note/", &["ada", "eve", "staff", "admin"]),
            ("/forms/note/1/", &["ada", "staff", "admin"]),
            ("/forms/note/2/", &everybody),
            ("/forms/note/3/", &["staff", "admin"]),
            ("/forms/note/4/", &["eve", "staff", "admin"]),
            ("/forms/person/1/", &["ada", "staff", "admin"]),
            ("/forms/person/3/", &["eve", "staff", "admin"]),
            ("/forms/vault/", &["admin"]),
            ("/forms/vault/1/", &["admin"]),
            ("/forms/inbox/", &everybody),
            ("/forms/inbox/1/", &["staff", "admin"]),
            ("/tables/note/?field=owner&is=1", &everybody),
            ("/tables/note/?field=margin&is=771", &["staff", "admin"]),
            ("/tables/note/?after=4", &everybody),
        ] {
            let page = sample.visitor.get(address).await;
            assert_eq!(page.status == StatusCode::OK, can(who), "{name} {address}: {}", page.status);
            shows_nothing_hidden(name, &page);
        }
        let count = |page: &Page| page.texts("tbody tr").len();
        let notes = sample.visitor.get("/tables/note/").await;
        let expected = BTreeMap::from([("public", 1), ("ada", 2), ("eve", 2), ("staff", 4), ("admin", 4)]);
        assert_eq!(count(&notes), expected[name], "{name}");
        let found = sample.visitor.get("/tables/note/?q=77").await;
        assert_eq!(count(&found), 0, "{name}: a number is in no text");
        // What is offered is what can be done.
        let adds = notes.links("a.button.primary").iter().any(|link| link == "/forms/note/");
        assert_eq!(adds, can(&["ada", "eve", "staff", "admin"]), "{name}");
        let edits = sample.visitor.get("/forms/note/2/").await.form();
        let has_title = edits.is_some_and(|form| form.fields.iter().any(|(field, _)| field == "title"));
        assert_eq!(has_title, can(&["ada", "staff", "admin"]), "{name}");
    }
}

#[tokio::test]
async fn crud_02_what_is_submitted_is_what_may_be_done() {
    let mut sample = served_to("ada").await;
    let before = sample.dump();
    // Eve's note, with a form that was drawn for herself.
    let mut own = sample.visitor.form("/forms/note/1/").await;
    own.action = "/forms/note/4/".to_owned();
    let own = own.set("title", "hers");
    let page = sample.visitor.submit(&own).await;
    assert_ne!(page.status, StatusCode::OK);
    assert_eq!(sample.dump(), before);
    // A public note of her own she may change, and whose it is she may not.
    let own = sample.visitor.form("/forms/note/2/").await;
    let mut own = own.set("title", "new");
    own.fields.push(("owner".to_owned(), "3".to_owned()));
    own.fields.push(("margin".to_owned(), "0".to_owned()));
    own.fields.push(("_delete".to_owned(), "ON".to_owned()));
    sample.visitor.submit(&own).await;
    let row = sample.db.get(&sample.db.table("note").unwrap(), &RowId::from(2)).await.unwrap().unwrap();
    let is = (row["title"].as_str(), row["owner"].as_int(), row["margin"].as_int());
    assert_eq!(is, (Some("new"), Some(1), Some(772)));
    // A new one is hers.
    let new = sample.visitor.form("/forms/note/").await;
    let mut new = new.set("title", "made");
    new.fields.push(("owner".to_owned(), "3".to_owned()));
    let page = sample.visitor.submit(&new).await;
    assert_eq!(page.status, StatusCode::OK);
    let row = sample.db.get(&sample.db.table("note").unwrap(), &RowId::from(5)).await.unwrap().unwrap();
    assert_eq!((row["title"].as_str(), row["owner"].as_int()), (Some("made"), Some(1)));
    // Somebody who may not see the inbox may leave something in it, and is told no more than that.
    sample.visitor.actor = Some(Actor::anonymous());
    let form = sample.visitor.form("/forms/inbox/").await;
    let form = form.set("message", "hello");
    sample.visitor.submit(&form).await;
    assert_eq!(sample.count("inbox"), 2);
}

#[tokio::test]
async fn crud_05_rows_out_of_reach_have_the_page_of_those_that_are_not_there() {
    let mut sample = served_to("ada").await;
    let plain = |page: &Page, id: &str| {
        page.text()
            .replace(&format!("/{id}/"), "/…/")
            .replace(&format!("={id}"), "=…")
            .replace(&format!("%3D{id}"), "%3D…")
    };
    for address in [
        "/forms/note/{}/",
        "/forms/person/{}/",
        "/tables/note/?after={}",
        "/tables/note/?sort=title&after={}",
    ] {
        let foreign = if address.contains("person") { "3" } else { "4" };
        let out_of_reach = sample.visitor.get(&address.replace("{}", foreign)).await;
        let missing = sample.visitor.get(&address.replace("{}", "99")).await;
        assert_eq!(out_of_reach.status, missing.status, "{address}");
        assert_eq!(plain(&out_of_reach, foreign), plain(&missing, "99"), "{address}");
    }
    // Columns, and tables.
    for (hidden, unknown) in [
        ("/tables/note/?field=margin&is=774", "/tables/note/?field=nothing&is=774"),
        ("/tables/vault/", "/tables/nothing/"),
        ("/forms/vault/1/", "/forms/nothing/1/"),
        ("/forms/vault/", "/forms/nothing/"),
        ("/media/vault/gold/x.txt", "/media/nothing/gold/x.txt"),
        ("/media/note/margin/x.txt", "/media/note/nothing/x.txt"),
    ] {
        let (hidden, unknown) = (sample.visitor.get(hidden).await, sample.visitor.get(unknown).await);
        assert_eq!((hidden.status, hidden.text()), (unknown.status, unknown.text()), "{}", hidden.address);
    }
    let sorted = [
        sample.visitor.get("/tables/note/?sort=margin").await,
        sample.visitor.get("/tables/note/?sort=nothing").await,
    ];
    assert_eq!(sorted[0].texts("tbody"), sorted[1].texts("tbody"));
}

#[tokio::test]
async fn crud_04_changing_what_cannot_be_read_changes_no_page() {
    for name in ["public", "ada"] {
        let (mut before, mut after) = (served_to(name).await, served_to(name).await);
        let db = after.db.clone();
        let (note, person) = (db.table("note").unwrap(), db.table("person").unwrap());
        db.update(&note, &4.into(), Values::new().with("title", "a zebra").with("margin", 5)).await.unwrap();
        db.update(&note, &2.into(), Values::new().with("margin", 1)).await.unwrap();
        db.delete(&note, &3.into()).await.unwrap();
        db.update(&person, &3.into(), Values::new().with("name", "Zoe").with("email", "z")).await.unwrap();
        db.update(&person, &1.into(), Values::new().with("email", "a new one")).await.unwrap();
        db.insert(&db.table("vault").unwrap(), Values::new().with("gold", "more").with("note_id", 2))
            .await
            .unwrap();
        for address in [
            "/",
            "/tables/note/",
            "/tables/note/?q=a",
            "/tables/note/?q=zebra",
            "/tables/note/?sort=margin",
            "/tables/note/?sort=-title",
            "/tables/note/?field=owner&is=3",
            "/tables/note/?field=owner&is=1",
            "/tables/note/?after=4",
            "/tables/note/?before=3",
            "/tables/person/?q=new",
            "/tables/person/",
            "/tables/vault/",
            "/forms/note/4/",
            "/forms/note/3/",
            "/forms/person/3/",
        ] {
            let pages = [before.visitor.get(address).await, after.visitor.get(address).await];
            assert_eq!(
                (pages[0].status, pages[0].text()),
                (pages[1].status, pages[1].text()),
                "{name} {address}"
            );
        }
        // Forms have another token each time.
        for address in ["/forms/note/2/", "/forms/note/"] {
            let pages = [before.visitor.get(address).await, after.visitor.get(address).await];
            assert_eq!(pages[0].texts("main"), pages[1].texts("main"), "{name} {address}");
        }
    }
}

#[tokio::test]
async fn upld_07_files_follow_the_record_that_names_them() {
    let mut sample = served_to("admin").await;
    let form = sample.visitor.form("/forms/note/4/").await;
    let form = form.file("paper", "paper.txt", b"for Eve alone");
    sample.visitor.submit(&form).await;
    let note = sample.db.table("note").unwrap();
    let row = sample.db.get(&note, &4.into()).await.unwrap().unwrap();
    let address = format!("/media/note/paper/{}", row["paper"].to_text());
    let missing = format!("/media/note/paper/{}", row["paper"].to_text().replace("paper", "other"));
    for (name, sees) in [("eve", true), ("staff", true), ("admin", true), ("ada", false), ("public", false)] {
        sample.visitor.actor = Some(actors()[name].clone());
        let page = sample.visitor.get(&address).await;
        assert_eq!(page.status == StatusCode::OK, sees, "{name} {address}");
        let head = sample.visitor.method(Method::HEAD, &address).await;
        assert_eq!(head.status == StatusCode::OK, sees, "{name} {address}");
        if !sees {
            let nothing = sample.visitor.get(&missing).await;
            assert_eq!((page.status, page.text()), (nothing.status, nothing.text()), "{name}");
        }
    }
    // The record is made public, and private again: so is its file.
    sample.visitor.actor = Some(Actor::anonymous());
    for public in [true, false] {
        sample.db.update(&note, &4.into(), Values::new().with("public", public)).await.unwrap();
        let page = sample.visitor.get(&address).await;
        assert_eq!(page.status == StatusCode::OK, public);
        assert!(!public || page.headers["cache-control"].to_str().unwrap().contains("no-cache"));
    }
    // A file that no row names any more is nobody's but the operator's.
    sample
        .db
        .update(&note, &4.into(), Values::new().with("paper", frontdesk_data::Value::Null))
        .await
        .unwrap();
    sample.visitor.actor = Some(Actor::staff(1));
    assert_eq!(sample.visitor.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[test]
fn crud_02_the_command_explains_a_decision() {
    let folder = tempfile::tempdir().unwrap();
    rusqlite::Connection::open(folder.path().join("notes.db")).unwrap().execute_batch(SQL).unwrap();
    std::fs::write(folder.path().join("rules.toml"), SCHEMA).unwrap();
    let run = |words: &str| {
        let output = Frontdesk::new(folder.path()).args(words.split(' ')).output();
        let (said, wrong) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.code().unwrap(), said, wrong)
    };
    let (code, said, _) = run("explain notes.db user:1 note update 2 --schema rules.toml");
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("allowed: user:1 update note 2\n"), "{said}");
    for part in [
        "rule     update is for user",
        "\"note\".\"owner\" = ?",
        "row      within reach",
        "hidden   margin",
        "writes   title",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let (code, said, wrong) = run("explain notes.db user:1 note read 4 --schema rules.toml");
    assert_eq!((code, &*wrong), (1, ""), "{said}");
    assert!(said.starts_with("denied: user:1 read note 4\n") && said.contains("out of reach"), "{said}");
    let (code, said, _) = run("explain notes.db public vault read --schema rules.toml");
    assert_eq!(code, 1);
    assert!(said.contains("the table has no rules, and such tables are for admin"), "{said}");
    for (words, told) in [
        ("explain notes.db usr note read --schema rules.toml", "there is no role `usr`"),
        ("explain notes.db user notes read --schema rules.toml", "there is no table `notes`"),
        ("explain notes.db user note see --schema rules.toml", "there is no action `see`"),
        ("explain user note read", "name a database"),
        ("explain note read", "required"),
    ] {
        let (code, _, wrong) = run(words);
        assert_eq!(code, 2, "{words}: {wrong}");
        assert!(wrong.contains(told) || told == "required", "{words}: {wrong}");
    }
    // What is exported is what may be read.
    let (code, said, _) = run("export notes.db note --schema rules.toml --as user:1 --columns id,title");
    assert_eq!((code, &*said.replace("\r\n", "\n")), (0, "id,title\n1,alpha\n2,beta\n"));
    let (code, said, _) = run("export notes.db person --schema rules.toml --as user:1,tenant=1");
    assert_eq!(code, 0);
    assert!(said.contains("Ada") && !said.contains("Eve") && !said.contains("secret"), "{said}");
    for wrong in [
        "export notes.db note --as user:1 --columns margin",
        "export notes.db vault --as staff:1",
        "export notes.db note --as usr",
    ] {
        let (code, said, wrong_said) = run(&format!("{wrong} --schema rules.toml"));
        assert_ne!(code, 0, "{wrong}: {said}{wrong_said}");
    }
    // The rules are part of what is printed.
    let (code, said, _) = run("inspect notes.db --schema rules.toml");
    assert_eq!(code, 0);
    assert!(said.contains("access = { read = \"staff\", create = \"public\" }"), "{said}");
}
