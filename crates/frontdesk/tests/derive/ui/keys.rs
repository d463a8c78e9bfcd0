//! Keys, and members that tables name.
use frontdesk::prelude::*;

#[derive(Table)]
pub struct None {
    name: String,
}

#[derive(Table)]
#[table(keyless, key(name))]
pub struct Both {
    name: String,
}

#[derive(Table)]
#[table(key(name, place), foreign_key(members(nam), table = "x", columns(a, b)), foreign_key = "x")]
pub struct Unknown {
    #[field(key)]
    name: String,
}

#[derive(Table)]
#[table(readable = "{name", cannot(change = "x"), crate = 5)]
pub struct Label {
    id: Id,
}
