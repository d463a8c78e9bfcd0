//! `frontdesk user`.

use frontdesk_auth::{NewUser, PasswordPolicy, User, UserId};
use serde_json::json;

use super::roles::{Grant, Granted};
use super::{Grants, Place, administrators, all_users, failed, password, refused, table};
use crate::{AddUserArgs, AdminArgs, CliError, PasswdArgs, RoleArgs, UserArgs, UserCommand};

/// Does what was asked for.
pub(crate) async fn run(args: UserArgs) -> Result<(), CliError> {
    let makes = matches!(args.command, UserCommand::Add(_));
    let place = match Place::open(&args.place, makes).await {
        Err(_) if matches!(args.command, UserCommand::List) && is_nowhere(&args).await => {
            return nobody(args.place.json);
        }
        place => place?,
    };
    let result = carry_out(&place, args.command).await;
    place.close().await;
    result
}

/// Whether there is a place for users, and nothing in it yet: a list of nobody is no failure.
async fn is_nowhere(args: &UserArgs) -> bool {
    let said = crate::settings::Said {
        database: args.place.database.as_deref(),
        schema: args.place.schema.as_deref(),
        listen: None,
        state: args.place.state.as_deref(),
    };
    match crate::settings::Settings::read(said, &crate::settings::environment) {
        Ok(settings) => matches!(settings.open_state_alone(false).await, Ok(None)),
        Err(_) => false,
    }
}

fn nobody(is_json: bool) -> Result<(), CliError> {
    println!("{}", if is_json { "[]" } else { "There are no users yet." });
    Ok(())
}

async fn carry_out(place: &Place, command: UserCommand) -> Result<(), CliError> {
    match command {
        UserCommand::Add(args) => add(place, args).await,
        UserCommand::List => list(place).await,
        UserCommand::Passwd(args) => passwd(place, args).await,
        UserCommand::Disable(args) => set_active(place, &args.name, false).await,
        UserCommand::Enable(args) => set_active(place, &args.name, true).await,
        UserCommand::Admin(args) => admin(place, args).await,
        UserCommand::Role(args) => role(place, args).await,
        UserCommand::Delete(args) => delete(place, &args.name).await,
    }
}

/// What a password has to be like here.
pub(crate) fn policy(settings: &crate::settings::Settings) -> PasswordPolicy {
    let policy = PasswordPolicy::new();
    match settings.sign_in.min_password_length {
        Some(least) => policy.min_length(least),
        None => policy,
    }
}

async fn new_password(place: &Place, from_stdin: bool, about: &[&str]) -> Result<String, CliError> {
    let typed = password::read(from_stdin, about[0]).await?;
    let checked = policy(&place.settings).check(&typed, about);
    checked.map_err(|problem| CliError::failed(format!("{problem} Nothing was changed.")))?;
    Ok(typed)
}

async fn add(place: &Place, args: AddUserArgs) -> Result<(), CliError> {
    if place.users.by_name(&args.name).await.map_err(failed)?.is_some() {
        return Err(CliError::failed("there is a user of that name already"));
    }
    if args.email.as_ref().is_some_and(|email| !email.contains('@')) {
        return Err(CliError::usage("`--email` wants an address such as ada@example.com"));
    }
    let about: Vec<&str> = std::iter::once(args.name.as_str()).chain(args.email.as_deref()).collect();
    let password = new_password(place, args.password_stdin, &about).await?;
    let mut user = NewUser::new(args.name.as_str())
        .password(password)
        .active(true)
        .admin(args.admin || args.superuser)
        .superuser(args.superuser);
    if let Some(email) = &args.email {
        // Whoever adds users by hand knows whose address it is.
        user = user.email(email.as_str()).email_confirmed(frontdesk_web::Clock::system().now());
    }
    let user = place.users.insert(user).await.map_err(refused)?;
    tell(place, &user, "added", &Granted::default())
}

async fn list(place: &Place) -> Result<(), CliError> {
    let grants = Grants::new(&place.db);
    let mut all = Vec::new();
    for user in all_users(place).await? {
        let granted = grants.of(&user.id).await.map_err(failed)?;
        all.push((user, granted));
    }
    place.print(
        || all.iter().map(|(user, granted)| as_json(user, granted)).collect(),
        || {
            if all.is_empty() {
                return "There are no users yet.".to_owned();
            }
            let rows: Vec<Vec<String>> = all.iter().map(|(user, granted)| as_row(user, granted)).collect();
            table(&["NAME", "E-MAIL", "STATUS", "ROLES", "CREATED", "LAST SIGN-IN"], &rows)
        },
    )
}

async fn passwd(place: &Place, args: PasswdArgs) -> Result<(), CliError> {
    let user = place.user(&args.name).await?;
    let about: Vec<&str> = std::iter::once(&*user.username).chain(user.email.as_deref()).collect();
    let password = new_password(place, args.password_stdin, &about).await?;
    place.users.set_password(&user.id, &password).await.map_err(failed)?;
    changed(place, &user, "has another password, and is signed out everywhere").await
}

