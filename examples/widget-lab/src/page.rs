//! The pages around the forms.

use frontdesk::html::{HtmlWriter, Sink, SinkExt};
use frontdesk::prelude::*;

use crate::{Kind, STYLES};

/// The page with links to all others.
pub(crate) fn index() -> String {
    document("plain", "Widget lab", |out| {
        out.text_element("p", "lab-about", "Every widget of frontdesk, in every style and state.");
        for (style, _) in STYLES {
            out.text_element("h2", "", style);
            out.element("ul", |out| {
                for kind in Kind::ALL {
                    out.element("li", |out| {
                        link(&format!("/{style}/{}/", kind.name()), kind.name(), false, out)
                    });
                }
            });
        }
    })
}

/// A page with a form.
pub(crate) fn page(style: &str, kind: Kind, field: Option<&str>, table: &Table, form: &Form) -> String {
    let title =
        format!("{style}: {}{}", kind.name(), field.map(|field| format!(", {field}")).unwrap_or_default());
    document(style, &title, |out| {
        out.element("nav", |out| {
            out.attribute("aria-label", "Styles and states");
            out.element("ul", |out| {
                for (other, _) in STYLES {
                    let address = format!("/{other}/{}/", kind.name());
                    out.element("li", |out| link(&address, other, other == style, out));
                }
            });
            out.element("ul", |out| {
                for other in Kind::ALL {
                    let address = format!("/{style}/{}/", other.name());
                    out.element("li", |out| link(&address, other.name(), other == kind, out));
                }
            });
        });
        if form.accepted() {
            out.element("p", |out| {
                out.attrs([("role", "status"), ("class", "lab-told")]);
                out.text("Accepted. Nothing is stored here.");
            });
        }
        form.write(out);
        out.element("details", |out| {
            out.attribute("class", "lab-fields");
            out.text_element("summary", "", "Each widget alone");
            out.element("ul", |out| {
                for field in table.fields.iter().filter(|field| field.kind != FieldType::Id) {
                    let address = format!("/{style}/{}/{}/", kind.name(), field.name);
                    out.element("li", |out| link(&address, &field.label, false, out));
                }
            });
        });
    })
}

fn document(style: &str, title: &str, content: impl FnOnce(&mut HtmlWriter)) -> String {
    let mut out = HtmlWriter::with_capacity(32 * 1024);
    out.markup(&Markup::trusted("<!DOCTYPE html>"));
    out.element("html", |out| {
        out.attribute("lang", "en");
        // Bootstrap 5 asks for its dark mode by name; Bootstrap 4 has none.
        out.attribute("class", &format!("lab-{style}"));
        out.element("head", |out| {
            out.element("meta", |out| out.attribute("charset", "utf-8"));
            out.element("meta", |out| {
                out.attrs([("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            });
            out.text_element("title", "", &format!("{title} - widget lab"));
            for address in [format!("/assets/{style}.css"), "/lab.css".to_owned()] {
                out.element("link", |out| out.attrs([("rel", "stylesheet"), ("href", &address)]));
            }
        });
        out.element("body", |out| {
            out.element("header", |out| {
                out.attribute("class", "lab-head");
                link("/", "Widget lab", false, out);
            });
            out.element("main", |out| {
                out.attribute("class", "lab-main");
                out.text_element("h1", "lab-title", title);
                content(out);
            });
        });
    });
    out.into_string()
}

fn link(address: &str, text: &str, current: bool, out: &mut HtmlWriter) {
    out.element("a", |out| {
        out.attribute("href", address);
        if current {
            out.attribute("aria-current", "page");
        }
        out.text(text);
    });
}
