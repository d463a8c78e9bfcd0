use std::fmt;
use std::str::FromStr;

use frontdesk_validate::Value;
use sha2::{Digest, Sha256};

/// How many columns are taken together. SQL functions take only so many arguments.
pub(crate) const TOGETHER: usize = 100;

/// What some columns of a row hold, in 16 bytes: equal if they hold the same, and by all that is known of SHA-256 never
/// equal otherwise. What they hold cannot be read from it, but may be guessed where it is one of few values: keep it to
/// yourself, or sign it.
///
/// It is about values as they are read, not as they are stored: `2008-03-03T10:00` and `2008-03-03 10:00:00` in a column
/// of dates and times are the same, and so are `1.5` and `1.50` in one of decimals.
///
/// The text form is 32 hexadecimal digits.
///
/// ```
/// use frontdesk_data::RowDigest;
///
/// let digest: RowDigest = "00112233445566778899aabbccddeeff".parse().unwrap();
/// assert_eq!(digest.to_string(), "00112233445566778899aabbccddeeff");
/// assert!("001122".parse::<RowDigest>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowDigest([u8; 16]);

impl RowDigest {
    /// The digest of these bytes, as [`as_bytes`](Self::as_bytes) gave them.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes, 16 of them.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<RowDigest> for Value {
    fn from(digest: RowDigest) -> Self {
        Self::Bytes(digest.0.to_vec())
    }
}

impl fmt::Display for RowDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RowDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowDigest({self})")
    }
}

/// The text is not the digest of a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the digest of a row")]
pub struct RowDigestError;

impl FromStr for RowDigest {
    type Err = RowDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `from_str_radix` takes a sign as well.
        if text.len() != 32 || !text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(RowDigestError);
        }
        u128::from_str_radix(text, 16).map(|bits| Self(bits.to_be_bytes())).map_err(|_| RowDigestError)
    }
}

/// A digest that is being worked out, value by value.
///
/// Beyond [`TOGETHER`] values, the digest of those before stands in for them.
pub(crate) struct Digesting {
    hash: Sha256,
    values: usize,
}

impl Digesting {
    /// `before` is the digest of the values before these, or empty.
    pub(crate) fn begin(before: &[u8]) -> Self {
        Self { hash: Sha256::new_with_prefix(before), values: 0 }
    }

    /// The next value; `None` for a column that there is not.
    pub(crate) fn push(&mut self, value: Option<&Value>) {
        if self.values == TOGETHER {
            *self = Self::begin(std::mem::replace(self, Self::begin(&[])).end().as_bytes());
        }
        self.values += 1;
        match value {
            Some(value) => self.value(value),
            None => self.hash.update(b"?"),
        }
    }

    pub(crate) fn end(self) -> RowDigest {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.hash.finalize()[..16]);
        RowDigest(bytes)
    }

    /// A value as a tag and its bytes. What varies in length says how long it is, so that no two rows have the same
    /// bytes.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.hash.update(b"0"),
            // SQL has no booleans of its own: the same cell may be read as either.
            Value::Bool(flag) => self.fixed(b'i', i64::from(*flag).to_le_bytes()),
            Value::Int(number) => self.fixed(b'i', number.to_le_bytes()),
            Value::Float(number) => {
                let one_of_each = match number {
                    number if number.is_nan() => f64::NAN,
                    // There are two zeros, which are equal.
                    number => number + 0.0,
                };
                self.fixed(b'f', one_of_each.to_bits().to_le_bytes());
            }
            Value::Decimal(number) => self.bytes(b'd', number.normalize().to_string().as_bytes()),
            Value::Text(text) => self.bytes(b't', text.as_bytes()),
            Value::Bytes(bytes) => self.bytes(b'b', bytes),
            Value::Uuid(uuid) => self.fixed(b'u', *uuid.as_bytes()),
            Value::Json(json) => self.bytes(b'j', json.to_string().as_bytes()),
            Value::List(items) => {
                self.fixed(b'l', (items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Date(_) => self.bytes(b'D', value.to_text().as_bytes()),
            Value::Time(_) => self.bytes(b'T', value.to_text().as_bytes()),
            Value::DateTime(_) => self.bytes(b'S', value.to_text().as_bytes()),
            // No cell of a database is read as anything else.
            other => self.bytes(b'x', other.to_text().as_bytes()),
        }
    }

    fn fixed<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.hash.update([tag]);
        self.hash.update(bytes);
    }

    fn bytes(&mut self, tag: u8, bytes: &[u8]) {
        self.hash.update([tag]);
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest<'v>(values: impl IntoIterator<Item = &'v Value>) -> RowDigest {
        let mut digest = Digesting::begin(&[]);
        values.into_iter().for_each(|value| digest.push(Some(value)));
        digest.end()
    }

    #[test]
    fn lost_update_what_is_equal_has_one_digest_and_what_differs_another() {
        let same = [
            (Value::Float(0.0), Value::Float(-0.0)),
            (Value::Float(f64::NAN), Value::Float(-f64::NAN)),
            (Value::Decimal("1.5".parse().unwrap()), Value::Decimal("1.500".parse().unwrap())),
            (Value::Bool(true), Value::Int(1)),
        ];
        for (one, other) in same {
            assert_eq!(digest([&one]), digest([&other]), "{one:?}");
        }
        let all = [
            Value::Null,
            "".into(),
            "0".into(),
            "1".into(),
            Value::Int(0),
            Value::Int(1),
            Value::Float(1.0),
            Value::Bytes(b"1".to_vec()),
            Value::Decimal("1".parse().unwrap()),
            Value::List(vec![]),
            Value::List(vec!["1".into()]),
            Value::List(vec![Value::List(vec!["1".into()])]),
            serde_json::json!("1").into(),
            serde_json::json!(null).into(),
            Value::Float(f64::INFINITY),
            Value::Float(f64::NAN),
        ];
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(digest([one]), digest([other]), "{one:?} {other:?}");
            }
        }
        // Where one value ends and the next begins counts.
        assert_ne!(digest([&"ab".into(), &"c".into()]), digest([&"a".into(), &"bc".into()]));
        assert_ne!(digest([&Value::Null]), digest([&Value::Null, &Value::Null]));
        let mut missing = Digesting::begin(&[]);
        missing.push(None);
        assert_ne!(missing.end(), digest([&Value::Null]));
    }

    #[test]
    fn lost_update_many_columns_each_count() {
        for count in [TOGETHER - 1, TOGETHER, TOGETHER + 1, 2 * TOGETHER + 1] {
            let values: Vec<Value> = (0..count as i64).map(Value::Int).collect();
            for at in [0, count / 2, count - 1] {
                let mut other = values.clone();
                other[at] = Value::Null;
                assert_ne!(digest(&values), digest(&other), "{count} {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn lost_update_the_text_form_round_trips(bytes: [u8; 16]) {
            let digest = RowDigest::from_bytes(bytes);
            prop_assert_eq!(digest.to_string().parse(), Ok(digest));
        }

        #[test]
        fn lost_update_reading_a_digest_never_panics(text in "[0-9a-fA-F+é]{0,34}") {
            if let Ok(digest) = text.parse::<RowDigest>() {
                prop_assert_eq!(digest.to_string(), text);
            }
        }
    }
}
