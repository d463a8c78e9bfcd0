use std::time::Duration;

use frontdesk_data::{Db, DbOptions};
use frontdesk_web::{Clock, Secret, Signer};
use futures_util::future::join_all;
use totp_rs::{Builder, Secret as TotpSecret};

use super::fixture::user;
use super::{
    AuthenticatorProvider, FernetProvider, LoginAttempt, MfaProvider, PlainTextProvider, Registration,
};
use crate::{AuthError, User};

struct Setting {
    db: Db,
    provider: AuthenticatorProvider,
    clock: Clock,
    ada: User,
}

fn clock() -> Clock {
    Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap())
}

async fn setting() -> Setting {
    setting_in(Db::open("sqlite::memory:").await.unwrap())
}

fn setting_in(db: Db) -> Setting {
    let clock = clock();
    let provider = AuthenticatorProvider::new(&db, &Signer::new(Secret::random())).clock(clock.clone());
    Setting { db, provider, clock, ada: user(1, "ada") }
}

impl Setting {
    /// The app's code, so many steps from now.
    fn code(&self, registration: &Registration, steps: i64) -> String {
        let secret = TotpSecret::try_from_base32(registration.secret.as_ref().unwrap()).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate((self.clock.now().as_second() + 30 * steps) as u64).to_string()
    }

    async fn begin(&self) -> Registration {
        self.provider.begin_registration(&self.ada).await.unwrap().unwrap()
    }

    /// Sets the app up; the time of the code that this took is over.
    async fn enrol(&self) -> Registration {
        let registration = self.begin().await;
        assert!(self.provider.confirm_registration(&self.ada, &self.code(&registration, 0)).await.unwrap());
        self.clock.advance(Duration::from_secs(60));
        registration
    }

    async fn is_right(&self, code: &str) -> bool {
        let attempt = LoginAttempt::new("a");
        self.provider.authenticate_user(&self.ada, code, &attempt).await.unwrap()
    }

    async fn is_enrolled(&self) -> bool {
        self.provider.is_user_enrolled(&self.ada).await.unwrap()
    }
}

#[tokio::test]
async fn mfa_01_the_app_counts_after_the_first_right_code() {
    let setting = setting().await;
    assert!(!setting.is_enrolled().await);
    let abandoned = setting.begin().await;
    assert!(!setting.is_enrolled().await);
    assert!(!setting.is_right(&setting.code(&abandoned, 0)).await);
    assert!(!setting.is_right(&abandoned.recovery_codes[0]).await);

    let registration = setting.begin().await;
    assert_ne!(registration.secret, abandoned.secret);
    for wrong in [
        "",
        &setting.code(&registration, 4),
        "000000x",
        "12345",
        "1234567",
        "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
    ] {
        assert!(!setting.provider.confirm_registration(&setting.ada, wrong).await.unwrap());
        setting.clock.advance(Duration::from_secs(300));
    }
    assert!(
        !setting.provider.confirm_registration(&setting.ada, &setting.code(&abandoned, 0)).await.unwrap()
    );
    assert!(!setting.is_enrolled().await);
    setting.clock.advance(Duration::from_secs(900));
    let code = setting.code(&registration, 0);
    assert!(
        setting
            .provider
            .confirm_registration(&setting.ada, &format!(" {} {} ", &code[..3], &code[3..]))
            .await
            .unwrap()
    );
    assert!(setting.is_enrolled().await);
    assert!(!setting.provider.confirm_registration(&setting.ada, &code).await.unwrap());
    assert!(!setting.is_right(&code).await, "the first code is spent");
    assert_eq!(setting.provider.begin_registration(&setting.ada).await.unwrap(), None, "enrolled already");
}

#[tokio::test]
async fn mfa_01_setting_up_takes_an_hour_at_most() {
    let setting = setting().await;
    let registration = setting.begin().await;
    setting.clock.advance(Duration::from_secs(3600));
    assert!(
        !setting.provider.confirm_registration(&setting.ada, &setting.code(&registration, 0)).await.unwrap()
    );
}

