mod account;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use self::account::{
    AddUserArgs, AdminArgs, NamedUserArgs, PasswdArgs, PlaceArgs, RoleArgs, SessionArgs, SessionCommand,
    UserArgs, UserCommand,
};
use crate::bulk::Format;

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
    /// Check values by a rule, or the rows of a file by the rules of a table
    Validate(ValidateArgs),
    /// Write the rows of a table to a file, as CSV or JSON lines
    Export(ExportArgs),
    /// Read rows from a file into a table, checked by all of its rules
    Import(ImportArgs),
    /// Make the tables that are missing, or print the SQL that would
    Migrate(MigrateArgs),
    /// Say whether somebody may do something, and why
    Explain(ExplainArgs),
    /// Add, list and change those who can sign in
    User(UserArgs),
    /// List and end sessions: who is signed in, where
    Session(SessionArgs),
    /// Say what is not fit for production
    Check(CheckArgs),
}

/// The arguments of `frontdesk serve`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  frontdesk serve                        a demo shop, made in the current folder
  frontdesk serve shop.db                an existing SQLite database
  frontdesk serve postgres://ada@localhost/shop
                                         a PostgreSQL database; PGPASSWORD may hold the password
  frontdesk serve --listen 127.0.0.1:0   any free port

FRONTDESK_SECRET_KEY, or the file that FRONTDESK_SECRET_KEY_FILE names, holds the secret that signs forms: at least 32
bytes. Without it, a form that was open during a restart has to be submitted again.

Until there is an administrator, only this computer is served, and whoever uses it may do everything. `frontdesk user add
NAME --admin`, or the link that is printed at the start, makes the first one; from then on everybody signs in.")]
pub struct ServeArgs {
    /// The database: a file, `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`; without it, that of the schema file, or else a demo is made
    #[arg(env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// A schema file: what the database cannot know (labels, rules, widgets, uploads)
    ///
    /// Without a database and without this option, `frontdesk.toml` in the current folder is used where there is one.
    #[arg(long, value_name = "FILE", env = "FRONTDESK_SCHEMA")]
    pub schema: Option<PathBuf>,
    /// Where to listen: an address and a port; port 0 takes any free one [default: 127.0.0.1:8000]
    ///
    /// Other addresses than those of this computer are taken once there is an administrator and a secret key.
    #[arg(long, value_name = "ADDRESS", env = "FRONTDESK_LISTEN")]
    pub listen: Option<String>,
    /// The folder for uploaded files [default: `media` beside the schema file or the database]
    #[arg(long, value_name = "FOLDER", env = "FRONTDESK_MEDIA")]
    pub media: Option<PathBuf>,
    /// Where drafts live, and what is remembered of submissions: `memory`, `same` (tables of the served database, with
    /// PostgreSQL in a schema `frontdesk`), or another database: an SQLite file or `postgres://…` [default: `frontdesk.db` beside the schema file or in the current folder where a secret key is
    /// set, else `memory`]
    #[arg(long, value_name = "memory|same|PATH", env = "FRONTDESK_STATE", hide_env_values = true)]
    pub state: Option<String>,
    /// Look at the desk as somebody else, without signing in: `public`, `user`, `staff`, `admin`, `user:42`, a role of the schema file; further
    /// roles and attributes follow after commas: `user:42,editor,tenant=7` [default: admin]
    #[arg(long = "as", value_name = "ACTOR", env = "FRONTDESK_AS")]
    pub actor: Option<String>,
}

/// The arguments of `frontdesk check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk check --schema frontdesk.toml
  frontdesk check shop.db --state same --json

Looks at what `frontdesk serve` would be given by the same options, environment and schema file. Nothing is changed. Exits
with 1 if there is an error; warnings alone do not.")]
pub struct CheckArgs {
    /// The database: a file, `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`; without it, that of the schema file
    #[arg(env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The schema file
    ///
    /// Without a database and without this option, `frontdesk.toml` in the current folder is used where there is one.
    #[arg(long, value_name = "FILE", env = "FRONTDESK_SCHEMA")]
    pub schema: Option<PathBuf>,
    /// Where it would listen
    #[arg(long, value_name = "ADDRESS", env = "FRONTDESK_LISTEN")]
    pub listen: Option<String>,
    /// Where users and sessions are, as for `frontdesk serve`
    #[arg(long, value_name = "memory|same|PATH", env = "FRONTDESK_STATE", hide_env_values = true)]
    pub state: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `frontdesk explain`.
#[derive(Debug, Args)]
#[command(
    override_usage = "frontdesk explain [OPTIONS] [DATABASE] ACTOR TABLE ACTION [ROW-ID]",
    after_help = "\
Examples:
  frontdesk explain shop.db --schema frontdesk.toml user:42 order update 17
  frontdesk explain public order read              with the database and rules of frontdesk.toml

ACTOR is `public`, `user`, `staff`, `admin`, `user:42`, or a role of the schema file; further roles and attributes follow
after commas: `user:42,editor,tenant=7`. ACTION is `read`, `create`, `update` or `delete`. ROW-ID is as in addresses.

Exits with 0 if it is allowed, 1 if it is denied, 2 if it was asked wrongly."
)]
pub struct ExplainArgs {
    /// The database, who asks, the table, what they want to do, and perhaps with which row
    #[arg(required = true, num_args = 3..=5, value_name = "ARGUMENT")]
    pub arguments: Vec<String>,
    /// The schema file that says who may do what
    ///
    /// Without a database and without this option, `frontdesk.toml` in the current folder is used.
    #[arg(long, value_name = "FILE", env = "FRONTDESK_SCHEMA")]
    pub schema: Option<PathBuf>,
}

/// The arguments of `frontdesk inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A schema file to be put over what the database says
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// The database: a file, `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`
    #[arg(env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: String,
}

