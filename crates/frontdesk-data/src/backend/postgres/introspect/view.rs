//! Views whose rows are those of one table: they have its key, and what holds for its columns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::catalog::{Catalog, Relation};
use crate::check::token::{Token, tokens};
use crate::{DefaultValue, Field, ForeignKey, Table, Unique};

/// How many views of views are followed.
const MOST_STEPS: usize = 16;

/// Fills in what the views take from the tables behind them. `tables` are those of the catalogue's relations.
pub(super) fn resolve(catalog: &Catalog, tables: &mut [Table]) {
    let shown: Vec<Option<Shown>> = (catalog.relations.iter())
        .map(|view| Shown::of(view.definition.as_deref()?, view, &catalog.relations))
        .collect();
    for index in 0..tables.len() {
        // Those that a view stands on come first.
        let mut chain = vec![index];
        while let Some(Some(shown)) = chain.last().map(|&last| &shown[last])
            && chain.len() < MOST_STEPS
            && !chain.contains(&shown.base)
        {
            chain.push(shown.base);
        }
        for pair in chain.windows(2).rev() {
            if let Some(shown) = &shown[pair[0]] {
                let base = tables[shown.base].clone();
                take_over(&mut tables[pair[0]], &base, &shown.columns);
            }
        }
    }
}

/// What a view shows of one table.
struct Shown {
    /// Which relation it is.
    base: usize,
    /// The view's columns by those of the table.
    columns: HashMap<String, String>,
}

impl Shown {
    /// Reads `SELECT t.a, t.b AS c FROM s.t …` as PostgreSQL writes it.
    fn of(definition: &str, view: &Relation, relations: &[Relation]) -> Option<Self> {
        let all = tokens(definition);
        let (select, rest) = all.split_first()?;
        if !select.is_word("SELECT") {
            return None;
        }
        let mut depth = 0i32;
        let from = rest.iter().position(|token| {
            depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
            depth == 0 && token.is_word("FROM")
        })?;
        let (items, source) = (&rest[..from], &rest[from + 1..]);
        let base = match source {
            [schema, dot, name, ..] if dot.is_sign(".") => relations
                .iter()
                .position(|relation| *relation.schema == *schema.text && *relation.name == *name.text)?,
            // Without a schema it is on the search path: the first, or another that has no such name before it.
            [name, ..] => {
                let named = || relations.iter().enumerate().filter(|(_, known)| *known.name == *name.text);
                let first = named().find(|(_, known)| known.is_first);
                match (first, named().count()) {
                    (Some((index, _)), _) => index,
                    (None, 1) => named().next()?.0,
                    _ => return None,
                }
            }
            [] => return None,
        };
        if relations[base].oid == view.oid {
            return None;
        }
        let mut columns = HashMap::new();
        for item in split(items) {
            if let Some((column, shown)) = plain(item) {
                columns.entry(column).or_insert(shown);
            }
        }
        Some(Self { base, columns })
    }
}

/// Splits at commas outside brackets.
fn split<'t, 's>(tokens: &'t [Token<'s>]) -> Vec<&'t [Token<'s>]> {
    let mut items = Vec::new();
    let (mut depth, mut from) = (0i32, 0);
    for (index, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && token.is_sign(",") {
            items.push(&tokens[from..index]);
            from = index + 1;
        }
    }
    items.push(&tokens[from..]);
    items
}

/// The column, and what the view calls it: `a`, `t.a`, either with `AS b`.
fn plain(item: &[Token<'_>]) -> Option<(String, String)> {
    let (column, rest) = match item {
        [table, dot, column, rest @ ..] if table.is_name() && dot.is_sign(".") && column.is_name() => {
            (column, rest)
        }
        [column, rest @ ..] if column.is_name() => (column, rest),
        _ => return None,
    };
    let shown = match rest {
        [] => column,
        [word, shown] if word.is_word("AS") && shown.is_name() => shown,
        _ => return None,
    };
    Some((column.text.clone().into_owned(), shown.text.clone().into_owned()))
}

fn take_over(view: &mut Table, base: &Table, columns: &HashMap<String, String>) {
    let renamed = |names: &[Arc<str>], view: &Table| -> Option<Vec<Arc<str>>> {
        let shown = |name: &Arc<str>| view.get(columns.get(&**name)?).map(|field| Arc::clone(&field.name));
        names.iter().map(shown).collect()
    };
    for known in &base.fields {
        let Some(field) = columns.get(&*known.name).and_then(|name| view.get_mut(name)) else { continue };
        if field.native == known.native {
            take_field(field, known);
        }
    }
    if view.key.is_empty() {
        view.key = renamed(&base.key, view).filter(|_| base.has_key()).unwrap_or_default();
    }
    for unique in &base.uniques {
        if let Some(fields) = renamed(&unique.fields, view) {
            view.uniques.push(Unique { name: unique.name.clone(), fields });
        }
    }
    for key in &base.foreign_keys {
        if let Some(fields) = renamed(&key.fields, view) {
            view.foreign_keys.push(ForeignKey { fields, ..key.clone() });
        }
    }
}

fn take_field(field: &mut Field, base: &Field) {
    field.kind = base.kind.clone();
    field.length = base.length;
    field.null = base.null;
    field.unique = base.unique;
    field.generated = base.generated;
    field.one_of.clone_from(&base.one_of);
    field.writable = field.writable && base.writable;
    if matches!(field.default, DefaultValue::None) {
        field.default = base.default.clone();
    }
    if field.comment.is_none() {
        field.comment.clone_from(&base.comment);
    }
    if field.name == base.name {
        field.label = Cow::clone(&base.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(definition: &str) -> Vec<(String, String)> {
        let all = tokens(definition);
        split(&all).into_iter().filter_map(plain).collect()
    }

    #[test]
    fn only_plain_columns_stand_for_columns() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            columns(
                "t.a, b, t.c AS \"C d\", upper(t.e) AS e, (t.f + 1) AS f, 'x'::text AS g, t.h::text AS h"
            ),
            [pair("a", "a"), pair("b", "b"), pair("c", "C d")]
        );
    }
}
