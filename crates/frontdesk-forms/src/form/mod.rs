//! A form for one request.

mod ask;
mod bind;
mod check;
mod children;
mod conditions;
mod conflict;
mod custom;
mod draft;
mod draw_field;
mod json;
mod kept;
mod limits;
mod prepare;
mod process;
mod protect;
mod render;
mod repeat;
mod rows;
mod rows_draw;
mod rows_order;
mod rows_read;
mod rows_write;
mod skeleton;
mod spec;
mod submit;
mod write;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use frontdesk_data::record::{Record, RecordError};
use frontdesk_data::{Field, Row, RowId, Table, Values};
use frontdesk_html::{HtmlWriter, Markup, Node, TreeBuilder};
use frontdesk_validate::{Choice, FileValue, Options, ValidationError, Value};
use frontdesk_web::{CsrfToken, Language, Purpose};
use http::{HeaderValue, StatusCode};
use smallvec::SmallVec;

use self::ask::{Answer, Searched};
pub(crate) use self::bind::is_true;
pub use self::check::FormCheck;
pub use self::children::{Children, NoReference};
use self::conflict::FieldConflict;
pub use self::custom::Custom;
use self::kept::KeptFile;
use self::limits::Limits;
use self::prepare::Token;
use self::rows::Rows;
pub use self::spec::FormSpec;
use self::spec::{Definition, FieldPlan};
use crate::state::{FormState, RowState};

/// A form, after it met a request: to be drawn, or accepted.
///
/// It begins with what is edited ([`for_table`](Self::for_table), [`for_fields`](Self::for_fields)) and options, and
/// becomes a `Form` by [`FormSpec::process`].
///
/// ```
/// use axum::response::{IntoResponse, Redirect, Response};
/// use frontdesk_data::{Db, Table};
/// use frontdesk_forms::{Form, FormError, FormRequest};
///
/// async fn create_thing(db: Db, thing: std::sync::Arc<Table>, mut request: FormRequest) -> Result<Response, FormError> {
///     let form = Form::for_table(&db, &thing).process(&mut request).await?;
///     if form.accepted() {
///         return Ok(Redirect::to("/other_page").into_response());
///     }
///     Ok(form.respond(format!("<!DOCTYPE html><title>New thing</title>{form}")))
/// }
/// ```
pub struct Form {
    def: Arc<Definition>,
    mode: Mode,
    record: Option<Box<Row>>,
    states: Vec<FieldState>,
    form_errors: Vec<ValidationError>,
    vars: Values,
    id: Option<RowId>,
    accepted: bool,
    deleted: bool,
    submitted: bool,
    status: StatusCode,
    token: Token,
    cookies: Vec<HeaderValue>,
    structure: Option<Box<Node>>,
    /// What stands beside the submit button in place of the definition's sidecar.
    sidecar: Option<Box<Node>>,
    /// Texts that were submitted beside the fields: hidden ones, the button.
    extras: Vec<(String, String)>,
    /// The state with which the form was submitted, where it was a good one.
    state: Option<FormState>,
    /// Whether this submission was carried out before.
    repeated: bool,
    /// The rows of the sub-forms.
    children: Vec<Rows>,
    /// An answer that takes the place of a page.
    answer: Option<Box<Answer>>,
    /// Whether the script that helps along is served.
    has_script: bool,
    /// The visitor's language.
    language: Language,
    /// What the visitor saw of the row, where nobody compared it yet with what is there now.
    base: Option<Box<RowState>>,
    /// What the actor may do, where a policy limits it.
    limits: Option<Box<Limits>>,
    /// What a `CsrfLayer` around the page wants to see again.
    csrf: Option<CsrfToken>,
    seldom: Seldom,
}

/// What few forms have, so that a form takes little room: it is moved several times. It is read, and made, as if it were
/// here.
#[derive(Default)]
struct Seldom(Option<Box<Rarely>>);

#[derive(Default)]
struct Rarely {
    /// What the controls are called; in the row of a sub-form after the row.
    names: Names,
    /// The draft that there is.
    draft: Option<draft::Found>,
    /// Whether the draft was restored or thrown away just now.
    restored: bool,
    /// The key that signs proofs of work.
    proofs: Option<Purpose>,
    /// When the form was first drawn, where that counts for the next submission.
    issued: Option<u64>,
    /// What the visitor is told, and is no error.
    notices: Vec<ValidationError>,
    /// The fields that a hand-made layout did not draw.
    forgotten: Vec<Arc<str>>,
    /// The identity of the record that was to be edited, if there is none of it any more.
    gone: Option<String>,
}

