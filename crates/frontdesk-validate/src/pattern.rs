use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A regular expression as rules use it.
///
/// It runs on an engine whose time is linear in the text wherever that engine knows the syntax. Look-around and back
/// references need another engine, which tries and turns back; there the number of steps is limited, and a text that
/// would take more is [refused](StepLimit).
///
/// - `$` is the end of the text, never the place before a final newline. `\Z` means the same.
/// - A group that only sets flags, such as `(?i)`, applies to the whole expression wherever it stands, even at its end.
/// - `\d`, `\w`, `\s` and `\b` know all of Unicode.
///
/// ```
/// use frontdesk_validate::Pattern;
///
/// let zip = Pattern::new(r"^\d{5}(-\d{4})?$").unwrap();
/// assert!(zip.matches_start("60614-1234"));
/// assert!(!zip.matches_start("60614\n"));
///
/// assert!(Pattern::new("NULL(?i)").unwrap().matches_whole("null"));
/// assert!(Pattern::new(r"(?=.*\d).{6,}").unwrap().matches_start("abcde1"));
/// assert!(Pattern::new("(").is_err());
/// ```
#[derive(Clone)]
pub struct Pattern(Arc<Inner>);

struct Inner {
    source: Box<str>,
    body: Body,
    engine: Engine,
}

/// The expression without the groups that set flags for all of it, and those flags.
struct Body {
    text: String,
    flags: String,
}

enum Engine {
    Linear {
        anywhere: regex::Regex,
        start: OnceLock<Option<regex::Regex>>,
        whole: OnceLock<Option<regex::Regex>>,
    },
    // By place, and by how long the text is.
    Stepped(Box<[[OnceLock<Option<fancy_regex::Regex>>; LIMITS.len()]; 3]>),
}

/// Where in the text a [`Pattern`] has to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Anywhere = 0,
    /// From the beginning, to wherever it reaches: Python's `match`.
    Start = 1,
    /// From the beginning to the end.
    Whole = 2,
}

/// The text would take an expression with look-around too many steps (or is too long for one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the expression takes too many steps on this text")]
pub struct StepLimit;

/// Why a [`Pattern`] could not be made: the engine's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

/// How much memory the linear engine may take for a compiled expression, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// The same for each part of an expression with look-around, which may have several.
const PART_SIZE_LIMIT: usize = 1 << 20;
const PROGRAM_LIMIT: usize = 20_000;

/// How many steps a text may take, by its length in bytes. A step may run a look-ahead over all of the text, so what
/// has to be bounded is steps times length: to 2^26. An expression that is anchored needs few.
const LIMITS: [(usize, usize); 3] = [(1 << 10, 1 << 16), (1 << 14, 1 << 12), (1 << 20, 1 << 6)];

