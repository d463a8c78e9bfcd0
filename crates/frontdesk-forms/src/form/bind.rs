//! From raw texts to values for the rules.

use std::borrow::Cow;

use frontdesk_data::{DefaultValue, Field, FieldType, Row};
use frontdesk_validate::{Message, ValidationError, Value};
use frontdesk_web::Language;

use super::spec::{FieldPlan, Reads, is_upload};
use super::{FieldState, Mode};
use crate::FileKey;
use crate::body::{Entry, Submission};

/// What becomes of one field of a submission.
pub(super) enum Bound {
    /// The field was not submitted: nothing is written.
    Absent,
    /// What is there stays as it is.
    Keep,
    /// The rules decide.
    Check(Value),
    /// The rules decide of each of these; texts are the keys of files that are stored.
    CheckEach(Vec<Value>),
    /// Refused before any rule.
    Refused(ValidationError),
}

/// Whether a text says that a checkbox is ticked.
pub(crate) fn is_true(text: &str) -> bool {
    ["ON", "true", "1", "yes", "t", "y"].iter().any(|known| known.eq_ignore_ascii_case(text))
}

fn is_false(text: &str) -> bool {
    ["", "OFF", "false", "0", "no", "f", "n"].iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// Reads one field, and notes in `state` what the control shows from now on.
pub(super) fn bind(
    field: &Field,
    plan: &FieldPlan,
    state: &mut FieldState,
    submission: &Submission,
    mode: Mode,
    record: Option<&Row>,
    language: &Language,
) -> Bound {
    if is_upload(field) {
        return bind_files(field, state, submission, mode, record);
    }
    let many = field.kind.is_list() || plan.multiple;
    if !many
        && !submission.is_json
        && plan.reads == Reads::Plain
        && let Some(text) = only_text(submission, &field.name)
    {
        return bind_text(field, plan, state, text, mode);
    }
    let whole = field.kind == FieldType::Json; // an array is one document there
    let mut values = Vec::new();
    let mut count = 0;
    for entry in submission.all(&field.name) {
        count += 1;
        match entry {
            Entry::Text(text) if submission.is_json => values.push(Value::Text(text.to_owned())),
            Entry::Text(text) => values.push(Value::Text(unix_lines(text))),
            Entry::Typed(Value::File(_)) => return not_a_file_field(),
            Entry::Typed(Value::List(items)) if !whole => values.extend(items.iter().cloned()),
            Entry::Typed(list @ Value::List(_)) => values.push(list.to_plain_json().into()),
            Entry::Typed(value) => values.push(value.clone()),
            Entry::File(_) | Entry::FileTooLarge { .. } | Entry::FileGone { .. } => {
                return not_a_file_field();
            }
        }
    }
    // An unticked checkbox and an empty selection send nothing; that they were drawn does.
    let drawn = count > 0 || submission.is_drawn(&field.name);
    state.bound = count > 0 || (drawn && submission.trouble.is_none());
    if !field.secret {
        state.values = values.iter().map(|value| Cow::Owned(value.to_text().into_owned())).collect();
    }
    if !submission.is_json && drawn {
        match read(field, plan, values) {
            Ok(read) => values = read,
            Err(error) => return Bound::Refused(error),
        }
        for value in &mut values {
            if let Value::Text(text) = value
                && let Some(plain) = plain_text(plan.reads, text, language)
            {
                *text = plain;
            }
        }
    }
    if !drawn {
        // What was not drawn, or not sent, is not written; a new row has its default.
        return match (mode, field.default.value()) {
            (Mode::Create, Some(value)) => Bound::Check(value),
            (Mode::Create, None) if is_left_to_database(field) => Bound::Absent,
            (Mode::Create, None) if many => Bound::Check(Value::List(Vec::new())),
            (Mode::Create, None) => Bound::Check(Value::Null),
            _ => Bound::Absent,
        };
    }
    if many {
        // A list's empty inputs are no values.
        values.retain(|value| !value.is_empty());
        return Bound::Check(Value::List(values));
    }
    if count > 1 || values.len() > 1 {
        return sent_twice();
    }
    judge(field, values.pop().unwrap_or(Value::Null), mode)
}

/// The text of a control that sent one, and nothing else: most do.
fn only_text<'s>(submission: &'s Submission, name: &'s str) -> Option<&'s str> {
    let mut entries = submission.all(name);
    match (entries.next(), entries.next()) {
        (Some(Entry::Text(text)), None) => Some(text),
        _ => None,
    }
}

/// Reads a field of one text in which nothing depends on the language.
fn bind_text(field: &Field, plan: &FieldPlan, state: &mut FieldState, text: &str, mode: Mode) -> Bound {
    let text = unix_lines(text);
    state.bound = true;
    if !field.secret {
        state.values.clear();
        state.values.push(Cow::Owned(text.clone()));
    }
    if plan.widget.is_plain() {
        return judge(field, Value::Text(text), mode);
    }
    let value = match plan.widget.read(field, vec![text]) {
        Ok(mut texts) if texts.len() <= 1 => texts.pop().map_or(Value::Null, Value::Text),
        Ok(_) => return sent_twice(),
        Err(error) => return Bound::Refused(error),
    };
    judge(field, value, mode)
}

fn sent_twice() -> Bound {
    Bound::Refused(ValidationError::new("duplicate", "This was sent more than once"))
}

/// What becomes of the value of a field that holds one.
fn judge(field: &Field, value: Value, mode: Mode) -> Bound {
    if mode == Mode::Create && value.is_empty() && is_left_to_database(field) {
        return Bound::Absent;
    }
    if field.secret && mode == Mode::Update && value.is_empty() {
        return Bound::Keep; // an empty password input changes nothing
    }
    if value.as_str().is_some_and(|text| text.contains('\0')) {
        return Bound::Refused(ValidationError::new(
            "nul",
            "This text has a character that cannot be stored (NUL)",
        ));
    }
    Bound::Check(value)
}

/// What was typed in the visitor's language, in the one form that rules read; `None` where that is no other.
fn plain_text(reads: Reads, text: &str, language: &Language) -> Option<String> {
    let read = match reads {
        Reads::Plain => return None,
        Reads::Integer => language.read_integer(text),
        Reads::Number => language.read_number(text),
        Reads::Date => language.read_date(text),
        Reads::Time => language.read_time(text),
        Reads::DateTime => language.read_datetime(text),
    };
    read.filter(|plain| plain != text).map(Cow::into_owned)
}

/// What was typed, as the widget reads it for the rules.
fn read(field: &Field, plan: &FieldPlan, typed: Vec<Value>) -> Result<Vec<Value>, ValidationError> {
    if !typed.iter().all(|value| matches!(value, Value::Text(_))) {
        return Ok(typed);
    }
    let texts = typed.into_iter().filter_map(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    });
    Ok(plan.widget.read(field, texts.collect())?.into_iter().map(Value::Text).collect())
}

