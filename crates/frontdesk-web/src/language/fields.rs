use super::Language;

/// Which text of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldText {
    /// The label: the message's value.
    Label,
    /// The comment beside the control: attribute `comment`.
    Comment,
    /// The example inside of the control: attribute `placeholder`.
    Placeholder,
    /// The tool tip: attribute `title`.
    Title,
}

impl FieldText {
    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Label => None,
            Self::Comment => Some("comment"),
            Self::Placeholder => Some("placeholder"),
            Self::Title => Some("title"),
        }
    }
}

impl Language {
    /// A text of a field, if the application's catalogues have it: message `field-<table>-<field>`.
    ///
    /// In the names capital letters become small, and what is neither a letter of ASCII nor a digit becomes `-`.
    ///
    /// ```
    /// use frontdesk_web::{FieldText, Languages};
    ///
    /// let catalogue = "field-thing-first-name = Vorname\n    .comment = Wie in Ihrem Ausweis";
    /// let german = Languages::new().add("de", catalogue)?.get("de").unwrap();
    /// assert_eq!(german.field_text("thing", "first_name", FieldText::Label).unwrap(), "Vorname");
    /// assert_eq!(german.field_text("thing", "first_name", FieldText::Comment).unwrap(), "Wie in Ihrem Ausweis");
    /// assert_eq!(german.field_text("thing", "first_name", FieldText::Title), None);
    /// # Ok::<(), frontdesk_web::LanguageError>(())
    /// ```
    pub fn field_text(&self, table: &str, field: &str, text: FieldText) -> Option<String> {
        self.named(&["field", table, field], text.attribute())
    }

    /// The label of a choice of a field: attribute `choice-<value>` of the message `field-<table>-<field>`.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    ///
    /// let catalogue = "field-thing-color = Farbe\n    .choice-red = rot";
    /// let german = Languages::new().add("de", catalogue)?.get("de").unwrap();
    /// assert_eq!(german.choice_text("thing", "color", "red").unwrap(), "rot");
    /// # Ok::<(), frontdesk_web::LanguageError>(())
    /// ```
    pub fn choice_text(&self, table: &str, field: &str, value: &str) -> Option<String> {
        // Values come from databases too, and none of those in catalogues is that long.
        if !self.has_own() || value.len() > 100 {
            return None;
        }
        self.named(&["field", table, field], Some(&key(&["choice", value])))
    }

    /// What the application's catalogues call the submit button of a table's forms: message `form-<table>-submit`.
    pub fn submit_text(&self, table: &str) -> Option<String> {
        self.named(&["form", table, "submit"], None)
    }

    /// The heading of a form's rows of another table, such as the lines of an order: message `children-<name>`.
    pub fn children_text(&self, name: &str) -> Option<String> {
        self.named(&["children", name], None)
    }

    fn named(&self, parts: &[&str], attribute: Option<&str>) -> Option<String> {
        if !self.has_own() {
            return None;
        }
        self.say_own(&key(parts), attribute)
    }
}

/// A key of names that may have any characters.
fn key(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts {
        if !out.is_empty() {
            out.push('-');
        }
        let plain =
            |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        out.extend(part.chars().map(plain));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Languages;
    use super::*;

    #[test]
    fn names_become_keys() {
        assert_eq!(key(&["field", "Order Details", "UnitPrice"]), "field-order-details-unitprice");
        assert_eq!(key(&["field", "t", "größe"]), "field-t-gr--e");
    }

    #[test]
    fn without_catalogues_of_ones_own_fields_keep_their_labels() {
        let german = Languages::new().get("de").unwrap();
        assert!(!german.has_own());
        assert_eq!(german.field_text("thing", "name", FieldText::Label), None);
        assert_eq!(german.submit_text("add"), None, "our own messages are no texts of tables");
    }

    #[test]
    fn a_text_that_is_there_in_english_only_is_in_english() {
        let languages = Languages::new().add("en", "field-thing-name = Full name").unwrap();
        let label = |tag: &str| languages.get(tag).unwrap().field_text("thing", "name", FieldText::Label);
        assert_eq!(label("en-GB").as_deref(), Some("Full name"));
        assert_eq!(label("de").as_deref(), Some("Full name"));
    }
}
