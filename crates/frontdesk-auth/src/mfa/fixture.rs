use crate::{User, UserId};

/// A user whom no table knows.
pub(crate) fn user(id: i64, name: &str) -> User {
    User {
        id: UserId::from(id),
        username: name.into(),
        email: Some(format!("{name}@example.com").into()),
        first_name: None,
        last_name: None,
        active: true,
        admin: false,
        superuser: false,
        created: None,
        last_login: None,
        email_confirmed: None,
        epoch: 0,
    }
}
