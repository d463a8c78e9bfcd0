//! Behaviour of the command and of the site that it serves.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod bulk;
mod check;
mod chinook;
mod command;
mod demo;
mod edits;
mod forgery;
mod hostile;
mod languages;
mod large;
mod lists;
mod migrate;
mod pages;
mod policy;
mod postgres;
mod postgres_server;
mod records;
mod sample;
mod sign_in;
mod state;
mod trouble;
mod users;
mod validate;
mod visitor;
