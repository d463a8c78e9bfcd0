//! The digest of a row as SQL: `frontdesk_digest(codecs, before, column, …)`.
//!
//! The function reads each stored value as a row that is loaded does, so that the two digests can be compared.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use super::decode;
use crate::digest::{Digesting, TOGETHER};
use crate::statement::Codec;

const NAME: &str = "frontdesk_digest";

/// Makes the function known to a connection.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    // Not for triggers and views of the schema: they would not work in another program.
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(NAME, -1, flags, digest)
}

fn digest(call: &Context<'_>) -> rusqlite::Result<Vec<u8>> {
    let wrong = || rusqlite::Error::UserFunctionError("wrong arguments".into());
    if call.len() < 2 {
        return Err(wrong());
    }
    let mut codecs = call.get_raw(0).as_bytes().map_err(|_| wrong())?;
    let mut digest = Digesting::begin(call.get_raw(1).as_bytes().map_err(|_| wrong())?);
    for at in 2..call.len() {
        let codec = read_codec(&mut codecs).ok_or_else(wrong)?;
        digest.push(Some(&decode::cell(call.get_raw(at), codec)));
    }
    Ok(digest.end().as_bytes().to_vec())
}

/// The expression of the digest of these columns.
pub(crate) fn text(columns: impl IntoIterator<Item = (Codec, String)>) -> String {
    let columns: Vec<_> = columns.into_iter().collect();
    let call = |before: &str, columns: &[(Codec, String)]| {
        let mut sql = format!("{NAME}('");
        columns.iter().for_each(|(codec, _)| push_codec(&mut sql, *codec));
        sql.push_str("', ");
        sql.push_str(before);
        for (_, column) in columns {
            sql.push_str(", ");
            sql.push_str(column);
        }
        sql.push(')');
        sql
    };
    let (first, rest) = columns.split_at(columns.len().min(TOGETHER));
    rest.chunks(TOGETHER).fold(call("''", first), |before, columns| call(&before, columns))
}

fn push_codec(sql: &mut String, codec: Codec) {
    let letter = match codec {
        Codec::Plain | Codec::Own => 'p',
        Codec::Boolean => 'b',
        Codec::Double => 'f',
        Codec::Decimal { scale } => {
            sql.push_str(&format!("n{scale:03}"));
            return;
        }
        Codec::Date => 'd',
        Codec::Time => 't',
        Codec::DateTime => 's',
        Codec::Instant => 'z',
        Codec::Json => 'j',
        Codec::Uuid => 'u',
        Codec::Texts => 'x',
        Codec::Integers => 'i',
    };
    sql.push(letter);
}

fn read_codec(codecs: &mut &[u8]) -> Option<Codec> {
    let (letter, mut rest) = codecs.split_first()?;
    let codec = match letter {
        b'p' => Codec::Plain,
        b'b' => Codec::Boolean,
        b'f' => Codec::Double,
        b'n' => {
            let (digits, after) = rest.split_at_checked(3)?;
            rest = after;
            Codec::Decimal { scale: std::str::from_utf8(digits).ok()?.parse().ok()? }
        }
        b'd' => Codec::Date,
        b't' => Codec::Time,
        b's' => Codec::DateTime,
        b'z' => Codec::Instant,
        b'j' => Codec::Json,
        b'u' => Codec::Uuid,
        b'x' => Codec::Texts,
        b'i' => Codec::Integers,
        _ => return None,
    };
    *codecs = rest;
    Some(codec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_update_each_way_of_reading_has_its_own_letter() {
        let all = [
            Codec::Plain,
            Codec::Boolean,
            Codec::Double,
            Codec::Decimal { scale: 0 },
            Codec::Decimal { scale: 255 },
            Codec::Date,
            Codec::Time,
            Codec::DateTime,
            Codec::Instant,
            Codec::Json,
            Codec::Uuid,
            Codec::Texts,
            Codec::Integers,
        ];
        let mut text = String::new();
        all.iter().for_each(|codec| push_codec(&mut text, *codec));
        let mut rest = text.as_bytes();
        for codec in all {
            assert_eq!(read_codec(&mut rest), Some(codec));
        }
        assert_eq!(read_codec(&mut rest), None);
    }
}