/// Replacing all matches can take quadratic time with either engine, since each search may look at all the text
/// that is left. A sensible expression takes milliseconds for a megabyte.
const REPLACE_TIME: Duration = Duration::from_secs(1);

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    /// [`PatternError`], if neither engine can read it, or if it is too large once compiled (4 MiB).
    pub fn new(source: &str) -> Result<Self, PatternError> {
        let body = Body::new(source);
        let engine = match linear(&body.placed(Place::Anywhere)) {
            Ok(anywhere) => Engine::Linear { anywhere, start: OnceLock::new(), whole: OnceLock::new() },
            Err(regex::Error::Syntax(words)) => match stepped(&body, Place::Anywhere, LIMITS[0].1) {
                Ok(anywhere) => {
                    let cells = Box::<[[OnceLock<_>; LIMITS.len()]; 3]>::default();
                    // It is new, so it is empty.
                    let _ = cells[Place::Anywhere as usize][0].set(Some(anywhere));
                    Engine::Stepped(cells)
                }
                // The first engine says more about a plain mistake, the second about what only it knows.
                Err(error) if words.contains("look-around") || words.contains("backreferences") => {
                    return Err(PatternError(error.to_string()));
                }
                Err(_) => return Err(PatternError(words)),
            },
            Err(error) => return Err(PatternError(error.to_string())),
        };
        Ok(Self(Arc::new(Inner { source: source.into(), body, engine })))
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.0.source
    }

    /// Whether it matches from the beginning of `text`, as Python's `match` does: what follows may be anything.
    ///
    /// A text that takes too many steps does not match. So for the other methods that answer with a yes or no; where a
    /// match is what is *not* wanted, use [`is_match`](Self::is_match).
    pub fn matches_start(&self, text: &str) -> bool {
        self.is_match(Place::Start, text).unwrap_or(false)
    }

    /// Whether it matches all of `text`.
    pub fn matches_whole(&self, text: &str) -> bool {
        self.is_match(Place::Whole, text).unwrap_or(false)
    }

    /// Whether it matches anywhere in `text`.
    pub fn search(&self, text: &str) -> bool {
        self.is_match(Place::Anywhere, text).unwrap_or(false)
    }

    /// The first match in `text`.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.find_at(Place::Anywhere, text).unwrap_or(None).map(|range| &text[range])
    }

    /// Whether it matches `text` at `place`.
    ///
    /// # Errors
    /// [`StepLimit`], if that cannot be said in bounded time.
    pub fn is_match(&self, place: Place, text: &str) -> Result<bool, StepLimit> {
        match &self.0.engine {
            Engine::Linear { .. } => Ok(self.linear(place)?.is_match(text)),
            Engine::Stepped(_) => self.stepped(place, text)?.is_match(text).map_err(|_| StepLimit),
        }
    }

    /// Where in `text` the first match at `place` is, in bytes.
    ///
    /// # Errors
    /// As [`is_match`](Self::is_match).
    pub fn find_at(&self, place: Place, text: &str) -> Result<Option<Range<usize>>, StepLimit> {
        match &self.0.engine {
            Engine::Linear { .. } => Ok(self.linear(place)?.find(text).map(|found| found.range())),
            Engine::Stepped(_) => {
                let found = self.stepped(place, text)?.find(text).map_err(|_| StepLimit)?;
                Ok(found.map(|found| found.start()..found.end()))
            }
        }
    }

    /// The text with each match replaced by `with`, which is taken as it stands. Borrowed where nothing matches.
    ///
    /// # Errors
    /// [`StepLimit`], as [`is_match`](Self::is_match), and also where so many matches each need so long a look that all
    /// together take more than a second.
    pub fn replace_all<'t>(&self, text: &'t str, with: &str) -> Result<Cow<'t, str>, StepLimit> {
        match &self.0.engine {
            Engine::Linear { .. } => {
                let engine = self.linear(Place::Anywhere)?;
                replace(text, with, engine.find_iter(text).map(|found| Ok(found.range())))
            }
            Engine::Stepped(_) => {
                let engine = self.stepped(Place::Anywhere, text)?;
                let ranges = engine.find_iter(text).map(|found| match found {
                    Ok(found) => Ok(found.start()..found.end()),
                    Err(_) => Err(StepLimit),
                });
                replace(text, with, ranges)
            }
        }
    }

    /// The expression as the linear engine reads it, where that engine runs it: with the flags that hold for all of it.
    pub(crate) fn linear_source(&self) -> Option<String> {
        matches!(self.0.engine, Engine::Linear { .. }).then(|| self.0.body.placed(Place::Anywhere))
    }

    fn linear(&self, place: Place) -> Result<&regex::Regex, StepLimit> {
        let Engine::Linear { anywhere, start, whole } = &self.0.engine else { return Err(StepLimit) };
        let cell = match place {
            Place::Anywhere => return Ok(anywhere),
            Place::Start => start,
            Place::Whole => whole,
        };
        // It compiled without anchors, so with them only the size could be in the way, by a hair.
        cell.get_or_init(|| linear(&self.0.body.placed(place)).ok()).as_ref().ok_or(StepLimit)
    }

    fn stepped(&self, place: Place, text: &str) -> Result<&fancy_regex::Regex, StepLimit> {
        let Engine::Stepped(cells) = &self.0.engine else { return Err(StepLimit) };
        let limit = LIMITS.iter().position(|(length, _)| text.len() <= *length).ok_or(StepLimit)?;
        cells[place as usize][limit]
            .get_or_init(|| stepped(&self.0.body, place, LIMITS[limit].1).ok())
            .as_ref()
            .ok_or(StepLimit)
    }
}

