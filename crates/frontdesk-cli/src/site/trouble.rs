//! Pages for what did not work.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use frontdesk_data::{Action, DbError, DbErrorKind, Table};
use frontdesk_forms::FormError;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

/// Why a page cannot be shown, in words for the visitor.
///
/// As a response it has no body yet: the site draws the page around it.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) status: StatusCode,
    pub(crate) title: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
    /// By which the log tells the cause.
    pub(crate) incident: Option<String>,
}

impl Trouble {
    fn new(
        status: StatusCode,
        title: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, title: title.into(), text: text.into(), incident: None }
    }

    pub(crate) fn no_page() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "The address may be mistyped, or what was here is gone.",
        )
    }

    pub(crate) fn no_table() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such table",
            "This database has no table or view of that name. The list of all of them is on the first page.",
        )
    }

    pub(crate) fn no_row(table: &Table) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such record",
            format!(
                "{} has no record of that key. It may have been deleted, or its key may have changed.",
                table.label
            ),
        )
    }

    /// What the table itself does not allow.
    pub(crate) fn impossible(table: &Table, action: Action, reason: &str) -> Self {
        let title = match action {
            Action::Read => format!("{} cannot be shown", table.label),
            Action::Create => format!("{} takes no new records", table.label),
            _ => format!("The records of {} cannot be edited", table.label),
        };
        Self::new(StatusCode::FORBIDDEN, title, format!("{}.", reason.trim_end_matches('.')))
    }

    pub(crate) fn method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "That is not done here",
            "This page can be looked at, but nothing can be sent to it.",
        )
    }

    pub(crate) fn foreign() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This came from another site",
            "Forms are taken from this site's own pages only, and nothing was changed.",
        )
    }

    pub(crate) fn host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This site is for this computer only",
            "It answers at localhost and 127.0.0.1 and under no other name, since there is no sign-in yet.",
        )
    }

    /// An error that is nobody's fault who reads the page; its cause goes to the log.
    pub(crate) fn fault(cause: &dyn std::fmt::Display) -> Self {
        let incident = Uuid::new_v4().simple().to_string()[..8].to_owned();
        tracing::error!(incident, %cause, "a page failed");
        let mut trouble = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            "The page could not be made, and nothing was changed. The cause is in the server's log.",
        );
        trouble.incident = Some(incident);
        trouble
    }
}

impl From<FormError> for Trouble {
    fn from(error: FormError) -> Self {
        if let FormError::Db(cause) = &error
            && cause.kind() == DbErrorKind::Refused
        {
            // The statement is ours and fits; so it is the schema that asks for something.
            tracing::warn!(cause = describe(&error), "the database cannot show something");
            return Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The database cannot show this",
                "A view, a computed column or a collation here fails, or asks for something that this program does not have. \
                 The cause is in the server's log; nothing was changed.",
            );
        }
        let title = match error.status() {
            StatusCode::NOT_FOUND => "There is no such record",
            StatusCode::SERVICE_UNAVAILABLE => "The database does not answer just now",
            StatusCode::INSUFFICIENT_STORAGE => "There is no room left",
            StatusCode::FORBIDDEN => "The database can only be read",
            _ => return Self::fault(&describe(&error)),
        };
        if error.status() != StatusCode::NOT_FOUND {
            tracing::warn!(cause = describe(&error), "a request was turned away");
        }
        Self::new(error.status(), title, error.public_text())
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
