//! What is not fit for production, one function for each rule.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use frontdesk_data::{Action, Actor, CaptchaSettings, Policy, Registration, SecondFactor, Table};
use url::{Host, Url};

use crate::database::is_on_server;
use crate::listen;
use crate::secret;
use crate::settings::{Delivery, Sessions, Settings};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It must not be so.
    Error,
    /// It may be meant so.
    Warning,
}

/// Something that is not fit for production.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// The name of the rule, for programs.
    pub(crate) rule: &'static str,
    /// What is wrong.
    pub(crate) text: String,
    /// What to do about it.
    pub(crate) advice: String,
}

impl Finding {
    pub(crate) fn error(rule: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Error, rule, text: text.into(), advice: advice.into() }
    }

    pub(crate) fn warning(rule: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(rule, text, advice) }
    }
}

/// What is known of how the site would be served.
pub(crate) struct Facts<'f> {
    pub(crate) settings: &'f Settings,
    /// The variables of the environment: names and values.
    pub(crate) variables: &'f [(String, String)],
    pub(crate) users: Users,
    /// The file of users and sessions, where it is one.
    pub(crate) state_file: Option<PathBuf>,
    /// The tables, where the database could be opened.
    pub(crate) tables: &'f [std::sync::Arc<Table>],
}

/// What is known of the users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// They are nowhere: in memory, for this reason.
    Nowhere(&'static str),
    /// So many of them are administrators who can sign in.
    Administrators(u64),
    /// It could not be found out.
    Unknown,
}

/// All that is not fit, the worst first.
pub(crate) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    let rules: [fn(&Facts<'_>) -> Vec<Finding>; 13] = [
        secret_key,
        users,
        address,
        proxies,
        sessions,
        registration,
        mail,
        variables,
        looking,
        logging,
        files,
        access,
        database,
    ];
    let mut findings: Vec<Finding> = rules.iter().flat_map(|rule| rule(facts)).collect();
    findings.sort_by_key(|finding| finding.level);
    findings
}

fn secret_key(facts: &Facts<'_>) -> Vec<Finding> {
    const MAKE: &str = "let the file that FRONTDESK_SECRET_KEY_FILE names hold one: `head -c 32 /dev/urandom | base64 > key`";
    let settings = facts.settings;
    if !settings.has_secret() {
        let text = "there is no secret key: forms, drafts and limits end with each restart, and other addresses than those of \
                    this computer are not served";
        return vec![Finding::error("secret-missing", text, MAKE)];
    }
    let mut found = Vec::new();
    match (&settings.key, &settings.key_file) {
        (Some(key), None) => {
            if let Some(why) = secret::weakness(key.trim().as_bytes()) {
                found.push(Finding::error(
                    "secret-weak",
                    format!("the secret key is no secret: {why}"),
                    MAKE,
                ));
            }
        }
        _ => {
            if let Err(error) = settings.secret() {
                found.push(Finding::error("secret-weak", error.to_string(), MAKE));
            }
        }
    }
    if let Some(path) = &settings.key_file {
        found.extend(readable_by_others(path, "secret-file", "the secret key"));
    }
    found
}

fn users(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.users {
        Users::Nowhere(why) => vec![Finding::error(
            "state-memory",
            format!("there is no place for users, sessions and drafts: they would be in memory ({why})"),
            "set a secret key, or say where with --state: `same`, a file, or another database",
        )],
        Users::Administrators(0) => vec![Finding::error(
            "no-administrator",
            "there is no administrator",
            "`frontdesk user add NAME --admin` makes one, with the same --schema and --state",
        )],
        Users::Administrators(_) | Users::Unknown => Vec::new(),
    }
}

