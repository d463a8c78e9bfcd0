//! HTML forms from tables, for axum: fields, validators, widgets, styles, uploads, protection against forgery.
//!
//! A [`FormSpec`] says what a form is about; a [`Form`] is what became of it when it met a request. What was typed is
//! never lost: a refused form answers 422 with every text in its place and each error beside its input.

mod body;
mod bot;
mod captcha;
mod desk;
mod drafts;
mod error;
mod fault;
mod form;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod ledger;
mod rate;
mod request;
mod response;
mod served;
mod state;
mod style;
#[cfg(feature = "minijinja")]
mod template;
mod upload;
pub mod widget;

pub use self::body::{Entry, Limits, Submission, Trouble};
pub use self::bot::{BotCheck, BotPlace, BotProtection, BotTexts, Difficulty, Verdict, WithoutScript};
pub use self::captcha::{
    Captcha, CaptchaAnswer, CaptchaContext, CaptchaDown, CaptchaRefusal, CaptchaVerdict, WhenDown,
};
#[cfg(feature = "captcha-remote")]
pub use self::captcha::{RemoteCaptcha, hcaptcha, recaptcha_v2, turnstile};
pub use self::desk::Desk;
pub use self::drafts::{Draft, DraftError, DraftOwner, Drafts};
pub use self::error::FormError;
pub use self::form::{Children, Custom, Form, FormCheck, FormSpec, NoReference};
pub use self::ledger::{Claim, Ledger, Outcome, SettleError, Taken, Ticket, submission_digest};
pub use self::request::FormRequest;
pub use self::response::respond_all;
pub use self::style::{Slot, Style};
#[cfg(feature = "minijinja")]
pub use self::template::form_formatter;
#[cfg(feature = "images")]
pub use self::upload::Thumbnail;
pub use self::upload::{
    DownloadLinks, FileKey, FileNameError, NewFile, OldFile, Pending, QuarantineOptions, SweepReport,
    Sweeper, UploadError, UploadStore, serve_upload, serve_upload_to,
};
pub use self::widget::{
    CheckboxWidget, ColorWidget, Control, DateTimeWidget, FieldWidget, FileUploadWidget, InputWidget,
    JsonWidget, KeyValueWidget, ListWidget, NullableWidget, OrderedListWidget, PasswordWidget, RadioWidget,
    RangeWidget, ReferenceWidget, Search, SelectWidget, ShownFile, TagsWidget, TextareaWidget, Widget,
    widget_fn,
};
