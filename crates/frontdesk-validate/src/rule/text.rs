use crate::Value;

/// The text of a value that is one thing: a text, a number, a date, true or false. Text is moved, not copied.
///
/// Nothing for null, and for what has parts: rules over text refuse those, or leave them alone.
pub(super) fn scalar_text(value: Value) -> Option<String> {
    match value {
        Value::Null | Value::List(_) | Value::Json(_) | Value::Bytes(_) | Value::File(_) => None,
        scalar => Some(scalar.into_text()),
    }
}

/// Changes a text, the text of a scalar, and each of these in a list; everything else stays as it is.
pub(super) fn map_texts(value: Value, change: &impl Fn(String) -> String) -> Value {
    match value {
        Value::List(items) => items.into_iter().map(|item| map_texts(item, change)).collect(),
        keep @ (Value::Null | Value::Json(_) | Value::Bytes(_) | Value::File(_)) => keep,
        scalar => Value::Text(change(scalar.into_text())),
    }
}
