//! Who has which roles and attributes of the schema file.

use std::sync::Arc;

use frontdesk_auth::{AuthError, User, UserId};
use frontdesk_data::{Actor, Db, DbErrorKind, OwnTables, Policy, Row, Value};
use tokio::sync::OnceCell;

const TABLES: OwnTables = OwnTables::new(
    "roles",
    &["frontdesk_user_roles"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_user_roles (user_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, \
         value TEXT NOT NULL, PRIMARY KEY (user_id, kind, name))",
    ]],
);
const OF: &str = "SELECT kind, name, value FROM frontdesk_user_roles WHERE user_id = ? ORDER BY kind, name";
const GIVE: &str = "INSERT INTO frontdesk_user_roles (user_id, kind, name, value) VALUES (?, ?, ?, ?) \
                    ON CONFLICT (user_id, kind, name) DO UPDATE SET value = excluded.value";
const TAKE: &str = "DELETE FROM frontdesk_user_roles WHERE user_id = ? AND kind = ? AND name = ?";
const FORGET: &str = "DELETE FROM frontdesk_user_roles WHERE user_id = ?";

/// The roles and attributes of users, in a table beside theirs.
#[derive(Clone)]
pub(crate) struct Grants {
    db: Db,
    made: Arc<OnceCell<()>>,
}

/// What one user was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Granted {
    /// `staff`, and roles of the schema file.
    pub(crate) roles: Vec<String>,
    /// Attributes of the schema file.
    pub(crate) attributes: Vec<(String, Value)>,
}

/// One thing that can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    Role(String),
    Attribute(String, String),
}

impl Grants {
    /// Those in a database. The table is made when something is given.
    pub(crate) fn new(db: &Db) -> Self {
        Self { db: db.clone(), made: Arc::default() }
    }

    /// The tables in which they are.
    pub(crate) const fn own_tables() -> OwnTables {
        TABLES
    }

    /// What a user was given.
    pub(crate) async fn of(&self, user: &UserId) -> Result<Granted, AuthError> {
        match self.db.query(OF, [user.to_string().into()]).await {
            Ok(rows) => Ok(Granted::read(&rows)),
            // Nobody was given anything yet.
            Err(error) if matches!(error.kind(), DbErrorKind::NotFound(_)) => Ok(Granted::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives something to a user.
    pub(crate) async fn give(&self, user: &UserId, grant: &Grant) -> Result<(), AuthError> {
        self.made.get_or_try_init(async || TABLES.make(&self.db).await).await?;
        let (kind, name, value) = grant.columns();
        let params: [Value; 4] = [user.to_string().into(), kind.into(), name.into(), value.into()];
        Ok(self.db.execute(GIVE, params).await.map(drop)?)
    }

    /// Takes something from a user.
    pub(crate) async fn take(&self, user: &UserId, grant: &Grant) -> Result<(), AuthError> {
        self.made.get_or_try_init(async || TABLES.make(&self.db).await).await?;
        let (kind, name, _) = grant.columns();
        Ok(self.db.execute(TAKE, [user.to_string().into(), kind.into(), name.into()]).await.map(drop)?)
    }

    /// Takes everything from a user who is no more.
    pub(crate) async fn forget(&self, user: &UserId) -> Result<(), AuthError> {
        self.made.get_or_try_init(async || TABLES.make(&self.db).await).await?;
        Ok(self.db.execute(FORGET, [user.to_string().into()]).await.map(drop)?)
    }
}

impl Grant {
    fn columns(&self) -> (&'static str, &str, &str) {
        match self {
            Self::Role(name) => ("role", name, ""),
            Self::Attribute(name, value) => ("attribute", name, value),
        }
    }

    /// Reads `editor` or `tenant=7`; of a policy that has such a role or attribute.
    pub(crate) fn parse(text: &str, policy: &Policy, needs_value: bool) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        let is_attribute = policy.named_attributes().any(|known| known == name);
        if let Some(value) = value {
            return match is_attribute {
                true => Ok(Self::Attribute(name.to_owned(), value.to_owned())),
                false => Err(format!(
                    "there is no attribute `{name}`; name it in `[access] attributes` of the schema file"
                )),
            };
        }
        if name == "staff" || policy.named_roles().any(|known| known == name) {
            return Ok(Self::Role(name.to_owned()));
        }
        if is_attribute && !needs_value {
            return Ok(Self::Attribute(name.to_owned(), String::new()));
        }
        let known: Vec<&str> = std::iter::once("staff").chain(policy.named_roles()).collect();
        let hint = match name {
            "admin" => "; `frontdesk user admin NAME` makes an administrator".to_owned(),
            _ => format!(
                "; there are {}, and more if `[access] roles` of the schema file names them",
                known.join(", ")
            ),
        };
        Err(format!("there is no role `{name}` to be given{hint}"))
    }
}

impl Granted {
    fn read(rows: &[Row]) -> Self {
        let mut granted = Self::default();
        for row in rows {
            let text = |column: &str| row[column].as_str().unwrap_or_default().to_owned();
            match row["kind"].as_str() {
                Some("role") => granted.roles.push(text("name")),
                Some("attribute") => {
                    granted.attributes.push((text("name"), crate::actor::value(&text("value"))));
                }
                _ => {}
            }
        }
        granted
    }

    /// The user as the policy sees them. What the policy does not know any more counts for nothing.
    pub(crate) fn actor(&self, user: &User, policy: &Policy) -> Actor {
        let id = Value::from(user.id.clone());
        if user.admin || user.superuser {
            return Actor::admin().attribute("id", id);
        }
        let is_staff = self.roles.iter().any(|role| role == "staff");
        let mut actor = if is_staff { Actor::staff(id) } else { Actor::user(id) };
        for role in self.roles.iter().filter(|role| policy.named_roles().any(|known| known == role.as_str()))
        {
            actor = actor.role(role.as_str());
        }
        for (name, value) in &self.attributes {
            if policy.named_attributes().any(|known| known == name) {
                actor = actor.attribute(name.as_str(), value.clone());
            }
        }
        actor
    }
}
