//! A password that somebody types.

use std::io::{BufRead, IsTerminal};

use crate::CliError;

/// The longest line that is taken for a password, in bytes.
const LONGEST: u64 = 4096;

/// Reads a password: the first line of standard input, or what is typed twice at the terminal, where it is not shown.
pub(crate) async fn read(from_stdin: bool, whose: &str) -> Result<String, CliError> {
    if from_stdin {
        return first_line(std::io::stdin().lock());
    }
    if !std::io::stdin().is_terminal() {
        return Err(CliError::usage(
            "there is no terminal to ask for a password; hand it over on standard input, with --password-stdin",
        ));
    }
    let prompt = format!("Password for {whose}: ");
    // The terminal may be looked at for long: nothing else waits for it.
    let typed = tokio::task::spawn_blocking(move || {
        let first = rpassword::prompt_password(prompt)?;
        let second = rpassword::prompt_password("The same once more: ")?;
        Ok::<_, std::io::Error>((first, second))
    });
    match typed.await {
        Ok(Ok((first, second))) if first == second => Ok(first),
        Ok(Ok(_)) => Err(CliError::failed("the two differ; nothing was changed")),
        Ok(Err(error)) => Err(CliError::failed(format!("cannot read the password: {error}"))),
        Err(error) => Err(CliError::failed(format!("cannot read the password: {error}"))),
    }
}

/// The first line, without its end. Blanks stay: they may be part of it.
fn first_line(input: impl BufRead) -> Result<String, CliError> {
    let mut line = Vec::new();
    let mut input = input.take(LONGEST);
    input
        .read_until(b'\n', &mut line)
        .map_err(|error| CliError::failed(format!("cannot read the password: {error}")))?;
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| CliError::failed("the password on standard input is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_02_a_line_is_taken_as_it_is() {
        for (input, password) in [
            ("  correct horse \nmore", "  correct horse "),
            ("one\r\n", "one"),
            ("no end", "no end"),
            ("", ""),
            ("größe 🦀\n", "größe 🦀"),
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password);
        }
        assert!(first_line(&b"\xff\n"[..]).is_err());
    }
}
