//! What a database URL says.

use std::path::PathBuf;

use crate::DbError;

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// An SQLite database in a file.
    SqliteFile { path: PathBuf, mode: Option<Mode> },
    /// An SQLite database that ends with the last handle.
    SqliteMemory,
    /// A PostgreSQL server; what else the URL says is its own matter.
    Postgres,
}

/// What `?mode=` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
    Create,
    /// Nobody writes while it is open, which spares locks and the files beside it.
    Immutable,
}

impl DatabaseUrl {
    /// Reads `sqlite://relative.db`, `sqlite:///absolute.db`, `sqlite:relative.db`, `sqlite::memory:`.
    ///
    /// Percent signs followed by two hexadecimal digits are decoded; `?mode=ro`, `rw` and `rwc` are understood,
    /// and `?immutable=1`.
    pub(crate) fn parse(url: &str) -> Result<Self, DbError> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(DbError::unsupported(format!(
                "`{url}` is no database URL; a file is written `sqlite://{url}`"
            )));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Self::sqlite(rest),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "mysql" | "mariadb" => Err(DbError::unsupported(
                "MySQL and MariaDB are not supported; `sqlite://FILE` and `postgres://HOST/DATABASE` are",
            )),
            // A drive letter of Windows is no scheme.
            scheme if scheme.len() == 1 => Err(DbError::unsupported(format!(
                "`{url}` is no database URL; a file is written `sqlite://{url}`"
            ))),
            scheme => Err(DbError::unsupported(format!(
                "databases of the kind `{scheme}:` are not supported; `sqlite://FILE` and `postgres://HOST/DATABASE` are"
            ))),
        }
    }

    fn sqlite(rest: &str) -> Result<Self, DbError> {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut mode = None;
        let mut memory = path == ":memory:";
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair {
                "mode=ro" => mode = Some(Mode::Read),
                "mode=rw" => mode = Some(Mode::Write),
                "mode=rwc" => mode = Some(Mode::Create),
                "immutable=1" => mode = Some(Mode::Immutable),
                "mode=memory" => memory = true,
                _ => {
                    return Err(DbError::unsupported(format!(
                        "`{pair}` is not understood in a database URL; known are mode=ro, mode=rw, mode=rwc and \
                         immutable=1 (a `?` in a file's name is written %3F)"
                    )));
                }
            }
        }
        if memory {
            return Ok(Self::SqliteMemory);
        }
        if path.is_empty() {
            return Err(DbError::unsupported("the database URL names no file; write `sqlite://FILE`"));
        }
        Ok(Self::SqliteFile { path: decoded(path)?, mode })
    }
}

/// The path with its percent signs decoded; one that no two hexadecimal digits follow is itself.
fn decoded(text: &str) -> Result<PathBuf, DbError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    if bytes.contains(&0) {
        return Err(DbError::unsupported("the database URL holds a NUL character"));
    }
    String::from_utf8(bytes)
        .map(PathBuf::from)
        .map_err(|_| DbError::unsupported("the database URL does not decode to UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> (String, Option<Mode>) {
        match DatabaseUrl::parse(url) {
            Ok(DatabaseUrl::SqliteFile { path, mode }) => (path.display().to_string(), mode),
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn files() {
        for (url, path) in [
            ("sqlite://shop.db", "shop.db"),
            ("sqlite:shop.db", "shop.db"),
            ("sqlite:///tmp/shop.db", "/tmp/shop.db"),
            ("sqlite://a/b c%20d%3F.db", "a/b c d?.db"),
            ("sqlite://100%.db", "100%.db"),
            ("SQLite://ü.db", "ü.db"),
        ] {
            assert_eq!(file(url), (path.to_owned(), None));
        }
        assert_eq!(file("sqlite://a.db?mode=rwc").1, Some(Mode::Create));
        assert_eq!(file("sqlite://a.db?mode=ro").1, Some(Mode::Read));
    }

    #[test]
    fn memory() {
        for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite://x?mode=memory"] {
            assert_eq!(DatabaseUrl::parse(url).unwrap(), DatabaseUrl::SqliteMemory);
        }
    }

    #[test]
    fn servers() {
        for url in ["postgres://localhost/shop", "PostgreSQL:///shop?host=/run/postgresql"] {
            assert_eq!(DatabaseUrl::parse(url).unwrap(), DatabaseUrl::Postgres);
        }
    }

    #[test]
    fn what_is_refused_says_what_to_write() {
        for (url, part) in [
            ("shop.db", "sqlite://shop.db"),
            ("mysql://root@localhost/shop", "MySQL"),
            ("mariadb://root@localhost/shop", "MariaDB"),
            ("oracle://x", "`oracle:`"),
            ("sqlite://", "names no file"),
            ("sqlite://a.db?cache=shared", "cache=shared"),
            ("sqlite://a%00.db", "NUL"),
            ("", "no database URL"),
        ] {
            let error = DatabaseUrl::parse(url).unwrap_err();
            assert!(error.to_string().contains(part), "{url}: {error}");
        }
    }
}
