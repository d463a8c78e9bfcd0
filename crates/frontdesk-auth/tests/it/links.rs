//! One-time links are good for one thing.

use std::time::Duration;

use frontdesk_auth::{LinkPurpose, Links, NewLink, UserId};
use frontdesk_data::Db;
use frontdesk_web::{Clock, Secret, Signer};

use crate::site::{NEW_PASSWORD, Site};
use crate::support::on_each_database;

#[tokio::test]
async fn auth_09_only_the_diagonal_of_purposes_and_endpoints_passes() {
    let site = Site::new().await;
    let ada = site.user("ada").await;
    let address = ada.email.as_deref().unwrap();
    for (path, own) in [
        ("/password-reset/", LinkPurpose::Reset),
        ("/confirm-email/", LinkPurpose::Confirm),
        ("/account/email/", LinkPurpose::ChangeEmail),
    ] {
        for purpose in LinkPurpose::ALL {
            // A change of address is sent to the new one, and holds the old.
            let link = match purpose {
                LinkPurpose::ChangeEmail => NewLink::new(purpose, Duration::from_secs(60))
                    .user(&ada.id)
                    .address("lovelace@example.com")
                    .data(address),
                _ => NewLink::new(purpose, Duration::from_secs(60)).user(&ada.id).address(address),
            };
            let token = site.auth.links().create(link).await.unwrap();
            let fields =
                [("token", &*token), ("new_password", NEW_PASSWORD), ("confirm_new_password", NEW_PASSWORD)];
            let answer = site.browser().json(path, &fields).await;
            let expected = if purpose == own { 200 } else { 422 };
            assert_eq!(answer.status.as_u16(), expected, "{purpose:?} at {path}: {}", answer.body);
            site.auth.users().set_email(&ada.id, Some(address), None).await.unwrap();
        }
    }
}

#[tokio::test]
async fn auth_09_a_link_is_bound_to_its_user_and_address() {
    let site = Site::new().await;
    let bob = site.add("bob").await;
    for address in ["ada@example.com", ""] {
        let link = NewLink::new(LinkPurpose::Reset, Duration::from_secs(60)).user(&bob.id).address(address);
        let token = site.auth.links().create(link).await.unwrap();
        let fields =
            [("token", &*token), ("new_password", NEW_PASSWORD), ("confirm_new_password", NEW_PASSWORD)];
        assert_eq!(site.browser().json("/password-reset/", &fields).await.status, 422, "{address:?}");
    }
    for token in ["", "x", &"A".repeat(43), &"é".repeat(5000)] {
        for purpose in LinkPurpose::ALL {
            assert_eq!(site.auth.links().claim(purpose, token).await.unwrap(), None);
        }
    }
}

async fn auth_08_of_many_who_claim_a_link_at_once_one_gets_it(db: Db) {
    let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
    let signer = Signer::new(Secret::random());
    let links = Links::new(&db, &signer, clock.clone());
    let user = UserId::from(7);
    let link =
        || NewLink::new(LinkPurpose::Invite, Duration::from_secs(60)).user(&user).address("a@example.com");
    let token = links.create(link()).await.unwrap();
    assert_eq!(links.look(LinkPurpose::Invite, &token).await.unwrap().unwrap().user_id, "7");
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (links, token) = (links.clone(), token.clone());
            tokio::spawn(async move { links.claim(LinkPurpose::Invite, &token).await.unwrap().is_some() })
        })
        .collect();
    let mut got = 0;
    for task in tasks {
        got += usize::from(task.await.unwrap());
    }
    assert_eq!(got, 1);

    // Voided, too old, of another site; and what is stored is no link.
    let token = links.create(link()).await.unwrap();
    let rows = db.query("SELECT * FROM frontdesk_links", []).await.unwrap();
    assert!(rows.len() == 2 && !format!("{rows:?}").contains(&token));
    let stranger = Links::new(&db, &Signer::new(Secret::random()), clock.clone());
    assert!(stranger.claim(LinkPurpose::Invite, &token).await.unwrap().is_none());
    links.void(&user, LinkPurpose::Reset).await.unwrap();
    assert!(links.look(LinkPurpose::Invite, &token).await.unwrap().is_some());
    links.void_all(&user).await.unwrap();
    assert!(links.claim(LinkPurpose::Invite, &token).await.unwrap().is_none());
    let token = links.create(link()).await.unwrap();
    clock.advance(Duration::from_secs(60));
    assert!(links.claim(LinkPurpose::Invite, &token).await.unwrap().is_none());
}

async fn a_link_outlives_a_change_of_the_secret(db: Db) {
    let (old, new) = (Secret::random(), Secret::random());
    let link = NewLink::new(LinkPurpose::Confirm, Duration::from_secs(60));
    let token = Links::new(&db, &Signer::new(old.clone()), Clock::system()).create(link).await.unwrap();
    let both = Links::new(&db, &Signer::new(new).also_accept(old), Clock::system());
    assert!(both.claim(LinkPurpose::Confirm, &token).await.unwrap().is_some());
}

on_each_database! {
    auth_08_of_many_who_claim_a_link_at_once_one_gets_it,
    a_link_outlives_a_change_of_the_secret,
}
