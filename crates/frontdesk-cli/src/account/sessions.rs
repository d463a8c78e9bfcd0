//! `frontdesk session`.

use frontdesk_auth::{SessionInfo, Sessions, User, UserId};
use serde_json::json;

use super::{Place, all_users, failed, table};
use crate::settings;
use crate::{CliError, SessionArgs, SessionCommand};

/// Does what was asked for.
pub(crate) async fn run(args: SessionArgs) -> Result<(), CliError> {
    let place = Place::open(&args.place, false).await?;
    let result = match sessions(&place) {
        Ok(sessions) => carry_out(&place, &sessions, args.command).await,
        Err(error) => Err(error),
    };
    place.close().await;
    result
}

/// The sessions of the site, where `serve` has them.
fn sessions(place: &Place) -> Result<Sessions, CliError> {
    match &place.settings.sessions {
        settings::Sessions::Database => Ok(Sessions::database(&place.db)),
        settings::Sessions::Redis(url) => Sessions::redis(url).map_err(failed),
        settings::Sessions::Memory => Err(CliError::usage(
            "sessions are in the memory of the server (`sessions = \"memory\"`): nobody else knows them",
        )),
    }
}

async fn carry_out(place: &Place, sessions: &Sessions, command: SessionCommand) -> Result<(), CliError> {
    match command {
        SessionCommand::List { user } => list(place, sessions, user.as_deref()).await,
        SessionCommand::Clean => {
            let count = sessions.sweep().await.map_err(failed)?;
            told(place, "removed", count, "removed of those that were over")
        }
        SessionCommand::End { id, user, all } => {
            end(place, sessions, id.as_deref(), user.as_deref(), all).await
        }
    }
}

async fn list(place: &Place, sessions: &Sessions, user: Option<&str>) -> Result<(), CliError> {
    let users = match user {
        Some(name) => vec![place.user(name).await?],
        None => all_users(place).await?,
    };
    let mut all: Vec<(User, SessionInfo)> = Vec::new();
    for user in users {
        let of_user = sessions.list(&user).await.map_err(failed)?;
        all.extend(of_user.into_iter().map(|session| (user.clone(), session)));
    }
    place.print(
        || all.iter().map(|(user, session)| as_json(user, session)).collect(),
        || {
            if all.is_empty() {
                return "Nobody is signed in.".to_owned();
            }
            let rows: Vec<Vec<String>> = all.iter().map(|(user, session)| as_row(user, session)).collect();
            table(&["ID", "USER", "SINCE", "LAST SEEN", "ENDS", "ADDRESS", "BROWSER"], &rows)
        },
    )
}

async fn end(
    place: &Place,
    sessions: &Sessions,
    id: Option<&str>,
    user: Option<&str>,
    all: bool,
) -> Result<(), CliError> {
    let users = match user {
        Some(name) => vec![place.user(name).await?],
        None => all_users(place).await?,
    };
    let mut count = 0;
    for user in &users {
        count += match id {
            Some(id) => u64::from(sessions.end_one(&user.id, id).await.map_err(failed)?),
            // What a store has lost sight of ends, too.
            None => {
                let ended = sessions.end_all(&user.id).await.map_err(failed)?;
                place.users.end_everything(&user.id).await.map_err(failed)?;
                ended
            }
        };
    }
    debug_assert!(all || id.is_some() || user.is_some(), "one of them is asked for");
    match id {
        Some(id) if count == 0 => {
            Err(CliError::failed(format!("there is no session `{id}`; `frontdesk session list` lists them")))
        }
        _ => told(place, "ended", count, "ended"),
    }
}

fn told(place: &Place, key: &str, count: u64, done: &str) -> Result<(), CliError> {
    let text =
        if count == 1 { format!("1 session was {done}.") } else { format!("{count} sessions were {done}.") };
    place.print(|| json!({ key: count }), || text)
}

fn as_row(user: &User, session: &SessionInfo) -> Vec<String> {
    let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
    let agent: String = session.user_agent.as_deref().unwrap_or("-").chars().take(60).collect();
    vec![
        session.id.to_string(),
        user.username.to_string(),
        time(session.created),
        time(session.last_seen),
        time(session.expiry),
        session.address.as_deref().unwrap_or("-").to_owned(),
        agent,
    ]
}

fn as_json(user: &User, session: &SessionInfo) -> serde_json::Value {
    json!({
        "id": &*session.id,
        "user": &*user.username,
        "user_id": match &user.id { UserId::Int(id) => json!(id), other => json!(other.to_string()) },
        "created": session.created.to_string(),
        "last_seen": session.last_seen.to_string(),
        "expiry": session.expiry.to_string(),
        "max_expiry": session.max_expiry.to_string(),
        "address": session.address.as_deref(),
        "user_agent": session.user_agent.as_deref(),
    })
}
