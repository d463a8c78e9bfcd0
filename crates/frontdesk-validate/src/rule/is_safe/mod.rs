mod policy;
mod prune;
mod token;

use std::fmt;
use std::sync::Arc;

use self::policy::{Policy, STANDARD, XML};
use crate::{Args, Checked, Context, FromArgs, Message, RuleError, ValidationError, Validator, Value};

const MESSAGE: Message = Message::new("Unsafe Content");

/// `IS_SAFE`: HTML that can be shown as it is: formatting, lists, tables, pictures and links, but no scripts, frames,
/// forms, event handlers or script URLs.
///
/// By default HTML with anything else is refused; with [`sanitize`](Self::sanitize) it is removed instead. What is
/// allowed is a list, not what is forbidden. Text that is safe stays exactly as it was typed (`a < b`, `<BR>`), and to
/// sanitize twice is to sanitize once. HTML that ends within a tag or a comment is not safe, since the page around it
/// would complete it.
///
/// In a list each text is checked; null, numbers and dates pass; JSON, bytes and files are refused. HTML with more than
/// 20,000 tags cannot be sanitized and is refused.
///
/// # Defaults
/// Refuses. The allowed elements are those of [ammonia] and a few older ones, with `class`, `dir`, `lang`, `title` and
/// a `style` that only changes how text looks.
///
/// # Errors
/// Code `is_safe`.
///
/// ```
/// use frontdesk_validate::{IsSafe, Rules};
///
/// let safe = Rules::one(IsSafe::new());
/// assert!(safe.check_now("<b>fine</b>".into()).is_ok());
/// assert_eq!(safe.check_now("<script>alert(1)</script>".into()).unwrap_err().text(), "Unsafe Content");
///
/// let cleaned = Rules::one(IsSafe::new().sanitize());
/// assert_eq!(cleaned.check_now("<p>a</p><script>x</script><p>b</p>".into()), Ok("<p>a</p><p>b</p>".into()));
///
/// let own = Rules::one(IsSafe::with_sanitizer(|text| text.replace('<', "&lt;")).sanitize());
/// assert_eq!(own.check_now("<b>".into()), Ok("&lt;b>".into()));
/// ```
#[derive(Clone, Debug)]
pub struct IsSafe {
    sanitizer: Sanitizer,
    sanitize: bool,
    message: Message,
}

#[derive(Clone)]
enum Sanitizer {
    Policy(&'static Policy),
    Own(Arc<dyn Fn(&str) -> String + Send + Sync>),
}

impl fmt::Debug for Sanitizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy(policy) if std::ptr::eq(*policy, &raw const XML) => "Xml",
            Self::Policy(_) => "Standard",
            Self::Own(_) => "Own(..)",
        })
    }
}

impl Default for IsSafe {
    fn default() -> Self {
        Self { sanitizer: Sanitizer::Policy(&STANDARD), sanitize: false, message: MESSAGE }
    }
}

impl IsSafe {
    /// Refuses what is not on the list.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`new`](Self::new), with the short list of the document's `XML(text, sanitize=True)`: no styles, no classes.
    pub fn xml() -> Self {
        Self { sanitizer: Sanitizer::Policy(&XML), ..Self::default() }
    }

    /// With a sanitizer of your own: text that it would change is refused, or changed.
    pub fn with_sanitizer(sanitizer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self { sanitizer: Sanitizer::Own(Arc::new(sanitizer)), ..Self::default() }
    }

    /// Removes what is not safe instead of refusing.
    #[must_use]
    pub fn sanitize(mut self) -> Self {
        self.sanitize = true;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    /// The text as it is accepted.
    fn accept(&self, text: String) -> Option<String> {
        match &self.sanitizer {
            Sanitizer::Policy(policy) if prune::is_safe(&text, policy) => Some(text),
            Sanitizer::Policy(policy) if self.sanitize => {
                Some(prune::undisguised(&policy.clean(&prune::prune(&text, policy)?)))
            }
            Sanitizer::Policy(_) => None,
            Sanitizer::Own(sanitizer) => {
                let sanitized = sanitizer(&text);
                (self.sanitize || sanitized == text).then_some(sanitized)
            }
        }
    }

    fn accept_value(&self, value: Value) -> Option<Value> {
        match value {
            Value::Text(text) => self.accept(text).map(Value::Text),
            Value::List(items) => items.into_iter().map(|item| self.accept_value(item)).collect(),
            Value::Json(_) | Value::Bytes(_) | Value::File(_) => None,
            scalar => Some(scalar),
        }
    }
}

impl Validator for IsSafe {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match self.accept_value(value) {
            Some(value) => Ok(value),
            None => Err(ValidationError::with_params(Self::NAME, &self.message, Vec::new())),
        }
        .into()
    }
}

