//! One policy: what it lets be read and written, and that nothing else can be found out.

use std::sync::Arc;

use frontdesk_data::{
    Access, Action, Actor, Asker, Db, DbErrorKind, Field, Guard, Guarded, IsInDb, IsNotInDb, Policy, RowId,
    SchemaFile, Table, TableRules, Value, Values, WriteError,
};
use frontdesk_validate::{Context, Registry, Rules};
use sea_query::{Expr, ExprTrait, Query};

use crate::support::{id, refusal, texts};

/// Two tenants with people, notes of theirs, and a table that the policy does not name.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) person: Arc<Table>,
    pub(crate) note: Arc<Table>,
    pub(crate) vault: Arc<Table>,
    pub(crate) policy: Policy,
}

impl House {
    pub(crate) async fn new(db: Db) -> Self {
        let person = Table::new("person")
            .field(Field::string("name"))
            .field(Field::integer("tenant"))
            .field(Field::string("email").unique())
            .readable("{name} <{email}>".parse().unwrap());
        let person = db.define(person.create()).await.unwrap();
        let note = Table::new("note")
            .field(Field::string("title"))
            .field(Field::reference("owner", "person"))
            .field(Field::boolean("public"))
            .field(Field::integer("rank"))
            .field(Field::password("code"));
        let note = db.define(note.create()).await.unwrap();
        let vault = db.define(Table::new("vault").field(Field::string("secret")).create()).await.unwrap();
        for (name, tenant) in [("Ada", 1), ("Bob", 1), ("Eve", 2)] {
            let email = format!("{}@example.org", name.to_lowercase());
            let values = Values::new().with("name", name).with("tenant", tenant).with("email", email);
            db.insert(&person, values).await.unwrap();
        }
        for (title, owner, public) in [("a1", 1, false), ("a2", 1, true), ("b1", 2, false), ("e1", 3, false)]
        {
            let values = Values::new().with("title", title).with("owner", owner).with("public", public);
            db.insert(&note, values.with("rank", owner * 10).with("code", "x")).await.unwrap();
        }
        db.insert(&vault, Values::new().with("secret", "gold")).await.unwrap();
        let people = TableRules::new()
            .read("user")
            .update("staff")
            .rows("row.tenant == actor.tenant or actor is staff")
            .unwrap()
            .readable("email", "staff");
        let notes = TableRules::new()
            .read("public")
            .create("user")
            .update("user")
            .delete(["staff", "janitor"])
            .rows_for(Action::Read, "row.public == true or row.owner == actor.id or actor is staff")
            .unwrap()
            .rows_for(Action::Create, "row.owner == actor.id")
            .unwrap()
            .rows_for(Action::Update, "row.owner == actor.id or actor is staff")
            .unwrap()
            .rows_for(Action::Delete, "row.public == false")
            .unwrap()
            .readable("rank", "staff")
            .writable("owner", "staff");
        let policy = Policy::new()
            .attributes(["tenant"])
            .roles(["janitor"])
            .table("person", people)
            .table("note", notes);
        policy.check(&db.tables()).unwrap();
        Self { db, person, note, vault, policy }
    }

    fn access(&self, actor: &Actor, table: &Arc<Table>) -> Access {
        self.policy.access(actor, table)
    }
}

pub(crate) fn ada() -> Actor {
    Actor::user(1).attribute("tenant", 1)
}

fn code(error: WriteError) -> String {
    match error {
        WriteError::Refused(violations) => violations[0].error.code().to_owned(),
        WriteError::Db(error) => format!("{:?}", error.kind()),
        other => panic!("{other}"),
    }
}

