//! HTML as a tree of elements or as one stream of bytes.

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
pub use self::tags::*;
pub use self::url::safe_url;
pub use self::writer::HtmlWriter;
