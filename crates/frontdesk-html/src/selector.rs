//! [`Selector`]: a CSS selector, parsed within bounds.

use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use cssparser::{BasicParseErrorKind, ParseErrorKind, ToCss};
use precomputed_hash::PrecomputedHash;
use selectors::parser::{self, ParseRelative, SelectorList, SelectorParseErrorKind as Kind};

/// A list of CSS selectors, parsed once to be used often.
///
/// Understood are tags, `#id`, `.class`, attributes (`[a]`, `=`, `~=`, `|=`, `^=`, `$=`, `*=`, with the flags `i` and
/// `s`), the combinators ` `, `>`, `+`, `~`, lists, `:not()`, `:is()`, `:where()`, `:nth-child()` and its relatives,
/// `:first-child`, `:only-child`, `:empty`, `:root` and the like. Not so: `:has()`, pseudo-classes that depend on a
/// browser (`:hover`), pseudo-elements, namespaces.
///
/// # Bounds
/// A selector may come from a visitor. It has up to [`MAX_LEN`](Self::MAX_LEN) bytes and
/// [`MAX_NESTING`](Self::MAX_NESTING) brackets in one another, and a search that takes too many steps is refused.
///
/// ```
/// use frontdesk_html::{Selector, div, input};
///
/// let required = Selector::parse("input[required]:not([type=hidden])")?;
/// let form = div().child(input().attr("name", "color").attr("required", true));
/// assert_eq!(form.find(&required)?.len(), 1);
///
/// let error = Selector::parse("input[").unwrap_err();
/// assert_eq!(error.to_string(), r#"invalid selector "input[" at column 7: it ends too early"#);
/// # Ok::<(), frontdesk_html::SelectorError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Selector(pub(crate) SelectorList<Html>);

impl Selector {
    /// The longest selector, in bytes.
    pub const MAX_LEN: usize = 1024;

    /// How many brackets, `(` or `[`, may stand in one another.
    pub const MAX_NESTING: usize = 8;

    /// Parses a selector, or a list of them.
    ///
    /// # Errors
    /// [`SelectorError`] on bad syntax, on what is not supported, and past the bounds.
    pub fn parse(selector: &str) -> Result<Self, SelectorError> {
        if selector.len() > Self::MAX_LEN {
            let reason = format!("it is longer than {} bytes", Self::MAX_LEN);
            return Err(SelectorError::new(selector, Some(Self::MAX_LEN), reason));
        }
        if let Some(at) = too_nested(selector) {
            let reason = format!("more than {} brackets in one another", Self::MAX_NESTING);
            return Err(SelectorError::new(selector, Some(at), reason));
        }
        match parse(selector) {
            Ok(list) => Ok(Self(list)),
            Err(Mistake::Unsupported(pseudo)) => {
                let at = selector.to_ascii_lowercase().find(&format!(":{}", pseudo.to_ascii_lowercase()));
                Err(SelectorError::new(selector, at, format!("`:{pseudo}` is not supported")))
            }
            Err(Mistake::Syntax(kind)) => {
                let at = place(selector);
                Err(SelectorError::new(selector, Some(at), reason(&kind, at == selector.len())))
            }
        }
    }
}

enum Mistake {
    /// The name of a pseudo-class or pseudo-element.
    Unsupported(String),
    Syntax(ParseErrorKind<Kind>),
}

fn parse(selector: &str) -> Result<SelectorList<Html>, Mistake> {
    let syntax = Syntax::default();
    let mut input = cssparser::Parser::new(selector);
    SelectorList::parse(&syntax, &mut input, ParseRelative::No).map_err(|error| {
        syntax.unsupported.into_inner().map_or(Mistake::Syntax(error.kind), Mistake::Unsupported)
    })
}

/// Where a wrong selector goes wrong, since the parser does not say: the end of its longest beginning that could
/// still become a selector.
fn place(selector: &str) -> usize {
    let hopeful = |beginning: &str| {
        ["", "x", "1"]
            .iter()
            .any(|rest| !matches!(parse(&format!("{beginning}{rest}")), Err(Mistake::Syntax(_))))
    };
    // Of two beginnings the longer one is not more hopeful, so that halving will do.
    let ends: Vec<_> = selector.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    match ends.partition_point(|&end| hopeful(&selector[..end])) {
        0 => 0,
        count => ends[count - 1],
    }
}

