//! HTML as a tree of elements, or as one stream of bytes: always escaped, searchable by CSS selector.
//!
//! * **Build** with a function for each element of HTML ([`div`], [`input`], [`select`], ...; all of them in
//!   [`tags`]), [`element`] for any other tag, and [`cat`] or a tuple for nodes without an element around them.
//! * **Escaping is not an option.** What is put in as text or as the value of an attribute reads back unchanged
//!   from an HTML parser (but for NUL, which HTML cannot say). [`Markup`] is the one way to raw HTML; names are checked
//!   by [`Name`]; addresses that come from data pass [`safe_url`].
//! * **Search and change** what was built by CSS selector: [`Element::find`], [`find_mut`](Element::find_mut),
//!   [`each_mut`](Element::each_mut), [`replace`](Element::replace), [`remove`](Element::remove), or by text:
//!   [`find_text`](Element::find_text).
//! * **Write once, twice useful:** code against [`Sink`] writes bytes into an [`HtmlWriter`], and a tree into a
//!   [`TreeBuilder`] where someone wants to change it first.
//!
//! # Example: change a form before it is sent
//!
//! ```
//! use frontdesk_html::{SinkExt, Sink, TreeBuilder};
//!
//! // A library draws the form ...
//! fn draw(out: &mut dyn Sink) {
//!     out.element("form", |out| {
//!         out.attribute("method", "post");
//!         out.element("select", |out| {
//!             out.attribute("name", "color");
//!             for color in ["red", "blue"] {
//!                 out.text_element("option", "", color);
//!             }
//!         });
//!     });
//! }
//! let mut out = TreeBuilder::new();
//! draw(&mut out);
//! let mut structure = out.finish();
//!
//! // ... and the application wants a class on one of its fields.
//! if let Some(field) = structure.find_mut("[name=color]")? {
//!     field.set_attr("class", "my-class");
//! }
//! assert_eq!(
//!     structure.to_string(),
//!     concat!(
//!         r#"<form method="post"><select name="color" class="my-class">"#,
//!         "<option>red</option><option>blue</option></select></form>",
//!     ),
//! );
//! # Ok::<(), frontdesk_html::SelectorError>(())
//! ```
//!
//! # Example: build by hand
//!
//! ```
//! use frontdesk_html::{Node, a, li, ul};
//!
//! let names = ["Ada & Co", "<script>"];
//! let guests = names.map(|name| li().child(a().href("/guests/").child(name)));
//! let page = Node::from(("Guests: ", ul().class("guests").children(guests)));
//! assert!(page.to_string().contains(r#"<li><a href="/guests/">&lt;script&gt;</a></li>"#));
//! ```
//!
//! # What it is not
//!
//! Not a parser, nor a sanitizer: HTML from elsewhere enters as [`Markup`], which a search does not look into. Not a
//! template engine. Not a validator of content models: `<p>` in `<p>` is written as it was built, and a browser will
//! read it otherwise. Text inside `<script>` and `<style>` is escaped like any other, which keeps it from breaking
//! out but is not what scripts and styles want: give those as [`Markup`], or in files of their own.
//! Attributes that hold code (`onclick`, `style`) are as safe as what is put in them.
//!
//! Trees may be of any depth: no walk over them recurses.

mod attr;
mod builder;
mod element;
mod escape;
mod find;
mod markup;
mod matching;
mod name;
mod node;
mod render;
mod selector;
mod sink;
pub mod tags;
mod url;
mod writer;

pub use self::attr::AttrValue;
pub use self::builder::TreeBuilder;
pub use self::element::{Element, element};
pub use self::escape::{escape_attr, escape_text};
pub use self::markup::Markup;
pub use self::name::{InvalidName, Name};
pub use self::node::{Node, Nodes, cat};
pub use self::selector::{IntoSelector, Selector, SelectorError};
pub use self::sink::{Sink, SinkExt};
#[doc(no_inline)]
pub use self::tags::*;
pub use self::url::safe_url;
pub use self::writer::HtmlWriter;
