//! The forms: for a new row, and for one that exists.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use frontdesk_data::{Action, Field, Row, RowId, Table, Value};
use frontdesk_forms::{Form, FormError, FormRequest, FormSpec};
use frontdesk_html::{HtmlWriter, Sink, SinkExt, a};
use frontdesk_web::{Flash, redirect_with_flash};
use http::Uri;

use super::labels::{of_values, shortened};
use super::page::{Page, link};
use super::query::Listing;
use super::trouble::Trouble;
use super::{Site, address, cell, labels};

/// The form for a new row.
pub(crate) async fn create(
    State(site): State<Site>,
    uri: Uri,
    mut request: FormRequest,
) -> Result<Response, Trouble> {
    let (table, spec) = match of_new_row(&site, &uri) {
        Ok(found) => found,
        Err(trouble) => {
            request.drain().await;
            return Err(trouble);
        }
    };
    let spec = spec.submit_value("Create");
    let back = address::rows(&table.name);
    let mut form = spec.process(&mut request).await?;
    if form.accepted() {
        let told = match of_values(table, |name| form.vars().get(name).cloned()) {
            Some(label) => format!("Created “{label}”."),
            None => "Created.".to_owned(),
        };
        return Ok(redirect_with_flash(request.headers(), &back, &told, "success"));
    }
    form.set_sidecar(a().class("button").href(back.clone()).child("Cancel"));
    let page =
        Page { title: "New record", table: Some(table), crumbs: &[(&table.label, &back)], ..Page::default() };
    let html = page.render(&site, |out| {
        title(out, &format!("New record in {}", table.label), None, table);
        draw(&form, out);
    });
    Ok(form.respond(html))
}

/// The form of one row.
pub(crate) async fn edit(
    State(site): State<Site>,
    uri: Uri,
    flash: Flash,
    mut request: FormRequest,
) -> Result<Response, Trouble> {
    let (table, row) = match of_row(&site, &uri).await {
        Ok(found) => found,
        Err(trouble) => {
            // A browser that is answered while it still sends shows a lost connection instead.
            request.drain().await;
            return Err(trouble);
        }
    };
    let impossible = table.impossible(Action::Update);
    let spec = form_of(&site, table, &row)?.record_row(row);
    let spec = spec.submit_value("Save").readonly(impossible.is_some());
    let back = back_to(table, &uri);
    let mut form = match spec.process(&mut request).await {
        Err(FormError::NotFound) => return Err(Trouble::no_row(table)),
        other => other?,
    };
    if form.accepted() {
        let label = form.record().map(|row| labels::of_row(table, row)).unwrap_or_default();
        let done = if form.deleted() { "Deleted" } else { "Saved" };
        let told = if label.is_empty() { format!("{done}.") } else { format!("{done} “{label}”.") };
        return Ok(redirect_with_flash(request.headers(), &back, &told, "success"));
    }
    form.set_sidecar(a().class("button").href(back.clone()).child("Cancel"));
    let label = form.record().map(|row| labels::of_row(table, row)).filter(|label| !label.is_empty());
    let label = label.unwrap_or_else(|| "(no name)".to_owned());
    let page = Page {
        title: &label,
        table: Some(table),
        crumbs: &[(&table.label, &back)],
        flash: flash.message(),
        ..Page::default()
    };
    let html = page.render(&site, |out| {
        title(out, &label, form.record().map(|row| key_text(table, row)), table);
        if let Some(reason) = impossible {
            out.text_element(
                "p",
                "note",
                &format!("This can be looked at, not edited. {}.", reason.trim_end_matches('.')),
            );
        }
        draw(&form, out);
        related(&site, table, &form, out);
    });
    Ok((flash, form.respond(html)).into_response())
}

/// The table that an address names, and the form for a new row of it.
fn of_new_row<'s>(site: &'s Site, uri: &Uri) -> Result<(&'s Arc<Table>, FormSpec), Trouble> {
    let (table, _) = place(site, uri)?;
    if let Some(reason) = table.impossible(Action::Create) {
        return Err(Trouble::impossible(table, Action::Create, reason));
    }
    Ok((table, site.form(table).ok_or_else(Trouble::no_table)?))
}

/// The table and the row that an address names.
async fn of_row<'s>(site: &'s Site, uri: &Uri) -> Result<(&'s Arc<Table>, Row), Trouble> {
    let (table, id) = place(site, uri)?;
    if !table.has_key() {
        let reason = table.impossible(Action::Update).unwrap_or("Its rows have no key");
        return Err(Trouble::impossible(table, Action::Update, reason));
    }
    let id = id.and_then(|id| id.parse::<RowId>().ok()).ok_or_else(|| Trouble::no_row(table))?;
    let row = site.db().get(table, &id).await?.ok_or_else(|| Trouble::no_row(table))?;
    Ok((table, row))
}

/// The longest text that a form edits: written into a request, a longer one would not fit its limit.
const LONGEST_TEXT: usize = 256 * 1024;

/// The form for a row of the table. Bytes are no text that a person edits, and there may be a lot of them: their size is
/// shown; so it is for texts that are too long to be sent back.
fn form_of(site: &Site, table: &Arc<Table>, row: &Row) -> Result<FormSpec, Trouble> {
    let is_bytes = |field: &Field| {
        let is_large = match &row[&field.name] {
            Value::Bytes(_) => true,
            Value::Text(text) => text.len() > LONGEST_TEXT,
            _ => false,
        };
        is_large && !table.is_key(&field.name)
    };
    if !table.fields.iter().any(is_bytes) {
        return site.form(table).ok_or_else(Trouble::no_table);
    }
    let mut shown = Table::clone(table);
    for field in shown.fields.iter_mut().filter(|field| is_bytes(field)) {
        *field = field.clone().writable(false).represent(|value, _| cell::text(value).into());
    }
    Ok(Form::for_table(site.db(), &Arc::new(shown)))
}

/// The table, and the text of the row's identity, that an address names.
fn place<'s, 'u>(site: &'s Site, uri: &'u Uri) -> Result<(&'s Arc<Table>, Option<&'u str>), Trouble> {
    let mut segments = address::segments(uri.path());
    let name = segments.next().and_then(address::name);
    let table = name.and_then(|name| site.table(&name)).ok_or_else(Trouble::no_table)?;
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

fn draw(form: &Form, out: &mut HtmlWriter) {
    if form.errors().next().is_some() {
        let count = form.errors().count();
        out.element("p", |out| {
            out.attrs([("class", "flash flash-error"), ("role", "alert")]);
            out.text(&match count {
                1 => "Nothing was saved yet: one field needs another look.".to_owned(),
                count => format!("Nothing was saved yet: {count} fields need another look."),
            });
        });
    }
    form.write(out);
    // Shown by the stylesheet where there is such a field.
    out.text_element("p", "needed", "Fields marked * must be filled in.");
}

/// Links to the rows of other tables that refer to this one.
fn related(site: &Site, table: &Arc<Table>, form: &Form, out: &mut HtmlWriter) {
    let Some(record) = form.record() else { return };
    let mut links = Vec::new();
    for other in site.by_label().filter(|other| other.impossible(Action::Read).is_none()) {
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
            out.text("Rows that refer to this one");
        });
        out.element("ul", |out| {
            for (other, field, address) in &links {
                let field = other.get(field).map_or("", |field| &field.label);
                out.element("li", |out| {
                    link(out, address, &other.label);
                    out.text_element("span", "sub", &format!(" by {field}"));
                });
            }
        });
    });
}
