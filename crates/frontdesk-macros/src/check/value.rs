//! An enum, or a struct that wraps a value, as a type of a column.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, Path};

use super::{check_names, default_krate, expr, field, krate, text};
use crate::mistakes::Mistakes;
use crate::model::{Choice, Shape, Value, Wrapper};
use crate::names::{snake, words};
use crate::syntax::{Body, Entry, Member, Variant, Written};

pub(crate) fn check(written: Written) -> syn::Result<Value> {
    let Written { ident, entries, body } = written;
    let mut mistakes = Mistakes::default();
    let krate = entries
        .iter()
        .find(|entry| entry.name == "crate")
        .and_then(|entry| krate(entry, &mut mistakes))
        .unwrap_or_else(default_krate);
    let shape = match body {
        Body::Enum(variants) => {
            check_names(&entries, &["crate"], &[], &mut mistakes);
            if variants.is_empty() {
                mistakes.add(ident.span(), "an enum without variants has no values to choose from");
            }
            Shape::Choices(choices(variants, &mut mistakes))
        }
        Body::Struct(members) | Body::Tuple(members) if members.len() == 1 => {
            wrapper(members, &entries, &krate, &mut mistakes)
        }
        Body::Struct(_) | Body::Tuple(_) => {
            let text =
                "a column holds one value: `struct Email(String);`; for a row of a table derive `Table`";
            mistakes.add(ident.span(), text);
            Shape::Choices(Vec::new())
        }
    };
    mistakes.unless(Value { krate, ident, shape })
}

fn choices(variants: Vec<Variant>, mistakes: &mut Mistakes) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for Variant { ident, is_plain, entries } in variants {
        if !is_plain {
            mistakes.add(ident.span(), "a choice holds nothing: only plain variants can be stored");
        }
        check_names(&entries, &["value", "label"], &[], mistakes);
        let name = ident.unraw().to_string();
        let (mut value, mut place) = (snake(&name), ident.span());
        let mut label: Expr = syn::parse_quote!("");
        if let Ok(text) =
            syn::parse_str(&syn::LitStr::new(&words(&name), ident.span()).to_token_stream().to_string())
        {
            label = text;
        }
        for entry in &entries {
            if entry.name == "value" {
                if let Some(text) = text(entry, mistakes) {
                    (value, place) = (text.value(), text.span());
                }
            } else if entry.name == "label"
                && let Some(text) = expr(entry, mistakes)
            {
                label = text.clone();
            }
        }
        if value.is_empty() {
            mistakes.add(place, "the empty text is no choice: that is NULL, of an `Option`");
        } else if choices.iter().any(|known| known.value == value) {
            mistakes.add(place, format!("another variant is stored as `{value}` already"));
        }
        choices.push(Choice { ident, value, label });
    }
    choices
}

fn wrapper(members: Vec<Member>, entries: &[Entry], krate: &Path, mistakes: &mut Mistakes) -> Shape {
    let mut known = field::KNOWN.to_vec();
    known.push("crate");
    // The type of the field follows from what is wrapped.
    known.retain(|name| *name != "type");
    check_names(entries, &known, field::REPEATABLE, mistakes);
    let said = field::said(entries, krate, mistakes);
    let Some(Member { ty, ident, entries, .. }) = members.into_iter().next() else {
        return Shape::Choices(Vec::new());
    };
    check_names(&entries, &[], &[], mistakes);
    Shape::Wrapper(Box::new(Wrapper { ty, ident, setters: said.setters, widget: said.widget }))
}
