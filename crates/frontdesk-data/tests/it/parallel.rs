//! Many at once: one wins, and the others are told.

use frontdesk_data::{Db, Guard, Guarded, Values};

use crate::support::{heroes, id, refusal};

const MANY: usize = 50;

async fn form_07_crud_07_of_fifty_inserts_of_one_value_one_is_done(db: Db) {
    let table = heroes(&db, &[]).await;
    let tasks: Vec<_> = (0..MANY)
        .map(|_| {
            let (db, table) = (db.clone(), table.clone());
            tokio::spawn(async move { db.insert(&table, Values::new().with("name", "Ada")).await })
        })
        .collect();
    let (mut done, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            other => {
                assert_eq!(refusal(other), [("name".to_owned(), "unique".to_owned())]);
                refused += 1;
            }
        }
    }
    assert_eq!((done, refused), (1, MANY - 1));
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

async fn lost_update_form_13_crud_13_of_fifty_guarded_updates_one_is_done(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let loaded = db.get(&table, &id(1)).await.unwrap().unwrap();
    let tasks: Vec<_> = (0..MANY as i64)
        .map(|number| {
            let (db, table) = (db.clone(), table.clone());
            let guard = Guard::of(&loaded, ["name", "age", "color"]);
            tokio::spawn(async move {
                db.update_if(&table, &id(1), Values::new().with("age", number), &guard).await
            })
        })
        .collect();
    let (mut done, mut changed) = (Vec::new(), 0);
    for (number, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap().unwrap() {
            Guarded::Done(of) => {
                assert_eq!(of, id(1));
                done.push(number as i64);
            }
            Guarded::Changed => changed += 1,
            Guarded::Gone => panic!("nobody deleted it"),
        }
    }
    assert_eq!((done.len(), changed), (1, MANY - 1));
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap()["age"], done[0].into());
}

async fn lost_update_of_fifty_guarded_deletes_one_is_done(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let guard = Guard::of(&db.get(&table, &id(1)).await.unwrap().unwrap(), ["name"]);
    let tasks: Vec<_> = (0..MANY)
        .map(|_| {
            let (db, table, guard) = (db.clone(), table.clone(), guard.clone());
            tokio::spawn(async move { db.delete_if(&table, &id(1), &guard).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Guarded::Done(_) => done += 1,
            Guarded::Gone => {}
            Guarded::Changed => panic!("nobody changed it"),
        }
    }
    assert_eq!(done, 1);
}

crate::support::on_each_database! {
    form_07_crud_07_of_fifty_inserts_of_one_value_one_is_done,
    lost_update_form_13_crud_13_of_fifty_guarded_updates_one_is_done,
    lost_update_of_fifty_guarded_deletes_one_is_done,
}
