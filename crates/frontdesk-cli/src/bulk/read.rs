//! Reading rows from a file: CSV or JSON lines, one row at a time.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ByteRecord, ReaderBuilder};
use frontdesk_data::{Table, Values};
use serde_json::value::RawValue;

use super::header::{self, Header};
use super::{Format, cell, json};
use crate::CliError;

/// How long one row may be, in bytes.
const LONGEST_ROW: u64 = 32 << 20;

/// How much of a file is looked at to find out how it is written.
const HEAD: usize = 64 * 1024;

/// What separates the cells of CSV files, as they are met with.
const DELIMITERS: [u8; 3] = *b",;\t";

/// How a file is read.
pub(super) struct Options {
    pub(super) format: Format,
    /// What separates cells; `None` to find out.
    pub(super) delimiter: Option<u8>,
    /// Whether rows need no more than their key.
    pub(super) upsert: bool,
}

/// The rows of a file.
pub(super) struct Rows {
    table: Arc<Table>,
    meter: Arc<Meter>,
    /// How long the file is, where it has a length.
    pub(super) length: Option<u64>,
    source: Source,
}

enum Source {
    Csv {
        reader: csv::Reader<Input>,
        header: Header,
        record: ByteRecord,
        /// What is missing from the number of a line: of CR LF at its end the LF is not counted yet.
        behind: u64,
    },
    Json {
        reader: BufReader<Input>,
        line: u64,
        fields: HashMap<String, Result<usize, String>>,
        bytes: Vec<u8>,
    },
}

type Input = Metered<Box<dyn Read>>;

/// One row, or what stands in its place.
pub(super) enum Item {
    Row {
        line: u64,
        values: Values,
    },
    /// What is wrong with the line, and there may be more than one thing.
    Bad {
        line: u64,
        problems: Vec<String>,
    },
}

/// How much was read, and how much may be.
#[derive(Default)]
struct Meter {
    read: AtomicU64,
    end: AtomicU64,
}

struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let so_far = self.meter.read.load(Ordering::Relaxed);
        if so_far >= self.meter.end.load(Ordering::Relaxed) {
            return Err(io::Error::other(TooLong));
        }
        let count = self.inner.read(buffer)?;
        self.meter.read.store(so_far + count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Meter {
    /// Lets one more row be read.
    fn next_row(&self) {
        self.end.store(self.read.load(Ordering::Relaxed) + LONGEST_ROW, Ordering::Relaxed);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a row is longer than 32 MiB; is a quotation mark missing?")]
struct TooLong;

impl Rows {
    /// Opens a file, or standard input where that is `-`, and reads its header.
    pub(super) fn open(path: &Path, table: &Arc<Table>, options: &Options) -> Result<Self, CliError> {
        let cannot = |error: io::Error| {
            CliError::failed(match error.kind() {
                io::ErrorKind::NotFound => format!("there is no file `{}`", path.display()),
                _ => format!("cannot read `{}`: {error}", path.display()),
            })
        };
        if path == Path::new("-") {
            return Self::new(Box::new(io::stdin()), None, table, options);
        }
        let file = File::open(path).map_err(cannot)?;
        let about = file.metadata().map_err(cannot)?;
        if about.is_dir() {
            return Err(CliError::failed(format!("`{}` is a folder, not a file", path.display())));
        }
        let length = Some(about.len()).filter(|_| about.is_file());
        Self::new(Box::new(file), length, table, options)
    }

    fn new(
        mut input: Box<dyn Read>,
        length: Option<u64>,
        table: &Arc<Table>,
        options: &Options,
    ) -> Result<Self, CliError> {
        let mut head = Vec::new();
        input.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(unread)?;
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(CliError::failed(
                "the file is UTF-16 text; save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8",
            ));
        }
        if head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        let first_line = head.iter().position(|&byte| byte == b'\n');
        let ends_with_cr = first_line.is_some_and(|end| head[..end].ends_with(b"\r"));
        let meter = Arc::new(Meter::default());
        meter.next_row();
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter_of(&head, table));
        let input: Box<dyn Read> = Box::new(Cursor::new(head).chain(input));
        let input = Metered { inner: input, meter: Arc::clone(&meter) };
        let source = match options.format {
            Format::Csv => {
                let mut reader = ReaderBuilder::new()
                    .delimiter(delimiter)
                    .flexible(true)
                    .has_headers(false)
                    .from_reader(input);
                let mut record = ByteRecord::new();
                if !reader.read_byte_record(&mut record).map_err(unreadable)? {
                    return Err(CliError::failed(
                        "the file is empty: its first line has to name the columns",
                    ));
                }
                let names: Result<Vec<String>, _> =
                    record.iter().map(|name| String::from_utf8(name.to_vec())).collect();
                let names = names.map_err(|_| CliError::failed(format!("line 1: {NOT_UTF8}")))?;
                let header = Header::read(&names, table)?;
                header.check(table, options.upsert)?;
                Source::Csv { reader, header, record, behind: u64::from(ends_with_cr) }
            }
            Format::Jsonl => Source::Json {
                reader: BufReader::with_capacity(HEAD, input),
                line: 0,
                fields: HashMap::new(),
                bytes: Vec::new(),
            },
        };
        Ok(Self { table: Arc::clone(table), meter, length, source })
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.meter.read.load(Ordering::Relaxed)
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// If what follows cannot be read at all.
    pub(super) fn next(&mut self) -> Result<Option<Item>, CliError> {
        self.meter.next_row();
        match &mut self.source {
            Source::Csv { reader, header, record, behind } => {
                if !reader.read_byte_record(record).map_err(unreadable)? {
                    return Ok(None);
                }
                let line = record.position().map_or(0, csv::Position::line) + *behind;
                Ok(Some(of_record(record, header, &self.table, line)))
            }
            Source::Json { reader, line, fields, bytes } => loop {
                bytes.clear();
                *line += 1;
                let longest = usize::try_from(LONGEST_ROW).unwrap_or(usize::MAX);
                if reader.read_until(b'\n', bytes).map_err(|error| at_line(*line, &error))? == 0 {
                    return Ok(None);
                }
                if bytes.len() > longest {
                    return Err(at_line(*line, &TooLong));
                }
                if !bytes.trim_ascii().is_empty() {
                    return Ok(Some(of_object(bytes, &self.table, fields, *line)));
                }
            },
        }
    }
}

const NOT_UTF8: &str = "this is not UTF-8 text; save the file as UTF-8, or convert it, such as by iconv -f WINDOWS-1252 -t UTF-8";

fn of_record(record: &ByteRecord, header: &Header, table: &Table, line: u64) -> Item {
    let wanted = header.fields.len();
    if record.len() != wanted {
        let told = format!("this line has {} cells, and the first line names {wanted} columns", record.len());
        return Item::Bad { line, problems: vec![told] };
    }
    let (mut values, mut problems) = (Values::with_capacity(wanted), Vec::new());
    for (cell, at) in record.iter().zip(&header.fields) {
        let Some(at) = at else { continue };
        let field = &table.fields[*at];
        match std::str::from_utf8(cell)
            .map_err(|_| NOT_UTF8.to_owned())
            .and_then(|cell| cell::read(field, cell))
        {
            Ok(value) => values.set(Arc::clone(&field.name), value),
            Err(problem) => problems.push(format!("{}: {problem}", field.name)),
        }
    }
    if problems.is_empty() { Item::Row { line, values } } else { Item::Bad { line, problems } }
}

fn of_object(
    bytes: &[u8],
    table: &Table,
    fields: &mut HashMap<String, Result<usize, String>>,
    line: u64,
) -> Item {
    let bad = |problem: String| Item::Bad { line, problems: vec![problem] };
    let Ok(text) = std::str::from_utf8(bytes) else { return bad(NOT_UTF8.to_owned()) };
    let members: BTreeMap<String, Box<RawValue>> = match serde_json::from_str(text) {
        Ok(members) => members,
        Err(error) => return bad(format!("this is no JSON object on a line: {error}")),
    };
    let (mut values, mut problems) = (Values::with_capacity(members.len()), Vec::new());
    for (name, raw) in members {
        if !fields.contains_key(&name) {
            // Names that are none must not fill the memory.
            if fields.len() > 4096 {
                fields.clear();
            }
            fields.insert(name.clone(), header::column(&name, table));
        }
        let field = match &fields[&name] {
            Ok(at) => &table.fields[*at],
            Err(problem) => {
                problems.push(problem.clone());
                continue;
            }
        };
        if field.generated || field.compute.is_some() {
            continue;
        }
        if values.contains(&field.name) {
            problems.push(format!("{}: this is there twice", field.name));
            continue;
        }
        match json::read(field, &raw) {
            Ok(value) => values.set(Arc::clone(&field.name), value),
            Err(problem) => problems.push(format!("{}: {problem}", field.name)),
        }
    }
    if problems.is_empty() { Item::Row { line, values } } else { Item::Bad { line, problems } }
}

/// What separates the cells: that by which the first line has most names of the table's columns, or else most cells.
fn delimiter_of(head: &[u8], table: &Table) -> u8 {
    let score = |delimiter: u8| {
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(head);
        let mut record = ByteRecord::new();
        let is_read = reader.read_byte_record(&mut record).unwrap_or(false);
        let is_known =
            |cell: &&[u8]| std::str::from_utf8(cell).is_ok_and(|name| header::column(name, table).is_ok());
        let known = record.iter().filter(is_known).count();
        if is_read { (known, record.len()) } else { (0, 0) }
    };
    // Of equal ones the last is taken; a comma is what is meant if nothing tells.
    DELIMITERS.into_iter().rev().max_by_key(|&delimiter| score(delimiter)).unwrap_or(b',')
}

fn unread(error: io::Error) -> CliError {
    CliError::failed(format!("the file cannot be read: {error}"))
}

fn unreadable(error: csv::Error) -> CliError {
    let line = error.position().map(csv::Position::line);
    match (error.into_kind(), line) {
        (csv::ErrorKind::Io(error), Some(line)) => at_line(line, &error),
        (csv::ErrorKind::Io(error), None) => unread(error),
        _ => CliError::failed("the file cannot be read as CSV"),
    }
}

fn at_line(line: u64, error: &dyn std::error::Error) -> CliError {
    CliError::failed(format!("the file cannot be read at line {line}: {error}"))
}

#[cfg(test)]
mod tests {
    use frontdesk_data::{Field, Value};

    use super::*;

    fn table() -> Arc<Table> {
        Arc::new(Table::new("t").field(Field::string("name")).field(Field::integer("age")))
    }

    fn read(text: impl Into<Vec<u8>>, format: Format) -> Result<Vec<String>, String> {
        let options = Options { format, delimiter: None, upsert: false };
        let told = |error: CliError| error.to_string();
        let mut rows =
            Rows::new(Box::new(Cursor::new(text.into())), None, &table(), &options).map_err(told)?;
        let mut found = Vec::new();
        while let Some(item) = rows.next().map_err(told)? {
            found.push(match item {
                Item::Row { line, values } => {
                    let values: Vec<_> =
                        values.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
                    format!("{line} {}", values.join(" "))
                }
                Item::Bad { line, problems } => format!("{line} ! {}", problems.join("; ")),
            });
        }
        Ok(found)
    }

    #[test]
    fn crud_15_the_delimiter_is_found_and_a_byte_order_mark_left_out() {
        let row = "2 name=Text(\"A,B;C\") age=Text(\"3\")".to_owned();
        for text in [
            "name,age\n\"A,B;C\",3\n",
            "name;age\r\n\"A,B;C\";3\r\n",
            "name\tage\nA,B;C\t3",
            "\u{feff}name,age\n\"A,B;C\",3\n",
            "\u{feff}\"name\";\"age\"\n\"A,B;C\";\"3\"\n",
        ] {
            assert_eq!(read(text, Format::Csv), Ok(vec![row.clone()]), "{text:?}");
        }
        assert_eq!(read("name\n\"a\nb\"\nc\n", Format::Csv).unwrap()[1], "4 name=Text(\"c\")");
    }

    #[test]
    fn crud_15_lines_that_do_not_fit_are_told_and_the_next_one_is_read() {
        let found = read(b"name,age\nA\nB,1,2\nC\xff,3\nD,4\n", Format::Csv).unwrap();
        assert!(found[0].starts_with("2 ! this line has 1 cells"), "{found:?}");
        assert!(found[1].starts_with("3 ! this line has 3 cells"), "{found:?}");
        assert!(found[2].starts_with("4 ! name: this is not UTF-8"), "{found:?}");
        assert_eq!(found[3], "5 name=Text(\"D\") age=Text(\"4\")");

        let found =
            read(b"{\"name\":\"A\"}\n\n[]\n{\"nmae\":1}\n\xff\n{\"AGE\":1.0}", Format::Jsonl).unwrap();
        assert_eq!(found[0], "1 name=Text(\"A\")");
        assert!(found[1].starts_with("3 ! this is no JSON object"), "{found:?}");
        assert!(found[2].contains("did you mean `name`?"), "{found:?}");
        assert!(found[3].contains("not UTF-8"), "{found:?}");
        assert_eq!(found[4], "6 age=Text(\"1.0\")");
    }

    #[test]
    fn crud_15_what_is_no_such_file_is_told() {
        for (text, part) in
            [(&b""[..], "the file is empty"), (b"\xff\xfen\0a\0", "UTF-16"), (b"n\xfcme\n", "not UTF-8")]
        {
            let error = read(text, Format::Csv).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn crud_15_a_row_has_an_end() {
        let endless = |begin: &str| {
            let mut text = begin.as_bytes().to_vec();
            text.resize(usize::try_from(LONGEST_ROW).unwrap() + (1 << 20), b'x');
            text
        };
        let error = read(endless("name\na\n\"b\n"), Format::Csv).unwrap_err();
        assert!(error.contains("longer than 32 MiB"), "{error}");
        let error = read(endless("{}\n{\"name\":\""), Format::Jsonl).unwrap_err();
        assert!(error.contains("line 2") && error.contains("longer than 32 MiB"), "{error}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, named: bool) {
            let text = if named { [b"name,age\n".as_slice(), &bytes].concat() } else { bytes };
            let _ = read(text.clone(), Format::Csv);
            let _ = read(text, Format::Jsonl);
        }
    }

    #[test]
    fn nothing_is_told_from_the_empty_text() {
        let found = read("name,age\n,\n',1\n\"\",\n", Format::Csv).unwrap();
        assert_eq!(
            found,
            ["2 name=Null age=Null", "3 name=Text(\"\") age=Text(\"1\")", "4 name=Null age=Null"]
        );
        assert_eq!(Value::from(""), Value::Text(String::new()));
    }
}
