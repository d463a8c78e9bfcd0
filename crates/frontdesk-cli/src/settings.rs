//! What `frontdesk serve` is told: by the command line, by the environment, by the schema file, in this order.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use frontdesk_data::{MailDelivery, Policy, SchemaFile, SignInSettings};
use frontdesk_web::Secret;
use url::Url;

use crate::database::{Described, read_schema};
use crate::state::State;
use crate::{CliError, listen, secret};

/// The schema file that is used without being named.
const SCHEMA: &str = "frontdesk.toml";

/// The variables of the environment that are read.
pub(crate) const VARIABLES: [&str; 13] = [
    "FRONTDESK_DATABASE",
    "FRONTDESK_SCHEMA",
    "FRONTDESK_LISTEN",
    "FRONTDESK_MEDIA",
    "FRONTDESK_STATE",
    "FRONTDESK_AS",
    "FRONTDESK_SECRET_KEY",
    "FRONTDESK_SECRET_KEY_FILE",
    "FRONTDESK_URL",
    "FRONTDESK_SESSIONS",
    "FRONTDESK_SMTP",
    "FRONTDESK_CAPTCHA_SECRET",
    "FRONTDESK_CAPTCHA_SECRET_FILE",
];

/// What the command line says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said<'a> {
    pub(crate) database: Option<&'a str>,
    pub(crate) schema: Option<&'a Path>,
    pub(crate) listen: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
}

/// The environment, as a function from names to values.
pub(crate) type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// The environment of the process. What is no text is taken as far as it is.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// All that was said. Without `Debug`: there are secrets in it.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) schema_path: Option<PathBuf>,
    pub(crate) schema: Option<SchemaFile>,
    pub(crate) database: Option<String>,
    /// Where to listen, as it was written.
    pub(crate) listen: String,
    /// Where users, sessions and drafts are to be.
    pub(crate) state: Option<String>,
    /// Where a relative path to them begins.
    state_folder: PathBuf,
    /// The secret key, and where it comes from.
    pub(crate) key: Option<String>,
    pub(crate) key_file: Option<PathBuf>,
    /// The address at which people reach the site.
    pub(crate) url: Option<String>,
    pub(crate) hosts: Vec<String>,
    pub(crate) trusted_proxies: Option<Vec<String>>,
    pub(crate) sessions: Sessions,
    pub(crate) mail: Option<Mail>,
    pub(crate) sign_in: SignInSettings,
    pub(crate) captcha_secret: Option<String>,
}

/// Where sessions are, and the counts of attempts.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Sessions {
    Database,
    Memory,
    Redis(String),
}

/// How mail is sent.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) to: Delivery,
    pub(crate) from: String,
}

/// Where mail goes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    Smtp(String),
    Folder(PathBuf),
}

impl Settings {
    /// Reads the schema file, and puts together what was said.
    ///
    /// # Errors
    /// What the schema file has wrong; what cannot be understood at all.
    pub(crate) fn read(said: Said<'_>, environment: Environment<'_>) -> Result<Self, CliError> {
        let schema_path = schema_path(said.schema, said.database);
        let schema = schema_path.as_deref().map(read_schema).transpose()?;
        Self::with_schema(said, schema_path, schema, environment)
    }

