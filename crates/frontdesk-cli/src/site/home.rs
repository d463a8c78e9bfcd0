//! The first page: what is in the database, and what can be done with it.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use frontdesk_data::{Action, Table, TableKind};
use frontdesk_html::{HtmlWriter, Sink, SinkExt};
use frontdesk_web::{Arg, Flash, Language};
use futures_util::future::join_all;

use super::gate::Who;
use super::list::{COUNTED, counted};
use super::page::{self, Page, link};
use super::trouble::Trouble;
use super::words::{about, count, say, why_not, write_prose};
use super::{Seen, address};

/// Up to how many tables their rows are counted (each up to [`COUNTED`]).
const MOST_COUNTED: usize = 100;

/// How long counting may take, all together.
const COUNT_TIME: Duration = Duration::from_millis(700);

pub(crate) async fn show(seen: Seen, language: Language, flash: Flash) -> Result<Response, Trouble> {
    if seen.tables().is_empty() && matches!(seen.who(), Who::Anonymous) {
        return Err(Trouble::sign_in());
    }
    let site = seen.site();
    let counts = counts(&seen).await;
    let page = Page { is_home: true, flash: flash.message(), ..Page::new(&language, site.title()) };
    let html = page.render(&seen, |out| {
        out.element("div", |out| {
            out.attribute("class", "title");
            out.element("div", |out| {
                out.text_element("h1", "", site.title());
                out.text_element("p", "sub", &summary(&language, seen.tables()));
            });
        });
        let demo = site.demo().map(|file| about(&language, "serve-demo", "file", file));
        for welcome in demo.as_deref().into_iter().chain(site.welcome()) {
            out.element("p", |out| {
                out.attribute("class", "note");
                write_prose(welcome, out);
            });
        }
        if seen.tables().is_empty() {
            return nothing_here(&language, out);
        }
        for (kind, heading) in [(TableKind::Table, "serve-tables"), (TableKind::View, "serve-views")] {
            let of_kind = || seen.by_label().zip(&counts).filter(|(table, _)| table.kind == kind);
            if of_kind().next().is_none() {
                continue;
            }
            let heading = language.t(heading);
            out.element("section", |out| {
                out.attribute("aria-label", &heading);
                out.text_element("h2", "", &heading);
                out.element("ul", |out| {
                    out.attribute("class", "tables");
                    for (table, count) in of_kind() {
                        out.element("li", |out| entry(&language, table, *count, out));
                    }
                });
            });
        }
    });
    Ok(page::respond(flash, html))
}

/// How many rows tables have, as far as that is told quickly. A view may be any amount of work: it is not counted.
async fn counts(seen: &Seen) -> Vec<Option<u64>> {
    if seen.tables().len() > MOST_COUNTED {
        return vec![None; seen.tables().len()];
    }
    let counts = seen.by_label().map(async |table| {
        if table.kind != TableKind::Table || table.impossible(Action::Read).is_some() {
            return None;
        }
        let rows = seen.set(table);
        tokio::time::timeout(COUNT_TIME, rows.count_up_to(COUNTED)).await.ok()?.ok()
    });
    join_all(counts).await
}

/// How many tables and views there are, in words.
pub(crate) fn summary(language: &Language, tables: &[Arc<Table>]) -> String {
    let views = tables.iter().filter(|table| table.kind == TableKind::View).count() as u64;
    let named = count(language, "serve-count-tables", tables.len() as u64 - views);
    if views == 0 {
        return named;
    }
    let views = count(language, "serve-count-views", views);
    say(language, "serve-count-both", &[("tables", Arg::from(named)), ("views", Arg::from(views))])
}

fn entry(language: &Language, table: &Table, count: Option<u64>, out: &mut HtmlWriter) {
    let unreadable = why_not(table, Action::Read);
    out.element("div", |out| {
        out.attribute("class", "about");
        out.element("h3", |out| match &unreadable {
            Some(_) => out.text(&table.label),
            None => link(out, &address::rows(&table.name), &table.label),
        });
        if *table.label != *table.name {
            out.text_element("code", "", &table.name);
        }
        if let Some(comment) = &table.comment {
            out.text_element("p", "", comment);
        }
        if let Some(reason) = &unreadable {
            out.text_element("p", "quiet", &reason.text(language));
        }
    });
    if let Some(count) = count {
        out.text_element("p", "count", &counted(language, count, false));
    }
    if unreadable.is_some() {
        return;
    }
    out.text_element("p", "can", &language.t(can(table)));
    if table.impossible(Action::Create).is_none() {
        out.element("a", |out| {
            out.attribute("class", "button small");
            out.attribute("href", &address::create(&table.name));
            out.attribute("aria-label", &about(language, "serve-new-in", "table", &table.label));
            out.text(&language.t("serve-new"));
        });
    }
}

/// What is possible: the key of the words for it.
fn can(table: &Table) -> &'static str {
    let can = |action| table.impossible(action).is_none();
    match (can(Action::Create), can(Action::Update)) {
        (true, true) => "serve-can-all",
        (true, false) => "serve-can-add",
        (false, true) => "serve-can-edit",
        (false, false) => "serve-can-look",
    }
}

fn nothing_here(language: &Language, out: &mut HtmlWriter) {
    out.element("div", |out| {
        out.attribute("class", "empty");
        out.text_element("h2", "", &language.t("serve-nothing-title"));
        out.element("p", |out| write_prose(&language.t("serve-nothing-text"), out));
    });
}
