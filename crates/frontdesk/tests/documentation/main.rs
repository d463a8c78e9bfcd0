//! The examples of the original documentation of forms and validators, one test each, in the order of the document.
//!
//! | part of the document | module |
//! |---|---|
//! | forms: three kinds, constructor, minimal, basic, upload | [`forms`] |
//! | widgets, structure, custom forms, sidecar | [`layout`] |
//! | validators on fields, messages | [`fields`] |
//! | text format validators | [`text`] |
//! | dates, ranges, sets, equality | [`ranges`] |
//! | passwords, lists, files, addresses, clean-up | [`special`] |
//! | database validators, validation functions | [`database`] |

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod browser;
mod database;
mod fields;
mod forms;
mod layout;
mod ranges;
mod special;
mod text;

use frontdesk::prelude::*;

/// The model that the document assumes: a thing has a name, a color and an image.
async fn thing() -> (Db, std::sync::Arc<Table>) {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let image = UploadOptions::default().download_url(|name| format!("/download/{name}"));
    let thing = Table::new("thing")
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::string("color").requires(IsInSet::new(["red", "blue", "green"])))
        .field(Field::upload("image").upload_options(image))
        .create();
    let thing = db.define(thing).await.unwrap();
    (db, thing)
}

/// `IS_…()(value)` of the document's console: the value, or the text of the error.
fn ask(rules: impl Into<Rules>, value: impl Into<Value>) -> Result<Value, String> {
    rules.into().check_now(value.into()).map_err(|error| error.text().to_owned())
}

fn accepted(value: impl Into<Value>) -> Result<Value, String> {
    Ok(value.into())
}

fn refused(text: &str) -> Result<Value, String> {
    Err(text.to_owned())
}