fn linear(pattern: &str) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build()
}

fn stepped(body: &Body, place: Place, steps: usize) -> Result<fancy_regex::Regex, Box<fancy_regex::Error>> {
    fancy_regex::RegexBuilder::new(&body.placed(place))
        .backtrack_limit(steps)
        .delegate_size_limit(PART_SIZE_LIMIT)
        .delegate_dfa_size_limit(PART_SIZE_LIMIT)
        .max_prog_size(PROGRAM_LIMIT)
        .build()
        .map_err(Box::new)
}

fn replace<'t>(
    text: &'t str,
    with: &str,
    matches: impl Iterator<Item = Result<Range<usize>, StepLimit>>,
) -> Result<Cow<'t, str>, StepLimit> {
    let mut out = String::new();
    let mut done = 0;
    let mut any = false;
    let began = Instant::now();
    for (count, found) in matches.enumerate() {
        let found = found?;
        if count % 64 == 63 && began.elapsed() > REPLACE_TIME {
            return Err(StepLimit);
        }
        any = true;
        out.push_str(&text[done..found.start]);
        out.push_str(with);
        done = found.end;
    }
    if !any {
        return Ok(Cow::Borrowed(text));
    }
    out.push_str(&text[done..]);
    Ok(Cow::Owned(out))
}

impl Body {
    fn new(source: &str) -> Self {
        let mut body = Self { text: String::with_capacity(source.len()), flags: String::new() };
        let mut rest = source;
        let mut class_depth = 0_usize;
        while let Some(next) = rest.chars().next() {
            let mut length = next.len_utf8();
            match next {
                '\\' => {
                    if class_depth == 0 && rest.starts_with("\\Z") {
                        body.text.push_str("\\z");
                        rest = &rest[2..];
                        continue;
                    }
                    length += rest[1..].chars().next().map_or(0, char::len_utf8);
                }
                '[' => {
                    class_depth += 1;
                    // A bracket that stands first in a class is one of its characters.
                    length +=
                        if rest[1..].starts_with("^]") { 2 } else { usize::from(rest[1..].starts_with(']')) };
                }
                ']' => class_depth = class_depth.saturating_sub(1),
                '(' if class_depth == 0 => {
                    if let Some((flags, behind)) = flag_group(rest) {
                        for flag in flags.chars().filter(|&flag| flag != 'u') {
                            if !body.flags.contains(flag) {
                                body.flags.push(flag);
                            }
                        }
                        rest = behind;
                        continue;
                    }
                }
                _ => {}
            }
            body.text.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        body
    }

    /// The expression for `place`; the pattern's own alternatives stay together.
    fn placed(&self, place: Place) -> String {
        let Self { text, flags } = self;
        let set = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
        // With the flag x, a comment in the last line would swallow the bracket.
        let end = if flags.contains('x') { "\n" } else { "" };
        match place {
            Place::Anywhere => format!("{set}{text}"),
            Place::Start => format!("{set}\\A(?:{text}{end})"),
            Place::Whole => format!("{set}\\A(?:{text}{end})\\z"),
        }
    }
}

/// If `text` begins with a group that only sets flags, those flags and what is behind the group.
fn flag_group(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("(?")?;
    let end = inner.find(|c: char| !matches!(c, 'i' | 'm' | 's' | 'u' | 'x'))?;
    let behind = inner[end..].strip_prefix(')')?;
    (end > 0).then_some((&inner[..end], behind))
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.0.source).finish()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.source)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Pattern {}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(source: &str) -> Result<Self, PatternError> {
        Self::new(source)
    }
}

