use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use frontdesk_data::{Asker, Db, DefaultValue, Field, FieldType, Row, RowId, Table};
use frontdesk_html::{Markup, Node, Sink};
use frontdesk_validate::{BoxFuture, Constraints, Options, Value};
use frontdesk_web::Purpose;
use http::Method;

use super::draft::Keeper;
use super::limits::{Limited, Limits};
use super::skeleton::Skeletons;
use super::{Children, Form, FormCheck, is_reserved};
use crate::request::Nonce;
use crate::state::FormKey;
use crate::{BotProtection, Captcha, Style, Widget};

impl Form {
    /// A form over a table: for a new row, unless [`FormSpec::record`] names one.
    pub fn for_table(db: &Db, table: &Arc<Table>) -> FormSpec {
        FormSpec::new(Source::Table { db: db.clone(), table: Arc::clone(table) })
    }

    /// A form without a database. `name` is the form's name, and the beginning of its controls' ids.
    ///
    /// ```
    /// use frontdesk_data::Field;
    /// use frontdesk_forms::Form;
    /// use frontdesk_validate::{IsInSet, IsNotEmpty};
    ///
    /// let spec = Form::for_fields("guest", [
    ///     Field::string("name").requires(IsNotEmpty::new()),
    ///     Field::string("color").requires(IsInSet::new(["red", "blue", "green"])),
    /// ]);
    /// ```
    pub fn for_fields(name: impl Into<Arc<str>>, fields: impl IntoIterator<Item = Field>) -> FormSpec {
        FormSpec::new(Source::Fields { name: name.into(), fields: fields.into_iter().collect() })
    }
}

/// What a form is about and how it behaves. Cheap to clone; one that does not change is best made once.
///
/// # Defaults
/// A new row, deletable where it is one that exists, the plain style, written to the database, empty again after it is
/// accepted, protected against forgery, good for ever, method POST.
#[derive(Clone)]
#[must_use = "a form does nothing until it is processed"]
pub struct FormSpec {
    pub(super) def: Arc<Definition>,
    pub(super) record: Record,
    /// Who asks which policy.
    pub(super) asker: Option<Asker>,
    /// What the policy said.
    pub(super) limits: Option<Box<Limits>>,
}

/// Which record is edited.
#[derive(Clone)]
pub(super) enum Record {
    None,
    Id(RowId),
    Row(Box<Row>),
    /// One that there is not any more, or not for whoever asks.
    Gone(RowId),
}

#[derive(Clone)]
pub(super) enum Source {
    Table { db: Db, table: Arc<Table> },
    Fields { name: Arc<str>, fields: Arc<[Field]> },
}

type Sync = Arc<dyn Fn(&mut FormCheck) + Send + std::marker::Sync>;
type Async = Arc<dyn for<'c> Fn(&'c mut FormCheck) -> BoxFuture<'c, ()> + Send + std::marker::Sync>;

#[derive(Clone)]
pub(super) enum Validation {
    Now(Sync),
    Later(Async),
}

/// All that is the same for each request.
#[derive(Clone)]
pub(super) struct Definition {
    pub(super) source: Source,
    pub(super) readonly: bool,
    pub(super) deletable: bool,
    pub(super) style: Style,
    pub(super) dbio: bool,
    pub(super) keep_values: bool,
    pub(super) form_name: Option<Arc<str>>,
    pub(super) hidden: Vec<(Cow<'static, str>, String)>,
    pub(super) validation: Vec<Validation>,
    pub(super) csrf_session: Option<Arc<str>>,
    pub(super) csrf_protection: bool,
    pub(super) lifespan: Option<Duration>,
    pub(super) signing_info: Arc<str>,
    pub(super) sidecar: Option<Node>,
    pub(super) submit_value: Option<Cow<'static, str>>,
    pub(super) show_id: bool,
    pub(super) method: Method,
    pub(super) action: Option<String>,
    pub(super) disabled: Vec<Arc<str>>,
    pub(super) children: Vec<Arc<Children>>,
    /// The fields that are checked while they are filled in.
    pub(super) live: Vec<Arc<str>>,
    pub(super) protection: Option<BotProtection>,
    pub(super) captcha: Option<Captcha>,
    pub(super) drafts: Option<Keeper>,
    /// Whether a form that is sent twice is written once.
    pub(super) once: bool,
    plan: OnceLock<Arc<Plan>>,
    /// The key for these forms, with the one that it was made of.
    key: OnceLock<(Purpose, FormKey)>,
    /// The form for a new row, once it was drawn; with the script the second.
    pub(super) pristine: [OnceLock<Pristine>; 2],
    /// The parts of all others.
    pub(super) skeletons: Skeletons,
    /// The same as actors have it who may not do everything.
    pub(super) limited: Limited,
}

/// What is worked out once for a definition.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) fields: Vec<FieldPlan>,
    /// Whether a file can be submitted.
    pub(super) takes_files: bool,
    /// Whether the form for a new row is the same each time, but for its token.
    pub(super) is_constant: bool,
    /// Whether any field depends on others.
    pub(super) has_conditions: bool,
    /// Whether the choices of any field have to be awaited.
    pub(super) awaits_choices: bool,
    /// Whether the choices of any field can be searched.
    pub(super) has_searches: bool,
    /// A digest of the fields' names: a signed state names them by their numbers.
    pub(super) fingerprint: [u8; 16],
}

