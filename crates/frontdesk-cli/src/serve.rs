//! `frontdesk serve`.

use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use frontdesk_data::MediaSettings;
use frontdesk_web::{ServeOptions, serve};

use crate::account::administrators;
use crate::check::is_loopback;
use crate::database::{Described, open_described};
use crate::settings::{self, Said, Settings};
use crate::site::{Site, SiteOptions, app, home, words};
use crate::{CliError, ServeArgs, actor, demo, listen, public};

/// How often the folder of uploads is tidied up.
const SWEEP: Duration = Duration::from_mins(10);

/// Serves until it is told to stop.
pub(crate) async fn run(args: ServeArgs) -> Result<(), CliError> {
    settings::refuse_misspelt()?;
    let said = Said {
        database: args.database.as_deref(),
        schema: args.schema.as_deref(),
        listen: args.listen.as_deref(),
        state: args.state.as_deref(),
    };
    let settings = Settings::read(said, &settings::environment)?;
    // The cheap checks come first: nothing is made or opened for a command that cannot be carried out.
    let address = settings.address()?;
    let url = settings.url()?;
    let secret = settings.secret()?;
    let is_open = !address.ip().is_loopback();
    if is_open {
        public::refuse_unprepared(&settings, &args, address, url.as_ref())?;
    }
    // What others reach is listened on once it is known that they meet a sign-in.
    let early = if is_open { None } else { Some(listen::bind(address).await?) };

    let mut demo_file = None;
    let described = match &settings.database {
        Some(database) => open_described(database, settings.schema.as_ref()).await?,
        None if settings.schema.is_some() => {
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
    let media = media_folder(&args, &settings, &described)?;
    let state = settings.open_state(&described).await?;
    let mut options = SiteOptions::new(&described.name).secret(secret).media(&media);
    options.demo = demo_file;
    options.schema = described.schema.clone();
    options.state = state.db().cloned();
    options.proxies = public::proxies(&settings)?;
    // The demo has a schema file of its own.
    let policy = match &described.schema {
        Some(schema) => schema.policy(),
        None => settings.policy(),
    };
    let signing_in = match (state.db(), &args.actor) {
        (Some(db), None) => Some(db),
        _ => None,
    };
    let administrators = match signing_in {
        Some(db) => administrators(db).await?,
        None => 0,
    };
    if is_open && administrators == 0 {
        return Err(public::no_administrator(&settings, address, state.db().is_some()));
    }
    if let Some(db) = signing_in {
        options.sign_in = Some(public::sign_in(&settings, db, url.as_ref())?.always(is_open));
    }
    if let Some(text) = &args.actor {
        options.actor = actor::parse(text, &policy)?;
    }
    options.policy = Some(policy);
    let seen_as = args.actor.as_ref().map(|_| options.actor.to_string());
    let site = Site::new(&described.db, options);
    // Nothing is written unless something was left over.
    let sweeper = site.desk().uploads().sweep_every(&described.db, SWEEP);

    say(&summary(&described, settings.schema_path.as_deref(), &media));
    let kept = if signing_in.is_some() { "Users, sessions, drafts" } else { "Drafts" };
    say(&format!("{kept}, and what became of submissions: {}", state.told()));
    let listener = match early {
        Some(listener) => listener,
        None => listen::bind(address).await?,
    };
    let bound = listener.local_addr().map_err(|error| CliError::failed(format!("cannot listen: {error}")))?;
    let base = url
        .as_ref()
        .map_or_else(|| format!("http://{bound}"), |url| url.as_str().trim_end_matches('/').to_owned());
    match (seen_as, site.setup_path()) {
        (Some(actor), _) => say(&format!(
            "Nobody signs in, and only this computer is served: everybody here is taken for {actor}, and meets what the schema \
             file lets them do."
        )),
        (None, None) => say(
            "Nobody signs in, so only this computer is served, and whoever uses it may do everything. For sign-in, set \
             FRONTDESK_SECRET_KEY, or say with --state where users are kept.",
        ),
        (None, Some(_)) if administrators > 0 => say(&format!("Everybody signs in: {base}/login/")),
        (None, Some(path)) => {
            let until = match url.as_ref().is_some_and(|url| !is_loopback(url)) {
                true => "There is no administrator yet, so nobody can sign in.",
                false => {
                    "There is no administrator yet, so only this computer is served, and whoever uses it may do everything."
                }
            };
            say(&format!(
                "{until}\nMake the first one, at an address that is good for an hour and once:\n  {base}{path}\nor with \
                 `frontdesk user add NAME --admin`. From then on everybody signs in."
            ));
        }
    }
    say("Ctrl-C stops it.");
    let stop = stop().map_err(|error| CliError::failed(format!("cannot listen for signals: {error}")))?;
    say(&format!("listening on http://{bound}"));

    let served = serve(listener, app(site), ServeOptions::default(), stop).await;
    drop(sweeper);
    state.close().await;
    described.db.close().await;
    served.map_err(|error| CliError::failed(format!("the server stopped: {error}")))
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
fn media_folder(args: &ServeArgs, settings: &Settings, described: &Described) -> Result<PathBuf, CliError> {
    if let Some(folder) = &args.media {
        return Ok(folder.clone());
    }
    let beside_schema = settings.beside_schema();
    match settings.schema.as_ref().and_then(|schema| schema.server().media.as_ref()) {
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