async fn crud_02_roles_tables_actions_and_rows_of_each(db: Db) {
    let house = House::new(db).await;
    let actors = [
        ("public", Actor::anonymous()),
        ("user", ada()),
        ("janitor", ada().role("janitor")),
        ("staff", Actor::staff(2)),
        ("admin", Actor::admin()),
    ];
    // Of the notes a1 (Ada's), a2 (hers, public) and e1 (Eve's): which does each see, change, delete?
    let expected = [
        ("public", ".r.", "...", "..."),
        ("user", "rr.", "uu.", "..."),
        ("janitor", "rr.", "uu.", "d.."),
        ("staff", "rrr", "uuu", "d.d"),
        ("admin", "rrr", "uuu", "ddd"),
    ];
    for ((name, actor), (expected_name, reads, updates, deletes)) in actors.iter().zip(expected) {
        assert_eq!(*name, expected_name);
        for (at, note) in [1, 2, 4].into_iter().enumerate() {
            let is = |word: &str| word.as_bytes()[at] != b'.';
            let access = house.access(actor, &house.note);
            let row = access.get(&house.db, &id(note)).await.unwrap();
            assert_eq!(row.is_some(), is(reads), "{name} reads {note}");
            let counted = access.set(&house.db).filter(house.note.col("id").eq(note)).count().await.unwrap();
            assert_eq!(counted == 1, is(reads), "{name} counts {note}");
            for (action, expected) in
                [(Action::Read, is(reads)), (Action::Update, is(updates)), (Action::Delete, is(deletes))]
            {
                let may = access.may(&house.db, action, &id(note)).await.unwrap();
                assert_eq!(may, expected, "{name} {action:?} {note}");
                let why = access.explain(&house.db, action, Some(&id(note))).await.unwrap();
                assert_eq!(why.is_allowed(), expected, "{why}");
            }
            // What is done is undone again.
            let transaction = house.db.begin().await.unwrap();
            let updated = access.update(&transaction, &id(note), Values::new().with("title", "new")).await;
            assert_eq!(matches!(updated, Ok(Some(_))), is(updates), "{name} updates {note}: {updated:?}");
            drop(transaction);
            let transaction = house.db.begin().await.unwrap();
            let deleted = access.delete(&transaction, &id(note)).await;
            assert_eq!(matches!(deleted, Ok(true)), is(deletes), "{name} deletes {note}: {deleted:?}");
            drop(transaction);
            let guard = Guard::of(&house.db.get(&house.note, &id(note)).await.unwrap().unwrap(), ["title"]);
            let transaction = house.db.begin().await.unwrap();
            let values = Values::new().with("title", "new");
            let updated = access.update_if(&transaction, &id(note), values, &guard).await;
            assert_eq!(matches!(updated, Ok(Guarded::Done(_))), is(updates), "{name} {note} {updated:?}");
            drop(transaction);
            let transaction = house.db.begin().await.unwrap();
            let deleted = access.delete_if(&transaction, &id(note), &guard).await;
            assert_eq!(matches!(deleted, Ok(Guarded::Done(_))), is(deletes), "{name} {note} {deleted:?}");
        }
        // A table without rules is nobody's.
        let vault = house.access(actor, &house.vault);
        let error = vault.set(&house.db).rows().await.unwrap_err();
        assert_eq!(error.kind(), DbErrorKind::NotFound("vault".into()), "{name}");
        assert_eq!(
            vault.set(&house.db).count().await.unwrap_err().kind(),
            DbErrorKind::NotFound("vault".into())
        );
        assert_eq!(vault.get(&house.db, &id(1)).await.unwrap(), None);
        assert!(vault.insert(&house.db, Values::new().with("secret", "x")).await.is_err());
        assert!(!vault.delete(&house.db, &id(1)).await.unwrap());
    }
    assert_eq!(house.db.set(&house.note).count().await.unwrap(), 4);
    assert_eq!(house.db.set(&house.vault).count().await.unwrap(), 1);
}

async fn crud_02_a_policy_that_allows_everything_is_the_database(db: Db) {
    let house = House::new(db).await;
    let access = Policy::allow_all().access(&Actor::anonymous(), &house.vault);
    assert!(access.is_unlimited());
    assert!(Arc::ptr_eq(access.table(), &house.vault));
    let made = access.insert(&house.db, Values::new().with("secret", "silver")).await.unwrap().unwrap();
    assert!(access.delete(&house.db, &made).await.unwrap());
    assert!(!Policy::new().access(&Actor::admin(), &house.vault).can(Action::Read));
}

async fn crud_02_a_new_row_is_its_makers_and_stays_so(db: Db) {
    let house = House::new(db).await;
    let notes = house.access(&ada(), &house.note);
    let made = notes.insert(&house.db, Values::new().with("title", "mine")).await.unwrap().unwrap();
    let row = house.db.get(&house.note, &made).await.unwrap().unwrap();
    assert_eq!(row["owner"], Value::Int(1));
    // Whose it is she may not say, not even that it is hers.
    for owner in [1, 3] {
        let values = Values::new().with("title", "x").with("owner", owner);
        let refused = refusal(notes.insert(&house.db, values.clone()).await);
        assert_eq!(refused, [("owner".to_owned(), "unknown_field".to_owned())]);
        assert_eq!(refusal(notes.update(&house.db, &made, values.clone()).await), refused);
        // The application may, where the row is one of hers then.
        let own = notes.any_column().update(&house.db, &made, values).await;
        match owner {
            1 => assert_eq!(own.unwrap(), Some(made.clone())),
            _ => assert_eq!(code(own.unwrap_err()), "foreign_key"),
        }
    }
    let given_away = Values::new().with("owner", 2);
    let refused = notes.any_column().update(&house.db, &made, given_away.clone()).await.unwrap_err();
    assert_eq!(code(refused), "not_allowed");
    let refused = notes.any_column().insert(&house.db, given_away.clone()).await.unwrap_err();
    assert_eq!(code(refused), "not_allowed");
    // Within a transaction what was refused too late ends it.
    let transaction = house.db.begin().await.unwrap();
    assert!(notes.any_column().update(&transaction, &made, given_away).await.is_err());
    assert!(transaction.commit().await.is_err());
    assert_eq!(house.db.get(&house.note, &made).await.unwrap().unwrap()["owner"], Value::Int(1));

    let anonymous = house.access(&Actor::anonymous(), &house.note);
    assert_eq!(code(anonymous.insert(&house.db, Values::new()).await.unwrap_err()), "denied");
    assert_eq!(code(anonymous.update(&house.db, &id(2), Values::new()).await.unwrap_err()), "denied");
    assert_eq!(house.db.set(&house.note).count().await.unwrap(), 5);
}

