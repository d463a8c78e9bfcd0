//! The columns that a label template names.

/// The names of `{name} (%(color)s)`.
///
/// # Errors
/// The beginning of a place that does not end, or has no name.
pub(super) fn columns(template: &str) -> Result<Vec<&str>, &str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        if ["{{", "}}", "%%"].iter().any(|doubled| rest.starts_with(doubled)) {
            rest = &rest[2..];
            continue;
        }
        let place = if let Some(inner) = rest.strip_prefix('{') {
            inner.split_once('}')
        } else if let Some(inner) = rest.strip_prefix("%(") {
            inner.split_once(")s").filter(|(name, _)| !name.contains(')'))
        } else {
            rest = &rest[first.len_utf8()..];
            continue;
        };
        match place.filter(|(name, _)| !name.is_empty()) {
            Some((name, after)) => {
                names.push(name);
                rest = after;
            }
            None => return Err(rest),
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_as_the_template_finds_them() {
        assert_eq!(columns("100% {{{a}}} %% %(b)s"), Ok(vec!["a", "b"]));
        assert_eq!(columns("no place"), Ok(vec![]));
        for wrong in ["{a", "x {}", "%(a)d", "%(a", "%()s"] {
            assert!(columns(wrong).is_err(), "{wrong}");
        }
    }
}
