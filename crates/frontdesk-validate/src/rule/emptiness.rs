use crate::{Pattern, Value};

/// Whether `value` counts as nothing: it is empty, or a text that `pattern` matches once the blanks around it are gone.
pub(super) fn is_nothing(value: &Value, pattern: Option<&Pattern>) -> bool {
    value.is_empty()
        || match (value, pattern) {
            (Value::Text(text), Some(pattern)) => pattern.matches_start(text.trim()),
            _ => false,
        }
}
