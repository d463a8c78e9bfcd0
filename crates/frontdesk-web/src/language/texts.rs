use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use fluent_bundle::FluentArgs;
use unic_langid::LanguageIdentifier;

use super::Arg;
use super::catalogue::Catalogue;
use super::formats::{Formats, NumberStyle};
use super::languages::Languages;
use super::shipped;

/// What one language says, and how it writes.
pub(super) struct Texts {
    pub(super) language: LanguageIdentifier,
    pub(super) tag: Box<str>,
    /// The catalogues to ask, the nearest first; English is the last.
    pub(super) chain: Vec<Arc<Catalogue>>,
    pub(super) formats: Formats,
    /// Whether it says nothing but the defaults.
    pub(super) is_default: bool,
    /// What the script says, worked out once it is asked for.
    pub(super) script: OnceLock<Vec<(String, String)>>,
}

/// The language of one request: what it calls things, and how it writes numbers and dates.
///
/// Cheap to clone. As an axum extractor it is what [`Languages`] finds for the request; see there.
///
/// ```
/// use frontdesk_web::{Arg, Languages};
///
/// let languages = Languages::new().add("de", "greeting = Guten Tag, { $name }!").unwrap();
/// let german = languages.get("de").unwrap();
/// assert_eq!(german.say("greeting", &[("name", Arg::from("Ada"))]).unwrap(), "Guten Tag, Ada!");
/// assert_eq!(german.read_number("1.234,5").unwrap(), "1234.5");
/// assert_eq!(german.read_date("24.12.2024").unwrap(), "2024-12-24");
/// ```
#[derive(Clone)]
pub struct Language(pub(super) Arc<Texts>);

static ENGLISH: LazyLock<Language> = LazyLock::new(|| Languages::new().default_language());

impl Language {
    /// English as this crate has it, without a region.
    pub fn english() -> Self {
        ENGLISH.clone()
    }

    /// The tag, such as `de` or `en-GB`: what belongs into the `lang` attribute of the page.
    pub fn tag(&self) -> &str {
        &self.0.tag
    }

    /// In which direction the language is written.
    ///
    /// ```
    /// use frontdesk_web::{Direction, Languages};
    ///
    /// let languages = Languages::new().add("he", "greeting = שלום").unwrap();
    /// assert_eq!(languages.get("he").unwrap().direction(), Direction::RightToLeft);
    /// assert_eq!(languages.get("de").unwrap().direction().as_str(), "ltr");
    /// ```
    pub fn direction(&self) -> Direction {
        Direction::of(&self.0.language)
    }

    /// Whether nothing but the English defaults is said: then there is nothing to look up.
    pub fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// The message `key`, or its attribute where the key reads `key.attribute`.
    ///
    /// It comes from the language with its region, the language, or English, whichever has it first. `None` if none has,
    /// or if a variable that it needs is missing.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    ///
    /// let german = Languages::new().get("de").unwrap();
    /// assert_eq!(german.say("form-submit", &[]).unwrap(), "Absenden");
    /// assert_eq!(german.say("no-such-key", &[]), None);
    /// ```
    pub fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> Option<String> {
        let args = self.args(args);
        self.0.chain.iter().find_map(|catalogue| ask(catalogue, key, args.as_ref()))
    }

