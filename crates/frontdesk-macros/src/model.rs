//! What a derive means: the only thing that is emitted, and the only thing that checks make.

use proc_macro2::TokenStream;
use syn::{Expr, Ident, Path, Type, Visibility};

/// A struct that is a row of a table.
pub(crate) struct Record {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    /// The table's name.
    pub(crate) table: String,
    pub(crate) columns: Vec<Column>,
    /// Members that are in no column.
    pub(crate) skipped: Vec<Ident>,
    /// Positions of the key's columns.
    pub(crate) key: Vec<usize>,
    /// What is said of the table besides, as calls of its setters.
    pub(crate) setters: Vec<Setter>,
}

/// A member of a record.
pub(crate) struct Column {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) ty: Type,
    pub(crate) name: String,
    /// The variant of `FieldType`, where it is not that of the Rust type.
    pub(crate) kind: Option<TokenStream>,
    pub(crate) setters: Vec<Setter>,
    /// A widget object, which only `frontdesk::forms` understands.
    pub(crate) widget: Option<Expr>,
}

/// A call of a setter: `label("Name")`.
pub(crate) struct Setter {
    pub(crate) method: Ident,
    pub(crate) args: TokenStream,
}

/// A type that a column can hold.
pub(crate) struct Value {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    /// An enum of plain variants.
    Choices(Vec<Choice>),
    /// A struct that wraps one value.
    Wrapper(Box<Wrapper>),
}

/// The member that is wrapped, and what is said of a field besides.
pub(crate) struct Wrapper {
    pub(crate) ty: Type,
    /// Its name; `None` for `struct Email(String)`.
    pub(crate) ident: Option<Ident>,
    pub(crate) setters: Vec<Setter>,
    pub(crate) widget: Option<Expr>,
}

pub(crate) struct Choice {
    pub(crate) ident: Ident,
    /// The text that is stored.
    pub(crate) value: String,
    /// What people see.
    pub(crate) label: Expr,
}
