use frontdesk_data::{Field, UploadOptions, Value};
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::{IsEmptyOr, IsImage, IsLength, IsNotEmpty, Rules};
use http::StatusCode;

use crate::visitor::{PIXEL, Visitor};

fn spec() -> FormSpec {
    Form::for_fields(
        "t",
        [
            Field::string("name").requires(IsNotEmpty::new()),
            Field::upload("file").upload_options(UploadOptions::default().max_bytes(1000)),
        ],
    )
}

#[tokio::test]
async fn an_accepted_file_can_be_stored_under_a_key() {
    let mut visitor = Visitor::new();
    let mut page = visitor.upload(&spec(), &[("name", "x")], &[("file", "C:\\dir\\a b.txt", b"hello")]).await;
    assert_eq!(page.attr("form", "enctype").as_deref(), Some("multipart/form-data"));
    let mut form = page.form.take().unwrap();
    assert!(form.accepted());
    let Some(Value::File(file)) = form.vars().get("file") else { panic!("{:?}", form.vars()) };
    assert_eq!((file.name(), file.size()), ("a b.txt", 5));
    assert!(form.store_files(&visitor.desk).await.unwrap());
    let key = form.vars().get("file").unwrap().to_text().into_owned();
    assert!(key.starts_with("a b-") && key.ends_with(".txt"));
    assert_eq!(visitor.stored(), [&*key]);
    assert_eq!(std::fs::read(visitor.folder.path().join(key)).unwrap(), b"hello");
    drop(form);
    assert_eq!(visitor.quarantined(), 0);
}

#[tokio::test]
async fn upld_01_a_file_over_its_limit_is_refused_with_the_form_and_the_texts_kept() {
    let mut visitor = Visitor::new();
    let page = visitor.upload(&spec(), &[("name", "kept")], &[("file", "big.txt", &[b'x'; 100_000])]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(page.value_of("name").as_deref(), Some("kept"));
    assert_eq!(page.error_of("file").as_deref(), Some("The file is too large: 1000 bytes at most"));
    drop(page);
    assert_eq!((visitor.stored().len(), visitor.quarantined()), (0, 0));
}

#[tokio::test]
async fn upld_03_a_name_that_is_not_fit_is_an_error_beside_the_input() {
    let mut visitor = Visitor::new();
    for (name, error) in [(".hidden", "must not start"), ("a.html", "isn't allowed"), ("a&b.txt", "'&'")] {
        let mut page = visitor.upload(&spec(), &[("name", "x")], &[("file", name, b"x")]).await;
        let mut form = page.form.take().unwrap();
        assert!(!form.store_files(&visitor.desk).await.unwrap());
        assert!(!form.accepted());
        assert!(form.error_of("file").unwrap().text().contains(error));
    }
    assert!(visitor.stored().is_empty());
}

#[tokio::test]
async fn upld_02_no_chosen_file_is_no_value() {
    let mut visitor = Visitor::new();
    let page = visitor.upload(&spec(), &[("name", "x")], &[("file", "", b"")]).await;
    assert!(page.form().accepted());
    assert_eq!(page.form().vars().get("file"), Some(&Value::Null));

    let image = |rules: Rules| Form::for_fields("t", [Field::upload("file").requires(rules)]);
    let page = visitor.upload(&image(IsImage::new().into()), &[], &[("file", "", b"")]).await;
    assert!(page.error_of("file").is_some());
    let page = visitor.upload(&image(IsEmptyOr::new(IsImage::new()).into()), &[], &[("file", "", b"")]).await;
    assert!(page.form().accepted());
}

#[tokio::test]
async fn upld_03_rules_see_the_content_not_the_claim() {
    let mut visitor = Visitor::new();
    let spec = Form::for_fields(
        "t",
        [Field::upload("file").requires(Rules::list().and(IsImage::new()).and(IsLength::max(1000)))],
    );
    let page = visitor.upload(&spec, &[], &[("file", "a.png", b"<script>alert(1)</script>")]).await;
    assert_eq!(page.error_of("file").as_deref(), Some("Invalid image"));
    let page = visitor.upload(&spec, &[], &[("file", "a.png", PIXEL)]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
}

#[tokio::test]
async fn upld_02_a_file_for_a_field_that_takes_none_is_dropped() {
    let mut visitor = Visitor::new();
    let page = visitor.upload(&spec(), &[], &[("name", "a.txt", b"Ada"), ("other", "b.txt", b"x")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(visitor.quarantined(), 0);
}

#[tokio::test]
async fn csrf_02_a_forged_form_stores_nothing() {
    let mut visitor = Visitor::new();
    visitor.get(&spec()).await;
    let body = "--XX\r\nContent-Disposition: form-data; name=\"_formname\"\r\n\r\nt\r\n\
                --XX\r\nContent-Disposition: form-data; name=\"_formkey\"\r\n\r\nbad\r\n\
                --XX\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAda\r\n\
                --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--XX--\r\n";
    let request = visitor.request(http::Method::POST, "/", "multipart/form-data; boundary=XX", body);
    let page = visitor.send(&spec(), request).await.unwrap();
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
    assert!(!visitor.folder.path().join(".incoming").exists(), "not even for a moment");
}

#[tokio::test]
async fn a_file_before_the_forms_name_is_refused_with_the_reason() {
    let mut visitor = Visitor::new();
    let body = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n\
                --XX\r\nContent-Disposition: form-data; name=\"_formname\"\r\n\r\nt\r\n--XX--\r\n";
    let request = visitor.request(http::Method::POST, "/", "multipart/form-data; boundary=XX", body);
    let page = visitor.send(&spec(), request).await.unwrap();
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.alert().unwrap().contains("must come before its files"));
}

#[tokio::test]
async fn upld_02_a_file_cannot_come_in_through_a_text() {
    let mut visitor = Visitor::new();
    let spec =
        Form::for_fields("t", [Field::string("name").requires(IsLength::max(100)), Field::upload("file")]);
    let file = serde_json::json!({"$file": {"filename": "a.txt", "base64": "aGVsbG8="}});
    let page = visitor.submit_json(&spec, serde_json::json!({ "name": file })).await;
    assert_eq!(page.form().error_of("name").unwrap().code(), "not_a_file_field");
}
