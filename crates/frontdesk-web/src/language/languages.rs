use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use fluent_bundle::FluentResource;
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use http::HeaderMap;
use unic_langid::LanguageIdentifier;
use unic_langid::subtags::{Language as Primary, Region};

use super::Language;
use super::catalogue::{Catalogue, Voice};
use super::check::{self, LanguageError, Source};
use super::formats::{self, Formats};
use super::negotiate::{self, Wish};
use super::texts::Texts;
use super::{pseudo, shipped};
use crate::cookie;

/// The cookie by which a visitor chooses a language.
pub const LANGUAGE_COOKIE: &str = "_lang";

/// The languages that an application speaks.
///
/// English, German and Portuguese come with this crate; an application adds its own messages, which win over ours, and
/// its own languages. Catalogues are written in [Fluent].
///
/// Which one a request gets: the one that the cookie `_lang` names, else the best that its `Accept-Language` asks for,
/// else the fallback. A language whose region has no catalogue of its own takes that of the language, with the region's
/// way of writing numbers and dates: `de-CH` reads German, and writes 1’234.50.
///
/// ```
/// use frontdesk_web::Languages;
/// use http::{HeaderMap, HeaderValue, header::ACCEPT_LANGUAGE};
///
/// let languages = Languages::new().add("de", "welcome = Willkommen")?;
/// let mut headers = HeaderMap::new();
/// headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("fr, de-CH;q=0.8, en;q=0.5"));
/// let language = languages.of(&headers);
/// assert_eq!(language.tag(), "de-CH");
/// assert_eq!(language.t("welcome"), "Willkommen");
/// assert_eq!(language.show_number("1234.5"), "1’234.5");
/// # Ok::<(), frontdesk_web::LanguageError>(())
/// ```
///
/// Put them into the extensions of requests, and handlers can take a [`Language`]:
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use frontdesk_web::{Language, Languages};
///
/// let app: Router = Router::new()
///     .route("/", get(|language: Language| async move { language.t("form-submit") }))
///     .layer(Extension(Languages::new()));
/// ```
///
/// [Fluent]: https://projectfluent.org
#[derive(Clone)]
pub struct Languages(Arc<Set>);

#[derive(Clone)]
struct Set {
    /// The application's catalogues by language, in the order in which they came.
    own: Vec<(LanguageIdentifier, Vec<Source>)>,
    /// Only these, if it is said.
    offered: Option<Vec<LanguageIdentifier>>,
    fallback: LanguageIdentifier,
    has_pseudo: bool,
    made: Made,
}

/// What is worked out from the rest.
#[derive(Clone, Default)]
struct Made {
    tags: Vec<LanguageIdentifier>,
    texts: Vec<Language>,
    /// Languages in regions that have no catalogue of their own.
    regional: HashMap<(Primary, Region), Language>,
    fallback: usize,
}

static SHIPPED: LazyLock<Languages> = LazyLock::new(|| {
    let set = Set {
        own: Vec::new(),
        offered: None,
        fallback: shipped::english().language.clone(),
        has_pseudo: false,
        made: Made::default(),
    };
    Languages::from_set(set).expect("English is shipped")
});

impl Languages {
    /// The shipped languages: English, which is the fallback, German and Portuguese.
    pub fn new() -> Self {
        SHIPPED.clone()
    }

    /// Adds messages in the language `tag`, written in Fluent. Of two messages with one key the later one counts, and
    /// the application's counts over ours.
    ///
    /// # Errors
    /// [`LanguageError`], if something in the catalogue is not right: its grammar, a message or term that it refers to,
    /// a variable that a message of ours is not given.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    ///
    /// assert!(Languages::new().add("de", "form-submit = Abschicken").is_ok());
    ///
    /// let error = Languages::new().add("de", "hello = Hallo\nis-length = Höchstens { $most }").unwrap_err();
    /// assert_eq!(error.to_string(), "de:2: `is-length`: there is no $most here, but $min, $max");
    /// ```
    pub fn add(self, tag: &str, text: impl Into<String>) -> Result<Self, LanguageError> {
        let language = parse(tag)?;
        let source = check::read(tag, text.into())?;
        self.with_sources(language, vec![source])
    }

    /// Adds a file of messages in the language `tag`.
    ///
    /// # Errors
    /// As [`add`](Self::add), and if the file cannot be read.
    pub fn add_file(self, tag: &str, path: impl AsRef<Path>) -> Result<Self, LanguageError> {
        let language = parse(tag)?;
        let source = read_file(path.as_ref())?;
        self.with_sources(language, vec![source])
    }

