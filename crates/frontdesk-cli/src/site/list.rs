//! A table's rows: a page at a time, searched, ordered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use frontdesk_data::{Action, DbErrorKind, Field, Row, Table, TableKind};
use frontdesk_html::{HtmlWriter, Sink, SinkExt};
use frontdesk_web::{Arg, Flash, Language};
use http::Uri;

use super::cell;
use super::labels::{self, Labels, shortened};
use super::large::Large;
use super::page::{self, Page, link};
use super::query::{From, Listing, Rows, Sort, can_sort};
use super::trouble::Trouble;
use super::words::{about, count, reason, say, why_not, write_marked};
use super::{Seen, address};

/// Up to how many rows are counted.
pub(crate) const COUNTED: u64 = 1001;

/// How long counting may take; without a count the page is as useful.
const COUNT_TIME: Duration = Duration::from_secs(1);

/// How many columns are shown unless all are asked for.
const COLUMNS: usize = 20;

pub(crate) async fn show(
    seen: Seen,
    uri: Uri,
    language: Language,
    flash: Flash,
) -> Result<Response, Trouble> {
    let name = address::segments(uri.path()).next().and_then(address::name);
    let table = name.and_then(|name| seen.table(&name)).ok_or_else(Trouble::no_table)?;
    if let Some(why) = table.impossible(Action::Read) {
        return Err(Trouble::impossible(table, Action::Read, reason(why)));
    }
    let listing = Listing::read(uri.query().unwrap_or_default(), table).map_err(|_| Trouble::no_page())?;
    let list = List::read(&seen, table, listing, &language).await?;
    let page = Page { table: Some(table), flash: flash.message(), ..Page::new(&language, &table.label) };
    let html = page.render(&seen, |out| list.write(out));
    Ok(page::respond(flash, html))
}

/// All that the page shows.
struct List<'s> {
    language: &'s Language,
    table: &'s Arc<Table>,
    listing: Listing,
    /// The columns that are shown, and how many are not.
    fields: Vec<&'s Field>,
    left_out: usize,
    /// The class of each shown column's cells.
    classes: Vec<&'static str>,
    rows: Rows,
    labels: HashMap<Arc<str>, Labels>,
    count: Option<u64>,
    /// What the table offers, where it is too large to offer everything.
    large: Option<Arc<Large>>,
    /// How the row is called that all rows refer to.
    only: Option<(&'s Field, String)>,
}

impl<'s> List<'s> {
    async fn read(
        seen: &'s Seen,
        table: &'s Arc<Table>,
        mut listing: Listing,
        language: &'s Language,
    ) -> Result<Self, Trouble> {
        let mut fields: Vec<&Field> =
            table.fields.iter().filter(|field| field.readable && !field.secret).collect();
        let mut left_out = 0;
        if !listing.all_columns && fields.len() > COLUMNS + 4 {
            left_out = fields.len() - COLUMNS;
            fields.truncate(COLUMNS);
        }
        let large = seen.large(table).await;
        let mut all = listing.set(seen, table);
        if let Some(large) = &large {
            large.limit(&mut listing);
            all = listing.set(seen, table);
            let unsearched = Listing { search: String::new(), ..listing.clone() }.set(seen, table);
            if !listing.search.is_empty()
                && let Some(found) = large.search(&unsearched, &listing.search).await?
            {
                all = found;
            }
        }
        let mut set = all.clone();
        // What an application's own function shows may need it all.
        if fields.iter().all(|field| field.represent.is_none()) {
            set = set.cut(cell::READ);
        }
        if left_out > 0 {
            let of_label = table
                .readable
                .iter()
                .flat_map(|label| label.columns())
                .filter(|name| table.get(name).is_some());
            let mut columns: Vec<Arc<str>> = fields.iter().map(|field| Arc::clone(&field.name)).collect();
            for name in of_label {
                if !columns.contains(name) {
                    columns.push(Arc::clone(name));
                }
            }
            set = set.columns(columns);
        }
        let rows = match Rows::read(&set, &listing.from).await {
            // The row after which the page began is gone.
            Err(error) if matches!(error.kind(), DbErrorKind::NotFound(_)) && listing.from != From::Start => {
                Rows::read(&set, &From::Start).await?
            }
            other => other?,
        };
        let count = match (&rows.previous, &rows.next) {
            (None, None) => Some(rows.rows.len() as u64),
            _ => tokio::time::timeout(COUNT_TIME, all.count_up_to(COUNTED)).await.ok().and_then(Result::ok),
        };
        let classes = fields.iter().map(|field| cell::class(field, &rows.rows)).collect();
        let labels = labels::of_rows(seen, table, fields.iter().copied(), &rows.rows).await;
        let only = listing.only.as_ref().and_then(|(name, value)| {
            let field = table.get(name)?;
            let label = labels.get(name).and_then(|labels| labels.of(value)).map(|label| label.text.clone());
            Some((field, label.unwrap_or_else(|| shortened(&value.to_text(), 60))))
        });
        Ok(Self { language, table, listing, fields, left_out, classes, rows, labels, count, large, only })
    }

