//! The forms: for a new row, and for one that exists.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use frontdesk_data::{Action, Field, Row, RowId, Table, Value};
use frontdesk_forms::{Form, FormError, FormRequest, FormSpec};
use frontdesk_html::{HtmlWriter, Node, Sink, SinkExt, a};
use frontdesk_web::{Flash, Language, redirect_with_flash};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, Uri};

use super::labels::{of_values, shortened};
use super::page::{Page, link};
use super::query::Listing;
use super::trouble::Trouble;
use super::words::{Said, about, why_not};
use super::{Seen, address, cell, labels};

/// The form for a new row.
pub(crate) async fn create(
    seen: Seen,
    uri: Uri,
    language: Language,
    mut request: FormRequest,
) -> Result<Response, Trouble> {
    let (table, spec) = match of_new_row(&seen, &uri) {
        Ok(found) => found,
        Err(trouble) => {
            request.drain().await;
            return Err(trouble);
        }
    };
    let spec = spec.submit_value(language.t("serve-create"));
    let back = address::rows(&table.name);
    let mut form = spec.process(&mut request).await?;
    if form.accepted() {
        let mut label = of_values(table, |name| form.vars().get(name).cloned()).unwrap_or_default();
        if form.repeated()
            && let Some(id) = form.id()
            && let Ok(Some(row)) = seen.get(table, id).await
        {
            // The second time the rules may refuse what is there by now: the row knows how it is called.
            label = labels::of_row(table, &row);
        }
        let told = told(&language, ["serve-created", "serve-created-as"], &label);
        return Ok(redirect_with_flash(request.headers(), &back, &told, "success"));
    }
    form.set_sidecar(cancel(&language, &back));
    let heading = language.t("serve-new");
    let page =
        Page { table: Some(table), crumbs: &[(&table.label, &back)], ..Page::new(&language, &heading) };
    let html = page.render(&seen, |out| {
        title(out, &about(&language, "serve-new-in", "table", &table.label), None, table);
        draw(&form, &language, out);
    });
    Ok(respond(&form, html))
}

/// The form of one row.
pub(crate) async fn edit(
    seen: Seen,
    uri: Uri,
    language: Language,
    flash: Flash,
    mut request: FormRequest,
) -> Result<Response, Trouble> {
    let (table, spec) = match of_row(&seen, &uri, request.method(), &language).await {
        Ok(found) => found,
        Err(trouble) => {
            // A browser that is answered while it still sends shows a lost connection instead.
            request.drain().await;
            return Err(trouble);
        }
    };
    let impossible = why_not(table, Action::Update);
    let spec = spec.submit_value(language.t("serve-save")).readonly(impossible.is_some());
    let back = back_to(table, &uri);
    let mut form = match spec.process(&mut request).await {
        Err(FormError::NotFound) => return Err(Trouble::no_row(table)),
        other => other?,
    };
    if form.accepted() {
        let label = form.record().map(|row| labels::of_row(table, row)).unwrap_or_default();
        let keys = match form.deleted() {
            true => ["serve-deleted", "serve-deleted-as"],
            false => ["serve-saved", "serve-saved-as"],
        };
        let told = told(&language, keys, &label);
        return Ok(redirect_with_flash(request.headers(), &back, &told, "success"));
    }
    form.set_sidecar(cancel(&language, &back));
    let label = match form.record() {
        Some(row) => Some(labels::of_row(table, row)).filter(|label| !label.is_empty()),
        None => Some(language.t("serve-gone-title")),
    };
    let label = label.unwrap_or_else(|| language.t("serve-no-name"));
    let page = Page {
        table: Some(table),
        crumbs: &[(&table.label, &back)],
        flash: flash.message(),
        ..Page::new(&language, &label)
    };
    let html = page.render(&seen, |out| {
        title(out, &label, form.record().map(|row| key_text(table, row)), table);
        if let Some(why) = &impossible {
            let text = about(&language, "serve-look-only", "why", &why.text(&language));
            out.text_element("p", "note", &text);
        }
        draw(&form, &language, out);
        related(&seen, table, &form, &language, out);
    });
    Ok((flash, respond(&form, html)).into_response())
}

/// What was done, with how the row is called where that is known.
fn told(language: &Language, [plain, named]: [&str; 2], label: &str) -> String {
    if label.is_empty() { language.t(plain) } else { about(language, named, "record", label) }
}

/// The page with the form. One that was only drawn may be kept for the way back: a visitor who goes back then meets the
/// very form that was sent, and sending it again is known for what it is.
fn respond(form: &Form, html: String) -> Response {
    let mut response = form.respond(html);
    if !form.submitted() {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    response
}

fn cancel(language: &Language, back: &str) -> Node {
    a().class("button").href(back.to_owned()).child(language.t("serve-cancel")).into()
}

/// The table that an address names, and the form for a new row of it.
fn of_new_row<'s>(seen: &'s Seen, uri: &Uri) -> Result<(&'s Arc<Table>, FormSpec), Trouble> {
    let (table, _) = place(seen, uri)?;
    if let Some(why) = why_not(table, Action::Create) {
        return Err(Trouble::impossible(table, Action::Create, why));
    }
    Ok((table, seen.form(table).ok_or_else(Trouble::no_table)?))
}

