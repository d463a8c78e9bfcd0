//! The site as somebody has it. Whatever is read or written goes through here: nothing else of the site knows the database.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use frontdesk_data::{
    Access, Action, Actor, Asker, ChildRows, Db, DbError, Policy, Row, RowId, SchemaFile, Set, Table,
};
use frontdesk_forms::{Children, Desk, Drafts, Form, FormSpec, Ledger, UploadError, serve_upload_to};
use frontdesk_web::{CsrfToken, Languages, Signer, TrustedProxies};
use http::request::Parts;

use super::SiteOptions;
use super::gate::Who;
use super::large::{Large, Sizes};
use super::sign_in::SignIn;
use crate::database::OWN_SCHEMA;

/// A database as a site. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    db: Db,
    desk: Desk,
    title: String,
    welcome: Option<String>,
    demo: Option<String>,
    schema: Option<SchemaFile>,
    policy: Policy,
    actor: Actor,
    sign_in: Option<SignIn>,
    proxies: TrustedProxies,
    /// All tables, in the order of their names.
    tables: Vec<Arc<Table>>,
    /// The places of the tables, in the order of what people call them.
    by_label: Vec<usize>,
    forms: HashMap<Arc<str>, FormSpec>,
    sizes: Sizes,
}

/// Whether a table is one of frontdesk's own, such as that of the users: they are nobody's to see, and their names begin with
/// a word of ours.
pub(crate) fn is_own(table: &Table) -> bool {
    let name = match &table.source {
        Some(source) if *source.schema == *OWN_SCHEMA => &source.name,
        Some(_) => return false,
        None => &table.name,
    };
    name.starts_with("frontdesk_")
}

