//! Pages for what did not work.

use axum::response::{IntoResponse, Response};
use frontdesk_auth::AuthError;
use frontdesk_data::{Action, DbError, DbErrorKind, Table};
use frontdesk_forms::FormError;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use super::words::Said;

/// Why a page cannot be shown, in words for the visitor.
///
/// As a response it has no body yet: the site draws the page around it.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) status: StatusCode,
    pub(crate) title: Said,
    pub(crate) text: Said,
    /// By which the log tells the cause.
    pub(crate) incident: Option<String>,
}

impl Trouble {
    fn new(status: StatusCode, title: Said, text: Said) -> Self {
        Self { status, title, text, incident: None }
    }

    fn keyed(status: StatusCode, title: &'static str, text: &'static str) -> Self {
        Self::new(status, Said::key(title), Said::key(text))
    }

    pub(crate) fn no_page() -> Self {
        Self::keyed(StatusCode::NOT_FOUND, "serve-no-page", "serve-no-page-text")
    }

    pub(crate) fn no_table() -> Self {
        Self::keyed(StatusCode::NOT_FOUND, "serve-no-table", "serve-no-table-text")
    }

    pub(crate) fn no_row(table: &Table) -> Self {
        let text = Said::about_table("serve-no-row-text", table);
        Self::new(StatusCode::NOT_FOUND, Said::key("serve-no-row"), text)
    }

    /// What the table itself does not allow.
    pub(crate) fn impossible(table: &Table, action: Action, why: Said) -> Self {
        let title = match action {
            Action::Read => "serve-cannot-show",
            Action::Create => "serve-cannot-create",
            _ => "serve-cannot-edit",
        };
        Self::new(StatusCode::FORBIDDEN, Said::about_table(title, table), why)
    }

    pub(crate) fn method() -> Self {
        Self::keyed(StatusCode::METHOD_NOT_ALLOWED, "serve-method", "serve-method-text")
    }

    pub(crate) fn foreign() -> Self {
        Self::keyed(StatusCode::FORBIDDEN, "serve-foreign", "serve-foreign-text")
    }

    pub(crate) fn host() -> Self {
        Self::keyed(StatusCode::MISDIRECTED_REQUEST, "serve-host", "serve-host-text")
    }

    /// Another name than those of the site.
    pub(crate) fn other_host() -> Self {
        Self::keyed(StatusCode::MISDIRECTED_REQUEST, "serve-other-host", "serve-other-host-text")
    }

    /// It is not for everybody.
    pub(crate) fn sign_in() -> Self {
        Self::keyed(StatusCode::UNAUTHORIZED, "serve-needs-sign-in", "serve-needs-sign-in-text")
    }

    /// Whether it is about where the request came from.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.title, Said::Key("serve-foreign", _))
    }

    /// An error that is nobody's fault who reads the page; its cause goes to the log.
    pub(crate) fn fault(cause: &dyn std::fmt::Display) -> Self {
        let incident = Uuid::new_v4().simple().to_string()[..8].to_owned();
        tracing::error!(incident, %cause, "a page failed");
        let mut trouble = Self::keyed(StatusCode::INTERNAL_SERVER_ERROR, "serve-fault", "serve-fault-text");
        trouble.incident = Some(incident);
        trouble
    }
}

/// What sign-in needs is out of reach: nobody is let in meanwhile.
impl From<AuthError> for Trouble {
    fn from(error: AuthError) -> Self {
        if error.status() != StatusCode::SERVICE_UNAVAILABLE {
            return Self::fault(&describe(&error));
        }
        tracing::warn!(cause = describe(&error), "nobody can be signed in");
        Self::keyed(StatusCode::SERVICE_UNAVAILABLE, "serve-unavailable", "failed--unavailable")
    }
}

impl From<FormError> for Trouble {
    fn from(error: FormError) -> Self {
        if let FormError::Db(cause) = &error
            && cause.kind() == DbErrorKind::Refused
        {
            // The statement is ours and fits; so it is the schema that asks for something.
            tracing::warn!(cause = describe(&error), "the database cannot show something");
            return Self::keyed(StatusCode::UNPROCESSABLE_ENTITY, "serve-refused", "serve-refused-text");
        }
        if matches!(error, FormError::Denied) {
            return Self::keyed(StatusCode::FORBIDDEN, "serve-denied", "failed--denied");
        }
        // The texts are those of forms, which say the same.
        let (title, text) = match error.status() {
            StatusCode::NOT_FOUND => ("serve-no-row", "failed--not-found"),
            StatusCode::SERVICE_UNAVAILABLE => ("serve-unavailable", "failed--unavailable"),
            StatusCode::INSUFFICIENT_STORAGE => ("serve-no-room", "failed--no-room"),
            StatusCode::FORBIDDEN => ("serve-read-only", "failed--forbidden"),
            _ => return Self::fault(&describe(&error)),
        };
        if error.status() != StatusCode::NOT_FOUND {
            tracing::warn!(cause = describe(&error), "a request was turned away");
        }
        Self::keyed(error.status(), title, text)
    }
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Self::from(FormError::from(error))
    }
}

/// An error and its causes, for the log.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