    fn write(&self, out: &mut HtmlWriter) {
        self.title(out);
        if let Some(comment) = &self.table.comment {
            out.text_element("p", "lead", comment);
        }
        self.what_is_not_possible(out);
        self.tools(out);
        if self.rows.rows.is_empty() {
            self.nothing(out);
        } else {
            self.grid(out);
        }
        self.pager(out);
    }

    fn title(&self, out: &mut HtmlWriter) {
        out.element("div", |out| {
            out.attribute("class", "title");
            out.element("div", |out| {
                out.text_element("h1", "", &self.table.label);
                out.element("p", |out| {
                    out.attribute("class", "sub");
                    if let Some(count) = self.count {
                        out.text(&counted(self.language, count, self.is_narrowed()));
                    }
                    if *self.table.label != *self.table.name {
                        out.text_element("code", "", &shortened(&self.table.name, 80));
                    }
                });
            });
            if self.table.impossible(Action::Create).is_none() {
                out.element("a", |out| {
                    out.attribute("class", "button primary");
                    out.attribute("href", &address::create(&self.table.name));
                    out.text(&self.language.t("serve-new"));
                });
            }
        });
    }

    /// Whether there are rows that the list leaves out.
    fn is_narrowed(&self) -> bool {
        !self.listing.search.is_empty() || self.listing.only.is_some()
    }

    fn what_is_not_possible(&self, out: &mut HtmlWriter) {
        let why = |action| why_not(self.table, action).map(|why| why.text(self.language));
        let is_view = self.table.kind == TableKind::View;
        let (key, why) = match (why(Action::Create), why(Action::Update)) {
            (None, None) => return,
            (None, Some(why)) if is_view => ("serve-add-only-view", why),
            (None, Some(why)) => ("serve-add-only-table", why),
            (Some(why), None) if is_view => ("serve-edit-only-view", why),
            (Some(why), None) => ("serve-edit-only-table", why),
            (Some(why), Some(_)) if is_view => ("serve-look-only-view", why),
            (Some(why), Some(_)) => ("serve-look-only-table", why),
        };
        out.text_element("p", "note", &about(self.language, key, "why", &why));
    }

