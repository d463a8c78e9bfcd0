use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, Index, Path};

use super::described;
use crate::model::{Choice, Shape, Value, Wrapper};

pub(crate) fn emit(value: Value) -> TokenStream {
    let Value { krate, ident, shape } = value;
    let implementation = match shape {
        Shape::Choices(choices) => of_choices(&krate, &ident, &choices),
        Shape::Wrapper(wrapper) => of_wrapper(&krate, &ident, &wrapper),
    };
    quote! {
        #implementation

        #[automatically_derived]
        impl ::core::convert::From<#ident> for #krate::record::Value {
            fn from(value: #ident) -> Self {
                #krate::record::FieldValue::to_value(&value)
            }
        }
    }
}

fn of_choices(krate: &Path, ident: &Ident, choices: &[Choice]) -> TokenStream {
    let variants: Vec<_> = choices.iter().map(|choice| &choice.ident).collect();
    let values: Vec<_> = choices.iter().map(|choice| &choice.value).collect();
    let labels = choices.iter().map(|choice| &choice.label);
    let expected =
        format!("one of {}", values.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", "));
    let set = quote!(#krate::record::IsInSet::pairs([#((#values, #labels)),*]));
    quote! {
        #[automatically_derived]
        impl #krate::record::FieldValue for #ident {
            type Plain = Self;

            fn field_type() -> #krate::record::FieldType {
                #krate::record::FieldType::String
            }

            fn describe(field: #krate::record::Field) -> #krate::record::Field {
                field.requires(#set)
            }

            fn from_value(
                value: &#krate::record::Value,
            ) -> ::core::result::Result<Self, #krate::record::Expected> {
                match value.as_str() {
                    #(::core::option::Option::Some(#values) => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(#krate::record::Expected::new(#expected)),
                }
            }

            fn to_value(&self) -> #krate::record::Value {
                #krate::record::Value::from(match self {
                    #(Self::#variants => #values,)*
                })
            }
        }

        #[automatically_derived]
        impl #krate::record::ListItem for #ident {
            fn list_type() -> #krate::record::FieldType {
                #krate::record::FieldType::ListString
            }

            fn describe_list(field: #krate::record::Field) -> #krate::record::Field {
                field.requires(#set.multiple(..))
            }
        }
    }
}

fn of_wrapper(krate: &Path, ident: &Ident, wrapper: &Wrapper) -> TokenStream {
    let Wrapper { ty, ident: name, setters, widget } = wrapper;
    let (member, made) = match name {
        Some(name) => (quote!(#name), quote!(|inner| Self { #name: inner })),
        None => {
            let zero = Index { index: 0, span: Span::call_site() };
            (quote!(#zero), quote!(Self))
        }
    };
    let field = described(
        quote!(<#ty as #krate::record::FieldValue>::describe(field)),
        setters,
        widget.as_ref(),
        krate,
    );
    quote! {
        #[automatically_derived]
        impl #krate::record::FieldValue for #ident {
            type Plain = Self;

            const NULL: bool = <#ty as #krate::record::FieldValue>::NULL;

            fn field_type() -> #krate::record::FieldType {
                <#ty as #krate::record::FieldValue>::field_type()
            }

            fn describe(field: #krate::record::Field) -> #krate::record::Field {
                #field
            }

            fn from_value(
                value: &#krate::record::Value,
            ) -> ::core::result::Result<Self, #krate::record::Expected> {
                <#ty as #krate::record::FieldValue>::from_value(value).map(#made)
            }

            fn to_value(&self) -> #krate::record::Value {
                #krate::record::FieldValue::to_value(&self.#member)
            }
        }
    }
}
