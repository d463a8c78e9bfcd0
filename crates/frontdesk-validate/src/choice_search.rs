use std::fmt;

use crate::{BoxFuture, Choice, Unavailable, ValidationError, Value};

/// The choices of a rule of which there may be too many to list, such as the rows of a large table: they are searched.
///
/// [`Rules::search`](crate::Rules::search) gives it for a field. It may well be there for choices that
/// [`options`](crate::Rules::options) lists too: search where that has no list.
///
/// # Contract
/// Choices have the value that the rule accepts, and the label that a list would show. None of them is the empty choice.
pub trait ChoiceSearch: fmt::Debug + Send + Sync {
    /// The choices that fit `text`, the best first, at most `most`; without text, the first of all.
    ///
    /// It takes a bounded time, and rather finds less: [`Found::more`] says so.
    fn search<'a>(&'a self, text: &'a str, most: usize) -> BoxFuture<'a, Result<Found, Unavailable>>;

    /// The choices of these values, in their order. A value that is no choice is left out.
    fn labels<'a>(&'a self, values: &'a [Value]) -> BoxFuture<'a, Result<Vec<Choice>, Unavailable>>;

    /// Whether [`create`](Self::create) makes new choices. Default: no.
    fn creates(&self) -> bool {
        false
    }

    /// Makes a choice of `text`; the one that there is, if there is one of that text already.
    ///
    /// Default: refused, with code `create`.
    fn create<'a>(&'a self, _text: &'a str) -> BoxFuture<'a, Result<Choice, ValidationError>> {
        Box::pin(std::future::ready(Err(ValidationError::new("create", "Nothing can be added here"))))
    }
}

/// What a [search](ChoiceSearch::search) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The choices, the best first.
    pub choices: Vec<Choice>,
    /// Whether there are, or may be, more that fit.
    pub more: bool,
}
