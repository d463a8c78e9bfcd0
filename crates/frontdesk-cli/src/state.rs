//! Where users, sessions and drafts live, and what is remembered of submissions.

use std::path::{Path, PathBuf};

use frontdesk_data::{Db, DbOptions};

use crate::CliError;
use crate::database::{Described, OWN_SCHEMA, is_url, open_served, url_of, without_password};

/// The file that is used without being named.
const FILE: &str = "frontdesk.db";

/// Where it is kept.
#[derive(Debug)]
pub(crate) enum State {
    /// In memory, for this reason.
    Memory(&'static str),
    /// In tables of the database that is served.
    Same(Db),
    /// In a database of its own.
    File(Db, String),
}

impl State {
    /// Opens what was wished for: `memory`, `same`, or the path or URL of a database. Relative paths begin in `folder`.
    ///
    /// Without a wish it is [`FILE`] in `folder`, where there is a secret key: without one, drafts cannot be read after a
    /// restart anyway.
    pub(crate) async fn open(
        wish: Option<&str>,
        folder: &Path,
        has_secret: bool,
        described: &Described,
    ) -> Result<Self, CliError> {
        let served = described.folder.join(&described.name);
        match wish {
            Some("memory") => Ok(Self::Memory("as asked for")),
            Some("same") => Ok(Self::Same(described.db.clone())),
            Some(text) if text.trim().is_empty() => {
                Err(CliError::usage("`--state` is empty text; write `memory`, `same`, or the path of a file"))
            }
            Some(url) if is_url(url) => {
                let shown = without_password(url);
                Ok(Self::File(open(url, &shown, true).await?, shown))
            }
            Some(path) => {
                let path = folder.join(path);
                if is_same_file(&path, &served) {
                    return Ok(Self::Same(described.db.clone()));
                }
                let shown = path.display().to_string();
                Ok(Self::File(open(&url_of(&path)?, &shown, true).await?, shown))
            }
            None if !has_secret => Ok(Self::Memory("no FRONTDESK_SECRET_KEY is set")),
            None => Self::beside(&folder.join(FILE), &served).await,
        }
    }

    /// The place of users and sessions by itself, without the database that is served: `None`, where there is no file yet and
    /// none is to be made.
    pub(crate) async fn alone(
        wish: Option<&str>,
        folder: &Path,
        has_secret: bool,
        database: Option<&str>,
        may_make: bool,
    ) -> Result<Option<Self>, CliError> {
        let path = match wish {
            Some("memory") => return Ok(Some(Self::Memory("as asked for"))),
            Some("same") => {
                let database = database.ok_or_else(|| {
                    CliError::usage("`--state same` is the database that is served: name it, with --database")
                })?;
                return Ok(Some(Self::Same(open_served(database).await?)));
            }
            Some(text) if text.trim().is_empty() => {
                return Err(CliError::usage("`--state` is empty text; write `same`, or the path of a file"));
            }
            Some(url) if is_url(url) => {
                let shown = without_password(url);
                return Ok(Some(Self::File(open(url, &shown, may_make).await?, shown)));
            }
            Some(path) => folder.join(path),
            None if !has_secret => return Ok(Some(Self::Memory("no FRONTDESK_SECRET_KEY is set"))),
            None => folder.join(FILE),
        };
        if !may_make && !path.exists() {
            return Ok(None);
        }
        let shown = path.display().to_string();
        Ok(Some(Self::File(open(&url_of(&path)?, &shown, may_make).await?, shown)))
    }

    /// The file that nobody named: where it cannot be had, the site is served all the same.
    async fn beside(path: &Path, served: &Path) -> Result<Self, CliError> {
        if is_same_file(path, served) {
            return Ok(Self::Memory("the database that is served has the name of the file for them"));
        }
        let shown = path.display().to_string();
        match open(&url_of(path)?, &shown, true).await {
            Ok(db) => Ok(Self::File(db, shown)),
            Err(error) => {
                tracing::warn!(%error, "keeping drafts in memory");
                Ok(Self::Memory("the file for them cannot be written"))
            }
        }
    }

    /// The database; `None` for memory.
    pub(crate) fn db(&self) -> Option<&Db> {
        match self {
            Self::Memory(_) => None,
            Self::Same(db) | Self::File(db, _) => Some(db),
        }
    }

    /// Where it is, for the log.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Memory(why) => format!("in memory ({why})"),
            Self::Same(db) if db.has_schemas() => {
                format!("in the database itself, in the schema `{OWN_SCHEMA}`")
            }
            Self::Same(_) => "in the database itself".to_owned(),
            Self::File(_, path) => format!("in {path}"),
        }
    }

    pub(crate) async fn close(self) {
        if let Self::File(db, _) = self {
            db.close().await;
        }
    }
}

async fn open(url: &str, shown: &str, may_make: bool) -> Result<Db, CliError> {
    if may_make && let Some(path) = url.strip_prefix("sqlite://") {
        make_private(path);
    }
    let options =
        DbOptions::new().create_if_missing(may_make).readers(2).connections(4).own_schema(OWN_SCHEMA);
    let db = Db::open_with(url, options).await;
    db.map_err(|error| {
        CliError::failed(format!("cannot open {shown} for users, sessions and drafts: {error}"))
    })
}

/// Makes the file, if it is not there, so that only its owner may read it: there will be users in it. What does not work
/// here is told when it is opened.
fn make_private(path: &str) {
    // Names that are written otherwise in a URL are left to the one who made them.
    if path.contains(['%', '?']) {
        return;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| -> Option<PathBuf> { std::fs::canonicalize(path).ok() };
    whole(one).is_some_and(|one| Some(one) == whole(other))
}