/// A form that nobody filled in yet, or the beginning of any: what stands before and after its token.
#[derive(Clone, Debug)]
pub(super) struct Pristine {
    pub(super) before: Markup,
    pub(super) after: Markup,
}

impl Pristine {
    /// Cuts `html` at the token in it, if it has one.
    pub(super) fn cut(token: Option<&str>, html: &str) -> Self {
        let token = token.filter(|token| !token.is_empty());
        // A token is signed, so it stands nowhere else.
        let (before, after) = token.and_then(|token| html.split_once(token)).unwrap_or((html, ""));
        Self { before: Markup::trusted(before.to_owned()), after: Markup::trusted(after.to_owned()) }
    }

    pub(super) fn write(&self, token: Option<&Markup>, out: &mut dyn Sink) {
        out.markup(&self.before);
        if let Some(token) = token {
            out.markup(token);
        }
        out.markup(&self.after);
    }
}

#[derive(Clone)]
pub(super) struct FieldPlan {
    index: usize,
    /// The id of the control, in the form's own row.
    pub(super) id: String,
    /// The ids of what belongs to it, there as well: one for each [`Part`].
    pub(super) ids: [String; Part::ALL.len()],
    /// Whether it is drawn as a control where the form can be submitted. Bytes are not, unless a widget for them was chosen.
    pub(super) has_control: bool,
    /// Whether that can be used.
    pub(super) is_input: bool,
    /// Whether it is the number of a row, which is not shown.
    pub(super) is_hidden_id: bool,
    /// Whether the value of a record is shown where there is no control.
    pub(super) shows_value: bool,
    pub(super) required: bool,
    pub(super) multiple: bool,
    /// Whether choices have to be awaited.
    pub(super) awaits_choices: bool,
    /// What a browser can check of the value, and of each of several.
    pub(super) constraints: Constraints,
    pub(super) item_constraints: Constraints,
    /// How what is typed in the visitor's language is read.
    pub(super) reads: Reads,
    pub(super) widget: Arc<dyn Widget>,
}

impl FieldPlan {
    pub(super) fn field<'d>(&self, def: &'d Definition) -> &'d Field {
        &def.fields()[self.index]
    }
}

/// An element that belongs to a control, and is found by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Field,
    Label,
    Error,
    Help,
}

impl Part {
    const ALL: [Self; 4] = [Self::Field, Self::Label, Self::Error, Self::Help];

    /// What its id has after that of the control.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Field => "_field",
            Self::Label => "_label",
            Self::Error => "_error",
            Self::Help => "_help",
        }
    }
}

/// What kind of text a field is read as in the visitor's language, and shown as in the bundled inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    Plain,
    Integer,
    Number,
    Date,
    Time,
    DateTime,
}

