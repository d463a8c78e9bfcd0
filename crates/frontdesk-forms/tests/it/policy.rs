//! Forms with a policy: what an actor may not read is not there, and what may not be written is not written.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use frontdesk_data::{
    Action, Actor, Db, Field, FieldType, IsNotInDb, Policy, Row, RowId, Table, TableRules, Values,
};
use frontdesk_forms::{Children, Form, FormError, FormSpec};
use http::{Method, StatusCode};

use crate::visitor::{Page, Visitor, encode, status};

const URLENCODED: &str = "application/x-www-form-urlencoded";

/// Shops with orders and their items: two tenants, 1 and 2.
struct Shops {
    visitor: Visitor,
    db: Db,
    order: Arc<Table>,
    item: Arc<Table>,
    policy: Policy,
}

fn clerk() -> Actor {
    Actor::user(1).attribute("tenant", 1)
}

fn actors() -> Vec<(&'static str, Actor)> {
    vec![
        ("public", Actor::anonymous()),
        ("user", clerk()),
        ("foreign", Actor::user(2).attribute("tenant", 2)),
        ("staff", Actor::staff(3)),
        ("admin", Actor::admin()),
    ]
}

impl Shops {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let customer = Table::new("customer")
            .field(Field::string("name"))
            .field(Field::string("phone"))
            .field(Field::integer("tenant"))
            .readable("{name} {phone}".parse().unwrap());
        let customer = db.define(customer.create()).await.unwrap();
        let order = Table::new("order")
            .field(Field::string("title").not_null())
            .field(Field::reference("customer", "customer"))
            .field(Field::integer("tenant"))
            .field(Field::integer("margin"))
            .field(Field::boolean("closed").default(false))
            .field(Field::new("paper", FieldType::Upload));
        let order = db.define(order.create()).await.unwrap();
        let item = Table::new("item")
            .field(Field::reference("order_id", "order").not_null())
            .field(Field::string("what"))
            .field(Field::integer("cost"));
        let item = db.define(item.create()).await.unwrap();
        for (name, tenant) in [("Ada", 1), ("Bob", 1), ("Eve", 2)] {
            let values = Values::new().with("name", name).with("phone", "555").with("tenant", tenant);
            db.insert(&customer, values).await.unwrap();
        }
        // Of the first tenant an open and a closed one, of the second an open one.
        for (title, customer, tenant, closed) in
            [("one", 1, 1, false), ("two", 2, 1, true), ("three", 3, 2, false)]
        {
            let values = Values::new().with("title", title).with("customer", customer).with("tenant", tenant);
            db.insert(&order, values.with("closed", closed).with("margin", 77)).await.unwrap();
        }
        for (order, what) in [(1, "apples"), (1, "pears"), (3, "plums")] {
            db.insert(&item, Values::new().with("order_id", order).with("what", what).with("cost", 9))
                .await
                .unwrap();
        }
        let own = "row.tenant == actor.tenant or actor is staff";
        let orders = TableRules::new()
            .everything("user")
            .rows(own)
            .unwrap()
            .rows_for(Action::Update, "row.closed == false")
            .unwrap()
            .rows_for(Action::Delete, "row.closed == false")
            .unwrap()
            .readable("margin", "staff")
            .writable("tenant", "staff");
        let customers = TableRules::new().read("user").rows(own).unwrap().readable("phone", "staff");
        let items = TableRules::new()
            .read("user")
            .create("user")
            .update("user")
            .delete("staff")
            .readable("cost", "staff");
        let policy = Policy::new()
            .attributes(["tenant"])
            .table("order", orders)
            .table("customer", customers)
            .table("item", items);
        policy.check(&db.tables()).unwrap();
        Self { visitor: Visitor::new(), db, order, item, policy }
    }

    fn spec(&self) -> FormSpec {
        Form::for_table(&self.db, &self.order)
    }

    fn of(&self, actor: &Actor) -> FormSpec {
        self.spec().policy(&self.policy, actor)
    }

    async fn row(&self, id: i64) -> Option<Row> {
        self.db.get(&self.order, &RowId::from(id)).await.unwrap()
    }

    async fn opened(&mut self, spec: &FormSpec) -> Result<Page, FormError> {
        let request = self.visitor.request(Method::GET, "/", "", Body::empty());
        self.visitor.send(spec, request).await
    }

    /// Submits pairs to a form, with the token of another.
    async fn post(
        &mut self,
        drawn: &FormSpec,
        to: &FormSpec,
        values: &[(&str, &str)],
    ) -> Result<Page, FormError> {
        let mut pairs = self.visitor.get(drawn).await.hidden();
        pairs.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request = self.visitor.request(Method::POST, "/", URLENCODED, encode(&pairs));
        self.visitor.send(to, request).await
    }
}

