use std::fmt;

use jiff::Timestamp;

/// A user to be. Who is not said to be [active](Self::active) cannot sign in yet.
///
/// ```
/// use frontdesk_auth::NewUser;
///
/// let ada = NewUser::new("ada").email("ada@example.com").password("correct horse battery").active(true);
/// assert!(!format!("{ada:?}").contains("horse"));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct NewUser {
    pub(super) username: String,
    pub(super) email: Option<String>,
    pub(super) password: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) active: bool,
    pub(super) admin: bool,
    pub(super) superuser: bool,
    pub(super) email_confirmed: Option<Timestamp>,
}

impl NewUser {
    /// A user of that name, with nothing else.
    pub fn new(username: impl Into<String>) -> Self {
        Self { username: username.into(), ..Self::default() }
    }

    /// Sets the e-mail address. It is taken as it is: whether it has the shape of one is asked where it was typed.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the password, as it is typed. Whether it is good enough is [`PasswordPolicy`](crate::PasswordPolicy)'s to say.
    /// Without one the user signs in by other means, or gets a link to set one.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets the first name.
    pub fn first_name(mut self, name: impl Into<String>) -> Self {
        self.first_name = Some(name.into());
        self
    }

    /// Sets the last name.
    pub fn last_name(mut self, name: impl Into<String>) -> Self {
        self.last_name = Some(name.into());
        self
    }

    /// Sets whether they may sign in. Default: no.
    pub fn active(mut self, active: bool) -> Self {
        self.active = active;
        self
    }

    /// Sets whether they may enter the administration. Default: no.
    pub fn admin(mut self, admin: bool) -> Self {
        self.admin = admin;
        self
    }

    /// Sets whether they may manage users. Default: no.
    pub fn superuser(mut self, superuser: bool) -> Self {
        self.superuser = superuser;
        self
    }

    /// Notes that the e-mail address is known to be theirs since then.
    pub fn email_confirmed(mut self, at: Timestamp) -> Self {
        self.email_confirmed = Some(at);
        self
    }
}

/// Without the password.
impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .field("email", &self.email)
            .field("active", &self.active)
            .field("admin", &self.admin)
            .field("superuser", &self.superuser)
            .finish_non_exhaustive()
    }
}
