//! `frontdesk validate`.

use std::io::{BufRead, BufReader, Read, Write};

use frontdesk_validate::{Context, Protocol, Registry};
use tokio::sync::mpsc;

use crate::{CliError, ValidateArgs};

/// How long a line may be, in bytes. A request may hold a file, in base64.
const LONGEST_LINE: u64 = 32 << 20;

/// Checks values by a rule, or answers lines.
pub(crate) async fn run(args: ValidateArgs) -> Result<(), CliError> {
    if let (Some(schema), Some(table)) = (&args.schema, &args.table) {
        return crate::bulk::check::run(&args, schema, table).await;
    }
    match args.rule {
        Some(rule) if !args.jsonl => values(&rule, args.values).await,
        _ => lines().await,
    }
}

/// Prints what the rule makes of each value.
async fn values(rule: &str, values: Vec<String>) -> Result<(), CliError> {
    let json = serde_json::from_str(rule).map_err(|error| {
        CliError::usage(format!(
            "the rule is no JSON: {error}.\nA rule is written like '{{\"rule\": \"is_length\", \"maxsize\": 5}}'; mind the \
             quotes that your shell takes away."
        ))
    })?;
    let rules = Registry::standard().rules(&json).map_err(|error| CliError::usage(error.to_string()))?;
    let mut refused = false;
    for value in values {
        let result = rules.validate(value.into(), Context::empty()).await;
        let line = match &result {
            Ok(value) => value.to_text().into_owned(),
            Err(error) => format!("error: {error}"),
        };
        refused |= result.is_err();
        if writeln!(std::io::stdout(), "{line}").is_err() {
            return Err(CliError::silent());
        }
    }
    if refused { Err(CliError::silent()) } else { Ok(()) }
}

/// A line of standard input.
enum Line {
    Text(String),
    /// It cannot be read, for that reason.
    Bad(&'static str),
}

/// Answers each line of standard input, in order, until it ends.
async fn lines() -> Result<(), CliError> {
    // A few lines ahead, so that reading and answering go on at the same time, and no more: lines may be long.
    let (sender, mut receiver) = mpsc::channel(4);
    std::thread::spawn(move || {
        let mut input = BufReader::with_capacity(64 * 1024, std::io::stdin().lock());
        loop {
            let line = read_line(&mut input);
            let ended = !matches!(line, Ok(Some(_)));
            if let Some(line) = line.transpose()
                && sender.blocking_send(line).is_err()
            {
                return;
            }
            if ended {
                return;
            }
        }
    });
    let mut protocol = Protocol::new(Registry::standard())
        .on_fixture(|request| Box::pin(frontdesk_data::fixture::rules(request)));
    let mut out = std::io::BufWriter::new(std::io::stdout());
    while let Some(line) = receiver.recv().await {
        let line = line.map_err(|error| CliError::failed(format!("cannot read standard input: {error}")))?;
        let answer = match line {
            Line::Text(line) if line.trim().is_empty() => continue,
            Line::Text(line) => protocol.answer(&line).await,
            Line::Bad(why) => serde_json::json!({ "id": null, "error_in_request": why }).to_string(),
        };
        let written =
            writeln!(out, "{answer}").and_then(|()| if receiver.is_empty() { out.flush() } else { Ok(()) });
        if let Err(error) = written {
            return Err(broken(&error));
        }
    }
    out.flush().map_err(|error| broken(&error))
}

fn broken(error: &std::io::Error) -> CliError {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => CliError::silent(),
        _ => CliError::failed(format!("cannot write to standard output: {error}")),
    }
}

/// The next line; `None` at the end. Of one that is too long no more is kept than its beginning, until it is dropped.
fn read_line(input: &mut impl BufRead) -> std::io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let read = input.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') && bytes.len() as u64 > LONGEST_LINE {
        drop(bytes);
        skip_line(input)?;
        return Ok(Some(Line::Bad("the line is longer than 32 MiB")));
    }
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) => Line::Text(text),
        Err(_) => Line::Bad("the line is not UTF-8 text"),
    }))
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        match buffer.iter().position(|&byte| byte == b'\n') {
            _ if buffer.is_empty() => return Ok(()),
            Some(at) => {
                input.consume(at + 1);
                return Ok(());
            }
            None => {
                let length = buffer.len();
                input.consume(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_does_not_stop_the_next_one() {
        let mut long = vec![b'x'; usize::try_from(LONGEST_LINE).unwrap() + 10];
        long.extend(b"\nlast");
        let mut input = BufReader::new([b"a\n\xff\n".as_slice(), &long].concat().leak() as &[u8]);
        let mut found = Vec::new();
        while let Some(line) = read_line(&mut input).unwrap() {
            found.push(match line {
                Line::Text(text) => text,
                Line::Bad(why) => why.to_owned(),
            });
        }
        assert_eq!(found, ["a\n", "the line is not UTF-8 text", "the line is longer than 32 MiB", "last"]);
    }
}
