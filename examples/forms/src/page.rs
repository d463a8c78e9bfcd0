//! What the examples share: their state, and the frame of their pages.

use axum::extract::FromRef;
use axum::response::Response;
use frontdesk::prelude::*;

/// What handlers need.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) desk: Desk,
    pub(crate) db: Db,
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

/// A page with a form, with the script and stylesheet that the desk serves.
pub(crate) fn page(desk: &Desk, title: &str, form: &Form) -> Response {
    let (head, title) = (desk.head(), Markup::escaped(title));
    form.respond(format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title>{head}</head><body><main><h1>{title}</h1>{form}</main></body></html>"
    ))
}