/// The table that an address names, and the form of the row.
async fn of_row<'s>(
    seen: &'s Seen,
    uri: &Uri,
    method: &Method,
    language: &Language,
) -> Result<(&'s Arc<Table>, FormSpec), Trouble> {
    let (table, id) = place(seen, uri)?;
    if !table.has_key() {
        let why = why_not(table, Action::Update).unwrap_or_else(|| Said::key("serve-why-no-key"));
        return Err(Trouble::impossible(table, Action::Update, why));
    }
    let id = id.and_then(|id| id.parse::<RowId>().ok()).ok_or_else(|| Trouble::no_row(table))?;
    match seen.get(table, &id).await? {
        Some(row) => Ok((table, form_of(seen, table, &row, language)?.record_row(row))),
        // What was typed into the form of a row that is gone by now comes back.
        None if *method == Method::POST => {
            Ok((table, seen.form(table).ok_or_else(Trouble::no_table)?.record(id)))
        }
        None => Err(Trouble::no_row(table)),
    }
}

/// The longest text that a form edits: written into a request, a longer one would not fit its limit.
const LONGEST_TEXT: usize = 256 * 1024;

/// The form for a row of the table. Bytes are no text that a person edits, and there may be a lot of them: their size is
/// shown; so it is for texts that are too long to be sent back.
fn form_of(seen: &Seen, table: &Arc<Table>, row: &Row, language: &Language) -> Result<FormSpec, Trouble> {
    let is_bytes = |field: &Field| {
        let is_large = match &row[&field.name] {
            Value::Bytes(_) => true,
            Value::Text(text) => text.len() > LONGEST_TEXT,
            _ => false,
        };
        is_large && !table.is_key(&field.name)
    };
    if !table.fields.iter().any(is_bytes) {
        return seen.form(table).ok_or_else(Trouble::no_table);
    }
    let words = Arc::new(cell::Words::new(language));
    let spec = seen.form_with(table, |shown| {
        for field in shown.fields.iter_mut().filter(|field| is_bytes(field)) {
            let words = Arc::clone(&words);
            let text = move |value: &Value| cell::text(value, &words).into_owned();
            *field = field.clone().writable(false).represent(move |value, _| text(value).into());
        }
    });
    spec.ok_or_else(Trouble::no_table)
}

/// The table, and the text of the row's identity, that an address names.
fn place<'s, 'u>(seen: &'s Seen, uri: &'u Uri) -> Result<(&'s Arc<Table>, Option<&'u str>), Trouble> {
    let mut segments = address::segments(uri.path());
    let name = segments.next().and_then(address::name);
    let table = name.and_then(|name| seen.table(&name)).ok_or_else(Trouble::no_table)?;
    Ok((table, segments.next()))
}

/// The list from which the visitor came: the query of its address comes along, and is read as any other.
fn back_to(table: &Table, uri: &Uri) -> String {
    let query =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).find(|(name, _)| name == "list");
    let listing = query.and_then(|(_, query)| Listing::read(&query, table).ok()).unwrap_or_default();
    listing.address(table)
}

/// The key, with the names of its fields.
fn key_text(table: &Table, row: &Row) -> String {
    let parts = table
        .key_fields()
        .map(|field| format!("{} {}", field.label, shortened(&row[&field.name].to_text(), 60)));
    parts.collect::<Vec<_>>().join(", ")
}

fn title(out: &mut HtmlWriter, text: &str, below: Option<String>, table: &Table) {
    out.element("div", |out| {
        out.attribute("class", "title");
        out.element("div", |out| {
            out.text_element("h1", "", text);
            if let Some(below) = below {
                out.text_element("p", "sub", &below);
            }
        });
    });
    if let Some(comment) = &table.comment {
        out.text_element("p", "lead", comment);
    }
}

fn draw(form: &Form, language: &Language, out: &mut HtmlWriter) {
    form.write(out);
    // Shown by the stylesheet where there is such a field.
    out.text_element("p", "needed", &language.t("serve-needed"));
}

/// Links to the rows of other tables that refer to this one.
fn related(seen: &Seen, table: &Arc<Table>, form: &Form, language: &Language, out: &mut HtmlWriter) {
    let Some(record) = form.record() else { return };
    let mut links = Vec::new();
    for other in seen.by_label().filter(|other| other.impossible(Action::Read).is_none()) {
        for key in &other.foreign_keys {
            let ([field], [column]) = (&*key.fields, &*key.columns) else { continue };
            let shown = other.get(field).is_some_and(|field| field.readable && !field.secret);
            let value = &record[column];
            if key.table == table.name && shown && !matches!(value, Value::Null) {
                let address = Listing::only(field, value.clone()).address(other);
                links.push((other, field, address));
            }
        }
    }
    if links.is_empty() {
        return;
    }
    out.element("section", |out| {
        out.attrs([("class", "related"), ("aria-labelledby", "related")]);
        out.element("h2", |out| {
            out.attribute("id", "related");
            out.text(&language.t("serve-related"));
        });
        out.element("ul", |out| {
            for (other, field, address) in &links {
                let field = other.get(field).map_or("", |field| &field.label);
                out.element("li", |out| {
                    link(out, address, &other.label);
                    out.text(" ");
                    out.text_element("span", "sub", &about(language, "serve-related-by", "field", field));
                });
            }
        });
    });
}