    /// Adds a folder of catalogues: a file `de.ftl`, or a folder `de` with any files `*.ftl`, for each language.
    ///
    /// Files are read in the order of their names. What is no catalogue is passed over; a folder that is none is an
    /// error.
    ///
    /// # Errors
    /// As [`add`](Self::add), and if a file cannot be read or its name is no tag of a language.
    pub fn add_folder(self, path: impl AsRef<Path>) -> Result<Self, LanguageError> {
        let mut all = self;
        for entry in list(path.as_ref())? {
            let files = if entry.is_dir() {
                list(&entry)?.into_iter().filter(|file| is_catalogue(file)).collect()
            } else if is_catalogue(&entry) {
                vec![entry.clone()]
            } else {
                continue;
            };
            if files.is_empty() {
                continue;
            }
            let tag = entry.file_stem().unwrap_or_default().to_string_lossy();
            let sources = files.iter().map(|file| read_file(file)).collect::<Result<Vec<_>, _>>()?;
            all = all.with_sources(parse(&tag)?, sources)?;
        }
        Ok(all)
    }

    /// Adds a language for tests, `en-XA`: English that is accented, longer and in brackets, so that one sees what has
    /// no translation, and what a longer one breaks.
    ///
    /// ```
    /// let pseudo = frontdesk_web::Languages::new().with_pseudo().get("en-XA").unwrap();
    /// assert_eq!(pseudo.t("form-submit"), "[Šûƀɱîţ ~~]");
    /// ```
    #[must_use]
    pub fn with_pseudo(self) -> Self {
        self.change(|set| set.has_pseudo = true).expect("nothing is taken away")
    }