#[tokio::test]
async fn crud_02_what_only_the_database_can_tell_is_checked_after_the_write() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    db.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, state TEXT DEFAULT 'open', double INTEGER AS (a * 2))",
        [],
    )
    .await
    .unwrap();
    db.execute("CREATE TABLE keyless (a INTEGER, state TEXT DEFAULT 'open')", []).await.unwrap();
    let schema = db.introspect().await.unwrap();
    let (t, keyless) = (schema.get("t").unwrap(), schema.get("keyless").unwrap());
    let rules = || TableRules::new().everything("user");
    let by_default = Policy::new()
        .table("t", rules().rows("row.state == 'open' and row.double < 10").unwrap())
        .table("keyless", rules().rows("row.state == 'open'").unwrap());
    let actor = Actor::user(1);
    let access = by_default.access(&actor, t);
    let made = access.insert(&db, Values::new().with("a", 4)).await.unwrap().unwrap();
    assert_eq!(code(access.insert(&db, Values::new().with("a", 5)).await.unwrap_err()), "not_allowed");
    assert_eq!(code(access.update(&db, &made, Values::new().with("a", 5)).await.unwrap_err()), "not_allowed");
    assert_eq!(access.update(&db, &made, Values::new().with("a", 3)).await.unwrap(), Some(made));
    assert_eq!(db.set(t).count().await.unwrap(), 1);
    // A row without a key is not found again: it has to be known before.
    let access = by_default.access(&actor, keyless);
    access.insert(&db, Values::new().with("a", 1)).await.unwrap();
    let shut = access.any_column().insert(&db, Values::new().with("state", "shut")).await;
    assert_eq!(code(shut.unwrap_err()), "not_allowed");
    let closure = rules().rows_with(|_, row| row.col("a").eq(1));
    let access = Policy::new().table("keyless", closure).access(&actor, keyless);
    assert_eq!(code(access.insert(&db, Values::new().with("a", 1)).await.unwrap_err()), "not_allowed");
    assert_eq!(access.set(&db).count().await.unwrap(), 1);
}

async fn crud_02_sets_change_no_more_than_single_writes_do(db: Db) {
    let house = House::new(db).await;
    let notes = house.access(&ada(), &house.note);
    let changed = notes.set(&house.db).update(Values::new().with("title", "new")).await.unwrap();
    assert_eq!(changed, 2);
    let refused = notes.set(&house.db).update(Values::new().with("rank", 1)).await;
    assert_eq!(refusal(refused), [("rank".to_owned(), "unknown_field".to_owned())]);
    assert_eq!(code(notes.set(&house.db).delete().await.unwrap_err()), "denied");
    let janitor = house.access(&ada().role("janitor"), &house.note);
    assert_eq!(janitor.set(&house.db).delete().await.unwrap(), 1);
    let left = house.db.set(&house.note).order_by("id").rows().await.unwrap();
    assert_eq!(texts(&left, "title"), ["new", "b1", "e1"]);
}

