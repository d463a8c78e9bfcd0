//! The types of fields by their names as data: `decimal(10,2)`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{LitStr, Path};

use crate::mistakes::Mistakes;
use crate::names::did_you_mean;

/// The names without parameters, and the variants of `FieldType`.
const PLAIN: &[(&str, &str)] = &[
    ("id", "Id"),
    ("string", "String"),
    ("text", "Text"),
    ("integer", "Integer"),
    ("bigint", "BigInt"),
    ("double", "Double"),
    ("boolean", "Boolean"),
    ("date", "Date"),
    ("time", "Time"),
    ("datetime", "DateTime"),
    ("instant", "Instant"),
    ("json", "Json"),
    ("uuid", "Uuid"),
    ("blob", "Blob"),
    ("password", "Password"),
    ("upload", "Upload"),
    ("list:string", "ListString"),
    ("list:integer", "ListInteger"),
    ("list:upload", "ListUpload"),
];

/// The variant of `FieldType` that `text` names.
pub(super) fn field_type(text: &LitStr, krate: &Path, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let name = text.value();
    let name = name.trim();
    if let Some((_, variant)) = PLAIN.iter().find(|(known, _)| *known == name) {
        let variant = syn::Ident::new(variant, text.span());
        return Some(quote!(#krate::record::FieldType::#variant));
    }
    let table = |prefix: &str| name.strip_prefix(prefix).map(str::trim).filter(|table| !table.is_empty());
    if let Some(table) = table("reference ") {
        return Some(quote!(#krate::record::FieldType::Reference { table: #table.into() }));
    }
    if let Some(table) = table("list:reference ") {
        return Some(quote!(#krate::record::FieldType::ListReference { table: #table.into() }));
    }
    if let Some((precision, scale)) = decimal(name) {
        return Some(quote!(#krate::record::FieldType::Decimal { precision: #precision, scale: #scale }));
    }
    let meant = did_you_mean(name, PLAIN.iter().map(|(known, _)| *known));
    mistakes.add(
        text.span(),
        format!(
            "there is no field type `{name}`{meant}; besides plain ones there are `decimal(10,2)`, `reference TABLE` \
             and `list:reference TABLE`"
        ),
    );
    None
}

fn decimal(name: &str) -> Option<(u8, u8)> {
    let (precision, scale) = name.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    (scale <= precision).then_some((precision, scale))
}
