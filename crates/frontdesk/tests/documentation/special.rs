//! Passwords, lists, files, addresses, clean-up.

use std::net::{Ipv4Addr, Ipv6Addr};

use frontdesk::html::{Node, a, cat};
use frontdesk::prelude::*;

use crate::browser::{open, submit};
use crate::{accepted, ask, refused};

#[test]
fn is_strong() {
    let rule = || IsStrong::new().min(10).special(2).upper(2);
    assert_eq!(ask(rule(), "ABcdefgh1!#"), accepted("ABcdefgh1!#"));
    let error = ask(rule(), "Abc1!").unwrap_err();
    for part in ["Minimum length is 10", "at least 2", "at least 2 uppercase"] {
        assert!(error.contains(part), "{error}");
    }
    // The other arguments.
    let rule = IsStrong::only().lower(1).number(1).max(8).invalid(" \"").specials("!?");
    assert_eq!(ask(rule, "abc1"), accepted("abc1"));
    let entropy = IsStrong::only().entropy(100.0);
    assert_eq!(ask(entropy, "hello"), refused("Entropy (24.53) less than required (100.0)"));
    // Without any: at least 8 characters, an upper and a lower case letter, a digit, a special character.
    assert!(ask(IsStrong::new(), "Abcdef1!").is_ok() && ask(IsStrong::new(), "abcdef1!").is_err());
}

/// A hash in place of the password; with a key, with and without a salt; last in a list.
#[tokio::test]
async fn crypt() {
    let hash = |rule: Crypt, password: &'static str| async move {
        Rules::one(rule).validate(password.into(), Context::empty()).await.unwrap().into_text()
    };
    let stored = hash(Crypt::new(), "secret").await;
    assert!(stored.starts_with("$argon2id$"), "{stored}");
    assert!(Crypt::new().verify("secret", &stored).matches);
    assert!(!Crypt::new().verify("Secret", &stored).matches);

    let keyed = || Crypt::new().key("sha512:thisisthekey").unwrap();
    let stored = hash(keyed(), "secret").await;
    assert!(stored.starts_with("sha512$"), "alg$salt$hash: {stored}");
    assert_ne!(stored, hash(keyed(), "secret").await, "the salt is random");
    assert!(keyed().verify("secret", &stored).matches);

    let salted = || Crypt::new().salt("mysaltvalue");
    assert!(hash(salted(), "secret").await.contains("$mysaltvalue$"));
    assert_eq!(hash(salted(), "secret").await, hash(salted(), "secret").await);
    assert!(hash(Crypt::new().without_salt(), "secret").await.contains("$$"));

    let rules = Rules::list().and(IsStrong::new()).and(keyed());
    assert!(rules.validate("weak".into(), Context::empty()).await.is_err());
    assert!(
        rules
            .validate("Str0ng!pass".into(), Context::empty())
            .await
            .unwrap()
            .to_text()
            .starts_with("sha512$")
    );
    assert_eq!(ask(Crypt::new().min_length(8), "short"), refused("Too short"));
}

#[test]
fn is_list_of() {
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.into()).collect());
    assert_eq!(ask(IsListOf::any().min(2), list(&["a"])), refused("Minimum length is 2"));
    assert_eq!(ask(IsListOf::any().max(1), list(&["a", "b"])), refused("Maximum length is 1"));
    assert_eq!(ask(IsListOf::any(), "hello"), Ok(list(&["hello"])));
    let emails = || IsListOf::new(IsEmail::new());
    assert_eq!(ask(emails(), list(&["a@b.com"])), Ok(list(&["a@b.com"])));
    assert_eq!(ask(emails(), list(&["a@b.com", "c"])), refused("Enter a valid email address"));
}

