use frontdesk_validate::Registry;

use super::*;
use crate::{DefaultValue, Field, FieldType, Schema, Table, Value, WidgetChoice};

fn parse(text: &str) -> Result<SchemaFile, String> {
    SchemaFile::parse("frontdesk.toml", text).map_err(|error| error.to_string())
}

fn merged(text: &str, schema: &Schema) -> Result<Schema, String> {
    parse(text)?.merge(schema, &Registry::standard()).map_err(|error| error.to_string())
}

fn people() -> Schema {
    let person = Table::new("person")
        .field(Field::string("name").length(40).not_null())
        .field(Field::integer("born"))
        .field(Field::boolean("active").default(true))
        .field(Field::text("photo"));
    Schema::new([person, Table::with_fields("log", vec![Field::text("line")], vec![])])
}

#[test]
fn the_file_of_the_design_is_read() {
    let text = r#"
        [server]
        listen = "127.0.0.1:8000"
        database = "sqlite://heroes.db"
        sessions = "database"
        media = { path = "media" }

        [tables.thing]
        create = true
        readable = "{name} ({color})"
        access = { read = "public", create = ["user", "staff"], delete = "admin" }

        [tables.thing.fields.name]
        type = "string"
        requires = [{ rule = "is_length", minsize = 1 }]

        [tables.thing.fields.color]
        type = "string"
        requires = [{ rule = "is_in_set", theset = ["red", "blue", "green"] }]
        widget = "radio"

        [tables.thing.fields.image]
        type = "upload"
        upload = { max_bytes = 1000, allowed_extensions = [".PNG", "jpeg"] }
    "#;
    let file = parse(text).unwrap();
    assert_eq!(file.server().listen.as_deref(), Some("127.0.0.1:8000"));
    assert_eq!(file.server().media, Some(MediaSettings::Path("media".into())));

    let schema = file.merge(&Schema::default(), &Registry::standard()).unwrap();
    let thing = schema.get("thing").unwrap();
    assert!(thing.create);
    assert_eq!(thing.readable.as_ref().unwrap().to_string(), "{name} ({color})");
    assert_eq!(
        thing.fields.iter().map(|field| &*field.name).collect::<Vec<_>>(),
        ["id", "name", "color", "image"]
    );
    let color = thing.get("color").unwrap();
    assert!(matches!(&color.widget, Some(WidgetChoice::Named(name)) if name == "radio"));
    assert!(color.rules().check_now("pink".into()).is_err());
    let upload = &thing.get("image").unwrap().upload;
    assert_eq!(upload.max_bytes, 1000);
    assert_eq!(upload.allowed_extensions.as_ref().unwrap()[..], ["png", "jpeg"]);
}

#[test]
fn mistakes_are_told_with_their_line_all_at_once() {
    let text = "[server]\nlisten = \"8000\"\nlissten = 1\n\n[tables.thing]\nfields.name = { lenght = 3, length = 0 }\n\
        fields.color.type = \"strin\"\ncreate = \"yes\"\naccess = { reed = \"x\" }\n[tabels.x]\n";
    let expected = "\
frontdesk.toml:2: [server] `listen` wants an address and a port, such as \"127.0.0.1:8000\", not \"8000\"
frontdesk.toml:3: [server] unknown key `lissten`; did you mean `listen`?
frontdesk.toml:6: [tables.thing.fields.name] `length` wants a whole number from 1, not 0
frontdesk.toml:6: [tables.thing.fields.name] unknown key `lenght`; did you mean `length`?
frontdesk.toml:7: [tables.thing.fields.color] `type`: unknown field type `strin`; known are id, string, text, integer, \
bigint, double, decimal(n,m), boolean, date, time, datetime, instant, json, uuid, blob, password, upload, reference TABLE, \
list:string, list:integer, list:upload, list:reference TABLE
frontdesk.toml:8: [tables.thing] `create` wants true or false, not \"yes\"
frontdesk.toml:9: [tables.thing.access] unknown key `reed`; did you mean `read`?
frontdesk.toml:10: unknown key `tabels`; did you mean `tables`?";
    assert_eq!(parse(text).unwrap_err(), expected);
}

