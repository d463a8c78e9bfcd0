//! What a policy makes of a form.

use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_data::{Access, Action, Actor, Asker, Db, DbError, Policy, Row, RowId, Set, Table};
use frontdesk_validate::{BoxFuture, ValidationError};
use http::{Method, StatusCode};

use super::spec::{Definition, FormSpec, Record, Source};
use super::{Children, Form, Mode};
use crate::body::multipart::Intake;
use crate::{FormError, FormRequest};

/// What the actor may do with the record of a form, and with the rows of its sub-forms.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) access: Access,
    /// Of the record itself: whether it may be changed and deleted.
    pub(super) may_update: bool,
    pub(super) may_delete: bool,
}

impl FormSpec {
    /// Asks a policy what `actor` may do with the form's table, and with those of its sub-forms.
    ///
    /// Fields that may not be read are not there, those that may not be written are shown as text; a record out of reach is one
    /// that there is not. References offer and find what the actor may read, and so do live checks. Rows that are written are
    /// checked within their own statement and transaction. It does not matter whether options are set before or after.
    ///
    /// Values that a [validation](Self::validation) function sets are the application's own: of those the rows are checked, and
    /// not the columns.
    ///
    /// [Processing](Self::process) gives [`FormError::NotFound`] for a record out of reach, and [`FormError::Denied`] where the
    /// actor may insert no rows.
    ///
    /// ```
    /// use frontdesk_data::{Actor, Db, Policy, Table};
    /// use frontdesk_forms::{Form, FormError, FormRequest};
    ///
    /// # async fn who_asks(_: &FormRequest) -> Actor { Actor::anonymous() }
    /// async fn edit(db: Db, note: std::sync::Arc<Table>, policy: Policy, mut request: FormRequest) -> Result<Form, FormError> {
    ///     let actor = who_asks(&request).await;
    ///     Form::for_table(&db, &note).record(7).policy(&policy, &actor).process(&mut request).await
    /// }
    /// ```
    pub fn policy(mut self, policy: &Policy, actor: &Actor) -> Self {
        self.asker = Some(Asker::new(policy, actor));
        self
    }

    /// Processes the form for somebody who may not do everything.
    pub(super) fn process_limited<'p>(
        &'p self,
        asker: &'p Asker,
        request: &'p mut FormRequest,
    ) -> BoxFuture<'p, Result<Form, FormError>> {
        Box::pin(async move {
            match self.limits(asker, request.method()).await {
                Ok((limits, record)) => {
                    let (def, limits) = (self.def.limited(asker), limits.map(Box::new));
                    let spec = Self { def, record, asker: None, limits };
                    asker.clone().ask(spec.process(request)).await
                }
                Err(error) => {
                    request.drain().await;
                    Err(error)
                }
            }
        })
    }

    /// What the actor may do with the record, which is looked up.
    async fn limits(&self, asker: &Asker, method: &Method) -> Result<(Option<Limits>, Record), FormError> {
        let Source::Table { db, table } = &self.def.source else { return Ok((None, self.record.clone())) };
        let access = asker.access(&known(db, table));
        let id = match &self.record {
            Record::None if !access.can(Action::Create) => return Err(FormError::Denied),
            Record::None => {
                let limits = Limits { access, may_update: true, may_delete: false };
                return Ok((Some(limits), Record::None));
            }
            Record::Id(id) | Record::Gone(id) => id.clone(),
            Record::Row(row) => match row.id() {
                Some(id) => id.clone(),
                // It cannot be asked for again, and can only be looked at.
                None => {
                    let reached = access.reaches_values(Action::Read, |name| row.get(name).cloned());
                    if reached != Some(true) {
                        return Err(FormError::NotFound);
                    }
                    let limits = Limits { access, may_update: false, may_delete: false };
                    return Ok((Some(limits), self.record.clone()));
                }
            },
        };
        let Some(row) = access.get(db, &id).await? else {
            // What was typed into the form of a record that is gone by now comes back, wherever it is gone to.
            let may_be_gone = *method == Method::POST && access.can(Action::Update);
            let limits = Limits { access, may_update: true, may_delete: true };
            return if may_be_gone { Ok((Some(limits), Record::Gone(id))) } else { Err(FormError::NotFound) };
        };
        let may = async |action: Action| match access.can(action) && access.differs_from_reading(action) {
            true => access.may(db, action, &id).await,
            false => Ok(access.can(action)),
        };
        let (may_update, may_delete) = (may(Action::Update).await?, may(Action::Delete).await?);
        Ok((Some(Limits { access, may_update, may_delete }), Record::Row(Box::new(row))))
    }
}

