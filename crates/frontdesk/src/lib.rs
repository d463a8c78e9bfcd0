//! The front desk of a web application: describe a table once, and get HTML forms with validators and widgets over an
//! existing database, as axum extractors and routers.
//!
//! This crate holds no code of its own. It gathers the others under one name: [`html`], [`validate`], [`data`],
//! [`web`], [`forms`]; and [`prelude`] has what most programs use.
//!
//! # Crate features
//! - **minijinja** (off): forms in minijinja templates, `{{ form }}` and `{{ form.custom.widgets.color }}`.

pub use frontdesk_data as data;
pub use frontdesk_forms as forms;
pub use frontdesk_html as html;
pub use frontdesk_validate as validate;
pub use frontdesk_web as web;

/// Dates and times.
pub use frontdesk_validate::civil as time;

/// What most programs use: `use frontdesk::prelude::*;`.
pub mod prelude {
    pub use frontdesk_data::{Db, Field, FieldType, LabelTemplate, Row, RowId, Table, UploadOptions, Value, Values};
    pub use frontdesk_forms::{
        CheckboxWidget, Control, DateTimeWidget, Desk, FieldWidget, FileUploadWidget, Form, FormError, FormRequest,
        InputWidget, ListWidget, PasswordWidget, RadioWidget, SelectWidget, Slot, Style, TextareaWidget, Widget,
        serve_upload, widget_fn,
    };
    pub use frontdesk_html::{Markup, Sink, SinkExt};
    pub use frontdesk_validate::*;
    pub use frontdesk_web::{Flash, Secret, redirect_with_flash};
}
