//! Text format validators, dates and times.

use frontdesk::prelude::*;
use frontdesk::time::{date, time};

use crate::{accepted, ask, refused};

#[test]
fn is_alphanumeric() {
    assert_eq!(
        ask(IsAlphanumeric::new().error_message("must be alphanumeric!"), "a b"),
        refused("must be alphanumeric!")
    );
}

#[test]
fn is_lower() {
    assert_eq!(ask(IsLower::new(), "HELLO"), accepted("hello"));
}

#[test]
fn is_upper() {
    assert_eq!(ask(IsUpper::new(), "hello"), accepted("HELLO"));
}

#[test]
fn is_email() {
    let rule = || IsEmail::new().error_message("invalid email!");
    assert_eq!(ask(rule(), "a@b.com"), accepted("a@b.com"));
    assert_eq!(ask(rule(), "a@b"), refused("invalid email!"));
}

/// The four expressions of the document, and its console.
#[test]
fn is_match() {
    let zip = || IsMatch::new(r"^\d{5}(-\d{4})?$").unwrap().error_message("not a zip code");
    assert_eq!(ask(zip(), "60614-1234"), accepted("60614-1234"));
    assert_eq!(ask(zip(), "6061"), refused("not a zip code"));

    let address = || IsMatch::new(r"^\d{1,3}(\.\d{1,3}){3}$").unwrap().error_message("not an IP address");
    assert_eq!(ask(address(), "192.168.1.1"), accepted("192.168.1.1"));
    assert_eq!(ask(address(), "192.168.1"), refused("not an IP address"));

    let phone = || {
        IsMatch::new(r"^1?((-)\d{3}-?|\(\d{3}\))\d{3}-?\d{4}$").unwrap().error_message("not a phone number")
    };
    assert_eq!(ask(phone(), "1-312-555-1234"), accepted("1-312-555-1234"));
    assert_eq!(ask(phone(), "(312)555-1234"), accepted("(312)555-1234"));
    assert_eq!(ask(phone(), "555"), refused("not a phone number"));

    assert_eq!(ask(IsMatch::new("ab").unwrap(), "abc"), accepted("abc"));
    assert_eq!(ask(IsMatch::new("ab").unwrap().strict(), "abc"), refused("Invalid expression"));
    assert_eq!(ask(IsMatch::new("bc").unwrap(), "abc"), refused("Invalid expression"));
    assert_eq!(ask(IsMatch::new("bc").unwrap().search(), "abc"), accepted("abc"));
    assert_eq!(ask(IsMatch::new(r"\d+").unwrap().search().extract(), "a 12 34"), accepted("12"));
}

#[test]
fn is_length() {
    assert_eq!(ask(IsLength::max(15), "example string"), accepted("example string"));
    assert_eq!(ask(IsLength::max(15), "example long string"), refused("Enter from 0 to 15 characters"));
    assert_eq!(ask(IsLength::max(15), "33"), accepted("33"));
    assert_eq!(ask(IsLength::max(15), 33), accepted("33"));

    // Of a file, the bytes count: between 1 KB and 1 MB.
    let size =
        |bytes| ask(IsLength::max(1_048_576).min(1024), FileValue::in_memory("a.txt", vec![b'x'; bytes]));
    assert!(size(1023).is_err() && size(1024).is_ok() && size(1_048_576).is_ok() && size(1_048_577).is_err());
}

#[test]
fn is_url() {
    assert_eq!(ask(IsUrl::new(), "google.ca"), accepted("http://google.ca"));
    assert_eq!(ask(IsUrl::new(), ""), refused("Enter a valid URL"));
    assert!(
        ask(IsUrl::new(), "ftp://google.ca").is_err()
            && ask(IsUrl::new(), "http://google.nosuchtld").is_err()
    );
    assert_eq!(ask(IsUrl::generic(), "ftp://google.ca"), accepted("ftp://google.ca"));

    let https = || IsUrl::new().schemes(["https"]).unwrap();
    assert_eq!(ask(https(), "https://google.ca"), accepted("https://google.ca"));
    assert!(ask(https(), "http://google.ca").is_err());
    assert!(ask(https().abbreviated(false), "google.ca").is_err(), "without None there are no abbreviations");
    assert_eq!(
        ask(IsUrl::new().prepend_scheme("https").unwrap(), "google.ca"),
        accepted("https://google.ca")
    );
    assert_eq!(ask(IsUrl::new().without_prepending(), "google.ca"), accepted("google.ca"));

    let generic = || IsUrl::generic().schemes(["ftps", "https"]).unwrap().prepend_scheme("https").unwrap();
    assert_eq!(ask(generic(), "ftps://google.ca"), accepted("ftps://google.ca"));
    assert!(ask(generic(), "http://google.ca").is_err());

    // Other scripts: the host becomes Punycode, the path is percent-encoded (as UTF-8).
    assert_eq!(ask(IsUrl::new(), "http://bücher.ch/a b"), accepted("http://xn--bcher-kva.ch/a%20b"));
    assert_eq!(ask(IsUrl::new(), "http://google.com/\u{4e86}"), accepted("http://google.com/%E4%BA%86"));
}