impl Site {
    /// A site of all tables that the database knows, as [`open_described`](crate::open_described) gives it.
    pub fn new(db: &Db, options: SiteOptions) -> Self {
        let signer = Signer::new(options.secret);
        let mut desk =
            Desk::with_signer(&signer).upload_folder(options.media).speak(Languages::new().with_pseudo());
        let mut tables = db.tables();
        tables.retain(|table| !is_own(table));
        if let Some(state) = &options.state {
            desk = desk.remember_submissions(Ledger::database(state)).keep_drafts(Drafts::database(state));
        }
        let mut by_label: Vec<usize> = (0..tables.len()).collect();
        by_label.sort_by_cached_key(|&at| (tables[at].label.to_lowercase(), Arc::clone(&tables[at].name)));
        let schema = options.schema;
        let policy = options.policy.unwrap_or_else(|| match &schema {
            Some(schema) => schema.policy(),
            None => Policy::new().otherwise("admin"),
        });
        let sign_in = options.sign_in.map(|sign_in| sign_in.build(&desk, &signer, &options.title, &policy));
        let forms =
            tables.iter().map(|table| (Arc::clone(&table.name), spec(db, table, schema.as_ref()))).collect();
        Self(Arc::new(Inner {
            db: db.clone(),
            desk,
            title: options.title,
            welcome: options.welcome,
            demo: options.demo,
            schema,
            // Who is let through unasked by mistake is nobody.
            actor: if sign_in.is_some() { Actor::anonymous() } else { options.actor },
            policy,
            sign_in,
            proxies: options.proxies.unwrap_or_default(),
            tables,
            by_label,
            forms,
            sizes: Sizes::default(),
        }))
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// The proxies in front.
    pub(crate) fn proxies(&self) -> TrustedProxies {
        self.0.proxies.clone()
    }

    /// The path of the link that makes the first administrator, where people can sign in. It is good for an hour, once, and
    /// only while there is none.
    pub fn setup_path(&self) -> Option<String> {
        self.0.sign_in.as_ref().map(|sign_in| sign_in.setup().path())
    }

    /// How people sign in; `None`, where nobody does.
    pub(crate) fn sign_in(&self) -> Option<&SignIn> {
        self.0.sign_in.as_ref()
    }

    pub(crate) fn title(&self) -> &str {
        &self.0.title
    }

    pub(crate) fn welcome(&self) -> Option<&str> {
        self.0.welcome.as_deref()
    }

    /// The file of the demo, where this is the demo.
    pub(crate) fn demo(&self) -> Option<&str> {
        self.0.demo.as_deref()
    }

    /// Whether the database answers.
    pub(crate) async fn answers(&self) -> Result<(), DbError> {
        self.0.db.query("SELECT 1", []).await.map(drop)
    }

    /// The site as somebody has it; without an actor, as whoever is at the site.
    pub(crate) fn seen_by(&self, actor: Option<&Actor>, who: Option<&Who>) -> Seen {
        let who = who.cloned().unwrap_or_default();
        let actor = actor.unwrap_or(&self.0.actor);
        let asker = Asker::new(&self.0.policy, actor);
        if asker.is_unlimited() {
            return Seen {
                site: self.clone(),
                who,
                csrf: None,
                asker: None,
                tables: Vec::new(),
                by_label: Vec::new(),
            };
        }
        // What may neither be read nor added to is not there.
        let seen = |table: &Arc<Table>| {
            let access = asker.access(table);
            let is_there = access.can(Action::Read) || access.can(Action::Create);
            is_there.then(|| Arc::clone(access.table()))
        };
        let tables: Vec<Arc<Table>> = self.0.tables.iter().filter_map(seen).collect();
        let places = self.0.by_label.iter().filter_map(|&at| {
            let name = &self.0.tables[at].name;
            tables.binary_search_by(|table| table.name.cmp(name)).ok()
        });
        let by_label = places.collect();
        Seen { site: self.clone(), who, csrf: None, asker: Some(asker), tables, by_label }
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("title", &self.0.title).finish_non_exhaustive()
    }
}

/// What one actor has of the site. Handlers take it as an argument: without it they reach no table.
#[derive(Clone)]
pub(crate) struct Seen {
    site: Site,
    who: Who,
    /// What the button to sign out needs.
    csrf: Option<CsrfToken>,
    /// Who asks; `None` for whoever may do everything.
    asker: Option<Asker>,
    /// The tables as the actor has them, where that is less than all.
    tables: Vec<Arc<Table>>,
    by_label: Vec<usize>,
}

impl FromRequestParts<Site> for Seen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let seen = site.seen_by(parts.extensions.get(), parts.extensions.get());
        Ok(Seen { csrf: CsrfToken::of(&parts.extensions).cloned(), ..seen })
    }
}

impl Seen {
    /// What is the same for everybody.
    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// What the button to sign out needs.
    pub(crate) fn csrf(&self) -> Option<&CsrfToken> {
        self.csrf.as_ref()
    }

    /// Who is at the site.
    pub(crate) fn who(&self) -> &Who {
        &self.who
    }

    /// The tables and views, in order of name.
    pub(crate) fn tables(&self) -> &[Arc<Table>] {
        match self.asker {
            Some(_) => &self.tables,
            None => &self.site.0.tables,
        }
    }

    /// The tables and views, in the order of what people call them.
    pub(crate) fn by_label(&self) -> impl Iterator<Item = &Arc<Table>> {
        let places = match self.asker {
            Some(_) => &self.by_label,
            None => &self.site.0.by_label,
        };
        places.iter().map(|&at| &self.tables()[at])
    }

    /// The table of that name, with the columns that may be seen.
    pub(crate) fn table(&self, name: &str) -> Option<&Arc<Table>> {
        let tables = self.tables();
        let at = tables.binary_search_by(|table| (*table.name).cmp(name)).ok()?;
        Some(&tables[at])
    }

    fn full(&self, name: &str) -> Option<&Arc<Table>> {
        let tables = &self.site.0.tables;
        let at = tables.binary_search_by(|table| (*table.name).cmp(name)).ok()?;
        Some(&tables[at])
    }

    fn access(&self, table: &Arc<Table>) -> Option<Access> {
        Some(self.asker.as_ref()?.access(self.full(&table.name)?))
    }