/// One text of several addresses in a textarea, stored as a list, shown as links. The rule itself makes the list.
#[tokio::test]
async fn is_list_of_emails() {
    let emails = Field::new("emails", FieldType::ListString)
        .widget("textarea")
        .requires(IsListOfEmails::new())
        .represent(|value, _| {
            let address = |email: &Value| {
                a().href(format!("mailto:{email}")).child(email.to_text().into_owned()).into()
            };
            let links: Vec<Node> = value.as_list().unwrap_or_default().iter().map(address).collect();
            cat(links)
        });
    let list = Value::List(vec!["a@b.com".into(), "c@d.org".into()]);
    assert_eq!(emails.validate("a@b.com; c@d.org").await, Ok(list.clone()));
    assert_eq!(emails.validate("a@b.com, nobody").await.unwrap_err().text(), "Invalid emails: nobody");
    let shown = emails.represented(&list, None).render().into_string();
    assert_eq!(shown, r#"<a href="mailto:a@b.com">a@b.com</a><a href="mailto:c@d.org">c@d.org</a>"#);
    assert!(open(&Form::for_fields("mail", [emails])).await.to_string().contains("<textarea"));
}

#[test]
fn any_of() {
    let rule = || AnyOf::new().or(IsAlphanumeric::new()).or(IsEmail::new());
    assert_eq!(ask(rule(), "ada"), accepted("ada"));
    assert_eq!(ask(rule(), "a@b.co"), accepted("a@b.co"));
    assert_eq!(ask(rule(), "@ab.co"), refused("Enter a valid email address"));
    assert_eq!(ask(rule().error_message("Enter login or email"), "@ab.co"), refused("Enter login or email"));
}

/// The head of a picture of that size.
fn gif(name: &str, width: u16, height: u16) -> FileValue {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend(*b"\0\0\0,\0\0\0\0\x05\0\x0a\0\0\x02\x01\0\0;");
    FileValue::in_memory(name, bytes)
}

#[tokio::test]
async fn is_image() {
    assert!(ask(IsImage::new(), gif("a.gif", 10, 10)).is_ok());
    assert_eq!(ask(IsImage::new(), FileValue::in_memory("a.gif", *b"text")), refused("Invalid image"));
    assert_eq!(ask(IsImage::new(), Value::Null), refused("Invalid image"), "no file was uploaded");
    assert!(
        ask(IsImage::new().formats([ImageFormat::Jpeg, ImageFormat::Png]), gif("a.gif", 10, 10)).is_err()
    );
    let small = || IsImage::new().formats([ImageFormat::Gif]).max_size(200, 200);
    assert!(ask(small(), gif("a.gif", 200, 200)).is_ok());
    assert!(ask(small(), gif("a.gif", 201, 200)).is_err());
    assert!(ask(IsImage::new().min_size(20, 20), gif("a.gif", 10, 10)).is_err());
    assert!(ask(IsImage::new().any_size(), gif("a.gif", 60_000, 60_000)).is_ok(), "minsize=(-1, -1)");

    // The checkbox that removes the file is there only where nothing may be uploaded.
    let removable = async |rule: Rules| {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let table = Table::new("thing").field(Field::upload("image").requires(rule)).create();
        let table = db.define(table).await.unwrap();
        db.insert(&table, Values::new().with("image", "a.gif")).await.unwrap();
        open(&Form::for_table(&db, &table).record(1)).await.to_string().contains("_delete_image")
    };
    assert!(!removable(IsImage::new().into()).await);
    assert!(removable(IsEmptyOr::new(IsImage::new()).into()).await);
}

fn file(name: &str) -> FileValue {
    FileValue::in_memory(name, *b"...")
}

#[test]
fn is_file() {
    let pdf = || IsFile::new().extension("pdf");
    assert!(ask(pdf(), file("paper.PDF")).is_ok());
    assert_eq!(ask(pdf(), file("paper.txt")), refused("Enter valid filename"));

    let thumbnail = || IsFile::new().filename("thumbnail").extension("jpg").extension("png");
    assert!(
        ask(thumbnail(), file("thumbnail.png")).is_ok() && ask(thumbnail(), file("thumbnail.gif")).is_err()
    );

    let backup = || IsFile::new().filename(Pattern::new("backup.*").unwrap()).extension("tar.gz").first_dot();
    assert!(ask(backup(), file("backup2014.tar.gz")).is_ok() && ask(backup(), file("my.tar.gz")).is_err());

    let readme = || IsFile::new().filename("README").extension("").letter_case(LetterCase::Keep);
    assert!(ask(readme(), file("README")).is_ok() && ask(readme(), file("readme")).is_err());
}

#[test]
fn is_upload_filename() {
    let pattern = |text| Pattern::new(text).unwrap();
    let pdf = || IsUploadFilename::new().extension(pattern("pdf"));
    assert!(ask(pdf(), file("paper.PDF")).is_ok());
    assert_eq!(ask(pdf(), file("paper.txt")), refused("Enter valid filename"));

    let backup =
        || IsUploadFilename::new().filename(pattern("backup.*")).extension(pattern("tar.gz")).first_dot();
    assert!(ask(backup(), file("backup2014.tar.gz")).is_ok() && ask(backup(), file("my.tar.gz")).is_err());

    let readme = || {
        let rule = IsUploadFilename::new().filename(pattern("^README$")).extension(pattern("^$"));
        rule.letter_case(LetterCase::Keep)
    };
    assert!(ask(readme(), file("README")).is_ok() && ask(readme(), file("README.md")).is_err());
}

#[test]
fn is_ipv4() {
    assert_eq!(ask(IsIpv4::new(), "192.168.0.1"), accepted("192.168.0.1"));
    assert_eq!(ask(IsIpv4::new(), "192.168.0.256"), refused("Enter valid IPv4 address"));
    let ip = Ipv4Addr::new;
    let private = || IsIpv4::new().range(ip(192, 168, 0, 1)..=ip(192, 168, 255, 255));
    assert!(ask(private(), "192.168.7.7").is_ok() && ask(private(), "10.0.0.1").is_err());
    let ranges = || {
        let first = ip(192, 168, 20, 10)..=ip(192, 168, 20, 19);
        IsIpv4::new().range(first).range(ip(192, 168, 30, 100)..=ip(192, 168, 30, 199))
    };
    assert!(ask(ranges(), "192.168.20.19").is_ok() && ask(ranges(), "192.168.30.100").is_ok());
    assert!(ask(ranges(), "192.168.20.20").is_err());
    assert!(ask(ranges().invert(), "192.168.20.20").is_ok());
    assert!(ask(IsIpv4::new().is_localhost(true), "127.0.0.1").is_ok());
    assert!(ask(IsIpv4::new().is_private(false), "172.16.0.1").is_err());
    assert!(ask(IsIpv4::new().is_automatic(true), "169.254.1.1").is_ok());
}

#[test]
fn is_ipv6() {
    let address = Ipv6Addr::LOCALHOST.to_string();
    assert_eq!(ask(IsIpv6::new(), &*address), accepted(&*address));
    assert_eq!(ask(IsIpv6::new(), "fe80:::1"), refused("Enter valid IPv6 address"));
    assert!(ask(IsIpv6::new().is_link_local(true), "fe80::1").is_ok());
    assert!(ask(IsIpv6::new().is_link_local(true), "2001:db8::1").is_err());
    let subnet = || IsIpv6::new().subnet("fb00::/8".parse().unwrap());
    assert!(ask(subnet(), "fb00::1").is_ok() && ask(subnet(), "fc00::1").is_err());
    assert!(ask(IsIpv6::new().is_multicast(true), "ff02::1").is_ok());
    assert!(ask(IsIpv6::new().is_6to4(true), "2002::1").is_ok());
    assert!(ask(IsIpv6::new().is_teredo(true), "2001::1").is_ok());
    assert!(ask(IsIpv6::new().is_routeable(), "ff02::1").is_err());
}

#[test]
fn is_ipaddress() {
    assert!(ask(IsIpaddress::new(), "192.168.0.1").is_ok() && ask(IsIpaddress::new(), "::1").is_ok());
    assert!(ask(IsIpaddress::new().is_ipv6(true), "::1").is_ok());
    assert_eq!(ask(IsIpaddress::new().is_ipv6(true), "192.168.0.1"), refused("Enter valid IP address"));
}

#[tokio::test]
async fn cleanup() {
    assert_eq!(ask(Cleanup::new(), "  hello\u{0}\u{e9}\n"), accepted("hello"));
    let digits = || Cleanup::removing(Pattern::new(r"[^\d]").unwrap());
    assert_eq!(ask(digits(), "Hello 123 world 456"), accepted("123456"));
    let form =
        submit(&Form::for_fields("call", [Field::string("phone").requires(digits())]), "phone=(312)%20555")
            .await;
    assert_eq!(form.vars()["phone"].as_str(), Some("312555"));
}