/// The table as the database knows it: a form may have changed its own.
pub(super) fn known(db: &Db, table: &Arc<Table>) -> Arc<Table> {
    db.table(&table.name).unwrap_or_else(|| Arc::clone(table))
}

/// Definitions as actors of different roles have them.
#[derive(Default)]
pub(super) struct Limited(Mutex<Vec<(Views, Arc<Definition>)>>);

/// The tables of a form and its sub-forms, as an actor has them: one and the same for all actors of the same roles.
type Views = Vec<Arc<Table>>;

/// How many there may be.
const MOST: usize = 32;

impl Clone for Limited {
    /// What is changed afterwards is made anew.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Definition {
    fn limited(self: &Arc<Self>, asker: &Asker) -> Arc<Self> {
        let mut views = Views::new();
        self.views(asker, &mut views);
        let mut made = self.limited.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &Views| {
            known.len() == views.len() && known.iter().zip(&views).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        if let Some((_, def)) = made.iter().find(|(known, _)| same(known)) {
            return Arc::clone(def);
        }
        let def = Arc::new(self.narrowed(asker));
        if made.len() >= MOST {
            made.remove(0);
        }
        made.push((views, Arc::clone(&def)));
        def
    }

    fn views(&self, asker: &Asker, views: &mut Views) {
        if let Source::Table { db, table } = &self.source {
            views.push(Arc::clone(asker.access(&known(db, table)).table()));
        }
        for children in &self.children {
            children.def().views(asker, views);
        }
    }

    fn narrowed(&self, asker: &Asker) -> Self {
        let mut def = Self::clone(self);
        def.forget_drawn();
        def.children = self.children.iter().filter_map(|children| children.limited(asker)).collect();
        if let Source::Table { db, table } = &self.source {
            let table = Arc::new(asker.access(&known(db, table)).narrow(table));
            def.source = Source::Table { db: db.clone(), table };
        }
        def
    }
}

impl Children {
    /// The sub-form as an actor has it; `None` if its rows may not be read, or not by what they refer to.
    fn limited(&self, asker: &Asker) -> Option<Arc<Self>> {
        let mut limited = Self::clone(self);
        if let Source::Table { db, table } = &self.def().source {
            let access = asker.access(&known(db, table));
            let sees = |name: &str| access.table().get(name).is_some();
            if !access.can(Action::Read) || !self.reference.iter().all(|(field, _)| sees(field)) {
                return None;
            }
            limited.adds = access.can(Action::Create);
            limited.position = self.position.clone().filter(|field| sees(field));
        }
        limited.form.def = Arc::new(self.def().narrowed(asker));
        Some(Arc::new(limited))
    }

    /// What the actor of a form may do with the rows of the sub-form.
    pub(super) fn access(&self, asker: Option<&Asker>) -> Option<Access> {
        match &self.def().source {
            Source::Table { db, table } => Some(asker?.access(&known(db, table))),
            Source::Fields { .. } => None,
        }
    }
}

impl Form {
    pub(super) fn asker(&self) -> Option<&Asker> {
        self.limits.as_deref().map(|limits| limits.access.asker())
    }

    pub(super) fn access(&self) -> Option<&Access> {
        self.limits.as_deref().map(|limits| &limits.access)
    }

    /// A row of the form's table, if the actor may read it.
    pub(super) async fn fetch(&self, db: &Db, table: &Table, id: &RowId) -> Result<Option<Row>, DbError> {
        match self.access() {
            Some(access) => access.get(db, id).await,
            None => db.get(table, id).await,
        }
    }

    /// Notes what the actor may do with the record.
    pub(super) fn limit(&mut self, limits: Option<&Limits>) {
        let Some(limits) = limits else { return };
        if self.mode == Mode::Update && !limits.may_update {
            self.mode = Mode::ReadOnly;
        }
        self.limits = Some(Box::new(limits.clone()));
    }

    /// Turns away what is submitted to a form that can only be looked at, where the policy says so.
    pub(super) async fn turn_away(&mut self, request: &mut FormRequest) {
        let is_denied = self.limits.as_ref().is_some_and(|limits| !limits.may_update);
        if !is_denied || self.def.readonly || *request.method() != Method::POST {
            return;
        }
        let name = self.def.form_name().to_owned();
        if request.submission(&name, &Method::POST, Intake::NOTHING).await.is_some() {
            self.submitted = true;
            self.status = StatusCode::FORBIDDEN;
            self.refuse_form(ValidationError::new("denied", "You may not do this"));
        }
    }
}

/// The rows of a table that an actor may read, or all.
pub(super) fn set_of(access: Option<&Access>, db: &Db, table: &Arc<Table>) -> Set {
    match access {
        Some(access) => access.set(db),
        None => db.set(table),
    }
}
