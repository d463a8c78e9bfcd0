//! From what is on the command line to a database whose tables are described.

use std::path::{Path, PathBuf};

use frontdesk_data::{ApplyError, Db, DbErrorKind, DbOptions, SchemaFile};
use frontdesk_validate::Registry;

use crate::{CliError, site};

/// A database that is open, with all its tables described.
#[derive(Debug)]
#[non_exhaustive]
pub struct Described {
    /// The database.
    pub db: Db,
    /// What the database is called: the name of its file, or its own on a server.
    pub name: String,
    /// The folder of its file, for what belongs beside it; the current one for a database on a server.
    pub folder: PathBuf,
    /// The schema file, where there is one.
    pub schema: Option<SchemaFile>,
}

/// The PostgreSQL schema of frontdesk's own tables.
pub(crate) const OWN_SCHEMA: &str = "frontdesk";

/// Opens a database, describes its tables, and puts what the schema file says over that. Tables that the file wants made
/// are made; nothing else is written.
///
/// `database` is a URL (`sqlite://shop.db`, `postgres://ada@localhost/shop`) or the path of an existing file.
///
/// # Errors
/// [`CliError`], in words for the one who typed it.
pub async fn open_described(database: &str, schema: Option<&SchemaFile>) -> Result<Described, CliError> {
    open_described_with(database, schema, DbOptions::new()).await
}

/// As [`open_described`], with options.
pub(crate) async fn open_described_with(
    database: &str,
    schema: Option<&SchemaFile>,
    options: DbOptions,
) -> Result<Described, CliError> {
    let place = Place::read(database)?;
    let options = options.own_schema(OWN_SCHEMA);
    let db = Db::open_with(&place.url, options).await.map_err(|error| explain(&place, &error))?;
    let tables = match schema {
        Some(file) => db.apply(file, &Registry::standard()).await.map_err(|error| match error {
            ApplyError::Db(error) => explain(&place, &error),
            ApplyError::File(error) => error.into(),
            other => CliError::failed(other.to_string()),
        })?,
        None => db.introspect().await.map_err(|error| explain(&place, &error))?,
    };
    for table in tables.tables.iter().filter_map(|table| site::with_downloads(table)) {
        db.define(table).await?;
    }
    Ok(Described { db, name: place.name, folder: place.folder, schema: schema.cloned() })
}

/// Opens a database for its own tables alone: nothing is described.
pub(crate) async fn open_served(database: &str) -> Result<Db, CliError> {
    let place = Place::read(database)?;
    let options = DbOptions::new().own_schema(OWN_SCHEMA).readers(1).connections(2);
    Db::open_with(&place.url, options).await.map_err(|error| explain(&place, &error))
}

/// Reads a schema file.
pub(crate) fn read_schema(path: &Path) -> Result<SchemaFile, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        CliError::failed(match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no schema file `{}`", path.display()),
            std::io::ErrorKind::InvalidData => {
                format!("the schema file `{}` is not UTF-8 text", path.display())
            }
            _ => format!("cannot read the schema file `{}`: {error}", path.display()),
        })
    })?;
    Ok(SchemaFile::parse(&path.display().to_string(), &text)?)
}

/// Where a database is.
#[derive(Debug)]
struct Place {
    url: String,
    name: String,
    folder: PathBuf,
    /// The file, where it was given as a path.
    path: Option<PathBuf>,
}

impl Place {
    fn read(database: &str) -> Result<Self, CliError> {
        if database.trim().is_empty() {
            return Err(CliError::usage("the database is empty text; name a file, such as `shop.db`"));
        }
        if is_on_server(database) {
            return Ok(Self {
                url: database.to_owned(),
                name: name_on_server(database).unwrap_or_else(|| "database".to_owned()),
                folder: PathBuf::new(),
                path: None,
            });
        }
        if is_url(database) {
            let file = database.split_once(':').map_or("", |(_, rest)| rest.trim_start_matches("//"));
            let file = Path::new(file.split('?').next().unwrap_or_default());
            return Ok(Self {
                url: database.to_owned(),
                name: name_of(file).unwrap_or_else(|| "database".to_owned()),
                folder: folder_of(file),
                path: None,
            });
        }
        let path = PathBuf::from(database);
        Ok(Self {
            url: url_of(&path)?,
            name: name_of(&path).unwrap_or_else(|| database.to_owned()),
            folder: folder_of(&path),
            path: Some(path),
        })
    }
}

