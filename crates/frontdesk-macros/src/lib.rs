//! The derives of frontdesk: [`Table`](macro@Table) makes a struct a row of a table, [`FieldValue`](macro@FieldValue)
//! an enum or a wrapper a type of a column.
//!
//! They write what a hand could write, in terms of `frontdesk::record`; there is no logic in what they write, and nothing
//! hidden. Use them through `frontdesk`, which has them beside the `Table` and the `FieldValue` that they implement.

mod check;
mod emit;
mod mistakes;
mod model;
mod names;
mod syntax;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

#[doc = include_str!("table.md")]
#[proc_macro_derive(Table, attributes(table, field))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    syntax::parse(input, "table") // from tokens to what was written
        .and_then(check::record::check) // to what it means; gathers every mistake
        .map(emit::record::emit) // to code; cannot fail
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

#[doc = include_str!("field_value.md")]
#[proc_macro_derive(FieldValue, attributes(field))]
pub fn derive_field_value(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    syntax::parse(input, "field")
        .and_then(check::value::check)
        .map(emit::value::emit)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
