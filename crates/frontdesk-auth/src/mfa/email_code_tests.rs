use std::time::Duration;

use frontdesk_data::Db;
use frontdesk_web::{Clock, Secret, Signer};
use futures_util::future::join_all;

use super::fixture::user;
use super::{EmailCodeProvider, LoginAttempt, MfaProvider};
use crate::{AuthError, Mailer, Outbox, User};

struct Setting {
    db: Db,
    provider: EmailCodeProvider,
    mailer: Mailer,
    outbox: Outbox,
    clock: Clock,
    ada: User,
}

async fn setting() -> Setting {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
    let (mailer, outbox) = Mailer::outbox();
    let signer = Signer::new(Secret::random());
    let provider = EmailCodeProvider::new(&db, &signer, &mailer).clock(clock.clone()).site_name("Shop");
    let setting = Setting { db, provider, mailer, outbox, clock, ada: user(1, "ada") };
    let registration = setting.provider.begin_registration(&setting.ada).await.unwrap().unwrap();
    assert_eq!(registration.sent_to.as_deref(), Some("ada@example.com"));
    assert!(!setting.provider.is_user_enrolled(&setting.ada).await.unwrap());
    let code = setting.last_code().await;
    assert!(setting.provider.confirm_registration(&setting.ada, &code).await.unwrap());
    assert!(setting.provider.is_user_enrolled(&setting.ada).await.unwrap());
    setting.clock.advance(Duration::from_secs(7200));
    setting
}

impl Setting {
    async fn last_code(&self) -> String {
        self.mailer.flush().await;
        let mail = self.outbox.mails().pop().unwrap();
        assert_eq!(mail.to, "ada@example.com");
        assert!(
            !mail.subject.chars().any(|letter| letter.is_ascii_digit()),
            "the subject is on a locked screen"
        );
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|digit| digit.is_ascii_digit());
        mail.text.split_whitespace().find(is_code).unwrap_or_else(|| panic!("{}", mail.text)).to_owned()
    }

    async fn send(&self, attempt: &str) -> bool {
        self.provider.send_code(&self.ada, &LoginAttempt::new(attempt)).await.unwrap()
    }

    async fn is_right(&self, code: &str, attempt: &str) -> bool {
        self.provider.authenticate_user(&self.ada, code, &LoginAttempt::new(attempt)).await.unwrap()
    }
}

#[tokio::test]
async fn mfa_04_a_code_is_good_once_and_for_its_own_login() {
    let setting = setting().await;
    assert!(setting.send("a").await);
    let code = setting.last_code().await;
    assert!(setting.send("b").await);
    let other = setting.last_code().await;
    assert!(!setting.is_right(&code, "b").await || code == other);
    assert!(!setting.is_right(&code, "c").await);
    let eve = user(2, "eve");
    assert!(!setting.provider.authenticate_user(&eve, &code, &LoginAttempt::new("a")).await.unwrap());
    assert!(setting.is_right(&format!(" {} {}", &code[..3], &code[3..]), "a").await);
    assert!(!setting.is_right(&code, "a").await);
}

#[tokio::test]
async fn mfa_04_of_fifty_at_once_one_succeeds() {
    let setting = setting().await;
    assert!(setting.send("a").await);
    let code = setting.last_code().await;
    let attempt = LoginAttempt::new("a");
    let all =
        join_all((0..50).map(|_| setting.provider.authenticate_user(&setting.ada, &code, &attempt))).await;
    assert_eq!(all.iter().filter(|right| matches!(right, Ok(true))).count(), 1);
}

#[tokio::test]
async fn mfa_04_a_code_is_good_for_ten_minutes() {
    let setting = setting().await;
    assert!(setting.send("a").await);
    let code = setting.last_code().await;
    setting.clock.advance(Duration::from_secs(599));
    assert!(setting.is_right(&code, "a").await);
    assert!(setting.send("b").await);
    let code = setting.last_code().await;
    setting.clock.advance(Duration::from_secs(600));
    assert!(!setting.is_right(&code, "b").await);
}

#[tokio::test]
async fn mfa_04_tries_and_mails_are_limited() {
    let setting = setting().await;
    assert!(setting.send("a").await);
    let code = setting.last_code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert!(!setting.is_right(wrong, "a").await);
    }
    let refused = setting.provider.authenticate_user(&setting.ada, &code, &LoginAttempt::new("a")).await;
    assert!(matches!(refused, Err(AuthError::TooManyTries { .. })), "{refused:?}");
    setting.clock.advance(Duration::from_secs(120));
    assert!(!setting.is_right(&code, "a").await, "this code is void");

    for login in ["b", "c", "d", "e"] {
        assert!(setting.send(login).await);
    }
    assert!(!setting.send("f").await, "five an hour");
    assert!(setting.send("e").await, "that one is on its way");
    setting.mailer.flush().await;
    assert_eq!(setting.outbox.mails().len(), 1 + 5);
    setting.clock.advance(Duration::from_secs(3600));
    assert!(setting.send("f").await);
}

#[tokio::test]
async fn mfa_04_what_is_stored_is_hashed() {
    let setting = setting().await;
    assert!(setting.send("half-open session").await);
    let code = setting.last_code().await;
    let dump = format!("{:?}", setting.db.query("SELECT * FROM frontdesk_mail_codes", []).await.unwrap());
    assert!(!dump.contains(&format!("\"{code}\"")) && !dump.contains("half-open session"), "{dump}");
}

#[tokio::test]
async fn mfa_04_codes_are_evenly_spread() {
    let mut counts = [[0_u32; 10]; 6];
    for _ in 0..20_000 {
        for (place, digit) in super::email_code::new_code().bytes().enumerate() {
            counts[place][usize::from(digit - b'0')] += 1;
        }
    }
    // 2,000 of each, give or take six standard deviations.
    assert!(counts.iter().flatten().all(|count| (1745..2255).contains(count)), "{counts:?}");
}

#[tokio::test]
async fn what_is_switched_off_sends_nothing() {
    let setting = setting().await;
    assert!(setting.send("a").await);
    let code = setting.last_code().await;
    setting.provider.delete_registration(&setting.ada).await.unwrap();
    assert!(!setting.is_right(&code, "a").await);
    assert!(!setting.send("b").await);
    let nobody = User { email: None, ..user(3, "bob") };
    assert_eq!(setting.provider.begin_registration(&nobody).await.unwrap(), None);
}
