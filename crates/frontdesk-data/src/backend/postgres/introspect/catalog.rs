//! What the catalogue says, in one question for all tables.
//!
//! Only what the databases that speak PostgreSQL's protocol have in common is asked for, and as text, so that no
//! statement is prepared.

use std::str::FromStr;

use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// The name of the role that asks.
    pub(super) role: String,
    pub(super) relations: Vec<Relation>,
    /// By relation, in their order.
    pub(super) columns: Vec<Column>,
    pub(super) types: Vec<Type>,
    /// The type of an enumeration, and one of its labels, in order.
    pub(super) labels: Vec<(u32, String)>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) indexes: Vec<Index>,
}

/// A table, view, or the like.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) name: String,
    /// `r` table, `p` partitioned table, `v` view, `m` materialised view, `f` foreign table.
    pub(super) kind: char,
    /// Whether it is in the schema that is looked in first.
    pub(super) is_first: bool,
    /// Whether other tables inherit from it, partitions not counted.
    pub(super) has_heirs: bool,
    pub(super) comment: Option<String>,
    /// What the role may do.
    pub(super) may: May,
    /// What the database can do with a view or a foreign table, in bits: 4 update, 8 insert, 16 delete.
    pub(super) able: u32,
    /// The SELECT of a view whose rows are those of one table.
    pub(super) definition: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct May {
    pub(super) select: bool,
    pub(super) insert: bool,
    pub(super) update: bool,
    pub(super) delete: bool,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) relation: u32,
    pub(super) number: i32,
    pub(super) name: String,
    pub(super) type_: u32,
    /// What stands in brackets behind the type, as the type encodes it; -1 for nothing.
    pub(super) modifier: i32,
    pub(super) dimensions: u32,
    /// The type as people write it.
    pub(super) native: String,
    pub(super) not_null: bool,
    /// GENERATED ALWAYS AS IDENTITY.
    pub(super) always_identity: bool,
    pub(super) by_default_identity: bool,
    pub(super) generated: bool,
    /// The expression of the default, or of the generated column.
    pub(super) default: Option<String>,
    /// Whether that takes a number of a sequence that the role may not use.
    pub(super) lacks_sequence: bool,
    pub(super) comment: Option<String>,
    pub(super) may: May,
    /// Whether the database can write it; it cannot for expressions of a view.
    pub(super) able: bool,
}

#[derive(Debug)]
pub(super) struct Type {
    pub(super) oid: u32,
    pub(super) is_builtin: bool,
    pub(super) name: String,
    /// `b` base, `d` domain, `e` enumeration, `r` range, `m` multirange.
    pub(super) kind: char,
    pub(super) is_array: bool,
    pub(super) element: u32,
    pub(super) base: u32,
    pub(super) modifier: i32,
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
    /// Whether values of it can be compared.
    pub(super) is_ordered: bool,
}

#[derive(Debug)]
pub(super) struct Constraint {
    pub(super) name: String,
    /// `p` primary key, `f` foreign key, `c` check.
    pub(super) kind: char,
    /// The table; 0 for a check of a domain.
    pub(super) relation: u32,
    pub(super) domain: u32,
    pub(super) columns: Vec<i32>,
    pub(super) target: u32,
    pub(super) target_columns: Vec<i32>,
    pub(super) expression: Option<String>,
}

/// A unique index.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) relation: u32,
    pub(super) name: String,
    /// 0 stands for an expression.
    pub(super) columns: Vec<i32>,
    /// Whether it holds for some rows alone.
    pub(super) is_partial: bool,
}

/// Which relations are described: those that people made, in schemas that the role may look into, but for partitions,
/// which are seen through the table that they are part of. `c` is the relation, `n` its schema.
const DESCRIBED: &str =
    "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND left(n.nspname, 3) <> 'pg_' AND n.nspname NOT IN ('information_schema', 'crdb_internal')
    AND has_schema_privilege(n.oid, 'USAGE')
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS e
        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

