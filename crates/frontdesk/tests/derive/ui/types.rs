//! Types that a column cannot hold.
use frontdesk::prelude::*;

pub struct Plain;

#[derive(Table)]
pub struct Hero {
    id: Id,
    large: u64,
}

#[derive(Table)]
pub struct Lists {
    id: Id,
    flags: Vec<bool>,
}

#[derive(Table)]
pub struct Refers {
    id: Id,
    plain: Ref<Plain>,
}
