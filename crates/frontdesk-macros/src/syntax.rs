//! From tokens to what was written: attributes as lists of entries, members with their entries.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, Lit, LitStr, Token, Type, Visibility, token};

use crate::mistakes::Mistakes;

/// One thing that an attribute says: `unique`, `label = "Name"`, `upload(max_bytes = 5)`.
pub(crate) struct Entry {
    pub(crate) name: Ident,
    pub(crate) args: Args,
}

pub(crate) enum Args {
    None,
    Value(Expr),
    List(TokenStream),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let args = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Args::Value(input.parse()?)
        } else if input.peek(token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            Args::List(list.parse()?)
        } else {
            Args::None
        };
        Ok(Self { name, args })
    }
}

/// Entries separated by commas.
pub(crate) struct Entries(pub(crate) Vec<Entry>);

impl Parse for Entries {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(Punctuated::<Entry, Token![,]>::parse_terminated(input)?.into_iter().collect()))
    }
}

impl Entry {
    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// The text of `name = "text"`.
    pub(crate) fn text(&self) -> Option<&LitStr> {
        match &self.args {
            Args::Value(value) => literal_text(value),
            _ => None,
        }
    }
}

/// The text that an expression is.
pub(crate) fn literal_text(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        // What another macro passes on.
        Expr::Group(group) => literal_text(&group.expr),
        _ => None,
    }
}

/// A struct or an enum, as it was written.
pub(crate) struct Written {
    pub(crate) ident: Ident,
    pub(crate) entries: Vec<Entry>,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// A struct with named members.
    Struct(Vec<Member>),
    /// A struct with members that have no names.
    Tuple(Vec<Member>),
    /// An enum.
    Enum(Vec<Variant>),
}

pub(crate) struct Member {
    /// `None` in a tuple.
    pub(crate) ident: Option<Ident>,
    pub(crate) visibility: Visibility,
    pub(crate) ty: Type,
    pub(crate) entries: Vec<Entry>,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) is_plain: bool,
    pub(crate) entries: Vec<Entry>,
}

/// Reads what a derive was put on. `own` is the attribute on the type itself, `table` or `field`.
pub(crate) fn parse(input: DeriveInput, own: &str) -> syn::Result<Written> {
    let mut mistakes = Mistakes::default();
    if !input.generics.params.is_empty() {
        mistakes.add(input.generics.span(), "a table's columns have fixed types: this cannot be generic");
    }
    let entries = entries(&input.attrs, own, &mut mistakes);
    let mut member = |field: syn::Field| Member {
        entries: self::entries(&field.attrs, "field", &mut mistakes),
        ident: field.ident,
        visibility: field.vis,
        ty: field.ty,
    };
    let body = match input.data {
        Data::Struct(data) => match data.fields {
            Fields::Named(fields) => Body::Struct(fields.named.into_iter().map(&mut member).collect()),
            Fields::Unnamed(fields) => Body::Tuple(fields.unnamed.into_iter().map(&mut member).collect()),
            Fields::Unit => Body::Struct(Vec::new()),
        },
        Data::Enum(data) => {
            let variant = |variant: syn::Variant| Variant {
                is_plain: matches!(variant.fields, Fields::Unit),
                entries: self::entries(&variant.attrs, "field", &mut mistakes),
                ident: variant.ident,
            };
            Body::Enum(data.variants.into_iter().map(variant).collect())
        }
        _ => {
            mistakes.add(input.ident.span(), "a union is no value that can be stored");
            Body::Struct(Vec::new())
        }
    };
    mistakes.unless(Written { ident: input.ident, entries, body })
}

fn entries(attributes: &[Attribute], name: &str, mistakes: &mut Mistakes) -> Vec<Entry> {
    let mut entries = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match attribute.parse_args::<Entries>() {
            Ok(Entries(found)) => entries.extend(found),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    entries
}
