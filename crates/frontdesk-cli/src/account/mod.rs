//! `frontdesk user` and `frontdesk session`.

mod password;
mod roles;
mod sessions;
mod users;

use std::io::Write;

use frontdesk_auth::{AuthError, User, UserError, Users};
use frontdesk_data::{Db, DbError, DbErrorKind};

pub(crate) use self::roles::Grants;
pub(crate) use self::sessions::run as session;
pub(crate) use self::users::run as user;
use crate::settings::{self, Said, Settings};
use crate::state::State;
use crate::{CliError, PlaceArgs};

/// How many administrators can sign in. Nothing is made: without a table there is none.
pub(crate) async fn administrators(db: &Db) -> Result<u64, DbError> {
    const COUNT: &str =
        "SELECT count(*) AS number FROM frontdesk_users WHERE (admin = 1 OR superuser = 1) AND active = 1";
    match db.query(COUNT, []).await {
        Ok(rows) => Ok(rows.first().and_then(|row| row["number"].as_int()).map_or(0, i64::unsigned_abs)),
        Err(error) if matches!(error.kind(), DbErrorKind::NotFound(_)) => Ok(0),
        Err(error) => Err(error),
    }
}

/// How many users are read at once.
const PAGE: u64 = 500;

/// All users, in the order in which they were added.
async fn all_users(place: &Place) -> Result<Vec<User>, CliError> {
    let mut all: Vec<User> = Vec::new();
    loop {
        let page = place.users.list(all.last().map(|user| &user.id), PAGE).await.map_err(failed)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The users and sessions that a command is about.
struct Place {
    settings: Settings,
    state: State,
    db: Db,
    users: Users,
    is_json: bool,
}

impl Place {
    /// Opens the place of users and sessions. Where there is none yet, it is made only `if_missing`.
    async fn open(args: &PlaceArgs, if_missing: bool) -> Result<Self, CliError> {
        settings::refuse_misspelt()?;
        let said = Said {
            database: args.database.as_deref(),
            schema: args.schema.as_deref(),
            listen: None,
            state: args.state.as_deref(),
        };
        let settings = Settings::read(said, &settings::environment)?;
        if settings.has_secret() {
            // A key that `serve` refuses is of no use here either.
            settings.secret()?;
        }
        let Some(state) = settings.open_state_alone(if_missing).await? else {
            return Err(CliError::failed(
                "there are no users yet; `frontdesk user add NAME --admin` adds the first one",
            ));
        };
        let db = match &state {
            State::Memory(why) => {
                return Err(CliError::usage(format!(
                    "there is no place for users: they would be in memory ({why}). Say where with --state, as for `frontdesk \
                     serve`: `same` for the database that is served, or the path of a file; or set FRONTDESK_SECRET_KEY, \
                     and they are in frontdesk.db"
                )));
            }
            State::Same(db) | State::File(db, _) => db.clone(),
        };
        Ok(Self { users: Users::own(&db), settings, state, db, is_json: args.json })
    }

    async fn close(self) {
        match self.state {
            State::Same(db) => db.close().await,
            other => other.close().await,
        }
    }

    /// The user of that name.
    async fn user(&self, name: &str) -> Result<User, CliError> {
        let found = self.users.by_name(name).await.map_err(failed)?;
        found.ok_or_else(|| {
            CliError::failed(format!("there is no user `{name}`; `frontdesk user list` lists them"))
        })
    }

    /// Prints what a program asked for, or what a person reads.
    fn print(
        &self,
        json: impl FnOnce() -> serde_json::Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), CliError> {
        let mut out = if self.is_json { json().to_string() } else { text() };
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        match std::io::stdout().lock().write_all(out.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CliError::failed(format!("cannot write: {error}")))
            }
            _ => Ok(()),
        }
    }
}

fn failed(error: AuthError) -> CliError {
    CliError::failed(error.to_string())
}

fn refused(error: UserError) -> CliError {
    CliError::failed(match error {
        UserError::Taken { username: true, .. } => "there is a user of that name already".to_owned(),
        UserError::Taken { .. } => "another user has that e-mail address".to_owned(),
        other => other.to_string(),
    })
}

/// A table for people: columns as wide as they have to be. Control characters of what visitors typed are taken out.
fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let clean = |text: &str| text.chars().filter(|letter| !letter.is_control()).collect::<String>();
    let rows: Vec<Vec<String>> = std::iter::once(heading.iter().map(|&text| text.to_owned()).collect())
        .chain(rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()))
        .collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}
