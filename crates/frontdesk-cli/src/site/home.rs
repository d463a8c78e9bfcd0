//! The first page: what is in the database, and what can be done with it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use frontdesk_data::{Action, Table, TableKind};
use frontdesk_html::{HtmlWriter, Sink, SinkExt};
use frontdesk_web::Flash;
use futures_util::future::join_all;

use super::list::{COUNTED, counted};
use super::page::{self, Page, link};
use super::{Site, address};

/// Up to how many tables their rows are counted (each up to [`COUNTED`]).
const MOST_COUNTED: usize = 100;

/// How long counting may take, all together.
const COUNT_TIME: Duration = Duration::from_millis(700);

pub(crate) async fn show(State(site): State<Site>, flash: Flash) -> Response {
    let counts = counts(&site).await;
    let page = Page { title: site.title(), is_home: true, flash: flash.message(), ..Page::default() };
    let html = page.render(&site, |out| {
        out.element("div", |out| {
            out.attribute("class", "title");
            out.element("div", |out| {
                out.text_element("h1", "", site.title());
                out.text_element("p", "sub", &summary(site.tables()));
            });
        });
        if let Some(welcome) = site.welcome() {
            out.element("p", |out| {
                out.attribute("class", "note");
                prose(welcome, out);
            });
        }
        if site.tables().is_empty() {
            return nothing_here(out);
        }
        for (kind, heading) in [(TableKind::Table, "Tables"), (TableKind::View, "Views")] {
            let of_kind = || site.by_label().zip(&counts).filter(|(table, _)| table.kind == kind);
            if of_kind().next().is_none() {
                continue;
            }
            out.element("section", |out| {
                out.attribute("aria-label", heading);
                out.text_element("h2", "", heading);
                out.element("ul", |out| {
                    out.attribute("class", "tables");
                    for (table, count) in of_kind() {
                        out.element("li", |out| entry(table, *count, out));
                    }
                });
            });
        }
    });
    page::respond(flash, html)
}

/// How many rows tables have, as far as that is told quickly. A view may be any amount of work: it is not counted.
async fn counts(site: &Site) -> Vec<Option<u64>> {
    if site.tables().len() > MOST_COUNTED {
        return vec![None; site.tables().len()];
    }
    let counts = site.by_label().map(async |table| {
        if table.kind != TableKind::Table || table.impossible(Action::Read).is_some() {
            return None;
        }
        let rows = site.db().set(table);
        tokio::time::timeout(COUNT_TIME, rows.count_up_to(COUNTED)).await.ok()?.ok()
    });
    join_all(counts).await
}

/// How many tables and views there are, in words.
pub(crate) fn summary(tables: &[Arc<Table>]) -> String {
    let views = tables.iter().filter(|table| table.kind == TableKind::View).count();
    let named = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let mut text = named(tables.len() - views, "table");
    if views > 0 {
        text.push_str(" and ");
        text.push_str(&named(views, "view"));
    }
    text
}

fn entry(table: &Table, count: Option<u64>, out: &mut HtmlWriter) {
    let unreadable = table.impossible(Action::Read);
    out.element("div", |out| {
        out.attribute("class", "about");
        out.element("h3", |out| match unreadable {
            Some(_) => out.text(&table.label),
            None => link(out, &address::rows(&table.name), &table.label),
        });
        if *table.label != *table.name {
            out.text_element("code", "", &table.name);
        }
        if let Some(comment) = &table.comment {
            out.text_element("p", "", comment);
        }
        if let Some(reason) = unreadable {
            out.text_element("p", "quiet", &format!("{}.", reason.trim_end_matches('.')));
        }
    });
    if let Some(count) = count {
        out.text_element("p", "count", &counted(count, "row"));
    }
    if unreadable.is_some() {
        return;
    }
    out.text_element("p", "can", can(table));
    if table.impossible(Action::Create).is_none() {
        out.element("a", |out| {
            out.attribute("class", "button small");
            out.attribute("href", &address::create(&table.name));
            out.attribute("aria-label", &format!("New record in {}", table.label));
            out.text("New record");
        });
    }
}

/// What is possible, in words.
fn can(table: &Table) -> &'static str {
    let can = |action| table.impossible(action).is_none();
    match (can(Action::Create), can(Action::Update)) {
        (true, true) => "Add and edit",
        (true, false) => "Add only",
        (false, true) => "Edit only",
        (false, false) => "Look only",
    }
}

/// A text in which backticks enclose what is typed.
fn prose(text: &str, out: &mut HtmlWriter) {
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.text_element("code", "", part);
        } else {
            out.text(part);
        }
    }
}

fn nothing_here(out: &mut HtmlWriter) {
    out.element("div", |out| {
        out.attribute("class", "empty");
        out.text_element("h2", "", "This database has no tables yet");
        out.element("p", |out| {
            out.text(
                "Make some with the tool of your choice and restart, or describe one in a schema file with ",
            );
            out.text_element("code", "", "create = true");
            out.text(" and give it with ");
            out.text_element("code", "", "--schema");
            out.text(".");
        });
    });
}
