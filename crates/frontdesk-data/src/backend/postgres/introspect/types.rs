//! Which field type a column's type is.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_validate::Value;

use super::catalog::{Catalog, Type};
use crate::FieldType;

/// The types of a database.
pub(super) struct Types<'c> {
    by_oid: HashMap<u32, &'c Type>,
    labels: HashMap<u32, Vec<&'c str>>,
}

/// What a field takes from the type of its column.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) kind: FieldType,
    pub(super) length: Option<u32>,
    /// Whether the field type does not say it all: the values are read and written as text.
    pub(super) is_native: bool,
    /// Whether values of it can be compared.
    pub(super) is_ordered: bool,
    /// The labels of an enumeration.
    pub(super) choices: Option<Arc<[Value]>>,
    /// The domains that it goes through, the outermost first.
    pub(super) domains: Vec<u32>,
    /// What a domain says of NULL, and of a value that is not given.
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
}

impl Kind {
    fn new(kind: FieldType) -> Self {
        Self {
            kind,
            length: None,
            is_native: false,
            is_ordered: true,
            choices: None,
            domains: Vec::new(),
            not_null: false,
            default: None,
        }
    }

    fn native(kind: FieldType, is_ordered: bool) -> Self {
        Self { is_native: true, is_ordered, ..Self::new(kind) }
    }
}

/// How deep domains of domains and arrays are followed.
const MOST_STEPS: usize = 32;

impl<'c> Types<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Self {
        let mut labels: HashMap<u32, Vec<&'c str>> = HashMap::new();
        for (oid, label) in &catalog.labels {
            labels.entry(*oid).or_default().push(label);
        }
        Self { by_oid: catalog.types.iter().map(|kind| (kind.oid, kind)).collect(), labels }
    }

    /// What a column of that type is; `modifier` is what stands in brackets behind the type.
    pub(super) fn of(&self, oid: u32, modifier: i32, dimensions: u32) -> Kind {
        let (mut oid, mut modifier) = (oid, modifier);
        let (mut domains, mut not_null, mut default) = (Vec::new(), false, None);
        while let Some(domain) = self.by_oid.get(&oid).filter(|known| known.kind == 'd')
            && domains.len() < MOST_STEPS
        {
            domains.push(oid);
            not_null |= domain.not_null;
            default = default.or_else(|| domain.default.clone());
            (oid, modifier) = (domain.base, domain.modifier);
        }
        Kind { domains, not_null, default, ..self.undomained(oid, modifier, dimensions) }
    }

    fn undomained(&self, oid: u32, modifier: i32, dimensions: u32) -> Kind {
        let Some(found) = self.by_oid.get(&oid) else {
            // A composite type, or what only another kind of server knows.
            return Kind::native(FieldType::Text, false);
        };
        if found.kind == 'e' {
            let labels = self.labels.get(&oid).map(Vec::as_slice).unwrap_or_default();
            return Kind {
                choices: Some(labels.iter().map(|&label| Value::from(label)).collect()),
                ..Kind::native(FieldType::String, true)
            };
        }
        if found.is_array {
            let element = self.by_oid.get(&found.element).filter(|element| element.is_builtin);
            let list = match element.map(|element| &*element.name) {
                Some("text" | "varchar") => Some(FieldType::ListString),
                Some("int2" | "int4" | "int8") => Some(FieldType::ListInteger),
                _ => None,
            };
            return match list {
                Some(list) if dimensions <= 1 && found.name.starts_with('_') => Kind::new(list),
                _ => Kind::native(FieldType::Text, self.is_ordered(oid)),
            };
        }
        if !found.is_builtin {
            let kind = if matches!(&*found.name, "hstore" | "geometry" | "geography") {
                FieldType::Text
            } else {
                FieldType::String
            };
            return Kind::native(kind, self.is_ordered(oid));
        }
        self.builtin(found, modifier)
    }

    fn builtin(&self, found: &Type, modifier: i32) -> Kind {
        // PostgreSQL counts four bytes of its own with the length.
        let length = u32::try_from(modifier - 4).ok().filter(|_| modifier > 4);
        match &*found.name {
            "bool" => Kind::new(FieldType::Boolean),
            "int2" | "int4" => Kind::new(FieldType::Integer),
            "int8" => Kind::new(FieldType::BigInt),
            "float4" | "float8" => Kind::new(FieldType::Double),
            "numeric" => match decimal(modifier) {
                Some(kind) => Kind::new(kind),
                // Of any number of digits, or of more than a field type tells.
                None => Kind::native(FieldType::String, true),
            },
            "text" => Kind::new(FieldType::Text),
            "varchar" | "bpchar" => Kind { length, ..Kind::new(FieldType::String) },
            "name" => Kind { length: Some(63), ..Kind::new(FieldType::String) },
            "date" => Kind::new(FieldType::Date),
            "time" => Kind::new(FieldType::Time),
            "timestamp" => Kind::new(FieldType::DateTime),
            "timestamptz" => Kind::new(FieldType::Instant),
            "jsonb" => Kind::new(FieldType::Json),
            "json" => Kind::native(FieldType::Json, false),
            "uuid" => Kind::new(FieldType::Uuid),
            "bytea" => Kind::new(FieldType::Blob),
            "xml" | "tsvector" | "polygon" | "path" => {
                Kind::native(FieldType::Text, self.is_ordered(found.oid))
            }
            _ => Kind::native(FieldType::String, self.is_ordered(found.oid)),
        }
    }

    /// Whether values can be compared: an array can where its elements can.
    fn is_ordered(&self, oid: u32) -> bool {
        let mut oid = oid;
        for _ in 0..MOST_STEPS {
            match self.by_oid.get(&oid) {
                Some(array) if array.is_array => oid = array.element,
                Some(domain) if domain.kind == 'd' => oid = domain.base,
                Some(other) => {
                    // These are compared as the type that they are stored as.
                    return other.is_ordered
                        || other.is_builtin && matches!(&*other.name, "varchar" | "cidr");
                }
                None => return false,
            }
        }
        false
    }
}

/// `numeric(p,s)` by its modifier: eleven bits of scale, which may be negative, below the precision.
fn decimal(modifier: i32) -> Option<FieldType> {
    let bits = u32::try_from(modifier.checked_sub(4)?).ok()?;
    let precision = u8::try_from(bits >> 16).ok()?;
    let scale = u8::try_from(bits & 0x7ff).ok()?;
    (precision > 0 && scale <= precision).then_some(FieldType::Decimal { precision, scale })
}