#[test]
fn mistakes_of_syntax_have_their_line_too() {
    for (text, line, part) in [
        ("[tables.a]\n[tables.a]\n", 2, "duplicate key"),
        ("a = \n", 1, ""),
        ("\n\n[tables", 3, ""),
        ("[tables.x]\nreadable = \"{name\"", 2, "has no end to the place"),
        ("tables = 5", 1, "`tables` wants a table, not 5"),
        ("[tables]\nx = true", 2, "`x` wants a table, not true"),
        ("[server]\nmedia = {}", 2, "`media` is either"),
        ("[server]\nsessions = \"redis\"", 2, "`sessions` is \"database\""),
        (
            "[server]\nurl = \"desk.example.com\"",
            2,
            "`url` wants something like \"https://desk.example.com\"",
        ),
        ("[server]\nhosts = [\"a\", \"b c\"]", 2, "not \"b c\""),
        (
            "[server]\ntrusted_proxies = \"everybody\"",
            2,
            "`trusted_proxies` wants something like \"10.0.0.0/8\"",
        ),
        ("[sign_in]\nregistration = \"yes\"", 2, "`registration` is one of off, approval, open, not \"yes\""),
        (
            "[sign_in]\nsecond_factors = [\"sms\"]",
            2,
            "`second_factors` is one of authenticator, mail, passkey",
        ),
        ("[sign_in]\ncaptcha = \"yes\"", 2, "`captcha` is \"off\""),
        ("[sign_in]\ncaptcha = { turnstil = \"x\" }", 2, "unknown key `turnstil`; did you mean `turnstile`?"),
        ("[sign_in]\nsession_expiry = 60\nmax_session_expiry = 59", 1, "`session_expiry` is longer"),
        ("[mail]\nsmtp = \"mail.example.com\"\nfrom = \"a@b\"", 2, "`smtp` wants a URL"),
        ("[mail]\nfolder = \"mail\"", 1, "`from` is needed"),
        ("[mail]\nsmtp = \"smtp://m\"\nfolder = \"x\"\nfrom = \"a@b\"", 3, "either to `smtp` or to `folder`"),
        ("[server.media.s3]\nregion = \"eu\"", 1, "`bucket` is needed"),
        ("[tables.x.fields.y]\nnull = 1979-05-27", 2, "`null` wants true or false, not 1979-05-27"),
        ("[tables.x.fields.y]\ndefault = 99999999999999999999", 2, ""),
        (
            "[tables.x.fields.y]\nlabel = 'Y'\nshow_when = \"z = 1\"",
            3,
            "`show_when`: unexpected `=`; write `==` at character 3",
        ),
        ("[tables.x.fields.y]\nrequire_when = true", 2, "`require_when` wants a text, not true"),
        ("[tables.x.fields.y]\nchoices_when = 'z is set'", 2, "`choices_when` wants a list such as"),
        (
            "[tables.x.fields.y]\nchoices_when = [{ when = 'z is set' }]",
            2,
            "`choices_when` wants a list such as",
        ),
        (
            "[tables.x.fields.y]\n\nchoices_when = [{ when = 'z', only = [] }]",
            3,
            "`choices_when` has a mistake in `when`: expected `==`",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(
            error.starts_with(&format!("frontdesk.toml:{line}: ")) && error.contains(part),
            "{text}: {error}"
        );
    }
}

#[test]
fn what_the_database_has_not_is_refused_with_the_nearest_name() {
    for (text, expected) in [
        ("[tables.persn]", "1: [tables.persn] the database has no table `persn`; did you mean `person`?"),
        ("[tables.xyz]", "1: [tables.xyz] the database has no table `xyz`; `create = true` makes it"),
        (
            "[tables.person.fields.nmae]",
            "1: [tables.person.fields.nmae] the table `person` has no column `nmae`; did you mean `name`?",
        ),
        (
            "[tables.person]\ncreate = true\nfields.qqq = {}",
            "3: [tables.person.fields.qqq] the table `person` has no column `qqq`; a table that exists is never altered",
        ),
        (
            "[tables.person]\nreadable = \"{nam}\"",
            "2: [tables.person] `readable` names the field `nam`, which there is not; did you mean `name`?",
        ),
        (
            "[tables.person]\nkey = [\"name\"]",
            "2: [tables.person] the table has another key, `id`, which cannot be changed",
        ),
        (
            "[tables.person]\nunique = [[\"name\"]]",
            "2: [tables.person] the database does not keep `name` unique; a table that exists is never altered",
        ),
        (
            "[tables.log]\nkey = \"lin\"",
            "2: [tables.log] `key` names the field `lin`, which there is not; did you mean `line`?",
        ),
        (
            "[tables.person.fields.born]\ntype = \"reference persons\"",
            "2: [tables.person.fields.born] `type` refers to the table `persons`, which there is not; did you mean `person`?",
        ),
        (
            "[tables.person.fields.name]\nrequires = { rule = \"is_lenght\" }",
            "2: [tables.person.fields.name] `requires`: unknown rule `is_lenght`; did you mean `is_length`?",
        ),
        (
            "[tables.person.fields.name]\n\nrequires = [{ rule = \"is_length\", maxsise = 3 }]",
            "3: [tables.person.fields.name] `requires`: rule `is_length` has no argument `maxsise`; did you mean `maxsize`?; it takes maxsize, minsize, error_message",
        ),
        (
            "[tables.person.fields.born]\ndefault = \"x\"",
            "2: [tables.person.fields.born] `default` does not fit the type `integer`: Enter an integer",
        ),
        (
            "[tables.person.fields.born]\nupdate = { now = true }",
            "2: [tables.person.fields.born] `update`: a field of the type `integer` holds no time; dates, times and datetimes do",
        ),
        (
            "[tables.person.fields.born]\nupdate = { database = \"1\" }",
            "2: [tables.person.fields.born] `update` wants a value, { now = true }, or for `default` { database = \"…\" }",
        ),
        (
            "[tables.person.fields.born]\n\nshow_when = \"nam is set\"",
            "3: [tables.person.fields.born] `show_when` names the field `nam`, which there is not; did you mean `name`?",
        ),
        (
            "[tables.person.fields.born]\nshow_when = \"name is set or born > 5\"",
            "2: [tables.person.fields.born] `show_when` looks at the field itself: once hidden, it would stay so",
        ),
        (
            "[tables.person.fields.born]\nchoices_when = [{ when = \"nam is set\", only = [1] }]",
            "2: [tables.person.fields.born] `choices_when` names the field `nam`, which there is not; did you mean `name`?",
        ),
        (
            "[tables.person.fields.born]\nupload = {}",
            "1: [tables.person.fields.born] `upload` is for the types `upload` and `list:upload`, not `integer`",
        ),
    ] {
        assert_eq!(merged(text, &people()).unwrap_err(), format!("frontdesk.toml:{expected}"), "{text}");
    }
}

#[test]
fn what_exists_is_described_better() {
    let text = r#"
        [tables.person]
        label = "People"
        readable = "%(name)s"
        [tables.person.fields]
        born = { type = "date", label = "Birthday", default = 2000-02-29, comment = "As in the passport" }
        active = { type = "integer", writable = false }
        photo = { type = "upload" }
        name = { length = 20, placeholder = "Ada", title = "Full name", secret = true, update = "?" }
        [tables.log]
        key = "line"
    "#;
    let schema = merged(text, &people()).unwrap();
    let person = schema.get("person").unwrap();
    assert_eq!(person.label, "People");
    let field = |name: &str| person.get(name).unwrap();
    assert_eq!(field("born").kind, FieldType::Date);
    assert!(
        matches!(&field("born").default, DefaultValue::Value(Value::Date(date)) if date.to_string() == "2000-02-29")
    );
    assert!(matches!(field("active").default, DefaultValue::Value(Value::Int(1))));
    assert!(!field("active").writable);
    assert_eq!(field("photo").kind, FieldType::Upload);
    assert_eq!((field("name").length, field("name").null, field("name").secret), (Some(20), false, true));
    assert_eq!(schema.get("log").unwrap().key, ["line".into()]);
}

#[test]
fn a_table_may_refer_to_one_further_down() {
    let text = r#"
        [tables.dog]
        create = true
        fields.owner.type = "reference owner"
        fields.born = { type = "datetime", default = { now = true } }
        [tables.owner]
        create = true
        key = ["first", "last"]
        unique = [["nick", "first"]]
        fields = { first = {}, last = { type = "string" }, nick = {} }
    "#;
    let schema = merged(text, &Schema::default()).unwrap();
    let dog = schema.get("dog").unwrap();
    assert_eq!(&*dog.foreign_keys[0].table, "owner");
    assert!(matches!(dog.get("born").unwrap().default.value(), Some(Value::DateTime(_))));
    let owner = schema.get("owner").unwrap();
    assert_eq!(owner.key, ["first".into(), "last".into()]);
    assert_eq!(owner.uniques.len(), 1);
    assert_eq!(owner.readable.as_ref().unwrap().to_string(), "{first}");
}

/// Fails at the first line in which two schemas differ, in any detail.
#[track_caller]
fn assert_same(left: &Schema, right: &Schema) {
    assert_eq!(left.tables.len(), right.tables.len());
    for (left, right) in left.tables.iter().zip(&right.tables) {
        let (left_text, right_text) = (format!("{left:#?}"), format!("{right:#?}"));
        for (a, b) in left_text.lines().zip(right_text.lines()) {
            assert_eq!(a, b, "in the table {:?}", left.name);
        }
        assert_eq!(left_text.len(), right_text.len(), "in the table {:?}", left.name);
    }
}

#[test]
fn what_is_printed_reads_back_to_the_same_tables() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../../../../tests/data/hostile.sql")).unwrap();
    let schema = Schema::new(crate::backend::sqlite::introspect::tables(&connection).unwrap());
    let text = schema.to_toml();
    let again = merged(&text, &schema).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_same(&again, &schema);
    assert_eq!(again.to_toml(), text);

    // The same without what only the database knows: names, types, lengths, defaults.
    let blank = |table: &std::sync::Arc<Table>| {
        let mut table = Table::clone(table);
        for field in &mut table.fields {
            let plain = Field::new(field.name.clone(), FieldType::String);
            (field.length, field.default, field.label) = (None, DefaultValue::None, plain.label);
            if field.kind.to_string().parse() == Ok(field.kind.clone()) {
                field.kind = FieldType::String;
            }
        }
        table.readable = None;
        table
    };
    let blanked = Schema::new(schema.tables.iter().map(blank));
    for (printed, expected) in merged(&text, &blanked).unwrap().to_toml().lines().zip(text.lines()) {
        assert_eq!(printed, expected);
    }
}