async fn crud_03_columns_are_those_of_the_role(db: Db) {
    let house = House::new(db).await;
    let names = |fields: &mut dyn Iterator<Item = &Field>| {
        fields.map(|field| field.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    for (actor, reads, writes) in [
        (Actor::anonymous(), "id title owner public", ""),
        (ada(), "id title owner public", "title public code"),
        (Actor::staff(9), "id title owner public rank", "title owner public rank code"),
    ] {
        let access = house.access(&actor, &house.note);
        assert_eq!(names(&mut access.readable()), reads, "{actor}");
        assert_eq!(names(&mut access.writable()), writes, "{actor}");
        let rows = access.set(&house.db).rows().await.unwrap();
        for row in &rows {
            assert_eq!(row.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(" "), reads, "{actor}");
        }
        let mut stream = access.set(&house.db).stream().await.unwrap();
        let mut streamed = Vec::new();
        while let Some(row) = stream.next().await {
            streamed.push(row.unwrap());
        }
        assert_eq!(streamed, rows);
        let drawn = access.narrow(&house.note);
        assert_eq!(drawn.get("rank").is_some(), reads.contains("rank"), "{actor}");
        // A secret may be written without being shown.
        assert_eq!(drawn.get("code").unwrap().writable, writes.contains("code"), "{actor}");
        assert_eq!(drawn.get("owner").unwrap().writable, writes.contains("owner"), "{actor}");
    }
}

async fn crud_01_crud_04_hidden_columns_are_refused_as_unknown_ones_are(db: Db) {
    let house = House::new(db).await;
    let notes = house.access(&ada(), &house.note);
    let full = &house.note;
    let set = || notes.set(&house.db);
    let joined = || house.access(&ada(), &house.note).set(&house.db).join("owner");
    let told = |error: frontdesk_data::DbError, name: &str| {
        assert_eq!(error.kind(), DbErrorKind::NotFound(name.into()));
        error.to_string().replace(name, "…")
    };
    for (hidden, unknown) in [("rank", "nothing"), ("code", "nothing"), ("owner.email", "owner.nothing")] {
        let errors = async |name: &str| {
            let base = || if name.contains('.') { joined() } else { set() };
            let mut errors = vec![
                told(base().order_by(name).rows().await.unwrap_err(), name),
                told(base().columns([name]).rows().await.unwrap_err(), name),
                told(base().group_by([name]).count().await.unwrap_err(), name),
                told(base().order_by(name).after(&id(2)).rows().await.unwrap_err(), name),
            ];
            for condition in [base().col(name).eq(1), base().col(name).is_null()] {
                errors.push(told(base().filter(condition.clone()).rows().await.unwrap_err(), name));
                errors.push(told(base().filter(condition).count().await.unwrap_err(), name));
            }
            errors
        };
        assert_eq!(errors(hidden).await, errors(unknown).await, "{hidden}");
    }
    // By the full table's own columns too, and in SQL of another shape.
    assert!(set().filter(full.col("rank").gt(0)).rows().await.is_err());
    assert!(set().filter(Expr::col("rank").gt(0)).rows().await.is_err());
    assert!(set().filter(Expr::cust("\"note\".\"rank\" > 0")).rows().await.is_err());
    assert!(set().join("nothing").rows().await.is_err());
    // A search looks into no such column.
    let staff = house.access(&Actor::staff(1), &house.person);
    assert_eq!(staff.set(&house.db).search("eve@").count().await.unwrap(), 1);
    let people = house.access(&ada(), &house.person);
    assert_eq!(people.set(&house.db).search("ada@").count().await.unwrap(), 0);
    assert_eq!(people.set(&house.db).search("ada").count().await.unwrap(), 1);
}

#[tokio::test]
async fn crud_01_values_and_names_of_any_kind_are_bound_and_quoted() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let hostile = ["x' OR '1'='1", "\"; DROP TABLE t; --", "%", "a\"b", "naïve 名前", "\\"];
    for (at, name) in hostile.iter().enumerate() {
        let table = Table::new(format!("t{at}{name}")).field(Field::string(*name)).field(Field::string("b"));
        let table = db.define(table.create()).await.unwrap();
        for value in hostile {
            db.insert(&table, Values::new().with(*name, value).with("b", "x")).await.unwrap();
        }
        let escaped = name.replace('\\', "\\\\").replace('`', "\\`");
        let rules =
            TableRules::new().everything("user").rows(&format!("row.`{escaped}` == actor.name")).unwrap();
        let policy =
            Policy::new().attributes(["name"]).table(Arc::clone(&table.name), rules.readable("b", "staff"));
        policy.check(&db.tables()).unwrap();
        for value in hostile {
            let access = policy.access(&Actor::user(1).attribute("name", value), &table);
            let rows = access.set(&db).rows().await.unwrap();
            assert_eq!(texts(&rows, name), [value], "{name} {value}");
            assert!(access.set(&db).filter(table.col("b").eq("x")).rows().await.is_err());
            assert_eq!(access.set(&db).filter(table.col(name).eq(value)).count().await.unwrap(), 1);
            let own = rows[0].id().unwrap();
            assert!(
                access.any_column().update(&db, own, Values::new().with("b", value)).await.unwrap().is_some()
            );
        }
        assert_eq!(db.set(&table).count().await.unwrap(), 6);
    }
}

async fn crud_05_rows_out_of_reach_answer_as_rows_that_are_not_there(db: Db) {
    let house = House::new(db).await;
    let notes = house.access(&ada().role("janitor"), &house.note);
    let guard = Guard::of(&house.db.get(&house.note, &id(4)).await.unwrap().unwrap(), ["title"]);
    // Eve's note, and none at all.
    let mut answers = Vec::new();
    for note in [4, 99] {
        let key = id(note);
        let new = || Values::new().with("title", "new");
        let mut told = vec![
            format!("{:?}", notes.get(&house.db, &key).await),
            format!("{:?}", notes.update(&house.db, &key, new()).await),
            format!("{:?}", notes.update_if(&house.db, &key, new(), &guard).await),
            format!("{:?}", notes.delete(&house.db, &key).await),
            format!("{:?}", notes.delete_if(&house.db, &key, &guard).await),
            format!("{:?}", notes.set(&house.db).filter(house.note.col("id").eq(note)).rows().await),
        ];
        for set in [notes.set(&house.db).order_by("title"), notes.set(&house.db).order_by_desc("public")] {
            let paged = [set.clone().after(&key).rows().await, set.before(&key).rows().await];
            told.extend(paged.map(|rows| format!("{rows:?}").replace(&note.to_string(), "…")));
        }
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);

    // A reference to somebody of another tenant, and to nobody.
    let staff = Policy::new().attributes(["tenant"]).table("note", TableRules::new().everything("user"));
    let people = TableRules::new().read("user").rows("row.tenant == actor.tenant").unwrap();
    let notes = staff.table("person", people).access(&ada(), &house.note);
    let insert =
        async |owner: i64| refusal(notes.insert(&house.db, Values::new().with("owner", owner)).await);
    assert_eq!(insert(3).await, [("owner".to_owned(), "foreign_key".to_owned())]);
    assert_eq!(insert(3).await, insert(99).await);
    let update =
        async |owner: i64| refusal(notes.update(&house.db, &id(1), Values::new().with("owner", owner)).await);
    assert_eq!(update(3).await, update(99).await);
    // What is there already may stay.
    let stays = notes.update(&house.db, &id(4), Values::new().with("owner", 3).with("title", "t")).await;
    assert_eq!(stays.unwrap(), Some(id(4)));
    assert!(notes.insert(&house.db, Values::new().with("owner", 2)).await.is_ok());
}

async fn crud_02_joins_show_no_more_than_their_table(db: Db) {
    let house = House::new(db).await;
    let policy = |people: TableRules| {
        Policy::new()
            .attributes(["tenant"])
            .table("note", TableRules::new().read("user"))
            .table("person", people)
    };
    let people = TableRules::new().read("user").rows("row.tenant == actor.tenant").unwrap();
    let notes = policy(people).access(&ada(), &house.note);
    let rows = notes.set(&house.db).join("owner").order_by("id").rows().await.unwrap();
    assert_eq!(texts(&rows, "owner.name"), ["Ada", "Ada", "Bob", ""]);
    let inner = notes.set(&house.db).inner_join("owner").order_by("owner.name").rows().await.unwrap();
    assert_eq!(texts(&inner, "owner.name"), ["Ada", "Ada", "Bob"]);
    assert_eq!(notes.set(&house.db).inner_join("owner").count().await.unwrap(), 3);
    assert_eq!(
        notes.set(&house.db).inner_join("owner").search("a").after(&id(1)).rows().await.unwrap().len(),
        1
    );
    let closed = policy(TableRules::new()).access(&ada(), &house.note);
    let error = closed.set(&house.db).join("owner").rows().await.unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::NotFound("owner".into()));
}

