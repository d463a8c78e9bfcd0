//! One drawn form is written once: claims, outcomes, parallel submissions, replicas, restarts and crashes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use frontdesk_data::{Db, Field, Table, Values};
use frontdesk_forms::{Claim, Ledger, Outcome, SettleError, Taken, Ticket, submission_digest};

const WAIT: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_millis(20);
const ID: [u8; 16] = [7; 16];

async fn db() -> Db {
    Db::open("sqlite::memory:").await.unwrap()
}

fn digest(text: &str) -> [u8; 32] {
    submission_digest([text])
}

async fn claim(ledger: &Ledger, text: &str) -> Claim {
    ledger.claim(ID, digest(text), SOON).await.unwrap()
}

async fn mine(ledger: &Ledger, text: &str) -> Ticket {
    match claim(ledger, text).await {
        Claim::Mine(ticket) => ticket,
        Claim::Taken(taken) => panic!("{taken:?}"),
    }
}

async fn taken(ledger: &Ledger, text: &str) -> Taken {
    match claim(ledger, text).await {
        Claim::Taken(taken) => taken,
        Claim::Mine(_) => panic!("nobody has it"),
    }
}

fn data(taken: &Taken) -> (&'static str, &str) {
    match taken {
        Taken::Repeat(outcome) => ("repeat", outcome.data()),
        Taken::Changed(outcome) => ("changed", outcome.data()),
        Taken::Busy => ("busy", ""),
        Taken::Unknown => ("unknown", ""),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn form_11_of_twenty_parallel_equal_submissions_one_is_written_and_all_get_its_answer() {
    for ledger in [Ledger::memory(), Ledger::database(&db().await)] {
        let written = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (ledger, written) = (ledger.clone(), Arc::clone(&written));
                tokio::spawn(async move {
                    match ledger.claim(ID, digest("a"), WAIT).await.unwrap() {
                        Claim::Mine(ticket) => {
                            ticket.hold().await.unwrap();
                            tokio::time::sleep(SOON).await;
                            let row = written.fetch_add(1, Ordering::SeqCst);
                            ticket.settle(Outcome::new(format!("row {row}"))).await.unwrap();
                            format!("row {row}")
                        }
                        Claim::Taken(Taken::Repeat(outcome)) => outcome.data().to_owned(),
                        Claim::Taken(other) => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), "row 0");
        }
        assert_eq!(written.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn form_11_a_refused_submission_gives_the_next_one_its_turn() {
    for ledger in [Ledger::memory(), Ledger::database(&db().await)] {
        let first = mine(&ledger, "a").await;
        let second = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.claim(ID, digest("b"), WAIT).await.unwrap() }
        });
        tokio::time::sleep(SOON).await;
        assert!(!second.is_finished(), "it waits");
        drop(first);
        let Claim::Mine(second) = second.await.unwrap() else { panic!("it has its turn") };
        second.hold().await.unwrap();
        second.release().await.unwrap();
        mine(&ledger, "c").await.settle(Outcome::new("done")).await.unwrap();
        assert_eq!(data(&taken(&ledger, "c").await), ("repeat", "done"));
    }
}

#[tokio::test]
async fn form_11_other_values_from_the_same_page_are_told_from_a_repeat() {
    for ledger in [Ledger::memory(), Ledger::database(&db().await)] {
        let first = mine(&ledger, "a").await;
        let waiting = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.claim(ID, digest("b"), WAIT).await.unwrap() }
        });
        tokio::time::sleep(SOON).await;
        first.settle(Outcome::new("done")).await.unwrap();
        let Claim::Taken(changed) = waiting.await.unwrap() else { panic!("it came second") };
        assert_eq!(data(&changed), ("changed", "done"));
        assert_eq!(data(&taken(&ledger, "b").await), ("changed", "done"));
        assert_eq!(data(&taken(&ledger, "a").await), ("repeat", "done"));

        let other = ledger.claim([8; 16], digest("a"), SOON).await.unwrap();
        assert!(matches!(other, Claim::Mine(_)), "a new page is a new submission");
    }
}

