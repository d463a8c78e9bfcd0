//! The schema file: what people say of tables that the database cannot know.

mod access;
mod alone;
mod document;
mod entry;
mod error;
mod merge;
mod print;
mod server;
mod sign_in;

use self::access::AccessSettings;
pub use self::alone::SchemaAlone;
use self::document::Document;
pub use self::entry::ChildRows;
use self::entry::TableEntry;
pub(crate) use self::error::did_you_mean;
pub use self::error::{SchemaFileError, SchemaProblem};
pub use self::server::{MediaSettings, ServerSettings};
pub use self::sign_in::{
    CaptchaSettings, MailDelivery, MailSettings, Registration, SecondFactor, SignInSettings,
};

/// A schema file, `frontdesk.toml`, as it was read.
///
/// Its `[tables.*]` say what introspection cannot know, or make tables that are missing; [`merge`](Self::merge) puts the
/// two together. A key that is unknown is refused with its line and the nearest known key, and so is whatever makes no
/// sense, all in one go.
///
/// ```
/// use frontdesk_data::{Schema, SchemaFile};
/// use frontdesk_validate::Registry;
///
/// let file = SchemaFile::parse(
///     "frontdesk.toml",
///     r#"
///     [tables.thing]
///     create = true
///     readable = "{name} ({color})"
///
///     [tables.thing.fields.name]
///     type = "string"
///     requires = [{ rule = "is_length", minsize = 2, maxsize = 20 }]
///
///     [tables.thing.fields.color]
///     type = "string"
///     requires = { rule = "is_in_set", theset = ["red", "blue"] }
///     widget = "radio"
///     "#,
/// )
/// .unwrap();
/// let schema = file.merge(&Schema::default(), &Registry::standard()).unwrap();
/// assert_eq!(schema.get("thing").unwrap().fields.len(), 3); // the key, name and color
///
/// let error = SchemaFile::parse("frontdesk.toml", "[tables.thing]\nreadible = \"{name}\"").unwrap_err();
/// assert_eq!(error.to_string(), "frontdesk.toml:2: [tables.thing] unknown key `readible`; did you mean `readable`?");
/// ```
///
/// # The keys
///
/// Roles are `public`, `user`, `staff` and `admin`, each with the rights of those before it, `nobody`, and those that
/// `[access] roles` names. `[access] attributes` names what actors have besides `id`, and `[access] otherwise` who may do what
/// the file says nothing of: `admin`, by default.
///
/// | key of a table | |
/// |---|---|
/// | `create` | whether the table is made when it is missing; one that exists is never altered |
/// | `readable` | how a row is shown in one line, such as `"{name} ({color})"` |
/// | `label`, `comment` | what the table is called, a help text |
/// | `key` | the fields of the key, for a table that is made and for a view whose rows have one |
/// | `unique` | sets of fields that no two rows share, for a table that is made: `[["area", "number"]]` |
/// | `access` | who may `read`, `create`, `update` and `delete`: role names, one or a list; `rows`: which rows, as a [`RowFilter`](crate::RowFilter), or one for each action: `rows = { update = "row.owner == actor.id" }` |
/// | `children` | rows of other tables that are edited with a row: `[{ table = "item", by = "order_id", order_by = "position", rows = [1, 50] }]` |
/// | `fields` | the fields, by name |
///
/// | key of a field | |
/// |---|---|
/// | `type` | a [`FieldType`](crate::FieldType), such as `"string"` or `"reference person"` |
/// | `length`, `null`, `unique` | limits; a database that is stricter stays so |
/// | `default`, `update` | the value of a new row, and that which an update sets: a value, `{ now = true }` for the time in UTC, or for `default` also `{ database = "SQL" }` |
/// | `label`, `comment`, `placeholder`, `title` | texts of the input |
/// | `readable`, `writable`, `secret` | whether the value is shown, may be changed, is never sent back |
/// | `requires` | a rule, or a list of rules |
/// | `widget` | the name of a widget |
/// | `show_when`, `require_when`, `choices_when` | conditions on other fields |
/// | `access` | who may `read` and `write` the field: role names, one or a list |
/// | `live_check` | whether the value is checked while it is typed |
/// | `upload` | `{ max_bytes = …, max_files = …, max_pixels = …, strip_metadata = …, allowed_extensions = ["png"], allowed_characters = "…" }`; `"all"` takes all extensions, `""` all characters |
#[derive(Clone, Debug)]
pub struct SchemaFile {
    name: String,
    server: ServerSettings,
    sign_in: SignInSettings,
    mail: Option<MailSettings>,
    access: AccessSettings,
    tables: Vec<TableEntry>,
}

impl SchemaFile {
    /// Reads the text of a schema file; `name` is what errors call the file.
    ///
    /// # Errors
    /// [`SchemaFileError`] with all mistakes of syntax, or all unknown keys and values of a wrong kind.
    pub fn parse(name: &str, text: &str) -> Result<Self, SchemaFileError> {
        Document::read(name, text, |root| Self {
            name: name.to_owned(),
            server: root.section("server", ServerSettings::read).unwrap_or_default(),
            sign_in: root.section("sign_in", SignInSettings::read).unwrap_or_default(),
            mail: root.section("mail", MailSettings::read).flatten(),
            access: root.section("access", AccessSettings::read).unwrap_or_default(),
            tables: root.section("tables", |tables| tables.sections(TableEntry::read)).unwrap_or_default(),
        })
    }

    /// The `[server]` part.
    pub fn server(&self) -> &ServerSettings {
        &self.server
    }

    /// The `[sign_in]` part.
    ///
    /// ```
    /// use frontdesk_data::{Registration, SchemaFile};
    ///
    /// let file = SchemaFile::parse("frontdesk.toml", "[sign_in]\nregistration = 'open'\ncaptcha = 'proof_of_work'").unwrap();
    /// assert_eq!(file.sign_in().registration, Registration::Open);
    /// ```
    pub fn sign_in(&self) -> &SignInSettings {
        &self.sign_in
    }

    /// The `[mail]` part, where there is one.
    pub fn mail(&self) -> Option<&MailSettings> {
        self.mail.as_ref()
    }

    /// The names of the tables that the file speaks of, in its order.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|table| table.name.as_str())
    }

    /// The rows of other tables that are edited in the forms of a table's rows.
    ///
    /// ```
    /// use frontdesk_data::SchemaFile;
    ///
    /// let text = "[tables.invoice]\nchildren = [{ table = 'item', by = 'invoice_id', rows = [1, 50] }]";
    /// let file = SchemaFile::parse("frontdesk.toml", text).unwrap();
    /// assert_eq!(file.children("invoice")[0].rows, Some((1, 50)));
    /// ```
    pub fn children(&self, table: &str) -> &[ChildRows] {
        let entry = self.tables.iter().find(|entry| entry.name == table);
        entry.and_then(|entry| entry.children.as_ref()).map_or(&[], |at| &at.value)
    }

    /// The fields of a table that are to be checked while they are filled in.
    pub fn live_checks(&self, table: &str) -> impl Iterator<Item = &str> {
        let entry = self.tables.iter().find(|entry| entry.name == table);
        let fields = entry.into_iter().flat_map(|entry| &entry.fields);
        fields.filter(|field| field.live_check).map(|field| field.name.as_str())
    }
}

#[cfg(test)]
mod tests;
