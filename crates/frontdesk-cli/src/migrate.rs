//! `frontdesk migrate`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use frontdesk_data::{Db, DbOptions, OwnTables};
use frontdesk_forms::{Drafts, Ledger};
use frontdesk_validate::Registry;

use crate::account::Grants;
use crate::database::{Described, is_url, open_described, read_schema, url_of};
use crate::{CliError, MigrateArgs};

/// The tables that frontdesk keeps for itself, but for those of sign-in, which are made when the first user is.
const OWN: [OwnTables; 3] = [Ledger::own_tables(), Drafts::own_tables(), Grants::own_tables()];

/// Makes the tables that are missing, or prints the SQL that would.
pub(crate) async fn run(args: MigrateArgs) -> Result<(), CliError> {
    let schema = args.schema.as_deref().map(read_schema).transpose()?;
    let settings = schema.as_ref().map(|schema| schema.server().clone()).unwrap_or_default();
    let Some(database) = args.database.as_deref().or(settings.database.as_deref()) else {
        return Err(CliError::usage(
            "name a database, or write `database = \"sqlite://shop.db\"` under `[server]` in the schema file",
        ));
    };
    // Without the schema file, so that nothing is made yet.
    let described = open_described(database, None).await?;
    let result = work(&args, schema.as_ref(), settings.state.as_deref(), &described).await;
    described.db.close().await;
    result
}

async fn work(
    args: &MigrateArgs,
    schema: Option<&frontdesk_data::SchemaFile>,
    state: Option<&str>,
    described: &Described,
) -> Result<(), CliError> {
    let mut plan = Plan::default();
    let registry = Registry::standard();
    if let Some(schema) = schema {
        let planned = described.db.planned_tables(schema, &registry).await.map_err(apply_error)?;
        plan.section(
            &format!("{}: tables that the schema file asks for", described.name),
            planned.into_iter().map(|(_, sql)| sql),
        );
    }
    let beside = args.schema.as_deref().and_then(Path::parent).filter(|_| args.state.is_none());
    let state = match args.state.as_deref().or(state) {
        None | Some("memory") => None,
        Some("same") => Some(State { db: described.db.clone(), name: described.name.clone(), is_same: true }),
        Some(other) => Some(State::open(other, beside.unwrap_or(Path::new("")), args.plan).await?),
    };
    if let Some(state) = &state {
        let mut missing = Vec::new();
        for own in OWN {
            missing.extend(own.plan(&state.db).await?.into_iter().map(str::to_owned));
        }
        plan.section(&format!("{}: frontdesk's own tables", state.name), missing);
    }
    if args.plan {
        plan.print()?;
    } else {
        if let Some(schema) = schema {
            described.db.apply(schema, &registry).await.map_err(apply_error)?;
        }
        if let Some(state) = &state {
            for own in OWN {
                own.make(&state.db).await?;
            }
        }
        match plan.count {
            0 => eprintln!("nothing is missing; nothing was changed"),
            1 => eprintln!("1 statement was carried out"),
            count => eprintln!("{count} statements were carried out"),
        }
    }
    if let Some(state) = state.filter(|state| !state.is_same) {
        state.db.close().await;
    }
    Ok(())
}

fn apply_error(error: frontdesk_data::ApplyError) -> CliError {
    match error {
        frontdesk_data::ApplyError::File(error) => error.into(),
        other => CliError::failed(other.to_string()),
    }
}

/// The database of frontdesk's own tables.
struct State {
    db: Db,
    name: String,
    is_same: bool,
}

impl State {
    /// Opens it. One that is only looked at is not made: what is planned then is planned for an empty one.
    async fn open(place: &str, folder: &Path, only_look: bool) -> Result<Self, CliError> {
        let (url, exists) = match is_url(place) {
            true => (place.to_owned(), true),
            false => {
                let path = folder.join(place);
                (url_of(&path)?, path.exists())
            }
        };
        let url = if only_look && !exists { "sqlite::memory:" } else { &url };
        let options = DbOptions::new().create_if_missing(!only_look).readers(2);
        let db = Db::open_with(url, options)
            .await
            .map_err(|error| CliError::failed(format!("cannot open {place}: {error}")))?;
        Ok(Self { db, name: place.to_owned(), is_same: false })
    }
}

/// The statements that make what is missing.
#[derive(Default)]
struct Plan {
    text: String,
    count: usize,
}

impl Plan {
    fn section(&mut self, heading: &str, statements: impl IntoIterator<Item = String>) {
        let mut begun = false;
        for sql in statements {
            if !std::mem::replace(&mut begun, true) {
                let gap = if self.text.is_empty() { "" } else { "\n" };
                let _ = writeln!(self.text, "{gap}-- {}", heading.replace(['\n', '\r'], " "));
            }
            let _ = writeln!(self.text, "{sql};");
            self.count += 1;
        }
    }

    fn print(&self) -> Result<(), CliError> {
        let text = if self.text.is_empty() { "-- nothing is missing\n" } else { &self.text };
        std::io::stdout().lock().write_all(text.as_bytes()).map_err(|_| CliError::silent())
    }
}
