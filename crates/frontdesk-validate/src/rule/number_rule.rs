//! What the rules over numbers with a fraction share.

/// The parts of such a rule, but for how a number is read and written. Beside it stand:
/// - `TEXTS`,
/// - `fn read(value: &Value, dot: char) -> Option<$number>`,
/// - `fn shown(bound: $number) -> Value`: a bound as messages show it,
/// - `fn written(bound: $number) -> String`: as JavaScript writes it,
/// - `fn said(bound: Bound<$number>) -> Bound<$number>`: as a JSON Schema may say it,
/// - `fn argument(args: &mut Args<'_>, name: &str) -> Result<Option<$number>, RuleError>`.
macro_rules! number_rule {
    ($rule:ident, $name:literal, $number:ty, $variant:ident) => {
        impl $rule {
            /// A number in `range`.
            pub fn new(range: impl std::ops::RangeBounds<$number>) -> Self {
                let bounds = (range.start_bound().cloned(), range.end_bound().cloned());
                Self { bounds, dot: '.', message: None }
            }

            /// Any number.
            pub fn any() -> Self {
                Self::new(..)
            }

            /// At least `min`.
            #[must_use]
            pub fn min(mut self, min: impl Into<$number>) -> Self {
                self.bounds.0 = Bound::Included(min.into());
                self
            }

            /// At most `max`, itself included.
            #[must_use]
            pub fn max(mut self, max: impl Into<$number>) -> Self {
                self.bounds.1 = Bound::Included(max.into());
                self
            }

            /// The character between the whole part and the fraction, besides the full stop, which is always read;
            /// numbers are written with it. Letters, digits, signs and blanks change nothing.
            #[must_use]
            pub fn dot(mut self, dot: char) -> Self {
                if range::is_dot(dot) {
                    self.dot = dot;
                }
                self
            }

            /// Another text for the error; it may name `%(min)s` and `%(max)s`.
            #[must_use]
            pub fn error_message(mut self, message: impl Into<Message>) -> Self {
                self.message = Some(message.into().given());
                self
            }

            fn error(&self) -> crate::ValidationError {
                let (lower, upper) = self.bounds;
                TEXTS.number_error("a number", self.message.as_ref(), lower.map(shown), upper.map(shown))
            }
        }

        impl crate::Validator for $rule {
            fn name(&self) -> &str {
                $name
            }

            fn check<'a>(&'a self, value: Value, _: crate::Context<'a>) -> crate::Checked<'a> {
                match read(&value, self.dot) {
                    Some(number) if std::ops::RangeBounds::contains(&self.bounds, &number) => {
                        Ok(Value::$variant(number))
                    }
                    _ => Err(self.error()),
                }
                .into()
            }

            fn format(&self, value: &Value) -> Option<String> {
                match value {
                    Value::$variant(_) if self.dot != '.' => {
                        Some(value.to_text().replace('.', self.dot.encode_utf8(&mut [0; 4])))
                    }
                    _ => None,
                }
            }

            fn constraints(&self, out: &mut crate::Constraints) {
                let (lower, upper) = self.bounds;
                range::number_constraints(
                    (lower.map(written), upper.map(written)),
                    self.dot,
                    &self.error(),
                    out,
                );
            }

            fn json_schema(&self, out: &mut crate::JsonSchema) {
                let (lower, upper) = self.bounds;
                range::number_schema((said(lower).map(written), said(upper).map(written)), self.dot, out);
            }
        }

        impl crate::FromArgs for $rule {
            const NAME: &'static str = $name;
            const ARGS: &'static [&'static str] = &["minimum", "maximum", "dot", "error_message"];

            fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
                let mut bound = |name| Ok(argument(args, name)?.map_or(Bound::Unbounded, Bound::Included));
                let bounds = (bound("minimum")?, bound("maximum")?);
                Ok(Self { bounds, dot: range::dot(args)?, message: args.message()? })
            }
        }
    };
}

pub(super) use number_rule;
