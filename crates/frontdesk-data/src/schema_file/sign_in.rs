//! The `[sign_in]` and `[mail]` parts: who may have an account, and how they prove that it is theirs.

use std::time::Duration;

use super::document::{At, Section};

/// The `[sign_in]` part of a schema file: how people sign in at the ready server. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignInSettings {
    /// Whether visitors can make themselves an account.
    pub registration: Registration,
    /// What keeps programs from the pages that anybody may send; `None`, if nobody said.
    pub captcha: Option<CaptchaSettings>,
    /// The second factors that users may set up; `None`, if nobody said.
    pub second_factors: Option<Vec<SecondFactor>>,
    /// How long a session lasts that is not used. As data: `session_expiry = 3600`, in seconds.
    pub session_expiry: Option<Duration>,
    /// How long a session lasts at most. As data: `max_session_expiry = 604800`, in seconds.
    pub max_session_expiry: Option<Duration>,
    /// The fewest characters of a password.
    pub min_password_length: Option<usize>,
}

/// Whether visitors can make themselves an account. As data: `registration = "open"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registration {
    /// They cannot: `"off"`. The default.
    #[default]
    Off,
    /// They can, and an administrator lets each of them in: `"approval"`.
    Approval,
    /// They can: `"open"`.
    Open,
}

/// What tells people from programs. As data: `captcha = "proof_of_work"`, or `captcha = { turnstile = "SITE-KEY" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptchaSettings {
    /// Nothing: `"off"`.
    Off,
    /// The browser works on a task for a moment; nobody else is asked.
    ProofOfWork,
    /// hCaptcha, with this site key.
    Hcaptcha(String),
    /// reCAPTCHA v2, with this site key.
    RecaptchaV2(String),
    /// Turnstile, with this site key.
    Turnstile(String),
}

/// A second factor. As data: `second_factors = ["authenticator", "mail", "passkey"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondFactor {
    /// Codes of an authenticator app.
    Authenticator,
    /// Codes that come by mail.
    Mail,
    /// Passkeys.
    Passkey,
}

/// The `[mail]` part of a schema file: how the ready server sends mail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailSettings {
    /// Where mails go.
    pub to: MailDelivery,
    /// The sender, such as `Desk <desk@example.com>`.
    pub from: String,
}

/// Where mails go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailDelivery {
    /// To a mail server: `smtp = "smtps://desk@mail.example.com"`; `None`, where the URL is told elsewhere.
    Smtp(Option<String>),
    /// Into files of a folder, relative to that of the schema file: `folder = "mail"`. For trying out.
    Folder(String),
}

impl SignInSettings {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let registration = section.text("registration").map(|at| {
            let known = [
                ("off", Registration::Off),
                ("approval", Registration::Approval),
                ("open", Registration::Open),
            ];
            choose(section, "registration", &at, &known)
        });
        let second_factors = section.texts("second_factors").map(|at| {
            let known = [
                ("authenticator", SecondFactor::Authenticator),
                ("mail", SecondFactor::Mail),
                ("passkey", SecondFactor::Passkey),
            ];
            let texts = at.value.into_iter().map(|value| At { value, line: at.line });
            texts.filter_map(|at| choose(section, "second_factors", &at, &known)).collect()
        });
        let seconds = |section: &mut Section<'_, '_>, name| section.count(name).map(Duration::from_secs);
        let (idle, most) = (seconds(section, "session_expiry"), seconds(section, "max_session_expiry"));
        if let (Some(idle), Some(most)) = (idle, most)
            && idle > most
        {
            section.problem(section.line, "`session_expiry` is longer than `max_session_expiry`");
        }
        Self {
            registration: registration.flatten().unwrap_or_default(),
            captcha: captcha(section),
            second_factors,
            session_expiry: idle,
            max_session_expiry: most,
            min_password_length: section
                .count("min_password_length")
                .map(|count| usize::try_from(count).unwrap_or(usize::MAX)),
        }
    }
}

/// The value that a word stands for.
fn choose<T: Copy>(section: &Section<'_, '_>, name: &str, at: &At<String>, known: &[(&str, T)]) -> Option<T> {
    let found = known.iter().find(|(word, _)| *word == at.value).map(|(_, value)| *value);
    if found.is_none() {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        section.problem(at.line, format!("`{name}` is one of {}, not {:?}", words.join(", "), at.value));
    }
    found
}

fn captcha(section: &mut Section<'_, '_>) -> Option<CaptchaSettings> {
    if !section.is_table("captcha") {
        let at = section.text("captcha")?;
        return match &*at.value {
            "off" => Some(CaptchaSettings::Off),
            "proof_of_work" => Some(CaptchaSettings::ProofOfWork),
            _ => {
                section.problem(at.line, HOW);
                None
            }
        };
    }
    section
        .section("captcha", |section| {
            let mut found = Vec::new();
            let mut key = |name, of: fn(String) -> CaptchaSettings| {
                found.extend(section.text(name).map(|at| of(at.value)));
            };
            key("hcaptcha", CaptchaSettings::Hcaptcha);
            key("recaptcha_v2", CaptchaSettings::RecaptchaV2);
            key("turnstile", CaptchaSettings::Turnstile);
            if found.len() != 1 {
                section.problem(section.line, HOW);
            }
            found.pop()
        })
        .flatten()
}

const HOW: &str = "`captcha` is \"off\", \"proof_of_work\", or one service with its site key: { turnstile = \"…\" }, hcaptcha or recaptcha_v2";

impl MailSettings {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let smtp = section.text("smtp");
        if let Some(smtp) = &smtp
            && !["smtp://", "smtps://"].iter().any(|scheme| smtp.value.starts_with(scheme))
        {
            // The text may hold a password.
            section.problem(smtp.line, "`smtp` wants a URL such as \"smtps://desk@mail.example.com\"");
        }
        let folder = section.text("folder");
        let from = section.text("from").map(|at| at.value);
        if from.as_ref().is_none_or(|from| !from.contains('@')) {
            section
                .problem(section.line, "`from` is needed: the sender, such as \"Desk <desk@example.com>\"");
        }
        let to = match (smtp, folder) {
            (Some(_), Some(folder)) => {
                section.problem(folder.line, "mail goes either to `smtp` or to `folder`");
                return None;
            }
            (smtp, None) => MailDelivery::Smtp(smtp.map(|at| at.value)),
            (None, Some(folder)) => MailDelivery::Folder(folder.value),
        };
        Some(Self { to, from: from? })
    }
}