impl FromArgs for IsSafe {
    const NAME: &'static str = "is_safe";
    const ARGS: &'static [&'static str] = &["mode", "sanitizer", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut rule = match args.text("sanitizer")?.as_deref() {
            None => Self::new(),
            Some("xml") => Self::xml(),
            Some(other) => return Err(args.wrong("sanitizer", "\"xml\"", &other.into())),
        };
        rule.sanitize = match args.text("mode")?.as_deref() {
            None | Some("error") => false,
            Some("sanitize") => true,
            Some(other) => return Err(args.wrong("mode", "\"error\" or \"sanitize\"", &other.into())),
        };
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Rules;

    fn is_safe(text: &str) -> bool {
        Rules::one(IsSafe::new()).check_now(text.into()).is_ok()
    }

    fn sanitized(text: &str) -> String {
        Rules::one(IsSafe::new().sanitize()).check_now(text.into()).unwrap().into_text()
    }

    #[test]
    fn form_09_known_ways_in_are_closed() {
        for text in [
            "<svg><script>alert(1)</script></svg>",
            "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
            "<img src=x:x onerror=alert(1)>",
            "<a href=' javascript:alert(1)'>x</a>",
            "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
            "<image src=x onerror=alert(1)>",
            "<x-element onclick=alert(1)>",
            "<x-element>",
            "<details open ontoggle=alert(1)>",
            "<p style='background:url(javascript:alert(1))'>",
            "<b title=x onclick\n=alert(1)>",
            "<img src='x' / onerror=alert(1)",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<a id=x name=y>clobber</a>",
            "<meta http-equiv=refresh content='0;url=//evil'>",
            "<base href=//evil>",
            "<!-- <script> -->",
        ] {
            assert!(!is_safe(text), "{text}");
            let clean = sanitized(text);
            assert!(is_safe(&clean), "{text} became {clean}");
            assert!(!clean.contains("alert(1)>") || clean.contains("&gt;"), "{text} became {clean}");
        }
    }

    #[test]
    fn what_is_safe_stays_as_typed() {
        for text in
            ["<BR>", "a < b & c", "<b>a", "&lt;", "<p CLASS=a>b", "<font color=red>", "<!-- x -->", "<foo>"]
        {
            assert!(is_safe(text), "{text}");
            assert_eq!(sanitized(text), text);
        }
    }

    #[test]
    fn other_kinds_of_values() {
        let rules = Rules::one(IsSafe::new());
        assert_eq!(rules.check_now(5.into()), Ok(5.into()));
        assert!(rules.check_now(Value::List(vec!["<b>".into(), "<script>".into()])).is_err());
        assert!(rules.check_now(serde_json::Value::from("<script>").into()).is_err());
    }

    #[test]
    fn a_disguise_is_no_way_in() {
        for text in [
            "<script></script><a href='java\u{f0026}#115;cript:x'>x</a>",
            "<script></script><a href='java&#xf0026;#115;cript:x'>x</a>",
            "<script></script><a href='x&#xf0022;' title='\u{f003c}'>x</a>",
        ] {
            assert_eq!(sanitized(text), "<a>x</a>", "{text}");
        }
        assert_eq!(sanitized("<script></script>\u{f0026}lt;&#xf0026;"), "\u{fffd}lt;&#xf0026;");
    }

    fn soup() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "<b>",
            "</b>",
            "<p>",
            "</p>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<script>",
            "</script>",
            "<svg>",
            "<math>",
            "<style>",
            "</style>",
            "<a href=x>",
            "<a href=javascript:x>",
            "</a>",
            "<img src=x onerror=x>",
            "<!--",
            "-->",
            "--!>",
            "<",
            ">",
            "\"",
            "'",
            "=",
            "/",
            " ",
            "&lt;",
            "&",
            "x",
            "<textarea>",
            "</textarea>",
            "<select>",
            "<option>",
            "<template>",
            "<noscript>",
            "<title>",
            "<foo>",
            "<li>",
            "<ul>",
            "<br/>",
            "</br>",
            "\r\n",
            "\u{a0}",
            "&copy;",
            "&am",
            "\u{f0026}lt;",
            "<p style='color:red'>",
            "<p style='position:fixed'>",
            "<i title=\"",
            "<mi>",
            "<mglyph>",
            "<form>",
            "<h1>",
            "<pre>",
            "\n",
            "\0",
            "<body>",
            "<html>",
            "<caption>",
            "<col>",
            "<a href='1:2'>",
            "<![CDATA[",
        ]);
        prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn form_09_sanitizing_twice_is_sanitizing_once(text in soup()) {
            for rule in [IsSafe::new(), IsSafe::xml()] {
                let rules = Rules::one(rule.clone().sanitize());
                let once = rules.check_now(text.clone().into()).unwrap();
                prop_assert_eq!(rules.check_now(once.clone()), Ok(once.clone()));
                prop_assert!(Rules::one(rule).check_now(once.clone()).is_ok(), "{} is not safe", once);
            }
        }

        /// An HTML parser finds no more in a text than the check does: nothing hides between the two.
        #[test]
        fn form_09_the_check_sees_what_a_parser_sees(text in soup()) {
            for policy in [&STANDARD, &XML] {
                if prune::is_safe(&text, policy) {
                    let parsed = policy::parsed(&text);
                    prop_assert!(prune::is_safe(&parsed, policy), "{}", parsed);
                }
            }
        }
    }
}