#[test]
fn is_safe() {
    let unsafe_text = "<p>a</p><script>x()</script>";
    assert_eq!(ask(IsSafe::new().error_message("Unsafe Content"), unsafe_text), refused("Unsafe Content"));
    assert_eq!(ask(IsSafe::new().sanitize(), unsafe_text), accepted("<p>a</p>"));
    let own = IsSafe::with_sanitizer(|text| text.replace("script", "b")).sanitize();
    assert_eq!(ask(own, "<script>a</script>"), accepted("<b>a</b>"));
    assert_eq!(ask(IsSafe::new(), "<b>fine</b>"), accepted("<b>fine</b>"));
}

#[test]
fn is_slug() {
    assert_eq!(ask(IsSlug::new().max(80), "Hello  World!"), accepted("hello-world"));
    let check = || IsSlug::new().max(80).check().error_message("must be slug");
    assert_eq!(ask(check(), "hello-world"), accepted("hello-world"));
    assert_eq!(ask(check(), "hello--world"), refused("must be slug"));
}

#[test]
fn is_json() {
    let json = serde_json::json!({"a": 100});
    assert_eq!(ask(IsJson::new(), r#"{"a": 100}"#), accepted(json));
    assert_eq!(ask(IsJson::new().native(), r#"{"a": 100}"#), accepted(r#"{"a": 100}"#));
    assert_eq!(ask(IsJson::new().error_message("Invalid json"), "spam1234"), refused("Invalid json"));
}

#[test]
fn is_time() {
    let rule = || IsTime::new().error_message("must be HH:MM:SS!");
    assert_eq!(ask(rule(), "21:30"), accepted(time(21, 30, 0, 0)));
    assert_eq!(ask(rule(), "9:30 pm"), accepted(time(21, 30, 0, 0)));
    assert_eq!(ask(rule(), "25:00"), refused("must be HH:MM:SS!"));
}

#[test]
fn is_date() {
    let rule = || IsDate::with_format("%Y-%m-%d").unwrap().error_message("must be YYYY-MM-DD!");
    assert_eq!(ask(rule(), "2008-03-03"), accepted(date(2008, 3, 3)));
    assert_eq!(ask(rule(), "2008-02-30"), refused("must be YYYY-MM-DD!"));
}

#[test]
fn is_datetime() {
    let rule = || {
        IsDatetime::with_format("%Y-%m-%d %H:%M:%S").unwrap().error_message("must be YYYY-MM-DD HH:MM:SS!")
    };
    assert_eq!(ask(rule(), "2008-03-03 12:40:00"), accepted(date(2008, 3, 3).at(12, 40, 0, 0)));
    assert_eq!(ask(rule(), "2008-03-03 25:40:00"), refused("must be YYYY-MM-DD HH:MM:SS!"));
}

/// The table of symbols.
#[test]
fn directives_of_formats() {
    let at = date(1963, 8, 28).at(14, 30, 59, 0);
    for (format, text) in [
        ("%Y-%m-%d %H:%M:%S", "1963-08-28 14:30:59"),
        ("%d %b %Y %I:%M:%S %p", "28 Aug 1963 02:30:59 PM"),
        ("%d %B %Y %H:%M:%S", "28 August 1963 14:30:59"),
    ] {
        assert_eq!(ask(IsDatetime::with_format(format).unwrap(), text), accepted(at), "{format}");
    }
    assert_eq!(ask(IsDate::with_format("%d.%m.%y").unwrap(), "28.08.63"), accepted(date(2063, 8, 28)));
    assert_eq!(ask(IsDate::with_format("%d.%m.%y").unwrap(), "28.08.69"), accepted(date(1969, 8, 28)));
}

#[test]
fn is_date_in_range() {
    let range = date(2008, 1, 1)..=date(2009, 12, 31);
    let rule = || {
        IsDateInRange::new(range.clone())
            .with_format("%Y-%m-%d")
            .unwrap()
            .error_message("must be YYYY-MM-DD!")
    };
    assert_eq!(ask(rule(), "2009-12-31"), accepted(date(2009, 12, 31)));
    assert_eq!(ask(rule(), "2010-01-01"), refused("must be YYYY-MM-DD!"));
}

#[test]
fn is_datetime_in_range() {
    let range = date(2008, 1, 1).at(10, 30, 0, 0)..=date(2009, 12, 31).at(11, 45, 0, 0);
    let rule = || {
        let rule = IsDatetimeInRange::new(range.clone()).with_format("%Y-%m-%d %H:%M:%S").unwrap();
        rule.error_message("must be YYYY-MM-DD HH:MM::SS!")
    };
    assert_eq!(ask(rule(), "2008-01-01 10:30:00"), accepted(date(2008, 1, 1).at(10, 30, 0, 0)));
    assert_eq!(ask(rule(), "2008-01-01 10:29:59"), refused("must be YYYY-MM-DD HH:MM::SS!"));
}