    /// As [`read`](Self::read), with a schema file that was read already.
    pub(crate) fn with_schema(
        said: Said<'_>,
        schema_path: Option<PathBuf>,
        schema: Option<SchemaFile>,
        environment: Environment<'_>,
    ) -> Result<Self, CliError> {
        let server = schema.as_ref().map(|schema| schema.server().clone()).unwrap_or_default();
        let beside = schema_path.as_deref().and_then(Path::parent).map(Path::to_path_buf);
        let given = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        // A path in the schema file begins in its folder, one on the command line in the current folder.
        let state_folder = beside.clone().filter(|_| said.state.is_none()).unwrap_or_default();
        let sessions = match given("FRONTDESK_SESSIONS").or(server.sessions).as_deref() {
            None | Some("database") => Sessions::Database,
            Some("memory") => Sessions::Memory,
            Some(url) if url.starts_with("redis://") || url.starts_with("rediss://") => {
                Sessions::Redis(url.to_owned())
            }
            Some(_) => {
                return Err(CliError::usage(
                    "FRONTDESK_SESSIONS is `database`, `memory`, or a URL such as `redis://localhost`",
                ));
            }
        };
        let smtp = given("FRONTDESK_SMTP");
        let mail = match schema.as_ref().and_then(SchemaFile::mail) {
            None if smtp.is_some() => {
                return Err(CliError::usage(
                    "FRONTDESK_SMTP is set, but nobody said who sends: write `[mail]` and `from = \"Desk <desk@example.com>\"` \
                     into the schema file",
                ));
            }
            None => None,
            Some(mail) => {
                let to = match (&mail.to, smtp) {
                    (_, Some(url)) => Delivery::Smtp(url),
                    (MailDelivery::Folder(path), None) => {
                        Delivery::Folder(beside.clone().unwrap_or_default().join(path))
                    }
                    (MailDelivery::Smtp(Some(url)), None) => Delivery::Smtp(url.clone()),
                    _ => {
                        return Err(CliError::usage(
                            "`[mail]` does not say where mail goes: set FRONTDESK_SMTP, or write `smtp = \"smtps://…\"`",
                        ));
                    }
                };
                Some(Mail { to, from: mail.from.clone() })
            }
        };
        let captcha_secret = match (given("FRONTDESK_CAPTCHA_SECRET"), given("FRONTDESK_CAPTCHA_SECRET_FILE"))
        {
            (None, Some(path)) => Some(read_line(Path::new(&path), "the secret of the CAPTCHA")?),
            (secret, _) => secret,
        };
        Ok(Self {
            database: said.database.map(str::to_owned).or(server.database),
            listen: said
                .listen
                .map(str::to_owned)
                .or(server.listen)
                .unwrap_or_else(|| listen::DEFAULT.to_owned()),
            state: said.state.map(str::to_owned).or(server.state),
            state_folder,
            // An empty key is not the same as none: it is refused.
            key: environment("FRONTDESK_SECRET_KEY"),
            key_file: environment("FRONTDESK_SECRET_KEY_FILE").map(PathBuf::from),
            url: given("FRONTDESK_URL").or(server.url),
            hosts: server.hosts,
            trusted_proxies: server.trusted_proxies,
            sessions,
            mail,
            sign_in: schema.as_ref().map(|schema| schema.sign_in().clone()).unwrap_or_default(),
            captcha_secret,
            schema,
            schema_path,
        })
    }

    /// Whether there is a secret key.
    pub(crate) fn has_secret(&self) -> bool {
        self.key.is_some() || self.key_file.is_some()
    }

    /// The secret key, or a random one.
    pub(crate) fn secret(&self) -> Result<Secret, CliError> {
        secret::secret(self.key.as_deref(), self.key_file.as_deref())
    }

    /// Where to listen.
    pub(crate) fn address(&self) -> Result<SocketAddr, CliError> {
        listen::parse(&self.listen)
    }

    /// The address at which people reach the site.
    pub(crate) fn url(&self) -> Result<Option<Url>, CliError> {
        let Some(text) = &self.url else { return Ok(None) };
        let url = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.path() == "/"
                && url.query().is_none()
                && url.username().is_empty()
        });
        url.map(Some).ok_or_else(|| {
            CliError::usage(format!(
                "`{text}` is not the address of a site; write a scheme and a name, such as https://desk.example.com"
            ))
        })
    }

    /// The folder of the schema file.
    pub(crate) fn beside_schema(&self) -> Option<PathBuf> {
        self.schema_path.as_deref().and_then(Path::parent).map(Path::to_path_buf)
    }

    /// Opens the place of users, sessions and drafts.
    pub(crate) async fn open_state(&self, described: &Described) -> Result<State, CliError> {
        State::open(self.state.as_deref(), &self.state_folder, self.has_secret(), described).await
    }

    /// Opens it without the database that is served; `None`, where it is not there yet and is not to be made.
    pub(crate) async fn open_state_alone(&self, may_make: bool) -> Result<Option<State>, CliError> {
        let database = self.database.as_deref();
        State::alone(self.state.as_deref(), &self.state_folder, self.has_secret(), database, may_make).await
    }

    /// Who may do what.
    pub(crate) fn policy(&self) -> Policy {
        match &self.schema {
            Some(schema) => schema.policy(),
            None => Policy::new().otherwise("admin"),
        }
    }
}

/// The schema file: the one that is named, or the one in the current folder where there is no database either.
pub(crate) fn schema_path(named: Option<&Path>, database: Option<&str>) -> Option<PathBuf> {
    match (named, database) {
        (Some(path), _) => Some(path.to_path_buf()),
        (None, None) => Some(PathBuf::from(SCHEMA)).filter(|path| path.is_file()),
        (None, Some(_)) => None,
    }
}

