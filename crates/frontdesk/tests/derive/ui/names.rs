//! Names that there are not, that are there twice, and arguments of the wrong kind: all are told at once.
use frontdesk::prelude::*;

#[derive(Table)]
#[table(nmae = "hero", create, create, label, unique(nme), readable = "{nam}", view = true)]
pub struct Hero {
    id: Id,
    #[field(lable = "Full name", length = 3, length = 4)]
    name: String,
    #[field(unique = true, label, requires, type = "sting")]
    color: String,
    #[field(name = "color")]
    paint: String,
    #[field(skip, label = "Nothing")]
    skipped: u64,
    #[field(choices_when("age < 12"), upload(max_byte = 5, any_content = 1), readable)]
    size: String,
    #[field(default = 1, default_with = || 1.into(), update = 1, generated)]
    number: i64,
}