async fn crud_02_rules_find_no_more_than_whoever_asks_may_read(db: Db) {
    let house = House::new(db).await;
    let asker = |actor: Actor| Asker::new(&house.policy, &actor);
    let owner = house.note.get("owner").unwrap().rules().clone();
    let list = async |actor: Actor| -> Vec<String> {
        let choices = asker(actor).ask(owner.options().wait()).await.unwrap().unwrap();
        choices.iter().map(|choice| choice.label.to_string()).collect()
    };
    // The address is hidden from users, and so are those of another tenant.
    assert_eq!(list(ada()).await, ["", "Ada <>", "Bob <>"]);
    assert_eq!(list(Actor::staff(1)).await.len(), 4);
    assert_eq!(list(Actor::anonymous()).await, [""]);
    let check = async |actor: Actor, value: &str| {
        asker(actor).ask(owner.validate(value.into(), Context::empty())).await
    };
    assert!(check(ada(), "2").await.is_ok());
    assert_eq!(check(ada(), "3").await, check(ada(), "99").await);
    assert!(check(Actor::anonymous(), "1").await.is_err());
    let find = async |actor: Actor, text: &str| {
        let found = asker(actor).ask(owner.search().unwrap().search(text, 20)).await.unwrap();
        found.choices.iter().map(|choice| choice.label.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(find(ada(), "ada").await, ["Ada <>"]);
    assert_eq!(find(ada(), "eve").await, [""; 0]);
    assert_eq!(find(ada(), "3").await, [""; 0]);
    assert_eq!(find(ada(), "ada@").await, [""; 0]);
    assert_eq!(find(Actor::staff(1), "ada@").await.len(), 1);
    let labels = async |actor: Actor| {
        let values = [1.into(), 3.into()];
        asker(actor).ask(owner.search().unwrap().labels(&values)).await.unwrap().len()
    };
    assert_eq!((labels(ada()).await, labels(Actor::admin()).await), (1, 2));

    // A set of the application's own has no more in it, and its filter may go by what is hidden.
    let by_mail = house.db.set(&house.person).filter(house.person.col("email").ends_with("example.org"));
    let rule = Rules::one(IsInDb::new(by_mail.order_by("email"), "id"));
    let choices = asker(ada()).ask(rule.options().wait()).await.unwrap().unwrap();
    assert_eq!(choices.len(), 3);

    // What is kept for everybody is for those who may read everything.
    let cached = IsInDb::new(&house.db, "person.id").label("{email}").unwrap();
    let cached = Rules::one(cached.cache(std::time::Duration::from_secs(60)));
    assert_eq!(cached.options().wait().await.unwrap().unwrap()[1].label, "ada@example.org");
    let choices = asker(ada()).ask(cached.options().wait()).await.unwrap().unwrap();
    assert!(choices.iter().all(|choice| !choice.label.contains('@')), "{choices:?}");

    // Only who may insert into a table adds what is missing.
    let rule = Rules::one(IsInDb::new(&house.db, "person.id").label("{name}").unwrap().create_with("name"));
    let search = rule.search().unwrap();
    assert!(!asker(ada()).ask(async { search.creates() }).await);
    assert_eq!(asker(ada()).ask(search.create("Zoe")).await.unwrap_err().code(), "create");
    assert_eq!(house.db.set(&house.person).count().await.unwrap(), 3);

    // A value that the database keeps unique is told to be taken only where that may be read; any other by the rule.
    let free = async |actor: Actor, path: &'static str, value: &'static str| {
        let rule = Rules::one(IsNotInDb::new(&house.db, path));
        asker(actor).ask(rule.validate(value.into(), Context::empty())).await.is_ok()
    };
    assert!(free(ada(), "person.email", "eve@example.org").await);
    assert!(!free(Actor::staff(1), "person.email", "eve@example.org").await);
    assert!(!free(ada(), "person.name", "Eve").await);
}

#[tokio::test]
async fn crud_04_what_a_constraint_refuses_names_no_hidden_column() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    db.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, hidden TEXT DEFAULT 'x', UNIQUE (a, hidden))",
        [],
    )
    .await
    .unwrap();
    let schema = db.introspect().await.unwrap();
    let t = schema.get("t").unwrap();
    let rules = TableRules::new().everything("public").readable("hidden", "nobody");
    let access = Policy::new().table("t", rules).access(&Actor::anonymous(), t);
    let insert = async || access.insert(&db, Values::new().with("a", "1")).await;
    insert().await.unwrap();
    let error = insert().await.unwrap_err();
    assert_eq!(error.to_string(), "Another record has the same values already");
    assert!(error.violations()[0].fields.is_empty());
}

