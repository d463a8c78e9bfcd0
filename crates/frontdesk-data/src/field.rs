use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

use frontdesk_html::Node;
use frontdesk_validate::{Condition, Context, Rules, ValidationError, Value, civil};
use jiff::tz::{Offset, TimeZone};

use crate::{ChoicesWhen, FieldType, Row, Values};

/// A column of a table, or an input of a form that has no table.
///
/// A field is built by setters and read through its public members of the same names.
///
/// ```
/// use frontdesk_data::{Field, Value};
/// use frontdesk_validate::IsLength;
///
/// let field = Field::string("name").label("Full name").requires(IsLength::max(15).min(2));
/// assert_eq!(&*field.label, "Full name");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Field {
    /// The column's name.
    pub name: Arc<str>,
    /// The type. As data: `type`.
    pub kind: FieldType,
    /// The largest number of characters of a text. Default: 512 for [`FieldType::String`], none otherwise.
    pub length: Option<u32>,
    /// Whether NULL may be stored. Default: yes.
    pub null: bool,
    /// The value of a new row that gives none.
    pub default: DefaultValue,
    /// Whether no two rows may hold the same value. Default: no.
    pub unique: bool,
    /// The label. Default: the name in words (`first_name` is "First Name").
    pub label: Cow<'static, str>,
    /// A help text below the input.
    pub comment: Option<Cow<'static, str>>,
    /// The time zone, by its name (`Europe/Berlin`), in which people read and type a date and time that is stored in
    /// UTC. Default: none, which is UTC for a [`FieldType::Instant`] and no zone at all for others.
    pub zone: Option<Arc<str>>,
    /// What an empty input shows.
    pub placeholder: Option<Cow<'static, str>>,
    /// The tooltip of the input.
    pub title: Option<Cow<'static, str>>,
    /// Whether the value is shown. Default: yes.
    pub readable: bool,
    /// Whether the value may be changed through forms. Default: yes; no for keys that the database assigns, generated
    /// and computed columns.
    pub writable: bool,
    /// The rules. `None` means those that follow from type, length and constraints.
    pub requires: Option<Rules>,
    /// The widget. `None` means the one that follows from type and rules.
    pub widget: Option<WidgetChoice>,
    /// How the value is shown where it is not edited.
    pub represent: Option<Represent>,
    /// What becomes of a value between the rules and the database.
    pub filter_in: Option<FilterIn>,
    /// Works the value out of the others at each write.
    pub compute: Option<Compute>,
    /// The value that an update sets where it gives none, such as the time of the last change.
    pub update: DefaultValue,
    /// How files are taken, for [`FieldType::Upload`].
    pub upload: UploadOptions,
    /// Whether the value is secret: never shown, logged, or sent back. Default: only for [`FieldType::Password`].
    pub secret: bool,
    /// Whether the database computes the value (a generated column).
    pub generated: bool,
    /// The database's own name of the column's type, where [`kind`](Self::kind) does not say it all: `inet`, `mood`,
    /// `int4range`. Such values are read and written as the database writes them as text. Introspection sets it.
    pub native: Option<Arc<str>>,
    /// Whether the database can neither compare nor sort values of the native type, so that their texts are.
    pub(crate) compared_as_text: bool,
    /// The values that its type has, if it is an enumeration of the database.
    pub(crate) one_of: Option<Arc<[Value]>>,
    /// While which condition the field is shown. `None`: always.
    pub show_when: Option<Condition>,
    /// While which condition a value is asked for, besides what the rules say.
    pub require_when: Option<Condition>,
    /// Which choices there are while which conditions hold.
    pub choices_when: Vec<ChoicesWhen>,
}

impl Field {
    /// A field of the given type.
    pub fn new(name: impl Into<Arc<str>>, kind: FieldType) -> Self {
        let name = name.into();
        Self {
            label: Cow::Owned(label_of(&name)),
            length: (kind == FieldType::String).then_some(512),
            null: kind != FieldType::Id,
            default: DefaultValue::None,
            unique: false,
            comment: None,
            zone: None,
            placeholder: None,
            title: None,
            readable: true,
            writable: kind != FieldType::Id,
            requires: None,
            widget: None,
            represent: None,
            filter_in: None,
            compute: None,
            update: DefaultValue::None,
            upload: UploadOptions::default(),
            secret: kind == FieldType::Password,
            generated: false,
            native: None,
            compared_as_text: false,
            one_of: None,
            show_when: None,
            require_when: None,
            choices_when: Vec::new(),
            name,
            kind,
        }
    }

