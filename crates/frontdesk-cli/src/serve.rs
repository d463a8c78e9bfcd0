//! `frontdesk serve`.

use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use frontdesk_data::{MediaSettings, Policy, SchemaFile};
use frontdesk_web::{ServeOptions, serve};

use crate::database::{Described, open_described, read_schema};
use crate::site::{Site, SiteOptions, app, home, words};
use crate::state::State;
use crate::{CliError, ServeArgs, actor, demo, listen, secret};

/// How often the folder of uploads is tidied up.
const SWEEP: Duration = Duration::from_mins(10);

/// The schema file that is used without being named.
const SCHEMA: &str = "frontdesk.toml";

/// Serves until it is told to stop.
pub(crate) async fn run(args: ServeArgs) -> Result<(), CliError> {
    let schema_path = schema_path(args.schema.as_deref(), args.database.as_deref());
    let schema = schema_path.as_deref().map(read_schema).transpose()?;
    let settings = schema.as_ref().map(|schema| schema.server().clone()).unwrap_or_default();
    // The cheap checks come first: nothing is made or opened for a command that cannot be carried out.
    let address =
        listen::parse(args.listen.as_deref().or(settings.listen.as_deref()).unwrap_or(listen::DEFAULT))?;
    let key = std::env::var("FRONTDESK_SECRET_KEY").ok();
    let key_file = std::env::var_os("FRONTDESK_SECRET_KEY_FILE").map(PathBuf::from);
    let secret = secret::secret(key.as_deref(), key_file.as_deref())?;
    let listener = listen::bind(address).await?;

    let mut demo_file = None;
    let described = match args.database.as_deref().or(settings.database.as_deref()) {
        Some(database) => open_described(database, schema.as_ref()).await?,
        None if schema_path.is_some() => {
            return Err(CliError::usage(
                "the schema file names no database: write `database = \"sqlite://shop.db\"` under `[server]`, or name one on \
                 the command line",
            ));
        }
        None => {
            let (demo, path) = demo::open().await?;
            say(&format!("No database was given: this is a demo, in {}", path.display()));
            demo_file = Some(path.display().to_string());
            demo
        }
    };
    let media = media_folder(&args, schema_path.as_deref(), schema.as_ref(), &described)?;
    let has_secret = key.is_some() || key_file.is_some();
    let wish = args.state.as_deref().or(settings.state.as_deref());
    let beside = schema_path.as_deref().and_then(Path::parent);
    // A path in the schema file begins in its folder, one on the command line in the current folder.
    let folder = beside.filter(|_| args.state.is_none()).unwrap_or(Path::new(""));
    let state = State::open(wish, folder, has_secret, &described).await?;
    let mut options = SiteOptions::new(&described.name).secret(secret).media(&media);
    options.demo = demo_file;
    options.schema = described.schema.clone();
    options.state = state.db().cloned();
    let policy = match &described.schema {
        Some(schema) => schema.policy(),
        None => Policy::new().otherwise("admin"),
    };
    if let Some(text) = &args.actor {
        options.actor = actor::parse(text, &policy)?;
    }
    options.policy = Some(policy);
    let seen_as = args.actor.as_ref().map(|_| options.actor.to_string());
    let site = Site::new(&described.db, options);
    // Nothing is written unless something was left over.
    let sweeper = site.desk().uploads().sweep_every(&described.db, SWEEP);

    say(&summary(&described, schema_path.as_deref(), &media));
    say(&format!("Drafts, and what became of submissions: {}", state.told()));
    if let Some(actor) = seen_as {
        say(&format!("Everybody here is taken for {actor}, and meets what the schema file lets them do."));
    }
    say("There is no sign-in yet, so only this computer is served. Ctrl-C stops it.");
    let bound = listener.local_addr().map_err(|error| CliError::failed(format!("cannot listen: {error}")))?;
    let stop = stop().map_err(|error| CliError::failed(format!("cannot listen for signals: {error}")))?;
    say(&format!("listening on http://{bound}"));

    let served = serve(listener, app(site), ServeOptions::default(), stop).await;
    drop(sweeper);
    state.close().await;
    described.db.close().await;
    served.map_err(|error| CliError::failed(format!("the server stopped: {error}")))
}

/// The schema file: the one that is named, or the one in the current folder where there is no database either.
pub(crate) fn schema_path(named: Option<&Path>, database: Option<&str>) -> Option<PathBuf> {
    match (named, database) {
        (Some(path), _) => Some(path.to_path_buf()),
        (None, None) => Some(PathBuf::from(SCHEMA)).filter(|path| path.is_file()),
        (None, Some(_)) => None,
    }
}

/// A line on standard output. That nobody reads it must not end the server.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn summary(described: &Described, schema: Option<&Path>, media: &Path) -> String {
    let tables = described.db.tables();
    let mut text =
        format!("{}: {}", described.name, home::summary(&words::LANGUAGES.default_language(), &tables));
    if let Some(schema) = schema {
        text.push_str(&format!("; schema file {}", schema.display()));
    }
    let has_uploads = tables.iter().flat_map(|table| &table.fields).any(|field| field.kind.is_upload());
    if has_uploads {
        text.push_str(&format!("; uploads in {}", media.display()));
    }
    text
}

/// The folder for uploads: what was said, or `media` beside the schema file or the database.
fn media_folder(
    args: &ServeArgs,
    schema_path: Option<&Path>,
    schema: Option<&SchemaFile>,
    described: &Described,
) -> Result<PathBuf, CliError> {
    if let Some(folder) = &args.media {
        return Ok(folder.clone());
    }
    let beside_schema = schema_path.and_then(Path::parent).map(Path::to_path_buf);
    match schema.and_then(|schema| schema.server().media.as_ref()) {
        Some(MediaSettings::Path(path)) => Ok(beside_schema.unwrap_or_default().join(path)),
        Some(_) => Err(CliError::failed(
            "uploads in S3 are not supported by this version; write `media = { path = \"media\" }` in the schema file",
        )),
        None => Ok(beside_schema.unwrap_or_else(|| described.folder.clone()).join("media")),
    }
}

/// Listens for Ctrl-C, and for the system's wish that the program ends. From the call on neither ends it at once; what is
/// returned is done when one of them came.
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
