//! `frontdesk export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frontdesk_data::{Access, Action, Field, FieldType, Policy, Row, Set, Table, Value};
use frontdesk_validate::{Condition, Lookup};

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{Format, cell, json, nearest, patient, rows, table};
use crate::database::{open_described_with, read_schema};
use crate::{CliError, ExportArgs, actor};

/// Writes the rows of a table.
pub(crate) async fn run(args: ExportArgs) -> Result<(), CliError> {
    let schema = args.schema.as_deref().map(read_schema).transpose()?;
    let described = open_described_with(&args.database, schema.as_ref(), patient()).await?;
    let result = export(&args, &described).await;
    described.db.close().await;
    result
}

async fn export(args: &ExportArgs, described: &crate::Described) -> Result<(), CliError> {
    let (table, access) = seen(args, described)?;
    if let Some(why) = table.impossible(Action::Read) {
        return Err(CliError::failed(format!("`{}` cannot be read: {why}", table.name)));
    }
    let condition = args.condition.as_deref().map(|text| condition(text, &table)).transpose()?;
    let columns = columns(args.columns.as_deref(), &table)?;
    let interrupt = Interrupt::listen();
    // Only what is written or asked for is read.
    let mut read: Vec<Arc<str>> = columns.iter().map(|&at| Arc::clone(&table.fields[at].name)).collect();
    if let Some(condition) = &condition {
        for name in condition.fields() {
            if !read.iter().any(|known| **known == *name) {
                read.push(name.into());
            }
        }
    }
    let set: Set = match &access {
        Some(access) => access.set(&described.db),
        None => described.db.set(&as_stored(&table)),
    };
    let set = set.columns(read);
    let mut stream = set.stream().await?;
    let output = Output::open(args.output.as_deref())?;
    let fields: Vec<&Field> = columns.iter().map(|&at| &table.fields[at]).collect();
    let mut writer = Writer::new(Format::of(args.format, args.output.as_deref()), output, &fields)?;
    let (mut progress, mut count, mut odd) = (Progress::new(None), 0_u64, 0_u64);
    loop {
        let row = tokio::select! {
            biased;
            () = interrupt.pressed() => return Err(CliError::interrupted("interrupted; the export is not complete")),
            row = stream.next() => row,
        };
        let Some(row) = row.transpose()? else { break };
        if condition.as_ref().is_some_and(|condition| !condition.eval(&Of(&row))) {
            continue;
        }
        odd += writer.write(&fields, &row)?;
        count += 1;
        progress.tick(count, 0);
    }
    interrupt.is_too_late();
    writer.end()?;
    progress.clear();
    if odd > 0 {
        eprintln!(
            "frontdesk: {odd} values do not have the type of their column; they are written as they are stored, and an \
             import may refuse them or read them otherwise"
        );
    }
    if let Some(path) = &args.output {
        eprintln!("{} of `{}` written to {}", rows(count), table.name, path.display());
    }
    Ok(())
}

/// The table, as whoever asks has it; with `--as`, and what they may do with it.
fn seen(args: &ExportArgs, described: &crate::Described) -> Result<(Arc<Table>, Option<Access>), CliError> {
    let all = table(described, &args.table)?;
    let Some(text) = &args.actor else { return Ok((all, None)) };
    let policy = match &described.schema {
        Some(schema) => schema.policy(),
        None => Policy::new().otherwise("admin"),
    };
    let actor = actor::parse(text, &policy)?;
    let access = policy.access(&actor, &as_stored(&all));
    Ok((Arc::clone(access.table()), Some(access)))
}

/// The table with its JSON documents as the texts that are stored: reading them would cost digits.
fn as_stored(table: &Arc<Table>) -> Arc<Table> {
    if table.fields.iter().all(|field| field.kind != FieldType::Json) {
        return Arc::clone(table);
    }
    let mut stored = Table::clone(table);
    for field in stored.fields.iter_mut().filter(|field| field.kind == FieldType::Json) {
        field.kind = FieldType::Text;
    }
    Arc::new(stored)
}

/// The columns that are written. What is not shown, and secrets, are not there.
fn columns(asked: Option<&[String]>, table: &Table) -> Result<Vec<usize>, CliError> {
    let is_shown = |field: &Field| field.readable && !field.secret;
    let shown = || table.fields.iter().enumerate().filter(|(_, field)| is_shown(field));
    let Some(asked) = asked else { return Ok(shown().map(|(at, _)| at).collect()) };
    let mut columns: Vec<usize> = Vec::with_capacity(asked.len());
    for name in asked.iter().map(|name| name.trim()) {
        match shown().find(|(_, field)| *field.name == *name) {
            Some((at, _)) if columns.contains(&at) => {
                return Err(CliError::usage(format!("the column `{name}` is named twice")));
            }
            Some((at, _)) => columns.push(at),
            None => return Err(unknown(name, table)),
        }
    }
    Ok(columns)
}

