//! Which passwords are taken, wherever one is set.

use axum::Router;
use frontdesk_auth::{
    ChangePassword, PasswordPolicy, PasswordReset, Register, change_password, password_reset, register,
};

use crate::site::{PASSWORD, Site};

const LISTED: &str = include_str!("../../src/password/common.txt");

#[tokio::test]
async fn auth_04_passwords_that_are_guessed_first_are_refused_on_every_path() {
    let mut site = Site::new().await;
    site.auth = site.auth.clone().passwords(PasswordPolicy::new().min_length(8));
    let reset = PasswordReset::new(&site.auth).unwrap();
    site.app = Router::new()
        .nest("/join/", register(Register::new(&site.auth)))
        .nest("/change/", change_password(ChangePassword::new(&site.auth)))
        .nest("/reset/", password_reset(reset))
        .merge(site.app);
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    browser.json("/reset/", &[("email", "ada@example.com")]).await;
    let token = site.mailed_token().await;
    let words: Vec<&str> = LISTED.lines().filter(|word| word.len() >= 8).take(20).collect();
    assert_eq!(words.len(), 20);
    let refused =
        (422, "This password is one of those that are guessed first. Choose another one.".to_owned());
    for word in words {
        let join = [
            ("username", "bob"),
            ("email", "bob@example.com"),
            ("password", word),
            ("confirm_password", word),
        ];
        assert_eq!(browser.form("/join/", &join).await.said(), refused, "{word}");
        let change = [("current_password", PASSWORD), ("new_password", word), ("confirm_new_password", word)];
        assert_eq!(browser.form("/change/", &change).await.said(), refused, "{word}");
        let reset = [("token", &*token), ("new_password", word), ("confirm_new_password", word)];
        assert_eq!(browser.form("/reset/", &reset).await.said(), refused, "{word}");
    }
    let own =
        [("current_password", PASSWORD), ("new_password", "ada@example.com"), ("confirm_new_password", "x")];
    assert!(browser.form("/change/", &own).await.detail().contains("made of your name"));
}

#[tokio::test]
async fn auth_03_a_long_passphrase_of_small_letters_is_taken() {
    let site = Site::new().await;
    let phrase = "lamps drift over quiet harbours and nobody minds";
    let fields = [
        ("username", "bob"),
        ("email", "bob@example.com"),
        ("password", phrase),
        ("confirm_password", phrase),
    ];
    assert_eq!(site.browser().form("/register/", &fields).await.status, 303);
    site.browser().sign_in("bob", phrase).await;
}
