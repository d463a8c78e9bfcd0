//! The front desk of a web application: describe a table once, and get HTML forms with validators and widgets over an
//! existing database, and sign-in, as axum extractors and routers.
//!
//! This crate holds no code of its own. It gathers the others under one name: [`html`], [`validate`], [`data`],
//! [`web`], [`forms`], [`auth`]; and [`prelude`] has what most programs use.
//!
//! ```
//! use axum::response::{IntoResponse, Redirect, Response};
//! use frontdesk::prelude::*;
//!
//! async fn sign_the_book(mut request: FormRequest) -> Result<Response, FormError> {
//!     let fields = [
//!         Field::string("name").requires(IsNotEmpty::new()),
//!         Field::text("message").requires(IsLength::max(1000)),
//!     ];
//!     let form = Form::for_fields("guest", fields).process(&mut request).await?;
//!     if form.accepted() {
//!         println!("{}: {}", form.vars()["name"], form.vars()["message"]);
//!         return Ok(Redirect::to("/thanks").into_response());
//!     }
//!     Ok(form.into_response())
//! }
//!
//! let desk = Desk::new(Secret::random());
//! let app: axum::Router = axum::Router::new().route("/", axum::routing::any(sign_the_book)).with_state(desk);
//! ```
//!
//! The guide is in the folder `docs` of the repository; every Rust example in it is compiled with this crate's tests.
//!
//! # Crate features
//! - **derive** (on): [`derive(Table)`](macro@Table) makes a struct a row of a table, [`derive(FieldValue)`](macro@FieldValue)
//!   an enum a choice.
//! - **auth** (on): sign-in.
//! - **passkeys** (off), **jwt** (off), **smtp** (off), **redis** (off): what sign-in can do with another library each.
//! - **captcha-remote** (off): the captchas of hCaptcha, Google and Cloudflare.
//! - **chrono** (off), **time** (off): dates and times of these crates as values, and as members of structs that are tables;
//!   `validate::with_chrono` and `validate::with_time` convert.
//! - **images** (off): small pictures of uploads that a refused form keeps, instead of the uploads themselves.
//! - **minijinja** (off): forms in minijinja templates, `{{ form }}` and `{{ form.custom.widgets.color }}`.

#[cfg(feature = "auth")]
pub use frontdesk_auth as auth;
pub use frontdesk_data as data;
pub use frontdesk_data::Table;
pub use frontdesk_data::record::{self, FieldValue, Record, Ref};
pub use frontdesk_forms as forms;
pub use frontdesk_html as html;
#[cfg(feature = "derive")]
pub use frontdesk_macros::{FieldValue, Table};
pub use frontdesk_validate as validate;
pub use frontdesk_web as web;

/// Dates and times.
pub use frontdesk_validate::civil as time;

/// What most programs use: `use frontdesk::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "auth")]
    pub use frontdesk_auth::{Auth, User, UserId};
    pub use frontdesk_data::rules::{IsInDb, IsNotInDb};
    pub use frontdesk_data::{
        Access, Action, Actor, Db, DbError, DbOptions, Field, FieldType, FieldValue, Id, LabelTemplate,
        Password, Policy, PolicyError, Record, Records, Ref, Role, Roles, Row, RowFilter, RowId, Schema,
        Table, TableRules, Upload, UploadOptions, Values,
    };
    pub use frontdesk_forms::{
        BotProtection, Captcha, CheckboxWidget, Children, ColorWidget, Control, DateTimeWidget, Desk,
        Difficulty, Drafts, FieldWidget, FileUploadWidget, Form, FormCheck, FormError, FormRequest, FormSpec,
        InputWidget, JsonWidget, KeyValueWidget, Ledger, ListWidget, NullableWidget, OrderedListWidget,
        PasswordWidget, RadioWidget, RangeWidget, ReferenceWidget, SelectWidget, Slot, Style, TagsWidget,
        TextareaWidget, UploadStore, Widget, respond_all, serve_upload, serve_upload_to, widget_fn,
    };
    pub use frontdesk_html::{Markup, Sink, SinkExt};
    #[cfg(feature = "derive")]
    pub use frontdesk_macros::{FieldValue, Table};
    pub use frontdesk_validate::*;
    pub use frontdesk_web::{Flash, Language, Languages, Secret, redirect_with_flash};
}

/// The examples of the README and the guide, as documentation tests.
#[cfg(doctest)]
mod guide {
    macro_rules! page {
        ($name:ident, $file:literal) => {
            #[doc = include_str!($file)]
            mod $name {}
        };
    }
    page!(derive_table, "../../frontdesk-macros/src/table.md");
    page!(derive_field_value, "../../frontdesk-macros/src/field_value.md");
    page!(records, "../../../docs/records.md");
    page!(other_libraries, "../../../docs/other-libraries.md");
    page!(postgres, "../../../docs/postgres.md");
    page!(readme, "../../../README.md");
    page!(databases, "../../../docs/databases.md");
    page!(index, "../../../docs/index.md");
    page!(getting_started, "../../../docs/getting-started.md");
    page!(forms, "../../../docs/forms.md");
    page!(state, "../../../docs/state.md");
    page!(conflicts, "../../../docs/conflicts.md");
    page!(uploads, "../../../docs/uploads.md");
    page!(references, "../../../docs/references.md");
    page!(sub_forms, "../../../docs/sub-forms.md");
    page!(conditions, "../../../docs/conditions.md");
    page!(rules_in_the_browser, "../../../docs/rules-in-the-browser.md");
    page!(script, "../../../docs/script.md");
    page!(widgets, "../../../docs/widgets.md");
    page!(styles, "../../../docs/styles.md");
    page!(bots, "../../../docs/bots.md");
    page!(captcha, "../../../docs/captcha.md");
    page!(second_factors, "../../../docs/second-factors.md");
    page!(drafts, "../../../docs/drafts.md");
    page!(csrf, "../../../docs/csrf.md");
    page!(rate_limits, "../../../docs/rate-limits.md");
    page!(security_headers, "../../../docs/security-headers.md");
    page!(double_submit, "../../../docs/double-submit.md");
    page!(languages, "../../../docs/languages.md");
    page!(validators, "../../../docs/validators.md");
    page!(tables, "../../../docs/tables.md");
    page!(import_export, "../../../docs/import-export.md");
    page!(migrations, "../../../docs/migrations.md");
    page!(policy, "../../../docs/policy.md");
    #[cfg(feature = "auth")]
    page!(sign_in, "../../../docs/sign-in.md");
    #[cfg(feature = "auth")]
    page!(mail, "../../../docs/mail.md");
    page!(schema_file, "../../../docs/schema-file.md");
    page!(serve, "../../../docs/serve.md");
    page!(users, "../../../docs/users.md");
    page!(sessions, "../../../docs/sessions.md");
    page!(check, "../../../docs/check.md");
    page!(differences, "../../../docs/differences.md");
}