/// The address at which people reach the site. With https, cookies are `Secure` and their names begin with `__Host-`.
fn address(facts: &Facts<'_>) -> Vec<Finding> {
    const WRITE: &str = "write `url = \"https://desk.example.com\"` under `[server]`, or set FRONTDESK_URL";
    match facts.settings.url() {
        Err(error) => vec![Finding::error("url-wrong", error.to_string(), WRITE)],
        Ok(None) => vec![Finding::error(
            "url-missing",
            "nobody said at which address people reach the site: links in mails need it, and only names of this computer are \
             answered",
            WRITE,
        )],
        Ok(Some(url)) if url.scheme() != "https" => {
            let text = format!(
                "{url} is not https: passwords travel in the clear, and cookies are not `Secure`{}",
                if is_loopback(&url) { "" } else { ", so nobody can sign in there" }
            );
            vec![Finding::error(
                "url-not-https",
                text,
                "let a proxy with a certificate stand in front, and name its https address",
            )]
        }
        Ok(Some(_)) => Vec::new(),
    }
}

fn proxies(facts: &Facts<'_>) -> Vec<Finding> {
    let is_https = facts.settings.url().ok().flatten().is_some_and(|url| url.scheme() == "https");
    match &facts.settings.trusted_proxies {
        None if is_https => vec![Finding::error(
            "proxies-unset",
            "a proxy ends https in front, but nobody said which: all visitors would share its address, and the limits of its \
             attempts",
            "write `trusted_proxies = [\"127.0.0.1\"]` under `[server]`: the addresses from which the proxy connects",
        )],
        Some(proxies) => {
            let is_all = |network: &&String| network.ends_with("/0");
            let all = proxies.iter().find(is_all);
            all.map(|network| {
                Finding::error(
                    "proxies-everybody",
                    format!(
                        "`trusted_proxies` has {network}: everybody is taken at their word on who they are"
                    ),
                    "name the addresses of the proxy alone",
                )
            })
            .into_iter()
            .collect()
        }
        None => Vec::new(),
    }
}

fn sessions(facts: &Facts<'_>) -> Vec<Finding> {
    match &facts.settings.sessions {
        Sessions::Database => Vec::new(),
        Sessions::Memory => vec![Finding::error(
            "sessions-memory",
            "sessions are in memory: everybody is signed out by a restart, and a second server knows nobody",
            "leave `sessions` out, or name a Redis server",
        )],
        Sessions::Redis(url) => {
            let Some(url) = Url::parse(url).ok().filter(Url::has_host) else {
                return vec![Finding::error(
                    "sessions-wrong",
                    "the address of the Redis server is none",
                    "redis://HOST:6379",
                )];
            };
            if is_loopback(&url) || url.scheme() == "rediss" {
                return Vec::new();
            }
            vec![Finding::warning(
                "sessions-in-the-clear",
                "the way to the Redis server is not encrypted: whoever listens there learns who is signed in",
                "use `rediss://`, unless that network is yours alone",
            )]
        }
    }
}

fn registration(facts: &Facts<'_>) -> Vec<Finding> {
    let sign_in = &facts.settings.sign_in;
    let mut found = Vec::new();
    if sign_in.registration != Registration::Off {
        if sign_in.captcha.as_ref().is_none_or(|captcha| *captcha == CaptchaSettings::Off) {
            found.push(Finding::error(
                "registration-without-captcha",
                "anybody can make themselves an account, and nothing keeps programs from it",
                "write `captcha = \"proof_of_work\"` under `[sign_in]`, or `registration = \"off\"`",
            ));
        }
        if facts.settings.mail.is_none() {
            found.push(Finding::warning(
                "registration-without-mail",
                "anybody can register with somebody else's e-mail address: it is not asked whether it is theirs",
                "say in `[mail]` how mail is sent",
            ));
        }
    }
    let needs_secret = matches!(
        sign_in.captcha,
        Some(CaptchaSettings::Hcaptcha(_) | CaptchaSettings::RecaptchaV2(_) | CaptchaSettings::Turnstile(_))
    );
    if needs_secret && facts.settings.captcha_secret.is_none() {
        found.push(Finding::error(
            "captcha-without-secret",
            "the CAPTCHA has a site key, but no secret: nothing can be checked",
            "set FRONTDESK_CAPTCHA_SECRET, or FRONTDESK_CAPTCHA_SECRET_FILE",
        ));
    }
    if sign_in.min_password_length.is_some_and(|least| least < 15) {
        let has_factor = sign_in.second_factors.as_ref().is_none_or(|factors| !factors.is_empty());
        let least = sign_in.min_password_length.unwrap_or_default();
        if least < 8 || !has_factor {
            found.push(Finding::error(
                "passwords-short",
                format!("passwords of {least} characters are taken"),
                "at least 15 characters without a second factor, and 8 with one (NIST SP 800-63B-4)",
            ));
        }
    }
    found
}