    /// As [`say`](Self::say), with a text for when there is no such message. In plain English that default is the text,
    /// and nothing is looked up, unless there are variables.
    ///
    /// ```
    /// use frontdesk_web::{Language, Languages};
    ///
    /// assert_eq!(Language::english().say_or("form-submit", &[], "Submit"), "Submit");
    /// assert_eq!(Languages::new().get("pt").unwrap().say_or("form-submit", &[], "Submit"), "Enviar");
    /// ```
    pub fn say_or<'d>(&self, key: &str, args: &[(&str, Arg<'_>)], default: &'d str) -> Cow<'d, str> {
        if self.0.is_default && args.is_empty() {
            return default.into();
        }
        self.say(key, args).map_or(Cow::Borrowed(default), Cow::Owned)
    }

    /// A message without variables; the key itself where there is no such message, so that one sees what is missing.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    ///
    /// let languages = Languages::new().add("en", "greeting = Good day").unwrap();
    /// let english = languages.get("en").unwrap();
    /// assert_eq!(english.t("greeting"), "Good day");
    /// assert_eq!(english.t("farewell"), "farewell");
    /// ```
    pub fn t(&self, key: &str) -> String {
        self.say(key, &[]).unwrap_or_else(|| key.to_owned())
    }

    /// What the script of forms says in this language: names and values of attributes of the form, such as
    /// `data-fd-text-searching`. None where the script's own English will do.
    ///
    /// Places for what only the script knows are written as it reads them: `{count}`.
    ///
    /// ```
    /// use frontdesk_web::{Language, Languages};
    ///
    /// assert!(Language::english().script_texts().is_empty());
    /// let german = Languages::new().get("de").unwrap();
    /// let found = german.script_texts().iter().find(|(name, _)| name == "data-fd-text-found").unwrap();
    /// assert_eq!(found.1, "Ergebnisse: {count}");
    /// ```
    pub fn script_texts(&self) -> &[(String, String)] {
        if self.0.is_default {
            return &[];
        }
        self.0.script.get_or_init(|| {
            let texts = shipped::script().filter_map(|(key, variables)| {
                let places: Vec<_> =
                    variables.iter().map(|name| (*name, Arg::from(format!("{{{name}}}")))).collect();
                Some((key.replacen("script-", "data-fd-text-", 1), self.say(key, &places)?))
            });
            texts.collect()
        })
    }

    /// What the application itself has under `key`, in the language or in English.
    pub(super) fn say_own(&self, key: &str, attribute: Option<&str>) -> Option<String> {
        self.0
            .chain
            .iter()
            .filter(|catalogue| catalogue.is_own(key))
            .find_map(|c| c.format(key, attribute, None))
    }

    /// Whether the application has messages in this language, or in one that it falls back to.
    pub(super) fn has_own(&self) -> bool {
        self.0.chain.iter().any(|catalogue| catalogue.has_own())
    }

    pub(super) fn args<'a>(&self, args: &[(&str, Arg<'a>)]) -> Option<FluentArgs<'a>> {
        fluent_args(args, Some(&self.0.formats))
    }

    fn numbers(&self) -> &NumberStyle {
        &self.0.formats.numbers
    }

    /// The number that a visitor typed, as programs write it: `1.234,5` is `1234.5` in German.
    ///
    /// What a program could have written stays: `1.234` is 1.234 in every language. A space, also a thin one, may part
    /// groups everywhere. `None` for what is no number in this language.
    ///
    /// ```
    /// use frontdesk_web::{Language, Languages};
    ///
    /// let german = Languages::new().get("de").unwrap();
    /// assert_eq!(german.read_number("-1,5").unwrap(), "-1.5");
    /// assert_eq!(german.read_number("1.234").unwrap(), "1.234");
    /// assert_eq!(german.read_number("1,234.5"), None);
    /// assert_eq!(Language::english().read_number("1,234.5").unwrap(), "1234.5");
    /// ```
    pub fn read_number<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.numbers().read(text)
    }

    /// As [`read_number`](Self::read_number) for fields of whole numbers: there `1.234` is 1234 in German.
    ///
    /// ```
    /// let german = frontdesk_web::Languages::new().get("de").unwrap();
    /// assert_eq!(german.read_integer("1.234").unwrap(), "1234");
    /// assert_eq!(german.read_integer("1,5"), None);
    /// ```
    pub fn read_integer<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.numbers().read_integer(text)
    }

    /// A number as an input shows it: with the language's decimal sign, and without signs between groups.
    ///
    /// What is no number stays as it is, here and in all functions that write.
    ///
    /// ```
    /// let german = frontdesk_web::Languages::new().get("de").unwrap();
    /// assert_eq!(german.write_number("1234.5"), "1234,5");
    /// assert_eq!(german.show_number("1234.5"), "1.234,5");
    /// ```
    pub fn write_number<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.numbers().write_input(text)
    }

    /// A number as a page shows it, for reading only: its groups are parted.
    pub fn show_number(&self, text: &str) -> String {
        self.numbers().write(text, self.numbers().least_before_group)
    }

    /// The date that a visitor typed, as `2024-12-24`; a date of that form is read in every language.
    ///
    /// The region decides about the order of day and month. English without a region has none, nor has a year of two
    /// digits a century: `None`, as for everything else that is not certain.
    ///
    /// ```
    /// use frontdesk_web::{Language, Languages};
    ///
    /// let languages = Languages::new();
    /// assert_eq!(languages.get("de").unwrap().read_date("3.4.2024").unwrap(), "2024-04-03");
    /// assert_eq!(languages.get("en-GB").unwrap().read_date("3/4/2024").unwrap(), "2024-04-03");
    /// assert_eq!(languages.get("en-US").unwrap().read_date("3/4/2024").unwrap(), "2024-03-04");
    /// assert_eq!(Language::english().read_date("3/4/2024"), None);
    /// ```
    pub fn read_date<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.0.formats.dates.read_date(text)
    }

    /// The time of day that a visitor typed, as `13:05:00`; `13:05` stays. Both clocks are read in every language.
    ///
    /// ```
    /// use frontdesk_web::Language;
    ///
    /// assert_eq!(Language::english().read_time("1:05 pm").unwrap(), "13:05:00");
    /// ```
    pub fn read_time<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.0.formats.dates.read_time(text)
    }

    /// The date and time that a visitor typed, as `2024-12-24 13:05:00`.
    ///
    /// ```
    /// let german = frontdesk_web::Languages::new().get("de").unwrap();
    /// assert_eq!(german.read_datetime("24.12.2024, 13:05").unwrap(), "2024-12-24 13:05");
    /// ```
    pub fn read_datetime<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.0.formats.dates.read_datetime(text)
    }

    /// A date such as `2024-12-24` in the language's way, which [`read_date`](Self::read_date) reads.
    ///
    /// ```
    /// let german = frontdesk_web::Languages::new().get("de").unwrap();
    /// assert_eq!(german.write_date("2024-12-24"), "24.12.2024");
    /// assert_eq!(german.write_datetime("2024-12-24 13:05:00"), "24.12.2024, 13:05");
    /// ```
    pub fn write_date(&self, text: &str) -> String {
        self.0.formats.dates.write_date(text)
    }

    /// A time such as `13:05:00` in the language's way; seconds that are zero are left out.
    pub fn write_time(&self, text: &str) -> String {
        self.0.formats.dates.write_time(text)
    }

    /// A date and time such as `2024-12-24 13:05:00` in the language's way.
    pub fn write_datetime(&self, text: &str) -> String {
        self.0.formats.dates.write_datetime(text)
    }
}

