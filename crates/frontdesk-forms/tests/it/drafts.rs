//! Drafts: only their owner opens them, what is at rest is encrypted, and they end.

use std::time::Duration;

use frontdesk_data::Db;
use frontdesk_forms::{DraftError, DraftOwner, Drafts};
use frontdesk_web::{Secret, Signer};

const SOON: Duration = Duration::from_millis(20);

async fn both() -> [Drafts; 2] {
    [Drafts::memory(), Drafts::database(&Db::open("sqlite::memory:").await.unwrap())]
}

async fn save(drafts: &Drafts, owner: &DraftOwner, form: &str, record: &str, text: &str) {
    drafts.save(owner, form, record, [("name", text)]).await.unwrap();
}

async fn text(drafts: &Drafts, owner: &DraftOwner, form: &str, record: &str) -> Option<String> {
    let draft = drafts.load(owner, form, record).await.unwrap()?;
    Some(draft.into_entries().remove(0).1)
}

fn owner(id: &str) -> DraftOwner {
    DraftOwner::user(id)
}

#[tokio::test]
async fn a_draft_is_found_by_its_owner_form_and_record_alone() {
    for drafts in both().await {
        save(&drafts, &owner("7"), "thing", "1", "Ada").await;
        assert_eq!(text(&drafts, &owner("7"), "thing", "1").await.as_deref(), Some("Ada"));
        for (who, form, record) in
            [("8", "thing", "1"), ("7", "other", "1"), ("7", "thing", ""), ("7", "thing1", "")]
        {
            assert_eq!(text(&drafts, &owner(who), form, record).await, None, "{who} {form} {record}");
        }
        save(&drafts, &owner("7"), "thing", "1", "Ada L").await;
        assert_eq!(text(&drafts, &owner("7"), "thing", "1").await.as_deref(), Some("Ada L"));
        assert!(drafts.discard(&owner("7"), "thing", "1").await.unwrap());
        assert!(!drafts.discard(&owner("7"), "thing", "1").await.unwrap());
        assert_eq!(text(&drafts, &owner("7"), "thing", "1").await, None);
    }
}

#[tokio::test]
async fn every_entry_comes_back_as_it_was_typed() {
    for drafts in both().await {
        let entries =
            [("tags", "a"), ("tags", "b"), ("note", "line\r\n\"é\u{0}😀"), ("rows[0].x", ""), ("", "x")];
        drafts.save(&owner("7"), "thing", "", entries).await.unwrap();
        let draft = drafts.load(&owner("7"), "thing", "").await.unwrap().unwrap();
        let back: Vec<_> =
            draft.entries().iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(back, entries);
        let shown = format!("{draft:?} {drafts:?}");
        assert!(!shown.contains("line") && !shown.contains("note"), "{shown}");
    }
}

#[tokio::test]
async fn what_is_at_rest_shows_neither_text_nor_owner_nor_form_and_an_altered_draft_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    std::fs::write(&path, "").unwrap();
    let db = Db::open(&format!("sqlite://{}", path.display())).await.unwrap();
    let drafts = Drafts::database(&db);
    drafts
        .save(&owner("ownername"), "formname", "recordname", [("fieldname", "typedtext"), ("other", "")])
        .await
        .unwrap();
    save(&drafts, &owner("eve"), "formname", "recordname", "hers").await;

    let mut everything = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        everything.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let everything = String::from_utf8_lossy(&everything);
    assert!(everything.contains("frontdesk_drafts"), "the dump is of the right files");
    for word in ["ownername", "formname", "recordname", "fieldname", "typedtext"] {
        assert!(!everything.contains(word), "{word}");
    }

    // Another one's sealed text in this place, and a changed byte.
    let swap = "UPDATE frontdesk_drafts SET sealed = (SELECT max(sealed) FROM frontdesk_drafts)";
    let rows = db.query("SELECT place, sealed FROM frontdesk_drafts", []).await.unwrap();
    db.execute(swap, []).await.unwrap();
    let left = [
        text(&drafts, &owner("ownername"), "formname", "recordname").await,
        text(&drafts, &owner("eve"), "formname", "recordname").await,
    ];
    assert_eq!(left.iter().flatten().count(), 1, "each opens in its own place alone");
    for row in &rows {
        let mut sealed = row["sealed"].as_str().unwrap().to_owned();
        let other = if &sealed[40..41] == "A" { "Q" } else { "A" };
        sealed.replace_range(40..41, other);
        db.execute(
            "UPDATE frontdesk_drafts SET sealed = ? WHERE place = ?",
            [sealed.into(), row["place"].clone()],
        )
        .await
        .unwrap();
    }
    assert_eq!(text(&drafts, &owner("eve"), "formname", "recordname").await, None);
    assert_eq!(text(&drafts, &owner("ownername"), "formname", "recordname").await, None);
}