fn not_a_file_field() -> Bound {
    Bound::Refused(ValidationError::new("not_a_file_field", "A text is expected here, not a file"))
}

/// Whether the database has a default of its own for what is left empty.
pub(super) fn is_left_to_database(field: &Field) -> bool {
    matches!(field.default, DefaultValue::Database(_))
}

/// What a boolean that passed its rules is.
pub(super) fn boolean(value: Value) -> Result<Value, ValidationError> {
    match &value {
        Value::Null => Ok(Value::Bool(false)),
        Value::Int(number @ (0 | 1)) => Ok(Value::Bool(*number == 1)),
        Value::Text(text) if is_true(text) => Ok(Value::Bool(true)),
        Value::Text(text) if is_false(text) => Ok(Value::Bool(false)),
        Value::Bool(_) => Ok(value),
        _ => Err(ValidationError::new("boolean", "Enter true or false")),
    }
}

/// The keys of the files that a record names.
pub(super) fn keys(value: &Value) -> Vec<String> {
    let key = |value: &Value| value.as_str().filter(|key| !key.is_empty()).map(str::to_owned);
    match value {
        Value::List(items) => items.iter().filter_map(key).collect(),
        one => key(one).into_iter().collect(),
    }
}

fn bind_files(
    field: &Field,
    state: &mut FieldState,
    submission: &Submission,
    mode: Mode,
    record: Option<&Row>,
) -> Bound {
    state.stored = record.and_then(|row| row.get(&field.name)).map(keys).unwrap_or_default();
    let deletion = format!("_delete_{}", field.name);
    let deletions: Vec<&str> = submission
        .all(&deletion)
        .filter_map(|entry| match entry {
            Entry::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    let many = field.kind.is_list();
    state.removed = match many {
        true => state.stored.iter().filter(|key| deletions.contains(&&***key)).cloned().collect(),
        false if deletions.iter().any(|text| is_true(text)) => state.stored.clone(),
        false => Vec::new(),
    };
    state.bound = true;
    state.uploads.clear();
    let mut given = Vec::new();
    let mut gone = None;
    for entry in submission.all(&field.name) {
        match entry {
            Entry::File(file) | Entry::Typed(Value::File(file)) => {
                if file.name().is_empty() && file.size() == 0 {
                    continue;
                }
                if file.size() > field.upload.max_bytes {
                    return too_large(field);
                }
                // The name decides whether it can be stored; better said now than when everything else is done.
                if let Err(error) = FileKey::generate(file.name(), &field.upload) {
                    return Bound::Refused(error.into());
                }
                given.push(file.clone());
            }
            Entry::FileTooLarge { .. } => return too_large(field),
            Entry::FileGone { name } => gone = Some(name),
            Entry::Typed(Value::Null) if submission.is_json && !many => return Bound::Check(Value::Null),
            Entry::Text(text) if text.is_empty() || state.stored.iter().any(|key| key == text) => {}
            _ => return Bound::Refused(ValidationError::new("not_a_file", "Choose a file")),
        }
    }
    if !many && given.len() > 1 {
        return Bound::Refused(ValidationError::new("duplicate_file", "Choose one file"));
    }
    state.uploads.clone_from(&given);
    if let Some(name) = gone.filter(|_| given.is_empty() || many) {
        return Bound::Refused(ValidationError::with_params(
            "upload.gone",
            &Message::new("The file %(name)s was kept for too long and is gone: please choose it again"),
            vec![("name", Value::Text(name.to_owned()))],
        ));
    }
    if many {
        let left = state.stored.iter().filter(|key| !state.removed.contains(key));
        let values: Vec<Value> =
            left.map(|key| Value::Text(key.clone())).chain(given.into_iter().map(Value::File)).collect();
        let most = field.upload.max_files;
        if values.len() > most as usize {
            return Bound::Refused(ValidationError::with_params(
                "upload.too_many",
                &Message::new("These are too many files: %(max)s at most"),
                vec![("max", Value::Int(most.into()))],
            ));
        }
        let unchanged =
            state.removed.is_empty() && values.len() == state.stored.len() && mode == Mode::Update;
        return if unchanged { Bound::Keep } else { Bound::CheckEach(values) };
    }
    match given.pop() {
        Some(file) => Bound::Check(Value::File(file)),
        None if mode == Mode::Update && !state.removed.is_empty() && removable(field) => {
            Bound::Check(Value::Null)
        }
        None if !state.stored.is_empty() => Bound::Keep,
        None if mode == Mode::Update && submission.is_json => Bound::Absent,
        None => Bound::Check(Value::Null),
    }
}

fn too_large(field: &Field) -> Bound {
    let limit = field.upload.max_bytes;
    let bytes = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    Bound::Refused(ValidationError::with_params(
        "upload.too_large",
        &Message::new("The file is too large: %(max)s at most"),
        vec![("max", Value::Text(human_size(limit))), ("bytes", bytes)],
    ))
}

/// Whether the file of a field may be removed without another in its place.
pub(super) fn removable(field: &Field) -> bool {
    field.null && (field.rules().is_empty() || field.rules().accept_empty())
}

/// Browsers send line breaks as CR LF; what is stored has LF.
pub(super) fn unix_lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text.to_owned() }
}

