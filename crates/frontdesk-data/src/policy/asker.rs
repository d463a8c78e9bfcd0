use std::future::Future;
use std::sync::Arc;

use super::{Access, Actor, Policy};
use crate::Table;

tokio::task_local! {
    static ASKER: Asker;
}

/// A policy, and who asks it.
///
/// Rules that look into the database ([`IsInDb`](crate::IsInDb), [`IsNotInDb`](crate::IsNotInDb)) belong to tables, and not to
/// anybody. Whose question they answer is told by [`ask`](Self::ask), which is around all that is done for one request; forms
/// with a policy do that by themselves.
#[derive(Clone, Debug)]
pub struct Asker {
    policy: Policy,
    actor: Actor,
}

impl Asker {
    /// `actor` asks `policy`.
    pub fn new(policy: &Policy, actor: &Actor) -> Self {
        Self { policy: policy.clone(), actor: actor.clone() }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What the actor may do with a table.
    pub fn access(&self, table: &Arc<Table>) -> Access {
        self.policy.access(&self.actor, table)
    }

    /// Whether the actor may do everything.
    pub fn is_unlimited(&self) -> bool {
        self.policy.is_open_to(&self.actor)
    }

    /// Runs a future in which the rules of fields know who asks: they find no more than the actor may read.
    ///
    /// What the future [spawns](tokio::spawn) does not know it.
    ///
    /// ```
    /// use frontdesk_data::{Actor, Asker, Db, Field, IsInDb, Policy, Table, Values};
    /// use frontdesk_validate::{Context, Rules};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let db = Db::open("sqlite::memory:").await.unwrap();
    /// let person = db.define(Table::new("person").field(Field::string("name")).create()).await.unwrap();
    /// db.insert(&person, Values::new().with("name", "George")).await.unwrap();
    ///
    /// let owner = Rules::one(IsInDb::new(&db, "person.id"));
    /// assert!(owner.validate("1".into(), Context::empty()).await.is_ok());
    /// let nobody = Asker::new(&Policy::new(), &Actor::anonymous());
    /// assert!(nobody.ask(owner.validate("1".into(), Context::empty())).await.is_err());
    /// # });
    /// ```
    pub async fn ask<F: Future>(self, future: F) -> F::Output {
        ASKER.scope(self, future).await
    }

    /// Who asks now; `None` where nobody said, or everything is allowed.
    pub(crate) fn now() -> Option<Self> {
        ASKER.try_with(Self::clone).ok().filter(|asker| !asker.is_unlimited())
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.policy.decided, &other.policy.decided)
            && (self.actor.is(&other.actor) || self.actor == other.actor)
    }
}
