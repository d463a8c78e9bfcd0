//! Forms that are sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use frontdesk_data::{Db, Field, RowId, Table, Values};
use frontdesk_forms::{Desk, Form, FormSpec, Ledger};
use frontdesk_validate::IsNotEmpty;
use frontdesk_web::{Secret, Signer};
use http::StatusCode;

use crate::typing::Typing;
use crate::visitor::{PIXEL, Visitor};

struct Shop {
    db: Db,
    thing: Arc<Table>,
    visitor: Visitor,
}

impl Shop {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let thing = Table::new("thing")
            .field(Field::string("name").requires(IsNotEmpty::new()))
            .field(Field::text("note"))
            .field(Field::upload("file"))
            .create();
        let thing = db.define(thing).await.unwrap();
        Self { db, thing, visitor: Visitor::new() }
    }

    /// The same with each of the ledgers.
    async fn with_each_ledger() -> [Self; 3] {
        let (first, second, third) = (Self::open().await, Self::open().await, Self::open().await);
        let here = Ledger::database(&second.db);
        let elsewhere = Ledger::database(&Db::open("sqlite::memory:").await.unwrap());
        [first, second.remembering(here), third.remembering(elsewhere)]
    }

    fn remembering(mut self, ledger: Ledger) -> Self {
        self.visitor.desk = self.visitor.desk.clone().remember_submissions(ledger);
        self
    }

    fn create(&self) -> FormSpec {
        Form::for_table(&self.db, &self.thing)
    }

    async fn add(&self, name: &str) -> i64 {
        let id = self.db.insert(&self.thing, Values::new().with("name", name)).await.unwrap().unwrap();
        id.values()[0].as_int().unwrap()
    }

    async fn count(&self) -> u64 {
        self.db.set(&self.thing).count().await.unwrap()
    }

    async fn note(&self, id: i64) -> String {
        self.db.get(&self.thing, &RowId::from(id)).await.unwrap().unwrap()["note"].to_text().into_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn form_11_twenty_parallel_equal_posts_make_one_row() {
    for mut shop in Shop::with_each_ledger().await {
        let slow =
            shop.create().validation_async(|_| Box::pin(tokio::time::sleep(Duration::from_millis(20))));
        let typing = shop.visitor.get(&slow).await.typing().set("name", "Chair");
        let all = (0..20).map(|_| {
            let (slow, mut request) = (slow.clone(), shop.visitor.request_of(&typing));
            tokio::spawn(async move { slow.process(&mut request).await.unwrap() })
        });
        let forms = futures_util::future::join_all(all.collect::<Vec<_>>()).await;
        let forms: Vec<Form> = forms.into_iter().map(Result::unwrap).collect();
        assert!(forms.iter().all(Form::accepted), "{}", forms.iter().filter(|form| form.accepted()).count());
        assert_eq!(forms.iter().filter(|form| !form.repeated()).count(), 1);
        let ids: Vec<String> = forms.iter().map(|form| form.id().unwrap().to_string()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "twenty equal answers: {ids:?}");
        assert!(forms.iter().all(|form| form.status() == StatusCode::OK));
        assert_eq!(shop.count().await, 1);
    }
}

#[tokio::test]
async fn form_11_a_repeat_gets_the_first_answer_and_a_new_page_a_new_row() {
    for mut shop in Shop::with_each_ledger().await {
        let spec = shop.create();
        let page = shop.visitor.get(&spec).await;
        let typing = page.typing().set("name", "Chair").file("file", "a.png", PIXEL);
        let first = shop.visitor.post(&spec, &typing).await;
        let second = shop.visitor.post(&spec, &typing).await;
        assert!(first.form().accepted() && second.form().accepted() && second.form().repeated());
        assert!(!first.form().repeated());
        assert_eq!(first.form().id(), second.form().id());
        assert_eq!(first.form().vars().get("file"), second.form().vars().get("file"));
        assert_eq!((shop.count().await, shop.visitor.stored().len(), shop.visitor.quarantined()), (1, 1, 0));
        // The same values from a page that was drawn anew are meant.
        let typing = shop.visitor.get(&spec).await.typing().set("name", "Chair");
        assert!(!shop.visitor.post(&spec, &typing).await.form().repeated());
        assert_eq!(shop.count().await, 2);
    }
}

#[tokio::test]
async fn form_11_a_repeat_with_a_kept_file_gets_the_first_answer() {
    for mut shop in Shop::with_each_ledger().await {
        let spec = shop.create();
        let page = shop.visitor.get(&spec).await;
        let page = shop.visitor.post(&spec, &page.typing().file("file", "a.png", PIXEL)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let typing = page.typing().set("name", "Chair");
        let first = shop.visitor.post(&spec, &typing).await;
        assert!(first.form().accepted(), "{}", first.html);
        // The file is where it belongs by now, and no longer kept.
        let second = shop.visitor.post(&spec, &typing).await;
        assert!(second.form().accepted() && second.form().repeated(), "{}", second.html);
        assert_eq!(first.form().id(), second.form().id());
        assert_eq!((shop.count().await, shop.visitor.stored().len()), (1, 1));
    }
}

#[tokio::test]
async fn form_11_a_repeated_deletion_gets_the_first_answer() {
    for mut shop in Shop::with_each_ledger().await {
        let id = shop.add("Chair").await;
        let spec = shop.create().record(id);
        let other = shop.visitor.get(&spec).await.typing();
        let typing = shop.visitor.get(&spec).await.typing().set("_delete", "ON");
        assert!(shop.visitor.post(&spec, &typing).await.form().deleted());
        let again = shop.visitor.post(&spec, &typing).await;
        assert!(
            again.form().accepted() && again.form().deleted() && again.form().repeated(),
            "{}",
            again.html
        );
        let other = shop.visitor.post(&spec, &other).await;
        assert_eq!(other.status, StatusCode::GONE, "another form of it is told that it is gone");
    }
}

#[tokio::test]
async fn form_11_a_refused_submission_may_come_again() {
    for mut shop in Shop::with_each_ledger().await {
        let spec = shop.create();
        let typing = shop.visitor.get(&spec).await.typing();
        for _ in 0..3 {
            assert_eq!(shop.visitor.post(&spec, &typing).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let good = typing.set("name", "Chair");
        assert!(shop.visitor.post(&spec, &good).await.form().accepted(), "back and corrected");
        assert_eq!(shop.count().await, 1);
    }
}

#[tokio::test]
async fn form_11_a_page_from_before_a_refusal_is_the_same_form_as_the_one_after_it() {
    for mut shop in Shop::with_each_ledger().await {
        let spec = shop.create();
        let first = shop.visitor.get(&spec).await.typing();
        let refused = shop.visitor.post(&spec, &first).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shop.visitor.post(&spec, &refused.typing().set("name", "Chair")).await.form().accepted());
        // Back past the refusal, and sent from there.
        let again = shop.visitor.post(&spec, &first.clone().set("name", "Chair")).await;
        assert!(again.form().accepted() && again.form().repeated());
        let other = shop.visitor.post(&spec, &first.set("name", "Table")).await;
        assert_eq!((other.status, shop.count().await), (StatusCode::CONFLICT, 1));
    }
}

#[tokio::test]
async fn csrf_06_a_refused_form_is_signed_anew_where_its_age_or_its_key_counts() {
    let mut shop = Shop::open().await;
    let token = |typing: &Typing| typing.get("_formkey").unwrap().to_owned();
    for (spec, stays) in [(shop.create(), true), (shop.create().lifespan(Duration::from_secs(600)), false)] {
        let first = shop.visitor.get(&spec).await.typing();
        let refused = shop.visitor.post(&spec, &first).await.typing();
        assert_eq!(token(&first) == token(&refused), stays);
    }
    let (old, spec) = (Secret::random(), shop.create());
    shop.visitor.desk = Desk::new(old.clone());
    let first = shop.visitor.get(&spec).await.typing();
    shop.visitor.desk = Desk::with_signer(&Signer::new(Secret::random()).also_accept(old));
    let refused = shop.visitor.post(&spec, &first).await.typing();
    assert_ne!(token(&first), token(&refused), "the older secret is to be given up one day");
}

#[tokio::test]
async fn form_11_other_values_of_a_form_that_was_saved_are_no_repeat_and_no_loss() {
    for mut shop in Shop::with_each_ledger().await {
        let spec = shop.create();
        let typing = shop.visitor.get(&spec).await.typing().set("name", "Chair");
        assert!(shop.visitor.post(&spec, &typing).await.form().accepted());
        let page = shop.visitor.post(&spec, &typing.clone().set("name", "Table")).await;
        assert_eq!((page.status, shop.count().await), (StatusCode::CONFLICT, 1));
        assert_eq!(page.value_of("name").as_deref(), Some("Table"));
        assert_eq!(page.form().form_errors()[0].code(), "form_changed");
        assert!(
            shop.visitor.post(&spec, &page.typing()).await.form().accepted(),
            "said once more, it is meant"
        );
        assert_eq!(shop.count().await, 2);
    }
}

#[tokio::test]
async fn crud_07_lost_update_going_back_after_saving_does_not_overwrite_what_others_did_since() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let spec = shop.create().record(id);
    let typing = shop.visitor.get(&spec).await.typing().set("name", "Table");
    assert!(shop.visitor.post(&spec, &typing).await.form().accepted());
    shop.db.update(&shop.thing, &RowId::from(id), Values::new().with("note", "eve's")).await.unwrap();
    // Back, another change, and submitted again.
    let page = shop.visitor.post(&spec, &typing.clone().set("name", "Desk")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.value_of("name").as_deref(), Some("Desk"));
    assert_eq!(page.value_of("note").as_deref(), Some("eve's"));
    let page = shop.visitor.post(&spec, &page.typing().set("_take_name", "mine")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(shop.note(id).await, "eve's");
}

#[tokio::test]
async fn form_11_a_form_without_a_database_is_done_once() {
    let mut visitor = Visitor::new();
    let done = Arc::new(AtomicUsize::new(0));
    let spec = Form::for_fields("mail", [Field::string("text")]);
    let typing = visitor.get(&spec).await.typing().set("text", "Hello");
    for _ in 0..3 {
        let page = visitor.post(&spec, &typing).await;
        if page.form().accepted() && !page.form().repeated() {
            done.fetch_add(1, Ordering::Relaxed);
        }
        assert_eq!(page.status, StatusCode::OK);
    }
    assert_eq!(done.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn form_11_two_tabs_are_two_forms() {
    let mut shop = Shop::open().await;
    let spec = shop.create();
    let tabs = [shop.visitor.get(&spec).await, shop.visitor.get(&spec).await];
    for tab in tabs {
        let page = shop.visitor.post(&spec, &tab.typing().set("name", "Chair")).await;
        assert!(page.form().accepted() && !page.form().repeated());
    }
    assert_eq!(shop.count().await, 2);
}

#[tokio::test]
async fn form_11_a_repeat_writes_no_row_of_a_sub_form_again() {
    let mut shop = Shop::open().await;
    let part = Table::new("part")
        .field(Field::reference("thing_id", "thing").not_null())
        .field(Field::string("what"))
        .create();
    let part = shop.db.define(part).await.unwrap();
    let children = frontdesk_forms::Children::of(&shop.db, &part, "thing_id").unwrap();
    let spec = shop.create().children(children);
    let typing = shop.visitor.get(&spec).await.typing().set("name", "Chair").set("part[0].what", "leg");
    for round in 0..3 {
        let page = shop.visitor.post(&spec, &typing).await;
        assert!(page.form().accepted(), "{}", page.html);
        assert_eq!(page.form().repeated(), round > 0);
    }
    assert_eq!((shop.count().await, shop.db.set(&part).count().await.unwrap()), (1, 1));
    // Saved with another text from the same page: the row of the first time is shown beside the new one, not hidden.
    let id = shop.db.set(&shop.thing).rows().await.unwrap()[0].id().unwrap().clone();
    let edit = spec.clone().record(id);
    let typing: Typing = shop.visitor.get(&edit).await.typing().set("part[1].what", "seat");
    assert!(shop.visitor.post(&edit, &typing).await.form().accepted());
    let page = shop.visitor.post(&edit, &typing.set("part[1].what", "back")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    for what in ["leg", "seat", "back"] {
        assert!(page.html.contains(&format!("value=\"{what}\"")), "{what} {}", page.html);
    }
    assert_eq!(shop.db.set(&part).count().await.unwrap(), 2);
}