#[tokio::test]
async fn crud_02_roles_and_rows_of_each_form() {
    let mut shops = Shops::open().await;
    // Orders 1 (open), 2 (closed) and 3 (of the other tenant): r is shown, u can be changed.
    for ((name, actor), (expected, orders, creates)) in actors().into_iter().zip([
        ("public", "---", false),
        ("user", "ur-", true),
        ("foreign", "--u", true),
        ("staff", "uru", true),
        ("admin", "uuu", true),
    ]) {
        assert_eq!(name, expected);
        let created = shops.opened(&shops.of(&actor)).await;
        match creates {
            true => assert_eq!(created.unwrap().status, StatusCode::OK, "{name}"),
            false => assert_eq!(status(created.err().unwrap()), StatusCode::FORBIDDEN, "{name}"),
        }
        for (order, expected) in (1..).zip(orders.chars()) {
            let spec = shops.of(&actor).record(order);
            let page = shops.opened(&spec).await;
            let Ok(page) = page else {
                assert_eq!(
                    (expected, status(page.err().unwrap())),
                    ('-', StatusCode::NOT_FOUND),
                    "{name} {order}"
                );
                continue;
            };
            let can_edit = !page.select("input[name=title]").is_empty();
            assert_eq!(can_edit, expected == 'u', "{name} {order}\n{}", page.html);
            assert_eq!(page.select("[name=_delete]").len(), usize::from(can_edit), "{name} {order}");
            // The token of a form that may be submitted, for one that may not.
            let drawn = shops.spec().record(order);
            let before = shops.row(order).await;
            let page = shops.post(&drawn, &spec, &[("title", "new"), ("_delete", "ON")]).await.unwrap();
            if expected == 'r' {
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{name} {order}");
            }
            if name != "admin" && expected != 'u' {
                assert_eq!(shops.row(order).await, before, "{name} {order}");
            }
        }
        shops = Shops::open().await;
    }
}

#[tokio::test]
async fn crud_03_fields_are_those_of_the_role() {
    let mut shops = Shops::open().await;
    let page = shops.opened(&shops.of(&clerk()).record(1)).await.unwrap();
    // The token is random, and may say anything.
    let html = page.html.replace(&page.value_of("_formkey").unwrap(), "");
    assert!(!html.contains("margin") && !html.contains("77"), "{html}");
    assert!(page.select("[name=tenant]").is_empty(), "it is shown as text");
    assert_eq!(page.select("#order_tenant").len(), 1);
    assert!(!page.form().as_json().to_string().contains("margin"));
    assert!(page.form().record().unwrap().get("margin").is_none());
    let page = shops.opened(&shops.of(&Actor::staff(1)).record(1)).await.unwrap();
    assert_eq!(page.value_of("margin").as_deref(), Some("77"));

    // Whatever is sent by hand.
    let spec = shops.of(&clerk()).record(1);
    let everything = [("title", "new"), ("tenant", "2"), ("margin", "0"), ("id", "9")];
    let page = shops.visitor.submit(&spec, &everything).await;
    assert!(page.form().accepted(), "{}", page.html);
    let row = shops.row(1).await.unwrap();
    assert_eq!(
        (row["title"].as_str(), row["tenant"].as_int(), row["margin"].as_int()),
        (Some("new"), Some(1), Some(77))
    );
    // As JSON an unknown field is an error, and one that may not be written is unknown.
    let spec = shops.of(&Actor::user(2).attribute("tenant", 2)).record(3);
    let told = async |shops: &mut Shops, field: &str| {
        let page = shops.visitor.submit_json(&spec, serde_json::json!({ "title": "x", field: 1 })).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.form().form_errors()[0].text().replace(field, "…")
    };
    let unknown = told(&mut shops, "nothing").await;
    assert_eq!(told(&mut shops, "margin").await, unknown);
    assert_eq!(told(&mut shops, "tenant").await, unknown);
}