/// The place of the first bracket that is nested too deeply.
fn too_nested(selector: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut bytes = selector.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_some() => {}
            b'"' | b'\'' => quote = Some(byte),
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > Selector::MAX_NESTING {
                    return Some(at);
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn reason(kind: &ParseErrorKind<Kind>, at_end: bool) -> &'static str {
    match kind {
        ParseErrorKind::Basic(_) if at_end => "it ends too early",
        ParseErrorKind::Basic(BasicParseErrorKind::EndOfInput) => "something is missing here",
        ParseErrorKind::Basic(BasicParseErrorKind::TooManyNestedBlocks) => "too many brackets in one another",
        ParseErrorKind::Basic(_) => "unexpected character",
        ParseErrorKind::Custom(kind) => match kind {
            Kind::EmptySelector => "a selector is missing",
            Kind::DanglingCombinator => "a selector is missing beside a combinator",
            Kind::ClassNeedsIdent => "the name of a class is missing",
            Kind::NoIdentForPseudo | Kind::PseudoElementExpectedIdent => {
                "the name of a pseudo-class is missing"
            }
            Kind::NoQualifiedNameInAttributeSelector | Kind::InvalidQualNameInAttr => {
                "the name of an attribute is missing"
            }
            Kind::UnexpectedTokenInAttributeSelector | Kind::BadValueInAttr | Kind::ExpectedBarInAttr => {
                "the test of an attribute is not complete; values with other than letters and digits need quotes"
            }
            Kind::ExpectedNamespace | Kind::ExplicitNamespaceUnexpectedToken => {
                "namespaces are not supported"
            }
            Kind::UnsupportedPseudoClassOrElement | Kind::PseudoElementExpectedColon => {
                "this pseudo-class is not supported"
            }
            _ => "unexpected character",
        },
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_css(f)
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Selector").field(&self.to_string()).finish()
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(selector: &str) -> Result<Self, SelectorError> {
        Self::parse(selector)
    }
}

/// What a search takes: a [`Selector`], or text to be parsed as one.
pub trait IntoSelector {
    /// The selector.
    ///
    /// # Errors
    /// Those of [`Selector::parse`].
    fn into_selector(self) -> Result<Selector, SelectorError>;
}

impl IntoSelector for Selector {
    fn into_selector(self) -> Result<Selector, SelectorError> {
        Ok(self)
    }
}

impl IntoSelector for &Selector {
    fn into_selector(self) -> Result<Selector, SelectorError> {
        Ok(self.clone()) // shares what was parsed
    }
}

impl IntoSelector for &str {
    fn into_selector(self) -> Result<Selector, SelectorError> {
        Selector::parse(self)
    }
}

impl IntoSelector for &String {
    fn into_selector(self) -> Result<Selector, SelectorError> {
        Selector::parse(self)
    }
}

/// Why a selector cannot be used: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    selector: String, // its first 80 characters
    column: Option<usize>,
    reason: Cow<'static, str>,
}

impl SelectorError {
    fn new(selector: &str, at: Option<usize>, reason: impl Into<Cow<'static, str>>) -> Self {
        let column = at.map(|at| selector.char_indices().take_while(|(place, _)| *place < at).count() + 1);
        Self { selector: selector.chars().take(80).collect(), column, reason: reason.into() }
    }

    pub(crate) fn too_costly(selector: &Selector) -> Self {
        Self::new(&selector.to_string(), None, "this search of this tree takes too many steps")
    }

    /// Where the mistake was noticed, in characters from 1; `None` where it lies in the selector as a whole.
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid selector {:?}", self.selector)?;
        if let Some(column) = self.column {
            write!(f, " at column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for SelectorError {}

/// Tells the parser what to understand.
#[derive(Default)]
struct Syntax {
    unsupported: RefCell<Option<String>>,
}

impl Syntax {
    fn refuse<T>(&self, name: &str) -> Result<T, cssparser::ParseError<Kind>> {
        self.unsupported.borrow_mut().get_or_insert_with(|| name.to_owned());
        Err(cssparser::ParseError::custom(Kind::UnsupportedPseudoClassOrElement))
    }
}

impl<'i> parser::Parser<'i> for Syntax {
    type Impl = Html;
    type Error = Kind;

    fn parse_is_and_where(&self) -> bool {
        true
    }

    // A mistake within `:is()` is a mistake, not a selector that matches nothing.
    fn allow_forgiving_selectors(&self) -> bool {
        false
    }

    fn parse_non_ts_pseudo_class(&self, name: &str) -> Result<Never, cssparser::ParseError<Kind>> {
        self.refuse(name)
    }

    fn parse_non_ts_functional_pseudo_class(
        &self,
        name: &str,
        _: &mut cssparser::Parser<'i>,
        _: bool,
    ) -> Result<Never, cssparser::ParseError<Kind>> {
        self.refuse(name)
    }

    fn parse_pseudo_element(&self, name: &str) -> Result<Never, cssparser::ParseError<Kind>> {
        self.refuse(name)
    }

    fn parse_functional_pseudo_element(
        &self,
        name: &str,
        _: &mut cssparser::Parser<'i>,
    ) -> Result<Never, cssparser::ParseError<Kind>> {
        self.refuse(name)
    }
}

/// The types of which selectors are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Html;

impl parser::SelectorImpl for Html {
    type ExtraMatchingData<'a> = ();
    type AttrValue = Value;
    type Identifier = Ident;
    type LocalName = Ident;
    type NamespaceUrl = Ident;
    type NamespacePrefix = Ident;
    type BorrowedNamespaceUrl = str;
    type BorrowedLocalName = str;
    type NonTSPseudoClass = Never;
    type PseudoElement = Never;
}

/// A name in a selector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ident(Box<str>);

impl Ident {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Ident {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl Borrow<str> for Ident {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl ToCss for Ident {
    fn to_css<W: fmt::Write>(&self, out: &mut W) -> fmt::Result {
        cssparser::serialize_identifier(&self.0, out)
    }
}

// Feeds filters that we do not use, so that any constant is right.
impl PrecomputedHash for Ident {
    fn precomputed_hash(&self) -> u32 {
        0
    }
}

/// The value in the test of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value(Box<str>);

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}

impl AsRef<str> for Value {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl ToCss for Value {
    fn to_css<W: fmt::Write>(&self, out: &mut W) -> fmt::Result {
        cssparser::serialize_string(&self.0, out)
    }
}

/// The pseudo-classes and pseudo-elements of our own: none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Never {}

impl parser::NonTSPseudoClass for Never {
    fn is_active_or_hover(&self) -> bool {
        match *self {}
    }

    fn is_user_action_state(&self) -> bool {
        match *self {}
    }
}

impl parser::PseudoElement for Never {}

impl ToCss for Never {
    fn to_css<W: fmt::Write>(&self, _: &mut W) -> fmt::Result {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn message(selector: &str) -> String {
        Selector::parse(selector).expect_err("the selector is wrong").to_string()
    }

    #[test]
    fn what_is_understood_is_written_back() {
        for selector in [
            "*",
            "div > p + a ~ b c",
            "#a.b.c",
            r#"[a][b="c"][d~="e"][f|="g"][h^="i"][j$="k"][l*="m" i]"#,
            "a:not(b, c):is(d, e > f)",
            "li:nth-child(2n + 1), :nth-last-of-type(3)",
            ":root :empty:first-child:only-child",
        ] {
            let parsed = Selector::parse(selector).expect(selector);
            assert_eq!(Selector::parse(&parsed.to_string()), Ok(parsed), "{selector}");
        }
    }

    #[test]
    fn errors_say_what_and_where() {
        for (selector, column, reason) in [
            ("", 1, "a selector is missing"),
            ("a >", 4, "a selector is missing beside a combinator"),
            ("a >> b", 4, "a selector is missing beside a combinator"),
            ("a, , b", 4, "a selector is missing"),
            ("é.", 3, "it ends too early"),
            ("é..b, c", 3, "the name of a class is missing"),
            ("a:hover", 2, "`:hover` is not supported"),
            ("a:is(b:has(c))", 7, "`:has` is not supported"),
            ("p::before", 3, "`:before` is not supported"),
            ("svg|a", 4, "namespaces are not supported"),
            ("a)", 2, "unexpected character"),
            ("p:not()", 7, "a selector is missing"),
            ("a[b=]", 5, "something is missing here"),
            ("a[=b]", 3, "the name of an attribute is missing"),
            ("a[b=c d]", 7, "unexpected character"),
            ("a:nth-child(x)", 13, "unexpected character"),
            ("a:is(b, .)", 10, "something is missing here"),
            ("1a", 1, "a selector is missing"),
        ] {
            let error = Selector::parse(selector).expect_err(selector);
            assert_eq!(
                error.to_string(),
                format!("invalid selector {selector:?} at column {column}: {reason}")
            );
            assert_eq!(error.column(), Some(column));
        }
    }

    #[test]
    fn size_and_nesting_are_bounded() {
        let long = "a,".repeat(600);
        assert!(message(&long).ends_with("it is longer than 1024 bytes"));
        let nested = |depth: usize| format!("{}a{}", ":not(".repeat(depth), ")".repeat(depth));
        assert!(Selector::parse(&nested(8)).is_ok());
        assert!(
            message(&nested(9)).ends_with("at column 45: more than 8 brackets in one another"),
            "{}",
            message(&nested(9))
        );
        assert!(message(&"(".repeat(1024)).contains("more than 8 brackets"));
        // Brackets in a string are text.
        assert!(Selector::parse(r#"[a="((((((((((\"(("]"#).is_ok());
    }

    #[test]
    fn selectors_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Selector>();
        shared::<SelectorError>();
    }
}