    /// A text of one line.
    pub fn string(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::String)
    }

    /// A text of many lines.
    pub fn text(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Text)
    }

    /// A whole number.
    pub fn integer(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Integer)
    }

    /// A floating-point number.
    pub fn double(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Double)
    }

    /// True or false.
    pub fn boolean(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Boolean)
    }

    /// A date.
    pub fn date(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Date)
    }

    /// A date and a time.
    pub fn datetime(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::DateTime)
    }

    /// A point in time, stored in UTC; see [`zone`](Self::zone).
    ///
    /// ```
    /// use frontdesk_data::Field;
    ///
    /// let starts = Field::instant("starts").zone("Europe/Berlin");
    /// assert_eq!(starts.kind.to_string(), "instant");
    /// ```
    pub fn instant(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Instant)
    }

    /// A password: hashed before it is stored, never shown.
    pub fn password(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Password)
    }

    /// A file.
    pub fn upload(name: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Upload)
    }

    /// The key of a row of `table`.
    pub fn reference(name: impl Into<Arc<str>>, table: impl Into<Arc<str>>) -> Self {
        Self::new(name, FieldType::Reference { table: table.into() })
    }

    /// Sets the largest number of characters.
    #[must_use]
    pub fn length(mut self, characters: u32) -> Self {
        self.length = Some(characters);
        self
    }

    /// Refuses NULL.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.null = false;
        self
    }

    /// Sets the value of a new row that gives none.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = DefaultValue::Value(value.into());
        self
    }

    /// Sets a closure for the value of a new row that gives none, called for each row.
    #[must_use]
    pub fn default_with(mut self, value: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        self.default = DefaultValue::With(Arc::new(value));
        self
    }

    /// Leaves the value of a new row that gives none to the database, which works it out from an SQL expression.
    #[must_use]
    pub fn default_sql(mut self, expression: impl Into<String>) -> Self {
        self.default = DefaultValue::Database(expression.into());
        self
    }

    /// Says that the database computes the value: it is shown, and never written.
    #[must_use]
    pub fn generated(mut self) -> Self {
        self.generated = true;
        self.writable = false;
        self
    }

    /// Lets no two rows hold the same value.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Sets the time zone in which people read and type the date and time, by its name such as `Europe/Berlin`. Stored is
    /// UTC. A name that the system does not know is an error when the table is [defined](crate::Db::define).
    #[must_use]
    pub fn zone(mut self, name: impl Into<Arc<str>>) -> Self {
        self.zone = Some(name.into());
        self
    }

    /// Sets the database's own name of the column's type, where the field's type does not say it all: `inet`, `mood`. Values
    /// are read and written as the database writes them as text.
    #[must_use]
    pub fn native(mut self, name: impl Into<Arc<str>>) -> Self {
        self.native = Some(name.into());
        self
    }

    /// Sets the label.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the help text.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<Cow<'static, str>>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Sets what an empty input shows.
    #[must_use]
    pub fn placeholder(mut self, placeholder: impl Into<Cow<'static, str>>) -> Self {
        self.placeholder = Some(placeholder.into());
        self
    }

    /// Sets the tooltip.
    #[must_use]
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says whether the value is shown.
    #[must_use]
    pub fn readable(mut self, readable: bool) -> Self {
        self.readable = readable;
        self
    }

    /// Says whether the value may be changed through forms.
    #[must_use]
    pub fn writable(mut self, writable: bool) -> Self {
        self.writable = writable;
        self
    }

    /// Sets the rules: one, or a [`Rules::list`].
    #[must_use]
    pub fn requires(mut self, rules: impl Into<Rules>) -> Self {
        self.requires = Some(rules.into());
        self
    }

    /// Chooses the widget by its name: `radio`, `textarea`, `select`, … Widgets of your own are set by
    /// `frontdesk_forms::FieldWidget`.
    #[must_use]
    pub fn widget(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.widget = Some(WidgetChoice::Named(name.into()));
        self
    }

    /// Sets how the value is shown where it is not edited.
    #[must_use]
    pub fn represent(
        mut self,
        represent: impl Fn(&Value, Option<&Row>) -> Node + Send + Sync + 'static,
    ) -> Self {
        self.represent = Some(Represent(Arc::new(represent)));
        self
    }

    /// Sets what becomes of a value between the rules and the database.
    #[must_use]
    pub fn filter_in(mut self, filter: impl Fn(Value) -> Value + Send + Sync + 'static) -> Self {
        self.filter_in = Some(FilterIn(Arc::new(filter)));
        self
    }

    /// Works the value out of the others at each write. The field is then not writable through forms.
    #[must_use]
    pub fn compute(mut self, compute: impl Fn(&Values) -> Value + Send + Sync + 'static) -> Self {
        self.compute = Some(Compute(Arc::new(compute)));
        self.writable = false;
        self
    }

    /// Sets the value that an update sets where it gives none.
    #[must_use]
    pub fn update(mut self, value: impl Into<Value>) -> Self {
        self.update = DefaultValue::Value(value.into());
        self
    }

    /// As [`update`](Self::update), worked out at each update.
    #[must_use]
    pub fn update_with(mut self, value: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        self.update = DefaultValue::With(Arc::new(value));
        self
    }

    /// Sets how files are taken.
    #[must_use]
    pub fn upload_options(mut self, options: UploadOptions) -> Self {
        self.upload = options;
        self
    }

    /// Sets the address at which a stored file is served, by its key; the rest of [`Self::upload_options`] is kept.
    ///
    /// ```
    /// use frontdesk_data::Field;
    ///
    /// let image = Field::upload("image").download_url(|key| format!("/download/{key}"));
    /// ```
    #[must_use]
    pub fn download_url(mut self, url: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.upload = self.upload.download_url(url);
        self
    }

    /// Hides the value everywhere.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The rules that apply: those that were set, or none. A field of a defined table has always some, since defining
    /// it puts in what follows from type and constraints.
    pub fn rules(&self) -> &Rules {
        static NONE: Rules = Rules::none();
        self.requires.as_ref().unwrap_or(&NONE)
    }

    /// Checks a value by the field's rules, without any form.
    ///
    /// # Errors
    /// That of the first rule that refuses.
    ///
    /// ```
    /// use frontdesk_data::Field;
    /// use frontdesk_validate::IsLength;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let name = Field::string("name").requires(IsLength::max(3));
    /// assert!(name.validate("Ada").await.is_ok());
    /// assert!(name.validate("Grace").await.is_err());
    /// # });
    /// ```
    pub async fn validate(&self, value: impl Into<Value>) -> Result<Value, ValidationError> {
        self.rules().validate(value.into(), Context::empty()).await
    }

    /// How `value` reads for people: by `represent`, or as text; bytes are counted. A secret shows nothing.
    pub fn represented(&self, value: &Value, row: Option<&Row>) -> Node {
        match &self.represent {
            _ if self.secret => Node::from(""),
            Some(represent) => (represent.0)(value, row),
            None => match value {
                Value::Bytes(bytes) => Node::from(format!("{} bytes", bytes.len())),
                Value::DateTime(at) if self.kind == FieldType::Instant || self.zone.is_some() => {
                    Node::from(self.local_text(*at))
                }
                other => Node::from(other.to_text().into_owned()),
            },
        }
    }
}