    /// Offers only these languages, the first of which is the fallback.
    ///
    /// # Defaults
    /// All that have a catalogue, and English as the fallback.
    ///
    /// # Errors
    /// [`LanguageError::NoCatalogue`] for one that has none. Add catalogues first.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    ///
    /// let german_only = Languages::new().offer(&["de"]).unwrap();
    /// assert_eq!(german_only.of(&http::HeaderMap::new()).tag(), "de");
    /// assert!(Languages::new().offer(&["fr"]).is_err());
    /// ```
    pub fn offer(self, tags: &[&str]) -> Result<Self, LanguageError> {
        let tags = tags.iter().map(|tag| parse(tag)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = tags.first().cloned() else { return Ok(self) };
        self.change(|set| {
            set.fallback = first;
            set.offered = Some(tags);
        })
    }

    /// Says which language a visitor gets who asks for none of those that are there.
    ///
    /// # Defaults
    /// English, or the first one that is [offered](Self::offer).
    ///
    /// # Errors
    /// [`LanguageError::NoCatalogue`] for one that has none.
    pub fn fallback(self, tag: &str) -> Result<Self, LanguageError> {
        let tag = parse(tag)?;
        self.change(|set| set.fallback = tag)
    }

    /// All languages, the shipped ones first: for a page where visitors choose.
    pub fn all(&self) -> &[Language] {
        &self.0.made.texts
    }

    /// The language that comes nearest to `tag`; `None` if none is near.
    ///
    /// ```
    /// use frontdesk_web::Languages;
    ///
    /// let languages = Languages::new();
    /// assert_eq!(languages.get("de-AT").unwrap().tag(), "de-AT");
    /// assert_eq!(languages.get("de-FR").unwrap().tag(), "de");
    /// assert!(languages.get("fr").is_none());
    /// ```
    pub fn get(&self, tag: &str) -> Option<Language> {
        let tag = negotiate::tag(tag)?;
        self.near(&tag).cloned()
    }

    /// What a visitor gets who asks for none of the languages.
    pub fn default_language(&self) -> Language {
        self.0.made.texts[self.0.made.fallback].clone()
    }

    /// The language of a request. Bad headers are passed over, and of long ones only the beginning is read.
    pub fn of(&self, headers: &HeaderMap) -> Language {
        if self.0.made.texts.len() == 1 {
            return self.default_language(); // there is nothing to choose
        }
        let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(|tag| self.get(tag));
        chosen.unwrap_or_else(|| self.accepted(headers))
    }

    fn accepted(&self, headers: &HeaderMap) -> Language {
        let made = &self.0.made;
        let wishes = negotiate::wishes(headers);
        for wish in wishes.iter().filter(|wish| wish.quality > 0) {
            let found = match &wish.tag {
                Some(tag) => self.near(tag),
                None => {
                    let fallback = std::iter::once(&made.texts[made.fallback]);
                    fallback.chain(&made.texts).find(|language| !is_unwanted(language, &wishes))
                }
            };
            let Some(found) = found else { continue };
            return self.in_region(found, &wishes).clone();
        }
        self.default_language()
    }

    /// The same language in the region that the visitor names elsewhere: `en, en-GB;q=0.9` is English as in Britain.
    fn in_region<'l>(&'l self, found: &'l Language, wishes: &[Wish]) -> &'l Language {
        if found.0.language.region.is_some() {
            return found;
        }
        let primary = found.0.language.language;
        let regions = wishes.iter().filter(|wish| wish.quality > 0).filter_map(|wish| {
            let tag = wish.tag.as_ref().filter(|tag| tag.language == primary)?;
            Some((primary, tag.region?))
        });
        let mut languages = regions.filter_map(|key| self.0.made.regional.get(&key));
        languages.next().filter(|other| other.0.language.script == found.0.language.script).unwrap_or(found)
    }

    fn near(&self, tag: &LanguageIdentifier) -> Option<&Language> {
        let made = &self.0.made;
        if let Some(at) = made.tags.iter().position(|known| known == tag) {
            return Some(&made.texts[at]);
        }
        if let Some(region) = tag.region
            && tag.script.is_none()
            && let Some(language) = made.regional.get(&(tag.language, region))
        {
            return Some(language);
        }
        let found =
            negotiate_languages(std::slice::from_ref(tag), &made.tags, None, NegotiationStrategy::Lookup);
        let found = *found.first()?;
        // The pseudo-language is nobody's nearest.
        let found = (*found != pseudo::TAG).then_some(found)?;
        made.tags.iter().position(|known| known == found).map(|at| &made.texts[at])
    }

    fn with_sources(self, language: LanguageIdentifier, sources: Vec<Source>) -> Result<Self, LanguageError> {
        let mut own = self.0.own.clone();
        let at = own.iter().position(|(known, _)| *known == language).unwrap_or_else(|| {
            own.push((language.clone(), Vec::new()));
            own.len() - 1
        });
        let new = own[at].1.len();
        own[at].1.extend(sources);
        check::check(&own[at].1, new, ours(&language))?;
        self.change(|set| set.own = own)
    }

    fn change(self, change: impl FnOnce(&mut Set)) -> Result<Self, LanguageError> {
        let mut set = Arc::unwrap_or_clone(self.0);
        change(&mut set);
        Self::from_set(set)
    }

    fn from_set(mut set: Set) -> Result<Self, LanguageError> {
        set.made = set.make()?;
        Ok(Self(Arc::new(set)))
    }
}

impl Set {
    fn make(&self) -> Result<Made, LanguageError> {
        let mut tags: Vec<_> = shipped::all().iter().map(|shipped| shipped.language.clone()).collect();
        let new = self.own.iter().map(|(language, _)| language.clone());
        tags.extend(
            new.filter(|language| !shipped::all().iter().any(|shipped| shipped.language == *language)),
        );
        let near = |tag: &LanguageIdentifier| {
            tags.iter()
                .any(|known| known.language == tag.language)
                .then_some(())
                .ok_or_else(|| LanguageError::NoCatalogue(tag.to_string()))
        };
        if let Some(offered) = &self.offered {
            offered.iter().try_for_each(near)?;
            tags.clone_from(offered);
        }
        if self.has_pseudo {
            tags.push(pseudo::TAG.parse().expect("it is a tag"));
        }
        let fallback = tags.iter().position(|tag| *tag == self.fallback);
        let fallback = fallback.ok_or_else(|| LanguageError::NoCatalogue(self.fallback.to_string()))?;
        let mut catalogues = Catalogues { own: &self.own, made: HashMap::new() };
        let texts: Vec<_> = tags.iter().map(|tag| catalogues.language(tag)).collect();
        let mut regional = HashMap::new();
        for tag in tags.iter().filter(|tag| tag.region.is_none() && tag.script.is_none()) {
            for region in formats::regions(tag.language.as_str()) {
                let region: Region = region.parse().expect("the table has regions");
                let mut local = tag.clone();
                local.region = Some(region);
                if !tags.contains(&local) {
                    regional.insert((tag.language, region), catalogues.language(&local));
                }
            }
        }
        Ok(Made { tags, texts, regional, fallback })
    }
}

/// What this crate ships in a language.
fn ours(language: &LanguageIdentifier) -> &'static [Arc<FluentResource>] {
    shipped::all()
        .iter()
        .find(|shipped| shipped.language == *language)
        .map_or(&[], |shipped| &shipped.resources)
}

