//! Compiles: every shape that the derives take.
#![deny(warnings)]

use frontdesk::prelude::*;

#[derive(Clone, Copy, FieldValue)]
pub enum Color {
    Red,
    #[field(value = "navy", label = "Navy blue")]
    Blue,
}

#[derive(Clone, FieldValue)]
#[field(requires = IsEmail::new())]
pub struct Email(String);

#[derive(FieldValue)]
pub struct Named {
    inner: Email,
}

#[derive(Table)]
#[table(create, readable = "{name}")]
pub struct Hero {
    pub id: Id,
    #[field(label = "Full name")]
    pub(crate) name: String,
    email: Option<Email>,
    named: Option<Named>,
    colors: Vec<Color>,
    boss: Option<Ref<Hero>>,
    r#type: Option<Color>,
    #[field(skip)]
    notes: Vec<Vec<u8>>,
}

#[derive(Table)]
#[table(key(b, a))]
struct Pair {
    a: Ref<Hero>,
    b: i64,
}

/// What is not public is used here.
pub fn used(hero: &Hero) -> bool {
    let pair = Pair { a: Ref::new(1), b: 2 };
    hero.name.is_empty()
        && hero.email.as_ref().is_none_or(|email| email.0.is_empty())
        && hero.named.as_ref().is_none_or(|named| named.inner.0.is_empty())
        && hero.colors.is_empty()
        && hero.boss == Some(pair.a)
        && hero.r#type.is_some()
        && hero.notes.is_empty()
        && pair.b == 2
}
