use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{call, described};
use crate::model::{Column, Record};

pub(crate) fn emit(record: Record) -> TokenStream {
    let Record { krate, ident, table, columns, skipped, key, setters } = &record;
    let key_type = key_type(&record);
    let key_names: Vec<_> = key.iter().map(|at| &columns[*at].name).collect();
    let fields = columns.iter().map(|column| {
        let Column { ty, name, kind, setters, widget, .. } = column;
        // At the type's place, where an error about it belongs.
        let field = match kind {
            None => quote_spanned!(at(ty)=> #krate::record::field::<#ty>(#name)),
            Some(kind) => quote_spanned!(at(ty)=> #krate::record::field_as::<#ty>(#name, #kind)),
        };
        described(field, setters, widget.as_ref(), krate)
    });
    let calls = setters.iter().map(call);
    let idents = columns.iter().map(|column| &column.ident);
    let reads = columns.iter().map(|Column { ty, name, .. }| quote_spanned!(at(ty)=> row.read(#name)?));
    let count = columns.len();
    let writes = columns.iter().map(|Column { ident, ty, name, .. }| {
        quote_spanned!(at(ty)=> .with(#name, #krate::record::FieldValue::to_value(&self.#ident)))
    });
    let constants = columns.iter().map(|Column { ident, visibility, ty, name, .. }| {
        let constant = format_ident!("{}", ident.unraw().to_string().to_uppercase(), span = ident.span());
        let doc = format!("The column `{name}`.");
        quote_spanned! {at(ty)=>
            #[doc = #doc]
            #visibility const #constant: #krate::record::TypedColumn<Self, #ty> =
                #krate::record::TypedColumn::new(#name);
        }
    });
    quote! {
        #[automatically_derived]
        impl #krate::record::Record for #ident {
            type Key = #key_type;

            const TABLE: &'static str = #table;
            const KEY: &'static [&'static str] = &[#(#key_names),*];

            fn table() -> #krate::record::Table {
                #krate::record::Table::new(#table)
                    #(.field(#fields))*
                    .key(Self::KEY.iter().copied())
                    #(#calls)*
            }

            fn from_row(
                row: &#krate::record::Row,
            ) -> ::core::result::Result<Self, #krate::record::RecordError> {
                ::core::result::Result::Ok(Self {
                    #(#idents: #reads,)*
                    #(#skipped: ::core::default::Default::default(),)*
                })
            }

            fn values(&self) -> #krate::record::Values {
                #krate::record::Values::with_capacity(#count)
                    #(#writes)*
            }
        }

        #[automatically_derived]
        #[allow(dead_code, non_upper_case_globals)]
        impl #ident {
            #(#constants)*
        }
    }
}

/// The place of a type, where an error about it belongs; the code is the derive's all the same, which lints see.
fn at(ty: &Type) -> Span {
    Span::call_site().located_at(ty.span())
}

fn key_type(record: &Record) -> TokenStream {
    let krate = &record.krate;
    let mut types = record.key.iter().map(|position| {
        let ty = &record.columns[*position].ty;
        quote_spanned!(at(ty)=> <#ty as #krate::record::FieldValue>::Plain)
    });
    match record.key.len() {
        1 => types.next().unwrap_or_default(),
        _ => quote!((#(#types),*)),
    }
}