fn mail(facts: &Facts<'_>) -> Vec<Finding> {
    let wants_codes =
        facts.settings.sign_in.second_factors.as_ref().is_some_and(|all| all.contains(&SecondFactor::Mail));
    let Some(mail) = &facts.settings.mail else {
        if wants_codes {
            return vec![Finding::error(
                "mail-missing",
                "second factors come by mail, but no mail is sent",
                "say in `[mail]` how",
            )];
        }
        return vec![Finding::warning(
            "mail-missing",
            "no mail is sent: who forgets a password has to ask you for another (`frontdesk user passwd NAME`)",
            "say in `[mail]` how mail is sent",
        )];
    };
    match &mail.to {
        Delivery::Folder(path) => vec![Finding::error(
            "mail-folder",
            format!("mail is not sent, but laid down in {}", path.display()),
            "set `smtp` in `[mail]`, or FRONTDESK_SMTP",
        )],
        Delivery::Smtp(url) => {
            let in_the_clear = Url::parse(url).is_ok_and(|url| {
                url.scheme() == "smtp"
                    && !is_loopback(&url)
                    && !url.query().unwrap_or_default().contains("tls=required")
            });
            if !in_the_clear {
                return Vec::new();
            }
            vec![Finding::error(
                "mail-in-the-clear",
                "mail, with links that open accounts, may travel unencrypted to the mail server",
                "use `smtps://`, or `smtp://…?tls=required`",
            )]
        }
    }
}

fn variables(facts: &Facts<'_>) -> Vec<Finding> {
    let names = || facts.variables.iter().map(|(name, _)| name.as_str());
    let misspelt = crate::settings::misspelt(names());
    let mut found: Vec<Finding> = (misspelt.iter())
        .map(|(name, meant)| {
            Finding::error(
                "unknown-variable",
                format!("there is no variable {name}"),
                format!("did you mean {meant}?"),
            )
        })
        .collect();
    let is_other = |name: &&str| {
        name.starts_with("FRONTDESK_")
            && !crate::settings::VARIABLES.contains(name)
            && !misspelt.iter().any(|(known, _)| known == name)
    };
    found.extend(names().filter(is_other).map(|name| {
        let known = crate::settings::VARIABLES.join(", ");
        Finding::warning(
            "unknown-variable",
            format!("the variable {name} is not read"),
            format!("known are {known}"),
        )
    }));
    found
}