#[tokio::test]
async fn form_11_who_waits_too_long_is_told_so() {
    for ledger in [Ledger::memory(), Ledger::database(&db().await)] {
        let ticket = mine(&ledger, "a").await;
        assert_eq!(taken(&ledger, "a").await, Taken::Busy);
        drop(ticket);
    }
}

#[tokio::test]
async fn form_11_a_database_remembers_over_a_restart_and_across_replicas() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.db"), "").unwrap();
    let url = format!("sqlite://{}", folder.path().join("shop.db").display());
    let outcome = Outcome::new("row 3");
    let db = Db::open(&url).await.unwrap();
    mine(&Ledger::database(&db), "a").await.settle(outcome.clone()).await.unwrap();
    db.close().await;

    let ledger = Ledger::database(&Db::open(&url).await.unwrap());
    let Taken::Repeat(again) = taken(&ledger, "a").await else { panic!("it is remembered") };
    assert_eq!(again.data(), "row 3");
    assert_eq!(again.at().as_millisecond(), outcome.at().as_millisecond());
}

#[tokio::test(flavor = "multi_thread")]
async fn form_11_of_two_replicas_exactly_one_writes_the_row() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.db"), "").unwrap();
    let url = format!("sqlite://{}", folder.path().join("shop.db").display());
    let hero = || Table::new("hero").field(Field::string("name")).create();
    let mut replicas = Vec::new();
    for _ in 0..2 {
        let db = Db::open(&url).await.unwrap();
        let table = db.define(hero()).await.unwrap();
        replicas.push((Ledger::database(&db), db, table));
    }
    // Both have claimed before either writes.
    for round in 0..10_u8 {
        let id = [round; 16];
        let mut claims = Vec::new();
        for (ledger, db, table) in replicas.clone() {
            assert!(ledger.is_in(&db));
            let Claim::Mine(ticket) = ledger.claim(id, digest("a"), SOON).await.unwrap() else {
                panic!("nothing is written yet")
            };
            claims.push((ticket, db, table));
        }
        let mut tasks = Vec::new();
        for (mut ticket, db, table) in claims {
            tasks.push(tokio::spawn(async move {
                let transaction = db.begin().await.unwrap();
                let row =
                    transaction.insert(&table, Values::new().with("name", "Ada")).await.unwrap().unwrap();
                let outcome = Outcome::new(row.to_string());
                match ticket.settle_in(&transaction, &outcome).await {
                    Ok(()) => {
                        transaction.commit().await.unwrap();
                        ticket.settle(outcome.clone()).await.unwrap();
                        (1, outcome.data().to_owned())
                    }
                    Err(SettleError::Taken(Taken::Repeat(outcome))) => {
                        transaction.rollback().await.unwrap();
                        (0, outcome.data().to_owned())
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }));
        }
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert_eq!(answers.iter().map(|answer| answer.0).sum::<i32>(), 1, "{answers:?}");
        assert_eq!(answers[0].1, answers[1].1);
        for (ledger, ..) in &replicas {
            let Claim::Taken(Taken::Repeat(outcome)) = ledger.claim(id, digest("a"), SOON).await.unwrap()
            else {
                panic!("it is settled")
            };
            assert_eq!(outcome.data(), answers[0].1);
        }
    }
    let (_, db, table) = &replicas[0];
    assert_eq!(db.set(table).count().await.unwrap(), 10);
}

#[tokio::test]
async fn form_11_the_outcome_is_there_exactly_when_the_row_is() {
    let db = db().await;
    let ledger = Ledger::database(&db);
    let table = db.define(Table::new("hero").field(Field::string("name")).create()).await.unwrap();

    // The process ends before the commit: nothing is there, and a repeat is processed.
    let mut ticket = mine(&ledger, "a").await;
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, Values::new().with("name", "Ada")).await.unwrap();
    ticket.settle_in(&transaction, &Outcome::new("row 1")).await.unwrap();
    drop((transaction, ticket));

    // It ends right after: both are there, though nobody said `settle`.
    let mut ticket = mine(&ledger, "a").await;
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, Values::new().with("name", "Ada")).await.unwrap();
    ticket.settle_in(&transaction, &Outcome::new("row 1")).await.unwrap();
    transaction.commit().await.unwrap();
    drop(ticket);
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
    assert_eq!(data(&taken(&ledger, "a").await), ("repeat", "row 1"));
}

