use std::borrow::Cow;

use frontdesk_data::Table;

use crate::AuthError;

/// Which columns of an existing table say what of a user. What the table does not have, has the value that is told here.
///
/// ```
/// use frontdesk_auth::UserColumns;
///
/// // As Django's `auth_user` has them.
/// let columns = UserColumns::new("id", "username", "password")
///     .email("email").first_name("first_name").last_name("last_name")
///     .active("is_active").admin("is_staff").superuser("is_superuser")
///     .created("date_joined").last_login("last_login");
/// ```
#[derive(Clone, Debug)]
pub struct UserColumns {
    pub(super) id: Cow<'static, str>,
    pub(super) username: Cow<'static, str>,
    pub(super) password: Cow<'static, str>,
    pub(super) email: Option<Cow<'static, str>>,
    pub(super) first_name: Option<Cow<'static, str>>,
    pub(super) last_name: Option<Cow<'static, str>>,
    pub(super) active: Option<Cow<'static, str>>,
    pub(super) admin: Option<Cow<'static, str>>,
    pub(super) superuser: Option<Cow<'static, str>>,
    pub(super) created: Option<Cow<'static, str>>,
    pub(super) last_login: Option<Cow<'static, str>>,
    pub(super) email_confirmed: Option<Cow<'static, str>>,
}

/// One method a column that a table may lack.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, column: impl Into<Cow<'static, str>>) -> Self {
            self.$name = Some(column.into());
            self
        }
    )*};
}

impl UserColumns {
    /// The columns of the key, the name to sign in with, and the hash of the password. Names are compared as the database
    /// compares them.
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        username: impl Into<Cow<'static, str>>,
        password: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            id: id.into(),
            username: username.into(),
            password: password.into(),
            email: None,
            first_name: None,
            last_name: None,
            active: None,
            admin: None,
            superuser: None,
            created: None,
            last_login: None,
            email_confirmed: None,
        }
    }

    columns! {
        /// The e-mail address. Without the column nobody has one.
        email,
        /// The first name.
        first_name,
        /// The last name.
        last_name,
        /// Whether they may sign in. Without the column everybody may.
        active,
        /// Whether they may enter the administration. Without the column nobody may.
        admin,
        /// Whether they may manage users. Without the column nobody may.
        superuser,
        /// When they were registered: a point in time, a date and time in UTC, or a whole number of seconds since 1970.
        created,
        /// When they last signed in, as for [`created`](Self::created). Without the column it is not noted.
        last_login,
        /// When they have shown that the e-mail address is theirs, as for [`created`](Self::created). Without the column
        /// every address counts as confirmed.
        email_confirmed,
    }

    /// # Errors
    /// [`AuthError::Setup`] if the table lacks one of the columns, or its key is another.
    pub(super) fn check(&self, table: &Table) -> Result<(), AuthError> {
        let optional = [
            &self.email,
            &self.first_name,
            &self.last_name,
            &self.active,
            &self.admin,
            &self.superuser,
            &self.created,
            &self.last_login,
            &self.email_confirmed,
        ];
        let required = [&self.id, &self.username, &self.password];
        for name in required.into_iter().chain(optional.into_iter().flatten()) {
            if table.get(name).is_none() {
                let known: Vec<&str> = table.fields.iter().map(|field| &*field.name).collect();
                return Err(AuthError::Setup(format!(
                    "the table of users, `{}`, has no column `{name}`; it has {}",
                    table.name,
                    known.join(", ")
                )));
            }
        }
        match &*table.key {
            [key] if **key == *self.id => Ok(()),
            _ => Err(AuthError::Setup(format!(
                "`{}` is not the key of the table of users, `{}`",
                self.id, table.name
            ))),
        }
    }
}
