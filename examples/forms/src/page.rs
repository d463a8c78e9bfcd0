//! What the examples share: their state, and the frame of their pages.

use axum::extract::FromRef;
use axum::response::{IntoResponse, Response};
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

/// A page with a form, with the script and stylesheet that the desk serves, and what was just done.
pub(crate) fn page(desk: &Desk, request: &FormRequest, title: &str, form: &Form) -> Response {
    let flash = Flash::from_headers(request.headers());
    let told = flash
        .message()
        .map_or(String::new(), |flash| format!("<p role=\"status\">{}</p>", Markup::escaped(&flash.message)));
    let page = frame("en", &desk.head(), title, &format!("{told}{form}"));
    (flash, form.respond(page)).into_response()
}

/// Sends the visitor on, to where the next page says that it was saved.
pub(crate) fn saved(request: &FormRequest, to: &str) -> Response {
    redirect_with_flash(request.headers(), to, "Saved.", "success")
}

/// A whole page around `body`, which is HTML.
pub(crate) fn frame(language: &str, head: &Markup, title: &str, body: &str) -> String {
    let title = Markup::escaped(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>body {{ max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem; font-family: \
         system-ui, sans-serif; }}</style>{head}</head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}
