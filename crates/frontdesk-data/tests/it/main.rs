//! Behaviour of the data crate on real databases.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apply;
mod client_rules;
mod derived;
mod files;
mod in_db;
mod large;
mod lost_updates;
mod many;
mod odd_schemas;
mod own_tables;
mod parallel;
mod policy;
mod policy_properties;
mod postgres;
mod random_schemas;
mod records;
mod rows;
mod searches;
mod sets;
mod streams;
mod support;
mod transactions;
mod trouble;
mod vectors;
mod violations;
mod writer;
