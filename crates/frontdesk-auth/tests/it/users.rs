//! Users, in a table of our own and in others'.

use std::sync::Arc;

use frontdesk_auth::{AuthError, NewUser, UserColumns, UserError, UserId, Users};
use frontdesk_data::{Db, Field, FieldType, Table, Values};
use frontdesk_validate::Crypt;

use crate::support::{PASSWORD, Site, dump, on_each_database};

fn ada() -> NewUser {
    NewUser::new("ada").email("ada@example.com").password(PASSWORD).active(true)
}

/// The users in our table, and in one as Django has it.
async fn both(db: &Db) -> [Users; 2] {
    [Users::own(db), Users::table(db, &django(db).await, django_columns()).unwrap()]
}

async fn django(db: &Db) -> Arc<Table> {
    let table = Table::new("auth_user")
        .field(Field::string("username").length(150).not_null().unique())
        .field(Field::string("password").length(255).not_null())
        .field(Field::string("email").length(254).unique())
        .field(Field::string("first_name").length(150))
        .field(Field::string("last_name").length(150))
        .field(Field::boolean("is_active").not_null())
        .field(Field::boolean("is_staff").not_null())
        .field(Field::boolean("is_superuser").not_null())
        .field(Field::instant("date_joined"))
        .field(Field::instant("last_login"));
    db.define(table.create()).await.unwrap()
}

fn django_columns() -> UserColumns {
    UserColumns::new("id", "username", "password")
        .email("email")
        .first_name("first_name")
        .last_name("last_name")
        .active("is_active")
        .admin("is_staff")
        .superuser("is_superuser")
        .created("date_joined")
        .last_login("last_login")
}

async fn users_are_found_and_changed(db: Db) {
    for users in both(&db).await {
        let user = users.insert(ada().first_name("Ada").last_name("Lovelace")).await.unwrap();
        assert_eq!((&*user.username, user.email.as_deref()), ("ada", Some("ada@example.com")));
        assert_eq!((user.first_name.as_deref(), user.last_name.as_deref()), (Some("Ada"), Some("Lovelace")));
        assert!(user.active && !user.admin && !user.superuser && user.created.is_some());
        assert_eq!(users.by_id(&user.id).await.unwrap().as_ref(), Some(&user));
        assert_eq!(users.by_name("ada").await.unwrap().as_ref(), Some(&user));
        assert_eq!(users.by_email("ada@example.com").await.unwrap().as_ref(), Some(&user));
        assert_eq!(users.by_email("ADA@example.com").await.unwrap().as_ref(), Some(&user));
        assert_eq!(users.by_id_text(&user.id.to_string()).await.unwrap().as_ref(), Some(&user));
        for nobody in ["", "eve", "ada\0", "' OR 1=1 --"] {
            assert_eq!(users.by_name(nobody).await.unwrap(), None);
            assert_eq!(users.by_email(nobody).await.unwrap(), None);
            assert_eq!(users.by_id_text(nobody).await.unwrap(), None);
        }
        assert_eq!(users.by_id(&UserId::from("ada")).await.unwrap(), None, "a text is no number");

        assert!(!users.has_admin().await.unwrap());
        assert!(users.set_admin(&user.id, true).await.unwrap());
        assert!(users.set_superuser(&user.id, true).await.unwrap());
        assert!(users.has_admin().await.unwrap());
        assert!(users.set_active(&user.id, false).await.unwrap());
        assert!(!users.has_admin().await.unwrap(), "who may not sign in does not count");
        assert!(users.set_email(&user.id, Some("lovelace@example.com"), None).await.unwrap());
        assert!(users.set_names(&user.id, Some("Augusta"), None).await.unwrap());
        assert!(users.note_login(&user.id).await.unwrap());
        let changed = users.by_id(&user.id).await.unwrap().unwrap();
        assert!(changed.admin && changed.superuser && !changed.active && changed.last_login.is_some());
        assert_eq!(changed.email.as_deref(), Some("lovelace@example.com"));
        assert_eq!((changed.first_name.as_deref(), changed.last_name.as_deref()), (Some("Augusta"), None));

        users.insert(NewUser::new("eve")).await.unwrap();
        users.insert(NewUser::new("bob")).await.unwrap();
        let names = |list: Vec<frontdesk_auth::User>| -> Vec<String> {
            list.iter().map(|user| user.username.to_string()).collect()
        };
        assert_eq!(names(users.list(None, 2).await.unwrap()), ["ada", "eve"]);
        assert_eq!(names(users.list(Some(&user.id), 9).await.unwrap()), ["eve", "bob"]);

        let nobody = UserId::from(4711);
        assert!(!users.set_password(&nobody, PASSWORD).await.unwrap());
        assert!(!users.note_login(&nobody).await.unwrap());
        assert!(users.delete(&user.id).await.unwrap());
        assert!(!users.delete(&user.id).await.unwrap());
        assert_eq!(users.by_name("ada").await.unwrap(), None);
        let again = users.insert(ada()).await.unwrap();
        assert_ne!(again.id, user.id, "a number that was somebody's is never somebody else's");
    }
}

