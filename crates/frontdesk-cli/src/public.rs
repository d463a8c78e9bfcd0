//! What a site needs that others reach than who sits at this computer: people who sign in, a name, proxies that are known.

use std::net::SocketAddr;

use frontdesk_auth::{AuthError, Mailer, PasswordPolicy, Sessions};
use frontdesk_data::{CaptchaSettings, Db, SecondFactor};
use frontdesk_forms::{BotProtection, Captcha, Difficulty, RemoteCaptcha, hcaptcha, recaptcha_v2, turnstile};
use frontdesk_web::limits::Limiter;
use frontdesk_web::{Secret, Signer, TrustedProxies};
use url::Url;

use crate::check::is_loopback;
use crate::settings::{self, Delivery, Settings};
use crate::site::SignInOptions;
use crate::{CliError, ServeArgs, listen};

/// Refuses to be reached from elsewhere where something is missing that can be told before anything is opened.
pub(crate) fn refuse_unprepared(
    settings: &Settings,
    args: &ServeArgs,
    address: SocketAddr,
    url: Option<&Url>,
) -> Result<(), CliError> {
    let refused = |why: &str, remedy: &str| Err(listen::refused(address, why, remedy));
    if args.actor.is_some() {
        return refused(
            "with --as nobody signs in, so whoever reaches that address could do what is looked at",
            "Leave --as (FRONTDESK_AS) out.",
        );
    }
    if !settings.has_secret() {
        return refused(
            "there is no secret key, which sign-in needs",
            "Set FRONTDESK_SECRET_KEY, or FRONTDESK_SECRET_KEY_FILE: `head -c 32 /dev/urandom | base64` makes one.",
        );
    }
    match url {
        None if settings.hosts.is_empty() => refused(
            "nobody said under which name people reach it",
            "Write `url = \"https://desk.example.com\"` under `[server]` in the schema file, or set FRONTDESK_URL.",
        ),
        Some(url) if url.scheme() != "https" && !is_loopback(url) => refused(
            &format!("{url} is not https, and passwords would travel in the clear"),
            "Let a proxy with a certificate stand in front, and name its https address in `url`.",
        ),
        _ => Ok(()),
    }
}

/// The refusal of an address that others reach, as long as nobody can sign in.
pub(crate) fn no_administrator(settings: &Settings, address: SocketAddr, has_place: bool) -> CliError {
    if !has_place {
        return listen::refused(
            address,
            "there is no place for users, so nobody could sign in",
            "Say with --state where they are: `same`, the path of a file, or another database.",
        );
    }
    let mut command = "frontdesk user add NAME --admin".to_owned();
    if let Some(path) = &settings.schema_path {
        command.push_str(&format!(" --schema {}", path.display()));
    }
    // Where the database is named elsewhere, the command finds it there, too.
    let is_in_file = settings.schema.as_ref().is_some_and(|schema| schema.server().database.is_some());
    if settings.state.as_deref() == Some("same") && !is_in_file {
        command.push_str(" --database DATABASE");
    }
    if let Some(state) = settings.state.as_deref().filter(|state| !state.contains("://")) {
        let of_file = settings.schema.as_ref().and_then(|schema| schema.server().state.as_deref());
        if of_file != Some(state) {
            command.push_str(&format!(" --state {state}"));
        }
    }
    listen::refused(
        address,
        "there is no administrator, so nobody could sign in",
        &format!("Make one first: `{command}`"),
    )
}

/// The proxies in front.
pub(crate) fn proxies(settings: &Settings) -> Result<Option<TrustedProxies>, CliError> {
    let Some(proxies) = &settings.trusted_proxies else { return Ok(None) };
    TrustedProxies::new(proxies).map(Some).map_err(|error| CliError::usage(error.to_string()))
}

/// How people sign in, as the settings say it.
pub(crate) fn sign_in(settings: &Settings, db: &Db, url: Option<&Url>) -> Result<SignInOptions, CliError> {
    let failed = |error: AuthError| CliError::failed(error.to_string());
    let said = &settings.sign_in;
    if let settings::Sessions::Redis(url) = &settings.sessions {
        let probe = Limiter::redis(url, &Signer::new(Secret::random()));
        probe
            .map_err(|error| CliError::usage(format!("the address of the Redis server is none: {error}")))?;
    }
    let mut sessions = match &settings.sessions {
        settings::Sessions::Database => Sessions::database(db),
        settings::Sessions::Memory => Sessions::memory(),
        settings::Sessions::Redis(url) => Sessions::redis(url).map_err(failed)?,
    };
    if let Some(idle) = said.session_expiry {
        sessions = sessions.expiry(idle);
    }
    if let Some(most) = said.max_session_expiry {
        sessions = sessions.max_expiry(most);
    }
    let mut options = SignInOptions::new(db)
        .hosts(settings.hosts.iter().cloned())
        .sessions(sessions)
        .registration(said.registration);
    if let Some(idle) = said.session_expiry {
        options = options.idle(idle);
    }
    if let settings::Sessions::Redis(url) = &settings.sessions {
        let url = url.clone();
        // Whether the address is one was seen when the sessions were made of it.
        options =
            options.limits(move |signer| Limiter::redis(&url, signer).unwrap_or_else(|_| Limiter::memory()));
    }
    // What is encrypted with a key that ends with the process is lost with it.
    if settings.has_secret() {
        let factors = said.second_factors.clone().unwrap_or_else(|| vec![SecondFactor::Authenticator]);
        options = options.second_factors(factors);
    }
    if let Some(captcha) = captcha(settings, url)? {
        options = options.captcha(captcha);
    }
    if let Some(url) = url {
        options = options.url(url);
    }
    if let Some(least) = said.min_password_length {
        options = options.also(move |auth| auth.passwords(PasswordPolicy::new().min_length(least)));
    }
    if let Some(mail) = &settings.mail {
        let mailer = match &mail.to {
            Delivery::Smtp(url) => Mailer::smtp(url, &mail.from).map_err(failed)?,
            Delivery::Folder(path) => Mailer::folder(path).sender(mail.from.as_str()),
        };
        options = options.also(move |auth| auth.mailer(mailer.clone()));
    }
    Ok(options)
}

/// What keeps programs away.
fn captcha(settings: &Settings, url: Option<&Url>) -> Result<Option<Captcha>, CliError> {
    let remote = |of: fn(String, String) -> RemoteCaptcha, site_key: &str| {
        let secret = settings.captcha_secret.clone().ok_or_else(|| {
            CliError::usage("`captcha` has a site key, but no secret: set FRONTDESK_CAPTCHA_SECRET")
        })?;
        let hosts: Vec<&str> =
            settings.hosts.iter().map(String::as_str).chain(url.and_then(Url::host_str)).collect();
        let captcha = of(site_key.to_owned(), secret);
        Ok(Some(if hosts.is_empty() { captcha.into() } else { captcha.hosts(hosts).into() }))
    };
    match &settings.sign_in.captcha {
        Some(CaptchaSettings::ProofOfWork) => {
            Ok(Some(BotProtection::new().proof_of_work(Difficulty::default()).into()))
        }
        Some(CaptchaSettings::Hcaptcha(key)) => remote(hcaptcha, key),
        Some(CaptchaSettings::RecaptchaV2(key)) => remote(recaptcha_v2, key),
        Some(CaptchaSettings::Turnstile(key)) => remote(turnstile, key),
        _ => Ok(None),
    }
}