fn value<'f>(facts: &'f Facts<'_>, name: &str) -> Option<&'f str> {
    facts.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn looking(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(actor) = value(facts, "FRONTDESK_AS") else { return Vec::new() };
    vec![Finding::error(
        "nobody-signs-in",
        format!("FRONTDESK_AS is set: everybody is taken for `{actor}`"),
        "unset it; it is for looking at the site as somebody else",
    )]
}

fn logging(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let filter = value(facts, "RUST_LOG").unwrap_or_default().to_ascii_lowercase();
    let is_debug = |part: &str| matches!(part.rsplit('=').next(), Some("debug" | "trace"));
    if filter.split(',').any(|part| is_debug(part.trim())) {
        found.push(Finding::error(
            "debug-log",
            "RUST_LOG asks for what helps in debugging: that is a lot, and may tell of visitors what nobody needs to know",
            "set RUST_LOG to `info` or `warn`, or unset it",
        ));
    }
    if cfg!(debug_assertions) {
        found.push(Finding::warning(
            "debug-build",
            "this program was built for debugging: it is slow",
            "build it with `cargo build --release -p frontdesk-cli`",
        ));
    }
    found
}

fn files(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(path) = &facts.state_file {
        found.extend(readable_by_others(path, "state-file", "the database of users and sessions"));
    }
    if let Some(path) = &facts.settings.schema_path {
        let server = facts.settings.schema.as_ref().map(|schema| schema.server().clone()).unwrap_or_default();
        let smtp = match facts.settings.schema.as_ref().and_then(|schema| schema.mail()).map(|mail| &mail.to)
        {
            Some(frontdesk_data::MailDelivery::Smtp(url)) => url.clone(),
            _ => None,
        };
        let urls = [server.database, server.sessions, server.state, smtp];
        if urls.iter().flatten().any(|url| has_password(url)) {
            found.extend(readable_by_others(path, "schema-file", "the schema file, which holds a password,"));
        }
    }
    found
}

fn access(facts: &Facts<'_>) -> Vec<Finding> {
    let policy: Policy = facts.settings.policy();
    let public = Actor::anonymous();
    let mut found = Vec::new();
    for table in facts.tables {
        let access = policy.access(&public, table);
        let open: Vec<&str> = [("change", Action::Update), ("delete", Action::Delete)]
            .into_iter()
            .filter(|(_, action)| access.can(*action))
            .map(|(word, _)| word)
            .collect();
        if !open.is_empty() {
            found.push(Finding::warning(
                "public-changes",
                format!("anybody may {} rows of `{}`, without signing in", open.join(" and "), table.name),
                "say in its `access` who may: `user`, `staff` or `admin`",
            ));
        }
    }
    found
}

fn database(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    match &facts.settings.database {
        None => found.push(Finding::error(
            "demo",
            "no database is named: the demo would be served",
            "name one on the command line, in FRONTDESK_DATABASE, or under `[server]`",
        )),
        Some(url) if is_on_server(url) => {
            let parsed = Url::parse(url).ok();
            let is_off = parsed.as_ref().is_some_and(|url| {
                !is_loopback(url)
                    && url.query_pairs().any(|(name, mode)| name == "sslmode" && mode == "disable")
            });
            if is_off {
                found.push(Finding::warning(
                    "database-in-the-clear",
                    "the way to the database is not encrypted (sslmode=disable)",
                    "leave `sslmode` out, or use `require`, unless that network is yours alone",
                ));
            }
        }
        Some(_) => {}
    }
    if let Err(error) = listen::parse(&facts.settings.listen) {
        found.push(Finding::error(
            "listen-wrong",
            error.to_string(),
            format!("write one such as {}", listen::DEFAULT),
        ));
    }
    found
}

/// Whether a URL leads to this computer.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // A URL of an unknown scheme has its host as it was written.
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
                || name.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
        }
        None => true,
    }
}

fn has_password(url: &str) -> bool {
    let in_query = |url: &Url| url.query_pairs().any(|(name, value)| name == "password" && !value.is_empty());
    Url::parse(url).is_ok_and(|url| url.password().is_some_and(|word| !word.is_empty()) || in_query(&url))
}

/// A file that others than its owner may read.
fn readable_by_others(path: &Path, rule: &'static str, what: &str) -> Option<Finding> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        let shown = path.display();
        let fix = format!("`chmod 600 {shown}`");
        if mode & 0o007 != 0 {
            return Some(Finding::error(
                rule,
                format!("everybody on this computer may read {what} in {shown} ({mode:o})"),
                fix,
            ));
        }
        if mode & 0o070 != 0 {
            return Some(Finding::warning(
                rule,
                format!("a group may read {what} in {shown} ({mode:o})"),
                fix,
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = (path, rule, what);
    None
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
