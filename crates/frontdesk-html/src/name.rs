//! [`Name`]: the checked name of a tag or of an attribute.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The name of a tag or of an attribute, checked once so that it can be written as it is.
///
/// A name is not empty and holds none of: ASCII whitespace, `"`, `'`, `<`, `>`, `/`, `=`, control characters
/// (C0, DEL, C1) and noncharacters, as the HTML standard asks of [attribute names] (`<` is refused too, since a
/// parser complains about it). It does not begin with `!` or `?`, which after `<` would begin a comment.
/// A *tag* must begin with an ASCII letter besides; see [`is_tag`](Self::is_tag).
///
/// Names compare without regard to ASCII case, as HTML does. Cloning is cheap: it copies a reference or
/// increments a counter.
///
/// ```
/// use frontdesk_html::Name;
///
/// const HX_GET: Name = Name::new_static("hx-get"); // checked by the compiler
/// assert_eq!(HX_GET.as_str(), "hx-get");
/// assert_eq!(Name::from("DIV"), Name::from("div"));
/// assert!(Name::parse(format!("data-{}", 7)).is_ok());
/// assert!(Name::parse("on load").is_err());
/// ```
///
/// [attribute names]: https://html.spec.whatwg.org/multipage/syntax.html#attributes-2
#[derive(Clone)]
pub struct Name(Repr);

#[derive(Clone)]
enum Repr {
    Static(Kind, &'static str),
    Shared(Kind, Arc<str>),
}

/// What the HTML syntax says of a tag with this name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Cannot be a tag.
    AttrOnly,
    Normal,
    /// Neither children nor an end tag.
    Void,
    /// The parser swallows one newline after the start tag.
    SwallowsNewline,
}

impl Name {
    /// A name known when the program is written; in a `const` the compiler checks it.
    ///
    /// # Panics
    /// On an invalid name.
    pub const fn new_static(name: &'static str) -> Self {
        match check(name) {
            Ok(()) => Self(Repr::Static(kind(name), name)),
            Err(_) => panic!("invalid tag or attribute name"),
        }
    }

    /// A name that is known at run time.
    ///
    /// # Errors
    /// [`InvalidName`] unless `name` follows the rules above.
    pub fn parse(name: impl Into<Cow<'static, str>>) -> Result<Self, InvalidName> {
        let name = name.into();
        match check(&name) {
            Ok(()) => Ok(match name {
                Cow::Borrowed(name) => Self(Repr::Static(kind(name), name)),
                Cow::Owned(name) => Self(Repr::Shared(kind(&name), name.into())),
            }),
            Err(reason) => Err(InvalidName { name: name.chars().take(64).collect(), reason }),
        }
    }

    /// The name as it was given.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(_, name) => name,
            Repr::Shared(_, name) => name,
        }
    }

    /// Whether the name can be a tag: it begins with an ASCII letter. Attributes may be called `@click`, tags not.
    pub fn is_tag(&self) -> bool {
        self.kind() != Kind::AttrOnly
    }

    /// Whether a tag of this name is a [void element], which has neither children nor an end tag.
    ///
    /// Besides today's thirteen (`area`, `base`, `br`, `col`, `embed`, `hr`, `img`, `input`, `link`, `meta`,
    /// `source`, `track`, `wbr`) these are the obsolete ones that parsers still treat so: `basefont`, `bgsound`,
    /// `frame`, `keygen`, `param`.
    ///
    /// [void element]: https://html.spec.whatwg.org/multipage/syntax.html#void-elements
    #[inline]
    pub fn is_void(&self) -> bool {
        self.kind() == Kind::Void
    }

    /// Whether a parser swallows a newline that directly follows this start tag.
    #[inline]
    pub(crate) fn swallows_newline(&self) -> bool {
        self.kind() == Kind::SwallowsNewline
    }

    /// Itself, or `unknown` for a name that cannot be a tag: a mistake of the program, loud in debug builds.
    pub(crate) fn into_tag(self) -> Self {
        debug_assert!(self.is_tag(), "`{self}` cannot be a tag: it must begin with a letter");
        if self.is_tag() { self } else { const { Self::new_static("unknown") } }
    }

    #[inline]
    fn kind(&self) -> Kind {
        match self.0 {
            Repr::Static(kind, _) | Repr::Shared(kind, _) => kind,
        }
    }
}

/// A [`Name`] that the compiler checks: `name!("data-id")` costs nothing at run time.
///
/// ```
/// use frontdesk_html::{Name, name};
/// assert_eq!(name!("data-id"), Name::from("data-id"));
/// ```
///
/// ```compile_fail
/// frontdesk_html::name!("data id");
/// ```
#[macro_export]
macro_rules! name {
    ($name:literal) => {
        const { $crate::Name::new_static($name) }
    };
}

/// Why a string cannot be a [`Name`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidName {
    name: String, // its first 64 characters
    reason: &'static str,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} cannot be the name of a tag or an attribute: {}", self.name, self.reason)
    }
}

impl std::error::Error for InvalidName {}

/// Bytes that may stand anywhere in a name: the usual case, decided by one look each.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7F {
        table[byte] = !matches!(byte as u8, b'!' | b'?' | b'"' | b'\'' | b'/' | b'<' | b'=' | b'>');
        byte += 1;
    }
    table
};