const RELATIONS: &str = "SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    n.nspname = coalesce(current_schema(), '') AS is_first,
    pg_catalog.obj_description(c.oid, 'pg_class') AS comment,
    EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS h ON h.oid = i.inhrelid
        WHERE i.inhparent = c.oid AND NOT h.relispartition) AS has_heirs,
    has_table_privilege(c.oid, 'SELECT') AS may_select, has_table_privilege(c.oid, 'INSERT') AS may_insert,
    has_table_privilege(c.oid, 'UPDATE') AS may_update, has_table_privilege(c.oid, 'DELETE') AS may_delete,
    CASE WHEN c.relkind IN ('v', 'f') THEN pg_catalog.pg_relation_is_updatable(c.oid::regclass, true) ELSE 28 END AS able,
    CASE WHEN c.relkind = 'v' AND pg_catalog.pg_relation_is_updatable(c.oid::regclass, false) & 28 = 28
        THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE {described} ORDER BY n.nspname, c.relname";

const COLUMNS: &str = "SELECT a.attrelid AS relation, a.attnum AS number, a.attname AS name, a.atttypid AS type,
    a.atttypmod AS modifier, a.attndims AS dimensions, pg_catalog.format_type(a.atttypid, a.atttypmod) AS native,
    a.attnotnull AS not_null, a.attidentity = 'a' AS always_identity, a.attidentity = 'd' AS by_default_identity,
    a.attgenerated <> '' AS generated, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default,
    EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS s JOIN pg_catalog.pg_class AS q ON q.oid = s.refobjid
        WHERE s.classid = 'pg_catalog.pg_attrdef'::regclass AND s.objid = d.oid
        AND s.refclassid = 'pg_catalog.pg_class'::regclass AND CASE WHEN q.relkind = 'S'
            THEN NOT has_sequence_privilege(q.oid, 'USAGE, UPDATE') ELSE false END) AS lacks_sequence,
    pg_catalog.col_description(a.attrelid, a.attnum) AS comment,
    has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS may_select,
    has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS may_insert,
    has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS may_update,
    CASE WHEN c.relkind = 'v' AND NOT c.relhastriggers
        THEN pg_catalog.pg_column_is_updatable(c.oid::regclass, a.attnum, true) ELSE true END AS able
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND {described} ORDER BY a.attrelid, a.attnum";

// 403 is the access method btree: what has an order by default.
const TYPES: &str =
    "SELECT t.oid, n.nspname = 'pg_catalog' AS is_builtin, t.typname AS name, t.typtype AS kind,
    t.typcategory = 'A' AS is_array, t.typelem AS element, t.typbasetype AS base, t.typtypmod AS modifier,
    t.typnotnull AS not_null, pg_catalog.pg_get_expr(t.typdefaultbin, 0) AS default,
    t.typtype IN ('e', 'r', 'm') OR EXISTS (SELECT 1 FROM pg_catalog.pg_opclass AS o
        WHERE o.opcmethod = 403 AND o.opcdefault AND o.opcintype = t.oid) AS is_ordered
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type AS e
        WHERE e.oid = t.typelem AND e.typtype IN ('c', 'p'))";

const LABELS: &str =
    "SELECT enumtypid AS type, enumlabel AS label FROM pg_catalog.pg_enum ORDER BY enumtypid, enumsortorder";

const CONSTRAINTS: &str =
    "SELECT k.conname AS name, k.contype AS kind, k.conrelid AS relation, k.contypid AS domain,
    pg_catalog.array_to_string(k.conkey, ' ') AS columns, k.confrelid AS target,
    pg_catalog.array_to_string(k.confkey, ' ') AS target_columns,
    CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END AS expression
    FROM pg_catalog.pg_constraint AS k
    WHERE k.contype IN ('p', 'f', 'c') AND k.conparentid = 0 AND (k.contypid <> 0 OR k.conrelid IN (
        SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {described}))
    ORDER BY k.oid";

const INDEXES: &str = "SELECT i.indrelid AS relation, x.relname AS name, i.indkey::text AS columns,
    i.indnkeyatts AS keys, i.indpred IS NOT NULL AS is_partial
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE i.indisunique AND NOT i.indisprimary AND i.indisvalid AND {described} ORDER BY i.indexrelid";