async fn a_name_or_an_address_is_one_users_alone(db: Db) {
    for users in both(&db).await {
        users.insert(ada()).await.unwrap();
        for (user, wanted) in [
            (NewUser::new("ada").email("other@example.com"), [true, false]),
            (NewUser::new("other").email("ada@example.com"), [false, true]),
            (ada(), [true, true]),
        ] {
            match users.insert(user).await {
                Err(error @ UserError::Taken { username, email }) => {
                    assert_eq!([username, email], wanted);
                    assert_eq!(error.to_string(), "User with email or username already exists.");
                }
                other => panic!("{other:?}"),
            }
        }
        let eve = users.insert(NewUser::new("eve").email("eve@example.com")).await.unwrap();
        let taken = users.set_email(&eve.id, Some("ada@example.com"), None).await;
        assert!(matches!(taken, Err(UserError::Taken { username: false, email: true })), "{taken:?}");
        let taken = users.set_username(&eve.id, "ada").await;
        assert!(matches!(taken, Err(UserError::Taken { username: true, email: false })), "{taken:?}");
        // Of many at once one gets the name, and the others are told.
        let all = (0..8).map(|_| users.insert(NewUser::new("zoe")));
        let done = futures_util::future::join_all(all).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
        assert!(done.iter().all(|done| matches!(done, Ok(_) | Err(UserError::Taken { username: true, .. }))));
    }
}

async fn names_that_look_alike_are_one(db: Db) {
    let users = Users::own(&db);
    users.insert(ada()).await.unwrap();
    for name in ["Ada", "ADA", "ａｄａ"] {
        let taken = users.insert(NewUser::new(name)).await;
        assert!(matches!(taken, Err(UserError::Taken { username: true, .. })), "{name}");
        assert!(users.check_credentials(name, PASSWORD).await.unwrap().is_some(), "{name}");
    }
    let long = "a".repeat(101);
    for name in ["", " ada", "ada ", "a\nb", "a\0", &long] {
        assert!(matches!(users.insert(NewUser::new(name)).await, Err(UserError::Name(_))), "{name:?}");
    }
    assert!(users.insert(NewUser::new("a".repeat(100))).await.is_ok());
}

/// Hashes of other programs, of the password `correct horse`.
const FOREIGN: [&str; 8] = [
    "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
    "pbkdf2_sha256$1000$0123456789abcdef0123456789abcdef$5b5a784ae11df3d10be308828c5e55d42e8afd10846caa601d9fc6c497c26862",
    "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
    "bcrypt$$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
    "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuIvyWZlBcE3WoQXKqRnwrLYJ6nenE0Bq",
    "scrypt$1024$seasalt$8$1$b9vqOe0B5HZh2f10Q9RPN9OFNPtmb+ezp5YOlnZsJQ0vQ5I3eq8Zt7GFMuqQ58xCxTIvVL1QCL/PTXEWr+RNHA==",
    // By Python: hashlib.sha1(b"correct horse" + b"pepper"), hashlib.pbkdf2_hmac("sha512", …, 1000, 20).
    "sha1$pepper$SHA1",
    "pbkdf2(1000,20,sha512)$pepper$PBKDF2",
];