/// Makes catalogues, each once.
struct Catalogues<'s> {
    own: &'s [(LanguageIdentifier, Vec<Source>)],
    made: HashMap<(LanguageIdentifier, LanguageIdentifier), Arc<Catalogue>>,
}

impl Catalogues<'_> {
    fn language(&mut self, tag: &LanguageIdentifier) -> Language {
        let tag_text = tag.to_string();
        let is_pseudo = tag_text == pseudo::TAG;
        let mut primary = tag.clone();
        primary.region = None;
        primary.clear_variants();
        let mut bare = primary.clone();
        bare.script = None;
        let english = shipped::english().language.clone();
        let mut from = vec![tag.clone(), primary, bare, english];
        from.dedup();
        let chain: Vec<_> = match is_pseudo {
            true => vec![self.pseudo(&shipped::english().language)],
            false => from.iter().filter_map(|source| self.catalogue(source, tag)).collect(),
        };
        let is_english = tag.language == shipped::english().language.language && !is_pseudo;
        let is_default = is_english && !chain.iter().any(|catalogue| catalogue.has_own());
        Language(Arc::new(Texts {
            language: tag.clone(),
            tag: tag_text.into(),
            chain,
            formats: Formats::of(tag),
            is_default,
            script: OnceLock::new(),
        }))
    }

    fn own(&self, source: &LanguageIdentifier) -> Vec<Arc<FluentResource>> {
        let own = self.own.iter().filter(|(language, _)| language == source);
        own.flat_map(|(_, sources)| sources).map(|source| Arc::clone(&source.resource)).collect()
    }

    /// The messages of `source`, with numbers as `tag` writes them.
    fn catalogue(&mut self, source: &LanguageIdentifier, tag: &LanguageIdentifier) -> Option<Arc<Catalogue>> {
        let differs = source.language == tag.language
            && formats::NumberStyle::of(source) != formats::NumberStyle::of(tag);
        let local = if differs { tag } else { source };
        if let Some(made) = self.made.get(&(source.clone(), local.clone())) {
            return Some(Arc::clone(made));
        }
        let (ours, own) = (ours(source), self.own(source));
        if ours.is_empty() && own.is_empty() {
            return None;
        }
        let shipped = shipped::all().iter().find(|shipped| shipped.language == *source);
        let made = match shipped {
            Some(shipped) if own.is_empty() && !differs => Arc::clone(&shipped.catalogue),
            _ => Arc::new(Catalogue::new(local, ours, &own, Voice::Normal)),
        };
        self.made.insert((source.clone(), local.clone()), Arc::clone(&made));
        Some(made)
    }

    fn pseudo(&self, english: &LanguageIdentifier) -> Arc<Catalogue> {
        Arc::new(Catalogue::new(english, ours(english), &self.own(english), Voice::Pseudo))
    }
}

fn is_unwanted(language: &Language, wishes: &[Wish]) -> bool {
    let mut refused = wishes.iter().filter(|wish| wish.quality == 0);
    language.tag() == pseudo::TAG
        || refused
            .any(|wish| wish.tag.as_ref().is_some_and(|tag| tag.language == language.0.language.language))
}

fn parse(tag: &str) -> Result<LanguageIdentifier, LanguageError> {
    negotiate::tag(tag).ok_or_else(|| LanguageError::Tag(tag.chars().take(80).collect()))
}

fn is_catalogue(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ftl") && path.is_file()
}

/// What is in a folder, by name.
fn list(path: &Path) -> Result<Vec<PathBuf>, LanguageError> {
    let io = |source| LanguageError::Io { file: path.display().to_string(), source };
    let entries = std::fs::read_dir(path).map_err(io)?;
    let mut found =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(io)?;
    found.sort();
    Ok(found)
}

fn read_file(path: &Path) -> Result<Source, LanguageError> {
    let file = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| LanguageError::Io { file: file.clone(), source })?;
    check::read(&file, text)
}

impl Default for Languages {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Languages").field(&self.0.made.texts).finish()
    }
}