fn read_line(path: &Path, what: &str) -> Result<String, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::failed(format!("cannot read {what} in {}: {error}", path.display())))?;
    Ok(text.trim().to_owned())
}

/// Variables that are nearly one of ours: what was meant by them would silently not happen. Each with the one that is near.
///
/// Others with our beginning are left alone: systems that run containers make some, after the name of the service.
pub(crate) fn misspelt<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<(String, &'static str)> {
    let near = |name: &str| {
        let rest = name.to_ascii_uppercase().strip_prefix("FRONTDESK_")?.to_owned();
        VARIABLES.into_iter().find(|known| {
            let known = &known["FRONTDESK_".len()..];
            known.len() > 3 && strsim::damerau_levenshtein(&rest, known) <= 2
        })
    };
    let names = names.into_iter().filter(|name| !VARIABLES.contains(name));
    names.filter_map(|name| Some((name.to_owned(), near(name)?))).collect()
}

/// Refuses variables that are nearly one of ours.
pub(crate) fn refuse_misspelt() -> Result<(), CliError> {
    let names: Vec<String> =
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    match misspelt(names.iter().map(String::as_str)).first() {
        None => Ok(()),
        Some((name, meant)) => {
            Err(CliError::usage(format!("there is no variable {name}; did you mean {meant}?")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(schema: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let file = SchemaFile::parse("conf/frontdesk.toml", schema).map_err(|error| error.to_string())?;
        let environment = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let path = Some(PathBuf::from("conf/frontdesk.toml"));
        Settings::with_schema(Said::default(), path, Some(file), &environment)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_comes_before_the_file() {
        let file = "[server]\nurl = 'https://a.example'\nsessions = 'redis://file'\n[mail]\nfolder = 'out'\nfrom = 'a@b'";
        let settings = read(file, &[]).ok().unwrap();
        assert_eq!(settings.url.as_deref(), Some("https://a.example"));
        assert!(
            matches!(&settings.mail.as_ref().unwrap().to, Delivery::Folder(path) if path == Path::new("conf/out"))
        );
        let variables = [
            ("FRONTDESK_URL", "https://b.example"),
            ("FRONTDESK_SESSIONS", "database"),
            ("FRONTDESK_SMTP", "smtps://u:p@mail"),
        ];
        let settings = read(file, &variables).ok().unwrap();
        assert_eq!(settings.url.as_deref(), Some("https://b.example"));
        assert!(matches!(settings.sessions, Sessions::Database));
        assert!(matches!(&settings.mail.unwrap().to, Delivery::Smtp(url) if url == "smtps://u:p@mail"));
    }

    #[test]
    fn what_says_nothing_is_told() {
        let error = read("", &[("FRONTDESK_SMTP", "smtp://mail")]).err().unwrap();
        assert!(error.contains("who sends"), "{error}");
        let error = read("[mail]\nfrom = 'a@b'", &[]).err().unwrap();
        assert!(error.contains("where mail goes"), "{error}");
        let error = read("", &[("FRONTDESK_SESSIONS", "redis")]).err().unwrap();
        assert!(error.contains("`database`"), "{error}");
        for url in ["desk.example.com", "https://desk.example.com/path", "ftp://x", "https://u@x"] {
            let settings = read("", &[("FRONTDESK_URL", url)]);
            assert!(settings.is_ok_and(|settings| settings.url().is_err()), "{url}");
        }
    }

    #[test]
    fn ops_02_a_variable_that_is_nearly_ours_is_found() {
        let found =
            misspelt(["FRONTDESK_SECRETKEY", "FRONTDESK_STATES", "FRONTDESK_URL", "PATH", "FRONTDESK_BIN"]);
        let found: Vec<_> = found.iter().map(|(name, meant)| (&**name, *meant)).collect();
        assert_eq!(
            found,
            [("FRONTDESK_SECRETKEY", "FRONTDESK_SECRET_KEY"), ("FRONTDESK_STATES", "FRONTDESK_STATE")]
        );
        // What Kubernetes makes of a service that is called frontdesk, and what our own tests use.
        for name in [
            "PORT",
            "SERVICE_HOST",
            "SERVICE_PORT",
            "PORT_8000_TCP",
            "PORT_8000_TCP_ADDR",
            "TEST_POSTGRES",
            "CHROMIUM",
        ] {
            let name = format!("FRONTDESK_{name}");
            assert!(misspelt([name.as_str()]).is_empty(), "{name}");
        }
    }
}
