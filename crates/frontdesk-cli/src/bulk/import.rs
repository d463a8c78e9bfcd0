//! `frontdesk import`.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use frontdesk_data::{Action, RowCheck, Table, Transaction, Values, WriteError};

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::read::{Item, Options, Rows};
use super::report::Report;
use super::{Format, number, patient, rows, table};
use crate::database::{open_described_with, read_schema};
use crate::{CliError, ImportArgs};

/// How many rows are checked before they are written.
const TOGETHER: usize = 256;

/// Reads rows into a table.
pub(crate) async fn run(args: ImportArgs) -> Result<(), CliError> {
    let schema = args.schema.as_deref().map(read_schema).transpose()?;
    let delimiter = args.delimiter.as_deref().map(delimiter).transpose()?;
    let described = open_described_with(&args.database, schema.as_ref(), patient()).await?;
    let result = import(&args, delimiter, &described).await;
    described.db.close().await;
    result
}

/// What separates cells, as it is typed: one character, or a name.
pub(super) fn delimiter(text: &str) -> Result<u8, CliError> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        "," | ";" | "|" | ":" => Ok(text.as_bytes()[0]),
        _ => Err(CliError::usage(format!("`--delimiter {text}`: it is one of `,` `;` `|` `:` and `tab`"))),
    }
}

async fn import(
    args: &ImportArgs,
    delimiter: Option<u8>,
    described: &crate::Described,
) -> Result<(), CliError> {
    let table = table(described, &args.table)?;
    let actions = [Some(Action::Create), args.upsert.then_some(Action::Update)];
    for action in actions.into_iter().flatten() {
        if let Some(why) = table.impossible(action) {
            return Err(CliError::failed(format!("`{}` takes no rows: {why}", table.name)));
        }
    }
    let path = Path::new(&args.file);
    let format = Format::of(args.format, Some(path));
    let mut source = Rows::open(path, &table, &Options { format, delimiter, upsert: args.upsert })?;
    let named = if args.file == "-" { "standard input" } else { &args.file };
    let interrupt = Interrupt::listen();
    let mut work = Import {
        table: &table,
        check: RowCheck::of(&table).keep_empty(args.keep_empty),
        upsert: args.upsert,
        // Whoever else writes to an SQLite database waits from now on.
        transaction: described.db.begin().await?,
        asks: false,
        waiting: Vec::new(),
        lines: Vec::new(),
        keys: HashSet::new(),
        report: Report::new(named, args.max_errors),
        progress: Progress::new(source.length),
        inserted: 0,
        updated: 0,
    };
    let goes_on = args.keep_going || args.dry_run;
    let interrupted = || CliError::interrupted("interrupted; nothing was written");
    let mut read: u64 = 0;
    while let Some(item) = source.next()? {
        if interrupt.is_pressed() {
            return Err(interrupted());
        }
        read += 1;
        work.item(item).await?;
        work.progress.tick(read, source.bytes());
        if work.report.is_full() && !goes_on {
            break;
        }
    }
    work.flush().await?;
    if interrupt.is_pressed() {
        return Err(interrupted());
    }
    interrupt.is_too_late();
    work.end(args, read).await
}

/// An import that is under way.
struct Import<'a> {
    table: &'a Arc<Table>,
    check: RowCheck<'a>,
    upsert: bool,
    transaction: Transaction,
    /// Whether rules ask others, such as the database: then they have to see the rows that came before.
    asks: bool,
    /// Rows that were accepted and wait to be written, and their lines.
    waiting: Vec<Values>,
    lines: Vec<u64>,
    /// The keys of those, where rows are found by them.
    keys: HashSet<String>,
    report: Report,
    progress: Progress,
    inserted: u64,
    updated: u64,
}