/// A stored text as a browser gives it back: every kind of line break is one, and NUL cannot be said.
pub(super) fn as_browsers_read(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{FFFD}")
}

/// A limit in the unit that people read, never more than it is.
fn human_size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1024 => return format!("{bytes} bytes"),
        1024..1_048_576 => (1024, "KiB"),
        _ => (1_048_576, "MiB"),
    };
    match (bytes / unit, bytes % unit * 10 / unit) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenths) => format!("{whole}.{tenths} {name}"),
    }
}

/// Whether a field's new value is the one that is stored: then it is not written.
pub(super) fn is_unchanged(new: &Value, old: &Value) -> bool {
    if new == old {
        return true;
    }
    match (new, old) {
        // An input cannot tell the empty text from nothing.
        (Value::Null, Value::Text(text)) | (Value::Text(text), Value::Null) => text.trim().is_empty(),
        // Nor an empty list; and items that are blank it does not show.
        (Value::Null, Value::List(items)) | (Value::List(items), Value::Null) => items.iter().all(is_blank),
        (Value::List(new), Value::List(old)) => {
            let shown =
                |items: &[Value]| items.iter().filter(|item| !is_blank(item)).cloned().collect::<Vec<_>>();
            let (new, old) = (shown(new), shown(old));
            new.len() == old.len() && new.iter().zip(&old).all(|(new, old)| is_unchanged(new, old))
        }
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Bool(flag), Value::Int(number)) => i64::from(*flag) == *number,
        (Value::Bool(flag), Value::Text(text)) => {
            if *flag {
                is_true(text)
            } else {
                is_false(text)
            }
        }
        (Value::Text(new), Value::Text(old)) => {
            // A page cannot say NUL: browsers read another character in its place.
            old.contains(['\r', '\0']) && *new == as_browsers_read(old)
        }
        _ => new.to_text() == old.to_text(),
    }
}