#[test]
fn a_made_table_is_printed_so_that_it_is_made_again() {
    let text = r#"[tables."a b"]
# key: x, y
# unique: x, z
# reference: x -> a b ()
create = true
readable = "{y}"
label = "AB"
comment = "of two \"quoted\"\nlines"
key = ["x", "y"]
unique = [["x", "z"]]

[tables."a b".fields]
x = { type = "reference a b", null = false }
y = { type = "string", length = 20, default = "a\\b", update = "c", comment = "c", placeholder = "p", title = "t" }
z = { type = "decimal(5,2)", unique = true, default = { "$decimal" = "1.5" }, readable = false, writable = false, secret = true, widget = "w" }
u = { type = "upload", upload = { max_bytes = 5, allowed_extensions = "all", allowed_characters = "" } }
j = { type = "json", default = "{\"a\":null}" }
c = { type = "string", show_when = "x > 5 and y is not set", require_when = "y == \"it's\"", choices_when = [{ when = "x in [1, true]", only = ["a", "b\"c"] }, { when = "j is set", only = ["1"] }] }
"#;

    let schema = merged(text, &Schema::default()).unwrap();
    assert_eq!(schema.to_toml(), text);
}

#[test]
fn chinook_is_printed_readably() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/chinook.sqlite");
    let connection =
        rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let schema = Schema::new(crate::backend::sqlite::introspect::tables(&connection).unwrap());
    insta::assert_snapshot!(schema.to_toml());
    assert_same(&merged(&schema.to_toml(), &schema).unwrap(), &schema);
}

