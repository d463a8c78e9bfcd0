use std::borrow::Cow;

use frontdesk_validate::{ValidationError, Value};

use super::texts::fluent_args;
use super::{Arg, Language, shipped};

impl Language {
    /// What is wrong, in this language. The application's own words (`error_message`) stay as they are.
    ///
    /// The key is the error's code, with `-` for `.` and `_`; its parameters are the message's variables.
    ///
    /// ```
    /// use frontdesk_validate::{IsIntInRange, Rules};
    /// use frontdesk_web::Languages;
    ///
    /// let german = Languages::new().get("de").unwrap();
    /// let error = Rules::one(IsIntInRange::new(0..10)).check_now("x".into()).unwrap_err();
    /// assert_eq!(german.error(&error), "Geben Sie eine ganze Zahl von 0 bis 9 ein");
    /// ```
    pub fn error<'e>(&self, error: &'e ValidationError) -> Cow<'e, str> {
        if self.is_default() || !error.is_own_text() {
            return error.text().into();
        }
        let text = match error.code() {
            "is_strong" => self.strong(error),
            _ => self.by_code(error),
        };
        text.map_or_else(|| error.text().into(), Cow::Owned)
    }

    fn by_code(&self, error: &ValidationError) -> Option<String> {
        let base = key(error.code());
        let args: Vec<_> = error.params().iter().map(|(name, value)| (*name, Arg::from(value))).collect();
        self.say_error(&base, variant(&base, error, &args), &args)
    }

    /// The application's words for this variant or for the code, then ours; all of one language before those of the
    /// next.
    fn say_error(&self, base: &str, variant: Option<&str>, args: &[(&str, Arg<'_>)]) -> Option<String> {
        let args = self.args(args);
        self.0.chain.iter().find_map(|catalogue| {
            let keys = || variant.into_iter().chain([base]);
            let own = keys().filter(|key| catalogue.is_own(key));
            // In English the error's own text is as good as ours, and may say more.
            let ours = keys().filter(|_| !catalogue.says_defaults());
            own.chain(ours).find_map(|key| catalogue.format(key, None, args.as_ref()))
        })
    }

    /// All that a password lacks, each under a key of its own: `is-strong--min`.
    fn strong(&self, error: &ValidationError) -> Option<String> {
        let param =
            |wanted: &str| error.params().iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let specials = param("specials").map(Arg::from);
        let parts = error.params().iter().filter(|(name, _)| *name != "specials").map(|(name, value)| {
            let none = *value == Value::Int(0) && !matches!(*name, "min" | "max" | "entropy");
            let key = format!("is-strong--{}{name}", if none { "no-" } else { "" });
            let mut args = vec![("count", Arg::from(value))];
            args.extend(specials.clone().map(|all| ("specials", all)));
            self.say_error(&key, None, &args)
        });
        let parts: Vec<String> = parts.collect::<Option<_>>()?;
        if parts.is_empty() { None } else { Some(parts.join("; ")) }
    }
}

/// One code may have several texts (`unique`, `type`): which one it is tells the English text.
fn variant(base: &str, error: &ValidationError, args: &[(&str, Arg<'_>)]) -> Option<&'static str> {
    let args = fluent_args(args, None);
    let plain = shipped::plain_english();
    shipped::variants(base)
        .find(|key| plain.format(key, None, args.as_ref()).is_some_and(|text| text == error.text()))
}

/// The key of a code.
fn key(code: &str) -> String {
    code.replace(['.', '_'], "-")
}
