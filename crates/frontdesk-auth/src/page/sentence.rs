use frontdesk_html::Markup;
use frontdesk_validate::ValidationError;
use frontdesk_web::{Arg, Language};

/// What is said to a visitor, on a page or as the sentence of a problem.
#[derive(Clone, Debug)]
pub(crate) enum Sentence {
    /// A message of the catalogues. Clients that are no browsers read its English, or `wire` where that is another text.
    Message { key: &'static str, wire: Option<&'static str>, args: Vec<(&'static str, i64)> },
    /// A text of the application's, escaped on a page.
    Text(String),
    /// A piece of HTML of the application's.
    Markup(Markup),
    /// What a rule or a captcha says.
    Error(ValidationError),
}

impl Sentence {
    pub(crate) fn new(key: &'static str) -> Self {
        Self::Message { key, wire: None, args: Vec::new() }
    }

    /// One that the wire contract words differently.
    pub(crate) fn wire(key: &'static str, wire: &'static str) -> Self {
        Self::Message { key, wire: Some(wire), args: Vec::new() }
    }

    pub(crate) fn with(key: &'static str, name: &'static str, number: impl TryInto<i64>) -> Self {
        let number = number.try_into().unwrap_or(i64::MAX);
        Self::Message { key, wire: None, args: vec![(name, number)] }
    }

    /// For clients that are no browsers.
    pub(crate) fn english(&self) -> String {
        match self {
            Self::Message { wire: Some(wire), .. } => (*wire).to_owned(),
            Self::Message { key, args, .. } => say(&Language::english(), key, args),
            Self::Text(text) => text.clone(),
            Self::Markup(markup) => markup.as_str().to_owned(),
            Self::Error(error) => error.text().to_owned(),
        }
    }

    /// For a page.
    pub(crate) fn html(&self, language: &Language) -> Markup {
        match self {
            Self::Message { key, args, .. } => Markup::escaped(&say(language, key, args)),
            Self::Text(text) => Markup::escaped(text),
            Self::Markup(markup) => markup.clone(),
            Self::Error(error) => Markup::escaped(&language.error(error)),
        }
    }
}

fn say(language: &Language, key: &str, args: &[(&'static str, i64)]) -> String {
    let args: Vec<_> = args.iter().map(|(name, number)| (*name, Arg::from(*number))).collect();
    language.say(key, &args).unwrap_or_else(|| key.to_owned())
}