async fn auth_01_hashes_of_others_are_replaced_at_the_next_login(db: Db) {
    let table = django(&db).await;
    let mapped = Users::table(&db, &table, django_columns()).unwrap();
    let pydal = Crypt::new();
    for (number, hash) in FOREIGN.iter().enumerate() {
        let hash = match *hash {
            "sha1$pepper$SHA1" => {
                pydal.clone().salt("pepper").digest_alg("sha1").unwrap().hash("correct horse").unwrap()
            }
            "pbkdf2(1000,20,sha512)$pepper$PBKDF2" => {
                pydal.clone().salt("pepper").hash("correct horse").unwrap()
            }
            other => other.to_owned(),
        };
        let name = format!("user{number}");
        let values = Values::new()
            .with("username", &*name)
            .with("password", &*hash)
            .with("is_active", true)
            .with("is_staff", false)
            .with("is_superuser", false);
        let id = db.insert(&table, values).await.unwrap().unwrap();
        assert!(mapped.check_credentials(&name, "Correct horse").await.unwrap().is_none(), "{hash}");
        assert_eq!(
            db.get(&table, &id).await.unwrap().unwrap()["password"].to_text(),
            hash,
            "wrong: it stays"
        );
        assert!(mapped.check_credentials(&name, "correct horse").await.unwrap().is_some(), "{hash}");
        let stored = db.get(&table, &id).await.unwrap().unwrap()["password"].to_text().into_owned();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(mapped.check_credentials(&name, "correct horse").await.unwrap().is_some());
        let again = db.get(&table, &id).await.unwrap().unwrap()["password"].to_text().into_owned();
        assert_eq!(again, stored, "it is replaced once");
    }
}

async fn auth_01_hashes_with_a_key_are_replaced_too(db: Db) {
    let table = django(&db).await;
    let keyed = Crypt::new().key("sha512:the key of the old application").unwrap();
    let values = Values::new()
        .with("username", "ada")
        .with("password", keyed.hash("correct horse").unwrap())
        .with("is_active", true)
        .with("is_staff", false)
        .with("is_superuser", false);
    db.insert(&table, values).await.unwrap();
    let without = Users::table(&db, &table, django_columns()).unwrap();
    assert!(without.check_credentials("ada", "correct horse").await.unwrap().is_none());
    let with = without.hasher(keyed).unwrap();
    assert!(with.check_credentials("ada", "correct horse").await.unwrap().is_some());
    assert!(with.check_credentials("nobody", "correct horse").await.unwrap().is_none());
}

async fn auth_01_who_sets_a_password_meanwhile_wins(db: Db) {
    let table = django(&db).await;
    let users = Users::table(&db, &table, django_columns()).unwrap();
    for round in 0..4 {
        let name = format!("user{round}");
        let user = users.insert(NewUser::new(&*name).active(true)).await.unwrap();
        let old = Crypt::new().salt("s").hash("correct horse").unwrap();
        let id = frontdesk_data::RowId::from(match user.id {
            UserId::Int(id) => id,
            UserId::Text(_) => panic!("a number"),
        });
        db.update(&table, &id, Values::new().with("password", old)).await.unwrap();
        let (_, set) = tokio::join!(
            users.check_credentials(&name, "correct horse"),
            users.set_password(&user.id, PASSWORD)
        );
        assert!(set.unwrap());
        assert!(users.check_credentials(&name, PASSWORD).await.unwrap().is_some(), "the new one counts");
        assert!(
            users.check_credentials(&name, "correct horse").await.unwrap().is_none(),
            "the old one does not"
        );
    }
}

async fn auth_02_passwords_are_compared_whole_and_as_they_are(db: Db) {
    let users = Users::own(&db);
    let long = "äöü ".repeat(64);
    let user = users.insert(NewUser::new("ada").password(&*long).active(true)).await.unwrap();
    let right = async |password: &str| users.check_credentials("ada", password).await.unwrap().is_some();
    assert_eq!(long.chars().count(), 256);
    assert!(right(&long).await);
    assert!(right(&"a\u{308}o\u{308}u\u{308} ".repeat(64)).await, "spelled otherwise");
    for other in [long.trim(), &long.to_uppercase(), &format!("{long}x"), &long[..long.len() - 1], "", "\0"] {
        assert!(!right(other).await, "{}", other.len());
    }
    // A pair that differs in its 73rd byte alone.
    let (one, other) = ("x".repeat(72) + "1", "x".repeat(72) + "2");
    users.set_password(&user.id, &one).await.unwrap();
    assert!(right(&one).await && !right(&other).await);
    assert!(!right(&"a".repeat(1 << 20)).await, "too long at once");
}

async fn auth_06_unknown_inactive_and_wrong_are_one(db: Db) {
    for users in both(&db).await {
        let user = users.insert(ada()).await.unwrap();
        users.insert(NewUser::new("inactive").password(PASSWORD)).await.unwrap();
        users.insert(NewUser::new("no password").active(true)).await.unwrap();
        for (name, password) in [
            ("ada", "wrong"),
            ("eve", PASSWORD),
            ("inactive", PASSWORD),
            ("no password", PASSWORD),
            ("no password", ""),
            ("", PASSWORD),
            ("ada\0", PASSWORD),
        ] {
            assert!(users.check_credentials(name, password).await.unwrap().is_none(), "{name}");
        }
        assert!(users.check_password(&user.id, PASSWORD).await.unwrap().is_some());
        assert!(users.check_password(&user.id, "wrong").await.unwrap().is_none());
        assert!(users.check_password(&UserId::from(4711), PASSWORD).await.unwrap().is_none());
    }
}

