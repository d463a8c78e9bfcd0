//! Texts in which databases without such types keep booleans, dates, times, UUIDs and lists.

use frontdesk_validate::{Uuid, Value, civil};

/// Booleans of a text column: pydal writes `T` and `F`, and ours become `1` and `0` there.
pub(crate) fn boolean(text: &[u8]) -> Option<Value> {
    match text {
        b"1" | b"t" | b"T" | b"true" | b"TRUE" | b"True" => Some(Value::Bool(true)),
        b"0" | b"f" | b"F" | b"false" | b"FALSE" | b"False" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// A UUID as it is written here. Spelled otherwise it stays a text, so that it is found and kept as it is stored.
pub(crate) fn uuid(text: &[u8]) -> Option<Uuid> {
    let uuid = Uuid::try_parse_ascii(text).ok()?;
    (uuid.hyphenated().encode_lower(&mut [0; 36]).as_bytes() == text).then_some(uuid)
}

/// `2008-03-03`, and nothing behind it.
pub(crate) fn date(text: &[u8]) -> Option<civil::Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = i16::from(pair(*y1, *y2)?) * 100 + i16::from(pair(*y3, *y4)?);
    civil::Date::new(year, pair(*m1, *m2)?, pair(*d1, *d2)?).ok()
}

/// `10:00`, `10:00:00`, `10:00:00.123`.
pub(crate) fn time(text: &[u8]) -> Option<civil::Time> {
    let (hour, minute, rest) = match text {
        [h1, h2, b':', m1, m2, rest @ ..] => (pair(*h1, *h2)?, pair(*m1, *m2)?, rest),
        _ => return None,
    };
    let (second, rest) = match rest {
        [] => (0, rest),
        [b':', s1, s2, rest @ ..] => (pair(*s1, *s2)?, rest),
        _ => return None,
    };
    let nanosecond = match rest {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) => {
            let value = digits.iter().fold(0_i32, |value, digit| value * 10 + i32::from(digit - b'0'));
            value * 10_i32.pow(9 - digits.len() as u32)
        }
        _ => return None,
    };
    civil::Time::new(hour, minute, second, nanosecond).ok()
}

/// A date and a time with a blank or a `T` between. One with a zone stays text, since the type has none.
pub(crate) fn date_time(text: &[u8]) -> Option<civil::DateTime> {
    let (first, rest) = text.split_at_checked(10)?;
    let (separator, rest) = rest.split_first()?;
    matches!(separator, b' ' | b'T').then_some(())?;
    Some(civil::DateTime::from_parts(date(first)?, time(rest)?))
}

/// A point in time: with a `Z`, with an offset from UTC, or without either, as SQLite's own `CURRENT_TIMESTAMP` is.
pub(crate) fn instant(text: &[u8]) -> Option<civil::DateTime> {
    if let Some(utc) = text.strip_suffix(b"Z") {
        return date_time(utc);
    }
    date_time(text).or_else(|| crate::coerce::instant_of(std::str::from_utf8(text).ok()?))
}

fn pair(high: u8, low: u8) -> Option<i8> {
    (high.is_ascii_digit() && low.is_ascii_digit()).then(|| ((high - b'0') * 10 + (low - b'0')) as i8)
}

/// A list: JSON as we write it, or pydal's `|a|b|` in which a bar within an item is doubled.
pub(crate) fn list(text: &[u8], integers: bool) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some(inner) = text.strip_prefix('|') {
        return bars(inner, integers);
    }
    let serde_json::Value::Array(items) = serde_json::from_str(text).ok()? else { return None };
    items
        .into_iter()
        .map(|item| match item {
            serde_json::Value::Number(number) if integers => number.as_i64().map(Value::Int),
            serde_json::Value::String(text) if !integers => Some(Value::Text(text)),
            // Keys of the rows of another table may be texts, in a list of references.
            serde_json::Value::String(text) => Some(text.parse().map_or(Value::Text(text), Value::Int)),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()
        .map(Value::List)
}

fn bars(inner: &str, integers: bool) -> Option<Value> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut letters = inner.chars().peekable();
    let mut ended = inner.is_empty();
    while let Some(letter) = letters.next() {
        ended = false;
        if letter != '|' {
            item.push(letter);
        } else if letters.next_if_eq(&'|').is_some() {
            item.push('|');
        } else {
            ended = true;
            let text = std::mem::take(&mut item);
            items.push(if integers { Value::Int(text.trim().parse().ok()?) } else { Value::Text(text) });
        }
    }
    ended.then_some(Value::List(items))
}
