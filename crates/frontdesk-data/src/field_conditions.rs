//! Fields that depend on what is entered in others.

use frontdesk_validate::{Condition, Lookup};
use serde_json::{Value as Json, json};

use crate::Field;

/// Which of a field's choices there are while a condition holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChoicesWhen {
    /// The condition.
    pub when: Condition,
    /// The values of the choices.
    pub only: Vec<String>,
}

impl ChoicesWhen {
    /// Only these choices while the condition holds.
    pub fn new<V: Into<String>>(when: Condition, only: impl IntoIterator<Item = V>) -> Self {
        Self { when, only: only.into_iter().map(Into::into).collect() }
    }

    /// For the script: `{"when": …, "only": […]}`, with the condition as [`Condition::to_json`] writes it.
    pub fn to_json(&self) -> Json {
        json!({"when": self.when.to_json(), "only": self.only})
    }
}

impl Field {
    /// Shows the field only while a condition on other fields holds. Hidden, it is neither checked nor written.
    ///
    /// ```
    /// use frontdesk_data::Field;
    ///
    /// let state = Field::string("state").show_when("country == 'US'".parse()?);
    /// assert_eq!(state.show_when.unwrap().fields(), ["country"]);
    /// # Ok::<(), frontdesk_validate::ConditionError>(())
    /// ```
    #[must_use]
    pub fn show_when(mut self, condition: Condition) -> Self {
        self.show_when = Some(condition);
        self
    }

    /// Asks for a value while a condition on other fields holds, also where the rules accept none.
    #[must_use]
    pub fn require_when(mut self, condition: Condition) -> Self {
        self.require_when = Some(condition);
        self
    }

    /// Offers only some of the choices while a condition on other fields holds. Where several such conditions hold, the
    /// choices are those that all of them name; where none does, all.
    ///
    /// ```
    /// use frontdesk_data::{Field, Value};
    /// use frontdesk_validate::Lookup;
    ///
    /// struct Submitted;
    ///
    /// impl Lookup for Submitted {
    ///     fn get(&self, name: &str) -> Option<Value> {
    ///         (name == "size").then(|| "small".into())
    ///     }
    /// }
    ///
    /// let color = Field::string("color").choices_when("size == 'small'".parse()?, ["red", "blue"]);
    /// assert!(color.offers_choice("red", &Submitted));
    /// assert!(!color.offers_choice("green", &Submitted));
    /// # Ok::<(), frontdesk_validate::ConditionError>(())
    /// ```
    #[must_use]
    pub fn choices_when<V: Into<String>>(
        mut self,
        condition: Condition,
        only: impl IntoIterator<Item = V>,
    ) -> Self {
        self.choices_when.push(ChoicesWhen::new(condition, only));
        self
    }

    /// Whether the field is shown, by [`show_when`](Self::show_when).
    pub fn is_shown(&self, fields: &dyn Lookup) -> bool {
        self.show_when.as_ref().is_none_or(|condition| condition.eval(fields))
    }

    /// Whether a value is asked for, by [`require_when`](Self::require_when).
    pub fn is_required_now(&self, fields: &dyn Lookup) -> bool {
        self.require_when.as_ref().is_some_and(|condition| condition.eval(fields))
    }

    /// Whether a choice is offered, by [`choices_when`](Self::choices_when). The empty choice always is.
    pub fn offers_choice(&self, value: &str, fields: &dyn Lookup) -> bool {
        value.is_empty()
            || self
                .choices_when
                .iter()
                .all(|choices| choices.only.iter().any(|one| one == value) || !choices.when.eval(fields))
    }

    /// The conditions of the field, each with the name of its setter.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &Condition)> {
        let one = |name, condition| Some((name, Option::as_ref(condition)?));
        let choices = self.choices_when.iter().map(|choices| ("choices_when", &choices.when));
        one("show_when", &self.show_when)
            .into_iter()
            .chain(one("require_when", &self.require_when))
            .chain(choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    struct Size(&'static str);

    impl Lookup for Size {
        fn get(&self, name: &str) -> Option<Value> {
            (name == "size").then(|| self.0.into())
        }
    }

    #[test]
    fn several_conditions_narrow_the_choices_together() {
        let when = |source: &str| source.parse::<Condition>().unwrap();
        let field = Field::string("color")
            .choices_when(when("size < 10"), ["red", "blue"])
            .choices_when(when("size < 5"), ["blue", "green"]);
        let offered =
            |size| ["", "red", "blue", "green"].map(|color| field.offers_choice(color, &Size(size)));
        assert_eq!(offered("20"), [true; 4]);
        assert_eq!(offered("7"), [true, true, true, false]);
        assert_eq!(offered("3"), [true, false, true, false]);
        assert_eq!(field.conditions().count(), 2);
    }

    #[test]
    fn without_conditions_a_field_is_there_and_free() {
        let field = Field::string("color");
        assert!(
            field.is_shown(&Size(""))
                && !field.is_required_now(&Size(""))
                && field.offers_choice("x", &Size(""))
        );
        let field = field.show_when(Condition::is_set("size")).require_when(Condition::equals("size", 1));
        assert!(
            !field.is_shown(&Size("")) && field.is_shown(&Size("1")) && field.is_required_now(&Size("1"))
        );
    }
}