impl Reads {
    /// How a field is read: plainly, where its rules have a format of their own, or a widget was chosen that has one.
    fn of(field: &Field, style: &Style) -> Self {
        let has_format =
            |sample: Value| field.rules().format(&sample).is_some_and(|shown| shown != sample.to_text());
        let date = jiff::civil::date(2024, 2, 1);
        let (reads, sample) = match field.kind {
            FieldType::Integer | FieldType::BigInt => (Self::Integer, Value::Int(1)),
            FieldType::Double | FieldType::Decimal { .. } => (Self::Number, Value::Float(1.5)),
            FieldType::Date => (Self::Date, Value::Date(date)),
            FieldType::Time => (Self::Time, Value::Time(jiff::civil::time(13, 30, 0, 0))),
            FieldType::DateTime => (Self::DateTime, Value::DateTime(date.at(13, 30, 0, 0))),
            _ => return Self::Plain,
        };
        if has_format(sample)
            || field.zone.is_some()
            || field.widget.is_some()
            || style.has_widget_for(&field.name)
        {
            return Self::Plain;
        }
        reads
    }
}

/// Whether a field holds files.
pub(super) fn is_upload(field: &Field) -> bool {
    field.kind.is_upload()
}

impl Definition {
    /// Forgets what was worked out and drawn.
    pub(super) fn forget_drawn(&mut self) {
        self.plan = OnceLock::new();
        self.pristine = Default::default();
        self.skeletons = Skeletons::default();
    }

    pub(super) fn fields(&self) -> &[Field] {
        match &self.source {
            Source::Table { table, .. } => &table.fields,
            Source::Fields { fields, .. } => fields,
        }
    }

    pub(super) fn table(&self) -> Option<&Arc<Table>> {
        match &self.source {
            Source::Table { table, .. } => Some(table),
            Source::Fields { .. } => None,
        }
    }

    /// The table's name, or that of the form without one.
    pub(super) fn source_name(&self) -> &str {
        match &self.source {
            Source::Table { table, .. } => &table.name,
            Source::Fields { name, .. } => name,
        }
    }

    pub(super) fn form_name(&self) -> &str {
        self.form_name.as_deref().unwrap_or_else(|| self.source_name())
    }

    /// The beginning of the controls' ids: the form's name where it was set, so that two forms of one page differ.
    pub(super) fn id_prefix(&self) -> &str {
        self.form_name.as_deref().unwrap_or_else(|| self.source_name())
    }

    /// What binds a form to its visitor: the session that the application named, or the browser's random value.
    pub(super) fn session<'s>(&'s self, nonce: &'s Nonce) -> &'s [u8] {
        self.csrf_session.as_deref().map_or(nonce.as_bytes(), str::as_bytes)
    }

