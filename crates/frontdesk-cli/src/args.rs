use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The front desk of a database: forms with checks over the tables that are there.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `frontdesk` can do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Serve a database: browse, search, create, edit and delete rows in a browser
    Serve(ServeArgs),
    /// Print the schema file that describes a database
    Inspect(InspectArgs),
    /// Check values by a rule
    Validate(ValidateArgs),
}

/// The arguments of `frontdesk serve`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  frontdesk serve                        a demo shop, made in the current folder
  frontdesk serve shop.db                an existing SQLite database
  frontdesk serve --listen 127.0.0.1:0   any free port

FRONTDESK_SECRET_KEY, or the file that FRONTDESK_SECRET_KEY_FILE names, holds the secret that signs forms: at least 32
bytes. Without it, a form that was open during a restart has to be submitted again.

There is no sign-in yet, so only this computer is served.")]
pub struct ServeArgs {
    /// The database: a file, or `sqlite://FILE`; without it, that of the schema file, or else a demo is made
    #[arg(env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// A schema file: what the database cannot know (labels, rules, widgets, uploads)
    ///
    /// Without a database and without this option, `frontdesk.toml` in the current folder is used where there is one.
    #[arg(long, value_name = "FILE", env = "FRONTDESK_SCHEMA")]
    pub schema: Option<PathBuf>,
    /// Where to listen: a loopback address and a port; port 0 takes any free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS", env = "FRONTDESK_LISTEN")]
    pub listen: Option<String>,
    /// The folder for uploaded files [default: `media` beside the schema file or the database]
    #[arg(long, value_name = "FOLDER", env = "FRONTDESK_MEDIA")]
    pub media: Option<PathBuf>,
    /// Where drafts live, and what is remembered of submissions: `memory`, `same` (tables of the served database), or
    /// an SQLite file [default: `frontdesk.db` beside the schema file or in the current folder where a secret key is
    /// set, else `memory`]
    #[arg(long, value_name = "memory|same|PATH", env = "FRONTDESK_STATE", hide_env_values = true)]
    pub state: Option<String>,
}

/// The arguments of `frontdesk inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The database: a file, or `sqlite://FILE`
    #[arg(env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: String,
}

/// The arguments of `frontdesk validate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  frontdesk validate --rule '{\"rule\": \"is_length\", \"maxsize\": 5}' hello 'far too long'

Prints each value as the rule returns it, or the error; exits with 1 if one was refused.")]
pub struct ValidateArgs {
    /// A rule, or a list of rules, as JSON
    #[arg(long, value_name = "JSON", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub rule: Option<String>,
    /// The values to check
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl", allow_hyphen_values = true)]
    pub values: Vec<String>,
    /// Answer JSON lines on standard input with JSON lines on standard output
    #[arg(long)]
    pub jsonl: bool,
}