async fn set_active(place: &Place, name: &str, active: bool) -> Result<(), CliError> {
    let user = place.user(name).await?;
    if !active {
        keep_one_administrator(place, &user).await?;
    }
    place.users.set_active(&user.id, active).await.map_err(failed)?;
    let done = if active { "may sign in" } else { "cannot sign in any more, and is signed out everywhere" };
    changed(place, &user, done).await
}

async fn admin(place: &Place, args: AdminArgs) -> Result<(), CliError> {
    let user = place.user(&args.name).await?;
    if args.remove {
        keep_one_administrator(place, &user).await?;
        place.users.set_superuser(&user.id, false).await.map_err(failed)?;
        place.users.set_admin(&user.id, false).await.map_err(failed)?;
        return changed(place, &user, "is no administrator any more").await;
    }
    place.users.set_admin(&user.id, true).await.map_err(failed)?;
    if args.superuser {
        place.users.set_superuser(&user.id, true).await.map_err(failed)?;
    }
    changed(place, &user, "is an administrator").await
}

async fn role(place: &Place, args: RoleArgs) -> Result<(), CliError> {
    let user = place.user(&args.name).await?;
    let grants = Grants::new(&place.db);
    let policy = place.settings.policy();
    let parse = |text: &String| Grant::parse(text, &policy, !args.remove).map_err(CliError::usage);
    let wanted = args.roles.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    for grant in &wanted {
        match args.remove {
            true => grants.take(&user.id, grant).await,
            false => grants.give(&user.id, grant).await,
        }
        .map_err(failed)?;
    }
    if !wanted.is_empty() {
        // What somebody may do changes with a new session alone.
        place.users.end_everything(&user.id).await.map_err(failed)?;
    }
    let granted = grants.of(&user.id).await.map_err(failed)?;
    let told = named(&granted);
    let text = if told.is_empty() { "has no roles" } else { &format!("has {told}") };
    tell(place, &user, text, &granted)
}

async fn delete(place: &Place, name: &str) -> Result<(), CliError> {
    let user = place.user(name).await?;
    keep_one_administrator(place, &user).await?;
    place.users.delete(&user.id).await.map_err(refused)?;
    Grants::new(&place.db).forget(&user.id).await.map_err(failed)?;
    tell(place, &user, "deleted", &Granted::default())
}

/// Without an administrator a site takes whoever is at its computer for one: that is not to happen by the way.
async fn keep_one_administrator(place: &Place, user: &User) -> Result<(), CliError> {
    if user.active && (user.admin || user.superuser) && administrators(&place.db).await? < 2 {
        return Err(CliError::failed(format!(
            "{} is the only administrator; make another one first: `frontdesk user admin NAME`",
            user.username
        )));
    }
    Ok(())
}

/// Tells what became of a user, as they are now.
async fn changed(place: &Place, user: &User, what: &str) -> Result<(), CliError> {
    let now = place.users.by_id(&user.id).await.map_err(failed)?;
    let granted = Grants::new(&place.db).of(&user.id).await.map_err(failed)?;
    tell(place, now.as_ref().unwrap_or(user), what, &granted)
}

fn tell(place: &Place, user: &User, what: &str, granted: &Granted) -> Result<(), CliError> {
    place.print(|| as_json(user, granted), || format!("{}: {what}", user.username))
}

/// What a user was given, in words.
fn named(granted: &Granted) -> String {
    let attributes = granted.attributes.iter().map(|(name, value)| format!("{name}={}", value.to_text()));
    granted.roles.iter().cloned().chain(attributes).collect::<Vec<_>>().join(", ")
}

fn as_row(user: &User, granted: &Granted) -> Vec<String> {
    let status = match (user.active, user.email_confirmed) {
        (false, _) => "disabled",
        (true, _) => "active",
    };
    let rank = [(user.superuser, "superuser"), (user.admin && !user.superuser, "admin")];
    let mut roles: Vec<String> =
        rank.iter().filter(|(is, _)| *is).map(|(_, name)| (*name).to_owned()).collect();
    roles.extend(Some(named(granted)).filter(|text| !text.is_empty()));
    let day = |at: Option<jiff::Timestamp>| {
        at.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
    };
    vec![
        user.username.to_string(),
        user.email.as_deref().unwrap_or("-").to_owned(),
        status.to_owned(),
        if roles.is_empty() { "-".to_owned() } else { roles.join(", ") },
        day(user.created),
        day(user.last_login),
    ]
}

fn as_json(user: &User, granted: &Granted) -> serde_json::Value {
    let attributes: serde_json::Map<String, serde_json::Value> = granted
        .attributes
        .iter()
        .map(|(name, value)| {
            (name.clone(), value.as_int().map_or_else(|| value.to_text().into(), Into::into))
        })
        .collect();
    json!({
        "id": match &user.id { UserId::Int(id) => json!(id), other => json!(other.to_string()) },
        "username": &*user.username,
        "email": user.email.as_deref(),
        "active": user.active,
        "admin": user.admin,
        "superuser": user.superuser,
        "roles": granted.roles,
        "attributes": attributes,
        "created": user.created.map(|at| at.to_string()),
        "last_login": user.last_login.map(|at| at.to_string()),
        "email_confirmed": user.email_confirmed.map(|at| at.to_string()),
    })
}
