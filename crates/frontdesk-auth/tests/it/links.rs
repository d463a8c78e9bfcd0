//! One-time links are good for one thing.

use std::time::Duration;

use frontdesk_auth::{LinkPurpose, NewLink};

use crate::site::{NEW_PASSWORD, Site};

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