#[tokio::test]
async fn an_older_secret_still_opens_and_a_lost_one_does_not() {
    for drafts in both().await {
        let (old, new) = (Secret::random(), Secret::random());
        let before = drafts.clone().signer(&Signer::new(old.clone()));
        let rotated = drafts.clone().signer(&Signer::new(new.clone()).also_accept(old));
        let after = drafts.clone().signer(&Signer::new(new));
        save(&before, &owner("7"), "thing", "", "first").await;
        assert_eq!(text(&rotated, &owner("7"), "thing", "").await.as_deref(), Some("first"));
        assert_eq!(text(&after, &owner("7"), "thing", "").await, None);

        save(&rotated, &owner("7"), "thing", "", "second").await;
        assert_eq!(text(&after, &owner("7"), "thing", "").await.as_deref(), Some("second"));
        assert_eq!(text(&before, &owner("7"), "thing", "").await, None, "the older one is gone");
        save(&before, &owner("7"), "other", "", "third").await;
        assert_eq!(rotated.erase(&owner("7")).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn drafts_expire_and_are_swept() {
    for drafts in both().await {
        let drafts = drafts.keep_for(SOON);
        save(&drafts, &owner("7"), "thing", "", "Ada").await;
        tokio::time::sleep(2 * SOON).await;
        assert_eq!(text(&drafts, &owner("7"), "thing", "").await, None);
        assert_eq!(drafts.sweep().await.unwrap(), 1);
        assert_eq!(drafts.sweep().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn an_owner_has_so_many_and_the_oldest_goes_first() {
    for drafts in both().await {
        let drafts = drafts.per_owner(3);
        save(&drafts, &owner("8"), "thing", "", "theirs").await;
        for record in ["1", "2", "3", "1", "4"] {
            save(&drafts, &owner("7"), "thing", record, record).await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(text(&drafts, &owner("7"), "thing", "2").await, None);
        for record in ["3", "1", "4"] {
            assert_eq!(text(&drafts, &owner("7"), "thing", record).await.as_deref(), Some(record));
        }
        assert_eq!(text(&drafts, &owner("8"), "thing", "").await.as_deref(), Some("theirs"));
        assert_eq!(drafts.erase(&owner("7")).await.unwrap(), 3);
        assert_eq!(text(&drafts, &owner("8"), "thing", "").await.as_deref(), Some("theirs"));
    }
}

#[tokio::test]
async fn what_does_not_belong_into_a_draft_is_refused() {
    for drafts in both().await {
        let drafts = drafts.largest(10);
        save(&drafts, &owner("7"), "thing", "", "123456").await;
        let large = drafts.save(&owner("7"), "thing", "", [("name", "1234567")]).await;
        assert!(matches!(large, Err(DraftError::TooLarge(10))));
        let own = drafts.save(&owner("7"), "thing", "", [("_formkey", "x")]).await;
        assert!(matches!(own, Err(DraftError::Reserved)));
        assert_eq!(text(&drafts, &owner("7"), "thing", "").await.as_deref(), Some("123456"));
    }
}

#[tokio::test]
async fn a_visitor_who_signs_in_keeps_what_was_typed() {
    for drafts in both().await {
        let (visitor, _) = DraftOwner::new_visitor(&http::HeaderMap::new(), SOON);
        save(&drafts, &owner("7"), "thing", "1", "older").await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        save(&drafts, &visitor, "thing", "1", "newer").await;
        save(&drafts, &visitor, "thing", "2", "older").await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        save(&drafts, &owner("7"), "thing", "2", "newer").await;
        assert_eq!(drafts.hand_over(&visitor, &owner("7")).await.unwrap(), 2);
        assert_eq!(text(&drafts, &owner("7"), "thing", "1").await.as_deref(), Some("newer"));
        assert_eq!(text(&drafts, &owner("7"), "thing", "2").await.as_deref(), Some("newer"));
        assert_eq!(text(&drafts, &visitor, "thing", "1").await, None);
        assert_eq!(drafts.hand_over(&owner("7"), &owner("7")).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn many_owners_together_cannot_fill_the_store() {
    for drafts in both().await {
        let drafts = drafts.capacity(3, 1_000_000);
        for id in 0..9 {
            save(&drafts, &owner(&id.to_string()), "thing", "", "x").await;
            // Which of two is older is told by the millisecond.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for id in 0..9 {
            let kept = text(&drafts, &owner(&id.to_string()), "thing", "").await;
            assert_eq!(kept.is_some(), id >= 6, "{drafts:?}: {id}");
        }
        let drafts = drafts.capacity(100, 20_000);
        let long = "x".repeat(7_000);
        for id in 10..16 {
            save(&drafts, &owner(&id.to_string()), "thing", "", &long).await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for id in 0..16 {
            let kept = text(&drafts, &owner(&id.to_string()), "thing", "").await;
            assert_eq!(kept.is_some(), id >= 14, "{drafts:?}: {id}");
        }
    }
}
