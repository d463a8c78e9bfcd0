//! What all pages have: the head, the tables at the side, the way back.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use frontdesk_data::{Action, Table, TableKind};
use frontdesk_html::{HtmlWriter, Markup, Sink, SinkExt};
use frontdesk_web::{Flash, FlashMessage, Language};
use http::HeaderValue;
use http::header::CACHE_CONTROL;

use super::assets::{ICON, STYLE};
use super::gate::Who;
use super::trouble::Trouble;
use super::words::{LANGUAGES, count, write_marked};
use super::{Seen, Site, address};

/// How many tables the side lists; the first page has all of them.
const LISTED: usize = 200;

/// A page: what is around its content.
#[derive(Clone, Copy)]
pub(crate) struct Page<'p> {
    pub(crate) language: &'p Language,
    /// What the page is about, for the browser's title.
    pub(crate) title: &'p str,
    /// The table that it belongs to.
    pub(crate) table: Option<&'p Table>,
    /// The way back between the first page and this one: texts and addresses.
    pub(crate) crumbs: &'p [(&'p str, &'p str)],
    /// The last step of the way, where it is not the title.
    pub(crate) here: Option<&'p str>,
    /// A message that a request before has left.
    pub(crate) flash: Option<&'p FlashMessage>,
    /// Whether this is the first page, which lists the tables itself.
    pub(crate) is_home: bool,
}

impl<'p> Page<'p> {
    pub(crate) fn new(language: &'p Language, title: &'p str) -> Self {
        Self { language, title, table: None, crumbs: &[], here: None, flash: None, is_home: false }
    }

    /// Writes the page; `content` writes what is between the way back and the foot.
    pub(crate) fn render(&self, seen: &Seen, content: impl FnOnce(&mut HtmlWriter)) -> String {
        let site = seen.site();
        let mut out = HtmlWriter::with_capacity(16 * 1024);
        out.markup(&Markup::trusted("<!DOCTYPE html>\n"));
        out.element("html", |out| {
            out.attribute("lang", self.language.tag());
            out.attribute("dir", self.language.direction().as_str());
            self.head(site, out);
            out.element("body", |out| {
                out.element("a", |out| {
                    out.attrs([("class", "skip"), ("href", "#main")]);
                    out.text(&self.language.t("serve-skip"));
                });
                banner(self.language, seen, out);
                out.element("div", |out| {
                    out.attribute("class", if self.is_home { "frame frame-plain" } else { "frame" });
                    if !self.is_home {
                        self.side(seen, out);
                    }
                    out.element("main", |out| {
                        out.attrs([("id", "main"), ("tabindex", "-1")]);
                        self.way(out);
                        self.message(out);
                        content(out);
                    });
                });
            });
        });
        out.into_string()
    }

