//! What holds of every policy: filters mean the same everywhere, and what is hidden changes no answer.

use frontdesk_data::{
    Action, Actor, Asker, Db, Field, Policy, Row, RowFilter, Table, TableRules, Value, Values,
};
use frontdesk_validate::civil;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::policy::{House, ada};
use crate::support::{id, on_each_database};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Filters over a table of every type that can be compared, which fit it.
fn filter() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("-1"), Just("0"), Just("1"), Just("2.5"), Just("'1'")];
    let text = prop_oneof![Just("'a'"), Just("'b'"), Just("''"), Just("\"A\""), Just("'ä'")];
    // In which order texts are is the database's own to say.
    let equal = || prop_oneof![Just("=="), Just("!=")];
    let op = || prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let whole = prop_oneof![
        Just("-1"),
        Just("0"),
        Just("1"),
        Just("actor.number"),
        Just("actor.none"),
        Just("actor.text"),
        Just("row.other")
    ];
    let leaf = prop_oneof![
        (op(), whole).prop_map(|(op, value)| format!("row.number {op} {value}")),
        (op(), number).prop_map(|(op, value)| format!("{value} {op} row.real")),
        (equal(), text).prop_map(|(op, value)| format!("row.text {op} {value}")),
        (
            equal(),
            prop_oneof![Just("actor.text"), Just("actor.number"), Just("actor.none"), Just("actor.list")]
        )
            .prop_map(|(op, value)| format!("row.text {op} {value}")),
        prop_oneof![Just("true"), Just("false"), Just("actor.flag")]
            .prop_map(|value| format!("row.flag == {value}")),
        (op(), Just("'2024-02-29'")).prop_map(|(op, value)| format!("row.day {op} {value}")),
        prop_oneof![
            Just("row.number in [1, 0]"),
            Just("row.number not in [1]"),
            Just("row.number in []"),
            Just("row.number in actor.list"),
            Just("row.number not in actor.list"),
            Just("row.text in actor.list"),
            Just("row.number in actor.none"),
            Just("row.number not in actor.empty"),
            Just("row.number in actor.number"),
            Just("row.text is null"),
            Just("row.number is not null"),
            Just("row.flag == null"),
            Just("row.day != null"),
            Just("actor.number == 1"),
            Just("actor.none == 1"),
            Just("actor.text in ['a', 'b']"),
            Just("actor is staff"),
            Just("actor is not user"),
            Just("true"),
            Just("false"),
        ]
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("({})", parts.join(") and ("))),
            prop::collection::vec(inner, 1..4).prop_map(|parts| format!("({})", parts.join(") or ("))),
        ]
    })
}

on_each_database![crud_02_a_filter_means_the_same_in_sql_and_in_memory];

async fn crud_02_a_filter_means_the_same_in_sql_and_in_memory(db: Db) {
    let table = Table::new("t")
        .field(Field::integer("number"))
        .field(Field::integer("other"))
        .field(Field::double("real"))
        .field(Field::string("text"))
        .field(Field::boolean("flag"))
        .field(Field::date("day"));
    let table = db.define(table.create()).await.unwrap();
    for at in 0..60_i64 {
        let null = |value: Value, of: i64| if at % of == 0 { Value::Null } else { value };
        let values = Values::new()
            .with("number", null((at % 3 - 1).into(), 7))
            .with("other", null((at % 2).into(), 5))
            .with("real", null([0.0, 2.5, -1.0, 1.0][at as usize % 4].into(), 9))
            .with("text", null(["a", "b", "", "A", "ä", "1"][at as usize % 6].into(), 8))
            .with("flag", null((at % 2 == 0).into(), 11))
            .with("day", null(civil::date(2024, 2, 27 + (at % 3) as i8).into(), 6));
        db.insert(&table, values).await.unwrap();
    }
    let all = db.set(&table).order_by("id").rows().await.unwrap();
    let list = Value::List(vec![Value::Int(1), "a".into(), "0".into()]);
    let mut runner = TestRunner::deterministic();
    let (filters, kinds) = (filter(), any::<(u8, bool)>());
    for _ in 0..400 {
        let source = filters.new_tree(&mut runner).unwrap().current();
        let (kind, lacks) = kinds.new_tree(&mut runner).unwrap().current();
        let actors = [Actor::anonymous(), Actor::user(1), Actor::staff(1), Actor::user("x")];
        let mut actor = actors[usize::from(kind) % 4].clone();
        if !lacks {
            actor = actor
                .attribute("number", 1)
                .attribute("text", "a")
                .attribute("flag", true)
                .attribute("list", list.clone())
                .attribute("empty", Value::List(vec![]));
        }
        let rules = TableRules::new().read("public").rows(&source).unwrap();
        let names = ["number", "text", "flag", "list", "empty", "none"];
        let policy = Policy::new().attributes(names).table("t", rules);
        policy.check(std::slice::from_ref(&table)).unwrap();
        let filter: RowFilter = source.parse().unwrap();
        let reached = |row: &&Row| filter.matches(&table, |name| row.get(name).cloned(), &actor);
        let expected: Vec<_> = all.iter().filter(reached).filter_map(|row| row.id().cloned()).collect();
        let found = policy.access(&actor, &table).set(&db).order_by("id").rows().await.unwrap();
        let found: Vec<_> = found.iter().filter_map(|row| row.id().cloned()).collect();
        assert_eq!(
            found,
            expected,
            "{source} for {actor:?}, who has {}attributes",
            if lacks { "no " } else { "" }
        );
    }
}