/// The message in a catalogue, or the attribute of one.
fn ask(catalogue: &Catalogue, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
    match key.split_once('.') {
        Some((key, attribute)) => catalogue.format(key, Some(attribute), args),
        None => catalogue.format(key, None, args),
    }
}

/// The variables as Fluent takes them.
pub(super) fn fluent_args<'a>(args: &[(&str, Arg<'a>)], formats: Option<&Formats>) -> Option<FluentArgs<'a>> {
    if args.is_empty() {
        return None;
    }
    let mut out = FluentArgs::with_capacity(args.len());
    for (name, arg) in args {
        out.set(name.replace('_', "-"), arg.to_fluent(formats));
    }
    Some(out)
}

impl Default for Language {
    fn default() -> Self {
        Self::english()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.tag())
    }
}

/// The tag.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// In which direction a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As English is.
    LeftToRight,
    /// As Arabic and Hebrew are.
    RightToLeft,
}

impl Direction {
    fn of(language: &LanguageIdentifier) -> Self {
        let is_right_to_left = match language.script.as_ref().map(|script| script.as_str()) {
            Some(script) => matches!(script, "Arab" | "Hebr" | "Syrc" | "Thaa" | "Nkoo" | "Adlm" | "Rohg"),
            None => matches!(
                language.language.as_str(),
                "ar" | "arz"
                    | "ckb"
                    | "dv"
                    | "fa"
                    | "he"
                    | "iw"
                    | "ks"
                    | "nqo"
                    | "ps"
                    | "sd"
                    | "syr"
                    | "ug"
                    | "ur"
                    | "yi"
            ),
        };
        if is_right_to_left { Self::RightToLeft } else { Self::LeftToRight }
    }

    /// The value of the `dir` attribute: `ltr` or `rtl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}