/// Medians of a handful each: a name that is unknown without a hash would be a hundred times as fast. The exact comparison
/// is made over HTTP.
async fn auth_06_a_hash_is_computed_for_nobody_too(db: Db) {
    let users = Users::own(&db);
    users.insert(ada()).await.unwrap();
    let median = async |name: &str| {
        let mut times = Vec::new();
        for _ in 0..5 {
            let started = std::time::Instant::now();
            assert!(users.check_credentials(name, "wrong").await.unwrap().is_none());
            times.push(started.elapsed());
        }
        times.sort();
        times[2]
    };
    let (known, unknown) = (median("ada").await, median("nobody").await);
    assert!(unknown * 4 > known, "{unknown:?} for nobody, {known:?} for a user");
}

async fn a_table_that_is_not_one_of_users_is_refused_at_the_start(db: Db) {
    let table = db.define(Table::new("dog").field(Field::string("name")).create()).await.unwrap();
    for columns in [UserColumns::new("id", "login", "password"), UserColumns::new("name", "name", "name")] {
        assert!(matches!(Users::table(&db, &table, columns), Err(AuthError::Setup(_))));
    }
}

async fn users_with_text_keys_are_users_too(db: Db) {
    let table = Table::new("people")
        .field(
            Field::new("uid", FieldType::Uuid)
                .not_null()
                .default_with(|| frontdesk_validate::Uuid::new_v4().into()),
        )
        .field(Field::string("login").not_null().unique())
        .field(Field::password("secret"))
        .key(["uid"]);
    let table = db.define(table.create()).await.unwrap();
    let users = Users::table(&db, &table, UserColumns::new("uid", "login", "secret")).unwrap();
    let site = Site::new(&db, users, frontdesk_auth::Sessions::database(&db));
    let user = site.user("ada").await;
    assert!(matches!(user.id, UserId::Text(_)));
    let session = site.open("ada").await;
    let (found, again) =
        site.auth.sessions().find_user(session.token.as_str(), site.auth.users()).await.unwrap().unwrap();
    assert_eq!((found.user_id, again.as_ref().map(|user| &user.id)), (user.id.clone(), Some(&user.id)));
    for id in ["", "1", "nobody", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(site.auth.users().by_id_text(id).await.unwrap(), None, "{id}");
    }
    site.auth.users().set_password(&user.id, "another long password").await.unwrap();
    let gone = site.auth.sessions().find_user(session.token.as_str(), site.auth.users()).await.unwrap();
    assert!(gone.is_none(), "it ended with the password");
}

async fn no_password_is_stored_as_it_is(db: Db) {
    let site = Site::own(&db);
    site.user("ada").await;
    let all = dump(&db, &["frontdesk_users"]).await;
    assert!(all.contains("$argon2id$v=19$m=19456,t=2,p=1$") && !all.contains(PASSWORD));
}

on_each_database! {
    users_are_found_and_changed,
    a_name_or_an_address_is_one_users_alone,
    names_that_look_alike_are_one,
    auth_01_hashes_of_others_are_replaced_at_the_next_login,
    auth_01_hashes_with_a_key_are_replaced_too,
    auth_01_who_sets_a_password_meanwhile_wins,
    auth_02_passwords_are_compared_whole_and_as_they_are,
    auth_06_unknown_inactive_and_wrong_are_one,
    auth_06_a_hash_is_computed_for_nobody_too,
    a_table_that_is_not_one_of_users_is_refused_at_the_start,
    users_with_text_keys_are_users_too,
    no_password_is_stored_as_it_is,
}

/// No rule about kinds of characters is in any page of ours: `IS_STRONG` is for those who want it.
#[test]
fn auth_03_no_page_asks_for_kinds_of_characters() {
    fn look(folder: &std::path::Path, seen: &mut usize) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, seen);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("IsStrong") && !text.contains("is_strong"), "{}", path.display());
                *seen += 1;
            }
        }
    }
    let mut seen = 0;
    look(concat!(env!("CARGO_MANIFEST_DIR"), "/src").as_ref(), &mut seen);
    assert!(seen > 50, "{seen}");
}
