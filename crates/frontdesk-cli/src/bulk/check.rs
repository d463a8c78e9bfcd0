//! `frontdesk validate --schema`: a file of rows, without a database.

use std::path::Path;

use frontdesk_data::{RowCheck, WriteError};
use frontdesk_validate::Registry;

use super::progress::Progress;
use super::read::{Item, Options, Rows};
use super::report::Report;
use super::{Format, import, nearest, number, rows};
use crate::database::read_schema;
use crate::{CliError, ValidateArgs};

/// How many rows are checked between two looks at what is to be printed.
const TOGETHER: u64 = 256;

/// Checks the rows of a file by the rules that a schema file has for a table.
pub(crate) async fn run(args: &ValidateArgs, schema: &Path, table: &str) -> Result<(), CliError> {
    let [file] = &args.values[..] else {
        return Err(CliError::usage("name one file of rows, or `-` for standard input"));
    };
    let delimiter = args.delimiter.as_deref().map(import::delimiter).transpose()?;
    let alone = read_schema(schema)?.describe_alone(&Registry::standard())?;
    let Some(table) = alone.schema().get(table) else {
        let near = nearest(table, alone.schema().tables.iter().map(|table| &*table.name));
        return Err(CliError::failed(format!("`{}` has no table `{table}`{near}", schema.display())));
    };
    let format = Format::of(args.format, Some(Path::new(file)));
    let mut source = Rows::open(Path::new(file), table, &Options { format, delimiter, upsert: false })?;
    let check = RowCheck::of(table).keep_empty(args.keep_empty);
    let named = if file == "-" { "standard input" } else { file };
    let (mut report, mut progress) = (Report::new(named, args.max_errors), Progress::new(source.length));
    let mut read: u64 = 0;
    while let Some(item) = source.next()? {
        read += 1;
        match item {
            Item::Bad { line, problems } => report.refuse_line(line, problems),
            Item::Row { line, values } => match check.new_row(values).await {
                Ok(_) => {}
                Err(WriteError::Refused(violations)) => report.refuse(line, &violations),
                Err(other) => return Err(CliError::failed(other.to_string())),
            },
        }
        if read.is_multiple_of(TOGETHER) {
            report.print(&mut progress)?;
            progress.tick(read, source.bytes());
        }
    }
    report.print(&mut progress)?;
    progress.clear();
    eprintln!("{} checked, {} refused{}", rows(read), number(report.refused), report.left_out());
    for unchecked in alone.unchecked() {
        eprintln!("not checked without a database: {unchecked}");
    }
    if report.is_clean() { Ok(()) } else { Err(CliError::silent()) }
}