    fn tools(&self, out: &mut HtmlWriter) {
        let searchable =
            self.table.fields.iter().any(|field| field.kind.is_text() && field.readable && !field.secret);
        let listing = &self.listing;
        if searchable && (self.is_narrowed() || !self.rows.rows.is_empty()) {
            out.element("form", |out| {
                out.attrs([("class", "search"), ("role", "search"), ("method", "get")]);
                out.element("label", |out| {
                    out.attrs([("class", "unseen"), ("for", "q")]);
                    out.text(&about(self.language, "serve-search-in", "table", &self.table.label));
                });
                out.element("input", |out| {
                    out.attrs([("type", "search"), ("id", "q"), ("name", "q"), ("value", &listing.search)]);
                    out.attrs([
                        ("placeholder", self.language.t("serve-search-hint").as_str()),
                        ("maxlength", "200"),
                    ]);
                });
                // What the form is sent with besides.
                let kept = Listing { search: String::new(), from: From::Start, ..listing.clone() }.query();
                for (name, value) in form_urlencoded::parse(kept.as_bytes()) {
                    out.element("input", |out| {
                        out.attrs([("type", "hidden"), ("name", &name), ("value", &value)])
                    });
                }
                out.element("button", |out| {
                    out.attrs([("class", "button"), ("type", "submit")]);
                    out.text(&self.language.t("serve-search"));
                });
                if !listing.search.is_empty() {
                    let cleared = Listing { search: String::new(), from: From::Start, ..listing.clone() };
                    out.element("a", |out| {
                        out.attrs([("class", "clear"), ("href", cleared.address(self.table).as_str())]);
                        out.text(&self.language.t("serve-search-clear"));
                    });
                }
            });
        }
        if let Some(large) = self.large.as_ref().filter(|large| !large.searched.is_empty())
            && !listing.search.is_empty()
        {
            let labels =
                large.searched.iter().filter_map(|name| self.table.get(name)).map(|field| &*field.label);
            let labels = labels.collect::<Vec<_>>().join(", ");
            let text = about(self.language, "serve-large-search", "fields", &labels);
            out.text_element("p", "note", &text);
        }
        if let Some((field, value)) = &self.only {
            out.element("p", |out| {
                out.attribute("class", "only");
                let parts = [("field", "strong", &*field.label), ("value", "strong", value)];
                write_marked(self.language, "serve-only", &parts, out);
                out.text(" ");
                let cleared = Listing { only: None, from: From::Start, ..listing.clone() };
                link(out, &cleared.address(self.table), &self.language.t("serve-only-all"));
            });
        }
    }

    fn nothing(&self, out: &mut HtmlWriter) {
        out.element("div", |out| {
            out.attribute("class", "empty");
            if self.listing.from != From::Start {
                out.text_element("h2", "", &self.language.t("serve-no-more"));
                out.element("p", |out| {
                    link(
                        out,
                        &self.listing.from(From::Start).address(self.table),
                        &self.language.t("serve-no-more-back"),
                    );
                });
            } else if !self.listing.search.is_empty() {
                out.text_element(
                    "h2",
                    "",
                    &about(self.language, "serve-no-match", "text", &self.listing.search),
                );
                out.text_element("p", "", &self.language.t("serve-no-match-hint"));
            } else if self.is_narrowed() {
                out.text_element("h2", "", &self.language.t("serve-no-such"));
            } else {
                out.text_element("h2", "", &self.language.t("serve-empty-table"));
                if self.table.impossible(Action::Create).is_none() {
                    out.text_element("p", "", &self.language.t("serve-empty-table-hint"));
                    out.element("p", |out| {
                        out.element("a", |out| {
                            out.attribute("class", "button primary");
                            out.attribute("href", &address::create(&self.table.name));
                            out.text(&self.language.t("serve-add-first"));
                        });
                    });
                }
            }
        });
    }

    fn grid(&self, out: &mut HtmlWriter) {
        let has_links = self.table.has_key();
        let words = cell::Words::new(self.language);
        let can_edit = self.table.impossible(Action::Update).is_none();
        let verb = self.language.t(if can_edit { "serve-edit" } else { "serve-view" });
        out.element("div", |out| {
            out.attrs([("class", "grid"), ("role", "region"), ("tabindex", "0")]);
            out.attribute("aria-label", &about(self.language, "serve-rows-of", "table", &self.table.label));
            out.element("table", |out| {
                out.element("thead", |out| {
                    out.element("tr", |out| {
                        if has_links {
                            out.element("th", |out| {
                                out.attrs([("scope", "col"), ("class", "open")]);
                                out.text_element("span", "unseen", &self.language.t("serve-open"));
                            });
                        }
                        for (field, class) in self.fields.iter().zip(&self.classes) {
                            self.heading(field, class, out);
                        }
                    });
                });
                out.element("tbody", |out| {
                    for row in &self.rows.rows {
                        out.element("tr", |out| {
                            if has_links {
                                self.open(row, &verb, out);
                            }
                            for (field, class) in self.fields.iter().zip(&self.classes) {
                                out.element("td", |out| {
                                    if !class.is_empty() {
                                        out.attribute("class", class);
                                    }
                                    cell::write(field, row, &self.labels, &words, out);
                                });
                            }
                        });
                    }
                });
            });
        });
        if self.left_out > 0 {
            let all = Listing { all_columns: true, ..self.listing.clone() };
            out.element("p", |out| {
                out.attribute("class", "sub");
                out.text(&count(self.language, "serve-left-out", self.left_out as u64));
                out.text(" ");
                link(out, &all.address(self.table), &self.language.t("serve-all-columns"));
            });
        }
    }