    /// The key that signs these forms. It is worked out once; a form that several desks share is that of the first.
    pub(super) fn key(&self, forms: &Purpose) -> Cow<'_, FormKey> {
        let make = || FormKey::new(forms, self.form_name(), &self.signing_info, &self.plan().fingerprint);
        match self.key.get_or_init(|| (forms.clone(), make())) {
            (of, key) if of.is_same(forms) => Cow::Borrowed(key),
            _ => Cow::Owned(make()),
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| {
            let source = self.id_prefix();
            let fields: Vec<FieldPlan> = self
                .fields()
                .iter()
                .enumerate()
                .map(|(index, field)| {
                    let rules = field.rules();
                    let options = rules.options();
                    let has_choices = !matches!(options, Options::None);
                    let reads = Reads::of(field, &self.style);
                    let mut constraints = rules.constraints();
                    if matches!(reads, Reads::Integer | Reads::Number) {
                        // Groups of digits may be parted in every language.
                        constraints.read_by_language('.');
                    }
                    // An id with a blank in it could not be named by `for` and `aria-describedby`.
                    let id = format!("{source}_{}", field.name).replace(char::is_whitespace, "-");
                    let has_widget = field.kind != FieldType::Blob || field.widget.is_some();
                    let has_control =
                        field.writable && !field.generated && has_widget && !is_reserved(&field.name);
                    let is_hidden_id = field.kind == FieldType::Id && !self.show_id;
                    FieldPlan {
                        index,
                        has_control,
                        is_input: has_control && !self.disabled.contains(&field.name),
                        is_hidden_id,
                        shows_value: field.readable && !field.secret && !is_hidden_id,
                        ids: Part::ALL.map(|part| format!("{id}{}", part.suffix())),
                        id,
                        required: !rules.is_empty() && !rules.accept_empty(),
                        multiple: rules.multiple(),
                        awaits_choices: matches!(options, Options::Later(_)),
                        constraints,
                        item_constraints: rules.item_constraints(),
                        reads,
                        widget: self.style.widget_of(field, has_choices.then_some(&[][..])),
                    }
                })
                .collect();
            let mut takes_files =
                self.fields().iter().any(|field| is_upload(field) && field.writable && !field.generated);
            takes_files |= self.children.iter().any(|children| children.def().plan().takes_files);
            let is_constant = self.children.is_empty()
                && self.protection.is_none()
                && self.drafts.is_none()
                && self.fields().iter().zip(&fields).all(|(field, plan)| {
                    let choices = match field.rules().options() {
                        Options::None | Options::Ready(Cow::Borrowed(_)) => true,
                        // Made anew each time, so perhaps others each time.
                        Options::Ready(Cow::Owned(_)) | Options::Later(_) => false,
                    };
                    choices && !plan.widget.varies() && !matches!(field.default, DefaultValue::With(_))
                        || !field.writable
                });
            let mut names: Vec<&[u8]> = self.fields().iter().map(|field| field.name.as_bytes()).collect();
            for children in &self.children {
                names.push(children.name.as_bytes());
                names.push(&children.def().plan().fingerprint);
            }
            let depends = |field: &Field| {
                field.show_when.is_some() || field.require_when.is_some() || !field.choices_when.is_empty()
            };
            let has_conditions = self.fields().iter().any(depends);
            Arc::new(Plan {
                awaits_choices: fields.iter().any(|plan| plan.awaits_choices),
                has_searches: self.fields().iter().any(|field| field.rules().search().is_some()),
                fields,
                takes_files,
                is_constant,
                has_conditions,
                fingerprint: crate::state::digest(&names),
            })
        })
    }
}

impl FormSpec {
    fn new(source: Source) -> Self {
        let def = Definition {
            source,
            readonly: false,
            deletable: true,
            style: Style::default(),
            dbio: true,
            keep_values: false,
            form_name: None,
            hidden: Vec::new(),
            validation: Vec::new(),
            csrf_session: None,
            csrf_protection: true,
            lifespan: None,
            signing_info: "".into(),
            sidecar: None,
            submit_value: None,
            show_id: false,
            method: Method::POST,
            action: None,
            disabled: Vec::new(),
            children: Vec::new(),
            live: Vec::new(),
            protection: None,
            captcha: None,
            drafts: None,
            once: true,
            plan: OnceLock::new(),
            key: OnceLock::new(),
            pristine: Default::default(),
            skeletons: Skeletons::default(),
            limited: Limited::default(),
        };
        Self { def: Arc::new(def), record: Record::None, asker: None, limits: None }
    }

    fn change(mut self, change: impl FnOnce(&mut Definition)) -> Self {
        let def = Arc::make_mut(&mut self.def);
        def.key = OnceLock::new();
        def.pristine = Default::default();
        def.skeletons = Skeletons::default();
        def.limited = Limited::default();
        change(def);
        self
    }

    /// A change of what the plan is made from: ids and widgets.
    fn change_plan(self, change: impl FnOnce(&mut Definition)) -> Self {
        self.change(|def| {
            def.plan = OnceLock::new();
            change(def);
        })
    }

    /// Edits the record of that identity; where there is none, processing gives
    /// [`FormError::NotFound`](crate::FormError::NotFound).
    pub fn record(mut self, id: impl Into<RowId>) -> Self {
        self.record = Record::Id(id.into());
        self
    }

    /// Edits a record that was read already.
    pub fn record_row(mut self, row: Row) -> Self {
        self.record = Record::Row(Box::new(row));
        self
    }

    /// Shows the record without inputs.
    pub fn readonly(self, readonly: bool) -> Self {
        self.change(|def| def.readonly = readonly)
    }

    /// Says whether the form offers to delete the record. Default: yes.
    pub fn deletable(self, deletable: bool) -> Self {
        self.change(|def| def.deletable = deletable)
    }

    /// Sets the style.
    pub fn formstyle(self, style: Style) -> Self {
        self.change_plan(|def| {
            for children in &mut def.children {
                *children = Arc::new(Children::clone(children).in_style(&style));
            }
            def.style = style;
        })
    }