    fn head(&self, site: &Site, out: &mut HtmlWriter) {
        out.element("head", |out| {
            out.element("meta", |out| out.attribute("charset", "utf-8"));
            out.element("meta", |out| {
                out.attrs([("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            });
            out.element("meta", |out| out.attrs([("name", "color-scheme"), ("content", "light dark")]));
            let title = if self.is_home {
                site.title().to_owned()
            } else {
                format!("{} · {}", self.title, site.title())
            };
            out.text_element("title", "", &title);
            // The forms' own stylesheet and script; ours comes after it and has the last word.
            out.markup(&site.desk().head());
            out.element("link", |out| out.attrs([("rel", "stylesheet"), ("href", STYLE.address.as_str())]));
            out.element("link", |out| {
                out.attrs([("rel", "icon"), ("type", "image/svg+xml"), ("href", ICON.address.as_str())]);
            });
        });
    }

    /// The tables, so that each is one step away.
    fn side(&self, seen: &Seen, out: &mut HtmlWriter) {
        out.element("nav", |out| {
            out.attribute("class", "side");
            out.attribute("aria-label", &self.language.t("serve-tables-and-views"));
            for (kind, heading) in [(TableKind::Table, "serve-tables"), (TableKind::View, "serve-views")] {
                let mut of_kind = seen.by_label().filter(|table| table.kind == kind).peekable();
                if of_kind.peek().is_none() {
                    continue;
                }
                out.text_element("h2", "", &self.language.t(heading));
                out.element("ul", |out| {
                    for table in of_kind.take(LISTED) {
                        let is_here = self.table.is_some_and(|here| here.name == table.name);
                        out.element("li", |out| {
                            if table.impossible(Action::Read).is_some() {
                                return out.text_element("span", "", &table.label);
                            }
                            out.element("a", |out| {
                                out.attribute("href", &address::rows(&table.name));
                                out.attribute("title", &table.name);
                                if is_here {
                                    out.attribute("aria-current", "true");
                                }
                                out.text(&table.label);
                            });
                        });
                    }
                });
            }
            if seen.tables().len() > LISTED {
                out.element("p", |out| {
                    link(out, "/", &count(self.language, "serve-all-listed", seen.tables().len() as u64));
                });
            }
        });
    }

    fn way(&self, out: &mut HtmlWriter) {
        if self.is_home {
            return;
        }
        out.element("nav", |out| {
            out.attrs([("class", "way"), ("aria-label", self.language.t("serve-way").as_str())]);
            out.element("ol", |out| {
                out.element("li", |out| link(out, "/", &self.language.t("serve-all-tables")));
                for (text, address) in self.crumbs {
                    out.element("li", |out| link(out, address, text));
                }
                out.element("li", |out| {
                    out.element("span", |out| {
                        out.attribute("aria-current", "page");
                        out.text(self.here.unwrap_or(self.title));
                    });
                });
            });
        });
    }

    fn message(&self, out: &mut HtmlWriter) {
        let Some(flash) = self.flash else { return };
        // The class came in a cookie: only known ones are used.
        let known = ["success", "info", "warning", "error"].into_iter().find(|class| *class == flash.class);
        out.element("p", |out| {
            out.attribute("class", &format!("flash flash-{}", known.unwrap_or("info")));
            out.attribute("role", "status");
            out.text(&flash.message);
        });
    }
}

fn banner(language: &Language, seen: &Seen, out: &mut HtmlWriter) {
    let site = seen.site();
    out.element("header", |out| {
        out.attribute("class", "banner");
        out.element("a", |out| {
            out.attrs([("class", "brand"), ("href", "/")]);
            out.element("img", |out| {
                out.attrs([("src", ICON.address.as_str()), ("alt", ""), ("width", "24"), ("height", "24")]);
            });
            out.text(" frontdesk");
        });
        out.text_element("span", "database", site.title());
        match seen.who() {
            Who::Operator => {}
            Who::Anonymous => out.element("nav", |out| {
                out.attrs([("class", "who"), ("aria-label", language.t("serve-who").as_str())]);
                link(out, "/login/", &language.t("serve-sign-in"));
            }),
            Who::Signed(signed) => out.element("nav", |out| {
                out.attrs([("class", "who"), ("aria-label", language.t("serve-who").as_str())]);
                out.element("a", |out| {
                    out.attrs([("class", "account"), ("href", "/account/")]);
                    out.attribute("title", &language.t("serve-account"));
                    out.text(signed.name());
                });
                sign_out(language, seen, out);
            }),
        }
    });
}

/// The button to sign out; on pages without a token, a link to the page that has one.
fn sign_out(language: &Language, seen: &Seen, out: &mut HtmlWriter) {
    let label = language.t("serve-sign-out");
    let Some(token) = seen.csrf() else { return link(out, "/logout/", &label) };
    out.element("form", |out| {
        out.attrs([("method", "post"), ("action", "/logout/")]);
        for (name, value) in [("format", "html"), (token.field_name(), token.value().as_str())] {
            out.element("input", |out| out.attrs([("type", "hidden"), ("name", name), ("value", value)]));
        }
        out.element("button", |out| {
            out.attrs([("type", "submit"), ("class", "plain")]);
            out.text(&label);
        });
    });
}

/// A link.
pub(crate) fn link(out: &mut HtmlWriter, address: &str, text: &str) {
    out.element("a", |out| {
        out.attribute("href", address);
        out.text(text);
    });
}

/// A page that shows what is in the database now: browsers ask again before they show it another time.
pub(crate) fn respond(flash: Flash, page: String) -> Response {
    let mut response = (flash, Html(page)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Draws the page of a [`Trouble`] that a handler gave in place of a page.
pub(crate) async fn draw_trouble(State(site): State<Site>, request: Request, next: Next) -> Response {
    let language = LANGUAGES.of(request.headers());
    let response = next.run(request).await;
    let Some(trouble) = response.extensions().get::<Trouble>().cloned() else { return response };
    let title = trouble.title.text(&language);
    let seen = site.seen_by(response.extensions().get(), response.extensions().get());
    let page = Page::new(&language, &title).render(&seen, |out| {
        out.element("div", |out| {
            out.attribute("class", "trouble");
            out.text_element("p", "code", trouble.status.as_str());
            out.text_element("h1", "", &title);
            out.text_element("p", "", &trouble.text.text(&language));
            if let Some(incident) = &trouble.incident {
                out.element("p", |out| {
                    write_marked(&language, "serve-mark", &[("mark", "code", incident)], out);
                });
            }
            out.element("p", |out| {
                out.element("a", |out| {
                    out.attrs([("class", "button"), ("href", "/")]);
                    out.text(&language.t("serve-to-tables"));
                });
            });
        });
    });
    let (mut parts, _) = response.into_parts();
    let mut drawn = Html(page).into_response();
    for (name, value) in drawn.headers() {
        parts.headers.insert(name, value.clone());
    }
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, std::mem::take(drawn.body_mut()))
}