    /// The link to a row's form; the row's label tells the links apart for those who hear them.
    fn open(&self, row: &Row, verb: &str, out: &mut HtmlWriter) {
        out.element("th", |out| {
            out.attrs([("scope", "row"), ("class", "open")]);
            if let Some(id) = row.id() {
                let mut address = address::edit(&self.table.name, id);
                let query = self.listing.query();
                if !query.is_empty() {
                    address.push_str("?list=");
                    address.extend(form_urlencoded::byte_serialize(query.as_bytes()));
                }
                out.element("a", |out| {
                    out.attribute("href", &address);
                    out.text(verb);
                    out.text_element("span", "unseen", &format!(" {}", labels::of_row(self.table, row)));
                });
            }
        });
    }

    fn heading(&self, field: &Field, class: &str, out: &mut HtmlWriter) {
        let sort = self.listing.sort.as_ref().filter(|sort| sort.field == field.name);
        let is_key = self.table.key.len() == 1 && self.table.is_key(&field.name);
        // Without another order, that of the key is the order.
        let descending = match sort {
            Some(sort) => Some(sort.descending),
            None if is_key && self.listing.sort.is_none() => Some(false),
            None => None,
        };
        out.element("th", |out| {
            out.attribute("scope", "col");
            if !class.is_empty() {
                out.attribute("class", class);
            }
            if let Some(descending) = descending {
                out.attribute("aria-sort", if descending { "descending" } else { "ascending" });
            }
            if !can_sort(field) {
                return out.text(&field.label);
            }
            if self.large.as_ref().is_some_and(|large| !large.can_sort(&field.name)) {
                out.attribute("title", &self.language.t("serve-no-sort"));
                return out.text(&field.label);
            }
            let next = Sort { field: Arc::clone(&field.name), descending: descending == Some(false) };
            let sorted = Listing { sort: Some(next), from: From::Start, ..self.listing.clone() };
            out.element("a", |out| {
                out.attribute("href", &sorted.address(self.table));
                out.attribute("title", &field.name);
                out.text(&field.label);
            });
        });
    }

    fn pager(&self, out: &mut HtmlWriter) {
        if self.rows.previous.is_none() && self.rows.next.is_none() {
            return;
        }
        out.element("nav", |out| {
            out.attrs([("class", "pager"), ("aria-label", self.language.t("serve-pages").as_str())]);
            for (to, text, relation) in
                [(&self.rows.previous, "serve-previous", "prev"), (&self.rows.next, "serve-next", "next")]
            {
                let text = self.language.t(text);
                match to {
                    Some(to) => out.element("a", |out| {
                        out.attrs([("class", "button"), ("rel", relation)]);
                        out.attribute("href", &self.listing.from(to.clone()).address(self.table));
                        out.text(&text);
                    }),
                    None => out.element("span", |out| {
                        out.attrs([("class", "button"), ("aria-disabled", "true")]);
                        out.text(&text);
                    }),
                }
            }
            if let From::Page(number) = &self.listing.from {
                out.text_element(
                    "span",
                    "sub",
                    &say(
                        self.language,
                        "serve-page",
                        &[("number", Arg::from(i64::try_from(*number).unwrap_or(i64::MAX)))],
                    ),
                );
            }
        });
    }
}

/// How many rows there are, in words; they were counted up to [`COUNTED`].
pub(crate) fn counted(language: &Language, rows: u64, is_narrowed: bool) -> String {
    let (key, rows) = match (rows >= COUNTED, is_narrowed) {
        (false, false) => ("serve-rows", rows),
        (false, true) => ("serve-matching", rows),
        (true, false) => ("serve-rows-more", COUNTED - 1),
        (true, true) => ("serve-matching-more", COUNTED - 1),
    };
    count(language, key, rows)
}
