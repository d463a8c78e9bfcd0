//! Values of the wrong type, in attributes and in conditions.
use frontdesk::prelude::*;

#[derive(Table)]
pub struct Hero {
    id: Id,
    #[field(length = "long")]
    name: String,
    #[field(requires = 5)]
    age: Option<i32>,
}

pub fn condition() {
    let _ = Hero::NAME.eq(5);
    let _ = Hero::AGE.gte("old");
}
