//! What the benchmarks and the load-test server measure: a table `thing` with a name, a color and the time of creation.

use std::path::Path;
use std::sync::Arc;

use frontdesk::auth::{NewUser, Sessions, UserError, Users};
use frontdesk::data::{DbError, DbOptions, WriteError};
use frontdesk::prelude::*;

/// The table `thing`: `name` of 1 to 200 characters, `color` one of three, `created` set by itself.
pub fn thing() -> Table {
    Table::new("thing")
        .field(Field::string("name").not_null().requires(
            Rules::list().and(IsNotEmpty::new().error_message("Enter a value")).and(IsLength::max(200)),
        ))
        .field(Field::string("color").not_null().requires(IsInSet::new(["red", "green", "blue"])))
        .field(Field::datetime("created").not_null().writable(false).default_with(|| now().into()))
        .create()
}

/// The table, made where it is missing: in the database that `BENCH_DATABASE` names, or else in the file `bench.sqlite3` of
/// a folder.
///
/// # Errors
/// Those of the database.
pub async fn open(folder: &Path) -> Result<(Db, Arc<Table>), DbError> {
    let file = || format!("sqlite://{}", folder.join("bench.sqlite3").display());
    let url = std::env::var("BENCH_DATABASE").unwrap_or_else(|_| file());
    let db = Db::open_with(&url, DbOptions::default().create_if_missing(true)).await?;
    let table = db.define(thing()).await?;
    Ok((db, table))
}

fn now() -> frontdesk::time::DateTime {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    frontdesk::time::date(1970, 1, 1)
        .at(0, 0, 0, 0)
        .saturating_add(std::time::Duration::from_secs(seconds.unsigned_abs()))
}

/// Sign-in with the users and sessions of a database.
pub fn sign_in(db: &Db, desk: &Desk) -> Auth {
    Auth::new(Users::own(db), Sessions::database(db), desk)
}

/// The name and the password of the one user.
pub const USER: (&str, &str) = ("alice", "correct horse");

/// Adds one more user with the same password: hashing it again for each of many takes long.
///
/// # Errors
/// Those of the database.
pub async fn copy_user(db: &Db, name: &str) -> Result<(), WriteError> {
    let copy = "INSERT INTO frontdesk_users (username, username_key, password, active, admin, superuser, created, epoch) \
        SELECT ?, ?, password, active, admin, superuser, created, epoch FROM frontdesk_users WHERE username = ?";
    db.execute(copy, [name.into(), name.into(), USER.0.into()]).await.map(drop)
}

/// Adds the one user.
///
/// # Errors
/// Those of the database.
pub async fn add_user(db: &Db) -> Result<(), UserError> {
    let (name, password) = USER;
    let user = NewUser::new(name).email("alice@example.com").password(password).active(true);
    Users::own(db).insert(user).await.map(drop)
}
