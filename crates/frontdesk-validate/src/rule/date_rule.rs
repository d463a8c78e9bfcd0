//! What the rules over ranges of dates and of moments share.

/// Which way a bound may be moved.
#[derive(Clone, Copy)]
pub(super) enum Round {
    Down,
    Up,
}

/// The parts of such a rule, but for how its bounds are made. Beside it stand:
/// - `TEXTS`,
/// - `fn formats(format: DateFormat) -> $format`, and `fn main_format(format: &$format) -> &DateFormat`,
/// - `fn read(format: &$format, value: &Value) -> Option<$moment>`,
/// - `fn shown(format: &$format, moment: $moment) -> String`: as messages show it,
/// - `fn native(format: &$format, moment: $moment, round: Round) -> Option<String>`: as browsers write it, where they
///   can compare,
/// - `fn argument(args: &mut Args<'_>, name: &str) -> Result<Option<$moment>, RuleError>`.
macro_rules! date_rule {
    ($rule:ident, $name:literal, $format:ty, $variant:ident) => {
        impl $rule {
            /// Reads and writes in `format`.
            ///
            /// # Errors
            /// [`DateFormatError`], if the format has an unknown directive.
            pub fn with_format(mut self, format: &str) -> Result<Self, DateFormatError> {
                self.format = formats(DateFormat::parse(format)?);
                Ok(self)
            }

            /// Another text for the error; it may name `%(min)s`, `%(max)s` and `%(format)s`.
            #[must_use]
            pub fn error_message(mut self, message: impl Into<Message>) -> Self {
                self.message = Some(message.into().given());
                self
            }

            fn error(&self) -> crate::ValidationError {
                let shown = |moment| Value::Text(shown(&self.format, moment));
                let format = ("format", main_format(&self.format).sample().into());
                TEXTS.error_with(self.message.as_ref(), self.min.map(shown), self.max.map(shown), Some(format))
            }
        }

        impl crate::Validator for $rule {
            fn name(&self) -> &str {
                $name
            }

            fn check<'a>(&'a self, value: Value, _: crate::Context<'a>) -> crate::Checked<'a> {
                match read(&self.format, &value) {
                    Some(moment)
                        if self.min.is_none_or(|min| min <= moment)
                            && self.max.is_none_or(|max| moment <= max) =>
                    {
                        Ok(Value::$variant(moment))
                    }
                    _ => Err(self.error()),
                }
                .into()
            }

            fn format(&self, value: &Value) -> Option<String> {
                write(main_format(&self.format), value)
            }

            fn constraints(&self, out: &mut crate::Constraints) {
                let kind = crate::InputKind::$variant;
                if let Some(min) = self.min.and_then(|min| native(&self.format, min, Round::Down)) {
                    out.at_least(kind, min, self.error());
                }
                if let Some(max) = self.max.and_then(|max| native(&self.format, max, Round::Up)) {
                    out.at_most(kind, max, self.error());
                }
                out.read_as(kind, self.error());
            }

            fn json_schema(&self, out: &mut crate::JsonSchema) {
                out.and(serde_json::json!({"type": "string"}));
                out.end();
            }
        }

        impl crate::FromArgs for $rule {
            const NAME: &'static str = $name;
            const ARGS: &'static [&'static str] = &["minimum", "maximum", "format", "error_message"];

            fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
                let format = format_from(args)?.map_or_else(<$format>::default, formats);
                let (min, max) = (argument(args, "minimum")?, argument(args, "maximum")?);
                Ok(Self { min, max, format, message: args.message()? })
            }
        }
    };
}

pub(super) use date_rule;
