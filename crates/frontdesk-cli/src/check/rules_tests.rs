use std::sync::Arc;

use frontdesk_data::{Field, SchemaFile};

use super::*;
use crate::settings::Said;

/// A configuration that is fit, and what a test changes of it.
struct Bench {
    schema: String,
    variables: Vec<(String, String)>,
    users: Users,
    state_file: Option<PathBuf>,
    path: PathBuf,
    tables: Vec<Arc<Table>>,
    _folder: tempfile::TempDir,
}

const GOOD: &str = "[server]\nurl = 'https://desk.example.com'\ntrusted_proxies = '127.0.0.1'\ndatabase = 'shop.db'\n\
                    [mail]\nsmtp = 'smtps://mail.example.com'\nfrom = 'desk@example.com'\n";

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frontdesk.toml");
        std::fs::write(&path, GOOD).unwrap();
        let key: String = (0..2).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
        Self {
            schema: GOOD.to_owned(),
            variables: vec![("FRONTDESK_SECRET_KEY".to_owned(), key), ("PATH".to_owned(), "/bin".to_owned())],
            users: Users::Administrators(1),
            state_file: None,
            path,
            tables: vec![Arc::new(Table::new("note").field(Field::string("title")))],
            _folder: folder,
        }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn unset(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    fn replace(mut self, old: &str, new: &str) -> Self {
        assert!(self.schema.contains(old), "{old}");
        self.schema = self.schema.replace(old, new);
        self
    }

    fn more(mut self, text: &str) -> Self {
        self.schema.push_str(text);
        self
    }

    fn file(&self, name: &str, mode: u32, content: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path.parent().unwrap().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// The rules that find something; what is only about how this test was built is left out.
    fn found(&self) -> Vec<(Level, &'static str)> {
        let schema = SchemaFile::parse("frontdesk.toml", &self.schema).unwrap();
        let environment = |name: &str| {
            self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let settings =
            Settings::with_schema(Said::default(), Some(self.path.clone()), Some(schema), &environment)
                .ok()
                .unwrap();
        let facts = Facts {
            settings: &settings,
            variables: &self.variables,
            users: self.users,
            state_file: self.state_file.clone(),
            tables: &self.tables,
        };
        let findings = findings(&facts);
        let secrets: Vec<&str> = (self.variables.iter())
            .filter(|(name, _)| name.contains("SECRET_KEY") && !name.contains("FILE"))
            .map(|(_, value)| value.as_str())
            .filter(|value| value.len() > 8)
            .collect();
        for finding in &findings {
            assert!(!finding.text.is_empty() && !finding.advice.is_empty());
            for secret in &secrets {
                assert!(!finding.text.contains(secret) && !finding.advice.contains(secret), "{finding:?}");
            }
        }
        let all = findings.into_iter().map(|finding| (finding.level, finding.rule));
        all.filter(|(_, rule)| *rule != "debug-build").collect()
    }
}

#[test]
fn ops_02_one_bad_configuration_for_each_rule() {
    use Level::{Error, Warning};
    assert_eq!(Bench::new().found(), [], "the good one");
    let key = uuid::Uuid::new_v4().simple().to_string();
    let bench = Bench::new();
    let (open, group) = (bench.file("open.key", 0o644, &key), bench.file("group.key", 0o640, &key));
    let weak = bench.file("weak.key", 0o600, "0123456789abcdef0123456789abcdef");
    let state = bench.file("open.db", 0o644, "");
    let by_file = |path: &Path| {
        Bench::new().unset("FRONTDESK_SECRET_KEY").set("FRONTDESK_SECRET_KEY_FILE", path.to_str().unwrap())
    };
    let anybody = |action: &str| {
        Bench::new().more(&format!("[tables.note]\naccess = {{ read = 'public', {action} = 'public' }}\n"))
    };
    let cases: Vec<(Bench, Level, &str)> = vec![
        (Bench::new().unset("FRONTDESK_SECRET_KEY"), Error, "secret-missing"),
        (Bench::new().set("FRONTDESK_SECRET_KEY", ""), Error, "secret-weak"),
        (Bench::new().set("FRONTDESK_SECRET_KEY", "short"), Error, "secret-weak"),
        (Bench::new().set("FRONTDESK_SECRET_KEY", "kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj"), Error, "secret-weak"),
        (Bench::new().set("FRONTDESK_SECRET_KEY_FILE", weak.to_str().unwrap()), Error, "secret-weak"),
        (by_file(&weak), Error, "secret-weak"),
        (by_file(Path::new("/nowhere/key")), Error, "secret-weak"),
        (by_file(&open), Error, "secret-file"),
        (by_file(&group), Warning, "secret-file"),
        (Bench { users: Users::Nowhere("as asked for"), ..Bench::new() }, Error, "state-memory"),
        (Bench { users: Users::Administrators(0), ..Bench::new() }, Error, "no-administrator"),
        (Bench { state_file: Some(state), ..Bench::new() }, Error, "state-file"),
        (Bench::new().replace("url = 'https://desk.example.com'\n", ""), Error, "url-missing"),
        (Bench::new().replace("https://desk", "http://desk"), Error, "url-not-https"),
        (Bench::new().set("FRONTDESK_URL", "desk.example.com"), Error, "url-wrong"),
        (Bench::new().replace("trusted_proxies = '127.0.0.1'\n", ""), Error, "proxies-unset"),
        (Bench::new().replace("127.0.0.1", "0.0.0.0/0"), Error, "proxies-everybody"),
        (Bench::new().set("FRONTDESK_SESSIONS", "memory"), Error, "sessions-memory"),
        (Bench::new().set("FRONTDESK_SESSIONS", "redis://10.0.0.5"), Warning, "sessions-in-the-clear"),
        (Bench::new().set("FRONTDESK_SESSIONS", "redis://"), Error, "sessions-wrong"),
        (Bench::new().more("[sign_in]\nregistration = 'open'\n"), Error, "registration-without-captcha"),
        (
            Bench::new().more("[sign_in]\nregistration = 'open'\ncaptcha = 'off'\n"),
            Error,
            "registration-without-captcha",
        ),
        (Bench::new().more("[sign_in]\ncaptcha = { turnstile = 'k' }\n"), Error, "captcha-without-secret"),
        (Bench::new().more("[sign_in]\nmin_password_length = 6\n"), Error, "passwords-short"),
        (
            Bench::new().more("[sign_in]\nmin_password_length = 12\nsecond_factors = []\n"),
            Error,
            "passwords-short",
        ),
        (Bench::new().replace("smtp = 'smtps://mail.example.com'", "folder = 'mail'"), Error, "mail-folder"),
        (Bench::new().replace("smtps://", "smtp://"), Error, "mail-in-the-clear"),
        (Bench::new().set("FRONTDESK_SECRETKEY", "x"), Error, "unknown-variable"),
        (Bench::new().set("FRONTDESK_COLOUR", "blue"), Warning, "unknown-variable"),
        (Bench::new().set("FRONTDESK_AS", "admin"), Error, "nobody-signs-in"),
        (Bench::new().set("RUST_LOG", "warn,frontdesk=debug"), Error, "debug-log"),
        (Bench::new().replace("database = 'shop.db'\n", ""), Error, "demo"),
        (
            Bench::new().replace("'shop.db'", "'postgres://a@db.example/shop?sslmode=disable'"),
            Warning,
            "database-in-the-clear",
        ),
        (Bench::new().replace("'shop.db'", "'shop.db'\nlisten = 'everywhere:80'"), Error, "listen-wrong"),
        (anybody("update"), Warning, "public-changes"),
        (anybody("delete"), Warning, "public-changes"),
    ];
    for (bench, level, rule) in cases {
        assert_eq!(bench.found(), [(level, rule)], "{rule}");
    }
}

#[test]
fn ops_02_no_mail_and_what_needs_it() {
    let none = |more: &str| {
        let bench = Bench::new()
            .replace("[mail]\nsmtp = 'smtps://mail.example.com'\nfrom = 'desk@example.com'\n", more);
        bench.found()
    };
    assert_eq!(none(""), [(Level::Warning, "mail-missing")]);
    assert_eq!(none("[sign_in]\nsecond_factors = ['mail']\n"), [(Level::Error, "mail-missing")]);
    let open = none("[sign_in]\nregistration = 'open'\ncaptcha = 'proof_of_work'\n");
    assert_eq!(open, [(Level::Warning, "registration-without-mail"), (Level::Warning, "mail-missing")]);
}

#[test]
fn ops_02_a_password_in_a_file_that_all_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let with = |mode| {
        let bench = Bench::new().replace("smtps://mail", "smtps://desk:word@mail");
        std::fs::set_permissions(&bench.path, std::fs::Permissions::from_mode(mode)).unwrap();
        bench.found()
    };
    assert_eq!(with(0o644), [(Level::Error, "schema-file")]);
    assert_eq!(with(0o600), []);
}
