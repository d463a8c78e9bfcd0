//! Catalogues of the application's own.

use std::fs;
use std::sync::Arc;
use std::thread;

use frontdesk_web::{LanguageError, Languages};

fn refused(text: &str) -> String {
    Languages::new().add("de", text).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_key() {
    assert_eq!(refused("a = A\n\nb = { $x\n"), "de:3: `b`: expected a token starting with \"}\"");
    assert_eq!(
        refused("a = A\nb = { -brand } { c }"),
        "de:2: `b`: there is no `-brand`\nde:2: `b`: there is no `c`"
    );
    assert_eq!(refused("a = A\na = B"), "de:1: `a`: this key is there twice");
    assert_eq!(
        refused("a = { DATETIME($x) }"),
        "de:1: `a`: there is no function DATETIME(); NUMBER() is the only one"
    );
    assert_eq!(
        refused("a = { NUMBER($x, minimumFractionDigits: 99) }"),
        "de:1: `a`: NUMBER() writes from 0 to 10 digits"
    );
    assert_eq!(
        refused("is-email = { $x }"),
        "de:1: `is-email`: there is no $x here: this message has no variables"
    );
    assert_eq!(refused("field-thing-name = { $x }").lines().count(), 1);
    assert!(matches!(Languages::new().add("not a tag", ""), Err(LanguageError::Tag(_))));
    assert!(matches!(Languages::new().offer(&["fr"]), Err(LanguageError::NoCatalogue(_))));
    assert!(matches!(Languages::new().fallback("fr"), Err(LanguageError::NoCatalogue(_))));
}

#[test]
fn own_messages_win_over_ours_and_may_use_each_other() {
    let languages = Languages::new()
        .add("de", "-shop = Laden\nform-submit = Ab in den { -shop }")
        .unwrap()
        .add("de", "thanks = Danke! { form-submit }: { -shop }\n    .short = Danke")
        .unwrap();
    let german = languages.get("de").unwrap();
    assert_eq!(german.t("form-submit"), "Ab in den Laden");
    assert_eq!(german.t("thanks"), "Danke! Ab in den Laden: Laden");
    assert_eq!(german.t("thanks.short"), "Danke");
    assert_eq!(languages.get("de-CH").unwrap().t("form-submit"), "Ab in den Laden");
    assert_eq!(languages.get("pt").unwrap().t("form-submit"), "Enviar");
    assert!(!german.is_default());
}

#[test]
fn the_nearest_catalogue_is_asked_first_and_english_last() {
    let languages = Languages::new()
        .add("fr", "greeting = Bonjour")
        .unwrap()
        .add("fr-CH", "form-submit = Envoyer")
        .unwrap()
        .add("en-GB", "form-submit = Send")
        .unwrap();
    let swiss = languages.get("fr-CH").unwrap();
    assert_eq!((swiss.t("form-submit"), swiss.t("greeting")), ("Envoyer".into(), "Bonjour".into()));
    assert_eq!(swiss.t("form-none"), "None");
    assert_eq!(languages.get("fr").unwrap().t("form-submit"), "Submit");
    assert_eq!(languages.get("en-GB").unwrap().t("form-submit"), "Send");
    assert!(!languages.get("en-GB").unwrap().is_default());
    assert!(languages.get("en-US").unwrap().is_default());
    assert!(languages.get("en").unwrap().is_default());
}

#[test]
fn a_folder_has_a_file_or_a_folder_for_each_language() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("de.ftl"), "\u{feff}a = eins\r\nb = zwei\r\n").unwrap();
    fs::create_dir(path("pt-BR")).unwrap();
    fs::write(path("pt-BR/one.ftl"), "a = um").unwrap();
    fs::write(path("pt-BR/two.ftl"), "b = dois { a }").unwrap();
    fs::write(path("readme.txt"), "no catalogue").unwrap();
    let languages = Languages::new().add_folder(folder.path()).unwrap();
    assert_eq!(languages.get("de").unwrap().t("a"), "eins");
    assert_eq!(languages.get("pt-BR").unwrap().t("b"), "dois um");

    fs::write(path("pt-BR/two.ftl"), "b = dois { c }").unwrap();
    let error = Languages::new().add_folder(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("two.ftl:1: `b`: there is no `c`"), "{error}");
    assert!(matches!(Languages::new().add_folder(path("none")), Err(LanguageError::Io { .. })));
    fs::write(path("no tag.ftl"), "a = A").unwrap();
    assert!(matches!(Languages::new().add_folder(folder.path()), Err(LanguageError::Tag(_))));
}

#[test]
fn a_message_that_refers_to_itself_is_passed_over() {
    let languages = Languages::new().add("de", "a = { b }\nb = { a }").unwrap();
    assert_eq!(languages.get("de").unwrap().say("a", &[]), None);
}

#[test]
fn form_17_one_request_s_language_never_appears_in_another() {
    let languages = Arc::new(
        Languages::new().add("de", "name = Deutsch").unwrap().add("pt", "name = Português").unwrap(),
    );
    let threads: Vec<_> = (0..4)
        .map(|start| {
            let languages = Arc::clone(&languages);
            thread::spawn(move || {
                for turn in start..start + 250 {
                    let (tag, name, submit) = [
                        ("de", "Deutsch", "Absenden"),
                        ("pt", "Português", "Enviar"),
                        ("de-CH", "Deutsch", "Absenden"),
                        ("en", "name", "Submit"),
                    ][turn % 4];
                    let language = languages.get(tag).unwrap();
                    assert_eq!(language.t("name"), name);
                    assert_eq!(language.say_or("form-submit", &[], "Submit"), submit);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn the_pseudo_language_shows_every_message_longer() {
    let languages = Languages::new().add("en", "greeting = Hello, { $name }").unwrap().with_pseudo();
    let pseudo = languages.get("en-XA").unwrap();
    let text = pseudo.say("greeting", &[("name", "Ada".into())]).unwrap();
    assert_eq!(text, "[Ĥéļļö, Ada ~~~]");
    assert!(!pseudo.is_default());
    assert_eq!(languages.get("en-AU").unwrap().tag(), "en-AU");
    assert_eq!(Languages::new().get("en-XA").unwrap().tag(), "en");
}