impl Import<'_> {
    async fn item(&mut self, item: Item) -> Result<(), CliError> {
        let (line, values) = match item {
            Item::Bad { line, problems } => {
                self.report.refuse_line(line, problems);
                return Ok(());
            }
            Item::Row { line, values } => (line, values),
        };
        let is_new = !self.upsert || self.is_new(&values).await?;
        match self.checked(values, is_new).await? {
            Ok(values) => {
                self.waiting.push(values);
                self.lines.push(line);
            }
            Err(WriteError::Refused(violations)) => self.report.refuse(line, &violations),
            Err(WriteError::Db(error)) => return Err(error.into()),
            Err(other) => return Err(CliError::failed(other.to_string())),
        }
        if self.waiting.len() >= TOGETHER { self.flush().await } else { Ok(()) }
    }

    /// Whether there is no row yet of the key that is given.
    async fn is_new(&mut self, values: &Values) -> Result<bool, CliError> {
        let mut set = self.transaction.set(self.table);
        let mut text = String::new();
        for name in &self.table.key {
            let value = &values[name];
            if value.is_null() {
                return Ok(true);
            }
            text.push_str(&value.to_text());
            text.push('\0');
            set = set.filter(self.table.col(name).eq(value.clone()));
        }
        if !self.keys.insert(text) {
            // It may be one of those that wait.
            self.flush().await?;
        }
        Ok(!set.exists().await?)
    }

    /// Checks a row by all rules.
    async fn checked(
        &mut self,
        values: Values,
        is_new: bool,
    ) -> Result<Result<Values, WriteError>, CliError> {
        if !self.asks {
            // Most tables have rules that answer at once.
            let done = match self.upsert {
                true => self.check.row_now(values.clone(), is_new),
                false => self.check.new_row_now(values.clone()),
            };
            if let Some(done) = done {
                return Ok(done);
            }
            self.asks = true;
        }
        self.flush().await?;
        Ok(match self.upsert {
            true => self.transaction.seen_by(self.check.row(values, is_new)).await,
            false => self.transaction.seen_by(self.check.new_row(values)).await,
        })
    }

    /// Writes the rows that wait, and prints what is wrong so far.
    async fn flush(&mut self) -> Result<(), CliError> {
        let waiting = std::mem::take(&mut self.waiting);
        let saved = match self.upsert {
            _ if waiting.is_empty() => Vec::new(),
            true => self.transaction.upsert_many(self.table, waiting).await?,
            false => self.transaction.insert_many(self.table, waiting).await?,
        };
        for (line, saved) in self.lines.drain(..).zip(saved) {
            match saved {
                Ok(saved) if saved.is_new => self.inserted += 1,
                Ok(_) => self.updated += 1,
                Err(violations) => self.report.refuse(line, &violations),
            }
        }
        self.keys.clear();
        self.report.print(&mut self.progress)
    }

    /// Commits or rolls back, and says what became of it all.
    async fn end(mut self, args: &ImportArgs, read: u64) -> Result<(), CliError> {
        let table = &self.table.name;
        let refused = self.report.refused;
        let is_written = !args.dry_run && (refused == 0 || args.keep_going);
        match is_written {
            false => self.transaction.rollback().await?,
            true => match self.transaction.commit().await {
                Ok(()) => {}
                Err(WriteError::Refused(violations)) => {
                    self.report.refuse_all(&violations);
                    self.report.print(&mut self.progress)?;
                    return Err(CliError::failed("nothing was written: what is above was found at the end"));
                }
                Err(other) => return Err(CliError::failed(other.to_string())),
            },
        }
        self.progress.clear();
        let mut told = match (self.updated, self.inserted) {
            (0, inserted) => rows(inserted),
            (updated, inserted) => {
                format!(
                    "{} ({} new, {} updated)",
                    rows(updated + inserted),
                    number(inserted),
                    number(updated)
                )
            }
        };
        let left_out = self.report.left_out();
        if is_written {
            told = format!("{told} written to `{table}`");
            if refused > 0 {
                told = format!("{told}, {} refused{left_out}", rows(refused));
            }
        } else if args.dry_run {
            let verb = if refused == 0 || args.keep_going { "would be written" } else { "would pass" };
            told = format!("{told} {verb}, {} refused{left_out}; nothing was written", rows(refused));
        } else {
            let told = format!(
                "nothing was written: of {} that were read, {} refused{left_out}",
                rows(read),
                if refused == 1 { "1 is".to_owned() } else { format!("{} are", number(refused)) },
            );
            return Err(CliError::failed(told));
        }
        eprintln!("{told}");
        if refused > 0 { Err(CliError::silent()) } else { Ok(()) }
    }
}