#[tokio::test]
async fn form_11_a_crash_between_two_databases_is_told_and_nothing_is_written_twice() {
    let db = db().await;
    let first = Ledger::database(&db);
    let ticket = mine(&first, "a").await;
    ticket.hold().await.unwrap();

    // Another process sees that somebody works on it, and later that nobody does any more.
    let second = Ledger::database(&db);
    assert_eq!(taken(&second, "a").await, Taken::Busy);
    drop((ticket, first));
    let second = second.lease(Duration::ZERO);
    assert_eq!(taken(&second, "a").await, Taken::Unknown);

    let memory = Ledger::memory();
    let ticket = mine(&memory, "a").await;
    ticket.hold().await.unwrap();
    drop(ticket);
    assert_eq!(taken(&memory, "a").await, Taken::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_11_a_replica_waits_for_one_that_holds_the_claim() {
    let db = db().await;
    let (first, second) = (Ledger::database(&db), Ledger::database(&db));
    let ticket = mine(&first, "a").await;
    // It claimed as well, before the first one held it.
    let late = mine(&second, "a").await;
    ticket.hold().await.unwrap();
    assert!(matches!(late.hold().await, Err(SettleError::Taken(Taken::Busy))));
    drop(late);
    let waiting = tokio::spawn(async move { second.claim(ID, digest("a"), WAIT).await.unwrap() });
    tokio::time::sleep(SOON).await;
    ticket.settle(Outcome::new("done")).await.unwrap();
    let Claim::Taken(repeat) = waiting.await.unwrap() else { panic!("the first one has it") };
    assert_eq!(data(&repeat), ("repeat", "done"));
}

#[tokio::test]
async fn form_11_outcomes_expire_and_are_swept() {
    let db = db().await;
    for ledger in [Ledger::memory(), Ledger::database(&db)] {
        let ledger = ledger.keep_for(SOON);
        mine(&ledger, "a").await.settle(Outcome::new("first")).await.unwrap();
        tokio::time::sleep(2 * SOON).await;
        // What is too old is no obstacle, swept or not.
        mine(&ledger, "b").await.settle(Outcome::new("second")).await.unwrap();
        tokio::time::sleep(2 * SOON).await;
        assert_eq!(ledger.sweep().await.unwrap(), 1);
        assert_eq!(ledger.sweep().await.unwrap(), 0);
    }
    let left = db.query("SELECT count(*) AS n FROM frontdesk_submissions", []).await.unwrap();
    assert_eq!(left[0]["n"].as_int(), Some(0));
}

#[tokio::test]
async fn form_11_memory_forgets_the_oldest_when_it_is_full() {
    let ledger = Ledger::memory().capacity(10);
    for number in 0..=10 {
        let Claim::Mine(ticket) = ledger.claim([number; 16], digest("a"), SOON).await.unwrap() else {
            panic!("each is new")
        };
        ticket.settle(Outcome::new("x")).await.unwrap();
    }
    assert!(matches!(ledger.claim([0; 16], digest("a"), SOON).await.unwrap(), Claim::Mine(_)));
    assert!(matches!(ledger.claim([10; 16], digest("a"), SOON).await.unwrap(), Claim::Taken(_)));
}

#[tokio::test]
async fn debug_output_hides_the_outcome() {
    let ledger = Ledger::memory();
    mine(&ledger, "a").await.settle(Outcome::new("hush")).await.unwrap();
    let shown = format!("{:?} {ledger:?}", taken(&ledger, "a").await);
    assert!(!shown.contains("hush"), "{shown}");
}
