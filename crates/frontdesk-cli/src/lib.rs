//! The `frontdesk` command, as a library: the program itself is a thin `main`.
//!
//! [`run`] is the whole command. [`app`] is the site that `frontdesk serve` serves, as an axum router over a database
//! that is open already.

mod account;
mod actor;
mod args;
mod bulk;
mod check;
mod database;
mod demo;
mod error;
mod explain;
mod inspect;
mod listen;
mod migrate;
mod public;
mod secret;
mod serve;
mod settings;
mod site;
mod state;
mod validate;

pub use self::args::{
    AddUserArgs, AdminArgs, CheckArgs, Cli, Command, ExplainArgs, ExportArgs, ImportArgs, InspectArgs,
    MigrateArgs, NamedUserArgs, PasswdArgs, PlaceArgs, RoleArgs, ServeArgs, SessionArgs, SessionCommand,
    UserArgs, UserCommand, ValidateArgs,
};
pub use self::bulk::Format;
pub use self::database::{Described, open_described};
pub use self::error::{CliError, Failure};
pub use self::site::{SignInOptions, Site, SiteOptions, app};

/// Runs a command to its end.
///
/// # Errors
/// [`CliError`], to be printed; its [`exit_code`](CliError::exit_code) is the program's.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(args) => serve::run(args).await,
        Command::Inspect(args) => inspect::run(args).await,
        Command::Validate(args) => validate::run(args).await,
        Command::Export(args) => bulk::export::run(args).await,
        Command::Import(args) => bulk::import::run(args).await,
        Command::Migrate(args) => migrate::run(args).await,
        Command::Explain(args) => explain::run(args).await,
        Command::User(args) => account::user(args).await,
        Command::Session(args) => account::session(args).await,
        Command::Check(args) => check::run(args).await,
    }
}