#[test]
fn rows_of_other_tables_and_live_checks_are_read() {
    let text = r#"
        [tables.invoice]
        create = true
        children = [{ table = "item", by = "invoice_id", order_by = "position", rows = [1, 50] }]
        fields.number = { type = "string", live_check = true }

        [tables.item]
        create = true
        fields.invoice_id = { type = "reference invoice" }
        fields.position = { type = "integer" }
        fields.scan = { type = "list:upload", upload = { max_files = 3, max_pixels = 1000, strip_metadata = false } }
    "#;
    let file = parse(text).unwrap();
    let [child] = file.children("invoice") else { panic!() };
    assert_eq!((&*child.table, &*child.by, child.rows), ("item", "invoice_id", Some((1, 50))));
    assert_eq!(child.order_by.as_deref(), Some("position"));
    assert_eq!(file.live_checks("invoice").collect::<Vec<_>>(), ["number"]);
    assert!(file.children("item").is_empty());
    let schema = file.merge(&Schema::default(), &Registry::standard()).unwrap();
    let upload = &schema.get("item").unwrap().get("scan").unwrap().upload;
    assert_eq!((upload.max_files, upload.max_pixels, upload.strip_metadata), (3, 1000, false));

    for (wrong, told) in [
        (text.replace("table = \"item\"", "table = \"itm\""), "did you mean `item`?"),
        (text.replace("by = \"invoice_id\"", "by = \"position\""), "does not refer to `invoice`"),
        (text.replace("order_by = \"position\"", "order_by = \"place\""), "names the field `place`"),
    ] {
        let error = merged(&wrong, &Schema::default()).unwrap_err();
        assert!(error.contains("frontdesk.toml:4") && error.contains(told), "{error}");
    }
    for (wrong, told) in [
        (text.replace("[1, 50]", "[2, 1]"), "[least, most]"),
        (text.replace("by = ", "bye = "), "unknown key `bye`"),
        (text.replace("children = [", "children = [1, "), "wants a list such as"),
    ] {
        let error = parse(&wrong).unwrap_err();
        assert!(error.contains("frontdesk.toml:4") && error.contains(told), "{error}");
    }
}

