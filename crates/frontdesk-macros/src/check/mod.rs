//! From what was written to what it means. Every mistake is told, each at its place.

mod field;
mod kind;
mod label;
pub(crate) mod record;
mod upload;
pub(crate) mod value;

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::{Expr, Ident, LitStr, Path};

use crate::mistakes::Mistakes;
use crate::model::Setter;
use crate::names::did_you_mean;
use crate::syntax::{Args, Entry};

/// The path under which `record` is found, where `crate = "…"` does not say another one.
const KRATE: &str = "::frontdesk";

fn krate(entry: &Entry, mistakes: &mut Mistakes) -> Option<Path> {
    let Some(text) = entry.text() else {
        mistakes.add(entry.span(), "`crate` wants a path as text: `crate = \"frontdesk_data\"`");
        return None;
    };
    let path = text.parse_with(Path::parse_mod_style).map_err(|mistake| mistakes.push(mistake)).ok()?;
    // What follows it is the derive's, which lints see.
    syn::parse_str(&path.to_token_stream().to_string()).ok()
}

fn default_krate() -> Path {
    // A path that is known to be one.
    syn::parse_str(KRATE).unwrap_or_else(|_| Ident::new("frontdesk", Span::call_site()).into())
}

/// Tells names that there are not, and those that are there twice; `repeatable` ones may be.
fn check_names(entries: &[Entry], known: &[&str], repeatable: &[&str], mistakes: &mut Mistakes) {
    for (at, entry) in entries.iter().enumerate() {
        let name = entry.name.to_string();
        if !known.contains(&&*name) {
            let meant = did_you_mean(&name, known.iter().copied());
            mistakes.add(entry.span(), format!("there is no `{name}` here{meant}"));
        } else if !repeatable.contains(&&*name) && entries[..at].iter().any(|other| other.name == name) {
            mistakes.add(entry.span(), format!("`{name}` is said twice"));
        }
    }
}

/// The text of `name = "…"`.
fn text(entry: &Entry, mistakes: &mut Mistakes) -> Option<LitStr> {
    let text = entry.text().cloned();
    if text.is_none() {
        mistakes.add(entry.span(), format!("`{0}` wants a text: `{0} = \"…\"`", entry.name));
    }
    text
}

/// The expression of `name = …`.
fn expr<'e>(entry: &'e Entry, mistakes: &mut Mistakes) -> Option<&'e Expr> {
    match &entry.args {
        Args::Value(value) => Some(value),
        _ => {
            mistakes.add(entry.span(), format!("`{0}` wants a value: `{0} = …`", entry.name));
            None
        }
    }
}

/// Whether `name` stands alone, as it has to.
fn flag(entry: &Entry, mistakes: &mut Mistakes) -> bool {
    let alone = matches!(entry.args, Args::None);
    if !alone {
        mistakes.add(entry.span(), format!("`{}` stands alone, without a value", entry.name));
    }
    alone
}

/// The names of `name(a, b)`.
fn idents(entry: &Entry, mistakes: &mut Mistakes) -> Option<Vec<Ident>> {
    let Args::List(list) = &entry.args else {
        mistakes.add(entry.span(), format!("`{0}` wants members: `{0}(first, second)`", entry.name));
        return None;
    };
    let names = syn::punctuated::Punctuated::<Ident, syn::Token![,]>::parse_terminated;
    match names.parse2(list.clone()) {
        Ok(names) => Some(names.into_iter().collect()),
        Err(mistake) => {
            mistakes.push(mistake);
            None
        }
    }
}

fn setter(method: &str, place: Span, args: impl ToTokens) -> Setter {
    Setter { method: Ident::new(method, place), args: quote!(#args) }
}