impl TryFrom<&str> for Pattern {
    type Error = PatternError;

    fn try_from(source: &str) -> Result<Self, PatternError> {
        Self::new(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(source: &str) -> Pattern {
        Pattern::new(source).unwrap()
    }

    #[test]
    fn alternatives_are_anchored_together() {
        for source in ["^a|b", "a|b", "(?=a)a|(?=b)b"] {
            let either = pattern(source);
            assert!(either.matches_start("bx"), "{source}");
            assert!(!either.matches_start("xb"), "{source}");
            assert!(!either.matches_whole("ax"), "{source}");
        }
    }

    #[test]
    fn the_end_is_the_end() {
        for source in ["ab$", r"ab\Z", "(?=a)ab$", r"(?=a)ab\Z"] {
            assert!(pattern(source).matches_start("ab"), "{source}");
            assert!(!pattern(source).matches_start("ab\n"), "{source}");
            assert!(!pattern(source).search("ab\n"), "{source}");
        }
    }

    #[test]
    fn flags_apply_to_all_of_it() {
        for source in ["NULL(?i)", "(?i)NULL", "NU(?i)LL", "(?=N)NULL(?i)"] {
            assert!(pattern(source).matches_whole("null"), "{source}");
        }
        assert!(pattern("a.b(?is)").matches_whole("A\nB"));
        assert!(pattern("(?x) a b # and a comment").matches_whole("ab"));
        // These are characters, or hold for their group only.
        assert!(!pattern("a[(?i)]").matches_whole("A("));
        assert!(pattern("[](?i)]+").matches_whole("](?i)"));
        assert!(!pattern(r"a\(?i").matches_start("A(i"));
        assert!(!pattern("(?i:a)b").matches_whole("AB"));
    }

    #[test]
    fn a_mistake_is_told_by_the_engine_that_knows() {
        assert!(Pattern::new("(a").unwrap_err().to_string().contains("unclosed group"));
        assert!(Pattern::new("(?=a").unwrap_err().to_string().contains("parenthesis"));
        assert!(Pattern::new(r"\w{1000}{1000}").unwrap_err().to_string().contains("size limit"));
    }

    #[test]
    fn too_many_steps_are_refused() {
        let slow = pattern(r"(?=a)(a+)+$");
        assert_eq!(slow.is_match(Place::Start, &format!("{}b", "a".repeat(40))), Ok(false));
        let slow = pattern(r"(a|aa)+(?!.)\1x");
        assert_eq!(slow.is_match(Place::Start, &"a".repeat(200)), Err(StepLimit));
        assert!(!slow.matches_start(&"a".repeat(200)));
        assert_eq!(slow.is_match(Place::Start, &"a".repeat((1 << 20) + 1)), Err(StepLimit));
    }

    #[test]
    fn matches_are_replaced_as_they_stand() {
        assert_eq!(pattern("[^\\d]").replace_all("Hello 123 world 456", "").unwrap(), "123456");
        assert_eq!(pattern(r"(?<=a)b").replace_all("abcb", "$0").unwrap(), "a$0cb");
        assert!(matches!(pattern("x").replace_all("abc", ""), Ok(Cow::Borrowed("abc"))));
        assert_eq!(pattern("").replace_all("é", "-").unwrap(), "-é-");
    }

    #[test]
    fn replacing_ends_in_time() {
        // Each search runs to the end of the text before it settles for one letter.
        let slow = pattern(".*[^A-Z]|[A-Z]");
        let began = Instant::now();
        assert_eq!(slow.replace_all(&"A".repeat(1 << 20), ""), Err(StepLimit));
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}
