use std::fmt;
use std::sync::Arc;

use frontdesk_validate::Value;

/// Who asks: what a [`Policy`](crate::Policy) decides by. Cheap to clone.
///
/// There are four kinds, each of which has the roles of those before it: anonymous visitors (`public`), users who are signed
/// in (`user`), people of the house (`staff`), and administrators (`admin`), who have every role. Besides, users and staff
/// have the roles that the application gives them by name, and attributes that row filters compare with
/// (`row.tenant == actor.tenant`).
///
/// It is a value that the application makes for each request, from its session or token; nothing of it is looked up here.
///
/// ```
/// use frontdesk_data::{Actor, Role};
///
/// let editor = Actor::user(42).role("editor").attribute("tenant", 7);
/// assert!(editor.has(&Role::User) && editor.has(&"editor".into()) && !editor.has(&Role::Staff));
/// assert_eq!(editor.to_string(), "user:42 (editor)");
/// ```
#[derive(Clone, PartialEq)]
pub struct Actor(Arc<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    rank: Rank,
    roles: Vec<Arc<str>>,
    /// `id` among them, where there is one.
    attributes: Vec<(Arc<str>, Value)>,
}

/// The kinds of actors, each with the rights of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rank {
    Public,
    User,
    Staff,
    Admin,
}

impl Actor {
    fn new(rank: Rank) -> Self {
        Self(Arc::new(Inner { rank, roles: Vec::new(), attributes: Vec::new() }))
    }

    /// A visitor who is not signed in.
    pub fn anonymous() -> Self {
        Self::new(Rank::Public)
    }

    /// A user who is signed in, by their identity: `actor.id` in row filters.
    pub fn user(id: impl Into<Value>) -> Self {
        Self::new(Rank::User).attribute("id", id)
    }

    /// Someone of the house.
    pub fn staff(id: impl Into<Value>) -> Self {
        Self::new(Rank::Staff).attribute("id", id)
    }

    /// Who runs the application. Row filters do not bind administrators, and they have every role; what a policy gives to
    /// nobody they have not. Someone who runs one tenant of several is a user with a role.
    pub fn admin() -> Self {
        Self::new(Rank::Admin)
    }

    /// Gives a role of the application's own.
    #[must_use]
    pub fn role(mut self, name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        let inner = Arc::make_mut(&mut self.0);
        if !inner.roles.contains(&name) {
            inner.roles.push(name);
        }
        self
    }

    /// Sets an attribute: a value, or a list of them for `in`. Null is as if there was none.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<Arc<str>>, value: impl Into<Value>) -> Self {
        let (name, value) = (name.into(), value.into());
        let inner = Arc::make_mut(&mut self.0);
        inner.attributes.retain(|(known, _)| *known != name);
        if !value.is_null() {
            inner.attributes.push((name, value));
        }
        self
    }

    /// The attribute of that name; `id` is the identity.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.attributes.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// Whether the actor has a role.
    pub fn has(&self, role: &Role) -> bool {
        match role {
            Role::Public => true,
            Role::User => self.0.rank >= Rank::User,
            Role::Staff => self.0.rank >= Rank::Staff,
            Role::Admin => self.0.rank >= Rank::Admin,
            Role::Named(name) => self.0.rank == Rank::Admin || self.0.roles.contains(name),
        }
    }

    pub(crate) fn rank(&self) -> Rank {
        self.0.rank
    }

    /// Whether both are one and the same value.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// As `frontdesk serve --as` and `frontdesk explain` read it: `user:42 (editor)`. Attributes are left out: they may be
/// anything.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.rank {
            Rank::Public => "public",
            Rank::User => "user",
            Rank::Staff => "staff",
            Rank::Admin => "admin",
        })?;
        if let Some(id) = self.get("id") {
            write!(f, ":{}", id.to_text())?;
        }
        if !self.0.roles.is_empty() {
            write!(f, " ({})", self.0.roles.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Actor({self})")
    }
}

/// A role. The first four are ordered: who has one has those before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// `public`: everybody.
    Public,
    /// `user`: who is signed in.
    User,
    /// `staff`: people of the house.
    Staff,
    /// `admin`: who runs the application.
    Admin,
    /// A role of the application's own.
    Named(Arc<str>),
}

impl Role {
    /// The names of the roles that there always are.
    pub(crate) const NAMES: [&str; 4] = ["public", "user", "staff", "admin"];

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Public => "public",
            Self::User => "user",
            Self::Staff => "staff",
            Self::Admin => "admin",
            Self::Named(name) => name,
        }
    }
}

impl From<&str> for Role {
    fn from(name: &str) -> Self {
        match name {
            "public" => Self::Public,
            "user" => Self::User,
            "staff" => Self::Staff,
            "admin" => Self::Admin,
            name => Self::Named(name.into()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name that stands for no role.
const NOBODY: &str = "nobody";

/// Who may: anybody with one of these roles, and nobody if there are none; `"nobody"` is no role.
///
/// ```
/// use frontdesk_data::{Actor, Roles};
///
/// let roles = Roles::from(["staff", "editor"]);
/// assert!(roles.include(&Actor::user(1).role("editor")) && !roles.include(&Actor::user(1)));
/// assert_eq!(roles.to_string(), "staff or editor");
/// assert!(!Roles::nobody().include(&Actor::admin()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// No role at all: nobody may, not even administrators.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Whether the actor has one of them.
    pub fn include(&self, actor: &Actor) -> bool {
        self.0.iter().any(|role| actor.has(role))
    }

    /// The roles.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.iter()
    }
}

impl From<&str> for Roles {
    fn from(name: &str) -> Self {
        [name].into_iter().collect()
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self(vec![role])
    }
}

impl<const N: usize> From<[&str; N]> for Roles {
    fn from(names: [&str; N]) -> Self {
        names.into_iter().collect()
    }
}

impl<'n> FromIterator<&'n str> for Roles {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        Self(names.into_iter().filter(|name| *name != NOBODY).map(Role::from).collect())
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(NOBODY);
        }
        for (index, role) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            f.write_str(role.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crud_02_roles_are_ordered_and_named_ones_are_not() {
        let actors = [Actor::anonymous(), Actor::user(1), Actor::staff(2), Actor::admin()];
        for (rank, actor) in actors.iter().enumerate() {
            for (at, name) in Role::NAMES.into_iter().enumerate() {
                assert_eq!(actor.has(&name.into()), rank >= at, "{actor} {name}");
            }
            assert_eq!(actor.has(&"editor".into()), rank == 3, "{actor}");
            assert!(!Roles::nobody().include(actor));
        }
        assert!(Actor::anonymous().role("editor").has(&"editor".into()));
    }

    #[test]
    fn a_null_attribute_is_none() {
        let actor = Actor::user(Value::Null).attribute("tenant", 1).attribute("tenant", Value::Null);
        assert_eq!((actor.get("id"), actor.get("tenant")), (None, None));
        assert_eq!(actor.to_string(), "user");
    }
}
