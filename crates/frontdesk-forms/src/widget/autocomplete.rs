//! What a browser may fill in, told from a field's name.

/// Which inputs a token fits, by the groups of the HTML standard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    /// Inputs of one line, texts, lists.
    Text,
    /// Texts of several lines and lists alone.
    Lines,
    /// `email`, and texts.
    Email,
    /// `tel`, and texts.
    Phone,
    /// `url`, and texts.
    Address,
    /// `date`, and texts.
    Date,
}

/// The tokens for information about people ([WCAG 1.3.5]) by names of fields, in lower case and without separators.
///
/// Only names that leave no doubt: a field `name` may be that of a product.
///
/// [WCAG 1.3.5]: https://www.w3.org/TR/WCAG22/#identify-input-purpose
const PURPOSES: &[(&str, &str, Fits)] = &[
    ("additionalname", "additional-name", Fits::Text),
    ("address", "street-address", Fits::Lines),
    ("address1", "address-line1", Fits::Text),
    ("address2", "address-line2", Fits::Text),
    ("address3", "address-line3", Fits::Text),
    ("addressline1", "address-line1", Fits::Text),
    ("addressline2", "address-line2", Fits::Text),
    ("addressline3", "address-line3", Fits::Text),
    ("bday", "bday", Fits::Date),
    ("birthdate", "bday", Fits::Date),
    ("birthday", "bday", Fits::Date),
    ("cellphone", "tel", Fits::Phone),
    ("city", "address-level2", Fits::Text),
    ("country", "country-name", Fits::Text),
    ("countrycode", "country", Fits::Text),
    ("countryname", "country-name", Fits::Text),
    ("dateofbirth", "bday", Fits::Date),
    ("dob", "bday", Fits::Date),
    ("email", "email", Fits::Email),
    ("emailaddress", "email", Fits::Email),
    ("familyname", "family-name", Fits::Text),
    ("firstname", "given-name", Fits::Text),
    ("forename", "given-name", Fits::Text),
    ("fullname", "name", Fits::Text),
    ("givenname", "given-name", Fits::Text),
    ("homepage", "url", Fits::Address),
    ("honorificprefix", "honorific-prefix", Fits::Text),
    ("honorificsuffix", "honorific-suffix", Fits::Text),
    ("jobtitle", "organization-title", Fits::Text),
    ("lastname", "family-name", Fits::Text),
    ("login", "username", Fits::Text),
    ("mail", "email", Fits::Email),
    ("middlename", "additional-name", Fits::Text),
    ("mobile", "tel", Fits::Phone),
    ("mobilephone", "tel", Fits::Phone),
    ("nickname", "nickname", Fits::Text),
    ("organisation", "organization", Fits::Text),
    ("organization", "organization", Fits::Text),
    ("otp", "one-time-code", Fits::Text),
    ("phone", "tel", Fits::Phone),
    ("phonenumber", "tel", Fits::Phone),
    ("postalcode", "postal-code", Fits::Text),
    ("postcode", "postal-code", Fits::Text),
    ("street", "address-line1", Fits::Text),
    ("streetaddress", "street-address", Fits::Lines),
    ("surname", "family-name", Fits::Text),
    ("tel", "tel", Fits::Phone),
    ("telephone", "tel", Fits::Phone),
    ("town", "address-level2", Fits::Text),
    ("username", "username", Fits::Text),
    ("website", "url", Fits::Address),
    ("zip", "postal-code", Fits::Text),
    ("zipcode", "postal-code", Fits::Text),
];

/// The token for a field of that name, in an input of type `kind`, a `textarea` or a `select`.
pub(super) fn of(field: &str, kind: &str) -> Option<&'static str> {
    const LONGEST: usize = 24;
    if field.len() > LONGEST {
        return None;
    }
    let plain: String = field
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' '))
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let at = PURPOSES.binary_search_by_key(&&*plain, |(name, ..)| name).ok()?;
    let (_, token, fits) = PURPOSES[at];
    let fits = match kind {
        "textarea" | "select" => true,
        "text" | "search" => fits != Fits::Lines,
        "email" => fits == Fits::Email,
        "tel" => fits == Fits::Phone,
        "url" => fits == Fits::Address,
        "date" => fits == Fits::Date,
        _ => false,
    };
    match (fits, token, kind) {
        (true, ..) => Some(token),
        // One line of an address takes its first line.
        (false, "street-address", "text" | "search") => Some("address-line1"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(PURPOSES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn form_15_names_tell_what_a_browser_may_fill_in() {
        for (name, kind, token) in [
            ("email", "email", "email"),
            ("E-Mail", "text", "email"),
            ("first_name", "text", "given-name"),
            ("given-name", "text", "given-name"),
            ("PostalCode", "text", "postal-code"),
            ("postal_code", "select", "postal-code"),
            ("street_address", "textarea", "street-address"),
            ("street_address", "text", "address-line1"),
            ("birthday", "date", "bday"),
            ("phone", "tel", "tel"),
            ("username", "text", "username"),
        ] {
            assert_eq!(of(name, kind), Some(token), "{name} {kind}");
        }
        for (name, kind) in
            [("name", "text"), ("color", "text"), ("email", "number"), ("phone", "email"), ("", "text")]
        {
            assert_eq!(of(name, kind), None, "{name} {kind}");
        }
    }
}