fn unknown(name: &str, table: &Table) -> CliError {
    let shown = table.fields.iter().filter(|field| field.readable && !field.secret);
    let near = nearest(name, shown.map(|field| &*field.name));
    CliError::failed(format!("the table `{}` has no column `{name}`{near}", table.name))
}

/// A condition on the columns that are shown.
fn condition(text: &str, table: &Table) -> Result<Condition, CliError> {
    let condition: Condition = text.parse().map_err(|error| {
        CliError::usage(format!("`--where`: {error}; write it like \"country == 'US' and age >= 18\""))
    })?;
    for name in condition.fields() {
        if !table.fields.iter().any(|field| *field.name == *name && field.readable && !field.secret) {
            return Err(unknown(name, table));
        }
    }
    Ok(condition)
}

/// The values of a row, for a condition.
struct Of<'r>(&'r Row);

impl Lookup for Of<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).filter(|value| !value.is_null()).cloned()
    }
}

/// Where it is written.
enum Output {
    Stdout(io::Stdout),
    /// Straight to what is no ordinary file: a pipe, a device.
    Straight(File),
    /// To a file beside the named one, which takes its name when all is written.
    Beside {
        file: File,
        part: PathBuf,
        path: PathBuf,
    },
}

impl Output {
    fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Stdout(io::stdout()));
        };
        let cannot =
            |error: io::Error| CliError::failed(format!("cannot write to `{}`: {error}", path.display()));
        if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
            let file = File::options().write(true).open(path).map_err(cannot)?;
            return Ok(Self::Straight(file));
        }
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(cannot)?;
        Ok(Self::Beside { file, part, path: path.to_owned() })
    }

    /// Ends it: only now there is a file of that name.
    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Straight(file) => file.flush(),
            Self::Beside { file, part, path } => {
                file.sync_all()?;
                std::fs::rename(&*part, &*path)?;
                *part = PathBuf::new();
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Straight(file) | Self::Beside { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Straight(file) | Self::Beside { file, .. } => file.flush(),
        }
    }
}

impl Drop for Output {
    /// What was not ended is of no use.
    fn drop(&mut self) {
        if let Self::Beside { part, .. } = self
            && !part.as_os_str().is_empty()
        {
            let _ = std::fs::remove_file(&*part);
        }
    }
}

/// Writes rows in a format.
enum Writer {
    Csv(Box<csv::Writer<Output>>),
    Json { out: BufWriter<Output>, line: String, names: Vec<String> },
}

impl Writer {
    fn new(format: Format, output: Output, fields: &[&Field]) -> Result<Self, CliError> {
        match format {
            Format::Csv => {
                let mut builder = csv::WriterBuilder::new();
                builder.terminator(csv::Terminator::CRLF).buffer_capacity(64 * 1024);
                let mut writer = builder.from_writer(output);
                let names = fields.iter().map(|field| cell::guarded((&*field.name).into()).into_owned());
                writer.write_record(names).map_err(|error| broken(error.into()))?;
                Ok(Self::Csv(Box::new(writer)))
            }
            Format::Jsonl => {
                let name = |field: &&Field| {
                    let mut name = String::new();
                    json::push_text(&field.name, &mut name);
                    name
                };
                let names = fields.iter().map(name).collect();
                let out = BufWriter::with_capacity(64 * 1024, output);
                Ok(Self::Json { out, line: String::new(), names })
            }
        }
    }

    /// Writes a row, and tells how many of its values are not of their field's type.
    fn write(&mut self, fields: &[&Field], row: &Row) -> Result<u64, CliError> {
        let values = || fields.iter().zip(row.values());
        match self {
            Self::Csv(writer) => {
                for (field, value) in values() {
                    writer.write_field(&*cell::write(field, value)).map_err(|error| broken(error.into()))?;
                }
                writer.write_record(None::<&[u8]>).map_err(|error| broken(error.into()))?;
            }
            Self::Json { out, line, names } => {
                line.clear();
                for (index, ((field, value), name)) in values().zip(names).enumerate() {
                    line.push(if index == 0 { '{' } else { ',' });
                    line.push_str(name);
                    line.push(':');
                    json::write(field, value, line);
                }
                line.push_str(if fields.is_empty() { "{}\n" } else { "}\n" });
                out.write_all(line.as_bytes()).map_err(broken)?;
            }
        }
        Ok(values().filter(|(field, value)| !cell::fits(field, value)).count() as u64)
    }

    fn end(self) -> Result<(), CliError> {
        let mut output = match self {
            Self::Csv(writer) => writer.into_inner().map_err(|error| broken(error.into_error()))?,
            Self::Json { out, .. } => out.into_inner().map_err(|error| broken(error.into_error()))?,
        };
        output.end().map_err(broken)
    }
}

fn broken(error: io::Error) -> CliError {
    match error.kind() {
        // Whoever reads it has read enough, as `head` does.
        io::ErrorKind::BrokenPipe => CliError::silent(),
        _ => CliError::failed(format!("cannot write: {error}")),
    }
}
