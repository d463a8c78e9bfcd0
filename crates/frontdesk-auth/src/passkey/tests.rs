use std::time::Duration;

use frontdesk_data::Db;
use frontdesk_web::{Clock, Secret, Signer};

use super::soft_key::SoftKey;
use super::{PasskeyError, Passkeys};
use crate::mfa::LoginAttempt;
use crate::mfa::fixture::user;
use crate::{MfaProvider, User, UserId};

const SITE: &str = "shop.example.com";

struct Setting {
    passkeys: Passkeys,
    clock: Clock,
    ada: User,
    eve: User,
}

async fn setting() -> Setting {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
    let origin = format!("https://{SITE}").parse().unwrap();
    let passkeys =
        Passkeys::new(&db, &Signer::new(Secret::random()), SITE, &origin).unwrap().clock(clock.clone());
    Setting { passkeys, clock, ada: user(1, "ada"), eve: user(2, "eve") }
}

impl Setting {
    async fn register(&self, user: &User, key: &mut SoftKey) -> super::Passkey {
        self.clock.advance(Duration::from_secs(1));
        let challenge = self.passkeys.begin_registration(user, "s").await.unwrap();
        self.passkeys.finish_registration(user, "s", &key.register(&challenge), " Phone ").await.unwrap()
    }

    async fn login(&self, key: &SoftKey) -> Result<UserId, PasskeyError> {
        let answer = key.sign(&self.passkeys.begin_login().unwrap());
        self.passkeys.finish_login(&answer).await.map(|proof| proof.user_id().clone())
    }
}

fn is_refused<T: std::fmt::Debug>(result: Result<T, PasskeyError>) {
    assert!(matches!(result, Err(PasskeyError::Refused(_))), "{result:?}");
}

#[tokio::test]
async fn mfa_08_a_passkey_signs_its_user_in() {
    let setting = setting().await;
    let mut key = SoftKey::new(SITE, 1);
    let passkey = setting.register(&setting.ada, &mut key).await;
    assert_eq!((&*passkey.name, passkey.last_used, passkey.is_backed_up), ("Phone", None, false));
    assert_eq!(setting.login(&key).await.unwrap(), UserId::from(1));
    let used = &setting.passkeys.list(&setting.ada).await.unwrap()[0];
    assert_eq!(used.last_used, Some(setting.clock.now()));
    assert!(setting.passkeys.list(&setting.eve).await.unwrap().is_empty());
}

#[tokio::test]
async fn mfa_08_the_options_ask_for_what_a_sole_login_needs() {
    let setting = setting().await;
    let options = setting.passkeys.begin_registration(&setting.ada, "s").await.unwrap().options;
    let options = &options["publicKey"];
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["rp"]["id"], SITE);
    let handle = options["user"]["id"].as_str().unwrap();
    assert_eq!(handle.len(), 22, "a random handle of 16 bytes, not the user's key");
    let again = setting.passkeys.begin_registration(&setting.ada, "s").await.unwrap().options;
    assert_eq!(again["publicKey"]["user"]["id"], handle, "the same for all of the user's passkeys");
    assert_ne!(again["publicKey"]["challenge"], options["challenge"]);
    let options = setting.passkeys.begin_login().unwrap().options;
    let options = &options["publicKey"];
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], serde_json::json!([]));
    assert!(options["challenge"].as_str().unwrap().len() >= 43, "32 bytes");
}

#[tokio::test]
async fn mfa_08_what_is_not_right_is_refused() {
    let setting = setting().await;
    let mut key = SoftKey::new(SITE, 1);
    setting.register(&setting.ada, &mut key).await;
    let but = |change: &dyn Fn(&mut SoftKey)| {
        let mut other = key.clone();
        change(&mut other);
        other
    };
    is_refused(setting.login(&but(&|key| key.origin = "https://shop.example.com.evil.net".to_owned())).await);
    is_refused(setting.login(&but(&|key| key.origin = "http://shop.example.com".to_owned())).await);
    is_refused(setting.login(&but(&|key| key.origin = "https://shop.example.com:8443".to_owned())).await);
    is_refused(setting.login(&but(&|key| key.origin = "https://sub.shop.example.com".to_owned())).await);
    is_refused(setting.login(&but(&|key| key.rp_id = "example.com".to_owned())).await);
    is_refused(setting.login(&but(&|key| key.is_cross_origin = true)).await);
    is_refused(setting.login(&but(&|key| key.is_verified = false)).await);
    is_refused(setting.login(&but(&|key| key.is_present = false)).await);
    is_refused(setting.login(&but(&|key| key.user_handle = vec![7; 16])).await);
    is_refused(setting.login(&but(&|key| key.user_handle = Vec::new())).await);
    is_refused(setting.login(&but(&|key| key.backup = (true, true))).await);
    let stranger = SoftKey { user_handle: key.user_handle.clone(), ..SoftKey::new(SITE, 2) };
    assert!(matches!(setting.login(&stranger).await, Err(PasskeyError::Unknown)));
    setting.login(&key).await.unwrap();
}