impl Field {
    /// A date and time in UTC as people of the field's zone write it, with its offset from UTC.
    fn local_text(&self, utc: civil::DateTime) -> String {
        let zone = self.zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        let Ok(at) = Offset::UTC.to_timestamp(utc) else { return Value::DateTime(utc).into_text() };
        let (local, offset) = (zone.to_datetime(at), zone.to_offset(at));
        let text = Value::DateTime(local).into_text();
        if offset == Offset::UTC { format!("{text} UTC") } else { format!("{text} {offset}") }
    }
}

/// A name in words: `first_name` and `FirstName` are "First Name".
fn label_of(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for letter in name.chars() {
        let letter = if letter == '_' || letter == '-' { ' ' } else { letter };
        if letter.is_uppercase() && before.is_lowercase() {
            label.push(' ');
            label.push(letter);
        } else if before == ' ' {
            label.extend(letter.to_uppercase());
        } else {
            label.push(letter);
        }
        before = letter;
    }
    label.trim().to_owned()
}

/// A value that is used where none is given.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum DefaultValue {
    /// No default.
    #[default]
    None,
    /// This value.
    Value(Value),
    /// What the closure returns, called each time.
    With(Arc<dyn Fn() -> Value + Send + Sync>),
    /// What the database works out from this SQL expression; the column is left out of the statement.
    Database(String),
}