impl Deref for Seldom {
    type Target = Rarely;

    fn deref(&self) -> &Rarely {
        static NOTHING: Rarely = Rarely {
            names: Names { prefix: String::new(), ids: String::new() },
            draft: None,
            restored: false,
            proofs: None,
            issued: None,
            notices: Vec::new(),
            forgotten: Vec::new(),
            gone: None,
        };
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Seldom {
    fn deref_mut(&mut self) -> &mut Rarely {
        self.0.get_or_insert_default()
    }
}

/// How the controls of a row are named.
#[derive(Clone, Debug, Default)]
struct Names {
    /// What stands before a field's name: nothing, or `items[2].`.
    prefix: String,
    /// What ids begin with in the row of a sub-form; empty for the form's own row, whose ids are in its plan.
    ids: String,
}

/// Names with a meaning of their own. A column of such a name is shown, and not edited.
fn is_reserved(name: &str) -> bool {
    if !name.starts_with('_') {
        return false;
    }
    const NAMES: &[&str] = &[
        "_formname",
        "_formkey",
        "_delete",
        "_submit",
        "_drawn",
        "_check",
        "_lookup",
        "_create",
        "_rows",
        "_draft",
        "_refresh",
        "_position",
        "_key",
        "_search",
    ];
    const BEGINNINGS: &[&str] = &["_delete_", "_find_", "_take_"];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// What a form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Create,
    Update,
    ReadOnly,
}

/// What a form knows of one field.
#[derive(Debug, Default)]
struct FieldState {
    /// Whether the submission says what is in the control.
    bound: bool,
    /// The texts in the control. Most have one.
    values: SmallVec<[Cow<'static, str>; 1]>,
    error: Option<ValidationError>,
    /// Whether it does not belong to the form now, by what other fields hold.
    hidden: bool,
    /// Whether it is needed now, by what other fields hold.
    needed: bool,
    /// Whether there is a list of all choices.
    listed: bool,
    /// Whether the choices are too many, so that they are searched.
    searches: bool,
    /// What most fields have nothing of, so that a form takes little room. It is read, and made, as if it were here.
    rest: Option<Box<Rest>>,
}

/// What few forms know of a field.
#[derive(Debug, Default)]
struct Rest {
    /// Choices that had to be awaited.
    choices: Option<Arc<[Choice]>>,
    /// The keys of the files that are stored already.
    stored: Vec<String>,
    /// Which of them are to be removed.
    removed: Vec<String>,
    /// The files of this submission, kept ones included.
    uploads: Vec<FileValue>,
    /// The uploads that are kept for the next one.
    kept: Vec<KeptFile>,
    /// Somebody else changed what is edited here.
    conflict: Option<FieldConflict>,
    /// The value of a text that came back as it was shown, which does not say all that is stored.
    as_shown: Option<Box<Value>>,
    searched: Searched,
}

impl Deref for FieldState {
    type Target = Rest;

    fn deref(&self) -> &Rest {
        static NOTHING: Rest = Rest {
            choices: None,
            stored: Vec::new(),
            removed: Vec::new(),
            uploads: Vec::new(),
            kept: Vec::new(),
            conflict: None,
            as_shown: None,
            searched: Searched { text: String::new(), found: None, more: false, creates: false },
        };
        self.rest.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for FieldState {
    fn deref_mut(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }
}

impl FieldState {
    /// Forgets the files that came with the submission.
    fn forget_uploads(&mut self) {
        if let Some(rest) = &mut self.rest {
            rest.uploads.clear();
        }
    }

    /// Forgets that somebody else changed it.
    fn forget_conflict(&mut self) {
        if let Some(rest) = &mut self.rest {
            rest.conflict = None;
        }
    }
}

impl Form {
    /// Whether the form was submitted and everything was well; what it asked for is done.
    ///
    /// A deletion counts: see [`deleted`](Self::deleted).
    pub fn accepted(&self) -> bool {
        self.accepted
    }

    /// Whether the record was deleted.
    pub fn deleted(&self) -> bool {
        self.deleted
    }

    /// Whether the request is a submission of this form, good or bad.
    pub fn submitted(&self) -> bool {
        self.submitted
    }

    /// Whether this form was submitted and accepted before: a double click, a repeated request, a page that was reloaded.
    ///
    /// Nothing was done again. A form over a table gives the first answer: [`accepted`](Self::accepted), with the
    /// [`id`](Self::id) of the row of the first time. Code of your own that acts on an accepted form, such as sending a
    /// mail, asks this first.
    pub fn repeated(&self) -> bool {
        self.repeated
    }

    /// The fields of the form that the page from which it was submitted did not draw, in debug builds: a hand-made layout
    /// has probably forgotten them. Nothing of them is written. Each is also told in the log.
    pub fn forgotten_fields(&self) -> &[Arc<str>] {
        &self.seldom.forgotten
    }

    /// The values that passed their rules, as the rules gave them.
    pub fn vars(&self) -> &Values {
        &self.vars
    }

    /// A text that was submitted beside the fields: of a hidden field, or `_submit` for the button that was pressed. It
    /// is unchecked.
    pub fn submitted_text(&self, name: &str) -> Option<&str> {
        self.extras.iter().find(|(known, _)| known == name).map(|(_, text)| &**text)
    }

    /// Takes the values out.
    pub fn into_vars(self) -> Values {
        self.vars
    }

    /// The record that was accepted: the values of the form over those of the row that was edited, or over the defaults of
    /// the table.
    ///
    /// A column that the database itself works out is not known here: read the row, by [`id`](Self::id).
    ///
    /// # Errors
    /// [`RecordError`], if the form was not accepted, or a member of the record is neither in the form nor in the table.
    ///
    /// ```
    /// # use frontdesk_data::record::{Id, Record, RecordError, field};
    /// # use frontdesk_data::{Row, Table, Values};
    /// # use frontdesk_forms::{Desk, Form, FormError, FormRequest};
    /// # struct Hero { id: Id, name: String }
    /// # impl Record for Hero {
    /// #     type Key = i64;
    /// #     const TABLE: &'static str = "hero";
    /// #     const KEY: &'static [&'static str] = &["id"];
    /// #     fn table() -> Table { Table::new("hero").field(field::<String>("name")) }
    /// #     fn from_row(row: &Row) -> Result<Self, RecordError> { Ok(Self { id: row.read("id")?, name: row.read("name")? }) }
    /// #     fn values(&self) -> Values { Values::new().with("id", self.id).with("name", &*self.name) }
    /// # }
    /// # async fn page(db: frontdesk_data::Db, mut request: FormRequest) -> Result<Form, Box<dyn std::error::Error>> {
    /// let form = Form::for_table(&db, db.records::<Hero>().table()).process(&mut request).await?;
    /// if form.accepted() {
    ///     let hero: Hero = form.to_record()?;
    ///     println!("welcome, {}", hero.name);
    /// }
    /// # Ok(form)
    /// # }
    /// ```
    pub fn to_record<T: Record>(&self) -> Result<T, RecordError> {
        if !self.accepted {
            return Err(RecordError::not_accepted());
        }
        let mut values = self.record.as_deref().map(Row::to_values).unwrap_or_default();
        for (name, value) in self.vars.iter() {
            values.set(Arc::clone(name), value.clone());
        }
        let Some(table) = self.def.table() else { return T::from_values(&T::table(), values) };
        if let Some(id) = &self.id {
            for (name, value) in table.key.iter().zip(id.values()) {
                values.set(Arc::clone(name), value.clone());
            }
        }
        T::from_values(table, values)
    }

    /// What is wrong, by field, in the order of the fields.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &ValidationError)> {
        let plans = &self.def.plan().fields;
        plans
            .iter()
            .zip(&self.states)
            .filter_map(|(plan, state)| Some((&*plan.field(&self.def).name, state.error.as_ref()?)))
    }

    /// What is wrong with one field.
    pub fn error_of(&self, field: &str) -> Option<&ValidationError> {
        self.errors().find(|(name, _)| *name == field).map(|(_, error)| error)
    }

    /// What stands in a field's input: what was typed, though it was refused; else the record's value or the default. The
    /// first of several; empty for passwords and files. For inputs that you write yourself.
    pub fn text_of(&self, field: &str) -> &str {
        let plans = &self.def.plan().fields;
        let found = plans.iter().zip(&self.states).find(|(plan, _)| &*plan.field(&self.def).name == field);
        found.and_then(|(_, state)| state.values.first()).map_or("", |text| text)
    }

    /// What is wrong with the form as a whole.
    pub fn form_errors(&self) -> &[ValidationError] {
        &self.form_errors
    }

    /// The record that is edited, as it was before; `None` for a new one.
    pub fn record(&self) -> Option<&Row> {
        self.record.as_deref()
    }

    /// The identity of the row that was inserted or updated.
    pub fn id(&self) -> Option<&RowId> {
        self.id.as_ref()
    }

    /// The status of the answer: 200; 422 for a refused form, 413 for too large a one, 403 for a token that does not fit.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The form's name: what `_formname` says.
    pub fn name(&self) -> &str {
        self.def.form_name()
    }

    /// The table, if the form has one.
    pub fn table(&self) -> Option<&Arc<Table>> {
        self.def.table()
    }

    /// The form as a tree, made at the first call. What is changed in it shows when the form is written.
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_forms::{Desk, Form, FormRequest};
    /// # use frontdesk_web::Secret;
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let mut request = FormRequest::new(Desk::new(Secret::random()), http::Method::GET, "/".parse().unwrap(), Default::default(), axum::body::Body::empty());
    /// let mut form = Form::for_fields("paint", [Field::string("color")]).process(&mut request).await.unwrap();
    /// let color = form.structure().find_mut("[name=color]").unwrap().expect("the form has a color");
    /// color.set_attr("class", "my-class");
    /// assert!(form.to_string().contains(r#"class="my-class""#));
    /// # });
    /// ```
    pub fn structure(&mut self) -> &mut Node {
        if self.structure.is_none() {
            let mut tree = TreeBuilder::new();
            self.write_parts(&mut tree);
            self.structure = Some(Box::new(tree.finish()));
        }
        self.structure.get_or_insert_with(|| Box::new(Node::empty()))
    }

    /// The form as HTML.
    pub fn html(&self) -> Markup {
        if let Some(structure) = self.structure.as_deref() {
            return structure.render();
        }
        let size = match self.pristine() {
            Some(pristine) => pristine.before.as_str().len() + pristine.after.as_str().len() + 64,
            None => 512 + 384 * self.states.len(),
        };
        let mut out = HtmlWriter::with_capacity(size);
        self.write(&mut out);
        out.into_markup()
    }

    /// Sets what stands beside the submit button, in place of the spec's sidecar. Where [`structure`](Self::structure) was
    /// called before, that tree stays as it is.
    pub fn set_sidecar(&mut self, sidecar: impl Into<Node>) {
        self.sidecar = Some(Box::new(sidecar.into()));
    }

    /// Adds something to the sidecar.
    pub fn append_sidecar(&mut self, node: impl Into<Node>) {
        let before = self.sidecar().cloned().unwrap_or_else(Node::empty);
        self.sidecar = Some(Box::new(frontdesk_html::cat([before, node.into()])));
    }

    fn sidecar(&self) -> Option<&Node> {
        self.sidecar.as_deref().or(self.def.sidecar.as_ref())
    }

    /// The language in which the form is drawn.
    pub fn language(&self) -> &Language {
        &self.language
    }

    pub(crate) fn cookies(&self) -> &[HeaderValue] {
        &self.cookies
    }

    /// The answer that takes the place of a page, if the script asked for something else.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.answer.as_deref()
    }

    /// Whether a field is drawn as an input that can be used.
    fn is_input(&self, plan: &FieldPlan) -> bool {
        self.mode != Mode::ReadOnly && plan.is_input
    }

    /// The fields that are drawn as inputs that can be used.
    fn inputs(&self) -> impl Iterator<Item = &Field> {
        let plans = self.def.plan().fields.iter().filter(|plan| self.is_input(plan));
        plans.map(|plan| plan.field(&self.def))
    }

    /// Whether a field is drawn as a control, usable or not.
    fn has_control(&self, plan: &FieldPlan) -> bool {
        self.mode != Mode::ReadOnly && plan.has_control
    }

    /// Whether a field is drawn at all.
    fn is_shown(&self, plan: &FieldPlan) -> bool {
        self.has_control(plan) && !plan.is_hidden_id || self.record.is_some() && plan.shows_value
    }

    /// The choices of a field.
    fn choices<'f>(&'f self, plan: &'f FieldPlan, state: &'f FieldState) -> Option<Cow<'f, [Choice]>> {
        let field = plan.field(&self.def);
        let mut choices = match (&state.choices, field.rules().options()) {
            (Some(choices), _) => Cow::Borrowed(&**choices),
            (None, Options::Ready(choices)) => choices,
            _ => return None,
        };
        if !self.language.is_default() {
            let source = self.def.source_name();
            for at in 0..choices.len() {
                if let Some(label) = self.language.choice_text(source, &field.name, &choices[at].value) {
                    choices.to_mut()[at].label = label;
                }
            }
        }
        Some(choices)
    }
}

impl fmt::Display for Form {
    /// The form as HTML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.html().as_str())
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("name", &self.name())
            .field("submitted", &self.submitted)
            .field("accepted", &self.accepted)
            .field("errors", &self.errors().map(|(name, _)| name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