fn is_blank(item: &Value) -> bool {
    match item {
        Value::Null => true,
        Value::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untouched_value_is_unchanged_however_it_is_stored() {
        for (new, old) in [
            ("a\nb".into(), "a\r\nb".into()),
            ("a\u{FFFD}b".into(), "a\0b".into()),
            (Value::Bool(true), Value::Int(1)),
            (Value::Decimal("0.99".parse().unwrap()), Value::Float(0.99)),
            (Value::Text("\\x00ff".into()), Value::Bytes(vec![0, 255])),
            (Value::Null, "".into()),
            ("".into(), Value::Null),
            ("a\nb".into(), "a\rb".into()),
            (Value::Bool(true), "Y".into()),
            (Value::Bool(false), "no".into()),
            (Value::Null, Value::List(vec![])),
            (Value::Null, Value::List(vec![Value::Null])),
            (Value::List(vec!["a".into()]), Value::List(vec!["a".into(), Value::Null, "".into()])),
        ] {
            assert!(is_unchanged(&new, &old), "{new:?} {old:?}");
        }
        for (new, old) in [
            (Value::Null, "x".into()),
            ("x".into(), Value::Null),
            ("a".into(), "A".into()),
            (Value::Null, Value::List(vec!["a".into()])),
            (Value::List(vec!["a".into()]), Value::List(vec!["a".into(), "b".into()])),
        ] {
            assert!(!is_unchanged(&new, &old), "{new:?} {old:?}");
        }
    }

    #[test]
    fn a_limit_is_told_as_people_read_it_and_never_as_more() {
        for (bytes, told) in [
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (2000, "1.9 KiB"),
            (10 << 20, "10 MiB"),
            (1_500_000, "1.4 MiB"),
        ] {
            assert_eq!(human_size(bytes), told);
        }
    }

    #[test]
    fn form_04_a_boolean_is_an_explicit_set_of_values() {
        assert_eq!(boolean("ON".into()), Ok(Value::Bool(true)));
        assert_eq!(boolean("0".into()), Ok(Value::Bool(false)));
        assert_eq!(boolean(Value::Null), Ok(Value::Bool(false)));
        assert!(boolean("maybe".into()).is_err());
        assert!(boolean(Value::Int(2)).is_err());
    }
}
