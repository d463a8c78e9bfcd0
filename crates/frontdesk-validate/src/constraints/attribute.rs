//! Constraints as the attributes of an input.

use std::borrow::Cow;

use super::{Constraints, Limit};
use crate::ValidationError;

/// An attribute of an input that says a constraint.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// The attribute: one that browsers know, such as `maxlength`, or `data-fd-…` for the script.
    pub name: &'static str,
    /// Its value.
    pub value: Cow<'a, str>,
    /// The attribute for the message: `data-fd-error-…`.
    pub error_name: &'static str,
    /// The error whose text is the message.
    pub error: Option<&'a ValidationError>,
}

/// Which attributes browsers heed on an input.
#[derive(Clone, Copy, Default)]
struct Heeds {
    required: bool,
    length: bool,
    pattern: bool,
    range: bool,
    accept: bool,
    /// Whether it holds a text that is typed; then the script can check what browsers do not.
    text: bool,
}

impl Heeds {
    fn of(input: &str) -> Self {
        let none = Self::default();
        match input {
            "text" | "search" | "url" | "tel" | "email" | "password" => {
                Self { required: true, length: true, pattern: true, text: true, ..none }
            }
            "textarea" => Self { required: true, length: true, text: true, ..none },
            "number" | "date" | "datetime-local" | "time" | "month" | "week" => {
                Self { required: true, range: true, ..none }
            }
            "range" => Self { range: true, ..none },
            "file" => Self { required: true, accept: true, ..none },
            "select" | "radio" | "checkbox" => Self { required: true, ..none },
            _ => none,
        }
    }
}

impl Constraints {
    /// The attributes for an input of type `input`, such as `text` or `datetime-local`, or a `textarea` or `select`.
    ///
    /// What browsers heed on such an input stands in the attribute that they know, what only the script can check in
    /// `data-fd-minchars`, `data-fd-maxchars`, `data-fd-min`, `data-fd-max`, `data-fd-pattern`, and `data-fd-required` with
    /// the value `blank`. `data-fd-type` and `data-fd-dot` say how the text is to be read.
    ///
    /// `required` has to be left out where nothing entered means that all stays as it is, such as a file that is stored
    /// already, and on the checkboxes of a group, of which each would have to be ticked. On one checkbox of its own it is
    /// right.
    ///
    /// ```
    /// use frontdesk_validate::{IsLength, Rules};
    ///
    /// let rules = Rules::one(IsLength::max(15));
    /// let constraints = rules.constraints();
    /// let names: Vec<_> = constraints.attributes("text").map(|attribute| attribute.name).collect();
    /// assert_eq!(names, ["maxlength", "data-fd-maxchars"]);
    /// ```
    pub fn attributes(&self, input: &str) -> impl Iterator<Item = Attribute<'_>> {
        let heeds = Heeds::of(input);
        let mut all = Vec::new();
        let mut add = |name, value, error_name, error| all.push(Attribute { name, value, error_name, error });
        if let Some(limit) = self.required.as_ref().filter(|_| heeds.required) {
            add("required", "".into(), "data-fd-error-required", limit.error.as_ref());
            if self.blank_is_empty && heeds.text {
                add("data-fd-required", "blank".into(), "data-fd-error-required", None);
            }
        }
        if heeds.length {
            for (limit, name, error_name) in [
                (&self.minlength, "minlength", "data-fd-error-minlength"),
                (&self.maxlength, "maxlength", "data-fd-error-maxlength"),
                (&self.minchars, "data-fd-minchars", "data-fd-error-minchars"),
                (&self.maxchars, "data-fd-maxchars", "data-fd-error-maxchars"),
            ] {
                if let Some(limit) = limit {
                    add(name, limit.value.to_string().into(), error_name, limit.error.as_ref());
                }
            }
        }
        let (min, max) = if heeds.range { ("min", "max") } else { ("data-fd-min", "data-fd-max") };
        if heeds.range || heeds.text {
            for (limit, name, error_name) in
                [(&self.min, min, "data-fd-error-min"), (&self.max, max, "data-fd-error-max")]
            {
                if let Some(limit) = limit {
                    add(name, (&*limit.value).into(), error_name, limit.error.as_ref());
                }
            }
        }
        if let Some(limit) = self.step.as_ref().filter(|_| matches!(input, "number" | "range")) {
            add("step", (&*limit.value).into(), "data-fd-error-step", limit.error.as_ref());
        }
        if let Some(Limit { value, error }) = self.pattern.as_ref().filter(|_| heeds.text) {
            let name = if heeds.pattern { "pattern" } else { "data-fd-pattern" };
            add(name, (&**value).into(), "data-fd-error-pattern", error.as_ref());
        }
        if let Some(limit) = self.accept.as_ref().filter(|_| heeds.accept) {
            add("accept", (&*limit.value).into(), "data-fd-error-accept", limit.error.as_ref());
        }
        if let Some(limit) = self.kind.as_ref().filter(|_| heeds.text || heeds.range) {
            add("data-fd-type", limit.value.as_str().into(), "data-fd-error-type", limit.error.as_ref());
        }
        if heeds.text {
            if let Some(dot) = self.dot {
                add("data-fd-dot", dot.to_string().into(), "data-fd-error-type", None);
            }
            if let Some(mode) = &self.inputmode {
                add("inputmode", (&**mode).into(), "data-fd-error-type", None);
            }
        }
        if let Some(hint) = &self.autocomplete {
            add("autocomplete", (&**hint).into(), "data-fd-error-type", None);
        }
        all.into_iter()
    }
}