/// The arguments of `frontdesk validate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk validate --rule '{\"rule\": \"is_length\", \"maxsize\": 5}' hello 'far too long'
  frontdesk validate --schema shop.toml --table product products.csv

The first prints each value as the rule returns it, or the error. The second prints FILE:LINE: COLUMN: ERROR for all that
is wrong; rules that would ask the database are named as not checked. Both exit with 1 if something was refused.")]
pub struct ValidateArgs {
    /// A rule, or a list of rules, as JSON
    #[arg(long, value_name = "JSON", required_unless_present_any = ["jsonl", "schema"], conflicts_with_all = ["jsonl", "schema"])]
    pub rule: Option<String>,
    /// The values to check; with `--schema`, a CSV or JSON lines file, or `-` for standard input
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl", allow_hyphen_values = true)]
    pub values: Vec<String>,
    /// Answer JSON lines on standard input with JSON lines on standard output
    #[arg(long)]
    pub jsonl: bool,
    /// A schema file, whose rules the rows of a file are checked by
    #[arg(long, value_name = "FILE", requires = "table", conflicts_with = "jsonl")]
    pub schema: Option<PathBuf>,
    /// The table in the schema file that the rows are for
    #[arg(long, requires = "schema")]
    pub table: Option<String>,
    /// How the file is written [default: by its name, else csv]
    #[arg(long, requires = "schema")]
    pub format: Option<Format>,
    /// What separates the cells of a CSV file: `,` `;` `|` `:` or `tab` [default: found out]
    #[arg(long, requires = "schema")]
    pub delimiter: Option<String>,
    /// Take texts that are given as empty (`'` in CSV, `""` in JSON lines) or blank as they are, also where a form asks for
    /// a value
    #[arg(long, requires = "schema")]
    pub keep_empty: bool,
    /// How many errors are printed; all are counted
    #[arg(long, value_name = "COUNT", default_value_t = 100, requires = "schema")]
    pub max_errors: u64,
}

/// The arguments of `frontdesk export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk export shop.db product -o products.csv
  frontdesk export shop.db product --columns id,name,price --where 'price > 10' --format jsonl | gzip > dear.jsonl.gz

In CSV, nothing (NULL) is an empty cell. Texts that a spreadsheet could take for a formula, and empty texts, get an
apostrophe in front, which `frontdesk import` takes off again. Secrets are never written.")]
pub struct ExportArgs {
    /// The database: a file, `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`
    pub database: String,
    /// The table or view
    pub table: String,
    /// How it is written [default: by the name of the output, else csv]
    #[arg(long)]
    pub format: Option<Format>,
    /// The columns, with commas between; all that are shown otherwise
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub columns: Option<Vec<String>>,
    /// Only rows for which this holds, such as "country == 'US' and age >= 18"; all rows are looked through for it
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: Option<String>,
    /// The file; it takes its name only when it is complete [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A schema file, which may say that columns are not shown
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Export what somebody may read, as the schema file says: `user:42`, `staff`, as for `frontdesk serve` [default: all]
    #[arg(long = "as", value_name = "ACTOR")]
    pub actor: Option<String>,
}

/// The arguments of `frontdesk import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk import shop.db product products.csv --dry-run
  frontdesk import shop.db product products.csv --upsert

The first line of a CSV file, or the members of a JSON object, name the columns. Every row is checked by the rules of the
table, those of the database included, as a form would. What is wrong is printed as FILE:LINE: COLUMN: ERROR. All rows are
written in one transaction: all of them or none, unless --keep-going leaves out those that are refused.

Exits with 1 if a row was refused or something failed, with 2 for wrong usage, with 130 after Ctrl-C.")]
pub struct ImportArgs {
    /// The database: a file, `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`
    pub database: String,
    /// The table
    pub table: String,
    /// A CSV or JSON lines file, or `-` for standard input
    pub file: String,
    /// A schema file: rules that the database cannot know
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// How the file is written [default: by its name, else csv]
    #[arg(long)]
    pub format: Option<Format>,
    /// What separates the cells of a CSV file: `,` `;` `|` `:` or `tab` [default: found out]
    #[arg(long)]
    pub delimiter: Option<String>,
    /// Check everything, as far as rows go into the database and back out, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Update rows whose key is there already, instead of refusing them
    #[arg(long)]
    pub upsert: bool,
    /// Leave out rows that are refused, and write the others
    #[arg(long)]
    pub keep_going: bool,
    /// Take texts that are given as empty (`'` in CSV, `""` in JSON lines) or blank as they are, also where a form asks for
    /// a value
    #[arg(long)]
    pub keep_empty: bool,
    /// How many errors are printed; without --dry-run or --keep-going, reading ends there
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub max_errors: u64,
}

/// The arguments of `frontdesk migrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  frontdesk migrate shop.db --schema shop.toml --plan    the SQL, and nothing is changed
  frontdesk migrate shop.db --schema shop.toml --state same

Makes what the schema file says `create = true` of, and the tables that frontdesk keeps for itself where --state says.
Tables that exist are never altered, but for frontdesk's own.")]
pub struct MigrateArgs {
    /// The database: a file, or `sqlite://FILE`; without it, that of the schema file
    #[arg(env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The schema file
    #[arg(long, value_name = "FILE", env = "FRONTDESK_SCHEMA")]
    pub schema: Option<PathBuf>,
    /// Where frontdesk's own tables are, as for `frontdesk serve`: `same`, or an SQLite file [default: nowhere]
    #[arg(long, value_name = "memory|same|PATH", env = "FRONTDESK_STATE", hide_env_values = true)]
    pub state: Option<String>,
    /// Print the SQL instead of carrying it out
    #[arg(long)]
    pub plan: bool,
}