#[tokio::test]
async fn mfa_01_what_is_stored_is_encrypted() {
    let setting = setting().await;
    let registration = setting.enrol().await;
    let secret = registration.secret.clone().unwrap();
    assert_eq!(secret.len(), 32);
    let mut dump = String::new();
    for table in ["frontdesk_authenticators", "frontdesk_recovery_codes"] {
        dump += &format!("{:?}", setting.db.query(format!("SELECT * FROM {table}"), []).await.unwrap());
    }
    assert!(dump.contains("sealed-"), "{dump}");
    assert!(!dump.contains(&secret));
    for code in &registration.recovery_codes {
        assert!(!dump.contains(&**code) && !dump.contains(&code.replace('-', "")));
    }
    assert_eq!(format!("{registration:?}"), "Registration(..)");
}

#[tokio::test]
async fn mfa_01_the_app_is_told_what_it_needs() {
    let setting = setting().await;
    let provider = setting.provider.clone().issuer_name("Ada: & Söhne");
    let registration = provider.begin_registration(&setting.ada).await.unwrap().unwrap();
    let secret = registration.secret.unwrap();
    let issuer = "Ada%20%20%26%20S%C3%B6hne";
    let uri = format!("otpauth://totp/{issuer}:ada%40example.com?secret={secret}&issuer={issuer}");
    assert_eq!(registration.otpauth_uri.unwrap(), uri);
    assert!(registration.qrcode_image.unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn mfa_02_each_code_is_accepted_once_and_one_step_around() {
    let setting = setting().await;
    let registration = setting.enrol().await;
    for (steps, right) in [(-2, false), (2, false), (-1, true), (0, true), (1, true)] {
        assert_eq!(setting.is_right(&setting.code(&registration, steps)).await, right, "{steps}");
        assert!(!setting.is_right(&setting.code(&registration, steps)).await, "{steps}");
    }
    assert!(!setting.is_right(&setting.code(&registration, 0)).await, "an older one than the last");
    setting.clock.advance(Duration::from_secs(30));
    assert!(!setting.is_right(&setting.code(&registration, 0)).await, "used when it was the next");
    let exact = setting.provider.clone().valid_window(0);
    let attempt = LoginAttempt::new("a");
    let next = setting.code(&registration, 1);
    assert!(!exact.authenticate_user(&setting.ada, &next, &attempt).await.unwrap());
    setting.clock.advance(Duration::from_secs(30));
    assert!(exact.authenticate_user(&setting.ada, &next, &attempt).await.unwrap());
}

async fn of_fifty(setting: &Setting, code: &str) -> usize {
    let tries = (0..50).map(|_| {
        let (provider, ada, code) = (setting.provider.clone(), setting.ada.clone(), code.to_owned());
        tokio::spawn(async move {
            provider.authenticate_user(&ada, &code, &LoginAttempt::new("a")).await.is_ok_and(|right| right)
        })
    });
    join_all(tries).await.into_iter().filter(|right| *right.as_ref().unwrap()).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mfa_02_of_fifty_at_once_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("shop.db").display());
    let db = Db::open_with(&url, DbOptions::new().create_if_missing(true)).await.unwrap();
    let setting = setting_in(db);
    let registration = setting.enrol().await;
    assert_eq!(of_fifty(&setting, &setting.code(&registration, 0)).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mfa_02_of_fifty_at_once_one_succeeds_on_postgresql() {
    let Ok(url) = std::env::var("FRONTDESK_TEST_POSTGRES") else { return };
    let setting = setting_in(Db::open(&url).await.unwrap());
    setting.provider.delete_registration(&setting.ada).await.unwrap();
    let registration = setting.enrol().await;
    assert_eq!(of_fifty(&setting, &setting.code(&registration, 0)).await, 1);
    // Those who came after the right one count as tries again, and make the next wait.
    setting.clock.advance(Duration::from_hours(24));
    assert_eq!(of_fifty(&setting, &registration.recovery_codes[0]).await, 1);
    setting.provider.delete_registration(&setting.ada).await.unwrap();
}

#[tokio::test]
async fn mfa_03_a_recovery_code_is_good_once() {
    let setting = setting().await;
    let registration = setting.enrol().await;
    assert_eq!(registration.recovery_codes.len(), 10);
    assert_eq!(setting.provider.recovery_codes_left(&setting.ada).await.unwrap(), Some(10));
    let code = &registration.recovery_codes[3];
    assert!(setting.is_right(&code.to_uppercase().replace('-', " ")).await);
    assert!(!setting.is_right(code).await);
    assert_eq!(setting.provider.recovery_codes_left(&setting.ada).await.unwrap(), Some(9));
    assert!(!setting.is_right("aaaaaa-aaaaaa").await);
    let bob = user(2, "bob");
    let other = &registration.recovery_codes[4];
    assert!(!setting.provider.authenticate_user(&bob, other, &LoginAttempt::new("a")).await.unwrap());
    assert!(setting.is_right(other).await);
}

#[tokio::test]
async fn mfa_03_a_new_set_voids_the_old_one() {
    let setting = setting().await;
    assert_eq!(setting.provider.new_recovery_codes(&setting.ada).await.unwrap(), None);
    let old = setting.enrol().await.recovery_codes;
    let new = setting.provider.new_recovery_codes(&setting.ada).await.unwrap().unwrap();
    assert_eq!(new.len(), 10);
    assert!(!setting.is_right(&old[0]).await);
    assert!(setting.is_right(&new[0]).await);
    assert_eq!(setting.provider.recovery_codes_left(&setting.ada).await.unwrap(), Some(9));
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let setting = setting().await;
    let registration = setting.enrol().await;
    setting.provider.delete_registration(&setting.ada).await.unwrap();
    assert!(!setting.is_enrolled().await);
    assert!(!setting.is_right(&setting.code(&registration, 0)).await);
    assert!(!setting.is_right(&registration.recovery_codes[0]).await);
    for table in ["frontdesk_authenticators", "frontdesk_recovery_codes"] {
        assert!(setting.db.query(format!("SELECT * FROM {table}"), []).await.unwrap().is_empty());
    }
    setting.enrol().await;
}

#[tokio::test]
async fn secrets_move_to_another_provider_and_key() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let (old, new) = (Secret::random(), Secret::random());
    let clock = clock();
    let signed_by = |signer: &Signer| AuthenticatorProvider::new(&db, signer).clock(clock.clone());
    let setting = Setting {
        provider: signed_by(&Signer::new(old.clone())).encryption_provider(PlainTextProvider),
        db: db.clone(),
        clock: clock.clone(),
        ada: user(1, "ada"),
    };
    let registration = setting.enrol().await;
    let is_right = async |provider: &AuthenticatorProvider| {
        clock.advance(Duration::from_secs(60));
        provider
            .authenticate_user(&setting.ada, &setting.code(&registration, 0), &LoginAttempt::new("a"))
            .await
    };
    let fernet = || FernetProvider::new("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
    let moved = signed_by(&Signer::new(new.clone()))
        .encryption_provider(PlainTextProvider)
        .encryption_provider(fernet());
    assert!(is_right(&moved).await.unwrap());
    let alone = signed_by(&Signer::new(new.clone())).encryption_provider(fernet());
    assert!(matches!(is_right(&alone).await, Err(AuthError::Setup(_))));
    assert_eq!(moved.encrypt_anew().await.unwrap(), 1);
    assert!(is_right(&alone).await.unwrap());

    let sealed = signed_by(&Signer::new(old.clone()));
    assert!(matches!(sealed.encrypt_anew().await, Err(AuthError::Setup(_))));
    let row = "UPDATE frontdesk_authenticators SET secret = ?";
    let stored = super::EncryptionProvider::encrypt(
        &super::SealerProvider::new(&Signer::new(old.clone())),
        registration.secret.as_ref().unwrap(),
        "1",
    );
    db.execute(row, [stored.into()]).await.unwrap();
    let both = signed_by(&Signer::new(new.clone()).also_accept(old));
    assert_eq!(both.encrypt_anew().await.unwrap(), 1);
    assert!(is_right(&signed_by(&Signer::new(new))).await.unwrap(), "the old secret is not needed any more");
}

#[tokio::test]
async fn mfa_02_tries_are_limited_for_each_account() {
    let setting = setting().await;
    let registration = setting.enrol().await;
    for wrong in ["000000", "aaaaaa-aaaaaa", "1", "", "x"] {
        assert!(!setting.is_right(wrong).await);
    }
    let attempt = LoginAttempt::new("b");
    let right = setting.code(&registration, 0);
    let refused = setting.provider.authenticate_user(&setting.ada, &right, &attempt).await.unwrap_err();
    assert!(matches!(refused, AuthError::TooManyTries { .. }), "whichever login it is for");
    assert_eq!(refused.status(), 429);
    setting.clock.advance(Duration::from_secs(30));
    assert!(setting.is_right(&setting.code(&registration, 0)).await);
    assert!(!setting.is_right("000000").await, "and five are free again");
}