/// Asks all of it in one go.
///
/// # Errors
/// Those of the database.
pub(super) async fn read(client: &Client) -> Result<Catalog, Error> {
    let questions = [RELATIONS, COLUMNS, TYPES, LABELS, CONSTRAINTS, INDEXES, "SELECT current_user AS role"];
    let sql = questions.join(";\n").replace("{described}", DESCRIBED);
    let mut catalog = Catalog::default();
    let mut at = 0;
    for message in client.simple_query(&sql).await? {
        match message {
            SimpleQueryMessage::Row(row) => catalog.take(at, &Answer(&row)),
            SimpleQueryMessage::CommandComplete(_) => at += 1,
            _ => {}
        }
    }
    Ok(catalog)
}

/// A row of texts.
struct Answer<'a>(&'a SimpleQueryRow);

impl Answer<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.try_get(name).ok().flatten()
    }

    fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    fn optional(&self, name: &str) -> Option<String> {
        self.get(name).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn number<T: FromStr + Default>(&self, name: &str) -> T {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("t")
    }

    fn letter(&self, name: &str) -> char {
        self.get(name).and_then(|text| text.chars().next()).unwrap_or_default()
    }

    fn numbers(&self, name: &str) -> Vec<i32> {
        self.get(name).unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect()
    }

    fn may(&self) -> May {
        May {
            select: self.flag("may_select"),
            insert: self.flag("may_insert"),
            update: self.flag("may_update"),
            delete: self.flag("may_delete"),
        }
    }
}

impl Catalog {
    /// Takes a row of the answer to one of the questions.
    fn take(&mut self, question: usize, row: &Answer<'_>) {
        match question {
            0 => self.relations.push(Relation {
                oid: row.number("oid"),
                schema: row.text("schema"),
                name: row.text("name"),
                kind: row.letter("kind"),
                is_first: row.flag("is_first"),
                has_heirs: row.flag("has_heirs"),
                comment: row.optional("comment"),
                may: row.may(),
                able: row.number("able"),
                definition: row.optional("definition"),
            }),
            1 => self.columns.push(Column {
                relation: row.number("relation"),
                number: row.number("number"),
                name: row.text("name"),
                type_: row.number("type"),
                modifier: row.number("modifier"),
                dimensions: row.number("dimensions"),
                native: row.text("native"),
                not_null: row.flag("not_null"),
                always_identity: row.flag("always_identity"),
                by_default_identity: row.flag("by_default_identity"),
                generated: row.flag("generated"),
                default: row.optional("default"),
                lacks_sequence: row.flag("lacks_sequence"),
                comment: row.optional("comment"),
                may: row.may(),
                able: row.flag("able"),
            }),
            2 => self.types.push(Type {
                oid: row.number("oid"),
                is_builtin: row.flag("is_builtin"),
                name: row.text("name"),
                kind: row.letter("kind"),
                is_array: row.flag("is_array"),
                element: row.number("element"),
                base: row.number("base"),
                modifier: row.number("modifier"),
                not_null: row.flag("not_null"),
                default: row.optional("default"),
                is_ordered: row.flag("is_ordered"),
            }),
            3 => self.labels.push((row.number("type"), row.text("label"))),
            4 => self.constraints.push(Constraint {
                name: row.text("name"),
                kind: row.letter("kind"),
                relation: row.number("relation"),
                domain: row.number("domain"),
                columns: row.numbers("columns"),
                target: row.number("target"),
                target_columns: row.numbers("target_columns"),
                expression: row.optional("expression"),
            }),
            5 => {
                let mut columns = row.numbers("columns");
                columns.truncate(row.number("keys"));
                self.indexes.push(Index {
                    relation: row.number("relation"),
                    name: row.text("name"),
                    columns,
                    is_partial: row.flag("is_partial"),
                });
            }
            _ => self.role = row.text("role"),
        }
    }
}