#[tokio::test]
async fn crud_02_a_new_record_is_one_that_its_maker_may_make() {
    let mut shops = Shops::open().await;
    let rules = TableRules::new().everything("user").rows("row.tenant == actor.tenant").unwrap();
    let policy = Policy::new().attributes(["tenant"]).table("order", rules.writable("tenant", "nobody"));
    let spec = shops.spec().policy(&policy, &clerk());
    let page = shops.visitor.submit(&spec, &[("title", "mine"), ("tenant", "2")]).await;
    assert!(page.form().accepted(), "{}", page.html);
    let id = page.form().id().unwrap().clone();
    let row = shops.db.get(&shops.order, &id).await.unwrap().unwrap();
    assert_eq!(row["tenant"].as_int(), Some(1));
    // Where the column may be written, another tenant is refused all the same, and nothing is there.
    let spec = shops.spec().policy(
        &Policy::new()
            .attributes(["tenant"])
            .table("order", TableRules::new().everything("user").rows("row.tenant == actor.tenant").unwrap()),
        &clerk(),
    );
    let page = shops.visitor.submit(&spec, &[("title", "theirs"), ("tenant", "2")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.alert().as_deref(), Some("You may not save a record with these values"));
    assert_eq!(page.value_of("title").as_deref(), Some("theirs"), "what was typed is kept");
    let page = shops.visitor.submit(&spec.record(1), &[("title", "gift"), ("tenant", "2")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shops.row(1).await.unwrap()["title"].as_str(), Some("one"));
    assert_eq!(shops.db.set(&shops.order).count().await.unwrap(), 4);
}

#[tokio::test]
async fn crud_05_records_out_of_reach_answer_as_those_that_are_not_there() {
    let mut shops = Shops::open().await;
    let mut answers = Vec::new();
    for id in [3, 99] {
        let spec = shops.of(&clerk()).record(id);
        let opened = shops.opened(&spec).await.err().unwrap();
        let response = axum::response::IntoResponse::into_response(opened);
        let mut told = vec![format!("{:?}", response.status())];
        told.push(format!("{:?}", to_bytes(response.into_body(), usize::MAX).await.unwrap()));
        // Submitted as if it had been open.
        let body =
            encode(&[("_formname".to_owned(), "order".to_owned()), ("title".to_owned(), "new".to_owned())]);
        let request = shops.visitor.request(Method::POST, "/", URLENCODED, body);
        let page = shops.visitor.send(&spec, request).await.unwrap();
        told.push(format!(
            "{} {}",
            page.status,
            page.html.replace(&page.attr("[name=_formkey]", "value").unwrap_or_default(), "…")
        ));
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);

    // Taken away while the form was open: it is gone, as one that was deleted is.
    let mut answers = Vec::new();
    for deleted in [false, true] {
        let mut shops = Shops::open().await;
        let spec = shops.of(&clerk()).record(1);
        let mut pairs = shops.visitor.get(&spec).await.hidden();
        pairs.push(("title".to_owned(), "new".to_owned()));
        match deleted {
            true => {
                shops.db.set(&shops.item).delete().await.unwrap();
                shops.db.delete(&shops.order, &1.into()).await.unwrap();
            }
            false => {
                _ = shops.db.update(&shops.order, &1.into(), Values::new().with("tenant", 2)).await.unwrap()
            }
        }
        let request = shops.visitor.request(Method::POST, "/", URLENCODED, encode(&pairs));
        let page = shops.visitor.send(&spec, request).await.unwrap();
        answers.push((page.status, page.alert()));
        assert_eq!(shops.row(1).await.is_some(), !deleted);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], (StatusCode::GONE, Some("This record was deleted in the meantime".to_owned())));
}

#[tokio::test]
async fn crud_02_references_offer_what_may_be_read() {
    let mut shops = Shops::open().await;
    let labels = |page: &Page| -> Vec<String> {
        page.select("select[name=customer] option").iter().map(|option| option.text().collect()).collect()
    };
    let page = shops.opened(&shops.of(&clerk())).await.unwrap();
    assert_eq!(labels(&page), ["", "Ada ", "Bob "]);
    let page = shops.opened(&shops.of(&Actor::staff(1))).await.unwrap();
    assert_eq!(labels(&page), ["", "Ada 555", "Bob 555", "Eve 555"]);
    // Somebody of the other tenant is nobody.
    let mut told = Vec::new();
    for customer in ["3", "99"] {
        let page = shops.visitor.submit(&shops.of(&clerk()), &[("title", "x"), ("customer", customer)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        told.push(page.error_of("customer"));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].as_deref(), Some("Value not in database"));
    // Without the rule the database's own answer is the same for both.
    let mut order = Table::clone(&shops.order);
    order.get_mut("customer").unwrap().requires = Some(frontdesk_validate::Rules::none());
    let free = Form::for_table(&shops.db, &Arc::new(order)).policy(&shops.policy, &clerk());
    let mut told = Vec::new();
    for customer in ["3", "99"] {
        let page = shops.visitor.submit(&free, &[("title", "x"), ("customer", customer)]).await;
        told.push((page.status, page.error_of("customer"), page.alert()));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(shops.db.set(&shops.order).count().await.unwrap(), 3);
    // What is there already stays, though it cannot be chosen.
    shops.db.update(&shops.order, &1.into(), Values::new().with("customer", 3)).await.unwrap();
    let page =
        shops.visitor.submit(&shops.of(&clerk()).record(1), &[("title", "new"), ("customer", "3")]).await;
    assert!(page.form().accepted(), "{}", page.html);
}

#[tokio::test]
async fn crud_04_searches_and_live_checks_ask_as_well() {
    let shops = Shops::open().await;
    let json = async |spec: &FormSpec, method: Method, uri: &str, body: String| {
        let kind = if method == Method::POST { URLENCODED } else { "" };
        let mut request = shops.visitor.request(method, uri, kind, body);
        let form = spec.process(&mut request).await.unwrap();
        let response = form.respond(form.to_string());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    };
    let mut order = Table::clone(&shops.order);
    let many = frontdesk_data::IsInDb::new(&shops.db, "customer").most_choices(1);
    order.get_mut("customer").unwrap().requires = Some(frontdesk_validate::Rules::one(many));
    let spec = Form::for_table(&shops.db, &Arc::new(order));
    let find = async |actor: &Actor, text: &str| {
        let spec = spec.clone().policy(&shops.policy, actor);
        json(&spec, Method::GET, &format!("/?_search=customer&q={text}"), String::new()).await
    };
    assert!(find(&clerk(), "a").await.contains("Ada"));
    for hidden in ["Eve", "3", "555"] {
        assert_eq!(find(&clerk(), hidden).await, r#"{"choices":[],"more":false}"#, "{hidden}");
    }
    assert!(find(&Actor::staff(1), "555").await.contains("Eve"));

    // A unique name of a row out of reach is not told before the database says so.
    let mut order = Table::clone(&shops.order);
    let title = order.get_mut("title").unwrap();
    title.unique = true;
    title.requires = Some(frontdesk_validate::Rules::one(IsNotInDb::new(&shops.db, "order.title")));
    let spec = Form::for_table(&shops.db, &Arc::new(order))
        .csrf_protection(false)
        .live_check("title")
        .live_check("margin");
    let check = async |actor: &Actor, field: &str, value: &str| {
        let spec = spec.clone().policy(&shops.policy, actor);
        let pairs = [("_formname", "order"), (field, value), ("_check", field)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        json(&spec, Method::POST, "/", encode(&pairs)).await
    };
    assert!(check(&clerk(), "title", "one").await.contains("\"ok\":false"));
    assert_eq!(check(&clerk(), "margin", "x").await, "");
    assert!(check(&Actor::staff(1), "margin", "x").await.contains("\"ok\":false"));
}

#[tokio::test]
async fn crud_02_rows_of_sub_forms_are_those_of_the_role() {
    let mut shops = Shops::open().await;
    let items = Children::of(&shops.db, &shops.item, "order_id").unwrap();
    let spec = shops.spec().children(items);
    let of = |actor: &Actor| spec.clone().policy(&shops.policy, actor);
    let (user, staff) = (of(&clerk()), of(&Actor::staff(1)));
    let nobody =
        spec.clone().policy(&Policy::new().table("order", TableRules::new().everything("user")), &clerk());
    let page = shops.visitor.get(&user.clone().record(1)).await;
    assert_eq!(page.value_of("item[0].what").as_deref(), Some("apples"));
    assert!(page.select("[name=\"item[0].cost\"]").is_empty() && !page.html.contains("cost"));
    assert!(page.select("[name=\"item[0]._delete\"]").is_empty(), "only staff deletes items");
    let page = shops.visitor.get(&staff.record(1)).await;
    assert_eq!(page.value_of("item[0].cost").as_deref(), Some("9"));
    let page = shops.visitor.get(&nobody.record(1)).await;
    assert!(!page.html.contains("item"), "{}", page.html);

    let values = [
        ("title", "one"),
        ("item[0].what", "figs"),
        ("item[0].cost", "0"),
        ("item[1].what", "pears"),
        ("item[1]._delete", "ON"),
        ("item[2].what", "nuts"),
    ];
    let page = shops.visitor.submit(&user.clone().record(1), &values).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "a row that stays was to go");
    let page = shops
        .visitor
        .submit(&user.clone().record(1), &[values[0], values[1], values[2], values[3], values[5]])
        .await;
    assert!(page.form().accepted(), "{}", page.html);
    let rows = shops.db.set(&shops.item).order_by("id").rows().await.unwrap();
    let what: Vec<_> = rows.iter().map(|row| (row["what"].as_str().unwrap(), row["cost"].as_int())).collect();
    assert_eq!(what, [("figs", Some(9)), ("pears", Some(9)), ("plums", Some(9)), ("nuts", None)]);

    // Where no item may be added none is, whatever is sent.
    let look = TableRules::new().read("user");
    let policy = Policy::new().table("order", TableRules::new().everything("user")).table("item", look);
    let spec = spec.policy(&policy, &clerk()).record(1);
    let page = shops.visitor.get(&spec).await;
    assert!(
        page.select("[value=\"add:item\"]").is_empty()
            && page.select("input[name=\"item[0].what\"]").is_empty()
    );
    let page =
        shops.visitor.submit(&spec, &[("title", "one"), ("item[0].what", "x"), ("item[7].what", "y")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shops.db.set(&shops.item).count().await.unwrap(), 4);
}

#[tokio::test]
async fn crud_02_the_application_itself_may_set_what_the_actor_may_not() {
    let mut shops = Shops::open().await;
    let spec = shops.of(&clerk()).validation(|form| form.set("margin", 5));
    let page = shops.visitor.submit(&spec.clone().record(1), &[("title", "new")]).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(shops.row(1).await.unwrap()["margin"].as_int(), Some(5));
    // Not whose row it is.
    let spec = spec.validation(|form| form.set("tenant", 2));
    let page = shops.visitor.submit(&spec.record(1), &[("title", "newer")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shops.row(1).await.unwrap()["tenant"].as_int(), Some(1));
}

#[tokio::test]
async fn crud_02_a_record_that_was_read_before_is_asked_for_again() {
    let mut shops = Shops::open().await;
    let row = shops.row(3).await.unwrap();
    let opened = shops.opened(&shops.of(&clerk()).record_row(row)).await;
    assert_eq!(status(opened.err().unwrap()), StatusCode::NOT_FOUND);
    let row = shops.row(1).await.unwrap();
    let page = shops.opened(&shops.of(&clerk()).record_row(row)).await.unwrap();
    assert!(page.form().record().unwrap().get("margin").is_none());
}

#[tokio::test]
async fn crud_02_files_that_the_actor_does_not_see_go_with_their_record() {
    let mut shops = Shops::open().await;
    let staff = shops.of(&Actor::staff(1));
    let page = shops
        .visitor
        .upload(&staff, &[("title", "x"), ("tenant", "1")], &[("paper", "a.txt", b"text")])
        .await;
    let id = page.form().id().unwrap().clone();
    assert_eq!(shops.visitor.stored().len(), 1);
    let rules = TableRules::new().everything("user").readable("paper", "staff");
    let policy = Policy::new().table("order", rules);
    let spec = shops.spec().policy(&policy, &clerk()).record(id);
    let page = shops.visitor.get(&spec).await;
    assert!(!page.html.contains("paper"), "{}", page.html);
    let page = shops.visitor.submit(&spec, &[("title", "x"), ("_delete", "ON")]).await;
    assert!(page.form().deleted(), "{}", page.html);
    assert!(shops.visitor.stored().is_empty());
}
