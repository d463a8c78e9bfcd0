//! `upload(max_bytes = 5_000_000, any_content)`: how files are taken.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use super::{check_names, expr, flag};
use crate::mistakes::Mistakes;
use crate::syntax::{Args, Entries, Entry};

const VALUES: &[&str] = &[
    "max_bytes",
    "max_files",
    "max_pixels",
    "max_frames",
    "strip_metadata",
    "download_url",
    "allowed_extensions",
    "allowed_characters",
];
const FLAGS: &[&str] = &["any_content", "any_extension", "any_characters"];

/// The options, as an expression.
pub(super) fn options(entry: &Entry, krate: &Path, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let list = match &entry.args {
        Args::Value(options) => return Some(quote!(#options)),
        Args::List(list) => list.clone(),
        Args::None => {
            mistakes.add(entry.span(), "`upload` wants options: `upload(max_bytes = 5_000_000)`");
            return None;
        }
    };
    let Entries(entries) = syn::parse2(list).map_err(|mistake| mistakes.push(mistake)).ok()?;
    let known: Vec<&str> = VALUES.iter().chain(FLAGS).copied().collect();
    check_names(&entries, &known, &[], mistakes);
    let mut options = quote!(#krate::record::UploadOptions::default());
    for entry in &entries {
        let name = &entry.name;
        if FLAGS.iter().any(|flag| name == flag) {
            if flag(entry, mistakes) {
                options.extend(quote!(.#name()));
            }
        } else if VALUES.iter().any(|value| name == value) {
            let value = expr(entry, mistakes);
            options.extend(quote!(.#name(#value)));
        }
    }
    Some(options)
}
