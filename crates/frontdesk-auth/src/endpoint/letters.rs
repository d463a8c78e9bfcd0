//! The mails of the endpoints, in the language of the visitor who caused them.

use std::time::Duration;

use frontdesk_web::{Arg, Language};

use crate::{Auth, Mail, User};

/// Where links in mails lead to: addresses of the site's own, by configuration alone.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    base: String,
    pub(crate) login: String,
    pub(crate) register: String,
    pub(crate) reset: String,
}

impl Places {
    pub(crate) fn of(auth: &Auth) -> Option<Self> {
        let base = auth.url()?.as_str().trim_end_matches('/').to_owned();
        Some(Self {
            base,
            login: "/login/".to_owned(),
            register: "/register/".to_owned(),
            reset: "/password-reset/".to_owned(),
        })
    }

    /// The whole address of a path of ours.
    pub(crate) fn whole(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The whole address of a path of ours, with a token. What comes behind `#` would not reach the server, so it is a
    /// query; the pages there tell nobody where a visitor comes from.
    pub(crate) fn with_token(&self, path: &str, token: &str) -> String {
        format!("{}{path}?token={token}", self.base)
    }
}

/// Writes mails.
#[derive(Clone)]
pub(crate) struct Letters {
    pub(crate) language: Language,
    pub(crate) site: String,
    pub(crate) places: Places,
}

impl Letters {
    pub(crate) fn new(auth: &Auth, language: Language, places: &Places) -> Self {
        Self { language, site: auth.site().to_owned(), places: places.clone() }
    }

    fn write(&self, to: &str, subject: &'static str, text: &'static str, args: &[(&str, Arg<'_>)]) -> Mail {
        let site = ("site", Arg::from(&*self.site));
        let args: Vec<_> = args.iter().cloned().chain([site.clone()]).collect();
        let say = |key: &str, args: &[_]| self.language.say(key, args).unwrap_or_else(|| key.to_owned());
        Mail::new(to, &say(subject, &[site]), say(text, &args))
    }

    pub(crate) fn reset(&self, user: &User, to: &str, token: &str, lives: Duration) -> Mail {
        let link = self.places.with_token(&self.places.reset, token);
        let minutes = i64::try_from(lives.as_secs() / 60).unwrap_or(i64::MAX);
        let args = [
            ("name", Arg::from(&*user.username)),
            ("link", Arg::from(&*link)),
            ("minutes", Arg::from(minutes)),
        ];
        self.write(to, "auth-mail-reset-subject", "auth-mail-reset", &args)
    }

    pub(crate) fn confirm(&self, name: &str, to: &str, path: &str, token: &str, lives: Duration) -> Mail {
        let (link, name) = (self.places.with_token(path, token), defused(name));
        let args =
            [("name", Arg::from(&*name)), ("link", Arg::from(&*link)), ("hours", Arg::from(hours(lives)))];
        self.write(to, "auth-mail-confirm-subject", "auth-mail-confirm", &args)
    }

    pub(crate) fn exists(&self, user: &User, to: &str) -> Mail {
        let (login, reset) = (self.places.whole(&self.places.login), self.places.whole(&self.places.reset));
        let args = [
            ("name", Arg::from(&*user.username)),
            ("login", Arg::from(&*login)),
            ("reset", Arg::from(&*reset)),
        ];
        self.write(to, "auth-mail-exists-subject", "auth-mail-exists", &args)
    }

    pub(crate) fn taken(&self, name: &str, to: &str) -> Mail {
        let (register, name) = (self.places.whole(&self.places.register), defused(name));
        let args = [("name", Arg::from(&*name)), ("register", Arg::from(&*register))];
        self.write(to, "auth-mail-taken-subject", "auth-mail-taken", &args)
    }

    pub(crate) fn change(&self, user: &User, to: &str, path: &str, token: &str, lives: Duration) -> Mail {
        let link = self.places.with_token(path, token);
        let args = [
            ("name", Arg::from(&*user.username)),
            ("link", Arg::from(&*link)),
            ("hours", Arg::from(hours(lives))),
        ];
        self.write(to, "auth-mail-change-subject", "auth-mail-change", &args)
    }

    pub(crate) fn changing(&self, user: &User, to: &str, address: &str) -> Mail {
        let reset = self.places.whole(&self.places.reset);
        let args = [
            ("name", Arg::from(&*user.username)),
            ("address", Arg::from(address)),
            ("reset", Arg::from(&*reset)),
        ];
        self.write(to, "auth-mail-changing-subject", "auth-mail-changing", &args)
    }

    pub(crate) fn changed(&self, user: &User, to: &str, address: &str) -> Mail {
        let args = [("name", Arg::from(&*user.username)), ("address", Arg::from(address))];
        self.write(to, "auth-mail-changed-subject", "auth-mail-changed", &args)
    }

    /// Tells that a second factor was changed; `what` is a variant of the message.
    pub(crate) fn factor(&self, user: &User, to: &str, what: &str, factor: &str) -> Mail {
        let (reset, factor) = (self.places.whole(&self.places.reset), defused(factor));
        let args = [
            ("name", Arg::from(&*user.username)),
            ("what", Arg::from(what)),
            ("factor", Arg::from(&*factor)),
            ("reset", Arg::from(&*reset)),
        ];
        self.write(to, "mfa-mail-changed-subject", "mfa-mail-changed", &args)
    }

    pub(crate) fn password(&self, user: &User, to: &str) -> Mail {
        let reset = self.places.whole(&self.places.reset);
        let args = [("name", Arg::from(&*user.username)), ("reset", Arg::from(&*reset))];
        self.write(to, "auth-mail-password-subject", "auth-mail-password", &args)
    }
}

fn hours(time: Duration) -> i64 {
    i64::try_from(time.as_secs() / 3600).unwrap_or(i64::MAX)
}

/// A name that anybody may have typed, for a mail to somebody else: short, and nothing in it looks like a link.
fn defused(name: &str) -> String {
    let calm = |letter| if matches!(letter, '.' | ':' | '/' | '@' | '\\') { '·' } else { letter };
    name.chars().filter(|letter| !letter.is_control()).take(40).map(calm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_typed_is_no_link_in_a_mail() {
        assert_eq!(defused("win at https://evil.example/x\n"), "win at https···evil·example·x");
        assert_eq!(defused(&"a".repeat(500)).len(), 40);
    }
}
