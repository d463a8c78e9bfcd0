use icu_normalizer::DecomposingNormalizerBorrowed;
use serde_json::json;

use super::text::scalar_text;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Must be slug");

/// `IS_SLUG`: makes a slug of the text, or with [`check`](Self::check) asks that it is one.
///
/// A slug has small ASCII letters, digits and single dashes, with none at its ends. Letters with marks lose them, blanks
/// and underscores become dashes, HTML entities and all else are dropped: `Ça va?` gives `ca-va`. What has no ASCII
/// letter at all, such as `日本`, gives the empty text.
///
/// # Defaults
/// Converts; at most 80 characters (what would end in a dash is cut before it); underscores become dashes.
///
/// # Errors
/// Code `is_slug`, for a value that is no text or number, and in checking for a text that is no slug.
///
/// ```
/// use frontdesk_validate::{IsSlug, Rules};
///
/// assert_eq!(Rules::one(IsSlug::new()).check_now("Hello  World!".into()), Ok("hello-world".into()));
/// assert!(Rules::one(IsSlug::new().check()).check_now("Hello World".into()).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct IsSlug {
    max: usize,
    check: bool,
    keep_underscores: bool,
    message: Message,
}

impl Default for IsSlug {
    fn default() -> Self {
        Self { max: 80, check: false, keep_underscores: false, message: MESSAGE }
    }
}

impl IsSlug {
    /// The rule with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most `max` characters. Default: 80.
    #[must_use]
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Refuses what is no slug instead of converting it.
    #[must_use]
    pub fn check(mut self) -> Self {
        self.check = true;
        self
    }

    /// Keeps single underscores. Default: they become dashes.
    #[must_use]
    pub fn keep_underscores(mut self) -> Self {
        self.keep_underscores = true;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    /// What slugs look like; with underscores a little more.
    fn pattern(&self) -> &'static str {
        if self.keep_underscores { r"[0-9a-z_\-]*" } else { r"(?:[0-9a-z]+(?:-[0-9a-z]+)*)?" }
    }

    fn slug(&self, text: &str) -> String {
        // Marks come apart from their letters, and go with all that is not ASCII.
        let ascii: String = DecomposingNormalizerBorrowed::new_nfkd()
            .normalize_iter(text.chars())
            .filter(char::is_ascii)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let mut slug = String::with_capacity(ascii.len().min(self.max));
        let mut rest = &*ascii;
        while let Some(next) = rest.bytes().next() {
            if let Some(behind) = behind_entity(rest) {
                rest = behind;
                continue;
            }
            rest = &rest[1..];
            let c = match char::from(next) {
                '_' if self.keep_underscores => '_',
                ' ' | '\t'..='\r' | '_' | '-' => '-',
                c if c.is_ascii_alphanumeric() => c,
                _ => continue,
            };
            // Two separators in a row are one dash, and there is none in front.
            match slug.chars().next_back() {
                Some('-' | '_') if matches!(c, '-' | '_') => {
                    slug.pop();
                    if !slug.is_empty() {
                        slug.push('-');
                    }
                }
                None if c == '-' => {}
                _ if slug.len() > self.max => break,
                _ => slug.push(c),
            }
        }
        slug.truncate(self.max);
        slug.truncate(slug.trim_end_matches('-').len());
        slug
    }
}

/// If `text` begins with an HTML entity, what is behind it.
fn behind_entity(text: &str) -> Option<&str> {
    let name = text.strip_prefix('&')?;
    let behind = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if behind.len() == name.len() { None } else { behind.strip_prefix(';') }
}

impl IsSlug {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsSlug {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let slug = scalar_text(value).and_then(|text| {
            let slug = self.slug(&text);
            (!self.check || slug == text).then_some(slug)
        });
        match slug {
            Some(slug) => Ok(Value::Text(slug)),
            None => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        if self.check {
            out.match_whole(self.pattern(), self.error());
            out.at_most_chars(self.max as u64, self.error());
        } else {
            out.end();
        }
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        if self.check {
            out.and(json_schema::scalar(Some(self.pattern())));
            out.and(json!({"maxLength": self.max}));
        } else {
            out.and(json_schema::scalar(None));
            out.end();
        }
    }
}

impl FromArgs for IsSlug {
    const NAME: &'static str = "is_slug";
    const ARGS: &'static [&'static str] = &["maxlen", "check", "keep_underscores", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            max: args.size("maxlen")?.map_or(80, |max| usize::try_from(max).unwrap_or(usize::MAX)),
            check: args.flag("check")?.unwrap_or(false),
            keep_underscores: args.flag("keep_underscores")?.unwrap_or(false),
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_slug_is_its_own_slug(text: String, max in 0_usize..30, keep_underscores: bool) {
            let rule = IsSlug { keep_underscores, ..IsSlug::new().max(max) };
            let slug = rule.slug(&text);
            prop_assert!(slug.len() <= max);
            prop_assert_eq!(rule.slug(&slug), slug);
        }
    }

    #[test]
    fn separators_collapse_and_do_not_stand_at_the_ends() {
        let slug = |text| IsSlug::new().keep_underscores().slug(text);
        assert_eq!(slug("--a-_b_c--"), "a-b_c");
        assert_eq!(slug("__a"), "a");
        assert_eq!(slug("_a_"), "_a_");
        assert_eq!(slug("-_-"), "");
        assert_eq!(slug("a&amp;&b;&c"), "ac");
    }
}
