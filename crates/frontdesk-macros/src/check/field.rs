//! What an attribute says of a field.

use proc_macro2::Span;
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Path, Token};

use super::{expr, flag, kind, setter, text, upload};
use crate::mistakes::Mistakes;
use crate::model::Setter;
use crate::syntax::{Args, Entry, literal_text};

/// What can be said of a field wherever one is described.
pub(super) const KNOWN: &[&str] = &[
    "type",
    "length",
    "zone",
    "native",
    "label",
    "comment",
    "placeholder",
    "title",
    "requires",
    "widget",
    "represent",
    "filter_in",
    "default",
    "default_with",
    "default_sql",
    "update",
    "update_with",
    "compute",
    "unique",
    "readable",
    "writable",
    "secret",
    "generated",
    "upload",
    "show_when",
    "require_when",
    "choices_when",
];

/// What may be said several times.
pub(super) const REPEATABLE: &[&str] = &["choices_when"];

/// Of each of these, only one may be said.
const ALTERNATIVES: &[&[&str]] = &[
    &["default", "default_with", "default_sql", "compute", "generated"],
    &["update", "update_with", "compute", "generated"],
];

/// What attributes say of a field.
#[derive(Default)]
pub(super) struct Said {
    pub(super) kind: Option<proc_macro2::TokenStream>,
    pub(super) setters: Vec<Setter>,
    pub(super) widget: Option<Expr>,
}

/// Reads the entries that describe a field; others are left to the caller.
pub(super) fn said(entries: &[Entry], krate: &Path, mistakes: &mut Mistakes) -> Said {
    let mut said = Said::default();
    for alternatives in ALTERNATIVES {
        let mut given = entries.iter().filter(|entry| alternatives.iter().any(|name| entry.name == name));
        if let (Some(first), Some(second)) = (given.next(), given.next())
            && first.name != second.name
        {
            let text = format!("`{}` has no meaning beside `{}`", second.name, first.name);
            mistakes.add(second.span(), text);
        }
    }
    for entry in entries {
        one(entry, krate, &mut said, mistakes);
    }
    said
}

fn one(entry: &Entry, krate: &Path, said: &mut Said, mistakes: &mut Mistakes) {
    let (name, place) = (entry.name.to_string(), entry.span());
    let call = match &*name {
        "type" => {
            said.kind = text(entry, mistakes).and_then(|name| kind::field_type(&name, krate, mistakes));
            return;
        }
        "unique" | "secret" | "generated" => {
            flag(entry, mistakes);
            setter(&name, place, quote!())
        }
        "length" | "zone" | "native" | "label" | "comment" | "placeholder" | "title" | "readable"
        | "writable" | "represent" | "filter_in" | "default" | "default_with" | "default_sql" | "update"
        | "update_with" | "compute" => {
            let Some(value) = expr(entry, mistakes) else { return };
            setter(&name, place, value)
        }
        "requires" => {
            let Some(value) = expr(entry, mistakes) else { return };
            setter(&name, place, rules(value, krate))
        }
        "widget" => {
            let Some(value) = expr(entry, mistakes) else { return };
            if literal_text(value).is_none() {
                said.widget = Some(value.clone());
                return;
            }
            setter(&name, place, value)
        }
        "show_when" | "require_when" => {
            let Some(value) = expr(entry, mistakes) else { return };
            setter(&name, place, condition(value, krate))
        }
        "choices_when" => {
            let Some((when, only)) = choices(entry, mistakes) else { return };
            let when = condition(&when, krate);
            setter(&name, place, quote!(#when, #only))
        }
        "upload" => {
            let Some(options) = upload::options(entry, krate, mistakes) else { return };
            setter("upload_options", place, options)
        }
        _ => return,
    };
    said.setters.push(call);
}

/// One rule, several in a list, or rules as data.
fn rules(value: &Expr, krate: &Path) -> proc_macro2::TokenStream {
    if literal_text(value).is_some() {
        return quote_spanned!(Span::call_site().located_at(value.span())=> #krate::record::rules(#value));
    }
    match value {
        Expr::Array(list) => {
            let rules = list.elems.iter();
            quote!(#krate::record::Rules::none() #(.and(#rules))*)
        }
        one => quote!(#one),
    }
}

fn condition(value: &Expr, krate: &Path) -> proc_macro2::TokenStream {
    match literal_text(value) {
        Some(_) => {
            quote_spanned!(Span::call_site().located_at(value.span())=> #krate::record::condition(#value))
        }
        None => quote!(#value),
    }
}

/// The two parts of `choices_when("age < 12", ["S", "M"])`.
fn choices(entry: &Entry, mistakes: &mut Mistakes) -> Option<(Expr, Expr)> {
    if let Args::List(list) = &entry.args
        && let Ok(parts) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(list.clone())
    {
        let mut parts = parts.into_iter();
        if let (Some(when), Some(only), None) = (parts.next(), parts.next(), parts.next()) {
            return Some((when, only));
        }
    }
    let text =
        "`choices_when` wants a condition and the choices: `choices_when(\"age < 12\", [\"S\", \"M\"])`";
    mistakes.add(entry.span(), text);
    None
}
