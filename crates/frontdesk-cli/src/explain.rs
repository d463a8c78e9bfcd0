//! `frontdesk explain`.

use std::io::Write;
use std::path::Path;

use frontdesk_data::{Action, RowId};

use crate::database::{open_described, read_schema};
use crate::settings::schema_path;
use crate::{CliError, ExplainArgs, actor};

/// Says whether somebody may do something, and why.
pub(crate) async fn run(args: ExplainArgs) -> Result<(), CliError> {
    let Asked { database, actor, table, action, id } = Asked::read(&args.arguments)?;
    let path = schema_path(args.schema.as_deref(), database);
    let schema = path.as_deref().map(read_schema).transpose()?;
    let of_file = schema.as_ref().and_then(|schema| schema.server().database.clone());
    let named = std::env::var("FRONTDESK_DATABASE").ok();
    let database = database.map(str::to_owned).or(named).or(of_file).ok_or_else(|| {
        CliError::usage(
            "name a database, such as `shop.db`, before who asks; or write it into the schema file",
        )
    })?;
    let described = open_described(&database, schema.as_ref()).await?;
    let policy = match &schema {
        Some(schema) => schema.policy(),
        None => frontdesk_data::Policy::new().otherwise("admin"),
    };
    let actor = actor::parse(actor, &policy)?;
    let Some(table) = described.db.table(table) else {
        let known: Vec<String> = described.db.tables().iter().map(|table| table.name.to_string()).collect();
        return Err(CliError::usage(format!("there is no table `{table}`; there are {}", known.join(", "))));
    };
    let why = policy.access(&actor, &table).explain(&described.db, action, id.as_ref()).await?;
    let written = write!(std::io::stdout().lock(), "{why}");
    described.db.close().await;
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::failed(format!("cannot write: {error}")))
        }
        _ if why.is_allowed() => Ok(()),
        _ => Err(CliError::silent()),
    }
}

/// What the arguments say.
struct Asked<'a> {
    database: Option<&'a str>,
    actor: &'a str,
    table: &'a str,
    action: Action,
    id: Option<RowId>,
}

impl<'a> Asked<'a> {
    /// Reads the arguments; the action tells whether a database stands before them.
    fn read(arguments: &'a [String]) -> Result<Self, CliError> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (database, words) = match &words[..] {
            // A table may be called as an action is.
            [database, rest @ ..]
                if rest.len() >= 3 && action(rest[2]).is_some() && Path::new(database).exists() =>
            {
                (Some(*database), rest)
            }
            [.., _] if words.len() >= 3 && action(words[2]).is_some() => (None, &words[..]),
            [database, rest @ ..] if rest.len() >= 3 => (Some(*database), rest),
            _ => (None, &words[..]),
        };
        let (actor, table, what, id) = match words {
            [actor, table, what] => (actor, table, what, None),
            [actor, table, what, id] => (actor, table, what, Some(id)),
            _ => return Err(CliError::usage("there are too many arguments; see `frontdesk explain --help`")),
        };
        let action = action(what).ok_or_else(|| {
            CliError::usage(format!("there is no action `{what}`; there are read, create, update and delete"))
        })?;
        let id = match id {
            Some(text) => Some(text.parse().map_err(|_| {
                CliError::usage(format!(
                    "`{text}` is no row's identity; write it as it is in addresses, such as 42"
                ))
            })?),
            None => None,
        };
        Ok(Self { database, actor, table, action, id })
    }
}

fn action(word: &str) -> Option<Action> {
    Some(match word {
        "read" => Action::Read,
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_tells_what_the_other_arguments_are() {
        let read = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let asked = Asked::read(&words).map_err(|error| error.to_string())?;
            let id = asked.id.map(|id| id.to_string()).unwrap_or_default();
            Ok::<_, String>(format!(
                "{:?} {} {} {:?} {id}",
                asked.database, asked.actor, asked.table, asked.action
            ))
        };
        assert_eq!(read("user note read").unwrap(), "None user note Read ");
        assert_eq!(read("user note read 7").unwrap(), "None user note Read 7");
        assert_eq!(read("a.db user note update").unwrap(), "Some(\"a.db\") user note Update ");
        assert_eq!(read("a.db user note delete 7").unwrap(), "Some(\"a.db\") user note Delete 7");
        assert!(read("user note see").unwrap_err().contains("no action `see`"));
        assert!(read("a.db user note read ~").unwrap_err().contains("no row's identity"));
    }
}
