//! What a database URL says of a PostgreSQL server.

use std::fmt;

use tokio_postgres::config::{Host, SslMode};

use super::tls::{Mode, TlsSettings};
use crate::{DbError, DbOptions};

/// Where the server is, and how to reach it.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: TlsSettings,
}

impl Settings {
    /// Reads `postgres://user:password@host:port/database?option=value`, with the options of libpq that are known here.
    pub(super) fn parse(url: &str, options: &DbOptions) -> Result<Self, DbError> {
        let mut tls = TlsSettings::default();
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut rest = String::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "sslmode" => tls.mode = Mode::parse(value)?,
                "sslrootcert" => tls.root = Some(decoded(value)),
                "sslcert" => tls.certificate = Some(decoded(value)),
                "sslkey" => tls.key = Some(decoded(value)),
                _ => {
                    rest.push(if rest.is_empty() { '?' } else { '&' });
                    rest.push_str(pair);
                }
            }
        }
        let mut config: tokio_postgres::Config = format!("{base}{rest}").parse().map_err(|error: tokio_postgres::Error| {
            // Its text names the part that is wrong, and never a value.
            DbError::unsupported(
                "the database URL is not understood; write `postgres://USER@HOST:PORT/DATABASE`, and %XX for signs \
                 such as `@` and `/` in a password",
            )
            .caused_by(error)
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_application_name().is_none() {
            config.application_name(&*options.application_name);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(options.connect_timeout);
        }
        config.ssl_mode(match tls.mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        Ok(Self { config, tls })
    }

    /// The server and the database, for messages.
    pub(super) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let hosts: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .enumerate()
            .map(|(at, host)| match host {
                Host::Tcp(name) => format!("{name}:{}", port(at)),
                #[cfg(unix)]
                Host::Unix(folder) => folder.display().to_string(),
            })
            .collect();
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        format!("`{database}` on {}", hosts.join(", "))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the password.
        f.debug_tuple("Settings").field(&self.place()).finish()
    }
}

fn decoded(text: &str) -> String {
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
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Settings, DbError> {
        Settings::parse(url, &DbOptions::new())
    }

    #[test]
    fn a_url_says_where_and_how() {
        let settings = parsed(
            "postgres://ada:s%40crét@db.example:5433/shop?sslmode=verify-full&sslrootcert=/etc/a%20b.pem&connect_timeout=3",
        )
        .unwrap();
        assert_eq!(settings.place(), "`shop` on db.example:5433");
        assert_eq!(settings.config.get_password(), Some("s@crét".as_bytes()));
        assert_eq!(settings.tls.mode, Mode::VerifyFull);
        assert_eq!(settings.tls.root.as_deref(), Some("/etc/a b.pem"));
        assert_eq!(settings.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(settings.config.get_application_name(), Some("frontdesk"));
        assert!(!format!("{settings:?}").contains("s@cr"));
        assert_eq!(parsed("postgresql:///shop?host=/run/pg").unwrap().place(), "`shop` on /run/pg");
        assert_eq!(parsed("postgres://localhost/shop").unwrap().tls.mode, Mode::Prefer);
    }

    #[test]
    fn what_is_not_understood_is_refused_without_the_password() {
        for url in [
            "postgres://ada:secret@db/shop?sslmode=maybe",
            "postgres://ada:secret@db/shop?sslmodus=require",
            "postgres://ada:secret@db:port/shop",
        ] {
            let error = parsed(url).unwrap_err();
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}