    /// The rows of a table that may be read.
    pub(crate) fn set(&self, table: &Arc<Table>) -> Set {
        match self.access(table) {
            Some(access) => access.set(&self.site.0.db),
            None => self.site.0.db.set(table),
        }
    }

    /// What the table offers, where it has too many rows to offer everything.
    pub(crate) async fn large(&self, table: &Arc<Table>) -> Option<Arc<Large>> {
        let set = self.set(table);
        match self.asker {
            // Only what everybody may see is remembered for everybody.
            None => self.site.0.sizes.of(&set).await,
            Some(_) => Large::of(&set).await,
        }
    }

    /// The row of that identity, if it may be read.
    pub(crate) async fn get(&self, table: &Arc<Table>, id: &RowId) -> Result<Option<Row>, DbError> {
        match self.access(table) {
            Some(access) => access.get(&self.site.0.db, id).await,
            None => self.site.0.db.get(table, id).await,
        }
    }

    /// The form over a table.
    pub(crate) fn form(&self, table: &Table) -> Option<FormSpec> {
        self.site.0.forms.get(&table.name).map(|spec| self.limited(spec.clone()))
    }

    /// The form over a table, some of whose fields are others.
    pub(crate) fn form_with(&self, table: &Table, change: impl FnOnce(&mut Table)) -> Option<FormSpec> {
        let mut changed = Table::clone(self.full(&table.name)?);
        change(&mut changed);
        let spec = spec(&self.site.0.db, &Arc::new(changed), self.site.0.schema.as_ref());
        Some(self.limited(spec))
    }

    fn limited(&self, mut spec: FormSpec) -> FormSpec {
        if let Who::Signed(signed) = &self.who {
            // A form that was opened before signing in, or by somebody else, is not good after it.
            spec = spec.csrf_session(signed.session()).drafts_of(signed.user_id());
        }
        match &self.asker {
            Some(asker) => spec.policy(asker.policy(), asker.actor()),
            None => spec,
        }
    }

    /// A file that a row names in a field, if the row may be read.
    pub(crate) async fn file(
        &self,
        table: &Arc<Table>,
        field: &str,
        key: &str,
    ) -> Result<axum::response::Response, UploadError> {
        let store = self.site.desk().uploads();
        match self.access(table) {
            Some(access) => serve_upload_to(store, &self.site.0.db, &access, field, key).await,
            None => frontdesk_forms::serve_upload(store, key).await,
        }
    }
}

/// The form over a table, with what the schema file says of it.
fn spec(db: &Db, table: &Arc<Table>, schema: Option<&SchemaFile>) -> FormSpec {
    let mut spec = Form::for_table(db, table).drafts();
    let Some(schema) = schema else { return spec };
    for field in schema.live_checks(&table.name) {
        spec = spec.live_check(field);
    }
    let all = schema.children(&table.name);
    for rows in all {
        // Two references of one table to this one make two sub-forms.
        let is_only = all.iter().filter(|other| other.table == rows.table).count() == 1;
        match children(db, rows, is_only) {
            Some(children) => spec = spec.children(children),
            None => tracing::warn!(
                table = &*table.name,
                children = rows.table,
                "these rows cannot be edited here"
            ),
        }
    }
    spec
}

/// The sub-form that the schema file describes.
fn children(db: &Db, rows: &ChildRows, is_only: bool) -> Option<Children> {
    let table = db.table(&rows.table)?;
    let mut children = Children::of(db, &table, &rows.by).ok()?;
    if !is_only {
        let by = table.get(&rows.by)?;
        children = children
            .named(format!("{}_{}", rows.table, rows.by))
            .label(format!("{} ({})", table.label, by.label));
    }
    if let Some(order) = &rows.order_by {
        children = children.order_by(order.as_str());
    }
    if let Some((least, most)) = rows.rows {
        children = children.rows(least..=most);
    }
    Some(children)
}