    /// Sets the widget of one field, in this form alone.
    pub fn widget(self, field: impl Into<Arc<str>>, widget: impl Widget) -> Self {
        self.change_plan(|def| def.style = def.style.clone().widget(field, widget))
    }

    /// Says whether an accepted form is written to the database. Default: yes. With `false` files stay in the
    /// quarantine, as `Value::File` in [`Form::vars`], until nobody holds them.
    pub fn dbio(self, dbio: bool) -> Self {
        self.change(|def| def.dbio = dbio)
    }

    /// Keeps what was submitted in the form after it was accepted. Default: no.
    pub fn keep_values(self, keep: bool) -> Self {
        self.change(|def| def.keep_values = keep)
    }

    /// Sets the form's name, which tells the forms of one page apart. Default: the table's name.
    pub fn form_name(self, name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        self.change_plan(|def| def.form_name = Some(name))
    }

    /// Adds a sub-form: rows of another table that refer to the record.
    pub fn children(self, children: Children) -> Self {
        self.change_plan(|def| {
            let children = children.in_style(&def.style);
            def.children.push(Arc::new(children));
        })
    }

    /// Checks a field while it is filled in: whether a name is free, whether a reference exists. It takes the script
    /// ([`Desk::router`](crate::Desk::router)), and asks by the rules that decide when the form is submitted.
    ///
    /// # Warnings
    /// Whoever sees the form can ask for value after value, as often as a rate limit allows: do not let them find out who
    /// is registered.
    pub fn live_check(self, field: impl Into<Arc<str>>) -> Self {
        let field = field.into();
        self.change_plan(|def| def.live.push(field))
    }

    /// Says whether a form that is sent twice is written once. Default: yes. With `false` each submission counts, also of a
    /// page that was drawn once: for programs that take one form and send it again and again.
    pub fn once(self, once: bool) -> Self {
        self.change(|def| def.once = once)
    }

    /// Keeps bots out.
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// use frontdesk_forms::{BotProtection, Form};
    ///
    /// let contact = Form::for_fields("contact", [Field::text("message")]).protect(BotProtection::new());
    /// ```
    pub fn protect(self, protection: BotProtection) -> Self {
        self.change_plan(|def| def.protection = Some(protection))
    }

    /// Adds a captcha: it stands above the submit button, and is judged before the rules of the fields. Who does not pass
    /// gets the form back with the reason, and with what was typed. A [`BotProtection`] is as good here as in
    /// [`protect`](Self::protect).
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_html::Markup;
    /// use frontdesk_forms::{Captcha, Form};
    ///
    /// let riddle = Markup::trusted(r#"<label>Two and two? <input name="sum"></label>"#);
    /// let captcha = Captcha::new(riddle, "sum", |sum, _| (sum != Some("4")).then_some("That is not what they make."));
    /// let contact = Form::for_fields("contact", [Field::text("message")]).captcha(captcha);
    /// ```
    pub fn captcha(self, captcha: impl Into<Captcha>) -> Self {
        match captcha.into().into_protection() {
            Ok(protection) => self.protect(protection),
            Err(captcha) => self.change(|def| def.captcha = Some(captcha)),
        }
    }

    /// Keeps what was typed and not submitted yet, for the visitor, who is known by a cookie: saved by a button, and by
    /// the script ([`Desk::router`](crate::Desk::router)) while it is typed; offered when the form is opened again. Secrets
    /// and files are not kept. Where drafts are kept is the desk's to say: [`Desk::keep_drafts`](crate::Desk::keep_drafts).
    pub fn drafts(self) -> Self {
        self.change_plan(|def| def.drafts = Some(Keeper::Visitor))
    }

    /// As [`drafts`](Self::drafts), for a user who is signed in, wherever they come from.
    pub fn drafts_of(self, user: impl Into<Arc<str>>) -> Self {
        let user = user.into();
        self.change_plan(|def| def.drafts = Some(Keeper::User(user)))
    }

    /// The same form over another source with the same fields.
    pub(super) fn with_source(self, source: Source) -> Self {
        self.change_plan(|def| def.source = source)
    }

