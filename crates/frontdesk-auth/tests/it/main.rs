//! Sign-in as those who use it meet it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod account;
mod attempts;
mod change_password;
mod guards;
mod inputs;
mod jwt;
mod leaks;
mod links;
mod login;
mod logout;
mod mails;
mod mounted;
mod passwords;
mod redis_restart;
mod register;
mod reset;
mod second_step;
mod sessions;
mod site;
mod support;
mod templates;
mod timing;
mod tokens;
mod users;
