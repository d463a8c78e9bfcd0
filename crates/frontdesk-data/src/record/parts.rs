//! Types of columns that Rust has no type for.

use std::fmt;

use frontdesk_validate::Value;

use super::value::taken;
use super::{Expected, FieldValue};
use crate::FieldType;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $expected:literal, $given:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Of ", $given, ".")]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            #[doc = concat!("Gives ", $given, ".")]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                Self::Text(value.0)
            }
        }

        impl FieldValue for $name {
            type Plain = Self;

            fn field_type() -> FieldType {
                FieldType::$kind
            }

            fn from_value(value: &Value) -> Result<Self, Expected> {
                let text = |value: &Value| value.as_str().map(|text| Self(text.to_owned()));
                taken(&FieldType::$kind, value, || Expected::new($expected), text)
            }

            fn to_value(&self) -> Value {
                Value::Text(self.0.clone())
            }
        }
    };
}

text! {
    /// A password as it is stored: the hash that the rule `Crypt` made, never the password itself. `Debug` hides it.
    ///
    /// To make one in a program, let the rule hash it: `Crypt::new()` is a rule like others.
    Password, Password, "the text of a hash", "the hash"
}

text! {
    /// A stored file, by its key. An upload field of a form gives it.
    Upload, Upload, "the key of a file", "the file's key"
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upload").field(&self.0).finish()
    }
}

impl fmt::Display for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_not_shown() {
        assert_eq!(format!("{:?}", Password::new("$argon2id$v=19$…")), "Password(..)");
    }
}