async fn crud_02_a_closure_may_look_at_other_tables(db: Db) {
    let house = House::new(db).await;
    let rules = TableRules::new().everything("user").rows_with(|actor, row| {
        let tenant = actor.get("tenant").and_then(Value::as_int).unwrap_or(-1);
        let people =
            Query::select().column("id").from("person").and_where(Expr::col("tenant").eq(tenant)).take();
        row.col("owner").expr().in_subquery(people)
    });
    let policy = Policy::new().table("note", rules).table("person", TableRules::new().read("user"));
    let count = async |tenant: i64| {
        let access = policy.access(&Actor::user(1).attribute("tenant", tenant), &house.note);
        access.set(&house.db).count().await.unwrap()
    };
    assert_eq!((count(1).await, count(2).await, count(3).await), (3, 1, 0));
    let access = policy.access(&Actor::user(1).attribute("tenant", 2), &house.note);
    assert_eq!(access.get(&house.db, &id(1)).await.unwrap(), None);
    assert!(access.get(&house.db, &id(4)).await.unwrap().is_some());
    let moved = access.update(&house.db, &id(4), Values::new().with("owner", 1)).await;
    assert_eq!(code(moved.unwrap_err()), "not_allowed");
    let why = access.explain(&house.db, Action::Read, Some(&id(1))).await.unwrap();
    assert!(!why.is_allowed() && why.to_string().contains("out of reach"), "{why}");
}

