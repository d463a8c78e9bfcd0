//! From what is meant to code. There is nothing to go wrong any more, and no decision left.

pub(crate) mod record;
pub(crate) mod value;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Path};

use crate::model::Setter;

/// `field` with what is said of it.
fn described(field: TokenStream, setters: &[Setter], widget: Option<&Expr>, krate: &Path) -> TokenStream {
    let calls = setters.iter().map(call);
    let field = quote!(#field #(#calls)*);
    match widget {
        Some(widget) => quote!(#krate::forms::FieldWidget::with_widget(#field, #widget)),
        None => field,
    }
}

fn call(Setter { method, args }: &Setter) -> TokenStream {
    quote!(.#method(#args))
}
