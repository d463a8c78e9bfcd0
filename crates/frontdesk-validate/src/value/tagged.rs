use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::{FileValue, Value};

/// Why JSON could not be read as a [`Value`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{tag} needs {wanted}, not {found}")]
pub struct TaggedJsonError {
    tag: String,
    wanted: &'static str,
    found: String,
}

impl Value {
    /// Reads JSON in which an object with one key that begins with `$` says what JSON lacks: `{"$date": "2008-03-03"}`,
    /// `$time`, `$datetime`, `$decimal`, `$float` (`nan`, `inf`, `-inf`), `$uuid`, `$bytes` (base64) and
    /// `$file` (`{"filename": …, "base64": …}`).
    ///
    /// An array is a list, another object a JSON document, a number without fraction an integer where it fits.
    ///
    /// # Errors
    /// [`TaggedJsonError`], if a tag's content is not of its kind or the tag is unknown.
    ///
    /// ```
    /// use frontdesk_validate::{Value, civil::date};
    ///
    /// let value = Value::from_tagged_json(&serde_json::json!({"$date": "2008-03-03"})).unwrap();
    /// assert_eq!(value, Value::Date(date(2008, 3, 3)));
    /// assert_eq!(value.to_tagged_json(), serde_json::json!({"$date": "2008-03-03"}));
    /// ```
    pub fn from_tagged_json(json: &Json) -> Result<Self, TaggedJsonError> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Self::Int(integer),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) => {
                Self::List(items.iter().map(Self::from_tagged_json).collect::<Result<_, _>>()?)
            }
            Json::Object(object) => match object.iter().next() {
                Some((tag, content)) if object.len() == 1 && tag.starts_with('$') => from_tag(tag, content)?,
                _ => json.clone().into(),
            },
        })
    }

    /// The inverse of [`from_tagged_json`](Self::from_tagged_json). A file that is not in memory is written with its
    /// head only.
    pub fn to_tagged_json(&self) -> Json {
        match self {
            Self::Float(number) if !number.is_finite() => {
                let text = if number.is_nan() {
                    "nan"
                } else if *number > 0.0 {
                    "inf"
                } else {
                    "-inf"
                };
                json!({ "$float": text })
            }
            Self::Decimal(number) => json!({ "$decimal": number.to_string() }),
            Self::Date(date) => json!({ "$date": date.to_string() }),
            Self::Time(time) => json!({ "$time": time.to_string() }),
            Self::DateTime(at) => json!({ "$datetime": at.to_string() }),
            Self::Uuid(uuid) => json!({ "$uuid": uuid.to_string() }),
            Self::Bytes(bytes) => json!({ "$bytes": STANDARD.encode(bytes) }),
            Self::List(items) => items.iter().map(Self::to_tagged_json).collect(),
            Self::File(file) => {
                json!({ "$file": { "filename": file.name(), "base64": STANDARD.encode(file.head()) } })
            }
            other => other.to_plain_json(),
        }
    }
}

fn from_tag(tag: &str, content: &Json) -> Result<Value, TaggedJsonError> {
    let bad = |wanted| TaggedJsonError { tag: tag.to_owned(), wanted, found: content.to_string() };
    let text = || content.as_str().ok_or_else(|| bad("a text"));
    Ok(match tag {
        "$date" => Value::Date(text()?.parse().map_err(|_| bad("a date such as 2008-03-03"))?),
        "$time" => Value::Time(text()?.parse().map_err(|_| bad("a time such as 13:05:00"))?),
        "$datetime" => {
            Value::DateTime(text()?.parse().map_err(|_| bad("a time such as 2008-03-03T13:05:00"))?)
        }
        "$decimal" => Value::Decimal(text()?.parse().map_err(|_| bad("a decimal such as 1.50"))?),
        "$uuid" => Value::Uuid(text()?.parse().map_err(|_| bad("a UUID"))?),
        "$float" => Value::Float(match text()? {
            "nan" => f64::NAN,
            "inf" => f64::INFINITY,
            "-inf" => f64::NEG_INFINITY,
            _ => return Err(bad("nan, inf or -inf")),
        }),
        "$bytes" => Value::Bytes(STANDARD.decode(text()?).map_err(|_| bad("base64"))?),
        "$file" => {
            let part =
                |object: &Map<String, Json>, key| object.get(key).and_then(Json::as_str).map(str::to_owned);
            let object = content.as_object().ok_or_else(|| bad("an object"))?;
            let (name, body) = part(object, "filename")
                .zip(part(object, "base64"))
                .ok_or_else(|| bad("filename and base64"))?;
            Value::File(FileValue::in_memory(name, STANDARD.decode(body).map_err(|_| bad("base64"))?))
        }
        _ => return Err(bad("to be one of $date, $time, $datetime, $decimal, $float, $uuid, $bytes, $file")),
    })
}