#[test]
fn ops_02_how_people_sign_in_is_read() {
    let text = r#"
        [server]
        url = "https://desk.example.com"
        hosts = ["desk.lan"]
        trusted_proxies = ["10.0.0.0/8"]
        sessions = "redis://localhost/1"
        [sign_in]
        registration = "approval"
        captcha = { turnstile = "key" }
        second_factors = ["authenticator", "passkey"]
        session_expiry = 1800
        max_session_expiry = 43200
        min_password_length = 12
        [mail]
        folder = "mail"
        from = "Desk <desk@example.com>"
    "#;
    let file = SchemaFile::parse("frontdesk.toml", text).unwrap();
    let server = file.server();
    assert_eq!(server.url.as_deref(), Some("https://desk.example.com"));
    assert_eq!((&*server.hosts[0], server.hosts.len()), ("desk.lan", 1));
    assert_eq!(server.trusted_proxies.as_deref(), Some(&["10.0.0.0/8".to_owned()][..]));
    let sign_in = file.sign_in();
    assert_eq!(sign_in.registration, Registration::Approval);
    assert_eq!(sign_in.captcha, Some(CaptchaSettings::Turnstile("key".into())));
    assert_eq!(
        sign_in.second_factors.as_deref(),
        Some(&[SecondFactor::Authenticator, SecondFactor::Passkey][..])
    );
    assert_eq!(sign_in.max_session_expiry.map(|most| most.as_secs()), Some(43200));
    assert_eq!(sign_in.min_password_length, Some(12));
    assert_eq!(file.mail().map(|mail| &mail.to), Some(&MailDelivery::Folder("mail".into())));
    let plain = SchemaFile::parse("frontdesk.toml", "").unwrap();
    assert_eq!((plain.sign_in(), plain.mail()), (&SignInSettings::default(), None));
    assert_eq!(plain.server().trusted_proxies, None);
}
