use std::borrow::Cow;

use serde_json::json;

use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, Pattern, Place, RuleError,
    ValidationError, Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Enter a valid email address");

/// `IS_EMAIL`: the value looks like an email address. No mail is sent, and the value comes back as it was typed.
///
/// The local part has the characters of RFC 5322's dot-atom and at most 64 of them; the domain is `localhost`, or
/// labels of letters, digits, `-` and `_` that end in a top-level domain of letters. A domain in other scripts is read
/// as its Punycode. Quoted local parts, comments and address literals are refused.
///
/// # Defaults
/// Any domain.
///
/// # Errors
/// Code `is_email`.
///
/// ```
/// use frontdesk_validate::{IsEmail, Pattern, Rules};
///
/// let email = Rules::one(IsEmail::new());
/// assert!(email.check_now("user+tag@example.com".into()).is_ok());
/// assert!(email.check_now("kontakt@österreich.at".into()).is_ok());
/// assert_eq!(email.check_now("a@b".into()).unwrap_err().text(), "Enter a valid email address");
///
/// let student = Rules::one(IsEmail::new().forced(Pattern::new(r".*\.edu$")?));
/// assert!(student.check_now("x@mit.org".into()).is_err());
/// # Ok::<(), frontdesk_validate::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsEmail {
    banned: Option<Pattern>,
    forced: Option<Pattern>,
    message: Message,
}

impl Default for IsEmail {
    fn default() -> Self {
        Self { banned: None, forced: None, message: MESSAGE }
    }
}

impl IsEmail {
    /// The rule with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses domains that `domain` matches from their beginning.
    #[must_use]
    pub fn banned(mut self, domain: Pattern) -> Self {
        self.banned = Some(domain);
        self
    }

    /// Refuses domains that `domain` does not match from their beginning.
    #[must_use]
    pub fn forced(mut self, domain: Pattern) -> Self {
        self.forced = Some(domain);
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn accepts(&self, text: &str) -> bool {
        let Some((local, domain)) = text.rsplit_once('@') else { return false };
        is_local_part(local)
            && is_domain(domain)
            // Where an expression gives up, the address is refused, either way.
            && self.banned.as_ref().is_none_or(|banned| banned.is_match(Place::Start, domain) == Ok(false))
            && self.forced.as_ref().is_none_or(|forced| forced.matches_start(domain))
    }
}

/// Whether `text` looks like an email address, whatever its domain.
pub(super) fn is_email_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain))
}

/// What addresses look like. It knows neither the lengths nor which domains in other scripts there can be, and so
/// matches more than [`is_email_address`].
pub(super) fn email_pattern() -> String {
    // The characters of an atom, by their numbers: some of them mean something in a class.
    let atom = r"[\x21\x23-\x27\x2A\x2B\x2D\x2F-9\x3D\x3FA-Z\x5E-\x7E]+";
    let label = "[0-9A-Za-z]+(?:[_\\-]+[0-9A-Za-z]+)*";
    let localhost = "[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]";
    format!(
        r"{atom}(?:\.{atom})*@(?:{localhost}|(?:{label}\.)+[A-Za-z]{{2,}}|[\x00-\x3F\x41-\x7F]*[^\x00-\x7F][^\x40]*)"
    )
}

/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 5321, 4.5.3.1.2.
const MAX_DOMAIN: usize = 255;

/// A dot-atom: RFC 5322, 3.2.3.
fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= MAX_LOCAL && local.split('.').all(is_atom)
}

fn is_domain(domain: &str) -> bool {
    // Punycode is longer than its text by far less than this.
    if domain.len() > 4 * MAX_DOMAIN {
        return false;
    }
    let domain = if domain.is_ascii() {
        Cow::Borrowed(domain)
    } else {
        match idna::domain_to_ascii(domain) {
            Ok(ascii) => Cow::Owned(ascii),
            Err(_) => return false,
        }
    };
    if domain.len() > MAX_DOMAIN {
        return false;
    }
    if domain.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let Some((rest, top)) = domain.rsplit_once('.') else { return false };
    top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) && rest.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    matches!((bytes.first(), bytes.last()), (Some(first), Some(last))
        if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric())
        && bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl IsEmail {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsEmail {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match value {
            Value::Text(text) if self.accepts(&text) => Ok(Value::Text(text)),
            _ => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.looks_like(InputKind::Email, self.error());
        out.match_whole(email_pattern(), self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(
            json!({"type": "string", "format": "email", "pattern": json_schema::whole(&email_pattern())}),
        );
    }
}

impl FromArgs for IsEmail {
    const NAME: &'static str = "is_email";
    const ARGS: &'static [&'static str] = &["banned", "forced", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            banned: args.pattern("banned")?,
            forced: args.pattern("forced")?,
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn a_ban_holds_where_its_expression_gives_up() {
        let ban = Pattern::new(r"(a|aa)+(?!.)\1x").unwrap();
        let rules = Rules::one(IsEmail::new().banned(ban));
        assert!(rules.check_now("x@b.com".into()).is_ok());
        assert!(rules.check_now(format!("x@{}.com", "a".repeat(200)).into()).is_err());
    }

    #[test]
    fn lengths_are_those_of_the_mail_protocol() {
        for (local, domain, fits) in [(64, 200, true), (65, 200, false), (64, 252, false)] {
            let address = format!("{}@{}.com", "a".repeat(local), "b".repeat(domain));
            assert_eq!(is_email_address(&address), fits, "{local} {domain}");
        }
    }
}