    /// Takes on a style, but for the widgets that were chosen here.
    pub(super) fn inherit_style(self, style: &Style) -> Self {
        self.change_plan(|def| def.style = style.clone().with_widgets_of(&def.style))
    }

    /// Draws the control of a field so that it can be seen and not used. It is not submitted and not written.
    ///
    /// A field that is never to be edited is better made not [`writable`](Field::writable): it is then shown as text.
    pub fn disable(self, field: impl Into<Arc<str>>) -> Self {
        let field = field.into();
        self.change_plan(|def| def.disabled.push(field))
    }

    /// Adds a hidden field. It comes back as anything else that a client sends: unchecked.
    pub fn hidden(self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.change(|def| def.hidden.push((name.into(), value.into())))
    }

    /// Adds a check of the form as a whole. It runs after the rules of the fields, also where some of them refused.
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_forms::Form;
    /// let spec = Form::for_fields("guest", [Field::string("name")]).validation(|form| {
    ///     if form.error("name").is_none() && form.text("name").chars().count() < 4 {
    ///         form.refuse("name", "too short");
    ///     }
    /// });
    /// ```
    pub fn validation(self, check: impl Fn(&mut FormCheck) + Send + std::marker::Sync + 'static) -> Self {
        self.change(|def| def.validation.push(Validation::Now(Arc::new(check))))
    }

    /// Adds a check of the form as a whole that has to wait for something.
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_forms::Form;
    /// # async fn is_free(_: &str) -> bool { true }
    /// let spec = Form::for_fields("guest", [Field::string("name")]).validation_async(|form| Box::pin(async move {
    ///     if !is_free(&form.text("name")).await {
    ///         form.refuse("name", "taken");
    ///     }
    /// }));
    /// ```
    pub fn validation_async(
        self,
        check: impl for<'c> Fn(&'c mut FormCheck) -> BoxFuture<'c, ()> + Send + std::marker::Sync + 'static,
    ) -> Self {
        self.change(|def| def.validation.push(Validation::Later(Arc::new(check))))
    }

    /// Binds the form to a session by its id, instead of to the browser by the cookie `_formkey`.
    pub fn csrf_session(self, session: impl Into<Arc<str>>) -> Self {
        let session = session.into();
        self.change(|def| def.csrf_session = Some(session))
    }

    /// Switches the protection against forged submissions off.
    ///
    /// # Warnings
    /// Any site can then make a visitor's browser submit this form. It is for requests that carry no cookie: an API with
    /// tokens of its own.
    pub fn csrf_protection(self, protect: bool) -> Self {
        self.change(|def| def.csrf_protection = protect)
    }

    /// Sets for how long a form that was drawn can be submitted. What comes later is shown again, with what was typed and
    /// the reason. Default: for ever.
    pub fn lifespan(self, lifespan: Duration) -> Self {
        self.change(|def| def.lifespan = Some(lifespan))
    }

    /// Binds the form to information that must be the same when it is drawn and when it is submitted.
    pub fn signing_info(self, info: impl Into<Arc<str>>) -> Self {
        let info = info.into();
        self.change(|def| def.signing_info = info)
    }

    /// Sets what stands beside the submit button, such as a Cancel link.
    pub fn sidecar(self, node: impl Into<Node>) -> Self {
        self.change(|def| def.sidecar = Some(node.into()))
    }

    /// Sets the text of the submit button. Default: `Submit`, or what the application's catalogues call it
    /// (`form-<table>-submit`), in the visitor's language.
    pub fn submit_value(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.change(|def| def.submit_value = Some(text.into()))
    }

    /// Says whether the key that the database assigned is shown. Default: no.
    pub fn show_id(self, show: bool) -> Self {
        self.change_plan(|def| def.show_id = show)
    }

    /// Submits by GET: for searches. Such a form is never written to the database and needs no token.
    pub fn get(self) -> Self {
        self.change(|def| def.method = Method::GET)
    }

    /// Sets the address that the form is submitted to. Default: the page's own.
    pub fn action(self, address: impl Into<String>) -> Self {
        self.change(|def| def.action = Some(address.into()))
    }
}

impl fmt::Debug for FormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormSpec").field("name", &self.def.form_name()).finish_non_exhaustive()
    }
}
