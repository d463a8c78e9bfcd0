use super::text::map_texts;
use crate::{Args, Checked, Context, FromArgs, RuleError, Validator, Value};

/// `IS_LOWER`: converts text to lower case. It never refuses.
///
/// Numbers come back as text; in a list each text is converted; null and files stay as they are.
///
/// ```
/// use frontdesk_validate::{IsLower, Rules};
///
/// assert_eq!(Rules::one(IsLower::new()).check_now("ΟΔΟΣ Ñ".into()), Ok("οδος ñ".into()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct IsLower(());

impl IsLower {
    /// The rule.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Validator for IsLower {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        Ok(map_texts(value, &|mut text| {
            if text.is_ascii() {
                text.make_ascii_lowercase();
                return text;
            }
            text.to_lowercase()
        }))
        .into()
    }
}

impl FromArgs for IsLower {
    const NAME: &'static str = "is_lower";
    const ARGS: &'static [&'static str] = &[];

    fn from_args(_: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self::new())
    }
}
