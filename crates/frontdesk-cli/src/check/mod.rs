//! `frontdesk check`.

mod rules;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use frontdesk_data::DbOptions;

pub(crate) use self::rules::is_loopback;
use self::rules::{Facts, Finding, Level, Users, findings};
use crate::account::administrators;
use crate::database::{Described, open_described_with, read_schema};
use crate::settings::{self, Said, Settings};
use crate::state::State;
use crate::{CheckArgs, CliError};

/// Says what is not fit for production.
pub(crate) async fn run(args: CheckArgs) -> Result<(), CliError> {
    let found = look(&args).await?;
    let count = |level| found.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let text = if args.json { as_json(&found) } else { as_text(&found, errors, warnings) };
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|_| CliError::silent())?;
    if errors > 0 { Err(CliError::silent()) } else { Ok(()) }
}

async fn look(args: &CheckArgs) -> Result<Vec<Finding>, CliError> {
    let path = settings::schema_path(args.schema.as_deref(), args.database.as_deref());
    // Mistakes in the file are findings, too: all of them, and then there is nothing more to be said.
    let schema = match path.as_deref().map(read_schema).transpose() {
        Ok(schema) => schema,
        Err(error) => return Ok(vec![in_schema(&error)]),
    };
    let said = Said {
        database: args.database.as_deref(),
        schema: args.schema.as_deref(),
        listen: args.listen.as_deref(),
        state: args.state.as_deref(),
    };
    let settings = Settings::with_schema(said, path, schema, &settings::environment)?;
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let variables: Vec<(String, String)> =
        std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect();
    let mut more = Vec::new();
    let mut facts = Facts {
        settings: &settings,
        variables: &variables,
        users: Users::Unknown,
        state_file: None,
        tables: &[],
    };
    let mut tables = Vec::new();
    match users(&settings).await {
        Ok((users, file)) => (facts.users, facts.state_file) = (users, file),
        Err(error) => more.push(Finding::error(
            "state-unreachable",
            error.to_string(),
            "say with --state where users and sessions are",
        )),
    }
    if let Some(database) = &settings.database {
        match described(database, &settings).await {
            Ok(described) => {
                tables = described.db.tables();
                described.db.close().await;
            }
            Err(error) => more.push(Finding::error(
                "database-unreachable",
                error.to_string(),
                "nothing can be served without it",
            )),
        }
    }
    facts.tables = &tables;
    let mut found = more;
    found.extend(findings(&facts));
    found.sort_by_key(|finding| finding.level);
    Ok(found)
}

/// The database, as it is: nothing is made. Tables that the schema file would make are not there yet.
async fn described(database: &str, settings: &Settings) -> Result<Described, CliError> {
    let described = open_described_with(database, None, DbOptions::new()).await?;
    if let Some(schema) = &settings.schema {
        let planned = described.db.planned_tables(schema, &frontdesk_validate::Registry::standard()).await;
        if let Err(error) = planned {
            described.db.close().await;
            return Err(match error {
                frontdesk_data::ApplyError::File(error) => error.into(),
                other => CliError::failed(other.to_string()),
            });
        }
    }
    Ok(described)
}

/// What is known of the users, and the file in which they are.
async fn users(settings: &Settings) -> Result<(Users, Option<PathBuf>), CliError> {
    let Some(state) = settings.open_state_alone(false).await? else {
        return Ok((Users::Administrators(0), None));
    };
    let file = match &state {
        State::File(_, path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        State::Same(_) => settings.database.as_ref().map(PathBuf::from).filter(|path| path.is_file()),
        State::Memory(_) => None,
    };
    let users = match &state {
        State::Memory(why) => Ok(Users::Nowhere(why)),
        State::Same(db) | State::File(db, _) => administrators(db).await.map(Users::Administrators),
    };
    state.close().await;
    Ok((users?, file))
}

fn in_schema(error: &CliError) -> Finding {
    Finding::error(
        "schema-file-wrong",
        error.to_string(),
        "mend the schema file: `frontdesk serve` does not start with it",
    )
}

fn as_text(found: &[Finding], errors: usize, warnings: usize) -> String {
    let mut text = String::new();
    for finding in found {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let _ = writeln!(text, "{level}: {} [{}]", finding.text, finding.rule);
        let _ = writeln!(text, "    {}", finding.advice);
    }
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let _ = match (errors, warnings) {
        (0, 0) => writeln!(text, "Nothing was found that is not fit for production."),
        _ => writeln!(text, "{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    };
    text
}

fn as_json(found: &[Finding]) -> String {
    let found: Vec<_> = (found.iter())
        .map(|finding| {
            serde_json::json!({
                "level": match finding.level { Level::Error => "error", Level::Warning => "warning" },
                "rule": finding.rule,
                "text": finding.text,
                "advice": finding.advice,
            })
        })
        .collect();
    format!("{}\n", serde_json::Value::from(found))
}
