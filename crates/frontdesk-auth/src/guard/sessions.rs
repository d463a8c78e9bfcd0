use std::time::Duration;

use futures_util::future::BoxFuture;
use http::request::Parts;

use super::paths::ExcludedPaths;
use super::{AuthBackend, Identity, Refusal, path_of};
use crate::{Auth, SessionCookie, Sessions, User, Users};

/// Finds the user by the session cookie.
///
/// # Defaults
/// Only active administrators get through. Sessions are not extended; nobody gets through without one.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_auth::{SessionsAuthBackend, Sessions, Users};
///
/// # fn example(users: &Users, sessions: &Sessions) {
/// let backend = SessionsAuthBackend::new(users, sessions)
///     .admin_only(false)
///     .increase_expiry(Duration::from_hours(1))
///     .excluded_paths(["/about/", "/docs/*"]);
/// # }
/// ```
///
/// # What is answered
/// | sentence | status |
/// |---|---|
/// | `No session cookie found.` | 401 |
/// | `No matching session found.` | 401 |
/// | `That user doesn't exist anymore` | 401 |
/// | `Admin users only` | 403 |
/// | `Superusers only` | 403 |
/// | `Active users only` | 403 |
///
/// The first three make an anonymous visitor where those are [allowed](Self::allow_unauthenticated); the last three refuse
/// in any case.
#[derive(Clone, Debug)]
pub struct SessionsAuthBackend {
    users: Users,
    sessions: Sessions,
    cookie: SessionCookie,
    rules: UserRules,
    increase_expiry: Option<Duration>,
    allow_unauthenticated: bool,
    excluded: ExcludedPaths,
}

/// Who of the users gets through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserRules {
    pub(crate) admin_only: bool,
    pub(crate) superuser_only: bool,
    pub(crate) active_only: bool,
}

impl UserRules {
    pub(crate) fn check(self, user: &User) -> Result<(), Refusal> {
        if self.admin_only && !user.admin {
            return Err(Refusal::forbidden("Admin users only"));
        }
        if self.superuser_only && !user.superuser {
            return Err(Refusal::forbidden("Superusers only"));
        }
        if self.active_only && !user.active {
            return Err(Refusal::forbidden("Active users only"));
        }
        Ok(())
    }
}

impl SessionsAuthBackend {
    /// For these users and sessions, by the cookie `id`.
    pub fn new(users: &Users, sessions: &Sessions) -> Self {
        Self {
            users: users.clone(),
            sessions: sessions.clone(),
            cookie: SessionCookie::default(),
            rules: UserRules { admin_only: true, superuser_only: false, active_only: true },
            increase_expiry: None,
            allow_unauthenticated: false,
            excluded: ExcludedPaths::default(),
        }
    }

    /// For the users, the sessions and the cookie of `auth`.
    pub fn of(auth: &Auth) -> Self {
        Self::new(auth.users(), auth.sessions()).cookie(auth.session_cookie().clone())
    }

    /// Sets the cookie. Default: [`SessionCookie::default`].
    #[must_use]
    pub fn cookie(mut self, cookie: SessionCookie) -> Self {
        self.cookie = cookie;
        self
    }

    /// Sets whether users who are no administrators are refused. Default: yes.
    #[must_use]
    pub fn admin_only(mut self, only: bool) -> Self {
        self.rules.admin_only = only;
        self
    }

    /// Sets whether users who are no superusers are refused. Default: no.
    #[must_use]
    pub fn superuser_only(mut self, only: bool) -> Self {
        self.rules.superuser_only = only;
        self
    }

    /// Sets whether users who are not active are refused. Default: yes.
    #[must_use]
    pub fn active_only(mut self, only: bool) -> Self {
        self.rules.active_only = only;
        self
    }

    /// Extends a session by so much when less than that is left of it, up to its latest end. Default: not at all.
    #[must_use]
    pub fn increase_expiry(mut self, by: Duration) -> Self {
        self.increase_expiry = Some(by);
        self
    }

    /// Sets whether visitors without a session get through, as anonymous ones. Default: no.
    #[must_use]
    pub fn allow_unauthenticated(mut self, allow: bool) -> Self {
        self.allow_unauthenticated = allow;
        self
    }

    /// Sets the paths that need no session: a whole path of the address, or with `*` at its end all that begin so. Visitors
    /// are anonymous there, also with a session. Default: none.
    ///
    /// A path is compared after percent-decoding, once as it was sent and once with `..` resolved; it has to match both times,
    /// and one that has an encoded slash, a backslash or the like matches nothing.
    #[must_use]
    pub fn excluded_paths(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.excluded = ExcludedPaths::new(paths);
        self
    }

    async fn find(&self, request: &Parts) -> Result<Identity, Refusal> {
        if self.excluded.contain(path_of(request)) {
            return Ok(Identity::anonymous());
        }
        let nobody = |sentence: &'static str| match self.allow_unauthenticated {
            true => Ok(Identity::anonymous()),
            false => Err(Refusal::unauthorized(sentence)),
        };
        let Some(token) = self.cookie.read(&request.headers) else {
            return nobody("No session cookie found.");
        };
        let (session, user) = match self.sessions.find_user(token, &self.users).await? {
            None => return nobody("No matching session found."),
            Some((_, None)) => return nobody("That user doesn't exist anymore"),
            Some((session, Some(user))) => (session, user),
        };
        self.rules.check(&user)?;
        match self.sessions.extend(session.clone(), self.increase_expiry).await {
            Ok(Some(session)) => Ok(Identity::session(user, session)),
            // Somebody has ended it in the meantime.
            Ok(None) => nobody("No matching session found."),
            // It was found to be good; that it cannot be made longer just now is no reason to send somebody away.
            Err(error) => {
                tracing::warn!(%error, "a session could not be extended");
                Ok(Identity::session(user, session))
            }
        }
    }
}

impl AuthBackend for SessionsAuthBackend {
    fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>> {
        Box::pin(self.find(request))
    }
}