impl DefaultValue {
    /// The value, where it does not take the database to know it.
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::None | Self::Database(_) => None,
            Self::Value(value) => Some(value.clone()),
            Self::With(value) => Some(value()),
        }
    }
}

impl fmt::Debug for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
            Self::With(_) => f.write_str("With(..)"),
            Self::Database(sql) => f.debug_tuple("Database").field(sql).finish(),
        }
    }
}

/// Which widget edits a field.
#[derive(Clone)]
#[non_exhaustive]
pub enum WidgetChoice {
    /// One of the standard widgets by its name.
    Named(Cow<'static, str>),
    /// A widget object, which only `frontdesk-forms` understands.
    Custom(Arc<dyn Any + Send + Sync>),
}

impl fmt::Debug for WidgetChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.debug_tuple("Named").field(name).finish(),
            Self::Custom(_) => f.write_str("Custom(..)"),
        }
    }
}

macro_rules! closure {
    ($(#[$doc:meta])* $name:ident, $signature:ty) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(pub Arc<$signature>);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

closure!(
    /// Shows a value; the row is given where there is one.
    Represent,
    dyn Fn(&Value, Option<&Row>) -> Node + Send + Sync
);
closure!(
    /// Changes a value between the rules and the database.
    FilterIn,
    dyn Fn(Value) -> Value + Send + Sync
);
closure!(
    /// Works a value out of the others.
    Compute,
    dyn Fn(&Values) -> Value + Send + Sync
);

/// Gives the address at which a stored file is served.
pub type DownloadUrl = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// How the files of an upload field are taken.
#[derive(Clone)]
#[non_exhaustive]
pub struct UploadOptions {
    /// The largest file in bytes. Default: 10 MiB (10,485,760).
    pub max_bytes: u64,
    /// The number of files that a field of type `list:upload` takes; one of type `upload` takes one. Default: 10.
    pub max_files: u32,
    /// The pixels of an image, width times height, as its head tells them. Default: 50 million.
    pub max_pixels: u64,
    /// The frames of an animated image, as far as its head tells them. Default: 1,000.
    pub max_frames: u32,
    /// Whether what was noted in an image (place, time, device, author) is taken out of JPEG, PNG and WebP files.
    /// Default: no.
    pub strip_metadata: bool,
    /// Whether a file's content has to be what its extension says, for the kinds of files that are known. Default: yes.
    pub match_content: bool,
    /// The address of a stored file by its key. Default: none, then the file is only named.
    pub download_url: Option<DownloadUrl>,
    /// The extensions that are taken, in lower case; `None` takes all. Default: mp3 wav, csv tsv, pdf, gif jpeg jpg png
    /// tif webp, rtf txt, mov mp4 webm.
    pub allowed_extensions: Option<Arc<[Cow<'static, str>]>>,
    /// The characters that a file's name may have; `None` takes all. Default: ASCII letters and digits, blank, `-`, `_`,
    /// `.`, `(`, `)`.
    pub allowed_characters: Option<Arc<str>>,
}

/// What uploads accept by default. SVG and HTML are left out, since a browser runs scripts in them.
const ALLOWED_EXTENSIONS: &[&str] = &[
    "mp3", "wav", "csv", "tsv", "pdf", "gif", "jpeg", "jpg", "png", "tif", "webp", "rtf", "txt", "mov",
    "mp4", "webm",
];

impl Default for UploadOptions {
    fn default() -> Self {
        static EXTENSIONS: LazyLock<Arc<[Cow<'static, str>]>> =
            LazyLock::new(|| ALLOWED_EXTENSIONS.iter().map(|&extension| Cow::Borrowed(extension)).collect());
        static CHARACTERS: LazyLock<Arc<str>> = LazyLock::new(|| {
            ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(" -_.()".chars()).collect::<String>().into()
        });
        Self {
            max_bytes: 10 << 20,
            max_files: 10,
            max_pixels: 50_000_000,
            max_frames: 1000,
            strip_metadata: false,
            match_content: true,
            download_url: None,
            allowed_extensions: Some(Arc::clone(&EXTENSIONS)),
            allowed_characters: Some(Arc::clone(&CHARACTERS)),
        }
    }
}

impl UploadOptions {
    /// Sets the largest file, in bytes.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the number of files that a field of type `list:upload` takes.
    #[must_use]
    pub fn max_files(mut self, files: u32) -> Self {
        self.max_files = files;
        self
    }

    /// Sets the pixels that an image may have, width times height.
    #[must_use]
    pub fn max_pixels(mut self, pixels: u64) -> Self {
        self.max_pixels = pixels;
        self
    }

    /// Sets the frames that an animated image may have.
    #[must_use]
    pub fn max_frames(mut self, frames: u32) -> Self {
        self.max_frames = frames;
        self
    }

    /// Sets whether what was noted in an image (place, time, device, author) is taken out of JPEG, PNG and WebP files.
    #[must_use]
    pub fn strip_metadata(mut self, strip: bool) -> Self {
        self.strip_metadata = strip;
        self
    }

    /// Takes files whose content is something else than their extension says.
    #[must_use]
    pub fn any_content(mut self) -> Self {
        self.match_content = false;
        self
    }

    /// Sets the address of a stored file by its key.
    #[must_use]
    pub fn download_url(mut self, url: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.download_url = Some(Arc::new(url));
        self
    }

    /// Takes files of any extension.
    #[must_use]
    pub fn any_extension(mut self) -> Self {
        self.allowed_extensions = None;
        self
    }

    /// Sets the extensions that are taken, without the dot, in lower case.
    #[must_use]
    pub fn allowed_extensions<E: Into<Cow<'static, str>>>(
        mut self,
        extensions: impl IntoIterator<Item = E>,
    ) -> Self {
        self.allowed_extensions = Some(extensions.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the characters that a file's name may have.
    #[must_use]
    pub fn allowed_characters(mut self, characters: impl Into<Arc<str>>) -> Self {
        self.allowed_characters = Some(characters.into());
        self
    }

    /// Takes names of any characters. Files are stored under keys of safe characters all the same.
    #[must_use]
    pub fn any_characters(mut self) -> Self {
        self.allowed_characters = None;
        self
    }
}

impl fmt::Debug for UploadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadOptions").field("max_bytes", &self.max_bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_03_instants_are_shown_in_the_zone_of_their_field() {
        let at = Value::DateTime(civil::date(2024, 6, 1).at(10, 0, 0, 0));
        let shown = |field: Field| field.represented(&at, None).to_string();
        assert_eq!(shown(Field::instant("at")), "2024-06-01 10:00:00 UTC");
        assert_eq!(shown(Field::instant("at").zone("Europe/Berlin")), "2024-06-01 12:00:00 +02");
        assert_eq!(shown(Field::instant("at").zone("Asia/Kathmandu")), "2024-06-01 15:45:00 +05:45");
        assert_eq!(shown(Field::datetime("at")), "2024-06-01 10:00:00");
    }

    #[test]
    fn labels_are_names_in_words() {
        for (name, label) in [
            ("name", "Name"),
            ("first_name", "First Name"),
            ("ArtistId", "Artist Id"),
            ("URL", "URL"),
            ("_x", "X"),
            ("größe", "Größe"),
        ] {
            assert_eq!(label_of(name), label);
        }
    }
}
