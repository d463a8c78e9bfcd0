//! A model of what browsers and the script check, by the HTML standard and by the documentation of `Constraints`.

use std::cell::RefCell;
use std::collections::HashMap;

use frontdesk_validate::{Attribute, Constraints};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Taken,
    Refused,
}

fn verdict(is_refused: bool) -> Verdict {
    if is_refused { Verdict::Refused } else { Verdict::Taken }
}

fn matches_whole(pattern: &str, text: &str) -> bool {
    thread_local!(static COMPILED: RefCell<HashMap<String, fancy_regex::Regex>> = RefCell::default());
    COMPILED.with_borrow_mut(|all| {
        all.entry(pattern.to_owned())
            .or_insert_with(|| fancy_regex::Regex::new(&format!(r"\A(?:{pattern})\z")).expect(pattern))
            .is_match(text)
            .expect("short texts take few steps")
    })
}

/// `input.checkValidity()`: HTML, 4.10.21.
pub(super) fn native(constraints: &Constraints, input: &str, text: &str) -> Verdict {
    verdict(constraints.attributes(input).any(|attribute| breaks_native(&attribute, text)))
}

fn breaks_native(attribute: &Attribute<'_>, text: &str) -> bool {
    let units = || text.encode_utf16().count();
    let number = || attribute.value.parse::<usize>().expect("a length");
    match attribute.name {
        "required" => text.is_empty(),
        _ if text.is_empty() => false,
        "minlength" => units() < number(),
        "maxlength" => units() > number(),
        "pattern" => !matches_whole(&attribute.value, text),
        "min" | "max" | "step" => panic!("a text has none"),
        _ => false,
    }
}

/// What the script checks besides.
pub(super) fn script(constraints: &Constraints, input: &str, text: &str) -> Verdict {
    verdict(constraints.attributes(input).any(|attribute| breaks_script(constraints, &attribute, text)))
}

fn breaks_script(constraints: &Constraints, attribute: &Attribute<'_>, text: &str) -> bool {
    let limit = || attribute.value.parse::<usize>().expect("a length");
    let is_blank = text.chars().all(char::is_whitespace);
    if attribute.name == "data-fd-required" {
        return is_blank;
    }
    if is_blank {
        return false;
    }
    match attribute.name {
        "data-fd-minchars" => text.chars().count() < limit(),
        "data-fd-maxchars" => text.chars().count() > limit(),
        "data-fd-pattern" => !matches_whole(&attribute.value, text),
        "data-fd-min" => compared(constraints, text).is_some_and(|value| value < read(&attribute.value)),
        "data-fd-max" => compared(constraints, text).is_some_and(|value| value > read(&attribute.value)),
        _ => false,
    }
}

/// Numbers as they are; of dates, the texts that browsers write, digits one after the other, which compare alike.
fn compared(constraints: &Constraints, text: &str) -> Option<f64> {
    match constraints.kind.as_ref()?.value.as_str() {
        "integer" => matches_whole("[+-]?[0-9]+", text.trim()).then(|| read(text.trim())),
        "number" => {
            let text = text.trim();
            let text = match constraints.dot {
                Some(dot) => text.replace(dot, "."),
                None => text.to_owned(),
            };
            text.parse::<f64>().ok().filter(|number| number.is_finite())
        }
        "date" => {
            let is_native = matches_whole(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text);
            is_native.then(|| read(text))
        }
        "datetime" => {
            let is_native = matches_whole(
                r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?",
                text,
            );
            is_native.then(|| read(text))
        }
        _ => None,
    }
}

fn read(text: &str) -> f64 {
    if let Ok(number) = text.parse() {
        return number;
    }
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.contains('T') {
        digits = format!("{digits:0<17}");
    }
    digits.parse().expect("digits")
}

/// The messages that would stand beside the input.
pub(super) fn complaints<'c>(constraints: &'c Constraints, input: &str, text: &str) -> Vec<&'c str> {
    let mut all: Vec<&str> = constraints
        .attributes(input)
        .filter(|attribute| breaks_native(attribute, text) || breaks_script(constraints, attribute, text))
        .filter_map(|attribute| match attribute.name {
            "data-fd-required" => constraints.required.as_ref()?.error.as_ref(),
            _ => attribute.error,
        })
        .map(frontdesk_validate::ValidationError::text)
        .collect();
    all.dedup();
    all
}