#[inline]
const fn check(name: &str) -> Result<(), &'static str> {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !PLAIN[bytes[at] as usize] {
            return check_closely(name);
        }
        at += 1;
    }
    if at == 0 { check_closely(name) } else { Ok(()) }
}

#[cold]
const fn check_closely(name: &str) -> Result<(), &'static str> {
    let bytes = name.as_bytes();
    if bytes.is_empty() {
        return Err("it is empty");
    }
    if matches!(bytes[0], b'!' | b'?') {
        return Err("it begins with `!` or `?`");
    }
    let mut at = 0;
    while at < bytes.len() {
        // The text is valid UTF-8, so the first byte tells how many follow.
        let (code, width) = match bytes[at] {
            b if b < 0x80 => (b as u32, 1),
            b if b < 0xE0 => ((b & 0x1F) as u32, 2),
            b if b < 0xF0 => ((b & 0x0F) as u32, 3),
            b => ((b & 0x07) as u32, 4),
        };
        let mut code = code;
        let mut next = 1;
        while next < width {
            code = code << 6 | (bytes[at + next] & 0x3F) as u32;
            next += 1;
        }
        at += width;
        match code {
            0x20 => return Err("it holds a space"),
            0..0x20 | 0x7F..=0x9F => return Err("it holds a control character"),
            0x22 | 0x27 => return Err("it holds a quote"),
            0x2F | 0x3C..=0x3E => return Err("it holds one of `/`, `<`, `=`, `>`"),
            0xFDD0..=0xFDEF => return Err("it holds a noncharacter"),
            _ if code & 0xFFFE == 0xFFFE => return Err("it holds a noncharacter"),
            _ => {}
        }
    }
    Ok(())
}

#[inline]
const fn kind(name: &str) -> Kind {
    let bytes = name.as_bytes();
    let kind = kind_of_lowercase(bytes);
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_uppercase() {
            return kind_of_mixed_case(bytes);
        }
        at += 1;
    }
    kind
}

#[inline]
const fn kind_of_lowercase(name: &[u8]) -> Kind {
    match name {
        b"area" | b"base" | b"br" | b"col" | b"embed" | b"hr" | b"img" | b"input" | b"link" | b"meta"
        | b"source" | b"track" | b"wbr" => Kind::Void,
        b"basefont" | b"bgsound" | b"frame" | b"keygen" | b"param" => Kind::Void,
        b"textarea" | b"pre" | b"listing" => Kind::SwallowsNewline,
        [b'a'..=b'z' | b'A'..=b'Z', ..] => Kind::Normal,
        _ => Kind::AttrOnly,
    }
}

#[cold]
const fn kind_of_mixed_case(name: &[u8]) -> Kind {
    let mut lower = [0; 8]; // the longest names that are not like any other: `textarea`, `basefont`
    if name.len() > lower.len() {
        return kind_of_lowercase(name);
    }
    let mut at = 0;
    while at < name.len() {
        lower[at] = name[at].to_ascii_lowercase();
        at += 1;
    }
    kind_of_lowercase(lower.split_at(name.len()).0)
}

/// Checks the name, for call sites that read `.attr("class", ..)`.
///
/// # Panics
/// On an invalid name. Use [`Name::parse`] for names that the program does not spell out.
impl From<&'static str> for Name {
    #[inline]
    fn from(name: &'static str) -> Self {
        Self::new_static(name)
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        *self == *other.as_str()
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str().eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.as_str().bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xFF); // no byte of UTF-8, so that names do not run into one another
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_use_are_accepted() {
        for name in
            ["div", "data-id", "aria-label", "@click", ":class", "x-on:click.away", "viewBox", "été", "a𐀀"]
        {
            assert!(Name::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_would_end_a_name_or_begin_a_comment_is_refused() {
        for name in
            ["", "a b", "a\tb", "a\nb", "a\"", "a'", "a>", "a<", "a/", "a=b", "a\0", "!--", "?php", "a\x7f"]
        {
            assert!(Name::parse(name).is_err(), "{name:?}");
        }
        for name in ["a\u{85}", "a\u{fdd0}", "\u{fdef}", "\u{fffe}", "a\u{ffff}", "\u{1fffe}", "\u{10ffff}"] {
            assert!(Name::parse(name).is_err(), "{name:?}");
        }
        assert!(Name::parse("\u{fdcf}\u{fdf0}\u{fffd}\u{1fffd}").is_ok());
    }

    #[test]
    fn the_error_says_what_is_wrong() {
        let error = Name::parse("a b").unwrap_err().to_string();
        assert_eq!(error, r#""a b" cannot be the name of a tag or an attribute: it holds a space"#);
    }

    #[test]
    #[should_panic(expected = "invalid tag or attribute name")]
    fn an_invalid_static_name_panics() {
        let _ = Name::from("on load");
    }

    #[test]
    fn kinds() {
        assert!(Name::from("BR").is_void());
        assert!(Name::from("baseFont").is_void());
        assert!(!Name::from("Blockquote").is_void());
        assert!(Name::from("TEXTAREA").swallows_newline());
        assert!(Name::from("Textareas").is_tag());
        assert!(!Name::from("button").is_void());
        assert!(Name::from("textarea").swallows_newline());
        assert!(!Name::from("@click").is_tag());
        assert_eq!(size_of::<Name>(), 24);
    }
}
