//! The arguments of `frontdesk user` and `frontdesk session`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Which users and sessions are meant: those that `frontdesk serve` has with the same options.
#[derive(Clone, Debug, Default, Args)]
pub struct PlaceArgs {
    /// The database that is served: a file, `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`; without it, that of the
    /// schema file
    #[arg(long, env = "FRONTDESK_DATABASE", hide_env_values = true, global = true)]
    pub database: Option<String>,
    /// The schema file
    ///
    /// Without a database and without this option, `frontdesk.toml` in the current folder is used where there is one.
    #[arg(long, value_name = "FILE", env = "FRONTDESK_SCHEMA", global = true)]
    pub schema: Option<PathBuf>,
    /// Where users and sessions are, as for `frontdesk serve`: `same`, an SQLite file, or `postgres://…`
    #[arg(long, value_name = "same|PATH", env = "FRONTDESK_STATE", hide_env_values = true, global = true)]
    pub state: Option<String>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
}

/// The arguments of `frontdesk user`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk user add ada --admin               asks for the password
  pass show desk/bob | frontdesk user add bob --email bob@example.com --password-stdin
  frontdesk user list --json
  frontdesk user disable bob                   signs bob out everywhere, too

They are the users of the `frontdesk serve` that is started with the same --schema, --state and environment.")]
pub struct UserArgs {
    /// Which users.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: UserCommand,
}

/// What `frontdesk user` can do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum UserCommand {
    /// Add a user
    Add(AddUserArgs),
    /// List the users
    List,
    /// Give a user another password; all their sessions end
    Passwd(PasswdArgs),
    /// Keep a user from signing in; all their sessions end
    Disable(NamedUserArgs),
    /// Let a user sign in
    Enable(NamedUserArgs),
    /// Make a user an administrator, or take that away; all their sessions end
    Admin(AdminArgs),
    /// Give a user roles and attributes of the schema file, or take them away
    Role(RoleArgs),
    /// Delete a user
    Delete(NamedUserArgs),
}

/// The arguments of `frontdesk user add`.
#[derive(Debug, Args)]
pub struct AddUserArgs {
    /// The name to sign in with
    pub name: String,
    /// The e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// May see and change everything
    #[arg(long)]
    pub admin: bool,
    /// May manage users, too
    #[arg(long)]
    pub superuser: bool,
    /// Read the password from standard input: its first line
    #[arg(long)]
    pub password_stdin: bool,
}

/// The arguments of `frontdesk user passwd`.
#[derive(Debug, Args)]
pub struct PasswdArgs {
    /// The name
    pub name: String,
    /// Read the password from standard input: its first line
    #[arg(long)]
    pub password_stdin: bool,
}

/// The arguments of a command about one user.
#[derive(Debug, Args)]
pub struct NamedUserArgs {
    /// The name
    pub name: String,
}

/// The arguments of `frontdesk user admin`.
#[derive(Debug, Args)]
pub struct AdminArgs {
    /// The name
    pub name: String,
    /// Let them manage users, too
    #[arg(long)]
    pub superuser: bool,
    /// Take it away instead
    #[arg(long, conflicts_with = "superuser")]
    pub remove: bool,
}

/// The arguments of `frontdesk user role`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk user role bob staff editor       bob is staff, and an editor
  frontdesk user role bob tenant=7           what the schema file calls actor.tenant is 7 for bob
  frontdesk user role bob --remove editor
  frontdesk user role bob                    shows them")]
pub struct RoleArgs {
    /// The name
    pub name: String,
    /// `staff`, roles that `[access] roles` of the schema file names, and values of its `attributes`: `tenant=7`
    #[arg(value_name = "ROLE|ATTRIBUTE=VALUE")]
    pub roles: Vec<String>,
    /// Take them away instead
    #[arg(long, requires = "roles")]
    pub remove: bool,
}

/// The arguments of `frontdesk session`.
#[derive(Debug, Args)]
pub struct SessionArgs {
    /// Whose.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: SessionCommand,
}

/// What `frontdesk session` can do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum SessionCommand {
    /// List who is signed in, and where
    List {
        /// Only this user's
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Remove what has expired
    Clean,
    /// End sessions
    #[command(group = clap::ArgGroup::new("which").required(true))]
    End {
        /// The session's identity, as `list` shows it
        // One of them in 64 begins with a hyphen.
        #[arg(group = "which", allow_hyphen_values = true)]
        id: Option<String>,
        /// All sessions of this user
        #[arg(long, value_name = "NAME", group = "which")]
        user: Option<String>,
        /// All sessions of everybody
        #[arg(long, group = "which")]
        all: bool,
    },
}