async fn crud_02_a_policy_that_does_not_fit_denies_and_says_why(db: Db) {
    let house = House::new(db).await;
    let rules = TableRules::new()
        .read("usr")
        .rows("row.ownr == actor.id")
        .unwrap()
        .rows("row.owner == actor.tennant or actor is manager")
        .unwrap()
        .readable("id", "staff")
        .writable("titel", "staff");
    let policy = Policy::new().attributes(["tenant"]).table("note", rules).table("nte", TableRules::new());
    let error = policy.check(&house.db.tables()).unwrap_err();
    assert_eq!(
        error.problems(),
        [
            "the rules of the table `note`: there is no role `usr`; did you mean `user`?",
            "the rules of the table `note` hide the column `id`, which is of its key: the key of a row is in its address",
            "the rules of the table `note` name a column `titel`, which it does not have; did you mean `title`?",
            "the rules of the table `note` have a mistake in `row.ownr == actor.id`: the table `note` has no column `ownr`; did you mean `owner`? at character 1",
            "the rules of the table `note` have a mistake in `row.owner == actor.tennant or actor is manager`: actors have no attribute `tennant`; did you mean `tenant`? at character 14",
            "there is no table `nte`; did you mean `note`?",
        ]
    );
    for actor in [Actor::anonymous(), Actor::admin()] {
        assert!(!policy.access(&actor, &house.note).can(Action::Read));
    }
}

const FILE: &str = r#"
[access]
roles = ["editor"]
attributes = ["tenant"]

[tables.note]
access = { read = "public", create = "user", update = ["staff", "editor"], delete = "nobody", rows = "row.owner == actor.id" }
fields.rank.access = { read = "staff", write = "admin" }

[tables.person.access]
read = "user"
rows = { read = "row.tenant == actor.tenant", update = "false" }
"#;