proptest! {
    #[test]
    fn crud_02_an_attribute_that_is_missing_lets_nobody_in(op in "==|!=|<|>|in|not in", depth in 0..4_usize) {
        let table = Table::new("t").field(Field::integer("a"));
        let source = (0..depth).fold(format!("row.a {op} actor.none"), |inner, _| format!("not ({inner})"));
        let filter: RowFilter = source.parse().unwrap();
        for value in [Value::Null, Value::Int(0), Value::Int(1)] {
            prop_assert!(!filter.matches(&table, |_| Some(value.clone()), &Actor::user(1)));
        }
    }
}

/// What Ada is answered to a number of questions.
async fn answers(house: &House, questions: &[(u8, u8, u8)]) -> Vec<String> {
    let mut told = Vec::new();
    let asker = Asker::new(&house.policy, &ada());
    for (table, column, shape) in questions {
        let full = [&house.note, &house.person, &house.vault][usize::from(table % 3)];
        let access = asker.access(full);
        let columns = [
            "id",
            "title",
            "owner",
            "public",
            "rank",
            "name",
            "tenant",
            "email",
            "owner.name",
            "owner.email",
            "secret",
        ];
        let column = columns[usize::from(*column) % columns.len()];
        let mut set = access.set(&house.db);
        if column.contains('.') {
            set = set.join("owner");
        }
        let own = set.col(column);
        let set = match shape % 9 {
            0 => set.order_by(column),
            1 => set.order_by_desc(column).limit(2),
            2 => set.filter(own.gt(5)),
            3 => set.filter(own.contains("a")),
            4 => set.search("a"),
            5 => set.group_by([column]),
            6 => set.columns([column]).distinct(),
            7 => set.order_by(column).after(&id(1)),
            _ => set.filter(own.is_null()),
        };
        told.push(format!("{:?}", set.rows().await));
        told.push(format!("{:?}", set.count().await));
        told.push(format!("{:?}", access.get(&house.db, &id(i64::from(*shape % 6))).await));
        let owner = house.note.get("owner").unwrap().rules();
        told.push(format!("{:?}", asker.clone().ask(owner.options().wait()).await));
        told.push(format!("{:?}", asker.clone().ask(owner.search().unwrap().search("e", 5)).await));
        told.push(format!("{:?}", access.update(&house.db, &id(4), Values::new().with("title", "t")).await));
        told.push(format!(
            "{:?}",
            access.explain(&house.db, Action::Read, None).await.map(|why| why.to_string())
        ));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn crud_04_changing_what_an_actor_may_not_read_changes_no_answer(
        questions in prop::collection::vec(any::<(u8, u8, u8)>(), 1..12),
        ranks in prop::collection::vec(-100..100_i64, 4),
        name in "[a-e]{0,4}",
        extra in 0..3_i64,
    ) {
        block_on(async {
            let open = async || House::new(Db::open("sqlite::memory:").await.unwrap()).await;
            let (before, after) = (open().await, open().await);
            let db = &after.db;
            // Columns that she may not read, of her own rows and of others'.
            for (at, rank) in (1..).zip(&ranks) {
                db.update(&after.note, &id(at), Values::new().with("rank", *rank).with("code", "y")).await.unwrap();
            }
            for at in 1..=3 {
                let email = format!("{name}{at}@changed.example");
                db.update(&after.person, &id(at), Values::new().with("email", email)).await.unwrap();
            }
            // Rows that she may not read.
            let eve = Values::new().with("name", name.as_str()).with("tenant", 5);
            db.update(&after.person, &id(3), eve).await.unwrap();
            db.update(&after.note, &id(4), Values::new().with("title", name.as_str())).await.unwrap();
            db.delete(&after.note, &id(3)).await.unwrap();
            for _ in 0..extra {
                db.insert(&after.note, Values::new().with("title", name.as_str()).with("owner", 3).with("public", false)).await.unwrap();
                db.insert(&after.vault, Values::new().with("secret", name.as_str())).await.unwrap();
            }
            assert_eq!(answers(&before, &questions).await, answers(&after, &questions).await);
        });
    }
}
