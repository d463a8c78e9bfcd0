use std::fmt;
use std::sync::Arc;

use frontdesk_validate::Value;

/// How a row is shown in one line: text with places for columns, as `{name} ({color})` or, as in the originals'
/// documentation, `%(name)s`.
///
/// `{{` and `}}` are braces, `%%` is a percent sign; a lone `%` is one too.
///
/// ```
/// use frontdesk_data::{LabelTemplate, Value, Values};
///
/// let row = Values::new().with("id", 1).with("name", "Ada");
/// let label: LabelTemplate = "%(id)s: {name}".parse().unwrap();
/// assert_eq!(label.render(|column| row.get(column).cloned()), "1: Ada");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelTemplate {
    source: Arc<str>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(Arc<str>),
}

/// A label template that ends within a place, or has a place without a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the label `{template}` has no end to the place that begins at character {at}")]
pub struct LabelTemplateError {
    template: String,
    at: usize,
}

impl LabelTemplate {
    /// A label that is the value of one column.
    pub fn column(name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        Self { source: format!("{{{name}}}").into(), parts: vec![Part::Column(name)] }
    }

    /// The names of the columns that it shows.
    pub fn columns(&self) -> impl Iterator<Item = &Arc<str>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Column(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    /// The label of a row; `value` gives the value of a column. A column that there is not shows nothing.
    pub fn render(&self, value: impl Fn(&str) -> Option<Value>) -> String {
        let mut label = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => label.push_str(text),
                Part::Column(name) => {
                    if let Some(value) = value(name) {
                        value.write_text(&mut label);
                    }
                }
            }
        }
        label
    }
}

impl std::str::FromStr for LabelTemplate {
    type Err = LabelTemplateError;

    fn from_str(source: &str) -> Result<Self, Self::Err> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let unended = || LabelTemplateError {
                template: source.to_owned(),
                at: source[..source.len() - rest.len()].chars().count() + 1,
            };
            let (name, after) =
                if let Some(doubled) = ["{{", "}}", "%%"].iter().find(|d| rest.starts_with(**d)) {
                    text.push_str(&doubled[..1]);
                    rest = &rest[2..];
                    continue;
                } else if let Some(inner) = rest.strip_prefix('{') {
                    inner.split_once('}').ok_or_else(unended)?
                } else if let Some(inner) = rest.strip_prefix("%(") {
                    let (name, after) = inner.split_once(')').ok_or_else(unended)?;
                    (name, after.strip_prefix('s').ok_or_else(unended)?)
                } else {
                    text.push(first);
                    rest = &rest[first.len_utf8()..];
                    continue;
                };
            if name.is_empty() {
                return Err(unended());
            }
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(Part::Column(name.into()));
            rest = after;
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { source: source.into(), parts })
    }
}

impl fmt::Display for LabelTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_signs_are_signs() {
        let label: LabelTemplate = "100% {{{a}}} %% %(b)s".parse().unwrap();
        assert_eq!(label.render(|name| Some(Value::from(name))), "100% {a} % b");
        assert!("{a".parse::<LabelTemplate>().is_err());
        assert!("%(a)d".parse::<LabelTemplate>().is_err());
    }
}