#[tokio::test]
async fn crud_02_a_schema_file_says_who_may_do_what() {
    let house = House::new(Db::open("sqlite::memory:").await.unwrap()).await;
    let file = SchemaFile::parse("frontdesk.toml", FILE).unwrap();
    house.db.apply(&file, &Registry::standard()).await.unwrap();
    let policy = file.policy();
    let tables = house.db.tables();
    policy.check(&tables).unwrap();
    let table = |name: &str| tables.iter().find(|table| &*table.name == name).unwrap();
    let can = |actor: &Actor, name: &str| {
        let access = policy.access(actor, table(name));
        [Action::Read, Action::Create, Action::Update, Action::Delete].map(|action| access.can(action))
    };
    assert_eq!(can(&Actor::anonymous(), "note"), [true, false, false, false]);
    assert_eq!(can(&Actor::user(1), "note"), [true, true, false, false]);
    assert_eq!(can(&Actor::user(1).role("editor"), "note"), [true, true, true, false]);
    assert_eq!(can(&Actor::admin(), "note"), [true, true, true, false]);
    assert_eq!(can(&Actor::staff(1), "vault"), [false; 4]);
    assert_eq!(can(&Actor::admin(), "vault"), [true; 4]);
    assert_eq!(can(&Actor::staff(1), "person"), [true, false, false, false]);
    let reads =
        |actor: &Actor| policy.access(actor, table("note")).readable().any(|field| &*field.name == "rank");
    assert!(reads(&Actor::staff(1)) && !reads(&Actor::user(1)));
    let counted = policy.access(&ada(), table("person")).set(&house.db).count().await.unwrap();
    assert_eq!(counted, 2);
    // Written down, it says the same.
    let schema = frontdesk_data::Schema::new(tables.clone());
    let written = schema.to_toml_with(&policy);
    let again = SchemaFile::parse("again.toml", &written).unwrap();
    assert_eq!(schema.to_toml_with(&again.policy()), written);
    assert!(written.contains(r#"access = { read = "public", create = "user", update = ["staff", "editor"], delete = [], rows = "row.owner == actor.id" }"#), "{written}");
    assert!(written.contains(r#"access = { read = "staff", write = "admin" }"#), "{written}");
}

#[tokio::test]
async fn crud_02_mistakes_in_a_schema_file_are_told_with_their_line() {
    let house = House::new(Db::open("sqlite::memory:").await.unwrap()).await;
    let problems = async |text: &str| match SchemaFile::parse("f.toml", text) {
        Err(error) => error.to_string(),
        Ok(file) => house.db.apply(&file, &Registry::standard()).await.unwrap_err().to_string(),
    };
    for (text, words) in [
        (
            "[tables.note]\naccess = { rows = \"row.owner = 1\" }",
            "f.toml:2: [tables.note.access] `rows`: unexpected `=`; write `==` at character 11",
        ),
        (
            "[tables.note]\naccess = { red = \"public\" }",
            "f.toml:2: [tables.note.access] unknown key `red`; did you mean `read`?",
        ),
        (
            "[tables.note]\n\naccess = { read = \"publik\" }",
            "f.toml:3: [tables.note] there is no role `publik`; did you mean `public`?",
        ),
        (
            "[tables.note]\naccess = { read = \"zebra\" }",
            "f.toml:2: [tables.note] there is no role `zebra`; name it in `[access] roles`",
        ),
        (
            "[tables.note]\naccess = { rows = \"row.ownr == 1\" }",
            "f.toml:2: [tables.note] `rows`: the table `note` has no column `ownr`; did you mean `owner`? at character 1",
        ),
        (
            "[tables.note]\naccess = { rows = { update = \"row.owner == actor.tenant\" } }",
            "f.toml:2: [tables.note] `rows`: actors have no attribute `tenant` at character 14",
        ),
        (
            "[tables.note]\nfields.rank.access = { write = \"staf\" }",
            "f.toml:2: [tables.note.fields.rank] there is no role `staf`; did you mean `staff`?",
        ),
        (
            "[tables.note]\nfields.id.access = { read = \"staff\" }",
            "f.toml:2: [tables.note.fields.id] `access`: the key of a row is in its address, so whoever reads a row reads it",
        ),
        ("[access]\nrole = [\"x\"]", "f.toml:2: [access] unknown key `role`; did you mean `roles`?"),
    ] {
        assert_eq!(problems(text).await, words);
    }
}

async fn crud_02_a_decision_is_explained(db: Db) {
    let house = House::new(db).await;
    let why = async |actor: Actor, action: Action, row: Option<i64>| {
        let access = house.access(&actor, &house.note);
        access.explain(&house.db, action, row.map(RowId::from).as_ref()).await.unwrap().to_string()
    };
    assert_eq!(
        why(ada(), Action::Update, Some(4)).await,
        "denied: user:1 update note 4\n\
         \x20 rule     read is for public\n\
         \x20 rule     update is for user\n\
         \x20 rows     row.public == true or row.owner == actor.id or actor is staff\n\
         \x20 rows     row.owner == actor.id or actor is staff\n\
         \x20 sql      (\"note\".\"public\" = ? OR \"note\".\"owner\" = ?) AND \"note\".\"owner\" = ?   with true, 1, 1\n\
         \x20 row      out of reach: the actor is told that there is no such row\n"
    );
    assert_eq!(
        why(Actor::anonymous(), Action::Create, None).await,
        "denied: public create note\n\x20 rule     create is for user\n"
    );
    assert_eq!(
        why(Actor::staff(2), Action::Read, Some(99)).await,
        "denied: staff:2 read note 99\n\
         \x20 rule     read is for public\n\
         \x20 rows     row.public == true or row.owner == actor.id or actor is staff\n\
         \x20 rows     all\n\
         \x20 row      there is no such row\n"
    );
    let vault =
        house.access(&Actor::admin(), &house.vault).explain(&house.db, Action::Read, None).await.unwrap();
    assert_eq!(
        vault.to_string(),
        "denied: admin read vault\n\x20 rule     the table has no rules, and such tables are for nobody\n"
    );
}

crate::support::on_each_database! {
    crud_02_roles_tables_actions_and_rows_of_each,
    crud_02_a_policy_that_allows_everything_is_the_database,
    crud_02_a_new_row_is_its_makers_and_stays_so,
    crud_02_sets_change_no_more_than_single_writes_do,
    crud_03_columns_are_those_of_the_role,
    crud_01_crud_04_hidden_columns_are_refused_as_unknown_ones_are,
    crud_05_rows_out_of_reach_answer_as_rows_that_are_not_there,
    crud_02_joins_show_no_more_than_their_table,
    crud_02_rules_find_no_more_than_whoever_asks_may_read,
    crud_02_a_closure_may_look_at_other_tables,
    crud_02_a_policy_that_does_not_fit_denies_and_says_why,
    crud_02_a_decision_is_explained,
}