#[tokio::test]
async fn mfa_08_the_signature_counts() {
    let setting = setting().await;
    let mut key = SoftKey::new(SITE, 1);
    setting.register(&setting.ada, &mut key).await;
    let challenge = setting.passkeys.begin_login().unwrap();
    let mut answer: serde_json::Value = serde_json::from_str(&key.sign(&challenge)).unwrap();
    let other: serde_json::Value =
        serde_json::from_str(&key.sign(&setting.passkeys.begin_login().unwrap())).unwrap();
    answer["credential"]["response"]["signature"] = other["credential"]["response"]["signature"].clone();
    is_refused(setting.passkeys.finish_login(&answer.to_string()).await);
    // The state of one challenge with the answer to another.
    let mut crossed = other.clone();
    crossed["state"] = challenge.state.into();
    is_refused(setting.passkeys.finish_login(&crossed.to_string()).await);
}

#[tokio::test]
async fn mfa_08_a_challenge_is_good_once_and_for_five_minutes() {
    let setting = setting().await;
    let mut key = SoftKey::new(SITE, 1);
    setting.register(&setting.ada, &mut key).await;
    let answer = key.sign(&setting.passkeys.begin_login().unwrap());
    setting.passkeys.finish_login(&answer).await.unwrap();
    assert!(matches!(setting.passkeys.finish_login(&answer).await, Err(PasskeyError::Stale)), "replayed");

    let answers = futures_util::future::join_all((0..20).map(|_| {
        let (passkeys, answer) =
            (setting.passkeys.clone(), key.sign(&setting.passkeys.begin_login().unwrap()));
        async move {
            let (one, two) = tokio::join!(passkeys.finish_login(&answer), passkeys.finish_login(&answer));
            usize::from(one.is_ok()) + usize::from(two.is_ok())
        }
    }))
    .await;
    assert_eq!(answers, [1; 20], "of two at once, one is accepted");

    let answer = key.sign(&setting.passkeys.begin_login().unwrap());
    setting.clock.advance(Duration::from_secs(299));
    setting.passkeys.finish_login(&answer).await.unwrap();
    let answer = key.sign(&setting.passkeys.begin_login().unwrap());
    setting.clock.advance(Duration::from_secs(300));
    assert!(matches!(setting.passkeys.finish_login(&answer).await, Err(PasskeyError::Stale)));
}

#[tokio::test]
async fn mfa_08_a_registration_is_bound_to_user_and_session() {
    let setting = setting().await;
    let challenge = setting.passkeys.begin_registration(&setting.ada, "s").await.unwrap();
    let answer = SoftKey::new(SITE, 1).register(&challenge);
    for (user, session) in [(&setting.eve, "s"), (&setting.ada, "t")] {
        let refused = setting.passkeys.finish_registration(user, session, &answer, "").await;
        assert!(matches!(refused, Err(PasskeyError::Stale)));
    }
    let as_login = SoftKey::new(SITE, 1).sign(&challenge);
    assert!(matches!(
        setting.passkeys.finish_login(&as_login).await,
        Err(PasskeyError::Stale | PasskeyError::Unknown)
    ));
    let passkey = setting.passkeys.finish_registration(&setting.ada, "s", &answer, "").await.unwrap();
    assert_eq!(passkey.name, "Passkey");
    let again = setting.passkeys.finish_registration(&setting.ada, "s", &answer, "").await;
    assert!(matches!(again, Err(PasskeyError::Stale)), "{again:?}");
    // The same key with a fresh challenge, for another user.
    let challenge = setting.passkeys.begin_registration(&setting.eve, "s").await.unwrap();
    let answer = SoftKey::new(SITE, 1).register(&challenge);
    let taken = setting.passkeys.finish_registration(&setting.eve, "s", &answer, "").await;
    assert!(matches!(taken, Err(PasskeyError::Taken)), "{taken:?}");
}

#[tokio::test]
async fn mfa_08_a_registration_without_its_owner_is_refused() {
    let setting = setting().await;
    for change in [
        (|key| key.is_verified = false) as fn(&mut SoftKey),
        |key| key.origin = "https://evil.net".to_owned(),
        |key| key.rp_id = "evil.net".to_owned(),
        |key| key.is_cross_origin = true,
    ] {
        let mut key = SoftKey::new(SITE, 1);
        change(&mut key);
        let challenge = setting.passkeys.begin_registration(&setting.ada, "s").await.unwrap();
        is_refused(
            setting.passkeys.finish_registration(&setting.ada, "s", &key.register(&challenge), "").await,
        );
    }
}

#[tokio::test]
async fn mfa_08_counter_and_backup_flags_are_kept() {
    let setting = setting().await;
    let mut key = SoftKey { counter: 5, backup: (true, false), ..SoftKey::new(SITE, 1) };
    setting.register(&setting.ada, &mut key).await;
    is_refused(setting.login(&key).await);
    key.counter = 6;
    setting.login(&key).await.unwrap();
    is_refused(setting.login(&key).await);
    key.counter = 4;
    is_refused(setting.login(&key).await);
    (key.counter, key.backup) = (7, (true, true));
    setting.login(&key).await.unwrap();
    assert!(setting.passkeys.list(&setting.ada).await.unwrap()[0].is_backed_up);
    key.counter = 8;
    let answers: Vec<_> = (0..10).map(|_| key.sign(&setting.passkeys.begin_login().unwrap())).collect();
    let done =
        futures_util::future::join_all(answers.iter().map(|answer| setting.passkeys.finish_login(answer)))
            .await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "ten copies with one count");
}

