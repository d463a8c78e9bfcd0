//! What is no row of a table, and no value of a column.
use frontdesk::prelude::*;

#[derive(Table)]
pub struct Pair(String, i64);

#[derive(Table)]
pub enum Color {
    Red,
}

#[derive(Table)]
pub struct Generic<T> {
    id: Id,
    value: T,
}

#[derive(FieldValue)]
pub struct Two(String, i64);

#[derive(FieldValue)]
pub enum Choice {
    Plain,
    Other(String),
    #[field(value = "plain", lable = "Third")]
    Third,
    #[field(value = "")]
    Nothing,
}

#[derive(FieldValue)]
pub enum Empty {}

#[derive(FieldValue)]
#[field(type = "text")]
pub struct Wrapper(#[field(label = "x")] String);
