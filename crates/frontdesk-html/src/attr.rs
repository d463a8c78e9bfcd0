//! [`AttrValue`]: what an attribute can be.

use std::borrow::Cow;

/// The value of an attribute: absent, a flag (`checked`), or text.
///
/// ```
/// use frontdesk_html::input;
///
/// let html = input().attr("type", "checkbox").attr("checked", true).attr("disabled", false).attr("tabindex", 2);
/// assert_eq!(html.to_string(), r#"<input type="checkbox" checked tabindex="2">"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AttrValue {
    /// The attribute is not there.
    #[default]
    Absent,
    /// It is there without a value, which HTML treats as the empty one.
    Flag,
    /// It has this text, escaped when it is written.
    Text(Cow<'static, str>),
}

impl AttrValue {
    /// The text; empty for a flag, `None` where the attribute is absent.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Flag => Some(""),
            Self::Text(text) => Some(text),
        }
    }
}

impl From<&'static str> for AttrValue {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for AttrValue {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Cow<'static, str>> for AttrValue {
    fn from(text: Cow<'static, str>) -> Self {
        Self::Text(text)
    }
}

/// `true` is a flag, `false` is absent.
///
/// Enumerated attributes want words instead: `.attr("aria-hidden", "true")`.
impl From<bool> for AttrValue {
    fn from(on: bool) -> Self {
        if on { Self::Flag } else { Self::Absent }
    }
}

/// `None` is absent.
impl<T: Into<Self>> From<Option<T>> for AttrValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for AttrValue {
            fn from(number: $integer) -> Self {
                Self::Text(number.to_string().into())
            }
        }
    )*};
}
from_integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