#[tokio::test]
async fn mfa_08_as_second_factor_it_is_that_of_the_user() {
    let setting = setting().await;
    let mut key = SoftKey::new(SITE, 1);
    setting.register(&setting.ada, &mut key).await;
    assert!(setting.passkeys.is_user_enrolled(&setting.ada).await.unwrap());
    assert!(!setting.passkeys.is_user_enrolled(&setting.eve).await.unwrap());
    let attempt = LoginAttempt::new("a");
    let sign = || key.sign(&setting.passkeys.begin_login().unwrap());
    assert!(setting.passkeys.authenticate_user(&setting.ada, &sign(), &attempt).await.unwrap());
    assert!(!setting.passkeys.authenticate_user(&setting.eve, &sign(), &attempt).await.unwrap());
    for garbage in
        ["", "123456", "{}", "[]", r#"{"state":"","credential":{}}"#, r#"{"state":1}"#, &"[".repeat(5000)]
    {
        assert!(!setting.passkeys.authenticate_user(&setting.ada, garbage, &attempt).await.unwrap());
    }
    setting.passkeys.delete_registration(&setting.ada).await.unwrap();
    assert!(!setting.passkeys.authenticate_user(&setting.ada, &sign(), &attempt).await.unwrap());
}

#[tokio::test]
async fn mfa_08_two_ways_in_stay_without_a_password() {
    let setting = setting().await;
    let (passkeys, ada) = (&setting.passkeys, &setting.ada);
    let mut ids = Vec::new();
    for seed in 1..=3 {
        assert_eq!(passkeys.may_give_up_password(ada).await.unwrap(), seed > 2);
        ids.push(setting.register(ada, &mut SoftKey::new(SITE, seed)).await.id);
    }
    assert!(!passkeys.remove(&setting.eve, &ids[0], true).await.unwrap(), "another's");
    assert!(!passkeys.remove(ada, "none", false).await.unwrap());
    assert!(passkeys.rename(ada, &ids[1], "Key ring").await.unwrap());
    assert!(!passkeys.rename(&setting.eve, &ids[1], "Mine").await.unwrap());
    assert_eq!(passkeys.list(ada).await.unwrap()[1].name, "Key ring");
    assert!(passkeys.remove(ada, &ids[0], false).await.unwrap());
    assert!(matches!(passkeys.remove(ada, &ids[1], false).await, Err(PasskeyError::LastWay)));
    assert!(passkeys.remove(ada, &ids[1], true).await.unwrap());
    assert!(passkeys.remove(ada, &ids[2], true).await.unwrap());
}

#[tokio::test]
async fn mfa_08_of_many_removals_at_once_two_passkeys_stay() {
    let mut databases = vec![Db::open("sqlite::memory:").await.unwrap()];
    if let Ok(url) = std::env::var("FRONTDESK_TEST_POSTGRES") {
        databases.push(Db::open(&url).await.unwrap());
    }
    for db in databases {
        let clock = setting().await.clock;
        let origin = format!("https://{SITE}").parse().unwrap();
        let setting = Setting {
            passkeys: Passkeys::new(&db, &Signer::new(Secret::random()), SITE, &origin)
                .unwrap()
                .clock(clock.clone()),
            clock,
            ada: user(31, "ada"),
            eve: user(32, "eve"),
        };
        let ada = &setting.ada;
        setting.passkeys.delete_registration(ada).await.unwrap();
        let mut ids = Vec::new();
        for seed in 1..=6 {
            ids.push(setting.register(ada, &mut SoftKey::new(SITE, seed)).await.id);
        }
        let all =
            futures_util::future::join_all(ids.iter().map(|id| setting.passkeys.remove(ada, id, false)))
                .await;
        assert_eq!(all.iter().filter(|removed| matches!(removed, Ok(true))).count(), 4);
        assert_eq!(setting.passkeys.list(ada).await.unwrap().len(), 2);
        setting.passkeys.delete_registration(ada).await.unwrap();
    }
}

#[tokio::test]
async fn mfa_08_further_origins_are_below_the_relying_party() {
    let setting = setting().await;
    let with = |origin: &str| setting.passkeys.clone().also_at(&origin.parse().unwrap());
    assert!(with("https://evil.net").is_err());
    let mut key = SoftKey::new(SITE, 1);
    setting.register(&setting.ada, &mut key).await;
    key.origin = "https://admin.shop.example.com".to_owned();
    is_refused(setting.login(&key).await);
    let both = with("https://admin.shop.example.com").unwrap();
    let answer = key.sign(&both.begin_login().unwrap());
    both.finish_login(&answer).await.unwrap();
}
