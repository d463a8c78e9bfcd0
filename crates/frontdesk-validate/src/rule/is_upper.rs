use super::text::map_texts;
use crate::{Args, Checked, Context, FromArgs, RuleError, Validator, Value};

/// `IS_UPPER`: converts text to upper case. It never refuses.
///
/// Numbers come back as text; in a list each text is converted; null and files stay as they are.
///
/// ```
/// use frontdesk_validate::{IsUpper, Rules};
///
/// assert_eq!(Rules::one(IsUpper::new()).check_now("naïve ﬁn".into()), Ok("NAÏVE FIN".into()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct IsUpper(());

impl IsUpper {
    /// The rule.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Validator for IsUpper {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        Ok(map_texts(value, &|mut text| {
            if text.is_ascii() {
                text.make_ascii_uppercase();
                return text;
            }
            text.to_uppercase()
        }))
        .into()
    }
}

impl FromArgs for IsUpper {
    const NAME: &'static str = "is_upper";
    const ARGS: &'static [&'static str] = &[];

    fn from_args(_: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self::new())
    }
}