/// Whether a text is meant as a URL: a scheme of two letters or more, as drives of Windows have one, and no file of that
/// very name.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let is_scheme =
        scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme && !Path::new(text).exists()
}

/// Whether the URL leads to a database on a server.
pub(crate) fn is_on_server(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    ["postgres", "postgresql"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// The name of the database on its server; where none is given it is the user's.
fn name_on_server(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1.split('?').next()?;
    let (server, name) = rest.split_once('/').unwrap_or((rest, ""));
    let user = server.rsplit_once('@').map_or("", |(user, _)| user.split(':').next().unwrap_or_default());
    let name = if name.is_empty() { user } else { name };
    let plus = name.replace('+', "%2B");
    let (name, _) = form_urlencoded::parse(plus.as_bytes()).next()?;
    (!name.is_empty()).then(|| name.into_owned())
}

/// A URL without its password, to be shown.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (address, query) =
        rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
    let address = match address.rsplit_once('@') {
        Some((user, server)) => format!("{}@{server}", user.split(':').next().unwrap_or_default()),
        None => address.to_owned(),
    };
    let shown = |pair: &&str| !pair.to_ascii_lowercase().starts_with("password=");
    let query: Vec<&str> =
        query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).filter(shown).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{scheme}://{address}{mark}{}", query.join("&"))
}

/// The URL of a file.
pub(crate) fn url_of(path: &Path) -> Result<String, CliError> {
    let text = path.to_str().ok_or_else(|| {
        CliError::usage(format!(
            "the path `{}` is not UTF-8 text, as the name of a database has to be",
            path.display()
        ))
    })?;
    Ok(format!("sqlite://{}", text.replace('%', "%25").replace('?', "%3F")))
}

fn name_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    (name != ":memory:").then(|| name.into_owned())
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// What is wrong with the database, and what to do about it.
fn explain(place: &Place, error: &frontdesk_data::DbError) -> CliError {
    let hint = match (error.kind(), &place.path) {
        (_, Some(path)) if !path.exists() => {
            let here = std::env::current_dir().map(|folder| format!(" (looked in {})", folder.display()));
            let here = if path.is_absolute() { String::new() } else { here.unwrap_or_default() };
            return CliError::failed(format!(
                "there is no file `{}`{here}. Check the name; `frontdesk serve` without a database makes a demo.",
                path.display()
            ));
        }
        (DbErrorKind::Unsupported, _) => return CliError::usage(error.to_string()),
        (DbErrorKind::Corrupt, _) => ". Is it the right file?",
        (DbErrorKind::Busy, _) => ". Close that program, or wait until it is done, and try again.",
        _ if is_denied(error) => {
            ". This user may not read it: check its permissions and those of its folder."
        }
        _ => "",
    };
    CliError::failed(format!("{error}{hint}"))
}

/// Whether the file may not be read.
fn is_denied(error: &dyn std::error::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_on_a_server_has_a_name_and_its_password_is_not_shown() {
        for (url, name, shown) in [
            (
                "postgres://ada:s@cr:t@db:5433/shop?sslmode=require",
                "shop",
                "postgres://ada@db:5433/shop?sslmode=require",
            ),
            ("postgresql://ada@db", "ada", "postgresql://ada@db"),
            (
                "postgres:///my%20shop?host=/run/pg&password=secret",
                "my shop",
                "postgres:///my%20shop?host=/run/pg",
            ),
            ("POSTGRES://localhost", "database", "POSTGRES://localhost"),
        ] {
            assert!(is_on_server(url));
            let place = Place::read(url).unwrap();
            assert_eq!((&*place.name, &*place.url), (name, url));
            assert_eq!(without_password(url), shown);
        }
        assert!(!is_on_server("sqlite://postgres.db"));
    }

    #[test]
    fn a_path_becomes_a_url_and_a_url_stays() {
        let place = Place::read("data/100%?.db").unwrap();
        assert_eq!((&*place.url, &*place.name), ("sqlite://data/100%25%3F.db", "100%?.db"));
        assert_eq!(place.folder, Path::new("data"));
        let place = Place::read("sqlite:///srv/shop.db?mode=ro").unwrap();
        assert_eq!((&*place.url, &*place.name), ("sqlite:///srv/shop.db?mode=ro", "shop.db"));
        assert_eq!(place.folder, Path::new("/srv"));
        assert_eq!(Place::read("sqlite::memory:").unwrap().name, "database");
        assert!(Place::read(" ").is_err());
        for path in ["C:\\shop.db", "a b:c.db", "shop.db"] {
            assert!(!is_url(path), "{path}");
        }
    }
}
